"""How a model of drivers moves when other people had been observed.

Without a block: one full Newton step from the fit, with that block's score and information taken
out. Units in which nobody would be left who leaves drop out of the step, as they would out of a new
fit. The baseline follows in closed form: one step of each unit's own equation at the fitted
effects, on a scale on which it is exact where all customers are alike, and then along the effects.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stammkunde.draws import BLOCKS, Replicates
from stammkunde.survival.drivers.blocks import Part, by_block
from stammkunde.survival.drivers.cells import Cells
from stammkunde.survival.drivers.design import Kept
from stammkunde.survival.drivers.solve import (
    Point,
    Scores,
    Shape,
    Sums,
    added,
    inverse,
    scores,
    solved,
    sums,
)

FLOOR = 1e-12


@dataclass(frozen=True)
class Moves:
    """What moves the parameters: leave-outs of beta, and per block what moves the baseline.

    `leave_out` [256, p], `held` [256]; `pull` and `weight` [256, S, K] are sums over the block,
    `scale` [S, K] and `centre` [S, K, p] belong to the fit.
    """

    beta: np.ndarray
    baseline: np.ndarray
    leave_out: np.ndarray
    held: np.ndarray
    pull: np.ndarray
    weight: np.ndarray
    scale: np.ndarray
    centre: np.ndarray

    def replicates(self) -> Replicates:
        """Return the replicates of beta; under weights it moves along its leave-outs."""
        return Replicates(self.leave_out, self.held, self.effects, int(self.held.sum()))

    def effects(self, weights: np.ndarray) -> np.ndarray:
        """Return beta [B, p] under weights of the blocks [B, 256]."""
        kept = self.leave_out[self.held]
        groups = len(kept)
        if groups < 2:
            return np.broadcast_to(self.beta, (len(weights), len(self.beta)))
        step = (weights[:, self.held] - 1) @ (kept.mean(axis=0) - kept)
        return np.asarray(self.beta + np.sqrt((groups - 1) / groups) * step)

    def baselines(self, weights: np.ndarray, beta: np.ndarray) -> np.ndarray:
        """Return the baseline [B, S, K] under weights [B, 256], at the beta [B, p] they bring."""
        pull, weight = (np.tensordot(weights, a, axes=1) for a in (self.pull, self.weight))
        share = 1 - pull * inverse(weight)
        own = 1 - np.log(np.maximum(share, FLOOR)) * inverse(self.scale)
        along = np.exp(-np.einsum("stp,bp->bst", self.centre, beta - self.beta))
        finite = np.where(np.isfinite(self.baseline), self.baseline, 0.0)
        moved = finite * np.where(weight > 0, np.maximum(own, 0.0), 0.0) * along
        return np.where(np.isfinite(self.baseline), moved, self.baseline)


def moves(cells: Cells, shape: Shape, kept: Kept, at: Point, form: Sums) -> Moves:
    """Return the moves of a fit; `form` is its observed information."""
    size = (BLOCKS, shape.strata, cells.length)
    leave_out = np.tile(at.beta, (BLOCKS, 1))
    pull, weight, held = np.zeros(size), np.zeros(size), np.zeros(BLOCKS, dtype=bool)
    whole, used = _whole(shape, kept, at, form), kept.at_risk > 0
    for part in (every.within(used) for every in by_block(cells)):
        g, own = part.block, part.own
        few = part.shape(shape)
        n, d = part.at_risk, part.events
        pull[g] = few.member @ (n * at.score_n[own] + d * at.score_d[own])
        weight[g] = few.member @ (n * at.spread[own])
        held[g] = n.any()
        if held[g]:
            leave_out[g] += _step(whole, part, few)
    information = shape.member @ (kept.at_risk * at.expected)
    scale = information * inverse(weight.sum(axis=0))
    centre = form.ab * inverse(form.aa)[..., None]
    return Moves(at.beta, at.baseline, leave_out, held, pull, weight, scale, centre)


@dataclass(frozen=True)
class _Whole:
    """The sums of all customers: who `left` and `stayed` [S, K], information, score."""

    shape: Shape
    kept: Kept
    at: Point
    left: np.ndarray
    stayed: np.ndarray
    form: Sums
    score: Scores


def _whole(shape: Shape, kept: Kept, at: Point, form: Sums) -> _Whole:
    n, d = kept.at_risk, kept.events
    left, stayed = shape.member @ d, shape.member @ (n - d)
    score = scores(shape, n * at.score_n + d * at.score_d)
    return _Whole(shape, kept, at, left, stayed, form, score)


def _step(whole: _Whole, part: Part, few: Shape) -> np.ndarray:
    """Return one Newton step [p] from the fit for the counts without a block."""
    n, d, own, at = part.at_risk, part.events, part.own, whole.at
    some, stay = whole.left - few.member @ d, whole.stayed - few.member @ (n - d)
    alive = (some > 0) & (stay > 0)
    if 2 * n.sum() > whole.kept.at_risk.sum():
        # what is left would drown in the rounding of what is taken off
        return _fresh(whole, part, alive)
    here = alive[few.stratum]
    less = sums(few, (n * at.observed_n[own] + d * at.observed_d[own]) * here)
    fall = scores(few, (n * at.score_n[own] + d * at.score_d[own]) * here)
    bb, b = whole.form.bb - less.bb, whole.score.b - fall.b
    for stratum, unit in np.argwhere(~alive & (whole.left > 0)):
        lost = _unit(whole, int(stratum), int(unit))
        bb, b = bb - lost[0], b - lost[1]
    ab = whole.form.ab * alive[..., None] - less.ab
    form = Sums(whole.form.aa * alive - less.aa, ab, bb)
    score = Scores(whole.score.a * alive - fall.a, b).reduced(form)
    # a level that lives in one block alone is unknown without it, and stays where it was
    return solved(form.reduced(), score)


def _fresh(whole: _Whole, part: Part, alive: np.ndarray) -> np.ndarray:
    """Return the Newton step [p] without a block, by sums over all other customers."""
    shape, at = whole.shape, whole.at
    if not alive.any():
        return np.zeros(len(at.beta))
    n, d = whole.kept.at_risk.astype(float), whole.kept.events.astype(float)
    n[part.own] -= part.at_risk
    d[part.own] -= part.events
    n, d = (a * alive[shape.stratum] for a in (n, d))
    form = sums(shape, added(n, at.observed_n, d, at.observed_d))
    score = scores(shape, added(n, at.score_n, d, at.score_d)).reduced(form)
    return solved(form.reduced(), score)


def _unit(whole: _Whole, stratum: int, unit: int) -> tuple[np.ndarray, np.ndarray]:
    """Return what one unit of a stratum adds to information [p, p] and score [p] of beta."""
    kept, at, shape = whole.kept, whole.at, whole.shape
    there = np.flatnonzero((kept.at_risk[:, unit] > 0) & (shape.stratum == stratum))
    n, d = kept.at_risk[there, unit], kept.events[there, unit]
    x = shape.columns[shape.band[unit], there]
    weight = n * at.observed_n[there, unit] + d * at.observed_d[there, unit]
    pull = n * at.score_n[there, unit] + d * at.score_d[there, unit]
    return (weight * x.T) @ x, pull @ x
