"""Files as delivered, copied into the engine as text, each row with its record number."""

from __future__ import annotations

import csv
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
    """Return the file as a relation: `record` (1 for the first row), delivered columns as text.

    Empty cells are null; `malformed` is true where a row has other cells than the header. DataError
    where the file is missing, empty or not a table.
    """
    if not path.is_file():
        raise DataError(
            "the file is missing",
            where=path.name,
            remedy="Put it there, or run `stammkunde data` if its SOURCE.toml names a wheel.",
        )
    names = header(path, separator)
    try:
        rows = keep(engine, _numbered(_read(engine, path, separator, names)))
    except duckdb.Error:
        rows = keep(engine, _numbered(_row_by_row(engine, path, separator, names)))
    if rows.count().execute() == 0:
        raise _empty(path)
    return rows


def _numbered(rows: ir.Table) -> ir.Table:
    return rows.mutate(record=ibis.row_number() + 1)


def _read(engine: Backend, path: Path, separator: str, names: list[str]) -> ir.Table:
    read = _whitespace if separator == "whitespace" else _separated
    return read(engine, path, separator, names)


def _row_by_row(engine: Backend, path: Path, separator: str, names: list[str]) -> ir.Table:
    """Read a file that the engine refuses as a whole, so that its good rows are not lost.

    A row with other cells than the header is malformed; what is too much stays in its last cell.
    DataError where a quote never ends or the text is not UTF-8.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file, delimiter=separator, strict=True))[1:]
    except (csv.Error, UnicodeDecodeError) as error:
        raise DataError(
            f"the file cannot be read as a table: {error}",
            where=path.name,
            remedy="Check the separator, the quotes and that it is UTF-8 text.",
        ) from None
    width = len(names)
    cells = [_fitted(row, width, separator) for row in rows if row]
    frame = pd.DataFrame(cells, columns=[DELIVERED + n for n in names], dtype="string")
    frame["malformed"] = [len(row) != width for row in rows if row]
    return keep(engine, frame.replace("", pd.NA))


def _fitted(row: list[str], width: int, separator: str) -> list[str | None]:
    whole = [*row[: width - 1], separator.join(row[width - 1 :])]
    return [*whole, *[None] * (width - len(whole))]


def header(path: Path, separator: str) -> list[str]:
    """Return the names of the columns; DataError where there are none, or two of one name."""
    with path.open("rb") as file:
        if file.read(2) == b"PK":
            raise DataError(
                "this is a workbook or an archive, not a text",
                where=path.name,
                remedy="Save the table as CSV, UTF-8.",
            )
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            plain = separator == "whitespace"
            names = (
                file.readline().split() if plain else next(csv.reader(file, delimiter=separator))
            )
    except StopIteration:
        raise _empty(path) from None
    except UnicodeDecodeError as error:
        raise DataError(
            f"the file is not UTF-8 (byte {error.start})",
            where=path.name,
            remedy="It may be Windows-1252; save it as UTF-8.",
        ) from None
    if not any(names):
        raise _empty(path)
    twice = sorted({n for n in names if [m.lower() for m in names].count(n.lower()) > 1})
    if twice:
        shown = ", ".join(f"`{n}`" for n in twice)
        raise DataError(f"columns of one name: {shown}", where=path.name, remedy="Rename one.")
    return names


def _empty(path: Path) -> DataError:
    return DataError("the table is empty", where=path.name, rows=0, remedy="Ask for it again.")


def _separated(engine: Backend, path: Path, separator: str, names: list[str]) -> ir.Table:
    rows = engine.read_csv(
        path,
        delim=separator,
        header=True,
        columns=dict.fromkeys((DELIVERED + n for n in names), "VARCHAR"),
        auto_detect=False,
        quote='"',
        escape='"',
        nullstr="",
        comment="",
    )
    return rows.mutate(malformed=ibis.literal(False))


def _whitespace(engine: Backend, path: Path, separator: str, names: list[str]) -> ir.Table:
    """Read a table whose cells hold no blanks and are parted by any number of them."""
    lines = engine.read_csv(
        path,
        delim="\x1f",
        header=True,
        columns={"line": "VARCHAR"},
        auto_detect=False,
        quote="",
        escape="",
        comment="",
    )
    lines = lines.filter(lines.line.strip() != "")
    cells = lines.mutate(cells=lines.line.strip().re_split(r"\s+"))
    columns = {DELIVERED + n: cells.cells[i].nullif("") for i, n in enumerate(names)}
    # What is too much stays in sight, in the last column.
    columns[DELIVERED + names[-1]] = cells.cells[len(names) - 1 :].join(" ").nullif("")
    return cells.select(**columns, malformed=cells.cells.length() != len(names))


def delivered(rows: ir.Table) -> list[str]:
    """Return the names of the delivered columns, without their mark, in order."""
    return [c.removeprefix(DELIVERED) for c in rows.columns if c.startswith(DELIVERED)]


def column(rows: ir.Table, name: str, where: str) -> ir.Value:
    """Return a delivered column of `rows`; DataError with the nearest spelling if there is none."""
    known = delivered(rows)
    if name not in known:
        other = next((s for s in ";,\t|" if len(known) == 1 and s in known[0]), "")
        remedy = nearest(name, known)
        if other:
            remedy = f'The cells seem to be parted by {other!r}: write `separator = "{other}"`.'
        raise DataError(f"column `{name}` not found", where=where, remedy=remedy)
    return rows[DELIVERED + name]
