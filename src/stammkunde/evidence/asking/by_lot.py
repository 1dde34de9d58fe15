"""Arms from the day of a row on: dealt by lot, an event's values, an event beside none."""

from __future__ import annotations

from dataclasses import replace

import ibis.expr.types as ir

from stammkunde.errors import NotObservedError
from stammkunde.evidence.asking.answer import Step
from stammkunde.evidence.asking.estimand import Estimand
from stammkunde.evidence.asking.heads import of_persons, persons_of
from stammkunde.evidence.asking.lots import WORD, lot_balance
from stammkunde.evidence.asking.made import (
    ARMS,
    Made,
    as_they_are,
    asked_of,
    assumed,
    by_column,
    check_words,
    columns_of,
    plainly,
    renamed,
    trial_of,
    words_of_arms,
)
from stammkunde.evidence.asking.question import QuestionToml
from stammkunde.evidence.dates.dated import check_names, on_days
from stammkunde.evidence.doubt.balance import known_of
from stammkunde.evidence.reacting.events import ARMS as EXPOSURE
from stammkunde.evidence.reacting.events import event_trial, exposures
from stammkunde.evidence.reacting.once import computed_once
from stammkunde.evidence.reacting.sequential import TRIAL, sequential_trial
from stammkunde.evidence.starting.start import counted_at_start
from stammkunde.evidence.staying.naive import naive_ever
from stammkunde.evidence.staying.uptake import Uptake, uptake_of
from stammkunde.evidence.trial import compare
from stammkunde.evidence.units import holds
from stammkunde.spells.spells import Spells


def ever(chosen: Spells, held: ir.Table, horizon: int) -> Step:
    """Return the usual number: who ever had it within the horizon less all others.

    `held` is what `holds` says of the rows in which they had it.
    """
    return ever_of(uptake_of(chosen, held, reach=horizon, known=1), horizon)


def ever_of(uptake: Uptake, horizon: int) -> Step:
    """Return the usual number of an uptake counted up to the horizon."""
    found = naive_ever(uptake, horizon)
    # who had it as a customer once, and not another time, is in both
    persons = int(uptake.heads(lambda f: f.exit > f.entry).sum())
    months = replace(found.months, persons=persons, spells=int(uptake.counts.n.sum()))
    sizes = tuple(c.persons for c in found.curves.values())
    return Step(name="ever", months=months, sizes=sizes)


def by_row(question: QuestionToml, estimand: Estimand, spells: Spells, table: ir.Table) -> Made:
    """Return the trial of those to whom a row of the table happened, each from its day on.

    `table` are the rows of one offer or kind of event; its column `arm` or `value` says the arm.
    """
    chosen = asked_of(spells, estimand)
    word, day = ("arm", "start") if question.offer else ("value", "day")
    check_words(table, table[word], words_of_arms(question), f"`{question.about}`")
    # what else the row says would take the place of a column of the same name
    clock = on_days(chosen, table.mutate(**{WORD: table[word]}), day, (WORD,))
    columns, horizon = columns_of(question, estimand), estimand.horizon
    with computed_once(clock.relation) as days:
        own = replace(clock, relation=days)
        counted = counted_at_start(own, by_column(question, WORD), columns, reach=horizon)
        unlike = lot_balance(question, estimand, own)
        persons = persons_of(own, by_column(question, WORD), horizon)
    trial = trial_of(counted, horizon, assumed(estimand))
    found = of_persons(compare(trial, *ARMS, horizon), persons)
    # a call is over on its day: how long the row holds is no matter
    rows = table.filter(table[word].isin(list(question.treated.words)))
    taken = rows.select("person", day=rows[day])
    plain = of_persons(as_they_are(counted, horizon), persons)
    last = "drawn" if estimand.assignment == "drawn" and not estimand.alike else "alike"
    between = () if last == "drawn" else (Step(name="all", months=plain.months),)
    return Made(
        trial=trial,
        compared=found,
        months=found.months,
        share=found.share,
        steps=(
            ever(chosen, holds(spells, taken), horizon),
            *between,
            Step(name=last, months=found.months),
        ),
        counted=counted.rows,
        known=known_of(counted.factors, counted.levels),
        unlike=unlike,
        subjects=clock,
    )


def reacting(question: QuestionToml, estimand: Estimand, spells: Spells, events: ir.Table) -> Made:
    """Return the trial of those to whom an event happened in a unit beside the others then there.

    What is asked is the effect on those to whom it happened. `events` are those of all kinds.
    """
    check_names(spells)
    chosen, horizon = asked_of(spells, estimand), estimand.horizon
    columns = columns_of(question, estimand)
    entered = exposures(
        chosen, events, question.event, reach=horizon, by=columns, lately=estimand.lately
    )
    named = dict(zip(EXPOSURE, ARMS, strict=True))
    trial = renamed(event_trial(entered, assumptions=assumed(estimand)), named)
    found = compare(trial, *ARMS, horizon)
    pooled = replace(entered, counts=entered.counts.assign(cell=0))
    plain = renamed(sequential_trial(pooled, assumptions=()), named)
    own = events.filter(events.kind == question.event)
    counts = entered.counts.assign(arm=entered.counts.arm.map(named), begin=0)
    cells = counts.drop_duplicates("cell").set_index("cell").sort_index()
    titles = [c.removeprefix("level ") for c in entered.by]
    known = cells[[*entered.by, TRIAL]].set_axis([*titles, "tenure"], axis="columns")
    return Made(
        trial=trial,
        compared=found,
        months=found.months,
        share=found.share,
        steps=(
            ever(chosen, holds(spells, own), horizon),
            Step(name="all", months=plainly(compare(plain, *ARMS, horizon)).months),
            Step(name="alike", months=found.months),
        ),
        counted=counts,
        known=known.astype(str),
        subjects=chosen,
    )


def rows_of(table: ir.Table | None, column: str, word: str) -> ir.Table:
    """Return the rows of one offer or kind of event.

    ParameterError for a word that no row has, NotObservedError where there are no rows at all.
    """
    if table is None:
        raise NotObservedError(
            f"there is no table that tells of `{word}`",
            remedy="Name `[offers]` or `[events]` in the client's TOML.",
        )
    key = "`question.offer`" if column == "offer" else "`question.event`"
    check_words(table, table[column], {key: [word]}, f"the column of the {column}s")
    return table.filter(table[column] == word)
