"""Customers of two factors for tests of standardised differences, and how to read these."""

from __future__ import annotations

import numpy as np

from stammkunde.draws import BLOCKS
from stammkunde.survival.drivers.model import DriverModel, hazards
from stammkunde.survival.drivers.standard import Difference

Rows = dict[str, np.ndarray]


def simulated(persons: int, seed: int) -> Rows:
    rng = np.random.default_rng(seed)
    b = rng.integers(0, 2, persons)
    a = rng.choice(3, persons, p=[0.5, 0.3, 0.2]) * (rng.random(persons) < 0.5 + 0.4 * b)
    ratio = np.exp(np.array([0, 0.5, -0.4])[a] + 0.7 * b)
    leave = rng.geometric(1 - 0.95**ratio)
    seen = rng.integers(3, 25, persons)
    return {
        "exit_": np.minimum(leave, seen),
        "left": leave <= seen,
        "codes": np.column_stack([a, b]),
        "block": rng.integers(0, BLOCKS, persons),
    }


def values(d: Difference) -> np.ndarray:
    found = [d.months.value, *(e.value for e in d.survival.values())]
    return np.array(found, dtype=float)


def by_level(found: list[Difference]) -> dict[tuple[str, str], Difference]:
    return {(d.factor, d.level): d for d in found}


def directly(
    model: DriverModel, f: int, pair: tuple[int, int], asked: tuple[int, ...]
) -> np.ndarray:
    """Return differences of months and shares from the hazards of every cell."""
    cells = model.cells
    weight = np.bincount(cells.cell, weights=cells.n, minlength=len(cells.levels))
    curves = []
    for level in pair:
        levels = cells.levels.copy()
        levels[:, f] = level
        stays = np.cumprod(1 - hazards(model.design, levels, model.beta, model.baseline), axis=1)
        curves.append(np.concatenate([[1.0], weight @ stays / weight.sum()]))
    gap = curves[0] - curves[1]
    return np.array([gap[: asked[0]].sum(), *(gap[t] for t in asked[1:])])
