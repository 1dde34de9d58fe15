"""Bounds without assumptions: printed values, fractions, and coverage of what they hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.errors import DataError, ParameterError
from stammkunde.evidence.doubt.bounds import (
    effect_bounds,
    mean_bounds,
    months_bounds,
    share_bounds,
    two_phase,
)
from stammkunde.survival.kaplan_meier import kaplan_meier
from tests.patience import examples
from tests.validate.counting import table

# true reasons moved, price, service, other, and who of each answers a card
REASONS = np.array([25, 35, 30, 10])
ANSWER = np.array([40, 10, 15, 10])


def test_a_card_that_a_fifth_sends_back() -> None:
    """Of 10,000 leavers 1900 answer, 1000 of them moved: .526 of the answers, [.10, .91] of all."""
    answers = REASONS * ANSWER
    assert answers.sum() == 1900
    assert np.round(answers / 1900, 3).tolist() == [0.526, 0.184, 0.237, 0.053]
    found = share_bounds(1000, 1900, 10_000)
    assert (found.low, found.high, found.known) == (0.10, 0.91, 0.19)
    assert found.width == pytest.approx(0.81)
    assert found.least is not None
    assert found.most is not None
    assert 0.09 < found.least < 0.10
    assert 0.91 < found.most < 0.92
    assert "19%" in found._repr_html_()


def test_telephoning_a_tenth_of_the_silent() -> None:
    """All 810 reached, 150 of 8100 moved: (1000 + 8100 x 150 / 810) / 10,000 = 1/4 exactly."""
    found = two_phase(
        whole=10_000, answered=1900, events=1000, asked_again=810, reached=810, events_again=150
    )
    e = found.estimate
    assert e.value == pytest.approx(1 / 4)
    own = 150 / 810
    variance = (1 / 4 * 3 / 4 + 0.81 * 9 * own * (1 - own)) / 10_000
    assert e.se == pytest.approx(np.sqrt(variance))
    assert e.low is not None
    assert e.high is not None
    assert e.low < 0.25 < e.high
    assert (found.reach, found.bounds.width) == (1.0, 0.0)
    assert (found.bounds.least, found.bounds.most) == pytest.approx(
        (1 / 4 - 1.95996 * (e.se or 0), 1 / 4 + 1.95996 * (e.se or 0)), abs=1e-6
    )


def test_whoever_does_not_lift_the_receiver_leaves_bounds() -> None:
    """Half of the 810 reached, 75 of them moved: .175 at least, and .405 more at most."""
    found = two_phase(
        whole=10_000, answered=1900, events=1000, asked_again=810, reached=405, events_again=75
    )
    assert (found.estimate.value, found.estimate.reason) == (None, "not_all_reached")
    assert (found.reach, found.bounds.low, found.bounds.high) == pytest.approx((0.5, 0.175, 0.58))
    assert found.bounds.known == pytest.approx(0.19 + 0.81 / 2)
    nobody = two_phase(
        whole=10_000, answered=1900, events=1000, asked_again=0, reached=0, events_again=0
    )
    assert (nobody.bounds.low, nobody.bounds.high, nobody.reach) == (0.10, 0.91, 0.0)
    assert nobody.estimate.value is None


def test_all_answered() -> None:
    found = two_phase(whole=400, answered=400, events=100, asked_again=0, reached=0, events_again=0)
    assert found.estimate.value == 0.25
    assert (found.estimate.low, found.estimate.high) == pytest.approx((0.2084, 0.2955), abs=1e-4)
    assert (found.bounds.low, found.bounds.high, found.reach) == (0.25, 0.25, 1.0)


def test_few_among_those_asked_again_have_exact_limits() -> None:
    """60 of 1000, and 2 of 40 who stand for 800: .06 + .8 x .05, the rule of 5 seen to."""
    found = two_phase(
        whole=1000, answered=200, events=60, asked_again=40, reached=40, events_again=2
    ).estimate
    assert found.value == pytest.approx(0.1)
    low = 0.1 - np.hypot(0.06 - 0.046100, 0.8 * (0.05 - 0.006117))
    high = 0.1 + np.hypot(0.076559 - 0.06, 0.8 * (0.169195 - 0.05))
    assert (found.low, found.high) == pytest.approx((low, high), abs=2e-4)
    nobody = two_phase(
        whole=1000, answered=200, events=0, asked_again=40, reached=40, events_again=0
    ).estimate
    assert (nobody.value, nobody.low) == (0.0, 0.0)
    assert nobody.high is not None
    assert 0.07 < nobody.high < 0.08


def test_bounds_that_are_far_apart_have_one_sided_limits() -> None:
    """With a gap the truth can be below one limit or above the other, not both: 1.645 errors."""
    found = two_phase(
        whole=10_000, answered=1900, events=1000, asked_again=810, reached=405, events_again=75
    )
    se = np.sqrt((0.175 * 0.825 + 0.81 * 9 * (75 / 810) * (735 / 810)) / 10_000)
    assert found.bounds.least == pytest.approx(0.175 - 1.644854 * se, abs=1e-6)


@settings(max_examples=examples(100), deadline=None)
@given(st.integers(1, 300), st.data())
def test_the_truth_lies_within(whole: int, data: st.DataObject) -> None:
    known = data.draw(st.integers(0, whole))
    events = data.draw(st.integers(0, known))
    hidden = data.draw(st.integers(0, whole - known))
    found = share_bounds(events, known, whole)
    truth = (events + hidden) / whole
    assert found.low - 1e-12 <= truth <= found.high + 1e-12
    assert (found.least or 0) <= found.low
    assert (found.most or 0) >= found.high
    assert found.width == pytest.approx(1 - found.known)


def test_months_of_a_share_of_customers() -> None:
    """All of 40 stay 2 of 4 months; of a quarter nothing is known: 3/4 x 2 + 1/4 x (1 to 4)."""
    made = table(np.arange(40), np.full(40, 2), np.ones(40, bool))
    curve = kaplan_meier(made)
    found = mean_bounds(2.0, 3 / 4, 1.0, 4.0)
    assert (found.low, found.high, found.unit) == (1.75, 2.5, "month")
    rng = np.random.default_rng(1)
    stay = rng.geometric(0.1, 500)
    curve = kaplan_meier(table(rng.integers(0, 256, 500), np.minimum(stay, 12), stay <= 12))
    own = curve.rmst(12)
    found = months_bounds(curve, 12, 0.8)
    assert own.value is not None
    assert own.se is not None
    assert (found.low, found.high) == pytest.approx((0.8 * own.value + 0.2, 0.8 * own.value + 2.4))
    assert found.least == pytest.approx(found.low - 1.644854 * 0.8 * own.se, abs=1e-6)
    everybody = months_bounds(curve, 12, 1.0)
    assert (everybody.least, everybody.most) == pytest.approx((own.low, own.high), abs=1e-6)


def test_without_assumptions_no_effect_is_proven() -> None:
    """The bounds are horizon - 1 wide and hold 0, however different the arms look."""
    rng = np.random.default_rng(2)
    curves = []
    for rate in (0.01, 0.2):
        stay = rng.geometric(rate, 800)
        made = table(rng.integers(0, 256, 800), np.minimum(stay, 24), stay <= 24)
        curves.append(kaplan_meier(made))
    for share in (0.1, 0.5, 0.9):
        found = effect_bounds(curves[0], curves[1], 24, share)
        assert found.width == pytest.approx(23)
        assert found.low <= 0 <= found.high
    one, two = (c.rmst(24).value or 0 for c in curves)
    found = effect_bounds(curves[0], curves[1], 24, 0.5)
    assert found.low == pytest.approx((one + 1) / 2 - (two + 24) / 2)
    errors = [c.rmst(24).se or 0 for c in curves]
    assert found.least == pytest.approx(found.low - 1.644854 * np.hypot(*errors) / 2, abs=1e-6)


def test_a_curve_of_too_few_persons_says_nothing() -> None:
    few = table(np.zeros(3, int), np.array([2, 3, 4]), np.ones(3, bool))
    curve = kaplan_meier(few, errors="blocks")
    assert curve.rmst(4).value is None
    found = months_bounds(curve, 4, 0.9)
    assert (found.low, found.high, found.known, found.least) == (1.0, 4.0, 0.0, None)
    assert effect_bounds(curve, curve, 4, 0.5).width == pytest.approx(6)


def test_wrong_counts() -> None:
    with pytest.raises(DataError):
        share_bounds(5, 3, 10)
    with pytest.raises(ParameterError):
        mean_bounds(30, 0.5, 1, 24)
    for wrong in ({"asked_again": 900}, {"reached": 20}, {"events": 300}, {"events_again": 11}):
        numbers = {"whole": 1000, "answered": 200, "events": 60, "asked_again": 10, "reached": 10,
                   "events_again": 2} | wrong  # fmt: skip
        with pytest.raises(DataError):
            two_phase(**numbers)
