"""Days of the garage: no visit on a Sunday or on the first of a month, more on busy days."""

from __future__ import annotations

from datetime import date

import numpy as np

from stammkunde.worlds.autohaus import parameters as p
from stammkunde.worlds.streams import stream

WEEKDAYS = (1.2, 1.0, 1.0, 1.0, 1.1, 0.4, 0.0)
BUSY_SHAPE = 8.0


def first(month: int) -> int:
    """Return the day number of the first of a month counted from the window's open."""
    return date(p.OPEN.year + month // 12, month % 12 + 1, 1).toordinal()


def busy(seed: int, month: int) -> np.ndarray:
    """Return the chances of the days of a month that a visit falls on them, summing to 1.

    Letters go out on the first of a month, so no visit falls on it: a letter comes before its
    answer.
    """
    begin, end = first(month), first(month + 1)
    weights = np.array([WEEKDAYS[date.fromordinal(d).weekday()] for d in range(begin, end)])
    weights[0] = 0.0
    weights *= stream(seed, "busy days", month).gamma(BUSY_SHAPE, 1 / BUSY_SHAPE, len(weights))
    return weights / weights.sum()


def days(seed: int, month: np.ndarray, u: np.ndarray) -> np.ndarray:
    """Return day numbers of visits in the months given, one chance event in [0, 1) each."""
    found = np.empty(len(month), np.int64)
    for m in np.unique(month):
        chosen = month == m
        edges = np.cumsum(busy(seed, int(m)))[:-1]
        found[chosen] = first(int(m)) + np.searchsorted(edges, u[chosen], side="right")
    return found
