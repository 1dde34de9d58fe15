"""Weights of single persons: their sums, the engine and arrays, splines, refusals."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stammkunde.draws import block_weights
from stammkunde.errors import ParameterError
from stammkunde.evidence.adequacy import NO_COUNTERPART
from stammkunde.evidence.baseline import Population
from stammkunde.evidence.starting.logit import fit_logit
from stammkunde.evidence.starting.person_trial import compare_persons, weighted_by_person
from stammkunde.evidence.starting.person_weights import sums_from, trial_of_sums, weight_of
from stammkunde.evidence.starting.propensity import modelled_trial
from stammkunde.evidence.starting.start import ByColumn, counted_at_start
from stammkunde.evidence.trial import compare
from stammkunde.result import Status
from stammkunde.spells.read import read_data, spells_from
from stammkunde.spells.schema.data import DataToml
from stammkunde.spells.schema.meaning import ChecksToml, CovariateToml, GroupToml, WindowToml
from stammkunde.spells.schema.tables import Delivery, SnapshotToml
from stammkunde.spells.spells import Spells
from tests.evidence.trials import ARMS, subjects


def test_weights_and_how_they_change() -> None:
    odds, first = np.array([0.3, 0.3, -1.0]), np.array([True, False, True])
    chance = 1 / (1 + np.exp(-odds))
    own = np.where(first, chance, 1 - chance)
    expected = {
        "all": 1 / own,
        "treated": np.where(first, 1.0, chance / (1 - chance)),
        "overlap": 1 - own,
    }
    populations: tuple[Population, ...] = ("all", "treated", "overlap")
    for population in populations:
        weight, change, cut = weight_of(odds, first, population)
        assert weight == pytest.approx(expected[population])
        step = weight_of(odds + 1e-6, first, population)[0] - weight
        assert change == pytest.approx(step / 1e-6, abs=1e-4)
        assert not cut.any()
    assert weight_of(np.array([-9.0]), np.array([True]), "all")[2].all()


def world(seed: int, size: int = 4000, *, several: bool = False) -> Spells:
    """Return dated contracts, some seen late, whose arm depends on a level and a number."""
    rng = np.random.default_rng(seed)
    number = rng.gamma(2.0, 10.0, size)
    kind = rng.integers(0, 3, size)
    taken = rng.random(size) < 1 / (1 + np.exp(1 - 0.4 * kind - 0.03 * number))
    stay = rng.geometric(0.03 + 0.02 * kind)
    start = np.datetime64("2019-06-01") + rng.integers(0, 900, size)
    frame = pd.DataFrame(
        {
            "who": rng.integers(0, size // 2, size) if several else np.arange(size),
            "from": start,
            "to": start + 30 * stay,
            "kind": kind.astype(str),
            "taken": np.where(taken, "yes", "no"),
            "number": np.where(rng.random(size) < 0.05, np.nan, np.round(number, 2)),
        }
    )
    return spells_from(
        frame, person="who", start="from", end="to", by=["kind", "taken", "number"],
        open=date(2020, 1, 1), close=date(2022, 6, 1),
    )  # fmt: skip


BY = ByColumn(column="taken", arms={"offered": ("yes",), "not offered": ("no",)})


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.long
def test_persons_in_the_engine_are_the_cells_where_only_levels_count(several: bool) -> None:
    spells = world(8, several=several)
    counted = counted_at_start(spells, BY, ["kind"])
    assert (counted.rows.begin > 0).any(), "somebody must be seen late"
    for population in ("all", "treated", "overlap"):
        trial = weighted_by_person(
            spells, BY, *ARMS, columns=["kind"], reach=18, population=population
        )
        one = compare_persons(trial, *ARMS, 18)
        cells = modelled_trial(
            counted.rows, counted.levels, ARMS, reach=18, population=population,
            heads=counted.heads,
        )  # fmt: skip
        other = compare(cells, *ARMS, 18)
        assert one.months.value == pytest.approx(other.months.value, abs=1e-5)
        assert one.months.se == pytest.approx(other.months.se, rel=1e-3)
        for arm in ARMS:
            a, b = one.adequacy.arms[arm], other.adequacy.arms[arm]
            assert a.persons == b.persons
            assert a.effective == pytest.approx(b.effective, rel=1e-5)
            assert a.largest == pytest.approx(b.largest, rel=1e-5)


def test_sums_of_arrays_are_those_of_the_engine() -> None:
    spells = world(9)
    trial = weighted_by_person(spells, BY, *ARMS, columns=["kind"], reach=12)
    assert trial.model is not None
    frame = spells.relation.execute()
    rows = pd.DataFrame(
        {
            "arm": np.where(frame["group taken"] == "yes", *ARMS),
            "block": frame.block,
            "begin": frame.entry,
            "finish": frame.exit,
            "end": frame.end,
        }
    )
    most = frame["group kind"].value_counts().index[0]
    others = sorted({*frame["group kind"]} - {most})
    design = np.column_stack(
        [np.ones(len(rows)), *((frame["group kind"] == k).astype(float) for k in others)]
    )
    sums = sums_from(design, rows, ARMS[0], trial.model.beta[0])
    own = trial_of_sums(
        sums, ARMS, 12, model=trial.model, assumptions=(),
        largest=dict.fromkeys(ARMS, (1.0, ())),
    )  # fmt: skip
    for arm in ARMS:
        for name in ("risk", "gone", "at_risk", "events", "heads"):
            a, b = getattr(own.arms[arm], name), getattr(trial.arms[arm], name)
            assert a == pytest.approx(b, abs=1e-4), name


def test_leave_outs_follow_the_model() -> None:
    """Without a block: model and weights made anew, by arrays."""
    rng = np.random.default_rng(10)
    rows = subjects(rng, 3000)
    x = rng.standard_normal(len(rows)) + (rows.arm == ARMS[0])
    design = np.column_stack([np.ones(len(rows)), x])

    def made(kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        own, first = rows[kept], (rows[kept].arm == ARMS[0]).to_numpy()
        taken = np.column_stack([~first, first]).astype(int)
        model = fit_logit(design[kept], taken, own.block.to_numpy())
        trial = trial_of_sums(
            sums_from(design[kept], own, ARMS[0], model.beta[0]), ARMS, 12, model=model,
            assumptions=(), largest=dict.fromkeys(ARMS, (1.0, ())),
        )  # fmt: skip
        months = compare_persons(trial, *ARMS, 12).months
        assert months.replicates is not None
        return months.value, months

    value, months = made(np.ones(len(rows), dtype=bool))
    assert months.replicates is not None
    for g in (3, 77, 200):
        without, _ = made((rows.block != g).to_numpy())
        assert abs(without - value) > 1e-4
        assert months.replicates.leave_out[g] == pytest.approx(
            without, abs=0.03 * abs(without - value)
        )
    drawn = months.replicates.reweighted(block_weights(2000))
    assert 0.9 < drawn.std() / months.se < 1.1


def test_a_level_that_tells_the_arm_is_left_out() -> None:
    spells = world(11, 1500)
    told = ByColumn(column="kind", arms={"offered": ("0", "1"), "not offered": ("2",)})
    trial = weighted_by_person(spells, told, *ARMS, columns=["kind"], reach=12)
    assert trial.without == spells.spells
    found = compare_persons(trial, *ARMS, 12)
    assert (found.months.value, found.months.reason) == (None, NO_COUNTERPART)
    assert found.months.status is Status.NOT_IDENTIFIABLE
    with pytest.raises(ParameterError, match="no column of numbers"):
        weighted_by_person(spells, BY, *ARMS, numbers=["kind"], reach=12)
    with pytest.raises(ParameterError, match="no arm"):
        compare_persons(trial, "offered", "other", 12)


@pytest.mark.long
def test_a_spline_follows_a_chance_that_bends(tmp_path: Path) -> None:
    """The old and the young take it: a line through both would see nothing."""
    rng = np.random.default_rng(12)
    size = 6000
    number = rng.uniform(20, 80, size)
    apart = ((number - 50) / 30) ** 2
    taken = rng.random(size) < 1 / (1 + np.exp(1.5 - 3 * apart))
    frame = pd.DataFrame(
        {
            "m": np.minimum(rng.geometric(0.02 + 0.08 * apart), 12),
            "taken": np.where(taken, "yes", "no"),
            "number": np.where(rng.random(size) < 0.02, np.nan, number),
        }
    ).assign(gone=lambda f: f.m < 12)
    frame.to_csv(tmp_path / "customers.csv", index=False)
    table = SnapshotToml(
        delivery=Delivery(file="customers.csv"), tenure="m", left="gone",
        left_values=("True",), stayed_values=("False",),
    )  # fmt: skip
    data = DataToml(
        window=WindowToml(), snapshot=table, checks=ChecksToml(most_rejected=1.0),
        groups={"taken": GroupToml(column="taken", title={})},
        covariates={"number": CovariateToml(column="number", title={}, kind="number")},
    )  # fmt: skip
    spells = read_data(tmp_path, data)
    naive = compare_persons(weighted_by_person(spells, BY, *ARMS, reach=12), *ARMS, 12).months
    trial = weighted_by_person(spells, BY, *ARMS, numbers=["number"], reach=12)
    found = compare_persons(trial, *ARMS, 12).months
    assert trial.model is not None
    assert trial.model.beta.shape == (1, 5), "a constant, missing, a line and two bends"
    # the offer does nothing
    assert (naive.high or 0) < -0.5
    assert found.low is not None
    assert found.low < 0 < (found.high or 0)
    assert abs(found.value or 0) < 0.2 * abs(naive.value or 0)
