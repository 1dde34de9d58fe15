"""The order of spells: by hand in fractions, against R, by laws, and where data do not say."""

from __future__ import annotations

import warnings
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.survival.persons import OrderEffect, Patterns, order_effect
from stammkunde.survival.persons.baseline import pieces
from stammkunde.survival.persons.frailty import fitted
from stammkunde.survival.persons.likelihood import (
    corners,
    information,
    log_likelihood,
    scores,
    transform,
)
from stammkunde.survival.persons.patterns import courses
from tests.patience import examples
from tests.reference.stored import stored
from tests.validate.persons import (
    contract_mean,
    course,
    mixed,
    paid_within,
    spells_per_person,
)
from tests.validate.second_spells import pooled_limit, second_spells

NAMES = ("entry", "first", "left", "second", "left_again", "block", "count")


def patterns(*rows: tuple[int, ...]) -> Patterns:
    """Return patterns of rows (entry, first, left, second, left again, block, count)."""
    columns = np.array(rows, dtype=np.int64).T
    return Patterns(**dict(zip(NAMES, columns, strict=True)), unit="month")


def chances(parts: Patterns, rates: list[float], ratio: float, variance: float) -> np.ndarray:
    """Return the chance of each course, one parameter per unit."""
    exposure = np.tril(np.ones((len(rates) + 1, len(rates))), -1)
    at = np.array([*np.log(rates), np.log(ratio), variance])
    found = []
    for i in range(len(parts.count)):
        one = {n: getattr(parts, n)[i : i + 1] for n in NAMES}
        own = Patterns(**one | {"count": np.array([1])}, unit="month")
        found.append(np.exp(log_likelihood(at, corners(own, exposure))))
    return np.array(found)


def test_chances_by_hand():
    """Variance 1: L(s) = 1 / (1 + s). Rates 1 in all units, ratio 2.

    Left in unit 1, then in unit 1:   L(0) - L(1) - L(2) + L(3) = 1 - 1/2 - 1/3 + 1/4
    left in unit 2, stays 1 unit:     L(1 + 2) - L(2 + 2)       = 1/4 - 1/5
    stays 2 units:                    L(2)                      = 1/3
    the same, seen from tenure 1 on:  L(2) / L(1)               = 2/3
    left in unit 2, seen from 1 on, then in unit 2:
                                      (L(3) - L(4) - L(5) + L(6)) / L(1)
    """
    rows = [(0, 1, 1, 1, 1), (0, 2, 1, 1, 0), (0, 2, 0, 0, 0), (1, 2, 0, 0, 0), (1, 2, 1, 2, 1)]
    found = chances(patterns(*((*r, 0, 1) for r in rows)), [1.0, 1.0], 2.0, 1.0)

    def law(s: int) -> Fraction:
        return Fraction(1, 1 + s)

    wanted = [
        1 - Fraction(1, 2) - Fraction(1, 3) + Fraction(1, 4),
        Fraction(1, 20),
        Fraction(1, 3),
        Fraction(2, 3),
        (law(3) - law(4) - law(5) + law(6)) / law(1),
    ]
    assert found == pytest.approx([float(w) for w in wanted], rel=1e-14)


@settings(max_examples=examples(60), deadline=None)
@given(
    rates=st.lists(st.floats(0.01, 2), min_size=3, max_size=3),
    ratio=st.floats(0.2, 5),
    variance=st.one_of(st.just(0.0), st.floats(1e-6, 3)),
    entry=st.integers(0, 2),
)
def test_chances_sum_to_one(rates, ratio, variance, entry):
    """All that can happen to somebody seen from `entry` on for three units of each spell."""
    second = [(1, 1), (2, 1), (3, 1), (3, 0)]
    rows = [(entry, t, 1, *s) for t in range(entry + 1, 4) for s in second]
    rows += [(entry, 3, 0, 0, 0)]
    found = chances(patterns(*((*r, 0, 1) for r in rows)), rates, ratio, variance)
    assert found.min() > 0
    assert found.sum() == pytest.approx(1, abs=1e-12)


def some(rng: np.random.Generator, size: int = 400, ratio: float = 1.0) -> Patterns:
    """Return courses over 6 units, some seen late."""
    z = rng.gamma(2, 0.5, size)
    one = np.ceil(rng.exponential(size=size) / (0.2 * z)).astype(np.int64)
    two = np.ceil(rng.exponential(size=size) / (0.2 * ratio * z)).astype(np.int64)
    entry = np.where(rng.random(size) < 0.3, 1, 0)
    kept = one > entry
    one, two, entry, size = one[kept], two[kept], entry[kept], int(kept.sum())
    left = one <= 6
    has = left & (one < 6)
    rest = 6 - one
    return Patterns(
        entry=entry,
        first=np.minimum(one, 6),
        left=left.astype(np.int64),
        second=np.where(has, np.minimum(two, rest), 0),
        left_again=(has & (two <= rest)).astype(np.int64),
        block=rng.integers(0, 256, size),
        count=np.ones(size, dtype=np.int64),
        unit="month",
    )


