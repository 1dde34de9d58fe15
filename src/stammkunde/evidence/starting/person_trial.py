"""Two arms compared with weights of single persons (see `person_weights`), from spells or sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np

from stammkunde import intervals
from stammkunde.draws import BLOCKS, Replicates
from stammkunde.errors import NotObservedError, ParameterError, nearest
from stammkunde.evidence.adequacy import (
    LEAST_PERSONS,
    NO_COUNTERPART,
    NO_COUNTERPART_IN_TIME,
    NOBODY_LEFT,
    QUANTILES,
    TOO_UNLIKE,
    Adequacy,
)
from stammkunde.evidence.baseline import Population
from stammkunde.evidence.starting.logit import RIDGE, Logit, fit_logit
from stammkunde.evidence.starting.person_design import (
    check_numbers,
    in_both,
    separated,
    with_design,
)
from stammkunde.evidence.starting.person_weights import (
    LEAST_CHANCE,
    ONE,
    PersonTrial,
    WeightedArm,
    nobody_alike,
    trial_of_sums,
)
from stammkunde.evidence.starting.start import (
    EVERYBODY,
    KEYS,
    ByColumn,
    ByOffer,
    Eligible,
    heads_by_arm,
    subjects,
)
from stammkunde.evidence.trial import ALIKE_GIVEN, Compared, compared
from stammkunde.intervals import FEW_EVENTS
from stammkunde.result import Estimate, Status
from stammkunde.spells.spells import Spells
from stammkunde.survival import formulas
from stammkunde.survival.contrasts.differences import rmst_difference, survival_difference
from stammkunde.survival.curve import NOT_OBSERVED, TOO_FEW_PERSONS, Curve

CHANCES_SMOOTH = "chance_of_arm_is_smooth"
METHOD = "Kaplan-Meier weighted by person, person blocks"


def person_curve(trial: PersonTrial, name: str, *, level: float = 0.95) -> Curve:
    """Return the survival curve of one arm under the weights of its persons, from time zero.

    Errors by leaving out a block, the model and with it the weights moved (jackknife, t),
    log(-log); with fewer than 5 events beta product limits of the effective number.
    """
    arm, length = trial.arms[name], _observed(trial.arms[name], name)

    def estimator(weights: np.ndarray) -> np.ndarray:
        shift = trial.shifts(weights)
        n, d = (_moved(a, weights, shift)[:, :length] for a in (arm.risk, arm.gone))
        # to first order a weight may fall below 0
        return formulas.survival(np.maximum(n, 0.0), np.clip(d, 0.0, np.maximum(n, 0.0)))

    held = arm.heads > 0
    replicates = Replicates(estimator(1.0 - np.eye(BLOCKS)), held, estimator, int(held.sum()))
    value = estimator(np.ones((1, BLOCKS)))[0]
    se = replicates.se() if replicates.is_enough else np.full(len(value), np.nan)
    low, high = _limits(
        arm, value, se, intervals.student_quantile(level, replicates.smallest), level
    )
    return Curve(
        kind="survival",
        unit=trial.unit,
        value=value,
        low=low,
        high=high,
        se=se,
        at_risk=arm.at_risk[:length],
        events=arm.events[:length],
        persons=int(arm.heads.sum()),
        spells=int(arm.heads.sum()),
        observed_to=length,
        level=level,
        errors="blocks",
        basis="standardised",
        method=METHOD,
        status=Status.ESTIMATED,
        assumptions=trial.assumptions,
        replicates=replicates,
    )


def _observed(arm: WeightedArm, name: str) -> int:
    """Return the last unit before which somebody of the arm was always at risk."""
    nobody = np.flatnonzero(arm.at_risk <= 0)
    length = int(nobody[0]) if nobody.size else len(arm.at_risk)
    if not length:
        raise NotObservedError(
            f"nobody of the arm `{name}` was at risk",
            remedy="Check who is eligible, and from when.",
        )
    return length


def _limits(
    arm: WeightedArm, value: np.ndarray, se: np.ndarray, quantile: float, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the limits of a curve; where events are few or nobody is left by the beta law."""
    low, high = intervals.log_log(value, se, quantile)
    low, high = (np.where((value >= 1) | (value <= 0), value, a) for a in (low, high))
    length = len(value) - 1
    size = np.maximum(arm.weighting.by_unit[:length], 1e-9)
    hazards = 1 - np.divide(value[1:], value[:-1], out=np.ones(length), where=value[:-1] > 0)
    beta = intervals.beta_product(size, size * hazards, level)
    few = np.cumsum(arm.events[:length]) < FEW_EVENTS
    rare = np.r_[False, few | (value[1:] <= formulas.ROUNDING)]
    low, high = (np.where(rare, np.r_[1.0, b], a) for a, b in zip((low, high), beta, strict=True))
    return low, high


