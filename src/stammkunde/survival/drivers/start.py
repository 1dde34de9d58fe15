"""Is a difference between levels one between customers who began early and late?

Where a level was only sold at some time, its customers and those of another level never began side
by side, and what tells them apart may as well be the time: the calendar and the kind of customer of
those months. The months of start are put together into periods in which 10 of the rarer of two
levels are to be expected; a level is absent from a period that holds less than a tenth of what is
to be expected of it. By chance alone that is so in less than one of twenty thousand periods.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from stammkunde.spells.spells import COHORT, Spells
from stammkunde.survival.drivers.cells import BANDS, OTHER, Cells, levels_of

EXPECTED, ABSENT = 10, Fraction(1, 10)


@dataclass(frozen=True)
class Start:
    """For what `share` of the spells of two levels only one of them was there when they began.

    `spells` are those of both levels with a known month of start; the share is 0 where too few of
    one level are there to tell.
    """

    factor: str
    level: str
    reference: str
    share: float
    spells: int


def told_by_start(
    spells: Spells, cells: Cells, *, bands: int = BANDS, names: Sequence[str] | None = None
) -> tuple[Start, ...]:
    """Return for every level of the factors (or of `names`) how far its start tells it.

    `cells` were counted from `spells`, with so many `bands`; each level is held against the
    reference of its factor. Nothing where no month of start is known.
    """
    made = {n: levels_of(spells, n, bands)[0] for n in (cells.names if names is None else names)}
    texts = {n: f"level {i}" for i, n in enumerate(made)}
    r = spells.relation.filter(spells.relation[COHORT].notnull())
    levels: dict[str, Any] = {texts[n]: level for n, level in made.items()}
    query = r.group_by(**levels, month=r[COHORT]).aggregate(n=r.count())
    frame = query.to_pyarrow().to_pandas()
    if frame.empty:
        return ()
    found: list[Start] = []
    for name, text in texts.items():
        factor = cells.factors[cells.place(name)]
        counts = _by_month(frame, text, factor.levels)
        for i, level in enumerate(factor.levels[1:], start=1):
            pair = counts[[i, 0]]
            share = apart_at_start(pair)
            found.append(Start(name, level, factor.levels[0], share, int(pair.sum())))
    return tuple(found)


def apart_at_start(counts: np.ndarray) -> float:
    """Return the share of the starts of two levels [2, M], by month in order, with only one there.

    It is 0 where the rarer level has fewer than 10 starts. Source: the rule of this module.
    """
    total = counts.sum(axis=1)
    whole = int(total.sum())
    if total.min() < EXPECTED:
        return 0.0
    alone = 0
    for period in _periods(counts):
        size = int(period.sum())
        least = min(
            Fraction(int(here) * whole, size * int(own))
            for here, own in zip(period, total, strict=True)
        )
        alone += size * (least < ABSENT)
    return alone / whole


def _periods(counts: np.ndarray) -> list[np.ndarray]:
    """Return the counts [2] of the shortest periods in which enough of both are to be expected."""
    rarer, whole = int(counts.sum(axis=1).min()), int(counts.sum())
    periods: list[np.ndarray] = []
    open_ = np.zeros(2, dtype=np.int64)
    for month in counts.T:
        open_ = open_ + month
        if int(open_.sum()) * rarer >= EXPECTED * whole:
            periods.append(open_)
            open_ = np.zeros(2, dtype=np.int64)
    if open_.any():
        # what is left at the end is too short to stand alone
        periods[-1] = periods[-1] + open_
    return periods


def _by_month(frame: pd.DataFrame, text: str, levels: tuple[str, ...]) -> np.ndarray:
    """Return starts by level and month [L, M], rare levels as in the factor."""
    own = frame[text].where(frame[text].isin(levels), OTHER)
    table = frame.assign(own=own).pivot_table(
        index="own", columns="month", values="n", aggfunc="sum", fill_value=0
    )
    return table.reindex(levels, fill_value=0).to_numpy(dtype=np.int64)
