"""Arms made at random for tests of contrasts, and what every estimate must have."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from stammkunde.draws import BLOCKS
from stammkunde.result import Estimate
from stammkunde.survival.arrays import life_table_from, life_tables_from
from stammkunde.survival.table import LifeTable

HORIZON = 10


def some(
    seed: int, groups: int = 3, each: int = 80, repeats: bool = False, rate: float = 0.08
) -> list[LifeTable]:
    """Return tables of customers seen for 12 months or more; with `repeats` two spells a person."""
    rng = np.random.default_rng(seed)
    size = groups * each
    person = np.arange(size) // (2 if repeats else 1)
    stay, seen = rng.geometric(rate, size), rng.integers(12, 20, size)
    group = rng.permutation(size) % groups
    block = rng.integers(0, BLOCKS, size)[person]
    heads = np.zeros((groups, BLOCKS), dtype=np.int64)
    for g in range(groups):
        first = np.unique(person[group == g], return_index=True)[1]
        heads[g] = np.bincount(block[group == g][first], minlength=BLOCKS)
    found = life_tables_from(
        np.minimum(stay, seen), stay <= seen, group, groups, block=block, persons=heads
    )
    return [replace(t, repeats=True) for t in found] if repeats else found


def gone(exits: list[int], left: list[int]) -> LifeTable:
    return life_table_from(np.array(exits), np.array(left))


def limits(estimate: Estimate) -> list[float]:
    """Return value and limits, which are all there."""
    found = [estimate.value, estimate.low, estimate.high]
    assert all(x is not None and np.isfinite(x) for x in found)
    return [x for x in found if x is not None]
