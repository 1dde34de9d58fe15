"""One likelihood for everything seen in intervals: rates on pieces of tenure.

Somebody known to have stayed through exposures x (by piece), and then either no longer followed or
gone within exposures y, adds -x.r, or -x.r + log(1 - exp(-y.r)), to the log likelihood of the rates
r. That is the grouped-time model of Prentice and Gloeckler (1978) for pieces of any length, and for
pieces of one cell each the non-parametric one of Turnbull (1976), delayed entry included. It is
concave in r, so what Newton's method finds on r >= 0 is the maximum (Wang 2008, Statistics and
Computing 18, for steps by non-negative least squares).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from stammkunde.errors import DataError

# exp(-800) is 0 in double precision
ENDLESS = 800.0
MOST_STEPS = 500
NEARLY = 1e-11


@dataclass(frozen=True)
class Seen:
    """Exposures by piece: `stayed` [R, J] before, `within` [R, J] of the interval of leaving.

    Rows of `within` that are all 0 belong to those not seen leaving.
    """

    stayed: np.ndarray
    within: np.ndarray

    @property
    def left(self) -> np.ndarray:
        """Return which rows are of leavers [R]."""
        return np.asarray(self.within.sum(axis=1) > 0)


@dataclass(frozen=True)
class Fitted:
    """Rates [J] of greatest likelihood, their information [J, J], expected events and exposures.

    `endless` marks pieces that nobody was seen to survive: their rate has no upper bound.
    """

    rates: np.ndarray
    information: np.ndarray
    events: np.ndarray
    exposure: np.ndarray
    endless: np.ndarray

    @property
    def covariance(self) -> np.ndarray:
        """Return the inverse information [J, J] of the rates that are neither 0 nor endless."""
        inner = (self.rates > 0) & ~self.endless
        found = np.zeros_like(self.information)
        found[np.ix_(inner, inner)] = np.linalg.pinv(
            self.information[np.ix_(inner, inner)], hermitian=True
        )
        return found


def fitted(seen: Seen, n: np.ndarray, start: np.ndarray | None = None) -> Fitted:
    """Return the rates of greatest likelihood for `n` [R] of each row (any weights of at least 0).

    `start` [J] is where to begin. DataError where the search does not end.
    """
    used = seen.left & (n > 0)
    within, weights = seen.within[used], n[used]
    stayed = n @ seen.stayed
    share = within / within.sum(axis=1, keepdims=True)
    guess = weights @ share
    endless = (stayed <= 0) & (guess > 0)
    first = np.divide(guess, stayed + weights @ within, out=np.zeros_like(guess), where=guess > 0)
    if start is not None:
        first = np.where(guess > 0, np.maximum(start, first * 1e-3), 0.0)
    rates = np.where(endless, 0.0, first)
    # who may have left in an endless piece is no longer a constraint on the others
    rest = ~within[:, endless].any(axis=1)
    rates = _climb(rates, stayed, within[rest], weights[rest], endless)
    longest = within.max(axis=0, initial=0.0)
    rates = np.where(endless, ENDLESS / np.where(longest > 0, longest, 1.0), rates)
    events, exposure = _expected(rates, within, weights)
    return Fitted(
        rates=rates,
        information=_information(rates, within, weights),
        events=events,
        exposure=stayed + exposure,
        endless=endless,
    )


def _value(rates: np.ndarray, stayed: np.ndarray, within: np.ndarray, n: np.ndarray) -> float:
    gone = -np.expm1(-within @ rates)
    return -np.inf if np.any(gone <= 0) else float(n @ np.log(gone) - stayed @ rates)


def _slope(rates: np.ndarray, stayed: np.ndarray, within: np.ndarray, n: np.ndarray) -> np.ndarray:
    odds = np.exp(-within @ rates) / -np.expm1(-within @ rates)
    return np.asarray((n * odds) @ within - stayed)


def _information(rates: np.ndarray, within: np.ndarray, n: np.ndarray) -> np.ndarray:
    through = within @ rates
    with np.errstate(over="ignore"):
        curved = n * np.exp(-through) / np.expm1(-through) ** 2
    return np.asarray((within * curved[:, None]).T @ within)


def _climb(
    rates: np.ndarray, stayed: np.ndarray, within: np.ndarray, n: np.ndarray, fixed: np.ndarray
) -> np.ndarray:
    """Return the rates of greatest likelihood; `fixed` ones stay 0."""
    free = np.flatnonzero(~fixed & (within.sum(axis=0) > 0))
    stayed, within = stayed[free], within[:, free]
    found = np.zeros_like(rates)
    at = rates[free]
    scale = 1.0 + float(n.sum())
    for _ in range(MOST_STEPS):
        if not free.size:
            return found
        slope = _slope(at, stayed, within, n)
        if np.max(slope * np.maximum(at, NEARLY)) <= NEARLY * scale and np.all(
            np.abs(slope * at) <= NEARLY * scale
        ):
            break
        at = _step(at, slope, stayed, within, n)
    else:
        raise DataError(
            "no rates fit these intervals best",
            remedy="Look for intervals of no length, or for counts that are no numbers.",
        )
    found[free] = at
    return found


def _step(
    at: np.ndarray, slope: np.ndarray, stayed: np.ndarray, within: np.ndarray, n: np.ndarray
) -> np.ndarray:
    """Return the next rates: the best of the quadratic form on r >= 0, halved until it climbs."""
    curved = _information(at, within, n)
    size = np.sqrt(np.maximum(np.diag(curved), np.finfo(float).tiny))
    scaled = curved / np.outer(size, size) + 1e-12 * np.eye(len(size))
    root = np.linalg.cholesky(scaled + 1e-12 * np.eye(len(size))).T
    target = root @ (at * size) + np.linalg.solve(root.T, slope / size)
    move = nnls(root, target, maxiter=30 * len(size) + 100)[0] / size - at
    here, gain, part = _value(at, stayed, within, n), float(slope @ move), 1.0
    while part > NEARLY:
        if _value(at + part * move, stayed, within, n) >= here + 1e-4 * part * gain - 1e-13 * abs(
            here
        ):
            return np.asarray(np.maximum(at + part * move, 0.0))
        part /= 2
    return at


def _expected(
    rates: np.ndarray, within: np.ndarray, n: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return expected leavers [J], and their expected exposure [J] in the interval of leaving."""
    passed = within * rates
    before = np.exp(-(np.cumsum(passed, axis=1) - passed))
    gone = -np.expm1(-within @ rates)
    leaves = before * -np.expm1(-passed)
    shares = leaves / gone[:, None]
    last = 1 - gone
    there = np.where(within > 0, (before - last[:, None]) / gone[:, None], 0.0)
    return np.asarray(n @ shares), np.asarray(n @ there)
