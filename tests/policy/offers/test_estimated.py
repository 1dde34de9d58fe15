"""Effects by the name of a question, and of the segments as policies know them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stammkunde.errors import ParameterError
from stammkunde.policy.offers import (
    Behaviour,
    Care,
    LoyaltyRebate,
    NewcomerRebate,
    Policy,
    applied,
    named_effects,
    with_effects,
    worths,
)
from tests.policy.offers.effects import FADING, effect_of, newcomers
from tests.policy.offers.markets import HAZARDS, H, market, segment, valued

NAMED = Policy(
    "x",
    None,
    (NewcomerRebate(12, 5.0, behaviour=Behaviour(effect="newcomer")), Care("calls")),
    {"gold": (Care("calls", behaviour=Behaviour(effect="call")),)},
)
KNOWN = {"newcomer": effect_of([[[0.8]]]), "call": effect_of(FADING)}


def test_names_and_what_takes_their_place():
    assert named_effects(NAMED) == (
        ("newcomer.behaviour.effect", "newcomer"),
        ("segments.gold.calls.behaviour.effect", "call"),
    )
    made = with_effects(NAMED, KNOWN)
    assert named_effects(made) == ()
    assert made.elements[1].behaviour.effect is KNOWN["newcomer"]
    assert made.segments["gold"][0].behaviour.effect is KNOWN["call"]
    assert (made.name, made.elements[0]) == ("x", NAMED.elements[0])
    # a name says nothing of an assumption
    assert NAMED.assumed() == ()


def test_a_name_must_be_put_in_first():
    where = market(segment(), segment("gold"))
    with pytest.raises(ParameterError, match='the question "newcomer" has not been put') as told:
        applied(NAMED, where, {})
    assert told.value.where == "x.newcomer.behaviour.effect"
    assert "with_effects" in told.value.remedy
    with pytest.raises(ParameterError, match='estimated as "call"') as told:
        with_effects(NAMED, {"newcomer": KNOWN["newcomer"], "calls": KNOWN["call"]})
    assert told.value.where == "segments.gold.calls.behaviour.effect"
    assert told.value.remedy == "Did you mean `calls`?"
    with pytest.raises(ParameterError) as told:
        Behaviour(effect="")
    assert told.value.where == "effect"


def test_a_policy_goes_by_month():
    weeks = replace(KNOWN["call"], unit="week")
    with pytest.raises(ParameterError, match="by week, and a policy goes by month") as told:
        with_effects(NAMED, KNOWN | {"call": weeks})
    assert told.value.where == "segments.gold.calls.behaviour.effect"


def test_an_effect_is_made_once_for_all_policies():
    times = []
    effect = effect_of([[[0.8]]])
    counted = effect.replicates.reweighted

    def reweighted(weights):
        times.append(len(weights))
        return counted(weights)

    own = replace(effect, replicates=replace(effect.replicates, reweighted=reweighted))
    elements = (LoyaltyRebate(1, 1.0, behaviour=Behaviour(effect=own)),)
    policies = [Policy(n, None, elements) for n in "ab"]
    where = market(segment(), segment("gold"))
    found = worths(policies, where, {}, count=20)
    assert times == [20]
    assert (found["a"].total == found["b"].total).all()
    assert found["a"].total.std() > 0


BY_USAGE = effect_of(
    np.array([0.9, 0.5, 0.7])[:, None, None], segments=("", "usage=high", "low"), beyond="lasts"
)


def test_segments_that_obey_the_rules_of_one():
    """Customers under old and new terms are two segments, and high usage to every policy."""
    where = market(
        segment("high, old terms", rules="high"),
        segment("high, new terms", rules="high", margin=20.0),
        segment("low"),
        segment("rest"),
        group="usage",
    )
    assert where.rules == ("high", "low", "rest")
    rebate = LoyaltyRebate(1, 2.0, behaviour=Behaviour(effect=BY_USAGE))
    own = LoyaltyRebate(1, 5.0, behaviour=Behaviour(effect=BY_USAGE))
    policy = Policy("x", None, (rebate,), {"high": (own,)})
    found = newcomers(policy, where)
    for name, ratio in zip(where.names, (0.5, 0.5, 0.7, 0.9), strict=True):
        assert_allclose(found[name][0], HAZARDS[0, :H] * ratio, rtol=1e-13)
    alone = market(segment("high", margin=20.0), group="usage")
    both = valued(policy, where).by_segment
    assert both[1] == valued(policy, alone).by_segment[0]
    # without the name of the group a level is known as it is
    apart = newcomers(Policy("x", None, (rebate,)), market(segment("high")))["high"]
    assert_allclose(apart[0], HAZARDS[0, :H] * 0.9, rtol=1e-13)


def test_rules_for_nobody_are_refused_by_the_name_of_the_rules():
    where = market(segment("old", rules="high"))
    with pytest.raises(ParameterError, match='no segment "old"') as told:
        applied(Policy("x", None, (), {"old": ()}), where, {})
    assert told.value.where == "x.segments.old"
    assert "high" in told.value.remedy
    nobody = effect_of([[[0.9]]], segments=("low",))
    with pytest.raises(ParameterError, match='neither of the segment "high" nor of') as told:
        applied(Policy("x", None, (LoyaltyRebate(1, 1.0, behaviour=Behaviour(effect=nobody)),)),
                where, {})  # fmt: skip
    assert told.value.where == "x.old.loyalty.behaviour.effect"
