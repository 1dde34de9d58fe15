"""What a design makes of a question: a trial, the numbers asked for, and the steps to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from stammkunde.draws import BLOCKS
from stammkunde.errors import NotObservedError, nearest
from stammkunde.evidence.asking.answer import Step
from stammkunde.evidence.asking.estimand import Estimand
from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.dates.calendar import EventStudy
from stammkunde.evidence.doubt.balance import Balance
from stammkunde.evidence.doubt.negative import NegativeControl
from stammkunde.evidence.shares import Shares
from stammkunde.evidence.starting.start import Counted, Eligible, eligible_of
from stammkunde.evidence.trial import ALIKE_GIVEN, Compared, Trial, compare
from stammkunde.result import Estimate
from stammkunde.spells.spells import Spells
from stammkunde.survival.contrasts.differences import rmst_difference, survival_difference
from stammkunde.survival.drivers.cells import BANDS, levels_of

TREATED, CONTROL = "treated", "control"
ARMS = (TREATED, CONTROL)
BY_LOT = "arms_dealt_by_lot"


@dataclass(frozen=True, kw_only=True)
class Made:
    """The trial of a question, its answer and the steps to it (see `Answer`).

    `unlike` is a design's own balance, where it is not that of the `known` at time zero; `subjects`
    are the spells that those of the trial were counted from.
    """

    trial: Trial
    compared: Compared
    months: Estimate
    share: Estimate
    steps: tuple[Step, ...]
    still_there: Estimate | None = None
    counted: pd.DataFrame | None = None
    known: pd.DataFrame | None = None
    around: EventStudy | None = None
    before: NegativeControl | None = None
    unlike: Balance | None = None
    subjects: Spells | None = None


def eligible(estimand: Estimand) -> Eligible:
    """Return who a question is about."""
    return Eligible(
        begun_from=estimand.signed_from,
        begun_before=estimand.signed_before,
        levels=estimand.where,
    )


def asked_of(spells: Spells, estimand: Estimand) -> Spells:
    """Return the spells of those whom a question is about; NotObservedError for no such level."""
    for column, words in estimand.where.items():
        check_words(spells.relation, levels_of(spells, column, BANDS)[0], words, f"`{column}`")
    chosen = eligible_of(spells, eligible(estimand))
    if not chosen.spells:
        raise NotObservedError(
            "nobody is eligible",
            remedy="Check the days of signing and the levels asked about.",
        )
    return chosen


def check_words(table: ir.Table, cell: ir.Value, words: Sequence[str], place: str) -> None:
    """Raise NotObservedError for a word that stands in no row: misspelt, it would be left out."""
    if not words:
        return
    found = table.select(word=cell.cast("string")).distinct().to_pyarrow()["word"].to_pylist()
    known = [w for w in found if w is not None]
    for word in words:
        if word not in known:
            raise NotObservedError(
                f"`{word}` does not occur in {place}",
                remedy=nearest(word, known) or "No row tells anything there.",
            )


def assumed(estimand: Estimand) -> tuple[str, ...]:
    """Return what an answer rests on: a lot, or that those alike in what is known are alike."""
    if estimand.assignment == "drawn":
        return (BY_LOT, ALIKE_GIVEN) if estimand.alike else (BY_LOT,)
    return (ALIKE_GIVEN,)


def trial_of(
    counted: Counted, reach: int, assumptions: tuple[str, ...], arms: Sequence[str] = ARMS
) -> Trial:
    """Return the trial of counted subjects, weighted to stand for all of them."""
    return baseline_trial(counted.rows, arms, reach=reach, assumptions=assumptions, **counted.named)


def as_they_are(
    counted: Counted, horizon: int, arms: Sequence[str] = ARMS, clusters: int = 0
) -> Compared:
    """Return the arms compared as they are, nobody weighted: measured, and no effect.

    There is a number wherever both arms were observed for so long.
    """
    rows = counted.rows.assign(cell=0)
    ones = np.ones((len(arms), BLOCKS), dtype=np.int64)
    trial = baseline_trial(
        rows, arms, reach=horizon, assumptions=(), shares=Shares(ones, ones), **counted.named
    )
    return plainly(compare(replace(trial, clusters=clusters), arms[0], arms[1], horizon))


def plainly(found: Compared) -> Compared:
    """Return a comparison with its numbers even where no effect may be told from it."""
    if len(found.curves) < 2 or min(c.observed_to for c in found.curves.values()) < found.horizon:
        return found
    one, two = found.curves.values()
    return replace(
        found,
        months=rmst_difference(one, two, found.horizon),
        share=survival_difference(one, two, found.horizon),
        adequacy=replace(found.adequacy, refused=""),
    )


def renamed(trial: Trial, named: Mapping[str, str]) -> Trial:
    """Return the trial with its arms under the names of a question's."""
    arms = {named[n]: replace(a, name=named[n]) for n, a in trial.arms.items()}
    return replace(trial, arms=arms)


def compared_as(found: Compared, named: Mapping[str, str]) -> Compared:
    """Return a comparison with its arms under the names of a question's."""
    curves = {named[n]: c for n, c in found.curves.items()}
    arms = {named[n]: w for n, w in found.adequacy.arms.items()}
    return replace(
        found,
        treated=named[found.treated],
        control=named[found.control],
        curves=curves,
        adequacy=replace(found.adequacy, arms=arms),
    )
