"""Survival when leaving is known to lie between two looks only, without any form of the hazard.

The curve of greatest likelihood puts customers into innermost intervals: those that begin where
some interval begins and end where one ends (or somebody enters), with none of either between
(Turnbull 1976, Journal of the Royal Statistical Society B 38; with delayed entry Alioum and
Commenges 1996, Biometrics 52). How they lie within one, nothing in the data can tell.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from stammkunde import intervals
from stammkunde.draws import Replicates
from stammkunde.errors import DataError, NotObservedError
from stammkunde.result import Estimate
from stammkunde.survival import formulas
from stammkunde.survival.curve import TOO_FEW_PERSONS
from stammkunde.survival.grouped.likelihood import Fitted, Seen, fitted
from stammkunde.survival.grouped.rows import Intervals, intervals_of


@dataclass(frozen=True, kw_only=True)
class IntervalCurve:
    """Survival after 0 .. K units from intervals, its limits, and what the data leave open.

    `value` spreads the leavers of an innermost interval evenly over its units; `lowest` and
    `highest` put them all at its beginning or its end: between these the data cannot tell, and
    `low` and `high` lie outside both. `begin`, `end` and `mass` [J] are the innermost intervals
    (begin, end] and the share that leaves in each. Everything is given that somebody stayed
    `given` units, the earliest entry. `covariance` [3, K+1, K+1] is that of `value`, `lowest` and
    `highest`.
    """

    unit: str
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    lowest: np.ndarray
    highest: np.ndarray
    begin: np.ndarray
    end: np.ndarray
    mass: np.ndarray
    persons: int
    events: int
    given: int
    level: float
    quantile: float
    method: str
    enough: bool
    covariance: np.ndarray = field(repr=False, compare=False)
    replicates: Replicates | None = field(default=None, repr=False, compare=False)

    @property
    def observed_to(self) -> int:
        """Return K, the last unit that somebody was seen at."""
        return len(self.value) - 1

    def at(self, tenure: int) -> Estimate:
        """Return S(tenure); NotObservedError beyond what was observed."""
        self._must_reach(tenure)
        value, low, high = (float(a[tenure]) for a in (self.value, self.low, self.high))
        se = float(np.sqrt(max(self.covariance[0, tenure, tenure], 0.0)))
        own = self.replicates and self.replicates.map(lambda x: x[..., tenure])
        return self._estimate(value, low, high, se, "share", f"survival({tenure})", own)

    def rmst(self, horizon: int) -> Estimate:
        """Return the expected paid units within the first `horizon`, S(0) + ... + S(horizon - 1).

        Limits are those of the smallest and the greatest mean that the intervals leave open.
        """
        if horizon < 1:
            raise NotObservedError(
                f"a restricted mean needs a horizon of at least 1, not {horizon}"
            )
        self._must_reach(horizon - 1)
        means = [float(a[:horizon].sum()) for a in (self.value, self.lowest, self.highest)]
        ses = np.sqrt(np.maximum(self.covariance[:, :horizon, :horizon].sum(axis=(1, 2)), 0.0))
        own = self.replicates and self.replicates.map(lambda x: x[..., :horizon].sum(axis=-1))
        low = max(means[1] - self.quantile * float(ses[1]), 0.0)
        high = min(means[2] + self.quantile * float(ses[2]), float(horizon))
        return self._estimate(
            means[0], low, high, float(ses[0]), self.unit, f"rmst({horizon})", own
        )

    def to_frame(self) -> pd.DataFrame:
        """Return the curve as a table, one row per tenure."""
        names = ("value", "low", "high", "lowest", "highest")
        index = pd.RangeIndex(len(self.value), name=self.unit)
        return pd.DataFrame({n: getattr(self, n) for n in names}, index=index)

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(float_format=lambda x: f"{x:.4g}", max_rows=14, border=0)

    def _estimate(
        self,
        value: float,
        low: float,
        high: float,
        se: float,
        unit: str,
        estimand: str,
        replicates: Replicates | None,
    ) -> Estimate:
        known = self.enough
        return Estimate(
            value=value if known else None,
            low=low if known else None,
            high=high if known else None,
            se=se if known else None,
            level=self.level,
            unit=unit,
            persons=self.persons,
            events=self.events,
            method=self.method,
            estimand=estimand,
            reason="" if known else TOO_FEW_PERSONS,
            replicates=replicates,
        )

    def _must_reach(self, tenure: int) -> None:
        if not self.given <= tenure <= self.observed_to:
            raise NotObservedError(
                f"{self.unit} {tenure} was asked for, but customers were observed from "
                f"{self.unit} {self.given} to {self.observed_to} only",
                remedy="Ask for one between; what lies outside would be a projection.",
            )


def turnbull(
    left: np.ndarray,
    right: np.ndarray,
    n: np.ndarray | None = None,
    *,
    entry: np.ndarray | None = None,
    unit: str = "month",
    level: float = 0.95,
) -> IntervalCurve:
    """Return survival from intervals (left, right] of whole units in which customers left.

    `right` is infinite where nobody saw it; `entry` is the tenure from which on somebody's leaving
    would have been seen (0). `n` counts rows [R] and gives the likelihood's error, exact in the
    sense that Greenwood's is (it is Greenwood's where every interval is one unit); [256, R] counts
    by person block and gives theirs. log(-log) limits, beta product ones with fewer than 5
    (expected) leavers or where nobody is left. Draws fit anew for each weight. DataError for
    tenures that are not whole.
    """
    rows = intervals_of(left, right, n, entry)
    _whole(rows)
    begin, end = _innermost(rows)
    spreads = _spreads(begin, end, int(max(rows.left.max(), rows.ends.max(initial=0))))
    seen = Seen(_covers(rows.entry, rows.left, begin, end), _covers(*_leaving(rows), begin, end))
    best = fitted(seen, rows.total)
    inner, replicates, quantile, how = _errors(rows, seen, best, level)
    mass, there = -np.diff(_survival(best.rates)), best.rates > formulas.ROUNDING
    value, lowest, highest = (np.maximum(1 - s @ mass, 0.0) for s in spreads)
    covariance = np.stack([_carried(s, inner) for s in spreads])
    low, high = _limits(rows, (lowest, highest), covariance[1:], quantile, level)
    return IntervalCurve(
        unit=unit,
        value=value,
        low=low,
        high=high,
        lowest=lowest,
        highest=highest,
        begin=begin[there].astype(int),
        end=end[there].astype(int),
        mass=mass[there],
        persons=round(float(rows.total.sum())),
        events=rows.events,
        given=int(rows.entry.min()),
        level=level,
        quantile=quantile,
        method=f"Turnbull, log-log interval, {how}",
        enough=replicates is None or replicates.is_enough,
        covariance=covariance,
        replicates=replicates and replicates.map(lambda s: _shown(s, spreads[0])),
    )


def _whole(rows: Intervals) -> None:
    broken = np.zeros(len(rows.left), dtype=bool)
    for column in (rows.left, rows.entry, np.where(np.isfinite(rows.right), rows.right, 0.0)):
        broken |= column != np.floor(column)
    if broken.any():
        remedy = "Count in a smaller unit, a day for instance."
        raise DataError("a tenure is no whole unit", rows=int(broken.sum()), remedy=remedy)


def _leaving(rows: Intervals) -> tuple[np.ndarray, np.ndarray]:
    """Return where the intervals of leaving begin and end; empty ones of those not seen leaving."""
    return rows.left, np.where(np.isfinite(rows.right), rows.right, rows.left)


def _innermost(rows: Intervals) -> tuple[np.ndarray, np.ndarray]:
    """Return the intervals (begin, end] into which customers who leave can fall."""
    edges = np.unique(np.concatenate([rows.left, rows.ends, rows.entry]))
    ends = np.concatenate([rows.ends, rows.entry])
    holds = np.isin(edges[:-1], rows.left) & np.isin(edges[1:], ends)
    return edges[:-1][holds], edges[1:][holds]


def _covers(low: np.ndarray, high: np.ndarray, begin: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return 1 where (low, high] [R] holds the whole of (begin, end] [J]."""
    return np.asarray((low[:, None] <= begin) & (end <= high[:, None]), dtype=float)


