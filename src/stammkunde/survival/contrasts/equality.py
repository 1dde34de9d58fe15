"""Are the curves of several groups the same at all? The log-rank test and its relatives.

The tests say nothing about how large a difference is; `contrasts` does. All respect persons with
several spells through the blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from stammkunde.draws import BLOCKS, FEWEST_BLOCKS, Replicates, replicate
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.result import table_html
from stammkunde.survival import formulas
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


@dataclass(frozen=True)
class _Weights:
    """Fleming and Harrington's weight of a unit: S^rho (1 - S)^gamma, S just before it, pooled."""

    rho: float
    gamma: float

    def of(self, at_risk: np.ndarray, events: np.ndarray) -> np.ndarray:
        """Return the weights [..., K] of pooled counts [..., K]."""
        before = np.clip(formulas.survival(at_risk, events)[..., :-1], 0, 1)
        return np.asarray(before**self.rho * (1 - before) ** self.gamma)

    def __str__(self) -> str:
        return f", weights ({self.rho:g}, {self.gamma:g})" if self.rho or self.gamma else ""


def logrank(tables: Sequence[LifeTable], rho: float = 0.0, gamma: float = 0.0) -> Test:
    """Return the log-rank test of equal hazards in all tables.

    `rho` and `gamma` are Fleming and Harrington's weights S^rho (1 - S)^gamma, S the pooled
    Kaplan-Meier curve just before the unit: rho 1 looks at early leaving, gamma 1 at late. One
    spell per person: the chi-square statistic with its hypergeometric covariance (Peto and Peto
    1972). Repeat spells: Hotelling's form of the same numerators with the covariance of their
    leave-outs, referred to F. ParameterError with fewer than two tables, NotObservedError where
    there is nothing to compare.
    """
    return _tested([tables], _weights(rho, gamma), "log-rank")


def stratified_logrank(
    strata: Sequence[Sequence[LifeTable | None]], rho: float = 0.0, gamma: float = 0.0
) -> Test:
    """Return the log-rank test of equal hazards within every stratum.

    Each stratum gives the same groups in the same order, None where nobody of a group is in it.
    Numerators and covariances add up over the strata, weights follow each stratum's own curve (as R
    does). For repeat spells and errors see `logrank`.
    """
    if not strata:
        raise ParameterError("a stratified test needs at least one stratum")
    number = f"{len(strata)} strata" if len(strata) > 1 else "1 stratum"
    return _tested(strata, _weights(rho, gamma), f"log-rank, {number}")


def one_unit(a: str, b: str) -> None:
    """Raise ParameterError where two things are not counted in one unit."""
    if a != b:
        raise ParameterError(f"{a}s cannot be compared with {b}s", remedy="Count both in one unit.")


def _weights(rho: float, gamma: float) -> _Weights:
    if not (0 <= rho < np.inf and 0 <= gamma < np.inf):
        raise ParameterError(f"weights need rho and gamma of at least 0, not {rho:g} and {gamma:g}")
    return _Weights(rho, gamma)


def _tested(strata: Sequence[Sequence[LifeTable | None]], weights: _Weights, method: str) -> Test:
    """Return the test of one or more strata with the groups in the same order."""
    tables = _checked(strata)
    df = len(strata[0]) - 1
    if any(t.repeats for t in tables):
        return _clustered(strata, weights, f"{method}{weights}, person blocks")
    at_risk, events = _aligned(strata, blocks=False)
    excess = _numerators(at_risk, events, weights)
    covariance = np.zeros((df, df))
    for n, d in zip(at_risk, events, strict=True):
        weight = weights.of(n.sum(axis=0), d.sum(axis=0))
        covariance += formulas.excess_covariance(n, d, weight)[:-1, :-1]
    statistic = quadratic(excess, covariance)
    return Test(statistic, df, float(stats.chi2.sf(statistic, df)), f"{method}{weights}")


def _checked(strata: Sequence[Sequence[LifeTable | None]]) -> list[LifeTable]:
    """Return all tables that are there; ParameterError where they cannot be compared."""
    groups = len(strata[0])
    if groups < 2:
        raise ParameterError("a log-rank test compares at least two groups")
    if any(len(stratum) != groups for stratum in strata):
        remedy = "Give None where nobody of a group is in a stratum."
        raise ParameterError("not every stratum has the same groups", remedy=remedy)
    tables = [t for stratum in strata for t in stratum if t is not None]
    if not tables:
        raise NotObservedError("nobody is in any of the groups, so there is nothing to compare")
    for table in tables[1:]:
        one_unit(tables[0].unit, table.unit)
    return tables


