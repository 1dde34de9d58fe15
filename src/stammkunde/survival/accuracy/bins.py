"""Calibration: of those of whom a share p was predicted to stay, did a share p stay?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from stammkunde.draws import BLOCKS
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.result import Estimate
from stammkunde.survival.accuracy.predictions import Predictions, rows_of
from stammkunde.survival.accuracy.sight import early_enough
from stammkunde.survival.curve import NOT_OBSERVED
from stammkunde.survival.drivers.cells import Cells
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.table import LifeTable

BINS = 10


@dataclass(frozen=True)
class Bin:
    """Customers with like predictions: their mean prediction, and the share that was observed.

    `persons` is None where some persons have several spells.
    """

    predicted: float
    observed: Estimate
    spells: int
    persons: int | None


def calibration(
    cells: Cells,
    predictions: Predictions,
    tenure: int,
    *,
    bins: int = BINS,
    level: float = 0.95,
) -> list[Bin]:
    """Return customers in bins of what was predicted of them after `tenure`, lowest first.

    Bins hold as nearly the same number of spells as equal predictions, which stay together, allow;
    there may be fewer than `bins`. Only spells seen from their start count, those that began
    `tenure` units or more before observation ended, where the cells know it. Observed shares are
    Kaplan-Meier's: plain shares, unless somebody was lost from sight before. No value, with the
    reason, where a bin was not observed that long. ParameterError for a tenure or `bins` below 1,
    NotObservedError where nothing is predicted of somebody that far, or nobody was seen that long
    from the start.
    """
    if tenure < 1 or bins < 1:
        raise ParameterError(
            f"{bins} bins after {tenure} {cells.unit}s are not to be had",
            remedy="Ask for 1 or more of both.",
        )
    started = rows_of(cells, (cells.begin == 0) & early_enough(cells, tenure))
    rows = np.arange(len(started.n))
    share = predictions.of_rows(started, rows, tenure)
    if not rows.size or np.isnan(share).any():
        raise NotObservedError(
            f"there is no prediction for {tenure} {cells.unit}s after the start for everybody"
            if rows.size
            else f"no spell was observed from its start for {tenure} {cells.unit}s",
            remedy="Ask for an earlier tenure, or observe who joins.",
        )
    where = _binned(share, started.n, bins)
    return [_bin(rows_of(started, where == b), share[where == b], tenure, level) for b in
            range(int(where.max()) + 1)]  # fmt: skip


def _binned(share: np.ndarray, n: np.ndarray, bins: int) -> np.ndarray:
    """Return the bin of each row, empty ones left out; equal predictions share a bin."""
    distinct, which = np.unique(share, return_inverse=True)
    spells = np.bincount(which, weights=n, minlength=len(distinct))
    middle = np.cumsum(spells) - spells / 2
    bin_of = np.floor(bins * middle / spells.sum()).astype(np.int64)
    return np.unique(bin_of, return_inverse=True)[1][which]


def _bin(cells: Cells, share: np.ndarray, tenure: int, level: float) -> Bin:
    curve = kaplan_meier(_table(cells), level=level)
    spells = int(cells.n.sum())
    persons = None if cells.repeats else spells
    if tenure <= curve.observed_to:
        observed = replace(curve.at(tenure), persons=persons)
    else:
        observed = Estimate(
            value=None,
            level=level,
            unit="share",
            persons=persons,
            spells=spells,
            method=curve.method,
            estimand=f"survival({tenure})",
            reason=NOT_OBSERVED,
        )
    return Bin(float(share @ cells.n / spells), observed, spells, persons)


def _table(cells: Cells) -> LifeTable:
    """Return the life table of all cells together."""

    def counted(there: np.ndarray, at: np.ndarray) -> np.ndarray:
        where = cells.block[there] * cells.length + at[there]
        found = np.bincount(where, weights=cells.n[there], minlength=BLOCKS * cells.length)
        return np.asarray(found.reshape(1, BLOCKS, cells.length).astype(np.int64))

    entered = counted(np.ones(len(cells.n), dtype=bool), cells.begin)
    left, lost = (counted(x, cells.finish - 1) for x in (cells.left, ~cells.left))
    before = np.pad((left + lost)[..., :-1], ((0, 0), (0, 0), (1, 0)))
    spells = entered.sum(axis=(0, 2))
    return LifeTable(
        group={},
        unit=cells.unit,
        states=("customer",),
        causes=("left",),
        entered=entered,
        at_risk=np.cumsum(entered - before, axis=-1),
        moves=left[:, None],
        censored=lost,
        crossed=np.zeros_like(entered),
        persons=spells,
        spells=spells,
        repeats=cells.repeats,
    )
