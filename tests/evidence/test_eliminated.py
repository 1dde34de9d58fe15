"""What if nobody moved: cells put together, and weights of who has not moved, are one number."""

from __future__ import annotations

import numpy as np
import pytest

from stammkunde.draws import BLOCKS
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.evidence.eliminated import if_nobody
from stammkunde.result import Status
from stammkunde.survival.arrays import life_tables_from
from stammkunde.survival.causes import net_survival
from stammkunde.survival.table import LifeTable

CAUSES = ("price", "moved")


def cells(seed: int = 1, size: int = 2000, *, late: bool = False) -> list[LifeTable]:
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 2, size)
    stay = rng.geometric(np.array([0.05, 0.12])[kind])
    cause = np.where(stay > 20, 0, 1 + (rng.random(size) < np.array([0.2, 0.6])[kind]))
    entry = np.where(kind == 1, 2, 0) if late else None
    block = rng.integers(0, BLOCKS, size)
    return life_tables_from(
        np.minimum(stay, 20), cause, kind, 2, causes=CAUSES, entry=entry, block=block
    )


def weighted_plainly(tables: list[LifeTable]) -> np.ndarray:
    """Return survival of all with weights 1 / chance of not having moved before, by cell."""
    alive, curve = [np.ones(2)], [1.0]
    counts = [[a.sum(axis=0) for a in (t.in_state()[0], *t.in_state()[1])] for t in tables]
    n, d, m = zip(*counts, strict=True)
    for k in range(20):
        at_risk, left, moved = (np.array([x[k] for x in a], float) for a in (n, d, m))
        weight = 1 / alive[-1]
        curve.append(curve[-1] * (1 - weight @ left / (weight @ at_risk)))
        # movers of a month go after who leaves for the price in it
        alive.append(alive[-1] * (1 - moved / (at_risk - left)))
    return np.array(curve)


def test_weights_and_cells_are_one_number() -> None:
    tables = cells()
    found = if_nobody(tables, ["moved"], exposure="whole")
    assert found.value == pytest.approx(weighted_plainly(tables), abs=1e-12)
    assert found.status is Status.ESTIMATED
    assert found.assumptions == ("independent_causes_given_what_is_known",)


def test_one_cell_is_net_survival() -> None:
    (table,) = life_tables_from(
        np.array([1, 2, 3, 3, 4] * 8), np.array([1, 2, 0, 1, 0] * 8), None, 1,
        causes=CAUSES, block=np.arange(40),
    )  # fmt: skip
    for exposure in ("proportional", "whole"):
        alone = net_survival(table, ["moved"], exposure=exposure)
        found = if_nobody([table], ["moved"], exposure=exposure)
        assert found.value == pytest.approx(alone.value, abs=1e-12)


def test_nothing_taken_out_that_matters_changes_nothing() -> None:
    tables = cells(2)
    found = if_nobody(tables, [], exposure="whole")
    n = np.sum([t.in_state()[0].sum(axis=0) for t in tables], axis=0)
    d = np.sum([t.in_state()[1].sum(axis=(0, 1)) for t in tables], axis=0)
    assert found.value == pytest.approx(np.concatenate([[1], np.cumprod(1 - d / n)]), abs=1e-12)


def test_leave_outs_are_computed_anew() -> None:
    tables = cells(3)
    found = if_nobody(tables, ["moved"])
    assert found.replicates is not None
    weights = 1.0 - np.eye(BLOCKS)[[9]]
    assert found.replicates.leave_out[9] == pytest.approx(found.replicates.reweighted(weights)[0])
    assert (found.low[1:] < found.value[1:]).all()
    assert (found.value[1:] < found.high[1:]).all()


def test_wrong_questions() -> None:
    with pytest.raises(ParameterError, match="nobody left for"):
        if_nobody(cells(), ["move"])
    with pytest.raises(ParameterError, match="unknown exposure"):
        if_nobody(cells(), ["moved"], exposure="half")
    with pytest.raises(NotObservedError, match="not seen from the start"):
        if_nobody(cells(late=True), ["moved"])
