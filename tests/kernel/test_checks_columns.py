"""What checks find in whole columns: leaks, constants, levels nobody has, missing old leavers."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from stammkunde.spells.read import read_data
from stammkunde.spells.schema.data import DataToml
from stammkunde.spells.schema.meaning import CovariateToml, GroupToml, WindowToml
from stammkunde.spells.schema.tables import SnapshotToml
from stammkunde.spells.spells import Spells
from tests.kernel.tables import by_check, contracts, contracts_toml, one, write


def long_list(folder: Path, cell, head: str, count: int = 400, **keys: object) -> Spells:
    """Return the spells of contracts of which every fourth has ended; `cell(i, left)` fills up."""
    rows = [head]
    for i in range(count):
        left = i % 4 == 0
        rows.append(f"k{i},2019-0{i % 9 + 1}-01,{'2020-05-31' if left else ''},{cell(i, left)}")
    return contracts(folder, "\n".join(rows), **keys)


HEAD = "who,from,to,x"
X = {"x": GroupToml(column="x", title={})}


@pytest.mark.parametrize("declared", [True, False], ids=["group", "nobody named it"])
def test_a_level_that_tells_who_has_left_is_found(tmp_path, declared):
    def nearly(i: int, left: bool) -> str:
        return "inactive" if left or i == 7 else "active"

    groups = X if declared else {}
    spells = long_list(tmp_path, nearly, HEAD, groups=groups)
    found = one(spells.found, "leakage")
    assert (found.severity, found.column, found.rows) == ("warning", "x", 400)
    values = {"levels": 2, "left": 100, "wrong": 1}
    assert dict(found.values) == (values if declared else values | {"by": "levels"})


def test_a_date_that_only_leavers_have_is_found(tmp_path):
    def last_bill(i: int, left: bool) -> str:
        return f"2020-06-{i % 28 + 1:02}" if left and i % 8 else ""

    found = one(long_list(tmp_path, last_bill, HEAD).found, "leakage")
    assert dict(found.values) == {"left": 50, "wrong": 0, "by": "filled"}


def test_a_column_that_tells_little_is_no_leak(tmp_path):
    def driver(i: int, left: bool) -> str:
        return "a" if left and i % 3 else "ab"[i % 2]

    found = by_check(long_list(tmp_path, driver, HEAD, groups=X).found)
    assert "leakage" not in found
    assert "leakage" not in by_check(long_list(tmp_path, lambda i, left: f"n{i}", HEAD).found)


def test_declared_columns_of_the_end_are_no_leak(tmp_path):
    def reason(i: int, left: bool) -> str:
        return "moved" if left else ""

    data = contracts_toml(tmp_path, HEAD, {"reason": "x"})
    long_list(tmp_path, reason, HEAD)
    found = by_check(read_data(tmp_path, data).found)
    assert "leakage" not in found


def test_a_constant_group_and_levels_that_nobody_has_are_noted(tmp_path):
    group = GroupToml(column="x", title={}, levels={"basic": {}, "plus": {}, "gone": {}})
    spells = long_list(
        tmp_path, lambda i, left: "plus" if i == 5 else "basic", HEAD, groups={"x": group}
    )
    constant, unseen = one(spells.found, "near_constant"), one(spells.found, "undeclared_level")
    assert (constant.rows, constant.severity) == (399, "note")
    assert dict(unseen.values) == {"levels": ("gone",)}


def joined_since(folder: Path, first_end: date, gone: int, **keys: object) -> Spells:
    """Return contracts from 2010 on, 20 a month; of each month's some end every year after 2018."""
    rows = ["who,from,to"]
    for month in range(120):
        start = date(2010 + month // 12, month % 12 + 1, 1)
        for k in range(20):
            end = date(2018 + k % 3, k % 12 + 1, 28) if k < gone else None
            ended = end if end and end > max(start, first_end) else ""
            rows.append(f"k{month}-{k},{start},{ended}")
    return contracts(folder, "\n".join(rows), **keys)


def test_old_leavers_that_are_missing_are_found(tmp_path):
    spells = joined_since(tmp_path, date(2018, 1, 1), gone=10)
    found = one(spells.found, "probable_truncation")
    assert (found.severity, found.column) == ("warning", "to")
    assert found.values["first"] == date(2018, 1, 1)
    assert found.rows == found.values["joined"] == 96 * 20
    assert found.values["share"] == pytest.approx(96 * 20 / 2400)
    assert found.values["expected"] > 14


def test_a_declared_first_day_of_observation_answers_it(tmp_path):
    window = WindowToml(open=date(2018, 1, 1), close=date(2021, 1, 1))
    spells = joined_since(tmp_path, date(2018, 1, 1), gone=10, window=window)
    assert "probable_truncation" not in by_check(spells.found)


def test_a_minimum_term_is_no_truncation(tmp_path):
    """Nobody can leave in the first two years; that nobody did is no sign of missing rows."""
    rows = ["who,from,to"]
    for i in range(900):
        start = date(2017, 1, 1) + timedelta(days=i)
        end = start + timedelta(days=730 + 5 * (i % 60))
        rows.append(f"k{i},{start},{end if end < date(2021, 1, 1) else ''}")
    assert "probable_truncation" not in by_check(contracts(tmp_path, "\n".join(rows)).found)


def test_expected_leavers_are_counted_by_hand(tmp_path):
    """60 join on 1 January 2018 and run on; of 60 from 1 January 2020 half end in their 3rd month.

    Before 2020 nobody left, though all 60 saw a third month, the one in which half of the young
    left: 30 leavers are missing.
    """
    rows = ["who,from,to", *(f"o{i},2018-01-01," for i in range(60))]
    rows += [f"y{i},2020-01-01,{'2020-03-31' if i % 2 else ''}" for i in range(60)]
    spells = contracts(tmp_path, "\n".join(rows))
    found = one(spells.found, "probable_truncation")
    assert found.values["expected"] == pytest.approx(30)
    assert found.rows == 60


@pytest.mark.parametrize("kept", [1, 12])
def test_a_few_old_leavers_that_were_kept_do_not_hide_the_others(tmp_path, kept):
    """600 join in 2015 and as many in 2018; 3 % of those there leave every quarter since 2018."""
    rows = ["who,from,to"]
    for i in range(600):
        old = f"2016-{1 + i % 12:02}-28" if i < kept else _quarterly(date(2018, 1, 1), i)
        rows.append(f"o{i},2015-01-01,{old}")
        rows.append(f"y{i},2018-01-01,{_quarterly(date(2018, 1, 1), i)}")
    found = one(contracts(tmp_path, "\n".join(rows)).found, "probable_truncation")
    assert found.values["recorded"] == kept
    assert found.values["first"] == date(2018, 1, 1)


def _quarterly(since: date, i: int) -> str:
    """Return the day on which the i-th of 600 leaves: 18 go in every quarter of three years."""
    quarter = i // 18
    return f"{since + timedelta(days=91 * quarter + 40)}" if quarter < 12 else ""


def test_a_snapshot_is_looked_at_for_leaks_too(tmp_path):
    rows = [
        f"k{i},{i % 30 + 1},{'yes' if i % 4 else 'no'},{i if i % 4 else ''}" for i in range(200)
    ]
    delivery = write(tmp_path, "s.csv", "\n".join(["who,months,gone,score", *rows]))
    table = SnapshotToml(
        delivery=delivery,
        tenure="months",
        left="gone",
        left_values=("yes",),
        stayed_values=("no",),
        person="who",
    )
    covariates = {"score": CovariateToml(column="score", title={}, kind="number")}
    spells = read_data(tmp_path, DataToml(snapshot=table, covariates=covariates))
    assert one(spells.found, "leakage").column == "score"
