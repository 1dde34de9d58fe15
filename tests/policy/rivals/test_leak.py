"""Hoppers: what leaks away, and which saving earns most in spite of them."""

import numpy as np
import pytest

from stammkunde.errors import ParameterError
from stammkunde.policy.rivals import Hoppers, best_saving, best_saving_for
from tests.policy.rivals.oracles import best, middles


def test_a_quarter_hops():
    leak = Hoppers(hassle_max=40.0).leak(10.0)
    assert leak.hopping == pytest.approx(0.25, abs=1e-14)
    assert leak.lost == pytest.approx(2.50, abs=1e-14)
    assert leak.hassle == pytest.approx(10**2 / (2 * 40))


def test_handling_is_paid_per_hop():
    leak = Hoppers(hassle_max=40.0, handling=6.0).leak(10.0)
    assert leak.lost == pytest.approx(10 * (10 + 6) / 40)


def test_customers_drawn_at_random():
    generator = np.random.default_rng(11)
    nuisance = generator.uniform(0, 40, 400_000)
    lost = np.where(nuisance < 10, 10.0, 0.0)
    error = lost.std() / np.sqrt(lost.size)
    assert abs(lost.mean() - Hoppers(hassle_max=40.0).leak(10.0).lost) < 3.5 * error
    assert error < 0.01


CASES = [
    (10.0, 40.0, 3.0, 0.0, 0.0),
    (10.0, 40.0, 3.0, 2.0, 1.5),
    (50.0, 40.0, 1.0, 2.0, 3.0),
    (50.0, 40.0, 1.0, 2.0, 8.0),
    (6.0, 40.0, 3.0, 3.0, 2.0),
    (0.0, 40.0, 3.0, 0.0, 0.0),
]


@pytest.mark.parametrize(("saving", "theta", "k", "months", "worth"), CASES)
def test_counted_hoppers(saving, theta, k, months, worth):
    nuisance = months * worth + theta * middles(200_000)
    hops = nuisance < saving
    leak = Hoppers(hassle_max=theta, handling=k, months=months, service=worth).leak(saving)
    assert leak.hopping == pytest.approx(hops.mean(), abs=1e-5)
    assert leak.lost == pytest.approx(hops.mean() * (saving + k), abs=1e-3)
    assert leak.hassle == pytest.approx((nuisance * hops).mean(), abs=1e-3)


def test_a_cool_off_by_formula():
    cooled = Hoppers(hassle_max=40.0, handling=6.0, months=2.0, service=1.5)
    beyond = 10 - 2 * 1.5
    assert cooled.leak(10.0).hopping == pytest.approx(beyond / 40)
    assert cooled.leak(10.0).lost == pytest.approx(beyond * (10 + 6) / 40)


@pytest.mark.parametrize("months", [5.0, 6.0, 50.0])
def test_nobody_hops_once_the_cool_off_is_worth_the_saving(months):
    leak = Hoppers(hassle_max=40.0, handling=6.0, months=months, service=2.0).leak(10.0)
    assert not any((leak.hopping, leak.lost, leak.hassle))


def test_all_hop_where_the_saving_beats_every_nuisance():
    leak = Hoppers(hassle_max=40.0, handling=2.0, months=1.0, service=5.0).leak(45.0)
    assert leak.hopping == 1
    assert leak.lost == 47
    assert leak.hassle == 25


PRICES = {
    "usual": {"newcomers": 50.0, "response": 4.0, "value": 120.0, "base": 300.0},
    "small base": {"newcomers": 10.0, "response": 4.0, "value": 300.0, "base": 20.0},
    "no response": {"newcomers": 50.0, "response": 0.0, "value": 120.0, "base": 300.0},
    "nobody anyhow": {"newcomers": 0.0, "response": 3.0, "value": 120.0, "base": 10.0},
    "dear": {"newcomers": 500.0, "response": 1.0, "value": 120.0, "base": 3000.0},
    "no base": {"newcomers": 50.0, "response": 4.0, "value": 120.0, "base": 0.0},
}
HOPPERS = {
    "plain": Hoppers(hassle_max=40.0),
    "handled": Hoppers(hassle_max=40.0, handling=5.0),
    "cooled": Hoppers(hassle_max=40.0, handling=5.0, months=3.0, service=4.0),
    "eager": Hoppers(hassle_max=3.0, handling=1.0, months=1.0, service=1.0),
}


