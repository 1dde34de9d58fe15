"""Takers of a rebate and others in one life: exactly what they are in segments of their own."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from stammkunde.errors import ParameterError
from stammkunde.policy.offers import (
    Behaviour,
    LoyaltyRebate,
    Market,
    NewcomerRebate,
    Policy,
    Reaction,
    RebateForAll,
    Segment,
    at_list_price,
    worths,
)
from tests.patience import examples
from tests.policy.offers.effects import effect_of
from tests.policy.offers.markets import HAZARDS, H, market, segment, valued
from tests.policy.offers.test_take_up import KEPT, life_of, policy_of


def test_two_units_in_fractions():
    """A tenth leaves, a twentieth of the takers: 19 of 37 who are left take it in unit 2."""
    element = RebateForAll(1.0, behaviour=Behaviour((Reaction(0.5),)), take_up=0.5)
    h = np.full((1, 3), 0.1)
    where = Market(("any",), (Segment("basic", h, 0.0, 1.0, inflow=[1, 0, 0]),), 3)
    life = life_of(element, where=where)
    third = Fraction(361, 685)
    known = [Fraction(3, 40), Fraction(11, 148), (third + 2 * (1 - third)) / 20]
    assert_allclose(life.hazards[0], [float(x) for x in known], rtol=1e-14)
    there = [Fraction(1), Fraction(37, 40), Fraction(137, 160)]
    paid = sum(s * n for s, n in zip((Fraction(1, 2), Fraction(19, 37), third), there, strict=True))
    assert_allclose(valued(policy_of(element), where).spend, float(paid), rtol=1e-14)


def only_new(hazard, units, price=1.0):
    h = np.full((1, units), hazard)
    return Market(("any",), (Segment("basic", h, price, price, inflow=1.0),), units)


@given(
    st.floats(0.001, 0.05), st.floats(0.0, 1.5), st.floats(0.0, 1.0), st.integers(1, 120),
    st.integers(1, 30),
)  # fmt: skip
@settings(max_examples=examples(100), deadline=None)
def test_it_is_the_mixture_of_two_segments(hazard, ratio, share, units, first):
    """Customers, and money: a share who all take it, and the others, of whom nobody does."""
    element = LoyaltyRebate(first, 1.0, behaviour=Behaviour((Reaction(ratio),)), take_up=share)
    where = only_new(hazard, units)
    each = [policy_of(replace(element, take_up=s)) for s in (1.0, 0.0, share)]
    survival = [life_of(p.elements[0], where=where).survival for p in each]
    apart = share * survival[0] + (1 - share) * survival[1]
    assert_allclose(survival[2], apart, rtol=1e-10)
    found = [valued(p, where) for p in each]
    for name in ("total", "spend", "customers"):
        takers, others, both = (getattr(x, name) for x in found)
        assert_allclose(both, share * takers + (1 - share) * others, rtol=1e-10, atol=1e-12)


def test_two_rebates_are_tracked_together():
    """Four segments: who takes neither, one, the other, or both of two rebates."""
    one = NewcomerRebate(12, 3.0, behaviour=KEPT)
    two = LoyaltyRebate(13, 2.0, behaviour=Behaviour((Reaction(0.5, ("price",)),)))
    where = market(segment(there=(), returns=None, gone=()))
    both = valued(policy_of(replace(one, take_up=0.6), replace(two, take_up=0.3)), where)
    parts = [
        (p * q, valued(policy_of(replace(one, take_up=a), replace(two, take_up=b)), where))
        for p, a in ((0.6, 1.0), (0.4, 0.0))
        for q, b in ((0.3, 1.0), (0.7, 0.0))
    ]
    for name in ("total", "spend", "customers", "margin"):
        apart = sum(share * getattr(x, name) for share, x in parts)
        assert_allclose(getattr(both, name), apart, rtol=1e-10)
    # the average with the shares of the beginning has too few of them stay
    taken = life_of(replace(one, take_up=0.6), where=where).hazards
    naive = 0.6 * life_of(one, where=where).hazards + 0.4 * HAZARDS[:, :H]
    assert (taken[:, 1:12].sum(axis=0) < naive[:, 1:12].sum(axis=0)).all()


def test_todays_customers_carry_the_takers_that_are_left():
    """After 24 units more of them take it: what is paid in the first month, by tenure."""
    element = RebateForAll(1.0, behaviour=Behaviour((Reaction(0.5),)), take_up=0.5)
    h = np.full((1, 36), 0.02)
    there = np.zeros(25)
    there[24] = 100.0
    only = Segment("basic", h, 0.0, 1.0, there=there)
    found = valued(policy_of(element), Market(("any",), (only,), 1))
    takers, others = 0.99**24, 0.98**24
    assert_allclose(found.spend, 100 * takers / (takers + others), rtol=1e-12)


def test_more_than_all_takers_leave():
    element = RebateForAll(1.0, behaviour=Behaviour((Reaction(3.0),)), take_up=0.1)
    with pytest.raises(ParameterError, match=r"of those who take for_all add up to 1\.2 in"):
        valued(policy_of(element), only_new(0.4, 12))


def test_who_hops_is_one_of_the_takers_still_there():
    """Takers leave for the price at half the rate: at the end more than two fifths of all hop."""
    moves = Behaviour((Reaction(0.5, ("price",)),))
    lives = [
        life_of(NewcomerRebate(6, 5.0, hops=0.2, behaviour=moves, take_up=s))
        for s in (1.0, 0.4, 0.0)
    ]
    takers, all_, others = (x.survival[..., 5] * (1 - x.hazards[:3, 5].sum()) for x in lives)
    assert_allclose(all_, 0.4 * takers + 0.6 * others, rtol=1e-12)
    assert_allclose(lives[1].of("hopped")[5], 0.4 * lives[0].of("hopped")[5], rtol=1e-12)


def test_seen_as_a_mixture_and_valued_without_and_for_all():
    """Of what was seen of takers and others together follows what all of them, or none, would do.

    A hundred a month sign up for two years, half of them with a rebate of 2 a month; value to the
    last digits.
    """
    units, kept, plain, v = 24, np.array([0.01, 0.021]), np.array([0.01, 0.03]), 1.08 ** (-1 / 12)
    there = [(1 - h.sum()) ** np.arange(units) for h in (kept, plain)]
    takers = there[0] / (there[0] + there[1])
    seen = takers * kept[:, None] + (1 - takers) * plain[:, None]
    only = Segment("", seen, 20.0, 50.0, inflow=100.0)
    effect = effect_of([[[1.0], [0.7]]], causes=("moved", "price"), beyond="lasts")
    rebate = RebateForAll(2.0, behaviour=Behaviour(effect=effect), take_up=0.5)
    now, none, every = (
        Policy("now", None, (rebate,)),
        Policy("nobody"),
        Policy("everybody", None, (replace(rebate, take_up=1.0),)),
    )
    where = at_list_price(Market(("moved", "price"), (only,), units, 0.08), now, {})
    assert_allclose(where.segments[0].hazards, plain[:, None] * np.ones(units), rtol=1e-12)
    found = worths((now, none, every), where, {})
    paid = [np.cumsum(s * v ** np.arange(units)) * m for s, m in zip(there, (18, 20), strict=True)]
    with_, without = (100 * v ** np.arange(units) @ each[::-1] for each in paid)
    assert_allclose(found["nobody"].total, without, rtol=1e-12)
    assert_allclose(found["everybody"].total, with_, rtol=1e-12)
    assert_allclose(found["now"].total, (with_ + without) / 2, rtol=1e-12)
