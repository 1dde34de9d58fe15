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
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.survival.drivers.arrays import cells_from
from stammkunde.survival.drivers.cells import Cells, Factor, at_risk, events
from stammkunde.survival.drivers.fading import fading_test, fading_tests, structural
from stammkunde.survival.drivers.model import DriverModel, driver_model, hazards, predict
from stammkunde.survival.formulas import hazard
from tests.patience import examples
from tests.reference.stored import stored

A, B = Factor("a", ("0", "1", "2")), Factor("b", ("0", "1"))
EXACT = {"rel": 2e-8, "abs": 1e-8}


@pytest.fixture(scope="module")
def r() -> dict[str, Any]:
    return {k: np.array(v) for k, v in stored("drivers.json").items()}


@pytest.fixture(scope="module")
def small(r: dict[str, Any]) -> Cells:
    codes = np.column_stack([r["a"], r["b"]])
    return cells_from(r["exit"], r["left"], codes, (A, B), entry=r["entry"])


def simulated(persons: int, seed: int, fade: float = 0.0) -> dict[str, np.ndarray]:
    """Return 24 units of leaving with a spike in unit 12 and none in unit 5, in random blocks."""
    rng = np.random.default_rng(seed)
    codes = np.column_stack([rng.integers(0, 3, persons), rng.integers(0, 2, persons)])
    effect = np.array([0, 0.5, -0.4])[codes[:, 0]]
    base = np.full(24, 0.04)
    base[[4, 11]] = 0, 0.3
    late = (np.arange(24) >= 12) * fade
    power = np.exp(effect[:, None] + codes[:, 1:] * (0.7 + late))
    gone = rng.random((persons, 24)) < 1 - (1 - base) ** power
    leave = np.where(gone.any(axis=1), gone.argmax(axis=1) + 1, 25)
    seen = rng.integers(3, 25, persons)
    return {
        "exit_": np.minimum(leave, seen),
        "left": leave <= seen,
        "codes": codes,
        "block": rng.integers(0, BLOCKS, persons),
    }


def cells_by(rows: dict[str, np.ndarray], **more: Any) -> Cells:
    return cells_from(**rows, factors=(A, B), **more)


@pytest.fixture(scope="module")
def rows() -> dict[str, np.ndarray]:
    return simulated(2000, 1)


@pytest.fixture(scope="module")
def model(rows: dict[str, np.ndarray]) -> DriverModel:
    return driver_model(cells_by(rows))


def one_unit(counts: dict[str, tuple[int, int]], name: str = "a") -> Cells:
    """Return customers of one unit from (stay, leave) by level."""
    parts = [
        (i, left) for i, c in enumerate(counts.values()) for left in (0, 1) for _ in range(c[left])
    ]
    code, left = (np.array(x) for x in zip(*parts, strict=True))
    block = np.arange(len(code)) % BLOCKS
    factors = (Factor(name, tuple(counts)),)
    return cells_from(np.ones_like(code), left, code[:, None], factors, block=block)


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


def test_a_level_without_leavers_has_no_ratio_and_the_rest_stays_right(rows):
    kept = ~(rows["left"] & (rows["codes"][:, 0] == 2))
    fewer = {k: v[kept] for k, v in rows.items()}
    found = driver_model(cells_by(fewer))
    others = {k: v[fewer["codes"][:, 0] != 2] for k, v in fewer.items()}
    alone = driver_model(cells_by(others))
    ratios = {c.term.level: c.ratio for c in found.coefficients if c.term.factor == "a"}
    assert (ratios["2"].value, ratios["2"].reason, ratios["2"].events) == (None, "no_leavers", 0)
    assert found.beta == pytest.approx(alone.beta, rel=1e-9)
    assert found.covariance == pytest.approx(alone.covariance, rel=1e-9)
    never = found.cells.levels[:, 0] == 2
    assert not predict(found)[never].any()
    assert predict(found)[~never, :23].any(axis=1).all()


