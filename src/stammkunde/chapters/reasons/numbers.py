"""Small verbs on estimates, which the sections on columns and leaving share."""

from __future__ import annotations

from dataclasses import replace

from stammkunde.result import Estimate
from stammkunde.survival.drivers.cells import Cells


def excludes_zero(estimate: Estimate) -> bool:
    """Return whether an interval lies wholly on one side of 0."""
    low, high = estimate.low, estimate.high
    return low is not None and high is not None and (low > 0 or high < 0)


def negated(estimate: Estimate) -> Estimate:
    """Return the same difference the other way round."""
    value, low, high = (
        None if x is None else -x for x in (estimate.value, estimate.high, estimate.low)
    )
    turned = estimate.replicates and estimate.replicates.map(lambda x: -x)
    return replace(
        estimate,
        value=value,
        low=low,
        high=high,
        estimand=f"minus {estimate.estimand}",
        replicates=turned,
    )


def counted(value: float, unit: str, about: Cells, method: str = "counted") -> Estimate:
    """Return a count, or the number of a test, which has no sampling interval of interest."""
    return Estimate(
        value=value,
        unit=unit,
        persons=None if about.repeats else about.spells,
        spells=about.spells,
        events=int(about.n[about.left].sum()),
        method=method,
        reason="no interval: a count",
    )
