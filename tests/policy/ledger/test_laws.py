"""What is drawn has the points that were typed, and what contradicts itself is refused."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, stats

from stammkunde.errors import ParameterError
from stammkunde.policy.ledger import Assumption, Law, Source

TODAY = {"says": "workshop of the sales managers", "when": date(2026, 1, 12)}


def assumption(value, low=None, high=None, law="fixed", unit="", **more):
    return Assumption("x", value, low, high, Law(law), unit, **TODAY | more)


DRAWN = {
    "uniform": (0.3, 0.1, 0.5, stats.uniform(0.1, 0.4)),
    "triangular": (0.2, 0.1, 0.5, stats.triang(0.25, 0.1, 0.4)),
    "normal": (5.0, 3.0, 7.0, stats.norm(5.0, 2.0 / stats.norm.ppf(0.95))),
    "lognormal": (
        0.8, 0.64, 1.0,
        stats.lognorm(np.log(1 / 0.64) / (2 * stats.norm.ppf(0.95)), scale=0.8),
    ),
}  # fmt: skip


@pytest.mark.parametrize("law", DRAWN)
def test_quantiles_and_means_are_those_of_the_law(law):
    value, low, high, known = DRAWN[law]
    chance = np.linspace(0.001, 0.999, 99)
    x = assumption(value, low, high, law)
    assert_allclose(x.at(chance), known.ppf(chance), rtol=1e-12)
    assert_allclose(x.mean(), known.mean(), rtol=1e-12)


@pytest.mark.parametrize("law", ["normal", "lognormal", "beta"])
def test_low_and_high_are_the_5_and_95_percent_points(law):
    value = {"normal": 0.25, "lognormal": 0.2, "beta": 0.2349}[law]
    x = assumption(value, 0.1, 0.4, law)
    assert_allclose(x.at(np.array([0.05, 0.95])), [0.1, 0.4], rtol=1e-9)
    assert x.level == 0.9
    mean, _ = integrate.quad(lambda u: float(x.at(np.array(u))), 0, 1, limit=200)
    assert_allclose(x.mean(), mean, rtol=1e-6)


@pytest.mark.parametrize(
    ("low", "high"), [(1e-4, 0.002), (0.01, 0.99), (0.9, 0.9999), (0.05, 0.12), (0.001, 0.7)]
)
def test_a_beta_law_is_found_for_any_two_points(low, high):
    from stammkunde.policy.ledger.laws import beta

    law = stats.beta(*beta(low, high))
    assert_allclose(law.cdf([low, high]), [0.05, 0.95], atol=1e-8)


def test_ends_of_a_law_with_ends():
    for law, value in (("uniform", 3.0), ("triangular", 2.0)):
        drawn = assumption(value, 2.0, 4.0, law).at(np.array([1e-15, 1 - 1e-15]))
        assert_allclose(drawn, [2.0, 4.0], atol=1e-6)
        assert assumption(value, 2.0, 4.0, law).level == 1.0


REFUSED = {
    "a value outside": ((0.9, 0.1, 0.5, "triangular"), "outside its limits 0.1 and 0.5"),
    "limits the wrong way": ((0.3, 0.5, 0.1, "normal"), "lies between 0.5 and 0.1"),
    "a normal law askew": ((0.8, 0.5, 0.9, "normal"), "has its middle at 0.7"),
    "a lognormal law askew": ((0.9, 0.5, 1.0, "lognormal"), "has its middle at 0.7071"),
    "a beta law askew": ((0.2, 0.1, 0.4, "beta"), "has its middle at 0.2349"),
    "a lognormal below nothing": ((0.8, 0.0, 1.0, "lognormal"), "a lower limit of 0"),
    "a beta law up to all": ((0.8, 0.5, 1.0, "beta"), "between 0.5 and 1"),
    "limits of a fixed number": ((0.8, 0.5, 1.0, "fixed"), "is fixed and has limits"),
    "no limits of a law": ((0.8, None, None, "normal"), "not a finite number"),
    "not a number": ((np.nan, None, None, "fixed"), "not a finite number"),
    "a share above all": ((1.2, None, None, "fixed", "share"), "its unit allows 0 to 1"),
    "a normal share": ((0.1, 0.02, 0.18, "normal", "share"), "its unit allows 0 to 1"),
    "a negative ratio": ((0.5, -0.1, 1.1, "uniform", "ratio"), "its unit allows 0 on"),
    "a lognormal share": ((0.6, 0.4, 0.9, "lognormal", "share"), "its unit allows 0 to 1"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_contradicts_itself_is_refused(what):
    given, said = REFUSED[what]
    with pytest.raises(ParameterError, match="x") as told:
        assumption(*given)
    assert said in told.value.what
    assert told.value.remedy


def test_what_just_fits_is_taken():
    """The same kinds of rows, within a twentieth of their width."""
    assumption(0.71, 0.5, 0.9, "normal")
    assumption(0.72, 0.5, 1.0, "lognormal")
    assumption(0.2349, 0.1, 0.4, "beta", "share")
    assumption(0.1, 0.08, 0.12, "normal", "share")
    assert assumption(0.8, 0.8, 0.8).mean() == 0.8


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"says": " "}, "says"), ({"when": None}, "when"), ({"source": "rumour"}, "source"),
    ],
)  # fmt: skip
def test_nobody_assumes_anything_without_a_name_and_a_day(changed, where):
    with pytest.raises(ParameterError) as told:
        assumption(1.0, **changed)
    assert told.value.where == where


def test_a_law_that_is_not_known():
    with pytest.raises(ParameterError, match="Did you mean `normal`"):
        Assumption("x", 1.0, 0.0, 2.0, "normale", **TODAY)
    assert Source("workshop") is Source.WORKSHOP
