"""The doubly robust difference: its formula done plainly, identities, borrowed units, refusals."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from stammkunde.draws import BLOCKS, block_weights
from stammkunde.errors import ParameterError
from stammkunde.evidence.adequacy import NO_COUNTERPART, NOBODY_LEFT
from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.starting.robust import Robust, doubly_robust
from stammkunde.evidence.trial import compare
from stammkunde.result import Status
from stammkunde.survival.contrasts.uneven import TOO_FEW_EVENTS
from stammkunde.survival.curve import NOT_OBSERVED
from tests.evidence.trials import ARMS, subjects

LEVELS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
NOTHING = 1e-9
K = 6


def crossed(seed: int, size: int = 2000, *, seen: bool = True) -> pd.DataFrame:
    """Return people of two traits that both matter for arm and leaving, together too."""
    rng = np.random.default_rng(seed)
    cell = rng.choice(4, size, p=[0.4, 0.2, 0.25, 0.15])
    offered = rng.random(size) < np.array([0.3, 0.7, 0.5, 0.4])[cell]
    stay = rng.geometric(np.array([0.05, 0.1, 0.15, 0.06])[cell] * np.where(offered, 0.7, 1))
    until = np.full(size, K) if seen else rng.integers(K, K + 9, size) - 3
    return pd.DataFrame(
        {
            "arm": np.where(offered, *ARMS),
            "cell": cell,
            "block": rng.integers(0, BLOCKS, size),
            "begin": 0,
            "finish": np.minimum(stay, until),
            "end": np.where(stay <= until, "left", "censored"),
            "n": 1,
        }
    )


def plainly(rows: pd.DataFrame, chance: np.ndarray) -> float:
    """Return the difference of months by the formula, loops and least squares; chance [4, 2]."""
    heads = np.array([[((rows.cell == c) & (rows.arm == a)).sum() for a in ARMS] for c in range(4)])
    design = np.column_stack([np.ones(4), LEVELS])
    found = []
    for i, arm in enumerate(ARMS):
        means = []
        for c in range(4):
            own = rows[(rows.cell == c) & (rows.arm == arm)]
            alive, total = 1.0, 0.0
            for t in range(1, K + 1):
                total += alive
                there = (own.finish >= t).sum()
                alive *= 1 - ((own.finish == t) & (own.end == "left")).sum() / there
            means.append(total)
        y, w = np.array(means), np.sqrt(heads[:, i])
        beta = np.linalg.lstsq(w[:, None] * design, w * y, rcond=None)[0]
        model = design @ beta
        share = heads[:, i] / heads.sum(axis=1)
        mended = model + share / chance[:, i] * (y - model)
        found.append(heads.sum(axis=1) @ mended / heads.sum())
    return float(found[0] - found[1])


@pytest.mark.parametrize("seed", [1, 2])
def test_it_is_the_formula(seed: int) -> None:
    rows = crossed(seed, seen=False)
    found = doubly_robust(rows, LEVELS, *ARMS, K, ridge=NOTHING)
    # the logistic model by plain iterations
    design = np.column_stack([np.ones(len(rows)), LEVELS[rows.cell]])
    taken, beta = (rows.arm == ARMS[0]).to_numpy(), np.zeros(3)
    for _ in range(30):
        share = 1 / (1 + np.exp(-design @ beta))
        form = design.T @ (design * (share * (1 - share))[:, None])
        beta = beta + np.linalg.solve(form, design.T @ (taken - share))
    share = 1 / (1 + np.exp(-np.column_stack([np.ones(4), LEVELS]) @ beta))
    chance = np.column_stack([share, 1 - share])
    assert found.months.value == pytest.approx(plainly(rows, chance), abs=1e-6)
    assert found.borrowed == 0
    assert found.months.status is Status.ESTIMATED
    assert "chances_or_outcomes_have_main_effects" in found.months.assumptions


def test_saturated_chances_give_weighting_and_standardisation() -> None:
    """With complete follow-up the three are one number, whatever the model of the outcome."""
    rows = crossed(3)
    found = doubly_robust(rows, LEVELS, *ARMS, K, chances="cells")
    weighted = compare(baseline_trial(rows, ARMS, reach=K), *ARMS, K)
    means = rows.assign(y=np.minimum(rows.finish, K)).groupby(["cell", "arm"])["y"].mean().unstack()
    plain = rows.cell.value_counts(normalize=True).sort_index() @ (means[ARMS[0]] - means[ARMS[1]])
    assert found.months.value == pytest.approx(weighted.months.value, abs=1e-9)
    assert found.months.value == pytest.approx(plain, abs=1e-9)
    assert found.months.se == pytest.approx(weighted.months.se, rel=1e-9)
    assert found.share.value == pytest.approx(weighted.share.value, abs=1e-9)
    assert found.months.low == pytest.approx(weighted.months.low, abs=1e-9)


def test_without_factors_it_is_the_plain_difference() -> None:
    rows = crossed(3, seen=False).assign(cell=0)
    alone = doubly_robust(rows, np.zeros((1, 0), dtype=int), *ARMS, K)
    naive = compare(baseline_trial(rows, ARMS, reach=K), *ARMS, K)
    assert alone.months.value == pytest.approx(naive.months.value, abs=1e-9)


def test_by_hand() -> None:
    """Two cells of 12, one unit: 2 of 4 and 2 of 8 stay; 6 of 6 and 3 of 6."""
    made = []
    for cell, arm, stays, goes in ((0, 0, 2, 2), (0, 1, 2, 6), (1, 0, 6, 0), (1, 1, 3, 3)):
        made += [(ARMS[arm], cell, "censored", 30 * stays), (ARMS[arm], cell, "left", 30 * goes)]
    rows = pd.DataFrame(made, columns=["arm", "cell", "end", "n"])
    rows = rows.assign(begin=0, finish=1).merge(pd.DataFrame({"block": range(12)}), how="cross")
    found = doubly_robust(rows, np.array([[0], [1]]), *ARMS, 1, chances="cells")
    half = Fraction(1, 2)
    expected = half * (Fraction(2, 4) - Fraction(2, 8)) + half * (1 - Fraction(3, 6))
    assert found.share.value == pytest.approx(float(expected), abs=1e-9)
    assert found.months.value == pytest.approx(0, abs=1e-12)


def value_of(found: Robust) -> float:
    assert found.months.value is not None
    return found.months.value


def test_what_must_not_change_it() -> None:
    rows = crossed(4, seen=False)
    found = doubly_robust(rows, LEVELS, *ARMS, K, ridge=NOTHING)
    mixed = doubly_robust(rows.sample(frac=1, random_state=1), LEVELS, *ARMS, K, ridge=NOTHING)
    assert value_of(mixed) == pytest.approx(value_of(found), abs=1e-9)
    twice = doubly_robust(rows.assign(n=2), LEVELS, *ARMS, K, ridge=NOTHING)
    assert value_of(twice) == pytest.approx(value_of(found), abs=1e-7)
    assert twice.months.se == pytest.approx(found.months.se, rel=1e-6)
    turned = doubly_robust(rows, LEVELS, *ARMS[::-1], K, ridge=NOTHING)
    assert value_of(turned) == pytest.approx(-value_of(found), abs=1e-8)
    assert turned.months.low == pytest.approx(-(found.months.high or 0), abs=1e-6)


def test_leave_outs_and_draws() -> None:
    rows = crossed(5, 6000, seen=False)
    found = doubly_robust(rows, LEVELS, *ARMS, K)
    replicates = found.months.replicates
    assert replicates is not None
    for g in (2, 99, 254):
        anew = value_of(doubly_robust(rows[rows.block != g], LEVELS, *ARMS, K))
        assert abs(anew - value_of(found)) > 1e-4
        # one step of the model of the chances, all else anew
        assert replicates.leave_out[g] == pytest.approx(
            anew, abs=0.01 * abs(anew - value_of(found))
        )
    drawn = replicates.reweighted(block_weights(2000))
    assert 0.9 < drawn.std() / (found.months.se or 0) < 1.1


def test_where_nobody_of_a_cell_is_there_the_arms_hazard_stands() -> None:
    """Of the second cell the offered are seen for one unit only: they borrow the second one's."""
    rows = pd.DataFrame(
        [
            (ARMS[0], 0, 1, "left", 20), (ARMS[0], 0, 2, "left", 20),
            (ARMS[0], 0, 2, "censored", 60), (ARMS[0], 1, 1, "left", 20),
            (ARMS[0], 1, 1, "censored", 80), (ARMS[1], 0, 2, "censored", 90),
            (ARMS[1], 0, 1, "left", 10), (ARMS[1], 1, 2, "censored", 90),
            (ARMS[1], 1, 2, "left", 10),
        ],
        columns=["arm", "cell", "finish", "end", "n"],
    ).assign(begin=0).merge(pd.DataFrame({"block": range(12)}), how="cross")  # fmt: skip
    found = doubly_robust(rows, np.array([[0], [1]]), *ARMS, 2, chances="cells")
    # both cells lose a fifth, then a quarter of those there; the second has its own first unit
    offered = Fraction(4, 5) * Fraction(3, 4)
    other = Fraction(9, 10)
    assert found.share.value == pytest.approx(float(offered - other), abs=1e-6)
    # units before the end: 1 + .8 in each cell of the offered, 1.9 and 2 of the others
    assert found.borrowed == pytest.approx(0.8 / (2 * 1.8 + 1.9 + 2.0), abs=1e-6)


