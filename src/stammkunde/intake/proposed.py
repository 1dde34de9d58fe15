"""Policies held against the data: words that no row has, and what will be compared with what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stammkunde.client import StudyToml
from stammkunde.intake.asked import Misspelt, lacking
from stammkunde.policy.declared.proposed import causes_of, named_causes
from stammkunde.result import Label
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.spells import CENSORED, STATE, Spells
from stammkunde.survival.drivers.cells import BANDS, levels_of


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """The policies that a report will compare with the comparator, and how much is assumed.

    `misspelt` are their words that no row has: causes, levels of segments, kinds of service.
    """

    comparator: Label
    policies: tuple[Label, ...]
    assumptions: int
    misspelt: tuple[Misspelt, ...] = ()


def proposed(toml: StudyToml, spells: Spells, beside: Beside) -> Proposed | None:
    """Return the policies of a TOML held against the data; None where it proposes none."""
    own = toml.setting
    if own is None:
        return None
    titles = {p.name: Label(p.name, dict(p.title)) for p in toml.policy}
    return Proposed(
        comparator=titles[own.comparator],
        policies=tuple(label for name, label in titles.items() if name != own.comparator),
        assumptions=len(toml.assumption),
        misspelt=tuple(_misspelt(toml, spells, beside)),
    )


def _misspelt(toml: StudyToml, spells: Spells, beside: Beside) -> Iterator[Misspelt]:
    """Yield the words of policies that no row has."""
    own = toml.setting
    assert own is not None
    if own.service and beside.events is not None:
        rows = beside.events.relation
        kinds = _words(rows.select(word=rows.kind).distinct().execute()["word"])
        yield from lacking("setting.service", own.service, kinds)
    ends = spells.relation.select(word=spells.relation.end).distinct().execute()["word"]
    known = {*_words(ends), *causes_of(toml.data)} - {CENSORED, STATE}
    for k, policy in enumerate(toml.policy):
        for key, causes in named_causes(policy):
            yield from lacking(f"policy[{k}].{key}", causes, known)
    segments = {n for p in toml.policy for n in p.segments}
    if own.segments and segments:
        level = levels_of(spells, own.segments, BANDS)[0]
        there = _words(spells.relation.select(word=level).distinct().execute()["word"])
        for k, policy in enumerate(toml.policy):
            yield from lacking(f"policy[{k}].segments", tuple(policy.segments), there)


def _words(cells: Sequence[object]) -> set[str]:
    return {str(c) for c in cells if isinstance(c, str)}
