"""Questions that the data do not let be asked: page, log and results say why, and what to do."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import nbformat
import pandas as pd
import pytest

from stammkunde.chapters.exhibit import Section
from stammkunde.chapters.offers.offers import offers
from stammkunde.chapters.offers.read import NOBODY, Answers, Unasked, read_answers
from stammkunde.errors import NotObservedError
from stammkunde.report.dress import FACTS, facts
from stammkunde.report.driver.writing import logged
from stammkunde.report.sentences import sentences
from stammkunde.report.words import Words
from stammkunde.result import Status
from stammkunde.study import Study
from tests.chapters.offered import all_said, asking, is_said_well, results
from tests.documented import page, undocumented
from tests.evidence.asked import CLOSE, question, world

LOYAL: Mapping[str, Any] = {"offer": "loyal", "alike": ("kind",)}
KIND: Mapping[str, Any] = {
    "treated": "a", "control": "b", "column": "kind", "assignment": "drawn", "horizon": 6,
}  # fmt: skip
ASKED: Mapping[str, Mapping[str, Any]] = {
    "nobody_eligible": {**KIND, "signed_before": date(1999, 1, 1)},
    "nothing_told": {"treated": "x", "event": "silence", "control": "y", "assignment": "drawn"},
    "nobody_in_arm": {
        **KIND,
        "treated": "y",
        "control": "n",
        "column": "met",
        "where": {"region": ("r00",)},
    },
    "taken_otherwise": {**LOYAL, "treated": "yes", "from_unit": 9},
    "never_taken": {
        "offer": "late",
        "treated": "yes",
        "alike": ("kind",),
        "from_unit": 2,
        "to_unit": 5,
    },
    "nobody_on_the_day": {**KIND, "day": date(2010, 1, 1)},
}
SAYS = {
    "nobody_eligible": "Check these days and levels",
    "nothing_told": "nothing is recorded. It would take a record of who is “question”",
    "nobody_in_arm": "belongs to “question”. Find out",
    "taken_otherwise": "in month 9. Most took it in month 7:",
    "never_taken": "in months 2 to 5, or at any other time",
    "nobody_on_the_day": "No customer asked about was there on the day",
}
LOGGED = {
    "nobody_eligible": "nobody is eligible. Check the days of signing",
    "nothing_told": "`x` does not occur in `silence`. No row tells anything there.",
    "nobody_in_arm": "nobody is in the arm `control`.",
    "taken_otherwise": "nobody was seen to take `loyal` in unit 9. Most took it in unit 7:",
    "never_taken": "nobody was seen to take `late` in units 2 to 5. Check its days",
    "nobody_on_the_day": "nobody was a customer on the day. Name a day",
}


@pytest.fixture(scope="module")
def unasked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, Answers]:
    """Return the study and its answers: an offer begins after the close, an event has no word."""
    plain = world(150)
    late = plain.offers[plain.offers.offer == "loyal"].assign(offer="late", start=CLOSE, last=CLOSE)
    silent = plain.events.assign(kind="silence")
    both = replace(
        plain,
        offers=pd.concat([plain.offers, late], ignore_index=True),
        events=pd.concat([plain.events, silent], ignore_index=True),
    )
    spells, beside = both.read()
    assert beside.events is not None
    rows = beside.events.relation
    mute = rows.mutate(value=ibis.ifelse(rows.kind == "silence", ibis.null("string"), rows.value))
    study = asking(
        tmp_path_factory.mktemp("odd"), [question(name=n, **keys) for n, keys in ASKED.items()]
    )
    beside = replace(beside, events=replace(beside.events, relation=mute))
    return study, read_answers(study, spells, beside)


def test_every_reason_is_told_with_its_remedy(unasked: tuple[Study, Answers]) -> None:
    study, answers = unasked
    found = {n: a.reason if isinstance(a, Unasked) else "answered" for n, a in answers.items()}
    assert found == {name: name for name in ASKED}
    overview, *sections = offers(study, answers)
    is_said_well(overview)
    for name, section in zip(ASKED, sections, strict=True):
        is_said_well(section)
        assert SAYS[name] in all_said(section)
        (finding,) = section.findings
        assert finding.status == Status.NOT_IDENTIFIABLE
        (line,) = section.log
        assert line.startswith(f"{name} was not answered: ")
        assert LOGGED[name] in line


def test_the_results_say_that_there_is_none_and_why(unasked: tuple[Study, Answers]) -> None:
    study, answers = unasked
    for name, section in zip(ASKED, offers(study, answers)[1:], strict=True):
        found = results(section)[f"offers.{name}.months"].estimate
        assert (found.value, found.reason, found.status) == (None, name, Status.NOT_IDENTIFIABLE)
        assert undocumented(r.id for r in section.results) == []
        assert f"`{name}`" in page()


def test_any_other_reason_is_told_in_general(tmp_path: Path) -> None:
    study = asking(tmp_path, [question(name="odd", **KIND)])
    (section,) = offers(study, {"odd": Unasked(reason=NOBODY)})
    is_said_well(section)
    assert "nobody is in the data, or not for as long as asked" in all_said(section)
    assert not section.log


@pytest.mark.parametrize("language", ["de", "en"])
def test_each_reason_has_its_words(language: str) -> None:
    told = sentences(language)
    for name in (*ASKED, NOBODY):
        assert told["offers"]["refused"][name]
        assert told["offers"]["remedy"][name]
        assert told["reason"][name]


def test_what_was_not_answered_reaches_the_log(unasked: tuple[Study, Answers]) -> None:
    study, answers = unasked
    section = next(s for s in offers(study, answers) if s.id == "offers.never_taken")
    lines = logged([executed(section), executed(Section(id="other", heading=section.heading))])
    assert len(lines) == 1
    assert lines[0].startswith("  offers.never_taken: never_taken was not answered: nobody was")


def executed(section: Section) -> nbformat.NotebookNode:
    """Return a notebook that shows a section."""
    made = nbformat.v4.new_output("display_data", data={FACTS: facts(section, Words("en_GB"))})
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("show", outputs=[made])])


def test_the_error_is_the_same_in_another_process() -> None:
    error = NotObservedError("nobody", remedy="Look.", reason="never_taken", told={"most": 0})
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.reason, again.told) == (str(error), "never_taken", {"most": 0})
