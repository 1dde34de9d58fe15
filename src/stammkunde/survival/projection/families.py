"""Families of curves that go on beyond the last observed unit, for times in whole units.

A family gives the logarithm of the share that passes each unit, log(1 - h(t)), and its gradient in
unconstrained parameters; everything else (likelihood, errors, projection) is the same for all. T is
whole by nature, so that the likelihood of a continuous law is that of its units, not of its density
at their ends (Prentice and Gloeckler 1978).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

Pair = tuple[np.ndarray, np.ndarray]
# share passing units 1 .. K and gradient, from parameters [..., p] and K
Steps = Callable[[np.ndarray, int], Pair]
# from here on two terms of Stirling's series are exact to 1e-13
LARGE = 100.0


@dataclass(frozen=True)
class Family:
    """A law of tenure: parameters and log(1 - h(t)) with its gradient, t = 1 .. K.

    `steps` takes unconstrained parameters [..., p] and K and returns arrays [..., K] and
    [..., K, p]. `scales` says of each parameter how it was freed: "log", "logit" or "" for not at
    all. `start` holds points to begin the search from, given the mean hazard.
    """

    name: str
    parameters: tuple[str, ...]
    scales: tuple[str, ...]
    steps: Steps
    start: Callable[[float], tuple[tuple[float, ...], ...]]

    def natural(self, theta: np.ndarray) -> np.ndarray:
        """Return the parameters [..., p] as the literature writes them."""
        inverse = {"log": np.exp, "logit": special.expit, "": np.asarray}
        parts = [inverse[s](theta[..., i]) for i, s in enumerate(self.scales)]
        return np.stack(parts, axis=-1)


def log_survival(family: Family, theta: np.ndarray, length: int) -> Pair:
    """Return log S(t) [..., K + 1] of t = 0 .. K and its gradient [..., K + 1, p]."""
    return _summed(*family.steps(theta, length))


def _summed(stay: np.ndarray, slope: np.ndarray) -> Pair:
    zero = np.zeros((*stay.shape[:-1], 1))
    value = np.concatenate([zero, np.cumsum(stay, axis=-1)], axis=-1)
    flat = np.zeros((*slope.shape[:-2], 1, slope.shape[-1]))
    return value, np.concatenate([flat, np.cumsum(slope, axis=-2)], axis=-2)


def _geometric(theta: np.ndarray, length: int) -> Pair:
    log_odds = theta[..., :1]
    shape = (*theta.shape[:-1], length)
    stay = np.broadcast_to(-np.logaddexp(0.0, log_odds), shape)
    return stay, np.broadcast_to(-special.expit(log_odds), shape)[..., None]


def _beta_geometric(theta: np.ndarray, length: int) -> Pair:
    """h(t) = a / (a + b + t - 1) (Fader and Hardie 2007)."""
    a, b = (np.exp(theta[..., i, None]) for i in (0, 1))
    before = np.arange(length)
    stay = -np.log1p(a / (b + before))
    slope = np.stack([-a / (a + b + before), b / (b + before) - b / (a + b + before)], axis=-1)
    return stay, slope


def _beta_weibull(theta: np.ndarray, t: np.ndarray) -> Pair:
    """S(t) = B(a, b + t^c) / B(a, b) (Fader, Hardie, Liu, Davin and Steenburgh 2018)."""
    a, b, c = (np.exp(theta[..., i, None]) for i in (0, 1, 2))
    x = np.where(t > 0, np.exp(np.minimum(c * np.log(np.maximum(t, 1.0)), 300.0)), 0.0)
    value = _log_beta(a, b + x) - special.betaln(a, b)
    all_, own = special.digamma(a + b + x), special.digamma(b + x)
    fixed = special.digamma(a + b)
    with np.errstate(divide="ignore", invalid="ignore"):
        rise = np.where(t > 0, x * np.log(t), 0.0) * c
    slope = [a * (fixed - all_), b * (own - all_ + fixed - special.digamma(b)), (own - all_) * rise]
    return value, np.stack(slope, axis=-1)


def _log_beta(a: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Return log B(a, z); for large z by Stirling's series, as logs of gamma lose their digits."""
    far, large = np.maximum(z, LARGE), z >= LARGE
    ratio = (far - 0.5) * np.log1p(a / far) + a * np.log(far + a) - a
    for power, part in ((1, 1 / 12), (3, -1 / 360)):
        ratio = ratio + part * ((far + a) ** -float(power) - far ** -float(power))
    return np.asarray(np.where(large, special.gammaln(a) - ratio, special.betaln(a, z)))


def _weibull(theta: np.ndarray, t: np.ndarray) -> Pair:
    x, turn = _powered(theta, t)
    k = np.exp(theta[..., 1, None])
    return -x, np.stack([k * x, -x * turn], axis=-1)


