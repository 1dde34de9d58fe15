"""The lapse rule: when a customer without a contract counts as gone."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from itertools import permutations
from pathlib import Path

import ibis
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stammkunde.errors import ParameterError, SchemaError
from stammkunde.spells.absences import absences
from stammkunde.spells.lapse import Clock
from stammkunde.spells.months import completed
from stammkunde.spells.read import read_data
from stammkunde.spells.schema.data import DataToml
from stammkunde.spells.schema.meaning import ChecksToml, GroupToml, LapseToml, WindowToml
from stammkunde.spells.schema.rules import check_data
from stammkunde.spells.schema.tables import Delivery, TransactionsToml
from stammkunde.spells.spells import Spells
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.table import life_table

OPEN, CLOSE = date(2020, 1, 1), date(2021, 1, 1)
Purchase = tuple[str, date, float]


def bought(
    folder: Path,
    rows: list[Purchase],
    gap: int = 30,
    clock: Clock = "gap",
    group: str = "first_order",
) -> Spells:
    """Return the spells of purchases (person, day, amount), in days."""
    lines = ["who,day,amount", *(f"{w},{d},{a}" for w, d, a in rows)]
    (folder / "p.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    title = {"en": "first"}
    data = DataToml(
        window=WindowToml(open=OPEN, close=CLOSE, unit="day"),
        transactions=TransactionsToml(delivery=Delivery(file="p.csv"), person="who", date="day"),
        lapse=LapseToml(gap_days=gap),
        checks=ChecksToml(most_rejected=1.0),
        groups={group: GroupToml(column="amount", title=title, cuts=(20.0, 50.0))},
    )
    return read_data(folder, data, clock=clock)


def day(number: int) -> date:
    return OPEN + timedelta(days=number)


def found(spells: Spells) -> list[tuple[str, int, int, str]]:
    frame = spells.to_frame().sort_values(["person", "spell"])
    return list(zip(frame.person, frame.spell, frame.exit, frame.end, strict=True))


def test_a_purchase_on_the_gap_day_itself_is_still_inside(tmp_path):
    spells = bought(tmp_path, [("a", day(0), 1), ("a", day(30), 1)])
    assert found(spells) == [("a", 1, 61, "left")]


def test_a_purchase_the_day_after_opens_a_new_spell_of_the_same_person(tmp_path):
    spells = bought(tmp_path, [("a", day(0), 1), ("a", day(31), 1)])
    assert found(spells) == [("a", 1, 31, "left"), ("a", 2, 31, "left")]
    assert (spells.persons, spells.spells, spells.repeats) == (1, 2, True)


def test_who_is_inside_the_gap_at_the_close_is_censored(tmp_path):
    last = (CLOSE - OPEN).days - 1
    inside = bought(tmp_path, [("a", day(last - 29), 1)])
    assert found(inside) == [("a", 1, 30, "censored")]
    known = bought(tmp_path, [("a", day(last - 30), 1)])
    assert found(known) == [("a", 1, 31, "left")]


def test_several_purchases_of_a_day_are_one(tmp_path):
    spells = bought(tmp_path, [("a", day(5), 1), ("a", day(5), 1)])
    assert found(spells) == [("a", 1, 31, "left")]
    assert spells.tally.used == 2


def test_the_clock_latest_ends_with_the_latest_purchase(tmp_path):
    rows = [("a", day(0), 1.0), ("a", day(10), 1.0), ("b", day(3), 1.0)]
    assert found(bought(tmp_path, rows, clock="latest")) == [
        ("a", 1, 11, "left"),
        ("b", 1, 1, "left"),
    ]


def test_the_clock_latest_closes_a_gap_earlier(tmp_path):
    """Whether a purchase is the latest is known only when the gap has passed."""
    last = (CLOSE - OPEN).days
    rows = [("a", day(last - 31), 1.0), ("b", day(last - 30), 1.0), ("c", day(last - 59), 1.0)]
    rows += [("c", day(last - 29), 1.0)]
    spells = bought(tmp_path, rows, clock="latest")
    assert found(spells) == [("a", 1, 1, "left"), ("c", 1, 29, "censored")]
    assert spells.tally.never_at_risk == 1


def test_a_band_is_that_of_the_sum_of_the_first_day(tmp_path):
    rows = [
        ("a", day(0), 15),
        ("a", day(0), 5),
        ("a", day(9), 99),
        ("b", day(0), 19.99),
        ("c", day(1), 50),
    ]
    frame = bought(tmp_path, rows).to_frame().set_index("person")
    assert frame["first_order"].to_dict() == {"a": "20 to < 50", "b": "< 20", "c": ">= 50"}


@pytest.mark.parametrize("name", ["first", "latest", "number", "opens"])
@pytest.mark.long
def test_a_group_of_purchases_of_any_name_is_read(tmp_path, name):
    frame = bought(tmp_path, [("a", day(0), 15), ("b", day(0), 99)], group=name).to_frame()
    assert frame.set_index("person")[name].to_dict() == {"a": "< 20", "b": ">= 50"}


def test_the_order_of_rows_never_changes_a_band(tmp_path):
    """2.63 + 5.00 + 12.37 is 20.00 in cents; in binary it is 20 or just below, by the order."""
    orders = list(permutations([2.63, 5.0, 12.37]))
    rows = [(f"p{i}", day(0), amount) for i, order in enumerate(orders) for amount in order]
    assert set(bought(tmp_path, rows).to_frame()["first_order"]) == {"20 to < 50"}


def test_purchases_after_the_window_are_rejected_not_lost(tmp_path):
    rows = [("a", OPEN, 1.0), ("a", CLOSE, 1.0)]
    spells = bought(tmp_path, rows)
    assert spells.rejected.check.tolist() == ["after_window"]
    assert (spells.tally.read, spells.tally.used, spells.tally.rejected) == (2, 1, 1)


def test_purchases_before_the_window_tell_since_when_somebody_is_a_customer(tmp_path):
    """Bought 20 days before observation opens and again after: no newcomer, a delayed entry."""
    rows = [("a", OPEN - timedelta(days=20), 1.0), ("a", OPEN + timedelta(days=5), 1.0)]
    spells = bought(tmp_path, rows)
    frame = spells.to_frame()
    assert frame.start[0].date() == OPEN - timedelta(days=20)
    assert (frame.entry[0], frame.exit[0]) == (20, 56)
    assert spells.tally.rejected == 0


def test_a_wait_that_is_not_the_same_number_of_months_from_every_day_is_refused():
    """From 1 January 90 days reach the fourth month, from 1 March the third only."""
    table = TransactionsToml(delivery=Delivery(file="p.csv"), person="who", date="on")
    window = WindowToml(close=CLOSE)
    for days, good in ((90, False), (92, True), (180, True), (270, True), (365, False)):
        data = DataToml(window=window, transactions=table, lapse=LapseToml(gap_days=days))
        if good:
            check_data(data, "c.toml")
        else:
            with pytest.raises(SchemaError, match=f"a lapse rule of {days} days is not the same"):
                check_data(data, "c.toml")


@pytest.mark.parametrize("others", [(92,), (184, 184)])
def test_a_rule_compared_with_itself_is_refused(others):
    table = TransactionsToml(delivery=Delivery(file="x.csv"), person="who", date="day")
    data = DataToml(
        window=WindowToml(open=OPEN, close=CLOSE),
        transactions=table,
        lapse=LapseToml(gap_days=92, compare_days=others),
    )
    with pytest.raises(SchemaError, match=r"`lapse\.compare_days` repeats a rule"):
        check_data(data, "c.toml")


def test_who_comes_back_is_counted_by_the_time_since_he_counted_as_gone(tmp_path):
    """Both count as gone from day 31 on; a comes back on day 71, b never."""
    rows = [("a", day(0), 1.0), ("a", day(71), 1.0), ("b", day(0), 1.0)]
    away = absences(bought(tmp_path, rows).where(ibis._.spell == 1))
    told = away.relation.order_by("person").execute()
    first = told[told.person == "a"].iloc[0]
    assert (first.entry, first.exit, first.end) == (0, 41, "returned")
    assert set(told[told.person == "b"].end) == {"censored"}


def test_a_lapse_rule_for_data_that_are_not_purchases_is_refused(telco):
    from stammkunde.study import read_study
    from stammkunde.workspace import Workspace

    study = read_study("telco", workspace=Workspace(Path(__file__).resolve().parents[2]))
    with pytest.raises(ParameterError, match="not purchases"):
        study.spells(gap_days=90)


def by_a_loop(rows: list[Purchase], gap: int) -> list[tuple[str, int, int, str]]:
    days: dict[str, set[date]] = defaultdict(set)
    for who, on, _ in rows:
        days[who].add(on)
    out = []
    for who, bought_on in days.items():
        runs: list[list[date]] = []
        for on in sorted(bought_on):
            if runs and (on - runs[-1][-1]).days <= gap:
                runs[-1].append(on)
            else:
                runs.append([on])
        for number, run in enumerate(runs, 1):
            last, seen = run[-1] + timedelta(days=gap), completed(run[0], CLOSE, "day")
            stays = completed(run[0], last, "day") + 1
            out.append((who, number, min(stays, seen), "left" if stays <= seen else "censored"))
    return sorted(out)


ROWS = st.lists(
    st.tuples(st.sampled_from("abcde"), st.integers(0, 365).map(day), st.just(1.0)),
    min_size=1,
    max_size=60,
)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=ROWS, gap=st.integers(1, 90), data=st.data())
@pytest.mark.long
def test_the_engine_keeps_the_rule_in_any_order_of_rows(tmp_path, rows, gap, data):
    shuffled = data.draw(st.permutations(rows))
    spells = bought(tmp_path, shuffled, gap)
    assert found(spells) == by_a_loop(rows, gap)
    assert spells.tally.used == len(rows)


def test_no_spell_is_shorter_than_the_gap_so_the_curve_starts_flat(tmp_path):
    rows = [(w, day(i), 1.0) for i, w in enumerate("abcdefghijkl")]
    curve = kaplan_meier(life_table(bought(tmp_path, rows)))
    assert curve.at(30).value == 1
    assert curve.at(31).value == 0
