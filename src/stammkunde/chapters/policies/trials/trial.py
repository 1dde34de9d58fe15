"""A trial of a policy: who may be dealt, what it would see, how many it takes and how long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from stammkunde.chapters.policies.read import Decision
from stammkunde.chapters.policies.trials.sizing import WANTED, ratio_of, sizes_of
from stammkunde.policy.declared import PilotToml
from stammkunde.policy.engine.chunks import in_parts
from stammkunde.policy.offers import (
    CoolOff,
    Element,
    Market,
    Policy,
    Recovery,
    WinBack,
    applied,
)
from stammkunde.policy.offers.played import Played
from stammkunde.policy.offers.roles import NEWCOMER, TODAY, Role, gets
from stammkunde.policy.pilot import Size, detectable_months, months_variance

# newcomers are dealt over two years at most
LONGEST_ENTRY = 24
FEWEST = 10
NOBODY, TOO_LONG, TOO_SHORT, LEAVERS, IMPOSSIBLE = (
    "nobody",
    "too_long",
    "too_short",
    "leavers",
    "impossible",
)
Whom = Literal["base", "new"]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """Those who would be dealt and how they stay, drawn; sizes, and how long it takes.

    `control` and `treated` [B', M + 1] are the shares still there under the comparator and under
    the policy, M the months for which each customer is followed. `wanted` is the difference in
    months that shall not be missed, below 0 where the policy is expected to shorten stays; `ratio`
    that of the hazards which makes it. `available` customers can be dealt in `entering` months; it
    is over after `units` of them. `segments` are the names by which policies know those who are
    dealt, none for all.
    """

    toml: PilotToml
    policy: Policy
    element: Element
    population: Whom
    segments: tuple[str, ...]
    control: np.ndarray
    treated: np.ndarray
    wanted: float
    ratio: float
    sizes: Mapping[str, Size]
    available: int
    entering: int
    units: int

    @property
    def months(self) -> int:
        """Return for how many months each customer is followed."""
        return self.toml.months

    @property
    def difference(self) -> np.ndarray:
        """Return the expected months within M that the policy adds [B']."""
        return np.asarray((self.treated - self.control)[..., : self.months].sum(axis=-1))

    @property
    def asked(self) -> int:
        """Return the customers per group that see the difference."""
        return int(self.sizes["months"].treated)

    @property
    def per_arm(self) -> int:
        """Return the customers per group that are proposed: those asked for, if they are there."""
        return min(self.asked, self.available // 2)

    @property
    def detectable(self) -> float:
        """Return the smallest difference in months that the proposed number would show."""
        mean = self.control.mean(axis=0)
        return float(detectable_months(mean, 2 * self.per_arm, self.months, WANTED))

    def errors(self, per_arm: np.ndarray) -> np.ndarray:
        """Return the standard errors of the difference with so many customers per group."""
        arms = (self.control.mean(axis=0), self.treated.mean(axis=0))
        spread = sum(months_variance(c, self.months) for c in arms)
        return np.asarray(np.sqrt(spread / per_arm))


def trial_of(decision: Decision, toml: PilotToml) -> Trial | str:
    """Return the trial that a TOML declares, or the id of the reason why there can be none.

    Today's customers are dealt where they get the element, else newcomers as they sign up.
    """
    policy, today = (_policy(decision, n) for n in (toml.policy, decision.comparator))
    names = decision.market.rules
    element = _element((policy, today), names, toml.element)
    population = _population(element)
    if population is None:
        return LEAVERS
    if toml.months < 2 or toml.months >= decision.market.horizon:
        return TOO_SHORT if toml.months < 2 else TOO_LONG
    own = [
        n for n in names if any(e.name == toml.element for p in (policy, today) for e in p.of(n))
    ]
    found = _curves(decision, (today, policy), population, own, toml.months)
    if found is None:
        return NOBODY
    control, treated, heads = found
    sized = _sized(decision, toml, control, treated)
    if sized is None:
        return IMPOSSIBLE
    wanted, ratio, sizes = sized
    most = min(LONGEST_ENTRY, decision.market.horizon - toml.months)
    entering = _entering(sizes, heads, most) if population == "new" else 1
    if heads * entering < 2 * FEWEST:
        return NOBODY
    return Trial(
        toml=toml,
        policy=policy,
        element=element,
        population=population,
        segments=() if len(own) == len(names) else tuple(own),
        control=control,
        treated=treated,
        wanted=wanted,
        ratio=ratio,
        sizes=sizes,
        available=int(heads * entering),
        entering=entering,
        units=toml.months + entering - 1,
    )


def later(decision: Decision, units: int) -> np.ndarray:
    """Return the net values [B', P] of policies that begin so many months later.

    What they bring in what is left of the horizon, in the draws whose months are known; today's
    customers are taken to be as now.
    """
    left = decision.by_month[:, :, : decision.market.horizon - units]
    return np.asarray(left.sum(axis=-1) * decision.market.v**units)


def still_there(decision: Decision, trial: Trial, policy: Policy, draws: int) -> np.ndarray:
    """Return the share [B', M + 1] of those dealt who are still there under another policy.

    In the first `draws`, or in as many as the trial has.
    """
    own = trial.segments or decision.market.rules
    count = min(draws, len(trial.control))
    (found,) = _counted(decision, [policy], trial.population, own, trial.months, count)
    return found / found[:, :1]


def _sized(
    decision: Decision, toml: PilotToml, control: np.ndarray, treated: np.ndarray
) -> tuple[float, float, dict[str, Size]] | None:
    """Return the difference wanted with its sign, the ratio that makes it, and the sizes."""
    wanted = toml.difference or decision.study.toml.data.relevant.months
    mean = control.mean(axis=0)
    rises = float((treated - control)[..., : toml.months].sum(axis=-1).mean()) >= 0
    found = ratio_of(mean, wanted, toml.months, rises=rises)
    if found is None:
        return None
    return (*found, sizes_of(mean, *found, toml.months))


def _entering(sizes: Mapping[str, Size], heads: float, most: int) -> int:
    """Return over how many months newcomers are dealt until enough have signed up, if they do."""
    needed = 2 * int(sizes["months"].treated)
    return min(max(int(np.ceil(needed / heads)), 1), most)


def _policy(decision: Decision, name: str) -> Policy:
    return next(p for p in decision.policies if p.name == name)


def _element(policies: Sequence[Policy], names: Sequence[str], wanted: str) -> Element:
    """Return the element of that name, in the policy or in what it is compared with."""
    return next(e for p in policies for n in names for e in p.of(n) if e.name == wanted)


def _population(element: Element) -> Whom | None:
    """Return whom a trial deals: today's customers where they get it; None: those who have left."""
    if isinstance(element, Recovery) or gets(element, Role(TODAY, base=True)):
        return "base"
    if isinstance(element, WinBack | CoolOff):
        return None
    return "new"


def _curves(
    decision: Decision,
    policies: Sequence[Policy],
    population: Whom,
    own: Sequence[str],
    months: int,
) -> tuple[np.ndarray, np.ndarray, float] | None:
    """Return the shares [B', M + 1] still there under each policy, and how many can be dealt.

    Today's customers, or those who sign up in a month. None where there is nobody.
    """
    # as many draws as there are of the money by month, with which they are compared
    count = len(decision.by_month)
    control, treated = _counted(decision, policies, population, own, months, count)
    heads = float(control[:, 0].mean())
    if not (control[:, 0] > 0).all():
        return None
    return control / control[:, :1], treated / treated[:, :1], heads


def _counted(
    decision: Decision,
    policies: Sequence[Policy],
    population: Whom,
    own: Sequence[str],
    months: int,
    draws: int,
) -> list[np.ndarray]:
    """Return how many of those dealt are still there [B', M + 1] under each policy."""
    weights, market = decision.weights[:draws], decision.market
    chosen = replace(market, segments=tuple(s for s in market.segments if s.known_as in own))

    def part(at: slice) -> dict[str, np.ndarray]:
        drawn = {n: a[at] if len(a) > 1 else a for n, a in decision.drawn.items()}
        here, count = chosen.part(at), at.stop - at.start
        counts = (_there(here, p, drawn, weights[at], population, months, count) for p in policies)
        return {str(k): c for k, c in enumerate(counts)}

    found = in_parts(part, len(weights), rows=2)
    return [found[str(k)] for k in range(len(policies))]


def _there(
    market: Market,
    policy: Policy,
    drawn: Mapping[str, np.ndarray],
    weights: np.ndarray,
    population: Whom,
    months: int,
    count: int,
) -> np.ndarray:
    """Return how many of those dealt are still there after 0 .. M months [B, M + 1]."""
    total = np.zeros((count, months + 1))
    for p in applied(policy, market, drawn, weights).segments.values():
        total = total + (_base(p, months) if population == "base" else _new(p, months))
    return total


def _base(p: Played, months: int) -> np.ndarray:
    return np.zeros(1) if p.base is None else p.base.customers()[..., : months + 1]


def _new(p: Played, months: int) -> np.ndarray:
    """Return those who sign up in a month and would have anyway: an offer's lift is not dealt."""
    life = next(x for x in p.lives if x.name == NEWCOMER)
    each = p.signing.mean(axis=-1) * p.mix[NEWCOMER]
    return np.asarray(each[..., None] * life.survival[..., : months + 1])
