"""Worked values of theory, through a policy and a market."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import brentq

from stammkunde.policy.offers import (
    Behaviour,
    CoolOff,
    LoyaltyRebate,
    Market,
    NewcomerRebate,
    Policy,
    Reaction,
    Segment,
)
from tests.policy.offers.markets import NONE, constant, valued


def test_the_reference_case():
    """30 a month, 10 % a year, 2 % leave a month, 120 to acquire, 10 off for 12 months."""
    where = constant(acquisition=120.0)
    offer = Policy("offer", None, (NewcomerRebate(12, 10.0),))
    none, with_offer = valued(NONE, where), valued(offer, where)
    assert f"{none.per_acquired:.2f}" == "960.97"
    assert f"{with_offer.per_acquired:.2f}" == "857.69"
    assert f"{with_offer.spend:.2f}" == "103.28"
    assert f"{none.total / with_offer.total:.4f}" == "1.1204"

    def gain(lift):
        lifted = NewcomerRebate(12, 10.0, behaviour=Behaviour(lift=lift))
        return float(valued(Policy("x", None, (lifted,)), where).total - none.total)

    assert f"{1 + brentq(gain, 0, 1):.4f}" == "1.1204"


def keeps(amount, ratio, from_unit):
    return Policy(
        "x", None, (LoyaltyRebate(from_unit, amount, behaviour=Behaviour((Reaction(ratio),))),)
    )


@pytest.mark.parametrize("from_unit", [1, 13, 25])
def test_the_break_even_rebate_whenever_it_begins(from_unit):
    where = constant()
    none = valued(NONE, where).total
    found = [
        brentq(lambda b, r=r: float(valued(keeps(b, r, from_unit), where).total - none), 0, 29)
        for r in (0.95, 0.9, 0.8, 0.7, 0.5)
    ]
    # of 600 months, not for ever: the last digit of the largest moves by a millionth
    assert [f"{b:.2f}" for b in found] == ["1.07", "2.14", "4.29", "6.43", "10.72"]


def test_no_effect_breaks_even_at_nothing():
    where = constant(horizon=60)
    none = valued(NONE, where).total
    gains = [float(valued(keeps(b, 1.0, 13), where).total - none) for b in (0.0, 1.0, 3.0)]
    assert gains[0] == 0
    assert gains[1] < 0
    assert_allclose(gains[2], 3 * gains[1], rtol=1e-9)


def hopping(saving, *, handling=0.0, months=1, cool=(), hassle=40.0):
    """Return the leak of one customer and cycle: nobody leaves, no interest, one rebated month."""
    cycle = months + (cool[0].months if cool else 0) + 1
    given = {"margin": 100.0, "price": 100.0, "handling": handling}
    only = Segment("all", np.zeros((1, cycle)), inflow=np.eye(1, cycle)[0], **given)
    where = Market(("any",), (only,), cycle)
    stays, hops = (
        Policy("x", None, (NewcomerRebate(months, saving / months, hassle=h), *cool))
        for h in (1e300, hassle)
    )
    return stays, hops, where


def leak(saving, **how):
    """Return what hopping takes, apart from the margin of the months without service."""
    stays, hops, where = hopping(saving, **how)
    before, after = valued(stays, where), valued(hops, where)
    moved = after.rebates + after.handling - before.rebates - before.handling
    return -float(moved)


def test_cancel_and_rejoin():
    """D = 10, hassle up to 40: a quarter hops, 2.50 leak; D (D + k) / theta."""
    assert_allclose(leak(10.0), 2.5, rtol=1e-12)
    assert_allclose(leak(10.0, handling=6.0), 10 * 16 / 40, rtol=1e-12)
    assert_allclose(leak(50.0), 50.0, rtol=1e-12)
    assert_allclose(brentq(lambda d: leak(d) - 2.5, 1, 40), 10.0, rtol=1e-9)
    assert_allclose(leak(10.0, hassle=1e300), 0.0, atol=1e-12)


def test_cancel_and_rejoin_by_drawing_hassle():
    hassle = np.random.default_rng(8).uniform(0, 40, 400_000)
    own = np.where(hassle < 10.0, 10.0 + 6.0, 0.0)
    error = own.std() / np.sqrt(len(own))
    assert abs(own.mean() - leak(10.0, handling=6.0)) < 3.5 * error


@pytest.mark.parametrize(("months", "worth"), [(1, 4.0), (2, 4.0), (3, 4.0), (2, 5.0)])
def test_a_cool_off_adds_to_hassle(months, worth):
    """e (D + k) / theta with e = max(0, D - g w): no hopping once g w is D."""
    e = max(0.0, 10.0 - months * worth)
    cool = (CoolOff(months, service=worth),)
    assert_allclose(leak(10.0, handling=6.0, cool=cool), e * 16 / 40, rtol=1e-12, atol=1e-12)


def test_hoppers_typed_as_a_share():
    where = hopping(10.0)[2]
    plain = valued(Policy("x", None, (NewcomerRebate(1, 10.0),)), where).total
    hops = valued(Policy("x", None, (NewcomerRebate(1, 10.0, hops=0.25),)), where).total
    assert_allclose(plain - hops, 2.5, rtol=1e-12)
    stopped = (NewcomerRebate(1, 10.0, hops=0.25), CoolOff(1))
    assert_allclose(valued(Policy("x", None, stopped), where).total, plain, rtol=1e-12)


def test_leaving_for_one_cause_caps_what_a_rebate_can_do():
    """Price .03, moving .015: halving price lifts 22.2 months to 33.3, ending it to 66.7."""
    hazards = np.broadcast_to(np.array([[0.03], [0.015]]), (2, 3000))
    only = Segment("all", hazards, margin=1.0, price=1.0, inflow=np.eye(1, 3000)[0])
    where = Market(("price", "moved"), (only,), 3000)
    policies = (
        Policy("x", None, (LoyaltyRebate(1, 0.0, behaviour=Behaviour((Reaction(r, ("price",)),))),))
        for r in (1.0, 0.5, 0.0)
    )
    months = [f"{valued(p, where).total:.1f}" for p in policies]
    assert months == ["22.2", "33.3", "66.7"]
