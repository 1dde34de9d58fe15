"""What if nobody moved, where those who move are not like the others.

Leavers for a cause taken out are censored, and if what makes customers move also makes them leave
for other causes, their censoring tells of the others. Among customers alike it does not: so the
curve is that of each cell, put together by the size of the cells at the start.

To weight everybody still there by one over the chance of not having moved, within his cell (inverse
probability of censoring: Robins and Finkelstein 2000), is the same number: of N in a cell N S G are
still at risk, which weighted by 1 / G are N S.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from stammkunde import intervals
from stammkunde.draws import BLOCKS, Replicates
from stammkunde.errors import NotObservedError, ParameterError, nearest
from stammkunde.intervals import student_quantile
from stammkunde.result import Status
from stammkunde.survival import formulas
from stammkunde.survival.causes.net import EXPOSURES
from stammkunde.survival.curve import Curve
from stammkunde.survival.table import LifeTable

INDEPENDENT_GIVEN = "independent_causes_given_what_is_known"


def if_nobody(
    cells: Sequence[LifeTable],
    without: Collection[str],
    *,
    exposure: str = "proportional",
    level: float = 0.95,
) -> Curve:
    """Return the survival curve of everybody if nobody left for the causes `without`.

    `cells` are life tables of customers alike, all seen from the start. Status estimated, under
    "independent_causes_given_what_is_known": within a cell, who leaves for causes taken out would
    have stayed as long as the others. It ends before the first unit in which a cell has nobody at
    risk. Errors by leaving out blocks, log(-log). `exposure` as in `net_survival`. ParameterError
    for a cause that nobody left for, NotObservedError where a cell was not seen from the start.
    """
    _check(cells, without, exposure)
    counted = [_counts(t, without) for t in cells]
    length = min(_observed(n) for n, _, _ in counted)
    n, d, others = (
        np.stack([c[i][:, :length] for c in counted]) for i in range(3)
    )  # each [Z, 256, K]

    replicates = _replicates(n, d, others if exposure == "proportional" else None)
    value = replicates.reweighted(np.ones((1, BLOCKS)))[0]
    se = replicates.se() if replicates.is_enough else np.full(len(value), np.nan)
    low, high = intervals.log_log(value, se, student_quantile(level, replicates.smallest))
    low, high = (np.where((value >= 1) | (value <= 0), value, a) for a in (low, high))
    return Curve(
        kind="survival",
        unit=cells[0].unit,
        value=value,
        low=low,
        high=high,
        se=se,
        at_risk=n.sum(axis=(0, 1)),
        events=d.sum(axis=(0, 1)),
        others=others.sum(axis=(0, 1)),
        persons=int(sum(t.persons.sum() for t in cells)),
        spells=int(sum(t.spells.sum() for t in cells)),
        observed_to=length,
        level=level,
        errors="blocks",
        basis="standardised",
        method=f"{EXPOSURES[exposure]}, standardised to {len(cells)} cells, person blocks",
        status=Status.ESTIMATED,
        assumptions=(INDEPENDENT_GIVEN,),
        replicates=replicates,
    )


def _check(cells: Sequence[LifeTable], without: Collection[str], exposure: str) -> None:
    causes = sorted({c for t in cells for c in t.causes})
    for name in without:
        if name not in causes:
            raise ParameterError(f"nobody left for `{name}`", remedy=nearest(name, causes))
    if exposure not in EXPOSURES:
        raise ParameterError(f"unknown exposure `{exposure}`", remedy=nearest(exposure, EXPOSURES))


def _replicates(n: np.ndarray, d: np.ndarray, others: np.ndarray | None) -> Replicates:
    """Return the replicates of the curve of all from counts [Z, 256, K] of the cells."""

    def by_cell(weights: np.ndarray, counts: np.ndarray) -> np.ndarray:
        return np.moveaxis(weights @ counts, -2, 0)

    def estimator(weights: np.ndarray) -> np.ndarray:
        at_risk = by_cell(weights, n)
        out = None if others is None else by_cell(weights, others)
        own = formulas.survival(at_risk, by_cell(weights, d), out)
        size = at_risk[..., :1]
        return np.asarray((own * size).sum(axis=1) / size.sum(axis=1))

    held = np.asarray((n[..., 0] > 0).any(axis=0))
    return Replicates(estimator(1.0 - np.eye(BLOCKS)), held, estimator, int(held.sum()))


def _counts(table: LifeTable, without: Collection[str]) -> tuple[np.ndarray, ...]:
    """Return at risk, leaving for causes kept, and for those taken out [256, K]."""
    at_risk, moves, _ = table.in_state()
    gone = np.isin(np.array(table.causes, dtype=str), list(without))
    return at_risk, moves[~gone].sum(axis=0), moves[gone].sum(axis=0)


def _observed(at_risk: np.ndarray) -> int:
    nobody = np.flatnonzero(at_risk.sum(axis=0) == 0)
    length = int(nobody[0]) if nobody.size else at_risk.shape[-1]
    if not length:
        raise NotObservedError(
            "some customers alike were not seen from the start",
            remedy="Tell customers apart by fewer columns.",
        )
    return length
