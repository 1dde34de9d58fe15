"""A trial read off data: arms from one time zero, made comparable by weights, and compared.

What is compared are expected units as a customer within a horizon and shares still there at its
end, never one ratio of hazards: that changes its meaning with time, since arms lose different
people (Hernan 2010; Aalen, Cook and Roysland 2015).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

import numpy as np
import pandas as pd

from stammkunde import intervals
from stammkunde.draws import BLOCKS, Replicates, cluster_weights
from stammkunde.errors import NotObservedError, ParameterError, nearest
from stammkunde.evidence.adequacy import RESTS_ON_FEW, Adequacy, adequacy, weighting
from stammkunde.evidence.arms import Arm, Sums, weighted
from stammkunde.evidence.shares import Shares
from stammkunde.intervals import FEW_EVENTS
from stammkunde.result import Estimate, Status
from stammkunde.survival import formulas
from stammkunde.survival.contrasts.differences import rmst_difference, survival_difference
from stammkunde.survival.curve import Curve

Changes = Callable[[Sums], np.ndarray]
ALIKE_GIVEN = "alike_given_what_is_known"
TRIMMED = "said_of_those_with_a_counterpart"
LEAST_CLUSTERS = 20
TOO_FEW_CLUSTERS = "too_few_clusters"
METHOD = "weighted Kaplan-Meier, person blocks"


@dataclass(frozen=True, kw_only=True)
class Trial:
    """Arms of a trial with the shares their weights rest on, in the unit of tenure `unit`.

    `causes` name the moves. `without` persons were left out because their cell has nobody in
    another arm; `assumptions` say what the comparison rests on. `origin` is the tenure at time
    zero, where all have the same. Where not persons but regions, branches or teams were dealt to
    arms, they are the blocks, and `clusters` is their number. `refused` is a design's own reason
    why nothing can be told.
    """

    arms: Mapping[str, Arm]
    shares: Shares
    causes: tuple[str, ...]
    unit: str = "month"
    without: int = 0
    origin: int = 0
    assumptions: tuple[str, ...] = (ALIKE_GIVEN,)
    clusters: int = 0
    refused: str = ""

    def arm(self, name: str) -> Arm:
        """Return an arm; ParameterError for one that is not there."""
        if name not in self.arms:
            raise ParameterError(f"no arm `{name}`", remedy=nearest(name, [*self.arms]))
        return self.arms[name]


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Two arms of a trial within a horizon: `treated` less `control`.

    `months` is the difference of expected units within the horizon, `share` of those still there at
    its end; `curves` are the arms'. Where the data cannot answer, `adequacy.refused` says why and
    the differences have no value.
    """

    treated: str
    control: str
    horizon: int
    curves: Mapping[str, Curve]
    months: Estimate
    share: Estimate
    adequacy: Adequacy

    def to_frame(self) -> pd.DataFrame:
        """Return both arms and their difference: months within the horizon, share at its end.

        An arm that was not observed for so long has no row.
        """
        seen = {n: c for n, c in self.curves.items() if c.observed_to >= self.horizon}
        rows = {n: (c.rmst(self.horizon), c.at(self.horizon)) for n, c in seen.items()}
        rows[f"{self.treated} less {self.control}"] = (self.months, self.share)
        names = ("months", "months low", "months high", "share", "share low", "share high")
        parts = {n: [p for e in pair for p in (e.value, e.low, e.high)] for n, pair in rows.items()}
        made = pd.DataFrame.from_dict(parts, orient="index", columns=names)
        return made.astype("Float64").rename_axis("arm")

    def _repr_html_(self) -> str:
        shown = self.to_frame().to_html(border=0, float_format=lambda x: f"{x:.4g}", na_rep="")
        return shown + (f"<p>{escape(self.adequacy.refused)}</p>" if self.adequacy.refused else "")


