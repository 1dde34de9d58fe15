"""Weights by a model: the fit, one step of it, cells and persons, the engine and arrays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from stammkunde.draws import BLOCKS
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.evidence.adequacy import NO_COUNTERPART
from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.starting.logit import chances, fit_logit, main_effects
from stammkunde.evidence.starting.propensity import modelled_shares, modelled_trial
from stammkunde.evidence.starting.robust import doubly_robust
from stammkunde.evidence.trial import compare
from stammkunde.survival.curve import TOO_FEW_PERSONS
from tests.evidence.trials import ARMS, plainly, subjects

NOTHING = 1e-9


def design_of(rng: np.random.Generator, size: int, arms: int) -> tuple[np.ndarray, np.ndarray]:
    design = np.column_stack([np.ones(size), rng.standard_normal((size, 2))])
    taken = np.zeros((size, arms))
    taken[np.arange(size), rng.integers(0, arms, size)] = rng.integers(1, 4, size)
    return design, taken


@pytest.mark.parametrize("arms", [2, 3])
def test_the_fit_is_the_greatest_penalised_likelihood(arms: int) -> None:
    rng = np.random.default_rng(1)
    design, taken = design_of(rng, 200, arms)
    model = fit_logit(design, taken, rng.integers(0, BLOCKS, 200), ridge=2.0)

    def loss(flat: np.ndarray) -> float:
        beta = flat.reshape(arms - 1, 3)
        logs = np.log(chances(design, beta))
        return float(-(taken * logs).sum() + (beta[:, 1:] ** 2).sum())

    found = minimize(loss, np.zeros((arms - 1) * 3), method="BFGS", options={"gtol": 1e-8})
    assert model.beta.reshape(-1) == pytest.approx(found.x, abs=1e-5)


def test_a_saturated_fit_is_the_shares_by_hand() -> None:
    """Of 4 and 8 persons 1 and 6 took the offer: odds of 1 to 3 and 3 to 1."""
    design = np.array([[1.0, 0.0], [1.0, 1.0]])
    model = fit_logit(design, np.array([[3, 1], [2, 6]]), np.array([0, 1]), ridge=NOTHING)
    assert model.beta[0] == pytest.approx([np.log(1 / 3), np.log(9)], abs=1e-6)
    assert chances(design, model.beta)[:, 1] == pytest.approx([1 / 4, 3 / 4], abs=1e-7)


@pytest.mark.parametrize("arms", [2, 3])
def test_a_step_is_near_to_the_fit_without_a_block(arms: int) -> None:
    rng = np.random.default_rng(2)
    design, taken = design_of(rng, 3000, arms)
    block = rng.integers(0, BLOCKS, 3000)
    model = fit_logit(design, taken, block)
    assert model.moved(np.ones((1, BLOCKS)))[0] == pytest.approx(model.beta, abs=1e-9)
    moved = model.moved(1.0 - np.eye(BLOCKS))
    for g in (0, 100, 255):
        others = block != g
        anew = fit_logit(design[others], taken[others], block[others]).beta
        change = np.abs(anew - model.beta).max()
        assert change > 1e-4
        assert np.abs(moved[g] - anew).max() < 0.01 * change


def test_levels_that_tell_the_arm_have_finite_coefficients() -> None:
    design = np.array([[1.0, 0.0], [1.0, 1.0]])
    model = fit_logit(design, np.array([[50, 0], [0, 50]]), np.array([0, 1]))
    assert np.isfinite(model.beta).all()
    assert chances(design, model.beta)[0, 1] < 0.1


def test_what_cannot_be_fitted() -> None:
    design = np.ones((2, 1))
    with pytest.raises(NotObservedError, match="holds nobody"):
        fit_logit(design, np.array([[1, 0], [2, 0]]), np.array([0, 1]))
    with pytest.raises(ParameterError, match="ridge"):
        fit_logit(design, np.array([[1, 1], [2, 1]]), np.array([0, 1]), ridge=0.0)


def test_one_factor_is_saturated_so_that_the_model_gives_the_cells_weights() -> None:
    rows = subjects(np.random.default_rng(3), 6000, late=True)
    levels = np.arange(3)[:, None]
    one = compare(modelled_trial(rows, levels, ARMS, reach=12, ridge=NOTHING), *ARMS, 12)
    other = compare(baseline_trial(rows, ARMS, reach=12), *ARMS, 12)
    assert one.months.value == pytest.approx(other.months.value, abs=1e-8)
    assert one.months.se == pytest.approx(other.months.se, rel=1e-3)
    assert one.curves[ARMS[0]].value == pytest.approx(plainly(rows, ARMS[0], 24)[:13], abs=1e-8)


def expected_rows(entries: dict[int, float]) -> pd.DataFrame:
    """Return the numbers to be expected of ten million people in 16 blocks, seen from `entries`."""
    rows = []
    for cell, arm in np.ndindex(2, 2):
        share = 0.5 * (0.3, 0.6)[cell] if arm == 0 else 0.5 * (0.7, 0.4)[cell]
        hazard = 0.2 if (cell, arm) == (0, 1) else 0.02
        for begin, part in entries.items():
            there = 1e7 * share * part * (1 - hazard) ** begin
            for t in range(begin + 1, 25):
                rows.append((ARMS[arm], cell, begin, t, "left", there * hazard))
                there *= 1 - hazard
            rows.append((ARMS[arm], cell, begin, 24, "censored", there))
    frame = pd.DataFrame(rows, columns=["arm", "cell", "begin", "finish", "end", "n"])
    frame["n"] = np.rint(frame.n / 16).astype(int)
    return frame.merge(pd.DataFrame({"block": range(16)}), how="cross")


def test_shares_seen_late_would_tell_who_stays() -> None:
    """Of those seen late more have the better arm: they say nothing of who was given it."""
    rows = expected_rows({0: 0.2, 6: 0.4, 12: 0.4})
    truth = 0.5 * sum(0.98**t - 0.8**t for t in range(24))
    trial = baseline_trial(rows, ARMS, reach=24)
    assert compare(trial, *ARMS, 24).months.value == pytest.approx(truth, abs=1e-3)
    levels = np.array([[0], [1]])
    by_model = modelled_trial(rows, levels, ARMS, reach=24, ridge=NOTHING)
    assert compare(by_model, *ARMS, 24).months.value == pytest.approx(truth, abs=1e-3)
    robust = doubly_robust(rows, levels, *ARMS, 24)
    assert robust.months.value == pytest.approx(truth, abs=1e-3)
    # the shares of everybody in the data are off by more than half a month
    everybody = baseline_trial(rows.assign(begin=0), ARMS, reach=24).shares
    wrong = compare(replace(trial, shares=everybody), *ARMS, 24).months.value
    assert wrong is not None
    assert wrong - truth > 0.5


def test_a_level_without_an_arm_is_left_out_and_nothing_is_said() -> None:
    rows = subjects(np.random.default_rng(5), 1500)
    rows = rows[(rows.cell != 2) | (rows.arm == ARMS[0])]
    trial = modelled_trial(rows, np.arange(3)[:, None], ARMS, reach=12)
    assert trial.without == int((rows.cell == 2).sum())
    found = compare(trial, *ARMS, 12)
    assert (found.months.value, found.months.reason) == (None, NO_COUNTERPART)
    told = rows[(rows.cell == 2) == (rows.arm == ARMS[0])]
    apart = modelled_trial(told, np.arange(3)[:, None], ARMS, reach=12)
    assert apart.without == len(told)
    assert compare(apart, *ARMS, 12).months.reason == NO_COUNTERPART


def test_a_cell_without_an_arm_is_kept_if_its_levels_are_known_elsewhere() -> None:
    rng = np.random.default_rng(6)
    levels = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    rows = subjects(rng, 3000).assign(cell=lambda f: rng.integers(0, 4, len(f)))
    rows = rows[(rows.cell != 3) | (rows.arm == ARMS[0])]
    trial = modelled_trial(rows, levels, ARMS, reach=12)
    assert trial.without == 0
    made = modelled_shares(rows, levels, ARMS)
    assert made.value.reshape(4, 2).sum(axis=1) == pytest.approx(1)
    assert np.exp(made.logs(np.ones((1, BLOCKS))))[:, 0] == pytest.approx(made.value)


def test_three_treated_customers_are_too_few() -> None:
    rows = subjects(np.random.default_rng(7), 2000)
    few = rows[rows.arm == ARMS[0]].groupby("cell").head(1)
    rows = pd.concat([few, rows[rows.arm == ARMS[1]]])
    trial = modelled_trial(rows, np.arange(3)[:, None], ARMS, reach=2)
    found = compare(trial, *ARMS, 1)
    assert found.months.value is None
    assert found.months.reason == TOO_FEW_PERSONS


def test_main_effects_have_a_column_for_each_level_but_the_first() -> None:
    made = main_effects(np.array([[0, 2], [1, 0], [0, 0]]))
    assert made.tolist() == [[1, 0, 1], [1, 1, 0], [1, 0, 0]]
