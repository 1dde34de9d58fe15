"""The scalar products of renewal: month after month, each from all months before it.

Rows are draws x policies x segments. What all earlier years send into the months of a year is added
up row by row, for the year at once: the starts, backwards in time, meet the leaving, forwards in
time, in two stretches of memory that are short enough to stay at hand for twelve months. What the
year sends into itself is added up month by month, for all rows at once. Each row is added up in an
order of its own, whatever rows stand beside it.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import as_strided

YEAR = 12
# a single row would be added up in another order than one among others
FEWEST_ROWS = 8


def renewal(
    given: np.ndarray, leaving: np.ndarray, known: np.ndarray, lags: np.ndarray
) -> np.ndarray:
    """Return all starts [R, H, N] from those known beforehand [H, N, R], both backwards in time.

    `leaving` [R, groups, H, N] is the share that leaves by group, unit and life, `known` [R,
    groups, H] how many leave at a month's end from elsewhere, `lags` [R, targets, L, groups] who
    comes back as one of the first lives. `given` is written over.
    """
    total = given.shape[-1]
    starts, ways = _filled(given, -1), _filled(leaving, 0)
    horizon, n, rows = starts.shape
    targets, longest, groups = lags.shape[1:]
    others = _rows_last(known).swapaxes(0, 1)
    chances = _rows_last(lags).reshape(targets, longest * groups, rows)
    inside = _rows_last(ways[:, :, :YEAR]).reshape(groups, -1, rows)
    back = np.zeros((rows, horizon, n))
    left = np.zeros(((horizon + longest) * groups, rows))
    begun = starts.reshape(-1, rows)
    for first in range(0, horizon, YEAR):
        months = min(YEAR, horizon - first)
        gone = _before(back, ways, first, months)
        # who is away at the beginning of a month left at the end of the one before
        skip = first == 0
        gone[skip:] += others[first - 1 + skip : first - 1 + months]
        for m in range(months):
            at = horizon - first - m
            if m:
                gone[m] += np.einsum("lr,glr->gr", begun[at * n : (at + m) * n], inside[:, : m * n])
            if first + m:
                left[at * groups : (at + 1) * groups] = gone[m]
                late = left[at * groups : (at + longest) * groups]
                starts[at - 1, :targets] += np.einsum("lr,tlr->tr", late, chances)
        since = slice(horizon - first - months, horizon - first)
        back[:, since] = np.moveaxis(starts[since], -1, 0)
    return back[:total]


def _before(back: np.ndarray, ways: np.ndarray, first: int, months: int) -> np.ndarray:
    """Return what starts before month `first` send into its year [months, groups, R]."""
    rows, horizon, n = back.shape
    groups = ways.shape[1]
    if not first:
        return np.zeros((months, groups, rows))
    line = back.reshape(rows, 1, 1, horizon * n)[..., (horizon - first) * n :]
    # month m of the year meets the delays that are m longer: the same memory, m lives further
    by_row, by_group, by_delay, item = ways.strides
    later = as_strided(
        ways, (rows, groups, months, first * n), (by_row, by_group, by_delay, item), writeable=False
    )
    return np.ascontiguousarray(np.vecdot(line, later).transpose(2, 1, 0))


def _filled(array: np.ndarray, axis: int) -> np.ndarray:
    """Return the array with rows of zeros where there are few."""
    missing = FEWEST_ROWS - array.shape[axis]
    if missing <= 0:
        return np.ascontiguousarray(array)
    width = [(0, 0)] * array.ndim
    width[axis] = (0, missing)
    return np.pad(array, width)


def _rows_last(array: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(np.moveaxis(_filled(array, 0), 0, -1))
