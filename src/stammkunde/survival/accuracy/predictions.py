"""What was predicted of whom: shares still there by cell, from models that did not see them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from stammkunde.draws import BLOCKS
from stammkunde.errors import ParameterError
from stammkunde.survival import formulas
from stammkunde.survival.drivers.cells import Cells, at_risk, events
from stammkunde.survival.drivers.model import DriverModel, predict

FOLDS = 5


@dataclass(frozen=True)
class Predictions:
    """Predicted shares still there: `survival` [folds, C, K + 1], nan where nothing is predicted.

    `fold` [256] tells which of the folds holds a block: its people were not in the fit. With one
    fold alone everybody was.
    """

    survival: np.ndarray
    fold: np.ndarray

    @staticmethod
    def in_sample(survival: np.ndarray) -> Predictions:
        """Return predictions [C, K + 1] that hold for everybody."""
        return Predictions(survival[None], np.zeros(BLOCKS, dtype=np.int64))

    def of_rows(self, cells: Cells, rows: np.ndarray, tenure: int) -> np.ndarray:
        """Return the prediction for rows of the cells at a tenure; nan beyond the predictions."""
        if tenure >= self.survival.shape[-1]:
            return np.full(len(rows), np.nan)
        return np.asarray(self.survival[self.fold[cells.block[rows]], cells.cell[rows], tenure])


def cross_fitted(
    cells: Cells, fit: Callable[[Cells], np.ndarray], folds: int = FOLDS
) -> Predictions:
    """Return predictions for each fold of the person blocks from a fit without that fold.

    `fit` takes cells and returns shares still there [C, any number of tenures from 0], nan where it
    knows none; for a model of drivers `lambda part: predicted(driver_model(part))`. The cells it is
    given have all levels, also those that nobody of theirs has. ParameterError for fewer than 2
    folds or more than there are blocks with somebody.
    """
    held = np.bincount(cells.block, minlength=BLOCKS) > 0
    if not 2 <= folds <= held.sum():
        raise ParameterError(
            f"people in {held.sum()} blocks cannot be dealt into {folds} folds",
            remedy=f"Ask for 2 to {held.sum()} folds."
            if held.sum() > 1
            else "Deal persons into more blocks.",
        )
    fold = (np.cumsum(held) - 1) % folds
    found = np.full((folds, len(cells.levels), cells.length + 1), np.nan)
    for k in range(folds):
        survival = fit(rows_of(cells, fold[cells.block] != k))
        found[k, :, : survival.shape[1]] = survival
    return Predictions(found, fold)


def predicted(model: DriverModel) -> np.ndarray:
    """Return the shares still there [C, K + 1] by a model, nan beyond the reach of the stratum."""
    stays = np.cumprod(1 - predict(model), axis=1)
    survival = np.concatenate([np.ones((len(stays), 1)), stays], axis=1)
    reach = model.reach[model.design.stratum_of(model.cells.levels)]
    return np.where(np.arange(survival.shape[1]) <= reach[:, None], survival, np.nan)


def plain(cells: Cells) -> np.ndarray:
    """Return the Kaplan-Meier curve of all customers for each cell [C, K + 1], nan beyond it."""
    n, d = at_risk(cells).sum(axis=0), events(cells).sum(axis=0)
    empty = np.flatnonzero(n == 0)
    survival = formulas.survival(n, d)
    if empty.size:
        survival[empty[0] + 1 :] = np.nan
    return np.broadcast_to(survival, (len(cells.levels), len(survival)))


def plain_beside(cells: Cells, predictions: Predictions) -> Predictions:
    """Return the plain curve as predictions, fitted without the same folds."""
    folds = len(predictions.survival)
    if folds == 1:
        return Predictions.in_sample(plain(cells))
    fold = predictions.fold
    found = np.full((folds, len(cells.levels), cells.length + 1), np.nan)
    for k in range(folds):
        survival = plain(rows_of(cells, fold[cells.block] != k))
        found[k, :, : survival.shape[1]] = survival
    return Predictions(found, fold)


def rows_of(cells: Cells, there: np.ndarray) -> Cells:
    """Return some rows of the cells, all levels kept; heads are those of all cells."""
    names = ["cell", "block", "begin", "finish", "left", "n"]
    names += [] if cells.reach is None else ["reach"]
    rows = {name: getattr(cells, name)[there] for name in names}
    return replace(cells, **rows)


def seen_from_start(cells: Cells) -> Cells:
    """Return the rows of spells seen from their start; numbers of spells and persons are theirs."""
    part = rows_of(cells, cells.begin == 0)
    spells = int(part.n.sum())
    return replace(part, spells=spells, persons=cells.persons if cells.repeats else spells)
