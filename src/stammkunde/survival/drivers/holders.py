"""Who has the levels of a factor: how many spells and blocks, and how many left by each unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stammkunde.draws import BLOCKS
from stammkunde.survival.drivers.cells import Cells


@dataclass(frozen=True)
class Holders:
    """By level of a factor: `spells` [L], `blocks` [L] that hold one, `left` [L, K + 1] so far."""

    spells: np.ndarray
    blocks: np.ndarray
    left: np.ndarray


def holders(cells: Cells, factor: int) -> Holders:
    """Return who has the levels of a factor, given by its place."""
    size, units = len(cells.factors[factor].levels), cells.length + 1
    own = cells.levels[cells.cell, factor]

    def counted(there: np.ndarray, beside: np.ndarray, width: int) -> np.ndarray:
        where = own[there] * width + beside[there]
        counts = np.bincount(where, weights=cells.n[there], minlength=size * width)
        return np.asarray(counts.reshape(size, width).astype(np.int64))

    by_block = counted(np.ones(len(own), dtype=bool), cells.block, BLOCKS)
    left = np.cumsum(counted(cells.left, cells.finish, units), axis=1)
    return Holders(by_block.sum(axis=1), (by_block > 0).sum(axis=1), left)
