"""Paid units of persons and their sign-ups: by hand, against the curve of contracts, by laws."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from stammkunde.draws import BLOCKS
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.spells.person_clock import AWAY, on_person_clock
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
from tests.kernel.dated import Contract, made
from tests.kernel.making import same_counts
from tests.validate.persons import MONTHS, clock, counted, drawn

# too slow for every run: `make test-full` has them
pytestmark = pytest.mark.long

CLOSE_2020 = date(2020, 1, 1)


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
