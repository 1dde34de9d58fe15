"""Doubly robust: a model of the outcome mends what the weights get wrong, and they what it does.

For each arm a, with cells z, their shares P(z), the outcome Y(a, z) of a cell's own curve, m(a, z)
of a model, and the arm's share p(a | z) and modelled chance q(a | z):

    sum over z of P(z) [ m(a, z) + p(a | z) / q(a | z) (Y(a, z) - m(a, z)) ]

It is right where either the chances or the outcomes have no more than main effects (Robins,
Rotnitzky and Zhao 1994; Bang and Robins 2005). With q = p it is standardisation, whatever m is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from stammkunde import intervals
from stammkunde.draws import BLOCKS, Replicates
from stammkunde.errors import ParameterError
from stammkunde.evidence.adequacy import RESTS_ON_FEW, Adequacy, adequacy
from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.starting.logit import RIDGE, main_effects
from stammkunde.evidence.starting.propensity import heads_of, modelled_trial
from stammkunde.evidence.trial import ALIKE_GIVEN, Trial, refused
from stammkunde.result import Estimate, Status
from stammkunde.spells.spells import CENSORED
from stammkunde.survival import formulas
from stammkunde.survival.contrasts.uneven import TOO_FEW_EVENTS
from stammkunde.survival.curve import TOO_FEW_PERSONS

Chances = Literal["main", "cells"]
EITHER_MODEL = "chances_or_outcomes_have_main_effects"
ASSUMED = {"assumptions": (ALIKE_GIVEN, EITHER_MODEL)}
# a penalty of the outcome model that only decides where nothing else does
SLIGHT = 1e-6
AT_ONCE = 4_000_000


@dataclass(frozen=True, kw_only=True)
class Robust:
    """Two arms compared by weights and a model of the outcome: `treated` less `control`.

    `months` is the difference of expected units within the horizon, `share` of those still there at
    its end; `modelled` is `months` by the model of the outcome alone. `borrowed` is the share of
    the cells' expected person-units before the horizon in which nobody of the cell was at risk: the
    arm's weighted hazards stand there.
    """

    treated: str
    control: str
    horizon: int
    months: Estimate
    share: Estimate
    modelled: Estimate
    borrowed: float
    adequacy: Adequacy


def doubly_robust(
    counts: pd.DataFrame,
    levels: np.ndarray,
    treated: str,
    control: str,
    horizon: int,
    *,
    chances: Chances = "main",
    heads: Mapping[str, np.ndarray] | None = None,
    unit: str = "month",
    ridge: float = RIDGE,
    level: float = 0.95,
) -> Robust:
    """Return the doubly robust difference of two arms within `horizon` units.

    Rows of `counts` as in `baseline_trial`, `levels` [C, F] of the cells. `chances` of the arms are
    a logistic model of main effects ("main", with its `ridge`) or shares of the cells ("cells");
    the outcome is a model of main effects in each arm, by least squares of the cells' restricted
    means. Censoring and late entry are to be independent of leaving within cell and arm: each cell
    has its own Kaplan-Meier curve, and in units in which nobody of the cell is at risk the arm's
    weighted hazard. Errors by leaving out a block, everything made anew (jackknife, t). With fewer
    than 5 leaving in an arm there is no value, nor where `compare` gives none.
    """
    if horizon < 1:
        raise ParameterError(f"a horizon of {horizon}", remedy="Give 1 or more.")
    arms = (treated, control)
    named: dict[str, Any] = {"reach": horizon, "heads": heads, "unit": unit, **ASSUMED}
    if chances == "main":
        trial = modelled_trial(counts, levels, arms, ridge=ridge, **named)
    else:
        trial = baseline_trial(counts, arms, **named)
    found = adequacy(trial.arms, trial.shares, without=trial.without, horizon=horizon)
    made, borrowed = _empty(trial, horizon, level), 0.0
    if not found.refused:
        replicates = _replicates(_laid(counts, levels, arms, horizon, chances), trial, arms)
        made = [_with_error(e, _part(replicates, i)) for i, e in enumerate(made)]
        borrowed = float(replicates.reweighted(np.ones((1, BLOCKS)))[0, 3])
    if not found.refused and any(_rests_on_few(e) for e in made[:2]):
        found = replace(found, refused=RESTS_ON_FEW)
    months, share, modelled = (refused(e, found.refused) if found.refused else e for e in made)
    return Robust(
        treated=treated,
        control=control,
        horizon=horizon,
        months=months,
        share=share,
        modelled=modelled,
        borrowed=borrowed,
        adequacy=found,
    )


def _replicates(laid: _Laid, trial: Trial, arms: Sequence[str]) -> Replicates:
    """Return the replicates of what `_differences` returns [.., 4]."""

    def estimator(weights: np.ndarray) -> np.ndarray:
        return _differences(laid, trial, weights)

    held = [trial.arm(a).heads > 0 for a in arms]
    smallest = min(int(h.sum()) for h in held)
    return Replicates(estimator(1.0 - np.eye(BLOCKS)), held[0] | held[1], estimator, smallest)


class _Laid(NamedTuple):
    """Counts by cell, arm and unit (rows) and block; those seen from zero on; the model's columns.

    `at_risk` are flows: who begins to be at risk less who has ceased to be.
    """

    at_risk: sparse.csr_array
    moves: sparse.csr_array
    heads: np.ndarray
    design: np.ndarray
    horizon: int


def _laid(
    counts: pd.DataFrame, levels: np.ndarray, arms: Sequence[str], horizon: int, chances: Chances
) -> _Laid:
    size = int(counts.cell[counts.arm.isin(arms)].max()) + 1
    heads = heads_of(counts, arms, len(levels))[:size]
    if chances == "cells":
        heads = heads * (heads.sum(axis=2) > 0).all(axis=1)[:, None, None]
    rows = counts[counts.arm.isin(arms)]
    arm = (rows.arm == arms[1]).to_numpy().astype(np.int64)
    begin, finish = rows.begin.to_numpy(), rows.finish.to_numpy()
    place = (rows.cell.to_numpy() * len(arms) + arm) * (horizon + 1)
    block, n = rows.block.to_numpy(), rows.n.to_numpy().astype(float)
    shape = (size * len(arms) * (horizon + 1), BLOCKS)
    here = begin < np.minimum(finish, horizon)
    gone = here & (rows.end != CENSORED).to_numpy() & (finish <= horizon)

    def summed(parts: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> sparse.csr_array:
        n, row, column = (np.concatenate(p) for p in zip(*parts, strict=True))
        return sparse.csr_array((n, (row, column)), shape=shape)

    last = np.minimum(finish, horizon)
    enter = (n[here], (place + begin)[here], block[here])
    cease = (-n[here], (place + last)[here], block[here])
    leave = (n[gone], (place + finish - 1)[gone], block[gone])
    return _Laid(
        summed([enter, cease]), summed([leave]), heads, main_effects(levels)[:size], horizon
    )


def _differences(laid: _Laid, trial: Trial, weights: np.ndarray) -> np.ndarray:
    """Return [B, 4]: the differences of months and share, of months by the model; the borrowed."""
    largest = max(laid.at_risk.shape[0], 2 * laid.design.size)
    step = max(1, AT_ONCE // largest)
    parts = [_some(laid, trial, weights[i : i + step]) for i in range(0, len(weights), step)]
    return np.concatenate(parts)


def _some(laid: _Laid, trial: Trial, weights: np.ndarray) -> np.ndarray:
    cells, arms = laid.heads.shape[:2]
    shape = (cells, arms, laid.horizon + 1, len(weights))
    heads = np.maximum(laid.heads @ weights.T, 0.0)  # [C, A, B]
    n = np.cumsum((laid.at_risk @ weights.T).reshape(shape), axis=2)[:, :, :-1]
    d = (laid.moves @ weights.T).reshape(shape)[:, :, :-1]
    chance = np.exp(trial.shares.logs(weights)).reshape(cells, arms, -1)
    population = heads.sum(axis=1) / heads.sum(axis=(0, 1))
    shares = np.divide(
        heads, heads.sum(axis=1, keepdims=True), out=np.zeros_like(heads), where=heads > 0
    )
    ratio = shares / chance
    there = n > formulas.ROUNDING
    each = np.where(heads > 0, 1 / chance, 0.0)[:, :, None]
    pooled = formulas.hazard((each * n).sum(axis=0), (each * d).sum(axis=0))
    hazards = np.where(there, np.divide(d, n, out=np.zeros_like(n), where=there), pooled)
    stays = np.cumprod(1 - hazards, axis=2)
    before = np.concatenate([np.ones_like(stays[:, :, :1]), stays[:, :, :-1]], axis=2)
    own = np.stack([before.sum(axis=2), stays[:, :, -1]], axis=-1)  # [C, A, B, 2]
    model = _outcomes(laid.design, heads, own)
    mended = model + ratio[..., None] * (own - model)
    both, alone = (np.einsum("cb,cabo->bao", population, a) for a in (mended, model))
    weight = (population[:, None] * ratio)[:, :, None] * before
    borrowed = (weight * ~there).sum(axis=(0, 1, 2)) / weight.sum(axis=(0, 1, 2))
    gaps = [a[:, 0] - a[:, 1] for a in (both, alone)]
    return np.column_stack([gaps[0], gaps[1][:, 0], borrowed])


def _outcomes(design: np.ndarray, heads: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Return the outcomes [C, A, B, O] by main effects, least squares weighted by heads."""
    form = np.einsum("cp,cab,cq->abpq", design, heads, design, optimize=True)
    form = form + SLIGHT * np.eye(design.shape[1])
    right = np.einsum("cp,cab,cabo->abpo", design, heads, own, optimize=True)
    return np.einsum("cp,abpo->cabo", design, np.linalg.solve(form, right), optimize=True)


