"""A policy that began on a day: what became of those it met, beside those it did not meet.

Before and after alone mistake every other change for the policy: a rebate granted after a price
rise looks like a success, because the rise is over. What is compared is who met the policy with who
did not, month by month of the calendar, among customers alike (tenure first of all): before the
day, when nothing should differ, and after it. Where groups differed before already, the difference
in differences takes that away, if on the scale named it would have stayed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import pandas as pd
from scipy import sparse

from stammkunde import intervals
from stammkunde.draws import BLOCKS, Replicates
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.evidence.trial import refused
from stammkunde.intervals import FEW_EVENTS, student_quantile
from stammkunde.result import Estimate, Status
from stammkunde.survival.curve import TOO_FEW_PERSONS

Estimator = Callable[[np.ndarray], np.ndarray]
Scale = Literal["ratio", "difference"]
PARALLEL = {"ratio": "parallel_ratio_of_hazards", "difference": "parallel_difference_of_hazards"}
COUNTED = ("treated", "period", "cell", "block", "at_risk", "left")
FEW_LEAVERS, NOBODY_ALIKE = "few_leavers", "nobody_alike"
METHOD = {
    "ratio": "Mantel-Haenszel ratio of hazards, person blocks",
    "difference": "Mantel-Haenszel difference of hazards, person blocks",
}


@dataclass(frozen=True, kw_only=True)
class EventStudy:
    """Hazards of who met a policy against who did not, by period, among customers alike.

    `periods` [P] are numbered from the day of the policy: below 0 before it. `value`, `low`, `high`
    [P] are ratios (1: alike) or differences (0) as `scale` says, nan where nobody alike is there.
    `left` [2, P] and `at_risk` [2, P] are counts, the treated first.
    """

    periods: tuple[int, ...]
    scale: Scale
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    left: np.ndarray
    at_risk: np.ndarray
    level: float
    replicates: Replicates = field(repr=False, compare=False)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per period."""
        columns = {"value": self.value, "low": self.low, "high": self.high}
        for i, name in enumerate(("treated", "control")):
            columns |= {f"at risk, {name}": self.at_risk[i], f"left, {name}": self.left[i]}
        return pd.DataFrame(columns, index=pd.Index(self.periods, name="period"))

    def estimates(self) -> dict[int, Estimate]:
        """Return the comparison by period; without a value where few left or nobody was alike."""
        found = {}
        for i, period in enumerate(self.periods):
            numbers = [float(a[i]) for a in (self.value, self.low, self.high)]
            known = bool(np.isfinite(numbers).all())
            value, low, high = numbers if known else (None, None, None)
            found[period] = Estimate(
                value=value,
                low=low,
                high=high,
                level=self.level,
                unit="ratio" if self.scale == "ratio" else "hazard",
                events=int(self.left[:, i].sum()),
                method=METHOD[self.scale],
                estimand=f"{self.scale} of hazards",
                reason="" if known else FEW_LEAVERS,
            )
        return found

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format=lambda x: f"{x:.4g}", border=0)


def event_study(
    counts: pd.DataFrame, *, per: int = 1, scale: Scale = "ratio", level: float = 0.95
) -> EventStudy:
    """Return the comparison by period, `per` months of the calendar in each.

    `counts` are rows `COUNTED`: whether they met the policy (`treated`), the month since it began
    (`period`, below 0 before), what makes customers alike (`cell`, numbered from 0), block, how
    many were at risk in that month, and how many left. Customers are compared within one month and
    cell; strata are put together by Mantel and Haenszel's weights (1959; for ratios of risks
    Greenland and Robins 1985). Errors by leaving out blocks, ratios on the log scale.
    """
    if per < 1:
        raise ParameterError(f"periods of {per} months", remedy="Give 1 or more.")
    strata = _strata(counts)
    period = np.floor_divide(strata.month, per)
    periods = np.arange(period.min(), period.max() + 1)
    into = (period == periods[:, None]).astype(float)

    def estimator(weights: np.ndarray) -> np.ndarray:
        return _compared(strata, into, weights, scale)

    replicates = _replicates(strata, estimator)
    value = estimator(np.ones((1, BLOCKS)))[0]
    low, high = _limits(value, replicates, scale, level)
    left, at_risk = (_by_period(a, into) for a in (strata.left, strata.at_risk))
    few = left.min(axis=0) < FEW_EVENTS
    return EventStudy(
        periods=tuple(int(p) for p in periods),
        scale=scale,
        value=value,
        low=np.where(few, np.nan, low),
        high=np.where(few, np.nan, high),
        left=left.astype(np.int64),
        at_risk=at_risk.astype(np.int64),
        level=level,
        replicates=replicates,
    )


