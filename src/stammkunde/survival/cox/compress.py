"""Equal rows counted together: a million customers become a few thousand rows that repeat.

Whole numbers are put side by side into one number per row, and these are counted. A fractional
column makes nearly every row its own, so the rows are then taken as they are. Nothing is lost by
either: a repeated row counts as often as it repeats.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stammkunde.errors import DataError, ParameterError

# beyond it a double no longer holds every whole number
LARGEST = 2**53
COUNTED = 2**20


@dataclass(frozen=True)
class Rows:
    """Rows at risk in (entry, exit], each standing for `weight` equal ones; arrays [M].

    `covariates` is [p, M]. `cell` [N] tells in which of the M each row that was given went, -1 for
    those never at risk; None where nobody asked.
    """

    entry: np.ndarray
    exit: np.ndarray
    event: np.ndarray
    stratum: np.ndarray
    covariates: np.ndarray
    weight: np.ndarray
    cell: np.ndarray | None = None

    def part(self, used: np.ndarray) -> Rows:
        """Return the rows that `used` [M] flags; `cell` points into them."""
        cell = self.cell
        if cell is not None:
            place = np.where(used, np.cumsum(used) - 1, -1)
            cell = np.where(cell >= 0, place[cell], -1)
        return Rows(
            entry=self.entry[used],
            exit=self.exit[used],
            event=self.event[used],
            stratum=self.stratum[used],
            covariates=np.ascontiguousarray(self.covariates[:, used]),
            weight=self.weight[used],
            cell=cell,
        )


def gathered(
    exit_: np.ndarray,
    event: np.ndarray,
    covariates: np.ndarray,
    *,
    entry: np.ndarray | None = None,
    weight: np.ndarray | None = None,
    stratum: np.ndarray | None = None,
    cells: bool = False,
) -> Rows:
    """Return the rows [N] with equal ones counted together, without those never at risk.

    Arrays as `cox` takes them. A row is never at risk where entry >= exit; entry is 0 by default.
    `cells` asks for the way from each row to where it was counted. DataError for missing values,
    events other than 0 and 1 and weights that are no whole numbers, ParameterError for lengths that
    differ.
    """
    x = _numbers(covariates, "covariates")
    x = x[:, None] if x.ndim == 1 else x
    named = {"exit": exit_, "event": event}
    named |= {} if entry is None else {"entry": entry}
    named |= {} if stratum is None else {"stratum": _numbered(np.asarray(stratum))}
    columns = [*(_numbers(c, n) for n, c in named.items()), *(x[:, j] for j in range(x.shape[1]))]
    labels = [*named, *(f"covariate {j + 1}" for j in range(x.shape[1]))]
    repeats = None if weight is None else _whole(_numbers(weight, "weight"))
    _same_length([*columns] if repeats is None else [*columns, repeats])
    ranges = _ranges(columns, labels)
    if ranges is None:
        found = columns
        count = np.ones(len(x)) if repeats is None else repeats
        cell = np.arange(len(x)) if cells else None
    else:
        found, count, cell = _counted(columns, ranges, repeats, cells)
    start = found[list(named).index("entry")] if entry is not None else np.zeros(len(count))
    group = found[list(named).index("stratum")] if stratum is not None else np.zeros(len(count))
    values = np.array(found[len(named) :], dtype=float).reshape(-1, len(count))
    rows = Rows(start, found[0], found[1] == 1, group.astype(np.int64), values, count, cell)
    used = (rows.entry < rows.exit) & (count > 0)
    return rows if used.all() else rows.part(used)


def _numbers(values: np.ndarray, label: str) -> np.ndarray:
    """Return values as an array of numbers; DataError where they are none."""
    found = np.asarray(values)
    if found.dtype.kind in "biuf":
        return found
    try:
        return found.astype(float)
    except (TypeError, ValueError) as e:
        remedy = "Give each level a column of its own with 0 and 1."
        raise DataError("there are values that are no numbers", where=label, remedy=remedy) from e


def _numbered(stratum: np.ndarray) -> np.ndarray:
    """Return strata as numbers from 0, in the order of their labels."""
    return np.unique(stratum, return_inverse=True)[1]


def _whole(weight: np.ndarray) -> np.ndarray:
    """Return how often each row repeats; DataError where that is no whole number."""
    wrong = ~((weight >= 0) & (weight == np.floor(weight)))
    if wrong.any():
        remedy = "A weight says how often its row repeats; give 0, 1, 2, ..."
        rows = int(wrong.sum())
        raise DataError("a weight is no whole number", where="weight", rows=rows, remedy=remedy)
    return weight.astype(float)


def _same_length(columns: Sequence[np.ndarray]) -> None:
    if len({len(c) for c in columns}) > 1:
        lengths = ", ".join(str(len(c)) for c in columns)
        raise ParameterError(
            f"the columns differ in length ({lengths})", remedy="Give one value per row to each."
        )
    if not len(columns[0]):
        raise DataError("there are no rows", remedy="Check which customers were selected.")


def _ranges(columns: Sequence[np.ndarray], labels: Sequence[str]) -> list[tuple[int, int]] | None:
    """Return lowest value and number of values of each column; None where one is not whole."""
    ranges, domain, whole = [], 1, True
    for column, label in zip(columns, labels, strict=True):
        low, high = column.min(), column.max()
        if not (np.isfinite(low) and np.isfinite(high)):
            remedy = "Make a missing value a level of its own."
            rows = int((~np.isfinite(column)).sum())
            raise DataError("a number is missing or endless", where=label, rows=rows, remedy=remedy)
        if label == "event" and not bool(np.isin(column, (0, 1)).all()):
            rows = int((~np.isin(column, (0, 1))).sum())
            remedy = "Give 1 for those who left and 0 for the others."
            raise DataError("an event is neither 0 nor 1", where=label, rows=rows, remedy=remedy)
        if whole and column.dtype.kind == "f":
            whole = bool(np.array_equal(column, np.rint(column)))
        if whole:
            ranges.append((int(low), int(high) - int(low) + 1))
            domain *= ranges[-1][1]
            whole = domain < LARGEST and abs(ranges[-1][0]) < LARGEST
    return ranges if whole else None


def _counted(
    columns: Sequence[np.ndarray],
    ranges: Sequence[tuple[int, int]],
    repeats: np.ndarray | None,
    cells: bool,
) -> tuple[list[np.ndarray], np.ndarray, np.ndarray | None]:
    """Return the distinct rows by column, how often each was there, and the way to them."""
    key, domain = np.zeros(len(columns[0])), 1
    for column, (low, size) in zip(columns, ranges, strict=True):
        key *= size
        key += column
        if low:
            key -= low
        domain *= size
    code = key.astype(np.int64)
    cell: np.ndarray | None = None
    if domain <= max(COUNTED, 4 * len(code)):
        there = np.bincount(code, minlength=domain)
        kinds = np.flatnonzero(there)
        count = there if repeats is None else np.bincount(code, repeats, domain)
        count = count[kinds].astype(float)
        if cells:
            place = np.zeros(domain, dtype=np.int64)
            place[kinds] = np.arange(len(kinds))
            cell = place[code]
    else:
        kinds, cell = np.unique(code, return_inverse=True)
        count = np.bincount(cell, repeats).astype(float)
    return _decoded(kinds, ranges), count, cell if cells else None


def _decoded(kinds: np.ndarray, ranges: Sequence[tuple[int, int]]) -> list[np.ndarray]:
    """Return the columns that were put side by side."""
    found = []
    for low, size in reversed(ranges):
        kinds, digit = np.divmod(kinds, size)
        found.append((digit + low).astype(float))
    return found[::-1]
