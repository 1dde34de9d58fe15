"""Parquet files and databases that are damaged, missing or asked for too much."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stammkunde.errors import DataError, SchemaError
from stammkunde.spells.delivery.engine import keep
from stammkunde.spells.delivery.take import take
from stammkunde.spells.schema.tables import Delivery
from tests.kernel.test_delivery_refused import PAGE, refusal


def test_a_parquet_file_that_is_not_whole(tmp_path: Path) -> None:
    file = tmp_path / "c.parquet"
    pq.write_table(pa.table({"who": [1, 2]}), file)
    whole = file.read_bytes()
    for content in (whole[: len(whole) // 2], whole[:-4] + b"junk", b"", PAGE):
        file.write_bytes(content)
        error = refusal(tmp_path, file="c.parquet")
        assert "this is not a whole Parquet file" in error.what
        assert error.where == "c.parquet"


def test_a_parquet_file_that_is_damaged_within_tells_no_cell(tmp_path: Path) -> None:
    """Its foot is whole, so that only reading the cells finds it out."""
    file = tmp_path / "c.parquet"
    pq.write_table(pa.table({"who": [f"Kunde {i}" for i in range(5000)]}), file)
    whole = file.read_bytes()
    file.write_bytes(whole[:100] + bytes(400) + whole[500:])
    taken = take(tmp_path, {"contracts": Delivery(file="c.parquet")})["contracts"]
    with pytest.raises(DataError) as refused:
        keep(taken.engine, taken.rows)
    told = str(refused.value)
    assert told == "c.parquet: a file is damaged: it cannot be read to its end. Ask for it again."


def test_a_letter_that_is_broken_within_a_parquet_file_is_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "c.parquet"
    table = pa.table({"who": [f"Kunde {i}" for i in range(5)]})
    pq.write_table(table, file, compression="none", use_dictionary=False)
    file.write_bytes(file.read_bytes().replace(b"Kunde 3", b"Kunde \xff"))
    taken = take(tmp_path, {"contracts": Delivery(file="c.parquet")})["contracts"]
    with pytest.raises(DataError, match="a file is damaged") as refused:
        keep(taken.engine, taken.rows)
    assert "Kunde" not in str(refused.value)


def test_a_folder_of_parquet_files_that_differ(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    assert "holds no Parquet file" in refusal(tmp_path, file="parts/").what
    pq.write_table(pa.table({"who": [1], "to": ["x"]}), tmp_path / "parts" / "a.parquet")
    for other, what in (
        ({"who": [1]}, "it has other columns than a.parquet: no `to`"),
        ({"who": [1], "to": ["x"], "b": [1]}, "it has other columns than a.parquet: also `b`"),
        ({"who": [1], "to": [3]}, "other types or another order"),
    ):
        pq.write_table(pa.table(other), tmp_path / "parts" / "b.parquet")
        error = refusal(tmp_path, file="parts/")
        assert what in error.what
        assert error.where == "b.parquet"


def test_databases_that_are_not_there_or_not_whole(tmp_path: Path) -> None:
    (tmp_path / "c.sqlite").write_bytes(PAGE)
    (tmp_path / "c.duckdb").write_bytes(PAGE)
    told = refusal(tmp_path, database="sqlite://c.sqlite", table="c")
    assert "the database cannot be read (file is not a database)" in told.what
    told = refusal(tmp_path, database="duckdb://c.duckdb", table="c")
    assert "this is not a whole DuckDB database" in told.what
    for kind in ("duckdb", "sqlite"):
        told = refusal(tmp_path, database=f"{kind}://none", table="c")
        assert str(told).startswith("none: the file is missing.")
    told = refusal(tmp_path, database="oracle://none", table="c")
    assert told.what == "`database` is of no known kind"


def test_a_table_or_query_that_a_database_does_not_know(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "c.sqlite") as lite:
        lite.execute("CREATE TABLE contracts (who, ends)")
    lite.close()
    with duckdb.connect(str(tmp_path / "c.duckdb")) as duck:
        duck.execute("CREATE TABLE contracts AS SELECT 1 AS who")
    for url in ("sqlite://c.sqlite", "duckdb://c.duckdb"):
        told = str(refusal(tmp_path, database=url, table="contract"))
        assert told == "contract: no table `contract`. Did you mean `contracts`?"
        told = str(refusal(tmp_path, database=url, query="SELECT nobody FROM contracts"))
        assert "nobody" in told
        for query in ("DROP TABLE contracts", "SELECT 1; SELECT 2", "SELEC 1", ""):
            error = refusal(tmp_path, database=url, query=query or "ATTACH 'x' AS y")
            assert isinstance(error, SchemaError), query


@pytest.mark.parametrize("query", ["SELECT * FROM read_csv('{0}')", "SELECT * FROM '{0}'"])
def test_a_query_reaches_no_file_beside_its_database(tmp_path: Path, query: str) -> None:
    """Neither by a function nor by a path in the place of a table."""
    outside = tmp_path / "outside.csv"
    outside.write_text("secret\n1\n")
    folder = tmp_path / "client"
    folder.mkdir()
    duckdb.connect(str(folder / "c.duckdb")).close()
    query = query.format(outside.as_posix())
    error = refusal(folder, database="duckdb://c.duckdb", query=query)
    assert error.what.startswith("refused: ")
