"""Taking one person's rows out of the files that a client delivered; every other byte stays.

Delivered data are never edited, with this one exception, which the law demands. A file is written
anew beside itself and put in its place whole; its hash in SOURCE.toml follows.
"""

from __future__ import annotations

import codecs
import shutil
import sqlite3
import tempfile
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from stammkunde.errors import DataError, nearest
from stammkunde.spells.blocks import key_expr, key_text
from stammkunde.spells.delivery.columns import RECORD, column, named
from stammkunde.spells.delivery.encoding import CODECS
from stammkunde.spells.delivery.engine import identifier, quoted
from stammkunde.spells.delivery.parquet import files_of
from stammkunde.spells.delivery.rowwise import rows_of
from stammkunde.spells.delivery.sheets import filled_sheets
from stammkunde.spells.delivery.take import Taken, inside, take
from stammkunde.spells.schema.tables import Delivery
from stammkunde.spells.source import digest, write_atomically

NOTE = "SOURCE.toml"
MOST_SHOWN = 20
WORKBOOKS = {".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"}
Remove = Callable[[], None]


@dataclass(frozen=True)
class Hit:
    """Rows of one person in one delivered table: `where`, their number, and how they go.

    `remove` takes them out; None where somebody has to do it by hand, as `by_hand` says.
    """

    where: str
    rows: int
    remove: Remove | None = None
    by_hand: str = ""


def key_of(cell: object) -> str:
    """Return a cell as a person key: text, trimmed, in Unicode normal form C."""
    return unicodedata.normalize("NFC", key_text(cell))


def hits(folder: Path, delivery: Delivery, name: str, keys: Collection[str]) -> list[Hit]:
    """Return where in one table the column `name` holds one of `keys`, and how these rows go."""
    if delivery.database:
        return _in_database(folder, delivery, name, keys)
    path = inside(folder, delivery.file)
    if path.is_dir() or path.suffix.lower() == ".parquet":
        return _in_parquet(folder, path, delivery, name, keys)
    if path.suffix.lower() not in WORKBOOKS:
        return _in_text(folder, path, delivery, name, keys)
    return _in_workbook(folder, path, delivery, name, keys)


def _records(taken: Taken, name: str, keys: Collection[str]) -> list[int]:
    """Return the numbers of the records in which the column `name` holds one of `keys`."""
    rows = taken.rows
    theirs = rows.filter(key_expr(column(rows, name, taken.where)).isin(list(keys)))
    return [int(r) for r in theirs.order_by(RECORD)[RECORD].execute()]


def _in_workbook(
    folder: Path, path: Path, delivery: Delivery, name: str, keys: Collection[str]
) -> list[Hit]:
    """Find rows in a workbook, which would lose its formats and formulas if it were written."""
    taken = take(folder, {"table": delivery})["table"]
    records = _records(taken, name, keys)
    if not records:
        return []
    at = [taken.lines(records)[r] for r in records[:MOST_SHOWN]]
    shown = ", ".join(map(str, at)) + (", …" if len(records) > MOST_SHOWN else "")
    place = f"sheet `{delivery.sheet or filled_sheets(path)[0]}`: row{'s'[: len(at) - 1]} {shown}"
    told = f"Delete them in a spreadsheet program ({place}) and save it; then purge again."
    return [Hit(delivery.name, len(records), by_hand=told)]


def _in_text(
    folder: Path, path: Path, delivery: Delivery, name: str, keys: Collection[str]
) -> list[Hit]:
    """Find rows in a text; of a malformed row any cell will do, for its columns may be shifted."""
    rows = rows_of(path, delivery.separator, delivery.encoding)
    names = named(next(rows).cells, path.name)
    if name not in names:
        remedy = nearest(name, names)
        raise DataError(f"column `{name}` not found", where=path.name, remedy=remedy)
    at, begins, ends, count = names.index(name), set[int](), set[int](), 0
    theirs = False
    for row in rows:
        if theirs:
            ends.add(row.line)
        whole = row.sound and len(row.cells) == len(names)
        cells = [row.cells[at]] if whole else _pieces(row.cells, delivery.separator)
        theirs = any(key_of(cell) in keys for cell in cells)
        if theirs:
            begins.add(row.line)
            count += 1

    def write(new: Path) -> None:
        _copy_lines(path, new, CODECS[delivery.encoding], begins, ends)

    return [Hit(path.name, count, lambda: replace(folder, path, write))] if count else []


def _pieces(cells: list[str], separator: str) -> Iterator[str]:
    """Yield the cells of a malformed row, and what they would be without their quotes."""
    for cell in cells:
        yield cell
        yield from (piece.strip('" ') for piece in cell.split(separator))


def _copy_lines(path: Path, new: Path, codec: str, begins: set[int], ends: set[int]) -> None:
    """Copy the lines of a text but those from one in `begins` until one in `ends`."""
    with path.open("rb") as file:
        marked = file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8
    plain = "utf-8" if codec == "utf-8-sig" else codec
    with path.open(encoding=codec, newline="") as old, new.open("wb") as target:
        target.write(codecs.BOM_UTF8 if marked and codec == "utf-8-sig" else b"")
        theirs = False
        for number, line in enumerate(old, start=1):
            theirs = number in begins or (theirs and number not in ends)
            if not theirs:
                target.write(line.encode(plain))


