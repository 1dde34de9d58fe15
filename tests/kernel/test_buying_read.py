"""Purchases from files to counts: days, hold-outs, amounts, groups, branches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from stammkunde.errors import DataError, NotObservedError, ParameterError
from stammkunde.spells.blocks import block_of
from stammkunde.spells.bought import Purchases, read_bought
from stammkunde.spells.schema.data import DataToml
from stammkunde.spells.schema.meaning import GroupToml, WindowToml
from stammkunde.spells.schema.tables import ContractsToml, Delivery, TransactionsToml
from stammkunde.spells.source import fetch
from stammkunde.study import read_study
from stammkunde.survival.buying import (
    bg_nbd,
    gamma_gamma,
    histories,
    histories_by,
    timeline,
    tracked,
    transfers,
)
from stammkunde.workspace import Workspace
from stammkunde.worlds import find
from stammkunde.worlds.autohaus import parameters
from stammkunde.worlds.autohaus.expect import ledger
from tests.validate.worlds_autohaus import tables

# too slow for every run: `make test-full` has them
pytestmark = pytest.mark.long

GARAGE = find("autohaus")

ROOT = Path(__file__).resolve().parents[2]
ROWS = """person,day,amount,place,kind
1,2024-01-01,10.00,north,old
1,2024-01-01,5.00,south,old
1,2024-01-11,2.50,north,new
1,2024-01-11,2.50,north,new
1,2024-02-20,7.00,south,new
2,2024-01-05,3.00,north,
2,2024-03-01,,north,
3,2024-01-20,4.00,south,old
4,2024-03-05,9.00,south,new
5,2024-13-01,9.00,south,new
"""
END, CLOSE = date(2024, 2, 1), date(2024, 4, 1)


def shop(folder: Path, rows: str = ROWS, *, complete: bool = True, **more: str) -> Purchases:
    (folder / "shop.csv").write_text(rows, encoding="utf-8")
    table = TransactionsToml(
        delivery=Delivery(file="shop.csv"), person="person", date="day", first_purchases=complete
    )
    groups = {"kind": GroupToml(column="kind", title={})}
    groups["size"] = GroupToml(column="amount", title={}, cuts=(5.0, 12.0))
    data = DataToml(window=WindowToml(close=CLOSE), transactions=table, groups=groups)
    return read_bought(folder, data, **{"amount": "amount", "place": "place", **more}, stop=False)


def rows_of(purchases: Purchases, **how) -> list[tuple[int, ...]]:
    frame = histories(purchases, **how).to_frame()
    names = [n for n in ("x", "t_x", "length", "spent", "later", "count") if n in frame]
    return sorted(tuple(int(v) for v in row) for row in frame[names].to_numpy())


def test_purchases_of_one_day_are_one_and_the_hold_out_begins_where_calibration_ends(tmp_path):
    """T of who began on 1 January is 30 on 31 January, as in the literature's T."""
    found = rows_of(shop(tmp_path), until=END, later_until=CLOSE)
    assert found == [
        (0, 0, 11, 0, 0, 1),  # 3
        (0, 0, 26, 0, 1, 1),  # 2
        (1, 10, 30, 500, 1, 1),  # 1
    ]


def test_without_a_hold_out_everything_is_calibration_and_a_missing_amount_is_none(tmp_path):
    assert rows_of(shop(tmp_path)) == [
        (0, 0, 26, 0, 1),  # 4
        (0, 0, 71, 0, 1),  # 3
        (1, 56, 86, -1, 1),  # 2, whose repeat purchase has no amount
        (2, 50, 90, 1200, 1),  # 1
    ]


def test_rows_that_cannot_be_used_are_set_aside_and_blocks_are_those_of_the_spells(tmp_path):
    purchases = shop(tmp_path)
    assert (purchases.tally.read, purchases.tally.used, purchases.tally.rejected) == (10, 9, 1)
    assert list(purchases.rejected["check"]) == ["unreadable_date"]
    blocks = set(histories(purchases).block.tolist())
    assert blocks == {block_of(n) for n in (1, 2, 3, 4)}


