"""A rebate after a price rise: before and after alone call it a success, though it does nothing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd

from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.dates.calendar import (
    before_and_after,
    difference_in_differences,
    event_study,
)
from stammkunde.evidence.trial import compare
from tests.validate.counting import dealt
from tests.validate.rule import Check, Recipe, Three, three

SIZE, GRANTED, LAST = 5000, 33, 44
BEFORE, LATE, AFTER = range(-6, 0), range(-3, 0), range(12)
NAN = float("nan")
ARMS = ("rebate", "no rebate")
NODES, MASS = np.polynomial.hermite_e.hermegauss(80)


def hazards(frail: np.ndarray, log_odds: float) -> np.ndarray:
    """Return the hazards [N, 44] of months 1 .. 44; the rebate changes the odds from month 33."""
    month = np.arange(1, LAST + 1)
    rise = np.log(2.5) * ((month >= 30) & (month < GRANTED))
    return 1 / (1 + np.exp(3.5 - frail[:, None] - rise - log_odds * (month >= GRANTED)))


def true_months(log_odds: float) -> float:
    """Return the expected months within 12 that a rebate in month 33 adds to those still there."""
    mass = MASS / MASS.sum()
    stays = [np.cumprod(1 - hazards(0.8 * NODES, b), axis=1) for b in (0.0, log_odds)]
    there = mass @ stays[0][:, GRANTED - 2]
    within = [mass @ s[:, GRANTED - 2 : LAST - 1].sum(axis=1) / there for s in stays]
    return float(within[1] - within[0])


def true_odds(months: range) -> float:
    """Return the odds of leaving in so many months since the day, over all customer months."""
    mass, hazard = MASS / MASS.sum(), hazards(0.8 * NODES, 0.0)
    alive = np.cumprod(1 - hazard, axis=1)
    starts = np.concatenate([np.ones((len(NODES), 1)), alive[:, :-1]], axis=1)
    place = np.array(months) + GRANTED - 1
    at_risk, left = (mass @ a[:, place] for a in (starts, starts * hazard))
    return float(left.sum() / (at_risk.sum() - left.sum()))


def world(rng: np.random.Generator, log_odds: float) -> dict[str, np.ndarray]:
    frail, given = rng.normal(0, 0.8, SIZE), rng.random(SIZE) < 0.5
    plain, rebated = hazards(frail, 0.0), hazards(frail, log_odds)
    leaves = rng.random((SIZE, LAST)) < np.where(given[:, None], rebated, plain)
    stay = np.where(leaves.any(axis=1), leaves.argmax(axis=1) + 1, LAST + 1)
    return {"given": given, "stay": stay, "block": dealt(rng, SIZE)}


def months_of(made: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Return the customer months around the day on which the rebate began, counted."""
    parts = []
    for period in (*BEFORE, *AFTER):
        there = made["stay"] >= period + GRANTED
        frame = pd.DataFrame({"treated": made["given"][there], "block": made["block"][there]})
        frame["left"] = (made["stay"][there] == period + GRANTED).astype(int)
        parts.append(frame.assign(period=period, cell=0, at_risk=1))
    keys = ["treated", "period", "cell", "block"]
    return pd.concat(parts).groupby(keys, as_index=False)[["at_risk", "left"]].sum()


def once(rng: np.random.Generator, log_odds: float) -> dict[str, Three]:
    made = world(rng, log_odds)
    there = made["stay"] >= GRANTED
    rows = {n: a[there] for n, a in made.items()}
    since = rows["stay"] - GRANTED + 1
    frame = pd.DataFrame(
        {
            "arm": np.where(rows["given"], *ARMS),
            "cell": 0,
            "block": rows["block"],
            "begin": 0,
            "finish": np.minimum(since, 12),
            "end": np.where(since <= 12, "left", "censored"),
            "n": 1,
        }
    )
    found = {
        "months within 12": three(compare(baseline_trial(frame, ARMS, reach=12), *ARMS, 12).months)
    }
    if log_odds:
        return found
    counts = months_of(made)
    study = event_study(counts[counts.period >= 0], per=12)
    found["ratio beside those without"] = (study.value[0], study.low[0], study.high[0])
    found["ratio of ratios"] = three(difference_in_differences(counts, BEFORE, AFTER))
    odds = np.log(before_and_after(counts, BEFORE, AFTER))
    found["log odds, before and after"] = (odds, NAN, NAN)
    found["the same, by its own limit"] = (odds, NAN, NAN)
    late = np.log(before_and_after(counts, LATE, AFTER))
    found["log odds, three months before"] = (late, NAN, NAN)
    return found


def limit(before: range) -> float:
    return float(np.log(true_odds(AFTER) / true_odds(before)))


AFTER_A_RISE = Recipe(
    "rebate after a price rise",
    "5,000 customers, prices rise in month 30, from month 33 on a coin gives half of those there a "
    "rebate that does nothing; 12 months",
    (
        Check("months within 12", 0.0),
        Check("ratio beside those without", 1.0),
        Check("ratio of ratios", 1.0),
        Check("log odds, before and after", 0.0, "must miss", ""),
        Check("the same, by its own limit", limit(BEFORE), "none", ""),
        Check("log odds, three months before", limit(LATE), "none", ""),
    ),
    partial(once, log_odds=0.0),
)
AND_WORKS = Recipe(
    "rebate that works after a price rise",
    "the same, the rebate multiplying the monthly odds by 0.7",
    (Check("months within 12", true_months(np.log(0.7))),),
    partial(once, log_odds=float(np.log(0.7))),
)
RECIPES = (AFTER_A_RISE, AND_WORKS)
