"""Rows of intervals, checked and counted: who stayed `left` units and was gone by `right`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stammkunde.draws import BLOCKS
from stammkunde.errors import DataError, NotObservedError
from stammkunde.survival.grouped.likelihood import Seen


@dataclass(frozen=True)
class Intervals:
    """Leaving within (left, right], infinite where nobody saw it, of who was seen from `entry` on.

    Arrays [R]; `n` [G, R] counts by block, with one block where none were told apart.
    """

    left: np.ndarray
    right: np.ndarray
    entry: np.ndarray
    n: np.ndarray

    @property
    def blocked(self) -> bool:
        """Return whether persons were dealt to blocks."""
        return len(self.n) == BLOCKS

    @property
    def total(self) -> np.ndarray:
        """Return the counts of all blocks [R]."""
        return np.asarray(self.n.sum(axis=0))

    @property
    def events(self) -> int:
        """Return how many were seen leaving."""
        return round(float(self.total[np.isfinite(self.right)].sum()))

    @property
    def ends(self) -> np.ndarray:
        """Return the finite right ends."""
        return self.right[np.isfinite(self.right)]

    def over(self, cuts: np.ndarray) -> Seen:
        """Return the exposures in the pieces between `cuts` [J + 1]."""
        seen_to = np.where(np.isfinite(self.right), self.right, self.left)
        return Seen(overlap(self.entry, self.left, cuts), overlap(self.left, seen_to, cuts))


def intervals_of(
    left: np.ndarray, right: np.ndarray, n: np.ndarray | None, entry: np.ndarray | None
) -> Intervals:
    """Return checked intervals: rows never at risk (nobody in them, or nothing seen) are left out.

    `n` is [R] or, by person block, [256, R]; one each where it is None. DataError where an interval
    ends before it begins, NotObservedError where nothing is left.
    """
    left, right = np.asarray(left, float).ravel(), np.asarray(right, float).ravel()
    first = np.zeros_like(left) if entry is None else np.asarray(entry, float).ravel()
    counts = np.atleast_2d(np.ones(left.shape) if n is None else np.asarray(n, float))
    if not left.shape == right.shape == first.shape == counts.shape[1:]:
        raise DataError("the columns of the intervals are not equally long")
    if len(counts) not in (1, BLOCKS):
        what = f"counts come in {len(counts)} blocks"
        raise DataError(what, remedy=f"Give them in {BLOCKS}, or all together.")
    with np.errstate(invalid="ignore"):
        bad = ~((first >= 0) & (left >= first) & (right > left))
    bad |= ~np.isfinite(left) | (counts < 0).any(axis=0)
    if bad.any():
        raise DataError(
            "an interval does not lie behind the entry, or ends before it begins",
            rows=int(bad.sum()),
            remedy="Give entry <= left < right, and right infinite where nobody was seen leaving.",
        )
    used = (counts.sum(axis=0) > 0) & ((left > first) | np.isfinite(right))
    if not used.any():
        raise NotObservedError(
            "nobody was at risk, so there is nothing to count",
            remedy="Check the intervals and their counts.",
        )
    return Intervals(left[used], right[used], first[used], counts[:, used])


def overlap(begin: np.ndarray, end: np.ndarray, cuts: np.ndarray) -> np.ndarray:
    """Return the length of (begin, end] [R] in each piece between `cuts` [R, J]."""
    reach = np.minimum(end[:, None], cuts[1:]) - np.maximum(begin[:, None], cuts[:-1])
    return np.asarray(np.maximum(reach, 0.0))
