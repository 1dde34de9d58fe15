"""The months rule: month ends, leap days, edges of the window, other units; engine = Python."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.errors import ParameterError
from stammkunde.spells.months import UNITS, completed, moved
from stammkunde.spells.read import spells_from

D = date
DAYS = st.dates(D(2018, 12, 28), D(2021, 3, 3))


def rule(
    start: date, last: date | None, open_: date, close: date, unit: str
) -> tuple[int, int, bool]:
    """Return entry, exit and left by the rule as DESIGN states it."""
    seen = completed(start, close, unit)
    stays = None if last is None else completed(start, last, unit) + 1
    left = stays is not None and stays <= seen
    entry = 0 if start >= open_ else completed(start, open_ - timedelta(days=1), unit) + 1
    return entry, stays if left and stays is not None else seen, left


def engine(
    rows: list[tuple[date, date | None]], open_: date | None, close: date, unit: str = "month"
) -> dict[int, tuple[int, int, bool]]:
    """Return entry, exit and left of the rows under observation, by row number."""
    frame = pd.DataFrame(rows, columns=["start", "last"]).astype("datetime64[s]")
    spells = spells_from(frame, start="start", end="last", open=open_, close=close, unit=unit)
    found = spells.to_frame()
    ends = zip(found.record, found.entry, found.exit, found.end, strict=True)
    return {r: (a, b, end == "left") for r, a, b, end in ends}


@pytest.mark.parametrize(
    ("a", "b", "months"),
    [
        (D(2023, 1, 15), D(2023, 2, 14), 0),
        (D(2023, 1, 15), D(2023, 2, 15), 1),
        (D(2023, 1, 31), D(2023, 2, 28), 0),  # the 31st has not come round
        (D(2023, 1, 31), D(2023, 3, 1), 1),
        (D(2023, 1, 31), D(2023, 3, 30), 1),
        (D(2023, 1, 31), D(2023, 3, 31), 2),
        (D(2024, 2, 29), D(2025, 2, 28), 11),
        (D(2024, 2, 29), D(2025, 3, 1), 12),
        (D(2024, 2, 29), D(2028, 2, 29), 48),
        (D(2024, 1, 30), D(2024, 2, 29), 0),
        (D(2024, 1, 29), D(2024, 2, 29), 1),
        (D(2023, 12, 31), D(2024, 1, 1), 0),
        (D(2023, 5, 5), D(2023, 5, 5), 0),
    ],
)
def test_months_completed_at_month_ends_and_leap_days(a, b, months):
    assert completed(a, b) == months


def test_the_examples_of_the_design():
    """15 Jan to 14 Feb: T = 1; to 15 Feb: 2. close 15 Feb: c = 1. open 16 Feb: entry 2."""
    start = D(2023, 1, 15)
    rows = [(start, D(2023, 2, 14)), (start, D(2023, 2, 15)), (start, None)]
    assert engine(rows, None, D(2023, 12, 31)) == {
        1: (0, 1, True),
        2: (0, 2, True),
        3: (0, 11, False),
    }
    assert engine([(start, None)], None, D(2023, 2, 15)) == {1: (0, 1, False)}
    assert engine([(start, None)], D(2023, 2, 16), D(2023, 12, 31)) == {1: (2, 11, False)}
    assert engine([(start, None)], D(2023, 2, 15), D(2023, 12, 31)) == {1: (1, 11, False)}


def test_leaving_counts_only_in_a_month_observed_whole():
    """Who leaves in the month in which observation closes is censored before it."""
    start, close = D(2023, 1, 10), D(2023, 4, 20)  # three whole months
    rows = [(start, D(2023, 4, 9)), (start, D(2023, 4, 10)), (start, D(2023, 4, 19)), (start, None)]
    assert engine(rows, None, close) == {
        1: (0, 3, True),
        2: (0, 3, False),
        3: (0, 3, False),
        4: (0, 3, False),
    }


def test_an_end_that_lies_ahead_is_censored():
    rows = [(D(2023, 1, 10), D(2023, 4, 9)), (D(2023, 1, 10), D(9999, 12, 31))]
    assert engine(rows, None, D(2023, 4, 9)) == {1: (0, 2, False), 2: (0, 2, False)}


def test_the_last_day_of_a_month_is_in_it_when_the_next_is_the_close():
    """Last day 9 April, close 10 April: the third month is whole and its leaving counts."""
    assert engine([(D(2023, 1, 10), D(2023, 4, 9))], None, D(2023, 4, 10)) == {1: (0, 3, True)}


def test_who_begins_on_the_first_observed_day_enters_at_0():
    rows = [(D(2023, 3, 1), None), (D(2023, 2, 28), None), (D(2023, 1, 31), None)]
    found = engine(rows, D(2023, 3, 1), D(2023, 9, 1))
    assert [found[i][0] for i in (1, 2, 3)] == [0, 1, 1]


def test_who_was_gone_or_had_no_whole_month_is_counted_as_never_at_risk():
    rows = [
        (D(2022, 1, 1), D(2022, 2, 27)),  # left before the window
        (D(2023, 5, 20), None),  # less than a month observed
        (D(2022, 12, 10), D(2023, 1, 9)),  # in its first month when observation began
        (D(2023, 1, 1), None),
    ]
    frame = pd.DataFrame(rows, columns=["start", "last"]).astype("datetime64[s]")
    spells = spells_from(frame, start="start", end="last", open=D(2023, 1, 1), close=D(2023, 6, 1))
    assert spells.to_frame().record.tolist() == [4]
    tally = spells.tally
    assert (tally.read, tally.used, tally.never_at_risk, tally.rejected) == (4, 1, 3, 0)


@pytest.mark.parametrize(
    ("unit", "a", "b", "count"),
    [
        ("day", D(2024, 2, 28), D(2024, 3, 1), 2),
        ("day", D(2023, 2, 28), D(2023, 3, 1), 1),
        ("week", D(2024, 1, 1), D(2024, 1, 7), 0),
        ("week", D(2024, 1, 1), D(2024, 1, 8), 1),
        ("quarter", D(2023, 11, 30), D(2024, 2, 29), 0),
        ("quarter", D(2023, 11, 30), D(2024, 3, 1), 1),
        ("year", D(2024, 2, 29), D(2025, 2, 28), 0),
        ("year", D(2024, 2, 29), D(2025, 3, 1), 1),
    ],
)
def test_other_units(unit, a, b, count):
    assert completed(a, b, unit) == count


def test_an_unknown_unit_names_the_nearest():
    with pytest.raises(ParameterError, match="Did you mean `month`"):
        completed(D(2023, 1, 1), D(2023, 1, 2), "monht")


@given(a=DAYS, days=st.integers(0, 900))
def test_a_month_is_completed_on_one_day_only_and_never_taken_back(a, days):
    b = a + timedelta(days=days)
    here, tomorrow = completed(a, b), completed(a, b + timedelta(days=1))
    assert tomorrow - here in (0, 1)
    if tomorrow > here:
        arrived = b + timedelta(days=1)
        # the day of the month comes round, or the month has no such day and a new one begins
        assert arrived.day == a.day or (arrived.day == 1 and a.day > 28)


@settings(max_examples=15, deadline=None)
@given(
    rows=st.lists(st.tuples(DAYS, st.none() | st.integers(0, 900)), min_size=1, max_size=60),
    opened=DAYS,
    width=st.integers(1, 800),
    unit=st.sampled_from(UNITS),
)
@pytest.mark.long
def test_the_engine_keeps_the_rule(rows, opened, width, unit):
    close = opened + timedelta(days=width)
    dated = [(a, None if n is None else a + timedelta(days=n)) for a, n in rows]
    sure = (opened - timedelta(days=900), None)  # at risk whatever the others are
    dated = [(a, b) for a, b in dated if a < close] + [sure]
    wanted = {i: rule(a, b, opened, close, unit) for i, (a, b) in enumerate(dated, 1)}
    at_risk = {i: row for i, row in wanted.items() if row[0] < row[1]}
    if at_risk:
        assert engine(dated, opened, close, unit) == at_risk


@settings(max_examples=200)
@given(start=DAYS, last=st.integers(0, 900), opened=DAYS, width=st.integers(1, 800))
def test_the_same_contract_seen_longer_never_leaves_another_month(start, last, opened, width):
    """Closing later may reveal a leaving, never move one; entry does not depend on it."""
    end = start + timedelta(days=last)
    close = max(opened, start) + timedelta(days=width)
    entry, exit_, left = rule(start, end, opened, close, "month")
    later = rule(start, end, opened, close + timedelta(days=40), "month")
    assert later[0] == entry
    assert later == (entry, exit_, True) if left else later[1] >= exit_


@pytest.mark.parametrize(
    ("day", "count", "unit", "then"),
    [
        (D(2024, 3, 31), -1, "month", D(2024, 2, 29)),
        (D(2023, 3, 31), -1, "month", D(2023, 2, 28)),
        (D(2024, 1, 31), 3, "month", D(2024, 4, 30)),
        (D(2024, 1, 31), 1, "quarter", D(2024, 4, 30)),
        (D(2024, 11, 30), 3, "month", D(2025, 2, 28)),
        (D(2024, 12, 15), -12, "month", D(2023, 12, 15)),
        (D(2024, 2, 29), 1, "year", D(2025, 2, 28)),
        (D(2024, 2, 29), 1, "day", D(2024, 3, 1)),
        (D(2024, 2, 29), -2, "week", D(2024, 2, 15)),
        (D(2024, 7, 31), 0, "month", D(2024, 7, 31)),
    ],
)
def test_a_day_is_moved_by_units(day: date, count: int, unit: str, then: date) -> None:
    assert moved(day, count, unit) == then


@given(day=DAYS, count=st.integers(0, 40), unit=st.sampled_from(UNITS))
@settings(max_examples=100)
def test_units_that_have_passed_are_no_more_than_moved_by(day: date, count: int, unit: str) -> None:
    later = moved(day, count, unit)
    passed = completed(day, later, unit)
    # of a month without that day its last, on which the unit is one day short
    whole = later.day == day.day or unit in ("day", "week")
    assert passed == (count if whole else count - 1)


def test_a_day_is_moved_by_known_units_alone() -> None:
    with pytest.raises(ParameterError, match="unknown unit"):
        moved(D(2024, 1, 1), 1, "fortnight")
