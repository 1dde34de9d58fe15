"""Life tables straight from arrays: what `life_table` counts, without the engine.

A simulation needs thousands of tables, and an engine has to be asked for each. A test holds the two
equal.
"""

from __future__ import annotations

import numpy as np

from stammkunde.draws import BLOCKS
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
    entry = np.zeros_like(exit_) if entry is None else entry
    if horizon is not None:
        left, exit_ = left & (exit_ <= horizon), np.minimum(exit_, horizon)
    at_risk = entry < exit_
    who = np.arange(len(block)) if person is None else person
    block, entry, exit_, left, who = (a[at_risk] for a in (block, entry, exit_, left, who))
    length = int(exit_.max())
    entered = laid(block, entry, length)
    gone, censored = (laid(block[x], exit_[x] - 1, length) for x in (left, ~left))
    flow = entered.copy()
    flow[:, 1:] -= (gone + censored)[:, :-1]
    heads = np.bincount(block[np.unique(who, return_index=True)[1]], minlength=BLOCKS)
    return LifeTable(
        group={},
        unit=unit,
        states=("customer",),
        causes=("left",) if left.any() else (),
        entered=entered[None],
        at_risk=np.cumsum(flow, axis=-1)[None],
        moves=gone[None, None][:, : int(left.any())],
        censored=censored[None],
        crossed=np.zeros_like(entered)[None],
        persons=heads,
        spells=np.bincount(block, minlength=BLOCKS),
        repeats=person is not None and int(heads.sum()) < len(block),
    )


def laid(block: np.ndarray, position: np.ndarray, length: int) -> np.ndarray:
    """Return how many stand at each position of each block [256, length]."""
    flat = np.bincount(block * length + position, minlength=BLOCKS * length)
    return flat.reshape(BLOCKS, length)


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
