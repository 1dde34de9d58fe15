"""Purchase histories that no model fits say why; what is no history is refused."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
import pytest

from stammkunde.errors import DataError, ParameterError
from stammkunde.survival.buying import (
    Histories,
    alive_share,
    bg_nbd,
    chances,
    gamma_gamma,
    histories_from,
    purchases_of_newcomer,
    spend_per_purchase,
)
from stammkunde.survival.buying.bgnbd import (
    NO_REPEATS,
    NOBODY_LEAVES,
    RUNS_OFF,
    TOO_FEW_REPEATERS,
)
from stammkunde.survival.buying.gamma_gamma import NO_AMOUNTS, NO_MEAN
from stammkunde.survival.curve import TOO_FEW_PERSONS
from tests.kernel.buying import cdnow


@pytest.fixture(autouse=True)
def _warnings_are_errors() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture(scope="module")
def sample() -> Histories:
    return cdnow()


def steady(persons: int, x: int, t_x: int, length: int, spent: int = 0) -> Histories:
    every = np.ones(persons, dtype=int)
    block = np.arange(persons) % 256
    return histories_from(x * every, t_x * every, length * every, block=block, spent=spent * every)


@pytest.mark.parametrize(
    ("histories", "reason"),
    [
        (steady(1, 3, 20, 30), TOO_FEW_PERSONS),
        (steady(9, 3, 20, 30), TOO_FEW_PERSONS),
        (steady(500, 0, 0, 30), NO_REPEATS),
        (steady(500, 0, 0, 30) + steady(4, 3, 20, 30), TOO_FEW_REPEATERS),
        (steady(500, 3, 20, 30), NOBODY_LEAVES),
        (steady(500, 3, 5, 300), RUNS_OFF),
    ],
)
def test_what_cannot_be_fitted_says_why(histories, reason):
    fit = bg_nbd(histories)
    assert fit.reason == reason
    told = (fit.r, fit.alpha, alive_share(fit, histories), purchases_of_newcomer(fit, 4))
    assert {(e.value, e.reason) for e in told} == {(None, reason)}
    assert np.isnan(chances(fit, histories)).all()


def test_who_never_goes_has_no_chance_to_go():
    """Poisson purchases at different rates, for ever: the chance to go runs to 0."""
    rng = np.random.default_rng(11)
    x = rng.poisson(rng.gamma(2.0, 4.0, 600))
    t_x = np.where(x > 0, np.ceil(1000 * rng.random(600) ** (1 / np.maximum(x, 1))), 0).astype(int)
    h = histories_from(x, t_x, np.full(600, 1000), block=np.arange(600) % 256)
    assert bg_nbd(h).reason == NOBODY_LEAVES


def test_spend_that_cannot_be_fitted_says_why(sample):
    plain = histories_from(sample.x, sample.t_x, sample.length, count=sample.count)
    assert gamma_gamma(plain).reason == NO_AMOUNTS
    assert gamma_gamma(steady(500, 0, 0, 30)).reason == NO_REPEATS
    assert gamma_gamma(steady(9, 2, 20, 30, 500)).reason == TOO_FEW_PERSONS
    same = gamma_gamma(steady(500, 2, 20, 30, 500))
    assert (same.reason, same.mean.value) == (RUNS_OFF, None)
    assert spend_per_purchase(same, sample).value is None


def test_spend_without_a_mean_is_not_told():
    """q below 1: rates so different that no mean exists."""
    rng = np.random.default_rng(3)
    x = rng.integers(1, 5, 800)
    spent = np.ceil(100 * rng.gamma(4.0 * x) / rng.gamma(0.6, 1.0, 800)).astype(int)
    fit = gamma_gamma(histories_from(x, x, x, spent=spent, block=np.arange(800) % 256))
    assert (fit.reason, fit.mean.value, fit.mean.reason) == ("", None, NO_MEAN)
    assert fit.q.value == pytest.approx(0.6, abs=0.1)


@pytest.mark.parametrize(
    ("x", "t_x", "length"), [(-1, 0, 5), (1, 6, 5), (0, 2, 5), (2, 0, 5), (1.5, 1, 5)]
)
def test_what_is_no_history_is_refused(x, t_x, length):
    with pytest.raises(DataError, match=r"histor|whole numbers"):
        histories_from(np.array([x]), np.array([t_x]), np.array([length]))


def test_histories_in_different_units_do_not_add(sample):
    with pytest.raises(ParameterError, match="cannot be added"):
        sample + sample.in_units("day")
    with pytest.raises(ParameterError, match="no unit"):
        sample.in_units("weak")
    with pytest.raises(ParameterError, match="nothing is to come"):
        purchases_of_newcomer(bg_nbd(sample), 0)
