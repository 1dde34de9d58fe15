"""What a policy costs whoever gets it: by hand, month by month, and as part of what it spends."""

from dataclasses import replace

import numpy as np
import pytest

from stammkunde.errors import ParameterError
from stammkunde.policy.offers import (
    Policy,
    Programme,
    RebateForAll,
    applied,
    fixed_by_month,
    value_by_month,
    worths,
)
from tests.policy.offers.markets import NONE, market, segment

ONCE, MONTHLY = 50_000.0, 700.0
OFF = RebateForAll(2.0)
IT = Programme("it", once=ONCE, monthly=MONTHLY)


def policy(*elements, name="programme", **segments):
    return Policy(name, elements=elements, segments=segments)


def test_it_costs_the_present_value_of_its_payments_and_changes_nobody():
    where = market()
    v, months = where.v, where.horizon
    found = worths([NONE, policy(IT)], where, {})
    none, own = found["none"], found["programme"]
    cost = ONCE + MONTHLY * (1 - v**months) / (1 - v)
    assert none.total - own.total == pytest.approx(cost, rel=1e-12)
    assert own.spend == pytest.approx(cost, rel=1e-12)
    assert own.fixed == pytest.approx(cost, rel=1e-12)
    for name in ("new", "base", "customers", "per_acquired", "margin"):
        assert getattr(own, name) == getattr(none, name)


def test_months_and_streams_add_up_to_the_total():
    where = market()
    drawn = policy(IT, OFF)
    own = worths([drawn], where, {})["programme"]
    months = value_by_month(applied(drawn, where, {}))
    assert months.sum() == pytest.approx(own.total.item(), rel=1e-12)
    paid = own.margin + own.acquisition + own.rebates + own.handling + own.care
    assert own.total == pytest.approx(paid - own.fixed, rel=1e-12)
    assert own.spend == pytest.approx(own.fixed - own.rebates - own.care, rel=1e-12)


def test_it_grows_with_prices_and_is_drawn():
    where = replace(market(), by_month=1.01 ** np.arange(market().horizon))
    draws = {"cost": np.array([100.0, 300.0])}
    found = fixed_by_month(policy(Programme("it", monthly="cost")), where, draws)
    t = np.arange(where.horizon)
    want = np.array([[100.0], [300.0]]) * (1.01 * where.v) ** t
    assert found == pytest.approx(want, rel=1e-12)


def test_run_for_several_segments_it_counts_once():
    both = market(segment(name="a"), segment(name="b"))
    for one in (policy(IT), policy(a=(IT,)), policy(a=(IT,), b=(IT,))):
        assert fixed_by_month(one, both, {})[0] == ONCE + MONTHLY
    apart = policy(a=(IT,), b=(replace(IT, once=1.0),))
    assert fixed_by_month(apart, both, {})[0] == ONCE + 1.0 + 2 * MONTHLY


def test_a_cost_below_nothing_is_refused():
    with pytest.raises(ParameterError, match="monthly"):
        Programme("it", monthly=-1.0)
    with pytest.raises(ParameterError, match="cost"):
        worths([policy(Programme("it", once="cost"))], market(), {"other": np.ones(1)})
