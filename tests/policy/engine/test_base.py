"""Today's customers, against brute force by tenure, and together with those to come."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from stammkunde.errors import ParameterError
from stammkunde.policy.engine import (
    Pays,
    Return,
    base_by_month,
    base_value,
    cared_for,
    existing,
    leavers,
    life,
    money_by_month,
    renewed,
    residual,
    value,
    whereabouts,
)
from tests.patience import examples

CAUSES = ("price", "moved")
V = 1.1 ** (-1 / 12)


def by_hand(hazards, there, unit, exits, horizon, arrears):
    """Return worth by tenure so far, customers and leavers by month: each tenure followed."""
    worth, here = np.zeros(len(there)), np.zeros(horizon)
    gone = np.zeros((2, horizon))
    for g in range(len(there)):
        left = 1.0
        for m in range(horizon):
            u = g + m
            here[m] += there[g] * left
            worth[g] += left * unit[u] * V ** (m + arrears)
            for c in range(2):
                gone[c, m] += there[g] * left * hazards[c, u]
                worth[g] += left * hazards[c, u] * exits[c] * V ** (m + 1)
            left *= 1 - hazards[:, u].sum()
    return worth, here, gone


@settings(max_examples=examples(30), deadline=None)
@given(st.integers(0, 10**6), st.booleans(), st.integers(1, 20))
def test_each_tenure_followed(seed, arrears, horizon):
    rng = np.random.default_rng(seed)
    hazards, unit = rng.random((2, 40)) * 0.3, rng.normal(20, 10, 40)
    there, exits = rng.integers(0, 4, 20).astype(float), rng.normal(0, 50, 2)
    x = life("x", CAUSES, hazards)
    base = existing(x, there, horizon)
    pays = Pays(unit, at_exit=dict(zip(CAUSES, exits, strict=True)), arrears=arrears)
    worth, here, gone = by_hand(hazards, there, unit, exits, horizon, arrears)
    held = base.each.shape[-1]
    assert_allclose(residual(base, pays, V), worth[:held], rtol=1e-9, atol=1e-9)
    assert_allclose(base_value(base, pays, V), there @ worth, rtol=1e-10, atol=1e-9)
    assert_allclose(base_by_month(base, pays, V).sum(), there @ worth, rtol=1e-10, atol=1e-9)
    assert_allclose(base.customers(), here, rtol=1e-12, atol=1e-12)
    assert_allclose([base.leavers(c) for c in CAUSES], gone, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("horizon", [1, 8, 9, 10, 40])
@pytest.mark.parametrize("arrears", [True, False])
def test_all_of_today_are_the_sum_over_their_tenures(horizon, arrears):
    rng = np.random.default_rng(horizon)
    there = rng.integers(1, 9, (4, 9)).astype(float)
    base = existing(life("x", CAUSES, rng.random((4, 2, 48)) * 0.2), there, horizon)
    pays = Pays(rng.random(48) * 30, at_exit={"moved": -7.0}, arrears=arrears)
    each = residual(base, pays, V)
    assert_allclose(base_value(base, pays, V), (there * each).sum(axis=-1), rtol=1e-12)
    months = base_by_month(base, pays, V).sum(axis=-1)
    assert_allclose(base_value(base, pays, V), months, rtol=1e-12)


def test_the_newest_of_today_are_newcomers_without_signing_up():
    x = life("x", CAUSES, np.full((2, 30), 0.02))
    pays = Pays(30.0, once=-120.0)
    now = renewed([x], [], {"x": np.eye(1, 24)[0]}, 24)
    assert_allclose(base_value(existing(x, [1.0], 24), pays, V), value(now, {"x": pays}, V) + 120)


def test_base_and_future_are_what_a_longer_past_would_give():
    """Who signed up a year ago and is there is the base; the value of all is that of both."""
    rng = np.random.default_rng(3)
    lives = [life(n, CAUSES, rng.random((2, 36)) * 0.1) for n in ("new", "back")]
    back = Return(("new", "back"), ("price",), "back", rng.random(5) * 0.15)
    pays = {"new": Pays(rng.random(36), at_exit={"price": -3.0}), "back": Pays(rng.random(36))}
    signed = rng.random(36) * 100
    whole = renewed(lives, [back], {"new": signed}, 36)
    months = money_by_month(whole, pays, 1.0)
    # at month 12: customers by tenure, and those who have left and are still to come
    bases = []
    for x in lives:
        begun = whole.of(x.name)[:12][::-1]
        bases.append(existing(x, np.append(0.0, begun) * x.survival[:13], 24))
    waiting = np.zeros(24)
    gone = np.sum([leavers(whole, x.name, "price") for x in lives], axis=0)
    for t in range(12):
        for lag, chance in enumerate(np.asarray(back.chance)):
            if t + 1 + lag >= 12:
                waiting[t + 1 + lag - 12] += gone[t] * chance
    future = renewed(lives, [back], {"new": signed[12:], "back": waiting}, 24, bases=bases)
    got = money_by_month(future, pays, 1.0)
    got += sum(base_by_month(b, pays[b.life.name], 1.0) for b in bases)
    assert_allclose(got, months[12:], rtol=1e-10)
    total = sum(base_value(b, pays[b.life.name], V) for b in bases) + value(future, pays, V)
    assert_allclose(total, money_by_month(whole, pays, V)[12:].sum() / V**12, rtol=1e-10)
    assert waiting.sum() > 0


def test_leavers_of_today_come_back():
    x = life("x", ("a",), [[0.0, 1.0, 0.5, 0.5, 0.5]])
    old = life("old", ("a",), [[0.0, 0.5, 0.25, 0.0, 0.0]])
    base = existing(old, [0.0, 8.0], 3)
    back = Return(("old",), ("a",), "x", [0.25, 0.5])
    found = renewed([x], [back], {}, 3, bases=[base])
    # 8 are there after one unit: 4 leave at the end of month 0, 1 at the end of month 1
    assert base.leavers("a").tolist() == [4, 1, 0]
    assert found.starts.tolist() == [[0, 1, 2.25]]
    assert found.signed.tolist() == [0, 0, 0]
    where = whereabouts(found)
    assert where.signed.tolist() == [8, 8, 8]
    assert_allclose(where.waiting, [3.0, 2.75, 0.5])


def test_mixed_states_go_on_as_the_life_says():
    """A base of customers who may complain: as a newcomer's later months, given he is there."""
    x = cared_for(
        "x", CAUSES, np.full((2, 30), 0.02), complains=0.1, answered=0.4, fades=0.2,
        complained=[3.0, 1.0], recovered=[0.5, 1.0],
    )  # fmt: skip
    pays = Pays(20.0, state={"complained": -5.0})
    base = existing(x, [0, 0, 0, 0, 0, 1.0], 12)
    whole = Pays(np.where(np.arange(17) < 5, 0.0, 20.0),
                 state={"complained": np.where(np.arange(17) < 5, 0.0, -5.0)})  # fmt: skip
    later = value(renewed([x], [], {"x": np.eye(1, 17)[0]}, 17), {"x": whole}, V)
    assert_allclose(base_value(base, pays, V), later / (x.survival[5] * V**5), rtol=1e-12)


