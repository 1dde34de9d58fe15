"""Rows that cannot be used, found in one pass of the engine.

A check is an id, an expression that is true of a bad row, and a remedy. A row is given to the first
check that it fails; the data are never mended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import pandas as pd

from stammkunde.spells.delivery.text import DELIVERED, RECORD, delivered

CHECK = "check"


@dataclass(frozen=True)
class Check:
    """A reason for which a row cannot be used."""

    id: str
    bad: ir.BooleanValue
    remedy: str


REMEDIES = {
    "malformed": "Deliver as many cells in every row as there are column names.",
    "missing_key": "Deliver the customer number of every row.",
    "missing_start": "Deliver the day on which the contract began.",
    "unreadable_start": "Deliver this date in the declared format.",
    "unreadable_end": "Deliver this date in the declared format, or leave it empty.",
    "unreadable_date": "Deliver this date in the declared format.",
    "end_before_start": "Ask which of the two dates is wrong.",
    "start_after_window": "Ask whether this is a contract not yet begun, or a wrong date.",
    "after_window": "Check `window.close` in the client file, or the date.",
    "impossible_date": "Ask for the true date; it lies before 1850.",
    "unreadable_tenure": "Deliver completed units as a whole number.",
    "negative_tenure": "Deliver completed units as a whole number, 0 or more.",
    "impossible_tenure": "Ask for the true tenure; it is more than 100,000 units.",
    "unknown_flag": "Add the value to `left_values` or `stayed_values` in the client file.",
}


def check(name: str, bad: ir.BooleanValue) -> Check:
    """Return the check with this id; its remedy is listed in `REMEDIES`."""
    return Check(name, bad, REMEDIES[name])


def marked(rows: ir.Table, checks: Sequence[Check]) -> ir.Table:
    """Return `rows` with a column `check`: the id of the first check failed, null where none is."""
    branches = [(c.bad.fill_null(False), ibis.literal(c.id)) for c in checks]
    return rows.mutate(**{CHECK: ibis.cases(*branches, else_=ibis.null("string"))})


def quarantine(rows: ir.Table) -> pd.DataFrame:
    """Return the rows that failed a check: record, check, remedy, then the columns as delivered."""
    names = delivered(rows)
    bad = rows.filter(rows[CHECK].notnull()).order_by(RECORD)
    frame = bad.select(RECORD, CHECK, *(DELIVERED + n for n in names)).execute()
    frame.columns = pd.Index([RECORD, CHECK, *names])
    frame.insert(2, "remedy", frame.iloc[:, 1].map(REMEDIES), allow_duplicates=True)
    return frame
