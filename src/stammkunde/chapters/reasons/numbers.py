"""Small verbs on estimates, which the sections on columns and leaving share."""

from __future__ import annotations

from dataclasses import replace

from stammkunde.intervals import student_quantile
from stammkunde.result import Estimate


def excludes_zero(estimate: Estimate) -> bool:
    """Return whether an interval lies wholly on one side of 0."""
    low, high = estimate.low, estimate.high
    return low is not None and high is not None and (low > 0 or high < 0)


def simultaneous(estimate: Estimate, tests: int, most: float) -> Estimate:
    """Return an estimate with limits that hold however it was chosen among so many comparisons.

    By Bonferroni: each limit reaches as much further as Student's quantile does, but not beyond
    `most` on either side. Unchanged where there are no limits, or no person blocks to tell the
    degrees of freedom.
    """
    value, low, high, moved = estimate.value, estimate.low, estimate.high, estimate.replicates
    if value is None or low is None or high is None or moved is None or tests < 2:
        return estimate
    level, blocks = estimate.level, moved.smallest
    each = student_quantile(1 - (1 - level) / tests, blocks)
    by = each / student_quantile(level, blocks)
    return replace(
        estimate,
        low=max(value - by * (value - low), -most),
        high=min(value + by * (high - value), most),
        method=f"{estimate.method}, Bonferroni over {tests} comparisons",
    )
