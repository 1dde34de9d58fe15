"""Customers whose levels multiply their hazard, made for the tests of drivers."""

from __future__ import annotations

from typing import Any

import numpy as np

from stammkunde.draws import BLOCKS
from stammkunde.survival.drivers.arrays import cells_from
from stammkunde.survival.drivers.cells import Cells, Factor

A, B = Factor("a", ("0", "1", "2")), Factor("b", ("0", "1"))


def simulated(persons: int, seed: int, fade: float = 0.0) -> dict[str, np.ndarray]:
    """Return 24 units of leaving with a spike in unit 12 and none in unit 5, in random blocks."""
    rng = np.random.default_rng(seed)
    codes = np.column_stack([rng.integers(0, 3, persons), rng.integers(0, 2, persons)])
    effect = np.array([0, 0.5, -0.4])[codes[:, 0]]
    base = np.full(24, 0.04)
    base[[4, 11]] = 0, 0.3
    late = (np.arange(24) >= 12) * fade
    power = np.exp(effect[:, None] + codes[:, 1:] * (0.7 + late))
    gone = rng.random((persons, 24)) < 1 - (1 - base) ** power
    leave = np.where(gone.any(axis=1), gone.argmax(axis=1) + 1, 25)
    seen = rng.integers(3, 25, persons)
    return {
        "exit_": np.minimum(leave, seen),
        "left": leave <= seen,
        "codes": codes,
        "block": rng.integers(0, BLOCKS, persons),
    }


def cells_by(rows: dict[str, np.ndarray], **more: Any) -> Cells:
    return cells_from(**rows, factors=(A, B), **more)


def one_unit(counts: dict[str, tuple[int, int]], name: str = "a") -> Cells:
    """Return customers of one unit from (stay, leave) by level."""
    parts = [
        (i, left) for i, c in enumerate(counts.values()) for left in (0, 1) for _ in range(c[left])
    ]
    code, left = (np.array(x) for x in zip(*parts, strict=True))
    block = np.arange(len(code)) % BLOCKS
    factors = (Factor(name, tuple(counts)),)
    return cells_from(np.ones_like(code), left, code[:, None], factors, block=block)
