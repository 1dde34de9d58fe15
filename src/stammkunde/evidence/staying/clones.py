"""Arms that spells follow until they do otherwise: censored then, the others standing for them.

Who takes an offer in a unit in which his arm does not, or does not take it in the last unit in
which his arm must, is censored at the beginning of that unit; those of the same cell who follow are
weighted by one over the share that does (Robins and Finkelstein 2000; Hernan et al. 2016). One
spell may be in several arms, as a clone in each.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from stammkunde.draws import BLOCKS
from stammkunde.evidence.arms import Arm
from stammkunde.evidence.shares import Shares
from stammkunde.evidence.staying.uptake import Uptake
from stammkunde.spells.spells import CENSORED


@dataclass(frozen=True, kw_only=True)
class Chances:
    """How many of each cell took the offer in each unit, of those still without it, by block.

    `unit` and `cell` [F] say where somebody took it; `took` and `whole` are [F, 256]. The shares
    are `took` first and those who did not after them, 2 F rows.
    """

    unit: np.ndarray
    cell: np.ndarray
    took: np.ndarray
    whole: np.ndarray

    @property
    def shares(self) -> Shares:
        """Return the shares that took it [F], then those that did not [F]."""
        part = np.concatenate([self.took, self.whole - self.took])
        return Shares(part, np.concatenate([self.whole, self.whole]))

    def place(self, unit: int, cells: np.ndarray) -> np.ndarray:
        """Return the row of each cell in a unit, -1 where nobody took it."""
        own = np.flatnonzero(self.unit == unit)
        found = np.full(max(int(cells.max(initial=0)), int(self.cell.max(initial=0))) + 2, -1)
        found[self.cell[own] + 1] = own
        return np.asarray(found[cells + 1])


def chances(uptake: Uptake, last: int) -> Chances:
    """Return the chances of taking the offer in units 1 .. `last`."""
    c = uptake.counts
    n, block = c.n.to_numpy(), c.block.to_numpy()
    entry, end, taken = (c[x].to_numpy() for x in ("entry", "exit", "taken"))
    units, cells, took, whole = [], [], [], []
    for t in np.unique(taken[(taken > 0) & (taken <= last)]):
        there = (entry < t) & (end >= t) & ((taken == 0) | (taken >= t))
        cell = uptake.cell(t)
        takes = there & (taken == t)
        some, place = np.unique(cell[takes], return_inverse=True)
        if not len(some):
            continue
        two = np.zeros((2, len(some), BLOCKS), dtype=np.int64)
        np.add.at(two[0], (place, block[takes]), n[takes])
        among = there & np.isin(cell, some)
        np.add.at(two[1], (np.searchsorted(some, cell[among]), block[among]), n[among])
        units.append(np.full(len(some), t))
        cells.append(some)
        took.append(two[0])
        whole.append(two[1])
    if not units:
        none, nobody = np.zeros(0, dtype=np.int64), np.zeros((0, BLOCKS), dtype=np.int64)
        return Chances(unit=none, cell=none, took=nobody, whole=nobody)
    parts = (np.concatenate(x) for x in (units, cells, took, whole))
    return Chances(**dict(zip(("unit", "cell", "took", "whole"), parts, strict=True)))


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What an arm does: no offer in `without` units, and from unit `by` on it must be held.

    `without` is the last unit in which taking it leaves the plan; units between that and `by` are
    free. `by` 0: it need never be held.
    """

    name: str
    without: int
    by: int = 0


def followed(uptake: Uptake, plan: Plan, known: Chances, reach: int) -> Arm:
    """Return those who follow a plan, up to unit `reach`, as flows between histories."""
    finish = _finish(uptake.counts, plan, reach)
    kept = uptake.counts.entry.to_numpy() < finish
    own, finish = uptake.counts[kept], finish[kept]
    histories = _histories(uptake, plan, known, reach)
    which, unit, code, change, gone = _flows(own, finish, plan, histories, reach)
    words, n = own.end.to_numpy().astype(str), own.n.to_numpy()
    moves = np.zeros((len(which), len(uptake.causes)), dtype=np.int64)
    last = np.arange(len(which) - len(gone), len(which))
    moves[last, np.searchsorted(uptake.causes, words[gone])] = n[gone]
    return Arm(
        name=plan.name,
        powers=histories.powers,
        code=code,
        unit=unit,
        block=own.block.to_numpy()[which],
        at_risk=change,
        moves=moves,
        heads=uptake.heads(lambda f: f.entry < _finish(f, plan, reach)),
        length=reach,
        flows=True,
    )


def _flows(
    own: pd.DataFrame, finish: np.ndarray, plan: Plan, histories: _Histories, reach: int
) -> tuple[np.ndarray, ...]:
    """Return what changes: row, unit, history, by how many; and who leaves, whose rows are last."""
    begin, n, path = (own[c].to_numpy() for c in ("entry", "n", "path"))
    late = (own.taken.to_numpy() == plan.by) & (plan.by > 0)

    def code(rows: np.ndarray, unit: np.ndarray) -> np.ndarray:
        through = late[rows] & (unit >= plan.by)
        return np.where(through, histories.took[path[rows]], histories.codes[path[rows], unit - 1])

    every = np.arange(len(own))
    parts = [(every, begin + 1, code(every, begin + 1), n)]
    for t in histories.turns:
        there = np.flatnonzero((begin + 1 < t) & (finish >= t))
        unit = np.full(len(there), t)
        before, after = code(there, unit - 1), code(there, unit)
        some = before != after
        where = there[some]
        parts.append((where, unit[some], before[some], -n[where]))
        parts.append((where, unit[some], after[some], n[where]))
    out = np.flatnonzero(finish < reach)
    parts.append((out, finish[out] + 1, code(out, finish[out]), -n[out]))
    words = own.end.to_numpy().astype(str)
    gone = np.flatnonzero((words != CENSORED) & (finish == own.exit.to_numpy()))
    parts.append((gone, finish[gone], code(gone, finish[gone]), 0 * gone))
    return (*(np.concatenate(x) for x in zip(*parts, strict=True)), gone)


