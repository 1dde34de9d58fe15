"""Standardised differences: R's glm, fractions by hand, refits without a block, laws, reasons."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.draws import BLOCKS
from stammkunde.result import Status
from stammkunde.survival.contrasts import rmst_difference, survival_difference
from stammkunde.survival.drivers.arrays import cells_from
from stammkunde.survival.drivers.average import average, people_of
from stammkunde.survival.drivers.cells import Factor
from stammkunde.survival.drivers.model import driver_model
from stammkunde.survival.drivers.standard import _asked, standardised
from stammkunde.survival.kaplan_meier import kaplan_meier
from tests.kernel.drivers import A, B, cells_by
from tests.kernel.standing import Rows, by_level, directly, simulated, values
from tests.patience import examples
from tests.reference.stored import stored
from tests.validate.counting import table

WAYS: list[dict[str, Any]] = [
    {},
    {"strata": ["b"]},
    {"fading": {"a": (6, 12)}},
    {"strata": ["b"], "fading": {"a": (12,)}},
]


@pytest.fixture(scope="module")
def rows() -> Rows:
    return simulated(2000, 1)


def test_they_are_those_of_the_glm():
    r = {k: np.array(v) for k, v in stored("accuracy.json").items()}
    codes = np.column_stack([r["a"], r["b"]])
    block = np.arange(len(codes)) % BLOCKS
    cells = cells_from(r["exit"], r["left"], codes, (A, B), block=block)
    for name, strata in (("standard", []), ("strata", ["b"])):
        for d in standardised(driver_model(cells, strata=strata), 7, (3, 6)):
            sign = 1.0
            if d.reference != "0":
                # R sets everybody to level 0 first
                sign = -1.0
                assert (d.factor, d.level) == ("b", "0")
            key = f"{name}.{d.factor}{d.level if sign > 0 else d.reference}"
            if key in r:
                assert sign * values(d) == pytest.approx(r[key], rel=1e-7, abs=1e-8), key


def test_levels_with_baselines_of_their_own_by_hand():
    """One unit; shares who leave by (a, b): 1/5 and 2/5 of 10 and 5, 1/2 and 3/4 of 30 and 20."""
    counts = {(0, 0): (8, 2), (1, 0): (3, 2), (0, 1): (15, 15), (1, 1): (5, 15)}
    parts = [(c, x) for c, n in counts.items() for x in (0, 1) for _ in range(n[x])]
    codes = np.array([c for c, _ in parts])
    left = np.array([x for _, x in parts])
    factors = (Factor("a", ("x", "y")), Factor("b", ("u", "v")))
    block = np.arange(len(left)) % BLOCKS
    cells = cells_from(np.ones_like(left), left, codes, factors, block=block)
    found = by_level(standardised(driver_model(cells, strata=["a", "b"]), 2, (1,)))
    # 15 of the 65 have u, 50 have v; 40 have x, 25 have y
    a = F(15, 65) * (F(3, 5) - F(4, 5)) + F(50, 65) * (F(1, 4) - F(1, 2))
    b = F(40, 65) * (F(1, 2) - F(4, 5)) + F(25, 65) * (F(1, 4) - F(3, 5))
    for key, wanted in ((("a", "y"), a), (("b", "v"), b)):
        # within two units: the first for everybody, then who is still there
        assert values(found[key]) == pytest.approx([float(wanted)] * 2, rel=1e-12)
    assert (found["a", "y"].spells, found["a", "y"].persons) == (25, 25)


def test_one_factor_with_its_own_baselines_is_the_difference_of_the_curves(rows):
    codes = rows["codes"][:, 1:]
    cells = cells_from(rows["exit_"], rows["left"], codes, (B,), block=rows["block"])
    found = standardised(driver_model(cells, strata=["b"]), 18, (12,))[0]
    arms = [
        kaplan_meier(table(*(rows[k][codes[:, 0] == int(x)] for k in ("block", "exit_", "left"))))
        for x in (found.level, found.reference)
    ]
    months, share = rmst_difference(*arms, 18), survival_difference(*arms, 12)
    assert values(found) == pytest.approx([months.value, share.value], rel=1e-9)
    assert found.months.se == pytest.approx(months.se, rel=0.2)
    assert found.survival[12].se == pytest.approx(share.se, rel=0.2)


@pytest.mark.parametrize("way", WAYS, ids=str)
@pytest.mark.long
def test_a_leave_out_is_the_answer_of_the_data_without_that_block(rows, way):
    found = standardised(driver_model(cells_by(rows), **way), 18, (12,))
    spread = [np.array([d.months.se, d.survival[12].se]) for d in found]
    for block in range(0, BLOCKS, 32):
        kept = rows["block"] != block
        part = standardised(
            driver_model(cells_by({k: v[kept] for k, v in rows.items()}), **way), 18, (12,)
        )
        for whole, own, se in zip(found, part, spread, strict=True):
            estimates = (whole.months, whole.survival[12])
            moved = np.array([e.replicates.leave_out[block] for e in estimates])
            assert (np.abs(moved - values(own)) / se).max() < 0.01


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_leave_out_is_that_of_all_cells_recomputed(rows, way):
    model = driver_model(cells_by(rows), **way)
    beta, baseline = model.left_out()
    cells = model.cells
    for d in standardised(model, 18, (12,)):
        f = cells.place(d.factor)
        pair = tuple(cells.factors[f].levels.index(x) for x in (d.level, d.reference))
        full = []
        for g in range(BLOCKS):
            rest = replace(cells, n=np.where(cells.block == g, 0, cells.n))
            part = replace(model, cells=rest, beta=beta[g], baseline=baseline[g])
            full.append(directly(part, f, pair, (18, 12)))
        off = np.array(full) - np.mean(full, axis=0)
        se = np.sqrt((BLOCKS - 1) / BLOCKS * (off**2).sum(axis=0))
        assert np.array([d.months.se, d.survival[12].se]) == pytest.approx(se, rel=0.01)


def test_many_cells_are_interpolated_and_agree_with_each_cell_by_itself():
    rng = np.random.default_rng(4)
    size = 6000
    factors = tuple(Factor(n, tuple("01234567")) for n in "abc")
    codes = rng.integers(0, 8, (size, 3))
    effects = rng.normal(0, 0.2, (3, 8))
    rate = 0.05 * np.exp(sum(e[c] for e, c in zip(effects, codes.T, strict=True)))
    stay, seen = rng.geometric(1 - np.exp(-rate)), rng.integers(1, 25, size)
    block = rng.integers(0, BLOCKS, size)
    cells = cells_from(np.minimum(stay, seen), stay <= seen, codes, factors, block=block)
    model = driver_model(cells)
    people, asked = people_of(model), _asked(18, (12,), cells.length)
    for level in (1, 5):
        found = average(people, asked, 2, level).value - average(people, asked, 2, 0).value
        assert found == pytest.approx(directly(model, 2, (level, 0), (18, 12)), abs=1e-7)
    assert len(cells.levels) > 500


def test_draws_spread_as_the_jackknife_says(rows):
    for d in standardised(driver_model(cells_by(rows)), 18, (12,)):
        for e in (d.months, d.survival[12]):
            assert 0.95 < e.replicates.draws(4000).std() / e.se < 1.05
            assert e.replicates.reweighted(np.ones((1, BLOCKS)))[0] == pytest.approx(e.value)


def test_limits_are_t_limits_of_the_persons_blocks(rows):
    found = standardised(driver_model(cells_by(rows)), 18, (12,))[0].months
    assert (found.high - found.value) / found.se == pytest.approx(1.9694, abs=3e-3)
    assert found.value - found.low == pytest.approx(found.high - found.value)
    assert (found.status, found.unit) == (Status.ESTIMATED, "month")
    assert found.assumptions == ("proportional_hazards",)


def test_the_caller_says_how_far_it_may_be_trusted(rows):
    found = standardised(driver_model(cells_by(rows)), 12, status=Status.MEASURED)
    assert {d.months.status for d in found} == {Status.MEASURED}
    assert all(not d.survival for d in found)


@given(st.integers(0, 2**32))
@settings(max_examples=examples(6), deadline=None)
def test_the_order_of_rows_does_not_matter(rows, seed):
    order = np.random.default_rng(seed).permutation(2000)
    one, two = (
        standardised(driver_model(cells_by({k: v[i] for k, v in rows.items()})), 12, (6,))
        for i in (np.arange(2000), order)
    )
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(values(a), values(b))


def test_all_customers_twice_change_no_value(rows):
    cells = cells_by(rows)
    one, two = (
        standardised(driver_model(c), 12, (6,)) for c in (cells, replace(cells, n=2 * cells.n))
    )
    for a, b in zip(one, two, strict=True):
        assert values(b) == pytest.approx(values(a), rel=1e-9)
        assert b.spells == 2 * a.spells


@pytest.mark.parametrize("strata", [[], ["b"]])
def test_swapped_labels_change_the_sign(rows, strata):
    codes = np.column_stack([rows["codes"][:, 0], 1 - rows["codes"][:, 1]])
    one, two = (
        standardised(driver_model(cells_by({**rows, "codes": c}), strata=strata), 12, (6,))[-1]
        for c in (rows["codes"], codes)
    )
    assert (one.factor, one.reference) == (two.factor, two.reference) == ("b", "0")
    assert values(two) == pytest.approx(-values(one), rel=1e-8)
    # a step from the fit is the same for either reference to first order only
    assert two.months.low == pytest.approx(-one.months.high, abs=1e-3 * one.months.se)
