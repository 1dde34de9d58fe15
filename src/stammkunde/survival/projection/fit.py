"""A family fitted to a life table: numbers of greatest likelihood, and how they would move.

With ten person blocks or more the errors are those of leaving out a block at a time: right for
persons who come back, and where the family is not quite the law. With fewer, the leavers of each
unit are taken for binomial given those at risk, as Greenwood does; right for one spell a person.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from stammkunde.draws import BLOCKS, FEWEST_BLOCKS, Replicates
from stammkunde.errors import NotObservedError, ParameterError, nearest
from stammkunde.intervals import normal_quantile, student_quantile
from stammkunde.result import Estimate, Status
from stammkunde.survival.projection.families import CURED, FAMILIES, Family
from stammkunde.survival.projection.likelihood import Shared
from stammkunde.survival.projection.moving import (
    FLAT,
    best_fit,
    covariance_of,
    moves,
    vague,
)
from stammkunde.survival.table import LifeTable

FAMILY_HOLDS = "family_holds"


@dataclass(frozen=True, kw_only=True)
class Fit:
    """Numbers `at` [q] of a family for groups (`levels`), their covariance, and why not.

    `at_risk` and `events` are [L, K]. `problem` is empty, or says why the numbers mean nothing:
    "too_few_events", "parameters_run_off" (the data want a limit of the family, such as a beta law
    without spread), "no_curvature". `moved` [B, q] are the numbers without each of 256 blocks, or
    with one standard deviation more leavers in one unit or a few of one group (`more` [L, B / L,
    K]); `errors` says which ("blocks", "units").
    """

    shared: Shared
    levels: tuple[str, ...]
    unit: str
    at: np.ndarray
    log_likelihood: float
    at_risk: np.ndarray
    events: np.ndarray
    persons: int
    spells: int
    problem: str
    errors: str
    moved: np.ndarray = field(repr=False)
    held: np.ndarray = field(repr=False)
    more: np.ndarray | None = field(default=None, repr=False)
    level: float = 0.95

    @property
    def family(self) -> Family:
        """Return the family."""
        return self.shared.family

    @property
    def aic(self) -> float:
        """Return Akaike's criterion, 2 q - 2 log L; the smaller, the better."""
        return 2 * self.shared.size - 2 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Return Schwarz's criterion, q log(leavers) - 2 log L."""
        return float(self.shared.size * np.log(max(self.events.sum(), 1)) - 2 * self.log_likelihood)

    @property
    def observed_to(self) -> int:
        """Return the last unit that was used."""
        return int(self.at_risk.shape[-1])

    def theta(self, level: str = "", at: np.ndarray | None = None) -> np.ndarray:
        """Return the unconstrained parameters [..., p] of a group, of numbers [..., q] if given."""
        if level not in self.levels:
            what = f"`{level}` is none of the groups of this fit"
            raise ParameterError(what, remedy=nearest(level, self.levels))
        own = self.at if at is None else at
        return np.asarray(own[..., self.shared.place[self.levels.index(level)]])

    def replicates(self) -> Replicates:
        """Return the numbers without each block and under weights; ParameterError with "units"."""
        if self.errors != "blocks":
            raise ParameterError("this fit has no person blocks to draw from")
        kept = self.moved[self.held]
        along = np.sqrt((len(kept) - 1) / len(kept)) * (kept.mean(axis=0) - kept)

        def under(weights: np.ndarray) -> np.ndarray:
            return np.asarray(self.at + (weights[:, self.held] - 1) @ along)

        return Replicates(self.moved, self.held, under, len(kept))

    def quantile(self) -> float:
        """Return the quantile of the law of the errors at the level of the fit."""
        if self.errors == "blocks":
            return float(student_quantile(self.level, int(self.held.sum())))
        return float(normal_quantile(self.level))

    def parameters(self, level: str = "") -> dict[str, Estimate]:
        """Return the parameters of a group as the literature writes them, with intervals.

        Intervals on the scale on which the parameter is free. Without a value, and with the
        reason, where the fit has a problem.
        """
        theta, moved = self.theta(level), self.theta(level, self.moved)
        own = np.sqrt(np.diag(covariance_of(moved, theta, self.held, self.errors)))
        told = {}
        for i, name in enumerate(self.family.parameters):
            three = [self.family.natural(theta + k * self.quantile() * own)[i] for k in (0, -1, 1)]
            told[name] = _parameter(self, name, three)
        return told

    def to_frame(self) -> pd.DataFrame:
        """Return the parameters as a table, one row per group and parameter."""
        rows = [
            {"group": level, "parameter": name, "value": e.value, "low": e.low, "high": e.high}
            for level in self.levels
            for name, e in self.parameters(level).items()
        ]
        return pd.DataFrame(rows)

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(index=False, border=0, float_format=lambda x: f"{x:.4g}")


