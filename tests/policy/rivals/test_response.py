"""What rivals do, in a client's own money."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.errors import ParameterError
from stammkunde.policy.rivals import Market, Response, poached, promised, surfed, switched
from stammkunde.policy.rivals.checked import Numbers
from stammkunde.result import Status
from tests.patience import examples
from tests.policy.rivals.oracles import best, leave_share

MARKET = Market(margin=12.0, price=30.0, customers=10_000, interest=0.1)
# a contract of one month paid at its start: money of a period is money of a month
MONTH = Market(margin=1.0, price=1.0, customers=100, interest=0.0, months=1)


def test_a_period_pays_its_months_in_advance():
    v = 1.1 ** (-1 / 12)
    assert MARKET.patience == pytest.approx(1 / 1.1)
    assert MARKET.payments == pytest.approx(sum(v**k for k in range(12)))
    assert MARKET.earned == pytest.approx(12 * sum(v**k for k in range(12)))
    assert Market(margin=1.0, price=2.0, customers=1, interest=0.0).payments == 12


def test_poaching_turns_a_gain_of_a_quarter_into_a_loss_of_four_ninths():
    told = poached(MONTH)
    assert told.gain_frozen == pytest.approx(0.625 / 0.5 - 1)
    assert told.gain_after == pytest.approx((5 / 18) / 0.5 - 1)
    assert told.switching == pytest.approx(1 / 3)
    assert told.total_after == pytest.approx(100 * told.gain_after)
    assert (told.loyal_price, told.newcomer_price) == pytest.approx((2 / 3, 1 / 3))
    assert told.trap


def test_poaching_in_the_clients_euros():
    told = poached(MARKET)
    year = MARKET.earned
    assert told.gain_frozen == pytest.approx(year / 4)
    assert told.gain_after == pytest.approx(-4 * year / 9)
    # 18 a month is cost, and the margin of 12 is the taste
    assert told.loyal_price == pytest.approx(18 + 8)
    assert told.newcomer_price == pytest.approx(18 + 4)
    assert told.offer_price == pytest.approx(24)
    assert told.rebate == pytest.approx(6)
    assert told.from_own + told.rival == pytest.approx(told.gain_after)
    assert told.rival == pytest.approx(year / 9)


@pytest.mark.parametrize("s", [0.0, 20.0, 60.0])
def test_a_cost_of_switching_makes_the_frozen_gain_smaller_and_the_loss_too(s):
    told, free = poached(MARKET, switching_cost=s), poached(MARKET)
    t = float(MARKET.earned)
    assert told.switching == pytest.approx((1 - s / t) / 3)
    assert told.after == pytest.approx(((2 * t + s) ** 2 + (t - s) ** 2) / (9 * t))
    assert told.gain_frozen == pytest.approx((t - s) ** 2 / (4 * t))
    assert told.won_frozen == pytest.approx((t - s) / (2 * t))
    assert told.gain_frozen <= free.gain_frozen
    # the best offer makes up for half of what leaving costs
    assert told.rebate == pytest.approx((t + s) / 2 / MARKET.payments)


def test_where_leaving_costs_more_than_the_margin_an_offer_does_nothing():
    told = poached(MARKET, switching_cost=MARKET.earned * 1.5)
    assert not any((told.gain_frozen, told.won_frozen, told.switching))
    assert told.rebate == pytest.approx(0)
    # own customers can be asked more, which is no merit of the offer
    assert told.from_own == pytest.approx(MARKET.earned / 2)
    assert told.rival == 0


def test_paying_to_switch():
    told = switched(MARKET, switching_max=90.0, share=0.25)
    year = float(MARKET.earned)
    # of three customers of the rival's for each own, those leave whom it annoys less than the gap
    annoyed = (np.arange(200_000) + 0.5) / 200_000 * 90
    offer = year - MARKET.payments * told.rebate
    assert told.won_frozen == pytest.approx(3 * (annoyed < year - offer).mean(), abs=1e-4)
    assert told.gain_frozen == pytest.approx(told.won_frozen * offer)
    assert told.after == pytest.approx(90 * (1 + 3 * 0.25) / 9 / 0.25)
    assert told.switching == pytest.approx(1 / 3)
    assert told.loyal_price == pytest.approx(18 + 60 / MARKET.payments)
    assert told.newcomer_price == pytest.approx(18 + 30 / MARKET.payments)


@pytest.mark.parametrize("theta", [40.0, 69.0, 70.0, 300.0])
def test_the_best_payment_to_a_frozen_rivals_customers_is_found_by_search_too(theta):
    year = float(MARKET.earned)
    _, earned = best(lambda x: x * leave_share(year - x, theta), 0, year)
    assert switched(MARKET, switching_max=theta).gain_frozen == pytest.approx(earned)
    assert surfed(MARKET, switching_max=theta, firms=4).gain_frozen == pytest.approx(3 * earned)


def test_the_weak_brand_is_told_to_pay_its_own():
    assert switched(MARKET, switching_max=30.0, rival_max=75.0).pays_to_stay
    assert not switched(MARKET, switching_max=30.0, rival_max=59.0).pays_to_stay
    assert not switched(MARKET, switching_max=30.0).pays_to_stay


def test_unequal_firms_by_their_rents():
    told = switched(MARKET, switching_max=30.0, rival_max=75.0, share=0.4)
    assert told.own == pytest.approx(4 * 30 / 9)
    assert told.rival == pytest.approx(1.5 * 75 / 9)


@pytest.mark.parametrize("firms", [3, 7])
def test_surfing(firms):
    told = surfed(MARKET, switching_max=90.0, firms=firms)
    d = float(MARKET.patience)
    assert told.switching == 0.5
    assert told.after == pytest.approx((1 - d) * 90 / 4)
    assert told.newcomer_price == pytest.approx(18 - d * 90 / 4 / MARKET.payments)
    assert told.loyal_price - told.newcomer_price == pytest.approx(45 / MARKET.payments)
    assert told.trap


def test_a_promise_costs_eight_ninths_of_a_later_periods_margin():
    told = promised(MARKET)
    year, d = MARKET.earned, MARKET.patience
    assert told.periods == 2
    assert told.today == pytest.approx(year * (1 + d))
    # per own customer, of whom each firm has half of the market's: twice 4 / 9 and d / 8
    assert told.gain_after == pytest.approx(-8 * d * year / 9)
    assert told.gain_frozen == pytest.approx(year * (d / 4 + d**2 / 64))
    assert told.switching == pytest.approx(1 / 6)
    assert told.loyal_price == pytest.approx(18 - 4)
    assert told.newcomer_price == pytest.approx(18 + 4)
    assert told.offer_price == pytest.approx(18)
    assert told.pays_to_stay
    assert told.trap
    assert "loyalty_may_soften_competition" in told.assumptions


def every(market: Market, s: Numbers, theta: Numbers) -> list[Response]:
    return [
        poached(market, switching_cost=s),
        poached(market, switching_cost=s, taste=theta),
        switched(market, switching_max=theta, rival_max=2.5 * theta, share=0.3),
        surfed(market, switching_max=theta, firms=2),
        surfed(market, switching_max=theta, firms=5),
        promised(market),
    ]


SHARES = ("won_frozen", "switching", "customers", "periods", "game", "assumptions")


@settings(max_examples=examples(100), deadline=None)
@given(
    margin=st.floats(0.5, 50),
    cost=st.floats(0, 50),
    s=st.floats(0, 800),
    theta=st.floats(1, 800),
    interest=st.floats(0.001, 0.5),
    scale=st.floats(0.01, 100),
)
def test_money_scales_and_shares_stay_shares(margin, cost, s, theta, interest, scale):
    market = Market(margin=margin, price=margin + cost, customers=1000, interest=interest)
    larger = dataclasses.replace(market, margin=margin * scale, price=(margin + cost) * scale)
    pairs = zip(every(market, s, theta), every(larger, s * scale, theta * scale), strict=True)
    for one, other in pairs:
        assert 0 <= one.switching <= 1
        assert one.won_frozen >= 0
        assert one.gain_frozen >= -1e-12 * margin
        assert one.after == pytest.approx(one.own + one.rival)
        for name, value in vars(one).items():
            if isinstance(value, np.ndarray):
                factor = 1 if name in SHARES else scale
                size = factor * (abs(value) + margin)
                assert vars(other)[name] == pytest.approx(value * factor, abs=1e-9 * size)
            else:
                assert vars(other)[name] == value


def test_draws_are_played_as_one_by_one():
    generator = np.random.default_rng(2)
    margin, s, theta = (generator.uniform(*x, 30) for x in ((5, 20), (0, 100), (20, 300)))
    market = Market(margin=margin, price=30.0, customers=500, interest=0.08)
    for at, told in enumerate(every(market, s, theta)):
        for i in range(30):
            alone = dataclasses.replace(market, margin=margin[i])
            one = every(alone, s[i], theta[i])[at]
            for name, value in vars(one).items():
                if isinstance(value, np.ndarray):
                    assert vars(told)[name][i] == pytest.approx(value, rel=1e-13, abs=1e-12)


def test_estimates_are_means_and_quantiles_of_draws_and_assumed():
    theta = np.random.default_rng(4).uniform(50, 300, 2000)
    told = switched(MARKET, switching_max=theta)
    shown = told.estimates()
    gain = shown["gain_after"]
    assert gain.value == pytest.approx(float(told.gain_after.mean()))
    assert (gain.low, gain.high) == pytest.approx(np.quantile(told.gain_after, [0.025, 0.975]))
    values = {n: float(e.value or 0.0) for n, e in shown.items()}
    assert values["total_after"] == pytest.approx(10_000 * values["gain_after"])
    assert values["from_own"] + values["from_rival"] == pytest.approx(values["gain_after"])
    assert 0.2 < values["trap"] < 1
    assert values["trap"] == pytest.approx(np.mean(told.trap))
    assert {e.status for e in shown.values()} == {Status.ASSUMED}
    assert {e.assumptions for e in shown.values()} == {told.assumptions}
    assert {n for n, e in shown.items() if e.unit == "share"} == {"won_frozen", "switching", "trap"}


def test_single_numbers_have_no_interval_and_show_themselves():
    told = poached(MARKET)
    gain = told.estimates(level=0.9)["gain_after"]
    assert (gain.value, gain.low, gain.high) == (float(told.gain_after), None, None)
    assert "gain_after" in told._repr_html_()


def test_more_axes_than_draws_are_refused():
    market = Market(margin=np.full((4, 2), 5.0), price=30.0, customers=1, interest=0.1)
    with pytest.raises(ParameterError, match="one segment"):
        poached(market).estimates()


def test_what_each_game_takes_for_granted_is_named():
    told = every(MARKET, 10.0, 90.0)
    assert all({"rival_answers_best", "one_price_today"} <= set(r.assumptions) for r in told)
    assert "taste_is_margin" in told[0].assumptions
    assert "taste_is_margin" not in told[1].assumptions
    assert "tastes_stay" in told[0].assumptions
    assert "tastes_drawn_anew" in told[-1].assumptions
    assert len({r.assumptions for r in told}) == 5


@pytest.mark.parametrize(
    "wrong",
    [
        {"margin": 0.0},
        {"margin": 31.0},
        {"margin": np.nan},
        {"price": -1.0},
        {"customers": -5},
        {"interest": -0.1},
        {"months": 0},
        {"months": 2.5},
    ],
)
def test_impossible_markets_are_refused_by_name(wrong):
    with pytest.raises(ParameterError, match=f"`{next(iter(wrong))}`"):
        dataclasses.replace(MARKET, **wrong)


def test_without_customers_there_is_nothing_to_gain():
    told = poached(dataclasses.replace(MARKET, customers=0))
    assert not any((told.total_frozen, told.total_after))
    assert told.gain_after < 0


def test_impossible_games_are_refused_by_name():
    with pytest.raises(ParameterError, match="share"):
        switched(MARKET, switching_max=10.0, share=0.0)
    with pytest.raises(ParameterError, match="switching_cost"):
        poached(MARKET, switching_cost=-1.0)
    with pytest.raises(ParameterError, match="without interest"):
        surfed(MONTH, switching_max=1.0, firms=3)