def _finish(times: pd.DataFrame, plan: Plan, reach: int) -> np.ndarray:
    """Return the last unit in which each row follows the plan."""
    taken, finish = times.taken.to_numpy(), np.minimum(times.exit.to_numpy(), reach)
    left = (taken > 0) & (taken <= plan.without)
    finish = np.where(left, np.minimum(finish, taken - 1), finish)
    if plan.by:
        lacks = (taken == 0) | (taken > plan.by)
        finish = np.where(lacks, np.minimum(finish, plan.by - 1), finish)
    return np.asarray(finish)


@dataclass(frozen=True)
class _Histories:
    """Histories as numbers: of each path in each unit [P, K], and of who took it at the last [P].

    `powers` [H, 2 F] are those of the shares; `turns` the units in which some history changes.
    """

    codes: np.ndarray
    took: np.ndarray
    powers: sparse.csr_array
    turns: tuple[int, ...]


def _histories(uptake: Uptake, plan: Plan, known: Chances, reach: int) -> _Histories:
    """Return the histories of a plan: a path's is the shares that it has passed so far."""
    size, width = len(known.unit), uptake.paths.shape[1]
    now = np.zeros(len(uptake.paths), dtype=np.int64)
    codes = np.zeros((len(now), reach), dtype=np.int64)
    took, turns = now, []
    powers = sparse.csr_array((1, 2 * size), dtype=np.int64)
    for t in range(1, reach + 1):
        share = known.place(t, uptake.paths[:, min(t, width) - 1])
        if (share >= 0).any():
            turns.append(t)
            if t == plan.by:
                took, powers = _grown(now, share, powers)
            if t <= plan.without:
                now, powers = _grown(now, np.where(share >= 0, share + size, -1), powers)
        codes[:, t - 1] = now
    return _Histories(codes, took, powers, tuple(turns))


def _grown(
    now: np.ndarray, share: np.ndarray, powers: sparse.csr_array
) -> tuple[np.ndarray, sparse.csr_array]:
    """Return the histories with one share more (-1: none), and the powers of all of them."""
    some, size = share >= 0, powers.shape[1]
    key = now[some] * size + share[some]
    found, place = np.unique(key, return_inverse=True)
    ones, new = np.ones(len(found), dtype=np.int64), np.arange(len(found))
    added = sparse.csr_array((ones, (new, found % size)), shape=(len(found), size))
    after = now.copy()
    after[some] = powers.shape[0] + place
    more = powers[found // size] + added
    return after, sparse.csr_array(sparse.vstack([powers, more]))


def at_unit(arm: Arm, unit: int) -> Arm:
    """Return those at risk in a unit of an arm of flows, as if it were the first one."""
    kept = arm.unit <= unit
    key = arm.code[kept].astype(np.int64) * BLOCKS + arm.block[kept]
    found, place = np.unique(key, return_inverse=True)
    there = np.rint(np.bincount(place, weights=arm.at_risk[kept], minlength=len(found)))
    some = there > 0
    left = int(some.sum())
    return Arm(
        name=arm.name,
        powers=arm.powers,
        code=found[some] // BLOCKS,
        unit=np.ones(left, dtype=np.int64),
        block=found[some] % BLOCKS,
        at_risk=there[some].astype(np.int64),
        moves=np.zeros((left, arm.moves.shape[1]), dtype=np.int64),
        heads=arm.heads,
        length=1,
    )


def followers(uptake: Uptake, plan: Plan, known: Chances, unit: int) -> tuple[Arm, np.ndarray]:
    """Return those who follow a plan and are at risk in a unit, and the cell of each row then.

    They are those of `at_unit`, with what was known of them: histories tell of weights alone.
    """
    finish = _finish(uptake.counts, plan, unit)
    kept = (uptake.counts.entry.to_numpy() < unit) & (finish >= unit)
    own, histories = uptake.counts[kept], _histories(uptake, plan, known, unit)
    path = own.path.to_numpy()
    through = (own.taken.to_numpy() == plan.by) & (0 < plan.by <= unit)
    arm = Arm(
        name=plan.name,
        powers=histories.powers,
        code=np.where(through, histories.took[path], histories.codes[path, unit - 1]),
        unit=np.ones(len(own), dtype=np.int64),
        block=own.block.to_numpy(),
        at_risk=own.n.to_numpy(),
        moves=np.zeros((len(own), len(uptake.causes)), dtype=np.int64),
        heads=uptake.heads(lambda f: (f.entry < unit) & (_finish(f, plan, unit) >= unit)),
        length=1,
    )
    return arm, uptake.cell(unit)[kept]
