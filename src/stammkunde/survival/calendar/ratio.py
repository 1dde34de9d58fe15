"""Was it the month or the customers' age? Leavers of calendar months against what tenure explains.

Each cohort (month of start) times tenure is a cell of the Lexis diagram, its diagonals are calendar
months. Leavers of a month are compared with those that would be expected if only tenure mattered:
indirect standardisation with the hazards of all months together. Over all months the two add up to
the same number. A whole cohort that is better than others cannot be told from a trend of the months
by any method: cohort + tenure = month.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import pandas as pd

from stammkunde import intervals
from stammkunde.draws import BLOCKS, FEWEST_BLOCKS, Replicates
from stammkunde.errors import NotObservedError, ParameterError, nearest
from stammkunde.intervals import poisson_limits
from stammkunde.result import Estimate
from stammkunde.survival import formulas
from stammkunde.survival.calendar.lexis import Lexis, period_of
from stammkunde.survival.curve import TOO_FEW_PERSONS

NOTHING_EXPECTED, NO_SPREAD = "nothing_expected", "no_spread"
# a ratio that is 1 but for rounding: the hazards it is compared with are its own
ROUNDING = 1e-9
METHOD = "leavers by those expected from tenure alone"


@dataclass(frozen=True, kw_only=True)
class CalendarRatio:
    """Leavers of calendar periods by those expected from tenure alone, with limits [P].

    `observed` and `at_risk` (customer months) are counts, `expected` is not whole. `blocks` are the
    person blocks at risk in the period.
    """

    periods: tuple[str, ...]
    observed: np.ndarray
    expected: np.ndarray
    at_risk: np.ndarray
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    se: np.ndarray
    blocks: np.ndarray
    level: float
    replicates: Replicates = field(repr=False, compare=False)

    def at(self, period: str) -> Estimate:
        """Return the ratio of one period; 1 means that tenure explains its leavers."""
        if period not in self.periods:
            what = f"`{period}` is no period of this calendar"
            raise ParameterError(what, remedy=nearest(period, self.periods))
        p = self.periods.index(period)
        reason = "" if self.blocks[p] >= FEWEST_BLOCKS else TOO_FEW_PERSONS
        reason = reason or ("" if self.expected[p] > 0 else NOTHING_EXPECTED)
        few = bool(is_few(self.observed[p], self.at_risk[p]))
        off = abs(self.value[p] - 1) > ROUNDING
        reason = reason or (NO_SPREAD if off and not few and self.se[p] <= ROUNDING else "")
        value, low, high, se = (
            None if reason or np.isnan(a[p]) else float(a[p])
            for a in (self.value, self.low, self.high, self.se)
        )
        own = self.replicates.map(lambda x: x[..., p])
        return Estimate(
            value=value,
            low=low,
            high=high,
            se=se,
            level=self.level,
            unit="ratio",
            events=int(self.observed[p]),
            method=METHOD + (", exact interval" if few else ", log interval, person blocks"),
            estimand=f"calendar ratio({period})",
            reason=reason,
            replicates=replace(own, smallest=int(self.blocks[p])),
        )

    def to_frame(self) -> pd.DataFrame:
        """Return the calendar as a table, one row per period."""
        names = ("at_risk", "observed", "expected", "value", "low", "high")
        index = pd.Index(self.periods, name="period")
        return pd.DataFrame({n: getattr(self, n) for n in names}, index=index)

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format=lambda x: f"{x:.4g}", max_rows=14, border=0)


def calendar_ratio(
    diagram: Lexis,
    *,
    by: str | Mapping[str, Collection[str]] = "month",
    apart: Collection[str] = (),
    level: float = 0.95,
) -> CalendarRatio:
    """Return leavers by those expected from tenure alone, for each "month", "quarter" or "year".

    `by` may also name periods of your own by their months: {"after the rise": ["2021-07", ...]}.
    Customers are compared with those of the same tenure who began under the same terms (`since` of
    the diagram).
    Months of which a cohort saw a part only (`partial` of the diagram) are not counted;
    NotObservedError where nobody was there for longer.
    Intervals on the log scale with the person blocks' error; exact (Poisson: Garwood 1936; wide)
    with fewer than 5 leavers or 5 who stay. No value in a period with fewer than 10 blocks at risk,
    where nobody left at its tenures in any month, or where all blocks are alike. An unusual month
    also moves the hazards it is compared with, so that its ratio is too near to 1 and those of the
    others too low: months ("2021-07") set `apart`, after a price rise for instance, are compared
    with the hazards of all others (at tenures that others reached), and the rest with one another.
    """
    months = _periods(diagram, by)
    reference = _reference(diagram, apart)
    at_risk, events = _by_tenure(diagram, reference)
    reached = at_risk.sum(axis=0) > 0
    parts = [(n * reached, (d * reached).sum(axis=-1)) for n, d in _cells(diagram, months)]
    there = np.stack([n.sum(axis=-1) for n, _ in parts], axis=-1)
    seen = np.stack([d for _, d in parts], axis=-1)
    expected, behind = _expected([n for n, _ in parts], at_risk, events)
    observed = seen.sum(axis=0)
    value = _ratio(observed, expected)
    held = (at_risk.sum(axis=-1) > 0) | (there.sum(axis=-1) > 0)
    again = partial(_under, diagram, months, (at_risk, events))
    replicates = Replicates(_ratio(observed - seen, behind), held, again, int(held.sum()))
    blocks = (there > 0).sum(axis=0)
    se = replicates.se()
    few = is_few(observed, there.sum(axis=0))
    limits = _limits(value, se, (observed, expected, few), blocks, level)
    known = (blocks >= FEWEST_BLOCKS) & (expected > 0)
    value, low, high, se = (np.where(known, a, np.nan) for a in (value, *limits, se))
    return CalendarRatio(
        periods=tuple(months),
        observed=observed,
        expected=expected,
        at_risk=there.sum(axis=0),
        value=value,
        low=low,
        high=high,
        se=se,
        blocks=blocks,
        level=level,
        replicates=replicates,
    )


def _expected(
    parts: list[np.ndarray], at_risk: np.ndarray, events: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return leavers expected in each period [P], and without each block [256, P]."""
    n, d = at_risk.sum(axis=0), events.sum(axis=0)
    whole, alone = formulas.hazard(n, d), formulas.hazard(n - at_risk, d - events)
    expected = np.stack([part.sum(axis=0) @ whole for part in parts])
    behind = [((part.sum(axis=0) - part) * alone).sum(axis=-1) for part in parts]
    return expected, np.stack(behind, axis=-1)


