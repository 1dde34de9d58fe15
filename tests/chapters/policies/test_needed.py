"""From which difference on a policy pays: by hand, by formulas, and where nothing decides."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import optimize

from stammkunde.chapters.policies.read import Decision
from stammkunde.chapters.policies.trials.needed import (
    ALWAYS,
    NEVER,
    NOTHING,
    REVERSED,
    TRIED,
    Needed,
    lasting,
    needed,
    turned,
)
from stammkunde.policy.offers import (
    Behaviour,
    Element,
    LoyaltyRebate,
    NewcomerRebate,
    Policy,
    Population,
    Reaction,
    RebateForAll,
    When,
    worths,
)
from tests.chapters.policies.made import made_decision
from tests.chapters.policies.trying import SOONER, STAY, TODAY, one_hazard, trial

SPREAD = np.linspace(0.1, 0.9, 9)


def of(decision: Decision, element: str = "for_all", months: int = 12) -> Needed:
    return needed(decision, trial(decision, policy="offer", element=element, months=months))


def test_two_months_of_three_by_hand(tmp_path: Path) -> None:
    """Newcomers of whom a fifth leaves a month, or half as many in the first with a rebate.

    Of those who sign up in the three months, per sign-up of one, 3 + 2 S(1) + S(2) months are paid:
    3 + 1.6 + 0.64 without it, 3 + 1.8 + 0.72 with it, 0.28 more, at a margin of 10. So a rebate of
    2.8 / 3, once for each of three, leaves nothing: it pays from S(1) = 0.9 on, a tenth of a month.
    """
    draws = np.tile([0.2, 0.8], 30)
    once = NewcomerRebate(1, 2.8 / 3, behaviour=STAY)
    small = one_hazard(tmp_path, once, draws, hazard=0.2, horizon=3, inflow=100)
    found = of(small, "newcomer", months=2)
    assert found.months == pytest.approx(0.1, abs=1e-9)
    assert (found.low, found.high) == pytest.approx((0.04, 0.16), abs=1e-4)
    # dearer: 2 S(1) + S(2) = 2.24 + 0.3 b with S(1) = 1 - x / 10, S(2) = S(1) (1 - x / 5)
    dear = one_hazard(tmp_path, replace(once, amount=1.2), draws, hazard=0.2, horizon=3, inflow=100)
    ratio = min(np.roots([0.02, -0.5, 3 - 2.24 - 0.36]).real)
    assert of(dear, "newcomer", months=2).months == pytest.approx(0.2 - ratio / 10, abs=1e-9)


def stays(hazard: float, ratio: np.ndarray | float, months: int) -> np.ndarray:
    """Return the months of the first ones that are paid, a geometric sum."""
    left = 1 - np.asarray(hazard * ratio)
    return np.asarray((1 - left**months) / (1 - left))


@pytest.mark.parametrize("amount", [1.2, 1.7, 2.4])
def test_todays_customers_by_geometric_sums(tmp_path: Path, amount: float) -> None:
    """Who leaves by a constant share pays (1 - s^H) / (1 - s) months, and x s that of the trial."""
    hazard, horizon = 0.04, 36
    small = one_hazard(tmp_path, RebateForAll(amount, behaviour=STAY), SPREAD, hazard=hazard,
                       horizon=horizon, there=1000)  # fmt: skip

    def ahead(x: float) -> float:
        own = (10 - amount) * stays(hazard, x * SPREAD, horizon).mean()
        return float(own - 10 * stays(hazard, 1.0, horizon))

    x = optimize.brentq(ahead, 0.01, 4.0)
    longer = stays(hazard, x * SPREAD, 12).mean() - stays(hazard, 1.0, 12)
    assert of(small).months == pytest.approx(longer, abs=1e-8)


def test_what_few_draws_miss_is_made_up_for(tmp_path: Path) -> None:
    """The first 64 draws have a cheaper rebate than all: what decides is the mean of all."""
    ratios = np.resize(np.linspace(0.3, 0.7, 5), 200)
    cost = np.where(np.arange(200) < 64, 2.2, 2.9)
    small = one_hazard(tmp_path, RebateForAll("b", behaviour=STAY), ratios, hazard=0.04,
                       horizon=36, there=1000, more={"b": cost})  # fmt: skip

    def threshold(amount: float) -> float:
        x = optimize.brentq(
            lambda x: (
                (10 - amount) * stays(0.04, x * ratios, 36).mean() - 10 * stays(0.04, 1.0, 36)
            ),
            0.1,
            4.0,
        )
        return float(stays(0.04, x * ratios, 12).mean() - stays(0.04, 1.0, 12))

    assert abs(threshold(2.2) - threshold(cost.mean())) > 0.15
    assert of(small).months == pytest.approx(threshold(cost.mean()), abs=0.02)


@pytest.mark.parametrize(
    ("offer", "serve", "ratios", "reason"),
    [
        (RebateForAll(0.0, behaviour=STAY), 0.0, SPREAD, ALWAYS),
        (RebateForAll(6.0, behaviour=STAY), 0.0, SPREAD, NEVER),
        # nobody is kept, nothing is paid: worth the same whatever is seen
        (RebateForAll(0.0), 10.0, SPREAD, NOTHING),
        (RebateForAll(0.0, behaviour=STAY), 10.0, SPREAD, NEVER),
        # each month costs more than it brings: who leaves sooner saves money
        (RebateForAll(0.0, behaviour=STAY), 11.0, SPREAD + 0.5, REVERSED),
    ],
)
def test_where_nothing_that_is_held_possible_decides(
    tmp_path: Path, offer: Element, serve: float, ratios: np.ndarray, reason: str
) -> None:
    small = one_hazard(tmp_path, offer, ratios, hazard=0.05, horizon=24, there=1000, serve=serve)
    found = of(small)
    assert (found.months, found.reason) == (None, reason)
    gained = trial(small, policy="offer", element="for_all").difference
    ends = (gained.min(), gained.max())
    assert (found.low, found.high) == pytest.approx(ends, abs=2e-3)


def test_no_difference_beyond_what_hazards_can_make(tmp_path: Path) -> None:
    """Where the most doubtful draw has nearly all leave, leaving cannot be turned up for all."""
    ratios = np.array([0.5, 0.5, 0.5, 1.9])
    offer = RebateForAll(0.0, behaviour=STAY)
    small = one_hazard(tmp_path, offer, ratios, hazard=0.5, horizon=24, there=1000)
    own = trial(small, policy="offer", element="for_all")
    found = needed(small, own)
    assert found.low > own.difference.min() + 0.1
    mean = stays(0.5, ratios * 2 / 1.9, 12).mean() - stays(0.5, 1.0, 12)
    assert found.low == pytest.approx(mean, abs=0.1)


def test_a_dearer_policy_needs_more(tmp_path: Path) -> None:
    amounts = (0.9, 1.2, 1.5)
    found = []
    for amount in amounts:
        offer = RebateForAll(amount, behaviour=STAY)
        small = one_hazard(tmp_path, offer, SPREAD, hazard=0.05, horizon=24, there=1000)
        found.append(of(small).months)
    assert None not in found
    assert (np.diff(np.array(found, float)) > 0).all()


def test_who_is_turned_and_for_how_long(tmp_path: Path) -> None:
    late = Policy("late", None, (LoyaltyRebate(13, 0.5, behaviour=SOONER), *TODAY.elements))
    spike = Behaviour((Reaction("spike", ("price",), When.AFTER, 1, 2),))
    first = Policy("first", None, (NewcomerRebate(6, 2.0, behaviour=spike, name="short"),))
    some = Policy("some", None, TODAY.elements, {"low": (LoyaltyRebate(1, 0.5, behaviour=SOONER),)})
    made = made_decision(tmp_path, proposed=(TODAY, late, first, some), draws=60)

    def tried(policy: str, element: str, months: int) -> tuple[Policy, RebateForAll, int | None]:
        own = trial(made, policy=policy, element=element, months=months, difference=0.1)
        found = turned(own, 0.7)
        (extra,) = [e for _, e in found.all() if e.name == TRIED]
        assert isinstance(extra, RebateForAll)
        assert [e for _, e in found.all() if e.name != TRIED] == [e for _, e in own.policy.all()]
        return found, extra, lasting(own)

    # a rebate that goes on, for today's customers and later for others, from its first unit on
    _, extra, last = tried("late", "loyalty", 12)
    assert (extra.applies, extra.behaviour.reactions, last) == (
        Population.BOTH, (Reaction(0.7, from_unit=13),), None)  # fmt: skip
    # one that ends, as long as newcomers are followed
    _, extra, last = tried("first", "short", 18)
    assert (extra.applies, extra.behaviour.reactions, last) == (
        Population.NEW, (Reaction(0.7, to_unit=18),), 18)  # fmt: skip
    # only where it is dealt, and nobody pays for it
    found, extra, _ = tried("some", "loyalty", 12)
    assert [*found.segments] == ["low"]
    assert TRIED not in [e.name for e in found.of("high")]
    assert (extra.amount, extra.share) == (0.0, 0.0)


def test_leaving_that_is_not_turned_changes_nothing(tmp_path: Path) -> None:
    made = made_decision(tmp_path, draws=60)
    own = trial(made)
    policy = turned(own, 1.0)
    found = worths([policy], made.market, made.drawn, weights=made.weights)[policy.name]
    assert found.total == pytest.approx(made.worths["loyalty"].total, rel=1e-12)
