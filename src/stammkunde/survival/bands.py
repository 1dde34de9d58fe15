"""Bands that hold a whole curve at once, where pointwise limits hold one value at a time.

Equal precision (Nair 1984) on the log(-log) scale: every unit's limits are as many standard errors
wide. How many follows from the law of the largest deviation over the units in which the curve is
known. A curve of months is known at whole months only; the band is exact there, and less wide than
one that must hold at every instant.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import optimize

from stammkunde import intervals
from stammkunde.draws import DRAWS, Replicates
from stammkunde.errors import ParameterError
from stammkunde.survival import formulas
from stammkunde.survival.curve import Curve, must_be

# The largest deviation is followed by numerical integration. Steps of the logarithm of the variance
# below this (some days' data have them) are taken together, and Siegmund's correction keeps that on
# the safe side: the band is then about 2 % wider than need be.
FINEST = 0.01
SIEGMUND = 0.5826
FEWEST_AT_RISK = 5


def simultaneous(
    curve: Curve, *, first: int | None = None, last: int | None = None, draws: int = DRAWS
) -> Curve:
    """Return the survival curve with `band_low` and `band_high` [K+1], which hold it all at once.

    Between `first` and `last` the limits are equal-precision ones. By default these are the first
    unit by which 5 customers have left and the last with 5 at risk and somebody staying. Before and
    after, the limits are what the band says of a curve that never rises: at most 1 and the upper
    limit at `last`, at least the lower limit at `first` and 0. Greenwood errors: critical value by
    `critical_value`; person blocks: from `draws` joint draws. With fewer than 5 leavers the limits
    are the beta product's at a level shared by all units (Bonferroni, conservative). Without enough
    blocks the curve has no values and gets no band. ParameterError for another kind of curve, or a
    range in which nobody has left or nobody stays.
    """
    must_be(curve, "survival")
    if np.isnan(curve.value).any():
        return curve
    span = _span(curve, first, last)
    if span is None:
        low, high = _shared(curve)
    else:
        low, high = _equal_precision(curve, *span, draws)
    return replace(curve, band_low=_falling(low[::-1], np.maximum)[::-1],
                   band_high=_falling(high, np.minimum))  # fmt: skip


def critical_value(variance: np.ndarray, level: float = 0.95) -> float:
    """Return c with P(|W(v)| <= c sqrt(v) at every v of `variance`) = `level`.

    W is a Brownian motion and `variance` [m] the variance of log S(t), which does not fall: the law
    of the Kaplan-Meier curve's studentised deviations on any scale. Found by integrating from unit
    to unit; on an ever finer grid it tends to the value that Nair (1984) tabulates.
    """
    logs, thinned = _thinned(np.log(np.unique(variance)))
    alone = intervals.normal_quantile(level)
    if len(logs) == 1:
        return alone
    most = intervals.normal_quantile(1 - (1 - level) / len(logs))
    found = float(optimize.brentq(lambda c: _within(c, logs) - level, alone, most, xtol=1e-7))
    return found + SIEGMUND * np.sqrt(FINEST) * thinned


def _thinned(logs: np.ndarray) -> tuple[np.ndarray, bool]:
    """Return the points at least FINEST apart, from the first on, and whether any was left out."""
    steps = np.diff(logs)
    if (steps >= FINEST).all():
        return logs, False
    kept = [logs[0]]
    for x in logs[1:]:
        if x - kept[-1] >= FINEST:
            kept.append(x)
    return np.array(kept), True


def _within(c: float, logs: np.ndarray) -> float:
    """Return the probability that |W(v)|/sqrt(v) stays within c, at v = exp(`logs`).

    It is a Markov chain of standard normals with correlations sqrt(v'/v); its density inside the
    limits is symmetric, so that half of it is followed, by Gauss-Legendre quadrature.
    """
    carry = np.exp(-np.diff(logs) / 2)
    spread = np.sqrt(1 - carry**2)
    size = int(np.clip(np.ceil(5 / spread.min()), 32, 200))
    nodes, weights = np.polynomial.legendre.leggauss(size)
    x, w = c * (nodes + 1) / 2, weights * c / 2
    density = 2 * np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
    for r, s in zip(carry, spread, strict=True):
        there, back = (x[:, None] - r * x) / s, (x[:, None] + r * x) / s
        step = np.exp(-(there**2) / 2) + np.exp(-(back**2) / 2)
        density = step @ (w * density) / (s * np.sqrt(2 * np.pi))
    return float(w @ density)


def _span(curve: Curve, first: int | None, last: int | None) -> tuple[int, int] | None:
    """Return the units between which the band is drawn; None where 5 have not left."""
    left, there = np.cumsum(curve.events), curve.value[1:] > formulas.ROUNDING
    begun = np.flatnonzero(left >= intervals.FEW_EVENTS)
    few = np.flatnonzero(~there | (curve.at_risk < FEWEST_AT_RISK))
    late = few[few >= (begun[0] if begun.size else 0)]
    nowhere = not begun.size or (late.size > 0 and late[0] == begun[0])
    if first is None and last is None and nowhere:
        return None
    if first is None:
        first = int(begun[0]) + 1 if begun.size else 1
    last = (int(late[0]) if late.size else curve.observed_to) if last is None else last
    if not 1 <= first <= last <= curve.observed_to:
        raise ParameterError(
            f"a band from {curve.unit} {first} to {last} cannot be drawn on this curve",
            remedy=f"Ask for units between 1 and {curve.observed_to}, the first before the last.",
        )
    if left[first - 1] == 0 or not there[last - 1]:
        raise ParameterError(
            f"a band from {curve.unit} {first} to {last} needs somebody who has left by its first "
            "unit and somebody who stays at its last",
            remedy="Leave both out: the band then begins and ends where the data allow.",
        )
    return first, last


def _equal_precision(
    curve: Curve, first: int, last: int, draws: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return limits [K+1]: the band's within its range, none (0 and 1) outside."""
    inside = slice(first, last + 1)
    if curve.errors == "blocks" and curve.replicates is not None:
        c = _critical_of_draws(curve.replicates, curve.value, inside, curve.level, draws)
        se = curve.replicates.se()
    else:
        variance = formulas.greenwood(curve.at_risk, curve.events, curve.others)
        c = critical_value(variance[inside], curve.level)
        se = curve.value * np.sqrt(np.where(np.isfinite(variance), variance, 0.0))
    low, high = _open(curve)
    low[inside], high[inside] = intervals.log_log(curve.value[inside], se[inside], c)
    return low, high


def _critical_of_draws(
    replicates: Replicates, value: np.ndarray, inside: slice, level: float, draws: int
) -> float:
    """Return the `level` quantile over draws of the largest studentised deviation.

    Widened by Student's quantile over the normal one, since the errors rest on the blocks.
    """
    drawn = np.log(-np.log(replicates.draws(draws)[:, inside]))
    off = drawn - np.log(-np.log(value[inside]))
    spread = np.sqrt((off**2).mean(axis=0))
    # blocks that are all alike do not move: there is no deviation to look at
    moves = spread > formulas.ROUNDING
    if not moves.any():
        return 0.0
    largest = np.abs(off[:, moves] / spread[moves]).max(axis=1)
    student = intervals.student_quantile(level, replicates.smallest)
    return float(np.quantile(largest, level) * student / intervals.normal_quantile(level))


def _shared(curve: Curve) -> tuple[np.ndarray, np.ndarray]:
    """Return beta product limits whose level all units share."""
    low, high = _open(curve)
    level = 1 - (1 - curve.level) / max(curve.observed_to, 1)
    n, d, others = curve.at_risk, curve.events, curve.others
    n = n if others is None else formulas.exposure(n, d, others)
    low[1:], high[1:] = intervals.beta_product(n, d, level)
    return low, high


def _open(curve: Curve) -> tuple[np.ndarray, np.ndarray]:
    """Return limits that say nothing but that all begin as customers."""
    low, high = np.zeros_like(curve.value), np.ones_like(curve.value)
    low[0] = 1.0
    return low, high


def _falling(limits: np.ndarray, extreme: np.ufunc) -> np.ndarray:
    """Return limits as tight as a curve that never rises makes them."""
    return np.asarray(extreme.accumulate(limits))
