"""A rebate that only a share takes up: takers and others told apart within one life."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stammkunde.errors import ParameterError
from stammkunde.policy.offers import (
    Behaviour,
    GlidePath,
    LoyaltyRebate,
    NewcomerRebate,
    Policy,
    Population,
    Reaction,
    RebateForAll,
    Step,
    When,
    applied,
    spend_at_means,
    turned,
)
from tests.policy.offers.effects import effect_of
from tests.policy.offers.markets import (
    ALL,
    HAZARDS,
    NEWCOMER,
    NONE,
    H,
    market,
    segment,
    valued,
)

REBATES = {
    "newcomer": NewcomerRebate(12, 10.0),
    "loyalty": LoyaltyRebate(13, 1.0, every=6, cap=4.5),
    "for all": RebateForAll(share=0.1),
    "path": GlidePath((Step(1, 6, 9.0), Step(7, 12, 5.0))),
}
KEPT = Behaviour((Reaction(0.7, ("price",)), Reaction(2.0, (), When.AFTER, 1, 2, adds=0.001)))


def policy_of(*elements):
    return Policy("x", None, elements)


def life_of(element, name="newcomer", where=None, draws=None):
    only = applied(policy_of(element), where or market(), draws or {}).segments["basic"]
    lives = [*only.lives, *([only.base.life] if only.base else [])]
    return next(x for x in lives if x.name == name)


@pytest.mark.parametrize("what", REBATES)
def test_a_share_takes_the_rebate_and_that_share_is_paid(what):
    none = valued(NONE)
    full, part = (valued(policy_of(replace(REBATES[what], take_up=s))) for s in (1.0, 0.3))
    assert full.spend > 100
    assert_allclose(part.spend, 0.3 * full.spend, rtol=1e-12)
    assert_allclose(part.total - none.total, 0.3 * (full.total - none.total), rtol=1e-8)


@pytest.mark.parametrize("what", REBATES)
def test_all_take_and_nobody_takes(what):
    moves = Behaviour(KEPT.reactions, lift=0.0, referrals=0.002)
    element = replace(REBATES[what], behaviour=moves)
    assert (
        valued(policy_of(replace(element, take_up=1.0))).total == valued(policy_of(element)).total
    )
    nobody = valued(policy_of(replace(element, take_up=0.0)))
    none = valued(NONE)
    assert_allclose([nobody.total, nobody.customers], [none.total, none.customers], rtol=1e-13)
    assert nobody.spend == 0


def together(shares, hazards):
    """Return the hazards [C, T] of kinds of customers that begin as shares, unit by unit."""
    left, found = np.array(shares, float), np.empty_like(hazards[0])
    for t in range(found.shape[-1]):
        found[:, t] = sum(w * h[:, t] for w, h in zip(left / left.sum(), hazards, strict=True))
        left = left * [1 - h[:, t].sum() for h in hazards]
    return found


def test_hazards_unit_by_unit():
    """Takers: .7 while it runs, then 2 and .001 more for two units; who stays is counted on."""
    life = life_of(NewcomerRebate(12, 10.0, behaviour=KEPT, take_up=0.5))
    plain = HAZARDS[:, :H]
    takers = plain.copy()
    takers[0, :12] *= 0.7
    takers[:, 12:14] = takers[:, 12:14] * 2 + 0.001
    assert_allclose(life.hazards, together((0.5, 0.5), (takers, plain)), rtol=1e-13)
    # today's customers never could take it
    assert_allclose(
        life_of(NewcomerRebate(12, behaviour=KEPT, take_up=0.5), "today").hazards,
        life_of(RebateForAll(), "today").hazards,
        rtol=0,
    )


def test_who_does_not_take_it_sees_what_others_get():
    """A quarter takes: others feel 1.2 always, takers only once theirs has ended."""
    spill = Behaviour((Reaction(0.6, ("price",)), Reaction(1.2, ("price",), When.OTHERS)))
    element = NewcomerRebate(12, 10.0, behaviour=spill, take_up=0.25)
    takers, others = HAZARDS[:, :H].copy(), HAZARDS[:, :H].copy()
    takers[0] *= np.where(np.arange(H) < 12, 0.6, 1.2)
    others[0] *= 1.2
    known = together((0.25, 0.75), (takers, others))
    assert_allclose(life_of(element).hazards, known, rtol=1e-13)
    assert_allclose(life_of(element, "today").hazards[0, :H], HAZARDS[0, :H] * 1.2, rtol=1e-13)
    # two reactions of takers multiply
    twice = Behaviour((Reaction(0.6, ("price",)), Reaction(0.5, ())))
    both = life_of(NewcomerRebate(12, 10.0, behaviour=twice, take_up=0.25)).hazards
    takers = HAZARDS[:, :H].copy()
    takers[:, :12] *= np.array([[0.3], [0.5], [0.5]])
    assert_allclose(both, together((0.25, 0.75), (takers, HAZARDS[:, :H])), rtol=1e-13)


def test_an_estimated_effect_is_one_on_those_who_take():
    effect = effect_of(np.full((1, 1, 24), 0.4))
    element = LoyaltyRebate(1, 2.0, behaviour=Behaviour(effect=effect), take_up=0.3)
    takers = HAZARDS[:, :H].copy()
    takers[0, :24] *= 0.4
    known = together((0.3, 0.7), (takers, HAZARDS[:, :H]))
    assert_allclose(life_of(element).hazards, known, rtol=1e-13)


def test_those_induced_take_it_like_all_and_react_wholly():
    brought = Behaviour((Reaction(1.5, (), When.INDUCED),), lift=0.2)
    element = NewcomerRebate(12, 10.0, behaviour=brought, take_up=0.5)
    assert_allclose(life_of(element, "induced").hazards, HAZARDS[:, :H] * 1.5, rtol=1e-13)


def test_always_buyers_are_a_share_of_the_takers():
    """400 of 1,000 sign-ups take it, 300 of these would have come anyway: 100 came for it."""
    element = NewcomerRebate(12, 10.0, behaviour=Behaviour(always_buyers=0.75), take_up=0.4)
    assert_allclose(valued(policy_of(element)).signed, valued(NONE).signed / 0.9, rtol=1e-13)
    every = replace(element, take_up=1.0)
    assert_allclose(valued(policy_of(every)).signed, valued(NONE).signed / 0.75, rtol=1e-13)


def test_only_takers_hop_and_refer():
    hopping = NewcomerRebate(6, 5.0, hops=0.2)
    lives = [life_of(replace(hopping, take_up=s)).of("hopped") for s in (1.0, 0.4)]
    assert_allclose(lives[1], 0.4 * lives[0], rtol=1e-13)
    assert lives[0].sum() > 0.1
    by_hassle = [
        life_of(NewcomerRebate(6, 5.0, hassle=150.0, take_up=s)).of("hopped") for s in (1.0, 0.4)
    ]
    assert_allclose(by_hassle[0], lives[0], rtol=1e-13)
    assert_allclose(by_hassle[1], lives[1], rtol=1e-13)
    refers = RebateForAll(behaviour=Behaviour(referrals=0.01), take_up=0.5)
    same = RebateForAll(behaviour=Behaviour(referrals=0.005))
    assert valued(policy_of(refers)).customers == valued(policy_of(same)).customers


def test_rebates_are_held_against_the_price_in_full():
    parts = (NewcomerRebate(12, 30.0, take_up=0.1), RebateForAll(25.0, take_up=0.1))
    with pytest.raises(ParameterError, match="the rebates add up to 55, and the price is 50"):
        valued(policy_of(*parts))


@pytest.mark.parametrize("share", [-0.1, 1.1, True])
def test_a_share_lies_between_0_and_1(share):
    with pytest.raises(ParameterError) as told:
        RebateForAll(1.0, take_up=share)
    assert told.value.where == "take_up"


def test_a_drawn_share_draw_by_draw():
    element = replace(NEWCOMER, take_up="share")
    draws = {"share": np.array([0.0, 0.35, 1.0])}
    many = valued(policy_of(element), draws=draws)
    for b, s in enumerate(draws["share"]):
        one = valued(policy_of(replace(element, take_up=float(s))))
        assert_allclose(many.total[b], one.total, rtol=1e-12)
        assert_allclose(many.spend[b], one.spend, rtol=1e-12, atol=1e-9)
    assert policy_of(element).assumed() == (("newcomer.take_up", "share"),)


def test_a_share_is_a_dial():
    policy = policy_of(RebateForAll(4.0, take_up=0.5))
    half = spend_at_means(policy, market(), {})
    assert_allclose(
        spend_at_means(turned(policy, "for_all.take_up", 0.25), market(), {}), half / 2, rtol=1e-12
    )


def test_everything_at_once_is_still_a_policy():
    own = tuple(
        replace(e, take_up=0.6) if isinstance(e, NewcomerRebate | LoyaltyRebate) else e
        for e in ALL.elements
    )
    draws = {"ratio": np.array([0.8, 0.6])}
    found = valued(Policy("x", None, own), market(segment(), segment("gold")), draws)
    spent = -(found.rebates + found.care)
    assert_allclose(found.spend, spent, rtol=1e-12)
    parts = found.margin + found.acquisition + found.rebates + found.handling + found.care
    assert_allclose(found.total, parts, rtol=1e-12)
    assert (found.total != valued(ALL, market(segment(), segment("gold")), draws).total).all()


def test_only_those_to_whom_it_applies_can_take_it():
    element = RebateForAll(4.0, applies=Population.BASE, behaviour=KEPT, take_up=0.5)
    assert_allclose(life_of(element).hazards, HAZARDS[:, :H], rtol=0)
    takers = HAZARDS[:, :H].copy()
    takers[0] *= 0.7
    known = together((0.5, 0.5), (takers, HAZARDS[:, :H]))
    assert_allclose(life_of(element, "today").hazards[:, :H], known, rtol=1e-13)