def difference_in_differences(
    counts: pd.DataFrame,
    before: Sequence[int],
    after: Sequence[int],
    *,
    scale: Scale = "ratio",
    level: float = 0.95,
) -> Estimate:
    """Return how the comparison changed from the months `before` to those `after`.

    A ratio of ratios of hazards, or a difference of their differences (unit "hazard"): what the
    policy did if on this scale the groups would have gone on as unlike as they were. `counts` as in
    `event_study`. No value with fewer than 5 leavers in either group and time.
    """
    strata = _strata(counts)
    into = np.stack([np.isin(strata.month, m) for m in (before, after)]).astype(float)

    def estimator(weights: np.ndarray) -> np.ndarray:
        first, then = np.moveaxis(_compared(strata, into, weights, scale), -1, 0)
        if scale == "difference":
            return np.asarray(then - first)
        return np.divide(then, first, out=np.full(then.shape, np.nan), where=first > 0)

    replicates = _replicates(strata, estimator)
    left = _by_period(strata.left, into)
    about = Estimate(
        value=float(estimator(np.ones((1, BLOCKS)))[0]),
        level=level,
        unit="ratio" if scale == "ratio" else "hazard",
        events=int(left.sum()),
        method=f"difference in differences, {METHOD[scale]}",
        status=Status.ESTIMATED,
        estimand=f"difference in differences of hazards, as a {scale}",
        assumptions=(PARALLEL[scale],),
        replicates=replicates,
    )
    if left.min() < FEW_EVENTS:
        return refused(about, FEW_LEAVERS)
    if about.value is None or not np.isfinite(about.value):
        return refused(about, NOBODY_ALIKE)
    if not replicates.is_enough:
        return refused(about, TOO_FEW_PERSONS)
    low, high = _limits(np.array(about.value), replicates, scale, level)
    return replace(about, low=float(low), high=float(high), se=float(replicates.se()))


def before_and_after(counts: pd.DataFrame, before: Sequence[int], after: Sequence[int]) -> float:
    """Return the odds of leaving after by those before, of the treated alone: the usual mistake."""
    own = counts[counts.treated]
    sums = [own[own.period.isin(m)][["left", "at_risk"]].sum() for m in (before, after)]
    odds = [s["left"] / (s.at_risk - s["left"]) for s in sums]
    return float(odds[1] / odds[0])


@dataclass(frozen=True)
class _Strata:
    """Counts by stratum (a month and a cell): matrices [M, 256], the treated first; `month` [M]."""

    month: np.ndarray
    at_risk: tuple[sparse.csr_array, ...]
    left: tuple[sparse.csr_array, ...]


def _strata(counts: pd.DataFrame) -> _Strata:
    treated = counts.treated.to_numpy(dtype=bool)
    if treated.all() or not treated.any():
        raise NotObservedError(
            "all customers, or none, met the policy",
            remedy="Name who could have met it and did not: another region, team or price group.",
        )
    month, cell = counts.period.to_numpy(dtype=np.int64), counts.cell.to_numpy(dtype=np.int64)
    # one number for each stratum is told apart faster than rows of numbers
    span = int(cell.max()) + 1
    keys, place = np.unique(month * span + cell, return_inverse=True)
    block = counts.block.to_numpy()

    def by_block(name: str) -> tuple[sparse.csr_array, ...]:
        n = counts[name].to_numpy(dtype=float)
        return tuple(
            sparse.csr_array((n[own], (place[own], block[own])), shape=(len(keys), BLOCKS))
            for own in (treated, ~treated)
        )

    return _Strata(keys // span, by_block("at_risk"), by_block("left"))


def _compared(strata: _Strata, into: np.ndarray, weights: np.ndarray, scale: Scale) -> np.ndarray:
    """Return the comparison [B, P] of strata put `into` periods [P, M]; nan where nobody is alike.

    With d of n leaving in the treated and e of m in the others, N = n + m: a ratio is
    sum(d m / N) / sum(e n / N), a difference sum((d m - e n) / N) / sum(n m / N).
    """
    (n, m), (d, e) = ([a @ weights.T for a in pair] for pair in (strata.at_risk, strata.left))
    total = n + m
    own, other, size = (
        (into @ np.divide(a, total, out=np.zeros_like(total), where=total > 0)).T
        for a in (d * m, e * n, n * m)
    )
    top, bottom = (own, other) if scale == "ratio" else (own - other, size)
    return np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom > 0)


def _by_period(counts: tuple[sparse.csr_array, ...], into: np.ndarray) -> np.ndarray:
    """Return counts [2, P] over all blocks."""
    return np.stack([into @ np.asarray(a.sum(axis=1)) for a in counts])


def _replicates(strata: _Strata, estimator: Estimator) -> Replicates:
    held = np.stack([np.asarray(a.sum(axis=0)) > 0 for a in strata.at_risk])
    return Replicates(
        estimator(1.0 - np.eye(BLOCKS)),
        np.asarray(held.any(axis=0)),
        estimator,
        int(held.sum(axis=1).min()),
    )


def _limits(
    value: np.ndarray, replicates: Replicates, scale: Scale, level: float
) -> tuple[np.ndarray, np.ndarray]:
    se, quantile = replicates.se(), student_quantile(level, replicates.smallest)
    if scale == "ratio":
        return intervals.log(value, se, quantile)
    return value - quantile * se, value + quantile * se
