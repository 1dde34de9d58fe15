"""Paying customers to switch: two firms, many, unequal ones."""

import numpy as np
import pytest

from stammkunde.errors import ParameterError
from stammkunde.policy.rivals import bases, entry_price, pays_to_stay, surfing, two_firms
from tests.policy.rivals.oracles import best, leave_share, middles, settled


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 1.0])
@pytest.mark.parametrize("theta", [1.0, 36.0])
def test_two_firms(theta, share):
    game = two_firms(theta, share=share, cost=7.0)
    assert game.loyal == pytest.approx(7 + 2 * theta / 3)
    assert game.newcomer == pytest.approx(7 + theta / 3)
    assert game.loyal - game.newcomer == pytest.approx(theta / 3)
    assert game.switching == pytest.approx(1 / 3)
    assert game.rent_own == pytest.approx(4 * theta / 9)
    assert game.rent_won == pytest.approx(theta / 9)
    assert game.profit == pytest.approx(theta * (1 + 3 * share) / 9)
    assert game.waste == pytest.approx(theta / 18)


@pytest.mark.parametrize(("own", "other"), [(1.0, 1.0), (1.0, 2.5), (3.0, 0.5)])
def test_best_answers_settle_on_either_base(own, other):
    game = bases(own, other, share=0.3)

    def played(top: float) -> tuple[float, float]:
        return settled(
            (
                lambda q: best(lambda p: p * (1 - leave_share(p - q, top)), 0, 3 * top)[0],
                lambda p: best(lambda q: q * leave_share(p - q, top), 0, 3 * top)[0],
            ),
            (top, 0.0),
        )

    assert played(own)[0] == pytest.approx(float(game.loyal), abs=1e-6)
    assert played(other)[1] == pytest.approx(float(game.newcomer), abs=1e-6)


@pytest.mark.parametrize("theta", [1.0, 5.0])
def test_no_other_price_earns_more(theta):
    game = two_firms(theta)
    p, q = float(game.loyal), float(game.newcomer)
    _, own = best(lambda x: x * (1 - leave_share(x - q, theta)), -theta, 5 * theta)
    _, won = best(lambda x: x * leave_share(p - x, theta), -theta, 5 * theta)
    assert own == pytest.approx(float(game.rent_own), abs=1e-12)
    assert won == pytest.approx(float(game.rent_won), abs=1e-12)


def test_counted_customers():
    nuisance = 36 * middles(90_000)
    game = two_firms(36.0, share=0.4, cost=3.0)
    leaves = nuisance < game.loyal - game.newcomer
    assert leaves.mean() == pytest.approx(game.switching, abs=2e-5)
    assert (nuisance * leaves).mean() == pytest.approx(game.waste, abs=1e-3)
    own = ((game.loyal - 3) * ~leaves).mean()
    won = ((game.newcomer - 3) * leaves).mean()
    assert 0.4 * own + 0.6 * won == pytest.approx(game.profit, abs=1e-3)


@pytest.mark.parametrize(("theta", "d"), [(1.0, 0.9), (30.0, 0.5)])
def test_the_first_price_lies_below_cost_by_what_a_base_is_worth(theta, d):
    price = entry_price(theta, d, cost=10.0)
    assert price == pytest.approx(10 - d * theta / 3)
    # alike goods: who undercuts wins all, so winning and losing the market must earn the same
    all_mine = price - 10 + d * two_firms(theta, share=1.0).profit
    none = d * two_firms(theta, share=0.0).profit
    assert all_mine == pytest.approx(float(none))


def test_many_firms():
    game = surfing(1.0, 0.9, firms=3)
    assert game.newcomer == pytest.approx(-0.225, abs=1e-12)
    assert game.loyal == pytest.approx(0.275, abs=1e-12)
    assert game.switching == 0.5


@pytest.mark.parametrize("firms", [3, 4, 50])
@pytest.mark.parametrize(("theta", "d"), [(1.0, 0.9), (24.0, 0.7), (2.0, 0.0)])
def test_many_firms_by_formula(theta, d, firms):
    game = surfing(theta, d, firms=firms, cost=8.0)
    assert game.rent == pytest.approx(theta / 4)
    assert game.newcomer == pytest.approx(8 - d * theta / 4)
    assert game.loyal == pytest.approx(8 + theta / 2 - d * theta / 4)
    assert game.rebate == pytest.approx(theta / 2)
    assert game.switching == 0.5
    # what a period brings, for ever, is what the base is worth
    assert game.period / (1 - d) == pytest.approx(theta / 4)


