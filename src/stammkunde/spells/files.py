"""Files as delivered, copied into the engine as text, each row with its record number."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis.backends.duckdb import Backend

from stammkunde.errors import DataError, nearest

RECORD = "record"
# Delivered columns keep this mark, so that no column of ours ever hides one of theirs.
DELIVERED = "="
_names = count()


def connect() -> Backend:
    """Return a fresh engine in memory, its clock in UTC."""
    engine = ibis.duckdb.connect()
    engine.raw_sql("SET TimeZone = 'UTC'")
    return engine


def keep(engine: Backend, relation: ir.Table | pd.DataFrame) -> ir.Table:
    """Return `relation` computed once and kept in the engine."""
    return engine.create_table(f"t{next(_names)}", relation, temp=True)


def read_text(engine: Backend, path: Path, separator: str) -> ir.Table:
    """Return the file as a relation: `record` (1 for the first row) and every column as text.

    Empty cells are null. DataError where the file is missing, empty or not a table.
    """
    if not path.is_file():
        raise DataError(
            "the file is missing",
            where=path.name,
            remedy="Put it there, or run `stammkunde data` if its SOURCE.toml names a wheel.",
        )
    try:
        rows = (
            _whitespace(engine, path)
            if separator == "whitespace"
            else _separated(engine, path, separator)
        )
        rows = keep(engine, rows.mutate(record=ibis.row_number() + 1))
    except duckdb.Error as error:
        first = str(error).strip().splitlines()[0]
        raise DataError(
            f"the file cannot be read as a table: {first}",
            where=path.name,
            remedy="Check the separator, the quotes and that it is UTF-8 text.",
        ) from None
    if rows.count().execute() == 0:
        raise DataError("the table is empty", where=path.name, rows=0, remedy="Ask for it again.")
    return rows


def _separated(engine: Backend, path: Path, separator: str) -> ir.Table:
    return engine.read_csv(
        path,
        delim=separator,
        header=True,
        all_varchar=True,
        quote='"',
        nullstr="",
        escape='"',
        comment="",
    )


def _whitespace(engine: Backend, path: Path) -> ir.Table:
    """Read a table whose cells hold no blanks and are parted by any number of them."""
    lines = engine.read_csv(
        path,
        delim="\x1f",
        header=False,
        all_varchar=True,
        quote="",
        escape="",
        columns={"line": "VARCHAR"},
        auto_detect=False,
        comment="",
    )
    lines = keep(engine, lines.mutate(record=ibis.row_number()))
    head = lines.filter(lines.record == 0).execute()
    names = head.line[0].split() if len(head) else []
    cells = lines.line.strip().re_split(r"\s+")
    body = lines.mutate(cells=cells).filter((lines.record > 0) & (lines.line.strip() != ""))
    return body.select(**{n: body.cells[i].nullif("") for i, n in enumerate(names)})


def shelved(rows: ir.Table) -> ir.Table:
    """Return `rows` with every delivered column marked, so that ours can stand beside them."""
    return rows.rename({DELIVERED + c: c for c in rows.columns if c != RECORD})


def delivered(rows: ir.Table) -> list[str]:
    """Return the names of the delivered columns, without their mark, in order."""
    return [c.removeprefix(DELIVERED) for c in rows.columns if c.startswith(DELIVERED)]


def column(rows: ir.Table, name: str, where: str) -> ir.Value:
    """Return a delivered column of `rows`; DataError with the nearest spelling if there is none."""
    known = delivered(rows)
    if name not in known:
        raise DataError(f"column `{name}` not found", where=where, remedy=nearest(name, known))
    return rows[DELIVERED + name]
