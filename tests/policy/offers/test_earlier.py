"""Who had left before today and comes back: as leavers do, by a clock that has run already."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from stammkunde.policy.offers import (
    Behaviour,
    CoolOff,
    MinimumTerm,
    NewcomerRebate,
    Policy,
    RebateForAll,
    WinBack,
    applied,
    at_list_price,
    value_by_month,
    worths,
)
from stammkunde.policy.offers.earlier import coming, leavers_of, still_to_come
from stammkunde.policy.offers.referred import cohorts_of_all, cohorts_of_base
from tests.policy.offers.markets import (
    ALL,
    CALLS,
    GONE,
    HAZARDS,
    LOYALTY,
    NONE,
    RETURNS,
    WIN_BACK,
    H,
    market,
    segment,
    valued,
)

ALONE = {"inflow": 0.0, "there": ()}
RATIO = {"ratio": np.array([0.7, 0.9])}
PLAIN = {
    "nothing": (),
    "rebates for who stays": (LOYALTY,),
    "calls within a capacity": (replace(CALLS, capacity=10.0),),
    "letters": (WIN_BACK,),
    "a term": (MinimumTerm(6, ("price",)),),
    "a cool-off where nothing is offered": (CoolOff(6), RebateForAll(2.0)),
}


@pytest.mark.parametrize("what", PLAIN)
def test_where_all_are_alike_they_are_worth_what_as_many_sign_ups_are(what):
    """No newcomer offers, no factor, no deterred, and the same is paid for either."""
    policy, alike = Policy("x", None, PLAIN[what]), {"returners": 1.0, "handling": 120.0}
    more = 100.0 + still_to_come(RETURNS, GONE, H)
    known, booked = (
        market(segment(**alike, **own), by_month=1 + np.arange(H) / 50)
        for own in ({}, {"gone": (), "inflow": more})
    )
    one, two = (valued(policy, where, RATIO) for where in (known, booked))
    for name in ("total", "spend", "customers", "margin", "rebates", "care"):
        assert_allclose(getattr(one, name), getattr(two, name), rtol=1e-12)
    assert_allclose(one.acquisition + one.handling, two.acquisition + two.handling, rtol=1e-12)
    by_month = [value_by_month(applied(policy, where, RATIO)) for where in (known, booked)]
    assert_allclose(*by_month, rtol=1e-10)
    # but they are no sign-ups, and no new customers
    assert one.signed == 100.0 * H
    assert (one.new < two.new).all()


def test_how_many_come_by_hand():
    """Of 10 leavers .05 + .05 are back before the lag 2, 9 are left; 4 in 90 of them come."""
    chance, gone = RETURNS[:1], np.array([[0.0, 0.0, 9.0]])
    assert_allclose(leavers_of(chance, gone), [[0, 0, 10, 0, 0, 0]])
    assert_allclose(still_to_come(chance, gone, 6), [0.4, 0.3, 0.2, 0.1, 0, 0], atol=1e-15)
    assert_allclose(still_to_come(chance, gone, 2), [0.4, 0.3])
    # who has just left comes back in the months of the lags
    assert_allclose(still_to_come(chance, [[100.0]], 8), [5, 5, 4, 3, 2, 1, 0, 0])
    # where all come back at once nobody can still be away
    assert still_to_come(np.array([[1.0, 0.0]]), [[5.0, 3.0]], 2).tolist() == [5.0, 0.0]
    drawn = np.stack([RETURNS, RETURNS / 2])
    both = still_to_come(drawn, GONE, H)
    assert both[0].tolist() == still_to_come(RETURNS, GONE, H).tolist()
    assert both[1].tolist() == still_to_come(RETURNS / 2, GONE, H).tolist()


def begun(policy, **changed):
    """Return who had left before and comes back by month, by the life they begin."""
    return applied(policy, market(segment(**changed)), {}).segments["basic"].earlier


@pytest.mark.parametrize("months", [1, 2, 3, 6, 9])
def test_the_clock_of_a_cool_off_has_run_since_they_left(months):
    cool = Policy("x", None, (NewcomerRebate(12, 5.0), CoolOff(months, deterred=0.3)))
    free, cooled = begun(NONE)["as new"], begun(cool)
    leavers, within, later = leavers_of(RETURNS, GONE), np.zeros(H), np.zeros(H)
    for cause, since, lag in np.ndindex(3, 6, 6):
        if lag >= since:
            came = leavers[cause, since] * RETURNS[cause, lag]
            (within if lag < months else later)[lag - since] += came
    assert_allclose(within + later, free, rtol=1e-12)
    assert_allclose(cooled["cooling off"], 0.7 * within, rtol=1e-12)
    assert_allclose(cooled.get("as new", np.zeros(H)), later, rtol=1e-12, atol=1e-14)
    assert within.sum() > 0


@pytest.mark.parametrize("elements", [(), (NewcomerRebate(12, 10.0), CoolOff(3, deterred=0.2))])
def test_who_left_on_the_eve_comes_a_month_before_who_leaves_now(elements):
    """100 who go for price at the end of the first month, and 100 who went just before it."""
    gone, leave = np.array([[100.0], [0.0], [0.0]]), np.zeros(HAZARDS.shape)
    leave[0] = 1.0
    now = market(segment(inflow=0.0, gone=(), there=[100.0], today=leave))
    eve = market(segment(inflow=0.0, gone=gone, there=()))
    policy = Policy("x", None, elements)
    starts = [
        cohorts_of_base(applied(policy, where, {}).segments["basic"]).starts for where in (now, eve)
    ]
    assert_allclose(starts[0][..., 1:], starts[1][..., :-1], rtol=1e-12, atol=1e-13)
    assert starts[1].sum() > 10


def test_letters_of_win_back_reach_none_of_them():
    all_back = Policy("x", None, (WinBack(("price", "service", "moved"), 1.0, 5.0),))
    assert begun(all_back)["as new"].tolist() == begun(NONE)["as new"].tolist()
    # nobody else comes back by himself
    back = cohorts_of_all(applied(all_back, market(segment()), {}).segments["basic"])
    assert_allclose(back.of("as new"), begun(NONE)["as new"], rtol=1e-13)


@pytest.mark.parametrize("factor", [1.0, 1.8])
def test_they_leave_by_the_factor_of_who_comes_back_and_get_newcomer_offers(factor):
    """They come back for price, and nobody leaves for it once more."""
    once, hazards = RETURNS * [[1.0], [0.0], [0.0]], HAZARDS * [[0.0], [1.0], [1.0]]
    where = market(segment(**ALONE, returners=factor, returns=once, hazards=hazards), interest=0.0)
    found = valued(Policy("x", None, (NewcomerRebate(12, 10.0),)), where)
    come = still_to_come(once, GONE, H)[:6]
    life = np.append(1.0, np.cumprod(1 - factor * hazards[:, :H].sum(axis=0)))
    assert_allclose(found.customers, sum(n * life[H - m] for m, n in enumerate(come)), rtol=1e-12)
    assert_allclose(found.handling, -15 * come.sum(), rtol=1e-12)
    assert_allclose(found.rebates, -10 * life[:12].sum() * come.sum(), rtol=1e-12)
    assert (found.acquisition, found.signed, found.per_acquired, found.new) == (0, 0, 0, 0)
    assert found.total == found.base


def test_no_lift_brings_more_of_them():
    lifted = NewcomerRebate(12, 0.0, behaviour=Behaviour(lift=0.5))
    where = market(segment(**ALONE))
    assert valued(Policy("x", None, (lifted,)), where).total == valued(NONE, where).total
    undone = at_list_price(market(), Policy("x", None, (lifted,)), {}).segments[0]
    assert undone.gone is GONE
    assert_allclose(undone.inflow, 100 / 1.5)


def test_twice_as_many_are_worth_twice_as_much():
    one, two = (market(segment(**ALONE, gone=by * GONE)) for by in (1.0, 2.0))
    a, b = (valued(ALL, where, RATIO) for where in (one, two))
    for name in ("total", "customers", "spend", "handling"):
        assert_allclose(getattr(b, name), 2 * getattr(a, name), rtol=1e-12)
    apart = valued(ALL, market(segment(gone=())), RATIO)
    whole = valued(ALL, draws=RATIO)
    assert_allclose(whole.total, a.total + apart.total, rtol=1e-12)
    assert_allclose(whole.new, apart.new, rtol=1e-13)


def test_draws_of_returns_move_them_each_by_itself():
    rng = np.random.default_rng(4)
    returns = RETURNS * rng.uniform(0.5, 1.5, (607, 1, 1))
    draws = {"ratio": rng.uniform(0.6, 1.0, 607)}
    where = market(segment(returns=returns))
    many = worths([ALL, NONE], where, draws)
    few = worths([NONE, ALL], where.part(slice(0, 211)), {"ratio": draws["ratio"][:211]})
    for name in few:
        assert many[name].total[:211].tolist() == few[name].total.tolist()
    alone = market(segment(returns=returns[50]))
    same = valued(ALL, alone, {"ratio": draws["ratio"][50:51]}).total
    assert_allclose(many["all of it"].total[50], same[0], rtol=1e-13)


def test_order_of_causes_changes_nothing():
    turned = [2, 0, 1]
    own = {"hazards": HAZARDS[turned], "returns": RETURNS[turned], "gone": GONE[turned]}
    where = replace(market(segment(**own)), causes=("moved", "price", "service"))
    assert_allclose(valued(ALL, where, RATIO).total, valued(ALL, draws=RATIO).total, rtol=1e-12)


def test_coming_keeps_the_horizon():
    chance, leavers = RETURNS[0], np.ones(6)
    long = coming(chance, leavers, 50)
    assert long.shape == (50,)
    assert coming(chance, leavers, 3).tolist() == long[:3].tolist()
    assert not long[6:].any()
