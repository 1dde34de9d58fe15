"""The same persons come back: against a plain recursion, published numbers, and conservation."""

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
    customers,
    existing,
    leavers,
    life,
    lived,
    renewed,
    value,
    whereabouts,
)
from stammkunde.survival import formulas
from tests.patience import examples
from tests.validate.persons import contract_mean

CAUSES = ("price", "moved")


def by_hand(lives, returns, inflow, horizon):
    """Return the starts [N, H], by following every leaver of every cohort one after another."""
    names = [x.name for x in lives]
    starts = np.array([np.broadcast_to(inflow.get(n, 0.0), horizon) for n in names], dtype=float)
    for s in range(horizon):
        for k, x in enumerate(lives):
            for r in (r for r in returns if x.name in r.sources):
                for c in (x.causes.index(cause) for cause in r.causes):
                    for u in range(1, horizon + 1):
                        for lag, chance in enumerate(np.atleast_1d(r.chance)):
                            if s + u + lag < horizon:
                                back = starts[k, s] * x.leaving[c, u - 1] * chance
                                starts[names.index(r.target), s + u + lag] += back
    return starts


def world(seed, horizon=14, lives=3):
    rng = np.random.default_rng(seed)
    made = [life(f"life {k}", CAUSES, rng.random((2, horizon)) * 0.4) for k in range(lives)]
    names = tuple(x.name for x in made)
    returns = [
        Return(names, ("price",), names[1], rng.random(4) * 0.12),
        Return(names, ("price",), names[2], rng.random(2) * 0.1),
        Return(names[:1], ("price", "moved"), names[2], rng.random(3) * 0.1),
    ]
    return made, returns, {names[0]: rng.random(horizon) * 10, names[2]: 1.5}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("some", [slice(0, 1), slice(0, 2), slice(0, 3), slice(2, 3)])
def test_starts_are_those_of_every_leaver_followed(seed, some):
    lives, returns, inflow = world(seed)
    got = renewed(lives, returns[some], inflow, 14)
    assert_allclose(got.starts, by_hand(lives, returns[some], inflow, 14), rtol=1e-12)


def test_leavers_first_or_lags_first():
    """The other order of the sum: G by target and delay, month after month."""
    lives, returns, inflow = world(8, 30)
    got = renewed(lives, returns, inflow, 30).starts
    names = [x.name for x in lives]
    g = np.zeros((3, 3, 31))
    for r in returns:
        for s in r.sources:
            for cause in r.causes:
                for lag, chance in enumerate(r.chance):
                    left = lives[names.index(s)].of(cause)[: 30 - lag]
                    g[names.index(s), names.index(r.target), 1 + lag :] += chance * left
    starts = np.array([np.broadcast_to(inflow.get(n, 0.0), 30) for n in names])
    for t in range(1, 30):
        starts[:, t] += np.einsum("ku,kju->j", starts[:, t - 1 :: -1][:, :t], g[:, :, 1 : t + 1])
    assert_allclose(got, starts, rtol=1e-12)


@pytest.mark.parametrize("horizon", [1, 2, 15, 16, 17, 32, 33, 50])
def test_spans_are_put_together_without_a_seam(horizon):
    lives, returns, inflow = world(2, horizon)
    for some in (slice(0, 2), slice(0, 3)):
        got = renewed(lives, returns[some], inflow, horizon)
        assert_allclose(got.starts, by_hand(lives, returns[some], inflow, horizon), rtol=1e-12)


@pytest.mark.parametrize("longest", [1, 2, 16, 17, 18, 40])
def test_lags_may_be_longer_than_a_span(longest):
    lives, _, inflow = world(4, 50)
    names = tuple(x.name for x in lives)
    chance = np.random.default_rng(longest).random(longest) / longest / 2
    returns = [
        Return(names, ("price",), names[1], chance),
        Return(names[1:], ("moved",), names[2], chance[::-1]),
    ]
    got = renewed(lives, returns, inflow, 50)
    assert_allclose(got.starts, by_hand(lives, returns, inflow, 50), rtol=1e-12)


def signing_again():
    """Return hoppers and loyal customers of sixty months: who leaves in month 12 may come again."""
    made = {}
    for name, early in (("hopper", 0.85), ("loyal", 0.08)):
        u = np.arange(1, 61)
        made[name] = life(
            name,
            ("at twelve", "later"),
            [np.where(u == 12, early, 0.0), np.where(u > 12, 0.015, 0.0)],
        )
    back = Return(("hopper",), ("at twelve",), "hopper", [0.0, 0.0, 0.8])
    return made, back


