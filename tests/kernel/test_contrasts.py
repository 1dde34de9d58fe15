"""Laws of contrasts: what may not change them, and what they must agree with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from stammkunde.survival.arrays import life_table_from
from stammkunde.survival.contrasts import (
    adjusted,
    against_the_rest,
    logrank,
    rmst_difference,
    rmst_ratio,
    stratified_difference,
    stratified_logrank,
    survival_difference,
)
from stammkunde.survival.kaplan_meier import kaplan_meier
from tests.kernel.arms import HORIZON, limits, some
from tests.patience import examples

# a nan or a division by 0 would print a warning
pytestmark = pytest.mark.filterwarnings("error")


@given(st.integers(0, 10**6), st.booleans())
@settings(max_examples=examples(30), deadline=None)
def test_swapping_the_arms_turns_every_contrast_round(seed, repeats):
    a, b, _ = some(seed, repeats=repeats)
    one, two = kaplan_meier(a), kaplan_meier(b)
    value, low, high = limits(rmst_ratio(one, two, HORIZON))
    back = limits(rmst_ratio(two, one, HORIZON))
    if repeats:
        # the jackknife of a ratio is not quite that of its inverse
        assert back == pytest.approx([1 / value, 1 / high, 1 / low], rel=0.02)
    else:
        assert back == pytest.approx([1 / value, 1 / high, 1 / low], rel=1e-9)
    for there, turned in (
        (survival_difference(one, two, 6), survival_difference(two, one, 6)),
        (
            stratified_difference([(a, b), (b, a)], HORIZON),
            stratified_difference([(b, a), (a, b)], HORIZON),
        ),
    ):
        value, low, high = limits(there)
        assert limits(turned) == pytest.approx([-value, -high, -low], rel=1e-9, abs=1e-12)


@given(st.integers(0, 10**6), st.booleans())
@settings(max_examples=examples(30), deadline=None)
def test_one_stratum_is_the_plain_contrast(seed, repeats):
    a, b, c = some(seed, repeats=repeats)
    whole = rmst_difference(kaplan_meier(a), kaplan_meier(b), HORIZON)
    found = stratified_difference([(a, b)], HORIZON)
    assert limits(found) == pytest.approx(limits(whole), rel=1e-9)
    assert found.se == pytest.approx(whole.se, rel=1e-9)
    assert (found.persons, found.events) == (whole.persons, whole.events)
    plain, within = logrank([a, b, c], rho=1), stratified_logrank([[a, b, c]], rho=1)
    assert (plain.statistic, plain.df, plain.p) == (within.statistic, within.df, within.p)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
@settings(max_examples=examples(30), deadline=None)
def test_the_order_of_strata_and_groups_changes_nothing(seed, other):
    first, second = some(seed), some(other, each=60)
    one = stratified_logrank([first, second], gamma=1)
    two = stratified_logrank([second[::-1], first[::-1]], gamma=1)
    assert (two.statistic, two.p) == pytest.approx((one.statistic, one.p), rel=1e-8)
    pairs = [(first[0], first[1]), (second[0], second[1])]
    there = stratified_difference(pairs, HORIZON)
    assert limits(stratified_difference(pairs[::-1], HORIZON)) == pytest.approx(limits(there))
    groups = dict(zip("abc", first, strict=True))
    found = against_the_rest(groups, HORIZON)
    again = against_the_rest(dict(reversed(groups.items())), HORIZON)
    assert {k: c.adjusted for k, c in again.items()} == {k: c.adjusted for k, c in found.items()}


@given(st.integers(0, 10**6))
@settings(max_examples=examples(30), deadline=None)
def test_twice_the_customers_have_the_same_contrasts_and_root_two_less_error(seed):
    a, b, _ = some(seed, each=120)
    once = [kaplan_meier(t) for t in (a, b)]
    twice = [kaplan_meier(t + t) for t in (a, b)]
    for contrast in (rmst_ratio, survival_difference):
        one, two = contrast(*once, HORIZON), contrast(*twice, HORIZON)
        assert (two.value, (two.se or 0) * 2**0.5) == pytest.approx((one.value, one.se))
    one, two = (stratified_difference([p, p], HORIZON) for p in ((a, b), (a + a, b + b)))
    assert (two.value, (two.se or 0) * 2**0.5) == pytest.approx((one.value, one.se))


@given(st.integers(0, 10**6), st.booleans())
@settings(max_examples=examples(30), deadline=None)
def test_a_group_against_the_rest_is_its_difference_from_their_sum(seed, repeats):
    a, b, c = some(seed, repeats=repeats)
    found = against_the_rest({"a": a, "b": b, "c": c}, HORIZON)["a"].difference
    whole = rmst_difference(kaplan_meier(a), kaplan_meier(b + c), HORIZON)
    assert (found.value, found.se) == pytest.approx((whole.value, whole.se), rel=1e-9)
    if repeats:
        assert found.replicates is not None
        assert whole.replicates is not None
        assert found.replicates.smallest == whole.replicates.smallest
        np.testing.assert_allclose(found.replicates.leave_out, whole.replicates.leave_out)
        np.testing.assert_allclose(found.replicates.draws(20), whole.replicates.draws(20))


@given(st.integers(0, 10**6), st.sampled_from([0.01, 0.08]))
@settings(max_examples=examples(30), deadline=None)
def test_two_groups_against_each_other_mirror_each_other(seed, rate):
    a, b, _ = some(seed, rate=rate)
    x, y = against_the_rest({"a": a, "b": b}, HORIZON).values()
    value, low, high = limits(x.difference)
    assert limits(y.difference) == pytest.approx([-value, -high, -low], rel=1e-9, abs=1e-12)
    assert (x.p, x.adjusted) == pytest.approx((y.p, y.adjusted), rel=1e-9)


@given(st.integers(0, 10**6), st.sampled_from([0.01, 0.04, 0.08]), st.booleans())
@settings(max_examples=examples(60), deadline=None)
def test_an_interval_leaves_out_0_where_its_p_value_says_so(seed, rate, repeats):
    tables = some(seed, groups=6, rate=rate, repeats=repeats)
    for contrast in against_the_rest(dict(zip("abcdef", tables, strict=True)), HORIZON).values():
        assert contrast.p is not None
        _, low, high = limits(contrast.difference)
        assert (low > 0 or high < 0) == (contrast.p * 6 < 0.05)


@given(st.lists(st.floats(0, 1), max_size=12))
@settings(max_examples=examples(60), deadline=None)
def test_adjusting_never_lowers_a_p_value_nor_changes_the_order(p):
    holm, false = adjusted(p), adjusted(p, "benjamini-hochberg")
    for i, x in enumerate(p):
        assert x <= false[i] * (1 + 1e-12) <= holm[i] * (1 + 1e-9) <= 1 + 1e-9
    order = np.argsort(p, kind="stable")
    assert (np.diff(np.array(holm)[order]) >= 0).all()
    assert (np.diff(np.array(false)[order]) >= 0).all()


def test_weights_of_0_are_the_plain_test_and_others_are_named():
    tables = some(1)
    assert logrank(tables, 0, 0) == logrank(tables)
    assert logrank(tables).method == "log-rank"
    assert stratified_logrank([tables], 1).method == "log-rank, 1 stratum, weights (1, 0)"


def test_early_weights_see_an_early_difference_and_late_weights_do_not():
    """Two thirds of b leave in month 1 as against half of a; all others leave alike."""
    a = life_table_from(np.repeat([1, 2, 3, 4], [60, 30, 15, 15]), np.repeat([1, 0], [105, 15]))
    b = life_table_from(np.repeat([1, 2, 3, 4], [80, 20, 10, 10]), np.repeat([1, 0], [110, 10]))
    early, late = logrank([a, b], rho=2), logrank([a, b], gamma=2)
    assert early.p < 0.02 < 0.5 < late.p


def test_repeat_spells_are_tested_by_their_blocks():
    tables = some(3, groups=2, each=300, repeats=True)
    test = stratified_logrank([tables, tables], rho=1)
    assert test.method == "log-rank, 2 strata, weights (1, 0), person blocks"
    # the same people twice: numerator and its error double together
    assert test.statistic == pytest.approx(logrank(tables, rho=1).statistic, rel=1e-9)
    plain = [replace(t, repeats=False) for t in tables]
    doubled = stratified_logrank([plain, plain], rho=1).statistic
    assert doubled == pytest.approx(2 * logrank(plain, rho=1).statistic, rel=1e-9)


def test_the_ratio_of_repeat_customers_is_paired_by_block():
    a, b = some(4, groups=2, each=300, repeats=True)
    one, two = kaplan_meier(a), kaplan_meier(b)
    found = rmst_ratio(one, two, HORIZON)
    assert found.replicates is not None
    assert found.value is not None
    x, y = one.rmst(HORIZON).replicates, two.rmst(HORIZON).replicates
    np.testing.assert_allclose(found.replicates.leave_out, x.leave_out / y.leave_out)
    se = float(found.replicates.se())
    step = stats.t.ppf(0.975, found.replicates.smallest - 1) * se / found.value
    assert (found.low, found.high) == pytest.approx(
        (found.value * np.exp(-step), found.value * np.exp(step)), rel=1e-12
    )
    assert rmst_ratio(one, one, HORIZON).se == 0
