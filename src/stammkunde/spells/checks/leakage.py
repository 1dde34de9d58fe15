"""Delivered columns that nobody named, but that tell who has left.

They are looked at in at most the first 200,000 rows. A column of at most 50 levels is judged by the
rule of `checks.levels`; every column also by whether its cells are filled, by the same rule, and by
whether filled cells are leavers': at least 20 of them, at least 99 in 100 left, and below 90 in 100
among all. So a date that is written only when somebody goes is found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import ibis.expr.types as ir
import pandas as pd

from stammkunde.spells.checks.found import Found
from stammkunde.spells.checks.levels import FEWEST, by_level, told_by
from stammkunde.spells.delivery.cells import blank, text_of
from stammkunde.spells.delivery.columns import DELIVERED, RECORD, delivered
from stammkunde.spells.delivery.engine import keep
from stammkunde.spells.delivery.take import Taken
from stammkunde.spells.schema.data import DataToml
from stammkunde.spells.schema.tables import ContractsToml, SnapshotToml, TransactionsToml
from stammkunde.spells.spells import CENSORED, Spells

LOOKED_AT, MOST_LEVELS = 200_000, 50
PURE, MOST_LEFT = 0.99, 0.9


def other_columns(taken: Taken, spells: Spells, data: DataToml) -> tuple[Found, ...]:
    """Return which delivered columns without a declared meaning nearly determine who has left."""
    table = data.table
    names = [n for n in delivered(taken.rows) if n not in _meant(data)]
    if isinstance(table, TransactionsToml) or not names:
        return ()
    section = "snapshot" if isinstance(table, SnapshotToml) else "contracts"
    rows = _sample(taken, spells, names)
    heads = _heads(rows, names)
    found: list[Found] = []
    for i, name in enumerate(names):
        if heads[f"levels {i}"] <= MOST_LEVELS:
            counts = by_level(rows.mutate(level=text_of(rows[DELIVERED + name])), "level")
            assert counts is not None
            found += [_by(f, "levels") for f in told_by(counts, section, name)]
        if not any(f.column == name for f in found):
            found += _filled(heads, i, section, name)
    return tuple(found)


def _meant(data: DataToml) -> set[str]:
    """Return the delivered columns that may well tell who has left, or are judged elsewhere."""
    table = data.table
    names = {g.column for g in data.groups.values() if not g.cuts}
    names |= {c.column for c in data.covariates.values() if c.kind == "level"}
    if isinstance(table, ContractsToml):
        own = (table.start, table.end, table.notice, table.reason, table.contract, table.person)
        return names | set(own)
    if isinstance(table, SnapshotToml):
        return names | {table.tenure, table.left, table.person}
    return names


def _sample(taken: Taken, spells: Spells, names: list[str]) -> ir.Table:
    first = taken.rows.select(RECORD, *(DELIVERED + n for n in names)).limit(LOOKED_AT)
    ends = spells.relation.select(number=spells.relation[RECORD], end=spells.relation.end)
    joined = first.inner_join(ends, first[RECORD] == ends.number)
    return keep(taken.engine, joined.select("end", *(DELIVERED + n for n in names)))


def _heads(rows: ir.Table, names: list[str]) -> Mapping[str, int]:
    left = rows.end != CENSORED
    sums: dict[str, ir.Value] = {"rows": rows.count(), "left": left.sum()}
    for i, name in enumerate(names):
        cell = rows[DELIVERED + name]
        sums[f"filled {i}"] = (~blank(cell)).sum()
        sums[f"gone {i}"] = (~blank(cell) & left).sum()
        sums[f"levels {i}"] = cell.nunique()
    frame = rows.aggregate(**{n: e.fill_null(0) for n, e in sums.items()}).execute()
    return {n: int(frame[n].iloc[0]) for n in sums}


def _filled(heads: Mapping[str, int], i: int, section: str, name: str) -> list[Found]:
    """Return whether filled cells tell who has left, for a column of the sample."""
    rows, left = heads["rows"], heads["left"]
    filled, gone = heads[f"filled {i}"], heads[f"gone {i}"]
    halves = [(filled, gone), (rows - filled, left - gone)]
    counts = pd.DataFrame(halves, columns=["n", "left"])
    found = [_by(f, "filled") for f in told_by(counts[counts.n > 0], section, name)]
    if found or filled < FEWEST or filled == rows:
        return found
    if gone < PURE * filled or left >= MOST_LEFT * rows:
        return []
    values = {"left": gone, "wrong": filled - gone, "by": "filled"}
    return [
        Found(
            table=section,
            check="leakage",
            severity="warning",
            rows=filled,
            column=name,
            values=values,
        )
    ]


def _by(found: Found, what: str) -> Found:
    return replace(found, values={**found.values, "by": what})
