"""Money: against sums over cohorts one after another, and what must hold whatever it is."""

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
    base_value,
    cared_for,
    customers,
    existing,
    leavers,
    life,
    money_by_month,
    renewed,
    value,
    worth_by_unit,
)
from tests.patience import examples

V = 1.1 ** (-1 / 12)
CAUSES = ("price", "moved")
H = 12


def lives(seed):
    rng = np.random.default_rng(seed)
    plain = life("plain", CAUSES, rng.random((2, 20)) * 0.2)
    cared = cared_for(
        "cared", CAUSES, rng.random((2, 20)) * 0.1, complains=0.2, answered=0.5, fades=0.3,
        complained=[2.0, 1.0], recovered=[0.5, 1.0],
    )  # fmt: skip
    back = Return(("plain", "cared"), ("price",), "cared", rng.random(3) * 0.2)
    return renewed([plain, cared], [back], {"plain": rng.random(H) * 9, "cared": 1.0}, H)


def money(seed):
    rng = np.random.default_rng(seed + 1)

    def some(**more):
        return Pays(
            rng.normal(20, 9, 20), once=rng.normal(0, 50), at_exit={"moved": rng.normal(0, 9, 20)},
            by_month=rng.random(H) + 0.5, arrears=bool(rng.integers(2)), **more,
        )  # fmt: skip

    return {"plain": some(), "cared": some(state={"complained": rng.normal(-5, 3, 20)})}


def by_hand(cohorts, pays, v):
    """Return the worth of each month's money, cohort after cohort and unit after unit."""
    total = np.zeros(H)
    for x in cohorts.lives:
        p = pays[x.name]
        for s, n in enumerate(cohorts.of(x.name)):
            total[s] += n * p.once * p.by_month[s] * v**s
            for u in range(H - s):
                m = s + u
                paid = x.survival[u] * p.unit[u]
                for state, amount in p.state.items():
                    paid += x.mix[x.states.index(state), u] * amount[u]
                out = sum(x.of(c)[u] * amount[u] for c, amount in p.at_exit.items())
                total[m] += n * p.by_month[m] * (paid * v ** (m + p.arrears) + out * v ** (m + 1))
    return total


@settings(max_examples=examples(30), deadline=None)
@given(st.integers(0, 10**6))
def test_cohort_after_cohort(seed):
    cohorts, pays = lives(seed), money(seed)
    expected = by_hand(cohorts, pays, V)
    assert_allclose(money_by_month(cohorts, pays, V), expected, rtol=1e-10, atol=1e-8)
    assert_allclose(value(cohorts, pays, V), expected.sum(), rtol=1e-10, atol=1e-8)


@settings(max_examples=examples(30), deadline=None)
@given(st.integers(0, 10**6))
def test_the_adjoint_is_the_sum_by_month(seed):
    """A factor of 1 in every month takes the other way to the same value."""
    cohorts, pays = lives(seed), money(seed)
    alike = {n: _with(p, by_month=np.ones(H)) for n, p in pays.items()}
    none = {n: _with(p, by_month=None) for n, p in pays.items()}
    expected = by_hand(cohorts, alike, V).sum()
    assert_allclose(value(cohorts, none, V), expected, rtol=1e-10, atol=1e-8)
    assert_allclose(value(cohorts, alike, V), expected, rtol=1e-10, atol=1e-8)


def _with(p, **changed):
    names = ("unit", "once", "at_exit", "state", "arrears", "by_month")
    return Pays(**{n: getattr(p, n) for n in names} | changed)


def test_a_month_of_the_calendar_has_its_price():
    """One euro in month 5 only is the customers of month 5."""
    cohorts = lives(1)
    one = {n: Pays(1.0, by_month=np.eye(1, H, 5)[0]) for n in ("plain", "cared")}
    here = sum(customers(cohorts, n)[5] for n in one)
    assert_allclose(value(cohorts, one, V), here * V**5)
    out = {"plain": Pays(at_exit={"price": 1.0}, by_month=np.eye(1, H, 5)[0])}
    assert_allclose(value(cohorts, out, V), leavers(cohorts, "plain", "price")[5] * V**6)


def test_a_month_in_which_everybody_feels_it():
    """Hazards by tenure and calendar: the month of sign-up, or tenure so far, is a leading axis."""
    rise = 1 + 2.0 * (np.arange(H) == 5)
    by_tenure = 0.02 + 0.01 * np.exp(-np.arange(20) / 4)
    # rows: signed up in month s, or there after s units today
    signed = np.array([[by_tenure[max(m - s, 0)] * rise[m] for m in range(H)] for s in range(H)])
    new = np.zeros_like(signed)
    for s in range(H):
        new[s, : H - s] = signed[s, s:]
    today = np.array([[by_tenure[g + m] * rise[m] for m in range(H)] for g in range(4)])
    young = renewed([life("x", ("any",), new[:, None])], [], {"x": np.eye(H)}, H)
    old = renewed([life("x", ("any",), today[:, None])], [], {"x": 3.0 * np.eye(1, H)}, H)
    gone = leavers(young, "x", "any").sum(axis=0) + leavers(old, "x", "any").sum(axis=0)
    here = [3.0] * 4
    for m in range(H):
        here.insert(0, 1.0)
        # newest first: the k-th has k units behind him; today's have g + m
        units = [*range(m + 1), *(g + m for g in range(4))]
        left = [n * by_tenure[u] * rise[m] for n, u in zip(here, units, strict=True)]
        assert_allclose(gone[m], sum(left))
        here = [n - x for n, x in zip(here, left, strict=True)]


