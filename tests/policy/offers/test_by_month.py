"""A policy with every element against a month-by-month count written for it alone."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stammkunde.policy.offers import Policy, applied, value_by_month, worth
from tests.policy.offers.markets import ALL, GONE, THERE, H, market, segment, valued
from tests.policy.offers.oracle import brute

STREAMS = ("margin", "acquisition", "rebates", "handling", "care")
DRAWS = {"ratio": np.array([0.8, 1.0, 0.6])}
OTHER = {"arrears": True, "by_month": 1 + np.arange(H) / 50}
NOBODY = np.zeros(H)


@pytest.mark.parametrize("how", [{}, OTHER], ids=["in advance", "in arrears, prices by month"])
def test_every_stream_and_head_count(how):
    found = worth(applied(ALL, market(**how), DRAWS))
    for b, ratio in enumerate(DRAWS["ratio"]):
        both = brute(ratio, NOBODY + 100, THERE, H, gone=GONE, **how)
        for name in STREAMS:
            assert_allclose(getattr(found, name)[b], both[name], rtol=1e-10, err_msg=name)
        assert_allclose(found.customers[b], both["customers"], rtol=1e-10)
        assert_allclose(found.spend[b], -both["rebates"] - both["care"], rtol=1e-10)
        assert_allclose(found.total[b], sum(both[s] for s in STREAMS), rtol=1e-10)


def test_new_customers_are_told_apart_from_those_the_firm_has_and_had():
    found = worth(applied(ALL, market(), DRAWS))
    new = brute(0.8, NOBODY + 100, [], H)
    base = brute(0.8, NOBODY, THERE, H, gone=GONE)
    one = brute(0.8, np.eye(1, H)[0] / 1.1, [], H)
    assert_allclose(found.new[0], sum(new[s] for s in STREAMS), rtol=1e-10)
    assert_allclose(found.base[0], sum(base[s] for s in STREAMS), rtol=1e-10)
    assert_allclose(found.per_acquired[0], sum(one[s] for s in STREAMS), rtol=1e-10)
    assert_allclose(found.total, found.new + found.base, rtol=1e-12)
    assert_allclose(found.signed, new["signed"], rtol=1e-12)


def test_sign_ups_that_change_by_month():
    by_month = 100 + 40 * np.sin(np.arange(H))
    found = worth(applied(ALL, market(segment(inflow=by_month)), DRAWS))
    both = brute(0.8, by_month, THERE, H, gone=GONE)
    assert_allclose(found.total[0], sum(both[s] for s in STREAMS), rtol=1e-10)
    assert_allclose(found.customers[0], both["customers"], rtol=1e-10)


def test_months_add_up():
    for how in ({}, OTHER):
        made = applied(ALL, market(**how), DRAWS)
        assert_allclose(value_by_month(made).sum(axis=-1), worth(made).total, rtol=1e-12)


def test_the_order_of_elements_says_nothing():
    whole = valued(ALL, draws=DRAWS)
    for order in list(permutations(ALL.elements))[::11]:
        again = Policy("all of it", None, order)
        assert again == ALL
        assert valued(again, draws=DRAWS).total.tolist() == whole.total.tolist()


def test_segments_add_up_and_relabelling_changes_nothing():
    one, two = segment("basic"), segment("gold", margin=45.0, there=(), inflow=20.0)
    both = valued(ALL, market(one, two), DRAWS)
    alone = [valued(ALL, market(s), DRAWS).total for s in (one, two)]
    assert both.by_segment[:, 0].tolist() == alone[0].tolist()
    assert both.by_segment[:, 1].tolist() == alone[1].tolist()
    assert_allclose(both.total, sum(alone), rtol=1e-13)
    named = market(segment("gold"), segment("basic", margin=45.0, there=(), inflow=20.0))
    assert valued(ALL, named, DRAWS).total.tolist() == both.total.tolist()


def test_nobody_at_all():
    empty = valued(ALL, market(segment(inflow=0.0, there=(), gone=())), DRAWS)
    assert empty.total.tolist() == empty.per_acquired.tolist() == empty.spend.tolist() == [0, 0, 0]
