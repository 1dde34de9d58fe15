"""Gradients of every family and of the likelihood, against finite differences."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.survival.projection import CURED, FAMILIES, contract, fitted
from stammkunde.survival.projection.families import log_survival
from stammkunde.survival.projection.likelihood import Shared, derivatives, log_likelihood
from tests.kernel.projecting import published
from tests.patience import examples

pytestmark = pytest.mark.filterwarnings("error")

TERM = published("high", 12)
CONTRACTS = (
    contract(TERM, [3]),
    contract(TERM, [2, 5], every=3),
    contract(TERM, [3], fading=True),
)
LAWS = {f.name: f for f in (*FAMILIES.values(), *CURED.values())}
LAWS |= {f"{f.name} {i}": f for i, f in enumerate(CONTRACTS)}
SMALL = settings(max_examples=examples(60), deadline=None)
# a five-point formula errs by its fourth power, and rounding by 1e-12 / STEP
STEP = 1e-3
POINTS = ((-2, 1 / 12), (-1, -2 / 3), (1, 2 / 3), (2, -1 / 12))


def points(family, draw):
    wide = {"logit": (-4.0, 1.0), "log": (-1.0, 1.5), "": (-1.0, 3.0)}
    return np.array([draw(st.floats(*wide[s])) for s in family.scales])


@pytest.mark.parametrize("name", LAWS)
@given(data=st.data())
@SMALL
def test_gradients_are_those_of_finite_differences(name, data):
    family = LAWS[name]
    theta = points(family, data.draw)
    for of in (family.steps, lambda t, k: log_survival(family, t, k)):
        value, slope = of(theta, 14)
        by_steps = slopes(lambda t, f=of: f(t, 14)[0], theta)
        assert by_steps == pytest.approx(slope.T, rel=1e-6, abs=1e-7)
        assert (value <= 0).all()
        assert np.isfinite(slope).all()


@pytest.mark.parametrize("name", LAWS)
@given(data=st.data())
@SMALL
def test_the_score_of_groups_is_that_of_finite_differences(name, data):
    family = LAWS[name]
    parameters = len(family.parameters)
    # two groups that share all parameters but the first
    place = np.stack([np.arange(parameters), np.r_[parameters, np.arange(1, parameters)]])
    shared = Shared(family, place)
    at = np.append(points(family, data.draw), points(family, data.draw)[0])
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    n = rng.integers(1, 200, (2, 9))
    d = rng.binomial(n, -np.expm1(family.steps(at[place], 9)[0]))
    value, score, information = derivatives(shared, at, n, d)
    many = _many(n, d, len(at))
    by_steps = slopes(lambda t: log_likelihood(shared, t, *many), at)
    assert by_steps == pytest.approx(score, rel=1e-6, abs=1e-6 * max(1, np.abs(score).max()))
    assert float(value) == pytest.approx(float(log_likelihood(shared, at, n, d)), rel=1e-12)
    assert np.linalg.eigvalsh(information).min() > -1e-6 * np.abs(information).max()


def slopes(function, at: np.ndarray) -> np.ndarray:
    """Return the derivatives of a function of rows in each number, by differences."""
    return sum(w * function(at + k * STEP * np.eye(len(at))) for k, w in POINTS) / STEP


def _many(n: np.ndarray, d: np.ndarray, times: int) -> tuple[np.ndarray, np.ndarray]:
    return np.broadcast_to(n, (times, *n.shape)), np.broadcast_to(d, (times, *d.shape))


@pytest.mark.parametrize("name", [*FAMILIES, *(f.name for f in CURED.values())])
def test_the_law_is_a_law(name):
    """S falls from 1, and at the point found no neighbour is likelier."""
    fit = fitted(published("regular", 7), name)
    value = np.exp(log_survival(fit.family, fit.theta(), 50)[0])
    assert value[0] == 1
    assert (np.diff(value) < 0).all()
    around = fit.at + 1e-3 * np.concatenate([np.eye(len(fit.at)), -np.eye(len(fit.at))])
    many = _many(fit.at_risk, fit.events, len(around))
    assert (log_likelihood(fit.shared, around, *many) < fit.log_likelihood).all()
