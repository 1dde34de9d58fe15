"""Columns that grow with tenure, such as the sum of all bills: they are tenure, and explain none.

They tell how long somebody has been there, leaver or not. A column that only goes with staying
tells it of leavers less well, and one that goes with the time of signing of those still there only.
"""

from __future__ import annotations

import numpy as np

from stammkunde.survival.drivers.cells import Cells

MOST_TOLD = 0.5


def told_of_tenure(cells: Cells, column: str) -> float:
    """Return which share of the variance of observed tenure the levels of a column tell.

    Of those who left and of those who are still there, whichever is less; 0 where the tenure of
    either does not vary. ParameterError for an unknown column.
    """
    code = cells.levels[cells.cell, cells.place(column)]
    return min(
        _told(code[own], cells.finish[own], cells.n[own]) for own in (cells.left, ~cells.left)
    )


def is_accumulated(cells: Cells, column: str) -> bool:
    """Return whether a column tells at least half of the variance of tenure."""
    return told_of_tenure(cells, column) >= MOST_TOLD


def _told(code: np.ndarray, tenure: np.ndarray, n: np.ndarray) -> float:
    """Return the share of variance between levels (eta squared)."""
    if not n.sum():
        return 0.0
    levels = int(code.max()) + 1
    count = np.bincount(code, weights=n, minlength=levels)
    total = np.bincount(code, weights=n * tenure, minlength=levels)
    mean = total.sum() / count.sum()
    whole = float(n @ (tenure - mean) ** 2)
    own = np.divide(total, count, out=np.full(levels, mean), where=count > 0)
    return float(count @ (own - mean) ** 2) / whole if whole > 0 else 0.0
