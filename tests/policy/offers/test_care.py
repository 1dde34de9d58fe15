"""Terms, complaints, estimated effects, capacities and referrals, each by another way."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stammkunde.draws import BLOCKS, Replicates, block_weights
from stammkunde.errors import ParameterError
from stammkunde.evidence.adequacy import Adequacy
from stammkunde.evidence.effect import Effect
from stammkunde.policy.engine import customers
from stammkunde.policy.offers import (
    Behaviour,
    Care,
    Complaints,
    LoyaltyRebate,
    MinimumTerm,
    Policy,
    Reaction,
    Recovery,
    WinBack,
    applied,
    worths,
)
from stammkunde.policy.offers.referred import cohorts_of_base, cohorts_of_new
from stammkunde.result import Status
from tests.policy.offers.markets import HAZARDS, NONE, H, market, segment, valued


def life_of(elements, name="newcomer", where=None, draws=None):
    made = applied(Policy("x", None, elements), where or market(), draws or {})
    only = made.segments["basic"]
    lives = [*only.lives, *([only.base.life] if only.base else [])]
    return next(x for x in lives if x.name == name)


def waited(term, hazards, people=200_000):
    """Return who is still there after each unit, drawn: who is bound waits for the occasion."""
    rng = np.random.default_rng(11)
    there = np.ones(people, bool)
    wants = np.full(people, False)
    left = []
    for u in range(1, hazards.shape[1] + 1):
        free = u >= term.months and (u - term.months) % term.renewal == 0
        roll = rng.random(people)
        price, other = hazards[0, u - 1], hazards[1:, u - 1].sum()
        if free:
            # some who waited think better of it: they are like all others again
            wants &= rng.random(people) < term.pent_up
        # who waits does not decide once more
        wants |= there & ~wants & (roll < price)
        moves = there & (roll >= 1 - other)
        goes = wants & free & there & ~moves
        there &= ~(moves | goes)
        left.append(there.mean())
    return np.array(left)


@pytest.mark.parametrize(
    "term",
    [MinimumTerm(12, ("price",)), MinimumTerm(6, ("price",), renewal=6, pent_up=0.5)],
    ids=["a year, then monthly", "half-years, half of them think better of it"],
)
def test_a_minimum_term_by_drawing(term):
    hazards = np.array([[0.03], [0.008], [0.004]]) * np.ones(72)
    life = life_of((term,), where=market(segment(hazards=hazards)))
    drawn = waited(term, hazards[:, :H])
    error = np.sqrt(life.survival[1:] * (1 - life.survival[1:]) / 200_000)
    assert (np.abs(drawn - life.survival[1:]) < 3.5 * error).all()
    bound = np.flatnonzero(life.of("price") == 0) + 1
    assert bound[:5].tolist() == [1, 2, 3, 4, 5]


def test_a_term_binds_new_customers_only():
    today = life_of((MinimumTerm(12, ("price",)),), "today")
    assert_allclose(today.hazards, life_of((), "today").hazards)


def test_a_term_that_only_delays():
    """One cause, all wait: at the first occasion those are gone who would be gone by then."""
    hazards = np.zeros((3, 72))
    hazards[0] = 0.03
    life = life_of((MinimumTerm(12, ("price",)),), where=market(segment(hazards=hazards)))
    assert_allclose(life.survival[11:], np.append(1.0, 0.97 ** np.arange(12, H + 1)), rtol=1e-12)


COMPLAINTS = Complaints(0.06, 0.4, 0.2, np.array([1.8, 4.0, 1.0]), np.array([0.9, 0.5, 1.0]))


def test_complaints_leave_what_was_observed_as_it_is():
    where = market(segment(complaints=COMPLAINTS))
    for name in ("newcomer", "today"):
        told = life_of((), name, where)
        plain = life_of((), name)
        assert_allclose(told.hazards, plain.hazards, rtol=1e-10)
        same = life_of((Recovery(0.4),), name, where)
        assert_allclose(same.hazards, plain.hazards, rtol=1e-10)
    a, b = valued(NONE, where), valued(NONE)
    assert_allclose(a.total, b.total, rtol=1e-10)


def test_complaints_answered_better():
    where = market(segment(complaints=COMPLAINTS))
    kept = [valued(Policy("x", None, (Recovery(r),)), where).customers for r in (0.4, 0.6, 0.9)]
    assert kept[0] < kept[1] < kept[2]
    paid = valued(Policy("x", None, (Recovery(0.9, 20.0),)), where)
    free = valued(Policy("x", None, (Recovery(0.9),)), where)
    # each month's customers, at its beginning: 6 % complain, 90 % of these are answered
    paying = free.margin / (30.0 - 2.0)
    assert_allclose(paid.spend, 20.0 * 0.06 * 0.9 * paying, rtol=1e-12)
    assert_allclose(paid.total, free.total - paid.spend, rtol=1e-12)


def test_complaints_that_would_drive_out_more_than_all():
    wild = Complaints(0.5, 0.0, 0.0, np.array([90.0, 1.0, 1.0]), np.ones(3))
    with pytest.raises(ParameterError, match="more than all of those who complained") as told:
        valued(NONE, market(segment(complaints=wild)))
    assert told.value.where == "none.basic.complaints"


def an_effect(segments=("",), causes=("price", "service"), beyond="lasts"):
    """Return an effect over 24 units: block g has hazards of its own, known by hand."""
    rng = np.random.default_rng(2)
    control = rng.uniform(0.02, 0.04, (len(segments), len(causes), 24))
    control[:, 1:, 20:] = 0.0
    treated = control * rng.uniform(0.6, 0.9, control.shape) + 0.001
    both = np.stack([treated, control])
    each = rng.uniform(0.5, 1.5, BLOCKS)

    def reweighted(weights):
        share = (weights @ each) / weights.sum(axis=-1)
        moved = np.stack(
            [
                np.broadcast_to(treated, (len(weights), *treated.shape)) * 1.0,
                np.broadcast_to(control, (len(weights), *control.shape)) * 1.0,
            ],
            axis=1,
        )
        moved[:, 0] *= share[:, None, None, None]
        return moved

    made = Replicates(reweighted(1 - np.eye(BLOCKS)), np.ones(BLOCKS, bool), reweighted, BLOCKS)
    fine = {n: Adequacy(arms={}, refused="") for n in segments}
    return Effect(
        treated="rebate", control="none", segments=segments, causes=causes, unit="month",
        origin=12, hazards=both, supported=np.full(len(segments), 24), beyond=beyond,
        population="", adequacy=fine, status=Status.ESTIMATED, assumptions=(), replicates=made,
    )  # fmt: skip


def test_an_estimated_effect_is_the_behaviour():
    effect = an_effect()
    element = LoyaltyRebate(13, 2.0, behaviour=Behaviour(effect=effect))
    life = life_of((element,))
    known = HAZARDS[:, :H].copy()
    known[:2] = effect.applied(HAZARDS[:2, :H])
    assert_allclose(life.hazards, known, rtol=1e-12)
    assert (life.hazards[:, :12] == HAZARDS[:, :12]).all()


def test_an_estimated_effect_and_an_assumed_one_act_together():
    effect = an_effect()
    both = Behaviour((Reaction(0.5, ("price",)),), effect=effect)
    life = life_of((LoyaltyRebate(13, 2.0, behaviour=both),))
    added = effect.applied(np.zeros((2, H)))
    known = HAZARDS[:2, :H].copy()
    ratio = effect.applied(np.ones((2, H))) - added
    half = np.where(np.arange(H) >= 12, 0.5, 1.0)
    assert_allclose(life.hazards[0], known[0] * ratio[0] * half + added[0], rtol=1e-12)
    # where nobody of the control arm left, the effect adds
    assert added[1, 32:].min() > 0


def test_an_effect_is_drawn_with_the_persons():
    policy = Policy("x", None, (LoyaltyRebate(13, 2.0, behaviour=Behaviour(effect=an_effect())),))
    many = worths([policy], market(), {}, count=400)["x"].total
    w = block_weights(400)
    apart = [applied(policy, market(), {}, w[b : b + 1]) for b in (0, 7, 399)]
    for b, one in zip((0, 7, 399), apart, strict=True):
        from stammkunde.policy.offers import worth

        assert_allclose(many[b], worth(one).total[0], rtol=1e-13)
    assert many.std() > 0
    at = valued(policy).total
    assert abs(many.mean() - at) < 0.05 * abs(at)


def test_an_effect_of_its_segment_or_of_everybody():
    where = market(segment("basic"), segment("gold"))
    effect = an_effect(("", "gold"))
    policy = Policy("x", None, (LoyaltyRebate(13, 0.0, behaviour=Behaviour(effect=effect)),))
    made = applied(policy, where, {})
    for name, of in (("basic", ""), ("gold", "gold")):
        life = next(x for x in made.segments[name].lives if x.name == "newcomer")
        assert_allclose(life.hazards[:2], effect.applied(HAZARDS[:2, :H], of), rtol=1e-12)


def test_an_effect_on_a_cause_that_is_not_there():
    effect = an_effect(causes=("price", "boredom"))
    with pytest.raises(ParameterError, match='leaving for "boredom"') as told:
        life_of((LoyaltyRebate(13, 0.0, behaviour=Behaviour(effect=effect)),))
    assert told.value.where == "x.basic.loyalty.behaviour.effect"


LIMITED = {
    "calls": Care("calls", 4.0, 0.5, capacity=200.0,
                  behaviour=Behaviour((Reaction(0.4, ("price", "service")),))),
    "cards": WinBack(("price",), 0.3, 5.0, 0.9, capacity=4.0),
}  # fmt: skip


@pytest.mark.parametrize("what", LIMITED)
def test_contacts_meet_the_capacity(what):
    element = LIMITED[what]
    where = market(segment(), segment("gold", inflow=30.0), interest=0.0)
    made = applied(Policy("x", None, (element,)), where, {})
    spent = valued(Policy("x", None, (element,)), where).care
    assert_allclose(-spent / element.cost, element.capacity * H, rtol=1e-8)
    assert 0 < made.reach[element.name] < 1


@pytest.mark.parametrize("what", LIMITED)
def test_a_capacity_that_is_large_enough_changes_nothing(what):
    from dataclasses import replace

    wide, none = (replace(LIMITED[what], capacity=c) for c in (1e6, None))
    a, b = (valued(Policy("x", None, (e,))).total for e in (wide, none))
    assert a == b
    shut = valued(Policy("x", None, (replace(LIMITED[what], capacity=0.0),)))
    assert shut.total == pytest.approx(float(valued(NONE).total), rel=1e-12)
    assert shut.spend == 0


def test_each_draw_meets_the_capacity_for_itself():
    policy = Policy("x", None, (Care("calls", 1.0, "reach", capacity=600.0),))
    draws = {"reach": np.array([0.1, 0.4, 0.9])}
    three = applied(policy, market(), draws).reach["calls"]
    assert three[0] == 1.0
    for b in range(3):
        one = applied(policy, market(), {"reach": draws["reach"][b : b + 1]}).reach
        assert one.get("calls", np.ones(1))[0] == three[b]


def test_referrals_generation_by_generation():
    """Each generation's customers bring the next: added up one by one they are the same."""
    brings = 0.01
    policy = Policy("x", None, (Care("club", behaviour=Behaviour(referrals=brings)),))
    made = applied(policy, market(), {}).segments["basic"]

    def there(cohorts):
        total = sum(customers(cohorts, x.name) for x in cohorts.lives)
        return total + sum(b.customers() for b in cohorts.bases)

    for found, signing in ((cohorts_of_new(made), made.signing), (cohorts_of_base(made), 0.0)):
        late = np.zeros(H)
        late[1:] = brings * there(found)[:-1]
        assert_allclose(found.signed, signing + late, rtol=1e-11)
    more, none = (valued(Policy("x", None, e)) for e in (policy.elements, ()))
    assert more.customers > none.customers
    # sign-ups of the firm's own are not those that customers bring
    assert more.signed == none.signed
