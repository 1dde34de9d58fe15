"""Decisions whose truth is known: linear and normal, bent, and a product of two."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats

from stammkunde.result import Estimate

NAMES = ("none", "loyalty")


class Numbers(NamedTuple):
    """The numbers of an estimate that has all of them."""

    value: float
    low: float
    high: float
    se: float


def of(estimate: Estimate) -> Numbers:
    """Return the numbers of an estimate; the test fails where one is missing."""
    numbers = [estimate.value, estimate.low, estimate.high, estimate.se]
    return Numbers(*[x for x in numbers if x is not None])


def bend_worth(bar: float) -> float:
    """Return E max(Z^2, bar) - max(1, bar) for a standard normal Z: partial moments of Z^2."""
    root = np.sqrt(bar)
    above = 2 * (root * stats.norm.pdf(root) + (1 - bar) * stats.norm.cdf(-root))
    return float(above + bar - max(1.0, bar))


def linear(rng: np.random.Generator, draws: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return values and two assumptions; the difference is 4 + 6 first + 8 second."""
    first, second = rng.standard_normal((2, draws))
    return np.column_stack([0 * first, 4 + 6 * first + 8 * second]), first, second


def bent(rng: np.random.Generator, draws: int) -> tuple[np.ndarray, np.ndarray]:
    """Return values 1.5 against Z^2 with noise, and exp(Z)."""
    z, noise = rng.standard_normal((2, draws))
    return np.column_stack([1.5 + 0 * z, z**2 + 3 * noise]), np.exp(z)


def product(rng: np.random.Generator, draws: int) -> tuple[np.ndarray, np.ndarray]:
    """Return values 0 against the product of two assumptions with noise, and both of them.

    Knowing both is worth E|ab| / 2 = 1 / pi, knowing one is worth nothing.
    """
    a, b, noise = rng.standard_normal((3, draws))
    return np.column_stack([0 * a, a * b + noise]), np.column_stack([a, b])
