"""A policy that began on a day: customers it met beside those it did not meet, from that day on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import ibis
import pandas as pd

from stammkunde.draws import BLOCKS
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.evidence.asking.answer import Step
from stammkunde.evidence.asking.estimand import Estimand
from stammkunde.evidence.asking.made import (
    ARMS,
    CONTROL,
    TREATED,
    Made,
    as_they_are,
    asked_of,
    assumed,
    trial_of,
)
from stammkunde.evidence.asking.question import QuestionToml
from stammkunde.evidence.dates.calendar import EventStudy, event_study
from stammkunde.evidence.dates.dated import months_around, on_day
from stammkunde.evidence.doubt.balance import known_of
from stammkunde.evidence.starting.start import ByColumn, Counted, counted_at_start
from stammkunde.evidence.trial import compare
from stammkunde.evidence.units import SIZES
from stammkunde.spells.spells import Spells
from stammkunde.survival.drivers.cells import levels_of

BEFORE, AFTER = "before", "after"
# months of the calendar in one period of the picture around the day
PERIOD = 3


def on_a_day(question: QuestionToml, estimand: Estimand, spells: Spells) -> Made:
    """Return the trial of the customers of a day, whom a policy met from then on or did not.

    Where regions, branches or teams were dealt as a whole they are the blocks, so that the doubt is
    that of a comparison of so many of them.
    """
    assert estimand.day is not None
    chosen, horizon = asked_of(spells, estimand), estimand.horizon
    clusters = 0
    if estimand.cluster:
        chosen, clusters = by_cluster(chosen, estimand.cluster)
    words = {TREATED: question.treated.words, CONTROL: question.control.words}
    columns = [*dict.fromkeys((*estimand.alike, *question.by))]
    arms = ByColumn(column=question.column, arms=words)
    counted = counted_at_start(on_day(chosen, estimand.day), arms, columns, reach=horizon)
    trial = replace(trial_of(counted, horizon, assumed(estimand)), clusters=clusters)
    found = compare(trial, *ARMS, horizon)
    plain = as_they_are(counted, horizon, clusters=clusters)
    met = ByColumn(column=question.column, arms={TREATED: question.treated.words})
    usual = _before_and_after(chosen, met, counted, estimand)
    adjusted = (Step(name="alike", months=found.months),) if estimand.alike else ()
    between = Step(name="all", months=plain.months if adjusted else found.months)
    return Made(
        trial=trial,
        compared=found,
        months=found.months,
        share=found.share,
        steps=(*usual, between, *adjusted),
        counted=counted.rows,
        known=known_of(counted.factors, counted.levels),
        around=_around(question, estimand, chosen),
    )


def by_cluster(spells: Spells, column: str) -> tuple[Spells, int]:
    """Return the spells with their clusters as blocks, and the number of these.

    More than 256 clusters share blocks. ParameterError for an unknown column.
    """
    level = levels_of(spells, column, 1)[0]
    told = spells.relation.mutate(cluster=level)
    known = sorted(map(str, told.select("cluster").distinct().to_pyarrow()["cluster"].to_pylist()))
    numbers = ibis.memtable(
        pd.DataFrame({"cluster": known, "number": [i % BLOCKS for i in range(len(known))]})
    )
    joined = told.join(numbers, "cluster").mutate(block=ibis._.number.cast("int64"))
    relation = joined.drop("cluster", "number")
    return replace(spells, relation=relation), min(len(known), BLOCKS)


def _before_and_after(
    spells: Spells, met: ByColumn, counted: Counted, estimand: Estimand
) -> tuple[Step, ...]:
    """Return the usual number: those whom the policy met, after less before; none if not seen."""
    horizon = estimand.horizon
    try:
        then = on_day(spells, _earlier(estimand.day, horizon, estimand.unit))
        before = counted_at_start(then, met, reach=horizon)
    except (NotObservedError, ParameterError):
        return ()
    after = counted.rows[counted.rows.arm == TREATED].assign(arm=AFTER, cell=0)
    rows = pd.concat([after, before.rows.assign(arm=BEFORE)], ignore_index=True)
    heads = None
    if counted.heads is not None and before.heads is not None:
        heads = {AFTER: counted.heads[TREATED], BEFORE: before.heads[TREATED]}
    both = replace(before, rows=rows, heads=heads)
    return (Step(name="before", months=as_they_are(both, horizon, (AFTER, BEFORE)).months),)


def _earlier(day: date | None, units: int, unit: str) -> date:
    """Return the day so many units before."""
    assert day is not None
    if unit not in SIZES:
        return date.fromordinal(day.toordinal() - units * (1 if unit == "day" else 7))
    month = 12 * day.year + day.month - 1 - units * SIZES[unit]
    return date(month // 12, month % 12 + 1, min(day.day, 28))


def _around(question: QuestionToml, estimand: Estimand, spells: Spells) -> EventStudy | None:
    """Return the arms' hazards around the day, by quarter; None where tenure is not in months."""
    if estimand.unit != "month" or estimand.day is None:
        return None
    words = [*question.treated.words, *question.control.words]
    both = spells.where(levels_of(spells, question.column, 1)[0].isin(words))
    span = PERIOD * -(-estimand.horizon // PERIOD)
    counts = months_around(
        both,
        question.column,
        question.treated.words,
        estimand.day,
        before=min(span, 4 * PERIOD),
        after=span,
    )
    return event_study(counts, per=PERIOD)
