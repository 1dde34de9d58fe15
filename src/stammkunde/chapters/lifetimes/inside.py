"""Two levels compared among customers who are alike in another declared group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from stammkunde.chapters.exhibit import Column, Table
from stammkunde.chapters.lifetimes.equality import p_of
from stammkunde.chapters.parts import (
    as_today,
    counted,
    lead,
    least_at_risk,
    remarks,
    results,
    standing,
    unit,
)
from stammkunde.errors import NotObservedError
from stammkunde.result import Estimate, Finding, Label, Result, Sentence, Status
from stammkunde.spells.schema.data import group_of
from stammkunde.spells.spells import MISSING, Spells
from stammkunde.study import Study
from stammkunde.survival.contrasts import (
    Pair,
    Test,
    beyond_the_mix,
    heterogeneity,
    stratified_difference,
    stratum_differences,
)
from stammkunde.survival.curve import Curve
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.table import LifeTable, life_tables

Name = Label | Sentence
# A difference is told stratum by stratum only if the strata differ at this level.
UNLIKE = 0.05
NAMED, MOST = 4, 8


@dataclass(frozen=True)
class Inside:
    """Tables of a group's levels within the levels of another, keyed (level, level of `other`)."""

    other: str
    tables: Mapping[tuple[str, ...], LifeTable]


@dataclass(frozen=True)
class _Stratum:
    """One level of the other group: its name, the two curves compared, and their difference."""

    level: str
    name: Name
    curves: tuple[Curve, Curve]
    gap: Estimate


@dataclass(frozen=True)
class _Compared:
    """What is found within the levels of the other group.

    `own` is standardised to their sizes, `beyond` it less the plain difference by the mix of either
    of the two groups compared, `strata` the levels large enough to be shown, `test` whether they
    are alike.
    """

    own: Estimate
    beyond: tuple[Estimate, Estimate]
    strata: tuple[_Stratum, ...]
    hidden: int
    test: Test | None

    @property
    def unlike(self) -> bool:
        """Return whether the difference itself differs from level to level beyond chance."""
        return self.test is not None and self.test.p < UNLIKE


def inside(study: Study, spells: Spells, name: str) -> Inside | None:
    """Return the tables of the group `name` within the first other one declared; None without."""
    others = [g for g in study.toml.data.groups if g != name and g in spells.groups]
    if not others:
        return None
    return Inside(others[0], life_tables(spells, by=(name, others[0])))


def inside_parts(
    study: Study, name: str, among: Inside, pair: tuple[str, str], gap: Estimate, span: int
) -> tuple[Finding, list[Table], list[Result]]:
    """Return finding, table and results of the first of `pair` less the second, the other equal.

    `gap` is the same difference among all customers. Where the levels of the other group differ in
    it beyond chance, each is told by itself. "Smaller" or "larger" than among all is said only if
    that holds for the mix of either group compared, so that it does not come from weights. Where
    one of the two was not observed so long in some level of the other, nothing can be said, and
    that is.
    """
    key = f"lifetimes.difference.{name}.within.{among.other}"
    words: dict[str, object] = {
        "lead": lead(study),
        "group": Label(name, dict(study.toml.data.groups[name].title)),
        "other": Label(among.other, dict(study.toml.data.groups[among.other].title)),
        "high": group_of(name, study.toml.data.groups[name]).label(pair[0]),
        "low": group_of(name, study.toml.data.groups[name]).label(pair[1]),
        "gap": gap,
        "span": span,
        "unit": unit(gap.unit, span, "dative"),
        "units": unit(gap.unit),
    }
    found = _compared(study, among, pair, gap, span)
    if found is None:
        none = Finding(
            id=key,
            status=Status.NOT_IDENTIFIABLE,
            sentence=Sentence("groups.inside.unknown", words),
            unknown=Sentence("groups.inside.unknown_briefly", words),
            importance=0.1,
        )
        return none, [], []
    words |= {"own": found.own, "levels": _levels(found)}
    finding = _finding(study, key, found, words)
    compared = {name: f"{pair[0]} - {pair[1]}"}
    return finding, [_table(study, key, found, words)], _results(among, key, found, compared)


def _compared(
    study: Study, among: Inside, pair: tuple[str, str], gap: Estimate, span: int
) -> _Compared | None:
    """Return what is found within levels; None where the two cannot be compared everywhere."""
    order = _order(study, among, pair)
    cells = {
        level: (among.tables.get((pair[0], level)), among.tables.get((pair[1], level)))
        for level in order
    }
    try:
        own = stratified_difference([*cells.values()], span)
        beyond = beyond_the_mix([*cells.values()], span)
    except NotObservedError:
        return None
    if own.value is None:
        return None
    strata = _strata(study, among, cells, span)
    first, second = (_standing(e, gap) for e in beyond)
    return _Compared(
        own=_standing(own, gap),
        beyond=(first, second),
        strata=tuple(replace(s, gap=_standing(s.gap, gap)) for s in strata),
        hidden=len(cells) - len(strata),
        test=_alike([cells[s.level] for s in strata], span),
    )


def _order(study: Study, among: Inside, pair: tuple[str, str]) -> list[str]:
    """Return the levels of the other group: the declared in their order, the missing last."""
    there = {k[1] for k in among.tables if k[0] in pair}
    group = group_of(among.other, study.toml.data.groups[among.other])
    order = [level for level in group.levels if level in there]
    order += sorted(there - set(order) - {MISSING})
    return [*order, *([MISSING] if MISSING in there else [])]