def compared(
    pair: tuple[str, str],
    horizon: int,
    curves: Mapping[str, Curve],
    differences: tuple[Estimate, Estimate],
    adequacy: Adequacy,
    *,
    clusters: int = 0,
) -> Compared:
    """Return two arms compared; without differences where a reason stands against them.

    `pair` names the treated and the control. Differences that rest on few blocks are such a reason,
    but not of `clusters`: of few of them some always carry much, they have a least number instead.
    """
    if not (adequacy.refused or clusters) and any(_rests_on_few(e) for e in differences):
        adequacy = replace(adequacy, refused=RESTS_ON_FEW)
    if adequacy.refused:
        months, share = (refused(e, adequacy.refused) for e in differences)
    else:
        months, share = differences
    return Compared(
        treated=pair[0],
        control=pair[1],
        horizon=horizon,
        curves=curves,
        months=months,
        share=share,
        adequacy=adequacy,
    )


def arm_curve(trial: Trial, name: str, *, level: float = 0.95) -> Curve:
    """Return the survival curve of everybody in the trial under one arm, from time zero.

    It ends before the first unit in which nobody of the arm was at risk. Errors by leaving out a
    block and counting the weights anew (jackknife, t), log(-log); with fewer than 5 events beta
    product limits of the effective number.
    """
    arm = trial.arm(name)
    n, d = (a[0] for a in arm.counts)
    length = _observed(arm, n)
    replicates = replicates_of(trial, name, lambda s: _survival(s)[..., : length + 1])
    value = replicates.reweighted(np.ones((1, BLOCKS)))[0]
    se = replicates.se() if replicates.is_enough else np.full(len(value), np.nan)
    quantile = intervals.student_quantile(level, replicates.smallest)
    low, high = intervals.log_log(value, se, quantile)
    low, high = (np.where((value >= 1) | (value <= 0), value, a) for a in (low, high))
    events = d.sum(axis=0)[:length].astype(np.int64)
    low, high = _few(trial, arm, value, events, (low, high), level)
    return Curve(
        kind="survival",
        unit=trial.unit,
        value=value,
        low=low,
        high=high,
        se=se,
        at_risk=n[:length].astype(np.int64),
        events=events,
        persons=arm.persons,
        spells=arm.persons,
        observed_to=length,
        level=level,
        errors="blocks",
        basis="standardised",
        method=METHOD,
        status=Status.ESTIMATED if trial.assumptions else Status.MEASURED,
        assumptions=(*trial.assumptions, *((TRIMMED,) if trial.without else ())),
        replicates=replicates,
    )


def compare(
    trial: Trial, treated: str, control: str, horizon: int, *, level: float = 0.95
) -> Compared:
    """Return the difference that one arm makes against another within `horizon` units.

    NotObservedError for a horizon beyond the reach of the trial. What the data of an arm do not
    answer has no value but a reason, and an arm that nobody was seen to begin has no curve.
    """
    if horizon < 1:
        raise ParameterError(f"a horizon of {horizon}", remedy="Give 1 or more.")
    arms = {n: trial.arm(n) for n in (treated, control)}
    for name, arm in arms.items():
        if arm.length < horizon:
            raise NotObservedError(
                f"the arm `{name}` was observed for {arm.length} {trial.unit}s only",
                remedy=f"Ask for a horizon of {arm.length} or less.",
            )
    checked = adequacy_of(trial, [*arms], horizon)
    begun = [n for n, a in arms.items() if a.counts.at_risk[0, 0] > 0]
    curves = {n: arm_curve(trial, n, level=level) for n in begun}
    pair = [_of_clusters(c, trial.clusters) for c in curves.values()]
    found = _differences(trial, pair, horizon, level)
    named = (treated, control)
    return compared(named, horizon, curves, found, checked, clusters=trial.clusters)


def adequacy_of(trial: Trial, names: Sequence[str], horizon: int = 0) -> Adequacy:
    """Return whether arms of a trial can be compared (see `adequacy`)."""
    arms = {n: trial.arm(n) for n in names}
    found = adequacy(arms, trial.shares, without=trial.without, horizon=horizon)
    if trial.clusters and trial.clusters < LEAST_CLUSTERS:
        return replace(found, refused=TOO_FEW_CLUSTERS)
    return replace(found, refused=trial.refused) if trial.refused else found


