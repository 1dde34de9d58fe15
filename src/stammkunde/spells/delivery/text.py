"""Texts as delivered (CSV and its kin), copied into the engine, each row with its record number."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial, reduce
from itertools import islice
from operator import or_
from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from stammkunde.errors import DataError
from stammkunde.spells.blocks import trimmed
from stammkunde.spells.delivery.columns import DELIVERED, named
from stammkunde.spells.delivery.encoding import as_utf8, survey
from stammkunde.spells.delivery.engine import computed, copied, exactly, unreadable
from stammkunde.spells.delivery.rowwise import batches, rows_of

# the physical lines on which some records begin
Lines = Callable[[Sequence[int]], Mapping[int, int]]


def read_text(engine: Backend, path: Path, separator: str, encoding: str) -> tuple[ir.Table, Lines]:
    """Return the file as a relation, and what tells the lines on which its records begin.

    The relation has `record` (1 for the first row) and the delivered columns as text; empty cells
    are null. `malformed` is true where a row has other cells than the header, or quotes that cannot
    be read. Lines without anything on them but separators are no rows. DataError where the file is
    missing, empty or not a table.
    """
    refuse_missing(path)
    found = survey(path, encoding)
    names = header(path, separator, encoding)
    with as_utf8(path, encoding, found) as text:
        rows = _by_engine(engine, text, separator, names)
        if rows is None:
            rows = _row_by_row(engine, text, separator, names)
    count = int(rows.count().execute())
    if count == 0:
        raise _empty(path)
    if found.lines == count + 1:
        # no row has more than one line, and no line is empty
        return rows, lambda records: {n: n + 1 for n in records}
    return rows, partial(lines_of, path, separator, encoding)


def refuse_missing(path: Path) -> None:
    """Raise DataError where there is no such file or folder."""
    if not path.exists():
        raise DataError(
            "the file is missing",
            where=path.name,
            remedy="Put it there, or run `stammkunde data` if its SOURCE.toml names a wheel.",
        )


def header(path: Path, separator: str, encoding: str = "utf-8") -> list[str]:
    """Return the names of the columns; DataError where there are none, or two of one name."""
    first = next(rows_of(path, separator, encoding), None)
    if first is None or not any(c.strip() for c in first.cells):
        raise _empty(path)
    return named(first.cells, path.name)


def lines_of(
    path: Path, separator: str, encoding: str, records: Sequence[int]
) -> Mapping[int, int]:
    """Return the physical line (1 is the first) on which each of `records` begins."""
    wanted = sorted(set(records))
    if not wanted:
        return {}
    rows = enumerate(rows_of(path, separator, encoding))
    sought = set(wanted)
    return {n: row.line for n, row in islice(rows, wanted[-1] + 1) if n in sought}


def _empty(path: Path) -> DataError:
    return DataError("the table is empty", where=path.name, rows=0, remedy="Ask for it again.")


def _by_engine(engine: Backend, path: Path, separator: str, names: list[str]) -> ir.Table | None:
    """Return the rows as the engine reads them, None where it refuses the file."""
    if len(names) == 1:
        return None  # it takes a line without anything on it for a row here, and not elsewhere
    read = _whitespace if separator == "whitespace" else _separated
    try:
        return computed(engine, read(engine, path, separator, names))
    except duckdb.OutOfMemoryException as error:
        raise unreadable(error) from None
    except duckdb.Error:
        return None


def _row_by_row(engine: Backend, path: Path, separator: str, names: list[str]) -> ir.Table:
    rows = rows_of(path, separator, "utf-8")
    next(rows)
    kinds = ["VARCHAR"] * len(names)
    return copied(engine, names, kinds, batches(rows, len(names), separator))


def _separated(engine: Backend, path: Path, separator: str, names: list[str]) -> ir.Table:
    rows = engine.read_csv(
        exactly(path.as_posix()),
        delim=separator,
        header=True,
        columns=dict.fromkeys((DELIVERED + n for n in names), "VARCHAR"),
        auto_detect=False,
        quote='"',
        escape='"',
        nullstr="",
        comment="",
    )
    said = [(trimmed(rows[c]) != "").fill_null(False) for c in rows.columns]
    rows = rows.filter(reduce(or_, said))
    return rows.mutate(record=ibis.row_number() + 1, malformed=ibis.literal(False))


def _whitespace(engine: Backend, path: Path, separator: str, names: list[str]) -> ir.Table:
    """Read a table whose cells hold no blanks and are parted by any number of them."""
    lines = engine.read_csv(
        exactly(path.as_posix()),
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
    odd = cells.cells.length() != len(names)
    return cells.select(**columns, record=ibis.row_number() + 1, malformed=odd)
