"""Each design of a question against the same answer computed customer by customer."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from stammkunde.errors import NotObservedError
from stammkunde.evidence.asking.estimand import estimand_of
from stammkunde.spells.months import completed
from tests.evidence.asked import (
    CLOSE,
    Read,
    Subject,
    agrees,
    asked,
    plain,
    question,
    running,
    spells_of,
    told,
    world,
)
from tests.evidence.taking import People, plain_clones


@pytest.fixture(scope="module")
def read() -> Read:
    made = world()
    spells, tables = made.read()
    return made, spells, tables, spells_of(spells)


def test_arms_of_a_column_at_the_start(read: Read) -> None:
    made = asked(read, question("y", "n", column="met", alike=("kind",)))
    subjects = [Subject(s.met == "y", s.kind, s.entry, s.exit, s.left) for s in read[3]]
    # who is seen late has stayed till then, and stands for no sign-up
    assert any(s.begin for s in subjects)
    new = [s for s in subjects if not s.begin]
    agrees(made, new)
    assert told(made)["all"] == pytest.approx(plain(new, 12, alike=False)[0], abs=1e-12)


def test_arms_of_an_offer_at_the_start(read: Read) -> None:
    offers = read[0].offers
    took = {
        (s.person, s.spell): o.arm
        for o, s in running(read[3], offers[offers.offer == "welcome"], "start")
    }
    subjects = [
        Subject(took[s.person, s.spell] == "yes", s.kind, s.entry, s.exit, s.left)
        for s in read[3]
        if not s.entry
    ]
    words = question("yes", "no", offer="welcome", alike=("kind",))
    agrees(asked(read, words), subjects)
    none = question("yes", "", offer="welcome", alike=("kind",))
    # in other words than those listed is not without
    with pytest.raises(NotObservedError, match="nobody is in the arm"):
        asked(read, none)


def test_who_signed_when_and_which_levels_are_asked_about(read: Read) -> None:
    since, before = date(2020, 9, 1), date(2021, 12, 1)
    made = asked(
        read,
        question(
            "y", "n", column="met", alike=("region", "kind"), assignment="drawn",
            signed_from=since, signed_before=before, where={"kind": ("a",)},
        ),
    )  # fmt: skip
    assert made.months.reason == "no_counterpart"
    made = asked(
        read,
        question(
            "y", "n", column="met", assignment="drawn",
            signed_from=since, signed_before=before, where={"kind": ("a",)},
        ),
    )  # fmt: skip
    subjects = [
        Subject(s.met == "y", 0, s.entry, s.exit, s.left)
        for s in read[3]
        if since <= s.start < before and s.kind == "a"
    ]
    agrees(made, subjects)


def test_an_offer_from_a_unit_on(read: Read) -> None:
    offers = read[0].offers
    taken = {
        (s.person, s.spell): s.since(o.start) + 1
        for o, s in running(
            read[3], offers[(offers.offer == "loyal") & (offers.arm == "yes")], "start"
        )
    }
    made = asked(read, question("yes", "", offer="loyal", from_unit=7, alike=("kind",), horizon=18))
    there = [
        Subject(taken.get((s.person, s.spell)) == 7, s.kind, 0, s.exit - 6, s.left)
        for s in read[3]
        if s.entry <= 6 < s.exit
    ]
    months, share = plain(there, 12)
    assert made.compared.months.value == pytest.approx(months, abs=1e-12)
    assert made.compared.share.value == pytest.approx(share, abs=1e-12)
    still = 1.0
    for t in range(1, 7):
        at_risk = [s for s in read[3] if s.entry < t <= s.exit]
        still *= 1 - sum(s.left and s.exit == t for s in at_risk) / len(at_risk)
    assert made.still_there is not None
    assert made.still_there.value == pytest.approx(still, abs=1e-12)
    assert made.months.value == pytest.approx(still * months, abs=1e-12)
    # the usual number: whoever was seen to get it, from sign-up
    ever = [
        Subject((s.person, s.spell) in taken and taken[s.person, s.spell] <= min(s.exit, 18),
                0, s.entry, s.exit, s.left)
        for s in read[3]
    ]  # fmt: skip
    assert told(made)["ever"] == pytest.approx(plain(ever, 18)[0], abs=1e-12)
    assert told(made)["ever"] > 3 * abs(told(made)["alike"])


def test_an_offer_taken_within_a_window(read: Read) -> None:
    offers = read[0].offers
    taken = {
        (s.person, s.spell): s.since(o.start) + 1
        for o, s in running(read[3], offers[offers.offer == "window"], "start")
    }
    made = asked(read, question(offer="window", from_unit=4, to_unit=6, alike=("kind",)))
    cell = np.array([[s.kind == "b"] * 36 for s in read[3]], dtype=int)
    who = People(
        np.array([s.entry for s in read[3]]),
        np.array([s.exit for s in read[3]]),
        np.array([s.left for s in read[3]]),
        np.array([
            t if (t := taken.get((s.person, s.spell), 0)) <= s.exit else 0 for s in read[3]
        ]),
        cell,
        np.zeros(len(cell), dtype=int),
    )  # fmt: skip
    one, two = plain_clones(who, 4, 6, 12, never_later=True)
    assert made.months.value == pytest.approx(float((one - two)[:12].sum()), abs=1e-9)
    assert made.share.value == pytest.approx(float(one[12] - two[12]), abs=1e-9)


@pytest.mark.long
def test_each_from_the_day_of_a_lot_on_persons_drawn_several_times(read: Read) -> None:
    offers = read[0].offers
    found = []
    for o, s in running(read[3], offers[offers.offer == "call"], "start"):
        if (seen := s.from_day(o.start)) is not None:
            found.append((s.person, Subject(o.arm == "called", s.kind, 0, *seen)))
    drawn = question("called", "held", offer="call", on_its_day=True, assignment="drawn")
    made = asked(read, drawn)
    agrees(made, [x for _, x in found], alike=False)
    assert [s.name for s in made.steps] == ["ever", "drawn"]
    reached = {
        (s.person, s.spell): s.since(o.start)
        for o, s in list(running(read[3], offers[offers.arm == "called"], "start"))[::-1]
    }
    ever = [
        Subject(reached.get((s.person, s.spell), 99) < min(s.exit, 12), 0, s.entry, s.exit, s.left)
        for s in read[3]
    ]
    assert told(made)["ever"] == pytest.approx(plain(ever, 12)[0], abs=1e-12)
    alike = asked(read, question("called", "held", offer="call", on_its_day=True, by=("kind",),
                                 assignment="drawn"))  # fmt: skip
    agrees(alike, [x for _, x in found])
    assert len({p for p, _ in found}) < 0.6 * len(found)
    assert made.trial.arm("treated").persons == len({p for p, x in found if x.treated})


def test_events_of_one_value_beside_those_of_another(read: Read) -> None:
    asks = question("big", "small", event="complaint", alike=("kind",), assignment="chosen")
    made = asked(read, asks)
    assert estimand_of(asks).alike == ("kind", "tenure")
    assert made.known is not None
    said = " to ".join(made.known["tenure"]).replace("<", "").replace(">=", "").split(" to ")
    cuts = sorted({float(x) for x in said})
    subjects = []
    for e, s in running(read[3], read[0].events, "day"):
        if (seen := s.from_day(e.day)) is not None:
            band = int(np.searchsorted(cuts, completed(s.start, e.day), side="right"))
            subjects.append(Subject(e.value == "big", (s.kind, band), 0, *seen))
    agrees(made, subjects)


def test_an_event_beside_none(read: Read) -> None:
    made = asked(read, question(event="complaint", alike=("kind",), horizon=6))
    met: dict[tuple[str, int], list[int]] = {}
    for e, s in running(read[3], read[0].events, "day"):
        met.setdefault((s.person, s.spell), []).append(s.since(e.day) + 1)
    subjects = []
    for s in read[3]:
        own = met.get((s.person, s.spell), [])
        for t in range(max(s.entry + 1, 2), s.exit + 1):
            if s.entry and s.entry + 4 >= t:
                continue
            lately = min(sum(t - 3 <= u < t for u in own), 2)
            left = s.left and s.exit - t + 1 <= 6
            subjects.append(Subject(t in own, (t, s.kind, lately), 0, min(s.exit - t + 1, 6), left))
    agrees(made, subjects, 6, of_treated=True)
    assert [s.name for s in made.steps] == ["ever", "all", "alike"]


def test_the_window_is_open_for_whoever_is_asked_about(read: Read) -> None:
    """Of those left in the world something is known in every test above."""
    assert sum(s.entry > 0 for s in read[3]) > 50
    assert sum(s.left for s in read[3]) > 300
    assert max(s.spell for s in read[3]) == 2
    assert all(s.start < CLOSE for s in read[3])
