"""One cause damped: the worked example, lives drawn at random, and a curve summed by month."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from stammkunde.errors import ParameterError
from stammkunde.policy.worth import Damped, damped_at_any_time, damped_by_month, discounted_lifetime

pytestmark = pytest.mark.filterwarnings("error")

RATES = np.array([0.03, 0.015])


@pytest.mark.parametrize("damped", [damped_at_any_time, damped_by_month])
def test_the_worked_example(damped: Callable[..., Damped]) -> None:
    found = damped(RATES, 0, 0.5)
    assert found.today == pytest.approx(22.2, abs=0.05)
    assert found.then == pytest.approx(33.3, abs=0.05)
    assert found.gained == pytest.approx(11.1, abs=0.05)
    assert found.claimed == pytest.approx(22.2, abs=0.05)
    assert found.cap == pytest.approx(66.7, abs=0.05)
    assert damped(RATES, 0, 0.0).then == found.cap


def test_lives_drawn_at_random_end_with_the_cause_that_comes_first() -> None:
    rng = np.random.default_rng(20)
    size = 400_000
    price, moves = (rng.exponential(1 / r, size) for r in RATES)
    for ratio in (1.0, 0.5, 0.0):
        life = np.minimum(price / ratio, moves) if ratio else moves
        error = life.std() / np.sqrt(size)
        found = damped_at_any_time(RATES, 0, ratio)
        assert abs(life.mean() - found.then) < 3.5 * error
        # an interest of 10 % goes by as months do
        force = np.log(1.1) / 12
        paid = -np.expm1(-force * life) / force
        then = damped_at_any_time(RATES, 0, ratio, 0.1).then
        assert abs(paid.mean() - then) < 3.5 * paid.std() / np.sqrt(size)


def test_by_month_it_is_the_sum_of_a_curve() -> None:
    hazards, t = np.array([0.01, 0.004, 0.02]), np.arange(20_000)
    for ratio, total in ((1.0, 0.034), (0.25, 0.031), (0.0, 0.03), (2.0, 0.038)):
        found = damped_by_month(hazards, 1, ratio, 0.08)
        assert found.then == pytest.approx((1.08 ** (-t / 12) * (1 - total) ** t).sum(), rel=1e-9)
        assert found.then == pytest.approx(discounted_lifetime(total, 0.08), rel=1e-12)
    assert damped_by_month(hazards, 1, 1.0).gained == 0
    assert damped_by_month(hazards, 1, 1.0).claimed == 0


def test_a_cause_alone_knows_no_cap_but_its_interest() -> None:
    found = damped_at_any_time(np.array([0.03]), 0, 0.5)
    assert found.cap == np.inf
    assert found.then == found.one_cause
    at_most = damped_at_any_time(np.array([0.03]), 0, 0.0, 0.1).then
    assert at_most == pytest.approx(12 / np.log(1.1), rel=1e-12)


def test_draws_at_once() -> None:
    rng = np.random.default_rng(3)
    rates, ratios = rng.random((40, 3)) / 50, rng.random(40)
    many = damped_by_month(rates, 2, ratios, 0.05)
    each = [damped_by_month(r, 2, x, 0.05) for r, x in zip(rates, ratios, strict=True)]
    for part in ("today", "then", "one_cause", "cap"):
        assert getattr(many, part) == pytest.approx([float(getattr(e, part)) for e in each])
    assert (many.then <= many.cap).all()
    assert (many.claimed >= many.gained).all()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: damped_by_month(RATES, 2, 0.5), "no cause 2 among 2"),
        (lambda: damped_by_month(np.array([0.7, 0.6]), 0, 0.5), "sum of the causes' hazards"),
        (lambda: damped_by_month(np.array([0.3, 0.6]), 0, 2.0), "sum of the causes' hazards"),
        (lambda: damped_by_month(RATES, 0, -0.5), "ratio of hazards is -0.5"),
        (lambda: damped_at_any_time(-RATES, 0, 0.5), "rate of a cause is -0.03"),
        (lambda: damped_at_any_time(np.array(0.03), 0, 0.5), "no cause 0 among 0"),
    ],
)
def test_what_cannot_be_is_refused(call: Callable[[], object], said: str) -> None:
    with pytest.raises(ParameterError, match=said) as refused:
        call()
    assert refused.value.remedy
