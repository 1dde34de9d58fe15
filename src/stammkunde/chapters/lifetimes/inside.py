"""Two levels compared among customers who are alike in another declared group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from stammkunde.chapters.parts import lead, remarks, unit
from stammkunde.errors import NotObservedError
from stammkunde.result import Estimate, Finding, Label, Result, Sentence, Status
from stammkunde.spells.spells import Spells
from stammkunde.study import Study
from stammkunde.survival.contrasts import Pair, stratified_difference
from stammkunde.survival.table import LifeTable, life_tables


@dataclass(frozen=True)
class Inside:
    """Tables of a group's levels within the levels of another, keyed (level, level of `other`)."""

    other: str
    tables: Mapping[tuple[str, ...], LifeTable]


def inside(study: Study, spells: Spells, name: str) -> Inside | None:
    """Return the tables of the group `name` within the first other one declared; None without."""
    others = [g for g in study.toml.data.groups if g != name and g in spells.groups]
    if not others:
        return None
    return Inside(others[0], life_tables(spells, by=(name, others[0])))


def inside_parts(
    study: Study, name: str, among: Inside, pair: tuple[str, str], gap: Estimate, span: int
) -> tuple[Finding, list[Result]]:
    """Return finding and result of the first of `pair` less the second, the other group equal.

    `gap` is the same difference among all customers. Where one of the two was not observed so long
    in some level of the other, nothing can be said, and that is.
    """
    key = f"lifetimes.difference.{name}.within.{among.other}"
    words: dict[str, object] = {
        "lead": lead(study),
        "group": Label(name, dict(study.toml.data.groups[name].title)),
        "other": Label(among.other, dict(study.toml.data.groups[among.other].title)),
        "gap": gap,
        "span": span,
        "unit": unit(gap.unit, span, "dative"),
        "units": unit(gap.unit),
    }
    own = _difference(among, pair, span)
    if own is None or own.value is None:
        none = Finding(
            id=key,
            status=Status.NOT_IDENTIFIABLE,
            sentence=Sentence("groups.inside.unknown", words),
            importance=0.1,
        )
        return none, []
    today = ("group_as_today",) if study.toml.data.snapshot is not None else ()
    own = replace(own, status=gap.status, assumptions=gap.assumptions)
    differs = _differs(own, gap)
    finding = Finding(
        id=key,
        status=own.status,
        assumptions=(*own.assumptions, *today),
        sentence=Sentence(f"groups.inside.{differs}", {**words, "own": own}),
        importance=0.2 if differs == "alike" or today else 0.35,
        remarks=remarks(own),
    )
    return finding, [Result(id=key, estimate=own, group={name: f"{pair[0]} - {pair[1]}"})]


def _difference(among: Inside, pair: tuple[str, str], span: int) -> Estimate | None:
    """Return the stratified difference; None where the two cannot be compared everywhere."""
    strata = sorted({k[1] for k in among.tables if k[0] in pair})
    cells: list[Pair] = [
        (among.tables.get((pair[0], s)), among.tables.get((pair[1], s))) for s in strata
    ]
    try:
        return stratified_difference(cells, span)
    except NotObservedError:
        return None


def _differs(own: Estimate, gap: Estimate) -> str:
    """Return whether the two numbers tell different things: beyond the other's doubt."""
    if own.value is None or gap.low is None or gap.high is None:
        return "alike"
    if own.value < gap.low:
        return "smaller"
    return "larger" if own.value > gap.high else "alike"
