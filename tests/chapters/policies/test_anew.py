"""Policies valued anew under other assumptions: as if all were valued, and as was observed."""

import numpy as np
import pytest

from stammkunde.chapters.policies.valued.anew import Anew
from stammkunde.draws import block_weights
from stammkunde.policy.decide.one_way import held
from stammkunde.policy.offers import at_list_price, worths
from tests.chapters.policies.made import LEDGER, made_market, policies

DRAWS, FEW = 40, 16
KNOWN = policies()
TODAY = KNOWN[0]


@pytest.fixture(scope="module")
def model():
    """The made policies in the made market, taken for what was observed under today's."""
    weights, drawn = block_weights(DRAWS), LEDGER.draws(DRAWS)
    seen = made_market(weights)
    listed = at_list_price(seen, TODAY, drawn, weights)
    each = worths(KNOWN, listed, drawn, count=DRAWS, weights=weights)
    return Anew(KNOWN, TODAY, seen, listed, drawn, weights, each)


def few(model):
    return {n: x[:FEW] for n, x in model.drawn.items()}


def whole(model, given):
    """Return what all policies are worth, each valued, in the market undone under `given`."""
    weights = model.weights[:FEW]
    market = at_list_price(model.seen.part(slice(0, FEW)), TODAY, given, weights)
    found = worths(KNOWN, market, given, count=FEW, weights=weights)
    return np.stack([found[p.name].total for p in KNOWN], axis=-1)


def test_as_drawn_nothing_moves(model):
    values = np.stack([model.worths[p.name].total for p in KNOWN], axis=-1)
    assert np.array_equal(model(few(model)), values[:FEW])


@pytest.mark.parametrize(
    ("name", "point"),
    [("loyalty_ratio", 0.7), ("always_buyers", 0.75), ("spike", 1.1), ("switching_cost", 10.0)],
)
def test_who_rests_on_it_is_worth_what_a_full_valuation_says(model, name, point):
    given = held(few(model), {name: point})
    assert model(given) == pytest.approx(whole(model, given), rel=1e-10)


@pytest.mark.parametrize("name", ["always_buyers", "spike"])
def test_what_customers_do_today_was_observed_and_does_not_move(model, name):
    drawn, low = few(model), LEDGER.of(name).limits[0]
    moved = model(held(drawn, {name: low})) - model(drawn)
    names = [p.name for p in KNOWN]
    worth = np.abs(model(drawn)).max()
    assert np.abs(moved[:, names.index("today")]).max() < 1e-10 * worth
    assert np.abs(moved[:, names.index("nothing")]).min() > 1e-6 * worth


def test_only_those_asked_about_are_valued(model):
    given = held(few(model), {"always_buyers": 0.75})
    found, all_of = model.among(given, ["loyalty"]), model(given)
    place = [p.name for p in KNOWN].index("loyalty")
    assert np.array_equal(found[:, place], all_of[:, place])
    others = np.delete(found, place, axis=1)
    assert np.array_equal(others, np.delete(model(few(model)), place, axis=1))


def test_it_is_known_what_policies_rest_on(model):
    rests = {n: model.rests_on(n) for n in LEDGER.names}
    assert rests == {n: n != "switching_cost" for n in LEDGER.names}
