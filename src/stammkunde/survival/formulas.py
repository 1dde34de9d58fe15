"""Pure formulas on counts; the last axis is tenure, leading axes are free.

The same lines give the estimate, its leave-outs and ten thousand draws. Counts are by unit
t = 1 .. K; a survival curve has K+1 points, S(0) = 1 first.
"""

from __future__ import annotations

import numpy as np

# S is a product of floats: a value meant to be exactly 1 - p may miss it by rounding.
ROUNDING = 1e-9


def hazard(at_risk: np.ndarray, events: np.ndarray) -> np.ndarray:
    """Return the share of those at risk who leave, 0 where nobody is at risk."""
    n = np.asarray(at_risk, float)
    return np.divide(events, n, out=np.zeros(np.broadcast(n, events).shape), where=n > 0)


def survival(
    at_risk: np.ndarray, events: np.ndarray, others: np.ndarray | None = None
) -> np.ndarray:
    """Return the Kaplan-Meier curve [..., K+1] (Kaplan and Meier 1958).

    With `others`, who leave for causes thought away, the curve under the causes of `events` alone:
    a unit's log survival in proportion to `events` among all who leave (see `causes.net`).
    """
    curve = np.cumprod(unit_survival(at_risk, events, others), axis=-1)
    return np.concatenate([np.ones((*curve.shape[:-1], 1)), curve], axis=-1)


def unit_survival(
    at_risk: np.ndarray, events: np.ndarray, others: np.ndarray | None = None
) -> np.ndarray:
    """Return the share of those at risk in a unit who pass it (see `survival`)."""
    if others is None:
        return 1 - hazard(at_risk, events)
    stays = 1 - hazard(at_risk, events + others)
    # weighted sums may miss 0 by rounding, of which a small power would make much
    stays = np.where(stays <= ROUNDING, 0.0, stays)
    return np.asarray(stays ** hazard(events + others, events))


def exposure(at_risk: np.ndarray, events: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return of how many at risk throughout a unit `events` would be the share that it takes.

    Where nobody leaves for the causes of `events`, it is the time that those at risk were there at
    an even hazard: the logarithmic mean of how many there were first and last.
    """
    n, d, o = (np.asarray(a, float) for a in (at_risk, events, others))
    leave = 1 - unit_survival(n, d, o)
    by_events = np.divide(d, leave, out=np.zeros_like(n), where=leave > 0)
    some = (o > 0) & (o < n)
    logs = -np.log1p(-np.divide(o, n, out=np.zeros_like(n), where=some))
    by_time = np.divide(o, logs, out=np.where(o > 0, 0.0, n), where=some)
    return np.where(d > 0, by_events, by_time)


def greenwood(
    at_risk: np.ndarray, events: np.ndarray, others: np.ndarray | None = None
) -> np.ndarray:
    """Return the variance of log S(t) [..., K+1] (Greenwood 1926); inf from where S is 0."""
    terms = greenwood_terms(at_risk, events, others)
    return np.concatenate([np.zeros((*terms.shape[:-1], 1)), np.cumsum(terms, axis=-1)], axis=-1)


def greenwood_terms(
    at_risk: np.ndarray, events: np.ndarray, others: np.ndarray | None = None
) -> np.ndarray:
    """Return d / (n (n - d)) by unit: 0 without events, inf where all leave.

    With `others`, d being all who leave and r the share of `events` in them, it is
    r^2 d / (n (n - d)) + log(1 - d / n)^2 r (1 - r) / d, by the delta method: how many leave, and
    for which causes, are two binomial numbers that do not correlate.
    """
    n, own = np.asarray(at_risk, float), np.asarray(events, float)
    d = own if others is None else own + others
    rest = n * (n - d)
    terms = np.divide(d, rest, out=np.where(own > 0, np.inf, 0.0), where=rest > 0)
    if others is None:
        return terms
    part, both = hazard(d, own), (own > 0) & (d > own) & (rest > 0)
    logs = np.log1p(-np.divide(d, n, out=np.zeros_like(n), where=both))
    split = np.divide(logs**2 * part * (1 - part), d, out=np.zeros_like(n), where=both)
    return np.asarray(part**2 * terms + split)


def restricted_mean(curve: np.ndarray, horizon: int) -> np.ndarray:
    """Return RMST(K), the sum of S(t) for t = 0 .. K-1."""
    return curve[..., :horizon].sum(axis=-1)


def restricted_mean_variance(
    curve: np.ndarray,
    at_risk: np.ndarray,
    events: np.ndarray,
    horizon: int,
    others: np.ndarray | None = None,
) -> np.ndarray:
    """Return the variance of RMST(K): sum over t < K of (sum of S(u), u = t .. K-1)^2 d/(n(n-d)).

    A unit in which all leave adds nothing: no survival is left behind it.
    """
    behind = np.flip(np.cumsum(np.flip(curve[..., :horizon], -1), axis=-1), -1)[..., 1:]
    terms = greenwood_terms(at_risk, events, others)[..., : horizon - 1]
    return np.asarray((behind**2 * np.where(np.isfinite(terms), terms, 0.0)).sum(axis=-1))


def first_at_or_below(curve: np.ndarray, level: float) -> int | None:
    """Return the smallest t with curve(t) <= level, None where it stays above (or is unknown)."""
    hits = np.flatnonzero(curve <= level + ROUNDING)
    return int(hits[0]) if hits.size else None


def excess_events(
    at_risk: np.ndarray, events: np.ndarray, weight: np.ndarray | float = 1.0
) -> np.ndarray:
    """Return observed less expected events of each arm [..., A] under one common hazard.

    Counts are [A, ..., K], `weight` of each unit [..., K]. The log-rank numerator (Mantel 1966;
    Peto and Peto 1972).
    """
    pooled = hazard(at_risk.sum(axis=0), events.sum(axis=0))
    return np.moveaxis((weight * (events - at_risk * pooled)).sum(axis=-1), 0, -1)


def excess_covariance(
    at_risk: np.ndarray, events: np.ndarray, weight: np.ndarray | float = 1.0
) -> np.ndarray:
    """Return the hypergeometric covariance [A, A] of the log-rank numerators, counts [A, K]."""
    n, d = at_risk.sum(axis=0).astype(float), events.sum(axis=0).astype(float)
    factor = weight**2 * np.divide(d * (n - d), n - 1, out=np.zeros_like(n), where=n > 1)
    share = np.divide(at_risk, n, out=np.zeros(at_risk.shape), where=n > 0)
    return np.asarray(np.diag((factor * share).sum(axis=-1)) - (factor * share) @ share.T)
