"""Parquet as delivered, one file or a folder of them, scanned where it lies."""

from __future__ import annotations

import re
from itertools import accumulate
from pathlib import Path

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends.duckdb import Backend

from stammkunde.errors import DataError
from stammkunde.spells.delivery.columns import DELIVERED, MALFORMED, RECORD, named
from stammkunde.spells.delivery.engine import exactly, identifier, quoted, view
from stammkunde.spells.delivery.files import finite

OURS = {"file_row_number", "file_index"}
# a zone that is told by its distance from UTC
OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})")


def read_parquet(engine: Backend, path: Path) -> ir.Table:
    """Return a Parquet file, or all those of a folder by name, as one relation.

    Nothing is copied: `record` counts the rows of the files in their order. DataError where a file
    is not whole or has other columns than the first.
    """
    files = files_of(path)
    parts = [_metadata(f) for f in files]
    first = parts[0].schema.to_arrow_schema()
    for file, part in zip(files[1:], parts[1:], strict=True):
        _same(first, part.schema.to_arrow_schema(), files[0], file)
    rows = [p.num_rows for p in parts]
    if not sum(rows):
        raise DataError("the table is empty", where=path.name, rows=0, remedy="Ask for it again.")
    names = named(first.names, path.name)
    _check_zones(engine, first, path.name)
    if "" in first.names:
        what, remedy = "a column has no name", "Ask for it again, every column with a name."
        raise DataError(what, where=path.name, remedy=remedy)
    cells = ", ".join(
        f"{_cell(field)} AS {identifier(DELIVERED + name)}"
        for field, name in zip(first, names, strict=True)
    )
    before = [0, *accumulate(rows)][:-1]
    offset = f"({before}::BIGINT[])[file_index::BIGINT + 1]" if len(files) > 1 else "0"
    record = f"file_row_number + 1 + {offset}"
    if OURS & {n.lower() for n in first.names}:
        # a delivered column hides the engine's of the same name
        record = "row_number() OVER ()"
    listed = ", ".join(f"'{quoted(exactly(f.as_posix()))}'" for f in files)
    return view(
        engine,
        f"SELECT ({record})::BIGINT AS {RECORD}, {cells}, "
        f"false AS {MALFORMED} FROM read_parquet([{listed}], hive_partitioning = false)",
    )


def _cell(field: pa.Field) -> str:
    """Return a column in SQL; a time with a zone is the one that its place's clocks showed."""
    name = identifier(field.name)
    if pa.types.is_date(field.type):
        return finite(name, "DATE")
    if pa.types.is_timestamp(field.type):
        local = _local(name, field.type.tz) if field.type.tz else name
        return finite(f"{local}::TIMESTAMP", "TIMESTAMP")
    if pa.types.is_nested(field.type) or pa.types.is_binary(field.type):
        return f"CAST({name} AS VARCHAR)"
    return name


def _local(name: str, zone: str) -> str:
    """Return a time as the clocks of its zone showed it; a zone may be a distance from UTC."""
    apart = OFFSET.fullmatch(zone)
    if not apart:
        return f"timezone('{quoted(zone)}', {name})"
    sign, hours, minutes = apart.groups()
    return f"(timezone('UTC', {name}) {sign} INTERVAL ({60 * int(hours) + int(minutes)}) MINUTE)"


def _check_zones(engine: Backend, schema: pa.Schema, where: str) -> None:
    """Raise DataError for a time with a zone that nobody knows."""
    zones = {f.type.tz for f in schema if pa.types.is_timestamp(f.type) and f.type.tz}
    named = {z for z in zones if not OFFSET.fullmatch(z)}
    if not named:
        return
    known = {
        z.lower() for (z,) in engine.con.execute("SELECT name FROM pg_timezone_names()").fetchall()
    }
    strange = sorted(z for z in named if z.lower() not in known)
    if strange:
        raise DataError(
            f"its times have the zone `{strange[0]}`, which is not known",
            where=where,
            remedy="Ask for times without a zone, or in UTC.",
        )


def files_of(path: Path) -> list[Path]:
    """Return the Parquet files of a table in the order of their rows; DataError without any."""
    if not path.is_dir():
        return [path]
    # a name that begins with a dot or an underscore is a program's own, by the custom of Parquet
    found = sorted(f for f in path.rglob("*.parquet") if f.name[0] not in "._" and f.is_file())
    if not found:
        raise DataError(
            "the folder holds no Parquet file",
            where=path.name,
            remedy="Put files that end in .parquet there, or name one file.",
        )
    return found


def _metadata(file: Path) -> pq.FileMetaData:
    try:
        return pq.read_metadata(file)
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, FileNotFoundError | PermissionError):
            raise
        raise DataError(
            "this is not a whole Parquet file: it was perhaps cut off while it was written",
            where=file.name,
            remedy="Ask for it again.",
        ) from None


def _same(first: pa.Schema, other: pa.Schema, one: Path, file: Path) -> None:
    if first.equals(other):
        return
    missing = sorted(set(first.names) - set(other.names))
    more = sorted(set(other.names) - set(first.names))
    what = "other types or another order"
    if missing:
        what = "no " + ", ".join(f"`{n}`" for n in missing)
    elif more:
        what = "also " + ", ".join(f"`{n}`" for n in more)
    raise DataError(
        f"it has other columns than {one.name}: {what}",
        where=file.name,
        remedy="All files of a folder need the same columns; ask for them from one export.",
    )
