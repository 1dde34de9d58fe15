"""The market at list price: under today's policy it is again what was observed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from stammkunde.draws import block_weights
from stammkunde.policy.offers import (
    Behaviour,
    Care,
    GlidePath,
    LoyaltyRebate,
    Market,
    NewcomerRebate,
    Policy,
    Population,
    Reaction,
    RebateForAll,
    Recovery,
    Segment,
    Step,
    When,
    applied,
    at_list_price,
    worth,
    worths,
)
from stammkunde.policy.offers import listed as listed_module
from tests.patience import examples
from tests.policy.offers.effects import effect_of
from tests.policy.offers.markets import (
    COOL,
    HAZARDS,
    NONE,
    WIN_BACK,
    H,
    market,
    segment,
)
from tests.policy.offers.test_care import COMPLAINTS

SPILL = Behaviour(
    (
        Reaction(0.6, ("price",)),
        Reaction(1.8, ("price", "service"), When.AFTER, 1, 2),
        Reaction(1.1, ("price",), When.OTHERS),
    ),
    always_buyers=0.8,
)
TODAY = Policy(
    "today",
    None,
    (
        NewcomerRebate(12, 10.0, behaviour=SPILL, take_up=0.45),
        LoyaltyRebate(13, 4.0, behaviour=Behaviour(effect=effect_of(np.full(30, 0.7))),
                      take_up="share"),
        GlidePath((Step(1, 6, 3.0),), behaviour=Behaviour((Reaction("ratio"),))),
        Care("calls", 6.0, 0.03, behaviour=Behaviour(effect=effect_of(np.linspace(0.5, 1, 9)))),
        COOL,
        WIN_BACK,
    ),
    {"gold": (RebateForAll(2.0, behaviour=Behaviour((Reaction(0.9),))),)},
)  # fmt: skip
DRAWS = {"ratio": np.array([0.8, 1.0, 1.2]), "share": np.array([0.2, 0.3, 0.4])}


def lives(policy, where, draws=None, weights=None):
    """Return the lives of newcomers and of today's customers, by segment and name."""
    made = applied(policy, where, draws or {}, weights).segments
    found = {(n, x.name): x for n, p in made.items() for x in p.lives}
    return found | {(n, "today"): p.base.life for n, p in made.items() if p.base is not None}


def again(policy, where, draws=None, weights=None, rtol=1e-12):
    """Say that under the policy the market at list price is the one observed; return it."""
    draws = draws or {}
    listed = at_list_price(where, policy, draws, weights)
    found = lives(policy, listed, draws, weights)
    for s in where.segments:
        own = found[s.name, "newcomer"].hazards
        known = np.asarray(s.hazards)[..., :H] + np.zeros(own.shape)
        assert_allclose(own, known, rtol=rtol, atol=1e-17)
        if np.any(s.there):
            own = found[s.name, "today"].hazards
            known = np.asarray(s.hazards if s.today is None else s.today)
            known = known[..., : own.shape[-1]] + np.zeros(own.shape)
            assert_allclose(own, known, rtol=rtol, atol=1e-17)
    made = applied(policy, listed, draws, weights).segments
    for s in where.segments:
        signing = made[s.name].signing
        assert_allclose(signing, np.asarray(s.inflow) + np.zeros(signing.shape), rtol=rtol)
    return listed


def test_everything_at_once():
    of_today = HAZARDS * np.linspace(0.7, 0.9, HAZARDS.shape[-1])
    where = market(segment(today=of_today), segment("gold", inflow=np.linspace(50, 90, H)))
    listed = again(TODAY, where, DRAWS)
    assert listed.drawn() == 3
    found = worth(applied(TODAY, listed, DRAWS))
    # without it the customers are others, and less is spent
    none = worth(applied(NONE, listed, DRAWS))
    assert (none.customers < 0.99 * found.customers).all()
    assert (none.spend == 0).all()
    assert (none.signed < 0.95 * found.signed).all()


def test_under_the_draws_of_the_persons():
    w = block_weights(5)
    draws = {n: np.linspace(0.3, 0.9, 5) for n in DRAWS}
    hazards = HAZARDS * np.linspace(0.8, 1.2, 5)[:, None, None]
    where = market(segment(hazards=hazards), segment("gold"))
    listed = again(TODAY, where, draws, w)
    assert listed.segments[0].hazards.shape == (5, *HAZARDS.shape)
    # a slice of the draws is the slice of the market
    part = at_list_price(
        where.part(slice(1, 3)), TODAY, {n: a[1:3] for n, a in draws.items()}, w[1:3]
    )
    for s, t in zip(listed.part(slice(1, 3)).segments, part.segments, strict=True):
        assert_allclose(s.hazards, t.hazards, rtol=1e-13)
        assert_allclose(s.today, t.today, rtol=1e-13)
        assert_allclose(s.inflow, t.inflow, rtol=1e-13)
    total = worths([TODAY], listed, draws, weights=w)["today"].total
    assert total.shape == (5,)


