"""The Brier score of predicted shares still there, customers weighted for those lost from sight.

(Was there after t - predicted share)^2, averaged. Who was lost from sight before is stood for by
those who were seen as long, weighted by 1 / G, G being the Kaplan-Meier curve of being lost from
sight, with leaving before being lost in the same unit (Graf, Schmoor, Sauerbrei and Schumacher
1999). Only spells seen from their start; being lost from sight must not depend on who they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from stammkunde import intervals
from stammkunde.draws import BLOCKS, Replicates, paired, replicate
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.intervals import FEW_EVENTS
from stammkunde.result import Estimate, Status
from stammkunde.survival.accuracy.predictions import Predictions, plain_beside
from stammkunde.survival.curve import NOT_OBSERVED, TOO_FEW_PERSONS
from stammkunde.survival.drivers.cells import Cells
from stammkunde.survival.drivers.solve import inverse
from stammkunde.survival.formulas import ROUNDING

TOO_FEW_EVENTS = "too_few_events"
NOTHING_TO_PREDICT = "nothing_to_predict"
LOST_ALIKE = "lost_from_sight_alike"
METHOD = "Brier score weighted for customers lost from sight, person blocks, log interval"


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
class _Seen:
    """Spells seen from their start: which rows, counts by block and unit [256, K], `every` unit.

    `every` are the units that are scored.
    """

    rows: np.ndarray
    at_risk: np.ndarray
    events: np.ndarray
    lost: np.ndarray
    every: np.ndarray


@dataclass(frozen=True)
class _Scores:
    """Scores of units [T], nan where unknown, and their replicates (leave-outs [256, T])."""

    value: np.ndarray
    replicates: Replicates


def brier(
    cells: Cells,
    predictions: Predictions,
    tenures: Sequence[int],
    *,
    horizon: int | None = None,
    level: float = 0.95,
) -> Brier:
    """Return the Brier scores after each of `tenures` and their mean over units up to `horizon`.

    `horizon` is the last of the tenures by default. The reference is the plain curve, fitted
    without the same folds. Errors by person block, for the predictions as they are; log limits, of
    a gain those of the ratio. No value, with the reason, beyond what was observed or predicted,
    with fewer than 5 leavers, and with too few blocks. ParameterError for a tenure below 1,
    NotObservedError where no spell was seen from its start.
    """
    horizon = max(tenures, default=0) if horizon is None else horizon
    if min((*tenures, horizon), default=0) < 1:
        what = f"{list(tenures)} and {horizon} are no tenures to score"
        raise ParameterError(what, remedy=f"Ask for 1 {cells.unit} or more.")
    seen = _seen(cells, np.unique([*tenures, *range(1, horizon + 1)]))
    both = [_scores(cells, p, seen) for p in (predictions, plain_beside(cells, predictions))]
    spells = int(cells.n[seen.rows].sum())
    about: dict[str, Any] = {"level": level, "spells": spells, "status": Status.MEASURED}
    about |= {"persons": None if cells.repeats else spells, "assumptions": (LOST_ALIKE,)}

    def scored(units: Sequence[int], what: str) -> Score:
        number = int(seen.events[:, : max(units)].sum())
        own = {**about, "estimand": f"brier({what})", "events": number}
        return _score(both, np.searchsorted(seen.every, units), own)

    return Brier(
        at={t: scored([t], str(t)) for t in tenures},
        integrated=scored(range(1, horizon + 1), f"1-{horizon}"),
        horizon=horizon,
        spells=spells,
        seen_late=int(cells.n.sum()) - spells,
    )


def _seen(cells: Cells, every: np.ndarray) -> _Seen:
    """Return the spells seen from their start and their counts."""
    rows = np.flatnonzero(cells.begin == 0)
    if not rows.size:
        raise NotObservedError(
            "no spell was observed from its start, so predictions from the start cannot be scored",
            remedy="Observe customers from the day they join.",
        )

    def counted(there: np.ndarray) -> np.ndarray:
        own = rows[there]
        where = cells.block[own] * cells.length + cells.finish[own] - 1
        found = np.bincount(where, weights=cells.n[own], minlength=BLOCKS * cells.length)
        return np.asarray(found.reshape(BLOCKS, cells.length))

    events, lost = counted(cells.left[rows]), counted(~cells.left[rows])
    at_risk = np.flip(np.cumsum(np.flip(events + lost, axis=1), axis=1), axis=1)
    return _Seen(rows, at_risk, events, lost, every)


def _scores(cells: Cells, predictions: Predictions, seen: _Seen) -> _Scores:
    """Return the scores of all units; those beyond what was observed or predicted are nan."""
    rows = seen.rows
    there = np.zeros(len(seen.every), dtype=bool)
    gone = np.zeros((len(seen.every), BLOCKS, cells.length))
    stays = np.zeros((len(seen.every), BLOCKS, 1))
    for i, t in enumerate(seen.every):
        share = predictions.of_rows(cells, rows, int(t))
        if t > cells.length or not seen.at_risk[:, t - 1].any() or np.isnan(share).any():
            continue
        there[i] = True
        left = cells.left[rows] & (cells.finish[rows] <= t)
        own = rows[left]
        where = cells.block[own] * cells.length + cells.finish[own] - 1
        loss = cells.n[own] * share[left] ** 2
        gone[i] = np.bincount(where, weights=loss, minlength=gone[i].size).reshape(gone[i].shape)
        known = ~left & (cells.finish[rows] >= t)
        loss = cells.n[rows[known]] * (1 - share[known]) ** 2
        stays[i, :, 0] = np.bincount(cells.block[rows[known]], weights=loss, minlength=BLOCKS)
    units = np.minimum(seen.every, cells.length)

    def score(*counts: np.ndarray) -> np.ndarray:
        return np.where(there, _weighted(counts, units), np.nan)

    counts = (seen.at_risk, seen.events, seen.lost, gone, stays)
    value = score(*(x.sum(axis=-2) for x in counts))
    return _Scores(value, replicate(counts, seen.at_risk[:, 0] > 0, score))


def _weighted(counts: Sequence[np.ndarray], units: np.ndarray) -> np.ndarray:
    """Return the scores [..., T] of some units.

    Counts are at risk, leavers and lost [..., K], losses of leavers [..., T, K] and of who stayed
    [..., T, 1].
    """
    n, d, c, gone, stays = counts
    seen_on = np.cumprod(1 - c * inverse(n - d), axis=-1)
    # seen up to the unit: nobody was lost before the first
    seen_to = np.concatenate([np.ones((*seen_on.shape[:-1], 1)), seen_on[..., :-1]], axis=-1)
    by = inverse(np.maximum(seen_to, 0.0))
    total = (gone * by[..., None, :]).sum(axis=-1) + stays[..., 0] * by[..., units - 1]
    return np.asarray(total * inverse(n[..., :1]))


def _score(both: Sequence[_Scores], units: np.ndarray, about: dict[str, Any]) -> Score:
    """Return the mean score of some units, its reference and the gain."""
    own, plain = (
        (float(s.value[units].mean()), s.replicates.map(lambda x: x[..., units].mean(axis=-1)))
        for s in both
    )
    reason = _reason(own, plain, about["events"])
    score = _estimate(own, reason, {**about, "method": METHOD, "unit": "share"})
    said = {**about, "method": f"{METHOD}, of the plain curve", "unit": "share"}
    reference = _estimate(plain, reason, said)
    said = {**about, "method": f"{METHOD} of the ratio", "unit": "share"}
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
