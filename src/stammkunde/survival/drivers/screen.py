"""Columns that must not be drivers: what tells who has left, says the same twice, or never varies.

A column tells who has left where its delivered column says so itself (`spells.schema.roles`), under
whatever name it is declared; or by the same rule as in the checks of delivered data
(`checks.levels`), among all or among those of whom it was open in the last unit observed; or where
it is filled for leavers only (`checks.leakage`), or half of the leavers have levels that nobody
else has. One column follows from another where the commonest level beside each level of the other
is right for at least 99 in 100 spells, and wrong for at most 5 in 100 of those outside its own
commonest level, so that a rare level is no duplicate of everything.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
import pandas as pd

from stammkunde.errors import NotObservedError
from stammkunde.spells.checks.leakage import MOST_LEFT, PURE
from stammkunde.spells.checks.levels import FEWEST, WRONG, told_by
from stammkunde.spells.spells import CENSORED, MISSING, Spells
from stammkunde.survival.drivers.alike import crossed
from stammkunde.survival.drivers.cells import BANDS, Cells, cells_of

LEAKING = "leaking"
DUPLICATE = "duplicate"
NEAR_CONSTANT = "near_constant"
SAME, HALF = 0.99, 0.5
DAYS = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}


@dataclass(frozen=True)
class LeftOut:
    """A column that is no driver: `why`, the `other` column it follows from, and for what share.

    `share` of the spells: that the column tells right ("leaking"), that follow from `other`
    ("duplicate"), that have its commonest level ("near_constant"). It is None where its role, or a
    check of the delivered data, has said so. `level` where only one level of it is left out.
    """

    column: str
    why: str
    other: str
    share: float | None
    level: str = ""


@dataclass(frozen=True)
class Declared:
    """The delivered `columns` behind the names of factors, and those that `tell` of leaving."""

    columns: Mapping[str, str] = field(default_factory=dict)
    tell: Collection[str] = ()

    def is_told(self, name: str) -> bool:
        """Return whether a factor is a delivered column that says itself who has left."""
        return self.columns.get(name, "") in self.tell

    def found(self, spells: Spells, name: str, check: str) -> bool:
        """Return whether a check of the delivered data has named the column of a factor."""
        own = (name, self.columns.get(name, name))
        return any(f.check == check and f.column in own for f in spells.found)


def leaking(
    spells: Spells, cells: Cells, declared: Declared | None = None, *, bands: int = BANDS
) -> tuple[LeftOut, ...]:
    """Return the columns of `cells` that tell who has left, by the rules of this module.

    `cells` were counted from `spells`, numbers cut into so many `bands`.
    """
    declared = declared or Declared()
    late = _open_late(spells, cells, bands)
    found = []
    for name in cells.names:
        tells = _tells(_by_level(cells, name))
        if tells is None and late is not None:
            tells = _tells(_by_level(late, name))
        told = declared.is_told(name) or declared.found(spells, name, "leakage")
        if tells is not None or told:
            found.append(LeftOut(name, LEAKING, "", tells))
    return tuple(found)


def screened(
    spells: Spells,
    cells: Cells,
    declared: Declared | None = None,
    *,
    leaks: Sequence[LeftOut] | None = None,
) -> tuple[tuple[str, ...], tuple[LeftOut, ...]]:
    """Return the columns of `cells` that may be drivers, and those left out with the reason.

    Of two columns that follow from each other the first is kept, else the one with more to say.
    `spells` are those that `cells` were counted from: what their checks found counts too. `leaks`
    is what `leaking` returned, if it was asked before.
    """
    declared = declared or Declared()
    told = leaking(spells, cells, declared) if leaks is None else leaks
    known = {x.column: x for x in told}
    left_out: list[LeftOut] = []
    kept: list[str] = []
    for name in cells.names:
        counts = _by_level(cells, name)
        most = float(counts.n.max() / counts.n.sum())
        if name in known:
            left_out.append(known[name])
        elif most > SAME or declared.found(spells, name, "near_constant"):
            left_out.append(LeftOut(name, NEAR_CONSTANT, "", most))
        else:
            left_out += _against(cells, name, kept)
    return tuple(kept), tuple(left_out)


def _open_late(spells: Spells, cells: Cells, bands: int) -> Cells | None:
    """Return who was still there in the last unit observed; None where no day is known."""
    if spells.close is None:
        return None
    r = spells.relation
    late = r["last"].isnull() | (r["last"] >= spells.close - timedelta(days=DAYS[spells.unit]))
    try:
        return cells_of(spells.where((r.end == CENSORED) | late), cells.names, bands=bands)
    except NotObservedError:
        return None


def _against(cells: Cells, name: str, kept: list[str]) -> list[LeftOut]:
    """Put a column among those kept unless it follows from one; return who goes for it."""
    tables = {k: crossed(cells, k, name) for k in kept}
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
    few = counts["left"].sum() < MOST_LEFT * counts.n.sum()
    if found is None:
        found = _filled(counts, few=few)
    return _own(counts) if found is None and few else found


def _filled(counts: pd.DataFrame, *, few: bool) -> float | None:
    """Return the share of leavers among whom a column is filled, where it is for hardly others."""
    missing = counts.index == MISSING
    if not missing.any() or missing.all():
        return None
    filled = counts[~missing].sum()
    found = _told(pd.DataFrame([filled, counts[missing].sum()]))
    if found is not None or not few or filled.n < FEWEST or filled["left"] < PURE * filled.n:
        return found
    return float(filled["left"] / filled.n)


def _own(counts: pd.DataFrame) -> float | None:
    """Return the share of leavers in levels that only leavers have, where half of them have one."""
    own = counts[(counts.n >= FEWEST) & (counts["left"] >= PURE * counts.n)].sum()
    if own.n == 0 or own["left"] < HALF * counts["left"].sum():
        return None
    return float(own["left"] / own.n)


def _told(counts: pd.DataFrame) -> float | None:
    for found in told_by(counts, "", ""):
        return 1 - float(found.values["wrong"]) / found.rows
    return None


def _right(table: np.ndarray) -> float:
    """Return the share of spells whose column follows from their row's commonest."""
    return float(table.max(axis=1).sum() / table.sum())


def _follows(table: np.ndarray) -> bool:
    """Return whether the column of a table follows from its row, by the rule of this module."""
    wrong = int(table.sum() - table.max(axis=1).sum())
    apart = int(table.sum() - table.sum(axis=0).max())
    return bool(_right(table) >= SAME and wrong <= WRONG * apart)
