"""A made client who asks: every design, and every reason not to answer, in a small world."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from stammkunde.chapters.exhibit import Section
from stammkunde.chapters.offers.offers import offers
from stammkunde.chapters.offers.read import read_answers
from stammkunde.evidence.asking.answer import Answer
from stammkunde.evidence.asking.question import QuestionToml
from stammkunde.report.words import Words
from stammkunde.result import Estimate, Result, Status
from stammkunde.study import Study
from tests.chapters.lives import study as study_of
from tests.chapters.lives import untraced
from tests.chapters.test_dated import spoken
from tests.documented import undocumented, unexplained
from tests.evidence.asked import question, world

Told = tuple[Study, dict[str, Answer], dict[str, Section]]

DAY = date(2021, 7, 15)
COLUMNS = '[contracts]\nfile = "c.csv"\nperson = "who"\nstart = "begin"\nend = "end"\n' + "".join(
    f'[groups.{n}]\ncolumn = "{n}"\ntitle = {{ de = "Merkmal {n}", en = "column {n}" }}\n'
    for n in ("kind", "region", "met")
)
ASKED: Mapping[str, Mapping[str, Any]] = {
    "start": {"treated": "yes", "control": "no", "offer": "welcome", "alike": ("kind",)},
    "landmark": {"treated": "yes", "offer": "loyal", "from_unit": 7, "alike": ("kind",)},
    "grace": {"offer": "window", "from_unit": 4, "to_unit": 6, "alike": ("kind",)},
    "lot": {"treated": "called", "control": "held", "offer": "call", "assignment": "drawn",
            "on_its_day": True, "claims": ("A44",)},
    "values": {"treated": "big", "control": "small", "event": "complaint", "alike": ("kind",)},
    "reaction": {"event": "complaint", "alike": ("kind",), "claimed": "shorter"},
    "day": {"treated": "a", "control": "b", "column": "kind", "day": DAY, "alike": ("met",),
            "claims": ("A47",)},
    "regions": {"treated": "y", "control": "n", "column": "met", "cluster": "region", "day": DAY,
                "assignment": "drawn", "horizon": 9},
}  # fmt: skip


def asking(folder: Path, questions: Iterable[QuestionToml]) -> Study:
    """Return the study of a client who asks these questions."""
    study = study_of(folder, data=COLUMNS)
    return replace(study, toml=replace(study.toml, question=tuple(questions)))


def asks(*names: str, **more: Any) -> list[QuestionToml]:
    """Return questions of the world; all designs without names."""
    own = [{"name": n, **ASKED[n], **more} for n in names or ASKED]
    return [question(**keys) for keys in own]


def answered(
    folder: Path, questions: Iterable[QuestionToml], size: int = 400
) -> tuple[Study, dict[str, Answer | str]]:
    """Return the study that asks, and its answers."""
    study = asking(folder, questions)
    spells, beside = world(size).read()
    return study, read_answers(study, spells, beside)


def told_of(folder: Path, *names: str) -> Told:
    """Return the study that asks these questions (all without names), its answers, its sections.

    The sections are by the name of their question.
    """
    study, found = answered(folder, asks(*names))
    sections = {s.id.removeprefix("offers."): s for s in offers(study, found)}
    return study, {n: a for n, a in found.items() if isinstance(a, Answer)}, sections


def are_documented(sections: Iterable[Section], least: int) -> None:
    """Assert that more than `least` results, and what they assume, stand in the documentation."""
    made = [r for s in sections for r in s.results]
    assert len(made) > least
    assert undocumented(r.id for r in made) == []
    assert unexplained({name for r in made for name in r.estimate.assumptions}) == []


def number(value: float, low: float, high: float) -> Estimate:
    """Return an estimate under an assumption."""
    return Estimate(
        value=value,
        low=low,
        high=high,
        unit="month",
        method="made",
        status=Status.ESTIMATED,
        assumptions=("alike_given_what_is_known",),
    )


def with_months(answer: Answer, *limits: float, usual: float | None = None) -> Answer:
    """Return the answer with other months, and another usual number."""
    found = replace(answer, months=number(*limits))
    if usual is None:
        return found
    first = replace(answer.steps[0], months=number(usual, usual - 0.1, usual + 0.1))
    return replace(found, steps=(first, *answer.steps[1:]))


def all_said(section: Section, locale: str = "en_GB") -> str:
    """Return everything that a section says in words."""
    words = Words(locale)
    parts = [words.say(s) for s in section.opening]
    for figure in section.figures:
        parts += [words.text(x) for s in figure.steps for x in (s.label, s.says)]
        parts += [words.text(x) for b in figure.bars for x in (b.label, b.group, b.says)]
    return "\n".join([*parts, *spoken(section, words)])


def section_of(study: Study, name: str, answer: Answer) -> Section:
    """Return the section of a question with another answer, asked alone."""
    (only,) = [q for q in study.toml.question if q.name == name]
    alone = replace(study, toml=replace(study.toml, question=(only,)))
    (section,) = offers(alone, {name: answer})
    return section


def results(section: Section) -> dict[str, Result]:
    """Return the results of a section by their ids."""
    return {r.id: r for r in section.results}


def are_the_kernels(section: Section, answer: Answer) -> None:
    """Assert that the numbers of a section are those of its answer."""
    name, found = section.id, results(section)
    assert found[f"{name}.months"].estimate == answer.months
    assert found[f"{name}.share"].estimate == answer.share
    usual = found.get(f"{name}.months.usual")
    if len(answer.steps) > 1:
        assert usual is not None
        assert usual.estimate == answer.usual
        assert found[f"{name}.months"].naive == answer.usual.value
    else:
        assert usual is None
    first, share = (next(f for f in section.findings if f.id == n) for n in (name, f"{name}.share"))
    # a difference that goes down is told without its sign
    turned = {-(answer.months.value or 0), -(answer.share.value or 0)}
    own = replace(section, findings=[first, share])
    assert {e.value for e in untraced(own)} <= turned


def is_said_well(section: Section) -> None:
    """Assert that every language says all of a section."""
    for locale in ("de_DE", "en_GB"):
        text = all_said(section, locale)
        assert "nan" not in text.split()
        assert "{" not in text
        assert "None" not in text
