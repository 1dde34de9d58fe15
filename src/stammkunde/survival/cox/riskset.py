"""Who is at risk whenever somebody leaves, and sums over them without sorting anybody.

A slot is one tenure of one stratum at which somebody leaves. A row is at risk in a stretch of
slots; sums over those at risk are reversed cumulative sums of what ends less what begins.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from stammkunde.errors import NotObservedError
from stammkunde.survival.cox.compress import Rows


@dataclass(frozen=True)
class RiskSets:
    """Rows [M] with the slots `first` to `last` in which each is at risk, T slots in all.

    `late` are the rows that come into a stratum after its first slot; `died` [E] the rows that end
    with leaving, in slot `slot` [E]; `deaths` [T] counts their weights. `times` [T] and `bounds`
    [strata + 1] (where each stratum's slots begin) describe the slots. `before` [T] is the share
    that left before, 1 - S(t-) of all strata together by Kaplan and Meier.
    """

    rows: Rows
    first: np.ndarray
    last: np.ndarray
    late: np.ndarray
    died: np.ndarray
    slot: np.ndarray
    deaths: np.ndarray
    times: np.ndarray
    bounds: np.ndarray
    before: np.ndarray

    def at_risk(self, values: Iterable[np.ndarray]) -> np.ndarray:
        """Return the sums [k, T] of k values [M] over those at risk in each slot."""
        size = len(self.times)
        before = self.first[self.late] - 1
        flows = []
        for v in values:
            flow = np.bincount(self.last, v, size)
            flows.append(flow - np.bincount(before, v[self.late], size) if len(before) else flow)
        return self._from_the_end(np.stack(flows))

    def leaving(self, values: Iterable[np.ndarray]) -> np.ndarray:
        """Return the sums [k, T] of k values [E] over those who leave in each slot."""
        return np.stack([np.bincount(self.slot, v, len(self.times)) for v in values])

    def along(self, values: np.ndarray) -> np.ndarray:
        """Return the sums [k, M] of values [k, T] over the slots in which each row is at risk."""
        until = np.zeros((len(values), len(self.times) + 1))
        np.cumsum(values, axis=1, out=until[:, 1:])
        whole = until[:, self.last + 1]
        return (
            whole if len(self.bounds) == 2 and not len(self.late) else whole - until[:, self.first]
        )

    def _from_the_end(self, flow: np.ndarray) -> np.ndarray:
        """Return reversed cumulative sums along the slots of each stratum.

        Begun anew in each: the difference of long sums would lose digits.
        """
        if len(self.bounds) == 2:
            return np.cumsum(flow[:, ::-1], axis=1)[:, ::-1]
        total = np.empty_like(flow)
        for a, b in pairwise(self.bounds):
            total[:, a:b] = np.cumsum(flow[:, a:b][:, ::-1], axis=1)[:, ::-1]
        return total


def risk_sets(rows: Rows) -> RiskSets:
    """Return the risk sets of the rows; NotObservedError where nobody leaves.

    A row is at risk at the tenures t with entry < t <= exit; one that is never at risk while
    somebody leaves says nothing and is dropped.
    """
    if not rows.event.any():
        remedy = "Observe for longer, or choose customers of whom some left."
        raise NotObservedError("nobody who was at risk leaves", remedy=remedy)
    times = np.unique(rows.exit[rows.event])
    width = len(times) + 1
    until = np.searchsorted(times, rows.exit, side="right")
    since = np.searchsorted(times, rows.entry, side="right")
    before = _left_before(rows, since, until, width)
    stop, begin = rows.stratum * width + until, rows.stratum * width + since
    codes = np.unique(stop[rows.event] - 1)
    first = np.searchsorted(codes, begin)
    last = np.searchsorted(codes, stop) - 1
    used = first <= last
    if not used.all():
        rows, first, last = rows.part(used), first[used], last[used]
    strata = codes // width
    bounds = np.append(np.flatnonzero(np.diff(strata, prepend=-1)), len(codes))
    late = np.flatnonzero(first > bounds[np.searchsorted(bounds, first, side="right") - 1])
    died = np.flatnonzero(rows.event)
    deaths = np.bincount(last[died], rows.weight[died], len(codes))
    which = codes % width
    return RiskSets(
        rows, first, last, late, died, last[died], deaths, times[which], bounds, before[which]
    )


def _left_before(rows: Rows, since: np.ndarray, until: np.ndarray, width: int) -> np.ndarray:
    """Return 1 - S(t-) at the `width` - 1 distinct times at which somebody leaves."""
    flow = np.bincount(since, rows.weight, width) - np.bincount(until, rows.weight, width)
    at_risk = np.cumsum(flow)[:-1]
    deaths = np.bincount(until[rows.event] - 1, rows.weight[rows.event], width - 1)
    return np.asarray(1 - np.append(1.0, np.cumprod(1 - deaths / at_risk)[:-1]))
