"""Poaching: prices and profits against counted customers and searched-for better prices."""

import numpy as np
import pytest

from stammkunde.errors import ParameterError
from stammkunde.policy.rivals import first_price_holds, one_price, turf, two_periods
from tests.policy.rivals.oracles import (
    Number,
    best,
    middles,
    own_profit,
    poach_profit,
    turf_prices,
)

DIGITS = 5e-7


@pytest.mark.parametrize(("t", "c"), [(1.0, 0.0), (2.0, 3.0), (0.5, 10.0)])
def test_of_equal_bases_a_third_switches_for_a_third_of_the_taste(t, c):
    own = turf(0.5, taste=t, cost=c)
    assert own.loyal == pytest.approx(c + 2 * t / 3, rel=1e-14)
    assert own.poaching == pytest.approx(c + t / 3, rel=1e-14)
    assert own.switching == pytest.approx(1 / 3, rel=1e-14)


def test_a_common_cost_of_switching():
    own = turf(0.5, taste=1.0, switching_cost=0.4)
    assert (own.loyal, own.poaching) == pytest.approx((0.8, 0.2), abs=1e-14)
    assert own.switching == pytest.approx(0.20, abs=1e-14)


@pytest.mark.parametrize("s", [0.0, 0.3, 0.99])
def test_the_formula_of_the_switching_cost_at_half_the_market(s):
    own = turf(0.5, taste=1.5, switching_cost=s, cost=2.0)
    assert own.loyal == pytest.approx(2 + (3 + s) / 3)
    assert own.poaching == pytest.approx(2 + (1.5 - s) / 3)
    assert own.switching == pytest.approx((1 - s / 1.5) / 3)


@pytest.mark.parametrize("x", [0.0, 0.1, 0.24])
def test_a_base_below_a_quarter_is_not_poached(x):
    own = turf(x, taste=2.0, cost=1.0)
    assert own.loyal == pytest.approx(1 + 2 * (1 - 2 * x))
    assert own.poaching == 1.0
    assert own.switching == 0.0
    assert own.poacher == 0.0


@pytest.mark.parametrize("x", [0.25, 0.6, 1.0])
def test_a_base_above_a_quarter(x):
    own = turf(x, taste=2.0, cost=1.0)
    assert own.loyal == pytest.approx(1 + 2 * (1 + 2 * x) / 3)
    assert own.poaching == pytest.approx(1 + 2 * (4 * x - 1) / 3)


@pytest.mark.parametrize("s", [1.0, 1.3, 4.0])
def test_where_switching_costs_as_much_as_taste_poaching_stops(s):
    own = turf(0.5, taste=1.0, switching_cost=s)
    assert (own.loyal, own.poaching) == pytest.approx((s, 0.0), abs=1e-14)
    assert own.switching == 0
    assert own.owner == pytest.approx(s / 2)


CASES = [(0.5, 1.0, 0.0), (0.5, 1.0, 0.4), (0.8, 2.0, 0.5), (0.3, 1.0, 0.1), (1.0, 1.0, 0.2)]
SMALL = [(0.2, 1.0, 0.0), (0.2, 1.0, 0.6), (0.5, 1.0, 1.4), (0.05, 2.0, 0.1)]


@pytest.mark.parametrize(("x", "t", "s"), CASES)
def test_best_answers_settle_at_the_prices(x, t, s):
    own = turf(x, taste=t, switching_cost=s, cost=0.7)
    assert turf_prices(x, t, s, 0.7) == pytest.approx((own.loyal, own.poaching), abs=1e-6)


@pytest.mark.parametrize(("x", "t", "s"), CASES + SMALL)
def test_no_other_price_earns_more_on_a_turf(x, t, s):
    own = turf(x, taste=t, switching_cost=s, cost=0.7)
    p, q = float(own.loyal), float(own.poaching)
    assert own_profit(p, q, x, t, s, 0.7) == pytest.approx(own.owner, abs=1e-12)
    assert poach_profit(q, p, x, t, s, 0.7) == pytest.approx(own.poacher, abs=1e-12)
    _, owner = best(lambda y: own_profit(y, q, x, t, s, 0.7), -3.0, 12.0)
    _, poacher = best(lambda y: poach_profit(y, p, x, t, s, 0.7), -3.0, 12.0)
    assert owner <= own.owner + 1e-12
    assert poacher <= own.poacher + 1e-12


