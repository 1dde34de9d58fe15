"""Who is compared under terms that new customers no longer get: counted, and said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from stammkunde.chapters.offers.read import read_answers
from stammkunde.chapters.offers.terms import earlier_terms, todays_terms
from stammkunde.evidence.asking.answer import Answer
from stammkunde.spells.schema.meaning import TermToml
from stammkunde.study import Study
from tests.chapters.offered import all_said, asking, asks, section_of
from tests.evidence.asked import world

NEWER = date(2021, 3, 1)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, dict[str, Answer]]:
    """Return a study that asks from sign-up and from a day on, and its answers."""
    study = asking(tmp_path_factory.mktemp("terms"), asks("start", "lot"))
    found = read_answers(study, *world(400).read())
    return study, {n: a for n, a in found.items() if isinstance(a, Answer)}


def signed(study: Study, *days: date) -> Study:
    terms = tuple(TermToml(signed_from=d) for d in days)
    return replace(study, toml=replace(study.toml, data=replace(study.toml.data, terms=terms)))


def test_those_under_earlier_terms_are_counted(asked: tuple[Study, dict[str, Answer]]) -> None:
    study, answers = asked
    rows = world(400).read()[0].relation.execute()
    begun = [d for d, seen in zip(rows.start, rows.entry, strict=True) if seen == 0]
    early = sum((d.year, d.month) < (NEWER.year, NEWER.month) for d in begun)
    assert 0 < early < len(begun)
    found = earlier_terms(
        signed(study, date(2015, 1, 1), NEWER), "offers.start", answers["start"], {}
    )
    assert found is not None
    share = found.sentence.values["share"]
    assert (share.events, share.spells) == (early, len(begun))
    assert share.low < share.value == early / len(begun) < share.high
    section = section_of(signed(study, date(2015, 1, 1), NEWER), "start", answers["start"])
    assert "began before 1\xa0March\xa02021, under terms that are no longer offered" in all_said(
        section
    )


def test_nothing_is_said_where_terms_did_not_change(
    asked: tuple[Study, dict[str, Answer]],
) -> None:
    study, answers = asked
    for days in ((), (date(2015, 1, 1),), (date(2015, 1, 1), date(2016, 1, 1))):
        assert earlier_terms(signed(study, *days), "x", answers["start"], {}) is None
    assert todays_terms(signed(study, date(2015, 1, 1), date(2099, 1, 1))) is None


def test_nor_of_those_who_count_from_a_day_on(asked: tuple[Study, dict[str, Answer]]) -> None:
    study, answers = asked
    both = signed(study, date(2015, 1, 1), NEWER)
    assert earlier_terms(both, "x", answers["lot"], {}) is None
    none = replace(answers["start"], subjects=None)
    assert earlier_terms(both, "x", none, {}) is None


def test_all_may_have_signed_before(asked: tuple[Study, dict[str, Answer]], tmp_path: Path) -> None:
    study, answers = asked
    last = date(2022, 12, 31)
    found = earlier_terms(signed(study, date(2015, 1, 1), last), "x", answers["start"], {})
    assert found is not None
    assert found.sentence.key == "terms_compared.all"
