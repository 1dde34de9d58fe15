"""What contrasts say where there is little to compare, nothing, or very much."""

from __future__ import annotations

from dataclasses import replace
from time import process_time

import numpy as np
import pytest

from stammkunde import intervals
from stammkunde.errors import NotObservedError, ParameterError, StammkundeError
from stammkunde.survival import contrasts
from stammkunde.survival.kaplan_meier import kaplan_meier
from tests.kernel.arms import HORIZON, gone, limits, some

# a nan or a division by 0 would print a warning
pytestmark = pytest.mark.filterwarnings("error")


def test_strata_without_overlap_are_named():
    a, b, _ = some(5)
    short = gone([3, 3, 2], [0, 0, 1])
    with pytest.raises(NotObservedError, match=r"month 10 in 1 of 2 strata \(stratum 2\)"):
        contrasts.stratified_difference([(a, b), (a, short)], HORIZON)
    named = [replace(t, group={"tariff": "flex", "arm": x}) for t, x in ((a, "n"), (short, "y"))]
    with pytest.raises(NotObservedError, match=r"1 of 2 strata \(tariff flex\)"):
        contrasts.stratified_difference([(a, b), (named[0], named[1])], HORIZON)
    with pytest.raises(NotObservedError, match=r"7 of 7 strata \(.*stratum 5 and 2 more\)"):
        contrasts.stratified_difference([(a, None)] * 7, HORIZON)


def test_a_stratified_difference_of_few_repeat_customers_has_a_reason():
    a, b = some(6, groups=2, each=300, repeats=True)
    c, d = some(7, groups=2, each=6, repeats=True)
    found = contrasts.stratified_difference([(a, b), (c, d)], 3)
    assert (found.value, found.low, found.reason) == (None, None, "too_few_persons")


def test_few_events_in_a_stratum_put_the_limits_together():
    a, b, _ = some(8)
    quiet = gone([12] * 30, [0] * 30)
    found = contrasts.stratified_difference([(a, b), (quiet, quiet)], HORIZON)
    assert found.se is None
    assert found.method.endswith("limits combined")
    value, low, high = limits(found)
    wide = contrasts.stratified_difference([(a, b), (a, b)], HORIZON)
    assert low < value < high
    assert wide.method.endswith("Greenwood")
    halves = contrasts.rmst_difference(kaplan_meier(a), kaplan_meier(b), HORIZON)
    share = (a.spells.sum() + b.spells.sum()) / (a.spells.sum() + b.spells.sum() + 60)
    assert value == pytest.approx(share * (halves.value or 0), rel=1e-12)


def test_where_all_have_left_the_limits_of_a_difference_are_put_together():
    nobody = gone([1, 2, 3] * 10, [1] * 30)
    others = gone([1, 2, 3, 5] * 10, [1, 1, 1, 0] * 10)
    found = contrasts.survival_difference(kaplan_meier(nobody), kaplan_meier(others), 3)
    value, low, high = limits(found)
    assert value == -0.25
    assert low < -0.25 < high
    assert found.method == "difference of shares, limits combined"


ONE = gone([4], [1])
STAYING = gone([12] * 9, [0] * 9)
AT_ONCE = gone([1] * 9, [1] * 9)


@pytest.mark.parametrize("horizon", [1, 2, 4])
@pytest.mark.parametrize("table", [ONE, STAYING], ids=["one", "staying"])
def test_one_customer_and_a_group_without_leavers_have_finite_limits(table, horizon):
    other = some(9)[0]
    one, two = kaplan_meier(table), kaplan_meier(other)
    for found in (
        contrasts.rmst_difference(one, two, horizon),
        contrasts.rmst_ratio(one, two, horizon),
        contrasts.rmst_ratio(two, one, horizon),
        contrasts.survival_difference(one, two, horizon),
        contrasts.stratified_difference([(table, other), (other, table)], horizon),
        contrasts.against_the_rest({"a": table, "b": other}, horizon)["a"].difference,
    ):
        value, low, high = limits(found)
        assert low <= value <= high


def test_all_leaving_at_once_is_compared_with_finite_limits():
    found = contrasts.against_the_rest({"a": AT_ONCE, "b": some(9)[0]}, 1)["a"]
    assert limits(found.difference) == [0, 0, 0]
    assert found.p == 1
    found = contrasts.against_the_rest(
        {"a": gone([1] * 9 + [9], [1] * 9 + [0]), "b": some(9)[0]}, 6
    )["a"]
    assert found.p is not None
    assert found.p < 0.05
    assert limits(found.difference)[2] < 0


def test_the_test_of_groups_that_all_stay_or_leave_at_once_is_refused():
    for tables in ([STAYING, STAYING], [AT_ONCE, AT_ONCE], [STAYING, gone([3], [0])]):
        with pytest.raises(NotObservedError, match="never at risk together"):
            contrasts.logrank(tables)
    with pytest.raises(NotObservedError, match="nobody is in any"):
        contrasts.stratified_logrank([[None, None]])


