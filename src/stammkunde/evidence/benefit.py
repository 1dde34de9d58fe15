"""Whom to contact: those who gain by it, not those most likely to leave.

Who is most likely to leave is often past being kept, and some leave because they were reminded.
So segments are ranked by what a contact changes. An estimate of that is noisy where a segment is
small; it is drawn towards the mean as far as the segments' spread goes no further than chance
(empirical Bayes: Morris 1983; spread by Paule and Mandel 1982). And who chooses the best segments
on some data must not praise them on the same: what a choice is worth is judged on other customers.
Sources for the question: Ascarza (2018); Lemmens and Gupta (2020).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from stammkunde.draws import BLOCKS, Replicates
from stammkunde.errors import DataError, ParameterError
from stammkunde.evidence.adequacy import LEAST_PERSONS
from stammkunde.intervals import student_quantile
from stammkunde.result import Estimate, Status, table_html
from stammkunde.survival.curve import TOO_FEW_PERSONS

RULES = ("gain", "risk", "random", "all who gain", "all")
FOLDS, STEPS = 4, 60
METHOD = "chosen on three quarters of the persons, judged on the rest"


@dataclass(frozen=True, kw_only=True)
class Targeted:
    """What comes of contacting a share of customers.

    `saved` is the mean change of the chance of leaving per contacted customer, `profit` money per
    1000 customers, `harmed` the share of those contacted who leave the more for it.
    """

    share: float
    saved: float
    profit: float
    harmed: float

    def _repr_html_(self) -> str:
        return table_html({n: f"{v:.4g}" for n, v in vars(self).items()}, "Contacted")


def targeted(
    score: np.ndarray,
    uplift: np.ndarray,
    mass: np.ndarray,
    share: float,
    *,
    value: float,
    cost: float,
) -> Targeted:
    """Return what comes of contacting the `share` of customers with the highest score.

    Arrays [N]: how high each kind of customer ranks, what a contact takes off his chance of leaving
    (below 0: adds to it), and how many there are. `value` is what a customer kept is worth, `cost`
    what a contact costs. Of a kind at the edge a part is contacted, and equal scores are treated
    alike.
    """
    if not 0 < share <= 1:
        raise ParameterError(f"a share of {share:g}", remedy="Give one above 0, 1 at most.")
    some = chosen(score, mass, share) * mass
    each, whole = some / some.sum(), mass.sum()
    return Targeted(
        share=float(some.sum() / whole),
        saved=float(each @ uplift),
        profit=float(1000 * (some @ (value * uplift - cost)) / whole),
        harmed=float(each @ (uplift < 0)),
    )


def chosen(score: np.ndarray, mass: np.ndarray, share: float) -> np.ndarray:
    """Return which part of each kind [N] is among the `share` with the highest scores."""
    levels, place = np.unique(-score, return_inverse=True)
    size = np.bincount(place, weights=mass, minlength=len(levels))
    before = np.concatenate([[0.0], np.cumsum(size)[:-1]])
    left = share * mass.sum() - before
    part = np.divide(left, size, out=np.zeros(len(size)), where=size > 0)
    return np.asarray(np.clip(part, 0.0, 1.0)[place])


def shrunk(estimates: np.ndarray, errors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return segments' estimates [..., S] drawn towards their mean, and the spread [...] of truths.

    The spread is the standard deviation of the segments' truths that makes theirs as far apart as
    they are (Paule and Mandel); 0 where chance explains it all, and all are then the mean.
    DataError for errors that are not above 0.
    """
    if (errors <= 0).any() or not np.isfinite(estimates).all():
        raise DataError(
            "a segment has no error", remedy="Put segments of too few persons together."
        )
    variance = np.zeros(estimates.shape[:-1])
    for _ in range(STEPS):
        weight = 1 / (errors**2 + variance[..., None])
        mean = (weight * estimates).sum(axis=-1) / weight.sum(axis=-1)
        apart = weight * (estimates - mean[..., None]) ** 2
        # from below Newton's steps never go too far: the sum is convex in the variance
        slope = np.maximum((weight * apart).sum(axis=-1), 1e-300)
        step = (apart.sum(axis=-1) - (estimates.shape[-1] - 1)) / slope
        variance = np.maximum(variance + step, 0.0)
    keep = variance[..., None] / (variance[..., None] + errors**2)
    return mean[..., None] + keep * (estimates - mean[..., None]), np.sqrt(variance)


@dataclass(frozen=True, kw_only=True)
class Pilot:
    """A pilot in which chance decided on contact: persons and leavers [S, 2, 256] within a horizon.

    By segment, arm (contacted first) and block; everybody followed throughout the horizon.
    """

    segments: tuple[str, ...]
    persons: np.ndarray
    left: np.ndarray

    def __post_init__(self) -> None:
        shape = (len(self.segments), 2, BLOCKS)
        if self.persons.shape != shape or self.left.shape != shape:
            raise DataError("this is no pilot", remedy=f"Give counts of the shape {shape}.")

    def uplifts(self) -> tuple[np.ndarray, np.ndarray]:
        """Return by how much contact lowers the chance of leaving, and its error [S].

        Nan where an arm of the segment has nobody. Errors allow for none or all of few leaving
        (half a leaver and a stayer added: Agresti and Caffo 2000 for differences).
        """
        n, d = self.persons.sum(axis=-1), self.left.sum(axis=-1)
        return _uplift(n, d), _error(n, d)


