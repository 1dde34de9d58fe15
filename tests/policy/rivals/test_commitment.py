"""Promised loyalty prices: the equilibrium against better promises and first prices looked for."""

import numpy as np
import pytest
from scipy.optimize import minimize

from stammkunde.errors import ParameterError
from stammkunde.policy.rivals import (
    loyalty,
    newcomers_answer,
    one_price,
    promise_deviation,
    two_periods,
)
from tests.policy.rivals.oracles import best, line_share, middles, settled

MARKETS = [(1.0, 0.9), (2.0, 0.5), (1.0, 1.0), (3.0, 0.0)]


def second(loyal, other, t):
    """Return the share that comes back, and what a customer expects to bear, tastes drawn anew."""
    back = line_share(other - loyal, t, 0.0, 1.0)
    return back, loyal * back + other * (1 - back) + t * (back**2 + (1 - back) ** 2) / 2


def earned(first, promise, rival_first, rival_promise, t, d):
    """Return what a firm earns over both periods; the rival may have other prices (cost 0).

    The price to the other's buyers is the best answer to his promise, whoever made it.
    """
    rivals_answer, own_answer = (
        np.asarray(newcomers_answer(p, taste=t)) for p in (promise, rival_promise)
    )
    back, bear = second(promise, rivals_answer, t)
    rival_back, rival_bear = second(rival_promise, own_answer, t)
    base = line_share(rival_first - first + d * (rival_bear - bear), t, 0.0, 1.0)
    later = base * promise * back + (1 - base) * own_answer * (1 - rival_back)
    return first * base + d * later


@pytest.mark.parametrize(("t", "d"), MARKETS)
def test_the_equilibrium(t, d):
    game = loyalty(t, d, cost=5.0)
    assert game.loyal == pytest.approx(5 - t / 3)
    assert game.newcomer == pytest.approx(5 + t / 3)
    assert game.first == pytest.approx(5 + t * (1 + d / 3))
    assert 1 - game.switching == pytest.approx(5 / 6)
    assert game.profit == pytest.approx(t / 2 + d * t / 18)


def test_what_customers_bear():
    assert loyalty(1.0, 1.0).burden == pytest.approx(1.722, abs=5e-4)
    assert one_price(1.0, 1.0, anew=True).burden == pytest.approx(2.5, abs=1e-14)


@pytest.mark.parametrize(("t", "d"), MARKETS)
def test_both_offers_cost_every_firm_money_and_promises_cost_more(t, d):
    promise = loyalty(t, d).against(one_price(t, d, anew=True))
    poach = two_periods(t, d).against(one_price(t, d, anew=False))
    assert promise.firm == pytest.approx(-4 * d * t / 9, abs=1e-14)
    assert poach.firm == pytest.approx(-d * t / 18, abs=1e-14)
    assert promise.industry + promise.customers == pytest.approx(float(promise.welfare), abs=1e-14)


@pytest.mark.parametrize(("t", "d"), [(1.0, 0.9), (2.0, 0.5), (1.0, 1.0)])
def test_no_other_promise_and_first_price_earn_more(t, d):
    """On a grid that reaches far beyond what anybody would ask, 1601 by 1201."""
    game = loyalty(t, d)
    first, promise = float(game.first), float(game.loyal)
    assert earned(first, promise, first, promise, t, d) == pytest.approx(game.profit, abs=1e-12)
    firsts = np.linspace(-2 * t, 6 * t, 1601)[:, None]
    promises = np.linspace(-3 * t, 3 * t, 1201)
    grid = earned(firsts, promises, first, promise, t, d)
    assert grid.max() <= game.profit + 1e-12
    at = np.unravel_index(grid.argmax(), grid.shape)
    assert firsts[at[0], 0] == pytest.approx(first, abs=0.04 * t)
    assert promises[at[1]] == pytest.approx(promise, abs=0.04 * t)


@pytest.mark.parametrize(("t", "d"), [(1.0, 0.9), (2.0, 0.5)])
def test_damped_best_answers_settle_there(t, d):
    at = np.array([t, 0.0])
    for _ in range(40):
        better = minimize(
            lambda x: -float(earned(x[0], x[1], at[0], at[1], t, d)),  # noqa: B023
            at,
            method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-14},
        )
        at = (at + better.x) / 2
    game = loyalty(t, d)
    assert at == pytest.approx([float(game.first), float(game.loyal)], abs=1e-6)


@pytest.mark.parametrize("promise", [-2.0, -0.9, 0.0, 1.5, 3.2, 5.0])
def test_the_answer_to_a_promise_is_found_by_search_too(promise):
    def won(price):
        return (price - 1.0) * (1 - line_share(price - promise, 1.5, 0.0, 1.0))

    answer = float(newcomers_answer(promise, taste=1.5, cost=1.0))
    _, most = best(won, 0.0, 9.0)
    assert won(answer) == pytest.approx(most, abs=1e-9)
    assert answer >= 1.0


