"""A world in which offers answer dissatisfaction: rules, sequential trials and the g-formula."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from stammkunde.evidence.reacting.courses import Courses, courses
from stammkunde.evidence.reacting.gformula import compare_rules
from stammkunde.evidence.reacting.regimes import odds_in_the_unit, regime_trial, without_weights
from stammkunde.evidence.reacting.sequential import Entrants, entrants, sequential_trial
from stammkunde.evidence.reacting.steps import Steps, steps
from stammkunde.evidence.trial import Compared, Trial, compare
from stammkunde.result import Estimate
from stammkunde.survival.arrays import life_tables_from
from stammkunde.survival.contrasts import rmst_difference, survival_difference
from stammkunde.survival.kaplan_meier import kaplan_meier
from tests.validate import reactive_limits as limits
from tests.validate.reactive_limits import OFTEN, UNITS, expit
from tests.validate.recipes import NAN, mean_within
from tests.validate.rule import Check, Recipe, Three, three

RULES = {"answered": "mood", "never": "never"}
CHANCES = {"answered": np.array([0.0, 1.0]), "never": np.zeros(2)}
ARMS = ("offered", "not offered")
LAST, AHEAD = 19, 6


class World(NamedTuple):
    """Customers [n, 24]: dissatisfied, offered; the month of leaving (25: later), the block."""

    mood: np.ndarray
    offered: np.ndarray
    stay: np.ndarray
    block: np.ndarray


def world(rng: np.random.Generator, size: int, *, acts: bool = True) -> World:
    """Return the world; where offers do not act, neither on moods nor on leaving."""
    mood, gift = (np.zeros((size, UNITS + 1), dtype=np.int64) for _ in range(2))
    stay = np.full(size, UNITS + 1)
    for t in range(1, UNITS + 1):
        bad = -2.2 + 2 * mood[:, t - 1] - 1.5 * acts * gift[:, t - 1]
        mood[:, t] = rng.random(size) < expit(bad)
        gift[:, t] = rng.random(size) < np.array(OFTEN)[mood[:, t]]
        hazard = -4 + 1.8 * mood[:, t] - acts * (0.8 * gift[:, t] + 0.5 * gift[:, t - 1])
        stay[(stay > t) & (rng.random(size) < expit(hazard))] = t
    return World(mood[:, 1:], gift[:, 1:], stay, rng.integers(0, 256, size))


def by_month(made: World) -> pd.DataFrame:
    """Return one row per customer and month begun as one."""
    unit = np.arange(1, UNITS + 1)
    who, at = np.nonzero(unit <= made.stay[:, None])
    gone = made.stay[who] == unit[at]
    return pd.DataFrame(
        {
            "person": who,
            "spell": 1,
            "block": made.block[who],
            "unit": unit[at],
            "end": pd.Categorical.from_codes(np.where(gone, 0, -1), ["left"]),
            "mood": made.mood[who, at],
            "state": made.mood[who, at],
            "taken": made.offered[who, at],
            "never": 0,
        }
    )


def followed(months: pd.DataFrame) -> Courses:
    """Return how far the two rules were followed: offers exactly when dissatisfied, and never."""
    return courses(months, RULES, by=("mood",), reach=UNITS)


def months_of(found: Compared) -> Three:
    """Return the difference of means, also where it is refused because few persons carry it."""
    arms = (found.curves[found.treated], found.curves[found.control])
    return three(rmst_difference(*arms, found.horizon))


def share_of(found: Compared) -> Three:
    arms = (found.curves[found.treated], found.curves[found.control])
    return three(survival_difference(*arms, found.horizon))


def by_rules(trial: Trial) -> Compared:
    return compare(trial, *RULES, UNITS)


def by_models(made: Steps) -> Compared:
    return compare_rules(made, CHANCES, *CHANCES, UNITS)


def entered(made: World, *, dissatisfied: bool = True) -> Entrants:
    """Return who entered a trial in months 1 .. 19: not offered anything before."""
    unit = np.arange(1, UNITS + 1)
    earlier = np.cumsum(made.offered, axis=1) - made.offered
    there = (unit <= np.minimum(made.stay, LAST)[:, None]) & (earlier == 0)
    who, at = np.nonzero(there & (made.mood == 1) if dissatisfied else there)
    frame = {
        "person": who,
        "block": made.block[who],
        "unit": unit[at],
        "arm": np.where(made.offered[who, at] == 1, *ARMS),
        "finish": np.minimum(made.stay[who], UNITS) - at,
        "end": np.where(made.stay[who] <= UNITS, "left", "censored"),
    }
    return entrants(pd.DataFrame(frame), ARMS, reach=AHEAD)


def ever_or_never(made: World) -> Three:
    """Return the usual comparison: those ever offered against the others, from the start."""
    begun = np.arange(1, UNITS + 1) <= made.stay[:, None]
    ever = (begun & (made.offered == 1)).any(axis=1)
    arms = life_tables_from(
        np.minimum(made.stay, UNITS), made.stay <= UNITS, ever * 1, 2, block=made.block
    )
    never, some = (kaplan_meier(a) for a in arms)
    return three(rmst_difference(some, never, UNITS))


def log_odds(of: Estimate) -> Three:
    """Return the log-odds ratio of leaving in months with an offer, all months taken together."""
    value, low, high = np.log([of.value or NAN, of.low or NAN, of.high or NAN])
    return float(value), float(low), float(high)


def reacting(rng: np.random.Generator, size: int, acts: bool) -> dict[str, Three]:
    made = world(rng, size, acts=acts)
    months = by_month(made)
    trial = regime_trial(followed(months))
    counted = steps(months, reach=UNITS)
    ruled, modelled = by_rules(trial), by_models(counted)
    dissatisfied = compare(sequential_trial(entered(made)), *ARMS, AHEAD)
    everybody = compare(sequential_trial(entered(made, dissatisfied=False)), *ARMS, AHEAD)
    plain, usual = months_of(by_rules(without_weights(trial))), ever_or_never(made)
    found = {
        "rules, weighted: months": months_of(ruled),
        "rules, weighted: share": share_of(ruled),
        "g-formula: months": three(modelled.months),
        "g-formula: share": three(modelled.share),
        "trials of the dissatisfied: months": three(dissatisfied.months),
        "trials of the dissatisfied: share": three(dissatisfied.share),
        "trials of everybody": three(everybody.months),
        "rules without weights": plain,
        "ever offered or never": usual,
    }
    return found | {
        "log odds in the month of an offer": log_odds(odds_in_the_unit(counted)),
        "its limit": log_odds(odds_in_the_unit(counted)),
        "limit without weights": plain,
        "limit of ever or never": usual,
    }


def checks(acts: bool) -> tuple[Check, ...]:
    """Return what is asked: the truth of the estimators, and the limits of the usual analyses."""
    answered, never = (limits.under(CHANCES[r].tolist(), acts) for r in RULES)
    months = mean_within(answered, UNITS) - mean_within(never, UNITS)
    plain = [limits.censored_only(CHANCES[r].tolist(), acts) for r in RULES]
    unhappy = np.array([0.0, 1.0])
    offered, not_offered = (limits.afterwards(unhappy, a, AHEAD, acts) for a in (1, 0))
    ahead = mean_within(offered, AHEAD) - mean_within(not_offered, AHEAD)
    share = float(answered[-1] - never[-1])
    later = float(offered[-1] - not_offered[-1])
    return (
        Check("rules, weighted: months", months),
        Check("rules, weighted: share", share),
        Check("g-formula: months", months),
        Check("g-formula: share", share),
        Check("trials of the dissatisfied: months", ahead),
        Check("trials of the dissatisfied: share", later),
        Check("trials of everybody", ahead, "must miss", ""),
        Check("rules without weights", months, "must miss", ""),
        Check("ever offered or never", months, "must miss", ""),
        Check("log odds in the month of an offer", -0.8 * acts, "must miss", ""),
        Check("its limit", limits.month_odds(acts), "none", ""),
        Check("limit without weights", _gap(plain), "none", ""),
        Check("limit of ever or never", limits.ever_less_never(acts), "none", ""),
    )


def _gap(curves: list[np.ndarray]) -> float:
    return mean_within(curves[0], UNITS) - mean_within(curves[1], UNITS)


REACTIVE = Recipe(
    "offers in reaction to behaviour",
    "10,000 customers observed for 24 months; the dissatisfied are offered something in 35 of 100 "
    "months, others in 3; offers calm, and keep. Compared are the rules 'an offer exactly when "
    "dissatisfied' and 'never', within 24 months, and an offer to the dissatisfied with none, "
    "within 6",
    checks(True),
    partial(reacting, size=10_000, acts=True),
)
NOTHING = Recipe(
    "offers in reaction that do nothing",
    "the same with 20,000 customers and offers that change neither moods nor leaving",
    checks(False),
    partial(reacting, size=20_000, acts=False),
)

RECIPES = (REACTIVE, NOTHING)