def test_spells_of_those_who_sign_again():
    made, back = signing_again()
    joining = np.where(np.arange(60) < 24, 1 / 24, 0.0)
    inflow = {"hopper": 0.3 * joining, "loyal": 0.7 * joining}
    starts = renewed(list(made.values()), [back], inflow, 60).starts.sum()
    assert f"{starts:.4f}" == "1.4242"
    assert f"{100 * (1 - 1 / starts):.1f}" == "29.8"


def within_three_years():
    made, back = signing_again()
    now = np.eye(1, 36)[0]
    unit = np.where(np.arange(36) < 12, 20.0, 30.0)
    found = {}
    for name, x in made.items():
        one = renewed([x], [back] if name == "hopper" else [], {name: now}, 36)
        money = value(one, {name: Pays(unit, once=-60.0)}, 1.0)
        found[name] = np.array([customers(one, name).sum(), money, one.starts.sum()])
    return found | {"person": 0.3 * found["hopper"] + 0.7 * found["loyal"]}


def test_paid_months_and_money_of_a_person_over_all_spells():
    found = within_three_years()
    assert f"{found['person'][0]:.3f}" == "29.818"
    assert [f"{found[k][0]:.3f}" for k in ("hopper", "loyal")] == ["27.855", "30.659"]
    assert f"{found['person'][1]:.2f}" == "658.40"
    assert [f"{found[k][1]:.2f}" for k in ("hopper", "loyal")] == ["468.52", "739.77"]
    assert f"{found['person'][2]:.4f}" == "1.3427"
    assert f"{found['person'][1] / found['person'][2]:.2f}" == "490.35"


def test_counting_contracts_understates_lifetime_and_overstates_acquisitions():
    """All contracts as if each were a customer, censored when the data end after sixty months."""
    made, back = signing_again()
    joining = np.where(np.arange(60) < 24, 1 / 24, 0.0)
    inflow = {"hopper": 0.3 * joining, "loyal": 0.7 * joining}
    cohorts = renewed(list(made.values()), [back], inflow, 60)
    # seen in its unit u + 1 is what began by month 59 - u
    begun = {n: np.cumsum(cohorts.of(n))[::-1] for n in made}
    at_risk = sum(begun[n] * x.survival[:60] for n, x in made.items())
    left = sum(begun[n] * x.leaving[:, :60].sum(axis=0) for n, x in made.items())
    each = formulas.restricted_mean(formulas.survival(at_risk, left), 36)
    assert_allclose(each, contract_mean(), rtol=1e-12)
    assert f"{1 - each / within_three_years()['person'][0]:.2f}" == "0.22"
    assert f"{cohorts.starts.sum() - 1:.2f}" == "0.42"


def test_a_chain_with_returns_is_two_lives():
    """Gone for the price comes back with 5 % a month, after a month away at least."""
    lag = np.arange(37)
    chance = np.where(lag >= 1, 0.05 * 0.95 ** (lag - 1.0), 0.0)
    first = life("first", CAUSES, np.array([[0.03], [0.008]]) * np.ones(37))
    again = life("again", CAUSES, np.array([[0.06], [0.008]]) * np.ones(37))
    back = Return(("first", "again"), ("price",), "again", chance)
    found = renewed([first, again], [back], {"first": np.eye(1, 37)[0]}, 37)
    months = {n: customers(found, n) for n in ("first", "again")}
    assert f"{sum(m[:36].sum() for m in months.values()):.4f}" == "23.3374"
    assert f"{months['first'][:36].sum():.4f}" == f"{lived(first, 36)[-1]:.4f}" == "19.7917"
    # after 36 months is at the beginning of the next
    moved = sum(leavers(found, n, "moved")[:36].sum() for n in months)
    here = [months[n][36] for n in months]
    shares = (here[0], 1 - moved - sum(here), moved, here[1])
    assert [f"{x:.4f}" for x in shares] == ["0.2479", "0.3588", "0.1867", "0.2066"]