def test_many_draws_are_looked_at_in_parts(monkeypatch):
    w = block_weights(7)
    draws = {n: np.linspace(0.3, 0.9, 7) for n in DRAWS}
    hazards = HAZARDS * np.linspace(0.8, 1.2, 7)[:, None, None]
    where = market(segment(hazards=hazards), segment("gold", inflow=np.linspace(50, 90, H)))
    whole = at_list_price(where, TODAY, draws, w)
    monkeypatch.setattr(listed_module, "PART", 3)
    for s, t in zip(whole.segments, at_list_price(where, TODAY, draws, w).segments, strict=True):
        for name in ("hazards", "today", "inflow"):
            assert_allclose(getattr(t, name), getattr(s, name), rtol=1e-14)
            assert np.shape(getattr(t, name)) == np.shape(getattr(s, name))
    # what no draw moves has no draws
    fixed = at_list_price(market(), Policy("x", None, (kept(0.5),)), {"other": np.ones(7)})
    assert np.shape(fixed.segments[0].hazards) == HAZARDS.shape


RATIOS = st.floats(0.2, 3.0)


@given(
    hazards=st.lists(st.floats(0.0, 0.02), min_size=3, max_size=3),
    ratios=st.tuples(RATIOS, RATIOS, RATIOS),
    shares=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    months=st.integers(1, 40),
    lift=st.floats(-0.5, 1.0),
    applies=st.sampled_from(list(Population)),
)
@settings(max_examples=examples(80), deadline=None)
def test_whatever_the_policy(hazards, ratios, shares, months, lift, applies):
    own = np.array(hazards)[:, None] * (0.3 + np.exp(-np.arange(72) / 9))
    during, after, others = ratios
    moved = Behaviour(
        (
            Reaction(during, ("price",)),
            Reaction(after, (), When.AFTER, 1, 3),
            Reaction(others, ("service",), When.OTHERS, 2),
        ),
        lift=lift,
    )
    loyal = Behaviour(effect=effect_of(np.array([during, after, others]), origin=months))
    policy = Policy(
        "today",
        None,
        (
            NewcomerRebate(months, 3.0, behaviour=moved, take_up=shares[0], applies=applies),
            Care("calls", 1.0, shares[1], every=3, behaviour=loyal, applies=applies),
        ),
    )
    again(policy, market(segment(hazards=own)))


def test_divided_by_hand():
    """.02 observed under a ratio of .6 were .0333 at list price; what adds is taken off first."""
    where = market(segment(there=()))
    kept = RebateForAll(5.0, behaviour=Behaviour((Reaction(0.6, ("price",)),), lift=0.25))
    listed = at_list_price(where, Policy("x", None, (kept,)), {}).segments[0]
    assert_allclose(listed.hazards[0], HAZARDS[0] / 0.6, rtol=1e-13)
    assert_allclose(listed.hazards[1:], HAZARDS[1:], rtol=0)
    assert_allclose(listed.inflow, 80.0)
    assert listed.today is None
    less = replace(kept, behaviour=Behaviour((Reaction(0.5, ("price",), adds=0.001),)))
    listed = at_list_price(where, Policy("x", None, (less,)), {}).segments[0]
    assert_allclose(listed.hazards[0], (HAZARDS[0] - 0.001) / 0.5, rtol=1e-13)
    assert listed.inflow == 100.0


def test_today_and_new_customers_had_other_offers():
    own = NewcomerRebate(12, 10.0, behaviour=Behaviour((Reaction(0.5, ("price",)),)))
    listed = at_list_price(market(), Policy("x", None, (own,)), {}).segments[0]
    assert_allclose(listed.hazards[0, :12], HAZARDS[0, :12] * 2, rtol=1e-13)
    assert_allclose(listed.today, HAZARDS, rtol=0)


