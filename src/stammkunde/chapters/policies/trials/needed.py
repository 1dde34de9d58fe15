"""From which difference on introducing the policy pays, in the outcome that the trial measures.

Leaving of those who get the element is turned by one ratio, and the policy valued anew by the
engine, over the whole horizon and for all customers; sign-ups, takers, money and the comparator
stay as they are drawn. The ratio at which both are worth alike makes a difference within the trial:
that one is needed. It is sought only among differences that joint draws show: beyond them nobody
has said what customers would do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from scipy import optimize

from stammkunde.chapters.policies.read import Decision
from stammkunde.chapters.policies.trials.trial import Trial, still_there
from stammkunde.errors import ParameterError
from stammkunde.policy.offers import (
    Behaviour,
    Element,
    Policy,
    Population,
    Reaction,
    RebateForAll,
    Recovery,
    worths,
)
from stammkunde.policy.offers.roles import NEWCOMER, TODAY, Role, gets, span

# months that nobody would notice
LEAST = 1e-6
# differences of means to what is drawn settle with few draws; points between the ends
DRAWS, POINTS = 64, 5
# ratios are tried in steps of a quarter, smaller ones where a hazard would be above 1
STEP, FURTHEST, ROUNDING = 1.25, 30, 1e-12
# of the ratio at which the policy turns, and of those at the ends of what is looked at
EXACT, NEARLY = 1e-9, 1e-4
# no element of a TOML has a blank in its name
TRIED = "what is tried"
NOTHING, ALWAYS, NEVER, REVERSED = (
    "trial_shows_nothing",
    "pays_whatever_is_seen",
    "never_pays_whatever_is_seen",
    "longer_stays_do_not_pay",
)
Curve = Callable[[float], float]


@dataclass(frozen=True, kw_only=True)
class Needed:
    """The difference in `months` from which on the policy is worth more than the comparator.

    It lies between `low` and `high`, the differences that joint draws show and hazards can make;
    None where none of these turns the decision, for a `reason`.
    """

    months: float | None
    low: float
    high: float
    reason: str = ""


def needed(decision: Decision, trial: Trial) -> Needed:
    """Return from which difference in months on introducing the policy pays, or why from none."""
    seen = trial.difference
    if float(np.abs(seen).max()) < LEAST:
        return Needed(months=None, low=0.0, high=0.0, reason=NOTHING)
    months, ahead = cache(_months(decision, trial)), cache(_ahead(decision, trial))
    # from the shortest stays to the longest
    ends = [_ratio(months, float(x)) for x in (seen.min(), seen.max())]
    ratios = np.geomspace(ends[0], ends[1], POINTS).tolist()
    pays = [ahead(r) > 0 for r in ratios]
    found = Needed(months=None, low=months(ends[0]), high=months(ends[1]))
    if all(pays) or not any(pays):
        return replace(found, reason=ALWAYS if all(pays) else NEVER)
    if pays != sorted(pays):
        return replace(found, reason=REVERSED)
    first = pays.index(True)
    return replace(found, months=months(_root(ahead, ratios[first], ratios[first - 1], EXACT)))


def turned(trial: Trial, ratio: float) -> Policy:
    """Return the policy under which those who get the element leave `ratio` times as fast.

    From the first unit with it on; it costs nothing. New customers are turned where newcomers get
    the element, whoever they are, today's where these do.
    """
    first, policy = span(trial.element)[0], trial.policy
    reaction = Reaction(ratio, from_unit=first, to_unit=lasting(trial))
    tried = RebateForAll(
        behaviour=Behaviour((reaction,)), applies=_population(trial.element), name=TRIED
    )
    if not trial.segments:
        return replace(policy, elements=(*policy.elements, tried))
    own = {n: (*policy.segments.get(n, ()), tried) for n in trial.segments}
    return replace(policy, segments={**policy.segments, **own})


def lasting(trial: Trial) -> int | None:
    """Return the last unit of tenure in which leaving is turned; None where the element goes on.

    Of an element that ends, as long as the trial sees those who had it.
    """
    last = span(trial.element)[1]
    if last is None:
        return None
    return max(last, trial.months) if trial.population == "new" else last + trial.months - 1


def _population(element: Element) -> Population:
    if isinstance(element, Recovery):
        return Population.BOTH
    new = gets(element, Role(NEWCOMER, offered=True, outside=True))
    base = gets(element, Role(TODAY, base=True))
    return Population.BOTH if new and base else Population.NEW if new else Population.BASE


def _months(decision: Decision, trial: Trial) -> Curve:
    """Return the mean difference in the trial by ratio; at 1 that of all draws."""
    mean = float(trial.difference.mean())

    def months(ratio: float) -> float:
        there = still_there(decision, trial, turned(trial, ratio), DRAWS)
        longer = (there - trial.treated[: len(there)])[:, : trial.months].sum(axis=-1)
        return mean + float(longer.mean())

    return months


def _ahead(decision: Decision, trial: Trial) -> Curve:
    """Return by how much the policy is worth more than the comparator by ratio, on average.

    At 1 that of all draws; what differs by rounding only does not differ.
    """
    own, other = (decision.worths[n].total for n in (trial.policy.name, decision.comparator))
    count = min(DRAWS, len(own))
    part = slice(0, count)
    market, weights = decision.market.part(part), decision.weights[part]
    drawn = {n: a[part] if len(a) > 1 else a for n, a in decision.drawn.items()}
    mean, small = float((own - other).mean()), ROUNDING * float(np.abs(other).mean())

    def ahead(ratio: float) -> float:
        policy = turned(trial, ratio)
        found = worths([policy], market, drawn, count=count, weights=weights)
        by = mean + float((found[policy.name].total - own[part]).mean())
        return by if abs(by) > small else 0.0

    return ahead


def _ratio(months: Curve, wanted: float) -> float:
    """Return the ratio that makes a difference; the last that can be where none does."""
    longer = wanted > months(1.0)
    step, near = 1 / STEP if longer else STEP, 1.0
    for _ in range(FURTHEST):
        far = near * step
        try:
            reached = months(far)
        except ParameterError:
            # some hazard would be above 1
            step = step**0.5
            continue
        if reached >= wanted if longer else reached <= wanted:
            return _root(lambda r: months(r) - wanted, near, far, NEARLY)
        near = far
    return near


def _root(curve: Curve, one: float, other: float, near: float) -> float:
    return float(optimize.brentq(curve, one, other, xtol=near))