def test_without_amounts_there_is_no_spending(tmp_path):
    found = histories(shop(tmp_path, amount="", place=""))
    assert (found.spent, found.later, found.persons) == (None, None, 4)


def test_groups_are_those_of_the_first_day(tmp_path):
    purchases = shop(tmp_path)
    kinds = histories_by(purchases, ("kind",))
    assert {k[0]: h.persons for k, h in kinds.items()} == {"(missing)": 1, "new": 1, "old": 2}
    sizes = histories_by(purchases, ("size",), until=END)
    assert {k[0]: h.persons for k, h in sizes.items()} == {"< 5": 2, ">= 12": 1}
    both = histories_by(purchases, ("kind", "size"))
    assert both["old", ">= 12"].persons == 1
    with pytest.raises(ParameterError, match="no group `size_`"):
        histories_by(purchases, ("size_",))


def test_since_takes_the_first_purchase_seen_for_the_first(tmp_path):
    purchases = shop(tmp_path, complete=False)
    with pytest.raises(NotObservedError, match="first purchase"):
        histories(purchases)
    assert histories(purchases, since=date(2024, 1, 5)).persons == 3


def test_days_in_the_wrong_order_are_refused(tmp_path):
    purchases = shop(tmp_path)
    for how in ({"until": date(2025, 1, 1)}, {"until": END, "later_until": date(2024, 1, 1)}):
        with pytest.raises(ParameterError, match="observation ends before"):
            histories(purchases, **how)
        with pytest.raises(ParameterError, match="observation ends before"):
            timeline(purchases, **how)
    with pytest.raises(NotObservedError, match="before the calibration ended"):
        histories(purchases, until=date(2023, 1, 1))


def test_contracts_are_no_purchases(tmp_path):
    contracts = ContractsToml(delivery=Delivery(file="x.csv"), start="a", end="b")
    with pytest.raises(ParameterError, match="not purchases"):
        read_bought(tmp_path, DataToml(contracts=contracts))
    with pytest.raises(DataError, match="not found"):
        shop(tmp_path, amount="price")


def test_a_timeline_counts_days_of_those_who_began_in_time(tmp_path):
    days = timeline(shop(tmp_path), until=END, later_until=CLOSE)
    assert (days.length, days.until) == (91, 31)
    assert np.flatnonzero(days.starts).tolist() == [0, 4, 19]
    # 11 January, 20 February, 1 March; the newcomer of 5 March is not in it
    assert np.flatnonzero(days.repeats).tolist() == [10, 50, 60]


def test_the_order_of_rows_and_their_repetition_change_nothing(tmp_path):
    head, *rows = ROWS.strip().split("\n")
    other = "\n".join([head, *rows[::-1]]) + "\n"
    plain = histories(shop(tmp_path, amount=""), until=END, later_until=CLOSE).to_frame()
    turned = histories(shop(tmp_path, other, amount=""), until=END, later_until=CLOSE).to_frame()
    twice = "\n".join([head, *rows, *rows]) + "\n"
    again = histories(shop(tmp_path, twice, amount=""), until=END, later_until=CLOSE).to_frame()
    assert turned.equals(plain)
    assert again.equals(plain)


def test_moves_between_branches_by_hand(tmp_path):
    """Gap 20 days, close 1 April: 12 March is the first day whose gap was not seen whole.

    1: south on 1 January (the later row counts), north on the 11th, a move; then silent for 40
    days, lost, back at another branch; then lost. 2: lost, back at the same branch; then lost.
    3: lost. 4: on 5 March, followed to 25 March: lost.
    """
    found = transfers(shop(tmp_path), 20)
    assert (found.moved, found.lost, found.back) == (1, 6, 2)
    # too few persons to say how sure that is
    assert (found.by_rule.value, found.by_rule.reason) == (None, "too_few_persons")
    with pytest.raises(NotObservedError, match="no places"):
        transfers(shop(tmp_path, place=""), 20)
    with pytest.raises(ParameterError, match="lapse rule"):
        transfers(shop(tmp_path), 0)


