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
from stammkunde.survival.drivers.cells import Cells, by_block
from stammkunde.survival.drivers.design import Kept
from stammkunde.survival.drivers.solve import Point, Shape, Sums, inverse, scores, solved, sums

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
    used = (kept.at_risk > 0).astype(float)
    for part, n, d in by_block(cells):
        n, d = n * used, d * used
        pull[part] = shape.member @ (n * at.score_n + d * at.score_d)
        weight[part] = shape.member @ (n * at.spread)
        held[part] = n.any(axis=(1, 2))
        inside = held[part]
        n, d = kept.at_risk - n[inside], kept.events - d[inside]
        leave_out[part][inside] += _step(shape, n, d, at)
    information = shape.member @ (kept.at_risk * at.expected)
    scale = information * inverse(weight.sum(axis=0))
    centre = form.ab * inverse(form.aa)[..., None]
    return Moves(at.beta, at.baseline, leave_out, held, pull, weight, scale, centre)


def _step(shape: Shape, n: np.ndarray, d: np.ndarray, at: Point) -> np.ndarray:
    """Return one Newton step [g, p] from the fit for counts [g, C, K] without a block."""
    some, stay = shape.member @ d, shape.member @ (n - d)
    alive = (some > 0) & (stay > 0)
    if not alive.all():
        n, d = (a * alive[:, shape.stratum] for a in (n, d))
    form = sums(shape, n * at.observed_n + d * at.observed_d)
    score = scores(shape, n * at.score_n + d * at.score_d).reduced(form)
    # a level that lives in one block alone is unknown without it, and stays where it was
    return solved(form.reduced(), score)
