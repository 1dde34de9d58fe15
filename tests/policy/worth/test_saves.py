"""The price of a customer kept: printed values, heads counted, and what is impossible."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from stammkunde.errors import ParameterError
from stammkunde.policy.worth import acquisition_needed, cost_per_save, uplift_needed

pytestmark = pytest.mark.filterwarnings("error")


def test_the_printed_costs() -> None:
    found = cost_per_save(24, 0.15, np.array([0.02, 0.05, 0.10]))
    assert found == pytest.approx([1044, 432, 228], abs=1e-9)
    assert found / 24 == pytest.approx([43.5, 18, 9.5], abs=1e-9)


def test_heads_counted_one_by_one() -> None:
    """Of 1000 customers 150 leave, with the rebate 100: who pays what, for how many?"""
    paying, kept = 1000 - 100, 150 - 100
    assert cost_per_save(24, 0.15, 0.05) == pytest.approx(24 * paying / kept, rel=1e-12)


def test_who_keeps_nobody_pays_for_nothing() -> None:
    assert cost_per_save(24, 0.15, 0.0) == np.inf
    assert cost_per_save(24, 0.15, np.array([-0.1, 0.0, 0.15])).tolist() == [np.inf, np.inf, 160.0]
    assert cost_per_save(0, 0.15, np.array([0.0, 0.05])).tolist() == [0.0, 0.0]


def test_the_printed_uplifts_and_the_impossible() -> None:
    needed = uplift_needed(24, 0.15, np.array([300.0, 120.0]))
    assert needed.uplift[0] == pytest.approx(0.074, abs=5e-4)
    assert needed.uplift[1] == pytest.approx(0.2125, abs=5e-5)
    assert needed.possible.tolist() == [True, False]


def test_ten_times_cheaper_takes_customers_that_cost_1600() -> None:
    assert acquisition_needed(24, 0.15, 10) == pytest.approx(1600, abs=1e-9)
    least, below = (uplift_needed(24, 0.15, cost, 10) for cost in (1600.000001, 1599.0))
    assert least.possible
    assert not below.possible
    assert least.uplift == pytest.approx(0.15, abs=1e-6)
    # where winning costs at most ten rebates, not even a rebate that kept all would do
    never = uplift_needed(24, 0.15, np.array([240.0, 239.0, 0.0]), 10)
    assert never.uplift.tolist() == [np.inf] * 3
    assert not never.possible.any()


@pytest.mark.parametrize("times", [1.0, 2.5, 5.0])
def test_at_the_needed_uplift_keeping_costs_just_so_much(times: float) -> None:
    needed = uplift_needed(24, 0.15, 900.0, times)
    assert needed.possible
    assert cost_per_save(24, 0.15, needed.uplift) == pytest.approx(900 / times, rel=1e-12)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: cost_per_save(24, 0.15, 0.2), "more points than there are"),
        (lambda: cost_per_save(24, 0.15, -0.9), "churn with the rebate is 1.05"),
        (lambda: cost_per_save(-1, 0.15, 0.1), "the rebate is -1"),
        (lambda: cost_per_save(24, 1.15, 0.1), "the churn is 1.15"),
        (lambda: uplift_needed(24, 0.15, -1), "winning a customer is -1"),
        (lambda: uplift_needed(24, 0.15, 100, 0), "times cheaper is 0"),
        (lambda: acquisition_needed(24, 0.0, 10), "the churn is 0"),
    ],
)
def test_what_cannot_be_is_refused(call: Callable[[], object], said: str) -> None:
    with pytest.raises(ParameterError, match=said) as refused:
        call()
    assert refused.value.remedy
