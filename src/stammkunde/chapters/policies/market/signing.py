"""Who signs up from outside a month, by level, and who of the leavers comes back.

Sign-ups are counted over the last twelve whole months; who comes back later than two years after
leaving counts as one. They go on as they were.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from stammkunde.chapters.policies.market.cells import Cells
from stammkunde.chapters.policies.market.numbers import (
    Number,
    monthly,
    rate,
    typed,
)
from stammkunde.draws import BLOCKS, replicate
from stammkunde.policy.declared import SettingToml
from stammkunde.result import Estimate, Status
from stammkunde.spells.months import completed
from stammkunde.spells.spells import Spells
from stammkunde.study import Study
from stammkunde.survival.formulas import survival
from stammkunde.survival.margins.between import DAYS_A_MONTH
from stammkunde.survival.persons.again import Again, again, chances
from stammkunde.survival.persons.arrivals import LATELY, arrivals, signing_days
from stammkunde.survival.table import LifeTable

AS_BEFORE, AT_CENTRAL = "signups_as_before", "signups_at_central"
ALIKE, AS_NEW = "returns_alike", "late_returners_as_new"


@dataclass(frozen=True, kw_only=True)
class Signing:
    """Sign-ups from outside a month by level, and the returns of leavers; None where none are."""

    rates: Mapping[str, Number]
    again: Again | None
    assumptions: tuple[str, ...]

    def returns(self, weights: np.ndarray | None) -> np.ndarray | None:
        """Return the share of leavers by cause and lag who come back [..., C, L]."""
        return returns_of(self.again, weights)

    def inflow(self, level: str, horizon: int, weights: np.ndarray | None) -> str | np.ndarray:
        """Return who signs up in each month [..., H]; the name of an assumption where it is one."""
        own = self.rates[level]
        return own.name or own.under(weights)[..., None] * np.ones(horizon)

    def gone(self, level: str) -> np.ndarray | tuple[()]:
        """Return who had left and is still away, by cause and whole units since [C, L]."""
        return () if self.again is None else self.again.gone.get(level, ())


def signing(study: Study, setting: SettingToml, known: Cells) -> Signing:
    """Return who signs up as one of the customers of `known`, and who comes back."""
    spells = known.spells
    levels = [c.level for c in known.cells if c.signs]
    back = who_returns(spells, known.causes, setting.segments)
    named = (*((ALIKE, AS_NEW) if back is not None else ()),)
    if spells.close is None:
        counted = {c.level: of_snapshot(c.ahead.table) for c in known.cells if c.signs}
    else:
        counted = of_dates(study, spells, setting.segments, levels)
    rates = signups_of(study, setting, counted)
    before = AS_BEFORE if setting.signups is None else ""
    split = isinstance(setting.signups, str) and len(levels) > 1
    told = (before, *named, AT_CENTRAL if split else "")
    return Signing(rates=rates, again=back, assumptions=tuple(n for n in told if n))


def returns_of(known: Again | None, weights: np.ndarray | None) -> np.ndarray | None:
    """Return the share of leavers by cause and lag who come back [..., C, L]; None for none."""
    if known is None:
        return None
    if weights is None:
        return chances(known.at_risk.sum(axis=1), known.back.sum(axis=1))
    return chances(*(np.moveaxis(weights @ a, -2, 0) for a in (known.at_risk, known.back)))


def who_returns(spells: Spells, causes: Sequence[str], group: str) -> Again | None:
    """Return who comes back; None where nobody is known to have."""
    if spells.close is None or not spells.repeats:
        return None
    found = again(spells, causes, by=group)
    return found if found.back.any() else None


def of_dates(study: Study, spells: Spells, group: str, levels: list[str]) -> dict[str, Number]:
    """Return sign-ups a month of the last year, by level.

    Where nobody signed up in it, those of the last year up to the day on which anybody did last.
    """
    found = arrivals(spells, by=group)
    some = np.flatnonzero(_together(found)) + 1
    late = int(some.min()) if some.size else 1
    if late <= LATELY:
        months = float(min(LATELY, _observed(study, spells, int(some.max(initial=1)))))
        way, first = f"counted in the last {months:g} months", 1
    else:
        first, days = late, signing_days(spells, late, late + LATELY - 1)
        months = max(days / DAYS_A_MONTH, 1.0)
        way = f"counted in the last {days} days in which anybody signed up"
    span = slice(first - 1, first - 1 + LATELY)
    none = np.zeros((BLOCKS, 0), dtype=np.int64)
    own = {lv: found.get(lv, none)[:, span].sum(axis=-1) for lv in levels}
    return {lv: rate(counts, months, way) for lv, counts in own.items()}


def _together(found: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return sign-ups of all levels by whole units before the close [K]."""
    length = max((a.shape[-1] for a in found.values()), default=0)
    total = np.zeros(length, dtype=np.int64)
    for counts in found.values():
        total[: counts.shape[-1]] += counts.sum(axis=0)
    return total


def _observed(study: Study, spells: Spells, longest: int) -> int:
    """Return how many whole months were observed, at least one."""
    opens = study.toml.data.window.open
    if opens is None or spells.close is None:
        return max(longest, 1)
    return max(completed(opens, spells.close), 1)


def of_snapshot(table: LifeTable) -> Number:
    """Return sign-ups a month of the last year: those there who joined in it, and who left since.

    Of those who joined t months ago the share S(t) is still there.
    """
    at_risk, moves, there = (a.astype(float) for a in table.in_state())
    left = moves.sum(axis=0)
    span = min(LATELY, table.length)
    counts = (at_risk[:, :span], left[:, :span], there[:, :span])

    def joined(n: np.ndarray, d: np.ndarray, c: np.ndarray) -> np.ndarray:
        stays = survival(n, d)[..., 1:]
        each = np.divide(c, stays, out=np.zeros_like(c), where=stays > 0)
        return np.asarray(each.sum(axis=-1) / span)

    drawn = replicate(counts, at_risk.sum(axis=-1) > 0, joined)
    value = float(joined(*(c.sum(axis=0) for c in counts)))
    way = f"those there of the last {span} months by the share that stays, person blocks"
    found = monthly(drawn, value, int(there[:, :span].sum()), span, way)
    rests = replace(found.estimate, status=Status.ESTIMATED, assumptions=("snapshot_as_cohort",))
    return replace(found, estimate=rests)


def signups_of(
    study: Study, setting: SettingToml, counted: Mapping[str, Number]
) -> dict[str, Number]:
    """Return sign-ups a month by level: counted, or as typed in all and split as counted.

    An assumption keeps its name for a single level; of several it is its central value, since no
    field of a segment takes a share of an assumption.
    """
    if setting.signups is None:
        return dict(counted)
    own = typed(study, setting.signups, "count")
    if own.name and len(counted) == 1:
        return dict.fromkeys(counted, own)
    whole = sum(n.value for n in counted.values())
    shares = {k: n.value / whole if whole else 1 / len(counted) for k, n in counted.items()}
    return {k: _scaled(own, s) for k, s in shares.items()}


def _scaled(own: Number, share: float) -> Number:
    e: Estimate = own.estimate
    value, low, high = (None if x is None else x * share for x in (e.value, e.low, e.high))
    return Number(estimate=replace(e, value=value, low=low, high=high))