def test_nobody_there_is_worth_nothing():
    x = life("x", CAUSES, np.full((2, 12), 0.5))
    with np.errstate(all="raise"):
        for there in ([0.0, 0.0], [0.0], []):
            base = existing(x, there, 6)
            assert base_value(base, Pays(30.0), V) == 0.0
            assert base.customers().tolist() == [0] * 6


def test_few_who_stayed_very_long_keep_their_digits():
    """Half leave every month for a hundred months; the hundred and first is worth as much."""
    x = life("x", ("a",), np.full((1, 200), 0.5))
    base = existing(x, np.append(np.zeros(100), 1.0), 12)
    short = existing(x, [1.0], 12)
    assert_allclose(base_value(base, Pays(30.0), V), base_value(short, Pays(30.0), V), rtol=1e-12)


def test_head_counts_are_rows():
    x = life("x", CAUSES, np.random.default_rng(1).random((4, 1, 2, 20)) * 0.2)
    there = np.random.default_rng(2).random((3, 6)) * 10
    found = base_value(existing(x, there, 12), Pays(30.0), V)
    assert found.shape == (4, 3)
    for b in range(4):
        one = life("x", CAUSES, np.random.default_rng(1).random((4, 1, 2, 20))[b, 0] * 0.2)
        for s in range(3):
            assert found[b, s] == base_value(existing(one, there[s], 12), Pays(30.0), V)


def test_what_cannot_be_is_refused():
    x = life("x", CAUSES, np.full((2, 12), 0.1))
    ends = life("x", ("a",), [[0.0, 1.0, 0.0, 0.0]])
    for wrong, told in (
        (lambda: existing(x, [0, 0, 1.0], 11), "have completed 2"),
        (lambda: existing(ends, [0, 0, 1.0], 1), "nobody stays so long"),
        (lambda: existing(x, [-1.0], 3), "-1 somewhere"),
        (lambda: existing(x, 5.0, 3), "without tenures"),
        (lambda: existing(x, [1.0], 0), "horizon is 0"),
        (lambda: residual(existing(x, [1.0], 3), Pays(1.0, by_month=[1, 2, 3]), 1.0), "by month"),
    ):
        with pytest.raises(ParameterError, match=told) as error:
            wrong()
        assert error.value.remedy
    assert existing(ends, [1.0, 1.0, 0.0], 2).customers().tolist() == [2.0, 1.0]
