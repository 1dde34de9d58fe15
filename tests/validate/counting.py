"""Life tables straight from arrays: what `life_table` counts, without the engine.

A simulation needs thousands of tables, and an engine has to be asked for each. A test holds the two
equal.
"""

from __future__ import annotations

import numpy as np

from stammkunde.draws import BLOCKS
from stammkunde.survival.arrays import life_table_from
from stammkunde.survival.table import LifeTable


def table(
    block: np.ndarray,
    exit_: np.ndarray,
    left: np.ndarray,
    *,
    entry: np.ndarray | None = None,
    person: np.ndarray | None = None,
    unit: str = "month",
    horizon: int | None = None,
) -> LifeTable:
    """Return the life table of spells; `person` where somebody has several.

    Spells never at risk are left out. What lies beyond `horizon` is not counted, as if observation
    had ended there.
    """
    if horizon is not None:
        left, exit_ = left & (exit_ <= horizon), np.minimum(exit_, horizon)
    who = np.arange(len(block)) if person is None else person
    if entry is not None:
        at_risk = entry < exit_
        block, entry, exit_, left, who = (a[at_risk] for a in (block, entry, exit_, left, who))
    heads = np.bincount(block[np.unique(who, return_index=True)[1]], minlength=BLOCKS)
    return life_table_from(exit_, left, entry=entry, block=block, persons=heads, unit=unit)


def dealt(rng: np.random.Generator, persons: int) -> np.ndarray:
    """Return a block for each person, as md5 deals them: all alike."""
    return rng.integers(0, BLOCKS, persons)


def completed_months(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return m(a, b) for arrays of days (datetime64[D])."""
    month_a, month_b = a.astype("datetime64[M]"), b.astype("datetime64[M]")
    day_a, day_b = a - month_a.astype("datetime64[D]"), b - month_b.astype("datetime64[D]")
    return (month_b - month_a).astype(np.int64) - (day_b < day_a)


def anniversary(start: np.ndarray, months: np.ndarray) -> np.ndarray:
    """Return the first day that completes `months` months (the 1st where a month is too short)."""
    month = start.astype("datetime64[M]")
    day = (start - month.astype("datetime64[D]")).astype(np.int64)
    there = month + months
    first, after = there.astype("datetime64[D]"), (there + 1).astype("datetime64[D]")
    return np.minimum(first + day, after)
