"""Small trials for the tests, and the same numbers computed the plain way."""

from __future__ import annotations

import numpy as np
import pandas as pd

from stammkunde.draws import BLOCKS

ARMS = ("offered", "not offered")


def subjects(rng: np.random.Generator, size: int = 900, *, late: bool = False) -> pd.DataFrame:
    """Return people of three cells, the arm and the leaving both depending on the cell."""
    cell = rng.integers(0, 3, size)
    offered = rng.random(size) < np.array([0.2, 0.5, 0.7])[cell]
    stay = rng.geometric(np.array([0.15, 0.08, 0.04])[cell] * np.where(offered, 0.8, 1.0))
    seen = rng.integers(3, 25, size)
    begin = rng.integers(0, 4, size) * late
    cause = np.where(rng.random(size) < 0.3, "moved", "price")
    return pd.DataFrame(
        {
            "arm": np.where(offered, *ARMS),
            "cell": cell,
            "block": rng.integers(0, BLOCKS, size),
            "begin": begin,
            "finish": np.minimum(stay, seen),
            "end": np.where(stay <= seen, cause, "censored"),
            "n": 1,
        }
    ).query("begin < finish")


def plainly(rows: pd.DataFrame, arm: str, units: int) -> np.ndarray:
    """Return survival [units + 1] of an arm weighted by one over the arm's share of its cell."""
    counted = rows[rows.begin == 0].groupby(["cell", "arm"])["n"].sum()
    share = counted / counted.groupby("cell").transform("sum")
    own = rows[rows.arm == arm]
    weight = own.n.to_numpy() / np.array([share[c, arm] for c in own.cell])
    alive = [1.0]
    for t in range(1, units + 1):
        there = (own.begin < t) & (own.finish >= t)
        leaves = there & (own.finish == t) & (own.end != "censored")
        alive.append(alive[-1] * (1 - weight[leaves].sum() / weight[there].sum()))
    return np.array(alive)
