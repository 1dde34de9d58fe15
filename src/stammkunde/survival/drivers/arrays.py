"""Cells straight from arrays of whole units, without an engine."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stammkunde.draws import BLOCKS
from stammkunde.errors import DataError, NotObservedError
from stammkunde.survival.drivers.cells import Cells, Factor


def cells_from(
    exit_: np.ndarray,
    left: np.ndarray,
    codes: np.ndarray,
    factors: Sequence[Factor],
    *,
    entry: np.ndarray | None = None,
    block: np.ndarray | None = None,
    persons: int | None = None,
    reach: np.ndarray | None = None,
    unit: str = "month",
) -> Cells:
    """Return the cells of spells given as arrays [N]; `codes` [N, F] are positions of levels.

    `exit_` is the last unit observed, `left` a flag, `entry` the unit after which observation
    begins (0 by default), `block` 0 .. 255 (0 by default), `persons` how many they are where some
    have several spells, `reach` the last unit in which each could have been observed, where that is
    known beforehand. Spells with entry >= exit were never at risk and are left out. DataError
    for numbers out of range, NotObservedError where nobody was at risk.
    """
    begin = np.zeros_like(exit_) if entry is None else entry
    where = np.zeros_like(exit_) if block is None else block
    known = exit_ if reach is None else reach
    rows = np.column_stack([codes, where, begin, exit_, left, known]).astype(np.int64)
    rows = rows[begin < exit_]
    _check(rows, [*(len(f.levels) for f in factors), BLOCKS])
    keys, n = _distinct(rows)
    levels, cell = np.unique(keys[:, : len(factors)], axis=0, return_inverse=True)
    return Cells(
        factors=tuple(factors),
        levels=levels,
        cell=np.asarray(cell, dtype=np.int64).reshape(-1),
        block=keys[:, -5],
        begin=keys[:, -4],
        finish=keys[:, -3],
        left=keys[:, -2].astype(bool),
        n=n,
        reach=None if reach is None else keys[:, -1],
        unit=unit,
        repeats=persons is not None and persons < len(rows),
        persons=len(rows) if persons is None else persons,
        spells=len(rows),
    )


def _check(rows: np.ndarray, sizes: list[int]) -> None:
    """Raise an error where nobody was at risk, or a number is out of range."""
    if not len(rows):
        raise NotObservedError(
            "nobody was at risk, so there is nothing to count",
            remedy="Check when observation begins and ends.",
        )
    numbers = rows[:, : len(sizes)]
    begin, finish, reach = rows[:, [-4, -3, -1]].T
    wrong = ((numbers < 0) | (numbers >= sizes)).any(axis=1) | (begin < 0) | (reach < finish)
    if wrong.any():
        raise DataError(
            "a level, block, entry or reach is out of range",
            rows=int(wrong.sum()),
            remedy="Number levels as their factor has them, blocks to 255, tenure from 0; who was "
            "observed up to a unit could be observed that far.",
        )


def _distinct(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct rows in order and how often each is there."""
    sizes = rows.max(axis=0) + 1
    place = np.ravel_multi_index(tuple(rows.T), tuple(sizes))
    found, n = np.unique(place, return_counts=True)
    keys = np.column_stack(np.unravel_index(found, tuple(sizes)))
    return keys.astype(np.int64), n.astype(np.int64)