def test_a_cell_without_an_arm() -> None:
    rows = crossed(6)
    rows = rows[(rows.cell != 3) | (rows.arm == ARMS[0])]
    by_cells = doubly_robust(rows, LEVELS, *ARMS, K, chances="cells")
    assert (by_cells.months.value, by_cells.months.reason) == (None, NO_COUNTERPART)
    assert by_cells.months.status is Status.NOT_IDENTIFIABLE
    by_model = doubly_robust(rows, LEVELS, *ARMS, K)
    assert by_model.months.value is not None


def test_data_that_cannot_answer() -> None:
    rows = crossed(7)
    censored = rows.assign(end=rows.end.where(rows.arm == ARMS[1], "censored"))
    silent = doubly_robust(censored, LEVELS, *ARMS, K)
    assert (silent.months.value, silent.months.reason) == (None, NOBODY_LEFT)
    gone = rows[(rows.arm == ARMS[1]) & (rows.end == "left")].index[3:]
    few = doubly_robust(rows.drop(gone), LEVELS, *ARMS, K)
    assert (few.months.value, few.months.reason) == (None, TOO_FEW_EVENTS)
    short = doubly_robust(rows, LEVELS, *ARMS, K + 4)
    assert (short.months.value, short.months.reason) == (None, NOT_OBSERVED)
    told = rows.assign(cell=(rows.arm == ARMS[0]).astype(int))
    for chances in ("main", "cells"):
        apart = doubly_robust(told, np.array([[0], [1]]), *ARMS, K, chances=chances)
        for e in (apart.months, apart.share, apart.modelled):
            assert (e.value, e.reason) == (None, NO_COUNTERPART)
    with pytest.raises(ParameterError, match="horizon"):
        doubly_robust(rows, LEVELS, *ARMS, 0)


def test_late_entry_and_several_causes() -> None:
    rows = subjects(np.random.default_rng(8), 6000, late=True)
    found = doubly_robust(rows, np.arange(3)[:, None], *ARMS, 12, chances="cells")
    weighted = compare(baseline_trial(rows, ARMS, reach=12), *ARMS, 12)
    assert found.months.value == pytest.approx(weighted.months.value, abs=0.2)
    assert found.months.events == int(((rows.end != "censored") & (rows.finish <= 12)).sum())
