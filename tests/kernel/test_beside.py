"""The tables beside the main one: events, offers, prices, and whom they are about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stammkunde.errors import DataError
from stammkunde.spells.blocks import block_of
from stammkunde.spells.read import read_beside, read_both
from stammkunde.spells.schema.meaning import ChecksToml, WindowToml
from stammkunde.spells.schema.tables import (
    Delivery,
    EventKindToml,
    EventsToml,
    OffersToml,
    PersonsToml,
    PricesToml,
    SnapshotToml,
)
from stammkunde.spells.secrets import pseudonym_of
from stammkunde.spells.spells import SideTable, Tally
from tests.kernel.tables import ALL, by_check, contracts_toml, one, write

MAIN = """who,from,to
    a,2020-01-01,2020-06-30
    b,2020-03-01,
    late,2020-12-15,
    lost,soon,"""
EVENTS = EventsToml(
    delivery=Delivery(file="events.csv"),
    person="customer",
    date="day",
    kind="what",
    value="value",
    cost="cost",
    team="team",
    kinds={"complaint": EventKindToml(values=("Beschwerde", "Reklamation"))},
)
HAPPENED = """customer,day,what,value,cost,team
    a,2020-02-01,Beschwerde,3,12.345,North
    a,2020-07-01,Reklamation,late,-0.5,
    b,2020-03-01,letter,,,South
    b,2020-02-28,letter,,1e3,
    late,2020-12-20,letter,,,
    lost,2020-02-01,letter,,,
    nobody,2020-02-01,letter,,,
    a,2020-02-30,letter,,,
    a,2021-01-01,letter,,,
    a,2020-02-01,,,,
    ,2020-02-01,letter,,,
    a,2020-02-01,letter,,much,
    a,2020-02-01,letter,,1e13,"""


def sums(table: SideTable) -> Tally:
    tally = table.tally
    assert tally.rejected == len(table.rejected)
    assert tally.used == int(table.relation.count().execute())
    return tally


def frame(table: SideTable) -> list[tuple[object, ...]]:
    rows = table.relation.order_by("record").execute()
    plain = rows.astype(object).where(rows.notna(), None)
    return [tuple(_plain(v) for v in row) for row in plain.itertuples(index=False)]


def _plain(value: object) -> object:
    text = str(value)
    return text[:10] if text[4:5] == "-" and text[7:8] == "-" else value


def test_events_are_read_with_every_row_accounted_for(tmp_path):
    write(tmp_path, "events.csv", HAPPENED)
    data = contracts_toml(tmp_path, MAIN, events=EVENTS)
    events = read_beside(tmp_path, data).events
    at_a, at_b = block_of("a"), block_of("b")
    assert frame(events) == [
        ("a", at_a, "2020-02-01", "complaint", "3", 3.0, 1235, "North", 1),
        ("a", at_a, "2020-07-01", "complaint", "late", None, -50, None, 2),
        ("b", at_b, "2020-03-01", "letter", None, None, None, "South", 3),
        ("b", at_b, "2020-02-28", "letter", None, None, 100_000, None, 4),
    ]
    assert sums(events) == Tally(read=13, used=4, never_at_risk=3, rejected=6)
    assert dict(zip(events.rejected.record, events.rejected.check, strict=True)) == {
        8: "unreadable_date",
        9: "after_window",
        10: "missing_kind",
        11: "missing_key",
        12: "unreadable_number",
        13: "impossible_value",
    }
    assert set(events.rejected.table) == {"events"}
    counts = by_check(events.found)
    assert (counts["unknown_customer"], counts["customer_not_used"]) == (1, 2)
    assert one(events.found, "unknown_customer").shapes == ("aaaaaa",)
    assert one(events.found, "outside_contract").records == (2, 4)
    assert one(events.found, "after_window").column == "day"


def test_events_need_neither_value_nor_cost(tmp_path):
    write(tmp_path, "events.csv", "customer,day,what\na,2020-02-01,letter")
    plain = replace(EVENTS, value="", cost="", team="")
    events = read_beside(tmp_path, contracts_toml(tmp_path, MAIN, events=plain)).events
    assert frame(events)[0][4:8] == (None, None, None, None)


def test_events_of_a_snapshot_know_no_window(tmp_path):
    write(tmp_path, "s.csv", "who,months,gone\na,3,yes\nb,4,no")
    write(tmp_path, "events.csv", "customer,day,what\na,2031-02-01,letter\nx,2020-02-01,letter")
    table = SnapshotToml(
        delivery=Delivery(file="s.csv"),
        tenure="months",
        left="gone",
        left_values=("yes",),
        stayed_values=("no",),
        person="who",
    )
    data = contracts_toml(tmp_path, MAIN, events=replace(EVENTS, value="", cost="", team=""))
    data = replace(data, contracts=None, snapshot=table, window=WindowToml())
    events = read_beside(tmp_path, data).events
    assert sums(events) == Tally(read=2, used=1, never_at_risk=1, rejected=0)
    assert by_check(events.found) == {"unknown_customer": 1}


OFFERS = OffersToml(
    delivery=Delivery(file="offers.csv"),
    person="customer",
    offer="what",
    start="since",
    end="until",
    price="price",
    arm="got",
)


def test_offers_are_read_with_every_row_accounted_for(tmp_path):
    text = """customer,what,since,until,price,got
        a,welcome,2020-01-01,2020-12-31,9.99,taken
        b,loyalty,2020-04-01,,,held out
        b,loyalty,2021-02-01,,0,
        a,summer,2020-07-01,2020-08-31,5,
        a,,2020-01-01,,,
        a,x,2020-02-01,2020-01-31,,
        a,x,,,,
        a,x,soon,,,
        a,x,2020-01-01,never,,
        a,x,1820-01-01,,,
        a,rebate,2020-01-01,,-1,
        x,x,2020-01-01,,,"""
    write(tmp_path, "offers.csv", text)
    offers = read_beside(tmp_path, contracts_toml(tmp_path, MAIN, offers=OFFERS)).offers
    at_a, at_b = block_of("a"), block_of("b")
    assert frame(offers) == [
        ("a", at_a, "welcome", "2020-01-01", "2020-12-31", 999, "taken", 1),
        ("b", at_b, "loyalty", "2020-04-01", None, None, "held out", 2),
        ("b", at_b, "loyalty", "2021-02-01", None, 0, None, 3),
        ("a", at_a, "summer", "2020-07-01", "2020-08-31", 500, None, 4),
        ("a", at_a, "rebate", "2020-01-01", None, -100, None, 11),
    ]
    assert sums(offers) == Tally(read=12, used=5, never_at_risk=1, rejected=6)
    assert offers.rejected.check.tolist() == [
        "missing_offer",
        "end_before_start",
        "missing_start",
        "unreadable_start",
        "unreadable_end",
        "impossible_date",
    ]
    assert one(offers.found, "outside_contract").records == (4,)
    assert one(offers.found, "start_after_window").records == (3,)


PRICES = PricesToml(
    delivery=Delivery(file="prices.csv"), plan="plan", start="since", end="until", price="price"
)


def test_prices_of_one_plan_on_one_day_are_set_aside(tmp_path):
    text = """plan,since,until,price
        basic,2019-01-01,2019-12-31,30
        basic,2020-01-01,,32.5
        plus,2019-01-01,2020-01-01,40
        plus,2020-01-01,,42
        old,2010-01-01,,1
        old,2015-01-01,2015-12-31,2
        old,2018-01-01,2018-12-31,3
        ,2019-01-01,,4
        new,2019-01-01,,
        new,2019-01-01,,-5
        new,2019-01-01,,5"""
    write(tmp_path, "prices.csv", text)
    prices = read_beside(tmp_path, contracts_toml(tmp_path, MAIN, prices=PRICES)).prices
    assert frame(prices) == [
        ("basic", "2019-01-01", "2019-12-31", 3000, 1),
        ("basic", "2020-01-01", None, 3250, 2),
        ("new", "2019-01-01", None, 500, 11),
    ]
    assert sums(prices) == Tally(read=11, used=3, never_at_risk=0, rejected=8)
    assert by_check(prices.found) == {
        "overlapping_prices": 5,
        "missing_plan": 1,
        "missing_price": 1,
        "impossible_value": 1,
    }


def test_side_tables_share_persons_blocks_and_engine_with_the_spells(tmp_path):
    write(tmp_path, "events.csv", "customer,day,what\n1,2020-02-01,letter\n2,2020-05-01,letter")
    write(tmp_path, "persons.csv", "number,household\n1,H\n2,H")
    listed = PersonsToml(
        delivery=Delivery(file="persons.csv"), customer="number", person="household"
    )
    plain = replace(EVENTS, value="", cost="", team="")
    main = "who,from,to\n1,2020-01-01,2020-03-31\n2,2020-04-01,"
    data = contracts_toml(tmp_path, main, events=plain, persons=listed)
    secret = b"s" * 32
    spells, beside = read_both(tmp_path, data, secret=secret)
    joined = beside.events.relation.semi_join(spells.relation, ["person", "block"])
    assert joined.execute().person.tolist() == [pseudonym_of("H", secret)] * 2
    assert spells.listed is not None
    assert set(spells.listed.relation.execute().owner) == {pseudonym_of("H", secret)}
    assert set(joined.execute().block) == {block_of("H")}
    assert list(beside.tables) == ["events"]
    assert beside.offers is None


def test_too_many_rejected_rows_of_a_side_table_stop_the_reading(tmp_path):
    write(tmp_path, "events.csv", "customer,day,what\na,2020-02-01,letter\na,1.2.2020,letter")
    plain = replace(EVENTS, value="", cost="", team="")
    data = contracts_toml(tmp_path, MAIN.rsplit("\n", 1)[0], events=plain, checks=ChecksToml())
    with pytest.raises(DataError, match=r"events.csv: 50.0% of the rows .*`unreadable_date` 1"):
        read_beside(tmp_path, data)
    assert len(read_beside(tmp_path, data, stop=False).events.rejected) == 1


def test_who_has_no_side_tables_has_none(tmp_path):
    beside = read_beside(tmp_path, contracts_toml(tmp_path, MAIN, checks=ALL))
    assert (beside.events, beside.offers, beside.prices, beside.tables) == (None, None, None, {})
