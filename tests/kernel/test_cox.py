"""Cox against published values, R, fractions by hand, and what the user is told."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from lifelines.datasets import load_lung, load_rossi, load_stanford_heart_transplants
from scipy import stats

from stammkunde.errors import DataError, NotObservedError, ParameterError
from stammkunde.result import Status
from stammkunde.spells.source import fetch
from stammkunde.survival.cox.efron import efron_sums
from stammkunde.survival.cox.fit import CoxFit, baselines, cox
from stammkunde.survival.cox.pairs import concordance
from stammkunde.survival.cox.proportional import proportionality
from tests.kernel.conftest import ROOT
from tests.reference.stored import stored

EXACT = {"rel": 1e-9, "abs": 1e-12}


@pytest.fixture(scope="module")
def r() -> dict[str, Any]:
    return stored("cox.json")


def rows_of(r: dict[str, Any], *, expanded: bool, entry: bool = True, **more: Any) -> CoxFit:
    """Return the fit of the stored rows, with weights or with every row repeated."""
    data = {k.removeprefix("rows."): np.array(v) for k, v in r.items() if k.startswith("rows.")}
    weight = data.pop("weight")
    if expanded:
        data = {k: np.repeat(v, weight) for k, v in data.items()}
    more = {k: data[v] if isinstance(v, str) and v in data else v for k, v in more.items()}
    covariates = np.column_stack([data["x1"], data["x2"], data["x3"]])
    more |= {"entry": data["entry"]} if entry else {}
    more |= {} if expanded else {"weight": weight}
    return cox(data["exit"], data["left"], covariates, names=("x1", "x2", "x3"), **more)


VARIANTS: dict[str, dict[str, Any]] = {
    "efron": {},
    "breslow": {"ties": "breslow"},
    "right": {"entry": False},
    "strata": {"stratum": "region"},
    "cluster": {"cluster": "person"},
    "cluster.strata": {"cluster": "person", "stratum": "region"},
    "cluster.breslow": {"cluster": "person", "entry": False, "ties": "breslow"},
}
TESTED = ("efron", "breslow", "right", "strata")


@pytest.mark.parametrize("expanded", [False, True], ids=["weights", "repeated"])
@pytest.mark.parametrize("key", VARIANTS)
def test_a_fit_is_that_of_r_on_repeated_rows(r, key, expanded):
    fit = rows_of(r, expanded=expanded, **VARIANTS[key])
    plain = r.get(f"{key}.naive", r[f"{key}.covariance"])
    assert fit.coefficients == pytest.approx(r[f"{key}.coefficients"], **EXACT)
    assert fit.covariance.ravel() == pytest.approx(plain, **EXACT)
    found = [fit.log_likelihood_null, fit.log_likelihood]
    assert found == pytest.approx(r[f"{key}.loglik"], rel=1e-12)
    assert fit.score == pytest.approx(r[f"{key}.score"][0], **EXACT)
    assert concordance(fit).share == pytest.approx(r[f"{key}.concordance"][0], rel=1e-12)
    assert (fit.robust is None) == ("cluster" not in VARIANTS[key])
    if fit.robust is not None:
        assert fit.robust.ravel() == pytest.approx(r[f"{key}.covariance"], **EXACT)
        assert fit.clusters == 45


@pytest.mark.parametrize("transform", ["km", "identity"])
@pytest.mark.parametrize("key", TESTED)
def test_proportionality_is_that_of_r(r, key, transform):
    fit = rows_of(r, expanded=False, **VARIANTS[key])
    table = np.reshape(r[f"{key}.zph.{transform}"], (4, 3))
    found = [(t.statistic, t.df, t.p) for t in proportionality(fit, transform)]
    assert np.array(found) == pytest.approx(table, rel=1e-8, abs=1e-12)


def test_the_baseline_is_that_of_r(r):
    ((times, hazard),) = baselines(rows_of(r, expanded=False))
    assert times == pytest.approx(r["baseline.times"])
    assert hazard == pytest.approx(r["baseline.hazard"], **EXACT)


def test_a_baseline_elsewhere_is_multiplied(r):
    fit = rows_of(r, expanded=False, stratum="region")
    at = np.array([1.0, 2.0, -0.5])
    pairs = list(zip(baselines(fit), baselines(fit, at), strict=True))
    assert len(pairs) == 3
    for (_, here), (_, there) in pairs:
        assert there == pytest.approx(here * np.exp(fit.coefficients @ at), rel=1e-12)


# the published fits had stopped a step early: they are right to about 3e-9
PRINTED = 5e-9


def test_lung(r):
    frame = pd.DataFrame(load_lung()).dropna(subset=["ph.ecog"])
    columns = ["age", "sex", "ph.ecog"]
    x = frame[columns].to_numpy()
    efron = cox(frame.time.to_numpy(), frame.status.to_numpy(), x, names=columns)
    breslow = cox(frame.time.to_numpy(), frame.status.to_numpy(), x, ties="breslow")
    assert efron.rows == 227
    wanted = [0.01106676456, -0.55261239570, 0.46372847537]
    assert efron.coefficients == pytest.approx(wanted, abs=PRINTED)
    assert efron.se == pytest.approx([0.009267411, 0.167739054, 0.113577266], abs=5e-10)
    assert efron.log_likelihood == pytest.approx(-729.2301214, abs=5e-8)
    wanted = [0.01104113635, -0.55188956979, 0.46294704059]
    assert breslow.coefficients == pytest.approx(wanted, abs=PRINTED)
    for fit, key in ((efron, "lung"), (breslow, "lung.breslow")):
        assert fit.coefficients == pytest.approx(r[f"{key}.coefficients"], **EXACT)
        assert fit.covariance.ravel() == pytest.approx(r[f"{key}.covariance"], **EXACT)
        assert fit.log_likelihood == pytest.approx(r[f"{key}.loglik"][1], rel=1e-12)


def test_rossi(r):
    frame = pd.DataFrame(load_rossi())
    columns = list(frame.columns[2:])
    fit = cox(frame.week, frame.arrest, frame[columns].to_numpy(), names=columns)
    wanted = [-0.37942216649, -0.05743774268, 0.31389978784, -0.14979569767, -0.43370388]
    assert fit.coefficients[:5] == pytest.approx(wanted, abs=PRINTED)
    assert fit.coefficients[5:] == pytest.approx([-0.0848710825, 0.09149708099], abs=PRINTED)
    assert fit.log_likelihood == pytest.approx(-658.7476594, abs=5e-8)
    assert fit.coefficients == pytest.approx(r["rossi.coefficients"], **EXACT)
    assert fit.covariance.ravel() == pytest.approx(r["rossi.covariance"], **EXACT)
    assert fit.score == pytest.approx(r["rossi.score"][0], **EXACT)
    assert concordance(fit).share == pytest.approx(r["rossi.concordance"][0], rel=1e-12)
    for transform in ("km", "identity"):
        table = np.reshape(r[f"rossi.zph.{transform}"], (8, 3))
        found = [(t.statistic, t.df, t.p) for t in proportionality(fit, transform)]
        assert np.array(found) == pytest.approx(table, rel=1e-8)


def test_heart_start_and_stop():
    frame = pd.DataFrame(load_stanford_heart_transplants())
    x = frame[["age", "year", "surgery", "transplant"]].to_numpy(dtype=float)
    fit = cox(frame.stop, frame.event, x, entry=frame.start, cluster=frame.id)
    wanted = [0.02716664, -0.14634635, -0.63720989, -0.01025077]
    assert fit.coefficients == pytest.approx(wanted, abs=PRINTED)
    assert fit.log_likelihood == pytest.approx(-290.5656162, abs=5e-8)
    assert fit.clusters == 103


def test_telco():
    fetch(ROOT, "telco")
    frame = pd.read_csv(ROOT / "data" / "raw" / "telco" / "Customer_Churn.csv")
    columns = {
        "one year": frame.Contract == "One year",
        "two years": frame.Contract == "Two year",
        "MonthlyCharges": frame.MonthlyCharges,
        "SeniorCitizen": frame.SeniorCitizen,
        "PaperlessBilling": frame.PaperlessBilling == "Yes",
    }
    x = np.column_stack([c.astype(float) for c in columns.values()])
    fit = cox(frame.tenure.to_numpy(), frame.Churn.to_numpy() == "Yes", x, names=list(columns))
    wanted = [-2.161435, -4.170631, -0.001041, 0.003834, 0.249947]
    assert fit.rows == 7032
    assert fit.coefficients == pytest.approx(wanted, abs=5e-7)
    assert fit.log_likelihood == pytest.approx(-14333.2891, abs=5e-5)
    assert concordance(fit).share == pytest.approx(0.79549, abs=5e-6)


def test_two_who_leave_together_by_hand():
    """Months 1, 1, 2, 2 with x = 1, 0, 1, 0; the last is censored.

    Month 1, hazard ratio h: S0 = 2h + 2, D0 = h + 1, so the terms are 2h + 2 and 3/2 (h + 1). Both
    together are 3 (h + 1)^2. Month 2: h of h + 1. The likelihood h * h / (3 (h + 1)^3) is largest
    where 2 (h + 1) = 3 h: h = 2; it is 4/81 there and 1/24 at h = 1. The information is the sum of
    x's variances: 2/9 for each of the three terms.
    """
    fit = cox([1, 1, 2, 2], [1, 1, 1, 0], [1, 0, 1, 0])
    assert np.exp(fit.coefficients[0]) == pytest.approx(2, rel=1e-12)
    assert np.exp(fit.log_likelihood) == pytest.approx(float(Fraction(4, 81)), rel=1e-12)
    assert np.exp(fit.log_likelihood_null) == pytest.approx(float(Fraction(1, 24)), rel=1e-12)
    assert 1 / fit.covariance[0, 0] == pytest.approx(float(Fraction(2, 3)), rel=1e-12)
    # pairs: each of the two who leave first with each who stays, and the third with the fourth
    pairs = concordance(fit)
    assert (pairs.right, pairs.wrong, pairs.same) == (2, 1, 2)


@pytest.mark.parametrize("deaths", [1, 2, 63, 64, 65, 66, 70, 500, 20_000])
@pytest.mark.parametrize("share", [1e-9, 1e-3, 0.5, 0.999, 1.0])
def test_the_sums_over_ties_are_those_of_the_single_terms(deaths, share):
    at_risk = np.array([3.7e4])
    terms = at_risk[0] * (1 - np.arange(deaths) / deaths * share)
    found = efron_sums(at_risk, at_risk * share, np.array([float(deaths)]))
    wanted = [np.log(terms).sum(), (1 / terms).sum(), (1 / terms**2).sum()]
    assert [float(f[0]) for f in found] == pytest.approx(wanted, rel=1e-12)


def test_hazard_ratios_are_estimates_under_an_assumption():
    x = np.tile([0, 1], 40)
    exit_, left = 1 + (np.arange(80) * 7 + 3 * x) % 11, (np.arange(80) % 3 > 0)
    fit = cox(exit_, left, x, names=["paperless"], persons=80)
    (ratio,) = fit.hazard_ratios(0.9)
    beta, se = fit.coefficients[0], fit.se[0]
    assert ratio.value == pytest.approx(np.exp(beta))
    assert ratio.high == pytest.approx(np.exp(beta + stats.norm.ppf(0.95) * se))
    assert (ratio.unit, ratio.status, ratio.level) == ("ratio", Status.ESTIMATED, 0.9)
    assert ratio.assumptions == ("proportional_hazards",)
    assert (ratio.persons, ratio.events) == (80, int(left.sum()))
    assert fit.to_frame().name.tolist() == ["paperless"]
    by = cox(exit_, left, x, cluster=np.arange(80) // 4).hazard_ratios()[0]
    wide = np.exp(stats.t.ppf(0.975, 19) * by.se / by.value)
    assert (by.high / by.value, by.value / by.low) == pytest.approx((wide, wide))
    few = cox(exit_, left, x, cluster=np.arange(80) % 9).hazard_ratios()[0]
    assert (few.value, few.low, few.high, few.reason) == (None, None, None, "too_few_persons")


def test_the_tests_of_no_effect_agree_where_there_is_much_data(r):
    frame = pd.DataFrame(load_rossi())
    fit = cox(frame.week, frame.arrest, frame.iloc[:, 2:].to_numpy())
    ratio, wald, score = fit.tests()
    assert ratio.statistic == pytest.approx(33.26594580, abs=1e-7)
    assert wald.statistic == pytest.approx(32.11261019, abs=1e-7)
    assert score.statistic == pytest.approx(r["rossi.score"][0])
    assert [t.df for t in (ratio, wald, score)] == [7, 7, 7]
    by = cox(frame.week, frame.arrest, frame.iloc[:, 2:].to_numpy(), cluster=frame.index)
    assert by.tests()[1].method == "Wald, errors by cluster"
    few = cox(frame.week, frame.arrest, frame.iloc[:, 2:].to_numpy(), cluster=frame.index % 3)
    assert few.tests()[1].df <= 2


EXIT, LEFT = np.arange(1, 41), np.arange(40) % 2
ONE = (np.arange(40) // 3 % 2).astype(float)
TWO = (np.arange(40) // 7 % 2).astype(float)


@pytest.mark.parametrize(
    ("error", "says", "columns"),
    [
        (ParameterError, "`b`: the column does not vary", [ONE, np.full(40, 3.5)]),
        (ParameterError, "`b`: the column follows from others (`a`)", [ONE, 1 - ONE]),
        (ParameterError, "`c`: the column follows from others", [ONE, TWO, 2 * TWO - 3 * ONE]),
        (NotObservedError, "`b`: the column tells exactly", [ONE, LEFT]),
        (NotObservedError, "`b`: the column tells exactly", [ONE, EXIT]),
        (NotObservedError, "`a`: the column tells exactly", [1e5 * EXIT, TWO]),
        (DataError, "missing or endless (1 row)", [np.where(EXIT == 3, np.nan, ONE)]),
        (DataError, "missing or endless (2 rows)", [np.where(EXIT < 3, np.inf, ONE)]),
    ],
)
def test_columns_that_have_no_coefficient_are_named(error, says, columns):
    with pytest.raises(error) as caught:
        cox(EXIT, LEFT, np.column_stack(columns), names=list("abc")[: len(columns)])
    assert says in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("error", "says", "changes"),
    [
        (NotObservedError, "nobody", {"event": np.zeros(40)}),
        (NotObservedError, "nobody", {"entry": EXIT}),
        (DataError, "neither 0 nor 1", {"event": np.full(40, 2)}),
        (DataError, "a weight is no whole number", {"weight": np.full(40, 0.5)}),
        (DataError, "a weight is no whole number", {"weight": np.full(40, np.nan)}),
        (DataError, "belongs to no cluster", {"cluster": np.full(40, np.nan)}),
        (ParameterError, "differ in length", {"event": np.ones(3)}),
        (ParameterError, "differ in length", {"weight": np.ones(3)}),
        (ParameterError, "40 rows but 3 clusters", {"cluster": np.ones(3)}),
        (ParameterError, "different names", {"names": ["a", "b"]}),
        (ParameterError, "no covariate", {"covariates": np.zeros((40, 0))}),
        (DataError, "covariates: there are values that are no numbers", {"covariates": ["a"] * 40}),
        (DataError, "missing or endless", {"covariates": [None, *ONE[1:]]}),
        (ParameterError, "efron or breslow", {"ties": "exact"}),
        (DataError, "there are no rows", {"exit_": [], "event": [], "covariates": []}),
    ],
)
def test_what_cannot_be_fitted_is_said(error, says, changes):
    given: dict[str, Any] = {"exit_": EXIT, "event": LEFT, "covariates": ONE} | changes
    with pytest.raises(error, match=says):
        cox(**given)


def test_one_customer_all_in_month_one_and_500_strata():
    with pytest.raises(ParameterError, match="does not vary"):
        cox([3], [1], [1.0])
    everyone = cox(np.ones(40), np.ones(40), ONE)
    assert everyone.coefficients[0] == pytest.approx(0, abs=1e-12)
    assert proportionality(everyone)[0].p == 1
    many = np.arange(2000)
    fit = cox(1 + many * 7 % 5, many % 3 > 0, many // 500 % 2, stratum=many % 500)
    assert len(baselines(fit)) == 500
    assert np.isfinite(fit.coefficients).all()
    with pytest.raises(ParameterError, match="km or identity"):
        proportionality(fit, "rank")
