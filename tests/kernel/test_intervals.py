"""Intervals against their formulas, against exact ones, and where events are few."""

from __future__ import annotations

from math import exp, log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from stammkunde import intervals
from stammkunde.result import Result
from stammkunde.survival.kaplan_meier import hazard, kaplan_meier
from stammkunde.survival.shares import share
from stammkunde.survival.table import LifeTable, life_table
from tests.kernel.making import lives

Z = 1.959963984540054


@pytest.fixture(scope="module")
def hundred() -> LifeTable:
    """100 customers, 20 leave in month 1 and 8 in month 2; 40 are censored after month 1."""
    tenure = [1] * 60 + [2] * 40
    left = [1] * 20 + [0] * 40 + [1] * 8 + [0] * 32
    return life_table(lives(tenure, left))


def test_log_log_and_log_by_their_formulas(hundred):
    s, se = 0.8, sqrt(0.8 * 0.2 / 100)
    at = kaplan_meier(hundred).at(1)
    step = exp(Z * se / (s * abs(log(s))))
    assert (at.low, at.high) == pytest.approx((s**step, s ** (1 / step)), rel=1e-12)
    plain = kaplan_meier(hundred, interval="log").at(1)
    assert (plain.low, plain.high) == pytest.approx(
        (s * exp(-Z * se / s), s * exp(Z * se / s)), rel=1e-12
    )


def test_the_log_interval_is_cut_at_one():
    table = life_table(lives([1] * 6 + [3] * 6, [1] * 5 + [0] * 7))
    low, high = intervals.log(np.array([0.99]), np.array([0.02]), Z, top=1.0)
    assert high[0] == 1
    assert low[0] == pytest.approx(0.99 * exp(-Z * 0.02 / 0.99))
    assert kaplan_meier(table, interval="log").high.max() <= 1


def test_the_hazard_interval_is_on_the_log_scale(hundred):
    h, se = 8 / 40, sqrt(0.2 * 0.8 / 40)
    at = hazard(hundred).at(2)
    assert at.value == pytest.approx(h, rel=1e-14)
    assert (at.low, at.high) == pytest.approx(
        (h * exp(-Z * se / h), h * exp(Z * se / h)), rel=1e-12
    )


def test_a_hazard_of_few_leavers_has_the_exact_interval():
    at = hazard(life_table(lives([1] * 3 + [2] * 27, [1] * 3 + [0] * 27))).at(1)
    exact = stats.binomtest(3, 30).proportion_ci(0.95, "exact")
    assert (at.low, at.high) == pytest.approx((exact.low, exact.high), rel=1e-9)
    where_all_leave = hazard(life_table(lives([1] * 12, [1] * 12))).at(1)
    assert where_all_leave.high == 1
    assert where_all_leave.low == pytest.approx(0.025 ** (1 / 12), rel=1e-9)


@given(n=st.integers(1, 400), d=st.integers(0, 400), level=st.sampled_from([0.8, 0.95, 0.99]))
def test_clopper_pearson_is_scipys(n, d, level):
    d = min(d, n)
    low, high = intervals.clopper_pearson(np.array(d), np.array(n), level)
    exact = stats.binomtest(d, n).proportion_ci(level, "exact")
    assert (float(low), float(high)) == pytest.approx((exact.low, exact.high), abs=1e-9)


@settings(max_examples=100)
@given(leave=st.lists(st.integers(0, 3), min_size=1, max_size=12), stay=st.integers(0, 50))
def test_without_censoring_beta_product_is_clopper_pearson(leave, stay):
    """Limits of S(t) are those of the share of n that is still there."""
    events = np.array(leave)
    n = int(events.sum()) + stay
    if n == 0:
        return
    gone = np.cumsum(events)
    at_risk = n - gone + events
    low, high = intervals.beta_product(at_risk, events, 0.95)
    seen = at_risk > 0
    exact = intervals.clopper_pearson(n - gone, np.full(gone.shape, n), 0.95)
    assert low[seen] == pytest.approx(exact[0][seen], abs=1e-9)
    assert high[seen] == pytest.approx(exact[1][seen], abs=1e-9)


@pytest.mark.parametrize("customers", [10**4, 10**7, 10**8])
def test_beta_product_holds_for_as_many_customers_as_there_may_be(customers):
    """1 - S is compared: of 10 million customers two have left."""
    events = np.zeros(60, dtype=int)
    events[[10, 20]] = 1
    gone = np.cumsum(events)
    low, high = intervals.beta_product(customers - gone + events, events, 0.95)
    exact = intervals.clopper_pearson(gone, np.full(60, customers), 0.95)
    assert 1 - high[-1] == pytest.approx(float(exact[0][-1]), rel=1e-3)
    assert 1 - low[-1] == pytest.approx(float(exact[1][-1]), rel=1e-3)


