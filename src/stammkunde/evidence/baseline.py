"""Trials whose arms are fixed at time zero: weights by cells of what was known then.

With cells instead of a model the weights are saturated: weighting, standardising and the doubly
robust estimate are then the same numbers (Rosenbaum 1987; Hernan and Robins 2020, chapter 13).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import sparse

from stammkunde.draws import BLOCKS
from stammkunde.errors import NotObservedError, ParameterError, nearest, several
from stammkunde.evidence.arms import Arm
from stammkunde.evidence.shares import Shares
from stammkunde.evidence.trial import ALIKE_GIVEN, Trial
from stammkunde.spells.spells import CENSORED

Population = Literal["all", "treated", "overlap"]
POPULATIONS = get_args(Population)
COUNTED = ("arm", "cell", "block", "begin", "finish", "end", "n")


def baseline_trial(
    counts: pd.DataFrame,
    arms: Sequence[str],
    *,
    reach: int,
    population: Population = "all",
    heads: Mapping[str, np.ndarray] | None = None,
    unit: str = "month",
    origin: int = 0,
    assumptions: tuple[str, ...] = (ALIKE_GIVEN,),
    shares: Shares | None = None,
) -> Trial:
    """Return the trial of counted subjects: rows `COUNTED`, `n` of them alike in each.

    They are at risk in the units (begin, finish] since time zero and then leave for the cause `end`
    or are "censored"; nothing beyond `reach` is counted. `cell` numbers what was known at time zero
    (0 ..). Everybody is weighted to stand for the `population`: "all" in cells that hold every arm,
    those "treated" (with the first of `arms`), or the "overlap" (Li, Morgan and Zaslavsky 2018),
    for two arms only. Those in cells without some arm are left out and counted in `without`.
    `heads` are persons by arm and block where somebody is in it several times. Shares are counted
    among those seen from time zero on, or they are given: `shares` of each cell and arm, arms next
    to one another, with which nobody is left out. Where no cell holds all arms the trial is empty,
    and every comparison in it refused.
    """
    _check(counts, arms, population)
    place = {a: i for i, a in enumerate(arms)}
    rows = counts[counts.arm.isin(place)].assign(arm=lambda f: f.arm.map(place).astype(int))
    cells = _seen(rows, len(arms))
    both = (cells.sum(axis=2) > 0).all(axis=1) | (shares is not None)
    kept = rows[both[rows.cell]]
    whole = np.repeat(cells.sum(axis=1), len(arms), axis=0)
    causes = tuple(sorted({*kept.end[kept.finish <= reach]} - {CENSORED})) or ("left",)
    made = {
        name: _arm(
            kept[kept.arm == a],
            name,
            _powers(len(cells), len(arms), a, population),
            causes,
            reach,
            None if heads is None else heads[name],
        )
        for name, a in place.items()
    }
    return Trial(
        arms=made,
        shares=shares or Shares(cells.reshape(-1, BLOCKS), whole),
        causes=causes,
        unit=unit,
        without=int(rows.n.sum() - kept.n.sum()),
        origin=origin,
        assumptions=assumptions,
    )


def _seen(rows: pd.DataFrame, arms: int) -> np.ndarray:
    """Return how many of each cell, arm and block are seen from time zero on.

    Who is seen late has stayed till then: his arm tells of staying too, not of its chance alone.
    """
    seen, cells = rows[rows.begin == 0], int(rows.cell.max()) + 1 if len(rows) else 0
    found = np.zeros((cells, arms, BLOCKS), dtype=np.int64)
    np.add.at(found, (seen.cell, seen.arm, seen.block), seen.n)
    return found


def _check(counts: pd.DataFrame, arms: Sequence[str], population: str) -> None:
    known = sorted({*counts.arm})
    for name in several(arms, "arms"):
        if name not in known:
            raise NotObservedError(
                f"nobody is in the arm `{name}`",
                remedy=nearest(name, known),
                reason="nobody_in_arm",
                told={"arm": name},
            )
    if population not in POPULATIONS:
        raise ParameterError(
            f"no population `{population}`", remedy=nearest(population, POPULATIONS)
        )
    if population == "overlap" and len(arms) != 2:
        raise ParameterError("the overlap is that of two arms", remedy="Compare two at a time.")


def _powers(cells: int, arms: int, own: int, population: Population) -> sparse.csr_array:
    """Return how often each share divides the weight of a cell's customers in an arm."""
    cell = np.arange(cells)
    ones = np.ones(cells, dtype=np.int64)
    divides = sparse.coo_array((ones, (cell, cell * arms + own)), shape=(cells, cells * arms))
    if population == "all":
        return sparse.csr_array(divides)
    other = 0 if population == "treated" else 1 - own
    times = sparse.coo_array((ones, (cell, cell * arms + other)), shape=divides.shape)
    return sparse.csr_array(-times if population == "overlap" else divides - times)


def _arm(
    rows: pd.DataFrame,
    name: str,
    powers: sparse.csr_array,
    causes: tuple[str, ...],
    reach: int,
    heads: np.ndarray | None,
) -> Arm:
    """Return the arm as flows: into the risk set at the begin, out of it after the finish."""
    begin, finish = rows.begin.to_numpy(), np.minimum(rows.finish.to_numpy(), reach)
    cell, block, n = (rows[c].to_numpy() for c in ("cell", "block", "n"))
    at_risk = begin < finish
    end = rows.end.to_numpy().astype(str)
    gone = at_risk & (end != CENSORED) & (rows.finish.to_numpy() <= reach)
    kept = [at_risk, at_risk & (finish < reach), gone]
    units, changes = (begin + 1, finish + 1, finish), (n, -n, 0 * n)
    unit = np.concatenate([u[k] for u, k in zip(units, kept, strict=True)])
    change = np.concatenate([c[k] for c, k in zip(changes, kept, strict=True)])
    code, where = (np.concatenate([a[k] for k in kept]) for a in (cell, block))
    moves = np.zeros((len(code), len(causes)), dtype=np.int64)
    last = len(code) - int(gone.sum())
    moves[np.arange(last, len(code)), np.searchsorted(causes, end[gone])] = n[gone]
    if heads is None:
        heads = np.bincount(block[at_risk], weights=n[at_risk], minlength=BLOCKS).astype(np.int64)
    return Arm(
        name=name,
        powers=powers,
        code=code,
        unit=unit,
        block=where,
        at_risk=change,
        moves=moves,
        heads=heads,
        length=reach,
        flows=True,
    )
