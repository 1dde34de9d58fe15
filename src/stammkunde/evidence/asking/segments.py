"""The answer in segments: each counted by itself, and drawn towards the others as chance asks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from stammkunde.errors import NotObservedError
from stammkunde.evidence.asking.answer import Segment
from stammkunde.evidence.asking.made import ARMS, Made
from stammkunde.evidence.asking.question import QuestionToml
from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.benefit import shrunk
from stammkunde.evidence.effect import EVERYBODY, Effect, effect_of
from stammkunde.evidence.trial import Trial, compare
from stammkunde.intervals import normal_quantile
from stammkunde.result import Estimate

DRAWN_TOWARDS = "drawn towards the mean of the segments (empirical Bayes)"


def trials_by(made: Made, column: str) -> dict[str, Trial]:
    """Return the trial within each level of a column among those known of the subjects.

    Empty where the design does not count its subjects one by one, or does not know the column.
    Persons of several rows are counted once per row: errors come from the blocks all the same.
    """
    if made.counted is None or made.known is None or column not in made.known:
        return {}
    found: dict[str, Trial] = {}
    for level in sorted(set(made.known[column].astype(str))):
        cells = made.known.index[made.known[column].astype(str) == level]
        rows = made.counted[made.counted.cell.isin(cells)]
        try:
            one = baseline_trial(
                rows,
                ARMS,
                reach=made.compared.horizon,
                unit=made.trial.unit,
                origin=made.trial.origin,
                assumptions=made.trial.assumptions,
            )
        except NotObservedError:
            continue
        found[level] = replace(one, clusters=made.trial.clusters)
    return found


def segments_of(question: QuestionToml, made: Made) -> tuple[Segment, ...]:
    """Return the answer in the segments of each column of `by`, from time zero on."""
    found: list[Segment] = []
    for column in question.by:
        trials = trials_by(made, column)
        own = {n: compare(t, *ARMS, made.compared.horizon).months for n, t in trials.items()}
        told = {n: e for n, e in own.items() if e.value is not None and e.se}
        better = _shrunk(told)
        found += [
            Segment(column=column, level=n, own=e, shrunk=better.get(n, e)) for n, e in own.items()
        ]
    return tuple(found)


def _shrunk(told: dict[str, Estimate]) -> dict[str, Estimate]:
    """Return the estimates drawn towards their mean; of fewer than three nothing is drawn."""
    if len(told) < 3:
        return {}
    values = np.array([e.value for e in told.values()], dtype=float)
    errors = np.array([e.se for e in told.values()], dtype=float)
    drawn, spread = shrunk(values, errors)
    variance = float(spread) ** 2
    weight = 1 / (errors**2 + variance)
    keep = variance / (variance + errors**2)
    # of the mean the doubt stays, of the deviation from it the part that is kept
    se = np.sqrt(keep * errors**2 + (1 - keep) ** 2 / weight.sum())
    step = normal_quantile(0.95) * se
    return {
        n: replace(
            e,
            value=float(v),
            low=float(v - s),
            high=float(v + s),
            se=float(x),
            method=DRAWN_TOWARDS,
            replicates=None,
        )
        for (n, e), v, s, x in zip(told.items(), drawn, step, se, strict=True)
    }


def effect_by_segment(question: QuestionToml, made: Made) -> Effect | None:
    """Return the effect as a policy wants it: of everybody, and in the segments of `by`.

    None where the arms were not observed in the first unit.
    """
    trials = {EVERYBODY: made.trial}
    for column in question.by:
        trials |= {f"{column}={n}": t for n, t in trials_by(made, column).items()}
    try:
        return effect_of(trials, *ARMS, made.compared.horizon, population=question.name)
    except NotObservedError:
        return None
