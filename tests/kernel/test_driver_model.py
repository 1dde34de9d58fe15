"""The discrete-time model of drivers: R's glm, examples by hand, refits without a block, laws."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from math import exp, log
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.draws import BLOCKS, block_weights
from stammkunde.survival.drivers.arrays import cells_from
from stammkunde.survival.drivers.cells import Cells, at_risk, events
from stammkunde.survival.drivers.model import DriverModel, driver_model, hazards, predict
from stammkunde.survival.formulas import hazard
from tests.kernel.drivers import A, B, cells_by, one_unit, simulated
from tests.patience import examples
from tests.reference.stored import stored

EXACT = {"rel": 2e-8, "abs": 1e-8}


@pytest.fixture(scope="module")
def r() -> dict[str, Any]:
    return {k: np.array(v) for k, v in stored("drivers.json").items()}


@pytest.fixture(scope="module")
def small(r: dict[str, Any]) -> Cells:
    codes = np.column_stack([r["a"], r["b"]])
    return cells_from(r["exit"], r["left"], codes, (A, B), entry=r["entry"])


@pytest.fixture(scope="module")
def rows() -> dict[str, np.ndarray]:
    return simulated(2000, 1)


@pytest.fixture(scope="module")
def model(rows: dict[str, np.ndarray]) -> DriverModel:
    return driver_model(cells_by(rows))


@pytest.mark.parametrize(
    ("name", "asked"),
    [("plain", {}), ("strata", {"strata": ["b"]}), ("fading", {"fading": {"b": (3,)}})],
)
def test_it_is_the_glm_of_person_months(r, small, name, asked):
    found = driver_model(small, **asked)
    assert found.beta == pytest.approx(r[f"{name}.beta"], **EXACT)
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx(r[f"{name}.se"], **EXACT)
    assert found.log_likelihood == pytest.approx(r[f"{name}.log_likelihood"][0], rel=1e-12)
    assert found.errors == "model"


def test_hazards_are_those_of_the_glm(r, small):
    wanted = r["plain.hazards"].reshape(2, 3, -1)
    found = predict(driver_model(small))
    for i, (a, b) in enumerate(small.levels):
        own = found[i, r["plain.units"].astype(int) - 1]
        assert own == pytest.approx(wanted[b, a], **EXACT)


def test_two_groups_in_one_unit_by_hand():
    found = driver_model(one_unit({"x": (8, 2), "y": (6, 4)}))
    # hazards 1/5 and 2/5; the variance of log(-log(1 - h)) is h / (n (1 - h) log(1 - h)^2)
    assert exp(found.beta[0]) == pytest.approx(log(F(3, 5)) / log(F(4, 5)), rel=1e-12)
    variance = F(1, 4) / 10 / log(F(4, 5)) ** 2 + F(2, 3) / 10 / log(F(3, 5)) ** 2
    assert found.covariance[0, 0] == pytest.approx(float(variance), rel=1e-9)
    assert predict(found)[:, 0] == pytest.approx([1 / 5, 2 / 5], rel=1e-12)


def test_without_factors_the_hazard_is_the_share_who_leave(rows):
    none = cells_from(
        rows["exit_"], rows["left"], np.zeros((2000, 0), int), (), block=rows["block"]
    )
    found = driver_model(none)
    n, d = at_risk(none), events(none)
    assert predict(found) == pytest.approx(hazard(n, d), rel=1e-12)
    beta, baseline = found.left_out()
    gone = none.block == 7
    part = replace(
        none,
        **{k: getattr(none, k)[~gone] for k in ("cell", "block", "begin", "finish", "left", "n")},
    )
    own = hazards(found.design, none.levels, beta, baseline)[7]
    assert own == pytest.approx(hazard(at_risk(part), events(part)), rel=1e-12)


def refitted(rows: dict[str, np.ndarray], block: int) -> DriverModel:
    kept = rows["block"] != block
    return driver_model(cells_by({k: v[kept] for k, v in rows.items()}))


def test_a_leave_out_is_the_model_of_the_data_without_that_block(rows, model):
    beta, baseline = model.left_out()
    survival = np.cumprod(1 - hazards(model.design, model.cells.levels, beta, baseline), axis=-1)
    spread = np.sqrt(((survival - survival.mean(axis=0)) ** 2).sum(axis=0))
    for block in range(0, BLOCKS, 32):
        part = refitted(rows, block)
        off = (beta[block] - part.beta) / model.replicates.se()
        assert np.abs(off).max() < 1e-3
        own = np.cumprod(1 - predict(part), axis=-1)
        assert (np.abs(survival[block] - own) / spread).max() < 0.01


def test_blocks_agree_with_the_model_where_everybody_has_one_spell(model):
    ratio = model.replicates.se() / np.sqrt(np.diag(model.covariance))
    assert ratio == pytest.approx(np.ones(3), abs=0.15)


def test_draws_spread_as_the_jackknife_says(model):
    beta, baseline = model.left_out()
    drawn_beta, drawn = model.under(block_weights(2000))
    ratio = drawn_beta.std(axis=0) / model.replicates.se()
    assert ((ratio > 0.9) & (ratio < 1.1)).all()
    levels = model.cells.levels
    wanted, found = (
        np.cumprod(1 - hazards(model.design, levels, *x), axis=-1)[..., [5, 11, 17]]
        for x in ((beta, baseline), (drawn_beta, drawn))
    )
    se = np.sqrt(255 / 256 * ((wanted - wanted.mean(axis=0)) ** 2).sum(axis=0))
    ratio = found.std(axis=0) / se
    assert ((ratio > 0.9) & (ratio < 1.1)).all()


def test_equal_weights_are_the_fit(model):
    beta, baseline = model.under(np.ones((1, BLOCKS)))
    assert beta[0] == pytest.approx(model.beta, rel=1e-12)
    assert baseline[0] == pytest.approx(model.baseline, rel=1e-9)


def test_all_customers_twice_halve_the_variance(small):
    one, two = driver_model(small), driver_model(replace(small, n=2 * small.n))
    assert two.beta == pytest.approx(one.beta, rel=1e-9)
    assert two.covariance == pytest.approx(one.covariance / 2, rel=1e-8)


def test_swapped_labels_turn_the_ratio_over(rows):
    swapped = {**rows, "codes": np.column_stack([rows["codes"][:, 0], 1 - rows["codes"][:, 1]])}
    one, two = (driver_model(cells_by(x)).coefficients[-1].ratio for x in (rows, swapped))
    assert two.value == pytest.approx(1 / one.value, rel=1e-9)
    assert two.low == pytest.approx(1 / one.high, rel=1e-9)


@given(st.integers(1, 23))
@settings(max_examples=examples(12), deadline=None)
def test_splitting_spells_changes_nothing(rows, model, at):
    cells = model.cells
    long = cells.finish > at
    double = {
        k: np.concatenate([getattr(cells, k), getattr(cells, k)[long]])
        for k in ("cell", "block", "n")
    }
    split = replace(
        cells,
        **double,
        begin=np.concatenate([cells.begin, np.full(long.sum(), at)]),
        finish=np.concatenate([np.where(long, at, cells.finish), cells.finish[long]]),
        left=np.concatenate([cells.left & ~long, cells.left[long]]),
    )
    found = driver_model(split)
    np.testing.assert_array_equal(found.beta, model.beta)
    np.testing.assert_array_equal(found.replicates.leave_out, model.replicates.leave_out)


def test_it_shows_itself(model):
    frame = model.to_frame()
    assert frame["level"].tolist() == ["1", "2", "1"]
    assert "<table" in model._repr_html_()
