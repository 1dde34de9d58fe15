"""Cells of a program with types of its own: a column of one type keeps it, a mixed one is text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import pyarrow as pa

from stammkunde.spells.delivery.cells import EXCEL, Form

EXACT = 2**53
MIDNIGHT = time()
EXCEL_EPOCH = datetime(1899, 12, 30)


def typed(cells: Sequence[object], form: Form) -> tuple[pa.Array, str]:
    """Return a column as an array and its type in DuckDB.

    Days, numbers and truth values stay what they are if all cells that are not empty are of that
    kind. Else every cell becomes a text, written as `form` says cells of this table are written, so
    that it is read again as what it was.
    """
    kinds = {type(c) for c in cells if c is not None and c != ""}
    plain = [None if c == "" else c for c in cells]
    if kinds and kinds <= {date, datetime}:
        if all(not isinstance(c, datetime) or c.time() == MIDNIGHT for c in plain if c):
            days = [c.date() if isinstance(c, datetime) else c for c in plain]
            return pa.array(days, pa.date32()), "DATE"
        times = [
            datetime.combine(c, MIDNIGHT) if isinstance(c, date) and type(c) is date else c
            for c in plain
        ]
        return pa.array(times, pa.timestamp("us")), "TIMESTAMP"
    if kinds == {bool}:
        return pa.array(plain, pa.bool_()), "BOOLEAN"
    if kinds and kinds <= {int, float}:
        if all(isinstance(c, int | float) and _is_whole(c) for c in plain if c is not None):
            whole = [int(c) if isinstance(c, int | float) else None for c in plain]
            return pa.array(whole, pa.int64()), "BIGINT"
        return pa.array([_float(c) for c in plain], pa.float64()), "DOUBLE"
    return pa.array([written(c, form) for c in plain], pa.string()), "VARCHAR"


def written(cell: object, form: Form) -> str | None:
    """Return a cell as a text that `form` describes; None where it is empty."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, float):
        return str(int(cell)) if _is_whole(cell) else repr(cell).replace(".", form.decimal)
    if isinstance(cell, date):
        return _day(cell, form)
    if isinstance(cell, timedelta):
        return f"{cell.total_seconds() / 3600:g} h"
    return cell.hex() if isinstance(cell, bytes) else str(cell)


def _day(cell: date, form: Form) -> str:
    if form.date_format == EXCEL:
        return str((datetime.combine(cell, MIDNIGHT) - EXCEL_EPOCH).days)
    # no year before 1000 is a date of a customer; strftime would leave out its leading noughts
    day = cell.strftime(form.date_format) if cell.year >= 1000 else cell.isoformat()
    if isinstance(cell, datetime) and cell.time() != MIDNIGHT and "%H" not in form.date_format:
        return f"{day} {cell.time().isoformat()}"
    return day


def _is_whole(number: float) -> bool:
    return isinstance(number, int) or (number.is_integer() and abs(number) < EXACT)


def _float(cell: object) -> float | None:
    return float(cell) if isinstance(cell, int | float) else None
