"""Uptake counted in the engine is that of arrays, worked out contract by contract."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from stammkunde.errors import DataError, ParameterError
from stammkunde.evidence.staying.grace import grace_trial, seen_before
from stammkunde.evidence.staying.landmark import before_trial, landmark_trial
from stammkunde.evidence.staying.naive import naive_ever
from stammkunde.evidence.staying.uptake import Uptake, uptake_from, uptake_of
from stammkunde.evidence.trial import arm_curve
from stammkunde.evidence.units import counted, holds, person_units
from stammkunde.spells.blocks import block_of
from stammkunde.spells.months import completed
from stammkunde.spells.spells import Spells
from tests.evidence.contracts import contracts, expected_holds, made, offers, table

REACH = 16
# how many persons, and the seed
MADE = (250, 3)


def happened(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a complaint now and then."""
    rng = np.random.default_rng(5)
    days = [d + timedelta(days=int(rng.integers(0, 500))) for d in frame.begin for _ in range(2)]
    return pd.DataFrame({"person": np.repeat(frame.who, 2), "day": pd.to_datetime(days)})


def complaints(spells: Spells, events: pd.DataFrame) -> dict[tuple[str, int], list[int]]:
    """Return of each spell since when its complaints count."""
    found: dict[tuple[str, int], list[int]] = {}
    for s in spells.relation.execute().itertuples():
        start = pd.Timestamp(s.start).date()
        last = None if pd.isna(s.last) else pd.Timestamp(s.last).date()
        for day in (d.date() for d in events.day[events.person == s.person]):
            if start <= day and (last is None or day <= last):
                since = 0 if day == start else completed(start, day - timedelta(days=1)) + 1
                found.setdefault((s.person, s.spell), []).append(since)
    return found


def worked_out(
    spells: Spells, rows: pd.DataFrame, events: pd.DataFrame | None, known: int
) -> tuple[Uptake, pd.DataFrame]:
    """Return the uptake from arrays: cells are kind of contract and up to two complaints."""
    taken: dict[tuple[str, int], int] = {}
    people = dict(zip(rows.row, rows.person, strict=True))
    for row, spell, since, until in expected_holds(spells, rows, contracts(*MADE)):
        if until is None or until > since:
            key = (people[row], spell)
            taken[key] = min(taken.get(key, 999), since + 1)
    own = spells.to_frame()
    keys = list(zip(own.person, own.spell, strict=True))
    since = {} if events is None else complaints(spells, events)
    cell = np.array(
        [
            [
                (3 if events is not None else 1) * (kind == "b")
                + min(sum(s < t for s in since.get(k, [])), 2)
                for t in range(1, known + 1)
            ]
            for k, kind in zip(keys, own.kind, strict=True)
        ]
    )
    made = uptake_from(
        own.exit.to_numpy(),
        own.end.to_numpy(),
        np.array([taken.get(k, 0) for k in keys]),
        cell,
        np.array([block_of(p) for p in own.person]),
        reach=REACH,
        entry=own.entry.to_numpy(),
    )
    return made, own


@pytest.fixture(scope="module")
def world() -> tuple[Spells, pd.DataFrame, pd.DataFrame]:
    frame = contracts(*MADE)
    spells = made(frame)
    assert spells.repeats
    assert (spells.relation.entry > 0).sum().execute() > 60
    return spells, offers(frame), happened(frame)


def same(one: Uptake, two: Uptake, k: int) -> None:
    """Compare every curve that is made of two uptakes."""
    pairs = [
        (landmark_trial(u, k), before_trial(u, k), grace_trial(u, k, k + 2)) for u in (one, two)
    ]
    for a, b in zip(*pairs, strict=True):
        assert a.without == b.without
        for name in a.arms:
            x, y = arm_curve(a, name), arm_curve(b, name)
            assert x.value == pytest.approx(y.value, abs=1e-12)
            assert x.replicates.leave_out == pytest.approx(y.replicates.leave_out, abs=1e-12)
            assert list(x.at_risk) == list(y.at_risk)
            assert list(x.events) == list(y.events)


