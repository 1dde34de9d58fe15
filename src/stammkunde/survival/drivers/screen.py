"""Columns that must not be drivers: what tells who has left, says the same twice, or never varies.

A column tells who has left by the same rule as in the checks of delivered data (`checks.levels`),
or where it is filled for leavers only (`checks.leakage`). One column follows from another where the
commonest level beside each level of the other is right for at least 99 in 100 spells, and wrong for
at most 5 in 100 of those outside its own commonest level, so that a rare level is no duplicate of
everything.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from stammkunde.spells.checks.leakage import MOST_LEFT, PURE
from stammkunde.spells.checks.levels import FEWEST, WRONG, told_by
from stammkunde.spells.spells import MISSING, Spells
from stammkunde.survival.drivers.cells import Cells

LEAKING = "leaking"
DUPLICATE = "duplicate"
NEAR_CONSTANT = "near_constant"
SAME = 0.99


@dataclass(frozen=True)
class LeftOut:
    """A column that is no driver: `why`, the `other` column it follows from, and for what share.

    `share` of the spells: that the column tells right ("leaking"), that follow from `other`
    ("duplicate"), that have its commonest level ("near_constant"). It is None where a check of the
    delivered data has said so.
    """

    column: str
    why: str
    other: str
    share: float | None


def screened(spells: Spells, cells: Cells) -> tuple[tuple[str, ...], tuple[LeftOut, ...]]:
    """Return the columns of `cells` that may be drivers, and those left out with the reason.

    Of two columns that follow from each other the first is kept, else the one with more to say.
    `spells` are those that `cells` were counted from: what their checks found counts too.
    """
    told = {(f.column, f.check) for f in spells.found}
    left_out: list[LeftOut] = []
    kept: list[str] = []
    for name in cells.names:
        counts = _by_level(cells, name)
        tells, most = _tells(counts), float(counts.n.max() / counts.n.sum())
        if tells is not None or (name, "leakage") in told:
            left_out.append(LeftOut(name, LEAKING, "", tells))
        elif most > SAME or (name, "near_constant") in told:
            left_out.append(LeftOut(name, NEAR_CONSTANT, "", most))
        else:
            left_out += _against(cells, name, kept)
    return tuple(kept), tuple(left_out)


def _against(cells: Cells, name: str, kept: list[str]) -> list[LeftOut]:
    """Put a column among those kept unless it follows from one; return who goes for it."""
    tables = {k: _crossed(cells, k, name) for k in kept}
    for k, table in tables.items():
        if _follows(table):
            return [LeftOut(name, DUPLICATE, k, _right(table))]
    gone = [k for k, table in tables.items() if _follows(table.T)]
    kept[:] = [*(k for k in kept if k not in gone), name]
    return [LeftOut(k, DUPLICATE, name, _right(tables[k].T)) for k in gone]


def _by_level(cells: Cells, name: str) -> pd.DataFrame:
    """Return spells `n` and leavers `left` by level."""
    i = cells.place(name)
    code = cells.levels[cells.cell, i]
    levels = cells.factors[i].levels
    n = np.bincount(code, weights=cells.n, minlength=len(levels))
    left = np.bincount(code, weights=cells.n * cells.left, minlength=len(levels))
    return pd.DataFrame({"n": n.astype(np.int64), "left": left.astype(np.int64)}, index=levels)


def _tells(counts: pd.DataFrame) -> float | None:
    """Return the share of spells of which a column tells right who left; None where it does not."""
    found = _told(counts)
    missing = counts.index == MISSING
    if found is not None or not missing.any() or missing.all():
        return found
    filled = counts[~missing].sum()
    found = _told(pd.DataFrame([filled, counts[missing].sum()]))
    few = filled.n < FEWEST or counts["left"].sum() >= MOST_LEFT * counts.n.sum()
    if found is not None or few or filled["left"] < PURE * filled.n:
        return found
    return float(filled["left"] / filled.n)


def _told(counts: pd.DataFrame) -> float | None:
    for found in told_by(counts, "", ""):
        return 1 - float(found.values["wrong"]) / found.rows
    return None


def _crossed(cells: Cells, a: str, b: str) -> np.ndarray:
    """Return spells by the level of `a` and that of `b`."""
    i, j = cells.place(a), cells.place(b)
    table = np.zeros((len(cells.factors[i].levels), len(cells.factors[j].levels)), dtype=np.int64)
    np.add.at(table, (cells.levels[cells.cell, i], cells.levels[cells.cell, j]), cells.n)
    return table


def _right(table: np.ndarray) -> float:
    """Return the share of spells whose column follows from their row's commonest."""
    return float(table.max(axis=1).sum() / table.sum())


def _follows(table: np.ndarray) -> bool:
    """Return whether the column of a table follows from its row, by the rule of this module."""
    wrong = int(table.sum() - table.max(axis=1).sum())
    apart = int(table.sum() - table.sum(axis=0).max())
    return bool(_right(table) >= SAME and wrong <= WRONG * apart)
