"""Parts of counted customers: some of their columns, or a stretch of their tenure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.survival.drivers.cells import Cells


def among(cells: Cells, columns: Sequence[str]) -> Cells:
    """Return the same customers by some of their columns only.

    Rows that no column tells apart any longer are put together. ParameterError for a column that is
    not there.
    """
    places = [cells.place(c) for c in dict.fromkeys(columns)]
    levels, into = np.unique(cells.levels[:, places], axis=0, return_inverse=True)
    factors = tuple(cells.factors[i] for i in places)
    cell = np.asarray(into).reshape(-1)[cells.cell]
    return _together(replace(cells, factors=factors, levels=levels, cell=cell))


def within(cells: Cells, first: int, last: int) -> Cells:
    """Return who was at risk in the units `first` + 1 .. `last`, tenure counted from `first` on.

    Who left later is censored. `spells` are those that are left; so are `persons` where each has
    one spell, else they stay those of all. ParameterError where `last` is not above `first`,
    NotObservedError where nobody was at risk.
    """
    if not 0 <= first < last:
        raise ParameterError(
            f"the {cells.unit}s {first + 1} to {last} are no stretch of tenure",
            remedy="Let it begin at 0 or later, and end after it begins.",
        )
    rows = (cells.begin < last) & (cells.finish > first)
    if not rows.any():
        raise NotObservedError(
            f"nobody was at risk in the {cells.unit}s {first + 1} to {last}",
            remedy="Ask for an earlier stretch of tenure.",
        )
    used, cell = np.unique(cells.cell[rows], return_inverse=True)
    spells = int(cells.n[rows].sum())
    part = replace(
        cells,
        levels=cells.levels[used],
        cell=np.asarray(cell).reshape(-1),
        block=cells.block[rows],
        begin=np.maximum(cells.begin[rows] - first, 0),
        finish=np.minimum(cells.finish[rows], last) - first,
        left=cells.left[rows] & (cells.finish[rows] <= last),
        n=cells.n[rows],
        persons=cells.persons if cells.repeats else spells,
        spells=spells,
    )
    return _together(part)


def _together(cells: Cells) -> Cells:
    """Return the cells with equal rows put together."""
    columns = (cells.cell, cells.block, cells.begin, cells.finish, cells.left.astype(np.int64))
    sizes = tuple(int(c.max()) + 1 for c in columns)
    place = np.ravel_multi_index(columns, sizes)
    found, into = np.unique(place, return_inverse=True)
    n = np.bincount(np.asarray(into).reshape(-1), weights=cells.n).astype(np.int64)
    cell, block, begin, finish, left = np.unravel_index(found, sizes)
    return replace(
        cells, cell=cell, block=block, begin=begin, finish=finish, left=left.astype(bool), n=n
    )
