"""Who is drawn several times is one person: in segments, in answers, in captions."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from stammkunde.chapters.offers.spoken import heads
from stammkunde.draws import BLOCKS
from stammkunde.evidence.asking.answer import Answer
from stammkunde.evidence.asking.ask import ask, made_of
from stammkunde.evidence.asking.estimand import estimand_of
from stammkunde.evidence.asking.heads import heads_of
from stammkunde.evidence.asking.made import ARMS
from stammkunde.report.words import Words
from stammkunde.spells.months import completed
from tests.evidence.asked import CLOSE, question, world

CALLS = question(
    *("called", "held"), offer="call", on_its_day=True, assignment="drawn", by=("kind", "met")
)
LOYAL = question(
    "yes", "", assignment="drawn", offer="loyal", from_unit=7, by=("kind",), horizon=18
)
LEVELS = ["group kind", "group met"]


ASKED = {"calls": CALLS, "loyal": LOYAL}


@cache
def answer(name: str) -> Answer:
    return ask(ASKED[name], *world(drawn=True).read())


@cache
def rows() -> pd.DataFrame:
    """Return a row for each call of a customer who was there on its day."""
    spells, beside = world(drawn=True).read()
    assert beside.offers is not None
    calls = beside.offers.relation.execute()
    calls = calls[calls.offer == "call"][["person", "start", "arm"]]
    pairs = spells.relation.execute().merge(calls, on="person", suffixes=("", " of call"))
    day = pairs["start of call"]
    pairs = pairs[(pairs.start <= day) & (pairs["last"].isna() | (pairs["last"] >= day))]
    days = zip(pairs.start, pairs["start of call"], pairs.entry, strict=True)
    # the unit of the call had begun while observed, and one at the least was seen after it
    seen = [
        completed(a.date(), b.date()) >= entry and completed(b.date(), CLOSE) > 0
        for a, b, entry in days
    ]
    return pairs[seen]


@pytest.mark.long
def test_a_lot_that_is_drawn_again_is_of_each_person_once() -> None:
    found, known = answer("calls"), rows()
    assert found.months.spells == found.counted.n.sum()
    assert found.months.persons < found.months.spells / 2
    assert found.months.persons == found.share.persons == known.person.nunique()
    for arm, word in zip(ARMS, ("called", "held"), strict=True):
        own = known[known.arm == word]
        assert found.compared.curves[arm].persons == own.person.nunique()
        assert found.compared.adequacy.arms[arm].persons == len(own)


def test_segments_are_of_persons_and_count_each_time() -> None:
    found, known = answer("calls"), rows()
    assert found.gains is not None
    for g in found.gains.segments:
        own = known[(known[LEVELS] == list(g.levels)).all(axis=1)]
        assert (g.persons, g.entries) == (own.person.nunique(), len(own))
    for s in found.segments:
        columns = [f"group {c}" for c in s.columns]
        own = known[(known[columns] == list(s.levels)).all(axis=1)]
        assert (s.own.persons, s.own.spells) == (own.person.nunique(), len(own))
        assert s.shrunk.persons == s.own.persons
    everyone = found.gains.rules["everyone"]
    assert (everyone.persons, everyone.spells) == (known.person.nunique(), len(known))


@pytest.mark.long
def test_arms_of_a_segment_hold_each_person_once() -> None:
    spells, beside = world(drawn=True).read()
    made, known = made_of(CALLS, estimand_of(CALLS), spells, beside), rows()
    found = heads_of(CALLS, made, ("kind",))
    assert found is not None
    for kind in "ab":
        for arm, word in zip(ARMS, ("called", "held"), strict=True):
            own = known[(known["group kind"] == kind) & (known.arm == word)]
            once = own.drop_duplicates("person").block
            wanted = np.bincount(once, minlength=BLOCKS)
            assert (found.arms[kind,][arm] == wanted).all()


def test_where_the_arm_is_not_told_persons_are_no_more_than_were_there() -> None:
    found = answer("loyal")
    assert found.gains is not None
    for g in found.gains.segments:
        assert 0 < g.persons <= g.entries
    assert sum(g.entries for g in found.gains.segments) == found.counted.n.sum()


def test_where_nobody_is_there_twice_subjects_are_persons() -> None:
    spells, beside = world(drawn=True).read()
    first = spells.first()
    found = ask(LOYAL, first, beside)
    assert found.gains is not None
    assert all(g.persons == g.entries for g in found.gains.segments)


@pytest.mark.parametrize(
    ("design", "assignment", "said"),
    [
        ("lot", "drawn", "1,342 draws of 980 customers"),
        ("reaction", "chosen", "1,342 entries of 980 customers"),
        ("landmark", "chosen", "1,342 spells as a customer of 980 customers"),
    ],
)
def test_captions_say_how_often_customers_are_counted(design, assignment, said) -> None:
    found = answer("loyal")
    asked = replace(found.estimand, design=design, assignment=assignment)
    several, words = heads(replace(found, estimand=asked), 980, 1342), Words("en_GB")
    assert words.say(several) == said
    assert words.say(heads(found, 980, 980)) == "980 customers"
    german = Words("de_DE").say(several)
    assert german.endswith(" von 980 Kunden")
