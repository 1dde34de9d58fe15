"""Errors that hold when rows of one person, or of one block, belong together.

Lin and Wei (1989): each row's part of the score is summed within clusters, and the spread of these
sums takes the place of the information in the middle of the sandwich.
"""

from __future__ import annotations

import numpy as np

from stammkunde.errors import DataError, ParameterError
from stammkunde.survival.cox.efron import Point
from stammkunde.survival.cox.riskset import RiskSets


def score_residuals(sets: RiskSets, z: np.ndarray, at: Point) -> np.ndarray:
    """Return each row's part of the score [p, M]; times the weights they add up to the score.

    Source: Therneau and Grambsch (2000), section 7.2, Efron's form.
    """
    c0, c1, c2 = at.c
    expected = sets.along(np.vstack([at.a[None], c0 * at.s1 - c1 * at.d1]))
    residuals = at.risk * (expected[1:] - z * expected[0])
    # who leaves is counted as still at risk for a part of the others who leave with them
    slot, died = sets.slot, sets.died
    mean = (at.a * at.s1 - at.b * at.d1) / sets.deaths
    partly = c1 * at.s1 - c2 * at.d1
    own, risk = z[:, died], at.risk[died]
    residuals[:, died] += own - mean[:, slot] + risk * (own * at.b[slot] - partly[:, slot])
    return residuals


def clustered(
    residuals: np.ndarray, cell: np.ndarray, cluster: np.ndarray, weight: np.ndarray | None
) -> tuple[np.ndarray, int]:
    """Return the middle [p, p] of the sandwich and the number of clusters.

    `residuals` [p, M] of the distinct rows; `cell` [N] leads there from the rows as given (-1:
    never at risk), which carry `cluster` and `weight` [N]. DataError for a cluster that is missing.
    """
    if len(cluster) != len(cell):
        raise ParameterError(
            f"there are {len(cell)} rows but {len(cluster)} clusters",
            remedy="Give each row the person or block it belongs to.",
        )
    number, count = numbered(cluster)
    used = np.flatnonzero(cell >= 0)
    number, cell = number[used], cell[used]
    times = None if weight is None else np.asarray(weight, dtype=float)[used]
    parts = [r[cell] if times is None else r[cell] * times for r in residuals]
    sums = np.stack([np.bincount(number, p, count) for p in parts])
    there = np.count_nonzero(np.bincount(number, times, count))
    return sums @ sums.T, int(there)


def numbered(cluster: np.ndarray) -> tuple[np.ndarray, int]:
    """Return clusters as numbers from 0, and how many numbers there are."""
    labels = np.asarray(cluster)
    if labels.dtype.kind == "f" and not np.isfinite(labels).all():
        raise DataError(
            "a row belongs to no cluster",
            rows=int((~np.isfinite(labels)).sum()),
            remedy="Give each row the person or block it belongs to.",
        )
    if labels.dtype.kind in "iu" and len(labels):
        low, high = int(labels.min()), int(labels.max())
        if high - low <= 4 * len(labels):
            return labels.astype(np.int64) - low, high - low + 1
    kinds, number = np.unique(labels, return_inverse=True)
    return number, len(kinds)
