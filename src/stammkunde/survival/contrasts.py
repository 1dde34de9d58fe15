"""Do two groups differ, and by how many months?

The answer is a difference of restricted means with its interval; the log-rank test says only
whether the curves differ at all. Both respect persons with several spells through the blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from stammkunde.draws import FEWEST_BLOCKS, paired, replicate
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.intervals import FEW_EVENTS, normal_quantile, student_quantile
from stammkunde.result import Estimate, Status, table_html
from stammkunde.survival import formulas
from stammkunde.survival.curve import TOO_FEW_PERSONS, Curve
from stammkunde.survival.table import LifeTable


@dataclass(frozen=True)
class Test:
    """A test of "no difference": statistic, degrees of freedom, p-value and method."""

    __test__ = False  # not a test case, whatever a test runner makes of the name

    statistic: float
    df: int
    p: float
    method: str

    def _repr_html_(self) -> str:
        rows = {"statistic": f"{self.statistic:.4g}", "df": self.df, "p": f"{self.p:.3g}"}
        return table_html(rows, self.method)


def rmst_difference(a: Curve, b: Curve, horizon: int) -> Estimate:
    """Return RMST(horizon) of `a` less that of `b`, with its interval.

    Independent groups add their variances; persons who may be in both are paired by block. With
    fewer than 5 events in an arm the limits are put together from the arms' own, conservatively
    (MOVER: Zou and Donner 2008). ParameterError for curves of other units or levels,
    NotObservedError where either ends before the horizon.
    """
    _must_match(a.unit, b.unit)
    if a.level != b.level:
        raise ParameterError(f"one curve has the level {a.level:g}, the other {b.level:g}")
    one, two = a.rmst(horizon), b.rmst(horizon)
    replicates = (
        one.replicates and two.replicates and paired(one.replicates, two.replicates, np.subtract)
    )
    common: dict[str, Any] = {
        "level": a.level,
        "unit": a.unit,
        "persons": a.persons + b.persons,
        "spells": a.spells + b.spells,
        "events": (one.events or 0) + (two.events or 0),
        "status": max(a.status, b.status, key=list(Status).index),
        "assumptions": tuple(dict.fromkeys((*a.assumptions, *b.assumptions))),
        "estimand": f"rmst({horizon}) difference",
        "replicates": replicates,
    }
    if one.value is None or two.value is None:
        return Estimate(value=None, method="difference of means", reason=TOO_FEW_PERSONS, **common)
    value = one.value - two.value
    if min(c.events[: horizon - 1].sum() for c in (a, b)) < FEW_EVENTS:
        low, high = _mover(one, two)
        return Estimate(
            value=value, low=low, high=high, method="difference of means, limits combined", **common
        )
    if "blocks" in (a.errors, b.errors) and replicates is not None:
        se = float(replicates.se())
        step = student_quantile(a.level, replicates.smallest) * se
        method = "difference of means, person blocks paired"
    else:
        se = float(np.hypot(one.se or 0.0, two.se or 0.0))
        step = normal_quantile(a.level) * se
        method = "difference of means, Greenwood"
    return Estimate(
        value=value, low=value - step, high=value + step, se=se, method=method, **common
    )


def _must_match(a: str, b: str) -> None:
    if a != b:
        raise ParameterError(f"{a}s cannot be compared with {b}s", remedy="Count both in one unit.")


def _mover(one: Estimate, two: Estimate) -> tuple[float, float]:
    """Return limits of a difference from the limits of its parts."""
    a, a_low, a_high = _known(one)
    b, b_low, b_high = _known(two)
    low = a - b - np.hypot(a - a_low, b_high - b)
    high = a - b + np.hypot(a_high - a, b - b_low)
    return float(low), float(high)


def _known(estimate: Estimate) -> tuple[float, float, float]:
    value, low, high = estimate.value, estimate.low, estimate.high
    if value is None or low is None or high is None:
        raise AssertionError(f"an estimate without limits was combined: {estimate}")
    return value, low, high


def logrank(tables: Sequence[LifeTable]) -> Test:
    """Return the log-rank test of equal hazards in all tables.

    One spell per person: the chi-square statistic with its hypergeometric covariance (Peto and Peto
    1972). Repeat spells: Hotelling's form of the same numerators with the covariance of their
    leave-outs, referred to F. ParameterError with fewer than two tables, NotObservedError where
    there is nothing to compare.
    """
    if len(tables) < 2:
        raise ParameterError("a log-rank test compares at least two groups")
    for table in tables[1:]:
        _must_match(tables[0].unit, table.unit)
    at_risk, events = _aligned(tables)
    n, d = at_risk.sum(axis=1), events.sum(axis=1)
    excess = formulas.excess_events(n, d)[:-1]
    df = len(tables) - 1
    if any(t.repeats for t in tables):
        return _clustered(at_risk, events, excess, df)
    covariance = formulas.excess_covariance(n, d)[:-1, :-1]
    statistic = _quadratic(excess, covariance)
    return Test(statistic, df, float(stats.chi2.sf(statistic, df)), "log-rank")


def _clustered(at_risk: np.ndarray, events: np.ndarray, excess: np.ndarray, df: int) -> Test:
    """Return Hotelling's test of the numerators, their covariance from the leave-outs."""
    held = at_risk.sum(axis=2) > 0
    replicates = replicate((at_risk, events), held.any(axis=0), _numerators)
    smallest = int(held.sum(axis=1).min())
    if smallest < FEWEST_BLOCKS:
        raise NotObservedError(
            "too few persons in one of the groups for a test that respects repeat spells",
            remedy="Compare larger groups.",
        )
    statistic = _quadratic(excess, replicates.covariance())
    scale = (smallest - df) / (df * (smallest - 1))
    p = float(stats.f.sf(scale * statistic, df, smallest - df))
    return Test(statistic, df, p, "log-rank, person blocks")


def _numerators(at_risk: np.ndarray, events: np.ndarray) -> np.ndarray:
    """Return the log-rank numerators but the last, replicates on the first axis."""
    arms_first = (np.moveaxis(counts, -2, 0) for counts in (at_risk, events))
    return formulas.excess_events(*arms_first)[..., :-1]


def _aligned(tables: Sequence[LifeTable]) -> tuple[np.ndarray, np.ndarray]:
    """Return counts [A, 256, K] of all tables on the longest tenure."""
    length = max(t.length for t in tables)

    def laid(counts: np.ndarray) -> np.ndarray:
        return np.pad(counts, ((0, 0), (0, length - counts.shape[-1])))

    states = [t.in_state() for t in tables]
    at_risk = np.stack([laid(n) for n, _, _ in states])
    return at_risk, np.stack([laid(moves.sum(axis=0)) for _, moves, _ in states])


def _quadratic(excess: np.ndarray, covariance: np.ndarray) -> float:
    """Return excess' V^-1 excess; NotObservedError where V is singular (a group never compared)."""
    if np.linalg.matrix_rank(covariance) < len(excess):
        raise NotObservedError(
            "the groups are never at risk together while somebody leaves",
            remedy="Compare groups that were observed at the same tenure.",
        )
    return float(excess @ np.linalg.solve(covariance, excess))
