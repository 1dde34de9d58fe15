"""What must hold for any policy: nothing is worth nothing, money scales, parts add up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stammkunde.policy.offers import (
    Behaviour,
    Care,
    CoolOff,
    GlidePath,
    LoyaltyRebate,
    MinimumTerm,
    NewcomerRebate,
    Policy,
    Population,
    Reaction,
    RebateForAll,
    Recovery,
    Step,
    WinBack,
    applied,
    worth,
    worths,
)
from tests.policy.offers.markets import (
    ALL,
    CALLS,
    HAZARDS,
    LOYALTY,
    NONE,
    WIN_BACK,
    H,
    market,
    segment,
    valued,
)

IDLE = {
    "no element": (),
    "a rebate of nothing": (NewcomerRebate(12), LoyaltyRebate(13, 0.0), RebateForAll()),
    "a path of nothing": (GlidePath((Step(1, 6, 0.0),)),),
    "a cool-off where nothing is offered": (CoolOff(6), NewcomerRebate(12)),
    "ratios of 1": (NewcomerRebate(12, behaviour=Behaviour((Reaction(1.0),))), CoolOff(6)),
    "a drawn ratio of 1": (LoyaltyRebate(5, 0.0, behaviour=Behaviour((Reaction("one"),))),),
    "nobody is won back": (WinBack(("price",), 0.0),),
    "nobody is called": (Care("calls", 9.0, 0.0, behaviour=Behaviour((Reaction(0.5),))),),
    "calls for nothing that do nothing": (Care("calls"),),
    "no complaints": (Recovery(0.9, 50.0),),
    "a term of one month": (MinimumTerm(1, ("price",)),),
    "everybody would have bought": (RebateForAll(behaviour=Behaviour(always_buyers=1.0)),),
}


@pytest.mark.parametrize("what", IDLE)
def test_without_effect_and_cost_the_difference_is_exactly_0(what):
    draws = {"one": np.ones(3)}
    for where in (market(), market(by_month=1 + np.arange(36) / 9, arrears=True)):
        none, idle = (valued(p, where, draws) for p in (NONE, Policy("idle", None, IDLE[what])))
        assert (idle.total - none.total == 0.0).all()
        assert (idle.customers - none.customers == 0.0).all()
        assert (idle.spend == 0.0).all()


COSTLY = {
    "newcomers": (NewcomerRebate(12, 10.0),),
    "newcomers who wait": (NewcomerRebate(12, share=0.2), CoolOff(3)),
    "loyalty": (LoyaltyRebate(13, 1.0, every=6, cap=4.5),),
    "for all": (RebateForAll(share=0.1),),
    "for today's alone": (RebateForAll(4.0, applies=Population.BASE),),
    "a path": (GlidePath((Step(1, 6, 9.0), Step(7, 12, 5.0))),),
    "calls": (Care("calls", 4.0, 0.2, from_unit=2, every=None),),
    "cards": (WinBack(("service",), 0.0, cost=3.0, reach=0.5),),
    "all of it": (NewcomerRebate(6, 8.0), LoyaltyRebate(7, 2.0), Care("calls", 1.0)),
}


@pytest.mark.parametrize("what", COSTLY)
def test_without_effect_the_loss_is_the_cost(what):
    none, costly = valued(NONE), valued(Policy("costly", None, COSTLY[what]))
    assert costly.spend > 0
    assert_allclose(costly.total - none.total, -costly.spend, rtol=1e-9)


def scaled(by):
    """Return the market and the policy with every euro times `by`."""
    money = {"margin": 30.0, "price": 50.0, "acquisition": 120.0, "serve": 2.0, "handling": 15.0}
    where = market(segment(**{n: by * x for n, x in money.items()}))
    euros = {
        "newcomer": {"amount": 10.0, "hassle": 400.0},
        "loyalty": {"amount": 1.0, "cap": 2.5},
        "cool_off": {"service": 10.0},
        "win_back": {"cost": 5.0, "amount": 5.0},
        "calls": {"cost": 4.0},
    }
    own = tuple(replace(e, **{k: by * x for k, x in euros[e.name].items()}) for e in ALL.elements)
    return where, Policy("all of it", None, own)


@pytest.mark.parametrize("by", [0.01, 7.0, 1000.0])
def test_scaling_money_scales_every_euro(by):
    draws = {"ratio": np.array([0.7, 0.9])}
    where, policy = scaled(by)
    one, many = valued(ALL, draws=draws), valued(policy, where, draws)
    for name in ("total", "new", "base", "spend", "per_acquired", "margin", "rebates", "care"):
        assert_allclose(getattr(many, name), by * getattr(one, name), rtol=1e-10)
    assert_allclose(many.customers, one.customers, rtol=1e-12)


def test_negative_margins_turn_signs():
    """What keeps customers gains with a margin exactly what it loses with its negative."""
    kept = Policy("kept", None, (Care("calls", behaviour=Behaviour((Reaction(0.7, ("price",)),))),))
    costs = {"acquisition": 0.0, "serve": 0.0, "handling": 0.0}
    gains = []
    for margin in (30.0, -30.0):
        where = market(segment(margin=margin, **costs))
        gains.append(float(valued(kept, where).total - valued(NONE, where).total))
    assert gains[0] > 0
    assert gains[1] == -gains[0]


@pytest.mark.parametrize("both", [Population.NEW, Population.BOTH])
def test_a_uniform_rebate_is_a_newcomer_and_a_loyalty_rebate_of_equal_depth(both):
    single = Policy("all", None, (RebateForAll(4.0, applies=both),))
    parts = (NewcomerRebate(12, 4.0, applies=both), LoyaltyRebate(13, 4.0, applies=both))
    one, two = valued(single), valued(Policy("two", None, parts))
    assert_allclose(one.total, two.total, rtol=1e-13)
    assert_allclose(one.rebates, two.rebates, rtol=1e-12)
    # a month late it is another policy
    late = (parts[0], replace(parts[1], from_unit=14))
    assert two.spend - valued(Policy("late", None, late)).spend > 100


def test_a_glide_path_is_the_sum_of_single_rebates():
    path = GlidePath((Step(1, 6, 9.0), Step(7, 12, 6.0), Step(13, 18, 3.0)))
    parts = tuple(NewcomerRebate(n, 3.0, name=f"to {n}") for n in (6, 12, 18))
    one, three = (valued(Policy("x", None, e)) for e in ((path,), parts))
    assert_allclose(one.total, three.total, rtol=1e-13)
    steps = tuple(
        LoyaltyRebate(steps=(Step(s.from_unit, s.to_unit, s.amount),), name=f"step {s.from_unit}",
                      applies=Population.NEW)
        for s in path.steps
    )  # fmt: skip
    assert_allclose(one.total, valued(Policy("x", None, steps)).total, rtol=1e-13)


def test_a_share_is_that_part_of_the_price():
    for one, two in (
        (RebateForAll(share=0.1), RebateForAll(5.0)),
        (NewcomerRebate(12, share=0.2), NewcomerRebate(12, 10.0)),
    ):
        a, b = (valued(Policy("x", None, (e,))).total for e in (one, two))
        assert_allclose(a, b, rtol=1e-13)


def test_multipliers_multiply_by_cause():
    ratios = (0.8, 0.9)
    twice = tuple(
        Care(f"c{k}", behaviour=Behaviour((Reaction(r, ("price",)),))) for k, r in enumerate(ratios)
    )
    once = (Care("c", behaviour=Behaviour((Reaction(0.72, ("price",)),))),)
    a, b = (valued(Policy("x", None, e)) for e in (twice, once))
    assert_allclose(a.total, b.total, rtol=1e-12)
    # who moves, moves: a ratio on the price leaves that hazard as it is
    h = HAZARDS.copy()
    h[0] *= 0.72
    assert_allclose(b.total, valued(NONE, market(segment(hazards=h))).total, rtol=1e-12)


def test_another_policy_changes_no_draws_of_any():
    rng = np.random.default_rng(5)
    draws = {"ratio": rng.uniform(0.6, 1.0, 700)}
    hazards = HAZARDS * rng.gamma(100, 1 / 100, (700, 1, 1))
    where = market(segment(hazards=hazards))
    more = Policy("more", None, (RebateForAll("ratio"),))
    two, three = worths([NONE, ALL], where, draws), worths([more, ALL, NONE], where, draws)
    for name in ("none", "all of it"):
        assert two[name].total.shape == (700,)
        assert two[name].total.tolist() == three[name].total.tolist()
        assert two[name].by_segment.shape == (700, 1)
    # one draw alone is the same draw
    alone = market(segment(hazards=hazards[41]))
    apart = valued(ALL, alone, {"ratio": draws["ratio"][41:42]}).total
    assert_allclose(two["all of it"].total[41], apart[0], rtol=1e-13)


def test_fewer_draws_are_the_first_of_more():
    """To the last bit, wherever the parts are cut; whether sign-ups grow in a part or not."""
    rng = np.random.default_rng(6)
    draws = {"ratio": rng.uniform(0.6, 1.0, 611), "lift": np.linspace(-0.2, 0.3, 611)}
    offer = NewcomerRebate(6, 5.0, hops="lift_too", behaviour=Behaviour(lift="lift"))
    draws["lift_too"] = draws["ratio"] / 10
    policies = [ALL, Policy("lifted", None, (offer, Care("calls", 1.0, 0.5, capacity=300.0)))]
    many = worths(policies, market(), draws)
    few = worths(policies, market(), {n: a[:250] for n, a in draws.items()})
    for p in policies:
        assert many[p.name].total[:250].tolist() == few[p.name].total.tolist()


def test_lift_and_always_buyers_say_the_same():
    lifted, share = (
        Policy("x", None, (NewcomerRebate(12, 5.0, behaviour=b),))
        for b in (Behaviour(lift=0.25), Behaviour(always_buyers=0.8))
    )
    a, b = valued(lifted), valued(share)
    assert_allclose([a.total, a.signed], [b.total, b.signed], rtol=1e-13)
    assert_allclose(a.signed, 1.25 * valued(NONE).signed)
    fewer = Policy("x", None, (MinimumTerm(12, ("price",), behaviour=Behaviour(lift=-0.4)),))
    assert_allclose(valued(fewer).signed, 0.6 * valued(NONE).signed)


def test_a_rule_for_a_segment():
    """A segment's own element stands in place of the general one, and only there."""
    general, own = RebateForAll(4.0), RebateForAll(1.0)
    where = market(segment("basic"), segment("gold"))
    mixed = valued(Policy("x", None, (general,), {"gold": (own,)}), where).by_segment
    assert mixed[0] == valued(Policy("x", None, (general,)), where).by_segment[0]
    assert mixed[1] == valued(Policy("x", None, (own,)), where).by_segment[1]
    assert mixed[0] < mixed[1]


