"""Those who followed one arm, counted by history, unit and block; weights stay outside the counts.

A history is what a weight depends on: how often each share divides it (`powers`, negative where it
multiplies). Rows are integers; under any weights of the blocks the shares are counted anew and with
them the weights, so that leave-outs and draws carry the doubt of the weights too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy import sparse

from stammkunde.draws import BLOCKS
from stammkunde.errors import DataError
from stammkunde.evidence.shares import Shares

# numbers held at once while weighting: more would leave the processor's cache
AT_ONCE = 4_000_000


class Sums(NamedTuple):
    """Weighted numbers at risk [B, K] and leaving by cause [B, C, K], one row per weighting."""

    at_risk: np.ndarray
    moves: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Arm:
    """Those who followed one arm of a trial, as counts.

    `powers` [H, F] says of each history how often each share divides its weight. The rows: history
    `code`, `unit` since time zero (1 .. K, `length`), `block`, how many were `at_risk` and how many
    left by cause `moves` [R, C]. With `flows` a history stays the same for good, and `at_risk`
    holds changes: those who begin to be at risk in the unit less those who ceased to be before it.
    `heads` [256] are persons. `cap` is the largest weight allowed, as a multiple of the mean weight
    in the first unit; None: no limit.
    """

    name: str
    powers: sparse.csr_array
    code: np.ndarray
    unit: np.ndarray
    block: np.ndarray
    at_risk: np.ndarray
    moves: np.ndarray
    heads: np.ndarray
    length: int
    flows: bool = False
    cap: float | None = None

    def __post_init__(self) -> None:
        rows = {len(a) for a in (self.code, self.unit, self.block, self.at_risk, self.moves)}
        if len(rows) != 1 or self.unit.min(initial=1) < 1 or self.unit.max(initial=1) > self.length:
            raise DataError(
                f"the rows of the arm `{self.name}` do not fit together",
                remedy="Give arrays of one length, and units from 1 to the last.",
            )

    @property
    def persons(self) -> int:
        """Return how many persons are in the arm."""
        return int(self.heads.sum())

    @cached_property
    def counts(self) -> Sums:
        """Return the numbers at risk [1, K] and leaving [1, C, K] without weights."""
        plain = replace(self, powers=self.powers * 0, cap=None)
        nobody = np.zeros((self.powers.shape[1], BLOCKS), dtype=np.int64)
        found = weighted(plain, Shares(nobody, nobody), np.ones((1, BLOCKS)))
        return Sums(np.rint(found.at_risk), np.rint(found.moves))

    @cached_property
    def laid(self) -> Laid:
        """Return the rows put together by history and unit."""
        return _laid(self)

    def where(self, kept: np.ndarray, heads: np.ndarray) -> Arm:
        """Return the arm with those rows [R] only, and the persons they stand for."""
        rows = {n: getattr(self, n)[kept] for n in ("code", "unit", "block", "at_risk", "moves")}
        return replace(self, **rows, heads=heads)


class Laid(NamedTuple):
    """Rows by history and unit [P]: counts by block as sparse matrices [P, 256]."""

    code: np.ndarray
    unit: np.ndarray
    at_risk: sparse.csr_array
    moves: Sequence[sparse.csr_array]


def weighted(arm: Arm, shares: Shares, weights: np.ndarray) -> Sums:
    """Return the arm's weighted numbers under weights [B, 256] of the blocks."""
    step = max(1, AT_ONCE // max(len(arm.laid.code), 1))
    parts = [_sums(arm, shares, weights[i : i + step]) for i in range(0, len(weights), step)]
    return Sums(*(np.concatenate(p) for p in zip(*parts, strict=True)))


def weights_of(arm: Arm, shares: Shares, weights: np.ndarray | None = None) -> np.ndarray:
    """Return the weight of each history [H, B], by default as counted [H, 1].

    The largest weight allowed is that of the counted persons, in every replicate.
    """
    as_counted = np.ones((1, BLOCKS))
    each = _inverse(arm, shares, as_counted if weights is None else weights)
    if arm.cap is None:
        return each
    first = (arm.unit == 1) & (arm.at_risk > 0)
    whole = each if weights is None else _inverse(arm, shares, as_counted)
    mean = np.average(whole[arm.code[first], 0], weights=arm.at_risk[first])
    return np.minimum(each, arm.cap * mean)


def _inverse(arm: Arm, shares: Shares, weights: np.ndarray) -> np.ndarray:
    each = np.asarray(np.exp(-(arm.powers @ shares.logs(weights))))
    multiplies = arm.powers < 0
    if multiplies.nnz:
        # nobody left to stand for: the share is 0, though its log is said to be 0
        nobody = (shares.part @ weights.T) <= 0
        each[multiplies.astype(np.int64) @ nobody.astype(np.int64) > 0] = 0.0
    return each


def _laid(arm: Arm) -> Laid:
    size = int(arm.code.max(initial=0)) + 1
    found, place = np.unique(arm.unit.astype(np.int64) * size + arm.code, return_inverse=True)

    def by_block(counts: np.ndarray) -> sparse.csr_array:
        some = np.flatnonzero(counts)
        cells = (place[some], arm.block[some])
        return sparse.csr_array((counts[some].astype(float), cells), shape=(len(found), BLOCKS))

    moves = [by_block(arm.moves[:, c]) for c in range(arm.moves.shape[1])]
    return Laid(found % size, found // size, by_block(arm.at_risk), moves)


def _sums(arm: Arm, shares: Shares, weights: np.ndarray) -> Sums:
    laid = arm.laid
    each = weights_of(arm, shares, weights)[laid.code]
    place = (laid.unit - 1, np.arange(len(laid.unit)))
    by_unit = sparse.csr_array((np.ones(len(laid.unit)), place), shape=(arm.length, len(place[0])))

    def summed(counts: sparse.csr_array) -> np.ndarray:
        return np.asarray((by_unit @ (each * (counts @ weights.T))).T)

    at_risk = summed(laid.at_risk)
    moves = np.stack([summed(m) for m in laid.moves], axis=1)
    return Sums(np.cumsum(at_risk, axis=-1) if arm.flows else at_risk, moves)