def worth(
    pilot: Pilot, *, value: float, cost: float, share: float, level: float = 0.95
) -> dict[str, Estimate]:
    """Return the profit per 1000 customers of five rules of whom to contact, by name (`RULES`).

    The `share` of customers who gain most, those most at risk, or any; all who gain more than a
    contact costs; all. Segments are ranked on other persons than those on whom the rule is judged,
    and by estimates drawn towards their mean. Errors by leaving out blocks. No value with fewer
    than 50 persons in an arm.
    """
    if not (value > 0 and cost >= 0 and 0 < share <= 1):
        raise ParameterError(
            "a value, a cost or a share that cannot be",
            remedy="Give a value above 0, a cost of 0 or more, and a share above 0, 1 at most.",
        )

    def estimator(weights: np.ndarray) -> np.ndarray:
        n, d = (np.moveaxis(_by_fold(a, weights), -1, 0) for a in (pilot.persons, pilot.left))
        return _judged(n, d, value, cost, share)

    held = pilot.persons.sum(axis=(0, 1)) > 0
    replicates = Replicates(estimator(1.0 - np.eye(BLOCKS)), held, estimator, int(held.sum()))
    number = estimator(np.ones((1, BLOCKS)))[0]
    few = pilot.persons.sum(axis=(0, 2)).min() < LEAST_PERSONS or not replicates.is_enough
    found = {}
    for i, name in enumerate(RULES):
        own = replicates.map(partial(np.take, indices=i, axis=-1))
        about: dict[str, Any] = {
            "unit": "money",
            "level": level,
            "method": METHOD,
            "status": Status.ESTIMATED,
            "estimand": f"profit per 1000 customers, contact of: {name}",
            "persons": int(pilot.persons.sum()),
            "events": int(pilot.left.sum()),
        }
        if few:
            found[name] = Estimate(value=None, reason=TOO_FEW_PERSONS, **about)
            continue
        se = float(own.se())
        step = student_quantile(level, own.smallest) * se
        at = float(number[i])
        found[name] = Estimate(
            value=at, low=at - step, high=at + step, se=se, replicates=own, **about
        )
    return found


def _by_fold(counts: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return counts [S, 2, FOLDS, B] of the blocks of each fold."""
    folds = [counts[..., f::FOLDS] @ weights[:, f::FOLDS].T for f in range(FOLDS)]
    return np.stack(folds, axis=2)


def _judged(n: np.ndarray, d: np.ndarray, value: float, cost: float, share: float) -> np.ndarray:
    """Return the profit per 1000 of each rule [B, R] from counts [B, S, 2, FOLDS]."""
    total = np.zeros((len(n), len(RULES)))
    for fold in range(FOLDS):
        rest_n, rest_d = (a.sum(axis=-1) - a[..., fold] for a in (n, d))
        size = n[..., fold].sum(axis=-1)
        # who is not in both arms of the others is not known, and ranks with chance's help only
        known = (rest_n > 0).all(axis=-1)
        uplift = np.where(known, _uplift(rest_n, rest_d), 0.0)
        guess = np.where(known, shrunk(uplift, _error(rest_n, rest_d))[0], -np.inf)
        risk = np.divide(
            rest_d[..., 1], rest_n[..., 1], out=np.zeros(size.shape), where=rest_n[..., 1] > 0
        )
        every = np.ones(size.shape)
        first = [
            np.stack([chosen(*one, share) for one in zip(score, size, strict=True)])
            for score in (guess, risk)
        ]
        parts = np.stack([*first, share * every, every * (value * guess > cost), every], axis=1)
        # a segment without an arm in this fold says nothing of it
        there = (n[..., fold] > 0).all(axis=-1)
        gain = np.where(there, _uplift(n[..., fold], d[..., fold]), 0.0)
        total += (parts * (size * (value * gain - cost))[:, None]).sum(axis=-1)
    return np.asarray(1000 * total / n.sum(axis=(1, 2, 3))[:, None])


def _uplift(n: np.ndarray, d: np.ndarray) -> np.ndarray:
    share = np.divide(d, n, out=np.full(d.shape, np.nan), where=n > 0)
    return np.asarray(share[..., 1] - share[..., 0])


def _error(n: np.ndarray, d: np.ndarray) -> np.ndarray:
    share = (d + 0.5) / (n + 1)
    return np.asarray(np.sqrt((share * (1 - share) / (n + 1)).sum(axis=-1)))
