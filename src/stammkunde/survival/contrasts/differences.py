"""Do two groups differ, and by how many months?

The answer is a difference (or ratio) of restricted means, or a difference of shares still there,
with its interval; the log-rank test says only whether the curves differ at all. All respect persons
with several spells through the blocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from stammkunde import intervals
from stammkunde.draws import Replicates, paired
from stammkunde.errors import ParameterError
from stammkunde.intervals import FEW_EVENTS, normal_quantile, student_quantile
from stammkunde.result import Estimate, Status
from stammkunde.survival.contrasts.equality import one_unit
from stammkunde.survival.curve import TOO_FEW_PERSONS, Curve
from stammkunde.survival.formulas import ROUNDING


@dataclass(frozen=True)
class _Asked:
    """What a contrast compares: its name, estimand and unit, and on which scale."""

    name: str
    estimand: str
    unit: str
    ratio: bool = False

    def of(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return the contrast of `a` with `b`."""
        return np.divide(a, b) if self.ratio else np.subtract(a, b)

    def se(self, one: Estimate, two: Estimate) -> float:
        """Return the standard error where the two are independent."""
        a, b = one.se or 0.0, two.se or 0.0
        if not self.ratio:
            return float(np.hypot(a, b))
        x, y = one.value or np.nan, two.value or np.nan
        return float(x / y * np.hypot(a / x, b / y))


def rmst_difference(a: Curve, b: Curve, horizon: int) -> Estimate:
    """Return RMST(horizon) of `a` less that of `b`, with its interval.

    Independent groups add their variances; persons who may be in both are paired by block. With
    fewer than 5 events in an arm the limits are put together from the arms' own, conservatively
    (MOVER: Zou and Donner 2008). ParameterError for curves of other units or levels,
    NotObservedError where either ends before the horizon.
    """
    _comparable(a, b)
    asked = _Asked("difference of means", f"rmst({horizon}) difference", a.unit)
    return _contrast(a, b, (a.rmst(horizon), b.rmst(horizon)), asked, _few(a, b, horizon - 1))


def rmst_ratio(a: Curve, b: Curve, horizon: int) -> Estimate:
    """Return RMST(horizon) of `a` by that of `b` (unit "ratio"), its interval on the log scale.

    Errors, pairing and few events as for `rmst_difference`.
    """
    _comparable(a, b)
    asked = _Asked("ratio of means", f"rmst({horizon}) ratio", "ratio", ratio=True)
    return _contrast(a, b, (a.rmst(horizon), b.rmst(horizon)), asked, _few(a, b, horizon - 1))


def survival_difference(a: Curve, b: Curve, tenure: int) -> Estimate:
    """Return the share of `a` still there after `tenure` less that of `b` (unit "share").

    Errors, pairing and few events as for `rmst_difference`; the limits are also put together where
    nobody is left in an arm, since its own error is then unknown.
    """
    _comparable(a, b)
    asked = _Asked("difference of shares", f"survival({tenure}) difference", "share")
    one, two = a.at(tenure), b.at(tenure)
    nobody = any(e.value is not None and e.value <= ROUNDING for e in (one, two))
    return _contrast(a, b, (one, two), asked, nobody or _few(a, b, tenure))


def _comparable(a: Curve, b: Curve) -> None:
    one_unit(a.unit, b.unit)
    if a.level != b.level:
        raise ParameterError(f"one curve has the level {a.level:g}, the other {b.level:g}")
    for curve in (a, b):
        if curve.kind != "survival":
            raise ParameterError(f"this needs survival curves, and one is of {curve.kind}")


def _few(a: Curve, b: Curve, units: int) -> bool:
    """Return whether an arm has too few events in the first `units` for a normal law."""
    return min(int(c.events[:units].sum()) for c in (a, b)) < FEW_EVENTS


def _contrast(
    a: Curve, b: Curve, parts: tuple[Estimate, Estimate], asked: _Asked, few: bool
) -> Estimate:
    """Return the contrast of two estimates, read off curves `a` and `b`."""
    one, two = parts
    replicates = (
        one.replicates and two.replicates and paired(one.replicates, two.replicates, asked.of)
    )
    common: dict[str, Any] = {
        "level": a.level,
        "unit": asked.unit,
        "persons": a.persons + b.persons,
        "spells": a.spells + b.spells,
        "events": (one.events or 0) + (two.events or 0),
        "status": max(a.status, b.status, key=list(Status).index),
        "assumptions": tuple(dict.fromkeys((*a.assumptions, *b.assumptions))),
        "estimand": asked.estimand,
        "replicates": replicates,
    }
    blocks = "blocks" in (a.errors, b.errors)
    lacking = blocks and (replicates is None or not replicates.is_enough)
    # enough blocks in both arms together may be too few for the limits of one
    lacking = lacking or (few and any(e.low is None or e.high is None for e in parts))
    if one.value is None or two.value is None or lacking:
        return Estimate(value=None, method=asked.name, reason=TOO_FEW_PERSONS, **common)
    value = float(asked.of(np.array(one.value), np.array(two.value)))
    if few:
        low, high = _combined(one, two, asked)
        method = f"{asked.name}, limits combined"
        return Estimate(value=value, low=low, high=high, method=method, **common)
    se, quantile, errors = _error(parts, asked, replicates if blocks else None)
    low, high = value - quantile * se, value + quantile * se
    if asked.ratio:
        low, high = (float(x) for x in intervals.log(np.array(value), np.array(se), quantile))
    method = f"{asked.name}, {errors}"
    return Estimate(value=value, low=low, high=high, se=se, method=method, **common)


def _error(
    parts: tuple[Estimate, Estimate], asked: _Asked, replicates: Replicates | None
) -> tuple[float, float, str]:
    """Return the standard error, the quantile that belongs to it, and how it was found."""
    level = parts[0].level
    if replicates is None:
        return asked.se(*parts), normal_quantile(level), "Greenwood"
    quantile = student_quantile(level, replicates.smallest)
    return float(replicates.se()), quantile, "person blocks paired"


def _combined(one: Estimate, two: Estimate, asked: _Asked) -> tuple[float, float]:
    """Return limits of a contrast from the limits of its parts."""
    limits = np.array([_known(one), _known(two)]).T
    signs = np.array([1.0, -1.0])
    if not asked.ratio:
        low, high = intervals.mover(signs, *limits)
        return float(low), float(high)
    # nobody's restricted mean is below 1: all pay for the first unit
    low, high = np.exp(intervals.mover(signs, *np.log(np.maximum(limits, 1.0))))
    return float(low), float(high)


def _known(estimate: Estimate) -> tuple[float, float, float]:
    value, low, high = estimate.value, estimate.low, estimate.high
    if value is None or low is None or high is None:
        raise AssertionError(f"an estimate without limits was combined: {estimate}")
    return value, low, high
