"""Subjects counted at the start: the engine against a loop, and the energy supplier's newcomers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pytest

from stammkunde.draws import BLOCKS
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.starting.robust import doubly_robust
from stammkunde.evidence.starting.start import (
    ByColumn,
    ByOffer,
    Counted,
    Eligible,
    counted_at_start,
    start_trial,
)
from stammkunde.evidence.trial import Compared, compare
from stammkunde.result import Estimate
from stammkunde.spells.read import read_both, spells_from
from stammkunde.spells.spells import Spells
from stammkunde.worlds import find
from stammkunde.worlds.musterstrom import expect, process
from tests.evidence.contracts import contracts, expected_holds, made, offers, table
from tests.validate.worlds_files import study_of

KIND = ByColumn(column="kind", arms={"first": ("a",), "second": ("b",)})


@dataclass(frozen=True)
class Row:
    """One subject as a loop sees it."""

    arm: str
    block: int
    begin: int
    finish: int
    end: str
    levels: tuple[str, ...]


def laid_out(counted: Counted) -> Counter[Row]:
    """Return the counted subjects with the words of their levels."""
    found: Counter[Row] = Counter()
    for r in counted.rows.itertuples():
        words = tuple(
            f.levels[i] for f, i in zip(counted.factors, counted.levels[r.cell], strict=True)
        )
        found[Row(r.arm, r.block, r.begin, r.finish, r.end, words)] += r.n
    return found


def test_arms_of_a_column_are_those_of_a_loop() -> None:
    spells = made(contracts(200))
    counted = counted_at_start(spells, KIND, ["cohort"])
    expected: Counter[Row] = Counter()
    heads = {a: np.zeros(BLOCKS, dtype=int) for a in ("first", "second")}
    frame = spells.relation.execute()
    for s in frame.itertuples():
        arm = {"a": "first", "b": "second"}[frame["group kind"][s.Index]]
        month = pd.Timestamp(s.cohort).strftime("%Y-%m")
        expected[Row(arm, s.block, s.entry, s.exit, s.end, (month,))] += 1
    for (kind, _), own in frame.groupby(["group kind", "person"]):
        heads[{"a": "first", "b": "second"}[kind]][own.block.iloc[0]] += 1
    assert laid_out(counted) == expected
    assert any(r.begin for r in expected), "somebody must be seen late"
    assert counted.heads is not None
    for arm, own in heads.items():
        assert (counted.heads[arm] == own).all()
    assert sum(h.sum() for h in heads.values()) < len(frame), "somebody must be in an arm twice"


@pytest.mark.parametrize("within", [0, 1])
@pytest.mark.long
def test_arms_of_an_offer_are_those_of_a_loop(within: int) -> None:
    frame = contracts(300)
    spells, rows = made(frame), offers(frame)
    rows["arm"] = np.where(rows["row"] % 3 == 0, "declined", "accepted")
    arms = ByOffer(
        table=table(rows, "start", "last"),
        arms={"taken": ("accepted",), "declined": ("declined",)},
        otherwise="none",
        within=within,
    )
    counted = counted_at_start(spells, arms)
    held: dict[tuple[object, ...], set[str]] = {}
    for row, spell, since, until in expected_holds(spells, rows, frame):
        if since <= within and (until is None or until > within):
            key = (rows.person[row], spell)
            held.setdefault(key, set()).add(rows.arm[row])
    expected: Counter[Row] = Counter()
    for s in spells.relation.execute().itertuples():
        words = held.get((s.person, s.spell), set())
        arm = "taken" if "accepted" in words else "declined" if words else "none"
        if s.exit > within:
            begin, finish = max(s.entry - within, 0), s.exit - within
            expected[Row(arm, s.block, begin, finish, s.end, ())] += 1
    assert laid_out(counted) == expected
    assert {r.arm for r in expected} == {"taken", "declined", "none"}
    assert counted.origin == within


@pytest.mark.long
def test_offers_in_other_words_are_no_lack_of_an_offer() -> None:
    frame = contracts(200)
    rows = offers(frame).assign(arm="lost")
    words = ByOffer(
        table=table(rows, "start", "last"), arms={"taken": ("accepted",)}, otherwise="none"
    )
    any_words = ByOffer(table=words.table, arms={"taken": ()}, otherwise="none")
    left = counted_at_start(made(frame), words).rows
    everybody = counted_at_start(made(frame), any_words).rows
    assert set(left.arm) == {"none"}
    assert left.n.sum() == everybody.n[everybody.arm == "none"].sum() < everybody.n.sum()
    listed = counted_at_start(made(frame), ByOffer(table=words.table, arms={"taken": ()})).rows
    assert set(listed.arm) == {"taken"}


def test_a_trial_of_an_offer_begins_when_the_offer_can_be_known() -> None:
    frame = contracts(400)
    rows = offers(frame).assign(arm="accepted")
    arms = ByOffer(
        table=table(rows, "start", "last"), arms={"taken": ()}, otherwise="none", within=1
    )
    spells = made(frame)
    trial = start_trial(spells, arms, ["kind"], reach=6)
    counted = counted_at_start(spells, arms, ["kind"], reach=6)
    own = baseline_trial(counted.rows, ("taken", "none"), reach=6, heads=counted.heads, origin=1)
    assert trial.origin == 1
    assert (*trial.arms,) == ("taken", "none")
    for name in trial.arms:
        assert (trial.arm(name).counts.at_risk == own.arm(name).counts.at_risk).all()
        assert (trial.arm(name).heads == own.arm(name).heads).all()
        assert trial.arm(name).persons <= trial.arm(name).at_risk.clip(0).sum()
    # who leaves in the first unit is no part of it
    r = spells.relation
    gone = r.filter((r.exit > 1) & (r.entry < 7)).count().execute()
    assert counted.rows.n.sum() == gone < spells.spells


def test_who_is_eligible() -> None:
    spells = made(contracts(200))
    frame = spells.relation.execute()
    start = pd.to_datetime(frame.start)
    asked = Eligible(
        begun_from=date(2021, 1, 1), begun_before=date(2022, 1, 1), levels={"kind": ("a",)},
        first_only=True,
    )  # fmt: skip
    counted = counted_at_start(spells, KIND, eligible=asked)
    own = frame[(start >= "2021-01-01") & (start < "2022-01-01") & (frame["group kind"] == "a")]
    assert counted.rows.n.sum() == (own.spell == 1).sum() > 10
    assert set(counted.rows.arm) == {"first"}
    with pytest.raises(NotObservedError, match="eligible"):
        counted_at_start(spells, KIND, eligible=Eligible(begun_from=date(2030, 1, 1)))
    with pytest.raises(ParameterError, match="no group `kindd`"):
        counted_at_start(spells, KIND, ["kindd"])
    with pytest.raises(ParameterError, match="within"):
        counted_at_start(spells, ByOffer(table=spells.relation, arms={}, within=-1))


def test_missing_is_a_level_and_the_most_frequent_one_is_the_first() -> None:
    frame = pd.DataFrame(
        {
            "m": [5, 6, 7, 8] * 10,
            "gone": [True, False] * 20,
            "kind": ["x", "y", None, "y"] * 10,
            "arm": ["a"] * 20 + ["b"] * 20,
        }
    )
    spells = spells_from(frame, tenure="m", left="gone", by=["kind", "arm"])
    by = ByColumn(column="arm", arms={"one": ("a",), "two": ("b",)})
    counted = counted_at_start(spells, by, ["kind"])
    assert counted.factors[0].levels == ("y", "(missing)", "x")
    heads = counted.rows.groupby("cell").n.sum()
    assert dict(zip(counted.levels[:, 0], heads, strict=True)) == {0: 20, 1: 10, 2: 10}
    assert counted.heads is None
    again = counted_at_start(spells, by, ["kind", "kind"])
    assert again.levels.shape == (3, 1)


def truth_of(first: range, units: int) -> float:
    """Return the difference in months if all first sign-ups of some months had the rebate, or none.

    By recursion over the states of the world, hopping and all.
    """
    policy = process.policy_of(find("musterstrom").world().levers)
    signing = expect.first_signups(policy).sum(axis=5)
    stay = np.zeros((2, units))
    for month, newcomer in ((m, n) for m in first for n in (0, 1)):
        mass = np.zeros((*expect.SIZES, 1))
        mass[0, ..., newcomer, 0, 0] = 0.5 * signing[..., month][..., None]
        grid = expect.cells(np.array([month]))
        for unit in range(units):
            stay[newcomer, unit] += mass.sum()
            now = expect.loyal(mass, grid, month + unit, policy)
            _, mass = expect.step(now, grid, month + unit, policy)
    means = stay.sum(axis=1) / stay[:, 0]
    return float(means[1] - means[0])


NEWCOMER = ByColumn(column="newcomer", arms={"taken": ("ja",), "declined": ("nein",)})
SIGNED = Eligible(begun_from=date(2022, 3, 1), begun_before=date(2024, 1, 1), first_only=True)


def within(spells: Spells, units: int, columns: list[str]) -> tuple[Compared, Estimate]:
    counted = counted_at_start(spells, NEWCOMER, columns, eligible=SIGNED)
    trial = baseline_trial(counted.rows, ("taken", "declined"), reach=units, heads=counted.heads)
    robust = doubly_robust(
        counted.rows, counted.levels, "taken", "declined", units, heads=counted.heads
    )
    return compare(trial, "taken", "declined", units), robust.months


@pytest.mark.long
def test_the_energy_suppliers_newcomer_rebate(capsys: pytest.CaptureFixture[str]) -> None:
    """Who hops takes it more often and is in no column: weights cannot put that right."""
    world = find("musterstrom").world()
    with study_of(world, world.tables()) as study:
        spells, beside = read_both(study.folder, study.toml.data)
    assert beside.offers is not None
    truth = {k: truth_of(range(62, 84), k) for k in (12, 24)}
    for units in (12, 24):
        naive, _ = within(spells, units, [])
        found, robust = within(spells, units, ["channel", "usage", "age"])
        with capsys.disabled():
            for name, e in (("naive", naive.months), ("cells", found.months), ("robust", robust)):
                said = f"{e.value:+.3f} [{e.low:+.3f}, {e.high:+.3f}]"
                print(
                    f"\n  within {units} months, {name}: {said}, truth {truth[units]:+.3f}", end=""
                )
        assert found.adequacy.refused == ""
        assert robust.value == pytest.approx(found.months.value, abs=0.05)
    # within two years hoppers make it look worse than it is
    assert found.months.high is not None
    assert found.months.high < truth[24]
    offer = beside.offers.relation.filter(beside.offers.relation.offer == "Neukundenrabatt")
    words = {"taken": ("angenommen",), "declined": ("abgelehnt",)}
    by_offer = counted_at_start(spells, ByOffer(table=offer, arms=words), eligible=SIGNED).rows
    by_column = counted_at_start(spells, NEWCOMER, eligible=SIGNED).rows
    heads = [f.groupby("arm").n.sum() for f in (by_offer, by_column)]
    assert heads[0]["taken"] == heads[1]["taken"]
