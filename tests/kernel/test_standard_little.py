"""Standardised differences where little was observed, or nothing: values, or reasons."""

from __future__ import annotations

import numpy as np
import pytest

from stammkunde.errors import ParameterError
from stammkunde.survival.drivers.arrays import cells_from
from stammkunde.survival.drivers.average import average, people_of
from stammkunde.survival.drivers.cells import Factor
from stammkunde.survival.drivers.model import driver_model
from stammkunde.survival.drivers.standard import _asked, standardised
from tests.kernel.drivers import cells_by
from tests.kernel.standing import Rows, by_level, directly, simulated, values


@pytest.fixture(scope="module")
def rows() -> Rows:
    return simulated(2000, 1)


def test_a_level_without_leavers_has_no_difference_and_the_others_have(rows):
    kept = ~(rows["left"] & (rows["codes"][:, 0] == 2))
    cells = cells_by({k: v[kept] for k, v in rows.items()})
    found = by_level(standardised(driver_model(cells), 12, (6,)))
    assert (found["a", "2"].months.value, found["a", "2"].months.reason) == (None, "no_leavers")
    own = driver_model(cells)
    for level in ("a", "1"), ("b", "1"):
        wanted = directly(own, "ab".index(level[0]), (1, 0), (12, 6))
        assert values(found[level]) == pytest.approx(wanted, rel=1e-9)
    strata = by_level(standardised(driver_model(cells, strata=["a"]), 12, (6,)))
    assert strata["a", "2"].survival[6].reason == "no_leavers"


def test_few_leavers_reach_at_least_as_far_as_exact_limits(rows):
    gone = np.flatnonzero(rows["left"] & (rows["codes"][:, 0] == 2))[3:]
    kept = np.setdiff1d(np.arange(2000), gone)
    cells = cells_by({k: v[kept] for k, v in rows.items()})
    found = by_level(standardised(driver_model(cells), 12, (6,)))
    few, many = found["a", "2"].months, found["a", "1"].months
    assert "fewer than 5 events" in few.method
    assert "fewer than 5 events" not in many.method
    step = 1.9694 * few.se
    assert few.low < few.value - step + 1e-9
    assert few.high - few.low > 2 * step
    # three leavers may be 8.77, so that everybody's hazard at that level is that much higher
    people, asked = people_of(driver_model(cells)), _asked(12, (), cells.length)
    own, most = (average(people, asked, 0, 2, times=x).value[0] for x in (1, 8.767 / 3))
    assert few.value - few.low > own - most


def test_beyond_what_a_stratum_was_observed_there_is_no_value(rows):
    short = np.where(rows["codes"][:, 1] == 1, np.minimum(rows["exit_"], 9), rows["exit_"])
    early = {**rows, "exit_": short, "left": rows["left"] & (short == rows["exit_"])}
    found = by_level(standardised(driver_model(cells_by(early), strata=["b"]), 10, (9, 12)))
    own = found["b", "1"]
    assert own.months.value is not None
    assert own.survival[9].value is not None
    assert (own.survival[12].value, own.survival[12].reason) == (None, "not_observed")
    far = standardised(driver_model(cells_by(rows)), 40, (99,))
    assert {e.reason for d in far for e in (d.months, d.survival[99])} == {"not_observed"}


def test_combinations_that_nobody_was_in_have_no_difference(rows):
    kept = ~((rows["codes"][:, 1] == 1) & (rows["codes"][:, 0] == 2))
    cells = cells_by({k: v[kept] for k, v in rows.items()})
    found = by_level(standardised(driver_model(cells, strata=["a", "b"]), 12, (6,)))
    assert found["a", "2"].months.reason == "not_together"
    assert found["a", "1"].months.value is not None
    assert found["b", "1"].survival[6].reason == "not_together"


def test_too_few_blocks(rows):
    gathered = np.where(rows["codes"][:, 0] == 2, rows["block"] % 9, rows["block"])
    found = by_level(standardised(driver_model(cells_by({**rows, "block": gathered})), 12))
    assert (found["a", "2"].months.value, found["a", "2"].months.reason) == (
        None,
        "too_few_persons",
    )
    assert found["a", "1"].months.value is not None


def test_the_first_unit_is_paid_by_everybody(rows):
    found = standardised(driver_model(cells_by(rows)), 1)
    assert [(d.months.value, d.months.se) for d in found] == [(0, 0)] * 3


def test_persons_with_several_spells_are_not_counted_by_spells(rows):
    found = standardised(driver_model(cells_by(rows, persons=1500)), 12)
    assert {d.persons for d in found} == {None}
    assert found[0].spells == (rows["codes"][:, 0] == 1).sum()


@pytest.mark.long
@pytest.mark.parametrize(("levels", "strata"), [(500, ["shop"]), (60, [])])
def test_many_levels_with_little_in_each(levels, strata):
    rng = np.random.default_rng(5)
    code = np.repeat(np.arange(levels), 30)
    leave, seen = rng.geometric(0.1, len(code)), rng.integers(1, 13, len(code))
    factor = Factor("shop", tuple(map(str, range(levels))))
    block = np.arange(len(code)) % 64
    cells = cells_from(
        np.minimum(leave, seen), leave <= seen, code[:, None], (factor,), block=block
    )
    found = standardised(driver_model(cells, strata=strata), 6, (5,))
    assert len(found) == levels - 1
    every = [e for d in found for e in (d.months, d.survival[5])]
    assert all((e.value is None) == bool(e.reason) for e in every)
    known = np.array([(e.low, e.value, e.high) for e in every if e.value is not None])
    assert len(known) > levels
    assert np.isfinite(known).all()
    assert (known[:, 0] <= known[:, 1]).all()
    assert (known[:, 1] <= known[:, 2]).all()


def test_nothing_is_asked_of_unit_nought(rows):
    model = driver_model(cells_by(rows))
    for horizon, tenures in ((0, ()), (12, (0,))):
        with pytest.raises(ParameterError, match="no horizon and tenures"):
            standardised(model, horizon, tenures)


def test_without_factors_there_is_nothing_to_compare():
    none = cells_from(np.array([3, 2]), np.array([1, 0]), np.zeros((2, 0), int), ())
    assert standardised(driver_model(none), 2) == []


def test_it_shows_itself(rows):
    found = standardised(driver_model(cells_by(rows)), 12, (6,))[0]
    assert len(found.to_frame()) == 2
    assert "<table" in found._repr_html_()