@pytest.mark.parametrize(("x", "t", "s"), CASES + SMALL)
def test_counted_customers_do_what_the_formula_says(x, t, s):
    own = turf(x, taste=t, switching_cost=s)
    at = middles(100_000)
    at = at[at < x]
    leaves = own.poaching + t * (1 - at) + s < own.loyal + t * at - 1e-9
    assert leaves.mean() == pytest.approx(own.switching, abs=2e-4)
    assert (own.loyal * ~leaves).sum() / 1e5 == pytest.approx(own.owner, abs=1e-4)


@pytest.mark.parametrize(("t", "d", "printed"), [(1.0, 0.9, 1.300000), (2.0, 0.8, 2.533333)])
def test_the_first_price_lies_above_the_market_with_one_price(t, d, printed):
    assert two_periods(t, d).first == pytest.approx(printed, abs=DIGITS)
    assert two_periods(t, d, cost=4.0).first == pytest.approx(4 + printed, abs=DIGITS)
    assert one_price(t, d, anew=False).first == t


@pytest.mark.parametrize(("t", "d"), [(1.0, 0.9), (2.0, 0.8), (3.0, 0.0), (1.0, 1.0)])
def test_who_gains_and_who_loses_by_poaching(t, d):
    poaching, one = two_periods(t, d, cost=2.0), one_price(t, d, cost=2.0, anew=False)
    assert poaching.profit == pytest.approx(t / 2 + 4 * d * t / 9)
    assert one.profit == pytest.approx(t / 2 + d * t / 2)
    change = poaching.against(one)
    assert change.firm == pytest.approx(-d * t / 18, abs=1e-14)
    assert change.industry == pytest.approx(-d * t / 9, abs=1e-14)
    assert change.customers == pytest.approx(d * t / 18, abs=1e-14)
    assert change.welfare == pytest.approx(-d * t / 18, abs=1e-14)


def test_with_one_price_for_all_only_new_tastes_make_customers_switch():
    tastes = np.random.default_rng(8).random((2, 200_000)) < 0.5
    assert one_price(3.0, 0.9, anew=False).switching == 0
    anew = one_price(3.0, 0.9, anew=True).switching
    assert anew == 0.5
    assert abs((tastes[0] != tastes[1]).mean() - anew) < 3.5 * 0.5 / np.sqrt(200_000)


def later(x: float, t: float, s: float) -> tuple[Number, Number, float, float]:
    """Return owner's and poacher's profit, loyal and poaching price on [0, x], found by search."""
    threshold = (1 + s / t) / 4
    if x <= threshold:
        # the rival cannot ask less than his cost, and the owner asks the most at which all stay
        p, _ = best(lambda y: own_profit(y, 0.0, x, t, s), 0.0, 3 * t + 2 * s)
        return own_profit(p, 0.0, x, t, s), 0.0, p, 0.0
    p, q = turf_prices(x, t, s)
    return own_profit(p, q, x, t, s), poach_profit(q, p, x, t, s), p, q


def gained_by_first_price(x: float, rival: float, t: float, d: float, s: float) -> Number:
    """Return A's profit if his first price makes x the customer who is indifferent at first."""
    own, _, p, q = later(x, t, s)
    _, poached, p_b, q_a = later(1 - x, t, s)
    buys_a = t * x + d * min(p + t * x, q + t * (1 - x) + s)
    buys_b = t * (1 - x) + d * min(p_b + t * (1 - x), q_a + t * x + s)
    first = rival + buys_b - buys_a
    return first * x + d * (own + poached)


