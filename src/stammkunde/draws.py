"""Replicates: how an estimate moves when other people had been observed.

Persons are dealt into 256 blocks. Leaving out one block at a time gives standard errors that
respect repeat spells and households (delete-a-group jackknife); re-weighting the blocks gives joint
draws (Bayesian bootstrap, Rubin 1981) that every room shares by draw number, so that differences
carry their correlation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256

import numpy as np

BLOCKS = 256
DRAWS = 10_000
FEWEST_BLOCKS = 10


@lru_cache(maxsize=2)
def block_weights(count: int = DRAWS) -> np.ndarray:
    """Return standard exponential weights [count, 256]; fewer draws are a prefix of more."""
    return _exponential(b"stammkunde blocks 1", count)


@lru_cache(maxsize=2)
def cluster_weights(count: int = DRAWS) -> np.ndarray:
    """Return weights as `block_weights`, of their own draws: for blocks that are not persons'."""
    return _exponential(b"stammkunde clusters 1", count)


def _exponential(name: bytes, count: int) -> np.ndarray:
    seed = int.from_bytes(sha256(name).digest()[:16], "big")
    generator = np.random.Generator(np.random.PCG64(seed))
    weights = generator.standard_exponential((count, BLOCKS), method="inv")
    weights.setflags(write=False)
    return weights


@dataclass(frozen=True)
class Replicates:
    """An estimate without each block, and under any weights of the blocks.

    `leave_out` [256, ...] is the estimate without block g (the estimate itself where the block is
    empty); `held` [256] tells which blocks hold somebody; `reweighted` maps weights [B, 256] to
    estimates [B, ...]; `smallest` is the number of held blocks of the smallest arm. `dealt` gives
    the weights of draws: where blocks are regions or teams, not those of the persons' blocks, or
    one of either would stand for the other.
    """

    leave_out: np.ndarray
    held: np.ndarray
    reweighted: Callable[[np.ndarray], np.ndarray]
    smallest: int
    dealt: Callable[[int], np.ndarray] = block_weights

    @property
    def is_enough(self) -> bool:
        """Return whether the blocks are enough for an error: 10 in every arm."""
        return self.smallest >= FEWEST_BLOCKS

    def map(self, change: Callable[[np.ndarray], np.ndarray]) -> Replicates:
        """Return the replicates of a function of the estimate; leading axes are replicates."""
        return replace(
            self,
            leave_out=change(self.leave_out),
            reweighted=lambda w: change(self.reweighted(w)),
        )

    def draws(self, count: int = DRAWS) -> np.ndarray:
        """Return joint draws [count, ...] under the shared weights of the blocks."""
        return self.reweighted(self.dealt(count))

    def deviations(self) -> np.ndarray:
        """Return the leave-outs of the held blocks less their mean [G, ...]."""
        kept = self.leave_out[self.held]
        return np.asarray(kept - kept.mean(axis=0))

    def se(self) -> np.ndarray:
        """Return the jackknife standard error: se^2 = (G-1)/G * sum of squared deviations."""
        groups = int(self.held.sum())
        return np.asarray(np.sqrt((groups - 1) / groups * (self.deviations() ** 2).sum(axis=0)))

    def covariance(self) -> np.ndarray:
        """Return the jackknife covariance [A, A] of an estimate with A parts."""
        deviations, groups = self.deviations(), int(self.held.sum())
        return np.asarray((groups - 1) / groups * deviations.T @ deviations)

    def rests_on_few(self) -> bool:
        """Return whether four blocks carry more than half of the squared deviations."""
        squares = np.sort(self.deviations() ** 2, axis=0)
        return bool(np.any(squares[-4:].sum(axis=0) > 0.5 * squares.sum(axis=0)))


def paired(
    a: Replicates, b: Replicates, combine: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> Replicates:
    """Return the replicates of a contrast, paired by block and by draw.

    G in the formula is that of the union, in the degrees of freedom that of the smallest arm.
    """
    return Replicates(
        combine(a.leave_out, b.leave_out),
        a.held | b.held,
        lambda w: combine(a.reweighted(w), b.reweighted(w)),
        min(a.smallest, b.smallest),
        a.dealt,
    )


def replicate(
    counts: tuple[np.ndarray, ...],
    held: np.ndarray,
    estimator: Callable[..., np.ndarray],
) -> Replicates:
    """Return the replicates of `estimator`, a pure function of counts.

    Each of `counts` is [..., 256, K] (blocks on the last axis but one); the estimator takes the
    same arrays with that axis summed away and returns the estimate, replicates on its first axis.
    """
    totals = [c.sum(axis=-2) for c in counts]
    without = [np.moveaxis(t[..., None, :] - c, -2, 0) for t, c in zip(totals, counts, strict=True)]

    def reweighted(weights: np.ndarray) -> np.ndarray:
        return estimator(*(np.moveaxis(weights @ c, -2, 0) for c in counts))

    return Replicates(estimator(*without), held, reweighted, int(held.sum()))
