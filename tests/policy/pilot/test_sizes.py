"""Sizes of pilots: printed values, laws, and what the formulas are made of."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.errors import ParameterError
from stammkunde.policy.pilot import (
    Size,
    Wanted,
    by_logrank,
    by_months,
    by_shares,
    detectable_months,
    events_needed,
    followed,
    in_clusters,
    leaving,
    months_variance,
    treated_curve,
)
from stammkunde.policy.pilot.followed import Meaning
from tests.patience import examples

pytestmark = pytest.mark.filterwarnings("error")

RATIOS = np.array([0.9, 0.8, 0.7])
YEAR = 0.98 ** np.arange(13)
THREE_YEARS = 0.98 ** np.arange(37)


def test_the_printed_events() -> None:
    assert np.ceil(events_needed(RATIOS)).tolist() == [2829, 631, 247]


@pytest.mark.parametrize(
    ("meaning", "printed"),
    [("survival", [13_752, 3220, 1329]), ("hazard", [13_758, 3223, 1331])],
)
def test_the_printed_customers(meaning: Meaning, printed: list[int]) -> None:
    size = by_logrank(YEAR, RATIOS, meaning=meaning)
    assert size.total.round().tolist() == printed
    # whole customers in each arm, and never fewer than the formula asks for
    assert (size.treated == size.control).all()
    assert (size.customers >= size.total).all()
    assert (size.customers - size.total < 2).all()
    assert size.events is not None
    assert size.events == pytest.approx(events_needed(RATIOS), rel=1e-15)


def test_the_printed_shares() -> None:
    assert by_shares(0.15, 0.12).treated == 2036
    assert by_shares(0.15, 0.12).control == 2036
    assert by_shares(0.15, 0.12, pooled=False).treated == 2033
    assert by_shares(0.12, 0.15).treated == 2036


def test_shares_by_the_formula_of_unlike_arms() -> None:
    """One of three is treated: variances of the means, added by hand."""
    found = by_shares(0.15, 0.12, Wanted(treated=1 / 3), pooled=False)
    apart = 0.12 * 0.88 * 3 + 0.15 * 0.85 * 1.5
    assert found.total == pytest.approx((1.959964 + 0.841621) ** 2 * apart / 0.0009, rel=1e-6)
    assert found.control == pytest.approx(2 * found.treated, abs=1)
    tenth = by_shares(0.15, 0.12, lost=0.1).total
    assert tenth == pytest.approx(by_shares(0.15, 0.12).total / 0.9, rel=1e-14)


def test_both_meanings_of_a_ratio() -> None:
    by_hazard, by_survival = (treated_curve(YEAR, 0.8, m) for m in ("hazard", "survival"))
    assert by_hazard == pytest.approx(0.984 ** np.arange(13), rel=1e-13)
    assert by_survival == pytest.approx(YEAR**0.8, rel=1e-14)
    for meaning in ("hazard", "survival"):
        assert treated_curve(YEAR, 1.0, meaning) == pytest.approx(YEAR, rel=1e-13)
        gone = treated_curve(np.array([1.0, 0.5, 0.0, 0.0]), 1.0, meaning)
        assert gone.tolist() == [1.0, 0.5, 0.0, 0.0]
    draws = treated_curve(np.stack([YEAR, YEAR**2]), np.array([0.8, 0.5]))
    assert draws[1] == pytest.approx(treated_curve(YEAR**2, 0.5), rel=1e-15)


def test_the_variance_is_that_of_a_life_cut_at_the_horizon() -> None:
    lives = np.arange(1, 37)
    chance = -np.diff(THREE_YEARS)
    chance[-1] += THREE_YEARS[-1]
    mean = (lives * chance).sum()
    plain = ((lives - mean) ** 2 * chance).sum()
    assert mean == pytest.approx(THREE_YEARS[:36].sum(), rel=1e-12)
    assert months_variance(THREE_YEARS, 36) == pytest.approx(plain, rel=1e-12)
    # one unit is paid for sure; two are, or one
    assert months_variance(THREE_YEARS, 1) == 0
    assert months_variance(THREE_YEARS, 2) == pytest.approx(0.02 * 0.98, rel=1e-12)


def test_a_variance_in_fractions_with_customers_out_of_sight() -> None:
    """S = 1, 1/2, 1/4; all are in sight in unit 1, half of them in unit 2."""
    curve, seen = np.array([1.0, 0.5, 0.25, 0.25]), np.array([1.0, 0.5, 0.5])
    first = Fraction(3, 4) ** 2 * (Fraction(1, 2) / (1 * Fraction(1, 2)))
    second = Fraction(1, 4) ** 2 * (Fraction(1, 8) / (Fraction(1, 4) * Fraction(1, 8)))
    found = months_variance(curve, 3, seen)
    assert found == pytest.approx(float(first + second), rel=1e-14)
    assert found > months_variance(curve, 3)


def test_months_and_their_size_are_one_formula() -> None:
    size = by_months(THREE_YEARS, 1.5, 36)
    apart = (1.9599640 + 0.8416212) ** 2 * 4 * months_variance(THREE_YEARS, 36) / 1.5**2
    assert size.total == pytest.approx(apart, rel=1e-7)
    assert detectable_months(THREE_YEARS, size.total, 36) == pytest.approx(1.5, rel=1e-12)
    better = treated_curve(THREE_YEARS, 0.8)
    own = by_months(THREE_YEARS, 1.5, 36, Wanted(treated=0.25), treated=better)
    spread = months_variance(THREE_YEARS, 36) / 0.75 + months_variance(better, 36) / 0.25
    assert own.total == pytest.approx(size.total * spread / (4 * months_variance(THREE_YEARS, 36)))
    draws = np.stack([THREE_YEARS, better])
    found = by_months(draws, np.array([1.5, 3.0]), 36).total
    assert found[0] == size.total
    assert found[1] == by_months(better, 3.0, 36).total


def test_who_is_in_sight() -> None:
    assert followed(4).tolist() == [1.0] * 4
    assert followed(3, lost=0.1) == pytest.approx([1.0, 0.9, 0.81], rel=1e-15)
    # in each of four units a quarter enters, and the pilot closes with unit 5
    assert followed(4, entering=4, closes=5).tolist() == [1.0, 1.0, 0.75, 0.5]
    assert followed(4, entering=4).tolist() == [1.0] * 4
    both = followed(3, lost=np.array([0.0, 0.1]), entering=2, closes=2)
    assert both == pytest.approx(np.array([[1.0, 0.5, 0.0], [1.0, 0.45, 0.0]]), rel=1e-15)


def test_who_leaves_unseen_makes_the_pilot_larger() -> None:
    seen = followed(12, lost=0.01, entering=6, closes=12)
    gone = leaving(YEAR, 0.8, seen=seen)
    plain = [0.0]
    for t in range(12):
        one, two = (-np.diff(s)[t] for s in (YEAR, treated_curve(YEAR, 0.8)))
        plain.append(plain[-1] + (one + two) / 2 * seen[t])
    assert gone == pytest.approx(plain, rel=1e-12)
    size, whole = by_logrank(YEAR, 0.8, seen=seen), by_logrank(YEAR, 0.8)
    assert size.total == pytest.approx(whole.total * leaving(YEAR, 0.8)[-1] / gone[-1], rel=1e-12)
    assert (
        by_months(YEAR, 0.5, 12, seen=followed(12, lost=0.02)).total
        > by_months(YEAR, 0.5, 12).total
    )


@settings(max_examples=examples(40), deadline=None)
@given(ratio=st.floats(0.3, 0.97), hazard=st.floats(0.005, 0.2), share=st.floats(0.1, 0.9))
def test_smaller_effects_and_uneven_arms_need_more(
    ratio: float, hazard: float, share: float
) -> None:
    curve = (1 - hazard) ** np.arange(13)
    size = by_logrank(curve, ratio).total
    assert by_logrank(curve, (1 + ratio) / 2).total > size
    assert by_logrank(curve, ratio, Wanted(power=0.9)).total > size
    uneven, months = Wanted(treated=share), by_months(curve, 0.3, 12)
    assert events_needed(ratio, uneven) >= events_needed(ratio) * (1 - 1e-12)
    assert by_months(curve, 0.3, 12, uneven).total >= months.total * (1 - 1e-12)
    assert by_months(curve, 0.6, 12).total == pytest.approx(months.total / 4, rel=1e-12)


def test_clusters_count_for_less() -> None:
    size = Size(np.asarray(1000.0), 0.5, np.asarray(100.0))
    assert in_clusters(size, 1, 0.3).total == pytest.approx(1000, rel=1e-12)
    assert in_clusters(size, 50, 0.0).total == 1000
    larger = in_clusters(size, 50, 0.02)
    assert larger.total == pytest.approx(1980, rel=1e-12)
    assert larger.events == pytest.approx(198, rel=1e-12)
    assert in_clusters(size, 50, 0.02, 0.5).total == pytest.approx(1000 * (1 + 61.5 * 0.02))
    # customers of one cluster who are all alike are one customer
    assert in_clusters(size, 50, 1.0).total == pytest.approx(50_000, rel=1e-12)


def test_the_variance_among_clusters_is_what_they_count_for_less() -> None:
    """20 customers of each cluster, of whom a beta share leaves: rho = 1 / (a + b + 1)."""
    rng = np.random.default_rng(2)
    share = rng.beta(3.0, 16.0, (4000, 30))
    means = rng.binomial(20, share).sum(axis=1) / 600
    p = 3 / 19
    larger = means.var() / (p * (1 - p) / 600)
    told = in_clusters(Size(np.asarray(1.0), 0.5), 20, 1 / 20).total
    assert abs(larger - told) < 3.5 * told * np.sqrt(2 / 4000)


def test_sizes_are_whole_but_for_rounding() -> None:
    size = Size(np.asarray(2000.0000000001), 0.5)
    assert [int(n) for n in (size.treated, size.control, size.customers)] == [1000, 1000, 2000]
    third = Size(np.asarray(2000.0), 1 / 3)
    assert [int(n) for n in (third.treated, third.control)] == [667, 1334]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: Wanted(treated=1.0), "share of 1 is to be treated"),
        (lambda: Wanted(error=0.0), "an error of 0"),
        (lambda: Wanted(power=0.02), "power of 0.02"),
        (lambda: events_needed(1.0), "effect of nothing"),
        (lambda: events_needed(0.0), "ratio of hazards is 0"),
        (lambda: by_shares(0.1, 0.1), "effect of nothing"),
        (lambda: by_shares(0.1, 0.2, lost=1.0), "seen to the end is 0"),
        (lambda: by_shares(1.1, 0.2), "share of the control is 1.1"),
        (lambda: by_months(YEAR, 0.0, 12), "effect of nothing"),
        (lambda: by_months(YEAR, float("nan"), 12), "difference in units is nan"),
        (lambda: by_months(YEAR, 1.0, 14), "a horizon of 14, and the curve ends with unit 12"),
        (lambda: by_months(YEAR, 1.0, 0), "a horizon of 0"),
        (lambda: months_variance(YEAR, 12, followed(12, entering=6, closes=6)), "in sight for"),
        (lambda: months_variance(YEAR, 12, np.ones(5)), "not given for all of 12"),
        (lambda: months_variance(YEAR, 12, np.linspace(0.5, 1, 12)), "more are in sight"),
        (lambda: months_variance(YEAR[::-1], 12), "do not fall from 1"),
        (lambda: months_variance(np.array([1.0]), 1), "without a unit"),
        (lambda: by_logrank(np.ones(13), 0.8), "leaves within the pilot is 0"),
        (lambda: by_logrank(0.4 ** np.arange(5), 2.0), "hazard with the offer is 1.2"),
        (lambda: followed(0), "0 units of following"),
        (lambda: followed(12, entering=6, closes=5), "closes with unit 5"),
        (lambda: followed(12, lost=1.5), "the share lost is 1.5"),
        (lambda: in_clusters(by_shares(0.1, 0.2), 0.5, 0.1), "members is 0.5"),
    ],
)
def test_what_cannot_be_is_refused(call: Callable[[], object], said: str) -> None:
    with pytest.raises(ParameterError, match=said) as refused:
        call()
    assert refused.value.remedy
