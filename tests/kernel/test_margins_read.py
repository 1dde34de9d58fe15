"""Margins as delivered: cents, rows set aside, what is empty; and contracts of one person."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import numpy as np
import pytest

from stammkunde.draws import BLOCKS
from stammkunde.errors import NotObservedError
from stammkunde.spells.blocks import block_of
from stammkunde.spells.read import read_data
from stammkunde.spells.schema.data import DataToml
from stammkunde.spells.schema.meaning import ChecksToml, SpellsToml, WindowToml
from stammkunde.spells.schema.tables import ContractsToml, Delivery, SnapshotToml
from stammkunde.survival.margins import between, margins
from stammkunde.survival.margins.between import DAYS_A_MONTH, PairCounts, between_from, pairs
from stammkunde.survival.table import life_table
from tests.kernel.making import lives

WINDOW = WindowToml(open=date(2019, 1, 1), close=date(2021, 1, 1))
HERE = Delivery(file="c.csv", separator=";", decimal=",", thousands=".")
HEAD = "who;from;to;earned\n"


def contracts(folder, text, per="contract", margin="earned"):
    (folder / "c.csv").write_text(HEAD + text, encoding="utf-8")
    table = ContractsToml(delivery=HERE, person="who", start="from", end="to", margin=margin)
    checks = ChecksToml(most_rejected=1.0)
    spells = SpellsToml(per=per)
    data = DataToml(window=WINDOW, contracts=table, checks=checks, spells=spells)
    return read_data(folder, data)


ROWS = """\
a;2019-01-01;2019-03-31;12,345
b;2019-01-01;;1.250,00
c;2019-01-01;;
d;2019-01-01;;free
e;2019-01-01;;-3,5
f;2019-01-01;;2000000000000
"""


def test_amounts_are_cents_and_what_cannot_be_read_is_set_aside(tmp_path):
    spells = contracts(tmp_path, ROWS)
    frame = spells.to_frame().set_index("person").margin
    assert {k: v for k, v in frame.items() if v == v} == {"a": 1235, "b": 125000, "e": -350}
    assert np.isnan(frame["c"])
    assert spells.rejected.set_index("who")["check"].to_dict() == {
        "d": "unreadable_number",
        "f": "impossible_value",
    }
    table = life_table(spells)
    assert table.at_risk[0].sum(axis=0)[0] == 4
    assert table.money["margin_known"][0].sum(axis=0)[:4].tolist() == [3, 3, 3, 2]
    assert table.money["margin"][0].sum(axis=0)[:4].tolist() == [125885] * 3 + [124650]
    found = margins(spells)
    assert (found.unknown, found.unknown_there) == (1, 1)


def test_without_the_key_there_is_no_margin(tmp_path):
    spells = contracts(tmp_path, ROWS, margin="")
    assert "margin" not in spells.relation.columns
    assert life_table(spells).money == {}
    for ask in (margins, between):
        with pytest.raises(NotObservedError, match="margin"):
            ask(spells)


def test_contracts_that_are_one_time_have_the_margin_of_the_first(tmp_path):
    text = "a;2019-01-01;2019-03-31;10\na;2019-04-01;;99\n"
    frame = contracts(tmp_path, text, per="person").to_frame()
    assert (len(frame), frame.margin.tolist()) == (1, [1000])


def test_a_snapshot_has_margins_too(tmp_path):
    (tmp_path / "c.csv").write_text("months;gone;earned\n3;yes;7,5\n5;no;x\n6;no;\n", "utf-8")
    flags = {"left_values": ("yes",), "stayed_values": ("no",)}
    table = SnapshotToml(delivery=HERE, tenure="months", left="gone", margin="earned", **flags)
    data = DataToml(snapshot=table, checks=ChecksToml(most_rejected=1.0))
    spells = read_data(tmp_path, data)
    assert spells.rejected["check"].tolist() == ["unreadable_number"]
    assert margins(spells).to_frame().margin.tolist() == [7.5] * 3
    with pytest.raises(NotObservedError, match="dates"):
        between(spells)


PAIRS = """\
a;2019-01-01;2019-03-31;10
a;2019-05-01;2019-06-30;12
a;2020-01-01;;11
b;2019-01-01;2019-03-31;20
b;2019-01-31;;20
c;2019-01-01;2019-02-28;5
c;2019-01-01;;50
d;2019-01-01;2019-02-28;
d;2019-07-01;;50
e;2019-01-01;;7
"""


def test_contracts_of_one_person_are_paired_one_after_another(tmp_path):
    found = between(contracts(tmp_path, PAIRS))
    # a: +2 in 120 days, -1 in 245; b: none in 30; c begins twice on one day, d is not known
    assert (found.persons, found.pairs) == (2, 3)
    assert {found.changed.reason, found.per_month.reason} == {"too_few_persons"}
    sums = vars(pairs(contracts(tmp_path, PAIRS)))
    assert {n: int(a.sum()) for n, a in sums.items()} == {
        "persons": 2,
        "pairs": 3,
        "changed": 2,
        "cents": 100,
        "days": 395,
    }


def test_growth_is_all_changes_by_all_months():
    rng = np.random.default_rng(3)
    days, change = rng.integers(30, 900, 500), rng.integers(-50, 100, 500)
    block = np.array([block_of(f"p{i}") for i in range(500)])
    sums = {n: np.bincount(block, v, BLOCKS).astype(np.int64) for n, v in (
        ("persons", np.ones(500)), ("pairs", np.ones(500)), ("changed", change != 0),
        ("cents", change), ("days", days))}  # fmt: skip
    found = between_from(PairCounts(**sums)).per_month
    rate = Fraction(int(change.sum()), int(days.sum()))
    assert found.value == pytest.approx(float(rate) * DAYS_A_MONTH / 100, rel=1e-12)
    ratios = [
        (change[block != b].sum() / days[block != b].sum()) * DAYS_A_MONTH / 100
        for b in np.unique(block)
    ]
    g = len(ratios)
    assert found.se == pytest.approx(np.sqrt((g - 1) * np.var(ratios)), rel=1e-9)


def test_snapshots_without_a_margin_stay_as_they_were():
    assert life_table(lives([3, 4], [1, 0])).money == {}
