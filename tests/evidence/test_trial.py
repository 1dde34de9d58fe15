"""Weighted arms against hand-worked fractions, plain arithmetic, and what must not change them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from stammkunde.draws import BLOCKS, block_weights, cluster_weights
from stammkunde.errors import DataError, NotObservedError, ParameterError
from stammkunde.evidence.arms import weighted, weights_of
from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.history import history_arm
from stammkunde.evidence.shares import Shares
from stammkunde.evidence.trial import Trial, arm_curve, compare, hazards
from stammkunde.intervals import student_quantile
from stammkunde.result import Status
from tests.evidence.trials import ARMS, plainly, subjects

REACH = 20
SEEDS = range(3)


def trial_of(rows: pd.DataFrame, **how: object) -> Trial:
    return baseline_trial(rows, ARMS, reach=REACH, **how)  # type: ignore[arg-type]


def test_by_hand() -> None:
    """Two cells; of those offered one of two and none of three leave in the first month."""
    lines = [
        *[("offered", 0, 1, "left", 1), ("offered", 0, 2, "censored", 1)],
        *[("offered", 1, 2, "censored", 2), ("offered", 1, 2, "left", 1)],
        *[("not offered", 0, 1, "left", 2), ("not offered", 0, 2, "censored", 2)],
        ("not offered", 1, 2, "left", 1),
    ]
    rows = pd.DataFrame(lines, columns=["arm", "cell", "finish", "end", "n"])
    trial = trial_of(rows.assign(begin=0, block=np.arange(len(rows))))
    value = arm_curve(trial, "offered").value
    # 6 people of the first cell, 4 of the second: weights 3 and 4/3
    first = 1 - Fraction(3) / (3 * 2 + Fraction(4, 3) * 3)
    second = 1 - Fraction(4, 3) / (3 + Fraction(4, 3) * 3)
    assert value[1] == pytest.approx(float(first), abs=1e-15)
    assert value[2] == pytest.approx(float(first * second), abs=1e-15)
    plain = arm_curve(trial, "not offered").value
    assert plain[1] == pytest.approx(float(1 - Fraction(3, 1) / 10), abs=1e-15)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_equals_plain_arithmetic_also_without_each_block(seed: int, late: bool) -> None:
    rows = subjects(np.random.default_rng(seed), late=late)
    curve = arm_curve(trial_of(rows), "offered")
    units = curve.observed_to
    assert curve.value == pytest.approx(plainly(rows, "offered", units), abs=1e-12)
    assert curve.replicates is not None
    for block in (0, 17, 200):
        others = rows[rows.block != block]
        alone = plainly(others, "offered", units)
        assert curve.replicates.leave_out[block] == pytest.approx(alone, abs=1e-12)


def test_draws_count_people_as_often_as_they_weigh() -> None:
    rows = subjects(np.random.default_rng(5))
    weights = np.random.default_rng(6).integers(0, 3, BLOCKS)
    curve = arm_curve(trial_of(rows), "offered")
    assert curve.replicates is not None
    drawn = curve.replicates.reweighted(weights[None].astype(float))[0]
    often = rows.assign(n=weights[rows.block])
    assert drawn == pytest.approx(plainly(often[often.n > 0], "offered", REACH), abs=1e-12)


def test_errors_of_draws_and_leave_outs_agree() -> None:
    rows = subjects(np.random.default_rng(7), 4000)
    months = compare(trial_of(rows), *ARMS, 12).months
    assert months.replicates is not None
    assert months.se is not None
    drawn = months.replicates.reweighted(block_weights(2000))
    assert 0.9 < drawn.std() / months.se < 1.1


def test_what_must_not_change_a_comparison() -> None:
    rows = subjects(np.random.default_rng(8))
    found = compare(trial_of(rows), *ARMS, 12)
    mixed = rows.sample(frac=1, random_state=1)
    assert compare(trial_of(mixed), *ARMS, 12).months.value == pytest.approx(
        found.months.value, abs=1e-12
    )
    twice = compare(trial_of(rows.assign(n=2)), *ARMS, 12)
    assert twice.months.value == pytest.approx(found.months.value, abs=1e-12)
    assert twice.months.se == pytest.approx(found.months.se, rel=1e-9)
    turned = compare(trial_of(rows), *ARMS[::-1], 12)
    assert turned.months.value == pytest.approx(-(found.months.value or 0), abs=1e-12)
    assert turned.share.low == pytest.approx(-(found.share.high or 0), abs=1e-12)


def test_one_cell_needs_no_weights() -> None:
    rows = subjects(np.random.default_rng(9)).assign(cell=0)
    trial = trial_of(rows)
    each = weights_of(trial.arm("offered"), trial.shares)
    own = rows[rows.arm == "offered"]
    assert each[0, 0] == pytest.approx(len(rows) / len(own))
    value = arm_curve(trial, "offered").value
    assert value == pytest.approx(plainly(own, "offered", REACH), abs=1e-12)


def test_flows_and_rows_by_unit_are_the_same() -> None:
    rows = subjects(np.random.default_rng(10), late=True)
    trial = trial_of(rows)
    own = rows[rows.arm == "offered"].reset_index(drop=True)
    units = [(i, t) for i, r in own.iterrows() for t in range(r.begin + 1, r.finish + 1)]
    i, unit = (np.array(a) for a in zip(*[u for u in units if u[1] <= REACH], strict=True))
    visits = np.zeros((len(i), len(trial.shares.part)), dtype=int)
    visits[np.arange(len(i)), 2 * own.cell.to_numpy()[i]] = 1
    finish, end = own.finish.to_numpy()[i], own.end.to_numpy()[i].astype(str)
    moves = np.stack([(finish == unit) & (end == c) for c in trial.causes], axis=1)
    arm = history_arm(
        "offered", visits, unit, own.block.to_numpy()[i], np.ones(len(i), int),
        moves.astype(int), trial.arm("offered").heads, REACH,
    )  # fmt: skip
    without = 1.0 - np.eye(BLOCKS)
    one, other = (weighted(a, trial.shares, without) for a in (trial.arm("offered"), arm))
    assert one.at_risk == pytest.approx(other.at_risk, abs=1e-9)
    assert hazards(one) == pytest.approx(hazards(other), abs=1e-9)


@pytest.mark.parametrize("population", ["treated", "overlap"])
def test_other_populations(population: str) -> None:
    """Restricted means of each cell, complete to the third month, stand as the population says."""
    rows = subjects(np.random.default_rng(11), 3000).assign(begin=0)
    trial = trial_of(rows, population=population)
    value = arm_curve(trial, "not offered").value[:4]
    share = rows.assign(o=rows.arm == "offered").groupby("cell")["o"].mean()
    counted = rows.groupby("cell")["n"].sum()
    weight = {"treated": share, "overlap": share * (1 - share)}[population] * counted
    own = rows[rows.arm == "not offered"]
    alive = [
        np.average(own.finish.gt(t) | own.finish.eq(t) & own.end.eq("censored"),
                   weights=(weight / own.groupby("cell")["n"].sum())[own.cell])
        for t in (1, 2)
    ]  # fmt: skip
    assert value[1:3] == pytest.approx(alive, abs=1e-12)


def test_status_and_assumptions_are_named() -> None:
    rows = subjects(np.random.default_rng(12))
    found = compare(trial_of(rows), *ARMS, 12)
    assert found.months.status is Status.ESTIMATED
    assert found.months.assumptions == ("alike_given_what_is_known",)
    assert found.months.unit == "month"


def test_a_cap_holds_in_every_replicate() -> None:
    rows = subjects(np.random.default_rng(13))
    trial = trial_of(rows)
    arm = trial.arm("offered")
    free = weights_of(arm, trial.shares)[:, 0]
    capped = weights_of(replace(arm, cap=1.0), trial.shares, 1.0 - np.eye(BLOCKS))
    first = (arm.unit == 1) & (arm.at_risk > 0)
    mean = np.average(free[arm.code[first]], weights=arm.at_risk[first])
    assert capped.max() == pytest.approx(mean)
    assert free.max() > mean


def test_wrong_questions() -> None:
    rows = subjects(np.random.default_rng(14))
    trial = trial_of(rows)
    with pytest.raises(ParameterError, match="no arm"):
        trial.arm("offred")
    with pytest.raises(NotObservedError, match="nobody is in the arm"):
        baseline_trial(rows, ("offered", "wine"), reach=REACH)
    with pytest.raises(ParameterError, match="no population `everybody`"):
        trial_of(rows, population="everybody")
    with pytest.raises(ParameterError, match="horizon of 0"):
        compare(trial, *ARMS, 0)
    with pytest.raises(NotObservedError, match="observed for 20 months only"):
        compare(trial, *ARMS, 21)
    apart = rows.assign(cell=np.where(rows.arm == "offered", 0, 1))
    assert compare(trial_of(apart), *ARMS, 12).adequacy.refused == "no_counterpart"
    with pytest.raises(DataError, match="no shares"):
        Shares(np.ones((1, BLOCKS)), np.zeros((1, BLOCKS)))


def test_regions_are_blocks_of_their_own_draws() -> None:
    rows = subjects(np.random.default_rng(15), 4000).assign(cell=0)
    region = rows.block % 40
    dealt = rows.assign(block=region, arm=np.where(region % 2 == 0, *ARMS))
    plain = trial_of(dealt)
    regions = replace(plain, clusters=40)
    one, other = compare(plain, *ARMS, 12).months, compare(regions, *ARMS, 12).months
    assert other.value == one.value
    assert other.se == one.se
    assert one.se is not None
    assert one.value is not None
    assert one.high == pytest.approx(one.value + student_quantile(0.95, 20) * one.se)
    assert other.high == pytest.approx(one.value + student_quantile(0.95, 39) * one.se)
    assert one.replicates is not None
    assert other.replicates is not None
    drawn = one.replicates.draws(50), other.replicates.draws(50)
    assert not np.isclose(*drawn).any()
    assert other.replicates.reweighted(cluster_weights(50)) == pytest.approx(drawn[1])


def test_few_regions_tell_nothing() -> None:
    rows = subjects(np.random.default_rng(16), 4000).assign(cell=0)
    few = replace(trial_of(rows.assign(block=rows.block % 19)), clusters=19)
    found = compare(few, *ARMS, 12)
    assert (found.months.value, found.months.reason) == (None, "too_few_clusters")
    assert found.share.status is Status.NOT_IDENTIFIABLE
