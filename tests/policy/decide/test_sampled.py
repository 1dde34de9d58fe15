"""Pilots valued from draws: beside the normal formula, simulated results, and the laws."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from stammkunde.errors import ParameterError
from stammkunde.policy.decide import (
    difference_se,
    evppi,
    evsi_from_draws,
    evsi_of_results,
    normal_evpi,
    normal_evsi,
    pilot_results,
    preposterior_sd,
)
from tests.policy.decide.worlds import NAMES, bent, linear, of

DRAWS = 5000
SIZES = np.array([100, 500, 1000, 2000, 5000])


def test_where_all_is_normal_it_is_the_formula() -> None:
    difference = np.random.default_rng(31).normal(4, 10, DRAWS)
    values = np.column_stack([0 * difference, difference])
    found = evsi_from_draws(values, difference, difference_se(120, SIZES), NAMES)
    truth = normal_evsi(4, 10, 120, SIZES)
    assert (np.abs(found.value - truth) < 3.5 * found.se).all()
    assert (found.se < 0.12).all()
    assert found.to_frame().shape == (5, 4)
    assert "<table" in found._repr_html_()


def test_a_pilot_of_one_assumption_among_two_leaves_the_other_in_doubt() -> None:
    values, first, _ = linear(np.random.default_rng(32), DRAWS)
    errors = np.array([0.0, 3.0, 6.0, 20.0])
    found = evsi_from_draws(values, 4 + 6 * first, errors, NAMES)
    truth = normal_evpi(4, preposterior_sd(6, errors))
    assert (np.abs(found.value - truth) < 3.5 * found.se).all()


def test_simulated_results_say_the_same_as_moments() -> None:
    values, first, _ = linear(np.random.default_rng(33), DRAWS)
    known, error = 4 + 6 * first, 4.0
    moments = evsi_from_draws(values, known, [error], NAMES)
    found = evsi_of_results(values, pilot_results(known, error, "pilot 1"), NAMES)
    truth = normal_evpi(4, preposterior_sd(6, error))
    assert abs(of(found.value).value - truth) < 3.5 * of(found.value).se
    assert abs(of(found.value).value - moments.value[0]) < 3.5 * np.hypot(
        of(found.value).se, moments.se[0]
    )


def test_results_of_shares_agree_with_beta_and_binomial_counted_out() -> None:
    """A share of unknown size, a pilot of 20: what is believed after each of 21 results."""
    a, b, n, bar = 3.0, 7.0, 20, 0.32
    results = np.arange(n + 1)
    chance = stats.betabinom(n, a, b).pmf(results)
    believed = (a + results) / (a + b + n)
    truth = chance @ np.maximum(believed, bar) - max(a / (a + b), bar)
    rng = np.random.default_rng(34)
    share = rng.beta(a, b, 3 * DRAWS)
    seen = rng.binomial(n, share)
    values = np.column_stack([bar + 0 * share, share])
    found = of(evsi_of_results(values, seen, NAMES).value)
    assert abs(found.value - truth) < 3.5 * found.se
    assert found.se < 0.05 * truth


def test_a_larger_pilot_is_never_worth_less_and_never_passes_knowing() -> None:
    for seed in range(2):
        values, known = bent(np.random.default_rng(300 + seed), 400)
        found = evsi_from_draws(values, known, np.geomspace(100, 0.001, 12), NAMES)
        assert (np.diff(found.value) >= 0).all()
        assert found.value[-1] <= of(found.perfect.value).value <= found.perfect.evpi
        assert found.perfect == evppi(values, known, NAMES)
        assert found.value[-1] == pytest.approx(found.perfect.value.value, rel=1e-3)
        assert 0 <= found.value[0] < 0.1 * found.value[-1]


def test_a_pilot_without_error_is_knowing_and_one_that_says_nothing_is_worth_nothing() -> None:
    values, known = bent(np.random.default_rng(35), 800)
    found = evsi_from_draws(values, known, [0.0, 1e12], NAMES)
    assert found.value[0] == pytest.approx(found.perfect.value.value, rel=1e-12)
    assert found.value[1] == pytest.approx(0.0, abs=1e-9)
    assert found.resolved.tolist() == pytest.approx([1.0, 0.0], abs=1e-12)


def test_results_are_the_truth_and_an_error_that_belongs_to_the_pilot() -> None:
    truth = np.zeros(20_000)
    one, again, other = (pilot_results(truth, 3.0, k) for k in ("a", "a", "b"))
    assert (one == again).all()
    assert abs(np.corrcoef(one, other)[0, 1]) < 3.5 / np.sqrt(len(truth))
    assert abs(one.std() - 3) < 3.5 * 3 / np.sqrt(2 * len(truth))
    assert (pilot_results(truth + 2, 0.0, "a") == 2).all()


def test_negative_errors_are_refused() -> None:
    values, known = bent(np.random.default_rng(36), 200)
    with pytest.raises(ParameterError, match="standard errors"):
        evsi_from_draws(values, known, [-1.0], NAMES)
    with pytest.raises(ParameterError, match="standard error"):
        pilot_results(known, -1.0, "a")
