"""Old customers missing: joins long before the first recorded leaving, as if nobody had left."""

from __future__ import annotations

from datetime import date
from math import exp

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from stammkunde.spells.checks.found import Found
from stammkunde.spells.months import completed_expr
from stammkunde.spells.spells import CENSORED

IMPLAUSIBLE = 1e-6
UNIT = "month"


def probable_truncation(
    spells: ir.Table, close: date, table: str, column: str
) -> tuple[Found, ...]:
    """Return whether leavers before the first recorded one are probably missing.

    Before it nobody left, so whoever had joined is exposed there, at every month of tenure until
    then. The hazards by month of tenure seen later tell how many leavers that makes; where none
    would be a matter of less than one in a million (Poisson), old leavers have probably not been
    kept. `values`: first leaving, rows that joined before it, their share, leavers expected.
    """
    heads = spells.aggregate(
        first=spells["last"].min(where=spells.end != CENSORED), rows=spells.count()
    ).execute()
    if heads.isnull()["first"].iloc[0]:
        return ()
    first = heads["first"].iloc[0]
    first = first if type(first) is date else first.date()
    counts = _counts(spells, first, close)
    before = counts[counts.before]
    joined = int(before.n.sum())
    expected = _expected(counts)
    if exp(-expected) >= IMPLAUSIBLE:
        return ()
    values = {"first": first, "joined": joined, "share": joined / int(heads["rows"].iloc[0])}
    return (
        Found(
            table=table,
            check="probable_truncation",
            severity="warning",
            rows=joined,
            column=column,
            values=values | {"expected": expected},
        ),
    )


def _counts(spells: ir.Table, first: date, close: date) -> pd.DataFrame:
    """Count spells by months under observation before `first` and when they were seen to go."""
    start = ibis.literal(first, type="date")
    end = ibis.literal(close, type="date")
    before = spells.start < start
    entry = ibis.ifelse(before, completed_expr(spells.start, start, UNIT), 0)
    seen = completed_expr(spells.start, end, UNIT)
    left = spells.end != CENSORED
    stays = ibis.ifelse(left, completed_expr(spells.start, spells["last"], UNIT) + 1, seen)
    cells = spells.select(before=before, entry=entry, stays=stays, left=left)
    grouped = cells.group_by(["before", "entry", "stays", "left"]).aggregate(n=cells.count())
    return grouped.execute()


def _expected(counts: pd.DataFrame) -> float:
    """Return how many would have left before, at the hazards by tenure seen after."""
    length = int(max(counts.stays.max(), counts.entry.max(), 0)) + 1
    exposed, at_risk, left = (np.zeros(length + 1) for _ in range(3))
    for row in counts.itertuples():
        entry, stays = int(row.entry), int(row.stays)
        exposed[:entry] += row.n
        if stays > entry:
            at_risk[entry:stays] += row.n
            left[stays - 1] += row.n * bool(row.left)
    hazard = np.divide(left, at_risk, out=np.zeros_like(left), where=at_risk > 0)
    return float((exposed * hazard).sum())