@pytest.mark.parametrize("variance", [0.0, 1e-5, 0.3, 2.5])
def test_derivatives_are_those_of_the_likelihood(variance):
    parts = some(np.random.default_rng(5))
    exposure = np.tril(np.ones((7, 6)), -1)
    terms = corners(parts, exposure)
    at = np.array([*np.log([0.1, 0.2, 0.15, 0.3, 0.1, 0.2]), 0.2, variance])
    gradient, curvature, squares = information(at, terms)
    for i in range(len(at) - (variance < 1e-4)):
        ends = []
        for sign in (1, -1):
            there = at.copy()
            there[i] += sign * 1e-5
            ends.append((log_likelihood(there, terms), information(there, terms)[0]))
        (up, up_gradient), (down, down_gradient) = ends
        assert gradient[i] == pytest.approx((up - down) / 2e-5, rel=1e-5, abs=1e-4)
        wanted = (down_gradient - up_gradient) / 2e-5
        assert curvature[i] == pytest.approx(wanted, rel=1e-4, abs=1e-3)
    blocks = np.array([scores(at, terms, d) for d in np.eye(len(at))])
    assert blocks.sum(axis=1) == pytest.approx(gradient, rel=1e-9, abs=1e-9)
    assert curvature == pytest.approx(curvature.T, abs=1e-9)
    one = replace(terms, block=np.arange(len(parts.count)))
    own = np.array([scores(at, one, d) for d in np.eye(len(at))])
    assert squares == pytest.approx(own @ own.T, rel=1e-9, abs=1e-9)


def test_the_series_near_no_variance_meets_the_formula():
    one = np.array([1.0])
    ends = [transform(one, 1e-3 * (1 + sign * 1e-9)) for sign in (-1, 1)]
    for series, formula in zip(*ends, strict=True):
        assert series == pytest.approx(formula, rel=1e-8)
    s = np.array([0.0, 0.5, 3.0])
    assert transform(s, 0.0)[0] == pytest.approx(-s)
    assert transform(s, 0.0)[1] == pytest.approx(s**2 / 2)


@pytest.fixture(scope="module")
def r() -> dict[str, Any]:
    return stored("persons.json")


def of_r(r: dict[str, Any]) -> Patterns:
    rows = len(r["count"])
    keys = ("entry", "first", "left", "second", "left.again", "count")
    whole = {k.replace(".", "_"): np.array(r[k], dtype=np.int64) for k in keys}
    return Patterns(**whole, block=np.arange(rows) % 256, unit="month")


def test_pooled_spells_are_r_s_grouped_hazards(r):
    """R: glm with the complementary log-log link on spell-months."""
    terms = corners(of_r(r), np.tril(np.ones((13, 12)), -1))
    fit = fitted(np.append(np.full(12, -2.0), [0.0, 0.0]), terms, varies=False)
    assert fit.converged
    assert fit.at[:-1] == pytest.approx(r["pooled"], abs=1e-6)
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx(r["pooled.se"], rel=2e-2)
    assert fit.log_likelihood == pytest.approx(r["pooled.log.likelihood"][0], abs=1e-7)
    effect = order_effect(of_r(r))
    assert np.log(effect.naive.value) == pytest.approx(r["pooled"][-1], abs=1e-6)


def test_gamma_frailty_is_r_s_numerical_integral(r):
    """R: the frailty integrated out by quadrature, maximised by BFGS, numerical Hessian."""
    effect = order_effect(of_r(r))
    assert not effect.at_boundary
    assert np.log(effect.frailty.value) == pytest.approx(r["frailty"][-2], abs=2e-4)
    assert np.log(effect.variance.value) == pytest.approx(r["frailty"][-1], abs=1e-3)
    se = effect.frailty.se / effect.frailty.value
    assert se == pytest.approx(r["frailty.se"][-2], rel=5e-3)
    se = effect.variance.se / effect.variance.value
    assert se == pytest.approx(r["frailty.se"][-1], rel=5e-3)
    terms = corners(of_r(r), np.tril(np.ones((13, 12)), -1))
    best = fitted(np.append(r["pooled"], 0.0), terms, varies=True)
    assert best.log_likelihood == pytest.approx(r["frailty.log.likelihood"][0], abs=1e-6)


