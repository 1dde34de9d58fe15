"""Answers of each design in a small world, and what is said of their doubts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import ibis
import numpy as np

from stammkunde.chapters.exhibit import Section
from stammkunde.evidence.asking.answer import Answer
from stammkunde.evidence.asking.ask import ask
from stammkunde.report.sentences import languages
from stammkunde.report.words import Words
from stammkunde.spells.read import spells_from
from stammkunde.spells.spells import CENSORED, Spells
from stammkunde.study import Study
from tests.chapters.lives import is_sayable as is_sayable_without_remarks
from tests.chapters.lives import study
from tests.evidence.asked import CLOSE, GROUPS, OPEN, beside, question, world

TITLE = 'title = { de = "Merkmal", en = "feature" }\n'
MORE = "".join(f'[groups.{g}]\ncolumn = "{g}"\n{TITLE}' for g in (*GROUPS, "one", "two"))
MORE += "".join(
    f'[causes.{c}]\nreasons = ["{c}"]\ntitle = {{ de = "Grund {c}", en = "reason {c}" }}\n'
    f"controllable = {can}\n"
    for c, can in (("price", "true"), ("moved", "false"), ("died", "false"))
)
FILE = '[contracts]\nfile = "c.csv"\nperson = "who"\nstart = "begin"\nend = "end"\nreason = "why"\n'
UNTOUCHED = ("moved", "died")
DAY = date(2021, 7, 15)
QUESTIONS: dict[str, dict[str, Any]] = {
    "start": {"treated": "yes", "control": "no", "offer": "welcome", "alike": ("kind",)},
    "column": {"treated": "a", "control": "b", "column": "kind", "alike": ("one", "two")},
    "landmark": {"treated": "yes", "offer": "loyal", "from_unit": 7, "alike": ("kind",)},
    "grace": {
        "treated": "yes", "offer": "window", "from_unit": 4, "to_unit": 6, "alike": ("kind",)
    },
    "lot": {
        "treated": "called", "control": "held", "offer": "call", "on_its_day": True,
        "assignment": "drawn",
    },
    "reaction": {"event": "complaint", "alike": ("kind",)},
    "values": {
        "treated": "big", "control": "small", "event": "complaint", "alike": ("kind",)
    },
    "day": {
        "treated": "y", "control": "n", "column": "met", "day": DAY, "assignment": "drawn"
    },
    "regions": {
        "treated": "y", "control": "n", "column": "met", "day": DAY, "assignment": "drawn",
        "cluster": "region",
    },
}  # fmt: skip


@cache
def spells() -> Spells:
    """Return the contracts of the world of questions with reasons for leaving, and more groups."""
    rng = np.random.default_rng(5)
    frame = world().contracts.copy()
    for column in ("one", "two"):
        frame[column] = rng.choice(["x", "y", "z"], len(frame))
    groups = (*GROUPS, "one", "two")
    made = spells_from(
        frame, start="begin", end="end", person="who", open=OPEN, close=CLOSE, by=groups
    )
    r = made.relation
    by_chance = (r["exit"] * 7 + r.block * 3) % 10
    why = ibis.cases(
        (r.end == CENSORED, CENSORED),
        (by_chance < 5, "price"),
        (by_chance < 8, "moved"),
        else_="died",
    )
    return replace(made, relation=r.mutate(end=why))


@cache
def answer(name: str) -> Answer:
    asks = question(name=name, **QUESTIONS[name])
    tables = beside(world().offers, world().events)
    return ask(asks, spells(), tables, untouched=UNTOUCHED)


def client_in(folder: Path) -> Study:
    """Return a study that names the groups and causes of these contracts."""
    return study(folder, data=FILE, more=MORE)


def changed(name: str, **fields: Any) -> Answer:
    """Return the answer to a question with other doubts."""
    found = answer(name)
    return replace(found, doubts=replace(found.doubts, **fields))


def is_sayable(section: Section) -> bool:
    """Return whether everything in the section has words in every language, remarks too."""
    notes = [r for f in section.findings for r in f.remarks]
    texts = [Words(language).say(r) for language in languages() for r in notes]
    return is_sayable_without_remarks(section) and not any("nan" in text.split() for text in texts)


def keys(section: Section) -> dict[str, str]:
    """Return the sentence of each finding by the last part of its id."""
    return {
        f.id.rpartition(".")[2]: f.sentence.key.removeprefix("doubts.") for f in section.findings
    }


def remarks(section: Section) -> list[str]:
    return [r.key.removeprefix("doubts.") for f in section.findings for r in f.remarks]


def values(section: Section) -> dict[str, float | None]:
    return {".".join([r.id, *r.group.values()]): r.estimate.value for r in section.results}
