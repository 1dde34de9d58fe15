"""Rows set aside, with everything that was delivered of them, and why."""

from __future__ import annotations

from collections.abc import Sequence

import ibis.expr.types as ir
import pandas as pd

from stammkunde.spells.checks.rows import CHECK, REMEDIES, Check
from stammkunde.spells.delivery.columns import DELIVERED, RECORD, delivered
from stammkunde.spells.delivery.take import Taken

WHY = ("table", "record", "line", "check", "remedy")


def nothing(taken: Taken) -> pd.DataFrame:
    """Return a quarantine without rows."""
    return pd.DataFrame(columns=pd.Index([*WHY, *delivered(taken.rows)]))


def quarantine(section: str, taken: Taken, bad: ir.Table, checks: Sequence[Check]) -> pd.DataFrame:
    """Return the rows that failed a check: `WHY`, then the columns as delivered, by record.

    `bad` has their record and `check`, the position in `checks`. `line` is the physical line where
    there is one. The source is read again, and only these rows of it are kept.
    """
    names = delivered(taken.rows)
    why = bad.select(RECORD, why=bad[CHECK])
    rows = taken.rows.inner_join(why, RECORD).order_by(RECORD)
    cells = {DELIVERED + n: rows[DELIVERED + n] for n in names}
    whole = [n for n, cell in cells.items() if cell.type().is_integer()]
    # pandas makes floats of whole numbers among empty cells, and those beyond 2**53 others
    cells |= {n: cells[n].cast("string") for n in whole}
    frame = rows.select(RECORD, "why", **cells).execute()
    for name in whole:
        numbers = [None if pd.isna(text) else int(text) for text in frame[name]]
        frame[name] = pd.Series(numbers, index=frame.index, dtype=object)
    failed = [checks[i].id for i in frame.iloc[:, 1]]
    records = [int(r) for r in frame.iloc[:, 0]]
    lines = taken.lines(records)
    known = pd.array([lines.get(r, pd.NA) for r in records], dtype="Int64")
    ids = pd.array(failed, dtype=object)
    remedies = pd.array([REMEDIES[f] for f in failed], dtype=object)
    head = [pd.Series(section, index=frame.index, dtype=object), pd.Series(records, dtype="int64")]
    head += [pd.Series(known), pd.Series(ids), pd.Series(remedies)]
    joined = pd.concat([*head, frame.iloc[:, 2:]], axis="columns")
    joined.columns = pd.Index([*WHY, *names])
    return joined


def stacked(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the quarantines of several tables as one: `WHY`, then all their delivered columns.

    A delivered column that is called like one of `WHY` is marked with "=".
    """
    plain = []
    for part in parts:
        names = [DELIVERED + n if n in WHY else n for n in part.columns[len(WHY) :]]
        plain.append(part.set_axis([*WHY, *names], axis="columns"))
    filled = [p for p in plain if len(p)] or plain[:1]
    return pd.concat(filled, ignore_index=True)
