"""Contrasts worked by hand in fractions.

arm a: 10 customers; 5 leave in month 1, 1 in month 2, 4 are seen to month 3
arm b: 12 customers; 3 leave in month 1, 3 in month 2, 6 are seen to month 3

S of a: 1, 1/2, 2/5   RMST(3) = 19/10   Greenwood's terms 1/10, 1/20   variance 89/1000
S of b: 1, 3/4, 1/2   RMST(3) =  9/4    Greenwood's terms 1/36, 1/18   variance 11/192
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from stammkunde.survival.arrays import life_table_from
from stammkunde.survival.contrasts import (
    adjusted,
    against_the_rest,
    logrank,
    rmst_ratio,
    stratified_difference,
    stratified_logrank,
    survival_difference,
)
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.table import LifeTable

F = Fraction
MEANS = (F(19, 10), F(9, 4))
VARIANCES = (F(89, 1000), F(11, 192))


def leaving(first: int, second: int, later: int, times: int = 1) -> LifeTable:
    """Return customers who leave in month 1, in month 2, or are seen to month 3."""
    exits = np.repeat([1, 2, 3], [first, second, later])
    return life_table_from(np.tile(exits, times), np.tile(exits < 3, times))


A, B = leaving(5, 1, 4), leaving(3, 3, 6)


def root(x: Fraction) -> float:
    return float(x) ** 0.5


def test_the_ratio_of_means():
    found = rmst_ratio(kaplan_meier(A), kaplan_meier(B), 3)
    (a, b), (u, v) = MEANS, VARIANCES
    assert found.value == pytest.approx(float(F(38, 45)), rel=1e-13)
    assert found.se == pytest.approx(float(a / b) * root(u / a**2 + v / b**2), rel=1e-13)


def test_the_difference_of_shares():
    found = survival_difference(kaplan_meier(A), kaplan_meier(B), 2)
    assert found.value == pytest.approx(-0.1, rel=1e-13)
    assert found.se == pytest.approx(root(F(3, 125) + F(1, 48)), rel=1e-13)
    assert survival_difference(kaplan_meier(A), kaplan_meier(B), 0).value == 0


def test_the_stratified_difference():
    """Strata (a, b) of 22 and (b, b twice over) of 36: only the first differs."""
    found = stratified_difference([(A, B), (B, leaving(3, 3, 6, times=2))], 3)
    u, v = VARIANCES
    assert found.value == pytest.approx(float(F(11, 29) * F(-7, 20)), rel=1e-13)
    variance = F(11, 29) ** 2 * (u + v) + F(18, 29) ** 2 * (v + v / 2)
    assert found.se == pytest.approx(root(variance), rel=1e-13)
    assert (found.persons, found.spells, found.events) == (58, 58, 12 + 6 + 12)


def test_a_group_against_the_rest():
    """a against b and b again: the rest is b twice over, with half its variance."""
    found = against_the_rest({"a": A, "b": B, "c": B}, 3)["a"]
    u, v = VARIANCES
    assert found.difference.value == pytest.approx(float(F(-7, 20)), rel=1e-13)
    assert found.difference.se == pytest.approx(root(u + v / 2), rel=1e-13)


def pair() -> list[LifeTable]:
    """At risk x 3 2 1 1, y 1 3 1; leave x 1 1 0 0, y 0 1 1; pooled S before 1, 3/4, 9/20."""
    x = life_table_from(np.array([1, 2, 4]), np.array([1, 1, 0]))
    y = life_table_from(np.array([2, 3, 2]), np.array([0, 1, 1]), entry=np.array([0, 1, 1]))
    return [x, y]


def test_the_counts_are_those_of_the_example():
    x, y = pair()
    assert x.at_risk[0].sum(axis=0).tolist() == [3, 2, 1, 1]
    assert y.at_risk[0].sum(axis=0).tolist() == [1, 3, 1]


@pytest.mark.parametrize(
    ("rho", "gamma", "excess", "variance"),
    [
        # weights 1, 1, 1
        (0, 0, F(1, 4) + F(1, 5) - F(1, 2), F(3, 16) + F(9, 25) + F(1, 4)),
        # weights 1, 3/4, 9/20
        (1, 0, F(7, 40), F(705, 1600)),
        # weights 0, 1/4, 11/20
        (0, 1, F(1, 20) - F(11, 40), F(9, 400) + F(121, 1600)),
    ],
)
def test_the_weighted_logrank(rho, gamma, excess, variance):
    found = logrank(pair(), rho=rho, gamma=gamma)
    assert found.statistic == pytest.approx(float(excess**2 / variance), rel=1e-12)


def test_strata_add_numerators_and_variances():
    """Twice the same stratum doubles both, so it doubles the statistic."""
    once, twice = stratified_logrank([pair()]), stratified_logrank([pair(), pair()])
    assert once.statistic == pytest.approx(float(F(-1, 20) ** 2 / F(319, 400)), rel=1e-12)
    assert twice.statistic == pytest.approx(2 * once.statistic, rel=1e-12)
    assert (once.method, twice.method) == ("log-rank, 1 stratum", "log-rank, 2 strata")


def test_adjusted_p_values():
    """Holm: 3 x .01, 2 x .02, 1 x .03 made to rise; Benjamini-Hochberg: 3/1, 3/2, 3/3 to fall."""
    assert adjusted([0.02, 0.01, 0.03]) == pytest.approx([0.04, 0.03, 0.04], rel=1e-14)
    assert adjusted([0.02, 0.01, 0.03], "benjamini-hochberg") == pytest.approx(
        [0.03, 0.03, 0.03], rel=1e-14
    )
    assert adjusted([]) == []
    assert adjusted([0.7, 0.8]) == [1.0, 1.0]
