"""From a question to its answer."""

from __future__ import annotations

from collections.abc import Collection

from stammkunde.evidence.asking.answer import Answer
from stammkunde.evidence.asking.by_lot import by_row, reacting, rows_of
from stammkunde.evidence.asking.doubts import doubts_of
from stammkunde.evidence.asking.estimand import Estimand, estimand_of
from stammkunde.evidence.asking.later import NOWHERE, Afterwards, marked
from stammkunde.evidence.asking.made import Made
from stammkunde.evidence.asking.on_a_day import on_a_day
from stammkunde.evidence.asking.question import QuestionToml
from stammkunde.evidence.asking.segments import told_by_segment
from stammkunde.evidence.asking.taken_up import at_start, staying
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.spells import Spells


def ask(
    question: QuestionToml,
    spells: Spells,
    beside: Beside,
    *,
    relevant: float = 0.5,
    relevant_share: float = 0.02,
    rests: tuple[str, ...] = (),
    untouched: Collection[str] = (),
    afterwards: Afterwards = NOWHERE,
) -> Answer:
    """Return the answer to a question, from spells and the tables beside them in one engine.

    `relevant` is the smallest effect that matters where the question names none, `relevant_share`
    that on the share still there, `rests` what who is a customer rests on, `untouched` the causes
    of leaving that nothing can change, `afterwards` how customers stay once the horizon is over,
    for money that comes later. What the data cannot answer has no value but a reason;
    NotObservedError where a table, an arm or the customers asked about are not there at all,
    SchemaError for a question that no design answers, ParameterError for an unknown column, or for
    a word, kind or level that no row has: it names the key and the nearest one; and where most took
    an offer in another unit than asked, or its rows have several words and none says treated.
    """
    estimand = estimand_of(
        question,
        unit=spells.unit,
        relevant=relevant,
        relevant_share=relevant_share,
        rests=rests,
    )
    made = made_of(question, estimand, marked(spells, afterwards), beside)
    segments, gains, effect = told_by_segment(question, made, afterwards)
    return Answer(
        estimand=estimand,
        months=made.months,
        share=made.share,
        compared=made.compared,
        trial=made.trial,
        steps=made.steps,
        doubts=doubts_of(question, estimand, made, untouched, repeats=spells.repeats),
        still_there=made.still_there,
        segments=segments,
        gains=gains,
        effect=effect,
        counted=made.counted,
        known=made.known,
        subjects=made.subjects,
    )


def made_of(question: QuestionToml, estimand: Estimand, spells: Spells, beside: Beside) -> Made:
    """Return what the question's design makes of the data."""
    offers, events = (t and t.relation for t in (beside.offers, beside.events))
    if estimand.design in ("day", "regions"):
        return on_a_day(question, estimand, spells)
    if estimand.design == "reaction":
        rows_of(events, "kind", question.event)
        return reacting(question, estimand, spells, events)
    if question.event:
        return by_row(question, estimand, spells, rows_of(events, "kind", question.event))
    if not question.offer:
        return at_start(question, estimand, spells, None)
    rows = rows_of(offers, "offer", question.offer)
    if estimand.design == "lot":
        return by_row(question, estimand, spells, rows)
    if estimand.design == "start":
        return at_start(question, estimand, spells, rows)
    return staying(question, estimand, spells, rows)
