"""The person's clock: by hand, by a plain loop over days, and by laws."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.spells.months import completed
from stammkunde.spells.person_clock import not_on_clock, on_person_clock
from stammkunde.spells.spells import Spells
from stammkunde.survival.persons import signups
from stammkunde.survival.table import life_table
from tests.kernel.dated import CLOSE, Contract, made
from tests.kernel.making import law_holds, lives, same_counts
from tests.patience import examples


def stretches(spells: Spells, close: date | None = None) -> dict[str, list[tuple[object, ...]]]:
    """Return (begin, finish, state, came_from, to) of each person's episodes in order."""
    frame = on_person_clock(spells, close).relation.order_by(["person", "begin"]).execute()
    frame = frame.astype({"came_from": object}).where(frame.notna(), None)
    columns = ["begin", "finish", "state", "came_from", "to"]
    return {p: list(map(tuple, f[columns].to_numpy())) for p, f in frame.groupby("person")}


def by_days(contracts: list[Contract], close: date) -> dict[str, list[bool]]:
    """Return whether each person is a customer on the first day of each whole unit observed."""
    found = {}
    for who in {c[0] for c in contracts}:
        own = [(a, b or date.max) for p, a, b in contracts if p == who]
        origin = min(a for a, _ in own)
        seen = completed(origin, close) if origin < close else 0
        if seen < 1:
            continue
        day, firsts = origin, [origin]
        while len(firsts) < seen:
            day += timedelta(days=1)
            if completed(origin, day) == len(firsts):
                firsts.append(day)
        found[who] = [any(a <= d <= b for a, b in own) for d in firsts]
    return found


def test_a_gap_is_away_and_contracts_side_by_side_are_one():
    """c = m(15 Jan, 1 Jan) = 11; the gap from 15 Mar to 20 Apr holds the first days of units 3, 4.

    20 Apr begins within unit 4, so the return holds from unit 5 (after tenure 4); the second of the
    two that overlap ends with 14 Aug = unit 7.
    """
    spells = made(
        [
            ("a", date(2020, 1, 15), date(2020, 3, 14)),
            ("a", date(2020, 4, 20), date(2020, 7, 1)),
            ("a", date(2020, 6, 1), date(2020, 8, 14)),
        ]
    )
    assert stretches(spells) == {
        "a": [
            (0, 2, "customer", None, "away"),
            (2, 4, "away", "customer", "customer"),
            (4, 7, "customer", "away", "away"),
            (7, 11, "away", "customer", "censored"),
        ]
    }


def test_a_gap_without_the_first_day_of_a_unit_is_none():
    spells = made(
        [("a", date(2020, 1, 15), date(2020, 3, 20)), ("a", date(2020, 4, 10), None)],
    )
    assert stretches(spells) == {"a": [(0, 11, "customer", None, "censored")]}


def test_who_was_there_before_observation_has_no_clock_and_is_counted():
    spells = made(
        [
            ("old", date(2018, 5, 1), date(2020, 5, 31)),
            ("old", date(2020, 9, 1), None),
            # whose first contract ended before observation began is there with the second only
            ("back", date(2018, 1, 1), date(2018, 12, 31)),
            ("back", date(2020, 2, 1), None),
            ("new", date(2020, 3, 1), None),
        ],
        opens=date(2020, 1, 1),
    )
    assert spells.persons == 3
    assert not_on_clock(spells) == 2
    assert stretches(spells) == {"new": [(0, 10, "customer", None, "censored")]}


def test_an_earlier_close_cuts_the_clock_and_a_later_one_is_refused():
    spells = made([("a", date(2020, 1, 1), date(2020, 2, 29)), ("a", date(2020, 6, 1), None)])
    assert stretches(spells, date(2020, 4, 1)) == {
        "a": [(0, 2, "customer", None, "away"), (2, 3, "away", "customer", "censored")]
    }
    with pytest.raises(ParameterError, match="closes on 2021-01-01"):
        on_person_clock(spells, date(2021, 1, 2))


@pytest.mark.parametrize("ask", [on_person_clock, lambda s: signups(s, 30)])
def test_without_dates_nobody_came_back(ask):
    with pytest.raises(NotObservedError, match="dated contracts"):
        ask(lives([3, 5], [1, 0], person=["a", "a"]))


DAYS = st.integers(0, 700).map(lambda n: date(2019, 1, 1) + timedelta(days=n))


@st.composite
def contracts_of_some(draw: st.DrawFn) -> list[Contract]:
    rows: list[Contract] = []
    for who in range(draw(st.integers(1, 4))):
        for _ in range(draw(st.integers(1, 4))):
            start = draw(DAYS)
            length = draw(st.one_of(st.none(), st.integers(0, 300)))
            end = None if length is None else start + timedelta(days=length)
            rows.append((f"p{who}", start, end))
    return rows


@pytest.mark.long
@settings(max_examples=examples(45), deadline=None)
@given(rows=contracts_of_some())
def test_the_clock_says_who_is_a_customer_on_the_first_day_of_each_unit(rows):
    """Against a loop over days; episodes are contiguous and end with what was observed."""
    wanted = by_days(rows, CLOSE)
    rows = [*rows, ("sure", date(2019, 1, 1), None)]
    found = stretches(made(rows))
    found.pop("sure")
    # who begins within the last month has no whole unit, and nobody else is missing
    assert set(found) == set(wanted)
    for who, parts in found.items():
        assert parts[0][0] == 0
        assert parts[-1][1] == len(wanted[who])
        assert all(a[1] == b[0] and a[4] == b[2] and b[3] == a[2] for a, b in pairwise(parts))
        units = [p[2] == "customer" for p in parts for _ in range(p[0], p[1])]
        assert units == wanted[who]


@pytest.mark.long
@settings(max_examples=examples(12), deadline=None)
@given(rows=contracts_of_some(), order=st.randoms(use_true_random=False))
def test_order_and_splitting_change_no_table(rows, order):
    """A contract cut in two on any day is the same time as a customer."""
    rows = [*rows, ("sure", date(2019, 1, 1), None)]
    plain = life_table(on_person_clock(made(rows)))
    law_holds(plain)
    shuffled = list(rows)
    order.shuffle(shuffled)
    same_counts(plain, life_table(on_person_clock(made(shuffled))))
    cut = []
    for who, start, end in rows:
        middle = start + timedelta(days=order.randint(0, 200))
        if end is None or middle < end:
            cut += [(who, start, middle), (who, middle + timedelta(days=1), end)]
        else:
            cut.append((who, start, end))
    again = life_table(on_person_clock(made(cut)))
    same_counts(plain, again)