@pytest.mark.parametrize(
    ("t", "d", "s"), [(1.0, 0.9, 0.0), (2.0, 0.8, 0.0), (1.0, 1.0, 0.3), (1.0, 0.9, 0.45)]
)
def test_no_first_price_earns_more(t, d, s):
    game = two_periods(t, d, switching_cost=s)
    bases = np.linspace(0, 1, 41)
    earned = np.array([gained_by_first_price(x, float(game.first), t, d, s) for x in bases])
    assert earned[20] == pytest.approx(float(game.profit), abs=1e-6)
    assert earned.max() <= game.profit + 1e-6
    near = [gained_by_first_price(0.5 + e, float(game.first), t, d, s) for e in (-1e-3, 1e-3)]
    assert max(near) < game.profit


@pytest.mark.parametrize(("d", "s"), [(1.0, 0.42), (0.9, 0.52), (0.5, 0.82)])
def test_beyond_the_bound_a_large_base_is_worth_fighting_for(d, s):
    assert not first_price_holds(1.0, d, s)
    assert first_price_holds(1.0, d, s - 0.05)
    at = (18 - d * (1 + s)) / (4 * (9 - 4 * d))
    first = 1 + d / 3 - 2 * d * s / 3
    half = turf(0.5, taste=1.0, switching_cost=s)
    stay = first / 2 + d * (half.owner + half.poacher)
    assert gained_by_first_price(at, first, 1.0, d, s) > stay + 1e-4
    with pytest.raises(ParameterError, match="second period alone"):
        two_periods(1.0, d, switching_cost=s)


def test_the_bounds_that_the_docstring_names():
    for d, s in ((1.0, 0.395), (0.9, 0.497), (0.5, 0.785)):
        assert first_price_holds(1.0, d, s - 0.0005)
        assert not first_price_holds(1.0, d, s + 0.0005)


def test_counted_burdens_are_the_outcomes():
    t, d, s, c = 1.3, 0.8, 0.4, 2.0
    game = two_periods(t, d, switching_cost=s, cost=c)
    at = middles(200_000)
    at = at[at < 0.5]
    stay, leave = game.loyal + t * at, game.newcomer + t * (1 - at) + s
    gone = leave < stay
    burden = game.first + t * at + d * np.minimum(stay, leave)
    assert burden.mean() == pytest.approx(game.burden, abs=1e-5)
    paid = game.first + d * np.where(gone, game.newcomer, game.loyal)
    assert paid.mean() == pytest.approx(game.outlay, abs=2e-5)
    assert paid.mean() - c * (1 + d) == pytest.approx(2 * game.profit, abs=2e-5)
    assert gone.mean() == pytest.approx(game.switching, abs=2e-5)


def test_draws_go_through_as_one_by_one():
    rng = np.random.default_rng(7)
    x, t, s = rng.random(50), rng.uniform(0.5, 3, 50), rng.uniform(0, 2, 50)
    many = turf(x, taste=t, switching_cost=s, cost=1.0)
    for i in range(50):
        one = turf(x[i], taste=t[i], switching_cost=s[i], cost=1.0)
        for name, value in vars(one).items():
            assert vars(many)[name][i] == value


@pytest.mark.parametrize(
    ("base", "taste", "s", "key"),
    [
        (1.2, 1.0, 0.0, "base"),
        (-0.1, 1.0, 0.0, "base"),
        (0.5, 0.0, 0.0, "taste"),
        (0.5, 1.0, -0.1, "switching_cost"),
        (0.5, np.nan, 0.0, "taste"),
        (np.array([0.5, np.inf]), 1.0, 0.0, "base"),
    ],
)
def test_impossible_numbers_are_refused_by_name(base, taste, s, key):
    with pytest.raises(ParameterError, match=f"`{key}`"):
        turf(base, taste=taste, switching_cost=s)


@pytest.mark.parametrize("d", [-0.1, 1.1, np.nan])
def test_a_patience_beyond_one_is_refused(d):
    with pytest.raises(ParameterError, match="patience"):
        two_periods(1.0, d)
    with pytest.raises(ParameterError, match="patience"):
        one_price(1.0, d, anew=True)
