"""Trials that begin in every unit: by hand, in the engine and in memory, and what they refuse."""

from __future__ import annotations

from fractions import Fraction

import ibis
import numpy as np
import pandas as pd
import pytest

from stammkunde.draws import BLOCKS
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.evidence.adequacy import NO_COUNTERPART, NO_COUNTERPART_IN_TIME
from stammkunde.evidence.reacting.sequential import (
    Entrants,
    entrants,
    entrants_of,
    sequential_trial,
)
from stammkunde.evidence.trial import TRIMMED, arm_curve, compare
from stammkunde.evidence.units import level_name, person_units
from stammkunde.result import Status
from stammkunde.survival.curve import TOO_FEW_PERSONS
from tests.evidence.reacting import contracts, spells_of

ARMS = ("yes", "no")
KEYS = ["person", "unit", "arm", "finish", "end"]


def entering(rng: np.random.Generator, size: int = 3000) -> pd.DataFrame:
    """Return people who enter up to three trials each, offered and leaving by a column."""
    who = np.repeat(np.arange(size), rng.integers(1, 4, size))
    unit = pd.Series(who).groupby(who).cumcount().to_numpy() + 1
    column = rng.integers(0, 2, len(who))
    yes = rng.random(len(who)) < np.array([0.3, 0.6])[column]
    stay = rng.geometric(np.array([0.2, 0.08])[column] * np.where(yes, 0.7, 1.0))
    seen = rng.integers(2, 13, len(who))
    return pd.DataFrame(
        {
            "person": who,
            "block": rng.integers(0, BLOCKS, size)[who],
            "unit": unit,
            "arm": np.where(yes, *ARMS),
            "finish": np.minimum(stay, seen),
            "end": np.where(stay <= seen, "left", "censored"),
            "column": column,
        }
    )


def made(frame: pd.DataFrame, arms: tuple[str, ...] = ARMS, **how: object) -> Entrants:
    return entrants(frame, arms, **{"by": ["column"], "reach": 6, **how})  # type: ignore[arg-type]


def months(frame: pd.DataFrame, **how: object) -> float:
    value = compare(sequential_trial(made(frame, **how)), *ARMS, 6).months.value
    assert value is not None
    return value


def test_by_hand() -> None:
    """In unit 1 one of two offered and one of four others leave at once, in unit 2 none of one."""
    lines = [
        *[("p1", 1, "yes", 1, "left"), ("p2", 1, "yes", 5, "censored")],
        *[("p3", 1, "no", 1, "left"), ("p4", 1, "no", 4, "censored")],
        *[("p5", 1, "no", 4, "censored"), ("p6", 1, "no", 4, "censored")],
        *[("p4", 2, "yes", 3, "censored"), ("p5", 2, "no", 3, "censored")],
        ("p6", 2, "no", 2, "left"),
    ]
    frame = pd.DataFrame(lines, columns=KEYS).assign(block=range(len(lines)))
    found = entrants(frame, ARMS, reach=3)
    trial = sequential_trial(found)
    # six enter the first trial and three the second: weights 3 and 3, 3/2 and 3/2
    yes = 1 - Fraction(3) / (2 * 3 + 3)
    assert arm_curve(trial, "yes").value[1] == pytest.approx(float(yes), abs=1e-15)
    first = 1 - Fraction(3, 2) / (4 * Fraction(3, 2) + 2 * Fraction(3, 2))
    second = 1 - Fraction(3, 2) / (5 * Fraction(3, 2))
    no = arm_curve(trial, "no").value
    assert no[1] == pytest.approx(float(first), abs=1e-15)
    assert no[2] == pytest.approx(float(first * second), abs=1e-15)
    assert {a: int(h.sum()) for a, h in found.heads.items()} == {"yes": 3, "no": 4}
    assert found.by_trial().to_numpy().tolist() == [[2, 4], [1, 2]]


def plainly(frame: pd.DataFrame, arm: str, reach: int) -> np.ndarray:
    """Return survival under an arm standardised to all trials and columns, weight by weight."""
    cell = list(zip(frame.unit, frame.column, strict=True))
    size = pd.Series(cell).map(pd.Series(cell).value_counts()).to_numpy()
    own = frame.assign(cell=cell).groupby(["cell", "arm"])["unit"].transform("size").to_numpy()
    weight = (size / own)[frame.arm == arm]
    f = frame[frame.arm == arm]
    alive = [1.0]
    for t in range(1, reach + 1):
        there = (f.finish >= t).to_numpy()
        leaves = ((f.finish == t) & (f.end == "left")).to_numpy()
        alive.append(alive[-1] * (1 - weight[leaves].sum() / weight[there].sum()))
    return np.array(alive)


