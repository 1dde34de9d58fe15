"""Worlds in which an offer is given to those who have stayed: who has it ever, has lived to."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.special import expit

from stammkunde.evidence.staying.grace import NEVER, TAKEN, grace_trial
from stammkunde.evidence.staying.landmark import policy_effect
from stammkunde.evidence.staying.uptake import Uptake, uptake_from
from stammkunde.evidence.trial import compare
from stammkunde.survival.formulas import survival
from stammkunde.survival.kaplan_meier import kaplan_meier
from tests.validate.counting import dealt, table
from tests.validate.recipes import mean_within, steady
from tests.validate.rule import Check, Recipe, Three, three

HORIZON, K, SEEN = 36, 12, 60
EFFECT = float(np.log(0.7))
SHARES = (0.6, 0.3)
NAN = float("nan")


def rebate_hazard(z: np.ndarray, u: np.ndarray, beta: float) -> np.ndarray:
    return np.asarray(expit(-3.2 + 0.8 * z + u + beta))


def rebate_world(
    rng: np.random.Generator,
    beta: float,
    *,
    size: int = 4000,
    early: bool = False,
    late: bool = False,
) -> Uptake:
    """Return customers of whom those still there are given a rebate in month 13, by what is known.

    `early`: some take it before, in months 7 to 9; `late`: most are seen from a later month only.
    """
    z, u = (rng.random(size) < 0.5).astype(int), rng.normal(0, 0.5, size)
    month = np.where(rng.random(size) < np.where(z == 0, *SHARES), K + 1, SEEN + 1)
    if early:
        sooner = rng.random(size) < np.where(z == 0, 0.15, 0.4)
        month = np.where(sooner, rng.integers(7, 10, size), month)
    plain, rebated = rebate_hazard(z, u, 0.0), rebate_hazard(z, u, beta)
    # leaving is drawn before the rebate, and after it for those who lived to it
    before, after = (rng.geometric(h) for h in (plain, rebated))
    stay = np.where(before < month, before, month - 1 + after)
    seen = rng.integers(6, SEEN + 1, size)
    entry = rng.integers(-10, 18, size).clip(0) if late else np.zeros(size, dtype=np.int64)
    exit_ = np.minimum(stay, entry + seen if late else seen)
    end = np.where(exit_ == stay, "left", "censored")
    taken = np.where(month <= exit_, month, 0)
    return uptake_from(exit_, end, taken, z, dealt(rng, size), reach=SEEN, entry=entry)


def rebate_truth(beta: float) -> tuple[float, float]:
    """Return what the rebate is worth at sign-up, and to those still there after month 12."""
    node, weight = np.polynomial.hermite_e.hermegauss(60)
    means = []
    for b in (beta, 0.0):
        curves = []
        for z in (0, 1):
            two = (rebate_hazard(np.array(z), 0.5 * node, x) for x in (0.0, b))
            months = np.repeat(np.stack([*two]), (K, HORIZON - K), axis=0)
            curves.append(np.array([steady(m) for m in months.T]))
        all_of = weight / weight.sum() @ np.mean(curves, axis=0)
        means.append((mean_within(all_of, HORIZON), all_of[K]))
    effect = means[0][0] - means[1][0]
    return effect, effect / means[0][1]


def unadjusted(uptake: Uptake) -> Uptake:
    """Return the same customers with nothing known of them."""
    return replace(uptake, paths=np.zeros_like(uptake.paths))


def months_by_arm(uptake: Uptake, took: np.ndarray, kept: np.ndarray, after: int) -> Three:
    """Return the difference of mean months from unit `after` on, by plain Kaplan-Meier curves."""
    c = uptake.counts
    block, exit_, left = c.block.to_numpy(), c.exit.to_numpy() - after, (c.end == "left").to_numpy()
    means = [
        kaplan_meier(table(block[own], exit_[own], left[own])).rmst(HORIZON - after).value
        for own in (kept & took, kept & ~took)
    ]
    return (NAN if None in means else float(np.subtract(*means))), NAN, NAN


def rebate(rng: np.random.Generator, beta: float) -> dict[str, Three]:
    uptake = rebate_world(rng, beta)
    found = policy_effect(uptake, K, HORIZON)
    took, exit_ = (uptake.counts[c].to_numpy() for c in ("taken", "exit"))
    naive = months_by_arm(uptake, took > 0, exit_ > 0, 0)
    crude = months_by_arm(uptake, took > 0, exit_ > K, K)
    return {
        "at sign-up": three(found.months),
        "at the landmark": three(found.landmark.months),
        "ever less never": naive,
        "ever less never, its limit": naive,
        "landmark, nothing known": crude,
        "landmark, nothing known, its limit": crude,
    }


class Limits(NamedTuple):
    """Where the wrong estimates go with ever more customers."""

    ever: float
    landmark: float


def rebate_recipe(name: str, about: str, beta: float, limits: Limits) -> Recipe:
    policy, landmark = rebate_truth(beta)
    return Recipe(
        name,
        f"4000 customers with log-odds of leaving -3.2 + .8 Z + U a month, Z known and U not; in "
        f"month 13 those still there are given a rebate, 60 % of those with Z = 0 and 30 % of the "
        f"others; {about}",
        (
            Check("at sign-up", policy),
            Check("at the landmark", landmark),
            Check("ever less never", policy, "must miss", ""),
            Check("ever less never, its limit", limits.ever, "none", ""),
            Check("landmark, nothing known", landmark, "must miss", ""),
            Check("landmark, nothing known, its limit", limits.landmark, "none", ""),
        ),
        partial(rebate, beta=beta),
    )


REBATE = rebate_recipe(
    "loyalty rebate",
    "it multiplies the odds of leaving by .7",
    EFFECT,
    Limits(16.614, 1.9568 + 1.107),
)
NO_EFFECT = rebate_recipe(
    "loyalty rebate without effect", "it changes nothing", 0.0, Limits(14.716, 1.166)
)


def seen_late(rng: np.random.Generator) -> dict[str, Three]:
    uptake = rebate_world(rng, EFFECT, size=6000, early=True, late=True)
    found = policy_effect(uptake, K, HORIZON)
    crude = policy_effect(unadjusted(uptake), K, HORIZON)
    return {"at sign-up": three(found.months), "nothing known": three(crude.months)}


SEEN_LATE = Recipe(
    "loyalty rebate, seen late",
    "as the loyalty rebate, but 6000 customers of whom most are seen from month 1 to 17 on only, "
    "and some take the rebate in months 7 to 9, 15 % of those with Z = 0 and 40 % of the others",
    (
        Check("at sign-up", rebate_truth(EFFECT)[0]),
        Check("nothing known", rebate_truth(EFFECT)[0], "must miss", ""),
    ),
    seen_late,
)

WINDOW = range(13, 17)
USES, CHANCE = np.array([0.12, 0.9]), np.array([0.15, 0.45])


def window_hazard(uses: np.ndarray, held: np.ndarray | float, effect: float) -> np.ndarray:
    return np.asarray(expit(-2.9 - 0.9 * uses + effect * held))


def window_world(rng: np.random.Generator, effect: float, size: int = 6000) -> Uptake:
    """Return customers who may take an offer in months 13 to 16, those who use much more often."""
    uses = (rng.random(size) < 0.5).astype(int)
    taken, stay = np.zeros(size, dtype=np.int64), np.full(size, HORIZON + 1)
    cells = np.zeros((size, WINDOW[-1]), dtype=np.int64)
    for t in range(1, HORIZON + 1):
        uses = (rng.random(size) < USES[uses]).astype(int)
        there = stay > HORIZON
        if t <= WINDOW[-1]:
            cells[:, t - 1] = uses
        if t in WINDOW:
            taken[there & (taken == 0) & (rng.random(size) < CHANCE[uses])] = t
        goes = rng.random(size) < window_hazard(uses, taken > 0, effect)
        stay[there & goes] = t
    exit_, end = np.minimum(stay, HORIZON), np.where(stay <= HORIZON, "left", "censored")
    return uptake_from(exit_, end, taken, cells, dealt(rng, size), reach=HORIZON)


def window_months(effect: float, arm: str, weighted: bool) -> float:
    """Return the mean months of the arm's clones, by recursion over use and holding.

    Without weights those who follow the arm are like themselves only.
    """
    mass = np.array([[0.5, 0.5], [0.0, 0.0]])
    survival, months = 1.0, 0.0
    step = np.stack([1 - USES, USES], axis=1)
    for t in range(1, HORIZON + 1):
        months += survival
        mass = mass @ step
        if t in WINDOW:
            takes = mass[0] * CHANCE
            if arm == TAKEN:
                mass = mass + np.stack([-takes, takes])
            elif not weighted:
                mass[0] -= takes
            if arm == TAKEN and t == WINDOW[-1]:
                mass = np.stack([0 * takes, mass[1] + weighted * mass[0]])
        goes = mass * window_hazard(np.arange(2), np.arange(2)[:, None], effect)
        survival *= 1 - goes.sum() / mass.sum()
        mass = mass - goes
    return months


def ever_less_never(effect: float) -> float:
    """Return the mean months of those who ever held the offer less those of all others."""
    step = np.stack([1 - USES, USES], axis=1)
    # [held, uses]: months to come for all, for those who will ever hold it, and their share
    to_come, ever, share = np.zeros((2, 2)), np.zeros(2), np.zeros(2)
    for t in range(HORIZON, 0, -1):
        stays = 1 - window_hazard(np.arange(2), np.arange(2)[:, None], effect)
        to_come = 1 + stays * (to_come @ step.T)
        share = stays[0] * (step @ share)
        ever = share + stays[0] * (step @ ever)
        if t in WINDOW:
            ever = CHANCE * to_come[1] + (1 - CHANCE) * ever
            to_come[0] = CHANCE * to_come[1] + (1 - CHANCE) * to_come[0]
            share = CHANCE + (1 - CHANCE) * share
    first = np.array([0.5, 0.5]) @ step
    every, own, part = first @ to_come[0], first @ ever, first @ share
    return float(own / part - (every - own) / (1 - part))


def window(rng: np.random.Generator, effect: float) -> dict[str, Three]:
    uptake = window_world(rng, effect)
    trial = grace_trial(uptake, WINDOW[0], WINDOW[-1])
    clones = [a.counts for a in trial.arms.values()]
    one, two = (survival(n[0], d[0].sum(axis=0))[:HORIZON].sum() for n, d in clones)
    took = uptake.counts.taken.to_numpy() > 0
    naive = months_by_arm(uptake, took, np.ones(len(took), dtype=bool), 0)
    without = (float(one - two), NAN, NAN)
    return {
        "weighted clones": three(compare(trial, TAKEN, NEVER, HORIZON).months),
        "clones without weights": without,
        "clones without weights, their limit": without,
        "ever less never": naive,
        "ever less never, its limit": naive,
    }


def window_recipe(name: str, about: str, effect: float) -> Recipe:
    truth, bare = (
        window_months(effect, TAKEN, w) - window_months(effect, NEVER, w) for w in (True, False)
    )
    return Recipe(
        name,
        f"6000 customers, log-odds of leaving -2.9 - .9 L a month, L being whether they use much, "
        f"which lasts; in months 13 to 16 those still there take an offer, 45 % of those who use "
        f"much and 15 % of the others; {about}",
        (
            Check("weighted clones", truth),
            Check("clones without weights", truth, "must miss", ""),
            Check("clones without weights, their limit", bare, "none", ""),
            Check("ever less never", truth, "must miss", ""),
            Check("ever less never, its limit", ever_less_never(effect), "none", ""),
        ),
        partial(window, effect=effect),
    )


GRACE = window_recipe("window of grace", "it lowers the log-odds by .5", -0.5)
GRACE_NULL = window_recipe("window of grace without effect", "it changes nothing", 0.0)

RECIPES = (REBATE, NO_EFFECT, SEEN_LATE, GRACE, GRACE_NULL)
