"""What customers got and cannot be undone is refused, with the key's path and a remedy."""

from __future__ import annotations

import numpy as np
import pytest

from stammkunde.errors import ParameterError
from stammkunde.policy.offers import (
    Behaviour,
    Care,
    MinimumTerm,
    NewcomerRebate,
    Policy,
    Reaction,
    RebateForAll,
    When,
    at_list_price,
)
from tests.policy.offers.markets import market, segment
from tests.policy.offers.test_care import COMPLAINTS


def refused(*elements, where=None):
    with pytest.raises(ParameterError) as told:
        at_list_price(where or market(), Policy("today", None, elements), {"ratio": np.ones(2)})
    assert told.value.remedy
    return told.value


def kept(ratio=1.0, causes=(), **changed):
    return RebateForAll(1.0, behaviour=Behaviour((Reaction(ratio, causes, **changed),)))


COMING = Behaviour((Reaction(2.0, (), When.INDUCED),), lift=0.3)
WRONG = {
    "a minimum term": (
        (MinimumTerm(12, ("price",)),), "today.basic.minimum_term", "under a minimum term",
    ),
    "hopping": ((NewcomerRebate(6, 5.0, hops=0.1),), "today.basic.newcomer", "sign up again"),
    "hopping for hassle": (
        (NewcomerRebate(6, 5.0, hassle=90.0),), "today.basic.newcomer", "sign up again",
    ),
    "a capacity": (
        (Care("calls", 1.0, 0.5, 9.0, behaviour=Behaviour((Reaction(0.5),))),),
        "today.basic.calls.capacity", "its capacity left",
    ),
    "leavers at a ratio of 0": (
        (kept(0.0, ("service",), from_unit=4),), "today.basic.hazards",
        'in unit 4 nobody leaves under the policy, and customers were observed to, for "service"',
    ),
    "more added than observed": (
        (kept(adds=0.01, causes=("moved",)),), "today.basic.hazards",
        'in unit 1 the policy adds more leavers than were observed, for "moved"',
    ),
    "more than all": ((kept(0.01),), "today.basic.hazards", "at list price add up to 4.8"),
    "nobody signs up": (
        (RebateForAll(behaviour=Behaviour(lift=-1.0)),), "today.basic.inflow", "nobody signs up",
    ),
    "an assumption of nobody": (
        (kept("rate"),), "today.basic.for_all.behaviour.reactions[0].ratio", '"rate"',
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_undone(what):
    elements, path, said = WRONG[what]
    told = refused(*elements)
    assert (told.where, said in told.what) == (path, True)


def test_what_cannot_be_undone_together():
    told = refused(
        RebateForAll(1.0, behaviour=COMING), where=market(segment(complaints=COMPLAINTS))
    )
    assert told.where == "today.basic.for_all.behaviour.reactions"
    named = RebateForAll(1.0, behaviour=Behaviour(effect="asked"))
    assert refused(named).where == "today.for_all.behaviour.effect"