def test_the_best_saving_solves_its_equation():
    k, theta, n, eta, value, base = 5.0, 40.0, 50.0, 4.0, 120.0, 300.0
    hoppers = Hoppers(hassle_max=theta, handling=k)
    d = best_saving(hoppers, newcomers=n, response=eta, value=value, base=base).saving
    assert 0 < d < theta
    assert base * (2 * d + k) / theta == pytest.approx(eta * (value - d) - (n + eta * d))


@pytest.mark.parametrize("who", HOPPERS)
@pytest.mark.parametrize("what", PRICES)
def test_no_saving_earns_more(who, what):
    hoppers, money = HOPPERS[who], PRICES[what]
    found = best_saving(hoppers, **money)

    def profit(d):
        come = money["newcomers"] + money["response"] * d
        leak = np.clip(d - hoppers.threshold, 0, hoppers.hassle_max) / hoppers.hassle_max
        return come * (money["value"] - d) - money["base"] * leak * (d + hoppers.handling)

    fine = np.linspace(0, money["value"], 200_001)
    assert profit(fine).max() <= found.profit + 1e-9
    assert profit(found.saving) == pytest.approx(found.profit, abs=1e-9)
    assert best(profit, 0, money["value"])[1] == pytest.approx(found.profit, rel=1e-6)


@pytest.mark.parametrize("who", HOPPERS)
@pytest.mark.parametrize("what", PRICES)
def test_any_response_finds_the_linear_one(who, what):
    hoppers, money = HOPPERS[who], dict(PRICES[what])
    exact = best_saving(hoppers, **money)
    n, eta = money.pop("newcomers"), money.pop("response")
    found = best_saving_for(hoppers, lambda d: n + eta * d, most=money["value"], **money)
    assert found.profit == pytest.approx(exact.profit, rel=1e-12)
    assert found.saving == pytest.approx(exact.saving, abs=1e-5)


def test_a_response_that_saturates():
    hoppers = HOPPERS["handled"]

    def come(d):
        return 50 + 200 * (1 - np.exp(-np.asarray(d) / 10))

    found = best_saving_for(hoppers, come, value=120.0, base=300.0, most=120.0)

    def profit(d):
        return come(d) * (120 - d) - 300 * np.clip(d, 0, 40) / 40 * (d + 5)

    price, most = best(profit, 0, 120)
    assert found.saving == pytest.approx(price, abs=1e-5)
    assert found.profit == pytest.approx(most, rel=1e-12)


def test_draws_are_searched_as_one_by_one():
    generator = np.random.default_rng(5)
    theta, k, value = (generator.uniform(*x, 40) for x in ((5, 60), (0, 10), (50, 300)))
    hoppers = Hoppers(hassle_max=theta, handling=k, months=2.0, service=1.0)
    money = {"newcomers": 40.0, "response": 2.0, "base": 100.0}
    many = best_saving(hoppers, value=value, **money)
    searched = best_saving_for(
        hoppers, lambda d: 40.0 + 2.0 * d, value=value, base=100.0, most=value
    )
    np.testing.assert_allclose(searched.profit, many.profit, rtol=1e-12)
    for i in range(40):
        alone = Hoppers(hassle_max=theta[i], handling=k[i], months=2.0, service=1.0)
        assert best_saving(alone, value=value[i], **money).saving == many.saving[i]


def test_a_cool_off_makes_a_larger_saving_pay():
    money = PRICES["usual"]
    plain = best_saving(Hoppers(hassle_max=40.0), **money)
    cooled = best_saving(Hoppers(hassle_max=40.0, months=6.0, service=4.0), **money)
    assert cooled.saving > plain.saving
    assert cooled.profit > plain.profit


def test_impossible_hoppers_are_refused():
    for key in ("handling", "months", "service"):
        with pytest.raises(ParameterError, match=f"`{key}`"):
            Hoppers(hassle_max=1.0, **{key: -1.0})
    with pytest.raises(ParameterError, match="hassle_max"):
        Hoppers(hassle_max=0.0)
    with pytest.raises(ParameterError, match="saving"):
        Hoppers(hassle_max=1.0).leak(-1.0)
    with pytest.raises(ParameterError, match="fewer newcomers than none"):
        best_saving_for(Hoppers(hassle_max=1.0), lambda d: 1 - d, value=5.0, base=1.0, most=5.0)
    with pytest.raises(ParameterError, match="base"):
        best_saving(Hoppers(hassle_max=1.0), newcomers=1, response=1, value=1, base=np.nan)