def _parameter(fit: Fit, name: str, three: list[Any]) -> Estimate:
    """Return a parameter with its limits, or why there is none."""
    value, low, high = (None if fit.problem else float(x) for x in three)
    return Estimate(
        value=value,
        low=low,
        high=high,
        level=fit.level,
        unit="ratio",
        persons=fit.persons,
        spells=fit.spells,
        events=int(fit.events.sum()),
        method=f"{fit.family.name}, maximum likelihood of whole {fit.unit}s, {fit.errors}",
        status=Status.ESTIMATED,
        estimand=name,
        assumptions=(FAMILY_HOLDS,),
        reason=fit.problem,
    )


def fitted(
    tables: LifeTable | Mapping[str, LifeTable],
    family: Family | str,
    *,
    own: Collection[str] | None = None,
    reach: int | None = None,
    level: float = 0.95,
) -> Fit:
    """Return the fit of a family to a life table, or to several groups at once.

    `family` is one of FAMILIES, of CURED by "... with a share that stays", or your own. With
    several tables, each group has the parameters named in `own` for itself (all by default) and
    shares the others. `reach` is the last unit used. NotObservedError where nobody was at risk;
    ParameterError for an unknown name. Never fails for the data's sake: see `Fit.problem`.
    """
    law = named(family)
    groups = {"": tables} if isinstance(tables, LifeTable) else dict(tables)
    shared = Shared(law, _places(law, len(groups), own))
    counts = _stacked(list(groups.values()), reach)
    held = np.asarray((counts[0] > 0).any(axis=(1, 2)))
    if not held.any():
        raise NotObservedError(
            "nobody was at risk, so there is nothing to project from",
            remedy="Check the observation window.",
        )
    whole_n, whole_d = (a.sum(axis=0) for a in counts)
    at, best, problem = best_fit(shared, whole_n, whole_d)
    errors = "blocks" if held.sum() >= FEWEST_BLOCKS else "units"
    moved, more, failed = moves(shared, at, counts, errors, problem)
    first, *rest = groups.values()
    return Fit(
        shared=shared,
        levels=tuple(groups),
        unit=first.unit,
        at=at,
        log_likelihood=best,
        at_risk=whole_n,
        events=whole_d,
        persons=int(sum(t.persons.sum() for t in (first, *rest))),
        spells=int(sum(t.spells.sum() for t in (first, *rest))),
        problem=problem or (FLAT if failed or vague(moved, at, held, errors) else ""),
        errors=errors,
        moved=moved,
        held=held,
        more=more,
        level=level,
    )


def named(family: Family | str) -> Family:
    """Return the family of a name; ParameterError where there is none."""
    if isinstance(family, Family):
        return family
    known = FAMILIES | {f.name: f for f in CURED.values()}
    if family not in known:
        raise ParameterError(f"unknown family `{family}`", remedy=nearest(family, known))
    return known[family]


def _places(family: Family, groups: int, own: Collection[str] | None) -> np.ndarray:
    """Return the position [L, p] of each parameter of each group among all numbers."""
    names = family.parameters
    for name in own or ():
        if name not in names:
            what = f"`{name}` is no parameter of the {family.name} family"
            raise ParameterError(what, remedy=nearest(name, names))
    place, free = np.zeros((groups, len(names)), dtype=np.intp), 0
    for i, name in enumerate(names):
        count = groups if own is None or name in own else 1
        place[:, i] = free + (np.arange(groups) if count > 1 else 0)
        free += count
    return place


def _stacked(tables: list[LifeTable], reach: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Return at risk and leavers [256, L, K] of the first state of each table."""
    length = max(t.length for t in tables)
    n, d = np.zeros((2, BLOCKS, len(tables), length))
    for i, table in enumerate(tables):
        at_risk, moves, _ = table.in_state()
        n[:, i, : table.length] = at_risk
        d[:, i, : table.length] = moves.sum(axis=0)
    return n[..., :reach], d[..., :reach]