def test_a_group_not_observed_so_long_has_a_reason_and_is_no_test():
    a, b, c = some(10)
    found = contrasts.against_the_rest(
        {"a": a, "b": b, "c": c, "short": gone([3, 2], [0, 1])}, HORIZON
    )
    short = found["short"]
    assert (short.difference.value, short.difference.reason) == (None, "not_observed")
    assert (short.p, short.adjusted) == (None, None)
    assert found["a"].difference.method.endswith("Bonferroni over 3 groups")
    alone = contrasts.against_the_rest({"a": a, "short": gone([3, 2], [0, 1])}, HORIZON)
    assert {c.difference.reason for c in alone.values()} == {"not_observed"}


def test_too_few_repeat_customers_have_a_reason():
    a, b = some(11, groups=2, each=200, repeats=True)
    found = contrasts.against_the_rest(
        {"a": a, "b": b, "c": some(12, groups=1, each=8, repeats=True)[0]}, 3
    )
    assert found["c"].difference.reason == "too_few_persons"
    assert found["a"].p is not None


@pytest.mark.parametrize("repeats", [False, True])
def test_five_hundred_groups_take_less_than_a_second(repeats):
    tables = {str(i): t for i, t in enumerate(some(13, groups=500, each=60, repeats=repeats))}
    start = process_time()
    found = contrasts.against_the_rest(tables, 18)
    seconds = process_time() - start
    assert len(found) == 500
    for contrast in found.values():
        assert contrast.p is not None
        assert contrast.adjusted is not None
        _, low, high = limits(contrast.difference)
        assert low < high
    assert seconds < 1


def test_five_hundred_groups_are_tested_or_refused_in_a_sentence():
    tables = some(14, groups=500, each=20)
    assert contrasts.logrank(tables).df == 499
    repeats = some(15, groups=300, each=40, repeats=True)
    with pytest.raises(NotObservedError, match="300 groups are too many"):
        contrasts.logrank(repeats)


def test_limits_of_a_sum_are_those_of_its_parts():
    low, high = intervals.mover(
        np.array([1.0, -1.0]), np.array([5.0, 3.0]), np.array([2.0, 2.0]), np.array([6.0, 7.0])
    )
    assert (low, high) == (2 - 5, pytest.approx(2 + 2**0.5))
    together = np.ones((2, 2))
    value, reach = np.array([5.0, 3.0]), np.array([1.0, 1.0])
    same = intervals.mover(np.array([1.0, -1.0]), value, value - reach, value + reach, together)
    assert same == (2, 2), "what moves together does not change its difference"


def test_the_logit_interval_is_symmetric_about_the_middle():
    low, high = intervals.logit(np.array([3.0, 9.0]), np.array([1.0, 1.0]), 1.96, 12.0)
    assert low == pytest.approx(12 - high[::-1], rel=1e-12)
    assert (low > 0).all()
    assert (high < 12).all()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda t: contrasts.logrank(t, rho=-1), "at least 0, not -1 and 0"),
        (lambda t: contrasts.logrank(t, gamma=float("nan")), "not 0 and nan"),
        (lambda t: contrasts.logrank(t[:1]), "at least two groups"),
        (lambda t: contrasts.stratified_logrank([]), "at least one stratum"),
        (lambda t: contrasts.stratified_logrank([t, t[:2]]), "same groups"),
        (lambda t: contrasts.stratified_logrank([t, [replace(x, unit="day") for x in t]]), "days"),
        (lambda t: contrasts.stratified_difference([], 3), "at least one stratum"),
        (lambda t: contrasts.stratified_difference([(t[0], t[1])], 0), "at least 1, not 0"),
        (lambda t: contrasts.stratified_difference([(t[0], t[1])], 3, errors="block"), "`blocks`"),
        (lambda t: contrasts.against_the_rest({"a": t[0]}, 3), "at least two groups"),
        (lambda t: contrasts.against_the_rest({"a": t[0], "b": t[1]}, 0), "at least 1, not 0"),
        (
            lambda t: contrasts.against_the_rest({"a": t[0], "b": t[1]}, 3, level=95),
            "between 0 and 1",
        ),
        (lambda t: contrasts.adjusted([0.5], "hulm"), "Did you mean `holm`"),
        (lambda t: contrasts.adjusted([0.5, float("nan")]), "outside 0 to 1"),
        (
            lambda t: contrasts.rmst_ratio(kaplan_meier(t[0]), kaplan_meier(t[1], level=0.9), 3),
            "level 0.95",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(call, said):
    with pytest.raises(ParameterError, match=said):
        call(some(16))


def test_no_error_is_of_another_kind():
    curve = kaplan_meier(some(17)[0])
    with pytest.raises(StammkundeError, match="month 99 was asked for"):
        contrasts.rmst_ratio(curve, curve, 99)
    with pytest.raises(ParameterError, match="survival curves, and one is of hazard"):
        contrasts.survival_difference(curve, replace(curve, kind="hazard"), 3)