@settings(max_examples=examples(40), deadline=None)
@given(st.integers(0, 10**6))
def test_nobody_is_lost(seed):
    """Everybody who ever signed is a customer, waits to return, or is gone: in every month."""
    lives, returns, inflow = world(seed)
    today = life("today", CAUSES, np.random.default_rng(seed).random((2, 30)) * 0.2)
    base = existing(today, [3.0, 0.0, 5.0, 1.0], 14)
    returns = [*returns, Return(("today",), CAUSES, "life 1", [0.1, 0.0, 0.2])]
    where = whereabouts(renewed(lives, returns, inflow, 14, bases=[base]))
    assert_allclose(where.staying + where.waiting + where.gone, where.signed, rtol=1e-12)
    assert (where.gone > 0).all()
    assert (where.waiting > 0).all()
    assert_allclose(where.signed[0], 9.0 + 1.5 + inflow["life 0"][0])


@settings(max_examples=examples(20), deadline=None)
@given(st.integers(0, 10**6))
def test_inflow_adds_up_and_order_does_not_matter(seed):
    lives, returns, inflow = world(seed)
    whole = renewed(lives, returns, inflow, 14)
    parts = [renewed(lives, returns, {n: a}, 14).starts for n, a in inflow.items()]
    assert_allclose(sum(parts), whole.starts, rtol=1e-10)
    turned = renewed(lives[::-1], returns[::-1], inflow, 14)
    assert_allclose(turned.starts[::-1], whole.starts, rtol=1e-12)
    assert_allclose(renewed(lives, returns, inflow, 9).starts, whole.starts[:, :9], rtol=1e-12)


def test_a_return_in_the_very_next_month():
    x = life("x", ("a",), [[1.0, 1.0, 1.0]])
    back = Return(("x",), ("a",), "x", [0.5])
    assert renewed([x], [back], {"x": [8.0, 0, 0]}, 3).starts.tolist() == [[8, 4, 2]]
    pause = Return(("x",), ("a",), "x", [0.0, 0.5])
    assert renewed([x], [pause], {"x": [8.0, 0, 0]}, 3).starts.tolist() == [[8, 0, 4]]


def test_leading_axes_are_rows():
    """Draws of the chance of coming back, policies of the hazard: each as if alone."""
    h = np.random.default_rng(1).random((2, 1, 2, 12)) * 0.3
    chance = np.random.default_rng(2).random((5, 3)) * 0.3
    x = life("x", CAUSES, h)
    all_rows = renewed([x], [Return(("x",), ("price",), "x", chance)], {"x": 1.0}, 12)
    assert all_rows.starts.shape == (2, 5, 1, 12)
    for p in range(2):
        for b in range(5):
            one = life("x", CAUSES, h[p, 0])
            alone = renewed([one], [Return(("x",), ("price",), "x", chance[b])], {"x": 1.0}, 12)
            assert (alone.starts == all_rows.starts[p, b]).all()


@pytest.mark.parametrize(
    ("returns", "inflow", "told"),
    [
        ([(("y",), ("price",), "x", [0.5])], {}, '"y" come back, which is no life'),
        ([(("x",), ("price",), "y", [0.5])], {}, 'come back as "y"'),
        ([(("x",), ("died",), "x", [0.5])], {}, 'leaves for "died"'),
        ([(("x",), ("price",), "x", [0.6, 0.5])], {}, "share of 1.1"),
        (
            [(("x",), ("price",), "x", [0.6]), (("x",), CAUSES, "x", [0.5])],
            {},
            "share of 1.1",
        ),
        ([(("x",), ("price",), "x", [-0.1])], {}, "-0.1 somewhere"),
        ([], {"y": 1.0}, 'sign up as "y"'),
        ([], {"x": -1.0}, "-1 somewhere"),
        ([], {"x": [1.0, 2.0]}, "goes on for 2 units where 4"),
    ],
)
def test_what_cannot_be_is_refused(returns, inflow, told):
    x = life("x", CAUSES, np.full((2, 4), 0.1))
    with pytest.raises(ParameterError, match=told) as error:
        renewed([x], [Return(*r) for r in returns], inflow, 4)
    assert error.value.remedy


def test_lives_of_one_name_or_too_short_are_refused():
    x = life("x", CAUSES, np.full((2, 4), 0.1))
    for wrong in (
        lambda: renewed([x, x], [], {}, 4),
        lambda: renewed([x], [], {}, 5),
        lambda: renewed([x], [], {}, 0),
        lambda: renewed([x], [], {}, 4, bases=[existing(x, [1.0], 3)]),
        lambda: renewed([x], [], {}, 4).of("y"),
        lambda: value(renewed([x], [], {}, 4), {"y": Pays(1.0)}, 1.0),
    ):
        with pytest.raises(ParameterError):
            wrong()
