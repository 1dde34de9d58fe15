"""The Brier score of predicted shares still there: the mean of (was there - predicted share)^2.

Only spells seen from their start are scored, and after t units only those that began as long before
observation ended: `sight` says why, and how others stand for who was lost from sight before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from stammkunde import intervals
from stammkunde.draws import BLOCKS, Replicates, paired, replicate
from stammkunde.errors import ParameterError
from stammkunde.intervals import FEW_EVENTS
from stammkunde.result import Estimate, Status
from stammkunde.survival.accuracy.predictions import Predictions, plain_beside
from stammkunde.survival.accuracy.sight import Sight, sight, weights
from stammkunde.survival.curve import NOT_OBSERVED, TOO_FEW_PERSONS
from stammkunde.survival.drivers.cells import Cells
from stammkunde.survival.drivers.solve import inverse
from stammkunde.survival.formulas import ROUNDING

TOO_FEW_EVENTS = "too_few_events"
NOTHING_TO_PREDICT = "nothing_to_predict"
LOST_ALIKE, LOST_ALIKE_IN_GROUPS = "lost_from_sight_alike", "lost_alike_in_groups"
SCORED = "Brier score of spells that began early enough, person blocks, log interval"
WEIGHTED = "Brier score weighted for customers lost from sight, person blocks, log interval"


@dataclass(frozen=True)
class Score:
    """A Brier score, that of the plain curve, and the `gain`: 1 - score / reference."""

    score: Estimate
    reference: Estimate
    gain: Estimate


@dataclass(frozen=True)
class Brier:
    """Brier scores `at` tenures, and their mean over units 1 .. `horizon` (`integrated`).

    `spells` were seen from their start and are scored, `seen_late` were not and are left out.
    """

    at: Mapping[int, Score]
    integrated: Score
    horizon: int
    spells: int
    seen_late: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row per tenure and one, "mean", for the integrated score."""
        rows = []
        for name, part in (*self.at.items(), ("mean", self.integrated)):
            own: dict[str, Any] = {"tenure": name, "score": part.score.value}
            own |= {"reference": part.reference.value, "gain": part.gain.value}
            own |= {"low": part.gain.low, "high": part.gain.high, "reason": part.gain.reason}
            rows.append(own)
        return pd.DataFrame(rows)

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(index=False, border=0, float_format=lambda x: f"{x:.4g}")


@dataclass(frozen=True)
class _Scores:
    """Scores of units [T], nan where unknown, and their replicates (leave-outs [256, T])."""

    value: np.ndarray
    replicates: Replicates


@dataclass(frozen=True)
class _Scored:
    """The units `every` [T] that are scored: spells by block, and leavers up to them [T, 256]."""

    every: np.ndarray
    spells: np.ndarray
    events: np.ndarray

    def about(self, units: Sequence[int], cells: Cells) -> dict[str, Any]:
        """Return what an estimate for some units rests on; the first has the most spells."""
        first, last = np.searchsorted(self.every, (min(units), max(units)))
        spells = int(self.spells[first].sum())
        persons = None if cells.repeats else spells
        return {"spells": spells, "persons": persons, "events": int(self.events[last].sum())}


def brier(
    cells: Cells,
    predictions: Predictions,
    tenures: Sequence[int],
    *,
    horizon: int | None = None,
    lost_by: Sequence[str] = (),
    level: float = 0.95,
) -> Brier:
    """Return the Brier scores after each of `tenures` and their mean over units up to `horizon`.

    A score after t units is of the spells that began that long before observation ended, where the
    cells know it. Who was lost from sight before is stood for within groups by the factors
    `lost_by` (`sight`). `horizon` is the last of the tenures by default. The reference is the plain
    curve, fitted without the same folds. Errors by person block, for the predictions as they are;
    log limits, of a gain those of the ratio. No value, with the reason, beyond what was observed or
    predicted, with fewer than 5 leavers, and with too few blocks. ParameterError for a tenure below
    1 or an unknown factor, NotObservedError where no spell was seen from its start.
    """
    horizon = max(tenures, default=0) if horizon is None else horizon
    if min((*tenures, horizon), default=0) < 1:
        what = f"{list(tenures)} and {horizon} are no tenures to score"
        raise ParameterError(what, remedy=f"Ask for 1 {cells.unit} or more.")
    every = np.unique([*tenures, *range(1, horizon + 1)])
    seen = sight(cells, lost_by, int(every.max()))
    scored = _scored(seen, every)
    pair = (predictions, plain_beside(cells, predictions))
    both = [_scores(seen, scored, p) for p in pair]
    about = {"level": level, "status": Status.MEASURED, "assumptions": _assumed(seen)}

    def told(units: Sequence[int], what: str) -> Score:
        own = {**about, **scored.about(units, cells), "estimand": f"brier({what})"}
        places = np.searchsorted(every, units)
        return _score(both, places, scored.spells[places] > 0, own)

    spells = int(cells.n[seen.rows].sum())
    return Brier(
        at={t: told([t], str(t)) for t in tenures},
        integrated=told(range(1, horizon + 1), f"1-{horizon}"),
        horizon=horizon,
        spells=spells,
        seen_late=int(cells.n.sum()) - spells,
    )


def _assumed(seen: Sight) -> tuple[str, ...]:
    """Return what scores rest on: nothing where nobody was lost before observation had to end."""
    if not seen.units.size:
        return ()
    return (LOST_ALIKE_IN_GROUPS if len(seen.until) > 1 else LOST_ALIKE,)


