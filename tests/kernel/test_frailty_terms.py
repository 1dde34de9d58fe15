"""The order of spells where contracts changed: by hand, against R, by laws, and unknown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from stammkunde.survival.persons import Patterns, order_effect, without_terms
from stammkunde.survival.persons.baseline import baseline
from stammkunde.survival.persons.frailty import fitted
from stammkunde.survival.persons.likelihood import corners
from stammkunde.survival.persons.patterns import courses
from tests.kernel.test_frailty import NAMES, patterns, same, some
from tests.reference.stored import stored


@pytest.fixture(scope="module")
def r() -> dict[str, Any]:
    return stored("persons.json")


def changed(rng: np.random.Generator, size: int = 1500) -> Patterns:
    """Return courses of whom most began first under other terms than a second time."""
    parts = some(rng, size)
    late = (rng.random(size)[: len(parts.count)] < 0.3).astype(np.int64)
    again = np.where(parts.second > 0, np.maximum(late, rng.random(len(late)) < 0.8), 0)
    return replace(parts, terms=late, terms_again=again)


def test_rates_of_each_terms_by_hand():
    """Terms 0: 4 first spells, one left in unit 1, three in unit 2; terms 1: 3 second ones.

    Of these two stay 1 unit and one leaves in unit 1. Log rates: 1/4 and 3/3 under the first terms,
    1/3 under the second, whose spells spend nothing at the rates of the first.
    """
    parts = replace(
        patterns((0, 1, 1, 1, 0, 0, 1), (0, 2, 1, 1, 0, 0, 1), (0, 2, 1, 1, 1, 0, 1),
                 (0, 2, 1, 0, 0, 0, 1)),
        terms=np.zeros(4, dtype=np.int64),
        terms_again=np.array([1, 1, 1, 0]),
    )  # fmt: skip
    exposure, rates = baseline(parts)
    assert exposure.tolist() == [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 0, 0], [0, 0, 1], [0, 0, 1]]
    assert np.exp(rates) == pytest.approx([1 / 4, 1, 1 / 3], rel=1e-14)


def test_the_same_terms_for_all_change_nothing():
    parts = some(np.random.default_rng(2), 1500)
    plain = order_effect(parts)
    for number in (0, 1):
        terms = np.full(len(parts.count), number)
        again = np.where(parts.second > 0, number, 0)
        same(order_effect(replace(parts, terms=terms, terms_again=again)), plain)
    mixed = changed(np.random.default_rng(3))
    same(order_effect(without_terms(mixed)), order_effect(some(np.random.default_rng(3), 1500)))


def test_the_names_of_the_terms_and_the_order_of_rows_change_nothing():
    parts = changed(np.random.default_rng(4))
    plain = order_effect(parts)
    swapped = np.where(parts.second > 0, 1 - parts.terms_again, 0)
    same(plain, order_effect(replace(parts, terms=1 - parts.terms, terms_again=swapped)))
    order = np.random.default_rng(1).permutation(len(parts.count))
    names = (*NAMES, "terms", "terms_again")
    same(plain, order_effect(replace(parts, **{n: getattr(parts, n)[order] for n in names})))
    assert courses(parts).persons == parts.persons


def of_changed_terms(r: dict[str, Any]) -> Patterns:
    first, left, second, again, old, count = (
        np.array(r[f"terms.{k}"], dtype=np.int64)
        for k in ("first", "left", "second", "again", "old", "count")
    )
    return Patterns(
        entry=np.zeros(len(count), dtype=np.int64),
        first=first,
        left=left,
        second=second,
        left_again=again,
        block=np.arange(len(count)) % 256,
        count=count,
        unit="month",
        terms=1 - old,
        terms_again=(second > 0).astype(np.int64),
    )


def test_rates_by_terms_are_those_of_r(r):
    """R: glm with rates by unit and terms; the frailty integrated out by quadrature."""
    parts = of_changed_terms(r)
    effect = order_effect(parts)
    # Newton's method ends where a step gains less than 1e-7: within .0003 of the error
    assert np.log(effect.naive.value) == pytest.approx(r["terms.pooled"][0], abs=2e-5)
    assert np.log(effect.frailty.value) == pytest.approx(r["terms.frailty"][0], abs=2e-4)
    assert np.log(effect.variance.value) == pytest.approx(r["terms.frailty"][1], abs=1e-3)
    se = effect.frailty.se / effect.frailty.value
    assert se == pytest.approx(r["terms.frailty.se"][0], rel=5e-3)
    blind = order_effect(without_terms(parts))
    assert np.log(blind.naive.value) == pytest.approx(r["terms.blind"][0], abs=2e-5)
    exposure, rates = baseline(courses(parts))
    terms = corners(courses(parts), exposure)
    plain = fitted(np.append(rates, [0.0, 0.0]), terms, varies=False)
    assert plain.log_likelihood == pytest.approx(r["terms.pooled.log.likelihood"][0], abs=1e-6)
    assert np.sqrt(plain.covariance[-1, -1]) == pytest.approx(r["terms.pooled.se"][0], rel=2e-2)


def test_terms_that_first_and_second_spells_never_share_say_nothing():
    parts = some(np.random.default_rng(2), 1500)
    never = replace(
        parts, terms=np.zeros(len(parts.count), dtype=int), terms_again=parts.second > 0
    )
    effect = order_effect(replace(never, terms_again=never.terms_again.astype(int)))
    assert (effect.naive.value, effect.naive.reason) == (None, "terms_apart")
    assert effect.frailty.reason == "terms_apart"