def test_with_fewer_than_five_leavers_the_curve_has_beta_product_limits():
    """30 customers, 4 leave one by one: exact; with the fifth Greenwood's interval begins."""
    table = life_table(lives([1, 2, 3, 4, 5] + [6] * 25, [1] * 5 + [0] * 25))
    curve = kaplan_meier(table)
    for t in range(1, 5):
        exact = stats.binomtest(30 - t, 30).proportion_ci(0.95, "exact")
        at = curve.at(t)
        assert (at.low, at.high) == pytest.approx((exact.low, exact.high), rel=1e-9)
        assert "beta product" in at.method
    s, se = 25 / 30, sqrt(25 / 30 * 5 / 30 / 30)
    assert curve.at(5).low == pytest.approx(s ** exp(Z * se / (s * abs(log(s)))), rel=1e-12)
    assert "beta product" not in curve.at(5).method


def test_nobody_left_is_zero_with_an_upper_limit():
    curve = kaplan_meier(life_table(lives([1] * 6 + [2] * 6, [1] * 12)))
    end = curve.at(2)
    assert (end.value, end.low) == (0, 0)
    assert end.high == pytest.approx(1 - 0.025 ** (1 / 12), rel=1e-9)


def test_nobody_has_left_is_one_with_a_lower_limit():
    at = kaplan_meier(life_table(lives([5] * 20, [0] * 20))).at(5)
    assert (at.value, at.high) == (1, 1)
    assert at.low == pytest.approx(0.025 ** (1 / 20), rel=1e-9)


def test_a_mean_of_few_leavers_has_the_summed_limits_and_stays_inside_the_horizon():
    curve = kaplan_meier(life_table(lives([5] * 20, [0] * 20)))
    mean = curve.rmst(5)
    assert (mean.value, mean.high) == (5, 5)
    assert mean.low == pytest.approx(1 + 4 * 0.025 ** (1 / 20), rel=1e-9)


@settings(max_examples=8, deadline=None)
@given(
    people=st.lists(st.tuples(st.integers(1, 9), st.booleans()), min_size=12, max_size=80),
    level=st.sampled_from([0.5, 0.95]),
)
@pytest.mark.long
def test_limits_enclose_the_value_and_grow_with_the_level(people, level):
    table = life_table(lives([t for t, _ in people], [int(x) for _, x in people]))
    curve, wide = kaplan_meier(table, level=level), kaplan_meier(table, level=0.99)
    assert np.all(curve.low <= curve.value + 1e-12)
    assert np.all(curve.value <= curve.high + 1e-12)
    assert np.all((curve.low >= 0) & (curve.high <= 1))
    assert np.all(wide.low <= curve.low + 1e-12)
    assert np.all(wide.high >= curve.high - 1e-12)
    mean = curve.rmst()
    assert 0 <= mean.low <= mean.value <= mean.high <= curve.observed_to


def test_a_share_counted_once_per_person_has_the_exact_interval():
    events, trials = np.zeros(256, dtype=int), np.zeros(256, dtype=int)
    events[:30], trials[:60] = 1, 2
    found = share(events, trials, persons=120, repeats=False)
    exact = stats.binomtest(30, 120).proportion_ci(0.95, "exact")
    assert (found.value, found.low, found.high) == pytest.approx((0.25, exact.low, exact.high))
    paired = share(events, trials, persons=60, repeats=True)
    assert paired.value == 0.25
    assert "person blocks" in paired.method


def test_the_median_inverts_the_interval_of_the_curve(lung_all):
    curve = kaplan_meier(lung_all)
    median = curve.median()
    days = range(curve.observed_to + 1)
    assert median.low == next(t for t in days if curve.low[t] <= 0.5)
    assert median.high == next(t for t in days if curve.high[t] <= 0.5)


def test_a_quantile_where_the_curve_equals_the_level_is_the_first_such_month():
    """S(3) = 1/2 exactly although .8 * .75 * (5/6) is not quite .5 in binary."""
    table = life_table(lives([1] * 2 + [2] * 2 + [3] * 1 + [9] * 5, [1] * 5 + [0] * 5))
    assert kaplan_meier(table).median().value == 3


def test_a_median_whose_upper_limit_was_not_observed_keeps_its_lower_one():
    """S is .5 by the 3rd month, and nobody is seen beyond: only the lower limit is reached."""
    curve = kaplan_meier(life_table(lives([1] * 4 + [3] * 6 + [4] * 10, [1] * 10 + [0] * 10)))
    median = curve.median()
    assert (median.value, median.high) == (3, None)
    assert median.low == next(t for t in range(5) if curve.low[t] <= 0.5)
    line = Result(id="lifetimes.median", estimate=median).as_json()
    assert (line["value"], line["low"], line["high"]) == (3, median.low, None)
    assert "reason" not in line
