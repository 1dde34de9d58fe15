"""People who take an offer, unit by unit, and what it did computed the plain way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from stammkunde.draws import BLOCKS
from stammkunde.evidence.staying.uptake import Uptake, uptake_from


@dataclass(frozen=True)
class People:
    """Arrays [N]; `cell` [N, W] by unit; `taken` 0 for never."""

    entry: np.ndarray
    exit: np.ndarray
    left: np.ndarray
    taken: np.ndarray
    cell: np.ndarray
    block: np.ndarray

    def uptake(self, reach: int) -> Uptake:
        end = np.where(self.left, np.where(self.exit % 3 == 0, "moved", "price"), "censored")
        rows = (self.exit, end, self.taken, self.cell, self.block)
        return uptake_from(*rows, reach=reach, entry=self.entry)

    def where(self, kept: np.ndarray) -> People:
        """Return some of them, in that order."""
        names = ("entry", "exit", "left", "taken", "cell", "block")
        return People(*(getattr(self, n)[kept] for n in names))


def people(
    seed: int,
    size: int = 800,
    *,
    units: range = range(5, 8),
    early: bool = False,
    late: bool = False,
    fixed: bool = False,
    length: int = 14,
) -> People:
    """Return people in two cells, which change unless `fixed`, who take an offer in `units`.

    `early`: some take it in units 2 and 3; `late`: half of them are seen from a later unit only.
    """
    rng = np.random.default_rng(seed)
    cell = np.zeros((size, length), dtype=np.int64)
    taken, stay = np.zeros(size, dtype=np.int64), np.full(size, length + 1)
    now = rng.integers(0, 2, size)
    for t in range(1, length + 1):
        moved = now if fixed else np.where(rng.random(size) < 0.25, 1 - now, now)
        now = moved
        cell[:, t - 1] = now
        there = (stay > length) & (taken == 0)
        chance = np.where(now == 1, 0.45, 0.2) * (t in units or (early and t in (2, 3)))
        taken[there & (rng.random(size) < chance)] = t
        hazard = np.where(now == 1, 0.04, 0.12) * np.where(taken > 0, 0.7, 1.0)
        stay[(stay > length) & (rng.random(size) < hazard)] = t
    seen = rng.integers(4, length + 1, size)
    entry = rng.integers(0, 9, size) * (rng.random(size) < 0.5) * late
    exit_ = np.minimum(stay, seen)
    made = People(
        entry, exit_, stay <= seen, np.where(taken <= exit_, taken, 0), cell,
        rng.integers(0, BLOCKS, size),
    )  # fmt: skip
    return made.where(entry < exit_)


Follows = Callable[[int, int], bool]


def plain_clones(
    who: People, first: int, last: int, reach: int, *, never_later: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return the survival [reach + 1] of "by `last`" and of "never", month by month per person."""
    seen = np.flatnonzero(who.entry < first)
    risk, leave = np.zeros((2, reach + 1)), np.zeros((2, reach + 1))
    barred = reach if never_later else last

    def share(t: int, cell: int) -> float:
        of = [i for i in seen if who.entry[i] < t <= who.exit[i] and who.cell[i, t - 1] == cell]
        still = [i for i in of if who.taken[i] == 0 or who.taken[i] >= t]
        return sum(bool(who.taken[i] == t) for i in still) / len(still)

    shares = {(t, c): share(t, c) for t in range(1, barred + 1) for c in (0, 1)
              if any(who.taken[seen] == t)}  # fmt: skip
    for i in seen:
        weight, follows = np.ones(2), [True, True]
        for t in range(1, min(int(who.exit[i]), reach) + 1):
            took, chance = who.taken[i] == t, shares.get((t, int(who.cell[i, t - 1])), 0.0)
            held = 0 < who.taken[i] < t
            if not held and t < first:
                follows[0] &= not took
                weight[0] /= 1 if took else 1 - chance
            if not held and t == last:
                follows[0] &= bool(took)
                weight[0] /= chance if took else 1
            if not held and t <= barred:
                follows[1] &= not took
                weight[1] /= 1 if took else 1 - chance
            if t > who.entry[i]:
                risk[:, t] += weight * follows
                leave[:, t] += weight * follows * bool(who.left[i] and t == who.exit[i])
    stays = 1 - leave[:, 1:] / risk[:, 1:]
    one = np.ones((2, 1))
    made = np.concatenate([one, np.cumprod(stays, axis=1)], axis=1)
    return made[0], made[1]


def plain_landmark(who: People, k: int, reach: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the weighted survival after unit k of those who take it in k + 1, and of others."""
    there = (who.entry <= k) & (who.exit > k) & ((who.taken == 0) | (who.taken > k))
    own, took = who.where(there), (who.taken == k + 1)[there]
    cell = own.cell[:, k]
    chance = np.array([took[cell == c].mean() for c in cell])
    found = []
    for arm, weight in ((took, 1 / np.where(took, chance, 1)), (~took, 1 / (1 - chance * ~took))):
        alive = [1.0]
        for t in range(k + 1, reach + 1):
            at_risk = (weight * (arm & (own.exit >= t))).sum()
            gone = (weight * (arm & (own.exit == t) & own.left)).sum()
            alive.append(alive[-1] * (1 - gone / at_risk))
        found.append(np.array(alive))
    return found[0], found[1]
