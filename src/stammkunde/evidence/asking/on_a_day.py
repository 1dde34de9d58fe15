"""A policy that began on a day: customers it met beside those it did not meet, from that day on."""

from __future__ import annotations

from dataclasses import replace

import ibis
import numpy as np
import pandas as pd

from stammkunde.draws import BLOCKS
from stammkunde.errors import NotObservedError
from stammkunde.evidence.asking.answer import Step
from stammkunde.evidence.asking.estimand import Estimand
from stammkunde.evidence.asking.lots import lot_balance
from stammkunde.evidence.asking.made import (
    ARMS,
    TREATED,
    Made,
    as_they_are,
    asked_of,
    assumed,
    by_column,
    check_words,
    columns_of,
    trial_of,
    words_of_arms,
)
from stammkunde.evidence.asking.question import QuestionToml
from stammkunde.evidence.dates.calendar import EventStudy, event_study
from stammkunde.evidence.dates.dated import TENURE, months_around, on_day
from stammkunde.evidence.doubt.balance import known_of
from stammkunde.evidence.doubt.negative import NegativeControl, negative_period
from stammkunde.evidence.reacting.once import computed_once
from stammkunde.evidence.starting.start import ByColumn, Counted, counted_at_start
from stammkunde.evidence.trial import LEAST_CLUSTERS, TOO_FEW_CLUSTERS, Trial, compare
from stammkunde.result import Estimate, Status
from stammkunde.spells.months import moved
from stammkunde.spells.spells import Spells
from stammkunde.survival.curve import NOT_OBSERVED
from stammkunde.survival.drivers.cells import BANDS, levels_of

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
    level, words = levels_of(spells, question.column, BANDS)[0], words_of_arms(question)
    check_words(spells.relation, level, words, f"`{question.column}`")
    own = levels_of(chosen, question.column, BANDS)[0]
    chosen = chosen.where(own.isin([w for each in words.values() for w in each]))
    if estimand.cluster:
        chosen = by_cluster(chosen, estimand.cluster)
    arms, columns = by_column(question, question.column), columns_of(question, estimand)
    there = on_day(chosen, estimand.day)
    with computed_once(there.relation) as rows:
        kept = replace(there, relation=rows)
        counted = counted_at_start(kept, arms, columns, reach=horizon)
        unlike = lot_balance(question, estimand, kept)
    trial = trial_of(counted, horizon, assumed(estimand))
    if estimand.cluster:
        trial = of_clusters(trial)
    found = compare(trial, *ARMS, horizon)
    plain = as_they_are(counted, horizon, clusters=trial.clusters)
    met = ByColumn(column=question.column, arms={TREATED: question.treated.words})
    around = _around(question, estimand, chosen)
    usual = _before_and_after(chosen, met, counted, estimand)
    adjusted = (Step(name="alike", months=found.months),) if estimand.alike else ()
    between = Step(name="all", months=plain.months if adjusted else found.months)
    return Made(
        trial=trial,
        compared=found,
        months=found.months,
        share=found.share,
        steps=(usual, between, *adjusted),
        counted=counted.rows,
        known=known_of(counted.factors, counted.levels),
        subjects=there,
        around=around[0] if around else None,
        before=around[1] if around else None,
        unlike=unlike,
    )


def by_cluster(spells: Spells, column: str) -> Spells:
    """Return the spells with their clusters as blocks; more than 256 share blocks.

    ParameterError for an unknown column.
    """
    level = levels_of(spells, column, BANDS)[0]
    told = spells.relation.mutate(cluster=level)
    known = sorted(map(str, told.select("cluster").distinct().to_pyarrow()["cluster"].to_pylist()))
    numbers = ibis.memtable(
        pd.DataFrame({"cluster": known, "number": [i % BLOCKS for i in range(len(known))]})
    )
    joined = told.join(numbers, "cluster").mutate(block=ibis._.number.cast("int64"))
    return replace(spells, relation=joined.drop("cluster", "number"))


def of_clusters(trial: Trial) -> Trial:
    """Return the trial with the number of its clusters, refused where an arm has too few of them.

    A t with so many degrees of freedom as there are clusters in both arms, less two, is too narrow
    where the doubt is that of a handful in one of them.
    """
    held = [arm.heads > 0 for arm in trial.arms.values()]
    few = min(int(h.sum()) for h in held) < LEAST_CLUSTERS / len(held)
    clusters = int(np.any(held, axis=0).sum())
    return replace(trial, clusters=clusters, refused=TOO_FEW_CLUSTERS if few else "")


def _before_and_after(spells: Spells, met: ByColumn, counted: Counted, estimand: Estimand) -> Step:
    """Return the usual number: those whom the policy met, after less before.

    Without a value, and with the reason, where nobody was observed so long before.
    """
    assert estimand.day is not None
    horizon = estimand.horizon
    earlier = moved(estimand.day, -horizon, estimand.unit)
    try:
        before = counted_at_start(on_day(spells, earlier), met, reach=horizon)
    except NotObservedError:
        return Step(name="before", months=_not_seen(estimand))
    after = counted.rows[counted.rows.arm == TREATED].assign(arm=AFTER, cell=0)
    rows = pd.concat([after, before.rows.assign(arm=BEFORE)], ignore_index=True)
    heads = None
    if counted.heads is not None and before.heads is not None:
        heads = {AFTER: counted.heads[TREATED], BEFORE: before.heads[TREATED]}
    both = replace(before, rows=rows, heads=heads)
    return Step(name="before", months=as_they_are(both, horizon, (AFTER, BEFORE)).months)


def _not_seen(estimand: Estimand) -> Estimate:
    return Estimate(
        value=None,
        unit=estimand.unit,
        method="those whom the policy met, after less before",
        status=Status.NOT_IDENTIFIABLE,
        estimand=f"RMST({estimand.horizon}) difference",
        reason=NOT_OBSERVED,
    )


def _around(
    question: QuestionToml, estimand: Estimand, spells: Spells
) -> tuple[EventStudy, NegativeControl | None] | None:
    """Return by how much the arms' hazards differ around the day; None where tenure has no months.

    By quarter, among customers of equal tenure who are alike, and in all months before it together,
    where both arms were seen then.
    """
    if estimand.unit != "month" or estimand.day is None:
        return None
    span = PERIOD * -(-estimand.horizon // PERIOD)
    counts = months_around(
        spells,
        question.column,
        question.treated.words,
        estimand.day,
        before=min(span, 4 * PERIOD),
        after=span,
        alike=[c for c in estimand.alike if c != TENURE],
    )
    study = event_study(counts, per=PERIOD, scale="difference")
    earlier = counts[counts.period < 0]
    if earlier.treated.nunique() < 2:
        return study, None
    (whole,) = event_study(earlier, per=span, scale="difference").estimates().values()
    return study, negative_period(
        replace(whole, estimand="difference of hazards before the day"), BEFORE
    )
