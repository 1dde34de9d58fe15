"""Life tables straight from arrays of whole units: by counting, without an engine and unsorted.

For who has exits and causes in memory: ten million customers take as long as a few passes over
them, and little memory beside them. A test holds these tables equal to those that the engine
counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from stammkunde.draws import BLOCKS
from stammkunde.errors import DataError
from stammkunde.survival.table import LifeTable

# rows counted at once: their keys then stay in the processor's cache
CHUNK = 2**15


def life_table_from(
    exit_: np.ndarray,
    cause: np.ndarray,
    *,
    causes: Sequence[str] = ("left",),
    entry: np.ndarray | None = None,
    block: np.ndarray | None = None,
    persons: np.ndarray | None = None,
    unit: str = "month",
) -> LifeTable:
    """Return the life table of spells given as arrays [N] of whole numbers.

    `exit_` is the last unit observed, `cause` 0 for censored and c for leaving to `causes[c - 1]`
    (a flag does), `entry` the unit after which observation begins (0 by default). `block` deals
    persons to 0 .. 255; without it all stand in block 0, so that only Greenwood's errors are
    possible. `persons` [256] are heads by block where somebody has several spells. Spells with
    entry >= exit were never at risk and are left out. DataError for numbers out of range.
    """
    return life_tables_from(
        exit_, cause, None, 1, causes=causes, entry=entry, block=block, persons=persons, unit=unit
    )[0]


def life_tables_from(
    exit_: np.ndarray,
    cause: np.ndarray,
    group: np.ndarray | None,
    groups: int,
    *,
    causes: Sequence[str] = ("left",),
    entry: np.ndarray | None = None,
    block: np.ndarray | None = None,
    persons: np.ndarray | None = None,
    unit: str = "month",
) -> list[LifeTable]:
    """Return one life table per group 0 .. `groups` - 1, as `life_table_from` does for one.

    `group` [N] numbers the group of each spell (None where there is one). `persons` is then
    [groups, 256]. All tables are as long as the longest spell, an empty group's too.
    """
    _whole({"exit_": exit_, "cause": cause, "entry": entry, "group": group, "block": block})
    if entry is not None or exit_.min(initial=1) < 1:
        exit_, cause, entry, group, block = _at_risk(exit_, cause, entry, group, block)
    length = int(exit_.max(initial=1))
    blocks = 1 if block is None else BLOCKS
    sizes = {"group": groups, "cause": len(causes) + 1, "block": blocks}
    keys = {"group": group, "cause": cause, "block": block}
    _check(keys, sizes)
    ends = _counts(keys, exit_, sizes, length)
    ends = ends[..., 1:]
    moves, censored = ends[:, 1:], ends[:, 0]
    entered = np.zeros((groups, blocks, length), dtype=np.int64)
    if entry is None:
        entered[..., 0] = ends.sum(axis=(1, 3))
    else:
        plain = {"group": group, "block": block}
        entered[...] = _counts(plain, entry, {k: sizes[k] for k in plain}, length)[..., :-1]
    flow = entered.copy()
    flow[..., 1:] -= ends.sum(axis=1)[..., :-1]
    counts = [_spread(a, blocks) for a in (entered, np.cumsum(flow, axis=-1), censored, moves)]
    return [_table(i, counts, tuple(causes), persons, unit) for i in range(groups)]


def _whole(columns: dict[str, np.ndarray | None]) -> None:
    """Raise DataError unless all are arrays of integers or flags."""
    for name, column in columns.items():
        if column is not None and column.dtype.kind not in "biu":
            remedy = "Give integers, one per spell, none of them missing."
            raise DataError(f"`{name}` does not hold whole numbers", where=name, remedy=remedy)


def _at_risk(
    exit_: np.ndarray,
    cause: np.ndarray,
    entry: np.ndarray | None,
    group: np.ndarray | None,
    block: np.ndarray | None,
) -> tuple[Any, ...]:
    """Return the arrays without the spells that were never at risk."""
    before = np.zeros_like(exit_) if entry is None else entry
    early = int((before < 0).sum())
    if early:
        remedy = "Give the tenure at which observation begins, 0 at least."
        raise DataError("an entry lies before tenure 0", rows=early, remedy=remedy)
    kept = before < exit_
    return tuple(a if a is None else a[kept] for a in (exit_, cause, entry, group, block))


def _check(keys: dict[str, np.ndarray | None], sizes: dict[str, int]) -> None:
    """Raise DataError for numbers that no table has a place for."""
    for name, key in keys.items():
        if key is not None and len(key) and not 0 <= int(key.min()) <= int(key.max()) < sizes[name]:
            remedy = f"Number them from 0 to {sizes[name] - 1}."
            wrong = int(((key < 0) | (key >= sizes[name])).sum())
            raise DataError(f"a {name} is out of range", rows=wrong, remedy=remedy)


def _counts(
    keys: dict[str, np.ndarray | None], unit: np.ndarray, sizes: dict[str, int], length: int
) -> np.ndarray:
    """Return how many stand at each unit 0 .. length [*sizes, length + 1]: one pass, no sorting."""
    shape = (*sizes.values(), length + 1)
    cells = int(np.prod(shape))
    found = np.zeros(cells, dtype=np.int64)
    columns = {**keys, "unit": unit}
    widths = dict(zip(columns, shape, strict=True))
    # adding up the cells of a chunk must not cost more than its rows
    step = max(CHUNK, cells)
    for start in range(0, len(unit), step):
        part = {k: None if a is None else a[start : start + step] for k, a in columns.items()}
        found += np.bincount(_place(part, widths), minlength=cells)
    return found.reshape(shape)


def _place(columns: dict[str, np.ndarray | None], widths: dict[str, int]) -> np.ndarray:
    """Return the number of each row's cell, the last column's values side by side."""
    place: np.ndarray | None = None
    for name, column in columns.items():
        if place is not None:
            place *= widths[name]
        if column is not None:
            own = column.astype(np.int64, copy=place is None)
            place = own if place is None else np.add(place, own, out=place)
    assert place is not None
    return place


def _spread(counts: np.ndarray, blocks: int) -> np.ndarray:
    """Return counts on 256 blocks."""
    if blocks == BLOCKS:
        return counts
    out = np.zeros((*counts.shape[:-2], BLOCKS, counts.shape[-1]), dtype=np.int64)
    out[..., :1, :] = counts
    return out


def _table(
    i: int,
    counts: Sequence[np.ndarray],
    causes: tuple[str, ...],
    persons: np.ndarray | None,
    unit: str,
) -> LifeTable:
    entered, at_risk, censored, moves = (a[i][None] for a in counts)
    used = moves.sum(axis=(0, 2, 3)) > 0
    spells = entered[0].sum(axis=-1)
    heads = spells if persons is None else np.reshape(persons, (-1, BLOCKS))[i]
    return LifeTable(
        group={},
        unit=unit,
        states=("customer",),
        causes=tuple(c for c, there in zip(causes, used, strict=True) if there),
        entered=entered,
        at_risk=at_risk,
        moves=moves[:, used],
        censored=censored,
        crossed=np.zeros_like(entered),
        persons=heads,
        spells=spells,
        repeats=bool((heads < spells).any()),
    )
