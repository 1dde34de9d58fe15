"""Policies valued for longer, and with effects that end or last: held against plain sums."""

import numpy as np
import pytest

from stammkunde.chapters.policies.read import Basis, Undecided
from stammkunde.chapters.policies.valued.beyond import FIRST, Given, look_beyond, revalued
from stammkunde.chapters.policies.valued.ready import effect_of, reaching
from stammkunde.draws import BLOCKS, Replicates, block_weights
from stammkunde.policy.offers import Behaviour, LoyaltyRebate, Market, Policy, Segment
from tests.policy.offers import effects

HAZARD, RATIO, SEEN = 0.05, 0.6, 4
MARGIN, OFF, COST, HEADS, INTEREST = 20.0, 3.0, 50.0, 100.0, 0.08
HORIZON, LONGER = 12, 30


def steady():
    """Return a loyalty rebate from the first unit on, its effect seen in four units."""
    both = np.stack([np.full((1, 1, SEEN), HAZARD * RATIO), np.full((1, 1, SEEN), HAZARD)])

    def always(weights):
        return np.repeat(both[None], len(weights), axis=0)

    made = Replicates(always(1 - np.eye(BLOCKS)), np.ones(BLOCKS, bool), always, BLOCKS)
    effect = effects.effect_of(np.full((1, 1, SEEN), RATIO), hazards=both, replicates=made)
    behaviour = Behaviour(effect=effect)
    return Policy(
        "loyalty", elements=(LoyaltyRebate(from_unit=1, amount=OFF, behaviour=behaviour),)
    )


def basis(horizon):
    """Return the market of one segment that signs up a hundred a month and has nobody yet."""
    one = Segment(
        "all", np.full((1, horizon), HAZARD), margin=MARGIN, price=30.0, inflow=HEADS,
        acquisition=COST,
    )  # fmt: skip
    market = Market(("price",), (one,), horizon, INTEREST)
    return Basis(
        market=market, under=lambda weights, family: market, parts=(), families=(), observed=SEEN
    )


def by_hand(horizon, units, off):
    """Return the value, customer by customer and month by month; the effect holds for `units`."""
    v, total = (1 + INTEREST) ** (-1 / 12), 0.0
    for start in range(horizon):
        there, worth = 1.0, -COST
        for t in range(horizon - start):
            worth += v**t * there * (MARGIN - off)
            there *= 1 - HAZARD * (RATIO if t < units else 1.0)
        total += HEADS * v**start * worth
    return total


@pytest.fixture
def given():
    return Given((Policy("today"), steady()), "today", {}, block_weights(FIRST + 50))


def test_over_a_longer_time_every_month_counts(given):
    found = look_beyond(given, basis(HORIZON), basis(LONGER))
    assert found.months == LONGER
    assert found.longer.shape == (FIRST, 2)
    want = [by_hand(LONGER, 0, 0.0), by_hand(LONGER, SEEN, OFF)]
    assert found.longer == pytest.approx(np.tile(want, (FIRST, 1)))


def test_effects_end_or_last(given):
    reach = look_beyond(given, basis(HORIZON), None).reach
    assert reach["fades"][0] == pytest.approx([by_hand(HORIZON, 0, 0.0), by_hand(HORIZON, 4, OFF)])
    assert reach["lasts"][0] == pytest.approx([by_hand(HORIZON, 0, 0.0), by_hand(HORIZON, 99, OFF)])


def test_within_the_time_observed_it_makes_no_difference(given):
    found = look_beyond(given, basis(SEEN), Undecided("too_few"))
    assert found.longer is None
    assert not found.reach


def test_the_draws_are_the_first_ones(given):
    assert revalued(given, basis(HORIZON), 7).shape == (7, 2)


def test_an_effect_that_several_policies_share_stays_one(given):
    first, second = steady(), Policy("other", elements=steady().elements)
    both = reaching((first, Policy("second", elements=first.elements), second), "lasts")
    found = [effect_of(p.elements[0]) for p in both]
    assert found[0] is found[1]
    assert found[0] is not found[2]
    assert {e.beyond for e in found} == {"lasts"}
