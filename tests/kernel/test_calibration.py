"""Calibration: bins of equal predictions against their own curves."""

from __future__ import annotations

import numpy as np
import pytest

from stammkunde.survival.accuracy.bins import calibration
from stammkunde.survival.accuracy.predictions import (
    Predictions,
)
from stammkunde.survival.kaplan_meier import kaplan_meier
from tests.kernel.drivers import cells_by
from tests.validate.counting import table


def test_bins_hold_equal_predictions_and_their_own_curve(rows, cells, fitted):
    found = calibration(cells, fitted, 6)
    assert len(found) == 6
    assert sum(b.spells for b in found) == 1500
    own = fitted.survival[0, :, 6]
    assert [b.predicted for b in found] == pytest.approx(sorted(own), rel=1e-12)
    for b in found:
        a, c = cells.levels[np.argmin(np.abs(own - b.predicted))]
        there = (rows["codes"] == [a, c]).all(axis=1)
        arm = kaplan_meier(table(*(rows[k][there] for k in ("block", "exit_", "left")))).at(6)
        assert (b.observed.value, b.observed.low, b.observed.high) == (arm.value, arm.low, arm.high)
        assert b.persons == arm.persons == there.sum()


def test_one_bin_is_the_plain_curve(rows, cells, fitted):
    found = calibration(cells, fitted, 6, bins=1)[0]
    curve = kaplan_meier(table(rows["block"], rows["exit_"], rows["left"])).at(6)
    assert found.observed.value == pytest.approx(curve.value, rel=1e-12)
    weight = np.bincount(cells.cell, weights=cells.n)
    assert found.predicted == pytest.approx(weight @ fitted.survival[0, :, 6] / 1500)


def test_bins_of_persons_with_several_spells_take_their_blocks(rows, fitted):
    found = calibration(cells_by(rows, persons=1000), fitted, 6, bins=3)
    assert {b.persons for b in found} == {None}
    assert all("person blocks" in b.observed.method for b in found)


def test_a_bin_that_was_not_observed_that_long_says_so(rows):
    short = np.where(rows["codes"][:, 1] == 1, np.minimum(rows["exit_"], 4), rows["exit_"])
    cells = cells_by({**rows, "exit_": short, "left": rows["left"] & (short == rows["exit_"])})
    flat = Predictions.in_sample(np.array([[0.9], [0.1]] * 3) ** np.arange(19))
    found = calibration(cells, flat, 6, bins=2)
    assert [b.observed.reason for b in found] == ["not_observed", ""]
