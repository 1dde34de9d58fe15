"""What one customer more costs, also where some draws have none more."""

from dataclasses import replace

import numpy as np
import pytest

from stammkunde.chapters.policies.doubts.costing import cost_of_each
from stammkunde.chapters.policies.numbers import difference
from tests.chapters.policies.linear import linear

COST = 1000.0


def cost(folder, heads):
    """Return the cost of one more where draws have so many more, and each policy costs as much."""
    decision = linear(folder, {"today": lambda d: 0.0, "loyalty": lambda d: 40.0}, draws=len(heads))
    own = replace(decision.worths["loyalty"], customers=decision.worths["today"].customers + heads)
    found = replace(decision, worths={**decision.worths, "loyalty": own})
    money = np.full(len(heads), COST)
    return cost_of_each(found, "loyalty", money, difference(found, "loyalty", "customers", "count"))


def test_by_hand(tmp_path):
    heads = np.linspace(10.0, 20.0, 400)
    found = cost(tmp_path, heads)
    assert found.value == pytest.approx(COST / 15)
    # of 400 draws the 11th from below, and the 11th from above
    assert found.low == pytest.approx(COST / heads[-11])
    assert found.high == pytest.approx(COST / heads[9])


def test_a_draw_without_one_more_is_dear_and_not_cheap(tmp_path):
    heads = np.linspace(10.0, 20.0, 400)
    some = heads.copy()
    some[-8:] = -0.5
    found = cost(tmp_path, some)
    assert found.low == pytest.approx(COST / heads[-19])
    # those eight are the dearest
    assert found.high == pytest.approx(COST / heads[1])


def test_where_more_draws_than_the_interval_leaves_out_have_none_there_is_no_cost(tmp_path):
    heads = np.linspace(10.0, 20.0, 400)
    heads[:20] = -0.5
    found = cost(tmp_path, heads)
    assert found.value is None
    assert found.reason == "customers_unsure"