def test_a_policy_of_nothing_changes_nothing():
    where = market()
    for policy in (NONE, Policy("x", None, (RebateForAll(5.0), WIN_BACK, COOL))):
        listed = at_list_price(where, policy, {}).segments[0]
        assert (listed.hazards == HAZARDS).all()
        assert listed.inflow == 100.0
        a, b = (
            worth(applied(policy, m, {})).total for m in (where, at_list_price(where, policy, {}))
        )
        assert a == b


def test_sign_ups_that_are_assumed():
    where = market(segment(inflow="signups"))
    draws = {"signups": np.array([100.0, 50.0])}
    listed = at_list_price(where, Policy("x", None, (RebateForAll(behaviour=SPILL),)), draws)
    assert_allclose(listed.segments[0].inflow, [[80.0] * H, [40.0] * H])


def test_newcomers_and_those_induced_are_told_apart():
    """Who came for the offer leaves sooner: both together leave as was observed."""
    brought = Behaviour(
        (Reaction(0.7, ("price",)), Reaction(2.0, (), When.INDUCED, 1, 24, adds=0.002)),
        always_buyers="always",
    )
    policy = Policy("today", None, (NewcomerRebate(12, 10.0, behaviour=brought, take_up=0.6),))
    where, draws = market(segment(there=())), {"always": np.array([0.6, 0.8, 1.0])}
    listed = at_list_price(where, policy, draws)
    found = lives(policy, listed, draws)
    one, two = found["basic", "newcomer"], found["basic", "induced"]
    share = (0.6 * (1 - draws["always"]))[:, None]
    both = (1 - share) * one.survival + share * two.survival
    assert_allclose(both[0], np.append(1, np.cumprod(1 - HAZARDS[:, :H].sum(axis=0))), rtol=1e-12)
    left = (1 - share[..., None]) * one.leaving + share[..., None] * two.leaving
    assert_allclose(left / both[:, None, :-1], np.array([HAZARDS[:, :H]] * 3), rtol=1e-12)
    assert (two.survival[:2, 1:] < one.survival[:2, 1:]).all()
    assert_allclose(
        applied(policy, listed, draws).segments["basic"].signing, np.full((3, H), 100.0)
    )


@pytest.mark.parametrize("recovery", [(), (Recovery(0.7),)], ids=["as today", "of the policy"])
def test_customers_who_complain(recovery):
    where = market(segment(complaints=COMPLAINTS))
    policy = Policy("today", None, (RebateForAll(3.0, behaviour=SPILL, take_up=0.5), *recovery))
    listed = again(policy, where, rtol=1e-10)
    # today's share of answers stays a number of the market
    worse = lives(policy, listed)["basic", "newcomer"].survival[-1]
    none = lives(NONE, listed)["basic", "newcomer"].survival[-1]
    assert none < worse


def kept(ratio=1.0, causes=(), **changed):
    return RebateForAll(1.0, behaviour=Behaviour((Reaction(ratio, causes, **changed),)))


def test_a_ratio_of_0_where_nobody_left():
    hazards = HAZARDS.copy()
    hazards[1] = 0.0
    where = market(segment(hazards=hazards))
    again(Policy("x", None, (kept(0.0, ("service",)),)), where)


def test_what_adds_all_that_was_observed_to_the_last_bit():
    hazards = np.full((3, 72), 0.1) / 3
    where = market(segment(hazards=hazards))
    listed = at_list_price(where, Policy("x", None, (kept(adds=0.1 * (1 / 3)),)), {})
    assert (listed.segments[0].hazards >= 0).all()
    assert listed.segments[0].hazards.max() < 1e-15


def test_rules_of_several_segments():
    where = market(segment("old", rules="high"), segment("new", rules="high"), segment("low"))
    policy = Policy("x", None, (), {"high": (kept(0.5),)})
    listed = at_list_price(where, policy, {})
    for s, by in zip(listed.segments, (2, 2, 1), strict=True):
        assert_allclose(s.hazards, by * HAZARDS, rtol=1e-13)
        assert s.rules == ("high" if by == 2 else "")


def test_one_cause_and_no_returns():
    only = Segment("all", np.full((1, 24), 0.012), 8.0, 12.0, inflow=30.0)
    where = Market(("any",), (only,), 24, 0.05)
    policy = Policy("today", None, (RebateForAll(1.0, behaviour=Behaviour((Reaction(0.7),))),))
    listed = at_list_price(where, policy, {})
    assert_allclose(listed.segments[0].hazards, 0.012 / 0.7, rtol=1e-13)
    assert (listed.causes, listed.horizon, listed.interest) == (("any",), 24, 0.05)