def test_a_level_in_which_all_leave_has_no_ratio():
    found = driver_model(one_unit({"x": (50, 20), "y": (50, 30), "z": (0, 25)}))
    reasons = {c.term.level: c.ratio.reason for c in found.coefficients}
    assert reasons == {"y": "", "z": "no_stayers"}
    assert predict(found)[:, 0] == pytest.approx([2 / 7, 3 / 8, 1])


def test_a_reference_without_leavers_is_replaced():
    found = driver_model(one_unit({"x": (90, 0), "y": (50, 30), "z": (40, 25)}))
    told = {c.term.level: (c.term.reference, c.ratio.reason) for c in found.coefficients}
    assert told == {"x": ("y", "no_leavers"), "z": ("y", "")}


def test_few_events_reach_at_least_as_far_as_exact_limits():
    found = driver_model(one_unit({"x": (900, 100), "y": (998, 2)})).coefficients[0].ratio
    plain = found.se / found.value * 1.959964
    assert found.low < found.value * exp(-plain) or found.high > found.value * exp(plain)
    assert "fewer than 5 events" in found.method


def test_too_few_blocks_of_persons_with_several_spells(rows):
    gathered = {
        **rows,
        "block": np.where(rows["codes"][:, 0] == 2, rows["block"] % 9, rows["block"]),
    }
    found = driver_model(cells_by(gathered, persons=1500))
    told = {(c.term.factor, c.term.level): c.ratio for c in found.coefficients}
    assert told["a", "2"].value is None
    assert told["a", "2"].reason == "too_few_persons"
    assert told["a", "1"].low < told["a", "1"].value < told["a", "1"].high
    assert found.errors == "blocks"


def test_factors_that_follow_from_each_other_are_named(rows):
    both = np.column_stack([rows["codes"][:, 1], rows["codes"][:, 1]])
    twins = (Factor("tariff", ("0", "1")), Factor("price", ("0", "1")))
    cells = cells_from(rows["exit_"], rows["left"], both, twins)
    with pytest.raises(ParameterError, match=r"`tariff` and `price`.*Leave out one"):
        driver_model(cells)
    with pytest.raises(ParameterError, match="`price` and the strata"):
        driver_model(cells, strata=["tariff"])


def test_what_cannot_be_fitted_is_said(rows):
    cells = cells_by(rows)
    with pytest.raises(ParameterError, match="no factor `c`"):
        driver_model(cells, strata=["c"])
    with pytest.raises(ParameterError, match="stratum and fade"):
        driver_model(cells, strata=["a"], fading={"a": (12,)})
    with pytest.raises(ParameterError, match="ends at 24"):
        driver_model(cells, fading={"a": (12, 24)})
    with pytest.raises(NotObservedError, match="nobody left"):
        driver_model(cells_by({**rows, "left": np.zeros(2000, bool)}))
    with pytest.raises(NotObservedError, match="no level in which some leave and some stay"):
        driver_model(one_unit({"x": (20, 0), "y": (0, 20)}))


def test_one_customer_and_all_leaving_at_once():
    with pytest.raises(NotObservedError, match="no level in which"):
        driver_model(one_unit({"x": (0, 10), "y": (0, 10)}))
    alone = cells_from(np.array([3]), np.array([1]), np.zeros((1, 0), int), ())
    assert predict(driver_model(alone)).tolist() == [[0, 0, 1]]


def test_levels_that_together_tell_who_leaves_are_refused():
    """Leavers are x or u, never both levels y and v: beta grows without end."""
    codes = np.array([[0, 0]] * 40 + [[0, 1]] * 40 + [[1, 0]] * 40 + [[1, 1]] * 40)
    left = np.array([1] * 40 + [1] * 20 + [0] * 20 + [1] * 20 + [0] * 20 + [0] * 40)
    factors = (Factor("a", ("x", "y")), Factor("b", ("u", "v")))
    with pytest.raises(NotObservedError, match="tells who leaves"):
        driver_model(cells_from(np.ones(160, int), left, codes, factors))