def _rests_on_few(estimate: Estimate) -> bool:
    found = estimate.replicates
    return estimate.se is not None and found is not None and found.rests_on_few()


def _part(replicates: Replicates, i: int) -> Replicates:
    return replicates.map(lambda a: a[:, i])


def _empty(trial: Trial, horizon: int, level: float) -> list[Estimate]:
    """Return the three estimates without their values; few leaving in an arm are their reason."""
    events = [int(a.counts.moves.sum()) for a in trial.arms.values()]
    months = Estimate(
        value=None,
        level=level,
        unit=trial.unit,
        persons=sum(a.persons for a in trial.arms.values()),
        events=sum(events),
        method="doubly robust, main effects, person blocks",
        status=Status.ESTIMATED,
        estimand=f"rmst({horizon}) difference",
        assumptions=trial.assumptions,
        reason=TOO_FEW_EVENTS if min(events) < intervals.FEW_EVENTS else "",
    )
    share = replace(months, unit="share", estimand=f"survival({horizon}) difference")
    return [months, share, replace(months, method="model of the outcome, person blocks")]


def _with_error(estimate: Estimate, replicates: Replicates) -> Estimate:
    """Return the estimate with value and limits of its replicates (identity, t)."""
    if estimate.reason or not replicates.is_enough:
        return replace(estimate, reason=estimate.reason or TOO_FEW_PERSONS)
    value, se = float(replicates.reweighted(np.ones((1, BLOCKS)))[0]), float(replicates.se())
    step = intervals.student_quantile(estimate.level, replicates.smallest) * se
    low, high = value - step, value + step
    return replace(estimate, value=value, low=low, high=high, se=se, replicates=replicates)
