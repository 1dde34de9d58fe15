"""How often the customer with the higher hazard leaves first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stammkunde.survival.cox.fit import CoxFit
from stammkunde.survival.cox.riskset import RiskSets

# linear predictors nearer than this are the same one, added up in another order
SAME = 1e-10


@dataclass(frozen=True)
class Pairs:
    """Comparable pairs by what the model said: right, wrong, or the same of both.

    A pair is comparable where one leaves while the other is at risk and does not leave then.
    """

    right: float
    wrong: float
    same: float

    @property
    def share(self) -> float | None:
        """Return the concordance, equals counting half; None without a pair."""
        pairs = self.right + self.wrong + self.same
        return (self.right + self.same / 2) / pairs if pairs else None


def concordance(fit: CoxFit) -> Pairs:
    """Return the comparable pairs within strata (Harrell's, exact under ties, weights repeated).

    Counted for late entries too. No pair is looked at: the cost is that of a few sorts.
    """
    sets = fit.sets
    rank = _ranks(fit.coefficients @ sets.rows.covariates)
    weight, who, slot = sets.rows.weight, sets.died, sets.slot
    mine, worth = rank[who], weight[who]
    below, equal = _at_risk(sets, rank, slot, mine)
    # who leaves in the same slot is no pair
    keys, total = _sorted(slot * (rank.max() + 1) + mine, worth)
    start, here = slot * (rank.max() + 1), slot * (rank.max() + 1) + mine
    below -= _between(keys, total, start, here)
    equal -= _between(keys, total, here, here + 1)
    stays = sets.at_risk(weight[None])[0] - sets.deaths
    right, same = float(worth @ below), float(worth @ equal)
    return Pairs(right, float(sets.deaths @ stays) - right - same, same)


def _ranks(score: np.ndarray) -> np.ndarray:
    """Return the rank from 0 of each score, equal ones alike."""
    order = np.argsort(score, kind="stable")
    steps = np.diff(score[order]) > SAME * max(1.0, float(np.abs(score).max()))
    rank = np.empty(len(score), dtype=np.int64)
    rank[order] = np.append(0, np.cumsum(steps))
    return rank


def _at_risk(
    sets: RiskSets, rank: np.ndarray, slot: np.ndarray, mine: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return how many at risk in each slot [E] have a lower and the same rank."""
    weight, width = sets.rows.weight, len(sets.times) + 1
    ends = [(sets.last, 1.0)]
    if len(sets.late) or len(sets.bounds) > 2:
        ends.append((sets.first - 1, -1.0))
    below, equal = np.zeros(len(slot)), np.zeros(len(slot))
    for place, sign in ends:
        there = place >= 0
        place, kind, worth = place[there], rank[there], weight[there] * sign
        # a lower rank differs first in one binary digit: there it has 0 and the other has 1
        for digit in range(int(rank.max()).bit_length()):
            keys, total = _sorted((kind >> digit) * width + place, worth)
            block = (mine >> digit) - 1
            asks = np.flatnonzero(block % 2 == 0)
            low = block[asks] * width
            below[asks] += _between(keys, total, low + slot[asks], low + width)
        keys, total = _sorted(kind * width + place, worth)
        equal += _between(keys, total, mine * width + slot, (mine + 1) * width)
    return below, equal


def _sorted(keys: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the keys in order and the cumulative weights before each."""
    order = np.argsort(keys, kind="stable")
    return keys[order], np.append(0.0, np.cumsum(weight[order]))


def _between(keys: np.ndarray, total: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return the weight of the keys from `low` to below `high`."""
    return np.asarray(total[np.searchsorted(keys, high)] - total[np.searchsorted(keys, low)])