def test_equals_plain_arithmetic_also_without_a_block() -> None:
    frame = entering(np.random.default_rng(1))
    trial = sequential_trial(made(frame))
    for arm in ARMS:
        curve = arm_curve(trial, arm)
        assert curve.value == pytest.approx(plainly(frame, arm, 6), abs=1e-12)
        assert curve.replicates is not None
        without = plainly(frame[frame.block != 7], arm, 6)
        assert curve.replicates.leave_out[7] == pytest.approx(without, abs=1e-12)
        assert curve.persons == frame[frame.arm == arm].person.nunique() < (frame.arm == arm).sum()


def test_order_of_rows_and_names_of_arms_do_not_matter() -> None:
    frame = entering(np.random.default_rng(2))
    value = months(frame)
    assert months(frame.sample(frac=1, random_state=1)) == pytest.approx(value, abs=1e-12)
    swapped = compare(sequential_trial(made(frame, ("no", "yes"))), "no", "yes", 6).months
    assert swapped.value == pytest.approx(-value, abs=1e-12)


def test_duplicated_rows_leave_estimate_and_error_alone() -> None:
    frame = entering(np.random.default_rng(3))
    one, two = (
        compare(sequential_trial(made(f)), *ARMS, 6).months
        for f in (frame, pd.concat([frame, frame], ignore_index=True))
    )
    assert two.value == pytest.approx(one.value, abs=1e-12)
    assert two.se == pytest.approx(one.se, abs=1e-12)


def test_a_person_in_many_trials_is_less_than_many_persons() -> None:
    """The same lives entered twice by one person each, or once each by two."""
    frame = entering(np.random.default_rng(4), 600)
    twice = pd.concat([frame, frame.assign(unit=frame.unit + 10)], ignore_index=True)
    others = np.random.default_rng(5).integers(0, BLOCKS, 600)
    again = frame.assign(
        unit=frame.unit + 10, person=frame.person + 600, block=others[frame.person]
    )
    both = pd.concat([frame, again], ignore_index=True)
    same, apart = (compare(sequential_trial(made(f)), *ARMS, 6).months for f in (twice, both))
    assert same.value == pytest.approx(apart.value, abs=1e-12)
    assert same.se is not None
    assert apart.se is not None
    assert 1.2 < same.se / apart.se < 1.65
    assert same.persons is not None
    assert apart.persons == 2 * same.persons


def test_bands_put_units_together() -> None:
    frame = entering(np.random.default_rng(6))
    assert list(made(frame, bands=[2]).by_trial().index) == [0, 1]
    assert list(made(frame, bands=[]).by_trial().index) == [0]
    assert months(frame, bands=[2, 3]) == pytest.approx(months(frame), abs=1e-12)


def test_few_without_a_counterpart_are_left_aside_and_said_more_are_refused() -> None:
    frame = entering(np.random.default_rng(7))
    odd = frame.head(100).assign(column=5, arm="yes")
    trial = sequential_trial(made(pd.concat([frame, odd], ignore_index=True)))
    assert trial.assumptions[-1] == TRIMMED
    assert trial.without == 0
    assert compare(trial, *ARMS, 6).months.value == pytest.approx(months(frame), abs=1e-12)
    strict = sequential_trial(made(pd.concat([frame, odd], ignore_index=True)), spared=0.0)
    assert strict.without == 100
    months_ = compare(strict, *ARMS, 6).months
    assert (months_.status, months_.reason) == (Status.NOT_IDENTIFIABLE, NO_COUNTERPART)


def test_a_trial_without_one_arm_is_a_gap() -> None:
    frame = entering(np.random.default_rng(8))
    gap = frame.head(3).assign(unit=9, arm="no")
    whole = made(pd.concat([frame, gap], ignore_index=True))
    # three of thousands are few, but of everybody a whole tenure is missing
    assert compare(sequential_trial(whole), *ARMS, 6).months.reason == NO_COUNTERPART_IN_TIME
    # of those treated it says nothing
    treated = compare(sequential_trial(whole, population="treated"), *ARMS, 6).months
    plain = compare(sequential_trial(made(frame), population="treated"), *ARMS, 6).months
    assert treated.value == pytest.approx(plain.value, abs=1e-12)


