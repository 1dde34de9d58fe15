"""Chances of the arms by a logistic model of what was known, kept with what each block adds to it.

Newton's method on counted rows; a small penalty keeps every coefficient finite where levels tell
the arm. Under other weights of the blocks the coefficients move by one step of the same method,
made of the blocks' own scores and information: leave-outs and draws then cost no new fit, and are
right to second order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stammkunde.draws import BLOCKS
from stammkunde.errors import NotObservedError, ParameterError

RIDGE = 1.0
STEPS, HALVES, CLOSE = 60, 30, 1e-10
LARGEST = 30.0


@dataclass(frozen=True, kw_only=True)
class Logit:
    """A fitted model: log-odds of each arm but the first against the first, a constant first.

    `beta` [A-1, p]; `score` [256, q] and `information` [256, q, q] of the blocks at `beta`, with
    q = (A-1) p; `penalty` [q].
    """

    beta: np.ndarray
    score: np.ndarray
    information: np.ndarray
    penalty: np.ndarray

    def moved(self, weights: np.ndarray) -> np.ndarray:
        """Return the coefficients [B, A-1, p] under weights [B, 256] of the blocks (one step)."""
        flat = self.beta.reshape(-1)
        score = weights @ self.score - self.penalty * flat
        known = np.tensordot(weights, self.information, axes=1) + np.diag(self.penalty)
        step = np.linalg.solve(known, score[..., None])[..., 0]
        return np.asarray((flat + step).reshape(len(weights), *self.beta.shape))


def chances(design: np.ndarray, beta: np.ndarray) -> np.ndarray:
    """Return the chance of each arm [..., N, A] for rows [N, p] and coefficients [..., A-1, p]."""
    odds = np.moveaxis(np.asarray(beta) @ design.T, -2, -1)
    odds = np.concatenate([np.zeros((*odds.shape[:-1], 1)), odds], axis=-1)
    odds = np.exp(np.clip(odds - odds.max(axis=-1, keepdims=True), -2 * LARGEST, 0.0))
    return np.asarray(odds / odds.sum(axis=-1, keepdims=True))


def fit_logit(
    design: np.ndarray, taken: np.ndarray, block: np.ndarray, *, ridge: float = RIDGE
) -> Logit:
    """Return the model of counted rows: `design` [N, p], constant first, how many `taken` [N, A].

    The penalty is `ridge` / 2 times the sum of squared coefficients but for the constants, as if so
    many persons had said that nothing tells the arms apart: little among hundreds. NotObservedError
    where an arm holds nobody, ParameterError for a ridge that is not above 0.
    """
    if ridge <= 0:
        raise ParameterError(f"a ridge of {ridge:g}", remedy="Give a number above 0, such as 1.")
    taken = np.asarray(taken, float)
    if not (taken.sum(axis=0) > 0).all():
        raise NotObservedError("an arm holds nobody", remedy="Leave it out.")
    shape = (taken.shape[1] - 1, design.shape[1])
    penalty = np.tile(np.r_[0.0, np.full(shape[1] - 1, ridge)], shape[0])
    flat = np.zeros(len(penalty))
    best = _likelihood(design, taken, flat.reshape(shape), penalty)
    for _ in range(STEPS):
        score, known = _sums(design, taken, flat.reshape(shape))
        step = np.linalg.solve(known + np.diag(penalty), score - penalty * flat)
        for halves in range(HALVES):
            new = flat + 0.5**halves * step
            value = _likelihood(design, taken, new.reshape(shape), penalty)
            if value >= best - 1e-12 * abs(best):
                break
        flat, best = new, value
        if np.abs(step).max() < CLOSE:
            break
    beta = flat.reshape(shape)
    scores, forms = _by_block(design, taken, block, beta)
    return Logit(beta=beta, score=scores, information=forms, penalty=penalty)


def main_effects(levels: np.ndarray) -> np.ndarray:
    """Return the design [C, p] of levels [C, F]: a constant, and a column for each level but 0."""
    columns = [np.ones(len(levels))]
    for codes in levels.T:
        columns += [(codes == level).astype(float) for level in np.unique(codes) if level]
    return np.column_stack(columns)


def _likelihood(
    design: np.ndarray, taken: np.ndarray, beta: np.ndarray, penalty: np.ndarray
) -> float:
    logs = np.log(chances(design, beta))
    return float((taken * logs).sum() - 0.5 * (penalty * beta.reshape(-1) ** 2).sum())


def _sums(design: np.ndarray, taken: np.ndarray, beta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return score [q] and information [q, q] of some rows."""
    rest, spread = _rests(design, taken, beta)
    arms, p = beta.shape
    known = np.empty((arms, p, arms, p))
    for j in range(arms):
        for k in range(arms):
            known[j, :, k] = design.T @ (spread[:, j, k, None] * design)
    return (rest.T @ design).reshape(-1), known.reshape(arms * p, arms * p)


def _by_block(
    design: np.ndarray, taken: np.ndarray, block: np.ndarray, beta: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return score [256, q] and information [256, q, q] of the rows of each block."""
    arms, p = beta.shape
    score, known = np.zeros((BLOCKS, arms, p)), np.zeros((BLOCKS, arms, p, arms, p))
    order = np.argsort(block, kind="stable")
    found, first = np.unique(block[order], return_index=True)
    design, taken = design[order], taken[order]
    rest, spread = _rests(design, taken, beta)
    score[found] = np.add.reduceat(rest[:, :, None] * design[:, None], first, axis=0)
    # a column at a time: rows by pairs of columns are too many to hold
    for i in range(p):
        part = spread[..., None] * (design[:, i, None] * design)[:, None, None]
        known[found, :, i] = np.add.reduceat(part, first, axis=0)
    return score.reshape(BLOCKS, -1), known.reshape(BLOCKS, arms * p, arms * p)


def _rests(
    design: np.ndarray, taken: np.ndarray, beta: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return what is taken beyond what is to be expected [N, A-1], and its covariance."""
    share, n = chances(design, beta)[:, 1:], taken.sum(axis=1)
    spread = -share[:, :, None] * share[:, None]
    spread += share[:, :, None] * np.eye(share.shape[1])
    return taken[:, 1:] - n[:, None] * share, n[:, None, None] * spread