def test_five_hundred_levels():
    rng = np.random.default_rng(5)
    code, size = np.repeat(np.arange(500), 30), 15_000
    leave, seen = rng.geometric(0.1, size), rng.integers(1, 13, size)
    factor = Factor("shop", tuple(map(str, range(500))))
    cells = cells_from(
        np.minimum(leave, seen), leave <= seen, code[:, None], (factor,), block=code % 16
    )
    found = driver_model(cells)
    values = [c.ratio.value for c in found.coefficients if not c.ratio.reason]
    assert len(found.coefficients) == 499
    assert len(values) > 450
    assert np.isfinite(values).all()
    assert np.isfinite(found.replicates.leave_out).all()


def test_effects_that_fade_are_found():
    steady, fades = cells_by(simulated(4000, 2)), cells_by(simulated(4000, 2, fade=-1.2))
    told = {f.factor: f for f in fading_tests(fades, (12,))}
    assert told["b"].adjusted < 1e-4 < 0.01 < told["a"].adjusted
    assert (told["a"].test.df, told["b"].test.df) == (2, 1)
    assert min(f.adjusted for f in fading_tests(steady, (12,))) > 0.01
    bands = [c.ratio for c in driver_model(fades, fading={"b": (12,)}).coefficients][-2:]
    assert bands[0].low < exp(0.7) < bands[0].high
    assert bands[1].low < exp(-0.5) < bands[1].high


def test_the_score_test_is_near_the_wald_test():
    cells = cells_by(simulated(4000, 3, fade=-0.5))
    found = driver_model(cells, fading={"b": (12,)})
    step = np.array([0, 0, -1, 1])
    wald = (step @ found.beta) ** 2 / (step @ found.covariance @ step)
    assert fading_test(cells, "b", (12,)).statistic == pytest.approx(wald, rel=0.1)
    blocks = fading_test(replace(cells, repeats=True), "b", (12,))
    assert blocks.statistic == pytest.approx(wald, rel=0.3)
    assert "blocks" in blocks.method


def test_bands_that_tell_nothing_are_said(rows):
    with pytest.raises(ParameterError, match="no band of tenure"):
        fading_test(cells_by(rows), "b", (24,))
    brief = {**rows, "left": rows["left"] & ((rows["codes"][:, 1] == 0) | (rows["exit_"] < 3))}
    few = cells_by({k: v[:30] for k, v in brief.items()}, persons=20)
    few = replace(few, block=few.block % 4)
    with pytest.raises(NotObservedError, match="whether its effect fades"):
        fading_test(few, "b", (3,))


def test_a_minimum_term_is_structural(rows):
    bound = rows["codes"][:, 1] == 1
    early = bound & rows["left"] & (rows["exit_"] <= 10)
    assert structural(cells_by(rows)) == ()
    kept = {k: v[~early] for k, v in rows.items()}
    assert structural(cells_by(kept)) == ("b",)


def test_strata_have_their_own_reach_and_unknown_ones_are_refused(rows):
    short = {
        **rows,
        "exit_": np.where(rows["codes"][:, 1] == 1, np.minimum(rows["exit_"], 9), rows["exit_"]),
    }
    found = driver_model(cells_by(short), strata=["b"])
    assert found.reach.tolist() == [24, 9]
    only = {
        k: v[~((rows["codes"][:, 1] == 1) & (rows["codes"][:, 0] == 2))] for k, v in rows.items()
    }
    both = driver_model(cells_by(only), strata=["a", "b"])
    with pytest.raises(NotObservedError, match="some combination of `a`, `b`"):
        hazards(both.design, np.array([[2, 1]]), both.beta, both.baseline)


def test_it_shows_itself(model):
    frame = model.to_frame()
    assert frame["level"].tolist() == ["1", "2", "1"]
    assert "<table" in model._repr_html_()
