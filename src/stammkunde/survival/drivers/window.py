"""Parts of counted customers: some of their columns, or a stretch of their tenure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

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
        reach=None if cells.reach is None else np.minimum(cells.reach[rows], last) - first,
        persons=cells.persons if cells.repeats else spells,
        spells=spells,
    )
    return _together(part)


def merged(cells: Cells, column: str, levels: Sequence[str], into: str) -> Cells:
    """Return the same customers, some levels of a column counted as another one.

    That one becomes the reference where the reference is among them. ParameterError for a column or
    level that is not there, or a level that should count as itself.
    """
    place = cells.place(column)
    factor = cells.factors[place]
    if not {*levels, into} <= set(factor.levels) or into in levels:
        raise ParameterError(
            f"`{column}` has no levels {', '.join(levels)} to count as `{into}`",
            remedy=f"Name some of its levels: {', '.join(factor.levels)}.",
        )
    kept = [x for x in factor.levels if x not in levels]
    if factor.levels[0] in levels:
        kept = [into, *(x for x in kept if x != into)]
    codes = cells.levels.copy()
    new = np.array([kept.index(x if x in kept else into) for x in factor.levels])
    codes[:, place] = new[codes[:, place]]
    own = replace(factor, levels=tuple(kept))
    factors = tuple(own if i == place else f for i, f in enumerate(cells.factors))
    return among(replace(cells, factors=factors, levels=codes), cells.names)


def _together(cells: Cells) -> Cells:
    """Return the cells with equal rows put together."""
    names = ["cell", "block", "begin", "finish", "left"]
    names += [] if cells.reach is None else ["reach"]
    columns = [getattr(cells, name).astype(np.int64) for name in names]
    sizes = tuple(int(c.max()) + 1 for c in columns)
    place = np.ravel_multi_index(columns, sizes)
    found, into = np.unique(place, return_inverse=True)
    n = np.bincount(np.asarray(into).reshape(-1), weights=cells.n).astype(np.int64)
    rows: dict[str, Any] = dict(zip(names, np.unravel_index(found, sizes), strict=True))
    rows["left"] = rows["left"].astype(bool)
    return replace(cells, n=n, **rows)