def _differences(
    trial: Trial, curves: Sequence[Curve], horizon: int, level: float
) -> tuple[Estimate, Estimate]:
    """Return the differences in expected units and in shares; empty where a curve ends before."""
    if len(curves) == 2 and min(c.observed_to for c in curves) >= horizon:
        a, b = curves
        return rmst_difference(a, b, horizon), survival_difference(a, b, horizon)
    empty = Estimate(value=None, level=level, unit=trial.unit, method=METHOD)
    return (
        replace(empty, estimand=f"rmst({horizon}) difference"),
        replace(empty, estimand=f"survival({horizon}) difference", unit="share"),
    )


def _rests_on_few(estimate: Estimate) -> bool:
    found = estimate.replicates
    return estimate.se is not None and found is not None and found.rests_on_few()


def refused(estimate: Estimate, reason: str) -> Estimate:
    """Return the estimate without its value: the data cannot answer."""
    return replace(
        estimate,
        value=None,
        low=None,
        high=None,
        se=None,
        status=Status.NOT_IDENTIFIABLE,
        reason=reason,
        replicates=None,
    )


def hazards(sums: Sums) -> np.ndarray:
    """Return the hazards by cause [B, C, K] of weighted numbers; 0 where nobody is at risk."""
    return formulas.hazard(sums.at_risk[:, None], sums.moves)


def replicates_of(trial: Trial, name: str, change: Changes) -> Replicates:
    """Return the replicates of a function of an arm's weighted numbers, weights counted anew."""
    arm = trial.arm(name)

    def estimator(weights: np.ndarray) -> np.ndarray:
        return change(weighted(arm, trial.shares, weights))

    held = arm.heads > 0
    found = Replicates(estimator(1.0 - np.eye(BLOCKS)), held, estimator, int(held.sum()))
    return replace(found, dealt=cluster_weights) if trial.clusters else found


def _of_clusters(curve: Curve, clusters: int) -> Curve:
    """Return the curve for a contrast of arms that clusters were dealt to.

    Its t has two degrees of freedom less than there are clusters, as in a test of their means.
    """
    if not clusters or curve.replicates is None:
        return curve
    return replace(curve, replicates=replace(curve.replicates, smallest=clusters - 1))


def _survival(sums: Sums) -> np.ndarray:
    return formulas.survival(sums.at_risk, sums.moves.sum(axis=1))


def _observed(arm: Arm, at_risk: np.ndarray) -> int:
    """Return the last unit before which somebody of the arm was always at risk."""
    nobody = np.flatnonzero(at_risk <= 0)
    length = int(nobody[0]) if nobody.size else arm.length
    if not length:
        raise NotObservedError(
            f"nobody of the arm `{arm.name}` was at risk",
            remedy="Check who is eligible, and from when.",
        )
    return length


def _few(
    trial: Trial,
    arm: Arm,
    value: np.ndarray,
    events: np.ndarray,
    limits: tuple[np.ndarray, np.ndarray],
    level: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the limits, where events are few or nobody is left those of the effective number."""
    size = np.maximum(weighting(arm, trial.shares).by_unit[: len(events)], 1e-9)
    leaving = 1 - np.divide(value[1:], value[:-1], out=np.ones(len(events)), where=value[:-1] > 0)
    # by rounding it may be more than all, or less than nobody
    leaving = np.clip(leaving, 0.0, 1.0)
    low, high = intervals.beta_product(size, size * leaving, level)
    rare = (np.cumsum(events) < FEW_EVENTS) | (value[1:] <= formulas.ROUNDING)
    one = np.ones(1)
    low, high = np.concatenate([one, low]), np.concatenate([one, high])
    rare = np.concatenate([[False], rare])
    return np.where(rare, low, limits[0]), np.where(rare, high, limits[1])
