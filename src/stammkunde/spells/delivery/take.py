"""Every table a client delivers, in one engine, nothing lost and nothing changed on the way.

CSV, XLSX, SQLite ── copied ──┐
Parquet ─────────── scanned ──┼──> one DuckDB in the process
DuckDB file ─────── attached ─┘
PostgreSQL ─────────────────────> computed there, where no other kind lies beside it
"""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import ibis.expr.types as ir
from ibis.backends import BaseBackend
from ibis.backends.duckdb import Backend

from stammkunde.errors import SchemaError, WorkspaceError
from stammkunde.spells.delivery.cells import EXCEL, Form, readable
from stammkunde.spells.delivery.columns import without
from stammkunde.spells.delivery.database import SERVERS, scheme_of
from stammkunde.spells.delivery.engine import connect, lock
from stammkunde.spells.delivery.files import read_duckdb, read_sqlite
from stammkunde.spells.delivery.parquet import read_parquet
from stammkunde.spells.delivery.postgres import connect_server, read_copied, read_in_place
from stammkunde.spells.delivery.sheets import WORKBOOKS, read_sheet
from stammkunde.spells.delivery.text import Lines, read_text, refuse_missing
from stammkunde.spells.schema.tables import Delivery


def no_lines(records: Sequence[int]) -> Mapping[int, int]:
    """Return no physical lines: the table has none."""
    return {}


@dataclass(frozen=True)
class Taken:
    """One table as delivered, in the engine.

    `rows`: `record` (1 for the first row), `malformed` (a row with other cells than the header),
    and the delivered columns, marked (see `columns`). `where` is its name in messages, `form` how
    its text cells are read. `lines` returns the physical line on which each of some records
    begins; nothing where there are no lines.
    """

    rows: ir.Table
    engine: BaseBackend
    where: str
    form: Form
    lines: Lines


def take(folder: Path, deliveries: Mapping[str, Delivery]) -> dict[str, Taken]:
    """Return the tables of a client, all in one engine, by section of its TOML.

    `folder` is data/raw/<client>; files and file databases must lie in it. DataError names the
    table, what is wrong and the remedy; WorkspaceError a path that leads out of `folder`.
    """
    for delivery in deliveries.values():
        _refuse_source(delivery)
    urls = {d.database for d in deliveries.values()}
    if len(urls) == 1 and _is_server(next(iter(urls))):
        server = connect_server(urls.pop(), next(iter(deliveries.values())).name)
        return {
            section: Taken(_whole(read_in_place(server, d), d), server, d.name, _form(d), no_lines)
            for section, d in deliveries.items()
        }
    engine = connect()
    lock(engine, folder)
    return {section: _taken(engine, folder, d) for section, d in deliveries.items()}


def _taken(engine: Backend, folder: Path, delivery: Delivery) -> Taken:
    form, name = _form(delivery), delivery.name

    def taken(rows: ir.Table, lines: Lines = no_lines) -> Taken:
        return Taken(_whole(rows, delivery), engine, name, form, lines)

    if _is_server(delivery.database):
        return taken(read_copied(engine, connect_server(delivery.database, name), delivery))
    path = inside(folder, delivery.path)
    if delivery.database:
        if scheme_of(delivery.database, name) == "duckdb":
            return taken(read_duckdb(engine, path, delivery))
        return taken(read_sqlite(engine, path, delivery, form))
    refuse_missing(path)
    if path.is_dir() or path.suffix.lower() == ".parquet":
        return taken(read_parquet(engine, path))
    if path.suffix.lower() in WORKBOOKS:
        rows, places = read_sheet(engine, path, delivery.sheet, form)
        return taken(rows, lambda records: {n: places[n] for n in records})
    _refuse_sheet(delivery)
    return taken(*read_text(engine, path, delivery.separator, delivery.encoding))


def _whole(rows: ir.Table, delivery: Delivery) -> ir.Table:
    return without(rows, delivery.empty)


def _form(delivery: Delivery) -> Form:
    return Form(delivery.date_format, delivery.decimal, delivery.thousands)


def _is_server(url: str) -> bool:
    return url.partition("://")[0].lower() in SERVERS


def _refuse_source(delivery: Delivery) -> None:
    """Raise SchemaError for a database of no known kind, or a date format that cannot be read."""
    if delivery.database:
        scheme_of(delivery.database, delivery.name)
    if not readable(delivery.date_format):
        raise SchemaError(
            f"`date_format` is {delivery.date_format!r}, which cannot be read",
            where=delivery.name,
            remedy=f'Write day, month and year, such as "%d.%m.%Y", or "{EXCEL}".',
        )


def _refuse_sheet(delivery: Delivery) -> None:
    if delivery.sheet:
        raise SchemaError(
            f"`sheet` is {delivery.sheet!r}, but this file is no workbook",
            where=delivery.name,
            remedy="Leave `sheet` out, or name a file that ends in .xlsx.",
        )


def inside(folder: Path, name: str) -> Path:
    """Return the path of a delivered file; WorkspaceError where it leads out of `folder`."""
    try:
        path = (folder / name).resolve()
        path.exists()
    except (OSError, RuntimeError, ValueError) as error:
        # a circle of links, a NUL, or more letters than a name may have
        if isinstance(error, OSError) and error.errno != errno.ENAMETOOLONG:
            raise
        raise WorkspaceError(
            "this cannot be the path of a file",
            where=repr(name[:60]),
            remedy=f"Name the file as it lies in data/raw/{folder.name}/.",
        ) from None
    if not path.is_relative_to(folder.resolve()):
        raise WorkspaceError(
            f"leads out of data/raw/{folder.name}/",
            where=name,
            remedy="Put the file, not a link to it, into that folder.",
        )
    return path
