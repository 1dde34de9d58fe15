"""The energy supplier's offers: what its client file's questions are answered with, beside truths.

The newcomer rebate is the one that the columns cannot answer: who hops from offer to offer takes it
more often and leaves sooner, and no column says who does. Its answer is judged twice: by what the
rebate does, which it must miss, and by what those alike in the columns show, which it must find.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from stammkunde.evidence.asking.ask import made_of
from stammkunde.evidence.asking.estimand import estimand_of
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.spells import Spells
from stammkunde.study import Study, read_tables
from tests.validate.rule import Three, three

# by the id of the result that of its truth; `offers.newcomer.months.compared` is no result of its
# own but `offers.newcomer.months` judged by another truth
TRUTHS = {
    "offers.loyalty.months": "effect.loyalty.months",
    "offers.loyalty.landmark.months": "effect.loyalty.landmark.months",
    "offers.newcomer.months": "effect.newcomer.months",
    "offers.newcomer.months.compared": "effect.newcomer.months.compared",
    "offers.price_rise.months": "effect.price_rise.months",
    "offers.advertised.months": "effect.advertised.months",
    "offers.call.months": "effect.call.months",
    "offers.reminder.months": "effect.reminder.months",
}
IDS = tuple(TRUTHS)
MISSED = "offers.newcomer.months"


def with_offers(study: Study) -> tuple[Spells, Beside]:
    """Return the spells of a world, and of the tables beside them the offers alone."""
    data = replace(study.toml.data, prices=None, events=None)
    return read_tables(replace(study, toml=replace(study.toml, data=data)))


def offers(study: Study, spells: Spells, beside: Beside) -> dict[str, Three]:
    """Return what the product answers in one world, by id."""
    return dict(_said(study, spells, beside))


def _said(study: Study, spells: Spells, beside: Beside) -> Iterator[tuple[str, Three]]:
    for question in study.toml.question:
        estimand = estimand_of(question, unit=spells.unit)
        made = made_of(question, estimand, spells, beside)
        name = f"offers.{question.name}.months"
        yield name, three(made.months)
        if estimand.design == "landmark":
            yield f"offers.{question.name}.landmark.months", three(made.compared.months)
        if name == MISSED:
            yield f"{name}.compared", three(made.months)