def _clustered(
    strata: Sequence[Sequence[LifeTable | None]], weights: _Weights, method: str
) -> Test:
    """Return Hotelling's test of the numerators, their covariance from the leave-outs."""
    held = _held(strata)
    counts = _aligned(strata, blocks=True)
    replicates = replicate(counts, np.any(held, axis=0), lambda n, d: _numerators(n, d, weights))
    excess = _numerators(counts[0].sum(axis=-2), counts[1].sum(axis=-2), weights)
    return hotelling(excess, replicates, held, method)


def hotelling(excess: np.ndarray, replicates: Replicates, held: np.ndarray, method: str) -> Test:
    """Return the test that numerators [A-1] are 0, their covariance from the leave-outs.

    `held` [A, 256] tells which blocks hold somebody of each group; referred to F by the smallest.
    NotObservedError where blocks are too few.
    """
    df, smallest = len(excess), int(held.sum(axis=1).min())
    if smallest < FEWEST_BLOCKS:
        raise NotObservedError(
            "too few persons in one of the groups for a test that respects repeat spells",
            remedy="Compare larger groups.",
        )
    if smallest <= df:
        raise NotObservedError(
            f"{df + 1} groups are too many for a test that respects repeat spells: the smallest "
            f"has persons in {smallest} blocks only",
            remedy="Compare fewer groups, or each of them with all others.",
        )
    statistic = quadratic(excess, replicates.covariance())
    scale = (smallest - df) / (df * (smallest - 1))
    p = float(stats.f.sf(scale * statistic, df, smallest - df))
    return Test(statistic, df, p, method)


def _held(strata: Sequence[Sequence[LifeTable | None]]) -> np.ndarray:
    """Return which blocks hold somebody of each group, in whatever stratum [A, 256]."""
    nobody = np.zeros(BLOCKS, dtype=bool)
    groups = ([t for t in group if t is not None] for group in zip(*strata, strict=True))
    return np.stack([np.any([nobody, *map(_present, group)], axis=0) for group in groups])


def _present(table: LifeTable) -> np.ndarray:
    return np.asarray(table.in_state()[0].any(axis=-1))


def _numerators(at_risk: np.ndarray, events: np.ndarray, weights: _Weights) -> np.ndarray:
    """Return the log-rank numerators but the last, of counts [..., S, A, K], strata added up."""
    n, d = (np.moveaxis(counts, -2, 0) for counts in (at_risk, events))
    weight = weights.of(n.sum(axis=0), d.sum(axis=0))
    return np.asarray(formulas.excess_events(n, d, weight).sum(axis=-2)[..., :-1])


def _aligned(
    strata: Sequence[Sequence[LifeTable | None]], *, blocks: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return counts at risk and events on the longest tenure, [S, A, 256, K] or blocks summed."""
    tables = [t for stratum in strata for t in stratum if t is not None]
    length = max(t.length for t in tables)
    lead = (len(strata), len(strata[0]), *((BLOCKS,) if blocks else ()))
    at_risk, events = (np.zeros((*lead, length), dtype=np.int64) for _ in range(2))
    for s, stratum in enumerate(strata):
        for a, table in enumerate(stratum):
            if table is not None:
                n, moves, _ = table.in_state()
                d = moves.sum(axis=0)
                own = (n, d) if blocks else (n.sum(axis=0), d.sum(axis=0))
                for whole, part in zip((at_risk, events), own, strict=True):
                    whole[s, a, ..., : table.length] = part
    return at_risk, events


def quadratic(excess: np.ndarray, covariance: np.ndarray) -> float:
    """Return excess' V^-1 excess; NotObservedError where V is singular (a group never compared)."""
    if np.linalg.matrix_rank(covariance, hermitian=True) < len(excess):
        raise NotObservedError(
            "the groups are never at risk together while somebody leaves",
            remedy="Compare groups that were observed at the same tenure.",
        )
    return float(excess @ np.linalg.solve(covariance, excess))
