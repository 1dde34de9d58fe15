"""Leave-outs of a model by the cells of each block alone, beside sums over all cells."""

from __future__ import annotations

import numpy as np
import pytest

from stammkunde.survival.drivers.arrays import cells_from
from stammkunde.survival.drivers.blocks import by_block
from stammkunde.survival.drivers.cells import Cells, Factor, at_risk, events
from stammkunde.survival.drivers.design import design_of
from stammkunde.survival.drivers.leave import moves
from stammkunde.survival.drivers.model import peak
from stammkunde.survival.drivers.solve import Point, Shape, scores, solved, sums

FACTORS = (Factor("a", ("x", "y", "z")), Factor("b", ("u", "v")))


def customers(blocks: np.ndarray, seed: int) -> Cells:
    """Return customers of these blocks, seen for up to 30 units, the last of which few leave in."""
    rng = np.random.default_rng(seed)
    count = len(blocks)
    codes = np.column_stack([rng.integers(0, 3, count), rng.integers(0, 2, count)])
    hazard = 0.08 * np.exp(0.3 * codes[:, 0] - 0.4 * codes[:, 1])
    gone = np.ceil(rng.exponential(1 / hazard)).astype(int)
    seen = rng.integers(5, 31, count)
    return cells_from(
        np.minimum(gone, seen),
        gone <= seen,
        codes,
        FACTORS,
        entry=rng.integers(0, 5, count),
        block=blocks,
    )


def step_without(
    shape: Shape, n: np.ndarray, d: np.ndarray, at: Point
) -> tuple[np.ndarray, np.ndarray]:
    """Return one Newton step for counts [C, K], and the units in which some leave and some stay."""
    alive = (shape.member @ d > 0) & (shape.member @ (n - d) > 0)
    n, d = (a * alive[shape.stratum] for a in (n, d))
    form = sums(shape, n * at.observed_n + d * at.observed_d)
    score = scores(shape, n * at.score_n + d * at.score_d).reduced(form)
    return solved(form.reduced(), score), alive


@pytest.mark.parametrize("strata", [(), ("b",)])
@pytest.mark.parametrize("most", [0, 1500])
def test_a_leave_out_is_a_step_over_all_other_customers(strata, most):
    """Also where a block holds the only leaver of a unit, and where it holds most customers."""
    rng = np.random.default_rng(5)
    blocks = np.concatenate([rng.integers(0, 20, 500), np.full(most, 3)])
    cells = customers(blocks, 6)
    design, kept = design_of(cells, at_risk(cells), events(cells), strata, {})
    shape, at = peak(cells, design, kept)
    form = sums(shape, kept.at_risk * at.observed_n + kept.events * at.observed_d)
    found = moves(cells, shape, kept, at, form)
    died = 0
    for part in by_block(cells):
        n, d = kept.at_risk.astype(float), kept.events.astype(float)
        used = (n > 0)[part.own]
        n[part.own] -= part.at_risk * used
        d[part.own] -= part.events * used
        step, alive = step_without(shape, n, d, at)
        died += int((~alive & (shape.member @ kept.events > 0)).sum())
        np.testing.assert_allclose(
            found.leave_out[part.block] - at.beta, step, rtol=1e-9, atol=1e-12
        )
    assert died > 0
    assert found.held.sum() == 20


def test_all_customers_in_one_block_leave_the_fit_where_it_is():
    cells = customers(np.zeros(400, dtype=int), 7)
    design, kept = design_of(cells, at_risk(cells), events(cells), (), {})
    shape, at = peak(cells, design, kept)
    form = sums(shape, kept.at_risk * at.observed_n + kept.events * at.observed_d)
    np.testing.assert_array_equal(
        moves(cells, shape, kept, at, form).leave_out, np.tile(at.beta, (256, 1))
    )