def test_the_printed_truths_of_the_world_that_signs_up_anew():
    assert spells_per_person() == pytest.approx(1.4242, abs=5e-5)
    assert 1 - 1 / spells_per_person() == pytest.approx(0.298, abs=5e-4)
    assert paid_within(mixed("paid")) == pytest.approx(29.818, abs=5e-4)
    assert paid_within(course(True).paid) == pytest.approx(27.855, abs=5e-4)
    assert paid_within(course(False).paid) == pytest.approx(30.659, abs=5e-4)
    assert contract_mean() == pytest.approx(23.13, abs=1e-2)
    # 1.325 was found by simulation; 2,000,000 persons of our own give 1.321 with an error of .002
    assert np.exp(pooled_limit()) == pytest.approx(1.325, abs=2e-3)


def same(a: OrderEffect, b: OrderEffect) -> None:
    for name in ("naive", "frailty", "variance"):
        one, two = getattr(a, name), getattr(b, name)
        for part in ("value", "low", "high"):
            assert getattr(one, part) == pytest.approx(getattr(two, part), abs=1e-5)


def test_order_and_putting_together_change_nothing():
    parts = some(np.random.default_rng(2), 1500)
    effect = order_effect(parts)
    assert effect.persons == len(parts.count)
    order = np.random.default_rng(1).permutation(len(parts.count))
    same(effect, order_effect(replace(parts, **{n: getattr(parts, n)[order] for n in NAMES})))
    once = courses(parts)
    assert len(once.count) < len(parts.count)
    assert (once.persons, once.returners, once.events) == (
        parts.persons,
        parts.returners,
        parts.events,
    )


def test_everybody_twice_halves_the_variance_of_the_ratio():
    parts = some(np.random.default_rng(2), 1500)
    one, two = order_effect(parts), order_effect(replace(parts, count=2 * parts.count))
    assert two.frailty.value == pytest.approx(one.frailty.value, abs=1e-5)
    assert two.frailty.se == pytest.approx(one.frailty.se / np.sqrt(2), rel=1e-4)
    # the same persons in the same blocks: no more is known
    assert two.naive.se == pytest.approx(one.naive.se, rel=1e-6)


def test_who_leaves_easily_comes_back_and_frailty_takes_it_out():
    effect = order_effect(second_spells(np.random.default_rng(8), 6000, 1))
    assert effect.naive.low > 1.1
    assert effect.frailty.low < 1 < effect.frailty.high
    assert effect.frailty.assumptions == ("return_independent_of_frailty", "gamma_frailty")
    assert 0 < effect.variance.low < 0.5 < effect.variance.high


def test_no_variance_is_said():
    """Second spells that end later than first ones of the same people: nobody seems to vary."""
    rng = np.random.default_rng(0)
    size = 3000
    one, two = rng.geometric(0.2, size), rng.geometric(0.2, size)
    # short first spells with long second ones, as no frailty would make them
    two = np.where((one <= 2) & (two <= 2) & (rng.random(size) < 0.5), two + 3, two)
    both = zip(one, two, strict=True)
    rows = [(0, a, 1, min(b, 9), int(b <= 9), i % 256, 1) for i, (a, b) in enumerate(both)]
    parts = patterns(*rows)
    effect = order_effect(parts)
    assert effect.at_boundary
    assert effect.variance.value == effect.variance.low == 0
    assert effect.frailty.value == effect.naive.value
    assert "no variance" in effect.frailty.method


def test_a_peak_is_not_spread_over_the_quiet_units_before_it():
    events = np.array([0, 0, 0, 90, *[2] * 60])
    found = pieces(np.full(len(events), 1000), events)
    assert found[3].sum() == 0
    assert found[4, 0] == 1
    assert found[-1].sum() == 61
    assert 10 < found.shape[1] < 40
    few = pieces(np.full(4, 9), np.array([0, 3, 0, 1]))
    assert few.tolist() == [[0, 0], [0, 0], [1, 0], [1, 0], [1, 1]]


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        (patterns((0, 3, 1, 2, 1, 0, 1)), "too_few_persons"),
        (patterns(*((0, 9, 0, 0, 0, i, 1) for i in range(40))), "too_few_returns"),
        (patterns(*((0, 1, 1, 0, 0, i, 1) for i in range(40))), "too_few_returns"),
        # all leave both spells in unit 1: no rate is high enough
        (patterns(*((0, 1, 1, 1, 1, i, 1) for i in range(40))), "not_converged"),
    ],
)
def test_what_cannot_be_known_has_a_reason(parts, reason):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        effect = order_effect(parts)
    for e in (effect.naive, effect.frailty, effect.variance):
        assert (e.value, e.low, e.high, e.reason) == (None, None, None, reason)
