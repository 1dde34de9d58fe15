"""The answers to a client's questions, or why a question has none."""

from __future__ import annotations

from collections.abc import Mapping

from stammkunde.errors import NotObservedError
from stammkunde.evidence.asking.answer import Answer
from stammkunde.evidence.asking.ask import ask
from stammkunde.evidence.asking.question import QuestionToml
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.spells import Spells
from stammkunde.study import Study
from stammkunde.survival.projection.worth import A_YEAR

Answers = Mapping[str, Answer | str]
NOBODY = "nobody_asked_about"


def read_answers(study: Study, spells: Spells, beside: Beside) -> dict[str, Answer | str]:
    """Return the answer to each `[[question]]` of a study by its name, in the order of the TOML.

    `spells` and `beside` are of one engine (`read_tables`). Where nobody of an arm, or of those it
    is about, is in the data, the answer is the id of that reason instead. The smallest effect that
    matters is that of the question, else `relevant.months` in units of tenure. SchemaError or
    ParameterError for a question that does not fit the data's columns, or misspells their words.
    """
    relevant = relevant_of(study, spells.unit)
    untouched = [n for n, cause in study.toml.data.causes.items() if not cause.controllable]
    found: dict[str, Answer | str] = {}
    for question in study.toml.question:
        found[question.name] = _asked(question, spells, beside, relevant, untouched)
    return found


def relevant_of(study: Study, unit: str) -> float:
    """Return the smallest effect that matters to a study, `relevant.months`, in units of tenure."""
    return study.toml.data.relevant.months * A_YEAR[unit] / A_YEAR["month"]


def _asked(
    question: QuestionToml, spells: Spells, beside: Beside, relevant: float, untouched: list[str]
) -> Answer | str:
    try:
        return ask(question, spells, beside, relevant=relevant, untouched=untouched)
    except NotObservedError:
        return NOBODY
