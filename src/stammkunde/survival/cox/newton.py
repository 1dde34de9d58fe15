"""The way to the largest partial likelihood, and what has no largest one, by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.survival.cox.efron import Point, Ties, information, point
from stammkunde.survival.cox.riskset import RiskSets

STEPS = 100
# of the step, in standard deviations of the column; the one after it is its square
NEAR = 1e-7
# what still may be gained, and the change of the linear predictor over a column's range
FLAT, RUNS_AWAY = 1e-9, 1e-2
# share of a column's information that the columns before it leave to it
COLLINEAR = 1e-9


@dataclass(frozen=True)
class Scaled:
    """Covariates `z` [p, M] of mean 0 and standard deviation 1 over the repeated rows."""

    z: np.ndarray
    centre: np.ndarray
    spread: np.ndarray


@dataclass(frozen=True)
class Peak:
    """The largest partial likelihood: its place, information, and the values at 0."""

    beta: np.ndarray
    information: np.ndarray
    at: Point
    null: Point
    score_statistic: float


def scaled(sets: RiskSets) -> Scaled:
    """Return standardised covariates; a column without variation keeps its scale."""
    x, weight = sets.rows.covariates, sets.rows.weight
    total = weight.sum()
    centre = x @ weight / total
    z = x - centre[:, None]
    spread = np.sqrt(np.array([v * v @ weight for v in z]) / total)
    still = spread <= 1e-12 * np.maximum(x.max(axis=1), -x.min(axis=1))
    spread = np.where(still, 1.0, spread)
    z /= spread[:, None]
    z[still] = 0.0
    return Scaled(z, centre, spread)


def climbed(sets: RiskSets, z: np.ndarray, names: Sequence[str], ties: Ties) -> Peak:
    """Return the peak, by Newton's method with halved steps from 0.

    ParameterError for columns that do not vary or follow from others, NotObservedError where the
    likelihood has no peak because a column tells leaving exactly.
    """
    beta, span = np.zeros(len(z)), np.ptp(z, axis=1)
    null = here = point(sets, z, beta, ties)
    first = bend = information(sets, z, here)
    refuse_dependent(first, names)
    score = here.score().sum(axis=1)
    statistic = float(score @ np.linalg.solve(first, score))
    for _ in range(STEPS):
        score = here.score().sum(axis=1)
        try:
            step = np.linalg.solve(bend, score)
        except np.linalg.LinAlgError:
            break
        if not np.isfinite(step).all():
            break
        if score @ step < FLAT and (np.abs(step) * span > RUNS_AWAY).any():
            break
        beta, here = _risen(sets, z, ties, beta, here, step)
        bend = information(sets, z, here)
        if np.abs(step).max() <= NEAR * max(1.0, float(np.abs(beta).max())):
            return Peak(beta, bend, here, null, statistic)
    raise _runaway(names, np.abs(beta) * span)


def _risen(
    sets: RiskSets, z: np.ndarray, ties: Ties, beta: np.ndarray, here: Point, step: np.ndarray
) -> tuple[np.ndarray, Point]:
    """Return where half of the step, or half of that, leads no longer down."""
    least = here.log_likelihood - 1e-11 * (1 + abs(here.log_likelihood))
    for _ in range(40):
        there = point(sets, z, beta + step, ties)
        if there.log_likelihood >= least:
            return beta + step, there
        step = step / 2
    return beta, here


def refuse_dependent(info: np.ndarray, names: Sequence[str]) -> None:
    """Raise ParameterError for the first column without information beside those before it."""
    events = max(float(np.trace(info)) / len(info), 1e-300)
    for j, name in enumerate(names):
        own, shared = info[j, j], info[:j, j]
        if own <= 1e-10 * events:
            remedy = "Leave it out: it tells nobody at risk from anybody else."
            raise ParameterError("the column does not vary", where=f"`{name}`", remedy=remedy)
        rest = own - shared @ np.linalg.solve(info[:j, :j], shared) if j else own
        if rest <= COLLINEAR * own:
            others = ", ".join(f"`{n}`" for n in names[:j])
            raise ParameterError(
                f"the column follows from others ({others})",
                where=f"`{name}`",
                remedy="Leave one of them out.",
            )


def _runaway(names: Sequence[str], reach: np.ndarray) -> NotObservedError:
    """Return the error naming the columns that went farthest; others are only drawn along."""
    far = reach >= reach.max() / 4
    return NotObservedError(
        "the column tells exactly who leaves first, so that its hazard ratio has no limit",
        where=", ".join(f"`{n}`" for n, f in zip(names, far, strict=True) if f),
        remedy="Leave it out and show the life tables of its groups.",
    )