def test_the_answer_is_the_middle_way():
    assert newcomers_answer(2.0, taste=1.0, cost=2.0) == (1.0 + 2.0 + 2.0) / 2


def test_counted_customers_bear_and_pay_what_the_outcome_says():
    t, d, c = 1.4, 0.9, 3.0
    game = loyalty(t, d, cost=c)
    at = middles(300_000)
    stay, leave = game.loyal + t * at, game.newcomer + t * (1 - at)
    assert (leave < stay).mean() == pytest.approx(game.switching, abs=1e-5)
    later = np.minimum(stay, leave).mean()
    assert game.first + t / 4 + d * later == pytest.approx(game.burden, abs=1e-5)
    paid = np.where(leave < stay, game.newcomer, game.loyal).mean()
    assert (game.first - c + d * (paid - c)) / 2 == pytest.approx(game.profit, abs=1e-5)
    both_profits_and_cost = 2 * game.profit + c * (1 + d)
    assert game.outlay == pytest.approx(float(both_profits_and_cost))


@pytest.mark.parametrize(("t", "d"), [(1.0, 0.9), (2.0, 0.5), (1.0, 1.0)])
def test_alone_a_promise_of_cost_seems_to_pay(t, d):
    """The rival asks cost + t of everybody twice, whatever happens."""

    def alone(first, promise):
        back, bear = second(promise, t, t)
        _, rival_bear = second(t, t, t)
        base = line_share(t - first + d * (rival_bear - bear), t, 0.0, 1.0)
        return first * base + d * (base * promise * back + (1 - base) * t / 2)

    told = promise_deviation(t, d)
    assert alone(t, t) == pytest.approx(float(told.before))
    firsts, promises = np.linspace(0, 4 * t, 1601)[:, None], np.linspace(-t, 2 * t, 1201)
    grid = alone(firsts, promises)
    assert grid.max() <= told.frozen + 1e-12
    assert grid.max() == pytest.approx(float(told.frozen), abs=1e-5 * t)
    # at cost all come back already; a higher promise earns less, a lower one only moves money
    of_each = grid.max(axis=0)
    assert of_each[promises > 0.1 * t].max() < told.frozen - 4e-4 * t
    assert of_each[np.argmin(abs(promises))] == pytest.approx(float(told.frozen), abs=1e-5 * t)
    assert told.frozen - told.before == pytest.approx(d * t / 8 + d**2 * t / 128)


def test_of_the_rivals_customers_an_eighth_of_patience_comes_while_he_is_frozen():
    t, d = 1.0, 0.8

    def alone(first):
        _, bear = second(0.0, t, t)
        _, rival_bear = second(t, t, t)
        base = line_share(t - first + d * (rival_bear - bear), t, 0.0, 1.0)
        return first * base + d * (1 - base) * t / 2

    price, _ = best(alone, 0, 4)
    _, bear = second(0.0, t, t)
    base = 0.5 + (t - price + d * (second(t, t, t)[1] - bear)) / (2 * t)
    assert base == pytest.approx(0.5 + d / 16, abs=1e-6)


def test_a_promise_gains_alone_and_loses_when_both_make_one():
    told = promise_deviation(np.array([1.0, 7.0]), 0.9)
    assert (told.gain_frozen > 0).all()
    assert (told.gain_after < 0).all()
    assert told.after - told.before == pytest.approx(-4 * 0.9 * np.array([1.0, 7.0]) / 9)
    assert promise_deviation(1.0, 0.0).gain_frozen == 0
    assert promise_deviation(1.0, 0.0).gain_after == 0


def test_prices_by_best_answers_within_the_second_period():
    """Were nothing promised, both prices would be those of two firms on a whole line."""
    prices = settled(
        (
            lambda q: best(lambda p: p * line_share(q - p, 1.0, 0.0, 1.0), 0, 3)[0],
            lambda p: best(lambda q: q * (1 - line_share(q - p, 1.0, 0.0, 1.0)), 0, 3)[0],
        ),
        (0.3, 2.0),
    )
    assert prices[0] == pytest.approx(1.0, abs=1e-6)
    assert loyalty(1.0, 0.9).loyal < prices[0]


@pytest.mark.parametrize(("t", "d", "key"), [(0.0, 0.9, "taste"), (1.0, 1.01, "patience")])
def test_impossible_numbers_are_refused(t, d, key):
    for game in (loyalty, promise_deviation):
        with pytest.raises(ParameterError, match=f"`{key}`"):
            game(t, d)
