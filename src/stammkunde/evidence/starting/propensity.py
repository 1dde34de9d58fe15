"""Weights by a model instead of cells: where there are more combinations than people to fill them.

The chance of each arm is a logistic model of main effects of what was known at time zero. It
follows the weights of the blocks by one step of Newton's method, so that leave-outs and draws carry
the doubt of the model's coefficients.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import pandas as pd

from stammkunde.draws import BLOCKS
from stammkunde.errors import DataError
from stammkunde.evidence.baseline import Population, baseline_trial
from stammkunde.evidence.shares import Shares
from stammkunde.evidence.starting.logit import RIDGE, Logit, chances, fit_logit, main_effects
from stammkunde.evidence.trial import ALIKE_GIVEN, Trial

CHANCES_MODELLED = "chance_of_arm_has_main_effects"


@dataclass(frozen=True, kw_only=True)
class ModelledShares:
    """Chances of the arms of each cell by a model, in place of `Shares`: rows cell by cell.

    `design` [C, p] are the model's columns.
    """

    design: np.ndarray
    model: Logit

    def logs(self, weights: np.ndarray) -> np.ndarray:
        """Return the log of each chance [C * A, B] under weights [B, 256] of the blocks."""
        made = chances(self.design, self.model.moved(weights))
        return np.asarray(np.log(made).transpose(1, 2, 0).reshape(-1, len(weights)))

    @property
    def part(self) -> np.ndarray:
        """Return ones [C * A, 256]: no block is needed for a chance by a model to be above 0."""
        return np.ones((len(self.design) * (len(self.model.beta) + 1), BLOCKS))

    @property
    def value(self) -> np.ndarray:
        """Return the chances [C * A]."""
        return np.asarray(chances(self.design, self.model.beta).reshape(-1))


def modelled_trial(
    counts: pd.DataFrame,
    levels: np.ndarray,
    arms: Sequence[str],
    *,
    reach: int,
    population: Population = "all",
    heads: Mapping[str, np.ndarray] | None = None,
    unit: str = "month",
    origin: int = 0,
    ridge: float = RIDGE,
    assumptions: tuple[str, ...] = (ALIKE_GIVEN, CHANCES_MODELLED),
) -> Trial:
    """Return the trial of counted subjects with weights by a model of the cells' `levels` [C, F].

    Rows and arguments as in `baseline_trial`; `ridge` as in `fit_logit`. A cell without some arm is
    kept, for the model says its chance; who has a level that nobody seen from time zero in some arm
    has is left out and counted in `without`.
    """
    kept, without = comparable(counts, levels, arms)
    named: dict[str, Any] = {"reach": reach, "population": population, "heads": heads}
    named |= {"unit": unit, "origin": origin, "assumptions": assumptions}
    if kept.empty:
        # then no cell holds all arms either
        return baseline_trial(counts, arms, **named)
    # it has what a trial asks of shares
    shares = cast(Shares, modelled_shares(kept, levels, arms, ridge=ridge))
    return replace(baseline_trial(kept, arms, **named, shares=shares), without=without)


def modelled_shares(
    counts: pd.DataFrame, levels: np.ndarray, arms: Sequence[str], *, ridge: float = RIDGE
) -> ModelledShares:
    """Return the chances of the arms by main effects of levels, fitted on those seen from zero.

    Of the cells up to the last in `counts`.
    """
    # a trial knows the cells up to the last that holds somebody
    design = main_effects(levels)[: int(counts.cell.max()) + 1]
    taken = heads_of(counts, arms, len(design))
    cell, block = np.nonzero(taken.sum(axis=1))
    rows = taken[cell, :, block]
    return ModelledShares(design=design, model=fit_logit(design[cell], rows, block, ridge=ridge))


def heads_of(counts: pd.DataFrame, arms: Sequence[str], cells: int) -> np.ndarray:
    """Return how many of each cell, arm and block are seen from time zero on [C, A, 256]."""
    place = {a: i for i, a in enumerate(arms)}
    own = counts[counts.arm.isin(place) & (counts.begin == 0)]
    if len(own) and int(own.cell.max()) >= cells:
        raise DataError("a cell has no levels", remedy="Give the levels of every cell.")
    found = np.zeros((cells, len(arms), BLOCKS), dtype=np.int64)
    np.add.at(found, (own.cell, own.arm.map(place).astype(int), own.block), own.n)
    return found


def comparable(
    counts: pd.DataFrame, levels: np.ndarray, arms: Sequence[str]
) -> tuple[pd.DataFrame, int]:
    """Return the subjects all of whose levels are found in every arm, and how many are not."""
    own = counts[counts.arm.isin(arms)]
    kept = np.ones(len(levels), dtype=bool)
    while True:
        heads = heads_of(own[kept[own.cell]], arms, len(levels)).sum(axis=2)
        lost = np.zeros(len(levels), dtype=bool)
        for codes in levels.T:
            by_level = np.zeros((int(codes.max(initial=0)) + 1, len(arms)))
            np.add.at(by_level, codes, heads)
            lost |= (by_level == 0).any(axis=1)[codes]
        if not (lost & kept).any():
            break
        kept &= ~lost
    found = own[kept[own.cell]]
    return found, int(own.n.sum() - found.n.sum())