def test_a_trial_in_which_all_are_treated_is_left_aside_while_they_are_few() -> None:
    frame = entering(np.random.default_rng(8))
    treated, plain = int((frame.arm == "yes").sum()), made(frame)
    few = frame[frame.arm == "yes"].head(treated // 30).assign(unit=9)
    odd = made(pd.concat([frame, few], ignore_index=True))
    trial = sequential_trial(odd, population="treated")
    assert trial.assumptions[-1] == TRIMMED
    found = compare(trial, *ARMS, 6)
    without = compare(sequential_trial(plain, population="treated"), *ARMS, 6)
    assert found.months.value == pytest.approx(without.months.value, abs=1e-12)
    assert found.months.se == pytest.approx(without.months.se, abs=1e-12)
    # more of them are a band of tenure that has no others
    many = frame[frame.arm == "yes"].head(treated // 10).assign(unit=9)
    band = sequential_trial(made(pd.concat([frame, many], ignore_index=True)), population="treated")
    refused = compare(band, *ARMS, 6).months
    assert (refused.value, refused.reason) == (None, NO_COUNTERPART_IN_TIME)


def test_without_the_only_one_treated_his_cell_counts_for_nothing() -> None:
    """A leave-out is a trial without the block, also of cells that hold few of the treated."""
    frame = entering(np.random.default_rng(11))
    lonely = frame[frame.arm == "no"].head(300).assign(column=2)
    one = frame[frame.arm == "yes"].head(1).assign(column=2, unit=1)
    both = pd.concat([frame, lonely, one], ignore_index=True)
    block = int(one.block.iloc[0])
    curve = arm_curve(sequential_trial(made(both), population="treated"), "no")
    without = made(both[both.block != block])
    alone = arm_curve(sequential_trial(without, population="treated"), "no")
    assert curve.replicates is not None
    assert curve.replicates.leave_out[block] == pytest.approx(alone.value, abs=1e-12)


def test_three_persons_often_are_no_more_than_three() -> None:
    frame = entering(np.random.default_rng(12))
    often = [frame.head(40).assign(unit=u, arm="yes", person=0, block=5) for u in (1, 2, 3)]
    rest = frame.assign(arm="no")
    found = compare(sequential_trial(made(pd.concat([rest, *often], ignore_index=True))), *ARMS, 2)
    assert found.adequacy.arms["yes"].persons == 120
    assert found.months.reason == TOO_FEW_PERSONS


def test_tenure_told_by_the_arm_three_treated_and_nobody_seen_are_refused() -> None:
    frame = entering(np.random.default_rng(9))
    banded = frame.assign(arm=np.where(frame.unit > 1, *ARMS))
    assert compare(sequential_trial(made(banded)), *ARMS, 6).months.reason == NO_COUNTERPART_IN_TIME
    three = frame.assign(arm=np.where(frame.index.isin([5, 6, 7]), *ARMS))
    few = compare(sequential_trial(made(three), population="treated"), *ARMS, 2).months
    assert (few.value, few.reason) == (None, TOO_FEW_PERSONS)
    stays = frame.assign(
        finish=np.where(frame.arm == "yes", 6, frame.finish),
        end=np.where(frame.arm == "yes", "censored", frame.end),
    )
    found = compare(sequential_trial(made(stays)), *ARMS, 6).months
    assert found.status == Status.NOT_IDENTIFIABLE
    assert found.reason


def test_engine_and_memory_count_the_same() -> None:
    spells = spells_of(contracts())
    units = person_units(spells, ["kind"])
    dealt = (units.block + units.unit) % 4
    arm = ibis.cases((dealt == 0, "yes"), (dealt < 3, "no"), else_=ibis.null("string"))
    by = [level_name("kind")]
    for bands in (None, [4, 9]):
        found = entrants_of(units.mutate(arm=arm), ARMS, by=by, reach=5, bands=bands)
        rows = [
            (
                s.person,
                s.block,
                t,
                "yes" if (s.block + t) % 4 == 0 else "no",
                s.exit - t + 1,
                s.end,
                s.kind,
            )
            for s in spells.to_frame().itertuples()
            for t in range(s.entry + 1, s.exit + 1)
            if (s.block + t) % 4 < 3
        ]
        names = ["person", "block", "unit", "arm", "finish", "end", *by]
        own = entrants(pd.DataFrame(rows, columns=names), ARMS, by=by, reach=5, bands=bands)
        pd.testing.assert_frame_equal(found.counts, own.counts, check_dtype=False)
        assert found.counts.n.sum() == len(rows) > 500
        for name in ARMS:
            assert (found.heads[name] == own.heads[name]).all()


def test_wrong_questions() -> None:
    frame = entering(np.random.default_rng(10), 50)
    with pytest.raises(ParameterError, match="two arms"):
        made(frame, ("yes",))
    with pytest.raises(ParameterError, match="0 units"):
        made(frame, reach=0)
    with pytest.raises(ParameterError, match="bands"):
        made(frame, bands=[3, 2])
    with pytest.raises(NotObservedError, match="nobody is in the arm `perhaps`"):
        made(frame, ("yes", "perhaps"))
