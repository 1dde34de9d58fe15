"""Impossible policies are refused, with the key's path and a remedy."""

from __future__ import annotations

import numpy as np
import pytest

from stammkunde.errors import ParameterError
from stammkunde.policy.offers import (
    Behaviour,
    Care,
    Complaints,
    CoolOff,
    GlidePath,
    LoyaltyRebate,
    Market,
    MinimumTerm,
    NewcomerRebate,
    Policy,
    Reaction,
    RebateForAll,
    Recovery,
    Segment,
    Step,
    WinBack,
    applied,
    resolve,
    under,
    worths,
)
from tests.policy.offers.markets import ALL, CAUSES, HAZARDS, NONE, market, segment

BUILT = {
    "a negative amount": (lambda: NewcomerRebate(12, -1.0), "amount"),
    "a share above all": (lambda: RebateForAll(share=1.2), "share"),
    "an amount and a share": (lambda: RebateForAll(5.0, 0.1), "share"),
    "no number": (lambda: RebateForAll(float("nan")), "amount"),
    "a list for a number": (lambda: RebateForAll([1.0]), "amount"),
    "no months": (lambda: NewcomerRebate(0, 5.0), "months"),
    "half a month": (lambda: NewcomerRebate(1.5, 5.0), "months"),
    "hops twice over": (lambda: NewcomerRebate(1, 5.0, hops=0.1, hassle=40.0), "hassle"),
    "a gap": (lambda: LoyaltyRebate(steps=(Step(1, 5, 2.0), Step(7, None, 3.0))),
              "steps[1].from_unit"),
    "an overlap": (lambda: LoyaltyRebate(steps=(Step(1, 5, 2.0), Step(5, None, 3.0))),
                   "steps[1].from_unit"),
    "after for ever": (lambda: LoyaltyRebate(steps=(Step(1, None, 2.0), Step(9, None, 3.0))),
                       "steps[1].from_unit"),
    "a step backwards": (lambda: Step(5, 4, 2.0), "to_unit"),
    "loyalty never": (lambda: LoyaltyRebate(amount=3.0), "from_unit"),
    "loyalty twice": (lambda: LoyaltyRebate(13, 3.0, steps=(Step(1, None, 2.0),)), "from_unit"),
    "a negative cap": (lambda: LoyaltyRebate(13, 3.0, cap=-1.0), "cap"),
    "a path that rises": (lambda: GlidePath((Step(1, 6, 3.0), Step(7, 12, 3.0))),
                          "steps[1].amount"),
    "a path that begins late": (lambda: GlidePath((Step(2, 6, 3.0),)), "steps[0].from_unit"),
    "a path of nothing": (lambda: GlidePath(()), "steps"),
    "negative reach": (lambda: Care("calls", reach=-0.1), "reach"),
    "negative capacity": (lambda: Care("calls", capacity=-1.0), "capacity"),
    "capacity that is none": (lambda: WinBack(("price",), 0.1, capacity=float("nan")), "capacity"),
    "care backwards": (lambda: Care("calls", from_unit=5, to_unit=4), "to_unit"),
    "nobody asked back": (lambda: WinBack((), 0.1), "causes"),
    "a rebate for no month": (lambda: WinBack(("price",), 0.1, amount=5.0), "months"),
    "nobody bound": (lambda: MinimumTerm(12), "causes"),
    "a negative ratio": (lambda: Reaction(-0.5), "ratio"),
    "a reaction at no time": (lambda: Reaction(0.5, (), "afterwards"), "when"),
    "a reaction backwards": (lambda: Reaction(0.5, from_unit=3, to_unit=2), "to_unit"),
    "fewer than nobody": (lambda: Behaviour(lift=-1.1), "lift"),
    "more than all would buy": (lambda: Behaviour(always_buyers=1.1), "always_buyers"),
    "both": (lambda: Behaviour(lift=0.1, always_buyers=0.9), "lift"),
    "for some": (lambda: RebateForAll(1.0, applies="some"), "applies"),
    "no name": (lambda: Care(""), "name"),
    "a policy of no name": (lambda: Policy(""), "name"),
    "two of one name": (lambda: Policy("x", None, (RebateForAll(1.0),) * 2), "elements[1].name"),
    "two cool-offs": (lambda: Policy("x", None, (CoolOff(1), CoolOff(2, name="b"))), "elements"),
    "two in a segment": (lambda: Policy("x", None, (CoolOff(1),), {"a": (CoolOff(2, name="b"),)}),
                         "segments.a"),
    "no horizon": (lambda: Market(CAUSES, (segment(),), 0), "horizon"),
    "interest for nothing": (lambda: Market(CAUSES, (segment(),), 12, -1.0), "interest"),
    "no segment": (lambda: Market(CAUSES, (), 12), "segments"),
    "a segment twice": (lambda: market(segment(), segment()), "segments"),
    "a hazard above 1": (lambda: market(segment(hazards=HAZARDS * 60)), "segments[0].hazards"),
    "too few units": (lambda: market(segment(hazards=HAZARDS[:, :20])), "segments[0].hazards"),
    "negative sign-ups": (lambda: market(segment(inflow=-1.0)), "segments[0].inflow"),
    "negative heads": (lambda: market(segment(there=[-1.0])), "segments[0].there"),
    "returns of other causes": (lambda: market(segment(returns=np.zeros((2, 3)))),
                                "segments[0].returns"),
    "fewer than nobody had left": (lambda: market(segment(gone=np.full((3, 2), -1.0))),
                                   "segments[0].gone"),
    "who had left for other causes": (lambda: market(segment(gone=np.ones((2, 3)))),
                                      "segments[0].gone"),
    "who had left by draw": (lambda: market(segment(gone=np.ones((2, 3, 4)))),
                             "segments[0].gone"),
    "away longer than anybody": (lambda: market(segment(gone=np.ones((3, 7)))),
                                 "segments[0].gone"),
    "who had left and never comes": (lambda: market(segment(returns=None)), "segments[0].gone"),
    "a negative cost": (lambda: Segment("a", HAZARDS, 1.0, 1.0, acquisition=-1.0), "acquisition"),
    "all complain twice": (lambda: Complaints(1.1, 0.5, 0.1, np.ones(3), np.ones(3)), "complains"),
}  # fmt: skip


