"""The answers to a client's questions, or why a question has none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from stammkunde.chapters.offers.afterwards import read_afterwards
from stammkunde.chapters.parts import assumptions
from stammkunde.errors import NotObservedError
from stammkunde.evidence.asking.answer import Answer
from stammkunde.evidence.asking.ask import ask
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.spells import Spells
from stammkunde.study import Study
from stammkunde.survival.projection.worth import A_YEAR

NOBODY = "nobody_asked_about"


@dataclass(frozen=True, kw_only=True)
class Unasked:
    """A question that the data do not even let be asked: the id of why, and what its words need.

    `said` is the same in plain English for the log, with what to do about it.
    """

    reason: str
    told: Mapping[str, object] = field(default_factory=dict)
    said: str = ""


Answers = Mapping[str, Answer | Unasked]


def read_answers(study: Study, spells: Spells, beside: Beside) -> dict[str, Answer | Unasked]:
    """Return the answer to each `[[question]]` of a study by its name, in the order of the TOML.

    `spells` and `beside` are of one engine (`read_tables`). Where nobody of an arm, or of those it
    is about, is in the data, it is `Unasked` instead. The smallest effect that matters is that of
    the question, else `relevant.months` in units of tenure; on the share still there it is
    `relevant.share`. SchemaError or ParameterError for a question that does not fit the data's
    columns, or misspells their words.
    """
    untouched = [n for n, cause in study.toml.data.causes.items() if not cause.controllable]
    matters = {
        "relevant": relevant_of(study, spells.unit),
        "relevant_share": study.toml.data.relevant.share,
    }
    afterwards = read_afterwards(study, spells)
    found: dict[str, Answer | Unasked] = {}
    for question in study.toml.question:
        try:
            found[question.name] = ask(
                question,
                spells,
                beside,
                rests=assumptions(study),
                untouched=untouched,
                afterwards=afterwards,
                **matters,
            )
        except NotObservedError as error:
            said = f"{question.name} was not answered: {error}"
            found[question.name] = Unasked(
                reason=error.reason or NOBODY, told=error.told, said=said
            )
    return found


def relevant_of(study: Study, unit: str) -> float:
    """Return the smallest effect that matters to a study, `relevant.months`, in units of tenure."""
    return study.toml.data.relevant.months * A_YEAR[unit] / A_YEAR["month"]
