"""Databases: what a URL says, what a query may be, and what a server's refusal means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, unquote, urlsplit

import sqlglot
from sqlglot import exp

from stammkunde.errors import DataError, SchemaError, nearest
from stammkunde.spells.delivery.engine import identifier
from stammkunde.spells.schema.tables import EMBEDDED

SERVERS = ("postgresql", "postgres")
PASSWORD = "STAMMKUNDE_PASSWORD"
OPTIONS = ("host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey", "target_session_attrs")
CHANGES = (
    *(exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Drop, exp.Alter),
    *(exp.Command, exp.Into, exp.Lock, exp.Copy, exp.Set, exp.Attach),
)


def scheme_of(url: str, where: str) -> str:
    """Return the kind of a database; SchemaError for one that is not read, or with a password."""
    scheme = url.partition("://")[0].lower() if "://" in url else ""
    if scheme not in (*SERVERS, *EMBEDDED):
        remedy = 'Begin it with "postgresql://", "duckdb://" or "sqlite://".'
        raise SchemaError("`database` is of no known kind", where=where, remedy=remedy)
    if scheme in SERVERS:
        _refuse_password(url, where)
    return scheme


def _refuse_password(url: str, where: str) -> None:
    try:
        parts = urlsplit(url)
        options = {k.lower() for k, _ in parse_qsl(parts.query)}
        told = parts.password is not None or "password" in options
        port_is_one = parts.port is None or parts.port > 0
    except ValueError:
        told, port_is_one = ":" in url.rpartition("@")[0].partition("://")[2], False
    if told:
        raise SchemaError(
            "`database` holds a password",
            where=where,
            remedy=f"Take it out of the file, and put it into the environment as {PASSWORD}.",
        )
    if not port_is_one:
        remedy = 'Write it as "postgresql://reader@server:5432/crm".'
        raise SchemaError("`database` is not a URL", where=where, remedy=remedy)


def server_of(url: str, where: str) -> dict[str, str | int]:
    """Return what a URL says of a PostgreSQL server, as its driver wants it, without a password."""
    scheme_of(url, where)
    parts = urlsplit(url)
    told: dict[str, str | int] = {}
    if parts.hostname:
        told["host"] = unquote(parts.hostname)
    if parts.port:
        told["port"] = parts.port
    if parts.username:
        told["user"] = unquote(parts.username)
    if parts.path.strip("/"):
        told["database"] = unquote(parts.path.strip("/"))
    for key, value in parse_qsl(parts.query):
        if key not in OPTIONS:
            what = f"`database` has the option `{key}`"
            raise SchemaError(what, where=where, remedy=nearest(key, OPTIONS))
        told[key] = int(value) if key == "port" and value.isdigit() else value
    return told


def selecting(query: str, dialect: str, where: str) -> exp.Query:
    """Return a query, parsed; SchemaError unless it is one SELECT that changes nothing."""
    try:
        statements = [s for s in sqlglot.parse(query, read=dialect) if s is not None]
    except (sqlglot.errors.SqlglotError, RecursionError):
        remedy = "Try it in the database's own program first."
        raise SchemaError("`query` is no SQL", where=where, remedy=remedy) from None
    one = statements[0] if len(statements) == 1 else None
    if not isinstance(one, exp.Query) or one.find(*CHANGES):
        what = "`query` is not a single SELECT" if one else "`query` holds several statements"
        remedy = "Write one SELECT, which changes nothing."
        raise SchemaError(what, where=where, remedy=remedy)
    return one


def source_of(table: str, query: str, known: Sequence[tuple[str, str]], where: str) -> str:
    """Return what stands behind FROM for a table or a checked query.

    `known` are schema and name of the tables that there are, those found without naming the schema
    first. DataError with the nearest name where there is no such table.
    """
    if query:
        return f"({query.strip().rstrip(';')}\n) AS delivered"
    schema, _, name = table.rpartition(".")
    found = [(s, n) for s, n in known if n == name and (s == schema or not schema)]
    found = found or [(s, n) for s, n in known if n == table]
    if not found:
        names = [f"{s}.{n}" if schema else n for s, n in known]
        remedy = nearest(table, names) or "There is no table that you may read."
        raise DataError(f"no table `{table}`", where=where, remedy=remedy)
    return ".".join(map(identifier, found[0])) + " AS delivered"


def plain(error: Exception, secret: str = "") -> str:
    """Return a driver's message on one line, without the password and without what it quotes."""
    told = re.sub(r" with text '.*", "", str(error), flags=re.DOTALL)
    said = next((line.strip() for line in told.splitlines() if line.strip()), "no reason")
    said = re.sub(r"^(\w+ )?Error: ", "", said)
    said = said.replace(secret, "…") if secret else said
    return re.sub(r"://[^@\s/]+@", "://…@", said).rstrip(".")
