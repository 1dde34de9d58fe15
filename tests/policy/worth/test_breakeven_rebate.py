"""The rebate that pays for itself: printed values, and customers followed month by month."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.errors import ParameterError
from stammkunde.policy.worth import (
    break_even_rebate,
    break_even_rebate_by_cause,
    discounted_lifetime,
)
from tests.patience import examples

pytestmark = pytest.mark.filterwarnings("error")

RATIOS = np.array([0.95, 0.9, 0.8, 0.7, 0.5])
AT_ONCE, LAGGED = (1.07, 2.14, 4.29, 6.43, 10.72), (1.04, 2.09, 4.19, 6.29, 10.53)


def gain(rebate: float, first: int, falls: int, ratio: float, hazard: float = 0.02) -> float:
    """Return what a rebate gains: paid from month `first` on, the drop `falls` the first less."""
    t = np.arange(20_000)
    v = 1.1 ** (-t / 12)
    then = np.where(t >= falls, ratio * hazard, hazard)
    before, after = (
        np.concatenate([[1.0], np.cumprod(1 - h)[:-1]]) for h in (hazard + 0 * t, then)
    )
    return float((v * (after * (30 - np.where(t >= first, rebate, 0.0)) - before * 30)).sum())


@pytest.mark.parametrize(("lagged", "printed"), [(False, AT_ONCE), (True, LAGGED)])
def test_the_printed_rebates(lagged: bool, printed: tuple[float, ...]) -> None:
    found = break_even_rebate(30, 0.02, RATIOS, 0.10, lagged=lagged)
    assert found.round(2) == pytest.approx(printed, abs=1e-9)


@pytest.mark.parametrize("first", [0, 12, 24])
@pytest.mark.parametrize("lagged", [False, True])
def test_month_by_month_it_gains_nothing_from_whatever_month(first: int, lagged: bool) -> None:
    for ratio in RATIOS:
        rebate = float(break_even_rebate(30, 0.02, ratio, 0.10, lagged=lagged))
        falls = first + lagged
        assert gain(rebate, first, falls, ratio) == pytest.approx(0, abs=1e-8)
        assert gain(rebate - 0.01, first, falls, ratio) > 1e-3
        assert gain(rebate + 0.01, first, falls, ratio) < -1e-3


def test_no_effect_is_worth_no_rebate_and_a_harmful_one_less() -> None:
    for lagged in (False, True):
        assert break_even_rebate(30, 0.02, 1.0, 0.1, lagged=lagged) == 0
        assert break_even_rebate(-30, 0.02, 0.8, 0.1, lagged=lagged) < 0
        assert break_even_rebate(30, 0.02, 1.3, 0.1, lagged=lagged) < 0


def test_it_is_what_the_lifetimes_say() -> None:
    today, then = (discounted_lifetime(h, 0.1) for h in (0.02, 0.016))
    assert break_even_rebate(30, 0.02, 0.8, 0.1) == pytest.approx(30 * (1 - today / then))
    later = 1 + 1.1 ** (-1 / 12) * 0.98 * then
    lagged = break_even_rebate(30, 0.02, 0.8, 0.1, lagged=True)
    assert lagged == pytest.approx(30 * (1 - today / later), rel=1e-12)


@settings(max_examples=examples(60), deadline=None)
@given(
    hazard=st.floats(0.001, 0.5),
    ratio=st.floats(0.01, 2.0),
    interest=st.floats(0.0, 0.5),
    times=st.floats(0.01, 100),
)
def test_it_scales_with_money_and_comes_later_at_a_price(
    hazard: float, ratio: float, interest: float, times: float
) -> None:
    now = break_even_rebate(30, hazard, ratio, interest)
    scaled = break_even_rebate(30 * times, hazard, ratio, interest)
    assert scaled == pytest.approx(times * now, rel=1e-12)
    late = break_even_rebate(30, hazard, ratio, interest, lagged=True)
    assert abs(late) <= abs(now) * (1 + 1e-12)
    assert now < 30


def test_on_one_cause_a_rebate_is_worth_less() -> None:
    """Half of .02 leave for the price, the others move: of the price alone, .8 is .9 of all."""
    hazards = np.array([0.01, 0.01])
    found = break_even_rebate_by_cause(30, hazards, np.array([0.8, 1.0]), 0.1)
    assert found == pytest.approx(2.14, abs=5e-3)
    assert found == pytest.approx(break_even_rebate(30, 0.02, 0.9, 0.1), rel=1e-12)
    # on all causes alike it is the rebate of the whole, and where none responds there is none
    whole = break_even_rebate_by_cause(30, hazards, 0.8, 0.1)
    assert whole == pytest.approx(break_even_rebate(30, 0.02, 0.8, 0.1), rel=1e-12)
    assert break_even_rebate_by_cause(30, hazards, np.array([1.0, 1.0]), 0.1) == 0
    most = break_even_rebate_by_cause(30, hazards, np.array([0.0, 1.0]), 0.1)
    assert most == pytest.approx(10.72, abs=5e-3)


def test_causes_may_be_split_swapped_and_drawn() -> None:
    rng = np.random.default_rng(8)
    hazards, ratios = rng.random((50, 3)) / 40, rng.random((50, 3))
    found = break_even_rebate_by_cause(30, hazards, ratios, 0.1)
    assert found.shape == (50,)
    turned = break_even_rebate_by_cause(30, hazards[:, ::-1], ratios[:, ::-1], 0.1)
    assert turned == pytest.approx(found, rel=1e-12)
    halves, both = np.repeat(hazards / 2, 2, axis=1), np.repeat(ratios, 2, axis=1)
    assert break_even_rebate_by_cause(30, halves, both, 0.1) == pytest.approx(found, rel=1e-12)
    nobody = break_even_rebate_by_cause(30, np.zeros((2, 3)), 0.5, 0.1)
    assert nobody.tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: break_even_rebate(30, 1.02, 0.8, 0.1), "the hazard is 1.02"),
        (lambda: break_even_rebate(30, 0.6, 2.0, 0.1), "hazard with the rebate is 1.2"),
        (lambda: break_even_rebate(30, 0.02, -0.1, 0.1), "ratio of hazards is -0.1"),
        (lambda: break_even_rebate(30, 0.02, 0.0, 0.0), "more than any number"),
        (lambda: break_even_rebate_by_cause(30, 0.02, 0.8, 0.1), "without its cause"),
        (
            lambda: break_even_rebate_by_cause(30, np.array([0.6, 0.6]), 0.8, 0.1),
            "sum of the causes' hazards is 1.2",
        ),
    ],
)
def test_what_cannot_be_is_refused(call: Callable[[], object], said: str) -> None:
    with pytest.raises(ParameterError, match=said) as refused:
        call()
    assert refused.value.remedy
