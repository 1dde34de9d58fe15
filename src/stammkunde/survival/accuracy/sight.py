"""Who can be scored after t units, and the weights of those who stand for others lost from sight.

Observation ends with its window, for each customer at a tenure that follows from the day of the
start. Whoever began t units or more before the end was seen that long or seen to leave: there a
score after t units needs neither weight nor assumption, whatever start and end go with. Where no
such day is known (a snapshot), or where somebody was lost before, those seen on stand for those
lost from sight in the same group: weighted by 1 / G, the group's Kaplan-Meier curve of being lost,
with leaving before being lost in the same unit (Graf, Schmoor, Sauerbrei and Schumacher 1999).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stammkunde.draws import BLOCKS
from stammkunde.errors import NotObservedError
from stammkunde.survival.drivers.cells import Cells
from stammkunde.survival.drivers.solve import inverse

# a group has this many spells seen up to the last unit scored; every group costs memory
FEWEST_SEEN, MOST_GROUPS = 30, 12


@dataclass(frozen=True)
class Sight:
    """Spells seen from their start (`rows` of cells [R]), and how those lost are stood for.

    `group` [R] is the group of each; `units` [M] are those in which somebody was lost from sight,
    `counts` the numbers at risk, ended otherwise and lost in them [3, L, 256, M]. `until` [L] is
    the last unit up to which a group can be scored.
    """

    cells: Cells
    rows: np.ndarray
    group: np.ndarray
    units: np.ndarray
    counts: np.ndarray
    until: np.ndarray

    def scorable(self, tenure: int) -> np.ndarray:
        """Return which of the rows began early enough to be scored after `tenure` [R]."""
        return early_enough(self.cells, tenure)[self.rows]

    def is_known(self, there: np.ndarray, tenure: int) -> bool:
        """Return whether all groups of some rows can be scored after `tenure`."""
        groups = np.unique(self.group[there])
        return bool(groups.size and (self.until[groups] >= tenure).all())

    def step(self, unit: np.ndarray | int) -> np.ndarray:
        """Return which weight holds for what was seen up to a unit: losses before it count."""
        return np.asarray(np.searchsorted(self.units, unit, side="left"))


def sight(cells: Cells, lost_by: Sequence[str], last: int) -> Sight:
    """Return who was seen from the start, in groups by the factors `lost_by` as far as they go.

    Groups are split factor by factor; levels of which fewer than 30 spells were seen up to the unit
    `last` (or the last one observed at all) stay together, and there are 12 groups at most.
    NotObservedError where no spell was seen from its start.
    """
    rows = np.flatnonzero(cells.begin == 0)
    if not rows.size:
        raise NotObservedError(
            "no spell was observed from its start, so predictions from the start cannot be scored",
            remedy="Observe customers from the day they join.",
        )
    finish = cells.finish[rows]
    lost = ~cells.left[rows]
    if cells.reach is not None:
        lost &= finish < cells.reach[rows]
    units = np.unique(finish[lost])
    group = np.zeros(len(rows), dtype=np.int64)
    if units.size:
        codes = cells.levels[cells.cell[rows]][:, [cells.place(name) for name in lost_by]]
        group = _groups(codes, np.where(finish >= min(last, finish.max()), cells.n[rows], 0))
    counts = _counts(cells, rows, group, units, lost)
    # where all who were left were lost, nobody stands for them any longer
    n, d, c = counts.sum(axis=2)
    over = (c > 0) & (n - d - c == 0)
    far = np.iinfo(np.int64).max
    until = np.where(over, units, far).min(axis=1, initial=far)
    return Sight(cells, rows, group, units, counts, until)


def early_enough(cells: Cells, tenure: int) -> np.ndarray:
    """Return which rows [N] began `tenure` units or more before observation ended.

    All of them, where the cells do not know how long they could have been observed.
    """
    if cells.reach is None:
        return np.ones(len(cells.n), dtype=bool)
    return np.asarray(cells.reach >= tenure)


def weights(n: np.ndarray, d: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Return 1 / G for each step [..., L, M + 1], from counts [..., L, M]; 0 where G is."""
    kept = np.where(c > 0, np.maximum(n - d - c, 0.0) * inverse(n - d), 1.0)
    seen = np.cumprod(kept, axis=-1)
    first = np.ones((*seen.shape[:-1], 1))
    return np.asarray(inverse(np.concatenate([first, seen], axis=-1)))


def _counts(
    cells: Cells, rows: np.ndarray, group: np.ndarray, units: np.ndarray, lost: np.ndarray
) -> np.ndarray:
    """Return how many were at risk, ended otherwise and were lost in some units [3, L, 256, M]."""
    shape = (int(group.max()) + 1, BLOCKS, cells.length + 1)

    def counted(there: np.ndarray) -> np.ndarray:
        own = rows[there]
        where = (group[there], cells.block[own], cells.finish[own])
        place = np.ravel_multi_index(where, shape)
        return np.bincount(place, weights=cells.n[own], minlength=int(np.prod(shape)))

    # whoever left, or whose observation had to end, could not be lost any longer
    over, out = (counted(x).reshape(shape) for x in (~lost, lost))
    at_risk = np.flip(np.cumsum(np.flip(over + out, axis=-1), axis=-1), axis=-1)
    return np.stack([at_risk, over, out])[..., units]


def _groups(codes: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Return the group of each row from its levels [R, F], and how many of it were seen on [R]."""
    group = np.zeros(len(codes), dtype=np.int64)
    for code in codes.T:
        parts = [_parted(code, group == g, seen) for g in range(int(group.max()) + 1)]
        pair = np.column_stack([group, np.sum(parts, axis=0)])
        finer = np.unique(pair, axis=0, return_inverse=True)[1].reshape(-1)
        if finer.max() < MOST_GROUPS:
            group = finer
    return group


def _parted(code: np.ndarray, there: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Return the part of each row of one group by level [R], 0 for all others."""
    count = np.bincount(code[there], weights=seen[there], minlength=int(code.max()) + 1)
    part = np.arange(len(count))
    few = count < FEWEST_SEEN
    part[few] = len(count)
    if few.any() and not few.all() and count[few].sum() < FEWEST_SEEN:
        part[few] = np.argmin(np.where(few, np.inf, count))
    return np.where(there, part[code], 0)
