"""Winning or keeping: the worked example, its corner, and a search that knows no calculus."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import minimize

from stammkunde.errors import ParameterError
from stammkunde.policy.worth import Answering, allocated, answering, best_allocation

pytestmark = pytest.mark.filterwarnings("error")

WINNING, KEEPING = answering(5, 0.10, 0.40), answering(10, 0.40, 0.70)
FAINT = answering(5, 0.05, 0.40)


def worth(spends: np.ndarray, m: float, win: Answering, keep: Answering, d: float) -> float:
    """Return the worth of a prospect year by year, for 400 years."""
    won = win.ceiling * (1 - np.exp(-win.steepness * spends[0]))
    kept = keep.ceiling * (1 - np.exp(-keep.steepness * spends[1]))
    year = np.arange(1, 401)
    there = (kept / (1 + d)) ** year
    cost = spends[1] / (1 + d) * (kept / (1 + d)) ** (year - 1)
    return float(won * (m + (m * there - cost).sum()) - spends[0])


def test_the_worked_example() -> None:
    assert WINNING.steepness == pytest.approx(0.05754, abs=5e-6)
    assert KEEPING.steepness == pytest.approx(0.08473, abs=5e-6)
    best = best_allocation(100, WINNING, KEEPING, 0.1)
    assert best.retain == pytest.approx(27.699, abs=5e-4)
    assert best.kept == pytest.approx(0.6330, abs=5e-5)
    assert best.customer == pytest.approx(176.247, abs=5e-4)
    assert best.acquire == pytest.approx(24.337, abs=5e-4)
    assert best.won == pytest.approx(0.3014, abs=5e-5)
    assert best.prospect == pytest.approx(28.782, abs=5e-4)
    assert best.cost_per_won == pytest.approx(80.75, abs=5e-3)
    assert allocated(100, WINNING, KEEPING, 0.1, 5, 10).prospect == pytest.approx(9.286, abs=5e-4)


def test_the_corner_where_no_prospect_is_worth_his_first_euro() -> None:
    assert FAINT.steepness == pytest.approx(0.02671, abs=5e-6)
    corner = best_allocation(50, FAINT, KEEPING, 0.1)
    assert corner.retain == pytest.approx(16.319, abs=5e-4)
    assert corner.customer == pytest.approx(67.198, abs=5e-4)
    assert FAINT.ceiling * FAINT.steepness * corner.customer == pytest.approx(0.718, abs=5e-4)
    assert corner.acquire == 0
    assert corner.prospect == 0
    assert corner.won == 0
    assert corner.cost_per_won == np.inf
    # either change alone leaves it worth its while
    for margin, win, pull in ((50, WINNING, 1.547), (100, FAINT, 1.883)):
        best = best_allocation(margin, win, KEEPING, 0.1)
        assert win.ceiling * win.steepness * best.customer == pytest.approx(pull, abs=5e-4)
        assert best.acquire > 0
        assert best.prospect > 0


@pytest.mark.parametrize("margin", [50, 100, 300])
@pytest.mark.parametrize("win", [WINNING, FAINT])
@pytest.mark.parametrize("interest", [0.05, 0.3])
def test_no_search_finds_better(margin: float, win: Answering, interest: float) -> None:
    best = best_allocation(margin, win, KEEPING, interest)
    at = np.array([best.acquire, best.retain], float)
    own = worth(at, margin, win, KEEPING, interest)
    assert best.prospect == pytest.approx(own, abs=1e-9)
    found = minimize(
        lambda x: -worth(np.abs(x), margin, win, KEEPING, interest),
        [20.0, 20.0],
        method="Nelder-Mead",
        options={"xatol": 1e-7, "fatol": 1e-12, "maxiter": 4000},
    )
    assert -found.fun == pytest.approx(own, abs=1e-7)
    if best.acquire > 0:
        assert np.abs(found.x) == pytest.approx(at, abs=2e-3)


def test_nothing_is_spent_on_keeping_where_it_does_not_pay() -> None:
    """The first euro on keeping brings c k m euros: 1.08 of a margin of 100, .97 of one of 90."""
    weak = answering(10, 0.10, 0.70)
    pull = weak.ceiling * weak.steepness
    assert 90 * pull < 1 < 100 * pull
    assert best_allocation(100, WINNING, weak, 0.1).retain > 0
    poor = best_allocation(90, WINNING, weak, 0.1)
    assert poor.retain == 0
    assert poor.kept == 0
    assert poor.customer == 90
    assert best_allocation(-3, WINNING, weak, 0.1).prospect == 0


def test_draws_at_once_and_money_in_cents() -> None:
    margins = np.array([-3.0, 0.0, 50.0, 100.0, 1e6])
    many = best_allocation(margins, WINNING, KEEPING, 0.1)
    each = [best_allocation(m, WINNING, KEEPING, 0.1).prospect for m in margins]
    assert many.prospect == pytest.approx(np.array(each), rel=1e-13, abs=1e-12)
    cents = best_allocation(10_000, answering(500, 0.1, 0.4), answering(1000, 0.4, 0.7), 0.1)
    assert cents.prospect == pytest.approx(100 * many.prospect[3], rel=1e-12)
    assert cents.won == pytest.approx(many.won[3], rel=1e-12)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: answering(5, 0.4, 0.4), "below the ceiling"),
        (lambda: answering(5, 0.0, 0.4), "not above 0"),
        (lambda: answering(0, 0.1, 0.4), "the spending is 0"),
        (lambda: answering(5, 0.1, 1.4), "the ceiling is 1.4"),
        (lambda: allocated(100, WINNING, KEEPING, 0.1, -5, 10), "the spending is -5"),
        (lambda: best_allocation(100, WINNING, answering(5, 0.5, 1.0), 0.0), "for ever"),
        (lambda: best_allocation(float("nan"), WINNING, KEEPING, 0.1), "the margin is nan"),
    ],
)
def test_what_cannot_be_is_refused(call: Callable[[], object], said: str) -> None:
    with pytest.raises(ParameterError, match=said) as refused:
        call()
    assert refused.value.remedy
