"""What is taken for granted where a rebate is taken away, or another amount is given."""

import pytest

from stammkunde.chapters.policies.valued.granted import DECLARED, WITHDRAWN, granted
from stammkunde.policy.offers import (
    Behaviour,
    LoyaltyRebate,
    NewcomerRebate,
    Policy,
    Reaction,
    RebateForAll,
)

LOYALTY = LoyaltyRebate(from_unit=13, amount=4.0)
NEWCOMER = NewcomerRebate(12, 10.0)
FELT = RebateForAll(2.0, behaviour=Behaviour(reactions=(Reaction(0.9),)))
TODAY = Policy("today", elements=(NEWCOMER, LOYALTY))


def other(*elements):
    return Policy("other", elements=elements)


@pytest.mark.parametrize(
    ("policy", "named"),
    [
        (other(NEWCOMER), (WITHDRAWN,)),
        # who signs up later holds nothing yet
        (other(LOYALTY), ()),
        (other(LoyaltyRebate(from_unit=13, amount=4.0, applies="base")), ()),
        (other(LoyaltyRebate(from_unit=13, amount=4.0, applies="new")), (WITHDRAWN,)),
        (other(NEWCOMER, LOYALTY, FELT), ()),
    ],
)
def test_who_loses_a_rebate_is_taken_not_to_mind(policy, named):
    assert granted([TODAY, policy], TODAY, ()) == named


def test_a_typed_reaction_is_one_to_the_amount_for_which_it_was_typed():
    policies = [TODAY, other(NEWCOMER, LOYALTY, FELT)]
    assert granted(policies, TODAY, ("other",)) == (DECLARED,)
    assert granted(policies, TODAY, ("today",)) == ()
