"""How customers leave, by cause and unit of tenure: counted, projected beyond, and under weights.

How many leave is told by unit; for what, over stretches of tenure: among fewer than twenty leavers
a cause's share would be off by ten points and more by chance alone. Beyond what was counted the
causes are those of the last year counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from stammkunde.chapters.outlook.read import Ahead
from stammkunde.survival.projection.choice import Outlook
from stammkunde.survival.table import LifeTable

FEWEST, LAST_YEAR = 20, 12


@dataclass(frozen=True, kw_only=True)
class Law:
    """Customers of a kind: their curve, and who left for what [C, 256, J], by stretch of tenure.

    `place` [T] is the stretch of each unit; the last one is for what lies beyond the counted units.
    """

    look: Outlook
    left: np.ndarray
    place: np.ndarray

    @property
    def families(self) -> tuple[str, ...]:
        """Return the names of the families of the projection."""
        return tuple(p.family for p in self.look.parts)

    def at(self) -> np.ndarray:
        """Return the hazards at the estimate [C, T]."""
        curve = self.look.weights @ np.stack([p.value for p in self.look.parts])
        return split(leaving(curve), shares_of(self.left.sum(axis=1)), self.place)

    def under(self, weights: np.ndarray, family: str = "") -> np.ndarray:
        """Return the hazards under weights of the blocks [B, C, T].

        By the `family` alone where it is one of these customers', else by all as they weigh.
        """
        alone = next((p for p in self.look.parts if p.family == family), None)
        if alone is not None and alone.under is not None:
            curves = alone.under(weights)
        else:
            curves = self.look.draws(lambda c: c, weights)
        causes, _, stretches = self.left.shape
        flat = np.moveaxis(self.left, 1, 0).reshape(self.left.shape[1], causes * stretches)
        drawn = (weights @ flat).reshape(len(weights), causes, stretches)
        return split(leaving(curves), shares_of(drawn), self.place)


def law_of(ahead: Ahead, causes: Sequence[str]) -> Law:
    """Return how the customers of a projection leave, for `causes` in this order."""
    moves = moves_of(ahead.table, causes)
    return Law(look=ahead.look, **pooled(moves, ahead.look.observed_to, ahead.look.horizon))


def moves_of(table: LifeTable, causes: Sequence[str]) -> np.ndarray:
    """Return the leavers of a table by cause [C, 256, K]; none for a cause unknown to it."""
    _, moves, _ = table.in_state()
    found = np.zeros((len(causes), *moves.shape[1:]), dtype=np.int64)
    for k, cause in enumerate(causes):
        if cause in table.causes:
            found[k] = moves[table.causes.index(cause)]
    return found


def pooled(moves: np.ndarray, reach: int, length: int) -> Mapping[str, np.ndarray]:
    """Return leavers by stretch (`left` [C, 256, J]) and the stretch of each unit (`place` [T])."""
    counted = moves[..., :reach]
    own = stretches(counted.sum(axis=(0, 1)))
    number = int(own.max(initial=-1)) + 1
    late = counted[..., -LAST_YEAR:]
    beyond = late if late.any() else counted
    parts = [counted[..., own == j].sum(axis=-1) for j in range(number)]
    left = np.stack([*parts, beyond.sum(axis=-1)], axis=-1)
    place = np.full(length, number, dtype=np.intp)
    place[:reach] = own[:length]
    return {"left": left, "place": place}


def stretches(leavers: np.ndarray, least: int = FEWEST) -> np.ndarray:
    """Return the number of the stretch of each unit [K]: as many units as `least` leavers take.

    A unit with so many by itself, such as the end of a term, begins a stretch of its own, so that
    it lends its causes to no quiet unit before it.
    """
    found, number, gathered = np.zeros(len(leavers), dtype=np.intp), 0, 0
    for t, n in enumerate(leavers):
        if gathered and (gathered >= least or n >= least):
            number, gathered = number + 1, 0
        found[t] = number
        gathered += int(n)
    return found


def leaving(curves: np.ndarray) -> np.ndarray:
    """Return the share that leaves in each unit [..., T] of curves [..., T + 1]."""
    before, after = curves[..., :-1], curves[..., 1:]
    stays = np.divide(after, before, out=np.ones_like(before), where=before > 0)
    return np.asarray(np.clip(1 - stays, 0.0, 1.0))


def split(total: np.ndarray, shares: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Return hazards by cause [..., C, T] of totals [..., T] and shares [..., C, J]."""
    return np.asarray(total[..., None, :] * shares[..., place])


def shares_of(left: np.ndarray) -> np.ndarray:
    """Return the shares of the causes [..., C, J]; those of all stretches where nobody left."""
    whole = left.sum(axis=-1, keepdims=True)
    known = left.sum(axis=-2, keepdims=True)
    own = np.where(known > 0, left, whole)
    among = own.sum(axis=-2, keepdims=True)
    even = np.full(own.shape, 1 / own.shape[-2])
    return np.divide(own, among, out=even, where=among > 0)
