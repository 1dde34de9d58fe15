"""DataFrames, copied into the engine as they stand: nothing is guessed from a column's type."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis.backends.duckdb import Backend

from stammkunde.errors import DataError, nearest
from stammkunde.spells.blocks import key_text
from stammkunde.spells.delivery.columns import DELIVERED, RECORD
from stammkunde.spells.delivery.engine import keep

DATES = ("date", "datetime", "datetime64")


def take_frame(engine: Backend, frame: pd.DataFrame, names: Sequence[str]) -> ir.Table:
    """Return a DataFrame as a relation with `record`; DataError without rows or `names`."""
    for name in names:
        if name not in frame.columns:
            raise DataError(
                f"column `{name}` not found",
                where="DataFrame",
                remedy=nearest(name, map(str, frame.columns)),
            )
    if frame.empty:
        raise DataError(
            "the table is empty", where="DataFrame", rows=0, remedy="Pass one with rows."
        )
    lower = [str(c).lower() for c in frame.columns]
    twice = sorted({str(c) for c in frame.columns if lower.count(str(c).lower()) > 1})
    if twice:
        shown = ", ".join(f"`{n}`" for n in twice)
        raise DataError(f"columns of one name: {shown}", where="DataFrame", remedy="Rename one.")
    # By position: a column of the frame may be called like one of ours.
    plain = pd.DataFrame({f"{i}": _plain(frame[c]) for i, c in enumerate(frame.columns)})
    plain = plain.reset_index(drop=True).assign(record=range(1, len(frame) + 1))
    rows = keep(engine, plain)
    marked = {DELIVERED + str(c): rows[f"{i}"] for i, c in enumerate(frame.columns)}
    return rows.select(RECORD, **marked, malformed=ibis.literal(False))


def _plain(column: pd.Series) -> pd.Series:
    """Return a column of one type that the engine knows; mixed values become text."""
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        # The day is the one that the column shows, not the one it was in Greenwich.
        return column.dt.tz_localize(None)
    if column.dtype != object:
        return column
    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind in DATES or kind == "boolean":
        return pd.to_datetime(column) if kind in DATES else column.astype("boolean")
    return column.map(key_text, na_action="ignore").astype("string")
