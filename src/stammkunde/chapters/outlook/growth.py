"""How much of a change of the mean margin is growth within persons, as far as data can tell."""

from __future__ import annotations

from dataclasses import dataclass, replace

from stammkunde.chapters.parts import as_today, assumptions
from stammkunde.result import Estimate, Status
from stammkunde.spells.spells import Spells
from stammkunde.study import Study
from stammkunde.survival.calendar.ratio import NO_SPREAD
from stammkunde.survival.margins import Margins, between
from stammkunde.survival.margins.change import MarginChange, ratio_of
from stammkunde.survival.projection.worth import A_YEAR

BETWEEN = "growth_as_between_contracts"
MONTHS_A_YEAR = 12


@dataclass(frozen=True, kw_only=True)
class Growth:
    """How much of a change is growth: its share and the rest, and where it is known from.

    The rest is sorting and who was observed when, together: only growth is a share of its own.
    `year` is the growth per year between contracts of a person, `differ` the share of such pairs
    of contracts whose margins differ, `persons` how many have them.
    `kind` is "none" (of those with several contracts nobody's changed), "repeats" or "unseen".
    """

    kind: str
    share: Estimate | None = None
    rest: Estimate | None = None
    year: Estimate | None = None
    differ: Estimate | None = None
    persons: int = 0


def in_money(study: Study, estimate: Estimate) -> Estimate:
    """Return an estimate of money in the study's currency, with what it rests on."""
    rests = (*estimate.assumptions, *assumptions(study), *as_today(study))
    status = estimate.status
    if rests and status is Status.MEASURED:
        status = Status.ESTIMATED
    name = study.toml.data.money.currency if estimate.unit == "money" else estimate.unit
    return replace(estimate, unit=name, status=status, assumptions=tuple(dict.fromkeys(rests)))


def growth_of(study: Study, spells: Spells, found: Margins, change: MarginChange) -> Growth:
    """Return which share of the change is growth, as far as the data can tell."""
    pairs = between(spells) if spells.close is not None and spells.repeats else None
    least = study.toml.report.smallest_group
    if pairs is None or pairs.persons < least or pairs.per_month.value is None:
        return Growth(kind="unseen")
    months = (change.last - change.first) * MONTHS_A_YEAR / A_YEAR[found.unit]
    grown = times(pairs.per_month, months)
    share = in_money(study, ratio_of(grown, change.total, "growth / total"))
    share = replace(
        share,
        status=Status.ESTIMATED,
        assumptions=(BETWEEN, *share.assumptions),
        method="growth between contracts by the change of the mean, Fieller interval",
    )
    year = replace(times(pairs.per_month, MONTHS_A_YEAR), estimand="growth per year")
    same = pairs.changed.value == 0
    if same:
        # the formulas know no error where all are alike
        share, year = (replace(e, low=None, high=None, reason=NO_SPREAD) for e in (share, year))
    return Growth(
        kind="none" if same else "repeats",
        share=share,
        rest=_less(share),
        year=in_money(study, year),
        differ=in_money(study, pairs.changed),
        persons=pairs.persons,
    )


def times(estimate: Estimate, factor: float) -> Estimate:
    """Return a positive multiple of an estimate, its replicates too."""
    value, low, high, se = (
        None if x is None else x * factor
        for x in (estimate.value, estimate.low, estimate.high, estimate.se)
    )
    replicates = estimate.replicates and estimate.replicates.map(lambda x: x * factor)
    return replace(estimate, value=value, low=low, high=high, se=se, replicates=replicates)


def _less(share: Estimate) -> Estimate:
    """Return what is left of one."""
    if share.value is None:
        return share
    low, high = (None if x is None else 1 - x for x in (share.high, share.low))
    return replace(
        share,
        value=1 - share.value,
        low=low,
        high=high,
        estimand=f"1 - {share.estimand}",
    )
