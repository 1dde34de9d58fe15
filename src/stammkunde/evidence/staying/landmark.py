"""An offer given from one unit on: those still there before it, with it against without.

Whoever is counted from sign-up by what he was given later had to stay to be given it (immortal
time: Suissa 2008). At the landmark all have stayed (Anderson, Cain and Gelber 1983; van Houwelingen
2007); what the offer is worth at sign-up is that, times the share of all that gets so far.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from stammkunde import intervals
from stammkunde.draws import paired
from stammkunde.errors import ParameterError
from stammkunde.evidence.baseline import Population, baseline_trial
from stammkunde.evidence.staying.clones import Plan, chances, followed
from stammkunde.evidence.staying.grace import grace_effect
from stammkunde.evidence.staying.uptake import Uptake
from stammkunde.evidence.trial import ALIKE_GIVEN, Compared, Trial, arm_curve, compare
from stammkunde.result import Estimate, Status
from stammkunde.spells.spells import CENSORED
from stammkunde.survival.curve import TOO_FEW_PERSONS

TAKEN, NOT_TAKEN, EVERYBODY = "taken", "not_taken", "everybody"


@dataclass(frozen=True, kw_only=True)
class PolicyEffect:
    """What giving an offer to all who are still there after unit `k` is worth at sign-up.

    `months` and `share` are differences within, and at the end of, the `horizon` from sign-up:
    `still_there` after unit k times those of the `landmark`, which count from there.
    """

    k: int
    horizon: int
    landmark: Compared
    still_there: Estimate
    months: Estimate
    share: Estimate


def landmark_trial(
    uptake: Uptake,
    k: int,
    *,
    reach: int | None = None,
    population: Population = "all",
    assumptions: tuple[str, ...] = (ALIKE_GIVEN,),
) -> Trial:
    """Return the trial of those still at risk after unit `k`, from there to tenure `reach`.

    "taken" are those who hold the offer from unit k + 1 on, "not_taken" those who do not hold it
    then, whatever they take later. Who held it before is not eligible, nor who was seen from later
    than k on. Cells are those at the beginning of unit k + 1. ParameterError for a landmark that
    leaves no unit.
    """
    reach = uptake.reach if reach is None else reach
    if not 0 <= k < reach <= uptake.reach:
        raise ParameterError(
            f"no landmark after unit {k} within {reach}",
            remedy=f"Give a unit before {uptake.reach}.",
        )
    heads = {
        TAKEN: uptake.heads(lambda f: _eligible(f, k) & (f.taken == k + 1)),
        NOT_TAKEN: uptake.heads(lambda f: _eligible(f, k) & (f.taken != k + 1)),
    }
    return baseline_trial(
        landmark_counts(uptake, k),
        (TAKEN, NOT_TAKEN),
        reach=reach - k,
        population=population,
        heads=heads,
        unit=uptake.unit,
        origin=k,
        assumptions=assumptions,
    )


def landmark_counts(uptake: Uptake, k: int) -> pd.DataFrame:
    """Return those still at risk after unit `k` by arm, as `baseline_trial` takes them."""
    eligible = _eligible(uptake.counts, k)
    own = uptake.counts[eligible]
    rows = own.assign(
        arm=np.where(own.taken == k + 1, TAKEN, NOT_TAKEN),
        cell=uptake.cell(k + 1)[eligible],
        begin=0,
        finish=own.exit - k,
    )
    return with_arms(rows, (TAKEN, NOT_TAKEN))


def persons_at(uptake: Uptake, k: int) -> int:
    """Return how many persons are at risk after unit `k` in some arm, each counted once."""
    return int(uptake.heads(lambda f: _eligible(f, k)).sum())


def before_trial(uptake: Uptake, k: int) -> Trial:
    """Return everybody from sign-up to unit `k` under "no offer before", as a trial of one arm.

    Who takes it earlier is censored at the start of that unit, and weighted for by unit and cell.
    """
    known = chances(uptake, k)
    plan = Plan(name=EVERYBODY, without=k)
    early = len(known.unit) > 0
    return Trial(
        arms={EVERYBODY: followed(uptake, plan, known, k)},
        shares=known.shares,
        causes=uptake.causes,
        unit=uptake.unit,
        assumptions=(ALIKE_GIVEN,) if early else (),
    )


def policy_effect(
    uptake: Uptake,
    k: int,
    horizon: int,
    *,
    level: float = 0.95,
    assumptions: tuple[str, ...] = (ALIKE_GIVEN,),
) -> PolicyEffect:
    """Return what the offer from unit `k` + 1 on, to all still there, is worth within `horizon`.

    S(k) of everybody times the landmark effect, paired by block, so that the interval (jackknife,
    t) knows the doubt of both; with fewer than 5 events in an arm the products of their limits,
    conservatively. Where some took it earlier, those left at the landmark are not those who would
    be there had nobody: then months and share are those of the clones (`grace_effect`), which the
    product equals otherwise. What the landmark refuses has no value here. ParameterError for k
    below 1.
    """
    if k < 1:
        raise ParameterError(
            f"a policy from unit {k + 1} on", remedy="From the first unit on, compare the arms."
        )
    trial = landmark_trial(uptake, k, reach=horizon, assumptions=assumptions)
    at_landmark = compare(trial, TAKEN, NOT_TAKEN, horizon - k, level=level)
    before = before_trial(uptake, k)
    still = arm_curve(before, EVERYBODY, level=level).at(k)
    if before.assumptions:
        clones = grace_effect(
            uptake, k + 1, k + 1, horizon, later="natural", level=level, assumptions=assumptions
        )
        months, share = clones.months, clones.share
    else:
        months = _product(still, at_landmark.months, f"rmst({horizon}) difference")
        share = _product(still, at_landmark.share, f"survival({horizon}) difference")
    return PolicyEffect(
        k=k,
        horizon=horizon,
        landmark=at_landmark,
        still_there=still,
        months=months,
        share=share,
    )


def with_arms(rows: pd.DataFrame, arms: Sequence[str]) -> pd.DataFrame:
    """Return the rows, with one that counts nobody for each arm that is lacking.

    That nobody took an offer, or everybody did, is for the comparison to say.
    """
    nobody = {"cell": 0, "block": 0, "begin": 0, "finish": 1, "end": CENSORED, "n": 0}
    lacking = [{"arm": a, **nobody} for a in arms if not (rows.arm == a).any()]
    return pd.concat([rows, pd.DataFrame(lacking)]) if lacking else rows


def _eligible(times: pd.DataFrame, k: int) -> pd.Series:
    """Return who is at risk after unit k, was seen by then, and has not held the offer before."""
    untaken = (times.taken == 0) | (times.taken > k)
    return (times.entry <= k) & (times.exit > k) & untaken


def _product(still: Estimate, effect: Estimate, estimand: str) -> Estimate:
    """Return the share still there times an effect among them, with its interval."""
    common: dict[str, Any] = {
        "level": effect.level,
        "unit": effect.unit,
        "persons": still.persons,
        "spells": still.spells,
        "events": effect.events,
        "estimand": estimand,
        "status": max(still.status, effect.status, key=list(Status).index),
        "assumptions": tuple(dict.fromkeys((*still.assumptions, *effect.assumptions))),
    }
    method = "share still there times effect at the landmark"
    if still.replicates is None or effect.replicates is None or effect.value is None:
        reason = effect.reason or still.reason or TOO_FEW_PERSONS
        return Estimate(value=None, method=method, reason=reason, **common)
    replicates = paired(still.replicates, effect.replicates, np.multiply)
    if still.value is None or not replicates.is_enough:
        return Estimate(value=None, method=method, reason=TOO_FEW_PERSONS, **common)
    value, common["replicates"] = still.value * effect.value, replicates
    if effect.se is None:
        ends = np.outer(_limits(still), _limits(effect))
        return Estimate(
            value=value,
            low=float(ends.min()),
            high=float(ends.max()),
            method=f"{method}, limits multiplied",
            **common,
        )
    se = float(replicates.se())
    step = intervals.student_quantile(effect.level, replicates.smallest) * se
    return Estimate(
        value=value,
        low=value - step,
        high=value + step,
        se=se,
        method=f"{method}, person blocks paired",
        **common,
    )


def _limits(estimate: Estimate) -> list[float]:
    if estimate.low is None or estimate.high is None:
        raise AssertionError(f"an estimate without limits was multiplied: {estimate}")
    return [estimate.low, estimate.high]
