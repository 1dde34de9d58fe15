"""The dial at which a policy spends what another does."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stammkunde.errors import ParameterError
from stammkunde.policy.offers import (
    Care,
    GlidePath,
    LoyaltyRebate,
    NewcomerRebate,
    Policy,
    RebateForAll,
    Step,
    dialled,
    spend_at_means,
    turned,
)
from tests.policy.offers.markets import ALL, constant, market, valued

AT = {"ratio": np.array([0.8])}
TARGET = spend_at_means(ALL, market(), AT)
FOR_ALL = Policy("for all", None, (RebateForAll(1.0),))


def test_the_same_spend():
    found = dialled(FOR_ALL, "for_all.amount", TARGET, market(), AT, limits=(0.0, 50.0))
    assert_allclose(valued(found.policy).spend, TARGET, rtol=1e-9)
    assert_allclose(found.spend, TARGET, rtol=1e-9)
    # a rebate for all without effect spends in proportion
    one = spend_at_means(FOR_ALL, market(), {})
    assert_allclose(found.value, TARGET / one, rtol=1e-9)


def test_windfalls_and_today_are_counted():
    """Constant hazard: all who sign up get it, whoever they are; D times the annuity."""
    where = constant(horizon=600)
    found = dialled(FOR_ALL, "for_all.amount", 100.0, where, {}, limits=(0.0, 30.0))
    v = 1.1 ** (-1 / 12)
    assert_allclose(found.value, 100.0 * (1 - v * 0.98), rtol=1e-5)


DIALS = {
    "a share": (NewcomerRebate(12, share=0.1), "newcomer.share", (0.0, 1.0)),
    "a step": (GlidePath((Step(1, 12, 20.0), Step(13, 24, 1.0))), "glide_path.steps[1].amount",
               (0.0, 19.0)),
    "a reach": (Care("calls", 4.0), "calls.reach", (0.0, 1.0)),
    "a typed whole number": (LoyaltyRebate(13, 5), "loyalty.amount", (0.0, 40.0)),
}  # fmt: skip


@pytest.mark.parametrize("what", DIALS)
def test_any_number_is_a_dial(what):
    element, dial, limits = DIALS[what]
    policy = Policy("x", None, (element,))
    wanted = limits[0] + 0.37 * (limits[1] - limits[0])
    target = spend_at_means(turned(policy, dial, wanted), market(), {})
    found = dialled(policy, dial, target, market(), {}, limits=limits)
    assert_allclose(found.value, wanted, rtol=1e-9)


def test_a_length_is_turned_to_the_nearest_month():
    policy = Policy("x", None, (NewcomerRebate(6, 10.0),))
    spends = {n: spend_at_means(turned(policy, "newcomer.months", n), market(), {})
              for n in range(1, 19)}  # fmt: skip
    target = 0.6 * spends[8] + 0.4 * spends[9]
    found = dialled(policy, "newcomer.months", target, market(), {}, limits=(1, 18))
    assert (found.value, found.spend) == (8, spends[8])
    assert isinstance(found.value, int)


def test_a_rule_of_a_segment():
    policy = Policy("x", None, (), {"basic": (RebateForAll(1.0),)})
    path = "segments.basic.for_all.amount"
    found = dialled(policy, path, TARGET, market(), {}, limits=(0.0, 50.0))
    assert_allclose(spend_at_means(found.policy, market(), {}), TARGET, rtol=1e-9)


def test_what_cannot_be_reached_says_what_can():
    most = spend_at_means(turned(FOR_ALL, "for_all.amount", 50.0), market(), {})
    with pytest.raises(ParameterError, match=f"the nearest that the dial reaches is {most:,.2f}"):
        dialled(FOR_ALL, "for_all.amount", 2 * most, market(), {}, limits=(0.0, 50.0))
    # beyond the price of 50 the policy cannot be
    with pytest.raises(ParameterError, match=f"reaches is {most:,.2f}") as told:
        dialled(FOR_ALL, "for_all.amount", 2 * most, market(), {}, limits=(0.0, 64.0))
    assert told.value.where == "for_all.amount"
    with pytest.raises(ParameterError, match=r"reaches is 0\.00"):
        dialled(FOR_ALL, "for_all.amount", -1.0, market(), {}, limits=(0.0, 50.0))
    policy = Policy("x", None, (NewcomerRebate(6, 10.0),))
    with pytest.raises(ParameterError, match="the nearest that the dial reaches"):
        dialled(policy, "newcomer.months", 1e9, market(), {}, limits=(1, 6))


@pytest.mark.parametrize(
    ("dial", "said"),
    [
        ("forall.amount", "Did you mean `for_all`"),
        ("for_all.amounts", "Did you mean `amount`"),
        ("for_all.behaviour", "it is no number"),
        ("segments.basic.for_all.amount", "no element"),
    ],
)
def test_a_dial_that_leads_nowhere(dial, said):
    with pytest.raises(ParameterError, match=said):
        dialled(FOR_ALL, dial, TARGET, market(), {})
    with pytest.raises(ParameterError, match="turns from 1 to 1"):
        dialled(FOR_ALL, "for_all.amount", TARGET, market(), {}, limits=(1.0, 1.0))
