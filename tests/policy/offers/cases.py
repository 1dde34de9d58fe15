"""Policies of one element, and of all together, that customers drawn one by one are held against.

Each is the elements, and what is changed in the segment of `markets`.
"""

from __future__ import annotations

import numpy as np

from stammkunde.policy.offers import (
    Behaviour,
    Care,
    Complaints,
    CoolOff,
    GlidePath,
    LoyaltyRebate,
    MinimumTerm,
    NewcomerRebate,
    Population,
    Reaction,
    RebateForAll,
    Recovery,
    Step,
    When,
    WinBack,
)
from tests.policy.offers.markets import HAZARDS

PRICE = ("price",)
SPIKE = Reaction(3.0, PRICE, When.AFTER, 1, 2)
SPILL = Reaction(1.3, ("price", "service"), When.OTHERS)
COMING = Reaction(1.5, (), When.INDUCED, 1, 24, adds=0.004)
KEPT = Behaviour((Reaction(0.7, PRICE),))
NEW_CUSTOMERS, BASE = {"there": ()}, {"there": (900.0,), "inflow": 0.0}
UPSET = Complaints(0.08, 0.4, 0.15, np.array([2.5, 4.0, 1.0]), np.array([0.7, 0.5, 1.0]))


def moves(*reactions, **changed):
    return Behaviour(reactions, **changed)


def of_all(content, c):
    """Return the hazards of all [C, T] if content customers have these, state after state."""
    factors = np.array([np.ones(3), c.complained, c.recovered])
    onward = np.array([
        [1 - c.complains, c.complains * (1 - c.answered), c.complains * c.answered],
        *([(1 - c.complains) * c.fades, c.complains * (1 - c.answered), c.complains * c.answered]
          for _ in range(2)),
    ])  # fmt: skip
    onward[1, 1] += (1 - c.complains) * (1 - c.fades)
    onward[2, 2] += (1 - c.complains) * (1 - c.fades)
    where, found = np.array([1.0, 0.0, 0.0]), []
    for h in content.T:
        found.append(where @ (factors * h) / where.sum())
        where = where * (1 - (factors * h).sum(axis=1)) @ onward
    return np.transpose(found)


COMPLAINING = {
    "hazards": of_all(HAZARDS, UPSET), "complaints": UPSET, "returners": 1.0, "there": (900.0,),
}  # fmt: skip

