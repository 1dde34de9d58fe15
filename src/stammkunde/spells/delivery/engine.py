"""The engine in which a client's tables are computed, and the folder it may spill into."""

from __future__ import annotations

import atexit
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
from ibis.backends import BaseBackend
from ibis.backends.duckdb import Backend
from ibis.expr.operations import InMemoryTable

from stammkunde.errors import DataError
from stammkunde.spells.delivery.columns import DELIVERED, MALFORMED, RECORD
from stammkunde.spells.source import cache_folder

SCRATCH = "engine-"
ASK_AGAIN = "Try the query in the database's own program, or ask for the data again."
# what no expression of ours does, but a delivered query or view may
FAILING = (duckdb.ConversionException, duckdb.OutOfRangeException)
READING = (duckdb.InvalidInputException, duckdb.IOException)
# the driver of a report clears away what its kernels, which are killed, have spilled
ASIDE = "STAMMKUNDE_SCRATCH"
STALE_SECONDS = 2 * 24 * 3600
# Layers of a query stay layers: fused into one, each check would read its text anew.
ibis.options.sql.fuse_selects = False
_names = count()
_scratch: dict[int, Path] = {}


def connect() -> Backend:
    """Return a fresh DuckDB in memory, its clock in UTC; what does not fit goes to `scratch()`."""
    engine = ibis.duckdb.connect()
    engine.raw_sql("SET TimeZone = 'UTC'")
    engine.raw_sql(f"SET temp_directory = '{quoted(scratch().as_posix())}'")
    engine.raw_sql("SET autoinstall_known_extensions = false")
    # in Jupyter, without ipywidgets, it is off and may not even be switched off
    (shown,) = engine.raw_sql("SELECT current_setting('enable_progress_bar')").fetchone()
    if shown:
        engine.raw_sql("SET enable_progress_bar = false")
    return engine


def lock(engine: Backend, folder: Path) -> None:
    """Let the engine touch no file but those below `folder` and its own; a query cannot undo it."""
    named = [p.as_posix() for p in (folder.resolve(), scratch())]
    allowed = ", ".join(f"'{quoted(n)}'" for n in dict.fromkeys((*named, *map(exactly, named))))
    engine.raw_sql(f"SET allowed_directories = [{allowed}]")
    engine.raw_sql("SET enable_external_access = false")
    engine.raw_sql("SET lock_configuration = true")


def keep(engine: BaseBackend, relation: ir.Table | pd.DataFrame) -> ir.Table:
    """Return `relation` computed once and kept in the engine until it is closed.

    DataError where a delivered file turns out to be damaged, a server ends the session, or neither
    memory nor disk are enough.
    """
    try:
        return computed(engine, relation)
    except duckdb.Error as error:
        raise unreadable(error) from None
    except Exception as error:
        if engine.name == "postgres":
            raise _ended(error) from None
        raise


def computed(engine: BaseBackend, relation: ir.Table | pd.DataFrame) -> ir.Table:
    """Return the same as `keep`; what the engine refuses is its own error."""
    name = f"t{next(_names)}"
    plain = isinstance(relation, ir.Table) and not relation.op().find(InMemoryTable)
    if not plain or engine.name != "duckdb":
        return engine.create_table(name, relation, temp=True)
    # Ibis would copy a long statement node by node only to write the first words before it
    statement = engine.compile(relation)
    table = engine.create_table(name, schema=relation.schema(), temp=True)
    engine.raw_sql(f"INSERT INTO {name} {statement}")
    return table


def unreadable(error: duckdb.Error) -> Exception:
    """Return why DuckDB stopped while reading; a fault of our own stays what it is."""
    if isinstance(error, duckdb.OutOfMemoryException):
        return DataError(
            "memory and disk are not enough for these data",
            remedy="Make room, name a larger disk with STAMMKUNDE_CACHE, or take a larger machine.",
        )
    # a damaged file makes the bare class too, but no mistake in a statement does
    if type(error) is duckdb.Error or isinstance(error, READING):
        named = re.search(r'file "([^"]+)"', str(error))
        what = "a file is damaged: it cannot be read to its end"
        if named:
            return DataError(what, where=Path(named[1]).name, remedy="Ask for it again.")
        return DataError(f"{what}, or a query fails on some row", remedy=ASK_AGAIN)
    if isinstance(error, FAILING):
        # the engine's own words would quote the cell
        return DataError("a query or view of the database fails on some row", remedy=ASK_AGAIN)
    return error