def _scored(seen: Sight, every: np.ndarray) -> _Scored:
    """Return spells and leavers of the units that are scored."""
    spells = np.zeros((2, len(every), BLOCKS))
    cells = seen.cells
    for i, t in enumerate(every):
        rows = seen.rows[seen.scorable(t)]
        gone = rows[cells.left[rows] & (cells.finish[rows] <= t)]
        for k, own in enumerate((rows, gone)):
            spells[k, i] = np.bincount(cells.block[own], weights=cells.n[own], minlength=BLOCKS)
    return _Scored(every, *spells)


def _scores(seen: Sight, scored: _Scored, predictions: Predictions) -> _Scores:
    """Return the scores of all units; those beyond what was observed or predicted are nan."""
    cells, every = seen.cells, scored.every
    groups, steps = len(seen.until), len(seen.units) + 1
    known = np.zeros(len(every), dtype=bool)
    loss = np.zeros((len(every), groups, BLOCKS, steps))
    for i, t in enumerate(every):
        there = seen.scorable(t)
        rows = seen.rows[there]
        share = predictions.of_rows(cells, rows, int(t))
        if not seen.is_known(there, t) or np.isnan(share).any():
            continue
        known[i] = True
        gone = cells.left[rows] & (cells.finish[rows] <= t)
        error = np.where(gone, share, 1 - share) ** 2
        # who was lost before has no place: others stand for him
        fate = gone | (cells.finish[rows] >= t)
        step = seen.step(np.where(gone, cells.finish[rows], t))
        where = (seen.group[there][fate], cells.block[rows[fate]], step[fate])
        place = np.ravel_multi_index(where, loss.shape[1:])
        own = np.bincount(place, weights=(cells.n[rows] * error)[fate], minlength=loss[i].size)
        loss[i] = own.reshape(loss[i].shape)

    def score(n: np.ndarray, d: np.ndarray, c: np.ndarray, *more: np.ndarray) -> np.ndarray:
        loss, spells = more
        total = (loss * weights(n, d, c)[..., None, :, :]).sum(axis=(-2, -1))
        return np.where(known, total * inverse(spells[..., 0]), np.nan)

    counts = (*seen.counts, loss, scored.spells[..., None])
    value = score(*(x.sum(axis=-2) for x in counts))
    return _Scores(value, replicate(counts, scored.spells[0] > 0, score))


def _score(
    both: Sequence[_Scores], units: np.ndarray, held: np.ndarray, about: dict[str, Any]
) -> Score:
    """Return the mean score of some units, its reference and the gain.

    `held` tells which blocks hold somebody in each of the units [units, 256].
    """
    blocks = np.asarray(held.any(axis=0))
    smallest = int(held.sum(axis=1).min())

    def mean(s: _Scores) -> tuple[float, Replicates]:
        replicates = s.replicates.map(lambda x: x[..., units].mean(axis=-1))
        return float(s.value[units].mean()), replace(replicates, held=blocks, smallest=smallest)

    own, plain = (mean(s) for s in both)
    method = WEIGHTED if about["assumptions"] else SCORED
    reason = _reason(own, plain, about["events"])
    score = _estimate(own, reason, {**about, "method": method, "unit": "share"})
    said = {**about, "method": f"{method}, of the plain curve", "unit": "share"}
    reference = _estimate(plain, reason, said)
    said = {**about, "method": f"{method} of the ratio", "unit": "share"}
    said["estimand"] = f"gain in {about['estimand']}"
    if not reason and plain[0] <= ROUNDING:
        return Score(score, reference, Estimate(value=None, reason=NOTHING_TO_PREDICT, **said))
    pair = paired(own[1], plain[1], _ratio)
    ratio = _estimate((own[0] / plain[0] if not reason else np.nan, pair), reason, said)
    return Score(score, reference, ratio if reason else _turned(ratio))


def _ratio(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return a / b, 0 where nothing was to be predicted."""
    return np.divide(a, b, out=np.zeros_like(a), where=b > 0)


def _reason(own: tuple[float, Replicates], plain: tuple[float, Replicates], events: int) -> str:
    """Return why there is no score, or nothing."""
    if np.isnan(own[0]) or np.isnan(plain[0]):
        return NOT_OBSERVED
    if events < FEW_EVENTS:
        return TOO_FEW_EVENTS
    return "" if own[1].is_enough else TOO_FEW_PERSONS


def _estimate(found: tuple[float, Replicates], reason: str, about: dict[str, Any]) -> Estimate:
    """Return a number that is not below 0 with log limits; none where it is 0."""
    value, replicates = found
    if reason:
        return Estimate(value=None, reason=reason, **about)
    if value <= ROUNDING:
        return Estimate(value=value, replicates=replicates, **about)
    quantile = intervals.student_quantile(about["level"], replicates.smallest)
    se = replicates.se()
    low, high = intervals.log(np.array(value), se, quantile)
    return Estimate(
        value=value, low=float(low), high=float(high), se=float(se), replicates=replicates, **about
    )


def _turned(ratio: Estimate) -> Estimate:
    """Return 1 less an estimate."""
    value, low, high = (None if x is None else 1 - x for x in (ratio.value, ratio.high, ratio.low))
    replicates = ratio.replicates and ratio.replicates.map(lambda x: 1 - x)
    return replace(ratio, value=value, low=low, high=high, replicates=replicates)
