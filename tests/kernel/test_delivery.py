"""The same table from every form in which it is delivered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from stammkunde.spells.blocks import block_expr, block_of, key_text
from stammkunde.spells.delivery.cells import date_of, number_of, text_of
from stammkunde.spells.delivery.columns import RECORD, column, delivered
from stammkunde.spells.delivery.take import Taken, take
from stammkunde.spells.read import read_data, spells_from
from stammkunde.spells.schema.data import DataToml
from stammkunde.spells.schema.meaning import GroupToml, WindowToml
from stammkunde.spells.schema.tables import ContractsToml, Delivery
from stammkunde.spells.spells import Tally
from stammkunde.survival.table import LifeTable, life_tables
from tests.kernel.delivering import FORMS, NAMES, Row, contracts, frame

# encodings that know no emoji
LIMITED = ("windows", "latin")


def read(taken: Taken) -> pd.DataFrame:
    """Return what the cells of a table of contracts say, by record."""
    rows, form = taken.rows, taken.form
    key, start, end, price, town = (column(rows, n, taken.where) for n in delivered(rows))
    read = rows.select(
        RECORD,
        "malformed",
        person=text_of(key),
        block=block_expr(text_of(key)),
        start=date_of(start, form).cast("string"),
        end=date_of(end, form).cast("string"),
        price=number_of(price, form),
        town=text_of(town),
    )
    return read.order_by(RECORD).execute()


def expected(rows: list[Row]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            RECORD: range(1, len(rows) + 1),
            "malformed": False,
            "person": [key_text(r[0]) for r in rows],
            "block": [block_of(r[0]) for r in rows],
            "start": [r[1].isoformat() for r in rows],
            "end": [r[2].isoformat() if r[2] else None for r in rows],
            "price": [r[3] for r in rows],
            "town": [r[4].strip() if r[4] else None for r in rows],
        }
    )


@pytest.mark.parametrize("form", FORMS)
def test_every_form_says_the_same(tmp_path: Path, form: str) -> None:
    rows = contracts()
    taken = take(tmp_path, {"contracts": FORMS[form](tmp_path, rows)})["contracts"]
    names = [n.replace("📅", "am") if form in LIMITED else n for n in NAMES]
    assert delivered(taken.rows) == names
    pd.testing.assert_frame_equal(read(taken), expected(rows), check_dtype=False)


def data(delivery: Delivery, names: tuple[str, ...] = NAMES) -> DataToml:
    """Return what a client file says of the table, wherever it lies."""
    person, start, end, price, town = names
    table = ContractsToml(delivery=delivery, person=person, start=start, end=end)
    groups = {
        "town": GroupToml(column=town, title={}),
        "price": GroupToml(column=price, title={}, cuts=(15.0, 1220.5)),
    }
    window = WindowToml(open=date(2018, 6, 1), close=date(2021, 1, 1))
    return DataToml(window=window, contracts=table, groups=groups)


def lives(folder: Path, delivery: Delivery, names: tuple[str, ...]) -> tuple[object, ...]:
    """Return tally, spells and the counts of the life tables by two groups and block."""
    spells = read_data(folder, data(delivery, names))
    tables = life_tables(spells, by=("town", "price"))
    frame = spells.to_frame().drop(columns=["record"])
    return spells.tally, spells.persons, frame.to_csv(index=False), laid_out_of(tables)


def laid_out_of(tables: Mapping[Any, LifeTable]) -> dict[str, list[Any]]:
    parts = ("entered", "at_risk", "moves", "censored")
    return {str(k): [getattr(t, p).tolist() for p in parts] for k, t in tables.items()}


@pytest.mark.long
def test_every_form_becomes_the_same_life_tables(tmp_path: Path) -> None:
    rows, seen = contracts(), {}
    for form, deliver in FORMS.items():
        folder = tmp_path / form
        folder.mkdir()
        names = tuple(n.replace("📅", "am") if form in LIMITED else n for n in NAMES)
        seen[form] = lives(folder, deliver(folder, rows), names)
    first = seen["csv"]
    # one ended before the window, one before a whole unit of it had passed
    assert first[0] == Tally(read=120, used=118, never_at_risk=2, rejected=0)
    assert [form for form, found in seen.items() if found != first] == []


def test_a_frame_becomes_the_same_spells(tmp_path: Path) -> None:
    rows = contracts()
    spells = spells_from(
        frame(rows), person=NAMES[0], start=NAMES[1], end=NAMES[2],
        open=date(2018, 6, 1), close=date(2021, 1, 1), by=[NAMES[4]],
    )  # fmt: skip
    read = read_data(tmp_path, data(FORMS["csv"](tmp_path, rows)))
    columns = ["person", "block", "start", "last", "entry", "exit", "end", "record"]
    pd.testing.assert_frame_equal(spells.to_frame()[columns], read.to_frame()[columns])


def test_two_tables_of_one_database_lie_in_one_engine(tmp_path: Path) -> None:
    delivery = FORMS["duckdb"](tmp_path, contracts())
    both = take(tmp_path, {"contracts": delivery, "events": delivery})
    assert both["contracts"].engine is both["events"].engine
    pd.testing.assert_frame_equal(read(both["contracts"]), read(both["events"]))
