"""Exposed against not exposed: counted by a loop over spells and units, and what the rule says."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.evidence.reacting.events import (
    EXPOSED,
    UNEXPOSED,
    event_trial,
    exposures,
    period_before,
)
from stammkunde.evidence.reacting.sequential import Entrants
from stammkunde.evidence.trial import compare
from stammkunde.spells.months import completed
from stammkunde.spells.spells import CENSORED, Spells
from tests.evidence.reacting import CLOSE, OPEN, contracts, happenings, in_engine, spells_of

KIND, OTHER, GIFT = "complaint", "call", "gift"
LATELY = {KIND: 3, OTHER: 2}
Counts = Counter[tuple[object, ...]]


@pytest.fixture(scope="module")
def world() -> tuple[Spells, pd.DataFrame]:
    frame = contracts(160)
    return spells_of(frame), happenings(frame)


def since_by_spell(spells: Spells, events: pd.DataFrame) -> dict[tuple[str, int], list]:
    """Return (kind, from which unit on it counts less one) of the events of each spell."""
    found: dict[tuple[str, int], list] = {}
    for s in spells.to_frame().itertuples():
        start = pd.Timestamp(s.start).date()
        last = date.max if pd.isna(s.last) else pd.Timestamp(s.last).date()
        own = found.setdefault((s.person, s.spell), [])
        for e in events[events.person == s.person].itertuples():
            day = pd.Timestamp(e.day).date()
            if start <= day <= last:
                eve = day - timedelta(days=1)
                own.append((e.kind, 0 if day <= start else completed(start, eve) + 1))
    return found


def seen(s: object, wanted: int) -> bool:
    """Return whether the units after `wanted` were observed whole (late entry)."""
    return s.entry == 0 or s.entry < wanted  # type: ignore[attr-defined]


def by_loop(spells: Spells, events: pd.DataFrame, reach: int, shift: int = 0) -> Counts:
    """Return entrants by arm, unit, level, what happened lately, block, units and end."""
    found: Counts = Counter()
    met = since_by_spell(spells, events)
    for s in spells.to_frame().itertuples():
        own = met[(s.person, s.spell)]
        for t in range(max(s.entry + 1, 2), s.exit + 1):
            if not seen(s, t - 4) or t + shift > s.exit:
                continue
            arm = EXPOSED if (KIND, t - 1) in own else UNEXPOSED
            past = tuple(
                min(2, sum(k == kind and t - 1 - back <= u <= t - 2 for k, u in own))
                for kind, back in LATELY.items()
            )
            stays = s.exit - t - shift + 1
            end = s.end if stays <= reach else CENSORED
            found[(arm, t, s.kind, *past, s.block, min(stays, reach), end)] += 1
    return found


def told(made: Entrants) -> Counts:
    keys = ["arm", "trial", *made.by, "block", "finish", "end"]
    rows = made.counts[keys].itertuples(index=False, name=None)
    return Counter(dict(zip(rows, made.counts.n.tolist(), strict=True)))


@pytest.mark.parametrize("shift", [0, 2])
def test_exposures_are_those_of_a_loop(world: tuple[Spells, pd.DataFrame], shift: int) -> None:
    spells, events = world
    made = exposures(
        spells, in_engine(events), KIND, reach=4, by=["kind"], lately=LATELY, shift=shift
    )
    assert told(made) == by_loop(spells, events, 4, shift)
    assert made.counts.groupby("arm").n.sum()[EXPOSED] > 50
    assert {1, 2} <= set(made.counts[made.by[1]])


def test_a_late_entry_takes_part_once_the_past_was_seen(
    world: tuple[Spells, pd.DataFrame],
) -> None:
    spells, events = world
    late = spells.where(spells.relation.entry > 0)
    made = exposures(late, in_engine(events), KIND, reach=4, lately={KIND: 3})
    first = {(s.person, s.spell): s.entry + 5 for s in late.to_frame().itertuples()}
    assert len(first) > 20
    assert made.counts.trial.min() == min(first.values())
    ends = late.to_frame().set_index(["person", "spell"]).exit
    assert made.counts.n.sum() == sum(max(0, ends[k] - t + 1) for k, t in first.items())


@pytest.mark.long
def test_only_the_first_time_and_only_among_those_who_called(
    world: tuple[Spells, pd.DataFrame],
) -> None:
    spells, events = world
    met = since_by_spell(spells, events)
    fresh = exposures(spells, in_engine(events), KIND, reach=4, lately={}, fresh=True)
    among = exposures(spells, in_engine(events), GIFT, reach=4, lately={}, among=KIND)
    firsts, called, given = 0, 0, 0
    for s in spells.to_frame().itertuples():
        own = met[(s.person, s.spell)]
        earliest = min([u for k, u in own if k == KIND], default=10**6)
        units = [t for t in range(2, s.exit + 1) if seen(s, t - 1)]
        firsts += sum(t - 1 <= earliest for t in units)
        there = [t for t in units if (KIND, t - 1) in own]
        called, given = called + len(there), given + sum((GIFT, t - 1) in own for t in there)
    assert fresh.counts.n.sum() == firsts
    assert among.counts.n.sum() == called
    assert among.counts.n[among.counts.arm == EXPOSED].sum() == given > 0


def test_the_period_before_is_that_of_a_loop(world: tuple[Spells, pd.DataFrame]) -> None:
    spells, events = world
    reach = 2
    made = period_before(
        spells, in_engine(events), KIND, OTHER, reach=reach, by=["kind"], lately=LATELY
    )
    met, found = since_by_spell(spells, events), Counter()
    for s in spells.to_frame().itertuples():
        own = met[(s.person, s.spell)]
        for t in range(reach + 2, s.exit + 1):
            if t <= s.entry or not seen(s, t - 4 - reach):
                continue
            zero = t - 2 - reach
            hits = [u - zero for k, u in own if k == OTHER and 1 <= u - zero <= reach]
            past = tuple(
                min(2, sum(k == kind and zero - back < u <= zero for k, u in own))
                for kind, back in LATELY.items()
            )
            arm = EXPOSED if (KIND, t - 1) in own else UNEXPOSED
            ends = (min(hits), OTHER) if hits else (reach, CENSORED)
            found[(arm, t, s.kind, *past, s.block, *ends)] += 1
    assert told(made) == found
    assert made.counts.n[made.counts.end == OTHER].sum() > 30


def test_an_event_counts_in_later_units_only() -> None:
    """Begun on 1 January: of the first of a month it counts in that month, else from the next."""
    start = pd.Timestamp("2021-01-01")
    frame = pd.DataFrame({"who": ["x", "y", "z"], "begin": start, "kind": "a"})
    frame["end"] = pd.to_datetime(["2021-06-20", "2021-06-20", None])
    days = pd.to_datetime(["2021-06-02", "2021-06-01", "2021-05-02"])
    events = pd.DataFrame({"person": ["x", "y", "z"], "day": days, "kind": KIND})
    made = exposures(spells_of(frame), in_engine(events), KIND, reach=3, lately={}).counts
    exposed = made[made.arm == EXPOSED]
    # x leaves in the unit of the event itself and is in neither arm afterwards
    assert exposed.trial.tolist() == [6, 6]
    assert sorted(zip(exposed.finish, exposed.end, strict=True)) == [(1, "left"), (3, CENSORED)]


def test_months_of_the_calendar_tell_apart(world: tuple[Spells, pd.DataFrame]) -> None:
    spells, events = world
    plain, dated = (
        exposures(spells, in_engine(events), KIND, reach=3, lately={}, bands=[], calendar=c)
        for c in (0, 3)
    )
    months = 12 * (CLOSE.year - OPEN.year) + CLOSE.month - OPEN.month
    assert plain.counts.cell.nunique() == 1
    assert 3 < dated.counts.cell.nunique() <= months // 3 + 5
    assert dated.counts.n.sum() == plain.counts.n.sum()


def complaining(rng: np.random.Generator, size: int, effect: float) -> tuple[Spells, pd.DataFrame]:
    """Return customers of two kinds: one complains more and leaves more, besides the effect."""
    kind = rng.integers(0, 2, size)
    begin = np.datetime64("2021-01-01") + rng.integers(0, 28, size)
    ends = np.full(size, np.datetime64("NaT"), dtype="datetime64[D]")
    rows, month = [], np.timedelta64(30, "D")
    for i in range(size):
        hit = 0.0
        for t in range(20):
            if rng.random() < 0.02 + 0.03 * kind[i] + hit:
                ends[i] = begin[i] + t * month + 15
                break
            hit = effect if rng.random() < 0.04 + 0.1 * kind[i] else 0.0
            if hit or (not effect and rng.random() < 0.04 + 0.1 * kind[i]):
                rows.append((str(i), begin[i] + t * month + 12, KIND))
    frame = pd.DataFrame({"who": map(str, range(size)), "begin": begin, "end": ends})
    frame = frame.assign(kind=np.where(kind == 1, "b", "a"))
    events = pd.DataFrame(rows, columns=["person", "day", "kind"])
    days = {"begin": "datetime64[s]", "end": "datetime64[s]"}
    return spells_of(frame.astype(days)), events.astype({"day": "datetime64[s]"})


@pytest.mark.long
def test_an_effect_is_found_among_those_alike_and_none_where_there_is_none() -> None:
    shares = {}
    for effect, by in ((0.0, ()), (0.0, ("kind",)), (0.15, ("kind",))):
        spells, events = complaining(np.random.default_rng(3), 1800, effect)
        made = exposures(spells, in_engine(events), KIND, reach=2, by=by, lately={}, bands=[6])
        found = compare(event_trial(made), EXPOSED, UNEXPOSED, 1).share
        shares[(effect, by)] = found.value
        assert found.low is not None
        assert found.high is not None
        assert (found.low < -effect < found.high) is bool(by)
    assert shares[(0.0, ())] < shares[(0.0, ("kind",))] - 0.004


def test_order_of_events_does_not_matter(world: tuple[Spells, pd.DataFrame]) -> None:
    spells, events = world
    mixed = pd.concat([events, events.head(40)]).sample(frac=1, random_state=1)
    one, two = (
        exposures(spells, in_engine(e.reset_index(drop=True)), KIND, reach=3, lately={})
        for e in (events, mixed)
    )
    assert told(one) == told(two)


def test_wrong_questions(world: tuple[Spells, pd.DataFrame]) -> None:
    spells, events = world
    table = in_engine(events)
    with pytest.raises(ParameterError, match=r"no events of the kind `complain`.*complaint"):
        exposures(spells, table, "complain", reach=3)
    with pytest.raises(ParameterError, match=r"no events of the kind `visit`"):
        exposures(spells, table, KIND, reach=3, lately={"visit": 2})
    with pytest.raises(ParameterError, match="the last 0 units"):
        exposures(spells, table, KIND, reach=3, lately={OTHER: 0})
    with pytest.raises(ParameterError, match="upwards"):
        exposures(spells, table, KIND, reach=3, shift=-1)
    with pytest.raises(ParameterError, match="no events of the kind `visit`"):
        period_before(spells, table, KIND, "visit", reach=3)
    with pytest.raises(NotObservedError, match="nobody is in the arm"):
        exposures(spells, table, KIND, reach=3, first=500)
