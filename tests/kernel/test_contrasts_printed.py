"""Contrasts against published values and R's: lung, and the trial of survRM2's documentation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from lifelines.datasets import load_lung

from stammkunde.result import Estimate
from stammkunde.survival.arrays import life_tables_from
from stammkunde.survival.contrasts import (
    adjusted,
    against_the_rest,
    logrank,
    rmst_difference,
    rmst_ratio,
    stratified_difference,
    stratified_logrank,
    survival_difference,
)
from stammkunde.survival.curve import Curve
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.table import LifeTable
from tests.reference.stored import stored

SEXES, GRADES = (1, 2), (0, 1, 2, 3)


@pytest.fixture(scope="module")
def r() -> dict[str, Any]:
    return stored("contrasts.json")


@pytest.fixture(scope="module")
def grid() -> list[list[LifeTable]]:
    """Tables of lung [grade][sex], men first; the one patient of unknown grade is left out."""
    lung = pd.DataFrame(load_lung()).dropna(subset=["ph.ecog"])
    cell = (lung["ph.ecog"] * 2 + lung["sex"] - 1).to_numpy().astype(int)
    found = life_tables_from(lung["time"].to_numpy(), lung["status"].to_numpy(), cell, 8)
    return [found[2 * g : 2 * g + 2] for g in GRADES]


@pytest.fixture(scope="module")
def sexes() -> list[LifeTable]:
    """Tables of all of lung, men first."""
    lung = pd.DataFrame(load_lung())
    exits, status, sex = (lung[c].to_numpy().astype(int) for c in ("time", "status", "sex"))
    return life_tables_from(exits, status, sex - 1, 2)


@pytest.fixture(scope="module")
def women_and_men(sexes) -> tuple[Curve, Curve]:
    men, women = (kaplan_meier(t) for t in sexes)
    return women, men


def by_sex(grid: list[list[LifeTable]], grades: Sequence[int] = (0, 1, 2)) -> list[list[LifeTable]]:
    """Return strata of sex with the grades as groups."""
    return [[grid[g][s] for g in grades] for s in (0, 1)]


def test_the_published_values_of_lung(sexes, grid):
    assert f"{logrank(sexes).statistic:.8f}" == "10.32674195"
    assert f"{logrank(sexes, rho=1).statistic:.7f}" == "12.7141514"
    stratified = stratified_logrank(grid)
    assert f"{stratified.statistic:.8f}" == "10.79505963"
    assert (stratified.df, stratified.method) == (1, "log-rank, 4 strata")


def test_a_group_that_is_missing_in_a_stratum_may_be_none(grid):
    """Of grade 3 there is one man only."""
    assert int(grid[3][1].spells.sum()) == 0
    strata = [*grid[:3], [grid[3][0], None]]
    assert stratified_logrank(strata) == stratified_logrank(grid)


def test_weighted_logrank_is_rs(sexes, r):
    weights = {"rho.1": (1, 0), "rho.0.5": (0.5, 0), "gamma.1": (0, 1), "rho.1.gamma.2": (1, 2)}
    for key, (rho, gamma) in weights.items():
        found = logrank(sexes, rho=rho, gamma=gamma)
        assert found.statistic == pytest.approx(r[f"lung.sex.{key}"][0], rel=1e-10), key
    assert logrank(sexes, rho=1, gamma=2).method == "log-rank, weights (1, 2)"


def test_stratified_logrank_is_rs(grid, r):
    found = {
        "lung.sex.by.ecog": stratified_logrank(grid),
        "lung.sex.by.ecog.rho.1": stratified_logrank(grid, rho=1),
        "lung.sex.by.ecog.gamma.1": stratified_logrank(grid, gamma=1),
        "lung.ecog.by.sex": stratified_logrank(by_sex(grid)),
        "lung.ecog.by.sex.rho.1": stratified_logrank(by_sex(grid), rho=1),
    }
    assert {k: t.df for k, t in found.items() if "ecog.by" in k} == dict.fromkeys(
        ("lung.ecog.by.sex", "lung.ecog.by.sex.rho.1"), 2
    )
    for key, test in found.items():
        assert test.statistic == pytest.approx(r[key][0], rel=1e-10), key


def test_weighted_logrank_of_three_groups_is_rs(grid, r):
    grades = [a + b for a, b in grid[:3]]
    assert logrank(grades, rho=1).statistic == pytest.approx(r["lung.ecog.rho.1"][0], rel=1e-10)


def test_the_ratio_of_means_is_rs(women_and_men, r):
    (f, f_se), (m, m_se) = r["lung.mean.women"], r["lung.mean.men"]
    found = rmst_ratio(*women_and_men, 365)
    spread = np.hypot(f_se / f, m_se / m)
    assert (found.value, found.se) == pytest.approx((f / m, f / m * spread), rel=1e-9)
    step = np.exp(1.959963984540054 * spread)
    assert (found.low, found.high) == pytest.approx((f / m / step, f / m * step), rel=1e-9)
    assert (found.unit, found.method) == ("ratio", "ratio of means, Greenwood")


def test_the_difference_of_shares_is_rs(women_and_men, r):
    (f, f_se), (m, m_se) = r["lung.share.women"], r["lung.share.men"]
    found = survival_difference(*women_and_men, 365)
    assert (found.value, found.se) == pytest.approx((f - m, np.hypot(f_se, m_se)), rel=1e-10)
    assert found.low == pytest.approx(f - m - 1.959963984540054 * np.hypot(f_se, m_se), rel=1e-9)
    assert (found.unit, found.method) == ("share", "difference of shares, Greenwood")


def test_the_stratified_difference_is_rs(grid, r):
    found = stratified_difference([(women, men) for men, women in grid[:3]], 365)
    assert (found.value, found.se) == pytest.approx(r["lung.stratified"], rel=1e-9)
    assert found.method == "difference of means within 3 strata, Greenwood"


def test_each_grade_against_the_others_is_rs(grid, r):
    grades = {str(g): grid[g][0] + grid[g][1] for g in (0, 1, 2)}
    found = against_the_rest(grades, 365)
    differences = [c.difference for c in found.values()]
    assert [d.value for d in differences] == pytest.approx(r["lung.rest.difference"], rel=1e-8)
    assert [d.se for d in differences] == pytest.approx(r["lung.rest.se"], rel=1e-9)
    assert [d.low for d in differences] == pytest.approx(r["lung.rest.low"], rel=1e-8)
    assert [d.high for d in differences] == pytest.approx(r["lung.rest.high"], rel=1e-8)
    assert [c.p for c in found.values()] == pytest.approx(r["lung.rest.p"], rel=1e-7)
    assert [c.adjusted for c in found.values()] == pytest.approx(r["lung.rest.holm"], rel=1e-7)


def test_adjusted_p_values_are_rs(r):
    assert adjusted(r["p"]) == pytest.approx(r["p.holm"], rel=1e-13)
    assert adjusted(r["p"], "benjamini-hochberg") == pytest.approx(r["p.bh"], rel=1e-13)


def test_the_example_of_survrm2_is_as_published(r):
    """Means within 10 years of 312 patients, drug and placebo, by Uno and others' R package.

    Published: 7.146 (se .283) and 7.283 (.295), difference -.137 (-.939 to .665), ratio .981 (.878
    to 1.096). Ten years are 3652.5 days: the mean of those to 3652 and 3653.
    """
    tables = life_tables_from(
        np.array(r["pbc.days"]), np.array(r["pbc.died"]), np.array(r["pbc.drug"]), 2, unit="day"
    )
    placebo, drug = (kaplan_meier(t) for t in tables)
    year = 365.25
    means = [
        [_between(c.rmst(3652), c.rmst(3653), name, year) for name in ("value", "se")]
        for c in (drug, placebo)
    ]
    assert means == [["7.146", "0.283"], ["7.283", "0.295"]]
    wanted = {
        rmst_difference: (year, ["-0.137", "-0.939", "0.665"]),
        rmst_ratio: (1.0, ["0.981", "0.878", "1.096"]),
    }
    for contrast, (by, printed) in wanted.items():
        early, late = (contrast(drug, placebo, k) for k in (3652, 3653))
        assert [_between(early, late, n, by) for n in ("value", "low", "high")] == printed


def _between(early: Estimate, late: Estimate, name: str, by: float) -> str:
    return f"{(getattr(early, name) + getattr(late, name)) / 2 / by:.3f}"
