"""One price or two: the payoffs, the trap, and offers to a rival who stands still."""

import numpy as np
import pytest

from stammkunde.errors import ParameterError
from stammkunde.policy.rivals import (
    against_frozen,
    format_game,
    one_sided,
    poaching_deviation,
    turf,
)
from stammkunde.policy.rivals.formats import ONE, TWO
from tests.policy.rivals.oracles import (
    Number,
    best,
    line_share,
    middles,
    own_profit,
    poach_profit,
)


def single_profit(q: Number, own: float, poach: float, t: float) -> Number:
    """Return what a firm at 1 earns that asks one price q of both halves of the line."""
    on_rivals_turf = 0.5 - line_share(q - own, t, 0.0, 0.5)
    on_its_own = 0.5 - line_share(q - poach, t, 0.5, 1.0)
    return q * (on_rivals_turf + on_its_own)


@pytest.mark.parametrize("t", [1.0, 2.5])
def test_one_sided(t):
    game = one_sided(t, cost=2.0)
    prices = (game.loyal, game.poaching, game.single)
    assert prices == pytest.approx((2 + 0.75 * t, 2 + 0.25 * t, 2 + 0.5 * t))
    assert game.two == pytest.approx(0.3125 * t, abs=1e-14)
    assert game.one == pytest.approx(0.25 * t, abs=1e-14)
    assert game.switching == pytest.approx(0.125, abs=1e-14)


def test_one_sided_by_best_answers_and_no_better_price():
    own, poach, q = 1.0, 0.5, 1.0
    for _ in range(40):
        own = best(lambda p: own_profit(p, q, 0.5, 1.0), 0, 2)[0]  # noqa: B023
        # on [1/2, 1], seen from the other end, the firm poaches as on a turf of half the line
        poach = best(lambda p: poach_profit(p, q, 0.5, 1.0), 0, 2)[0]  # noqa: B023
        q = best(lambda p: single_profit(p, own, poach, 1.0), 0, 2)[0]  # noqa: B023
    assert (own, poach, q) == pytest.approx((0.75, 0.25, 0.5), abs=1e-6)
    _, earned = best(lambda p: single_profit(p, 0.75, 0.25, 1.0), -1.0, 3.0)
    assert earned == pytest.approx(float(one_sided(1.0).one), abs=1e-12)


@pytest.mark.parametrize("t", [1.0, 2.5])
def test_one_sided_by_counted_customers(t):
    """An eighth of the market goes each way, and both firms earn what the game says."""
    game, at = one_sided(t, cost=2.0), middles(200_000)
    own = at < 0.5
    asked = np.where(own, game.loyal, game.poaching)
    buys = asked + t * at < game.single + t * (1 - at)
    assert (own & ~buys).mean() == pytest.approx(game.switching, abs=1e-5)
    assert (~own & buys).mean() == pytest.approx(game.switching, abs=1e-5)
    assert ((asked - 2) * buys).mean() == pytest.approx(game.two, abs=2e-5)
    assert ((game.single - 2) * ~buys).mean() == pytest.approx(game.one, abs=2e-5)


@pytest.mark.parametrize("t", [1.0, 3.0])
def test_unbound_firms_leave_one_price_and_end_where_both_tell_apart(t):
    """From one price each, best answers without a promise of format lead to two prices of both."""
    alone = against_frozen(t, taste=t)
    assert alone.profit > 0
    assert alone.price < t
    loyal, poach = t, t
    for _ in range(40):
        p, q = loyal, poach
        loyal = best(lambda x: own_profit(x, q, 0.5, t), 0, 3 * t)[0]  # noqa: B023
        poach = best(lambda x: poach_profit(x, p, 0.5, t), 0, 3 * t)[0]  # noqa: B023
    half = turf(0.5, taste=t)
    assert (loyal, poach) == pytest.approx((float(half.loyal), float(half.poaching)), abs=1e-6)
    earned = own_profit(loyal, poach, 0.5, t) + poach_profit(poach, loyal, 0.5, t)
    assert earned == pytest.approx(float(format_game(t).payoff[TWO, TWO]), abs=1e-6)


