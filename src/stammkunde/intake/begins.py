"""Does an offer begin when its question says? Asked by the check as the report will ask it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import ibis.expr.types as ir

from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.evidence.asking.estimand import Estimand, estimand_of
from stammkunde.evidence.asking.made import asked_of
from stammkunde.evidence.asking.question import QuestionToml
from stammkunde.evidence.asking.whence import check_from_sign_up, check_one_word, check_units
from stammkunde.evidence.staying.uptake import uptake_of
from stammkunde.evidence.units import holds
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.spells import Spells

TAKEN = ("start", "landmark", "grace")


@dataclass(frozen=True, kw_only=True)
class Unfit:
    """Why a question does not fit the rows that it is about: an id, and what its words need.

    `refused`: no report is made; else the report says why this question has no answer.
    """

    reason: str
    told: Mapping[str, object] = field(default_factory=dict)
    refused: bool = True


def unfit(question: QuestionToml, spells: Spells, beside: Beside) -> Unfit | None:
    """Return why a question, its words all there, does not fit the data; None where it does."""
    try:
        estimand = estimand_of(question, unit=spells.unit)
        chosen = asked_of(spells, estimand)
        if question.offer and beside.offers is not None and estimand.design in TAKEN:
            rows = beside.offers.relation
            own = rows.filter(rows.offer == question.offer)
            check_one_word(question, own)
            _check_begins(question, estimand, (spells, chosen), own)
    except (ParameterError, NotObservedError) as error:
        if not error.reason:
            raise
        refused = isinstance(error, ParameterError)
        return Unfit(reason=error.reason, told=error.told, refused=refused)
    return None


def _check_begins(
    question: QuestionToml, estimand: Estimand, own: tuple[Spells, Spells], rows: ir.Table
) -> None:
    """Raise as the report will where an offer does not begin when the question says.

    `own` are all spells, and those asked about.
    """
    spells, chosen = own
    if estimand.design == "start":
        check_from_sign_up(question, spells, chosen, rows)
        return
    words = list(question.treated.words)
    held = holds(spells, rows.filter(rows.arm.isin(words)) if words else rows)
    uptake = uptake_of(chosen, held, reach=estimand.horizon)
    check_units(uptake, question, estimand)
