"""Small markets and policies that the tests of offers share."""

from __future__ import annotations

import numpy as np

from stammkunde.policy.offers import (
    Behaviour,
    Care,
    CoolOff,
    LoyaltyRebate,
    Market,
    NewcomerRebate,
    Policy,
    Reaction,
    Segment,
    WinBack,
    applied,
    worth,
)

CAUSES = ("price", "service", "moved")
H, T = 36, 72
V = 1.08 ** (-1 / 12)
HAZARDS = np.array([[0.02], [0.008], [0.004]]) * (0.5 + np.exp(-np.arange(T) / 12))
RETURNS = np.zeros((3, 6))
RETURNS[0] = [0.05, 0.05, 0.04, 0.03, 0.02, 0.01]
RETURNS[1] = [0.0, 0.02, 0.0, 0.0, 0.0, 0.03]
THERE = np.array([30.0, 0.0, 25.0, *[20.0] * 30])
# who had left and is still away, by cause and whole units since; some have been away too long
GONE = np.array([[90.0, 0.0, 50.0, 40.0, 30.0, 20.0], [0.0, 60.0, 0.0, 35.0, 0.0, 25.0], [9.0] * 6])
NONE = Policy("none")


def segment(name="basic", **changed):
    """Return a segment with returners and customers of today, unless changed."""
    given = {
        "hazards": HAZARDS, "margin": 30.0, "price": 50.0, "inflow": 100.0, "acquisition": 120.0,
        "serve": 2.0, "handling": 15.0, "returns": RETURNS, "returners": 1.1, "there": THERE,
        "gone": GONE,
    }  # fmt: skip
    return Segment(name, **given | changed)


def market(*segments, **changed):
    """Return a market of 8 % a year over three years, of one segment unless given others."""
    given = {"horizon": H, "interest": 0.08}
    return Market(CAUSES, segments or (segment(),), **given | changed)


def constant(hazard=0.02, horizon=600, **changed):
    """Return a market of one cause with a constant hazard, 10 % a year, as in a reference case."""
    given = {"margin": 30.0, "price": 30.0, "inflow": np.eye(1, horizon)[0]}
    only = Segment("all", np.full((1, horizon), hazard), **given | changed)
    return Market(("any",), (only,), horizon, 0.10)


def valued(policy, where=None, draws=None):
    """Return what a policy is worth in a market, by default the one above."""
    return worth(applied(policy, where or market(), draws or {}))


NEWCOMER = NewcomerRebate(
    12,
    10.0,
    hassle=400.0,
    behaviour=Behaviour(
        (
            Reaction(0.9, ("price",)),
            Reaction(2.5, ("price",), "after", 1, 2),
            Reaction(1.02, ("price", "service"), "others"),
            Reaction(1.3, (), "induced", 1, 24),
        ),
        lift=0.1,
        referrals=0.003,
    ),
)
LOYALTY = LoyaltyRebate(
    13, 1.0, every=12, cap=2.5, behaviour=Behaviour((Reaction("ratio", ("price",)),))
)
COOL = CoolOff(3, deterred=0.2, service=10.0)
WIN_BACK = WinBack(("price",), 0.1, 5.0, 0.8, amount=5.0, months=6, lag=1)
CALLS = Care(
    "calls", 4.0, 0.2, from_unit=3, every=6, lasts=2,
    behaviour=Behaviour((Reaction(0.5, ("service",), adds=0.01),)),
)  # fmt: skip
ALL = Policy("all of it", None, (NEWCOMER, LOYALTY, COOL, WIN_BACK, CALLS))
