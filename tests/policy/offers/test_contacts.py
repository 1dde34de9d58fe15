"""Effects of contacts, from the contact on, also where contacts recur."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from stammkunde.draws import block_weights
from stammkunde.policy.offers import (
    Behaviour,
    Care,
    Market,
    Policy,
    Reaction,
    Segment,
    applied,
    worth,
)
from tests.patience import examples
from tests.policy.offers.effects import FADING, effect_of, newcomers
from tests.policy.offers.markets import HAZARDS, H, market, valued


def calls(reach=0.25, effect=None, **changed):
    given = {"every": None, "behaviour": Behaviour(effect=effect or effect_of(FADING))}
    return Policy("x", None, (Care("calls", 0.0, reach, **given | changed),))


def factors(policy):
    return newcomers(policy)["basic"][0] / HAZARDS[0, :H]


def test_a_single_contact_counts_from_its_own_unit_on():
    known = np.ones(H)
    known[5:9] = 1 + 0.25 * (FADING - 1)
    assert_allclose(factors(calls(from_unit=6)), known, rtol=1e-13)
    # it ends with what was observed, before that where it is said to, or goes on as it ended
    short, known[8] = known.copy(), known[8]
    short[7:] = 1.0
    assert_allclose(factors(calls(from_unit=6, lasts=2)), short, rtol=1e-13)
    goes_on = np.where(np.arange(H) < 9, known, known[8])
    lasting = effect_of(FADING, beyond="lasts")
    assert_allclose(factors(calls(from_unit=6, effect=lasting)), goes_on, rtol=1e-13)
    for_two_years = np.where(np.arange(H) < 5 + 24, goes_on, 1.0)
    assert_allclose(
        factors(calls(from_unit=6, effect=lasting, lasts=24)), for_two_years, rtol=1e-13
    )


def test_other_causes_are_left_alone_and_everybody_can_be_reached():
    found = newcomers(calls(1.0, from_unit=1))["basic"]
    assert_allclose(found[0, :4], HAZARDS[0, :4] * FADING, rtol=1e-13)
    assert (found[1:] == HAZARDS[1:, :H]).all()


def test_contacts_that_recur_by_hand():
    """Reach 1/4 in units 2, 4, 6: of all in unit 6 a quarter was called now, 3/16 in 4, 9/64 in 2.

    With ratios 2/5, 7/10, 4/5, 9/10 for four units.
    """
    ratio = [Fraction(2, 5), Fraction(7, 10), Fraction(4, 5), Fraction(9, 10)]
    now, before, first = Fraction(1, 4), Fraction(3, 16), Fraction(9, 64)
    less = [1 - x for x in ratio]
    known = [
        Fraction(1),
        1 - now * less[0],
        1 - now * less[1],
        1 - now * less[0] - before * less[2],
        1 - now * less[1] - before * less[3],
        1 - now * less[0] - before * less[2],
        1 - now * less[1] - before * less[3],
        1 - now * less[2],
        1 - now * less[3],
        Fraction(1),
    ]
    found = factors(calls(from_unit=2, every=2, to_unit=6))
    assert_allclose(found[:10], [float(x) for x in known], rtol=1e-13)
    # were the effect to last, those of unit 2 would count as well
    lasting = effect_of(FADING, beyond="lasts")
    now_and_then = now * less[0] + before * less[2] + first * less[3]
    found = factors(calls(from_unit=2, every=2, to_unit=6, effect=lasting))
    assert_allclose(found[5], float(1 - now_and_then), rtol=1e-13)


def test_calls_every_month_come_to_rest():
    """After long: who was called last k units ago are r (1 - r)^(k - 1) of all."""
    lasting = effect_of(FADING, beyond="lasts")
    found = factors(calls(0.03, every=1, effect=lasting))
    share = 0.03 * 0.97 ** np.arange(H)
    less = 1 - FADING[np.minimum(np.arange(H), 3)]
    assert_allclose(found[-1], 1 - (share * less).sum(), rtol=1e-13)
    # whoever is called each month is always in the first unit after his call
    assert_allclose(factors(calls(1.0, every=1)), FADING[0], rtol=1e-13)
    assert_allclose(factors(calls(0.0, every=1)), 1.0, rtol=0)


def test_calls_by_drawing_customers():
    """Customers called now and then, each with his own last call: on average those hazards."""
    people, reach, units = 400_000, 0.2, 14
    effect = effect_of(FADING)
    h = np.full((1, units), 0.05)
    where = Market(("price",), (Segment("basic", h, 1.0, 1.0, inflow=1.0),), units)
    policy = calls(reach, effect, from_unit=3, every=2, to_unit=11)
    model = applied(policy, where, {}).segments["basic"].lives[0]
    rng = np.random.default_rng(4)
    since, gone = np.full(people, 99), np.zeros((units, people), bool)
    ratio = np.append(FADING, np.ones(200))
    for u in range(1, units + 1):
        since += 1
        if u in (3, 5, 7, 9, 11):
            since[rng.random(people) < reach] = 0
        # all are asked each month, gone or not: the shares of the calls are those of the model
        gone[u - 1] = rng.random(people) < 0.05 * ratio[since]
    rate = gone.mean(axis=1)
    error = np.sqrt(rate * (1 - rate) / people)
    assert (np.abs(rate - model.hazards[0]) < 3.5 * error).all()
    # of those still there, those called are the more the longer: a difference of second order
    there = np.cumprod(~gone, axis=0).mean(axis=1)
    assert np.abs(there - model.survival[1:]).max() < 0.002


@given(
    st.floats(0.0, 1.0), st.integers(1, 8), st.integers(1, 6), st.integers(0, 20),
    st.lists(st.floats(0.0, 2.0), min_size=1, max_size=12),
)  # fmt: skip
@settings(max_examples=examples(60), deadline=None)
def test_the_share_of_each_last_contact_one_by_one(reach, first, every, more, ratio):
    """Another way: each contact renews a share, and what was there before is kept by the rest."""
    policy = calls(
        reach, effect_of(np.array(ratio)), from_unit=first, every=every, to_unit=first + more
    )
    length = len(ratio)
    last = np.zeros(H + 1)
    known = []
    for u in range(1, H + 1):
        last = np.append(0.0, last[:-1])
        if first <= u <= first + more and (u - first) % every == 0:
            last *= 1 - reach
            last[0] = reach
        known.append(1 + (last[:length] * (np.array(ratio) - 1)).sum())
    assert_allclose(factors(policy), known, rtol=1e-12, atol=1e-13)


def test_an_effect_that_began_later_counts_from_its_own_time_zero():
    late = effect_of(FADING, origin=12)
    assert_allclose(factors(calls(from_unit=6, effect=late)), factors(calls(from_unit=6)), rtol=0)


def test_draws_of_reach_and_effect_stand_together():
    effect = effect_of(FADING, beyond="lasts")
    policy = calls("reach", effect, every=1)
    draws = {"reach": np.array([0.1, 0.4, 0.9])}
    w = block_weights(3)
    many = newcomers(policy, draws=draws, weights=w)["basic"]
    for b in range(3):
        one = newcomers(calls(float(draws["reach"][b]), effect, every=1), weights=w[b : b + 1])[
            "basic"
        ]
        assert_allclose(many[b], one[0], rtol=1e-13)
    assert many[:, 0].std(axis=0).min() > 0


def test_a_capacity_lowers_the_reach_of_an_effect():
    with_limit = replace(calls(0.8, every=1).elements[0], cost=1.0, capacity=300.0)
    made = applied(Policy("x", None, (with_limit,)), market(interest=0.0), {})
    reach = float(made.reach["calls"]) * 0.8
    assert 0 < reach < 0.8
    assert_allclose(worth(made).care, -300.0 * H, rtol=1e-8)
    same = newcomers(calls(reach, every=1))["basic"]
    assert_allclose(made.segments["basic"].lives[0].hazards, same, rtol=1e-13)


def test_reactions_without_a_length_are_for_one_unit():
    assumed = Behaviour((Reaction(0.5, ("price",)),))
    a, b = (
        valued(Policy("x", None, (Care("c", every=6, lasts=n, behaviour=assumed),))).total
        for n in (None, 1)
    )
    assert a == b