@pytest.mark.parametrize("k", [1, 4])
def test_baseline_cells(world: tuple[Spells, pd.DataFrame, pd.DataFrame], k: int) -> None:
    spells, rows, _ = world
    held = holds(spells, table(rows, "start", "last"))
    found = uptake_of(spells, held, by=["kind"], reach=REACH)
    right, _ = worked_out(spells, rows, None, 1)
    assert found.counts.n.sum() == len(right.counts)
    assert (found.counts.taken > 0).sum() > 30
    same(found, right, k)
    assert "took it" in found._repr_html_()
    pd.testing.assert_frame_equal(found.by_unit(), right.by_unit())
    one, two = naive_ever(found, 10).months, naive_ever(right, 10).months
    assert one.value == pytest.approx(two.value)
    assert one.persons < two.persons, "arrays know of no persons with several contracts"
    assert list(found.cells["level kind"]) == ["a", "b"]


@pytest.mark.parametrize("known", [6, REACH])
@pytest.mark.long
def test_cells_that_change(world: tuple[Spells, pd.DataFrame, pd.DataFrame], known: int) -> None:
    spells, rows, events = world
    units = person_units(spells, reach=REACH)
    told = counted(units, holds(spells, table(events, "day")), "complaints")
    told = told.filter(told.complaints > 0).mutate(history=told.complaints.clip(upper=2))
    held = holds(spells, table(rows, "start", "last"))
    found = uptake_of(spells, held, by=["kind"], reach=REACH, history=told, known=known)
    right, _ = worked_out(spells, rows, events, known)
    assert len(found.paths) > 20
    assert found.cells.loc[5].tolist() == ["b", 1]
    # what somebody was like before he was seen is known to the arrays alone
    same(seen_before(found, 1), seen_before(right, 1), 2)


def test_who_is_seen_later_than_is_known_is_told_apart(
    world: tuple[Spells, pd.DataFrame, pd.DataFrame],
) -> None:
    spells, rows, events = world
    units = person_units(spells, reach=REACH)
    told = counted(units, holds(spells, table(events, "day")), "history")
    held = holds(spells, table(rows, "start", "last"))
    found = uptake_of(spells, held, reach=REACH, history=told, known=2)
    c = found.counts
    there = ((c.exit >= 5) & ((c.taken == 0) | (c.taken >= 5))).to_numpy()
    level = found.cells["history"].loc[found.cell(5)[there]].isna().to_numpy()
    late = (c.entry >= 2).to_numpy()[there]
    assert late.sum() > 20
    assert (level == late).all()


@pytest.mark.long
def test_persons_are_counted_once(world: tuple[Spells, pd.DataFrame, pd.DataFrame]) -> None:
    spells, rows, _ = world
    found = uptake_of(spells, holds(spells, table(rows, "start", "last")), reach=REACH)
    own = spells.to_frame().query("entry < @REACH")
    right = np.bincount([block_of(p) for p in own.person.unique()], minlength=256)
    assert list(found.heads(lambda f: f.entry >= 0)) == list(right)
    late = own[own.entry > 2]
    right = np.bincount([block_of(p) for p in late.person.unique()], minlength=256)
    assert list(found.heads(lambda f: f.entry > 2)) == list(right)
    assert len(own) > own.person.nunique()


def test_an_offer_that_holds_in_no_unit_is_none() -> None:
    frame = pd.DataFrame({"who": ["x"], "begin": ["2021-01-15"], "end": [None], "kind": "a"})
    frame = frame.astype({"begin": "datetime64[s]", "end": "datetime64[s]"})
    rows = pd.DataFrame({"person": "x", "start": ["2021-02-20"], "last": ["2021-03-01"]})
    rows = rows.astype({"start": "datetime64[s]", "last": "datetime64[s]"})
    spells = made(frame)
    found = uptake_of(spells, holds(spells, table(rows, "start", "last")), reach=6)
    assert list(found.counts.taken) == [0]
    longer = rows.assign(last=pd.to_datetime(["2021-03-15"]).astype("datetime64[s]"))
    found = uptake_of(spells, holds(spells, table(longer, "start", "last")), reach=6)
    assert list(found.counts.taken) == [3]
    assert list(found.by_unit().took) == [0, 0, 1, 0, 0, 0]
    assert list(found.by_unit().without) == [1, 1, 1, 0, 0, 0]


def test_wrong_calls(world: tuple[Spells, pd.DataFrame, pd.DataFrame]) -> None:
    spells, rows, _ = world
    held = holds(spells, table(rows, "start", "last"))
    with pytest.raises(ParameterError, match="unit 0"):
        uptake_of(spells, held, reach=0)
    with pytest.raises(ParameterError, match="colour"):
        uptake_of(spells, held, by=["colour"], reach=4)
    with pytest.raises(DataError, match="taken"):
        Uptake(counts=pd.DataFrame({"n": [1]}), paths=np.zeros((1, 1)), reach=3)
