"""Arms dealt at random among those alike: how often chance alone makes so large a difference.

If an offer did nothing at all to anybody, the names of the arms could have been dealt within a cell
in any other way just as well (Fisher 1935; Rosenbaum 2002).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import pandas as pd
from scipy import sparse

from stammkunde.errors import ParameterError
from stammkunde.evidence.adequacy import NO_COUNTERPART
from stammkunde.evidence.baseline import Population
from stammkunde.result import table_html
from stammkunde.spells.spells import CENSORED
from stammkunde.survival import formulas

PERMUTATIONS = 999
# sums of floats may differ in their last digits where the tables are the same
TIE = 1e-9


@dataclass(frozen=True, kw_only=True)
class Permuted:
    """How the difference in months compares with those of arms dealt at random within cells.

    `p` is the two-sided p-value of "no effect on anybody", never below 1 / (count + 1); `low` and
    `high` are the 2.5 and 97.5 % quantiles of the `count` differences dealt. None, with a `reason`,
    where no customers alike are in both arms.
    """

    value: float | None
    p: float | None
    low: float | None
    high: float | None
    count: int
    reason: str = ""

    def _repr_html_(self) -> str:
        rows = {"difference": self.value, "p": self.p, "dealt": self.count, "reason": self.reason}
        return table_html(rows, "Arms dealt at random")


def permutation_test(
    counts: pd.DataFrame,
    arms: Sequence[str],
    horizon: int,
    *,
    population: Population = "all",
    count: int = PERMUTATIONS,
    key: str = "",
) -> Permuted:
    """Return the permutation test of two arms, `counts` as `baseline_trial` takes them.

    Exact if, among customers alike and seen from the same unit on, chance alone decided who got
    which arm, and the arm nothing about how long they were observed. Each row is a subject by
    himself: not for persons counted several times. The dealings are the same for the same `key`.
    """
    if len(arms) != 2 or count < 1 or horizon < 1:
        raise ParameterError(
            "a permutation is of two arms", remedy="Name two, a horizon of 1 or more, and a count."
        )
    table = _table(counts, arms, horizon)
    if not len(table.both):
        return Permuted(value=None, p=None, low=None, high=None, count=0, reason=NO_COUNTERPART)
    seed = sha256(f"stammkunde permutation 1 {key}".encode()).digest()[:16]
    rng = np.random.Generator(np.random.PCG64(int.from_bytes(seed, "big")))
    value = float(_difference(table, table.first[None], population, horizon)[0])
    dealt = []
    for i in range(0, count, BATCH):
        first = _dealt(rng, table, min(BATCH, count - i))
        dealt.append(_difference(table, first, population, horizon))
    found = np.concatenate(dealt)
    beyond = int((np.abs(found) >= abs(value) - TIE).sum())
    low, high = (float(q) for q in np.quantile(found, (0.025, 0.975)))
    return Permuted(value=value, p=(1 + beyond) / (1 + count), low=low, high=high, count=count)


BATCH = 100


@dataclass(frozen=True)
class _Table:
    """Subjects alike put together, rows [R] by cell and begin.

    `first` of `both` are in the first arm, `chance` is that arm's share of their cell among those
    seen from time zero on. `starts` are where the rows of one cell and begin start.
    """

    begin: np.ndarray
    finish: np.ndarray
    left: np.ndarray
    both: np.ndarray
    first: np.ndarray
    chance: np.ndarray
    starts: np.ndarray


def _table(counts: pd.DataFrame, arms: Sequence[str], horizon: int) -> _Table:
    rows = counts[counts.arm.isin([*arms]) & (counts.begin < counts.finish)]
    rows = rows[rows.begin < horizon]
    made = pd.DataFrame(
        {
            "cell": rows.cell,
            "begin": rows.begin,
            "finish": np.minimum(rows.finish, horizon),
            "left": (rows.end != CENSORED) & (rows.finish <= horizon),
            "both": rows.n,
            "first": (rows.arm == arms[0]) * rows.n,
        }
    )
    made = made.groupby(["cell", "begin", "finish", "left"], sort=True).sum().reset_index()
    seen = made[made.begin == 0].groupby("cell")[["both", "first"]].sum()
    chance = made.cell.map(seen["first"] / seen.both).to_numpy()
    kept = (chance > 0) & (chance < 1)
    made = made[kept]
    group = made.groupby(["cell", "begin"], sort=True).ngroup().to_numpy()
    return _Table(
        begin=made.begin.to_numpy(),
        finish=made.finish.to_numpy(),
        left=made.left.to_numpy(),
        both=made.both.to_numpy(),
        first=made["first"].to_numpy(),
        chance=chance[kept],
        starts=np.flatnonzero(np.diff(group, prepend=-1)),
    )


def _dealt(rng: np.random.Generator, table: _Table, size: int) -> np.ndarray:
    """Return how many of each row are dealt to the first arm [size, R], cells keeping theirs."""
    ends = [*table.starts[1:], len(table.both)]
    return np.concatenate(
        [
            rng.multivariate_hypergeometric(
                table.both[a:b], int(table.first[a:b].sum()), size=size, method="marginals"
            )
            for a, b in zip(table.starts, ends, strict=True)
        ],
        axis=1,
    )


def _difference(
    table: _Table, first: np.ndarray, population: Population, horizon: int
) -> np.ndarray:
    """Return the difference in months [B] when `first` [B, R] of each row are in the first arm."""
    share = table.chance
    # a cell's arms keep their numbers, and with them the weights
    aim = {"all": np.ones(len(share)), "treated": share, "overlap": share * (1 - share)}[population]
    means = []
    for part, chance in ((first, share), (table.both - first, 1 - share)):
        each = part * (aim / chance)
        at_risk = each @ (_by_unit(table.begin, horizon) - _by_unit(table.finish, horizon))
        moves = (each * table.left) @ _by_unit(table.finish - 1, horizon)
        curve = formulas.survival(np.cumsum(at_risk, axis=1), moves)
        means.append(formulas.restricted_mean(curve, horizon))
    return np.asarray(means[0] - means[1])


def _by_unit(place: np.ndarray, horizon: int) -> sparse.csr_array:
    """Return the matrix [R, horizon] that sums rows by place; places beyond count for nothing."""
    there = np.flatnonzero(place < horizon)
    ones = np.ones(len(there))
    return sparse.csr_array((ones, (there, place[there])), shape=(len(place), horizon))
