"""A smooth curve or surface through draws: what policies are worth given some assumptions.

Polyharmonic splines of the cube of the distance with a linear part that is left alone, the natural
cubic spline where there is one assumption (Duchon 1977; Wood 2003 for few centres), and as smooth
as restricted maximum likelihood finds them to be (Wood 2011). Assumptions enter by their ranks,
turned into normal scores, so that only their order counts and no outlier pulls.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special
from scipy.stats import qmc, rankdata

from stammkunde.errors import ParameterError

CENTRES, CENTRES_OF_SEVERAL, FEWEST_DRAWS = 40, 120, 100
# log-spaced, relative to the softest direction; from no smoothing at all to a straight line
SMOOTHING = 10.0 ** np.arange(-9.0, 6.05, 0.1)


@dataclass(frozen=True, kw_only=True)
class Smoother:
    """Orthonormal directions [B, Q] in which fits may move, and how stiff each is [Q].

    The first `free` of them (a constant and straight lines) are not smoothed.
    """

    directions: np.ndarray
    stiffness: np.ndarray
    free: int


@dataclass(frozen=True, kw_only=True)
class Fit:
    """Fitted values [B, P], which part [Q, P] of each direction is kept, covariance of the rest.

    `residual` [P, P] is the covariance of what the assumptions do not explain.
    """

    values: np.ndarray
    kept: np.ndarray
    residual: np.ndarray


def smoother(parameters: np.ndarray) -> Smoother:
    """Return the directions for assumptions [B] or [B, k], drawn jointly with what they explain.

    Assumptions that never change, or are made of others, add none. ParameterError for fewer than
    100 draws.
    """
    points = whitened(parameters)
    size, wide = points.shape
    lines = np.linalg.qr(np.column_stack([np.ones(size), points]))[0]
    centres = _centres(points)
    if len(centres) <= wide + 1:
        return Smoother(directions=lines, stiffness=np.zeros(wide + 1), free=wide + 1)
    bends = _cubes(points, centres) @ _roots(centres)
    bends -= lines @ (lines.T @ bends)
    size_of, turn = np.linalg.eigh(bends.T @ bends)
    there = size_of > size_of[-1] * 1e-12
    curved = bends @ (turn[:, there] / np.sqrt(size_of[there]))
    return Smoother(
        directions=np.column_stack([lines, curved]),
        stiffness=np.concatenate([np.zeros(wide + 1), size_of[-1] / size_of[there]]),
        free=wide + 1,
    )


def fitted(by: Smoother, values: np.ndarray) -> Fit:
    """Return the smooth part of values [B, P], each policy as smooth as it is by itself."""
    parts = by.directions.T @ values
    kept = kept_parts(by, values, parts)
    smooth = by.directions @ (kept * parts)
    rest = values - smooth
    freedom = len(values) - kept.sum(axis=0).mean()
    return Fit(values=smooth, kept=kept, residual=rest.T @ rest / freedom)


def kept_parts(by: Smoother, values: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """Return which part [Q, P] of each direction is kept, by restricted maximum likelihood.

    With directions orthonormal and penalties diagonal the criterion is a sum over directions, so
    that it is looked up for all amounts of smoothing at once.
    """
    curved = by.stiffness[by.free :]
    if not len(curved):
        return np.ones(parts.shape)
    whole = (values**2).sum(axis=0)
    left = np.maximum(whole - (parts**2).sum(axis=0), 1e-14 * whole)
    load = SMOOTHING[:, None] * curved
    freedom = len(values) - by.free
    variance = (left + (load / (1 + load)) @ parts[by.free :] ** 2) / freedom
    # a policy that never differs has no variance, and nothing to smooth
    fit = freedom * np.log(np.maximum(variance, 1e-300))
    chosen = np.argmin(fit + np.log1p(1 / load).sum(axis=1)[:, None], axis=0)
    return np.asarray(1 / (1 + by.stiffness[:, None] * SMOOTHING[chosen]))


def whitened(parameters: np.ndarray) -> np.ndarray:
    """Return assumptions [B, r] as uncorrelated normal scores; r of them say all that k do.

    ParameterError for fewer than 100 draws.
    """
    given = parameters.reshape(len(parameters), -1)
    size = len(given)
    if size < FEWEST_DRAWS:
        raise ParameterError(
            f"{size} draws are too few for a curve through them",
            remedy=f"Draw {FEWEST_DRAWS} at least, and some thousands for a report.",
        )
    scores = special.ndtri((rankdata(given, axis=0) - 0.5) / size)
    scores -= scores.mean(axis=0)
    spread = np.sqrt((scores**2).mean(axis=0))
    changing = spread > 1e-9
    scores = scores[:, changing] / spread[changing]
    if scores.shape[1] == 1:
        return np.asarray(scores)
    variances, axes = np.linalg.eigh(scores.T @ scores / size)
    own = variances > 1e-8
    return np.asarray(scores @ (axes[:, own] / np.sqrt(variances[own])))


def _centres(points: np.ndarray) -> np.ndarray:
    """Return points [C, r] around which a fit may bend: quantiles, or evenly over the normal."""
    size, wide = points.shape
    if wide == 0:
        return np.zeros((0, 0))
    if wide == 1:
        levels = np.unique(points)
        if len(levels) > CENTRES:
            levels = np.unique(np.quantile(points, (np.arange(CENTRES) + 0.5) / CENTRES))
        return np.asarray(levels[:, None])
    count = min(CENTRES_OF_SEVERAL, size // 10)
    # the first of a Halton sequence is 0, which no quantile has
    even = qmc.Halton(wide, scramble=False).random(count + 1)[1:]
    return np.asarray(special.ndtri(even))


def _cubes(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the cube of the distance between each of `a` and each of `b`."""
    squares = np.zeros((len(a), len(b)))
    for one, two in zip(a.T, b.T, strict=True):
        squares += (one[:, None] - two) ** 2
    return np.asarray(squares**1.5)


def _roots(centres: np.ndarray) -> np.ndarray:
    """Return weights of the centres that bend without tilting, scaled to a roughness of 1."""
    lines = np.column_stack([np.ones(len(centres)), centres])
    level = np.linalg.qr(lines, mode="complete")[0][:, lines.shape[1] :]
    rough, turn = np.linalg.eigh(level.T @ _cubes(centres, centres) @ level)
    there = rough > rough[-1] * 1e-10
    return np.asarray(level @ (turn[:, there] / np.sqrt(rough[there])))
