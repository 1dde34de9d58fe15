"""Single numbers of a market: typed, assumed, or counted, and then drawn by person blocks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import stats

from stammkunde import intervals
from stammkunde.draws import BLOCKS, Replicates, replicate
from stammkunde.result import Estimate, Status
from stammkunde.study import Study
from stammkunde.survival.curve import TOO_FEW_PERSONS
from stammkunde.survival.persons.arrivals import Sums
from stammkunde.survival.shares import ratio

A_COUNT = "no interval: a count"
TYPED = "no interval: typed"


@dataclass(frozen=True, kw_only=True)
class Number:
    """One number: its estimate, and the `name` of the assumption that it is, if it is one."""

    estimate: Estimate
    name: str = ""

    @property
    def value(self) -> float:
        """Return it at the estimate."""
        return float(self.estimate.value or 0.0)

    @property
    def given(self) -> float | str:
        """Return it as a field of a segment that holds no draws."""
        return self.name or self.value

    @property
    def pointed(self) -> Estimate:
        """Return its estimate as it enters a segment: without an interval where it was counted."""
        if self.estimate.replicates is None:
            return self.estimate
        bare: dict[str, Any] = {"low": None, "high": None, "se": None, "replicates": None}
        return replace(self.estimate, reason=A_COUNT, **bare)

    def under(self, weights: np.ndarray | None) -> np.ndarray:
        """Return it under weights of the blocks [B, 256] as [B]; without them as []."""
        drawn = self.estimate.replicates
        if weights is None or drawn is None:
            return np.asarray(self.value)
        return np.asarray(drawn.reweighted(even(weights)))


def even(weights: np.ndarray) -> np.ndarray:
    """Return weights with mean 1 in each draw: a total must not vary with how many there are."""
    return np.asarray(weights / weights.mean(axis=-1, keepdims=True))


def central(study: Study, given: float | str) -> float:
    """Return what was typed, or the central value of the assumption of that name."""
    if not isinstance(given, str):
        return float(given)
    return next(float(a.value) for a in study.toml.assumption if a.name == given)


def typed(study: Study, given: float | str, unit: str) -> Number:
    """Return a number of the TOML: typed, or an assumption with its range."""
    known = {a.name: a for a in study.toml.assumption}
    told: dict[str, Any] = {"unit": unit, "status": Status.ASSUMED}
    if not isinstance(given, str):
        own = Estimate(value=float(given), method="typed in the client file", reason=TYPED, **told)
        return Number(estimate=own)
    a = known[given]
    own = Estimate(value=float(a.value), method=f"assumed: {given}", **told)
    own = replace(own, low=a.low, high=a.high, reason=TYPED if a.low is None else "")
    return Number(estimate=own, name=given)


def mean(
    sums: Sums, unit: str, method: str, scale: float = 100.0, *, counted: bool = True
) -> Number | None:
    """Return total by number, such as cents by customers, with a t interval by person blocks.

    None where there is nobody. `counted` tells whether the number is one of spells.
    """
    heads = int(sums.number.sum())
    if not heads:
        return None
    counts = (sums.number[:, None], sums.total[:, None])
    drawn = replicate(counts, sums.number > 0, ratio).map(lambda x: x / scale)
    value = float(sums.total.sum()) / heads / scale
    told: dict[str, Any] = {"unit": unit, "method": f"{method}, mean, person blocks"}
    told |= {"spells": heads} if counted else {}
    if not drawn.is_enough or heads == int(sums.number.max()):
        return Number(estimate=Estimate(value=value, reason=TOO_FEW_PERSONS, **told))
    se = float(drawn.se())
    step = intervals.student_quantile(0.95, drawn.smallest) * se
    told |= {"low": value - step, "high": value + step, "se": se, "replicates": drawn}
    return Number(estimate=Estimate(value=value, **told))


def rate(counts: np.ndarray, months: float, method: str) -> Number:
    """Return how many there are a month, counted by block [256], with an interval.

    Log scale and person blocks; exact for fewer than 5, taken for Poisson.
    """
    drawn = replicate((counts[:, None],), np.ones(BLOCKS, dtype=bool), lambda c: c[..., 0] / months)
    return monthly(drawn, float(counts.sum()) / months, int(counts.sum()), months, method)


def monthly(drawn: Replicates, value: float, events: int, months: float, method: str) -> Number:
    """Return a number a month that rests on so many counted in some months, as `rate` does."""
    return Number(estimate=_total(drawn, value, events, months, method))


def _total(drawn: Replicates, value: float, events: int, months: float, method: str) -> Estimate:
    told: dict[str, Any] = {"unit": "count", "spells": events, "method": method}
    told |= {"replicates": drawn}
    if events < intervals.FEW_EVENTS:
        scale = value / events if events else 1 / months
        high = stats.chi2.ppf(0.975, 2 * events + 2) / 2 * scale
        low = stats.chi2.ppf(0.025, 2 * events) / 2 * scale if events else 0.0
        return Estimate(value=value, low=float(low), high=float(high), **told)
    se = drawn.se()
    quantile = intervals.student_quantile(0.95, drawn.smallest)
    low, high = intervals.log(np.asarray(value), se, quantile)
    return Estimate(value=value, low=float(low), high=float(high), se=float(se), **told)


def added(parts: Iterable[Sums]) -> Sums:
    """Return the sums of several cells together."""
    known = [*parts]
    none = np.zeros(BLOCKS, dtype=np.int64)
    return Sums(
        number=sum((p.number for p in known), none), total=sum((p.total for p in known), none)
    )
