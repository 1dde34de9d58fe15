"""Limits of a mixture of normal laws: what several families say of a number, as one interval."""

from __future__ import annotations

import numpy as np
from scipy import special

from stammkunde.survival import formulas
from stammkunde.survival.projection.projected import limits

# how many times its own interval a family may reach
FAR = 3.0
# steps of Newton or bisection at most, and of bisection alone
ROUNDS, STEPS = 100, 80
# a step of so little of the law's width is none
SHORT = 1e-14


def mixture(
    centres: np.ndarray,
    errors: np.ndarray,
    weights: np.ndarray,
    quantile: float,
    level: float,
    link: str,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the limits [...] of a mixture of normal laws on the scale of `link`.

    `centres` and `errors` are [J, ...] on the natural scale; errors are widened as `quantile` (of
    Student's law) is wider than the normal. By Newton's steps between the families' own widest
    limits; by bisection where a family has no law, such as one that is sure.
    """
    wide = quantile / special.ndtri(0.5 + level / 2)
    # what moves by rounding alone does not move
    errors = np.where(errors <= formulas.ROUNDING, 0.0, errors)
    shape, count = np.shape(centres)[1:], len(weights)
    at, off = np.reshape(centres, (count, -1)), np.reshape(errors, (count, -1))
    far = limits(at, off, FAR * quantile, link)
    ends = far[0].min(axis=0), far[1].max(axis=0)
    place, scale = _laws(at, off * wide, link)
    known = (np.isfinite(place) & np.isfinite(scale) & (scale > 0)).all(axis=0)
    rest = ~known & (ends[1] > ends[0])
    found = []
    for share in ((1 - level) / 2, (1 + level) / 2):
        number = (ends[0] + ends[1]) / 2
        if known.any():
            root = _root(share, place[:, known], scale[:, known], weights)
            number[known] = _back(root, link)
        if rest.any():
            own = (at[:, rest], off[:, rest] * wide)
            number[rest] = _halved(share, *own, weights, link, (ends[0][rest], ends[1][rest]))
        found.append(number.reshape(shape))
    return found[0], found[1]


def _laws(centres: np.ndarray, errors: np.ndarray, link: str) -> tuple[np.ndarray, np.ndarray]:
    """Return centres and errors on the scale of the link, on which the laws are normal."""
    if link == "":
        return centres, errors
    with np.errstate(divide="ignore", invalid="ignore"):
        if link == "log":
            return np.log(centres), errors / centres
        return -np.log(-np.log(centres)), errors / np.abs(centres * np.log(centres))


def _back(place: np.ndarray, link: str) -> np.ndarray:
    """Return numbers on the natural scale."""
    if link == "":
        return place
    with np.errstate(over="ignore"):  # exp(-inf) is the 0 that it should be
        return np.asarray(np.exp(place) if link == "log" else np.exp(-np.exp(-place)))


def _root(share: float, centres: np.ndarray, errors: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return where [N] a mixture of normal laws [J, N] has a share below it."""
    reach = FAR * special.ndtri(0.975) * errors
    low, high = (centres - reach).min(axis=0), (centres + reach).max(axis=0)
    mean = weights @ centres
    spread = np.sqrt(weights @ (errors**2 + (centres - mean) ** 2))
    x, last = np.clip(mean + special.ndtri(share) * spread, low, high), high - low
    for _ in range(ROUNDS):
        z = (x - centres) / errors
        more = weights @ special.ndtr(z) - share
        low, high = np.where(more < 0, x, low), np.where(more < 0, high, x)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            step = -more / (weights @ (np.exp(-(z**2) / 2) / errors)) * np.sqrt(2 * np.pi)
        there = x + step
        bad = ~((there >= low) & (there <= high) & (np.abs(step) <= last / 2))
        there = np.where(bad, (low + high) / 2, there)
        last = np.abs(there - x)
        x = there
        if (last <= SHORT * (spread + np.abs(x))).all():
            break
    return np.asarray(x)


def _halved(
    share: float,
    centres: np.ndarray,
    errors: np.ndarray,
    weights: np.ndarray,
    link: str,
    ends: tuple[np.ndarray, np.ndarray],
) -> np.ndarray:
    """Return where [N] a mixture has a share below it, by bisection on the natural scale."""
    low, high = ends
    for _ in range(STEPS):
        middle = (low + high) / 2
        below = weights @ _below(middle, centres, errors, link)
        low, high = np.where(below < share, middle, low), np.where(below < share, high, middle)
    return np.asarray((low + high) / 2)


def _below(x: np.ndarray, centres: np.ndarray, errors: np.ndarray, link: str) -> np.ndarray:
    """Return the share [J, N] of each family's law below x [N]; a sure one lies at its centre."""
    with np.errstate(divide="ignore", invalid="ignore"):
        place, scale = _laws(centres, errors, link)
        share = special.ndtr((_laws(x, errors[0], link)[0] - place) / scale)
    return np.where(errors > 0, np.nan_to_num(share, nan=0.5), (x >= centres) * 1.0)
