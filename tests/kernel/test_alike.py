"""Columns that tell nearly the same: how alike they are, and the test of all their differences."""

from __future__ import annotations

import json
from fractions import Fraction
from math import sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.draws import BLOCKS, Replicates
from stammkunde.errors import NotObservedError
from stammkunde.result import Estimate
from stammkunde.survival.contrasts import Test
from stammkunde.survival.drivers.alike import alike, cramers_v
from stammkunde.survival.drivers.arrays import cells_from
from stammkunde.survival.drivers.cells import Factor
from stammkunde.survival.drivers.joint import hotelling, joint_test
from stammkunde.survival.drivers.model import driver_model
from stammkunde.survival.drivers.standard import standardised
from tests.kernel.drivers import cells_by, simulated
from tests.patience import examples

R = json.loads((Path(__file__).parents[1] / "reference/drivers.json").read_text("utf-8"))


def test_cramers_v_is_that_of_r():
    table = np.zeros((3, 4), dtype=np.int64)
    np.add.at(table, (np.array(R["a"]), np.array(R["linked"])), 1)
    assert cramers_v(table) == pytest.approx(R["cramers_v"][0], rel=1e-12)


def test_cramers_v_by_hand():
    """[[8, 2], [2, 8]]: chi2 / n = 9/25, less 1/19 by chance; 2 - 1/19 - 1 is left to reach."""
    own = Fraction(9, 25) - Fraction(1, 19)
    assert cramers_v(np.array([[8, 2], [2, 8]])) == pytest.approx(sqrt(own / Fraction(18, 19)))


def test_one_where_one_follows_and_nothing_where_one_never_varies():
    assert cramers_v(np.diag([30, 40, 50])) == pytest.approx(1.0)
    assert cramers_v(np.array([[30, 40, 50]])) == 0.0
    assert cramers_v(np.full((3, 4), 100)) == 0.0


@settings(max_examples=examples(30), deadline=None)
@given(st.lists(st.lists(st.integers(0, 60), min_size=3, max_size=3), min_size=2, max_size=4))
def test_order_and_sides_do_not_matter(rows):
    table = np.array(rows)
    v = cramers_v(table)
    assert 0 <= v <= 1
    assert cramers_v(table.T) == pytest.approx(v, abs=1e-12)
    assert cramers_v(table[::-1, ::-1]) == pytest.approx(v, abs=1e-12)


def test_a_third_column_links_two():
    rng = np.random.default_rng(3)
    a = rng.integers(0, 3, 3000)
    b = np.where(rng.random(3000) < 0.75, a, rng.integers(0, 3, 3000))
    c = np.where(rng.random(3000) < 0.75, b, rng.integers(0, 3, 3000))
    far = rng.integers(0, 2, 3000)
    factors = [Factor(n, ("0", "1", "2")) for n in ("a", "far", "b", "c")]
    ones = np.ones(3000, dtype=int)
    cells = cells_from(ones, ones, np.column_stack([a, far, b, c]), factors)
    (found,) = alike(cells, least=0.65)
    assert found.columns == ("a", "b", "c")
    assert 0.65 <= found.least < 0.8
    assert alike(cells, least=0.9) == ()


def test_hotelling_is_that_of_r():
    out = np.array(R["leave_out"]).reshape(40, 3)
    off = out - out.mean(axis=0)
    test = hotelling(np.array(R["difference"]), 39 / 40 * off.T @ off, 40)
    assert (test.statistic, test.p) == pytest.approx(tuple(R["hotelling"]), rel=1e-10)
    assert test.df == 3


def made(value: float, leave_out: np.ndarray) -> Estimate:
    held = np.arange(BLOCKS) < 40
    moved = Replicates(np.where(held, leave_out, value), held, lambda w: w, 40)
    return Estimate(value=value, unit="month", method="made", replicates=moved)


def test_of_one_difference_it_is_the_t_test():
    leave_out = np.sin(np.arange(BLOCKS))
    one = made(3.0, leave_out)
    test = joint_test([one])
    assert test.df == 1
    assert test.statistic == pytest.approx((3.0 / float(one.replicates.se())) ** 2)


def test_what_follows_from_the_others_changes_nothing():
    first, second = np.sin(np.arange(BLOCKS)), np.cos(2.0 * np.arange(BLOCKS))
    two = joint_test([made(3.0, first), made(-1.0, second)])
    three = joint_test([made(3.0, first), made(-1.0, second), made(2.0, first + second)])
    assert (three.df, three.statistic) == (2, pytest.approx(two.statistic))


def test_it_does_not_matter_which_level_is_the_reference():
    rows = simulated(3000, 4)
    turned = {**rows, "codes": (rows["codes"] + [1, 0]) % [3, 2]}

    def test(rows: dict[str, np.ndarray]) -> Test:
        model = driver_model(cells_by(rows))
        months = [d.months for d in standardised(model, 12) if d.factor == "a"]
        return joint_test(months)

    one, other = test(rows), test(turned)
    # leave-outs of the baseline are to first order at the reference's own hazards
    assert one.statistic == pytest.approx(other.statistic, rel=1e-3)
    assert (one.df, other.df) == (2, 2)


def test_too_little_to_test_is_an_error():
    none = Estimate(value=None, unit="month", method="made", reason="no_leavers")
    with pytest.raises(NotObservedError, match="no difference has a value"):
        joint_test([none])
    with pytest.raises(NotObservedError, match="blocks of persons are too few"):
        hotelling(np.ones(12), np.eye(12), 12)
