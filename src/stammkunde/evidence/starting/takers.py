"""An offer that ends: what it did while it ran and afterwards, and who of its takers leaves when.

Its takers are beside others weighted to be like them, so that what is seen is seen of the takers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from stammkunde import intervals
from stammkunde.draws import BLOCKS, paired
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.evidence.adequacy import weighting
from stammkunde.evidence.arms import Sums
from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.starting.newcomers import with_error
from stammkunde.evidence.trial import Compared, Trial, hazards, replicates_of
from stammkunde.intervals import FEW_EVENTS
from stammkunde.result import Estimate, Status
from stammkunde.survival import formulas
from stammkunde.survival.contrasts.uneven import TOO_FEW_EVENTS
from stammkunde.survival.curve import Curve

METHOD = "weighted leavers by those at risk, log interval, exact where fewer than 5 leave"


def among_takers(trial: Trial, counted: pd.DataFrame, arms: Sequence[str]) -> Trial:
    """Return a trial anew for its takers, the first of `arms`: the others weighted to be like them.

    `counted` are the subjects of the trial, rows as in `baseline_trial`.
    """
    return baseline_trial(
        counted,
        arms,
        reach=trial.arm(arms[0]).length,
        population="treated",
        heads={n: trial.arm(n).heads for n in arms},
        unit=trial.unit,
        origin=trial.origin,
        assumptions=trial.assumptions,
    )


def while_and_after(compared: Compared, ends: int) -> tuple[Estimate, Estimate]:
    """Return the difference in expected units up to unit `ends`, and from then to the horizon.

    The two add up to `compared.months`. Errors by person blocks (t). Where the comparison is
    refused both have no value.
    """
    horizon = compared.horizon
    if not 0 < ends < horizon:
        raise ParameterError(
            f"an offer that ends after unit {ends} of {horizon}",
            remedy="Ask for an end between 1 and the horizon less 1.",
        )
    names = f"units within the first {ends}", f"units from {ends} to {horizon}"
    whole = replace(compared.months, method="difference of restricted means, person blocks")
    early, late = (replace(whole, estimand=f"{n}, difference") for n in names)
    if compared.adequacy.refused or compared.months.value is None:
        return early, late
    a, b = (compared.curves[n].replicates for n in (compared.treated, compared.control))
    assert a is not None
    assert b is not None
    both = paired(a, b, np.subtract)
    first = both.map(lambda s: np.asarray(s[..., :ends].sum(axis=-1)))
    rest = both.map(lambda s: np.asarray(s[..., ends:horizon].sum(axis=-1)))
    return with_error(early, first), with_error(late, rest)


def leaving_then(
    trial: Trial, name: str, after: int, *, units: int = 2, level: float = 0.95
) -> Estimate:
    """Return the share of an arm's customers still there after unit `after` who leave in `units`.

    Weighted as in the trial. Errors by person blocks (logit, t); with fewer than 5 who leave then
    there is no value. NotObservedError beyond the reach of the trial.
    """
    arm, here = trial.arm(name), slice(after, after + units)
    if after < 0 or units < 1 or after + units > arm.length:
        raise NotObservedError(
            f"the trial does not reach {units} units after unit {after}",
            remedy="Count it further, or ask for units within its reach.",
        )
    found = replicates_of(trial, name, lambda s: _gone(s, here))
    events = int(arm.counts.moves[0][:, here].sum())
    reason = TOO_FEW_EVENTS if events < FEW_EVENTS else ""
    empty = Estimate(
        value=None,
        level=level,
        unit="share",
        persons=arm.persons,
        events=events,
        method="weighted share leaving, person blocks",
        status=Status.ESTIMATED if trial.assumptions else Status.MEASURED,
        estimand=f"leaving in the {units} units after unit {after}, {name}",
        assumptions=trial.assumptions,
        reason=reason,
    )
    told = empty if reason else with_error(empty, found)
    if told.value is None or told.se is None or not 0 < told.value < 1:
        return told
    quantile = intervals.student_quantile(level, found.smallest)
    low, high = intervals.logit(np.array(told.value), np.array(told.se), quantile, 1.0)
    return replace(told, low=float(low), high=float(high))


def _gone(sums: Sums, here: slice) -> np.ndarray:
    return np.asarray(1 - np.prod(1 - hazards(sums).sum(axis=1)[:, here], axis=1))


def arm_hazard(trial: Trial, name: str, *, level: float = 0.95) -> Curve:
    """Return the share of an arm's customers at risk who leave in each unit, weighted.

    It ends before the first unit in which nobody of the arm was at risk. Errors by person blocks
    (log, t); with fewer than 5 leavers in a unit exact limits of the effective number.
    """
    arm = trial.arm(name)
    n, d = arm.counts.at_risk[0], arm.counts.moves[0].sum(axis=0)
    nobody = np.flatnonzero(n <= 0)
    length = int(nobody[0]) if nobody.size else arm.length
    found = replicates_of(trial, name, lambda s: _rates(s)[:, : length + 1])
    value = found.reweighted(np.ones((1, BLOCKS)))[0, 1:]
    se = found.se()[1:] if found.is_enough else np.full(length, np.nan)
    quantile = intervals.student_quantile(level, found.smallest)
    low, high = intervals.log(value, se, quantile, top=1.0)
    size = np.maximum(weighting(arm, trial.shares).by_unit[:length], 1e-9)
    exact = intervals.clopper_pearson(size * value, size, level)
    rare = (d[:length] < FEW_EVENTS) | (value >= 1)
    low, high = np.where(rare, exact[0], low), np.where(rare, exact[1], high)
    arrays = [np.concatenate([[np.nan], a]) for a in (value, low, high, se)]
    return Curve(
        kind="hazard",
        unit=trial.unit,
        value=arrays[0],
        low=arrays[1],
        high=arrays[2],
        se=arrays[3],
        at_risk=n[:length].astype(np.int64),
        events=d[:length].astype(np.int64),
        persons=arm.persons,
        spells=arm.persons,
        observed_to=length,
        level=level,
        errors="blocks",
        basis="standardised",
        method=METHOD,
        status=Status.ESTIMATED if trial.assumptions else Status.MEASURED,
        assumptions=trial.assumptions,
        replicates=found,
    )


def _rates(sums: Sums) -> np.ndarray:
    """Return the hazards by unit [.., K + 1], 0 first: nobody leaves before the first unit."""
    rates = formulas.hazard(sums.at_risk, sums.moves.sum(axis=1))
    return np.concatenate([np.zeros((len(rates), 1)), rates], axis=-1)