def compare_persons(
    trial: PersonTrial, treated: str, control: str, horizon: int, *, level: float = 0.95
) -> Compared:
    """Return the difference of two arms weighted person by person, as `compare` does."""
    for name in (treated, control):
        if name not in trial.arms:
            raise ParameterError(f"no arm `{name}`", remedy=nearest(name, [*trial.arms]))
    arms = {n: trial.arms[n] for n in (treated, control)}
    for name, arm in arms.items():
        if horizon < 1 or len(arm.at_risk) < horizon:
            raise NotObservedError(
                f"the arm `{name}` was counted for {len(arm.at_risk)} {trial.unit}s only",
                remedy=f"Ask for a horizon of {len(arm.at_risk)} or less.",
            )
    curves = {n: person_curve(trial, n, level=level) for n, a in arms.items() if a.at_risk[0]}
    empty = Estimate(value=None, level=level, unit=trial.unit, method=METHOD)
    found = empty, replace(empty, unit="share")
    if len(curves) == 2 and min(c.observed_to for c in curves.values()) >= horizon:
        a, b = curves.values()
        found = rmst_difference(a, b, horizon), survival_difference(a, b, horizon)
    weightings = {n: a.weighting for n, a in arms.items()}
    checked = Adequacy(arms=weightings, refused=_refused(arms, trial.without, horizon))
    return compared((treated, control), horizon, curves, found, checked)


def _refused(arms: Mapping[str, WeightedArm], without: int, horizon: int) -> str:
    """Return why the arms cannot be compared, in the order of `adequacy`; "" if they can."""
    found = [a.weighting for a in arms.values()]
    there = [a.at_risk[:horizon] > 0 for a in arms.values()]
    if without:
        return NO_COUNTERPART
    if any((np.diff(t.astype(int)) > 0).any() for t in there):
        return NO_COUNTERPART_IN_TIME
    if not all(t.all() for t in there):
        return NOT_OBSERVED
    if min(w.persons for w in found) < LEAST_PERSONS:
        return TOO_FEW_PERSONS
    if not all(w.is_enough for w in found):
        return TOO_UNLIKE
    return "" if min(a.events[:horizon].sum() for a in arms.values()) > 0 else NOBODY_LEFT


