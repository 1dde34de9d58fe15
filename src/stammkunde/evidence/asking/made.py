"""What a design makes of a question: a trial, the numbers asked for, and the steps to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from stammkunde.draws import BLOCKS
from stammkunde.errors import NotObservedError, ParameterError, nearest
from stammkunde.evidence.asking.answer import Step
from stammkunde.evidence.asking.estimand import Estimand
from stammkunde.evidence.asking.question import QuestionToml
from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.dates.calendar import EventStudy
from stammkunde.evidence.doubt.balance import Balance
from stammkunde.evidence.doubt.negative import NegativeControl
from stammkunde.evidence.shares import Shares
from stammkunde.evidence.starting.start import (
    ByColumn,
    ByOffer,
    Counted,
    Eligible,
    eligible_of,
)
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
        from_start=estimand.design == "start",
    )


def asked_of(spells: Spells, estimand: Estimand) -> Spells:
    """Return the spells of those whom a question is about; NotObservedError for nobody.

    ParameterError, naming the key, for a level that nobody has.
    """
    for column, words in estimand.where.items():
        key = f"`question.where.{column}` (`{estimand.name}`)"
        level = levels_of(spells, column, BANDS)[0]
        check_words(spells.relation, level, {key: words}, f"`{column}`")
    chosen = eligible_of(spells, eligible(estimand))
    if not chosen.spells:
        raise NotObservedError(
            "nobody is eligible",
            remedy="Check the days of signing and the levels asked about.",
            reason="nobody_eligible",
        )
    return chosen


def check_words(
    table: ir.Table, cell: ir.Value, words: Mapping[str, Sequence[str]], place: str
) -> None:
    """Raise ParameterError, naming its key, for a word in no row: misspelt, it would be left out.

    `words` are by the question's key. Where no row tells anything there, NotObservedError.
    """
    if not any(words.values()):
        return
    known = words_there(table, cell)
    for key, own in words.items():
        for word in own:
            if word not in known:
                what = f"{key}: `{word}` does not occur in {place}"
                if not known:
                    raise NotObservedError(
                        what, remedy="No row tells anything there.", reason="nothing_told"
                    )
                raise ParameterError(what, remedy=nearest(word, known))


def words_there(table: ir.Table, cell: ir.Value) -> list[str]:
    """Return the words that occur in a column, each once."""
    found = table.select(word=cell.cast("string")).distinct().to_pyarrow()["word"].to_pylist()
    return [w for w in found if w is not None]


def words_of_arms(question: QuestionToml) -> dict[str, tuple[str, ...]]:
    """Return the words of both arms by the keys of the question that name them."""
    return {
        f"`question.{arm}.words` (`{question.name}`)": own.words
        for arm, own in ((TREATED, question.treated), (CONTROL, question.control))
    }


def by_column(question: QuestionToml, column: str) -> ByColumn:
    """Return the arms that are levels of a column, treated first."""
    words = {TREATED: question.treated.words, CONTROL: question.control.words}
    return ByColumn(column=column, arms=words)


def arms_at_start(question: QuestionToml, table: ir.Table | None) -> ByColumn | ByOffer:
    """Return the arms, treated first; `table` are the rows of the offer, None for a column.

    Of an offer without words of the control those without a row of it are in that arm.
    """
    if table is None:
        return by_column(question, question.column)
    some = {TREATED: question.treated.words}
    if not question.control.words:
        return ByOffer(table=table, arms=some, otherwise=CONTROL)
    return ByOffer(table=table, arms=some | {CONTROL: question.control.words})


def columns_of(question: QuestionToml, estimand: Estimand) -> list[str]:
    """Return the columns in which the arms are made alike, and those of the segments."""
    return [*dict.fromkeys((*estimand.alike, *question.by))]


def assumed(estimand: Estimand) -> tuple[str, ...]:
    """Return what an answer rests on: a lot, or that those alike in what is known are alike.

    And what it rests on who is a customer at all.
    """
    if estimand.assignment == "drawn":
        own = (BY_LOT, ALIKE_GIVEN) if estimand.alike else (BY_LOT,)
        return (*own, *estimand.rests)
    return (ALIKE_GIVEN, *estimand.rests)


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
    trial = unweighted(counted.rows, horizon, arms, **counted.named)
    return plainly(compare(replace(trial, clusters=clusters), arms[0], arms[1], horizon))


def unweighted(rows: pd.DataFrame, reach: int, arms: Sequence[str] = ARMS, **named: Any) -> Trial:
    """Return the trial of subjects as they are, nobody weighted; `named` as in `baseline_trial`."""
    ones = np.ones((len(arms), BLOCKS), dtype=np.int64)
    return baseline_trial(
        rows.assign(cell=0),
        arms,
        reach=reach,
        assumptions=(),
        shares=Shares(ones, ones),
        **named,
    )


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