def test_shares_of_moves_are_ratios_of_their_counts(tmp_path):
    """A hundred customers: a tenth move within the gap, a tenth after it, the others are lost."""
    lines = ["person,day,amount,place,kind"]
    for i in range(100):
        lines.append(f"{i},2024-01-0{i % 9 + 1},1,north,x")
        if i % 10 == 0:
            lines.append(f"{i},2024-01-15,1,south,x")
        if i % 10 == 1:
            lines.append(f"{i},2024-03-20,1,south,x")
    purchases = shop(tmp_path, "\n".join(lines) + "\n")
    found = transfers(replace(purchases, close=date(2024, 3, 25)), 30)
    assert (found.moved, found.lost, found.back) == (10, 100, 10)
    assert found.by_rule.value == pytest.approx(10 / 110)
    assert found.settled.value == pytest.approx(20 / 110)
    assert found.by_rule.low < 10 / 110 < found.by_rule.high


@pytest.fixture(scope="module")
def cdnow() -> Purchases:
    """All of CDNOW through its client file; the data are fetched where they are not there."""
    fetch(ROOT, "cdnow")
    study = read_study("cdnow", workspace=Workspace(ROOT))
    return read_bought(study.folder, study.toml.data, amount="dollar_value")


def test_all_customers_of_cdnow_by_the_engine(cdnow):
    """23,570 customers; a value of one other program."""
    found = histories(cdnow, until=date(1997, 10, 1), later_until=date(1998, 7, 1))
    fit, spend = bg_nbd(found), gamma_gamma(found)
    assert (found.persons, found.holdout) == (23570, 273)
    wanted = [0.2516, 4.7889, 0.7234, 2.1611]
    assert [fit.r.value, fit.alpha.value, fit.a.value, fit.b.value] == pytest.approx(
        wanted, abs=6e-5
    )
    assert fit.log_likelihood == pytest.approx(-95368.44, abs=0.006)
    assert spend.left_out == 1
    assert spend.mean.low < 35.8 < spend.mean.high
    days = timeline(cdnow, until=date(1997, 10, 1), later_until=date(1998, 7, 1))
    assert days.starts.sum() == 23570
    assert days.repeats[: days.until].sum() == found.repeats
    assert days.repeats[days.until :].sum() == found.count @ found.later
    course = tracked(fit, days)
    print(f"all of CDNOW: weeks 0-78 {course.whole.value - 1:+.1%}, "
          f"weeks 40-78 {course.ahead.value - 1:+.1%}")  # fmt: skip
    assert course.at[-1] == 78
    assert course.observed[-1] == days.repeats.sum()


@pytest.fixture(scope="module")
def garage() -> Iterator[Purchases]:
    """Visits of the simulated garage, as its client file reads them."""
    data = read_study("autohaus", workspace=Workspace(ROOT)).toml.data
    with TemporaryDirectory() as folder:
        for name, content in GARAGE.files(tables(GARAGE.world())).items():
            (Path(folder) / name).write_bytes(content)
        yield read_bought(Path(folder), data, place="Filiale")


def test_transfers_of_the_garage_agree_with_its_truth(garage):
    """Settled, the share is that of the world; by the rule too low, for many are only slow."""
    book = ledger(tuple(sorted(GARAGE.world().levers.items())))
    moved = book.count("leave", "transfer")
    truth = moved / (moved + book.count("leave", *parameters.CAUSES))
    found = transfers(garage, parameters.LAPSE_DAYS)
    print(f"branch losses that stay: {found.settled.value:.4f}, by the rule "
          f"{found.by_rule.value:.4f}, truth {truth:.4f}")  # fmt: skip
    assert truth == pytest.approx(0.1715, abs=5e-5)
    assert found.settled.low < truth < found.settled.high
    assert found.by_rule.high < truth
