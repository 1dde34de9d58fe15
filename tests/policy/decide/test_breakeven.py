"""Break-evens of the reference case: printed values, brute force, identities and corners."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.errors import ParameterError
from stammkunde.policy.decide import (
    breakeven_lift,
    breakeven_loyalty,
    newcomer_value,
    paid_months,
    payback,
)
from stammkunde.policy.worth import break_even_rebate
from tests.patience import examples

MARGIN, INTEREST, HAZARD, COST, REBATE, MONTHS = 30, 0.1, 0.02, 120, 10, 12
SURVIVAL = (1 - HAZARD) ** np.arange(60)
hazards = st.floats(0.001, 0.5)
rates = st.floats(0.001, 0.5)


def by_month(rebate: float) -> np.ndarray:
    margins = np.full(60, float(MARGIN))
    margins[:MONTHS] -= rebate
    return margins


def test_the_worked_values_of_a_newcomer() -> None:
    plain = newcomer_value(MARGIN, HAZARD, INTEREST, COST)
    rebate = newcomer_value(REBATE, HAZARD, INTEREST, months=MONTHS)
    assert round(float(paid_months(HAZARD, INTEREST)), 4) == 36.0324
    assert round(float(plain), 2) == 960.97
    assert round(float(rebate), 2) == 103.28
    assert round(float(plain - rebate), 2) == 857.69
    assert round(float(breakeven_lift(plain, plain - rebate)), 4) == 1.1204


def test_the_worked_months_of_payback() -> None:
    for rebate, months in ((0, (4, 5, 5)), (REBATE, (6, 7, 7))):
        found = payback(by_month(rebate), SURVIVAL, INTEREST, COST)
        assert [float(x) for x in (found.plain, found.surviving, found.discounted)] == list(months)


def test_the_worked_loyalty() -> None:
    found = breakeven_loyalty(MARGIN, 3, HAZARD, INTEREST)
    assert round(float(found.hazard), 6) == 0.017203
    assert round(float(found.ratio), 3) == 0.860
    assert round(float(found.churn_before), 4) == 0.2153
    assert round(float(found.churn_after), 4) == 0.1880
    assert found.possible


def test_sums_of_200_000_months_agree() -> None:
    v = (1 + INTEREST) ** (-1 / 12)
    t = np.arange(200_000)
    terms = v**t * (1 - HAZARD) ** t
    assert paid_months(HAZARD, INTEREST) == pytest.approx(terms.sum(), rel=1e-12)
    assert paid_months(HAZARD, INTEREST, 12) == pytest.approx(terms[:12].sum(), rel=1e-12)
    found = breakeven_loyalty(MARGIN, 3, HAZARD, INTEREST)
    loyal = v**t * (1 - float(found.hazard)) ** t
    assert (MARGIN - 3) * loyal.sum() == pytest.approx(MARGIN * terms.sum(), rel=1e-10)


def test_payback_month_by_month() -> None:
    """Counted out with a loop, in three ways."""
    v = (1 + INTEREST) ** (-1 / 12)
    for rebate in (0, 5, 10, 25):
        found = payback(by_month(rebate), SURVIVAL, INTEREST, COST)
        for got, stay, worth in (
            (found.plain, 1.0, 1.0),
            (found.surviving, 1 - HAZARD, 1.0),
            (found.discounted, 1 - HAZARD, v),
        ):
            total, month = 0.0, 0
            while total < COST:
                total += by_month(rebate)[month] * stay**month * worth**month
                month += 1
            assert got == month


@settings(max_examples=examples(100))
@given(st.floats(1, 100), st.floats(0, 0.9), hazards, rates)
def test_the_loyalty_a_rebate_needs_is_that_for_which_it_breaks_even(
    margin: float, part: float, hazard: float, rate: float
) -> None:
    """The inverse of the break-even rebate."""
    rebate = part * margin
    found = breakeven_loyalty(margin, rebate, hazard, rate)
    before = margin * paid_months(hazard, rate)
    if found.possible:
        after = (margin - rebate) * paid_months(found.hazard, rate)
        assert after == pytest.approx(float(before), rel=1e-9)
        again = break_even_rebate(margin, hazard, found.ratio, rate)
        assert float(again) == pytest.approx(rebate, rel=1e-6, abs=1e-9 * margin)
    else:
        assert (margin - rebate) * paid_months(0.0, rate) < before


@settings(max_examples=examples(50))
@given(st.floats(1, 100), hazards, rates, st.integers(0, 60))
def test_first_months_and_what_follows_are_the_whole(
    margin: float, hazard: float, rate: float, months: int
) -> None:
    v = (1 + rate) ** (-1 / 12)
    later = (v * (1 - hazard)) ** months * paid_months(hazard, rate)
    parts = paid_months(hazard, rate, months) + later
    assert parts == pytest.approx(float(paid_months(hazard, rate)), rel=1e-9)
    assert newcomer_value(margin, hazard, rate, months=months) == pytest.approx(
        float(margin * paid_months(hazard, rate, months))
    )


def test_draws_come_first_and_each_is_its_own() -> None:
    hazard = np.array([0.01, 0.02, 0.05])
    survival = (1 - hazard[:, None]) ** np.arange(60)
    found = payback(by_month(REBATE), survival, INTEREST, np.array([120.0, 120.0, 1e6]))
    assert found.plain.tolist() == [6.0, 6.0, np.inf]
    one = payback(by_month(REBATE), survival[1], INTEREST, COST)
    assert found.discounted[1] == one.discounted
    loyal = breakeven_loyalty(30, np.array([0.0, 3.0, 29.0]), hazard, INTEREST)
    assert loyal.hazard.shape == (3,)
    assert loyal.hazard[0] == pytest.approx(0.01)
    assert loyal.possible.tolist() == [True, True, False]
    assert (loyal.hazard[2], loyal.churn_after[2]) == (0.0, 0.0)


def test_money_scales_and_months_do_not() -> None:
    one = payback(by_month(REBATE), SURVIVAL, INTEREST, COST)
    large = payback(1e6 * by_month(REBATE), SURVIVAL, INTEREST, 1e6 * COST)
    assert one == large
    assert breakeven_loyalty(3e7, 3e6, HAZARD, INTEREST).hazard == pytest.approx(
        float(breakeven_loyalty(30, 3, HAZARD, INTEREST).hazard), rel=1e-12
    )


def test_an_offer_that_costs_and_does_nothing_needs_nothing() -> None:
    assert breakeven_lift(500.0, 500.0) == 1.0
    free = breakeven_loyalty(MARGIN, 0, HAZARD, INTEREST)
    assert free.ratio == pytest.approx(1.0, abs=1e-12)
    assert free.churn_after == pytest.approx(float(free.churn_before), abs=1e-12)


def test_the_corners_of_a_lift() -> None:
    # worth nothing without it, worth winning with it: any number will do
    without, with_offer = [100.0, -5.0, 100.0, -5.0], [50.0, 20.0, -1.0, -9.0]
    assert breakeven_lift(without, with_offer).tolist() == [2.0, 0.0, np.inf, 0.0]


def test_the_corners_of_payback() -> None:
    survival = np.ones(3)
    assert payback([40.0], survival, 0.0, 120).plain == 3
    assert payback([39.0], survival, 0.0, 120).plain == np.inf
    assert payback([40.0], survival, 0.0, 0.0).plain == 0
    assert payback([-1.0], survival, 0.0, 5.0).surviving == np.inf
    # tenths do not add up exactly in the machine
    assert payback([0.1], np.ones(12), 0.0, 1.0).plain == 10


def test_months_without_end_are_refused_but_may_be_counted() -> None:
    assert paid_months(0.0, 0.0, 24) == 24
    for wrong in (
        lambda: paid_months(0.0, 0.0),
        lambda: paid_months(1.1, 0.1),
        lambda: paid_months(0.1, -1.0),
        lambda: paid_months(0.1, 0.1, -1),
        lambda: newcomer_value(np.nan, 0.1, 0.1),
        lambda: payback([30.0], [1.0, 1.1], 0.1, 100),
        lambda: payback([30.0], [0.9, 0.95], 0.1, 100),
        lambda: payback([30.0], [], 0.1, 100),
        lambda: payback([np.inf], [1.0], 0.1, 100),
        lambda: breakeven_loyalty(30, 31, 0.02, 0.1),
        lambda: breakeven_loyalty(30, -1, 0.02, 0.1),
        lambda: breakeven_loyalty(0, 0, 0.02, 0.1),
        lambda: breakeven_lift(np.nan, 1.0),
    ):
        with pytest.raises(ParameterError) as refused:
            wrong()
        assert refused.value.remedy