ALONE = {
    "no element": ((), {}),
    "a newcomer rebate in euros": ((NewcomerRebate(12, 10.0),), {}),
    "a newcomer rebate as a share": ((NewcomerRebate(12, share=0.3, behaviour=KEPT),), {}),
    "an expiry spike": ((NewcomerRebate(12, 10.0, behaviour=moves(SPIKE)),), {}),
    "a lift, and those induced": (
        (NewcomerRebate(6, 10.0, behaviour=moves(COMING, lift=0.4)),), NEW_CUSTOMERS,
    ),
    "a lift by always-buyers": (
        (GlidePath((Step(1, 6, 9.0),), behaviour=moves(COMING, always_buyers=0.7)),), {},
    ),
    "others see what newcomers get": ((NewcomerRebate(12, 10.0, behaviour=moves(SPILL)),), {}),
    "a loyalty rebate that grows to a cap": (
        (LoyaltyRebate(7, 1.0, every=6, cap=3.5, behaviour=KEPT),), {},
    ),
    "a loyalty rebate by steps with a cap": (
        (LoyaltyRebate(steps=(Step(4, 9, 2.0), Step(10, 20, 6.0)), cap=5.0,
                       behaviour=moves(Reaction(0.6, PRICE), SPIKE)),), {},
    ),
    "a loyalty rebate for today's alone": (
        (LoyaltyRebate(13, 2.0, applies=Population.BASE, behaviour=KEPT),), {},
    ),
    "a rebate for all in euros": ((RebateForAll(4.0, behaviour=KEPT),), {}),
    "a rebate for all as a share": ((RebateForAll(share=0.1, behaviour=KEPT),), {}),
    "a glide path": (
        (GlidePath((Step(1, 4, 9.0), Step(5, 10, 5.0), Step(11, 14, 2.0)),
                   behaviour=moves(Reaction(0.8, PRICE), SPIKE)),), {},
    ),
    "winning back": (
        (WinBack(("price", "service"), 0.3, 5.0, 0.6, amount=8.0, months=6, lag=2,
                 behaviour=moves(Reaction(0.5), SPIKE)),), {},
    ),
    "winning back within a capacity": (
        (WinBack(PRICE, 0.5, 5.0, 0.9, capacity=4.0, amount=8.0, months=6),), {},
    ),
    "a cool-off": ((NewcomerRebate(12, 10.0, behaviour=KEPT), CoolOff(3, deterred=0.4)), {}),
    "a minimum term": ((MinimumTerm(12, PRICE, behaviour=moves(lift=-0.2)),), {}),
    "a term with a spike of its own": ((MinimumTerm(12, PRICE, behaviour=moves(SPIKE)),), {}),
    "a term that renews": (
        (MinimumTerm(6, ("price", "service"), renewal=6, pent_up=0.5),), {},
    ),
    "calls": (
        (Care("calls", 4.0, 0.4, from_unit=2, every=3, to_unit=20,
              behaviour=moves(Reaction(0.2, ("price", "service")))),), {},
    ),
    "calls within a capacity": (
        (Care("calls", 4.0, 0.5, 300.0, behaviour=moves(Reaction(0.3))),), {},
    ),
    "a gift once": ((Care("gift", 30.0, 0.7, from_unit=5, every=None, behaviour=KEPT),), {}),
    "calls that wake who slept": (
        (Care("calls", 1.0, 0.5, every=2,
              behaviour=moves(Reaction(1.5, PRICE, adds=0.01))),), {},
    ),
    "complaints as they are answered": ((), COMPLAINING),
    "complaints answered better": ((Recovery(0.9, 20.0),), COMPLAINING),
    "complaints answered worse": ((Recovery(0.1, 20.0),), COMPLAINING),
    "hopping of a share": ((NewcomerRebate(6, 10.0, hops=0.3),), {}),
    "hopping for hassle": ((NewcomerRebate(6, 10.0, hassle=150.0),), {}),
    "hopping stopped by a cool-off": (
        (NewcomerRebate(6, 10.0, hops=0.4), CoolOff(2, stops=0.6)), {},
    ),
    "hopping for hassle and a cool-off": (
        (NewcomerRebate(6, share=0.2, hassle=150.0), CoolOff(2, service=8.0)), {},
    ),
    "referrals by the induced too": (
        (Care("club", 0.5, behaviour=moves(COMING, referrals=0.02, lift=0.2)),), {},
    ),
    "a rebate that a share takes up": (
        (NewcomerRebate(12, 10.0, take_up=0.4,
                        behaviour=moves(Reaction(0.3, PRICE), SPIKE, SPILL)),), {},
    ),
    "two rebates, some take both": (
        (NewcomerRebate(12, 10.0, take_up=0.4, hops=0.3, behaviour=moves(Reaction(0.3))),
         RebateForAll(3.0, take_up=0.6, behaviour=moves(Reaction(0.5)))), {"there": (900.0,)},
    ),
}  # fmt: skip

WHOLE = (
    NewcomerRebate(12, 10.0, hassle=400.0,
                   behaviour=moves(Reaction(0.8, PRICE), SPIKE, SPILL, COMING, lift=0.3,
                                   referrals=0.004)),
    GlidePath((Step(1, 3, 6.0), Step(4, 6, 3.0)), behaviour=moves(SPIKE)),
    LoyaltyRebate(13, 1.0, every=12, cap=2.5, behaviour=KEPT),
    RebateForAll(share=0.02),
    CoolOff(3, deterred=0.2, service=10.0),
    WinBack(PRICE, 0.3, 5.0, 0.8, capacity=3.0, amount=5.0, months=6, lag=1),
    MinimumTerm(6, PRICE, renewal=3, pent_up=0.8),
    Care("calls", 4.0, 0.4, 250.0, from_unit=3, every=2,
         behaviour=moves(Reaction(0.5, ("service",)), Reaction(1.2, PRICE, adds=0.002))),
    Care("gift", 20.0, 0.5, from_unit=9, every=None, behaviour=KEPT),
)  # fmt: skip
CALM = tuple(e for e in WHOLE if not isinstance(e, MinimumTerm | NewcomerRebate))
TOGETHER = {
    "all of it": (WHOLE, {}),
    "all of it with complaints": (
        (*CALM, NewcomerRebate(12, 10.0, behaviour=moves(SPIKE, SPILL, COMING, lift=0.3)),
         Recovery(0.9, 20.0)), COMPLAINING,
    ),
}  # fmt: skip
