"""Columns and groups may be called anything: what is delivered never collides with what is ours."""

from __future__ import annotations

import pandas as pd
import pytest

from stammkunde.errors import DataError
from stammkunde.spells.read import spells_from
from stammkunde.spells.schema.data import DataToml
from stammkunde.spells.schema.meaning import GroupToml
from stammkunde.spells.schema.rules import check_data
from stammkunde.spells.schema.tables import Delivery, SnapshotToml
from stammkunde.survival.table import life_tables
from tests.kernel.making import delivered, lives


@pytest.mark.parametrize("name", ["record", "Record", "person", "check", "=who", "Start"])
def test_a_delivered_column_may_have_any_name(tmp_path, name):
    text = f"{name},months,gone\nx,3,yes\ny,4,no\n"
    assert delivered(tmp_path, text, person=name).to_frame().person.tolist() == ["x", "y"]
    frame = pd.DataFrame({name: ["x", "y"], "months": [3, 4], "gone": [1, 0]})
    spells = spells_from(frame, person=name, tenure="months", left="gone")
    assert spells.to_frame().person.tolist() == ["x", "y"]


TAKEN = (
    "at", "came_from", "end", "n", "start", "state",
    "tenure", "to", "what", "weight", "State",
)  # fmt: skip


@pytest.mark.parametrize("name", TAKEN)
def test_a_group_of_any_name_counts_its_own_levels(name):
    levels = ["a", "b", "b"] * 10
    spells = lives([3] * 30, [1, 0] * 15, **{name: levels})
    tables = life_tables(spells, by=name)
    assert {k: int(t.spells.sum()) for k, t in tables.items()} == {"a": 10, "b": 20}


@pytest.mark.parametrize("name", ["at", "left", "n", "person", "state", "to", "what", "State"])
def test_a_client_file_with_a_group_of_any_name_counts(tmp_path, name):
    groups = {name: GroupToml(column="area", title={"en": "area"})}
    rows = "".join(f"p{i},{i % 5 + 1},yes,{'ab'[i % 3 > 0]}\n" for i in range(30))
    file = Delivery(file="customers.csv")
    table = SnapshotToml(delivery=file, tenure="", left="", left_values=(), stayed_values=())
    check_data(DataToml(snapshot=table, groups=groups), "c.toml")
    spells = delivered(tmp_path, "who,months,gone,area\n" + rows, person="who", groups=groups)
    tables = life_tables(spells, by=name)
    assert {k: int(t.spells.sum()) for k, t in tables.items()} == {"a": 10, "b": 20}


def test_columns_of_a_frame_that_differ_by_a_capital_only_are_refused():
    frame = pd.DataFrame({"who": ["x", "y"], "Who": [1, 2], "months": [3, 4], "gone": [1, 0]})
    with pytest.raises(DataError, match=r"columns of one name: `Who`, `who`. Rename one."):
        spells_from(frame, person="who", tenure="months", left="gone")