def _log_logistic(theta: np.ndarray, t: np.ndarray) -> Pair:
    x, turn = _powered(theta, t)
    k = np.exp(theta[..., 1, None])
    share = x / (1 + x)
    return -np.log1p(x), np.stack([k * share, -share * turn], axis=-1)


def _powered(theta: np.ndarray, t: np.ndarray) -> Pair:
    """Return (t / s)^k and its logarithm, 0 at t = 0, from log s and log k."""
    k = np.exp(theta[..., 1, None])
    turn = np.where(t > 0, k * (np.log(np.maximum(t, 1.0)) - theta[..., :1]), 0.0)
    return np.where(t > 0, np.exp(np.minimum(turn, 600.0)), 0.0), turn


def _log_normal(theta: np.ndarray, t: np.ndarray) -> Pair:
    spread = np.exp(theta[..., 1, None])
    z = (np.log(np.maximum(t, 1.0)) - theta[..., :1]) / spread
    value = np.where(t > 0, special.log_ndtr(-z), 0.0)
    # the normal's hazard, from logarithms so that it holds far out
    mills = np.where(t > 0, np.exp(-(z**2) / 2 - np.log(2 * np.pi) / 2 - value), 0.0)
    return value, np.stack([mills / spread, mills * z], axis=-1)


def whole(law: Callable[[np.ndarray, np.ndarray], Pair]) -> Steps:
    """Return the steps between whole units of a law given by log S(t) and its gradient."""

    def steps(theta: np.ndarray, length: int) -> Pair:
        value, slope = law(theta, np.arange(length + 1.0))
        return np.diff(value, axis=-1), np.diff(slope, axis=-2)

    return steps


def cured(family: Family) -> Family:
    """Return the family with a share that never leaves: S = p + (1 - p) S of the others.

    The first parameter is that share (Boag 1949; Farewell 1982).
    """

    def steps(theta: np.ndarray, length: int) -> Pair:
        never = special.expit(theta[..., :1])
        step, slope = family.steps(theta[..., 1:], length)
        own, risen = _summed(step, slope)
        before, risen = own[..., :-1], risen[..., :-1, :]
        # of those there before a unit: who will leave once, and of them who leaves in it; from
        # products, since differences of what is nearly 1 would lose the few who are left
        once = (1 - never) * np.exp(before)
        there = never + once
        leave = once * -np.expm1(step) / there
        first = -leave * never / there
        gradient = np.empty((*slope.shape[:-1], slope.shape[-1] + 1))
        gradient[..., 0] = first
        gradient[..., 1:] = (leave * never / there)[..., None] * risen
        gradient[..., 1:] -= (once * np.exp(step) / there)[..., None] * slope
        gradient /= (leave - 1)[..., None]
        return np.log1p(-leave), gradient

    def start(hazard: float) -> tuple[tuple[float, ...], ...]:
        return tuple(
            (never, *point)
            for never in (-2.0, -0.5, 1.0)
            for faster in (hazard, min(2 * hazard, 0.5))
            for point in family.start(faster)
        )

    return Family(
        f"{family.name} with a share that stays",
        ("stays", *family.parameters),
        ("logit", *family.scales),
        steps,
        start,
    )


def _logit(hazard: float) -> float:
    return float(special.logit(hazard))


def _life(hazard: float) -> float:
    return float(np.log(1 / hazard))


GEOMETRIC = Family("geometric", ("hazard",), ("logit",), _geometric, lambda h: ((_logit(h),),))
BETA_GEOMETRIC = Family(
    "beta-geometric",
    ("alpha", "beta"),
    ("log", "log"),
    _beta_geometric,
    lambda h: tuple((np.log(m), np.log(m / h)) for m in (1.0, 0.3)),
)
BETA_WEIBULL = Family(
    "beta-discrete-Weibull",
    ("alpha", "beta", "c"),
    ("log", "log", "log"),
    whole(_beta_weibull),
    lambda h: tuple((np.log(m), np.log(m / h), c) for m in (1.0, 0.3) for c in (0.0, 0.3)),
)
WEIBULL = Family(
    "Weibull",
    ("scale", "shape"),
    ("log", "log"),
    whole(_weibull),
    lambda h: ((_life(h), 0.0), (_life(h), -0.7)),
)
LOG_LOGISTIC = Family(
    "log-logistic",
    ("scale", "shape"),
    ("log", "log"),
    whole(_log_logistic),
    lambda h: ((_life(h) - 0.4, 0.0), (_life(h), -0.5)),
)
LOG_NORMAL = Family(
    "log-normal",
    ("mu", "sigma"),
    ("", "log"),
    whole(_log_normal),
    lambda h: ((_life(h) - 0.4, 0.3), (_life(h), 0.8)),
)
FAMILIES = {
    f.name: f for f in (GEOMETRIC, BETA_GEOMETRIC, BETA_WEIBULL, WEIBULL, LOG_NORMAL, LOG_LOGISTIC)
}
CURED = {f.name: cured(f) for f in (WEIBULL, LOG_NORMAL, LOG_LOGISTIC)}
