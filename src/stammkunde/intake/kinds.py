"""What kind of delivery a named file is, told from its first bytes, not from its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from stammkunde.errors import DataError, ParameterError
from stammkunde.intake.texts import text_form
from stammkunde.spells.delivery.junk import HEAD_BYTES, looks_like, remedy_for
from stammkunde.spells.delivery.parquet import files_of
from stammkunde.spells.delivery.sheets import TITLE, filled_sheets, layout_faults
from stammkunde.spells.schema.tables import EMBEDDED, Delivery

DATABASES = {"a DuckDB database": "duckdb", "an SQLite database": "sqlite"}


@dataclass(frozen=True, kw_only=True)
class Place:
    """A delivered table before it is the client's: its file or folder (None on a server)."""

    path: Path | None
    folder: Path
    delivery: Delivery


def places(files: Sequence[Path]) -> tuple[Place, ...]:
    """Return the tables of the named files and folders: one each, of a workbook one per sheet.

    ParameterError for what is not there, DataError for what is no table.
    """
    found = []
    for file in dict.fromkeys(files):
        path = file.resolve()
        if not path.exists():
            remedy = "Check the path."
            raise ParameterError("there is no such file", where=str(file), remedy=remedy)
        found += [
            Place(path=path, folder=path.parent, delivery=delivery)
            for delivery in _deliveries(path)
        ]
    return tuple(found)


def _deliveries(path: Path) -> tuple[Delivery, ...]:
    if path.is_dir():
        files_of(path)
        return (Delivery(file=f"{path.name}/"),)
    with path.open("rb") as file:
        kind = looks_like(file.read(HEAD_BYTES))
    if kind == "a Parquet file":
        return (Delivery(file=path.name),)
    if kind == "a workbook":
        return _sheets(path)
    if kind in DATABASES:
        raise ParameterError(
            f"this is {kind}, not a table",
            where=path.name,
            remedy=f"Write --database {DATABASES[kind]}://{path.name} --table TABLE.",
        )
    if kind:
        raise DataError(f"this is {kind}, not a table", where=path.name, remedy=remedy_for(kind))
    form = text_form(path)
    return (Delivery(file=path.name, separator=form.separator, encoding=form.encoding),)


def _sheets(path: Path) -> tuple[Delivery, ...]:
    names = filled_sheets(path)
    faults = layout_faults(path)
    if faults:
        told = "; ".join(f"sheet {name}: {fault}" for name, fault in faults.items())
        raise DataError(told, where=path.name, remedy=TITLE)
    if len(names) == 1:
        return (Delivery(file=path.name),)
    return tuple(Delivery(file=path.name, sheet=name) for name in names)


def in_database(url: str, tables: Sequence[str], folder: Path) -> tuple[Place, ...]:
    """Return the named tables of a database.

    The file of an embedded one (`sqlite://crm.sqlite`) is named from where the command is called.
    ParameterError where URL and tables do not come together, or there is no such file.
    """
    if bool(url) != bool(tables):
        raise ParameterError(
            "--database and --table belong together", remedy="Name the database and its table."
        )
    if not url:
        return ()
    scheme, _, rest = url.partition("://")
    if scheme not in EMBEDDED:
        parts = [Delivery(database=url, table=table) for table in tables]
        return tuple(Place(path=None, folder=folder, delivery=d) for d in parts)
    path = Path(unquote(rest)).resolve()
    if not path.is_file():
        raise ParameterError("there is no such file", where=rest, remedy="Check the path.")
    named = f"{scheme}://{path.name.replace('%', '%25')}"
    parts = [Delivery(database=named, table=table) for table in tables]
    return tuple(Place(path=path, folder=path.parent, delivery=d) for d in parts)
