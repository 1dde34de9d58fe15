"""The person's clock, paid units and sign-ups: by hand, by a plain loop over days, and by laws."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.draws import BLOCKS
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.spells.months import completed
from stammkunde.spells.person_clock import AWAY, not_on_clock, on_person_clock
from stammkunde.spells.read import spells_from
from stammkunde.spells.spells import Spells
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.persons import (
    SignupCounts,
    occupancy,
    paid_units,
    signups,
    signups_from,
)
from stammkunde.survival.table import life_table, life_tables
from tests.kernel.making import law_holds, lives, same_counts
from tests.patience import examples
from tests.validate.persons import MONTHS, clock, counted, drawn

CLOSE = date(2021, 1, 1)
CLOSE_2020 = date(2020, 1, 1)
Contract = tuple[str, date, date | None]


def made(
    contracts: list[Contract], opens: date | None = None, close: date = CLOSE, unit: str = "month"
) -> Spells:
    """Return the spells of contracts (person, first day, last day or None), group `kind`."""
    frame = pd.DataFrame(contracts, columns=["who", "from", "to"]).assign(kind="x")
    frame = frame.assign(to=pd.to_datetime(frame.to), **{"from": pd.to_datetime(frame["from"])})
    return spells_from(
        frame,
        person="who",
        start="from",
        end="to",
        open=opens,
        close=close,
        by="kind",
        unit=unit,
    )


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


def test_with_one_contract_each_occupancy_is_survival():
    rng = np.random.default_rng(3)
    rows = []
    for i in range(300):
        start = date(2019, 1, 1) + timedelta(days=int(rng.integers(0, 600)))
        end = start + timedelta(days=int(rng.integers(0, 500)))
        rows.append((f"p{i}", start, end if rng.random() < 0.7 else None))
    spells = made(rows)
    table = life_table(on_person_clock(spells))
    curve = occupancy(table)
    # all who are watched to the end: the plain share is the Kaplan-Meier curve of them
    early = made([r for r in rows if r[1] < date(2020, 1, 1)])
    survival = kaplan_meier(life_table(early))
    share = occupancy(life_table(on_person_clock(early)))
    assert share.value[:12] == pytest.approx(survival.value[:12], abs=1e-12)
    assert curve.value[0] == curve.low[0] == curve.high[0] == 1.0
    assert np.all((curve.low <= curve.value) & (curve.value <= curve.high))


def hand() -> Spells:
    """Three persons watched for 4, 3 and 2 months: customers in units 1-1, 4; 1-3; 1."""
    return made(
        [
            ("a", date(2020, 1, 1), date(2020, 1, 31)),
            ("a", date(2020, 4, 1), None),
            ("b", date(2020, 2, 1), None),
            ("c", date(2020, 3, 1), date(2020, 3, 31)),
        ],
        close=date(2020, 5, 1),
    )


def test_paid_units_by_hand():
    """Shares 3/3, 1/3, 1/2, 1/1 of those under observation."""
    curve = occupancy(life_table(on_person_clock(hand())))
    shares = [Fraction(1), Fraction(1, 3), Fraction(1, 2), Fraction(1)]
    assert curve.value.tolist() == pytest.approx([float(s) for s in shares], abs=1e-15)
    assert curve.at_risk.tolist() == [3, 2, 1]
    assert curve.events.tolist() == [2, 0, 0]
    assert curve.observed_to == 3
    mean = paid_units(curve, 4)
    # three persons are too few for an error, and so for a value
    assert (mean.value, mean.low, mean.reason) == (None, None, "too_few_persons")
    with pytest.raises(NotObservedError, match="month 5"):
        paid_units(curve, 5)
    with pytest.raises(ParameterError, match="at least 1"):
        paid_units(curve, 0)


def many(copies: int = 1) -> Spells:
    rng = np.random.default_rng(11)
    rows: list[Contract] = []
    for i in range(120):
        day = date(2018, 1, 1) + timedelta(days=int(rng.integers(0, 700)))
        for _ in range(int(rng.integers(1, 4))):
            last = day + timedelta(days=int(rng.integers(20, 300)))
            rows += [(f"p{i}x{c}", day, last) for c in range(copies)]
            day = last + timedelta(days=int(rng.integers(1, 120)))
    return made(rows)


def test_paid_units_sum_the_shares_and_their_interval_holds_them():
    curve = occupancy(life_table(on_person_clock(many())))
    mean = paid_units(curve, 24)
    assert mean.value == pytest.approx(curve.value[:24].sum(), abs=1e-12)
    assert mean.low < mean.value < mean.high
    assert mean.se > 0
    assert mean.estimand == "paid(24)"
    assert paid_units(curve, 1).value == 1.0
    draws = mean.replicates.draws(400)
    assert draws.std() / mean.se == pytest.approx(1, abs=0.2)


def test_two_of_everybody_are_the_same_shares():
    one, two = (occupancy(life_table(on_person_clock(many(c)))) for c in (1, 2))
    assert two.value == pytest.approx(one.value, abs=1e-12)
    assert (two.at_risk == 2 * one.at_risk).all()
    assert np.all(two.high - two.low <= one.high - one.low + 1e-12)


def test_groups_of_the_first_spell_add_up():
    spells = many()
    (table,) = life_tables(on_person_clock(spells), by="kind").values()
    same_counts(table, life_table(on_person_clock(spells)))
    cohorts = life_tables(on_person_clock(spells), by="cohort")
    whole = life_table(on_person_clock(spells))
    assert sum(t.at_risk.sum() for t in cohorts.values()) == whole.at_risk.sum()


def test_a_table_of_spells_seen_late_is_refused():
    late = made(
        [(f"p{i}", date(2015 + i % 5, 3, 1), None) for i in range(20)], opens=date(2018, 1, 1)
    )
    with pytest.raises(NotObservedError, match="on_person_clock"):
        occupancy(life_table(late))
    with pytest.raises(ParameterError, match="nobody was `gone`"):
        occupancy(life_table(on_person_clock(many())), "gone")


def test_all_stay_and_all_leave_at_once_give_values_without_nan():
    stay = made([(f"p{i}", date(2020, 1, 1), None) for i in range(60)])
    curve = occupancy(life_table(on_person_clock(stay)))
    assert curve.value.tolist() == [1.0] * 12
    mean = paid_units(curve, 12)
    assert (mean.value, mean.high) == (12.0, 12.0)
    assert 11 < mean.low < 12
    leave = made([(f"p{i}", date(2020, 1, 1), date(2020, 1, 31)) for i in range(60)])
    table = life_table(on_person_clock(leave))
    assert table.states == (AWAY, "customer")
    gone = paid_units(occupancy(table), 12)
    assert (gone.value, gone.se) == (1.0, 0.0)
    one = occupancy(life_table(on_person_clock(made([("a", date(2020, 1, 1), None)]))))
    assert paid_units(one, 12).reason == "too_few_persons"


def test_signups_by_hand():
    """open 1 Jan 2020, return within 60 days; sign-ups: 7, first ones: 2."""
    rows = [
        ("a", date(2020, 1, 15), date(2020, 3, 14)),
        ("a", date(2020, 5, 13), date(2020, 6, 30)),  # 60 days after: within
        ("a", date(2020, 8, 30), None),  # 61 days after: later
        ("b", date(2020, 2, 1), None),
        ("b", date(2020, 3, 1), date(2020, 3, 31)),  # beside one that runs on
        ("b", date(2020, 7, 1), date(2020, 8, 31)),  # still beside it
        ("c", date(2018, 1, 1), date(2019, 6, 30)),  # never at risk
        ("c", date(2020, 4, 1), None),  # back from before observation
        ("d", date(2019, 7, 1), None),  # no sign-up within the observation
    ]
    found = signups(made(rows, opens=date(2020, 1, 1)), 60)
    assert (found.persons, found.spells, found.signups) == (4, 8, 7)
    kinds = [found.within, found.later, found.before, found.parallel, found.returns]
    assert [e.events for e in kinds] == [1, 1, 1, 2, 3]
    assert found.per_person.reason == found.returns.reason == "too_few_persons"
    none = signups(made(rows, opens=date(2020, 1, 1)), 0)
    assert (none.within.events, none.later.events) == (0, 2)


def test_signups_have_shares_with_intervals_by_persons():
    spells = many()
    found = signups(spells, 60)
    frame = spells.to_frame().sort_values(["person", "spell"])
    gap = (pd.to_datetime(frame.start) - pd.to_datetime(frame["last"].shift())).dt.days
    again = frame.spell > 1
    assert found.signups == len(frame)
    assert found.within.value == pytest.approx((again & (gap <= 60)).sum() / len(frame), abs=1e-15)
    assert found.later.value == pytest.approx((again & (gap > 60)).sum() / len(frame), abs=1e-15)
    assert found.returns.value == pytest.approx(1 - found.persons / found.spells, abs=1e-15)
    assert found.per_person.value == pytest.approx(found.spells / found.persons, abs=1e-15)
    for e in (found.per_person, found.returns):
        assert e.low < e.value < e.high


def test_two_of_everybody_sign_up_alike():
    one, two = (signups(many(c), 60) for c in (1, 2))
    assert two.signups == 2 * one.signups
    for name in ("per_person", "returns", "within", "later"):
        a, b = getattr(one, name), getattr(two, name)
        assert a.value == pytest.approx(b.value, abs=1e-15)


def test_blocks_without_anybody_give_a_reason():
    none = np.zeros(BLOCKS, dtype=np.int64)
    names = ("persons", "spells", "signups", "within", "later", "before", "parallel")
    found = signups_from(SignupCounts(**dict.fromkeys(names, none)), 30)
    assert found.returns.reason == found.per_person.reason == "too_few_persons"


def test_the_engine_counts_the_world_that_the_recipe_counts():
    """Hoppers as dated contracts; the recipe's tables stand beside the engine's."""
    world = drawn(np.random.default_rng(6), 400)
    months = np.arange("2015-01", "2020-01", dtype="datetime64[M]")
    months = np.append(months, months[-1] + 1)
    begins = MONTHS - world.seen[world.person] + world.begin
    first = months[begins].astype("datetime64[D]")
    last = months[begins + world.exit_].astype("datetime64[D]") - 1
    rows = zip(world.person, first.tolist(), last.tolist(), world.left, strict=True)
    spells = made([(f"p{p}", a, b if gone else None) for p, a, b, gone in rows], close=CLOSE_2020)
    engine, own = life_table(on_person_clock(spells)), clock(world, world.hopper | True)
    for name in ("at_risk", "moves"):
        ours, theirs = (getattr(t, name) for t in (own, engine))
        ours = ours[:, :1] if name == "moves" else ours
        theirs = theirs[:, :1] if name == "moves" else theirs
        np.testing.assert_array_equal(theirs[-1].sum(axis=-2), ours[-1].sum(axis=-2))
    np.testing.assert_array_equal(engine.at_risk.sum(axis=(0, 1)), own.at_risk.sum(axis=(0, 1)))
    one, two = signups(spells, 90), signups_from(counted(world), 90)
    assert (one.persons, one.spells, one.signups) == (two.persons, two.spells, two.signups)
    assert one.within.value == two.within.value
    assert one.later.events == one.parallel.events == one.before.events == 0