def _in_parquet(
    folder: Path, path: Path, delivery: Delivery, name: str, keys: Collection[str]
) -> list[Hit]:
    records = _records(take(folder, {"table": delivery})["table"], name, keys)
    found, before = [], 0
    for file in files_of(path):
        size = pq.read_metadata(file).num_rows
        here = {r - 1 - before for r in records if before < r <= before + size}
        if here:
            found.append(Hit(file.name, len(here), _parquet_remover(folder, file, here)))
        before += size
    return found


def _parquet_remover(folder: Path, file: Path, gone: set[int]) -> Remove:
    def write(new: Path) -> None:
        with pq.ParquetFile(file) as old:
            groups = old.metadata.num_row_groups
            codec = old.metadata.row_group(0).column(0).compression.lower()
            codec = "none" if codec == "uncompressed" else codec
            with pq.ParquetWriter(new, old.schema_arrow, compression=codec) as target:
                at = 0
                for group in range(groups):
                    rows = old.read_row_group(group)
                    kept = [at + i not in gone for i in range(rows.num_rows)]
                    target.write_table(rows.filter(pa.array(kept, type=pa.bool_())))
                    at += rows.num_rows

    return lambda: replace(folder, file, write)


def _in_database(folder: Path, delivery: Delivery, name: str, keys: Collection[str]) -> list[Hit]:
    """Find rows in a database; only a table in a file of the client's folder is changed."""
    records = _records(take(folder, {"table": delivery})["table"], name, keys)
    if not records:
        return []
    if delivery.path and delivery.table:
        path = inside(folder, delivery.path)
        work = _from_sqlite if delivery.database.startswith("sqlite:") else _from_duckdb

        def write(new: Path) -> None:
            shutil.copyfile(path, new)
            work(new, delivery.table, name, keys)

        where = f"{path.name}, {delivery.table}"
        return [Hit(where, len(records), lambda: replace(folder, path, write))]
    told = f"Delete the rows of this `{name}` in the database itself; it is not changed from here."
    return [Hit(delivery.name, len(records), by_hand=told)]


def _from_sqlite(path: Path, table: str, name: str, keys: Collection[str]) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        described = connection.execute(f"SELECT * FROM {_dotted(table)} LIMIT 0").description
        there = identifier(_as_there([d[0] for d in described], name))
        where = f"person_key({there}) IN ({', '.join('?' * len(keys))})"
        connection.create_function("person_key", 1, key_of, deterministic=True)
        connection.execute(f"DELETE FROM {_dotted(table)} WHERE {where}", list(keys))
        # what was deleted stands in free pages until the file is written anew
        connection.execute("VACUUM")
    finally:
        connection.close()


def _from_duckdb(path: Path, table: str, name: str, keys: Collection[str]) -> None:
    import ibis

    engine = ibis.duckdb.connect(path)
    *schema, plain = table.split(".")
    rows: Any = engine.table(plain, database=schema[0] if schema else None)
    key = key_expr(rows[_as_there(rows.columns, name)])
    marked = rows.select(at=rows.rowid(), key=key)
    theirs = marked.filter(marked.key.isin(list(keys))).execute()
    at = ", ".join(str(int(n)) for n in theirs["at"])
    engine.raw_sql(f"DELETE FROM {_dotted(table)} WHERE rowid IN ({at})")
    # what was deleted stands in free blocks until the file is written anew
    fresh = path.with_name("fresh.duckdb")
    engine.raw_sql(f"ATTACH '{quoted(str(fresh))}' AS fresh_copy")
    engine.raw_sql(f"COPY FROM DATABASE {identifier(engine.current_catalog)} TO fresh_copy")
    engine.raw_sql("DETACH fresh_copy")
    engine.disconnect()
    fresh.replace(path)


def _as_there(columns: Sequence[str], name: str) -> str:
    """Return how the table itself spells the column that the client file calls `name`."""
    return dict(zip(named(columns, name), columns, strict=True))[name]


def _dotted(table: str) -> str:
    return ".".join(map(identifier, table.split(".")))


def replace(folder: Path, path: Path, write: Callable[[Path], None]) -> None:
    """Put in the place of `path` what `write` makes of it, whole or not at all, rights kept.

    Where SOURCE.toml in `folder` states the old hash of it, or of the folder of files to which it
    belongs, it then states the new one.
    """
    named, note = folder / path.relative_to(folder).parts[0], folder / NOTE
    before = digest(named)
    # such a folder is for its owner only, whatever a program puts beside the file it writes
    with tempfile.TemporaryDirectory(dir=folder, prefix=".purge-") as aside:
        new = Path(aside) / path.name
        write(new)
        shutil.copymode(path, new)
        new.replace(path)
    if note.is_file():
        text = note.read_bytes().replace(before.encode(), digest(named).encode())
        write_atomically(note, text)
