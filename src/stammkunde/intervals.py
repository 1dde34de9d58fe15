"""Intervals, each on the scale on which it is honest.

g^-1( g(value) +- quantile * se * |g'(value)| ), with the standard error on the natural scale:
log(-log) for survival, incidence and shares, log for hazards, identity for means and differences.
Few events get exact or beta intervals.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

FEW_EVENTS = 5


def normal_quantile(level: float) -> float:
    """Return the two-sided standard normal quantile of `level`."""
    return float(stats.norm.ppf(0.5 + level / 2))


def student_quantile(level: float, blocks: int) -> float:
    """Return the two-sided t quantile with `blocks` - 1 degrees of freedom (1 at least)."""
    return float(stats.t.ppf(0.5 + level / 2, max(blocks - 1, 1)))


def log_log(value: np.ndarray, se: np.ndarray, quantile: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the log(-log) interval of a share; nan where the value is 0 or 1.

    Source: Kalbfleisch and Prentice (1980), section 1.3.
    """
    # a value that is 1 but for rounding makes the step infinite, and the limits 0 and 1
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        logs = np.log(value)
        step = quantile * se / (value * np.abs(logs))
        return np.exp(logs * np.exp(step)), np.exp(logs * np.exp(-step))


def log(
    value: np.ndarray, se: np.ndarray, quantile: float, top: float = np.inf
) -> tuple[np.ndarray, np.ndarray]:
    """Return the log interval, cut at `top`; nan where the value is 0.

    With `top` 1 it is the default interval of R's survfit.
    """
    # what is not known at all has a limit beyond all numbers
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        step = quantile * se / value
        return value * np.exp(-step), np.minimum(value * np.exp(step), top)


def logit(
    value: np.ndarray, se: np.ndarray, quantile: float, top: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the logit interval of what lies between 0 and `top`; nan at either end.

    For far tails: in simulations its two sides were missed alike, where identity is one-sided.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = np.log(value / (top - value))
        step = quantile * se * top / (value * (top - value))
        return top / (1 + np.exp(step - odds)), top / (1 + np.exp(-step - odds))


def mover(
    weights: np.ndarray,
    values: np.ndarray,
    lows: np.ndarray,
    highs: np.ndarray,
    correlation: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return limits of a weighted sum over the last axis, put together from its parts' limits.

    The parts [..., A] are independent, or have the `correlation` [A, A]. Source: Zou and Donner
    (2008), Statistics in Medicine 27(10); Zou (2008), American Journal of Epidemiology 168(2).
    """
    rises = weights > 0
    down, up = np.where(rises, lows, highs) - values, np.where(rises, highs, lows) - values
    middle = np.eye(len(weights)) if correlation is None else correlation

    def spread(steps: np.ndarray) -> np.ndarray:
        squares = np.einsum("...i,ij,...j->...", weights * steps, middle, weights * steps)
        return np.asarray(np.sqrt(np.maximum(squares, 0.0)))

    total = (weights * values).sum(axis=-1)
    return total - spread(np.abs(down)), total + spread(np.abs(up))


def clopper_pearson(
    events: np.ndarray | int, trials: np.ndarray | int, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the exact interval of a share (Clopper and Pearson 1934); [0, 1] without trials."""
    events, trials = np.broadcast_arrays(np.asarray(events, float), np.asarray(trials, float))
    tail = (1 - level) / 2
    with np.errstate(invalid="ignore"):
        low = stats.beta.ppf(tail, events, trials - events + 1)
        high = stats.beta.ppf(1 - tail, events + 1, trials - events)
    low = np.where((events > 0) & (trials > 0), low, 0.0)
    high = np.where((events < trials) & (trials > 0), high, 1.0)
    return low, high


def poisson_limits(events: np.ndarray | int, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return exact limits of the mean behind a count of events (Garwood 1936); 0 below none."""
    d, tail = np.asarray(events, float), (1 - level) / 2
    low = np.where(d > 0, stats.chi2.ppf(tail, 2 * np.maximum(d, 0.5)) / 2, 0.0)
    return low, np.asarray(stats.chi2.ppf(1 - tail, 2 * d + 2) / 2)


def beta_product(
    at_risk: np.ndarray, events: np.ndarray, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the beta product interval of survival after each unit, arrays [..., K].

    Source: Fay, Brittain and Proschan (2013), Biostatistics 14(4), method of moments. Without
    censoring it is the Clopper-Pearson interval. Where customers enter late, the thinnest unit so
    far stands for the last one.
    """
    n, d = np.asarray(at_risk, float), np.asarray(events, float)
    tail, rest = (1 - level) / 2, n - d
    # Logs of what is nearly 1: with many customers, differences of moments would cancel.
    log_mean = np.cumsum(np.log1p(-d / (n + 1)), axis=-1)
    log_spread = np.cumsum(np.log1p(d / ((rest + 1) * (n + 2))), axis=-1)
    high = _beta_quantile(1 - tail, np.exp(log_mean), -np.expm1(log_mean), np.expm1(log_spread))
    rest = np.minimum.accumulate(rest, axis=-1)
    mean = np.exp(log_mean) * rest / (rest + 1)
    missing = -np.expm1(log_mean) + np.exp(log_mean) / (rest + 1)
    with np.errstate(divide="ignore"):
        spread = np.expm1(log_spread + np.log1p(1 / (rest * (rest + 2))))
    return _beta_quantile(tail, mean, missing, spread), high


def _beta_quantile(
    share: float, mean: np.ndarray, missing: np.ndarray, spread: np.ndarray
) -> np.ndarray:
    """Return the quantile of the beta law; the mean where it has no spread.

    `missing` is 1 less the mean, `spread` the variance by the squared mean.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        size = missing / (mean * spread) - 1
        found = stats.beta.ppf(share, mean * size, missing * size)
    return np.where((spread > 0) & (mean > 0) & (missing > 0), found, mean)
