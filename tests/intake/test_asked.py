"""Questions: a draft suggests one where something was offered, and the check names those asked."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import get_args

import ibis
import pytest

from stammkunde.errors import NotObservedError
from stammkunde.evidence.asking.estimand import estimand_of
from stammkunde.evidence.asking.made import asked_of
from stammkunde.evidence.asking.question import ArmToml, Design, QuestionToml
from stammkunde.intake.asked import Asked, Misspelt, asked_about
from stammkunde.intake.columns import Column, Looked
from stammkunde.intake.examine import DataReport, examine
from stammkunde.intake.questions import sections
from stammkunde.intake.roles import Table
from stammkunde.intake.toml import written
from stammkunde.report.told import as_data, told
from stammkunde.report.words import Words
from stammkunde.result import Label, Sentence
from stammkunde.spells.schema.tables import Delivery
from stammkunde.study import read_study, read_tables
from stammkunde.workspace import Workspace
from tests.intake.making import contracts, german, offered, take_in, workspace_at


def drafted(folder: Path, *, offers: bool) -> tuple[Workspace, Path]:
    """Return a workspace with a client taken in, and the path of its TOML."""
    workspace = workspace_at(folder)
    files = {"verträge.csv": german(contracts())}
    files |= {"angebote.csv": german(offered())} if offers else {}
    paths = []
    for name, data in files.items():
        paths.append(folder / name)
        paths[-1].write_bytes(data)
    take_in(workspace, "werk", *paths)
    return workspace, workspace.toml("werk")


def uncommented(text: str) -> str:
    """Return a draft with its question asked, alike in a group."""
    head, _, asked = text.partition("# [[question]]")
    asked = asked.partition("\n\n")[0]
    bare = re.sub(r"^# ", "", asked, flags=re.MULTILINE)
    return f"{head}[[question]]{bare}"


@pytest.mark.long
def test_a_draft_suggests_a_question_about_an_offer(tmp_path: Path) -> None:
    workspace, path = drafted(tmp_path, offers=True)
    text = path.read_text(encoding="utf-8")
    assert "question" not in tomllib.loads(text)
    assert '# offer = "Treuerabatt"' in text
    groups = re.findall(r"\[groups\.(\w+)\]", text, re.IGNORECASE)
    path.write_text(uncommented(text), encoding="utf-8")
    (asked,) = read_study("werk", workspace=workspace).toml.question
    assert (asked.offer, asked.from_unit, asked.horizon) == ("Treuerabatt", 15, 36)
    assert asked.alike == tuple(groups) != ()
    report = examine(read_study("werk", workspace=workspace))
    assert [q.unfit for q in report.asked] == [None]
    for language in ("de_DE", "en_GB"):
        said = told(report, Words(language))
        assert "  • Treuerabatt: " in said


def offers_of(*rows: tuple[str, str | None], customers: int = 100) -> list[Table]:
    """Return tables as looked at: of customers, and of offers with their words."""

    def column(name: str, cells: Sequence[str | None]) -> Column:
        some = [c for c in cells if c]
        known = {"name": name, "cells": tuple(cells), "levels": Counter(some)}
        return Column(
            kind="text", rows=len(cells), filled=len(some), distinct=len({*some}), **known
        )

    def table(section: str, count: int, **columns: Sequence[str | None]) -> Table:
        made = {n: column(n, cells) for n, cells in columns.items()}
        looked = Looked(delivery=Delivery(file=f"{section}.csv"), rows=count, columns=made)
        return Table(section=section, looked=looked, roles={n: n for n in columns})

    words, arms = zip(*rows, strict=True)
    return [
        table("contracts", customers),
        table("offers", len(rows), offer=words, arm=arms),
    ]


def test_the_offer_drafted_is_one_that_some_declined() -> None:
    both = [("Treuerabatt", "angenommen"), ("Treuerabatt", "abgelehnt")] * 20
    first = [("Jubiläum", "zugeteilt")] * 100
    (found,) = sections(offers_of(*first, *both), ["tarif", "region"])
    text = written(found)
    assert '# offer = "Treuerabatt"' in text
    assert 'words = ["angenommen"]' in text
    assert '# alike = ["tarif", "region"]' in text
    (found,) = sections(offers_of(("A", "x"), ("A", "y")), ["tarif"])
    assert 'words = ["x"]' in written(found)


def test_the_offer_drafted_is_one_that_not_all_have() -> None:
    rows = [("Jubiläum", None)] * 100 + [("Treuerabatt", "ja")] * 40
    text = written(sections(offers_of(*rows), [])[0])
    assert '# offer = "Treuerabatt"' in text
    assert "words" not in text
    assert "an empty list is refused" in text
    assert '# offer = "A"' in written(sections(offers_of(*[("A", None)] * 100), [])[0])


def test_without_an_offer_or_event_nothing_is_suggested(tmp_path: Path) -> None:
    workspace, path = drafted(tmp_path, offers=False)
    assert "[[question]]" not in path.read_text(encoding="utf-8")
    study = read_study("werk", workspace=workspace)
    report = examine(study)
    assert report.asked == ()
    words = Words("en_GB")
    assert as_data(report, words)["asked"] == []
    assert "will be asked" not in told(report, words)


@pytest.mark.parametrize("language", ["de_DE", "en_GB"])
@pytest.mark.long
def test_every_design_is_told(tmp_path: Path, language: str) -> None:
    workspace, _ = drafted(tmp_path, offers=False)
    report = examine(read_study("werk", workspace=workspace))
    title = Label("x", {"de": "Anruf", "en": "call"})
    asked = tuple(
        Asked(
            name="x",
            title=title,
            design=d,
            day=date(2022, 10, 1) if "day" in d or d == "regions" else None,
        )
        for d in get_args(Design)
    )
    words = Words(language)
    said = told(replace(report, asked=asked), words)
    lines = [line for line in said.splitlines() if line.startswith(f"  • {words.text(title)}: ")]
    assert len({*lines}) == len(get_args(Design))
    assert sum("2022" in line for line in lines) == 2
    data = as_data(replace(report, asked=asked), words)
    assert [q["design"] for q in data["asked"]] == [*get_args(Design)]


ASKED = """
[[question]]
name = "{name}"
title = {{ de = "Rabatt", en = "rebate" }}
horizon = 12
assignment = "drawn"
{more}
[question.treated]
title = {{ de = "mit", en = "with" }}
words = {treated}
[question.control]
title = {{ de = "ohne", en = "without" }}
words = {control}
"""


NONE = {"treated": "[]", "control": "[]"}
QUESTIONS = {
    "right": {"more": 'offer = "Treuerabatt"', "treated": '["angenommen"]', "control": "[]"},
    "offer": {"more": 'offer = "Treurabatt"\nwhere = { tarif = ["Öko", "Basiss"] }', **NONE},
    "words": {
        "more": 'offer = "Treuerabatt"\non_its_day = true',
        "treated": '["angenomen"]',
        "control": '["xyz"]',
    },
    "column": {"more": 'column = "tarif"', "treated": '["Basis"]', "control": '["Komfort"]'},
}


@pytest.mark.long
@pytest.mark.parametrize("language", ["de_DE", "en_GB"])
def test_the_words_of_questions_are_held_against_the_data(tmp_path: Path, language: str) -> None:
    workspace, path = drafted(tmp_path, offers=True)
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text + "".join(ASKED.format(name=n, **own) for n, own in QUESTIONS.items()),
        encoding="utf-8",
    )
    report = examine(read_study("werk", workspace=workspace))
    found = {q.name: q for q in report.asked}
    assert found["right"].misspelt == found["column"].misspelt == ()
    assert [(m.key, m.word, m.nearest) for m in found["offer"].misspelt] == [
        ("where.tarif", "Basiss", "Basis"),
        ("offer", "Treurabatt", "Treuerabatt"),
    ]
    assert [(m.key, m.word, m.nearest) for m in found["words"].misspelt] == [
        ("treated.words", "angenomen", "angenommen"),
        ("control.words", "xyz", ""),
    ]
    assert found["words"].misspelt[1].known == ("angenommen",)
    with_it, without = (side.persons for side in found["right"].arms)
    assert (with_it, with_it + without) == (100, report.persons)
    kinds = next(g for g in report.groups if g.title.in_language("de") == "Tarif")
    counts = {level.label.key: level.persons for level in kinds.levels if level.label}
    assert [s.persons for s in found["column"].arms] == [counts["Basis"], counts["Komfort"]]
    assert found["offer"].arms == found["words"].arms == ()
    is_said(report, language)


def is_said(report: DataReport, language: str) -> None:
    """Check that what is misspelt is said in a language, and handed out as data."""
    words = Words(language)
    said = " ".join(told(report, words).split())
    assert "`where.tarif`" in said
    assert (
        "Ist „Treuerabatt“ gemeint?" if language == "de_DE" else "Is “Treuerabatt” meant?"
    ) in said
    assert ("Es gibt: angenommen" if language == "de_DE" else "There are: angenommen") in said
    assert not report.usable
    assert words.say(Sentence("intake.misspelt.result")) in said
    data = {q["name"]: q for q in as_data(report, words)["asked"]}
    assert data["words"]["misspelt"][1] == {"key": "control.words", "word": "xyz", "nearest": None}
    assert [a["persons"] for a in data["right"]["arms"]] == [100, report.persons - 100]


@pytest.mark.long
def test_kinds_of_events_are_held_against_the_data(tmp_path: Path) -> None:
    workspace, _ = drafted(tmp_path, offers=True)
    study = read_study("werk", workspace=workspace)
    spells, beside = read_tables(study)
    assert beside.offers is not None
    rows = beside.offers.relation
    happened = rows.select("person", "block", day=rows.start, kind=rows.offer, value=rows.arm)
    told_of = replace(beside, events=replace(beside.offers, relation=happened))
    arm = ArmToml(title={"de": "x", "en": "x"})
    question = QuestionToml(
        name="event",
        title=arm.title,
        treated=arm,
        control=arm,
        event="Treuerabatt",
        alike=("tarif",),
        lately={"Neukundenrabat": 3},
        horizon=12,
    )
    found = asked_about(question, spells, told_of, least=10)
    assert found.misspelt == (
        Misspelt(
            key="lately.Neukundenrabat",
            word="Neukundenrabat",
            nearest="Neukundenrabatt",
            known=("Neukundenrabatt", "Treuerabatt"),
        ),
    )
    right = replace(question, lately={})
    sides = asked_about(right, spells, told_of, least=101).arms
    assert [s.persons for s in sides] == [None, spells.persons - 100]
    for language, said in (("de_DE", "weniger als 101"), ("en_GB", "fewer than 101")):
        report = replace(examine(study), smallest_group=101)
        small = replace(report, asked=(replace(found, arms=sides, misspelt=()),))
        assert said in " ".join(told(small, Words(language)).split())
    nobody = replace(right, signed_from=date(2099, 1, 1))
    with pytest.raises(NotObservedError):
        asked_of(spells, estimand_of(nobody))
    assert asked_about(nobody, spells, told_of, least=10).arms == ()
    assert asked_about(right, spells, beside, least=10).arms == ()


@pytest.mark.long
def test_a_column_in_which_nothing_stands(tmp_path: Path) -> None:
    workspace, _ = drafted(tmp_path, offers=True)
    study = read_study("werk", workspace=workspace)
    spells, beside = read_tables(study)
    assert beside.offers is not None
    empty = replace(beside.offers, relation=beside.offers.relation.mutate(arm=ibis.null("string")))
    arms = {n: ArmToml(title={"de": n, "en": n}, words=(n,)) for n in ("treated", "control")}
    question = QuestionToml(
        name="lot",
        title={"de": "x", "en": "x"},
        offer="Treuerabatt",
        on_its_day=True,
        assignment="drawn",
        horizon=12,
        **arms,
    )
    lacking = asked_about(question, spells, replace(beside, offers=empty), least=10)
    assert [(m.word, m.known) for m in lacking.misspelt] == [("treated", ()), ("control", ())]
    report = examine(study)
    for language, said in (("de_DE", "in keiner Zeile etwas"), ("en_GB", "no row tells anything")):
        shown = told(replace(report, asked=(lacking,)), Words(language))
        assert said in " ".join(shown.split())
