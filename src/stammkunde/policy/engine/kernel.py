"""The scalar products of renewal: span after span, each from all months before it.

Rows are draws x policies x segments. What all earlier spans of sixteen months send into the months
of a span is added up row by row, for the span at once: the starts, backwards in time, meet the
leaving, forwards in time, in two stretches of memory that are short enough to stay at hand for its
months. Who comes back within the span comes back once, twice, ... : the sums of all these ways are
the same in every span and are found once. Each row is added up in an order of its own, whatever
rows stand beside it.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

# the processor adds up sixteen products at once; what is left over takes it as long as those
SPAN = 16
# a single row would be added up in another order than one among others
FEWEST_ROWS = 8


def convolved(starts: np.ndarray, by_unit: np.ndarray) -> np.ndarray:
    """Return sum over s <= t of starts(s) * by_unit(t - s + 1), t = 0 .. H - 1 [..., H].

    Starts that are one number for every month (a last axis without a stride) take a running sum,
    starts in the first month alone a product.
    """
    horizon = starts.shape[-1]
    if starts.strides[-1] == 0:
        return np.asarray(np.cumsum(by_unit[..., :horizon], axis=-1) * starts[..., :1])
    if not starts[..., 1:].any():
        return np.asarray(by_unit[..., :horizon] * starts[..., :1])
    begun = lengthened(starts, -(-horizon // SPAN) * SPAN)
    # zeros where a life has not begun yet
    back = lengthened(by_unit[..., horizon - 1 :: -1], horizon + SPAN - 1)
    lead = np.broadcast_shapes(starts.shape[:-1], by_unit.shape[:-1])
    found = np.empty((*lead, horizon))
    for first in range(0, horizon, SPAN):
        until = min(first + SPAN, horizon)
        reach = first + SPAN
        spans = sliding_window_view(back[..., horizon - until :], reach, axis=-1)
        late = np.vecdot(begun[..., None, :reach], spans[..., : until - first, :])
        found[..., first:until] = late[..., ::-1]
    return found


def lengthened(array: np.ndarray, length: int) -> np.ndarray:
    """Return the array with zeros behind, `length` along the last axis, in one stretch."""
    whole = np.zeros((*array.shape[:-1], length))
    whole[..., : array.shape[-1]] = array
    return whole


def renewal(
    given: np.ndarray, leaving: np.ndarray, known: np.ndarray, lags: np.ndarray
) -> np.ndarray:
    """Return all starts [R, H, N], backwards in time, from those known beforehand [H, N, R].

    `leaving` [R, groups, H, N] is the share that leaves by group, unit and life, `known` [R,
    groups, H] how many leave at a month's end from elsewhere, `lags` [R, N, L, groups] who comes
    back as which life.
    """
    total = given.shape[-1]
    fresh, ways = _filled(given, -1), _filled(leaving, 0)
    horizon, n, rows = fresh.shape
    longest, groups = lags.shape[2:]
    others = _rows_last(known).swapaxes(0, 1)
    chances = _rows_last(lags)
    inside = np.zeros((groups, SPAN, n, rows))
    inside[:, : min(SPAN, horizon)] = _rows_last(ways[:, :, :SPAN])
    answer = _answer(chances, inside)[::-1]
    late, soon = chances[:, ::-1], inside[:, -2::-1]
    back = np.zeros((rows, horizon, n))
    # who is away at the beginning of a month left at the end of the one before; zeros stand before
    left = np.zeros((longest - 1 + horizon, groups, rows))
    due, begun = np.zeros((2, 2 * SPAN - 1, n, rows))
    months_left = sliding_window_view(left, longest, axis=0)
    months_due = sliding_window_view(due, SPAN, axis=0)
    months_begun = sliding_window_view(begun, SPAN - 1, axis=0)
    for first in range(0, horizon, SPAN):
        months = min(SPAN, horizon - first)
        until, skip = first + months, first == 0
        gone = left[longest - 1 + first : longest - 1 + until]
        gone += _before(back, ways, first, months)
        gone[skip:] += others[first - 1 + skip : until - 1]
        come = np.einsum("mgrl,nlgr->mnr", months_left[first:until], late)
        np.add(come, fresh[first:until], out=due[SPAN - 1 : SPAN - 1 + months])
        starts = np.einsum("mkrl,lnkr->mnr", months_due[:months], answer)
        back[:, horizon - until : horizon - first] = np.moveaxis(starts[::-1], -1, 0)
        # only the leavers of its last months come back after the span
        seen = max(1, months - longest + 1)
        if until < horizon and seen < months:
            begun[SPAN - 1 : SPAN - 1 + months] = starts
            gone[seen:] += np.einsum("mnrl,glnr->mgr", months_begun[seen:months], soon)
    return back[:total]


def _answer(chances: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Return what one start sends, through any number of lives, into the starts of each life.

    By months later 0 .. SPAN - 1: [SPAN, N, N of the start, R].
    """
    n, longest = chances.shape[:2]
    once = np.zeros((SPAN, n, n, inside.shape[-1]))
    for lag in range(min(longest, SPAN - 1)):
        once[lag + 1 :] += np.einsum("ngr,gukr->unkr", chances[:, lag], inside[:, : SPAN - 1 - lag])
    found = np.zeros(once.shape)
    found[0] = np.eye(n)[..., None]
    for months in range(1, SPAN):
        found[months] = np.einsum(
            "unkr,ukjr->njr", once[1 : months + 1], found[months - 1 :: -1][:months]
        )
    return found


def _before(back: np.ndarray, ways: np.ndarray, first: int, months: int) -> np.ndarray:
    """Return what starts before month `first` send into its span [months, groups, R]."""
    rows, horizon, n = back.shape
    groups = ways.shape[1]
    if not first:
        return np.zeros((months, groups, rows))
    line = back.reshape(rows, 1, 1, horizon * n)[..., (horizon - first) * n :]
    # month m of the span meets the delays that are m longer: the same memory, m lives further
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
