"""Databases that are a file: DuckDB attached and computed in place, SQLite copied."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import md5
from pathlib import Path

import duckdb
import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends.duckdb import Backend
from sqlglot.optimizer.qualify_tables import qualify_tables

from stammkunde.errors import DataError
from stammkunde.spells.delivery.cells import Form
from stammkunde.spells.delivery.columns import DELIVERED, MALFORMED, RECORD, named
from stammkunde.spells.delivery.database import plain, selecting, source_of
from stammkunde.spells.delivery.engine import copied, identifier, quoted, view
from stammkunde.spells.delivery.values import written
from stammkunde.spells.schema.tables import Delivery

BATCH = 50_000
AGAIN = "Ask for it again, or for the table as CSV."
# how the engine says it, on POSIX and on Windows
HELD = ("Could not set lock", "being used by another process")
PASSING = ("INT", "DECIMAL", "FLOAT", "DOUBLE", "BOOLEAN", "VARCHAR")
LAST_DAY, FIRST_DAY, BEYOND = "9999-12-31", "0001-01-01", "10000-01-01"


def read_duckdb(engine: Backend, path: Path, delivery: Delivery) -> ir.Table:
    """Return a table or query of a DuckDB file as a relation that is computed in place.

    `record` counts the rows of a table as they lie, those of a view or query by their content.
    """
    where = delivery.name
    _refuse_missing(path)
    catalog = _attached(engine, path)
    if delivery.query:
        parsed = selecting(delivery.query, "duckdb", where)
        query = qualify_tables(parsed, db="main", catalog=catalog, dialect="duckdb")
        source = source_of("", query.sql(dialect="duckdb"), (), where)
    else:
        known = engine.con.execute(
            "SELECT schema_name, table_name, true FROM duckdb_tables() WHERE database_name = ? "
            "UNION ALL SELECT schema_name, view_name, false FROM duckdb_views() "
            "WHERE database_name = ? AND NOT internal ORDER BY ALL",
            [catalog, catalog],
        ).fetchall()
        main = sorted(known, key=lambda t: t[0] != "main")
        source = f"{catalog}." + source_of(delivery.table, "", [k[:2] for k in main], where)
    try:
        shape = engine.con.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
        names = named([c[0] for c in shape], where)
        cells = [f"delivered.{identifier(c[0])}" for c in shape]
        lies = not delivery.query and _has_rowid(engine, source)
        order = ", ".join(f"{c}::VARCHAR" for c in cells)
        record = "rowid + 1" if lies else f"row_number() OVER (ORDER BY {order})"
        shown = ", ".join(
            f"{_passing(cell, kind[1])} AS {identifier(DELIVERED + n)}"
            for cell, kind, n in zip(cells, shape, names, strict=True)
        )
        select = f"SELECT ({record})::BIGINT AS {RECORD}, {shown}, false AS {MALFORMED}"
        return view(engine, f"{select} FROM {source}")
    except duckdb.Error as error:
        raise DataError(f"refused: {plain(error)}", where=where, remedy="Correct it.") from None


def _attached(engine: Backend, path: Path) -> str:
    name = "delivered_" + md5(str(path).encode(), usedforsecurity=False).hexdigest()[:12]
    known = engine.con.execute("SELECT database_name FROM duckdb_databases()").fetchall()
    if (name,) in known:
        return name
    try:
        engine.raw_sql(f"ATTACH '{quoted(str(path))}' AS {name} (READ_ONLY, TYPE duckdb)")
    except duckdb.Error as error:
        held = any(words in str(error) for words in HELD)
        remedy = "Close it there, or copy the file." if held else AGAIN
        what = "another program is writing to this database"
        if not held:
            what = "this is not a whole DuckDB database, or one of a version that is not known here"
        raise DataError(what, where=path.name, remedy=remedy) from None
    return name


def _has_rowid(engine: Backend, source: str) -> bool:
    try:
        engine.con.execute(f"SELECT rowid FROM {source} LIMIT 0")
    except duckdb.BinderException:
        return False
    return True


def _passing(cell: str, kind: str) -> str:
    """Return a cell in SQL: plain types as they are, all others as text."""
    if kind == "DATE":
        return finite(cell, "DATE")
    if kind.startswith("TIMESTAMP"):
        return finite(f"{cell}::TIMESTAMP", "TIMESTAMP")
    simple = kind.endswith(PASSING[0]) or kind.startswith(PASSING)
    return cell if simple and not kind.endswith("[]") else f"{cell}::VARCHAR"


def finite(cell: str, kind: str) -> str:
    """Return a day or time in SQL, one beyond the year 9999 or before the year 1 as its last day.

    "infinity" is one too: other tables say 31.12.9999, and Python knows no other years.
    """
    last, first = f"{kind} '{LAST_DAY}'", f"{kind} '{FIRST_DAY}'"
    late, early = f"{cell} >= {kind} '{BEYOND}'", f"{cell} < {first}"
    return f"CASE WHEN {late} THEN {last} WHEN {early} THEN {first} ELSE {cell} END"


def read_sqlite(engine: Backend, path: Path, delivery: Delivery, form: Form) -> ir.Table:
    """Return a table or query of an SQLite file, copied, `record` counting its rows as they come.

    A column whose cells are all whole numbers, or all numbers, stays one; any other is text.
    """
    _refuse_missing(path)
    where = delivery.name
    address = f"{path.as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True)) as database:
            source = _sqlite_source(database, delivery)
            shape = database.execute(f"SELECT * FROM {source} LIMIT 0").description
            names = named([c[0] for c in shape], where)
            kinds = _sqlite_kinds(database, source, len(names))
            rows = database.execute(f"SELECT * FROM {source}")
            return copied(engine, names, kinds, _sqlite_batches(rows, kinds, form))
    except (sqlite3.Error, UnicodeDecodeError) as error:
        what = f"the database cannot be read ({plain(error)})"
        raise DataError(what, where=f"{path.name}, {where}", remedy=AGAIN) from None


def _sqlite_source(database: sqlite3.Connection, delivery: Delivery) -> str:
    if delivery.query:
        selecting(delivery.query, "sqlite", delivery.name)
        return source_of("", delivery.query, (), delivery.name)
    listed = "SELECT 'main', name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name"
    return source_of(delivery.table, "", database.execute(listed).fetchall(), delivery.name)


def _sqlite_kinds(database: sqlite3.Connection, source: str, width: int) -> list[str]:
    """Return the engine's type of each column, by the types that its cells have."""
    # by place, because a query may have given a column a name that SQL cannot say again
    columns = [f"c{i}" for i in range(width)]
    asked = ", ".join(
        f"max(typeof({c}) IN ('text', 'blob') AND {c} <> ''), max(typeof({c}) = 'real'), "
        f"max(typeof({c}) = 'integer')"
        for c in columns
    )
    listed = ", ".join(columns)
    found = database.execute(
        f"WITH cells({listed}) AS (SELECT * FROM {source}) SELECT {asked} FROM cells"
    ).fetchone()
    kinds = []
    for text, real, whole in zip(found[::3], found[1::3], found[2::3], strict=True):
        numeric = "DOUBLE" if real else "BIGINT" if whole else "VARCHAR"
        kinds.append("VARCHAR" if text else numeric)
    return kinds


def _sqlite_batches(rows: sqlite3.Cursor, kinds: list[str], form: Form) -> Iterator[pa.RecordBatch]:
    types = {"VARCHAR": pa.string(), "DOUBLE": pa.float64(), "BIGINT": pa.int64()}
    while some := rows.fetchmany(BATCH):
        arrays = [
            pa.array(
                [written(c, form) for c in column]
                if kind == "VARCHAR"
                else [None if c in (None, "") else c for c in column],
                types[kind],
            )
            for column, kind in zip(zip(*some, strict=True), kinds, strict=True)
        ]
        yield pa.RecordBatch.from_arrays(arrays, names=[f"c{i}" for i in range(len(kinds))])


def _refuse_missing(path: Path) -> None:
    if not path.is_file():
        raise DataError(
            "the file is missing",
            where=path.name,
            remedy="Put the database there, or correct `database`.",
        )