def _ended(error: Exception) -> Exception:
    """Return why PostgreSQL stopped; a fault of our own stays what it is."""
    from psycopg import OperationalError

    if not isinstance(error, OperationalError):
        return error
    return DataError("the server ended the session", remedy="Try again, or ask who runs it.")


def view(engine: BaseBackend, select: str) -> ir.Table:
    """Return a SELECT in the engine's own SQL as a relation that is computed when it is used."""
    name = f"t{next(_names)}"
    engine.raw_sql(f"CREATE TEMP VIEW {name} AS {select}")
    return temporary(engine, name)


def temporary(engine: BaseBackend, name: str) -> ir.Table:
    """Return a temporary table or view of the engine by name."""
    return engine.table(name, database=("temp", "main") if engine.name == "duckdb" else None)


def copied(
    engine: Backend, names: Sequence[str], kinds: Sequence[str], batches: Iterable[pa.RecordBatch]
) -> ir.Table:
    """Return delivered rows as a table of the engine, filled batch by batch.

    So only one batch is held at a time. `kinds` are the engine's types of the delivered columns
    `names`; a batch has these in their order, and perhaps one more that tells malformed rows.
    """
    table, done = f"t{next(_names)}", 0
    columns = [(RECORD, "BIGINT"), *((DELIVERED + n, k) for n, k in zip(names, kinds, strict=True))]
    columns.append((MALFORMED, "BOOLEAN"))
    defined = ", ".join(f"{identifier(name)} {kind}" for name, kind in columns)
    engine.raw_sql(f"CREATE TEMP TABLE {table} ({defined})")
    for batch in batches:
        numbers = pa.array(range(done + 1, done + batch.num_rows + 1), pa.int64())
        arrays = [numbers, *batch.columns]
        if len(arrays) < len(columns):
            arrays.append(pa.array([False] * batch.num_rows, pa.bool_()))
        plain = pa.Table.from_arrays(arrays, names=[f"c{i}" for i in range(len(arrays))])
        engine.con.register("delivered_batch", plain)
        engine.raw_sql(f"INSERT INTO {table} SELECT * FROM delivered_batch")
        engine.con.unregister("delivered_batch")
        done += batch.num_rows
    return temporary(engine, table)


def scratch() -> Path:
    """Return this process's own folder for what does not fit into memory, gone when it ends.

    It lies below the folder that the environment variable STAMMKUNDE_SCRATCH names, else below the
    cache folder (see `cache_folder`), or below the system's temporary folder where that cannot be
    written, and only its owner may look into it.
    """
    mine = os.getpid()
    if mine not in _scratch:
        # a forked process inherits the table, but its parent's folder is not its to use or remove
        _scratch.clear()
        _scratch[mine] = _fresh()
        atexit.register(_remove, mine, _scratch[mine])
    return _scratch[mine]


def _fresh() -> Path:
    try:
        home = Path(os.environ.get(ASIDE) or cache_folder())
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        _sweep(home)
        return Path(tempfile.mkdtemp(prefix=SCRATCH, dir=home))
    except OSError:
        return Path(tempfile.mkdtemp(prefix=f"stammkunde-{SCRATCH}"))


def _sweep(home: Path) -> None:
    """Remove what a process that was killed has left behind."""
    for old in home.glob(f"{SCRATCH}*"):
        with suppress(OSError):
            if time.time() - old.stat().st_mtime > STALE_SECONDS:
                shutil.rmtree(old)


def _remove(owner: int, folder: Path) -> None:
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


def exactly(path: str) -> str:
    """Return a path as the engine reads it, which takes `*`, `?` and `[` for a pattern of names."""
    return re.sub(r"([*?\[])", r"[\1]", path)


def quoted(text: str) -> str:
    """Return a text as it stands between the quotes of an SQL literal."""
    return text.replace("'", "''")


def identifier(name: str) -> str:
    """Return a name as it stands in SQL."""
    return '"' + name.replace('"', '""') + '"'
