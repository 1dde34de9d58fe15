"""Which months are unlike the others, and has anything changed between two periods?"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from scipy import stats

from stammkunde import intervals
from stammkunde.draws import paired
from stammkunde.errors import ParameterError
from stammkunde.result import Estimate
from stammkunde.survival.calendar.ratio import ROUNDING, CalendarRatio, is_few
from stammkunde.survival.contrasts.multiplicity import adjusted

TOO_FEW_LEAVERS = "too_few_leavers"


def unusual(found: CalendarRatio, among: Collection[str] = ()) -> dict[str, float]:
    """Return Holm's p-value, allowing for their number, that tenure explains each period.

    Of the periods `among` (all by default) those that have a value. With fewer than 5 leavers or 5
    who stay exact (Poisson), else Student's t of the log ratio with the person blocks' error.
    """
    asked = [p for p in found.periods if not among or p in among]
    known = {p: e for p in asked if (e := found.at(p)).value is not None}
    place = [found.periods.index(p) for p in known]
    few = is_few(found.observed, found.at_risk)
    plain = [
        _p(e, float(found.expected[p]), bool(few[p]))
        for e, p in zip(known.values(), place, strict=True)
    ]
    return dict(zip(known, adjusted(plain), strict=True))


def change(after: Estimate, before: Estimate) -> Estimate:
    """Return the calendar ratio of one period by that of another, both of one diagram.

    Its interval is on the log scale, paired by person block. No value, with the reason
    "too_few_leavers", where fewer than 5 left in one of them, or where one has no value itself.
    """
    estimand = f"{after.estimand} / {before.estimand}"
    method = "ratio of calendar ratios, log interval, person blocks paired"
    few = min(after.events or 0, before.events or 0) < intervals.FEW_EVENTS
    reason = after.reason or before.reason or (TOO_FEW_LEAVERS if few else "")
    one, two = after.replicates, before.replicates
    if reason or not after.value or not before.value:
        return Estimate(
            value=None,
            level=after.level,
            unit="ratio",
            method=method,
            estimand=estimand,
            reason=reason or TOO_FEW_LEAVERS,
        )
    if one is None or two is None:
        raise ParameterError("a change needs the replicates of both periods")
    value = after.value / before.value
    both = paired(one, two, _divided)
    se = float(both.se())
    quantile = intervals.student_quantile(after.level, both.smallest)
    low, high = intervals.log(np.asarray(value), np.asarray(se), quantile)
    return Estimate(
        value=value,
        low=float(low),
        high=float(high),
        level=after.level,
        se=se,
        unit="ratio",
        events=(after.events or 0) + (before.events or 0),
        method=method,
        estimand=estimand,
        replicates=both,
    )


def _divided(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.divide(a, b, out=np.zeros(np.shape(a)), where=np.asarray(b) > 0)


def _p(estimate: Estimate, expected: float, few: bool) -> float:
    """Return the two-sided p-value of a ratio of 1."""
    events, value = estimate.events or 0, estimate.value or 0.0
    if few:
        mean = stats.poisson(expected)
        return float(min(1.0, 2 * min(mean.cdf(events), mean.sf(events - 1))))
    step = abs(float(np.log(value)))
    if step < ROUNDING:
        return 1.0
    if not estimate.se or estimate.replicates is None:
        return 0.0
    freedom = max(estimate.replicates.smallest - 1, 1)
    return float(2 * stats.t.sf(step * value / estimate.se, freedom))
