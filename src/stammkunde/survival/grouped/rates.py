"""Rates of leaving from intervals of any length: constant, or constant on pieces of tenure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stammkunde import intervals
from stammkunde.draws import FEWEST_BLOCKS, Replicates
from stammkunde.errors import ParameterError
from stammkunde.intervals import poisson_limits
from stammkunde.result import Estimate
from stammkunde.survival.curve import NOT_OBSERVED, TOO_FEW_PERSONS
from stammkunde.survival.grouped.likelihood import Fitted, Seen, fitted
from stammkunde.survival.grouped.rows import Intervals, intervals_of

ALL_LEFT_AT_ONCE = "all_left_at_once"


@dataclass(frozen=True)
class _Errors:
    """Standard errors [J], the quantile that belongs to them, and what they come from."""

    se: np.ndarray
    quantile: float
    name: str
    replicates: Replicates | None


def grouped_rate(
    left: np.ndarray,
    right: np.ndarray,
    n: np.ndarray | None = None,
    *,
    entry: np.ndarray | None = None,
    level: float = 0.95,
) -> Estimate:
    """Return the constant rate of leaving per unit that fits intervals of any length best.

    Of `n` who were seen from tenure `entry` (0) on, each left within (left, right]; `right` is
    infinite where nobody saw it. `n` [256, R] counts by person block and gives their error, [R] the
    likelihood's (one spell per person). Log interval; with fewer than 5 events the exact Poisson
    one of the events. No value where everybody left in the first interval that he could. Survival
    is exp(-rate t), so whole units that are counted up are no longer half a unit too long. Source:
    Prentice and Gloeckler (1978), Biometrics 34.
    """
    return piecewise_rates(left, right, n, (), entry=entry, level=level)[0]


def piecewise_rates(
    left: np.ndarray,
    right: np.ndarray,
    n: np.ndarray | None = None,
    cuts: Sequence[float] = (),
    *,
    entry: np.ndarray | None = None,
    level: float = 0.95,
) -> tuple[Estimate, ...]:
    """Return the rates that are constant between `cuts`, ascending tenures: one more than cuts.

    Arguments and errors as in `grouped_rate`. An interval may span pieces: `events` are then the
    expected ones, rounded. No value for pieces in which nobody was observed.
    """
    edges = np.array([0.0, *cuts, np.inf])
    if np.any(np.diff(edges) <= 0):
        raise ParameterError("cuts must ascend from above 0", remedy="Give them in order, once.")
    rows = intervals_of(left, right, n, entry)
    seen = rows.over(edges)
    best = fitted(seen, rows.total)
    errors = _errors(rows, seen, best, level)
    return tuple(_estimate(j, rows, best, errors, level) for j in range(len(edges) - 1))


def _errors(rows: Intervals, seen: Seen, best: Fitted, level: float) -> _Errors:
    if not rows.blocked:
        se = np.sqrt(np.maximum(np.diag(best.covariance), 0.0))
        return _Errors(se, intervals.normal_quantile(level), "likelihood's error", None)
    held = rows.n.sum(axis=1) > 0

    def refit(n: np.ndarray) -> np.ndarray:
        return np.stack([fitted(seen, one, best.rates).rates for one in n])

    leave_out = np.tile(best.rates, (len(held), 1))
    leave_out[held] = refit(rows.total - rows.n[held])
    replicates = Replicates(leave_out, held, lambda w: refit(w @ rows.n), int(held.sum()))
    quantile = intervals.student_quantile(level, replicates.smallest)
    return _Errors(replicates.se(), quantile, "person blocks", replicates)


def _estimate(j: int, rows: Intervals, best: Fitted, errors: _Errors, level: float) -> Estimate:
    value, exposure, events = best.rates[j], best.exposure[j], round(float(best.events[j]))
    own = errors.replicates and errors.replicates.map(lambda x: x[..., j])
    reason = ""
    if own is not None and own.smallest < FEWEST_BLOCKS:
        reason = TOO_FEW_PERSONS
    elif best.endless[j]:
        reason = ALL_LEFT_AT_ONCE
    elif exposure <= 0:
        reason = NOT_OBSERVED
    few = events < intervals.FEW_EVENTS
    low, high = _limits(float(value), float(errors.se[j]), errors.quantile, few, best, j, level)
    how = "exact Poisson interval" if few else f"log interval, {errors.name}"
    return Estimate(
        value=None if reason else float(value),
        low=None if reason else low,
        high=None if reason else high,
        se=None if reason else float(errors.se[j]),
        level=level,
        unit="hazard",
        persons=round(float(rows.total.sum())),
        events=events,
        method=f"rate from intervals, {how}",
        estimand="rate of leaving",
        reason=reason,
        replicates=None if reason else own,
    )


def _limits(
    value: float, se: float, quantile: float, few: bool, best: Fitted, j: int, level: float
) -> tuple[float, float]:
    if few:
        events, exposure = float(best.events[j]), float(best.exposure[j])
        per = value / events if min(value, events) > 0 else 1 / exposure if exposure > 0 else 0.0
        exact = poisson_limits(np.asarray(events), level)
        return float(exact[0]) * per, float(exact[1]) * per
    low, high = intervals.log(np.asarray(value), np.asarray(se), quantile)
    return float(low), float(high)
