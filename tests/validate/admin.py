"""Worlds whose data base begins, or whose observation ends, before customers do."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from stammkunde.survival.grouped import grouped_rate, lifetime
from stammkunde.survival.kaplan_meier import hazard, kaplan_meier
from tests.validate.counting import dealt, table
from tests.validate.recipes import MIXED, drawn, mean_within, steady
from tests.validate.rule import Check, Recipe, Three, three

NAN = float("nan")
FIRST, LAST, REACH = -120, 24, 40


def exact(number: float) -> Three:
    return (number, NAN, NAN)


def migrated(rng: np.random.Generator) -> dict[str, Three]:
    size = 12_000
    join = rng.integers(FIRST, LAST, size)
    stay = rng.geometric(np.where(rng.random(size) < 0.7, 0.1, 0.01))
    join, stay = (a[join + stay > 0] for a in (join, stay))
    entry, seen, block = np.maximum(0, -join), LAST - join, dealt(rng, len(join))
    exit_, left = np.minimum(stay, seen), stay <= seen
    naive = kaplan_meier(table(block, exit_, left, horizon=REACH))
    curve = kaplan_meier(table(block, exit_, left, entry=entry, horizon=REACH))
    new = join >= 0
    fresh = kaplan_meier(table(block[new], exit_[new], left[new]))
    return {
        "S(36)": three(curve.at(36)),
        "S(12), new customers only": three(fresh.at(12)),
        "months the new customers show": exact(float(fresh.observed_to)),
        "S(12), entry ignored": exact(naive.value[12]),
        "S(36), entry ignored": exact(naive.value[36]),
        "RMST(36), entry ignored": exact(mean_within(naive.value, 36)),
        "RMST(36), entry ignored, as the mean": exact(mean_within(naive.value, 36)),
    }


def without_entry() -> np.ndarray:
    """Return the curve of who is in the data base, entry ignored, in a world without chance."""
    at_risk, leavers = np.zeros(REACH), np.zeros(REACH)
    for share, rate in ((0.7, 0.1), (0.3, 0.01)):
        for join in range(FIRST, LAST):
            seen, before = LAST - join, max(0, -join)
            months = np.arange(1, REACH + 1)
            kept = (1 - rate) ** np.maximum(months - 1, before)
            at_risk += share * kept * (months <= seen)
            leaves = rate * (1 - rate) ** (months - 1.0)
            leavers += share * leaves * ((months > before) & (months <= seen))
    return steady(leavers / at_risk)


IGNORED = without_entry()
MIGRATED = Recipe(
    "data base of those alive at a migration",
    "12,000 starts of a mixture of hazards .10 (70 %) and .01 in 144 months; only who was there at "
    "month 0 or joined later is in the data",
    (
        Check("S(36)", float(MIXED[36])),
        Check("S(12), new customers only", float(MIXED[12])),
        Check("months the new customers show", 24, "none", ""),
        Check("S(12), entry ignored", float(IGNORED[12]), "none", ""),
        Check("S(36), entry ignored", float(IGNORED[36]), "none", ""),
        Check("RMST(36), entry ignored", mean_within(IGNORED, 36), "none", ""),
        Check("RMST(36), entry ignored, as the mean", mean_within(MIXED, 36), "must miss", ""),
    ),
    migrated,
)

TERM = np.concatenate([np.zeros(11), [0.20], np.full(60, 0.02)])
STAYS = steady(TERM)
MEAN = float(STAYS[:12].sum() + STAYS[12] / 0.02)
FROM, TO = 6, 30


def constant(months: np.ndarray, left: np.ndarray, stayed: np.ndarray) -> tuple[float, float]:
    """Return mean and S(60) of the exponential of greatest likelihood, months as exact times."""
    mean = float(months @ (left + stayed) / left.sum())
    return mean, float(np.exp(-60 / mean))


def weibull(months: np.ndarray, left: np.ndarray, stayed: np.ndarray) -> tuple[float, float]:
    """Return mean and S(60) of the Weibull of greatest likelihood, months as exact times."""
    logs, there = np.log(months), left + stayed

    def slope(shape: float) -> float:
        powers = there * months**shape
        return float(powers @ logs / powers.sum() - 1 / shape - left @ logs / left.sum())

    shape = brentq(slope, 0.05, 20)
    scale = float((there @ months**shape / left.sum()) ** (1 / shape))
    draws = np.polynomial.laguerre.laggauss(80)
    return scale * float(draws[1] @ draws[0] ** (1 / shape)), float(
        np.exp(-((60 / scale) ** shape))
    )


def minimum_term(rng: np.random.Generator) -> dict[str, Three]:
    size = 4000
    stay, seen = drawn(rng, TERM, size), rng.integers(FROM, TO + 1, size)
    left, exit_ = stay <= seen, np.minimum(stay, seen)
    made = table(dealt(rng, size), exit_, left)
    curve = kaplan_meier(made)
    months = np.arange(1.0, TO + 1)
    gone, still = (np.bincount(exit_[x], minlength=TO + 1)[1:].astype(float) for x in (left, ~left))
    (plain, plain_60), (bent, bent_60) = (f(months, gone, still) for f in (constant, weibull))
    return {
        "S(24)": three(curve.at(24)),
        "S(11)": three(curve.at(11)),
        "RMST(24)": three(curve.rmst(24)),
        "hazard(12)": three(hazard(made).at(12)),
        "exponential, mean": exact(plain),
        "exponential, mean, as the mean": exact(plain),
        "exponential, S(60)": exact(plain_60),
        "exponential, S(60), as S(60)": exact(plain_60),
        "Weibull, mean": exact(bent),
        "Weibull, mean, as the mean": exact(bent),
        "Weibull, S(60)": exact(bent_60),
        "Weibull, S(60), as S(60)": exact(bent_60),
    }


def without_chance() -> tuple[tuple[float, float], tuple[float, float]]:
    """Return mean and S(60) of exponential and Weibull in a world without chance."""
    months = np.arange(1.0, TO + 1)
    seen = np.clip((TO + 1 - months) / (TO + 1 - FROM), 0, 1)
    left = seen * -np.diff(STAYS[: TO + 1])
    stayed = np.where(months >= FROM, STAYS[1 : TO + 1], 0.0) / (TO + 1 - FROM)
    return constant(months, left, stayed), weibull(months, left, stayed)


EXPONENTIAL, WEIBULL = without_chance()
MINIMUM = Recipe(
    "minimum term",
    "4000 customers, hazard 0 for 11 months, .20 in month 12 and .02 after, observed for 6 to 30 "
    "months; smooth families against the counted curve",
    (
        Check("S(24)", float(STAYS[24])),
        Check("S(11)", 1.0, "none", "conservative"),
        Check("RMST(24)", mean_within(STAYS, 24)),
        Check("hazard(12)", 0.20),
        Check("exponential, mean", EXPONENTIAL[0], "none", ""),
        Check("exponential, mean, as the mean", MEAN, "must miss", ""),
        Check("exponential, S(60)", EXPONENTIAL[1], "none", ""),
        Check("exponential, S(60), as S(60)", float(STAYS[60]), "must miss", ""),
        Check("Weibull, mean", WEIBULL[0], "none", ""),
        Check("Weibull, mean, as the mean", MEAN, "must miss", ""),
        Check("Weibull, S(60)", WEIBULL[1], "none", ""),
        Check("Weibull, S(60), as S(60)", float(STAYS[60]), "must miss", ""),
    ),
    minimum_term,
)


def last_three_years(rng: np.random.Generator) -> dict[str, Three]:
    size = 2000
    stay, seen = rng.exponential(40, size), rng.uniform(0, 36, size)
    gone = stay <= seen
    whole = np.floor(seen)
    counted = np.ceil(stay) <= whole
    left = np.where(counted, np.ceil(stay) - 1, whole)
    rate = grouped_rate(left, np.where(counted, left + 1, np.inf))
    tenure = np.minimum(stay, seen)
    events, exposure = int(gone.sum()), float(tenure.sum())
    step = float(np.exp(1.959964 / np.sqrt(events)))
    return {
        "mean lifetime, whole months": three(lifetime(rate)),
        "exposure by events": (
            exposure / events,
            exposure / events / step,
            exposure / events * step,
        ),
        "share who left": exact(events / size),
        "mean tenure": exact(float(tenure.mean())),
        "mean tenure of those still there": exact(float(seen[~gone].mean())),
        "mean of leavers": exact(float(stay[gone].mean())),
        "mean of leavers, as a lifetime": exact(float(stay[gone].mean())),
    }


CUT = 40 * (1 - np.exp(-36 / 40))
SHARE = float(1 - CUT / 36)
TENURE = 40 * SHARE
# those still there: E[s exp(-s / 40)] / E[exp(-s / 40)] with s uniform
ACTIVE = float((40 * CUT - 36 * 40 * np.exp(-0.9)) / CUT)
GONE = float((TENURE - ACTIVE * (1 - SHARE)) / SHARE)
CENSORED = Recipe(
    "exposure by events",
    "2000 customers who joined in the last 36 months, exponential with mean 40, followed to the "
    "day",
    (
        Check("mean lifetime, whole months", 40),
        Check("exposure by events", 40),
        Check("share who left", SHARE, "none", ""),
        Check("mean tenure", TENURE, "none", ""),
        Check("mean tenure of those still there", ACTIVE, "none", ""),
        Check("mean of leavers", GONE, "none", ""),
        Check("mean of leavers, as a lifetime", 40, "must miss", ""),
    ),
    last_three_years,
)

RECIPES = (MIGRATED, MINIMUM, CENSORED)