def test_many_firms_by_iterating_what_a_base_is_worth():
    theta, d, rent = 2.0, 0.8, 0.0
    for _ in range(80):
        newcomer = -d * rent  # outsiders bid until winning one earns nothing
        price, rent = best(
            lambda p: (p + d * rent) * (1 - leave_share(p - newcomer, theta)),  # noqa: B023
            -theta,
            3 * theta,
        )
    game = surfing(theta, d, firms=3)
    assert rent == pytest.approx(float(game.rent), abs=1e-7)
    assert (price, newcomer) == pytest.approx((float(game.loyal), float(game.newcomer)), abs=1e-6)


def test_two_firms_without_end_by_iterating_both_values():
    theta, d = 2.0, 0.8
    mine, his, p, q = 0.0, 0.0, theta, 0.0
    for _ in range(60):
        ahead = d * (mine - his)
        p, q = settled(
            (
                lambda q: best(
                    lambda p: (p + ahead) * (1 - leave_share(p - q, theta)),  # noqa: B023
                    -theta,
                    3 * theta,
                )[0],
                lambda p: best(
                    lambda q: (q + ahead) * leave_share(p - q, theta),  # noqa: B023
                    -theta,
                    3 * theta,
                )[0],
            ),
            (p, q),
            rounds=3,
        )
        gone = float(leave_share(p - q, theta))
        mine, his = (
            p * (1 - gone) + d * (mine * (1 - gone) + his * gone),
            q * gone + d * (mine * gone + his * (1 - gone)),
        )
    game = surfing(theta, d, firms=2)
    assert (p, q) == pytest.approx((float(game.loyal), float(game.newcomer)), abs=1e-6)
    assert mine - his == pytest.approx(float(game.rent), abs=1e-6)


def test_impatient_firms_of_two_are_chens():
    chen, last = two_firms(6.0, cost=2.0), surfing(6.0, 0.0, firms=2, cost=2.0)
    assert (last.loyal, last.newcomer) == pytest.approx((chen.loyal, chen.newcomer))
    assert last.period == pytest.approx(2 * chen.profit)


def test_a_third_firm_takes_churn_from_a_third_to_a_half():
    assert surfing(1.0, 0.9, firms=2).switching == pytest.approx(1 / 3)
    assert surfing(1.0, 0.9, firms=3).switching == pytest.approx(1 / 2)


def test_the_weak_brand_pays_to_stay():
    even = bases(1.0, 2.0)
    assert even.loyal == pytest.approx(even.newcomer)
    assert not pays_to_stay(1.0, 2.0)
    weak = bases(1.0, 2.5)
    assert weak.loyal == pytest.approx(0.667, abs=5e-4)
    assert weak.newcomer == pytest.approx(0.833, abs=5e-4)
    assert weak.pays_to_stay
    assert pays_to_stay(1.0, 2.5)


def test_the_rule_is_what_the_prices_say():
    rng = np.random.default_rng(3)
    own, other = rng.uniform(0.1, 5, (2, 1000))
    game = bases(own, other, share=0.7)
    assert 100 < game.pays_to_stay.sum() < 900
    np.testing.assert_array_equal(game.pays_to_stay, pays_to_stay(own, other))
    np.testing.assert_allclose(game.profit, 0.7 * 4 * own / 9 + 0.3 * other / 9)


def test_equal_bases_are_chens_and_swapping_the_firms_swaps_the_prices():
    for name, value in vars(two_firms(3.0, share=0.25)).items():
        assert vars(bases(3.0, 3.0, share=0.25))[name] == value
    a, b = bases(1.0, 2.5, share=0.3), bases(2.5, 1.0, share=0.7)
    assert a.loyal == pytest.approx(2 * b.newcomer)
    assert b.loyal == pytest.approx(2 * a.newcomer)
    assert a.waste == pytest.approx(b.waste)


@pytest.mark.parametrize("wrong", [0.0, -2.0, np.nan])
def test_no_nuisance_is_refused(wrong):
    for game in (lambda: two_firms(wrong), lambda: entry_price(wrong, 0.9)):
        with pytest.raises(ParameterError, match=r"own_max|switching_max"):
            game()
    with pytest.raises(ParameterError, match="rival_max"):
        pays_to_stay(1.0, wrong)


def test_other_impossible_markets_are_refused():
    with pytest.raises(ParameterError, match="share"):
        two_firms(1.0, share=1.1)
    with pytest.raises(ParameterError, match="do not compete"):
        surfing(1.0, 0.9, firms=1)
    with pytest.raises(ParameterError, match="patience"):
        surfing(1.0, 1.0, firms=3)