@pytest.mark.parametrize("what", BUILT)
def test_at_construction(what):
    make, where = BUILT[what]
    with pytest.raises(ParameterError) as told:
        make()
    assert told.value.where == where
    assert told.value.remedy


def reacting(**changed):
    return Care("calls", behaviour=Behaviour((Reaction(**changed),)))


APPLIED = {
    "rebates above the price": (
        (NewcomerRebate(12, 30.0), RebateForAll(25.0)), "for_all + newcomer",
        "in unit 1 the rebates add up to 55, and the price is 50",
    ),
    "loyalty above the price": (
        (LoyaltyRebate(13, 10.0, every=1),), "loyalty", "in unit 18 the rebates add up to 60",
    ),
    "a hazard above 1": ((reacting(ratio=60.0),), "basic", 'a hazard of "newcomer" is 1.8'),
    "hazards that add up above 1": ((reacting(ratio=25.0),), "basic", "add up to 1.2"),
    "a hazard below 0": ((reacting(adds=-0.5),), "basic", 'a hazard of "newcomer" is -0.49'),
    "an unknown cause": (
        (reacting(ratio=0.5, causes=("prize",)),), "calls.behaviour.reactions[0].causes",
        'nobody leaves for "prize"',
    ),
    "an unknown cause to win back": (
        (WinBack(("prize",), 0.1),), "win_back.causes", 'nobody leaves for "prize"',
    ),
    "an unknown cause to bind": (
        (MinimumTerm(12, ("prize",)),), "minimum_term.causes", 'nobody leaves for "prize"',
    ),
    "an unknown assumption": (
        (reacting(ratio="ration"),), "calls.behaviour.reactions[0].ratio", 'assumed as "ration"',
    ),
    "an assumed amount below 0": ((RebateForAll("below"),), "for_all.amount", "is -2"),
    "an assumed share above 1": (
        (Care("c", reach="ratio"),), "c.reach", 'a draw of "ratio" is 1.5',
    ),
    "more than all won back": (
        (WinBack(("price",), 0.6), WinBack(("price",), 0.6, name="card")), "win_back",
        'more than all who leave for "price"',
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", APPLIED)
def test_at_application(what):
    elements, where, said = APPLIED[what]
    draws = {"ratio": np.array([0.5, 1.5]), "below": np.array([-2.0, 1.0])}
    with pytest.raises(ParameterError) as told:
        applied(Policy("bold", None, elements), market(), draws)
    assert told.value.where.startswith("bold")
    assert told.value.where.endswith(where)
    assert said in told.value.what
    assert told.value.remedy


def test_the_nearest_name_is_told():
    with pytest.raises(ParameterError, match="Did you mean `price`"):
        applied(Policy("x", None, (WinBack(("prize",), 0.1),)), market(), {})
    with pytest.raises(ParameterError, match="Did you mean `ratio`"):
        resolve("ration", {"ratio": np.ones(2), "lift": np.ones(2)})
    with pytest.raises(ParameterError, match="Did you mean `basic`"):
        applied(Policy("x", None, (), {"basics": (CoolOff(1),)}), market(), {})


def test_a_path_is_put_before_the_key():
    with pytest.raises(ParameterError) as told, under("policy[2].loyalty"), under("steps[1]"):
        Step(3, 5, -1.0)
    assert told.value.where == "policy[2].loyalty.steps[1].amount"
    assert str(told.value).startswith("policy[2].loyalty.steps[1].amount: it is -1.")


def test_today_beyond_what_is_known():
    with pytest.raises(ParameterError, match="today's customers reach unit") as told:
        applied(NONE, market(segment(there=np.ones(60))), {})
    assert told.value.where == "none.basic.hazards"


def test_draws_of_different_numbers():
    where = market(segment(hazards=np.broadcast_to(HAZARDS, (7, *HAZARDS.shape))))
    with pytest.raises(ParameterError, match="numbers of 5 and 7"):
        worths([ALL], where, {"ratio": np.ones(5)})
    with pytest.raises(ParameterError, match="two policies have the same name"):
        worths([ALL, ALL], market(), {"ratio": np.ones(5)})


def test_two_capacities_of_one_name():
    one, two = Care("calls", 1.0, capacity=5.0), Care("calls", 1.0, capacity=6.0)
    where = market(segment(), segment("gold"))
    with pytest.raises(ParameterError) as told:
        applied(Policy("x", None, (one,), {"gold": (two,)}), where, {})
    assert told.value.where == "x.segments.gold.calls.capacity"


def test_what_a_policy_rests_on():
    known = Policy("x", None, (NewcomerRebate(12, "depth", behaviour=Behaviour(lift="lift")),
                   LoyaltyRebate(steps=(Step(13, None, "depth"),), cap="cap"),
                   Recovery("answered")), {"gold": (reacting(ratio="ratio"),)})  # fmt: skip
    assert known.assumed() == (
        ("loyalty.steps[0].amount", "depth"),
        ("loyalty.cap", "cap"),
        ("newcomer.amount", "depth"),
        ("newcomer.behaviour.lift", "lift"),
        ("recovery.answered", "answered"),
        ("segments.gold.calls.behaviour.reactions[0].ratio", "ratio"),
    )
