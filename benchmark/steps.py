"""One measured step, alone in its process: `python -m benchmark.steps STEP FILE MEMORY`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from benchmark import making, plain
from stammkunde.spells.read import read_data
from stammkunde.spells.schema.data import DataToml
from stammkunde.spells.schema.meaning import GroupToml, WindowToml
from stammkunde.spells.schema.tables import ContractsToml, Delivery
from stammkunde.survival.table import LifeTable, life_tables

SECRET = bytes(32)


def main() -> None:
    """Run one step and print what it took as a line of JSON."""
    name, path, memory = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    duckdb.connect = limited(memory)
    took: dict[str, float | str] = {}
    STEPS[name](path, took)
    took["peak"] = peak_bytes()
    print(json.dumps(took))


def limited(memory: str) -> Callable[..., duckdb.DuckDBPyConnection]:
    """Return `duckdb.connect` with a limit to its memory, which stammkunde itself never sets."""
    connect = duckdb.connect

    def with_limit(
        database: str = ":memory:", read_only: bool = False, config: dict[str, Any] | None = None
    ) -> duckdb.DuckDBPyConnection:
        return connect(database, read_only, {"memory_limit": memory, **(config or {})})

    return with_limit


def by_sql(path: Path, took: dict[str, float | str]) -> None:
    """Count with plain SQL."""
    rows = timed(took, "total", partial(plain.count, path))
    took["counts"] = fingerprint(rows)


def by_stammkunde(path: Path, took: dict[str, float | str]) -> None:
    """Read, check and count with stammkunde; persons stay as delivered."""
    _read_and_count(path, took)


def with_pseudonyms(path: Path, took: dict[str, float | str]) -> None:
    """Read, check and count with stammkunde, as a client's report does: under pseudonyms."""
    _read_and_count(path, took, SECRET)


def from_csv(path: Path, took: dict[str, float | str]) -> None:
    """Read, check and count a large CSV as an export writes it."""
    _read_and_count(path, took)


def make_parquet(path: Path, took: dict[str, float | str]) -> None:
    """Make the contracts; `memory` is of no concern."""
    making.make_parquet(path, int(sys.argv[4]))


def make_csv(path: Path, took: dict[str, float | str]) -> None:
    """Make the large CSV."""
    took["rows"] = making.make_csv(path, float(sys.argv[4]))


def _read_and_count(path: Path, took: dict[str, float | str], secret: bytes | None = None) -> None:
    read = partial(read_data, path.parent, declared(path), secret=secret)
    spells = timed(took, "read", read)
    tables = timed(took, "tables", partial(life_tables, spells, by="tariff"))
    for kind in ("", " cpu"):
        took["total" + kind] = float(took["read" + kind]) + float(took["tables" + kind])
    took["rows"] = spells.tally.read
    took["counts"] = fingerprint(pd.concat([laid_out(t, g) for g, t in tables.items()]))


def declared(path: Path) -> DataToml:
    """Return what a client's TOML would say of the file."""
    text = path.suffix == ".csv"
    form = {"separator": ";", "date_format": "%d.%m.%Y"} if text else {}
    names = ("Kunde", "Beginn", "Ende", "Grund", "Tarif")
    person, start, end, reason, tariff = (
        names if text else ("customer", "start", "end", "reason", "tariff")
    )
    table = ContractsToml(
        delivery=Delivery(file=path.name, **form),  # type: ignore[arg-type]
        person=person,
        start=start,
        end=end,
        reason=reason,
    )
    return DataToml(
        window=WindowToml(close=date.fromisoformat(making.CLOSE)),
        contracts=table,
        groups={"tariff": GroupToml(column=tariff, title={})},
    )


def timed(took: dict[str, float | str], name: str, work: Callable[[], Any]) -> Any:
    """Return what `work` returns; note its seconds, and those of all processors."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    took[name], took[f"{name} cpu"] = time.perf_counter() - wall, time.process_time() - cpu
    return result


def laid_out(table: LifeTable, group: str) -> pd.DataFrame:
    """Return the counts of a life table as `plain.count` returns its own."""
    arrays = {"entered": table.entered[0], "censored": table.censored[0]}
    arrays |= {cause: table.moves[0, m] for m, cause in enumerate(table.causes)}
    parts = []
    for what, array in arrays.items():
        block, unit = np.nonzero(array)
        part = {"tariff": group, "block": block, "unit": unit + 1, "what": what}
        parts.append(pd.DataFrame({**part, "n": array[block, unit]}))
    return pd.concat(parts)


def fingerprint(rows: pd.DataFrame) -> str:
    """Return a hash of counts, whatever their order: equal only where all counts are."""
    names = ["tariff", "block", "unit", "what"]
    text = rows[[*names, "n"]].sort_values(names).to_csv(index=False, header=False)
    return sha256(text.encode("utf-8")).hexdigest()[:16]


def peak_bytes() -> int:
    """Return the most memory that this process has held at once."""
    if sys.platform == "win32":
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(most) if sys.platform == "darwin" else int(most) * 1024


STEPS = {
    "sql": by_sql,
    "stammkunde": by_stammkunde,
    "pseudonyms": with_pseudonyms,
    "csv": from_csv,
    "make-parquet": make_parquet,
    "make-csv": make_csv,
}

if __name__ == "__main__":
    main()
