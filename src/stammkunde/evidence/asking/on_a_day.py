"""A policy that began on a day: customers it met beside those it did not meet, from that day on."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date

import ibis
import numpy as np
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
    check_words,
    trial_of,
)
from stammkunde.evidence.asking.question import QuestionToml
from stammkunde.evidence.dates.calendar import FEW_LEAVERS, METHOD, EventStudy, event_study
from stammkunde.evidence.dates.dated import TENURE, months_around, on_day
from stammkunde.evidence.doubt.balance import known_of
from stammkunde.evidence.doubt.negative import NegativeControl, negative_period
from stammkunde.evidence.starting.start import ByColumn, Counted, counted_at_start
from stammkunde.evidence.trial import LEAST_CLUSTERS, TOO_FEW_CLUSTERS, Trial, compare
from stammkunde.evidence.units import SIZES
from stammkunde.result import Estimate
from stammkunde.spells.spells import Spells
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
    words = {TREATED: question.treated.words, CONTROL: question.control.words}
    level, every = levels_of(chosen, question.column, BANDS)[0], [*words[TREATED], *words[CONTROL]]
    check_words(chosen.relation, level, every, f"`{question.column}`")
    chosen = chosen.where(level.isin(every))
    if estimand.cluster:
        chosen = by_cluster(chosen, estimand.cluster)
    columns = [*dict.fromkeys((*estimand.alike, *question.by))]
    arms = ByColumn(column=question.column, arms=words)
    there = on_day(chosen, estimand.day)
    counted = counted_at_start(there, arms, columns, reach=horizon)
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
        steps=(*usual, between, *adjusted),
        counted=counted.rows,
        known=known_of(counted.factors, counted.levels),
        subjects=there,
        around=around[0] if around else None,
        before=around[1] if around else None,
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
    """Return the day so many units before; of a month without that day its last."""
    assert day is not None
    if unit not in SIZES:
        return date.fromordinal(day.toordinal() - units * (1 if unit == "day" else 7))
    year, month = divmod(12 * day.year + day.month - 1 - units * SIZES[unit], 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


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
    return study, negative_period(
        _of_one(event_study(earlier, per=span, scale="difference")), BEFORE
    )


def _of_one(study: EventStudy) -> Estimate:
    """Return the only period of a study as an estimate."""
    value, low, high = (float(a[0]) for a in (study.value, study.low, study.high))
    known = np.isfinite(value) and np.isfinite(low)
    return Estimate(
        value=value if known else None,
        low=low if known else None,
        high=high if known else None,
        level=study.level,
        unit="hazard",
        events=int(study.left[:, 0].sum()),
        method=METHOD[study.scale],
        estimand="difference of hazards before the day",
        reason="" if known else FEW_LEAVERS,
    )