def _moved(sums: np.ndarray, weights: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Return weighted numbers [B, K] of sums [256, K, 1 + p] with coefficients moved by [B, p]."""
    blocks, units, parts = sums.shape
    made = (weights @ sums.reshape(blocks, -1)).reshape(len(weights), units, parts)
    return np.asarray(made[:, :, 0] + np.einsum("bkp,bp->bk", made[:, :, 1:], shift))


def weighted_by_person(
    spells: Spells,
    arms: ByColumn | ByOffer,
    treated: str,
    control: str,
    *,
    columns: Sequence[str] = (),
    numbers: Sequence[str] = (),
    reach: int,
    eligible: Eligible = EVERYBODY,
    population: Population = "all",
    ridge: float = RIDGE,
) -> PersonTrial:
    """Return two arms weighted by a logistic model of levels of `columns` and splines of `numbers`.

    Numbers are covariates; `arms`, `columns` and `eligible` as in `counted_at_start`, `ridge` as in
    `fit_logit`. The model is fitted on those seen from time zero; who has a level that nobody of
    them in some arm has is left out and counted in `without`. Nothing beyond `reach` is counted.
    """
    check_numbers(spells, numbers)
    every, orders = subjects(spells, arms, columns, eligible=eligible)
    every = every.filter(every.arm.isin([treated, control]))
    rows = separated(every, len(orders))
    without = 0 if rows is every else _count(every) - _count(rows)
    assumptions = (ALIKE_GIVEN, CHANCES_SMOOTH)
    if not in_both(rows):
        return nobody_alike((treated, control), reach, spells.unit, assumptions, without)
    told, names = with_design(rows, orders, numbers)
    told = told.cache()
    model = _fitted(told, names, treated, ridge)
    sums, largest = _summed(told, names, treated, model.beta[0], population)
    made = trial_of_sums(
        sums,
        (treated, control),
        reach,
        model=model,
        assumptions=assumptions,
        largest=largest,
        heads=heads_by_arm(told.filter(told.begin < reach)) if spells.repeats else None,
        unit=spells.unit,
    )
    return replace(made, without=without)


def _count(rows: ir.Table) -> int:
    return int(rows.count().execute())


def _fitted(told: ir.Table, names: list[str], treated: str, ridge: float) -> Logit:
    """Return the model of the chance of the first arm, fitted on rows that are alike together."""
    seen = told.filter(told.begin == 0)
    keys = {"first": seen.arm == treated, "block": seen.block}
    query = seen.group_by(**keys, **{n: seen[n] for n in names}).aggregate(n=seen.count())
    frame = query.to_pyarrow().to_pandas().sort_values(["block", "first", *names])
    n, first = frame.n.to_numpy(), frame["first"].to_numpy().astype(bool)
    taken = np.column_stack([n * ~first, n * first])
    return fit_logit(frame[names].to_numpy(), taken, frame.block.to_numpy(), ridge=ridge)


def _summed(
    told: ir.Table, names: list[str], treated: str, beta: np.ndarray, population: Population
) -> tuple[Any, dict[str, tuple[float, tuple[float, ...]]]]:
    """Return the sums by arm, block and time, and the largest weight and quantiles of each arm."""
    first = told.arm == treated
    odds = sum((told[n] * float(b) for n, b in zip(names, beta, strict=True)), ibis.literal(0.0))
    least = float(np.log(LEAST_CHANCE / (1 - LEAST_CHANCE)))
    own = ibis.ifelse(first, odds, -odds)
    told = told.mutate(low=own < least, other=(-ibis.greatest(own, least)).exp())
    first, other = told.arm == treated, told.other
    if population == "all":
        weight, change = 1 + other, -other
    elif population == "treated":
        weight, change = ibis.ifelse(first, 1.0, other), ibis.ifelse(first, 0.0, -other)
    else:
        weight, change = other / (1 + other), -other / ((1 + other) * (1 + other))
    change = ibis.ifelse(told.low, 0.0, ibis.ifelse(first, change, -change))
    told = told.mutate(weight=weight, change=change)
    sums = told.group_by(KEYS).aggregate(
        n=told.count(),
        weight=_whole(told.weight),
        square=_whole(told.weight * told.weight),
        cut=told.low.cast("int64").sum(),
        **{f"change {i}": _whole(told.change * told[n]) for i, n in enumerate(names)},
    )
    seen = told.filter(told.begin == 0)
    spread = seen.group_by("arm").aggregate(
        mean=seen.weight.mean(),
        top=seen.weight.max(),
        **{f"q{i}": seen.weight.quantile(q) for i, q in enumerate(QUANTILES)},
    )
    largest = {
        str(r.arm): (
            r["top"] / r["mean"],
            tuple(r[f"q{i}"] / r["mean"] for i in range(len(QUANTILES))),
        )
        for _, r in spread.execute().iterrows()
    }
    return sums.to_pyarrow().to_pandas(), largest


def _whole(amount: ir.FloatingValue) -> ir.IntegerValue:
    return (amount * float(ONE)).round().cast("int64").sum()
