"""Money times a factor is every closed form of euros times it, and no share or number of months."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from stammkunde.policy.worth import (
    acquisition_needed,
    best_allocation,
    break_even_rebate,
    break_even_rebate_by_cause,
    cost_per_save,
    migration_value,
    retained_value,
    uplift_needed,
)
from stammkunde.policy.worth.allocation import Answering

pytestmark = pytest.mark.filterwarnings("error")

CAUSES = np.array([0.01, 0.02])
MOVES = np.array([[0.5, 0.5], [0.25, 0.0]])
EUROS: dict[str, Callable[[float], object]] = {
    "a break-even rebate": lambda x: break_even_rebate(30 * x, 0.02, 0.8, 0.1),
    "a lagged one": lambda x: break_even_rebate(30 * x, 0.02, 0.8, 0.1, lagged=True),
    "one by cause": lambda x: break_even_rebate_by_cause(30 * x, CAUSES, np.array([0.8, 1.0]), 0.1),
    "what is retained": lambda x: retained_value(260 * x, 50 * x, 0.75, 0.2, 10),
    "migration": lambda x: migration_value(MOVES, np.array([10.0, -1.0]) * x, 0.25),
    "a customer kept": lambda x: cost_per_save(24 * x, 0.15, 0.05),
    "what winning must cost": lambda x: acquisition_needed(24 * x, 0.15, 10),
}
SHARES: dict[str, Callable[[float], object]] = {
    "uplift": lambda x: uplift_needed(24 * x, 0.15, 300 * x).uplift,
    "uplift, ten times": lambda x: uplift_needed(24 * x, 0.15, 3000 * x, 10).uplift,
}


@pytest.mark.parametrize("by", [0.01, 7.0, 1e6])
@pytest.mark.parametrize("what", EUROS)
def test_euros_scale(what: str, by: float) -> None:
    one, many = (np.asarray(EUROS[what](x)) for x in (1.0, by))
    assert np.abs(one).min() > 0
    assert many == pytest.approx(by * one, rel=1e-12)


@pytest.mark.parametrize("by", [0.01, 7.0, 1e6])
@pytest.mark.parametrize("what", SHARES)
def test_shares_do_not(what: str, by: float) -> None:
    one, many = (np.asarray(SHARES[what](x)) for x in (1.0, by))
    assert many == pytest.approx(one, rel=1e-12)


@pytest.mark.parametrize("by", [0.01, 7.0, 1e6])
def test_an_allocation_in_another_currency(by: float) -> None:
    found = []
    for x in (1.0, by):
        win, keep = Answering(0.4, 0.05754 / x), Answering(0.7, 0.08473 / x)
        found.append(best_allocation(100 * x, win, keep, 0.1))
    one, many = found
    for name in ("acquire", "retain", "customer", "prospect", "cost_per_won"):
        assert getattr(many, name) == pytest.approx(by * getattr(one, name), rel=1e-12)
    for name in ("won", "kept"):
        assert getattr(many, name) == pytest.approx(getattr(one, name), rel=1e-12)


@pytest.mark.parametrize("lagged", [False, True])
def test_a_negative_margin_turns_the_sign(lagged: bool) -> None:
    plus, minus = (break_even_rebate(m, 0.02, 0.8, 0.1, lagged=lagged) for m in (30.0, -30.0))
    assert minus == -plus < 0
