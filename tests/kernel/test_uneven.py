"""Strata in which the difference itself differs: R's values, fractions, and laws."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.survival.arrays import life_table_from, life_tables_from
from stammkunde.survival.contrasts import (
    beyond_the_mix,
    heterogeneity,
    rmst_difference,
    stratified_difference,
    stratum_differences,
)
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.table import LifeTable
from tests.kernel.arms import HORIZON, limits, some
from tests.patience import examples
from tests.reference.stored import stored

pytestmark = pytest.mark.filterwarnings("error")
F = Fraction


def leaving(first: int, second: int, later: int, times: int = 1) -> LifeTable:
    """Return customers who leave in month 1, in month 2, or are seen to month 3, in own blocks."""
    exits = np.tile(np.repeat([1, 2, 3], [first, second, later]), times)
    return life_table_from(exits, exits < 3, block=np.arange(len(exits)))


A, B, TWICE = leaving(5, 1, 4), leaving(3, 3, 6), leaving(3, 3, 6, times=2)
STRATA = [(A, B), (B, TWICE)]


@pytest.fixture(scope="module")
def r():
    return stored("uneven.json")


@pytest.fixture(scope="module")
def grades(r):
    """Pairs (women, men) of lung by grade, every patient in a block of his own."""
    exits, died, woman, grade = (np.array(r[k]) for k in ("time", "died", "woman", "grade"))
    found = life_tables_from(exits, died, 2 * grade + 1 - woman, 6, block=np.arange(len(exits)))
    return [(found[2 * g], found[2 * g + 1]) for g in range(3)]


def test_differences_of_strata_and_their_test_are_rs(r, grades):
    found = stratum_differences(grades, 365)
    assert [e.value for e in found] == pytest.approx(r["grades.difference"], rel=1e-9)
    assert [e.se for e in found] == pytest.approx(r["grades.se"], rel=1e-9)
    test = heterogeneity(grades, 365)
    assert test.statistic == pytest.approx(r["grades.q"][0], rel=1e-9)
    assert (test.df, test.p) == (2, pytest.approx(r["grades.p"][0], rel=1e-9))


def test_what_goes_beyond_the_mix_is_rs_with_each_patient_left_out_in_turn(r, grades):
    found = beyond_the_mix(grades, 365)
    assert [e.value for e in found] == pytest.approx(r["beyond"], rel=1e-8)
    assert [e.se for e in found] == pytest.approx(r["beyond.se"], rel=1e-8)


def test_the_differences_by_hand():
    """-7/20 with variance 89/1000 + 11/192, and 0 with 11/192 + 11/384."""
    one, two = stratum_differences(STRATA, 3)
    assert one.value == pytest.approx(-0.35, rel=1e-13)
    assert two.value == pytest.approx(0, abs=1e-13)
    variances = F(89, 1000) + F(11, 192), F(11, 192) + F(11, 384)
    test = heterogeneity(STRATA, 3)
    q = float(F(7, 20) ** 2 / sum(variances))
    assert test.statistic == pytest.approx(q, rel=1e-12)
    assert test.p == pytest.approx(stats.chi2.sf(q, 1), rel=1e-12)


def test_beyond_the_mix_by_hand():
    """Arms of 10 and 12, 12 and 24: plain 23/11 - 9/4; within, by 10/22 and by 12/36 of -7/20.

    The second arm leaves alike in both strata, so by the first arm's mix nothing is beyond.
    """
    first, second = beyond_the_mix(STRATA, 3)
    plain = F(23, 11) - F(9, 4)
    assert F(10, 22) * F(-7, 20) == plain
    assert first.value == pytest.approx(0, abs=1e-13)
    assert second.value == pytest.approx(float(F(1, 3) * F(-7, 20) - plain), rel=1e-12)


@given(st.integers(0, 10**6), st.booleans())
@settings(max_examples=examples(30), deadline=None)
def test_swapping_the_arms_turns_all_round(seed, repeats):
    a, b, c = some(seed, repeats=repeats)
    there, back = [(a, b), (c, a)], [(b, a), (a, c)]
    for one, two in zip(
        stratum_differences(there, HORIZON), stratum_differences(back, HORIZON), strict=True
    ):
        value, low, high = limits(one)
        assert limits(two) == pytest.approx([-value, -high, -low], rel=1e-9, abs=1e-12)
    test, turned = heterogeneity(there, HORIZON), heterogeneity(back, HORIZON)
    assert turned.statistic == pytest.approx(test.statistic, rel=1e-9)
    for one, two in zip(
        beyond_the_mix(there, HORIZON), reversed(beyond_the_mix(back, HORIZON)), strict=True
    ):
        value, low, high = limits(one)
        assert limits(two) == pytest.approx([-value, -high, -low], rel=1e-9, abs=1e-10)


@given(st.integers(0, 10**6), st.booleans())
@settings(max_examples=examples(30), deadline=None)
def test_the_order_of_the_strata_does_not_matter(seed, repeats):
    a, b, c = some(seed, repeats=repeats)
    strata = [(a, b), (b, c), (c, a)]
    plain, turned = heterogeneity(strata, HORIZON), heterogeneity(strata[::-1], HORIZON)
    assert turned.statistic == pytest.approx(plain.statistic, rel=1e-8)
    for one, two in zip(
        beyond_the_mix(strata, HORIZON), beyond_the_mix(strata[::-1], HORIZON), strict=True
    ):
        assert limits(two) == pytest.approx(limits(one), rel=1e-9, abs=1e-10)


@given(st.integers(0, 10**6))
@settings(max_examples=examples(30), deadline=None)
def test_the_average_over_all_lies_between_those_of_the_arms_mixes(seed):
    a, b, c = some(seed)
    strata = [(a, b), (b + b, c)]
    own = stratified_difference(strata, HORIZON).value
    plain = rmst_difference(kaplan_meier(a + b + b), kaplan_meier(b + c), HORIZON).value
    ends = [e.value + plain for e in beyond_the_mix(strata, HORIZON)]
    assert min(ends) - 1e-9 <= own <= max(ends) + 1e-9


@given(st.integers(0, 10**6))
@settings(max_examples=examples(20), deadline=None)
def test_twice_the_customers_have_the_same_differences_and_twice_the_statistic(seed):
    a, b, c = some(seed)
    once, twice = [(a, b), (b, c)], [(a + a, b + b), (b + b, c + c)]
    assert heterogeneity(twice, HORIZON).statistic == pytest.approx(
        2 * heterogeneity(once, HORIZON).statistic, rel=1e-9
    )
    for one, two in zip(beyond_the_mix(once, HORIZON), beyond_the_mix(twice, HORIZON), strict=True):
        assert limits(two) == pytest.approx(limits(one), rel=1e-9, abs=1e-10)


def test_equal_strata_of_equal_mix_have_nothing_beyond():
    first, second = beyond_the_mix([(A, B), (A, B)], 3)
    assert [first.value, second.value] == pytest.approx([0, 0], abs=1e-13)
    assert heterogeneity([(A, B), (A, B)], 3).statistic == pytest.approx(0, abs=1e-20)


def test_with_few_leavers_there_is_a_reason_and_no_value():
    few = leaving(1, 1, 10)
    first, second = beyond_the_mix([(few, few)], 3)
    assert (first.value, first.reason, second.reason) == (None, "too_few_events", "too_few_events")
    with pytest.raises(NotObservedError, match="too few persons or leavers"):
        heterogeneity([(few, A), (A, B)], 3)


def test_in_few_blocks_there_is_a_reason_and_no_value():
    lumped = life_table_from(np.repeat([1, 2, 3], [5, 5, 5]), np.repeat([1, 1, 0], 5))
    first, _ = beyond_the_mix([(lumped, lumped)], 3)
    assert (first.value, first.reason) == (None, "too_few_persons")
    with pytest.raises(NotObservedError, match="too few persons or leavers"):
        heterogeneity([(lumped, A), (A, lumped)], 3, errors="blocks")


def test_one_stratum_cannot_differ_from_itself():
    with pytest.raises(ParameterError, match="two or more"):
        heterogeneity([(A, B)], 3)


def test_strata_without_both_arms_are_named():
    with pytest.raises(NotObservedError, match="cannot be compared"):
        heterogeneity([(A, B), (A, None)], 3)
    with pytest.raises(NotObservedError, match="cannot be compared"):
        beyond_the_mix([(A, None)], 3)