def _strata(study: Study, among: Inside, cells: Mapping[str, Pair], span: int) -> list[_Stratum]:
    """Return the levels in which both groups have enough persons, observed to the end of `span`."""
    group = group_of(among.other, study.toml.data.groups[among.other])
    found = []
    for level, (a, b) in cells.items():
        if a is None or b is None:
            continue
        one, two = (standing(study, kaplan_meier(t)) for t in (a, b))
        persons = min(one.persons, two.persons)
        enough = persons >= max(study.toml.report.smallest_group, least_at_risk(study))
        if not enough or min(one.observed_to, two.observed_to) < span:
            continue
        (gap,) = stratum_differences([(a, b)], span)
        name = Sentence("column.missing") if level == MISSING else group.label(level)
        if gap.value is not None:
            found.append(_Stratum(level, name, (one, two), gap))
    return found


def _alike(cells: list[Pair], span: int) -> Test | None:
    """Return the test that the difference is the same in all cells; None where it has no sense."""
    if len(cells) < 2:
        return None
    try:
        return heterogeneity(cells, span)
    except NotObservedError:
        return None


def _standing(estimate: Estimate, gap: Estimate) -> Estimate:
    return replace(estimate, status=gap.status, assumptions=gap.assumptions)


def _verdict(found: _Compared) -> str:
    """Return how the difference among alike customers stands to that among all, by either mix."""
    first, second = found.beyond
    highs, lows = [e.high for e in found.beyond], [e.low for e in found.beyond]
    if first.value is None or second.value is None:
        return "alike"
    if all(h is not None and h < 0 for h in highs):
        # among all the first of the two stays longer
        return "reversed" if found.own.high is not None and found.own.high < 0 else "smaller"
    return "larger" if all(x is not None and x > 0 for x in lows) else "alike"


def _finding(study: Study, key: str, found: _Compared, words: Mapping[str, object]) -> Finding:
    today = as_today(study)
    verdict = _verdict(found)
    sentence = f"groups.inside.{verdict}"
    if found.unlike:
        sentence = "groups.inside.unlike"
        words = {**words, "mix": Sentence(f"groups.mix.{verdict}", words)}
    weighty = found.unlike or verdict != "alike"
    return Finding(
        id=key,
        status=found.own.status,
        assumptions=(*found.own.assumptions, *today),
        sentence=Sentence(sentence, words),
        importance=0.35 if weighty and not today else 0.2,
        remarks=remarks(found.own, *(s.gap for s in found.strata)),
        table=key,
    )


def _levels(found: _Compared) -> list[Sentence]:
    """Return the differences level by level; of many those farthest apart, the largest first."""
    strata = found.strata
    if len(strata) > NAMED:
        order = sorted(strata, key=lambda s: -(s.gap.value or 0))
        strata = (order[0], order[-1])
    return [Sentence("groups.level", {"label": s.name, "gap": s.gap}) for s in strata]


def _table(study: Study, key: str, found: _Compared, words: Mapping[str, object]) -> Table:
    span = words["span"]
    assert isinstance(span, int)
    rows: list[tuple[object, ...]] = [
        (s.name, s.gap.spells, s.gap.events, *(c.rmst(span) for c in s.curves), s.gap)
        for s in found.strata
    ]
    rows.append(
        (Sentence("groups.together"), found.own.spells, found.own.events, None, None, found.own)
    )
    note = {**words, "hidden": found.hidden, "count": found.hidden}
    note |= {"least": study.toml.report.smallest_group}
    more = Sentence("groups.inside_hidden", note) if found.hidden else ""
    test = "" if found.test is None else Sentence("groups.inside_test", {"p": p_of(found.test)})
    return Table(
        id=key,
        caption=Sentence("groups.inside_caption", words),
        columns=[
            Column(Sentence("column.group_named", {"group": words["other"]}), "text"),
            Column("column.spells", "int"),
            Column("column.events", "int"),
            Column(Sentence("groups.column.mean_high", words), "n1"),
            Column(Sentence("groups.column.mean_low", words), "n1"),
            Column(Sentence("groups.column.difference", words), "n1"),
        ],
        rows=rows,
        note=Sentence("groups.note.inside", {**words, "test": test, "more": more}),
        in_report=len(rows) <= MOST + 1,
    )


def _results(
    among: Inside, key: str, found: _Compared, compared: Mapping[str, str]
) -> list[Result]:
    lines = [Result(id=key, estimate=found.own, group=dict(compared))]
    lines += [
        Result(id=key, estimate=s.gap, group={**compared, among.other: s.level})
        for s in found.strata
    ]
    names = ("first", "second")
    lines += [
        Result(id=f"{key}.beyond.{n}", estimate=e, group=dict(compared))
        for n, e in zip(names, found.beyond, strict=True)
    ]
    if found.test is None:
        return lines
    curve = found.strata[0].curves[0]
    numbers = {"alike": (found.test.statistic, "chi2"), "alike.p": (found.test.p, "share")}
    tests = {
        name: replace(counted(value, curve, kind), method=found.test.method)
        for name, (value, kind) in numbers.items()
    }
    return [*lines, *results(key, tests, compared)]
