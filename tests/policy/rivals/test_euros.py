"""Money times a factor is every price and profit of a game times it; shares stay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from stammkunde.policy.rivals import (
    Hoppers,
    against_frozen,
    bases,
    best_saving,
    entry_price,
    format_game,
    loyalty,
    newcomers_answer,
    one_price,
    one_sided,
    poaching_deviation,
    promise_deviation,
    surfing,
    turf,
    two_firms,
    two_periods,
)

GAMES: dict[str, Callable[[float], Any]] = {
    "turf": lambda x: turf(0.4, taste=2 * x, switching_cost=0.3 * x, cost=x),
    "two periods": lambda x: two_periods(2 * x, 0.8, switching_cost=0.3 * x, cost=x),
    "one price": lambda x: one_price(2 * x, 0.8, cost=x, anew=True),
    "one sided": lambda x: one_sided(2 * x, cost=x),
    "a frozen rival": lambda x: against_frozen(2 * x, taste=1.5 * x, switching_cost=x, cost=x),
    "two firms": lambda x: two_firms(9 * x, share=0.3, cost=x),
    "unequal firms": lambda x: bases(x, 3 * x, share=0.3, cost=x),
    "many firms": lambda x: surfing(9 * x, 0.9, firms=4, cost=x),
    "promises": lambda x: loyalty(2 * x, 0.8, cost=x),
    "poaching alone": lambda x: poaching_deviation(2 * x),
    "a promise alone": lambda x: promise_deviation(2 * x, 0.8),
    "hoppers": lambda x: Hoppers(
        hassle_max=40 * x, handling=6 * x, months=2.0, service=1.5 * x
    ).leak(10 * x),
}
SHARES = {"switching", "stays_to", "won", "hopping", "pays_to_stay"}
RELATIVE = {"poaching alone": {"gain_frozen", "gain_after"}}


@pytest.mark.parametrize("by", [0.01, 7.0, 1e5])
@pytest.mark.parametrize("game", GAMES)
def test_prices_and_profits_scale_and_shares_do_not(game: str, by: float) -> None:
    one, many = GAMES[game](1.0), GAMES[game](by)
    numbers = [n for n, x in vars(one).items() if isinstance(x, int | float | np.ndarray)]
    assert len(numbers) >= 3
    for name in numbers:
        still = name in SHARES | RELATIVE.get(game, set())
        value = np.asarray(getattr(one, name), float)
        expected = value * (1.0 if still else by)
        assert getattr(many, name) == pytest.approx(expected, rel=1e-10, abs=1e-12 * by), name


@pytest.mark.parametrize("by", [0.01, 7.0, 1e5])
def test_payoffs_and_single_prices_scale(by: float) -> None:
    one, many = (format_game(3 * x).payoff for x in (1.0, by))
    assert [float(x) for x in many.values()] == pytest.approx([by * float(x) for x in one.values()])
    assert entry_price(9 * by, 0.9, cost=by) == pytest.approx(by * entry_price(9, 0.9, cost=1.0))
    answer = newcomers_answer(2 * by, taste=by, cost=by)
    assert answer == pytest.approx(by * newcomers_answer(2.0, taste=1.0, cost=1.0))


@pytest.mark.parametrize("by", [0.01, 7.0, 1e5])
def test_the_best_saving_scales(by: float) -> None:
    found = []
    for x in (1.0, by):
        hoppers = Hoppers(hassle_max=40 * x, handling=5 * x)
        # a euro is worth as many newcomers more, whatever it is called
        found.append(best_saving(hoppers, newcomers=50, response=4 / x, value=120 * x, base=300))
    assert found[1].saving == pytest.approx(by * found[0].saving, rel=1e-10)
    assert found[1].profit == pytest.approx(by * found[0].profit, rel=1e-10)
