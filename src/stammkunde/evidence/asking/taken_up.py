"""Offers known at the start, and offers taken at a tenure by those who stayed for it."""

from __future__ import annotations

import ibis.expr.types as ir
import pandas as pd

from stammkunde.evidence.asking.answer import Step
from stammkunde.evidence.asking.by_lot import ever
from stammkunde.evidence.asking.estimand import Estimand
from stammkunde.evidence.asking.made import (
    ARMS,
    CONTROL,
    TREATED,
    Made,
    as_they_are,
    asked_of,
    assumed,
    compared_as,
    renamed,
    trial_of,
)
from stammkunde.evidence.asking.question import QuestionToml
from stammkunde.evidence.doubt.balance import known_of
from stammkunde.evidence.starting.start import ByColumn, ByOffer, counted_at_start
from stammkunde.evidence.staying import grace, landmark
from stammkunde.evidence.staying.uptake import Uptake, uptake_of
from stammkunde.evidence.trial import compare
from stammkunde.evidence.units import holds, level_name
from stammkunde.spells.spells import Spells


def at_start(
    question: QuestionToml, estimand: Estimand, spells: Spells, table: ir.Table | None
) -> Made:
    """Return the trial of arms fixed at sign-up; `table` are the rows of the offer, if it is one.

    Without words of the control those without a row of the offer are in it.
    """
    words = {TREATED: question.treated.words, CONTROL: question.control.words}
    arms: ByColumn | ByOffer = ByColumn(column=question.column, arms=words)
    if table is not None:
        without = not question.control.words
        some = {TREATED: question.treated.words} if without else words
        arms = ByOffer(table=table, arms=some, otherwise=CONTROL if without else "")
    chosen, horizon = asked_of(spells, estimand), estimand.horizon
    columns = [*dict.fromkeys((*estimand.alike, *question.by))]
    counted = counted_at_start(chosen, arms, columns, reach=horizon)
    trial = trial_of(counted, horizon, assumed(estimand))
    found, plain = compare(trial, *ARMS, horizon), as_they_are(counted, horizon)
    return Made(
        trial=trial,
        compared=found,
        months=found.months,
        share=found.share,
        steps=(Step(name="all", months=plain.months), Step(name="alike", months=found.months)),
        counted=counted.rows,
        known=known_of(counted.factors, counted.levels),
    )


def staying(question: QuestionToml, estimand: Estimand, spells: Spells, table: ir.Table) -> Made:
    """Return the trial of an offer that only those still there can take.

    `table` are its rows; those of the treated words count as taken, whoever else is there has not.
    """
    words = list(question.treated.words)
    taken = table.filter(table.arm.isin(words)) if words else table
    chosen, horizon = asked_of(spells, estimand), estimand.horizon
    held, known = holds(chosen, taken), max(estimand.from_unit, estimand.to_unit)
    columns = [*dict.fromkeys((*estimand.alike, *question.by))]
    uptake = uptake_of(chosen, held, by=columns, reach=horizon, known=known)
    plain = uptake_of(chosen, held, reach=horizon, known=known)
    usual = ever(chosen, taken, horizon)
    if estimand.design == "grace":
        return _within(estimand, uptake, plain, usual)
    k, rest = estimand.from_unit - 1, assumed(estimand)
    found = landmark.policy_effect(uptake, k, horizon, assumptions=rest)
    unweighted = landmark.policy_effect(plain, k, horizon)
    trial = landmark.landmark_trial(uptake, k, reach=horizon, assumptions=rest)
    named = {landmark.TAKEN: TREATED, landmark.NOT_TAKEN: CONTROL}
    counts = landmark.landmark_counts(uptake, k)
    return Made(
        trial=renamed(trial, named),
        compared=compared_as(found.landmark, named),
        months=found.months,
        share=found.share,
        steps=(
            usual,
            Step(name="all", months=unweighted.months),
            Step(name="alike", months=found.months),
        ),
        still_there=found.still_there,
        counted=counts.assign(arm=counts.arm.map(named)),
        known=_plain_names(uptake),
    )


def _within(estimand: Estimand, uptake: Uptake, plain: Uptake, usual: Step) -> Made:
    """Return the answer on an offer taken within a window of units."""
    first, last, horizon = estimand.from_unit, estimand.to_unit, estimand.horizon
    found = grace.grace_effect(uptake, first, last, horizon, assumptions=assumed(estimand))
    unweighted = grace.grace_effect(plain, first, last, horizon)
    trial = grace.grace_trial(uptake, first, last, reach=horizon, assumptions=assumed(estimand))
    named = {grace.TAKEN: TREATED, grace.NEVER: CONTROL}
    return Made(
        trial=renamed(trial, named),
        compared=compared_as(found, named),
        months=found.months,
        share=found.share,
        steps=(
            usual,
            Step(name="all", months=unweighted.months),
            Step(name="alike", months=found.months),
        ),
    )


def _plain_names(uptake: Uptake) -> pd.DataFrame:
    """Return what is known of each cell under the names of the columns."""
    return uptake.cells.rename(columns=lambda c: str(c).removeprefix(level_name("")))
