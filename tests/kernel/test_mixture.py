"""Limits of a mixture: against plain bisection of its law, for one law, and for sure ones."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from stammkunde.intervals import log as log_limits
from stammkunde.intervals import log_log, normal_quantile
from stammkunde.survival.projection import choose, lifetime, outlook
from stammkunde.survival.projection.mixture import mixture
from tests.kernel.projecting import published

LINKS = ("log-log", "log", "")
SURE = normal_quantile(0.95)
# said by the version that halved intervals eighty times for every limit
HIGH = {
    4: (6.886896965, 6.366074783, 7.392608748),
    7: (7.175400455, 6.882972155, 7.478442952),
}


def on(link: str, x: float | np.ndarray) -> np.ndarray:
    known = {"log-log": lambda v: -np.log(-np.log(v)), "log": np.log, "": np.asarray}
    return np.asarray(known[link](x))


def plainly(centres, errors, weights, quantile, link, share):
    """The share's place by bisection of the sum of laws, each normal on the scale of the link."""
    wide = quantile / stats.norm.ppf(0.975)
    slope = {"log-log": np.abs(centres * np.log(centres)), "log": centres, "": 1.0}[link]
    low, high = {"log-log": (1e-15, 1 - 1e-15), "log": (1e-9, 1e9), "": (-1e3, 1e3)}[link]
    for _ in range(200):
        middle = (low + high) / 2
        z = (on(link, middle) - on(link, centres)) / (errors * wide / slope)
        below = float(weights @ stats.norm.cdf(z))
        low, high = (middle, high) if below < share else (low, middle)
    return low


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("apart", [0.01, 0.3])
def test_limits_are_those_of_plain_bisection(link, apart):
    rng = np.random.default_rng(5)
    centres = np.clip(0.5 + apart * rng.normal(size=(4, 6)), 0.05, 0.95)
    errors, weights = 0.03 * rng.uniform(0.2, 1, (4, 6)), np.array([0.6, 0.2, 0.15, 0.05])
    low, high = mixture(centres, errors, weights, 2.2, 0.95, link)
    for i in range(6):
        for found, share in ((low, 0.025), (high, 0.975)):
            own = plainly(centres[:, i], errors[:, i], weights, 2.2, link, share)
            assert found[i] == pytest.approx(own, rel=1e-9)


def test_one_law_has_its_own_interval():
    one = np.ones(1)
    for link, own in (("log-log", log_log), ("log", log_limits)):
        found = mixture(np.array([0.4]), np.array([0.05]), one, 2.0, 0.95, link)
        assert found == pytest.approx(own(0.4, 0.05, 2.0), rel=1e-12)
    found = mixture(np.array([0.4]), np.array([0.05]), one, 2.0, 0.95, "")
    assert found == pytest.approx((0.3, 0.5), rel=1e-12)


def test_what_is_sure_stays_where_it_is():
    """All there at the start, nobody at the end: no family moves, nor does the mixture."""
    centres = np.array([[1.0, 0.5, 0.0], [1.0, 0.5, 0.0]])
    low, high = mixture(centres, np.zeros((2, 3)), np.array([0.3, 0.7]), SURE, 0.95, "log-log")
    np.testing.assert_array_equal(low, centres[0])
    np.testing.assert_array_equal(high, centres[0])


def test_a_sure_family_is_a_step_of_its_weight():
    """Half the weight is sure of 1: the upper limit is where the other has 95 of 100 below it."""
    centres, errors = np.array([1.0, 3.0]), np.array([0.0, 0.5])
    low, high = mixture(centres, errors, np.array([0.5, 0.5]), SURE, 0.95, "")
    assert low == pytest.approx(1.0, abs=1e-12)
    assert high == pytest.approx(3 + 0.5 * stats.norm.ppf(0.95), rel=1e-9)


@pytest.mark.filterwarnings("error")
def test_a_share_of_which_nothing_is_known_has_limits_without_a_warning():
    centres, errors = np.array([1e-10, 2e-10]), np.array([1e-6, 2e-6])
    low, high = mixture(centres, errors, np.array([0.5, 0.5]), SURE, 0.95, "log-log")
    assert 0 <= low < 1e-10
    assert 2e-10 < high <= 1


@pytest.mark.parametrize("years", HIGH)
def test_numbers_are_those_of_the_slow_way(years):
    """To ten digits, for the published curve fitted on its first years."""
    table = published("high", years)
    said = lifetime(outlook(table, choose(table), 12), 12)
    assert (said.value, said.low, said.high) == pytest.approx(HIGH[years], rel=5e-10)
