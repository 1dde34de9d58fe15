"""Customers of two factors for tests of accuracy."""

from __future__ import annotations

import numpy as np

from stammkunde.draws import BLOCKS

Rows = dict[str, np.ndarray]


def simulated(persons: int, seed: int, censored: bool = True) -> Rows:
    rng = np.random.default_rng(seed)
    codes = np.column_stack([rng.integers(0, 3, persons), rng.integers(0, 2, persons)])
    leave = rng.geometric(1 - 0.93 ** np.exp(0.8 * codes[:, 0] - 0.9 * codes[:, 1]))
    seen = rng.integers(1, 19, persons) if censored else np.full(persons, 18)
    return {
        "exit_": np.minimum(leave, seen),
        "left": leave <= seen,
        "codes": codes,
        "block": rng.integers(0, BLOCKS, persons),
    }
