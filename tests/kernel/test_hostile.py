"""Deliveries that programs, people and browsers make and nobody expects."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stammkunde.errors import DataError, SchemaError, StammkundeError
from stammkunde.spells.delivery.take import take
from stammkunde.spells.read import read_data
from stammkunde.spells.schema.data import DataToml
from stammkunde.spells.schema.loading import build
from stammkunde.spells.schema.meaning import (
    ChecksToml,
    CovariateToml,
    GroupToml,
    LapseToml,
    SpellsToml,
    WindowToml,
)
from stammkunde.spells.schema.rules import check_data
from stammkunde.spells.schema.tables import ContractsToml, Delivery, TransactionsToml
from stammkunde.spells.spells import Spells

WINDOW = WindowToml(open=date(2018, 1, 1), close=date(2021, 1, 1))
ALL = ChecksToml(most_rejected=1.0)
ROWS = "who,from,to\n1,2018-02-01,\n2,2018-02-01,2019-03-04\n3,2018-05-01,\n"
TYPED = {"who": [1, 2, 3], "from": [date(2018, 2, 1)] * 3, "to": [date(2019, 3, 4), None, None]}


def declared(delivery: Delivery, **more: Any) -> DataToml:
    table = ContractsToml(delivery=delivery, person="who", start="from", end="to")
    return DataToml(**{"window": WINDOW, "contracts": table, "checks": ALL} | more)


def read(folder: Path, delivery: Delivery, **more: Any) -> Spells:
    return read_data(folder, declared(delivery, **more))


@pytest.mark.parametrize("name", ["a[1]", "a*"])
@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_a_name_is_no_pattern(tmp_path: Path, name: str, ending: str) -> None:
    """Browsers call a second download "a[1].csv", which engines read as a1.csv."""
    folder = tmp_path / "of [all] *"
    folder.mkdir()
    for other, rows in (("a1", 1), ("ab", 2), (name, 3)):
        path = folder / (other + ending)
        if ending == ".csv":
            path.write_text("".join(ROWS.splitlines(keepends=True)[: rows + 1]))
        else:
            pq.write_table(pa.table(TYPED).slice(0, rows), path)
    assert read(folder, Delivery(file=name + ending)).tally.read == 3


def test_a_folder_called_like_a_column_changes_no_cell(tmp_path: Path) -> None:
    folder = tmp_path / "who=7"
    folder.mkdir()
    pq.write_table(pa.table(TYPED), folder / "a.parquet")
    assert set(read(tmp_path, Delivery(file="who=7")).to_frame().person) == {"1", "2", "3"}


def test_columns_called_like_the_engine_s_own_leave_the_records_alone(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    for part in "ab":
        table = pa.table(TYPED | {"file_row_number": [9, 9, 9], "FILE_INDEX": [5, 5, 5]})
        pq.write_table(table, tmp_path / "t" / f"{part}.parquet")
    assert sorted(read(tmp_path, Delivery(file="t")).to_frame().record) == [1, 2, 3, 4, 5, 6]


def test_a_time_with_a_distance_from_utc_is_the_one_that_clocks_showed(tmp_path: Path) -> None:
    times = pa.array([datetime(2018, 2, 1, 23, 30)] * 3, pa.timestamp("us", "+01:30"))
    pq.write_table(pa.table(TYPED | {"from": times}), tmp_path / "t.parquet")
    days = read(tmp_path, Delivery(file="t.parquet")).to_frame().start
    assert set(pd.to_datetime(days)) == {pd.Timestamp(2018, 2, 2)}
    times = pa.array([None] * 3, pa.timestamp("us", "Nowhere/Here"))
    pq.write_table(pa.table(TYPED | {"from": times}), tmp_path / "t.parquet")
    with pytest.raises(DataError, match="zone `Nowhere/Here`, which is not known"):
        read(tmp_path, Delivery(file="t.parquet"))


def test_days_beyond_the_calendar_are_read_or_set_aside(tmp_path: Path) -> None:
    """The greatest and least day of Parquet, days before our era, and one in the year 30,000."""
    days = pa.array([2**31 - 1, -(2**31), 10_000_000], pa.int32()).cast(pa.date32())
    for column in ("from", "to"):
        pq.write_table(pa.table(TYPED | {column: days}), tmp_path / "t.parquet")
        more = {"covariates": {"x": CovariateToml(column=column, title={})}}
        if column == "from":
            with pytest.raises(DataError, match="no row can be used"):
                read(tmp_path, Delivery(file="t.parquet"), **more)
            continue
        spells = read(tmp_path, Delivery(file="t.parquet"), **more)
        assert (spells.tally.used, list(spells.rejected.record)) == (2, [2])
        assert set(spells.to_frame()["end"]) == {"censored"}


def test_set_aside_whole_numbers_are_those_delivered(tmp_path: Path) -> None:
    """Beside an empty cell, and beyond what a float can hold."""
    table = TYPED | {"who": [2**53 + 1, None, 5], "to": [date(2017, 1, 1), None, None]}
    pq.write_table(pa.table(table), tmp_path / "t.parquet")
    rejected = read(tmp_path, Delivery(file="t.parquet")).rejected
    assert list(rejected.who) == [9007199254740993, None]


@pytest.mark.parametrize(
    "query",
    [
        'SELECT name::INT AS who, "from", "to" FROM t',
        'SELECT error(name) AS who, "from", "to" FROM t',
        'SELECT (SELECT name FROM t) AS who, "from", "to" FROM t',
        "SELECT " + "(" * 3000 + "1" + ")" * 3000,
    ],
)
def test_a_query_that_fails_on_a_row_tells_no_cell(tmp_path: Path, query: str) -> None:
    with duckdb.connect(str(tmp_path / "c.duckdb")) as base:
        base.register("made", pa.table(TYPED | {"name": ["Erika", "Max", "Moritz"]}))
        base.execute("CREATE TABLE t AS FROM made")
    with pytest.raises(StammkundeError) as error:
        read(tmp_path, Delivery(database="duckdb://c.duckdb", query=query))
    assert "Erika" not in str(error.value)
    assert error.value.remedy


def test_a_broken_letter_in_a_database_is_told_without_its_cell(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "c.sqlite") as base:
        base.execute("CREATE TABLE t (who, [from], [to])")
        base.execute("INSERT INTO t VALUES (CAST(x'4572696B61FF' AS TEXT), '2018-02-01', NULL)")
    base.close()
    with pytest.raises(DataError, match="cannot be read") as error:
        read(tmp_path, Delivery(database="sqlite://c.sqlite", table="t"))
    assert "Erika" not in str(error.value)


def test_a_cell_as_long_as_a_book_is_called_so(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(ROWS + "4,2018-02-01," + "y" * 2_500_000 + "\n")
    with pytest.raises(DataError, match="a cell in line 5 has more than 1,048,576 letters"):
        read(tmp_path, Delivery(file="c.csv"))


@pytest.mark.parametrize("name", ["a\0b.csv", "x" * 400 + ".csv", "circle.csv"])
def test_what_cannot_be_a_path_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "circle.csv").symlink_to(tmp_path / "circle.csv")
    with pytest.raises(StammkundeError, match="cannot be the path of a file"):
        take(tmp_path, {"contracts": Delivery(file=name)})


def test_an_address_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="`database` is not a URL"):
        take(tmp_path, {"contracts": Delivery(database="postgresql://[::1", table="t")})
    with pytest.raises(SchemaError, match="holds a password"):
        take(tmp_path, {"contracts": Delivery(database="postgresql://a:b@[::1", table="t")})


GROUP: dict[str, Any] = {"column": "x", "title": {}}


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"groups": {"g": GROUP | {"cuts": [float("nan")]}}}, "nan, which is not a number"),
        ({"groups": {"g": GROUP | {"cuts": [10**400]}}}, "is not a number of usual size"),
        ({"groups": {"a\0b": GROUP}}, "a text without the sign NUL"),
        ({"groups": {"g": GROUP | {"cuts": [1.0, 1.0000001, 1.0000002]}}}, "too alike"),
        ({"window": {"close": date(9999, 12, 31)}}, "`window.close` is 9999-12-31"),
        ({"window": {"open": date(1, 1, 1), "close": date(2020, 1, 1)}}, "`window.open` is"),
        ({"spells": {"per": "person", "return_days": 10**30}}, "whole number|usual size"),
        ({"spells": {"per": "person", "merge_gap_days": 10**9}}, "more than a century"),
    ],
)
def test_values_that_no_engine_knows_are_refused(keys: dict[str, Any], said: str) -> None:
    table = {"file": "c.csv", "person": "who", "start": "from", "end": "to"}
    raw = {"window": {"close": date(2020, 1, 1)}, "contracts": table} | keys
    with pytest.raises(SchemaError, match=said):
        check_data(build(DataToml, raw, "c.toml"), "c.toml")


@pytest.mark.parametrize("days", [10**7, 10**12])
def test_a_lapse_rule_of_ages_is_refused(days: int) -> None:
    table = TransactionsToml(delivery=Delivery(file="c"), person="who", date="day")
    data = DataToml(window=WINDOW, transactions=table, lapse=LapseToml(gap_days=days))
    with pytest.raises(SchemaError, match="more than a century"):
        check_data(data, "c.toml")


def purchases(folder: Path, rows: list[str]) -> Spells:
    (folder / "c.csv").write_text("\n".join(["who,day,shop,price", *rows]) + "\n")
    table = TransactionsToml(delivery=Delivery(file="c.csv"), person="who", date="day")
    groups = {"shop": GroupToml(column="shop", title={})}
    groups["price"] = GroupToml(column="price", title={}, cuts=(5.0,))
    lapse = LapseToml(gap_days=180)
    data = DataToml(window=WINDOW, transactions=table, lapse=lapse, groups=groups, checks=ALL)
    return read_data(folder, data)


def test_a_price_beyond_all_reason_is_counted_and_breaks_no_sum(tmp_path: Path) -> None:
    spells = purchases(tmp_path, ["1,2018-02-01,a,1e30", "2,2018-02-01,b,6"])
    assert spells.to_frame().price.isna().tolist() == [True, False]
    assert [f.rows for f in spells.found if f.check == "unreadable_number"] == [1]


def parallel(folder: Path, rows: list[str], per: str) -> Spells:
    (folder / "c.csv").write_text("\n".join(["who,from,to,plan", *rows]) + "\n")
    groups = {"plan": GroupToml(column="plan", title={})}
    spells = SpellsToml(per=per)  # type: ignore[arg-type]
    return read(folder, Delivery(file="c.csv"), groups=groups, spells=spells)


SAME_DAY = ["1,2018-02-01,,b", "1,2018-02-01,2019-01-01,a", "1,2018-02-01,,c", "2,2018-03-01,,a"]


@pytest.mark.parametrize(
    ("rows", "made"),
    [
        (SAME_DAY, lambda folder, rows: parallel(folder, rows, "contract")),
        (SAME_DAY, lambda folder, rows: parallel(folder, rows, "person")),
    ],
)
@pytest.mark.long
def test_rows_of_one_day_say_the_same_in_any_order(
    tmp_path: Path, rows: list[str], made: Callable[[Path, list[str]], Spells]
) -> None:
    seen = set()
    for seed in range(3):
        shuffled = rows[seed:] + rows[:seed]
        frame = made(tmp_path, shuffled).to_frame().drop(columns="record")
        seen.add(frame.sort_values(["person", "spell"]).to_csv(index=False))
    assert len(seen) == 1