def test_an_exit_that_pays_is_an_annuity_less():
    """Everybody pays 1 at the start of each unit and gets 1 back on leaving: who is left, paid."""
    x = life("x", CAUSES, np.full((2, 30), 0.05))
    worth = worth_by_unit(x, Pays(once=1.0, at_exit={"price": -1.0, "moved": -1.0}), 1.0, 30)
    assert_allclose(worth, x.survival[1:], atol=1e-12)


@settings(max_examples=examples(20), deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([-4.0, -1.0, 0.0, 0.25, 2.0, 1024.0]))
def test_every_euro_is_scaled(seed, scale):
    cohorts, pays = lives(seed), money(seed)
    scaled = {
        n: _with(
            p,
            unit=scale * p.unit,
            once=scale * p.once,
            at_exit={c: scale * a for c, a in p.at_exit.items()},
            state={s: scale * a for s, a in p.state.items()},
        )
        for n, p in pays.items()
    }
    assert value(cohorts, scaled, V) == scale * value(cohorts, pays, V)
    expected = scale * money_by_month(cohorts, pays, V)
    assert (money_by_month(cohorts, scaled, V) == expected).all()


def test_parts_of_money_add_up():
    """Margin less rebate is worth the margin less what the rebate is worth."""
    cohorts = lives(2)
    margin, rebate = np.linspace(30, 40, 20), np.where(np.arange(20) < 6, 10.0, 0.0)
    net = value(cohorts, {"plain": Pays(margin - rebate)}, V)
    apart = [value(cohorts, {"plain": Pays(a)}, V) for a in (margin, rebate)]
    assert_allclose(net, apart[0] - apart[1], rtol=1e-12)


def test_a_rebate_for_all_is_a_newcomer_and_a_loyalty_rebate():
    cohorts, unit = lives(4), np.arange(20)
    worth = [
        value(cohorts, {n: Pays(5.0 * given) for n in ("plain", "cared")}, V)
        for given in (unit < 6, unit >= 6, unit >= 0)
    ]
    assert_allclose(worth[0] + worth[1], worth[2], rtol=1e-12)
    assert min(worth) > 0


def compared(hazards, rebates):
    """Return the values of policies in one call: new customers who come back, and today's."""
    x = life("x", CAUSES, hazards)
    pays = Pays(30.0 - rebates, once=-120.0)
    back = Return(("x",), ("price",), "x", [0.1, 0.05])
    base = existing(x, [5.0, 3.0, 9.0], H)
    cohorts = renewed([x], [back], {"x": 10.0}, H, bases=[base])
    return value(cohorts, {"x": pays}, V) + base_value(base, pays, V)


def test_a_policy_that_does_and_costs_nothing_is_worth_exactly_nothing():
    hazards = np.random.default_rng(1).random((50, 1, 2, 20)) * 0.2
    found = compared(hazards * np.ones((2, 1, 1)), np.zeros((50, 2, 1)))
    assert (found[:, 1] - found[:, 0] == 0.0).all()


def test_another_policy_changes_no_bit_of_the_others():
    rng = np.random.default_rng(1)
    hazards = rng.random((50, 1, 2, 20)) * 0.2 * rng.random((1, 4, 1, 1))
    rebates = rng.random((1, 4, 20))
    four, three = compared(hazards, rebates), compared(hazards[:, :3], rebates[:, :3])
    assert (four[:, :3] == three).all()
    order = [2, 0, 3, 1]
    assert (compared(hazards[:, order], rebates[:, order]) == four[:, order]).all()


def test_a_segment_split_in_two_is_worth_the_same():
    """Inflow, base and all: two halves of a segment add up to it."""
    x = life("x", CAUSES, np.random.default_rng(1).random((3, 1, 2, 20)) * 0.2)
    pays = Pays(30.0, once=-120.0)

    def worth(parts):
        parts = np.array(parts)[:, None]
        base = existing(x, parts * [5.0, 3.0], H)
        cohorts = renewed([x], [], {"x": parts * np.ones(H)}, H, bases=[base])
        return (value(cohorts, {"x": pays}, V) + base_value(base, pays, V)).sum(axis=-1)

    assert_allclose(worth([0.25, 0.75]), worth([1.0]), rtol=1e-13)


def test_a_rebate_without_effect_costs_what_is_paid():
    """No effect and a rebate: worth less than nothing for every rebate, so none breaks even."""
    hazards = np.full((1, 2, 20), 0.05) * np.ones((4, 1, 1))
    found = compared(hazards, np.array([0.0, 0.01, 1.0, 10.0])[:, None])
    assert (np.diff(found) < 0).all()
    assert_allclose((found[0] - found[3]) / (found[0] - found[2]), 10.0)


def test_what_cannot_be_paid_is_refused():
    cohorts = lives(1)
    for pays in (
        Pays(np.nan),
        Pays([1.0, 2.0]),
        Pays(state={"complained": 1.0}),
        Pays(at_exit={"died": 1.0}),
        Pays(by_month=[1.0, 2.0]),
        Pays(once=np.inf),
    ):
        with pytest.raises(ParameterError) as error:
            value(cohorts, {"plain": pays}, V)
        assert error.value.remedy
    for v in (0.0, -1.0, np.nan):
        with pytest.raises(ParameterError):
            value(cohorts, {"plain": Pays(1.0)}, v)
