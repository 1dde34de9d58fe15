"""Customers over time: the value remembered from Berger and Nasr, sums, chains walked by hand."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from stammkunde.errors import ParameterError
from stammkunde.policy.worth import (
    by_recency,
    discounted_lifetime,
    margin_multiple,
    migration_value,
    month_factor,
    retained_value,
)

pytestmark = pytest.mark.filterwarnings("error")


def test_the_first_case_of_berger_and_nasr() -> None:
    found = retained_value(260, 50, 0.75, 0.2, 10)
    assert found == pytest.approx(568.78, abs=5e-3)
    plain = sum(260 * 0.75**i / 1.2**i for i in range(11))
    plain -= sum(50 * 0.75 ** (i - 1) / 1.2 ** (i - 0.5) for i in range(1, 11))
    assert found == pytest.approx(plain, rel=1e-13)


def test_draws_of_everything_at_once() -> None:
    margins, retained = np.array([260.0, 100.0, 0.0]), np.array([0.75, 0.2, 1.0])
    found = retained_value(margins, 50, retained, np.array([0.2, 0.1, 0.0]), 10)
    rows = zip(margins, retained, (0.2, 0.1, 0.0), strict=True)
    assert found == pytest.approx([retained_value(m, 50, r, d, 10) for m, r, d in rows], rel=1e-14)


def test_what_is_retained_for_ever_is_a_multiple() -> None:
    whole = retained_value(1.0, 0.0, 0.8, 0.12, 2000)
    assert whole == pytest.approx(margin_multiple(0.8, 0.12, at_once=True), rel=1e-12)
    # today's margin only, and nobody to keep
    assert retained_value(7.0, 50.0, 0.8, 0.12, 0) == 7.0


def test_a_discounted_lifetime_is_the_sum_of_its_months() -> None:
    assert discounted_lifetime(0.02, 0.10) == pytest.approx(36.0324, abs=5e-5)
    months = np.arange(200_000)
    for hazard, interest in ((0.02, 0.1), (0.3, 0.0), (0.0, 0.05), (1.0, 0.1), (0.01, -0.02)):
        paid = (1 + interest) ** (-months / 12) * (1 - hazard) ** months
        assert discounted_lifetime(hazard, interest) == pytest.approx(paid.sum(), rel=1e-9)
    assert month_factor(0.1) ** 12 == pytest.approx(1 / 1.1, rel=1e-14)


def test_a_chain_is_worth_what_its_steps_bring() -> None:
    """Four states by recency, no published digits: walked on for 2000 periods."""
    moves, rewards = by_recency(np.array([0.3, 0.2, 0.15, 0.05])), np.array([36.0, -4, -4, -4])
    assert moves.sum(axis=1).tolist() == [1.0, 1.0, 1.0, 0.05]
    found = migration_value(moves, rewards, 0.2)
    there, plain = np.eye(4), np.zeros(4)
    for t in range(2000):
        plain += there @ rewards / 1.2**t
        there = there @ moves
    assert found == pytest.approx(plain, rel=1e-12)


def test_two_states_in_fractions() -> None:
    """Buys with 1/2, lapses with 1/2; comes back with 1/4, is lost with 3/4; d = 1/4."""
    factor, half, quarter = Fraction(4, 5), Fraction(1, 2), Fraction(1, 4)
    # V1 = 10 + f (V1 / 2 + V2 / 2), V2 = -1 + f V1 / 4
    first = (10 - factor * half) / (1 - factor * half - factor * half * factor * quarter)
    second = -1 + factor * quarter * first
    found = migration_value(by_recency(np.array([0.5, 0.25])), np.array([10.0, -1.0]), 0.25)
    assert found == pytest.approx([float(first), float(second)], rel=1e-14)


def test_with_one_state_a_customer_is_lost_for_good() -> None:
    found = migration_value(by_recency(0.75), np.array([260.0]), 0.2)
    assert found == pytest.approx([260 * margin_multiple(0.75, 0.2, at_once=True)], rel=1e-13)


def test_states_may_be_told_in_any_order_and_draws_at_once() -> None:
    rng = np.random.default_rng(5)
    moves = rng.dirichlet(np.ones(5), (3, 4))[..., :4]
    rewards, turn = rng.normal(size=(3, 4)), [2, 0, 3, 1]
    found = migration_value(moves, rewards, np.array([0.0, 0.05, 0.3]))
    turned = migration_value(moves[:, turn][:, :, turn], rewards[:, turn], np.array([0, 0.05, 0.3]))
    assert turned == pytest.approx(found[:, turn], rel=1e-12)
    scaled = migration_value(moves, 7 * rewards, np.array([0.0, 0.05, 0.3]))
    assert scaled == pytest.approx(7 * found, rel=1e-12)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: retained_value(1, 1, 0.5, 0.1, -1), "-1 periods"),
        (lambda: retained_value(1, 1, 1.5, 0.1, 3), "the retention is 1.5"),
        (lambda: discounted_lifetime(1.1, 0.1), "the hazard is 1.1"),
        (lambda: discounted_lifetime(0.0, 0.0), "more than any number"),
        (lambda: migration_value(np.ones((2, 3)), np.ones(3), 0.1), "of the shape"),
        (lambda: migration_value(np.eye(2), np.ones(3), 0.1), "differ in number"),
        (lambda: migration_value(np.eye(2), np.ones(2), 0.0), "more than any number"),
        (lambda: migration_value(np.full((2, 2), 0.6), np.ones(2), 0.1), "chances is 1.2"),
        (lambda: by_recency(np.array([0.5, -0.1])), "chance of buying is -0.1"),
    ],
)
def test_what_cannot_be_is_refused(call: Callable[[], object], said: str) -> None:
    with pytest.raises(ParameterError, match=said) as refused:
        call()
    assert refused.value.remedy
