"""Newton's method for a hazard with a free baseline, the baseline eliminated.

log(-log(1 - h)) = alpha[stratum, unit] + x beta. The information about alpha is diagonal, so that a
step costs cells times units and one small system for beta. Arrays: cells and units [C, K], strata
and units [S, K], terms p; leading axes (blocks) are free. mu = exp(alpha + x beta) is the
cumulative hazard of one unit, and `baseline` is exp(alpha).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from stammkunde.errors import NotObservedError

MOST_STEPS = 60
CLOSE = 1e-10
LARGEST = 600.0
ROUNDING = 1e-12
UNKNOWN = 1e-10
RUN_OUT = 1e-6


@dataclass(frozen=True)
class Shape:
    """Who is where: columns [bands, C, p], the band of each unit [K], the stratum of each cell."""

    columns: np.ndarray
    band: np.ndarray
    stratum: np.ndarray
    strata: int

    @property
    def member(self) -> np.ndarray:
        """Return 1 where a cell is in a stratum, else 0 [S, C]."""
        # floats, because products of whole numbers are slow
        return np.asarray(np.arange(self.strata)[:, None] == self.stratum, dtype=float)

    def bands(self) -> list[slice]:
        """Return the units of each band."""
        edges = np.searchsorted(self.band, np.arange(len(self.columns) + 1))
        return [slice(int(a), int(b)) for a, b in pairwise(edges)]

    def cells(self, stratum: int) -> slice | np.ndarray:
        """Return which cells are in a stratum."""
        return slice(None) if self.strata == 1 else np.flatnonzero(self.stratum == stratum)


@dataclass(frozen=True)
class Sums:
    """A diagonal form in (alpha, beta): its parts [..., S, K], [..., S, K, p], [..., p, p]."""

    aa: np.ndarray
    ab: np.ndarray
    bb: np.ndarray

    def reduced(self) -> np.ndarray:
        """Return what is known of beta when alpha is not [..., p, p]."""
        weighted = np.swapaxes(self.ab * inverse(self.aa)[..., None], -1, -2)
        return np.asarray(self.bb - (weighted @ self.ab).sum(axis=-3))


@dataclass(frozen=True)
class Scores:
    """Derivatives of the log-likelihood: by alpha [..., S, K] and by beta [..., p]."""

    a: np.ndarray
    b: np.ndarray

    def reduced(self, information: Sums) -> np.ndarray:
        """Return the score of beta when alpha follows it [..., p]."""
        risen = self.a * inverse(information.aa)
        return np.asarray(self.b - np.einsum("...st,...stp->...p", risen, information.ab))


@dataclass(frozen=True)
class Point:
    """Parameters, and what one customer at risk (`_n`) or one leaver (`_d`) adds [C, K].

    Score = n score_n + d score_d, observed information likewise; `expected` per customer at risk.
    """

    beta: np.ndarray
    baseline: np.ndarray
    hazard: np.ndarray
    score_n: np.ndarray
    score_d: np.ndarray
    observed_n: np.ndarray
    observed_d: np.ndarray
    expected: np.ndarray
    spread: np.ndarray


def inverse(a: np.ndarray) -> np.ndarray:
    """Return 1 / a, and 0 where a is not above 0."""
    return np.divide(1.0, a, out=np.zeros(np.shape(a)), where=a > 0)


def solved(information: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Return information^-1 score [..., p], 0 for a term of which nothing is known."""
    known = np.diagonal(information, axis1=-2, axis2=-1)
    empty = known <= UNKNOWN * known.max(axis=-1, keepdims=True, initial=0.0)
    score = np.where(empty, 0.0, score)[..., None]
    information = information + empty[..., None] * np.eye(empty.shape[-1])
    try:
        return np.asarray(np.linalg.solve(information, score)[..., 0])
    except np.linalg.LinAlgError:
        return np.asarray((np.linalg.pinv(information, rcond=UNKNOWN) @ score)[..., 0])


def linear(shape: Shape, beta: np.ndarray) -> np.ndarray:
    """Return x beta [..., C, K] for beta [..., p]."""
    per_band = np.einsum("bcp,...p->...bc", shape.columns, beta)
    return np.asarray(np.moveaxis(per_band[..., shape.band, :], -2, -1))


def hazards_at(shape: Shape, beta: np.ndarray, baseline: np.ndarray) -> np.ndarray:
    """Return the hazards [..., C, K] of beta [..., p] and baseline [..., S, K]."""
    ratio = np.exp(np.clip(linear(shape, beta), -LARGEST, LARGEST))
    with np.errstate(over="ignore"):
        return np.asarray(-np.expm1(-baseline[..., shape.stratum, :] * ratio))


