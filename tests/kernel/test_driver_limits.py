"""Drivers that the data cannot tell, that fade, or that need a baseline of their own."""

from __future__ import annotations

from dataclasses import replace
from math import exp

import numpy as np
import pytest

from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.survival.drivers.arrays import cells_from
from stammkunde.survival.drivers.cells import Factor
from stammkunde.survival.drivers.fading import fading_test, fading_tests, structural
from stammkunde.survival.drivers.model import driver_model, hazards, predict
from tests.kernel.drivers import cells_by, one_unit, simulated


@pytest.fixture(scope="module")
def rows() -> dict[str, np.ndarray]:
    return simulated(2000, 1)


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
