"""Margin multiples: the printed table, sums to their end, and small steps for elasticities."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from stammkunde.errors import ParameterError
from stammkunde.policy.worth import (
    gain_from_points,
    interest_effect,
    margin_multiple,
    retention_effect,
)

pytestmark = pytest.mark.filterwarnings("error")

# retention: multiples at an interest of 10, 12, 14, 16 %
TABLE = {
    0.6: (1.20, 1.15, 1.11, 1.07),
    0.7: (1.75, 1.67, 1.59, 1.52),
    0.8: (2.67, 2.50, 2.35, 2.22),
    0.9: (4.50, 4.09, 3.75, 3.46),
}
RATES = np.array([0.10, 0.12, 0.14, 0.16])
STEP = 1e-6


@pytest.mark.parametrize("retention", TABLE)
def test_the_printed_multiples(retention: float) -> None:
    found = margin_multiple(retention, RATES)
    # .9 / .24 = 3.75 and .8 / .3 = 2.6667 lie where they are printed
    assert found.round(2) == pytest.approx(TABLE[retention], abs=1e-9)


def test_a_table_at_once_and_number_by_number() -> None:
    table = margin_multiple(np.array([*TABLE])[:, None], RATES)
    assert table.shape == (4, 4)
    assert all(
        table[i, j] == margin_multiple(r, i_)
        for i, r in enumerate(TABLE)
        for j, i_ in enumerate(RATES)
    )


@pytest.mark.parametrize("growth", [-1.0, -0.05, 0.0, 0.06])
def test_multiples_are_sums_of_what_is_paid(growth: float) -> None:
    t = np.arange(5000)
    r, i = 0.85, 0.12
    later = (r ** (t + 1) * (1 + growth) ** t / (1 + i) ** (t + 1)).sum()
    now = ((r * (1 + growth) / (1 + i)) ** t).sum()
    assert margin_multiple(r, i, growth) == pytest.approx(later, rel=1e-12)
    assert margin_multiple(r, i, growth, at_once=True) == pytest.approx(now, rel=1e-12)


def test_paid_at_once_is_one_margin_more_if_it_does_not_grow() -> None:
    more = margin_multiple(0.8, RATES, at_once=True) - margin_multiple(0.8, RATES)
    assert more == pytest.approx(np.ones(4), abs=1e-12)


def test_the_printed_elasticities() -> None:
    assert retention_effect(0.8, 0.12) == pytest.approx(3.5, abs=1e-12)
    assert retention_effect(0.9, 0.10) == pytest.approx(5.5, abs=1e-12)
    # it happens to be the multiple of a margin paid at once, which has its own
    assert retention_effect(0.8, 0.12) == margin_multiple(0.8, 0.12, at_once=True)
    assert retention_effect(0.8, 0.12, at_once=True) == pytest.approx(2.5, abs=1e-12)
    assert interest_effect(0.8, 0.12) == pytest.approx(-0.375, abs=1e-12)


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize("growth", [0.0, 0.03])
def test_elasticities_are_those_of_a_small_step(growth: float, at_once: bool) -> None:
    r, i, up, down = 0.8, 0.12, 1 + STEP, 1 - STEP

    def log(retention: float, interest: float) -> np.ndarray:
        return np.log(margin_multiple(retention, interest, growth, at_once=at_once))

    by_retention = (log(r * up, i) - log(r * down, i)) / (2 * STEP)
    by_interest = (log(r, i * up) - log(r, i * down)) / (2 * STEP)
    found = retention_effect(r, i, growth, at_once=at_once)
    assert found == pytest.approx(by_retention, rel=1e-8)
    assert interest_effect(r, i, growth, at_once=at_once) == pytest.approx(by_interest, rel=1e-8)


def test_what_five_points_bring_depends_on_where_they_start() -> None:
    base = np.array([0.80, 0.90])
    later = 100 * gain_from_points(base, 0.05, 0.10)
    now = 100 * gain_from_points(base, 0.05, 0.10, at_once=True)
    assert later.round(1) == pytest.approx([27.5, 40.7], abs=1e-9)
    assert now.round(1) == pytest.approx([20.0, 33.3], abs=1e-9)
    life = 100 * gain_from_points(0.90, 0.05, 0.0, at_once=True)
    assert life == pytest.approx(100, abs=1e-9)
    assert gain_from_points(0.9, 0.0, 0.1) == 0


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: margin_multiple(1.2, 0.1), "the retention is 1.2"),
        (lambda: margin_multiple(np.array([0.5, -0.1]), 0.1), "the retention is -0.1"),
        (lambda: margin_multiple(0.5, float("nan")), "the interest is nan"),
        (lambda: margin_multiple(0.5, -1.0), "leaves nothing"),
        (lambda: margin_multiple(1.0, 0.0), "more than any number"),
        (lambda: margin_multiple(0.9, 0.05, 0.2), "more than any number"),
        (lambda: gain_from_points(0.98, 0.05, 0.1), "retention with the points is 1.03"),
        (lambda: gain_from_points(0.0, 0.05, 0.1), "retention that is to rise is 0"),
    ],
)
def test_what_cannot_be_is_refused(call: Callable[[], object], said: str) -> None:
    with pytest.raises(ParameterError, match=said) as refused:
        call()
    assert refused.value.remedy
