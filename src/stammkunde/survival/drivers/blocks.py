"""What each block of persons adds to a model: its own cells alone, however many there are.

The cells of all blocks together are no more than the spells, so that what a model costs without
each block does not grow with blocks times cells.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from stammkunde.draws import BLOCKS
from stammkunde.survival.drivers.cells import Cells, at_risk_of, events_of
from stammkunde.survival.drivers.solve import Shape


@dataclass(frozen=True)
class Part:
    """The cells `own` [R] that a block holds, its counts at risk and events of them [R, K]."""

    block: int
    own: np.ndarray
    at_risk: np.ndarray
    events: np.ndarray

    def within(self, used: np.ndarray) -> Part:
        """Return the counts where cells and units are `used` [C, K], zero elsewhere."""
        here = used[self.own]
        return Part(self.block, self.own, self.at_risk * here, self.events * here)

    def shape(self, whole: Shape) -> Shape:
        """Return where the block's cells stand in a model of all cells."""
        columns, stratum = whole.columns[:, self.own], whole.stratum[self.own]
        return Shape(columns, whole.band, stratum, whole.strata)


def by_block(cells: Cells) -> Iterator[Part]:
    """Yield the counts of each block that holds somebody, in the order of blocks."""
    # small numbers are sorted much faster
    order = np.argsort(cells.block.astype(np.uint8), kind="stable")
    edges = np.searchsorted(cells.block[order], np.arange(BLOCKS + 1))
    for block, (first, last) in enumerate(pairwise(edges)):
        if first < last:
            rows = order[first:last]
            own, place = np.unique(cells.cell[rows], return_inverse=True)
            n, d = (count(cells, rows, place, len(own)) for count in (at_risk_of, events_of))
            yield Part(block, own, n, d)
