"""What a proportional hazards fit must not depend on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from stammkunde.errors import StammkundeError
from stammkunde.survival.cox.compress import gathered
from stammkunde.survival.cox.efron import point
from stammkunde.survival.cox.fit import CoxFit, cox
from stammkunde.survival.cox.newton import scaled
from stammkunde.survival.cox.pairs import concordance
from stammkunde.survival.cox.proportional import proportionality
from stammkunde.survival.cox.robust import score_residuals
from tests.patience import examples

CLOSE = {"rel": 1e-8, "abs": 1e-9}
settings = hypothesis_settings(max_examples=examples(60), deadline=None)


@dataclass(frozen=True)
class Made:
    """Rows of persons in three regions; one covariate of two levels, one of four."""

    exit: np.ndarray
    event: np.ndarray
    x: np.ndarray
    entry: np.ndarray
    weight: np.ndarray
    stratum: np.ndarray
    cluster: np.ndarray

    def fit(self, **more: Any) -> CoxFit:
        given = {k: getattr(self, k) for k in ("entry", "weight", "stratum", "cluster")}
        return cox(self.exit, self.event, self.x, **(given | more))

    def taken(self, rows: np.ndarray) -> Made:
        return Made(*(getattr(self, k)[rows] for k in self.__dataclass_fields__))


@st.composite
def made(draw: st.DrawFn) -> Made:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size = draw(st.integers(30, 120))
    x = np.column_stack([rng.integers(0, 2, size), rng.integers(0, 4, size)])
    entry = rng.integers(0, 3, size) * draw(st.sampled_from([0, 1]))
    stay = rng.geometric(np.minimum(0.1 * np.exp(x @ [0.6, -0.2]), 1))
    seen = rng.integers(1, 15, size)
    regions = draw(st.sampled_from([1, 3]))
    rows = Made(
        entry + np.minimum(stay, seen),
        (stay <= seen).astype(int),
        x,
        entry,
        rng.integers(1, 4, size),
        rng.integers(0, regions, size),
        rng.integers(0, 20, size),
    )
    try:
        rows.fit()
    except StammkundeError:
        assume(False)
    return rows


def assert_same(one: CoxFit, two: CoxFit, *, tests: bool = True) -> None:
    assert two.coefficients == pytest.approx(one.coefficients, **CLOSE)
    assert two.covariance.ravel() == pytest.approx(one.covariance.ravel(), **CLOSE)
    assert one.robust is not None
    assert two.robust is not None
    assert two.robust.ravel() == pytest.approx(one.robust.ravel(), **CLOSE)
    assert two.log_likelihood == pytest.approx(one.log_likelihood, **CLOSE)
    assert concordance(two).share == pytest.approx(concordance(one).share, **CLOSE)
    if tests:
        wanted = [t.statistic for t in proportionality(one)]
        assert [t.statistic for t in proportionality(two)] == pytest.approx(wanted, **CLOSE)


@settings
@given(made(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows, random):
    order = list(range(len(rows.exit)))
    random.shuffle(order)
    assert_same(rows.fit(), rows.taken(np.array(order)).fit())


@settings
@given(made(), st.integers(1, 10))
def test_a_spell_may_be_split_anywhere(rows, at):
    inside = (rows.entry < at) & (at < rows.exit)
    early, late = rows.taken(inside), rows.taken(inside)
    early = replace(early, exit=np.full(len(early.exit), at), event=np.zeros(len(early.exit), int))
    late = replace(late, entry=np.full(len(late.exit), at))
    parts = [rows.taken(~inside), early, late]
    both = Made(
        *(np.concatenate([getattr(p, k) for p in parts]) for k in rows.__dataclass_fields__)
    )
    assert_same(rows.fit(), both.fit())


@settings
@given(made())
def test_weights_are_repeated_rows(rows):
    long = rows.taken(np.repeat(np.arange(len(rows.exit)), rows.weight))
    assert_same(rows.fit(), long.fit(weight=None))
    assert rows.fit().rows == len(long.exit)


@settings
@given(made())
def test_all_customers_twice_is_twice_the_weight_and_under_breslow_half_the_variance(rows):
    twice = rows.taken(np.tile(np.arange(len(rows.exit)), 2))
    assert_same(rows.fit(weight=2 * rows.weight), twice.fit())
    one, two = rows.fit(ties="breslow"), twice.fit(ties="breslow")
    assert two.coefficients == pytest.approx(one.coefficients, **CLOSE)
    assert 2 * two.covariance.ravel() == pytest.approx(one.covariance.ravel(), **CLOSE)


@settings
@given(made())
def test_swapped_labels_turn_the_sign(rows):
    one = rows.fit()
    two = rows.fit(stratum=np.array(["north", "east", "south"])[rows.stratum])
    assert_same(one, two)
    swapped = replace(rows, x=np.column_stack([1 - rows.x[:, 0], rows.x[:, 1]])).fit()
    assert swapped.coefficients == pytest.approx(one.coefficients * [-1, 1], **CLOSE)
    assert swapped.se == pytest.approx(one.se, **CLOSE)


@settings
@given(made(), st.floats(1e-6, 1e6), st.floats(-100, 100))
def test_the_unit_of_a_covariate_does_not_matter(rows, factor, shift):
    one = rows.fit()
    two = replace(rows, x=(rows.x + shift) * factor).fit()
    assert two.coefficients * factor == pytest.approx(one.coefficients, **CLOSE)
    assert two.se * factor == pytest.approx(one.se, **CLOSE)
    assert two.log_likelihood == pytest.approx(one.log_likelihood, **CLOSE)


@settings
@given(made())
def test_rows_counted_together_are_the_rows_one_by_one(rows):
    given = {"entry": rows.entry, "weight": rows.weight, "stratum": rows.stratum}
    few = gathered(rows.exit, rows.event, rows.x, **given)
    each = gathered(rows.exit + 0.25, rows.event, rows.x, **given)
    assert len(each.weight) == len(rows.exit)
    assert len(few.weight) <= len(each.weight)
    assert few.weight.sum() == each.weight.sum()
    # a clock that goes otherwise but keeps the order gives the same risk sets
    later = replace(rows, exit=1.5 * rows.exit + 0.25, entry=1.5 * rows.entry + 0.25)
    assert_same(rows.fit(), later.fit())


@settings
@given(made())
def test_rows_that_say_nothing_say_nothing(rows):
    one = rows.fit()
    size = len(rows.exit)
    never = replace(rows, entry=rows.exit)
    alone = replace(rows, event=np.zeros(size, int), stratum=np.full(size, 9))
    unseen = replace(rows, weight=np.zeros(size, int))
    parts = [rows, never, alone, unseen]
    more = Made(
        *(np.concatenate([getattr(p, k) for p in parts]) for k in rows.__dataclass_fields__)
    )
    # nobody leaves in the region of its own, but its rows are in the curve that turns tenure round
    assert_same(one, more.fit(), tests=False)


@settings
@given(made())
def test_the_parts_of_the_score_add_up_to_it(rows):
    """At any coefficient: with the weights the residuals of the rows sum to the score."""
    sets = rows.fit().sets
    z = scaled(sets).z
    at = point(sets, z, np.array([0.4, -0.3]), "efron")
    sums = score_residuals(sets, z, at) @ sets.rows.weight
    assert sums == pytest.approx(at.score().sum(axis=1), rel=1e-9, abs=1e-8)


@settings
@given(made())
def test_pairs_are_those_found_one_by_one(rows):
    fit = rows.fit()
    score = rows.x @ fit.coefficients
    right = wrong = same = 0.0
    for i in np.flatnonzero(rows.event):
        t = rows.exit[i]
        other = (rows.stratum == rows.stratum[i]) & (rows.entry < t) & (rows.exit >= t)
        other &= (rows.exit > t) | (rows.event == 0)
        pairs = rows.weight[i] * rows.weight
        level = np.abs(score - score[i]) < 1e-9
        right += pairs[other & ~level & (score < score[i])].sum()
        wrong += pairs[other & ~level & (score > score[i])].sum()
        same += pairs[other & level].sum()
    found = concordance(fit)
    assert (found.right, found.wrong, found.same) == pytest.approx((right, wrong, same))
