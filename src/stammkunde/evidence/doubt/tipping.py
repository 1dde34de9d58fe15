"""How unequal would the arms have to be in something unrecorded for the effect to be nothing?

The trial's own hazards are taken apart by what is unrecorded (see `unrecorded`), unit by unit, and
the effect is what it would be if both arms had the same of it (Rosenbaum and Rubin 1983; Lin, Psaty
and Kronmal 1998).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from scipy import optimize

from stammkunde import intervals
from stammkunde.draws import Replicates, paired
from stammkunde.errors import ParameterError
from stammkunde.evidence.doubt.unrecorded import Spread, Unrecorded, standardised
from stammkunde.evidence.trial import Compared
from stammkunde.result import Estimate, Status
from stammkunde.survival import formulas
from stammkunde.survival.curve import Curve

UNRECORDED = "unrecorded_difference_as_given"
Summary = Literal["months", "share"]


class Corrected(NamedTuple):
    """Both differences as they would be if the arms had the same of what is unrecorded."""

    months: Estimate
    share: Estimate


@dataclass(frozen=True, kw_only=True)
class Tip:
    """The difference between the arms in something unrecorded that tips the effect.

    With the `odds` of leaving that it brings, the arms would have to differ by `difference` for the
    estimate to be at its target, by `limit` for its interval to reach it (0: it does already). None
    where no difference that there can be does it.
    """

    odds: float
    difference: float | None
    limit: float | None


@dataclass(frozen=True, kw_only=True)
class Tipping:
    """Tips of one effect by the odds of leaving; `reason` where there is no effect to tip.

    Differences are the treated arm's mean or prevalence less the control arm's.
    """

    of: Summary
    spread: Spread
    prevalence: float
    target: float
    tips: tuple[Tip, ...]
    reason: str = ""

    def to_frame(self) -> pd.DataFrame:
        """Return one row per odds."""
        rows = [(t.odds, t.difference, t.limit) for t in self.tips]
        return pd.DataFrame(rows, columns=["odds", "difference", "limit"], dtype=object)

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(index=False, border=0)


def corrected(
    compared: Compared, unrecorded: Unrecorded, *, treated_share: float | None = None
) -> Corrected:
    """Return the differences if both arms had the same of what is unrecorded.

    Everybody has then the U of the population: that of the treated in `treated_share` of them (by
    default the treated arm's share of the persons). Intervals by person blocks, each replicate
    taken apart anew; with too few events for these the limits move as the estimate does. A refused
    comparison stays refused.
    """
    if compared.months.value is None or compared.share.value is None:
        return Corrected(compared.months, compared.share)
    mixed = _share_of(compared, treated_share)
    return _moved(compared, unrecorded, mixed)


def tipping(
    compared: Compared,
    *,
    of: Summary = "months",
    odds: Sequence[float] = (1.5, 2.0, 3.0, 5.0),
    spread: Spread = "normal",
    prevalence: float = 0.5,
    target: float = 0.0,
    treated_share: float | None = None,
) -> Tipping:
    """Return how unequal in something unrecorded the arms must be for the effect to be `target`.

    `target` is 0 for no effect at all, or the smallest relevant effect. `odds` multiply the odds of
    leaving in a unit, per standard deviation or of those who have it. Differences are of the
    treated arm less the control arm, accurate to 1e-4.
    """
    estimate: Estimate = getattr(compared, of)
    made = Tipping(of=of, spread=spread, prevalence=prevalence, target=target, tips=())
    if estimate.value is None:
        return replace(made, reason=estimate.reason)
    mixed = _share_of(compared, treated_share)
    tips = []
    for ratio in odds:
        start = Unrecorded(odds=ratio, difference=0.0, spread=spread, prevalence=prevalence)
        tips.append(_tip(compared, of, start, target, mixed))
    return replace(made, tips=tuple(tips))


def _tip(compared: Compared, of: Summary, start: Unrecorded, target: float, mixed: float) -> Tip:
    estimate: Estimate = getattr(compared, of)
    value, low, high = (float(x or 0.0) for x in (estimate.value, estimate.low, estimate.high))

    def at(difference: float) -> float:
        there = replace(start, difference=difference)
        return _value(compared, of, there, mixed) - target

    def near(difference: float) -> float:
        there = replace(start, difference=difference)
        moved: Estimate = getattr(_moved(compared, there, mixed), of)
        return float((moved.low if value > target else moved.high) or 0.0) - target

    reached = low <= target <= high
    return Tip(
        odds=start.odds,
        difference=_root(at, value - target, start),
        limit=0.0 if reached else _root(near, (low if value > target else high) - target, start),
    )


def _root(function: Callable[[float], float], now: float, start: Unrecorded) -> float | None:
    """Return where a function of the difference is 0, `now` being its value at 0."""
    # much harmful U among the treated hides an effect; little of it feigns one
    sign = np.sign(now) * np.sign(1 - start.odds)
    if now == 0:
        return 0.0
    end = float(sign) * start.farthest
    if end == 0 or function(end) * now > 0:
        return None
    return float(optimize.brentq(function, *sorted((0.0, end)), xtol=1e-4))


def _share_of(compared: Compared, given: float | None) -> float:
    if given is not None:
        if not 0 <= given <= 1:
            raise ParameterError(f"a share of {given}", remedy="Give a number from 0 to 1.")
        return given
    a, b = (compared.curves[n].persons for n in (compared.treated, compared.control))
    return a / (a + b)


def _value(compared: Compared, of: Summary, unrecorded: Unrecorded, mixed: float) -> float:
    one, two = (
        _again(compared, unrecorded, mixed, treated, curve.value[None])[0]
        for curve, treated in _arms(compared)
    )
    return float(_summary(one, of, compared.horizon) - _summary(two, of, compared.horizon))


def _moved(compared: Compared, unrecorded: Unrecorded, mixed: float) -> Corrected:
    """Return both differences as they would be, with their intervals."""
    values = [
        _again(compared, unrecorded, mixed, treated, curve.value[None])
        for curve, treated in _arms(compared)
    ]
    again = [
        curve.replicates.map(partial(_again, compared, unrecorded, mixed, treated))
        for curve, treated in _arms(compared)
        if curve.replicates is not None
    ]

    def difference(of: Summary) -> Estimate:
        one, two = (float(_summary(v, of, compared.horizon)[0]) for v in values)
        parts = [r.map(partial(_summary, of=of, horizon=compared.horizon)) for r in again]
        return _estimate(getattr(compared, of), one - two, parts)

    return Corrected(difference("months"), difference("share"))


def _again(
    compared: Compared, unrecorded: Unrecorded, mixed: float, treated: bool, survival: np.ndarray
) -> np.ndarray:
    return standardised(survival[:, : compared.horizon + 1], unrecorded, mixed, treated)


def _estimate(was: Estimate, value: float, parts: Sequence[Replicates]) -> Estimate:
    """Return a difference that has moved to `value`, its error from the arms' replicates."""
    assumptions = tuple(dict.fromkeys((*was.assumptions, UNRECORDED)))
    found = replace(was, value=value, assumptions=assumptions, status=Status.ASSUMED)
    if was.se is None or was.replicates is None or len(parts) < 2:
        by = value - float(was.value or 0.0)
        low, high = (None if x is None else x + by for x in (was.low, was.high))
        return replace(found, low=low, high=high, se=None, replicates=None)
    replicates = paired(parts[0], parts[1], np.subtract)
    replicates = replace(replicates, smallest=was.replicates.smallest)
    se = float(replicates.se())
    step = intervals.student_quantile(was.level, replicates.smallest) * se
    return replace(found, low=value - step, high=value + step, se=se, replicates=replicates)


def _arms(compared: Compared) -> list[tuple[Curve, bool]]:
    return [(compared.curves[compared.treated], True), (compared.curves[compared.control], False)]


def _summary(curve: np.ndarray, of: Summary, horizon: int) -> np.ndarray:
    if of == "months":
        return formulas.restricted_mean(curve, horizon)
    return np.asarray(curve[..., horizon])