def test_the_format_game():
    game = format_game(3.0)
    units = {k: float(v) / 3 for k, v in game.payoff.items()}
    assert units[ONE, ONE] == pytest.approx(0.5)
    assert units[TWO, ONE] == pytest.approx(0.3125)
    assert units[ONE, TWO] == pytest.approx(0.25)
    assert units[TWO, TWO] == pytest.approx(5 / 18)
    assert units[TWO, TWO] == pytest.approx(0.2778, abs=5e-5)


def test_firms_bound_to_a_format_may_end_with_either():
    assert set(format_game(1.0).equilibria()) == {(ONE, ONE), (TWO, TWO)}
    assert set(format_game(np.array([0.5, 4.0])).equilibria()) == {(ONE, ONE), (TWO, TWO)}


@pytest.mark.parametrize("rival", [(1.0, 1.0), (0.5, 0.5), (0.9, 0.4)])
def test_without_being_bound_two_prices_always_pay(rival):
    """Whatever the rival asks of either half, the best two prices earn more than the best one."""
    loyal_of_rival, poach_of_rival = rival

    def on_own(p: Number) -> Number:
        return own_profit(p, poach_of_rival, 0.5, 1.0)

    def on_rivals(p: Number) -> Number:
        return poach_profit(p, loyal_of_rival, 0.5, 1.0)

    two = best(on_own, 0, 3)[1] + best(on_rivals, 0, 3)[1]
    _, one = best(lambda p: on_own(p) + on_rivals(p), 0, 3)
    assert two > one + 0.005


def test_a_gain_while_the_rival_is_frozen_is_a_loss_after():
    told = poaching_deviation(1.0)
    assert (told.before, told.frozen, told.after) == pytest.approx((0.5, 0.625, 5 / 18))
    assert round(float(told.gain_frozen), 2) == 0.25
    assert round(float(told.gain_after), 2) == -0.44
    assert told.after == pytest.approx(0.278, abs=5e-4)
    assert poaching_deviation(np.array([1.0, 40.0])).gain_after[1] == told.gain_after


def test_the_frozen_rivals_customers_are_asked_half_the_taste():
    alone = against_frozen(2.0, taste=2.0, cost=5.0)
    assert alone.price == pytest.approx(5 + 2.0 / 2)
    assert alone.profit == pytest.approx(2 * (0.625 - 0.5))


def test_against_a_frozen_rival_ones_own_best_price_is_todays():
    price, earned = best(lambda p: own_profit(p, 1.0, 0.5, 1.0), 0, 3)
    assert (price, earned) == pytest.approx((1.0, 0.5), abs=1e-9)


@pytest.mark.parametrize(
    ("m", "t", "s"), [(1, 1, 0), (1, 1, 0.4), (2, 0.5, 0.1), (1, 1, 1.5), (3, 1, 1), (3, 1, 0.5)]
)
def test_the_best_poaching_price_is_found_by_search_too(m, t, s):
    alone = against_frozen(m, taste=t, switching_cost=s, cost=1.0)
    _, earned = best(lambda q: poach_profit(q, 1.0 + m, 0.5, t, s, 1.0), 1.0, 1.0 + m)
    assert alone.profit == pytest.approx(earned, abs=1e-9)
    asked = poach_profit(float(alone.price), 1.0 + m, 0.5, t, s, 1.0)
    assert asked == pytest.approx(alone.profit, abs=1e-12)


def test_nobody_comes_where_leaving_costs_the_whole_margin():
    alone = against_frozen(1.0, taste=1.0, switching_cost=1.0, cost=3.0)
    assert alone.price == 4.0
    assert not any((alone.won, alone.profit))


def test_both_telling_apart_is_poaching():
    half = turf(0.5, taste=1.0)
    assert format_game(1.0).payoff[TWO, TWO] == half.owner + half.poacher


@pytest.mark.parametrize("wrong", [0.0, -1.0, np.nan])
def test_no_taste_is_refused(wrong):
    for game in (one_sided, format_game, poaching_deviation):
        with pytest.raises(ParameterError, match="taste"):
            game(wrong)
