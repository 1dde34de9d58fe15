"""The maximum of a likelihood with a few positive parameters, and how it moves.

Parameters are logarithms. A likelihood is given by its terms: value [N], score [N, P] and second
derivatives [N, P, P] of each of N histories, which `count` weighs. Newton's method on the observed
information; where the likelihood is not concave, steps go uphill all the same. A likelihood that
keeps rising towards a border has no maximum, which is found and said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from stammkunde.draws import BLOCKS, FEWEST_BLOCKS, Replicates

Terms = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]
# e^12: a parameter that is this far from its natural size is infinite, or 0, for all data can say
FAR = 12.0
ROUNDS, HALVINGS, LONGEST = 200, 40, 2.0
ENOUGH = 1e-12
# with fewer blocks than this each leave-out is a fit of its own: a single step would be too coarse
FEW_BLOCKS = 40
# a maximum so flat that a parameter is known to a factor of e^20 only is none
VAGUE = 10.0


@dataclass(frozen=True)
class Maximum:
    """Where a likelihood is greatest: parameters [P], value, observed information [P, P].

    `found` is False where there is no maximum within reach.
    """

    at: np.ndarray
    value: float
    information: np.ndarray
    found: bool


def maximum(start: np.ndarray, terms: Terms, count: np.ndarray) -> Maximum:
    """Return the maximum of the sum of `terms`, each `count` times, from `start`."""
    at = np.asarray(start, float)
    value, score, curved = summed(terms, at, count)
    for _ in range(ROUNDS):
        step = uphill(score, -curved)
        gain = float(score @ step)
        if gain < ENOUGH * max(1.0, abs(value)):
            return Maximum(at, value, -curved, _is_maximum(at, -curved))
        step = step * min(1.0, LONGEST / np.abs(step).max())
        for _ in range(HALVINGS):
            there = at + step
            higher, new_score, new_curved = summed(terms, there, count)
            if higher > value:
                break
            step = step / 2
        else:
            # so near the top that rounding hides the way
            return Maximum(at, value, -curved, _is_maximum(at, -curved) and gain < 1e-6)
        at, value, score, curved = there, higher, new_score, new_curved
        if np.abs(at).max() > FAR:
            break
    return Maximum(at, value, -curved, False)


def summed(terms: Terms, at: np.ndarray, count: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Return value, score [P] and second derivatives [P, P] of all histories together."""
    value, score, curved = terms(at)
    return float(count @ value), count @ score, np.tensordot(count, curved, axes=1)


def in_logs(
    natural: np.ndarray, value: np.ndarray, score: np.ndarray, curved: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return terms by the logarithms of parameters, from those by the parameters."""
    slope = score * natural
    bent = curved * natural[:, None] * natural
    every = np.arange(len(natural))
    bent[:, every, every] += slope
    return value, slope, bent


def uphill(score: np.ndarray, information: np.ndarray) -> np.ndarray:
    """Return Newton's step; with an information that is not positive, one that still rises."""
    values, vectors = np.linalg.eigh(information)
    safe = np.maximum(np.abs(values), 1e-9 * max(np.abs(values).max(), 1e-300))
    return np.asarray(vectors @ ((vectors.T @ score) / safe))


def _is_maximum(at: np.ndarray, information: np.ndarray) -> bool:
    if np.abs(at).max() > FAR or np.linalg.eigvalsh(information)[0] <= 0:
        return False
    return bool(np.diag(np.linalg.inv(information)).max() < VAGUE**2)


@dataclass(frozen=True)
class Moves:
    """How parameters move when other persons had been observed.

    `at` [P]; `leave_out` [256, P] without each block, `held` [256] which blocks hold somebody;
    `covariance` [P, P], the inverse information, is for those whose blocks are not known.
    """

    at: np.ndarray
    leave_out: np.ndarray
    held: np.ndarray
    covariance: np.ndarray

    @property
    def by_blocks(self) -> bool:
        """Return whether the blocks are enough for an error."""
        return int(self.held.sum()) >= FEWEST_BLOCKS

    def replicates(self) -> Replicates:
        """Return the replicates of the parameters: under weights they move along leave-outs."""
        return Replicates(self.leave_out, self.held, self.reweighted, int(self.held.sum()))

    def reweighted(self, weights: np.ndarray) -> np.ndarray:
        """Return parameters [B, P] under weights of the blocks [B, 256]."""
        kept = self.leave_out[self.held]
        groups = len(kept)
        if groups < 2:
            return np.broadcast_to(self.at, (len(weights), len(self.at)))
        step = (weights[:, self.held] - 1) @ (kept.mean(axis=0) - kept)
        return np.asarray(self.at + np.sqrt((groups - 1) / groups) * step)

    def shifted(self, by: np.ndarray) -> Moves:
        """Return the moves of parameters that all lie `by` [P] further."""
        return Moves(self.at + by, self.leave_out + by, self.held, self.covariance)


def moves(best: Maximum, terms: Terms, by_block: sparse.csr_array) -> Moves:
    """Return the moves of a maximum; `by_block` [256, N] counts the histories of each block.

    Without a block: Newton's step with the score and the information of what is left, or, with few
    blocks, of which each is a large part, a fit of its own.
    """
    count = np.asarray(by_block.sum(axis=0)).ravel()
    _, score, curved = terms(best.at)
    held = np.asarray(by_block.sum(axis=1)).ravel() > 0
    leave_out = np.tile(best.at, (BLOCKS, 1))
    if 1 < held.sum() < FEW_BLOCKS:
        for g in np.flatnonzero(held):
            less = count - np.asarray(by_block[[g]].todense()).ravel()
            leave_out[g] = maximum(best.at, terms, less).at
    elif held.sum() > 1:
        part = by_block @ score
        left = best.information + (by_block @ curved.reshape(len(count), -1)).reshape(
            BLOCKS, *best.information.shape
        )
        left[np.linalg.eigvalsh(left)[:, 0] <= 0] = best.information
        # at the maximum all scores sum to 0, so that what is left pulls the other way
        leave_out -= np.linalg.solve(left, part[..., None])[..., 0]
    return Moves(best.at, leave_out, held, np.linalg.inv(best.information))


def joined(a: Moves, b: Moves) -> Moves:
    """Return the moves of two fits together, parameters one behind the other, paired by block.

    Without the blocks the two are independent.
    """
    size = len(a.at)
    covariance = np.zeros((size + len(b.at), size + len(b.at)))
    covariance[:size, :size], covariance[size:, size:] = a.covariance, b.covariance
    leave_out = np.concatenate([a.leave_out, b.leave_out], axis=1)
    return Moves(np.concatenate([a.at, b.at]), leave_out, a.held | b.held, covariance)