def _months(diagram: Lexis) -> list[int]:
    """Return the calendar months in which somebody was at risk, months seen in part left out."""
    seen: set[int] = set()
    for start, at_risk, _ in diagram.cohorts():
        there = np.flatnonzero(at_risk.sum(axis=0))
        seen |= {start + int(k) for k in there if k >= diagram.partial}
    if not seen:
        raise NotObservedError(
            "nobody was a customer for longer than the calendar month of the start",
            remedy="Compare cohorts instead; months have nothing to tell here.",
        )
    return sorted(seen)


def _periods(diagram: Lexis, by: str | Mapping[str, Collection[str]]) -> dict[str, list[int]]:
    """Return the calendar months in which somebody was at risk, by the name of their period."""
    found: dict[str, list[int]] = {}
    if not isinstance(by, str):
        names = _named(diagram, [m for months in by.values() for m in months])
        return {period: sorted({names[m] for m in months}) for period, months in by.items()}
    for month in _months(diagram):
        found.setdefault(period_of(month, by), []).append(month)
    return found


def _reference(diagram: Lexis, apart: Collection[str]) -> list[int]:
    """Return the months whose hazards all are compared with."""
    names = _named(diagram, apart)
    reference = [m for name, m in names.items() if name not in apart]
    if not reference:
        what = "all months were set apart, so there is none to compare them with"
        raise ParameterError(what, remedy="Leave the usual months in.")
    return reference


def _named(diagram: Lexis, asked: Collection[str]) -> dict[str, int]:
    """Return the months of the calendar by name; ParameterError for one that is none of them."""
    names = {period_of(m, "month"): m for m in _months(diagram)}
    for name in asked:
        if name not in names:
            raise ParameterError(
                f"`{name}` is no month of this calendar", remedy=nearest(name, names)
            )
    return names


def _by_tenure(diagram: Lexis, months: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return at_risk and leavers [256, K] of all cohorts in the months, K per terms."""
    parts = list(_cells(diagram, {"": months}))
    return parts[0]


def _cells(
    diagram: Lexis, periods: Mapping[str, list[int]]
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield for each period at_risk and leavers by block and tenure [256, K], K per terms."""
    cohorts = [(diagram.terms(start), start, n, d) for start, n, d in diagram.cohorts()]
    shape = (2, BLOCKS, len(diagram.since) + 1, diagram.length)
    for months in periods.values():
        at_risk, events = np.zeros(shape, dtype=np.int64)
        for first, last in _runs(months):
            for terms, start, n, d in cohorts:
                begin, end = max(first - start, diagram.partial), min(last + 1 - start, n.shape[-1])
                if begin < end:
                    at_risk[:, terms, begin:end] += n[:, begin:end]
                    events[:, terms, begin:end] += d[:, begin:end]
        yield at_risk.reshape(BLOCKS, -1), events.reshape(BLOCKS, -1)


def _runs(months: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last of each unbroken run of months."""
    if not months:
        return
    breaks = np.flatnonzero(np.diff(months) > 1)
    for part in np.split(np.array(months), breaks + 1):
        yield int(part[0]), int(part[-1])


def _under(
    diagram: Lexis,
    periods: Mapping[str, list[int]],
    reference: tuple[np.ndarray, np.ndarray],
    weights: np.ndarray,
) -> np.ndarray:
    """Return the ratios [B, P] under weights of the blocks, one period at a time."""
    rates = formulas.hazard(*(weights @ a for a in reference))
    reached = reference[0].sum(axis=0) > 0
    found = [
        _ratio(
            weights @ (d * reached).sum(axis=-1), ((weights @ (n * reached)) * rates).sum(axis=-1)
        )
        for n, d in _cells(diagram, periods)
    ]
    return np.stack(found, axis=-1)


def is_few(observed: np.ndarray, at_risk: np.ndarray) -> np.ndarray:
    """Return where fewer than 5 left, or stayed: a logarithm is no scale for their doubt."""
    return np.asarray(np.minimum(observed, at_risk - observed) < intervals.FEW_EVENTS)


def _ratio(observed: np.ndarray, expected: np.ndarray) -> np.ndarray:
    shape = np.broadcast(observed, expected).shape
    return np.divide(observed, expected, out=np.zeros(shape), where=expected > 0)


def _limits(
    value: np.ndarray,
    se: np.ndarray,
    counts: tuple[np.ndarray, np.ndarray, np.ndarray],
    blocks: np.ndarray,
    level: float,
) -> tuple[np.ndarray, np.ndarray]:
    observed, expected, few = counts
    known, place = np.unique(blocks, return_inverse=True)
    quantile = np.array([intervals.student_quantile(level, int(g)) for g in known])[place]
    with np.errstate(divide="ignore", invalid="ignore"):
        step = np.exp(quantile * se / value)
        exact = [_ratio(a, expected) for a in poisson_limits(observed, level)]
        return np.where(few, exact[0], value / step), np.where(few, exact[1], value * step)
