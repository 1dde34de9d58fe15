"""The shares that weights are made of: how many of a cell did what they did, counted by block.

A weight is one over the chance of having done what one did. Chances are shares of counted persons
(cells without a model: saturated), so that every replicate has its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stammkunde.draws import BLOCKS
from stammkunde.errors import DataError


@dataclass(frozen=True)
class Shares:
    """Of `whole` persons in a cell, `part` did one thing: integers [F, 256], a row per thing done.

    Things that exclude each other in one cell, such as taking an offer and not taking it, are two
    rows with the same whole.
    """

    part: np.ndarray
    whole: np.ndarray

    def __post_init__(self) -> None:
        right = self.part.shape == self.whole.shape and self.part.shape[-1:] == (BLOCKS,)
        if not right or (self.part > self.whole).any() or (self.part < 0).any():
            raise DataError(
                "these are no shares of persons",
                remedy=f"Give counts by {BLOCKS} blocks, of each cell no more than it holds.",
            )

    def logs(self, weights: np.ndarray) -> np.ndarray:
        """Return the log of each share under weights [B, 256] of the blocks [F, B].

        0 for what nobody did: no row then rests on it.
        """
        part, whole = self.part @ weights.T, self.whole @ weights.T
        done = part > 0
        return np.log(np.divide(part, whole, out=np.ones(part.shape), where=done))

    @property
    def value(self) -> np.ndarray:
        """Return the shares [F]; 0 of nobody."""
        part, whole = self.part.sum(axis=1), self.whole.sum(axis=1)
        return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