def test_a_price_or_margin_that_is_assumed():
    where = market(segment(margin="margin", price="price", inflow="inflow"))
    draws = {
        "margin": np.array([30.0, 20.0]),
        "price": np.array([50.0]),
        "inflow": np.array([100.0]),
    }
    found = valued(Policy("x", None, (RebateForAll(share=0.1),)), where, draws)
    plain = valued(Policy("x", None, (RebateForAll(5.0),)))
    assert_allclose(found.total[0], plain.total, rtol=1e-13)
    assert found.total[1] < found.total[0]


def test_what_policies_share_is_made_once_and_stays_the_same():
    """Policies of the same elements, one of them within a capacity: each is worth what it alone is.

    Takers, effects of draws, returners and today's customers are all there.
    """
    asked = replace(CALLS, name="asked", capacity=3.0)
    loyal = replace(LOYALTY, take_up=0.4)
    policies = [
        Policy("one", None, (loyal, CALLS)),
        Policy("limited", None, (loyal, asked)),
        Policy("two", None, (loyal,), {"gold": (replace(loyal, take_up=0.9), CALLS)}),
        Policy("three", None, (loyal, CALLS, WIN_BACK)),
    ]
    where = market(segment(), segment("gold", there=(), inflow=np.linspace(5.0, 9.0, H)))
    draws = {"ratio": np.linspace(0.5, 1.1, 7)}
    together = worths(policies, where, draws)
    assert list(together) == ["one", "limited", "two", "three"]
    for p in policies:
        alone = worth(applied(p, where, draws))
        for name in ("total", "new", "base", "spend", "customers", "per_acquired", "by_segment"):
            assert_allclose(getattr(together[p.name], name), getattr(alone, name), rtol=1e-13)
    assert len({together[p.name].total[0] for p in policies}) == 4
