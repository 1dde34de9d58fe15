"""A PostgreSQL server: computed in place, or copied where tables of other kinds lie beside it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from weakref import finalize

import ibis
import ibis.expr.types as ir
import psycopg
import pyarrow as pa
from ibis.backends.duckdb import Backend
from ibis.backends.postgres import Backend as Server

from stammkunde.errors import DataError
from stammkunde.spells.delivery.columns import DELIVERED, MALFORMED, RECORD, delivered, named
from stammkunde.spells.delivery.database import (
    PASSWORD,
    plain,
    selecting,
    server_of,
    source_of,
)
from stammkunde.spells.delivery.engine import copied, identifier, view
from stammkunde.spells.delivery.files import finite
from stammkunde.spells.schema.tables import Delivery

BATCH = 50_000
WAIT_SECONDS = 15
LONGEST_NAME = 63
SESSION = (
    # Ibis sets the clock to Greenwich; a day is the one that the server's own clock shows
    "SET TIME ZONE DEFAULT",
    "SET datestyle = 'ISO, YMD'",
    "SET extra_float_digits = 1",
)
TABLES = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^(pg_|information_schema)'
  AND has_table_privilege(c.oid, 'SELECT')
ORDER BY array_position(current_schemas(false), n.nspname), 1, 2
"""
# the server's own numbers of its types -> the engine's type and Arrow's
BOOLEAN, DATE, TIMES, NUMERIC = 16, 1082, (1114, 1184), 1700
WHOLE, FLOATS, TEXTS = (20, 21, 23), (700, 701), (25, 1042, 1043, 19)


def connect_server(url: str, where: str) -> Server:
    """Return a session with the server of a URL.

    The password is that of the variable STAMMKUNDE_PASSWORD, else whatever the driver
    finds itself (PGPASSWORD, .pgpass). DataError where the server does not answer or refuses.
    """
    secret = os.environ.get(PASSWORD, "")
    told: dict[str, Any] = {"client_encoding": "utf8", "connect_timeout": WAIT_SECONDS}
    told |= {"application_name": "stammkunde", **server_of(url, where)}
    if secret:
        told["password"] = secret
    try:
        server = ibis.postgres.connect(**told)
        # a session lasts as long as something is computed in it
        finalize(server, server.con.close)
        for setting in SESSION:
            server.raw_sql(setting).close()
    except psycopg.Error as error:
        remedy = f"Check host, port, name and user, and the password in {PASSWORD}."
        what = f"the server does not let us in ({plain(error, secret)})"
        raise DataError(what, where=where, remedy=remedy) from None
    return server


def read_in_place(server: Server, delivery: Delivery) -> ir.Table:
    """Return a table or query of the server as a relation that is computed there.

    A table has no order: `record` counts its rows by their content, so that it is the same each
    time.
    """
    where = delivery.name
    source = _source(server, delivery)
    try:
        shape = _shape(server, source)
        names = named([c.name for c in shape], where)
        for name in names:
            if len((DELIVERED + name).encode()) > LONGEST_NAME:
                what = f"the name of the column `{name}` is too long to be marked as delivered"
                raise DataError(what, where=where, remedy="Give it a shorter one in a `query`.")
        cells = [f"delivered.{identifier(c.name)}" for c in shape]
        order = ", ".join(f'{c}::text COLLATE "C"' for c in cells)
        shown = ", ".join(
            f"{_passing(cell, c.type_code)} AS {identifier(DELIVERED + name)}"
            for cell, c, name in zip(cells, shape, names, strict=True)
        )
        record = f"row_number() OVER (ORDER BY {order}) AS {RECORD}"
        return view(server, f"SELECT {record}, {shown}, false AS {MALFORMED} FROM {source}")
    except psycopg.Error as error:
        raise _refused(error, where) from None


def read_copied(engine: Backend, server: Server, delivery: Delivery) -> ir.Table:
    """Return a table or query of the server, copied batch by batch into another engine."""
    rows = read_in_place(server, delivery)
    names, schema = delivered(rows), rows.schema()
    listed = ", ".join(identifier(DELIVERED + n) for n in names)
    query = f"SELECT {listed} FROM {rows.get_name()} ORDER BY {RECORD}"
    kinds, types = zip(*(_kind(schema[DELIVERED + n]) for n in names), strict=True)
    try:
        return copied(engine, names, kinds, _batches(server, query, types))
    except psycopg.Error as error:
        raise _refused(error, delivery.name) from None


def _batches(server: Server, query: str, types: Sequence[pa.DataType]) -> Iterator[pa.RecordBatch]:
    # a cursor of the server's own, so that the table is never in memory as a whole
    with server.con.transaction(), server.con.cursor(name="stammkunde_rows") as cursor:
        cursor.execute(query)
        while some := cursor.fetchmany(BATCH):
            columns = zip(zip(*some, strict=True), types, strict=True)
            arrays = [pa.array(_floats(c) if k == pa.float64() else c, k) for c, k in columns]
            yield pa.RecordBatch.from_arrays(arrays, names=[f"c{i}" for i in range(len(types))])


def _floats(cells: Iterable[Any]) -> list[float | None]:
    return [None if c is None else float(c) for c in cells]


def _kind(kind: Any) -> tuple[str, pa.DataType]:
    """Return a type of the server as the other engine has it, and as Arrow has it."""
    if kind.is_boolean():
        return "BOOLEAN", pa.bool_()
    if kind.is_integer():
        return "BIGINT", pa.int64()
    if kind.is_decimal() and kind.scale == 0:
        return "DECIMAL(38, 0)", pa.decimal128(38, 0)
    if kind.is_floating() or kind.is_decimal():
        return "DOUBLE", pa.float64()
    if kind.is_date():
        return "DATE", pa.date32()
    return ("TIMESTAMP", pa.timestamp("us")) if kind.is_timestamp() else ("VARCHAR", pa.string())


def _source(server: Server, delivery: Delivery) -> str:
    if delivery.query:
        selecting(delivery.query, "postgres", delivery.name)
        return source_of("", delivery.query, (), delivery.name)
    with server.con.cursor() as cursor:
        known = cursor.execute(TABLES).fetchall()
    return source_of(delivery.table, "", known, delivery.name)


def _shape(server: Server, source: str) -> list[psycopg.Column]:
    """Return names and types of the columns, asked for in a transaction that may only read."""
    with server.con.transaction(), server.con.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        cursor.execute(f"SELECT * FROM {source} LIMIT 0".encode())
        return list(cursor.description or ())


def _passing(cell: str, kind: int) -> str:
    """Return a cell in SQL: plain types as they are, all others as text."""
    if kind == DATE:
        return finite(cell, "DATE")
    if kind in TIMES:
        return finite(f"{cell}::timestamp", "TIMESTAMP")
    if kind == NUMERIC:
        return cell
    return cell if kind in (BOOLEAN, *WHOLE, *FLOATS) else f"{cell}::text"


def _refused(error: psycopg.Error, where: str) -> DataError:
    what = f"the server refused ({plain(error, os.environ.get(PASSWORD, ''))})"
    return DataError(what, where=where, remedy="Correct the table or query in the client file.")