def _survival(rates: np.ndarray) -> np.ndarray:
    """Return S at the beginning and after each innermost interval [..., J + 1]."""
    through = np.exp(-np.cumsum(rates, axis=-1))
    return np.concatenate([np.ones((*through.shape[:-1], 1)), through], axis=-1)


def _spreads(
    begin: np.ndarray, end: np.ndarray, length: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which part of each mass is gone after 0 .. K units [K+1, J]: even, early, late."""
    t = np.arange(length + 1)[:, None]
    even = np.clip((t - begin) / (end - begin), 0.0, 1.0)
    return even, (t > begin).astype(float), (t >= end).astype(float)


def _shown(curve: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Return S after 0 .. K units from S after each innermost interval [..., J]."""
    whole = np.concatenate([np.ones((*curve.shape[:-1], 1)), curve], axis=-1)
    return np.asarray(1 + np.diff(whole, axis=-1) @ spread.T)


def _carried(spread: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Return the covariance of the curve [K+1, K+1] from that of S after each interval [J, J]."""
    step = np.eye(len(covariance)) - np.eye(len(covariance), k=-1)
    carry = spread @ step
    return np.asarray(carry @ covariance @ carry.T)


def _errors(
    rows: Intervals, seen: Seen, best: Fitted, level: float
) -> tuple[np.ndarray, Replicates | None, float, str]:
    """Return the covariance of S after each innermost interval, and where it comes from."""
    if not rows.blocked:
        after = _survival(best.rates)[1:]
        slope = np.tril(np.ones((len(after), len(after)))) * after[:, None]
        inner = slope @ best.covariance @ slope.T
        return inner, None, intervals.normal_quantile(level), "likelihood's error"
    replicates = _replicates(rows, seen, best)
    quantile = intervals.student_quantile(level, replicates.smallest)
    return replicates.covariance(), replicates, quantile, "person blocks"


def _replicates(rows: Intervals, seen: Seen, best: Fitted) -> Replicates:
    """Return the replicates of S after each innermost interval [J]."""
    held = rows.n.sum(axis=1) > 0

    def refit(n: np.ndarray) -> np.ndarray:
        rates = [fitted(seen, one, best.rates).rates for one in n]
        return _survival(np.stack(rates))[:, 1:]

    leave_out = np.tile(_survival(best.rates)[1:], (len(held), 1))
    leave_out[held] = refit(rows.total - rows.n[held])
    return Replicates(leave_out, held, lambda w: refit(w @ rows.n), int(held.sum()))


def _limits(
    rows: Intervals,
    curves: tuple[np.ndarray, np.ndarray],
    covariance: np.ndarray,
    quantile: float,
    level: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Return limits outside of both curves: the lower limit of one, the upper of the other."""
    found = []
    for side, curve in enumerate(curves):
        n, d = _counts(rows, curve)
        exact = np.concatenate([[1.0], intervals.beta_product(n, d, level)[side]])
        gone = np.concatenate([[0.0], np.cumsum(d)])
        rare = (gone < intervals.FEW_EVENTS - formulas.ROUNDING) | (curve <= formulas.ROUNDING)
        se = np.sqrt(np.maximum(np.diagonal(covariance[side]), 0.0))
        found.append(np.where(rare, exact, intervals.log_log(curve, se, quantile)[side]))
    return found[0], found[1]


def _counts(rows: Intervals, curve: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return who is at risk and who leaves in units 1 .. K [K], as expected under a curve."""
    t, left = np.arange(1, len(curve)), rows.left.astype(int)
    gone = np.isfinite(rows.right)
    right = np.where(gone, rows.right, rows.left).astype(int)
    share = (curve[left] - curve[right])[:, None]
    within = (rows.left[:, None] < t) & (t <= right[:, None])
    per = np.divide(within, share, out=np.zeros(within.shape), where=share > 0)
    known = (rows.entry[:, None] < t) & (t <= rows.left[:, None])
    at_risk = known + per * (curve[t - 1] - curve[right][:, None])
    leaves = per * (curve[t - 1] - curve[t])
    total = rows.total
    return np.asarray(total @ at_risk), np.minimum(total @ leaves, total @ at_risk)
