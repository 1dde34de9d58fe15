"""Projections against published numbers: Fader and Hardie's curves, and R's fits of them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from stammkunde.survival.projection import (
    FAMILIES,
    beta_geometric_lifetime,
    beta_geometric_residual,
    choose,
    contract,
    fitted,
    lifetime,
    outlook,
    projected,
    residual_lifetime,
    retention_elasticity,
    two_readings,
)
from stammkunde.survival.projection.families import BETA_GEOMETRIC, log_survival
from tests.kernel.projecting import CURVES, counted, published
from tests.reference.stored import stored

pytestmark = pytest.mark.filterwarnings("error")

# name, years: alpha, beta, log likelihood, per cent in the years after
SHIFTED = {
    ("high", 7): (0.668089, 3.806098, -1611.158, "46.0 43.6 41.4 39.5 37.8"),
    ("regular", 7): (0.704077, 1.182043, -1680.265, "22.0 20.4 19.1 18.0 17.0"),
    ("high", 4): (1.280967, 7.790326, -1225.135, "53.4 48.6 44.4 40.9 37.8 35.2 32.8 30.7"),
    ("regular", 4): (0.763665, 1.295830, -1401.559, "28.4 25.4 23.0 21.0 19.4 18.1 16.9 16.0"),
}
DISCRETE = {
    "high": (0.259336, 1.722551, 1.584362, -1222.749,
             "54.66 51.04 48.10 45.67 43.60 41.82 40.27 38.89"),
    "regular": (0.523029, 0.894283, 1.196399, -1401.383,
                "28.75 25.89 23.66 21.86 20.38 19.14 18.07 17.14"),
}  # fmt: skip
# alpha, beta: DEL, DERL before the first and the fourth renewal, all at 10 %, and S(12)
WORTH = {
    (0.668, 3.806): (5.9226, 5.4149, 6.6203, 0.3780),
    (0.704, 1.182): (3.6951, 2.9647, 5.4424, 0.1701),
    (3.80, 15.20): (4.0089, 3.3098, 3.7168, 0.1259),
    (0.067, 0.267): (7.9735, 7.6708, 10.0562, 0.6699),
}
PERILS = {(3.80, 15.20): (-12.2, -11.0), (0.067, 0.267): (-41.4, -36.3)}


def family_alone(name: str, years: int, family: str) -> np.ndarray:
    table = published(name, years)
    return projected(table, fitted(table, family), 12, reach=0).value


def beta_geometric(alpha: float, beta: float, length: int) -> np.ndarray:
    return np.exp(log_survival(BETA_GEOMETRIC, np.log([alpha, beta]), length)[0])


@pytest.mark.parametrize(("name", "years"), SHIFTED)
def test_shifted_beta_geometric_as_printed(name, years):
    alpha, beta, best, later = SHIFTED[name, years]
    fit = fitted(published(name, years), "beta-geometric")
    found = [e.value for e in fit.parameters().values()]
    assert found == pytest.approx([alpha, beta], rel=1e-4)
    assert fit.log_likelihood == pytest.approx(best, abs=1e-3)
    value = family_alone(name, years, "beta-geometric")[years + 1 :]
    assert 100 * value == pytest.approx([float(x) for x in later.split()], abs=0.0501)


@pytest.mark.parametrize("name", DISCRETE)
def test_beta_discrete_weibull_as_computed(name):
    *parameters, best, later = DISCRETE[name]
    fit = fitted(published(name, 4), "beta-discrete-Weibull")
    assert [e.value for e in fit.parameters().values()] == pytest.approx(parameters, rel=1e-3)
    assert fit.log_likelihood == pytest.approx(best, abs=1e-3)
    value = family_alone(name, 4, "beta-discrete-Weibull")[5:]
    assert 100 * value == pytest.approx([float(x) for x in later.split()], abs=0.01)


def test_geometric_is_leavers_by_customer_years():
    for name, hazard, last in (("high", 0.10333, 0.270), ("regular", 0.22603, 0.046)):
        there = CURVES[name][:8]
        fit = fitted(published(name, 7), "geometric")
        value = fit.parameters()["hazard"].value
        assert value == pytest.approx((there[0] - there[7]) / sum(there[:7]), rel=1e-12)
        assert value == pytest.approx(hazard, abs=5e-6)
        assert family_alone(name, 7, "geometric")[12] == pytest.approx(last, abs=5e-4)


@pytest.mark.parametrize(("alpha", "beta"), WORTH)
def test_discounted_lifetimes_as_printed_and_as_sums(alpha, beta):
    whole, first, fourth, twelfth = WORTH[alpha, beta]
    curve = beta_geometric(alpha, beta, 200_000)
    assert curve[12] == pytest.approx(twelfth, abs=5e-5)
    own = beta_geometric_lifetime(alpha, beta, 0.1)
    assert own == pytest.approx(whole, abs=5.1e-5)
    assert own == pytest.approx(float(curve @ 1.1 ** -np.arange(200_001.0)), rel=1e-10)
    for renewals, printed in ((1, first), (4, fourth)):
        residual = beta_geometric_residual(alpha, beta, renewals, 0.1)
        later = curve[renewals:] / curve[renewals - 1]
        assert residual == pytest.approx(printed, abs=5.1e-5)
        assert residual == pytest.approx(float(later @ 1.1 ** -np.arange(len(later))), rel=1e-10)


def test_residual_lifetimes_of_the_fit_to_seven_years():
    fit = fitted(published("high", 7), "beta-geometric")
    alpha, beta = (e.value for e in fit.parameters().values())
    found = [beta_geometric_residual(alpha, beta, n, 0.1) for n in range(1, 6)]
    assert found == pytest.approx([5.4145, 5.9014, 6.2939, 6.6199, 6.8967], abs=5.1e-5)


def test_without_interest_lifetimes_are_finite_only_where_alpha_exceeds_1():
    assert beta_geometric_lifetime(0.7, 1.2, 0.0) == float("inf")
    assert beta_geometric_residual(1.0, 1.2, 2, 0.0) == float("inf")
    # E[T] of the beta-geometric law, (alpha + beta - 1) / (alpha - 1)
    assert beta_geometric_lifetime(3.0, 8.0, 0.0) == pytest.approx(5.0, rel=1e-12)


def test_lifetimes_of_an_outlook_are_those_of_the_law():
    table = published("high", 7)
    look = outlook(table, choose(table, ["beta-geometric"]), 700, reach=0)
    fit = fitted(table, "beta-geometric")
    alpha, beta = (e.value for e in fit.parameters().values())
    whole = lifetime(look, 400, interest=0.1).value
    assert whole == pytest.approx(beta_geometric_lifetime(alpha, beta, 0.1), rel=1e-12)
    # who has stayed g years is sure of the next payment; what is beyond it stands before renewal
    residual = residual_lifetime(look, 3, 400, interest=0.1).value
    beyond = beta_geometric_residual(alpha, beta, 4, 0.1) / 1.1
    assert residual == pytest.approx(1 + beyond, rel=1e-9)


@pytest.mark.parametrize(("alpha", "beta"), PERILS)
def test_perils_of_one_retention_rate_for_all(alpha, beta):
    curve = beta_geometric(alpha, beta, 5)
    weights = curve[:5]
    worth = [beta_geometric_residual(alpha, beta, n, 0.1) for n in range(1, 6)]
    first = curve[1:5].sum() / curve[:4].sum()
    second = curve[1:6].sum() / curve[:5].sum()
    missed = [
        100 * (weights.sum() * r * 1.1 / (1.1 - r) / (weights @ worth) - 1) for r in (first, second)
    ]
    assert missed == pytest.approx(PERILS[alpha, beta], abs=0.0501)


def test_elasticity_of_a_base_to_everybodys_retention():
    curve = beta_geometric(3.80, 15.20, 3000)
    assert retention_elasticity(curve, curve[:5], 0.1) == pytest.approx(4.71, abs=5e-3)
    r = curve[1:5].sum() / curve[:4].sum()
    alike = retention_elasticity(r ** np.arange(3001.0), curve[:5], 0.1)
    assert alike == pytest.approx(1.1 / (1.1 - r), rel=1e-9)
    assert alike == pytest.approx(3.82, abs=5e-3)


def test_sorting_and_habit_are_opposite_readings_of_one_curve():
    table = published("regular", 7)
    # the published parameters, rounded, give these digits too
    law = beta_geometric(0.704, 1.182, 7)
    printed = [law[7], law[6], law[7] / law[1]]
    assert printed == pytest.approx([0.2391, 0.2625, 0.3814], abs=5.1e-5)
    look = outlook(table, choose(table, ["beta-geometric"]), 7, reach=0)
    two = two_readings(look, 1, 7)
    found = [two.today.value, two.by_sorting.value, two.by_habit.value]
    assert found == pytest.approx(printed, abs=2e-4)
    retention = law[1:] / law[:-1]
    known = [0.627, 0.756, 0.819, 0.856, 0.880, 0.898, 0.911]
    assert retention == pytest.approx(known, abs=5.1e-4)
    gained = law[:6].sum() - law[1:7].sum()
    assert two.gained_by_sorting.value == pytest.approx(gained, abs=5e-3)


@pytest.mark.parametrize("blocks", [False, True], ids=["units", "blocks"])
@pytest.mark.parametrize("years", [4, 7])
@pytest.mark.parametrize("name", CURVES)
def test_what_is_printed_contains_the_later_years_and_is_not_too_wide(name, years, blocks):
    table = published(name, years, blocks=blocks)
    curve = outlook(table, choose(table), 12).curve()
    later = np.array(CURVES[name][years + 1 :]) / 1000
    assert (curve.low[years + 1 :] <= later).all()
    assert (later <= curve.high[years + 1 :]).all()
    assert curve.high[12] - curve.low[12] <= CURVES[name][years] / 1000 / 2


@pytest.mark.parametrize("name", CURVES)
@pytest.mark.parametrize(
    ("law", "family"),
    [("weibull", "Weibull"), ("normal", "log-normal"), ("logistic", "log-logistic")],
)
def test_interval_censored_laws_are_rs(name, law, family):
    mean, log_scale, best, *errors = stored("projection.json")[f"{name}.{law}"]
    fit = fitted(published(name, 7), family)
    turn = 1 if law == "normal" else -1
    assert fit.at == pytest.approx([mean, turn * log_scale], abs=1e-6)
    assert fit.log_likelihood == pytest.approx(best, abs=1e-6)
    # R's are the model's; here the leavers are binomial, whatever the law
    moved = fit.moved - fit.at
    assert np.sqrt((moved**2).sum(axis=0)) == pytest.approx(errors, rel=0.15)


@pytest.mark.parametrize(
    ("law", "family", "own"),
    [("weibull", "Weibull", "scale"), ("normal", "log-normal", "mu"),
     ("logistic", "log-logistic", "scale")],
)  # fmt: skip
def test_groups_that_share_a_parameter_are_rs(law, family, own):
    mean, more, log_scale, best, *_ = stored("projection.json")[f"both.{law}"]
    tables = {name: published(name, 7) for name in CURVES}
    fit = fitted(tables, family, own=[own])
    turn = 1 if law == "normal" else -1
    assert fit.theta("high") == pytest.approx([mean + more, turn * log_scale], abs=1e-6)
    assert fit.theta("regular") == pytest.approx([mean, turn * log_scale], abs=1e-6)
    assert fit.log_likelihood == pytest.approx(best, abs=1e-6)


def test_contract_by_hand():
    """Twelve customers, term 2, then every second month.

    Month 1: 12 at risk, 1 leaves; 2: 11, 5; 3: 6, 1 (and 1 censored); 4: 4, 2; 5: 2, 0 (1
    censored); 6: 1, 1. Within 1/12, the end 5/11, renewal 3/5, level 1/8.
    """
    exits = np.array([1, *[2] * 5, 3, 3, 4, 4, 5, 6])
    left = np.array([True] * 7 + [False, True, True, False, True])
    table = counted(exits, left, blocks=False)
    assert table.at_risk.sum(axis=(0, 1)).tolist() == [12, 11, 6, 4, 2, 1]
    fit = fitted(table, contract(table, [2], every=2))
    hazards = {
        "within": Fraction(1, 12),
        "end 2": Fraction(5, 11),
        "renewal": Fraction(3, 5),
        "level": Fraction(1, 8),
    }
    found = {name: e.value for name, e in fit.parameters().items()}
    assert found == pytest.approx({k: float(v) for k, v in hazards.items()}, rel=1e-9)
    stay = {name: 1 - h for name, h in hazards.items()}
    eight = stay["within"] * stay["end 2"] * stay["level"] ** 3 * stay["renewal"] ** 3
    alone = projected(table, fit, 8, reach=0).value[8]
    assert alone == pytest.approx(float(eight), rel=1e-9)


def test_geometric_by_hand():
    """Ten customers, of whom 2, 1, 0 and 3 leave in months 1 to 4: 6 leavers in 32 months."""
    exits = np.array([1, 1, 2, 4, 4, 4, 4, 4, 4, 4])
    table = counted(exits, np.arange(10) < 6, blocks=False)
    fit = fitted(table, "geometric")
    hazard = Fraction(6, 10 + 8 + 7 + 7)
    assert fit.parameters()["hazard"].value == pytest.approx(float(hazard), rel=1e-12)
    own = 6 * np.log(6 / 32) + 26 * np.log(26 / 32)
    assert fit.log_likelihood == pytest.approx(own, rel=1e-12)
    assert (fit.aic, fit.bic) == pytest.approx((2 - 2 * own, np.log(6) - 2 * own), rel=1e-12)
    # counted to month 4, (8/10)(7/8)(7/7)(4/7) = 2/5, and the law beyond
    six = Fraction(2, 5) * (1 - hazard) ** 2
    assert projected(table, fit, 6).value[6] == pytest.approx(float(six), rel=1e-12)


def test_every_family_says_what_it_is_called():
    assert list(FAMILIES) == [f.name for f in FAMILIES.values()]
