"""Pilots simulated: who leaves, who is lost from sight, and the tests that read them."""

from __future__ import annotations

import numpy as np

from stammkunde.survival import formulas


def counts(
    rng: np.random.Generator, curve: np.ndarray, heads: int, seen: np.ndarray, repetitions: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return at risk and events [R, K] of an arm, of whom `seen` [K] are in sight by unit."""
    hazard = 1 - curve[1:] / curve[:-1]
    stays = np.concatenate([seen[1:] / seen[:-1], [1.0]])
    at_risk, events = (np.zeros((repetitions, len(hazard)), int) for _ in range(2))
    there = rng.binomial(heads, seen[0], repetitions)
    for t in range(len(hazard)):
        at_risk[:, t] = there
        events[:, t] = rng.binomial(there, hazard[t])
        there = rng.binomial(there - events[:, t], stays[t])
    return at_risk, events


def logrank_z(arms: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Return the log-rank statistic [R] of two arms, written out unit by unit."""
    (n0, d0), (n1, d1) = (tuple(x.astype(float) for x in arm) for arm in arms)
    n, d = n0 + n1, d0 + d1
    some = n > 1
    size = np.where(some, n, 2.0)
    expected = d * n1 / np.maximum(n, 1)
    spread = d * (n1 / size) * (n0 / size) * (size - d) / (size - 1) * some
    return np.asarray((d1 - expected).sum(axis=1) / np.sqrt(spread.sum(axis=1)))


def months_z(arms: list[tuple[np.ndarray, np.ndarray]], horizon: int) -> np.ndarray:
    """Return the difference in restricted means over its standard error [R]."""
    found = []
    for n, d in arms:
        curve = formulas.survival(n, d)
        mean = formulas.restricted_mean(curve, horizon)
        found.append((mean, formulas.restricted_mean_variance(curve, n, d, horizon)))
    (m0, v0), (m1, v1) = found
    return np.asarray((m1 - m0) / np.sqrt(v0 + v1))


def shares_z(arms: list[tuple[np.ndarray, np.ndarray]], *, pooled: bool) -> np.ndarray:
    """Return the difference in the shares that left over its standard error [R]."""
    (n0, d0), (n1, d1) = ((n[:, 0], d.sum(axis=1)) for n, d in arms)
    p0, p1, both = d0 / n0, d1 / n1, (d0 + d1) / (n0 + n1)
    alike = both * (1 - both) * (1 / n0 + 1 / n1)
    apart = p0 * (1 - p0) / n0 + p1 * (1 - p1) / n1
    return np.asarray((p1 - p0) / np.sqrt(alike if pooled else apart))
