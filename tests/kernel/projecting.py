"""Tables for tests of projections: published curves, and customers of a law."""

from __future__ import annotations

import numpy as np

from stammkunde.draws import BLOCKS
from stammkunde.survival.arrays import life_table_from
from stammkunde.survival.table import LifeTable

# customers of Fader and Hardie (2007) there after year 0 .. 12, of 1000
CURVES = {
    "high": (1000, 869, 743, 653, 593, 551, 517, 491, 468, 445, 427, 409, 394),
    "regular": (1000, 631, 468, 382, 326, 289, 262, 241, 223, 207, 194, 183, 173),
}


def rows(name: str, years: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the last year observed of each customer of a curve, and whether he left."""
    there = np.array(CURVES[name][: years + 1])
    left = -np.diff(there)
    exits = np.append(np.repeat(np.arange(1, years + 1), left), np.full(there[-1], years))
    return exits, np.arange(len(exits)) < left.sum()


def published(name: str, years: int, *, blocks: bool = False) -> LifeTable:
    """Return the table of a curve; with blocks, customers are dealt in turn."""
    exits, left = rows(name, years)
    return counted(exits, left, blocks=blocks, unit="year")


def counted(
    exits: np.ndarray,
    left: np.ndarray,
    *,
    entry: np.ndarray | None = None,
    blocks: bool = True,
    unit: str = "month",
) -> LifeTable:
    """Return the table of customers, dealt to blocks in turn or all in one."""
    # dealt by a stride, since rows stand in order of leaving
    block = np.arange(len(exits)) * 97 % BLOCKS if blocks else None
    return life_table_from(np.asarray(exits), left, entry=entry, block=block, unit=unit)


def seen(stay: np.ndarray, last: int | np.ndarray, **how: object) -> LifeTable:
    """Return the table of customers who stay so many units and are seen to `last`."""
    return counted(np.minimum(stay, last), stay <= last, **how)  # type: ignore[arg-type]