def sums(shape: Shape, weight: np.ndarray) -> Sums:
    """Return the sums of weight [..., C, K] times (1, x)(1, x)'."""
    lead, p = weight.shape[:-2], shape.columns.shape[-1]
    ab = np.zeros((*lead, shape.strata, p, weight.shape[-1]))
    bb = np.zeros((*lead, p, p))
    for x, here in zip(shape.columns, shape.bands(), strict=True):
        part = weight[..., here]
        bb += (part.sum(axis=-1)[..., None, :] * x.T) @ x
        for s in range(shape.strata):
            own = shape.cells(s)
            ab[..., s, :, here] = x[own].T @ part[..., own, :]
    return Sums(shape.member @ weight, np.swapaxes(ab, -1, -2), bb)


def scores(shape: Shape, residual: np.ndarray) -> Scores:
    """Return the sums of residual [..., C, K] times (1, x)."""
    b = np.zeros((*residual.shape[:-2], shape.columns.shape[-1]))
    for x, here in zip(shape.columns, shape.bands(), strict=True):
        b += residual[..., here].sum(axis=-1) @ x
    return Scores(shape.member @ residual, b)


def point(shape: Shape, beta: np.ndarray, baseline: np.ndarray) -> Point:
    """Return the terms of score and information at the parameters."""
    ratio = np.exp(np.clip(shape.columns @ beta, -LARGEST, LARGEST))
    mu = np.where(np.isfinite(baseline), baseline, 0.0)[shape.stratum]
    for own, here in zip(ratio, shape.bands(), strict=True):
        mu[:, here] *= own[:, None]
    if not np.isfinite(mu).all():
        mu = np.where(np.isfinite(mu), mu, 0.0)
    # cells times units are many: what is not needed any more is written over
    below = -mu
    hazard = np.expm1(below)
    np.negative(hazard, out=hazard)
    # mu by h, and mu (1 - h) by h: both 1 where mu is 0
    up = np.divide(mu, hazard, out=np.ones_like(mu), where=hazard > 0)
    down = np.exp(below)
    down *= up
    curved = down - 1
    curved *= up
    return Point(beta, baseline, hazard, below, up, mu, curved, mu * down, down)


def added(n: np.ndarray, by_n: np.ndarray, d: np.ndarray, by_d: np.ndarray) -> np.ndarray:
    """Return n by_n + d by_d without a third array."""
    out = n * by_n
    out += d * by_d
    return out


def log_likelihood(n: np.ndarray, d: np.ndarray, at: Point) -> float:
    """Return the log-likelihood: sum of d log h + (n - d) log(1 - h)."""
    gone = np.nonzero(d)
    with np.errstate(divide="ignore"):
        left = d[gone] @ np.log(at.hazard[gone])
    return float(left + ((n - d) * at.score_n).sum())


def start(shape: Shape, n: np.ndarray, d: np.ndarray, full: np.ndarray) -> Point:
    """Return the point without any effect: each unit's hazard is its share of leavers."""
    many, some = (shape.member @ a for a in (n, d))
    share = np.divide(some, many, out=np.zeros(many.shape), where=many > 0)
    baseline = np.where(full, np.inf, -np.log1p(-share))
    return point(shape, np.zeros(shape.columns.shape[-1]), baseline)


def _is_known(information: np.ndarray, begin: np.ndarray) -> bool:
    """Return whether information about every direction is left of what there was without effects.

    Where levels tell who leaves, it runs out as the coefficients grow.
    """
    scale = np.sqrt(inverse(np.diag(begin)))
    least, before = (
        np.linalg.eigvalsh(a * scale * scale[:, None]).min(initial=1.0)
        for a in (information, begin)
    )
    return bool(least > RUN_OUT * before)


def newton(shape: Shape, n: np.ndarray, d: np.ndarray, at: Point) -> Point:
    """Return the point of greatest likelihood, from a point without effects.

    NotObservedError where there is none: some combination of terms tells who leaves.
    """
    n, d = n.astype(float), d.astype(float)
    best = log_likelihood(n, d, at)
    begin = sums(shape, n * at.expected).reduced()
    for _ in range(MOST_STEPS):
        score = scores(shape, added(n, at.score_n, d, at.score_d))
        form = sums(shape, added(n, at.observed_n, d, at.observed_d))
        step = solved(form.reduced(), score.reduced(form))
        rise = (score.a - form.ab @ step) * inverse(form.aa)
        small = max(np.abs(step).max(initial=0), np.abs(rise).max(initial=0)) < CLOSE
        for halves in range(40):
            size = 0.5**halves
            new = point(shape, at.beta + size * step, at.baseline * np.exp(size * rise))
            value = log_likelihood(n, d, new)
            if value >= best - ROUNDING * abs(best):
                break
        at, best = new, value
        if small and _is_known(form.reduced(), begin):
            return at
        if small:
            break
    raise NotObservedError(
        "a combination of levels tells who leaves, so that no finite ratio describes it",
        remedy="Leave out the column that holds what is known only at leaving.",
    )
