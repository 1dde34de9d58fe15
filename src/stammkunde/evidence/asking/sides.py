"""The arms of a question on what is fixed at sign-up, for whoever looks at its takers again."""

from __future__ import annotations

import ibis.expr.types as ir

from stammkunde.evidence.asking.made import CONTROL, TREATED
from stammkunde.evidence.asking.question import QuestionToml
from stammkunde.evidence.starting.start import ByColumn, ByOffer


def arms_at_start(question: QuestionToml, table: ir.Table | None) -> ByColumn | ByOffer:
    """Return the arms, treated first; `table` are the rows of the offer, None for a column.

    Of an offer without words of the control those without a row of it are in that arm.
    """
    words = {TREATED: question.treated.words, CONTROL: question.control.words}
    if table is None:
        return ByColumn(column=question.column, arms=words)
    without = not question.control.words
    some = {TREATED: question.treated.words} if without else words
    return ByOffer(table=table, arms=some, otherwise=CONTROL if without else "")
