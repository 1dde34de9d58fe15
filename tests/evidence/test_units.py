"""Spells unit by unit, and from which unit on what happened counts."""

from datetime import date

import pandas as pd
import pytest

from stammkunde.errors import ParameterError
from stammkunde.evidence.units import begun, counted, holds, person_units
from stammkunde.spells.blocks import block_of
from tests.evidence.contracts import contracts, expected_holds, made, offers, table


@pytest.mark.parametrize("unit", ["month", "week", "quarter"])
@pytest.mark.long
def test_units_are_those_at_risk(unit: str) -> None:
    spells = made(contracts(), unit)
    found = person_units(spells, ["kind"]).execute()
    rows = []
    for s in spells.relation.execute().itertuples():
        start = pd.Timestamp(s.start).date()
        for t in range(s.entry + 1, s.exit + 1):
            end = s.end if t == s.exit and s.end != "censored" else None
            rows.append((s.person, s.spell, t, end, s.exit, block_of(s.person), start))
    columns = ["person", "spell", "unit"]
    right = pd.DataFrame(rows, columns=[*columns, "end", "exit", "block", "start"])
    both = found.merge(right, on=columns, how="outer", suffixes=("", "_right"), indicator=True)
    assert (both._merge == "both").all()
    assert len(both) == len(found) > 200
    assert (both.end.fillna("") == both.end_right.fillna("")).all()
    assert (both.exit == both.exit_right).all()
    assert (both.block == both.block_right).all()
    assert (found.entry > 0).any(), "somebody must be seen late"
    assert set(found["level kind"]) == {"a", "b"}


def test_months_of_the_calendar() -> None:
    frame = pd.DataFrame({"who": ["x"], "begin": [date(2021, 11, 5)], "end": [None], "kind": "a"})
    frame["end"] = pd.to_datetime(frame.end)
    months = person_units(made(frame), reach=4).order_by("unit").execute()
    assert list(months.month - 12 * 2021) == [10, 11, 12, 13]
    assert list(months.cohort - 12 * 2021) == [10] * 4
    weeks = person_units(made(frame, "week"), reach=5).order_by("unit").execute()
    assert list(weeks.month - 12 * 2021) == [10, 10, 10, 10, 11]


def test_offers_count_for_the_spell_that_runs() -> None:
    frame = contracts(200)
    spells, rows = made(frame), offers(frame)
    held = holds(spells, table(rows, "start", "last"), keep=["row"]).execute()
    found = {
        (r.row, r.spell, r.since, None if pd.isna(r.until) else int(r.until))
        for r in held.itertuples()
    }
    assert found == expected_holds(spells, rows, frame)
    assert len(found) > 150
    assert {0, 1} <= {f[2] for f in found}
    assert None in {f[3] for f in found}


def test_what_a_contract_never_at_risk_was_offered_goes_to_no_other() -> None:
    """The first contract ended before observation; its rebate without an end was its own."""
    days = pd.DataFrame(
        {
            "who": ["x", "x", "y", "y"],
            "begin": ["2019-03-01", "2021-06-01", "2019-03-01", "2021-06-01"],
            "end": ["2020-05-31", None, "2020-05-31", None],
        }
    ).assign(kind="a")
    spells = made(days.astype({"begin": "datetime64[s]", "end": "datetime64[s]"}))
    assert sorted(spells.relation.execute().spell) == [2, 2]
    rows = pd.DataFrame(
        {
            "person": ["x", "x", "y", "y"],
            # in the first contract, before it, between both, and in the second
            "start": ["2019-09-01", "2019-02-01", "2020-07-01", "2021-06-15"],
            "row": range(4),
        }
    ).assign(last=None)
    rows = rows.astype({"start": "datetime64[s]", "last": "datetime64[s]"})
    held = holds(spells, table(rows, "start", "last"), keep=["row"]).order_by("row").execute()
    assert list(held.row) == [2, 3]
    assert list(held.since) == [0, 1]


def test_an_event_counts_for_later_leaving_only() -> None:
    frame = pd.DataFrame(
        {"who": ["x"] * 2, "begin": ["2021-01-15", "2022-03-01"], "end": ["2021-04-20", None]}
    ).assign(kind="a")
    frame = frame.astype({"begin": "datetime64[s]", "end": "datetime64[s]"})
    days = ["2021-01-15", "2021-01-16", "2021-02-15", "2021-04-20", "2021-06-01", "2022-03-02"]
    events = pd.DataFrame({"person": "x", "day": pd.to_datetime(days), "row": range(6)})
    held = holds(made(frame), table(events, "day"), keep=["row"]).order_by("row").execute()
    assert list(held.row) == [0, 1, 2, 3, 5], "nobody was a customer on the fifth day"
    assert list(held.spell) == [1, 1, 1, 1, 2]
    assert list(held.since) == [0, 1, 1, 4, 1]
    assert held.until.isna().all()


def test_counts_by_unit() -> None:
    frame = contracts(50)
    spells, rows = made(frame), offers(frame)
    held = holds(spells, table(rows, "start", "last"))
    units = counted(begun(person_units(spells, reach=18), held, "new"), held, "there").execute()
    plain = held.execute()
    for u in units.itertuples():
        own = plain[(plain.person == u.person) & (plain.spell == u.spell)]
        there = (own.since < u.unit) & (own.until.isna() | (own.until >= u.unit))
        assert (u.new, u.there) == ((own.since == u.unit - 1).sum(), there.sum())
    assert units.new.sum() > 20
    assert units.there.sum() > units.new.sum()
    assert (units.there == 0).any()
    assert not units.duplicated(["person", "spell", "unit"]).any()


def test_offers_of_a_day_end_with_their_unit() -> None:
    """A year's rebate from the first day on, for one who stays, counts in twelve months."""
    frame = pd.DataFrame({"who": ["x"], "begin": [date(2021, 1, 15)], "end": [None], "kind": "a"})
    frame["end"] = pd.to_datetime(frame.end)
    year = pd.DataFrame({"person": ["x"], "start": ["2021-01-15"], "last": ["2022-01-14"]})
    year = year.astype({"start": "datetime64[s]", "last": "datetime64[s]"})
    spells = made(frame)
    units = counted(person_units(spells), holds(spells, table(year, "start", "last")), "n")
    n = units.order_by("unit").execute().n
    assert list(n) == [1] * 12 + [0] * (len(n) - 12)
    assert len(n) == 23


def test_a_range_without_units() -> None:
    spells = made(contracts(5))
    for first, reach in ((0, 3), (5, 4)):
        with pytest.raises(ParameterError, match="no units"):
            person_units(spells, first=first, reach=reach)
    with pytest.raises(ParameterError, match="no group"):
        person_units(spells, ["colour"])
