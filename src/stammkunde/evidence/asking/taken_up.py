"""Offers known at the start, and offers taken at a tenure by those who stayed for it."""

from __future__ import annotations

from dataclasses import replace

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from stammkunde.evidence.asking.answer import Step
from stammkunde.evidence.asking.by_lot import ever_of
from stammkunde.evidence.asking.estimand import Estimand
from stammkunde.evidence.asking.heads import of_persons, persons_of
from stammkunde.evidence.asking.lots import lot_balance
from stammkunde.evidence.asking.made import (
    ARMS,
    CONTROL,
    TREATED,
    Made,
    arms_at_start,
    as_they_are,
    asked_of,
    assumed,
    check_words,
    columns_of,
    compared_as,
    eligible,
    renamed,
    trial_of,
    words_of_arms,
)
from stammkunde.evidence.asking.question import QuestionToml
from stammkunde.evidence.asking.whence import check_from_sign_up, check_one_word, check_units
from stammkunde.evidence.doubt.balance import Balance, known_of
from stammkunde.evidence.starting.start import counted_at_start
from stammkunde.evidence.staying import grace, landmark
from stammkunde.evidence.staying.uptake import ROWS, Uptake, uptake_of
from stammkunde.evidence.trial import compare
from stammkunde.evidence.units import holds, level_name
from stammkunde.spells.spells import Spells
from stammkunde.survival.drivers.cells import BANDS, levels_of


def at_start(
    question: QuestionToml, estimand: Estimand, spells: Spells, table: ir.Table | None
) -> Made:
    """Return the trial of arms fixed at sign-up; `table` are the rows of the offer, if it is one.

    Without words of the control those without a row of the offer are in it.
    """
    chosen, words, horizon = asked_of(spells, estimand), words_of_arms(question), estimand.horizon
    if table is not None:
        check_words(table, table.arm, words, f"`{question.offer}`")
        check_one_word(question, table)
        check_from_sign_up(question, spells, chosen, table)
    else:
        level = levels_of(spells, question.column, BANDS)[0]
        check_words(spells.relation, level, words, f"`{question.column}`")
    arms, who = arms_at_start(question, table), eligible(estimand)
    counted = counted_at_start(
        spells, arms, columns_of(question, estimand), eligible=who, reach=horizon
    )
    trial = trial_of(counted, horizon, assumed(estimand))
    found, plain = compare(trial, *ARMS, horizon), as_they_are(counted, horizon)
    if spells.repeats:
        persons = persons_of(spells, arms, horizon, who)
        found, plain = (of_persons(c, persons) for c in (found, plain))
    return Made(
        trial=trial,
        compared=found,
        months=found.months,
        share=found.share,
        steps=(Step(name="all", months=plain.months), Step(name="alike", months=found.months)),
        counted=counted.rows,
        known=known_of(counted.factors, counted.levels),
        unlike=lot_balance(question, estimand, chosen),
        subjects=chosen,
    )


def staying(question: QuestionToml, estimand: Estimand, spells: Spells, table: ir.Table) -> Made:
    """Return the trial of an offer that only those still there can take.

    `table` are its rows; those of the treated words count as taken, whoever else is there has not.
    """
    words = list(question.treated.words)
    check_words(table, table.arm, words_of_arms(question), f"`{question.offer}`")
    check_one_word(question, table)
    taken = table.filter(table.arm.isin(words)) if words else table
    chosen, horizon = asked_of(spells, estimand), estimand.horizon
    # of all spells: for which one an offer counts follows from those before it too
    held, known = holds(spells, taken), max(estimand.from_unit, estimand.to_unit)
    columns = columns_of(question, estimand)
    uptake = uptake_of(chosen, held, by=columns, reach=horizon, known=known)
    check_units(uptake, question, estimand)
    plain = _of_one_cell(uptake)
    usual = ever_of(plain, horizon)
    if estimand.design == "grace":
        return _within(estimand, uptake, plain, usual)
    k, rest = estimand.from_unit - 1, assumed(estimand)
    found = landmark.policy_effect(uptake, k, horizon, assumptions=rest)
    unweighted = landmark.policy_effect(plain, k, horizon)
    trial = landmark.landmark_trial(uptake, k, reach=horizon, assumptions=rest)
    named = {landmark.TAKEN: TREATED, landmark.NOT_TAKEN: CONTROL}
    counts, compared = landmark.landmark_counts(uptake, k), compared_as(found.landmark, named)
    if spells.repeats:
        compared = of_persons(compared, landmark.persons_at(uptake, k))
    return Made(
        trial=renamed(trial, named),
        compared=compared,
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
        subjects=chosen.where((chosen.relation.entry <= k) & (chosen.relation.exit > k)),
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
        unlike=_unlike(uptake, first, last),
    )


def _unlike(uptake: Uptake, first: int, last: int) -> Balance | None:
    """Return how alike the arms of a window are at its end; None where nothing is known."""
    known = _plain_names(uptake)
    if not len(known.columns):
        return None
    found = grace.grace_balance(uptake, first, last, known)
    return replace(found, treated=TREATED, control=CONTROL)


def _of_one_cell(uptake: Uptake) -> Uptake:
    """Return the uptake of everybody as if nothing were known of them."""
    counts = uptake.counts.assign(path=0)
    counts = counts.groupby([*ROWS[:-1]], as_index=False)["n"].sum()
    return replace(uptake, counts=counts, paths=np.zeros((1, 1), dtype=np.int64))


def _plain_names(uptake: Uptake) -> pd.DataFrame:
    """Return what is known of each cell under the names of the columns."""
    names = [str(c).removeprefix(level_name("")) for c in uptake.cells]
    return uptake.cells.set_axis(names, axis="columns")
