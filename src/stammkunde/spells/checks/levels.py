"""Groups and covariates level by level: constant, never seen, or telling who has left.

A column tells who has left where, giving every level its commoner outcome, at most 5 in 100 of the
rarer outcome's rows are wrong. It takes 20 rows of either outcome and 20 rows per level on average.
"""

from __future__ import annotations

from collections.abc import Iterator

import ibis.expr.types as ir
import pandas as pd

from stammkunde.spells.checks.found import Found
from stammkunde.spells.schema.data import DataToml, bands
from stammkunde.spells.spells import CENSORED, column_of, covariate_of

WRONG, FEWEST, CONSTANT = 0.05, 20, 0.995
MOST_LEVELS = 1000


def levels(spells: ir.Table, section: str, data: DataToml) -> tuple[Found, ...]:
    """Return what the levels of groups and of covariates that are levels show."""
    declared = {
        column_of(n): (g.column, (*bands(g.cuts), *g.levels)) for n, g in data.groups.items()
    }
    declared |= {
        covariate_of(n): (c.column, ()) for n, c in data.covariates.items() if c.kind == "level"
    }
    found: list[Found] = []
    for name, (column, known) in declared.items():
        counts = by_level(spells, name)
        if counts is None:
            continue
        found += _constant(counts, section, column)
        found += _unseen(counts, section, column, known)
        found += told_by(counts, section, column)
    return tuple(found)


def by_level(spells: ir.Table, name: str) -> pd.DataFrame | None:
    """Return rows and leavers by level of a column (`level`, `n`, `left`); None for too many."""
    cells = spells.select(level=spells[name], left=spells.end != CENSORED)
    counts = cells.group_by("level").aggregate(n=cells.count(), left=cells["left"].sum())
    frame = counts.order_by("level").limit(MOST_LEVELS + 1).execute()
    return None if len(frame) > MOST_LEVELS else frame


def told_by(counts: pd.DataFrame, section: str, column: str) -> Iterator[Found]:
    """Yield that a column tells who has left, by the rule of this module."""
    rows, left = int(counts.n.sum()), int(counts["left"].sum())
    rarer = min(left, rows - left)
    wrong = int(counts["left"].combine(counts.n - counts["left"], min).sum())
    if rarer < FEWEST or rows < FEWEST * len(counts) or wrong > WRONG * rarer:
        return
    values = {"levels": len(counts), "left": left, "wrong": wrong}
    yield Found(
        table=section,
        check="leakage",
        severity="warning",
        rows=rows,
        column=column,
        values=values,
    )


def _constant(counts: pd.DataFrame, section: str, column: str) -> Iterator[Found]:
    rows, most = int(counts.n.sum()), int(counts.n.max())
    if most >= CONSTANT * rows:
        yield Found(
            table=section,
            check="near_constant",
            severity="note",
            rows=most,
            column=column,
            values={"share": most / rows},
        )


def _unseen(
    counts: pd.DataFrame, section: str, column: str, known: tuple[str, ...]
) -> Iterator[Found]:
    seen = set(counts.level.dropna())
    missing = [level for level in dict.fromkeys(known) if level not in seen]
    if missing:
        yield Found(
            table=section,
            check="undeclared_level",
            severity="note",
            rows=0,
            column=column,
            values={"levels": tuple(missing)},
        )
