"""The reference case: 30 a month in advance, 10 % a year, 2 % leave a month, 120 to acquire."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import brentq

from stammkunde.errors import ParameterError
from stammkunde.policy.engine import Pays, life, reduced, renewed, value, worth_by_unit

V = 1.1 ** (-1 / 12)
LONG = 2400
NEWCOMER = np.where(np.arange(LONG) < 12, 10.0, 0.0)


def annuity(h):
    """Return A(h), the discounted lifetime: a closed form for ever."""
    return 1 / (1 - V * (1 - h))


def test_value_of_a_customer_with_and_without_the_newcomer_rebate():
    plain = reduced(0.02, 30.0, V, LONG, once=-120.0)
    rebated = reduced(0.02, 30.0 - NEWCOMER, V, LONG, once=-120.0)
    assert f"{plain.discounted:.4f}" == f"{annuity(0.02):.4f}" == "36.0324"
    assert f"{plain.value:.2f}" == "960.97"
    assert f"{rebated.value:.2f}" == "857.69"
    assert f"{plain.value - rebated.value:.2f}" == "103.28"
    assert f"{reduced(0.02, NEWCOMER, V, LONG).value:.2f}" == "103.28"
    assert f"{plain.value / rebated.value:.4f}" == "1.1204"
    assert_allclose(plain.units, 50.0, rtol=1e-12)


def payback(unit, hazard, v):
    worth = reduced(hazard, unit, v, 60, once=-120.0).worth
    return int(np.argmax(worth >= 0)) + 1


def test_payback():
    for unit, months in ((30.0, (4, 5, 5)), (30.0 - NEWCOMER, (6, 7, 7))):
        got = (payback(unit, 0.0, 1.0), payback(unit, 0.02, 1.0), payback(unit, 0.02, V))
        assert got == months


def gain(b, ratio, k, later):
    """Return what a rebate of `b` from unit k + 1 on adds, if it multiplies the hazard."""
    unit = np.arange(LONG)
    hazard = np.where(unit >= k + later, ratio * 0.02, 0.02)
    with_rebate = reduced(hazard, 30.0 - b * (unit >= k), V, LONG).value
    return float(with_rebate - reduced(0.02, 30.0, V, LONG).value)


@pytest.mark.parametrize("k", [0, 12, 24])
def test_break_even_rebate_whenever_it_begins(k):
    """Payment S(k) is the first with rebate, the drop after it the first at the lower hazard."""
    ratios = (0.95, 0.9, 0.8, 0.7, 0.5)
    at_once = [brentq(gain, 0, 30, args=(r, k, 0)) for r in ratios]
    assert [f"{b:.2f}" for b in at_once] == ["1.07", "2.14", "4.29", "6.43", "10.72"]
    assert_allclose(at_once, [30 * (1 - annuity(0.02) / annuity(r * 0.02)) for r in ratios])
    later = [brentq(gain, 0, 30, args=(r, k, 1)) for r in ratios]
    assert [f"{b:.2f}" for b in later] == ["1.04", "2.09", "4.19", "6.29", "10.53"]


def test_the_same_through_the_whole_engine():
    """One state and nobody comes back: the engine is the reduced model."""
    x = life("x", ("any",), np.full((1, LONG), 0.02))
    pays = Pays(30.0 - NEWCOMER, once=-120.0)
    assert f"{worth_by_unit(x, pays, V, LONG)[-1]:.2f}" == "857.69"
    one = renewed([x], [], {"x": np.eye(1, LONG)[0]}, LONG)
    assert f"{value(one, {'x': pays}, V):.2f}" == "857.69"


def test_the_reduced_model_line_by_line():
    """As its table says, row after row."""
    rng = np.random.default_rng(1)
    hazard, unit = rng.random(30) * 0.2, rng.normal(10, 5, 30)
    for arrears in (False, True):
        there, factor, total, units, known = 1.0, 1.0, -50.0, 0.0, 0.0
        got = reduced(hazard, unit, 0.97, 30, once=-50.0, arrears=arrears)
        for u in range(30):
            if u:
                there, factor = there * (1 - hazard[u - 1]), factor * 0.97
            total += there * unit[u] * factor * (0.97 if arrears else 1)
            units, known = units + there, known + there * factor
            assert_allclose(got.worth[u], total, rtol=1e-12)
        assert_allclose(
            [got.value, got.units, got.discounted, got.staying],
            [total, units, known, there * (1 - hazard[29])],
        )


def test_draws_are_rows():
    hazard, v = np.array([[0.02], [0.05]]), np.array([V, 0.99])
    both = reduced(hazard, 30.0, v, 24, once=np.array([-120.0, -80.0]))
    one = [reduced(0.02, 30.0, V, 24, once=-120.0), reduced(0.05, 30.0, 0.99, 24, once=-80.0)]
    assert both.value.tolist() == [x.value for x in one]


def test_ends_of_the_range():
    with np.errstate(all="raise"):
        sure = reduced(0.0, 30.0, 1.0, 12)
        gone = reduced(1.0, 30.0, 1.0, 12)
        once = reduced(0.5, 30.0, 1.0, 1)
    found = [[float(n) for n in (x.value, x.units, x.staying)] for x in (sure, gone, once)]
    assert found == [[360, 12, 1], [30, 1, 0], [30, 1, 0.5]]


@pytest.mark.parametrize(
    ("hazard", "unit", "v", "horizon"),
    [
        (1.01, 30.0, V, 12),
        (-0.01, 30.0, V, 12),
        (np.nan, 30.0, V, 12),
        (0.02, np.inf, V, 12),
        (0.02, 30.0, 0.0, 12),
        (0.02, 30.0, V, 0),
        (0.02, 30.0, V, 12.5),
        (0.02, [30.0, 30.0], V, 12),
    ],
)
def test_impossible_input_is_refused(hazard, unit, v, horizon):
    with pytest.raises(ParameterError) as error:
        reduced(hazard, unit, v, horizon)
    assert error.value.remedy
