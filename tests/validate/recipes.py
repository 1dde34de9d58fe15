"""Worlds with a known truth in which customers have one spell each, or are seen late."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from stammkunde.survival.contrasts import rmst_difference
from stammkunde.survival.kaplan_meier import hazard, kaplan_meier
from tests.validate.counting import anniversary, completed_months, dealt, table
from tests.validate.rule import Check, Recipe, Three, three

DAYS = np.arange("2021-01-01", "2024-01-01", dtype="datetime64[D]")
CLOSE = np.datetime64("2024-01-01")
NAN = float("nan")


def mean_within(survival: np.ndarray, horizon: int) -> float:
    """Return the sum of S(0) .. S(horizon - 1)."""
    return float(survival[:horizon].sum())


def steady(hazards: np.ndarray) -> np.ndarray:
    """Return S(0), S(1), ... of the hazards of months 1, 2, ..."""
    return np.concatenate([[1.0], np.cumprod(1 - hazards)])


def drawn(rng: np.random.Generator, hazards: np.ndarray, size: int) -> np.ndarray:
    """Return months of leaving under the hazards of months 1 .. K; K + 1 where later."""
    return 1 + np.searchsorted(-steady(hazards)[1:], -rng.random(size), side="left")


def dated_contracts(rng: np.random.Generator) -> dict[str, Three]:
    size = 20_000
    start = rng.choice(DAYS, size)
    stay = rng.geometric(0.02, size)
    first, after = anniversary(start, stay - 1), anniversary(start, stay)
    last = first + (rng.random(size) * (after - first).astype(np.int64)).astype(np.int64)
    units, seen = completed_months(start, last) + 1, completed_months(start, np.full(size, CLOSE))
    block, left, gone = dealt(rng, size), units <= seen, last < CLOSE
    curve = kaplan_meier(table(block, np.where(left, units, seen), left))
    naive = kaplan_meier(table(block, np.where(gone, units, seen), gone))
    return {
        "S(24)": three(curve.at(24)),
        "RMST(24)": three(curve.rmst(24)),
        "S(24), events up and censorings down": three(naive.at(24)),
    }


MONTHS = Recipe(
    "months rule",
    "20,000 contracts begun on any day of three years, hazard .02 a month, leaving on any day; "
    "observation closes on one",
    (
        Check("S(24)", 0.98**24),
        Check("RMST(24)", mean_within(0.98 ** np.arange(24), 24)),
        Check("S(24), events up and censorings down", 0.98**24, "must miss", ""),
    ),
    dated_contracts,
)

TWO_PHASES = np.concatenate([np.full(12, 0.05), np.full(24, 0.02)])
OTHER = np.full(36, 0.03)


def one_spell(rng: np.random.Generator) -> dict[str, Three]:
    size = 500
    curves = []
    for hazards in (TWO_PHASES, OTHER):
        stay, seen = drawn(rng, hazards, size), rng.integers(1, 37, size)
        made = table(dealt(rng, size), np.minimum(stay, seen), stay <= seen)
        curves.append((made, kaplan_meier(made)))
    (made, one), (_, two) = curves
    blocks = kaplan_meier(made, errors="blocks")
    return {
        "S(12)": three(one.at(12)),
        "S(24)": three(one.at(24)),
        "S(24), interval log": three(kaplan_meier(made, interval="log").at(24)),
        "S(24), person blocks": three(blocks.at(24)),
        "RMST(24)": three(one.rmst(24)),
        "RMST(24), person blocks": three(blocks.rmst(24)),
        "RMST(24) difference": three(rmst_difference(one, two, 24)),
        "hazard(3)": three(hazard(made).at(3)),
        "hazard(3), person blocks": three(hazard(made, errors="blocks").at(3)),
    }


STAY, STAY_OTHER = steady(TWO_PHASES), steady(OTHER)
MEAN = mean_within(STAY, 24)
ONE = Recipe(
    "one spell each",
    "two arms of 500 customers, hazard .05 for a year and .02 after against .03; observed for 1 to "
    "36 months",
    (
        Check("S(12)", float(STAY[12])),
        Check("S(24)", float(STAY[24])),
        Check("S(24), interval log", float(STAY[24])),
        Check("S(24), person blocks", float(STAY[24])),
        Check("RMST(24)", MEAN),
        Check("RMST(24), person blocks", MEAN),
        Check("RMST(24) difference", MEAN - mean_within(STAY_OTHER, 24)),
        Check("hazard(3)", 0.05),
        Check("hazard(3), person blocks", 0.05),
    ),
    one_spell,
)


def median_in_days(rng: np.random.Generator) -> dict[str, Three]:
    size = 300
    stay, seen = np.ceil(rng.exponential(300 / np.log(2), size)), rng.integers(1, 901, size)
    made = table(dealt(rng, size), np.minimum(stay, seen).astype(int), stay <= seen, unit="day")
    return {"median": three(kaplan_meier(made).median())}


MEDIAN = Recipe(
    "median",
    "300 customers, exponential with a median of 300 days, observed for 1 to 900 days",
    (Check("median", 300, "", "exact"),),
    median_in_days,
)


def last_three_years(rng: np.random.Generator) -> dict[str, Three]:
    size = 2000
    stay, seen = rng.exponential(40, size), rng.uniform(0, 36, size)
    units, whole = np.ceil(stay).astype(int), np.floor(seen).astype(int)
    made = table(dealt(rng, size), np.minimum(units, whole), units <= whole)
    curve = kaplan_meier(made)
    events, exposure = int(made.moves.sum()), int(made.at_risk.sum())
    step = np.exp(1.959964 * np.sqrt((1 - events / exposure) / events))
    months = exposure / events
    leavers = float(stay[stay <= seen].mean())
    return {
        "S(24)": three(curve.at(24)),
        "RMST(30)": three(curve.rmst(30)),
        "exposure by events": (months, months / step, months * step),
        "mean of leavers": (leavers, NAN, NAN),
        "mean of leavers as a lifetime": (leavers, NAN, NAN),
    }


ADMINISTRATIVE = Recipe(
    "administrative censoring",
    "2000 customers who joined in the last 36 months, exponential with mean 40; the mean tenure of "
    "those who left is 10.314",
    (
        Check("S(24)", float(np.exp(-24 / 40))),
        Check("RMST(30)", mean_within(np.exp(-np.arange(30) / 40), 30)),
        Check("exposure by events", float(1 / (1 - np.exp(-1 / 40)))),
        Check("mean of leavers", 10.314, "none", ""),
        Check("mean of leavers as a lifetime", 40, "must miss", ""),
    ),
    last_three_years,
)

MIXED = 0.7 * 0.9 ** np.arange(40) + 0.3 * 0.99 ** np.arange(40)


def late_entry(rng: np.random.Generator) -> dict[str, Three]:
    size = 12_000
    join = rng.integers(-120, 24, size)
    stay = rng.geometric(np.where(rng.random(size) < 0.7, 0.1, 0.01))
    join, stay = (a[join + stay > 0] for a in (join, stay))
    entry, seen = np.maximum(0, -join), 24 - join
    block, left = dealt(rng, len(join)), stay <= seen
    exit_ = np.minimum(stay, seen)
    made = table(block, exit_, left, entry=entry, horizon=40)
    curve, later = kaplan_meier(made), kaplan_meier(made, given=12)
    naive = kaplan_meier(table(block, exit_, left, horizon=40))
    return {
        "S(12)": three(curve.at(12)),
        "S(36)": three(curve.at(36)),
        "RMST(36)": three(curve.rmst(36)),
        "S(36) given 12": three(later.at(36)),
        "RMST(36), entry ignored": three(naive.rmst(36)),
        "S(36), entry ignored": three(naive.at(36)),
    }


LATE = Recipe(
    "late entry",
    "12,000 starts of a mixture of hazards .10 (70 %) and .01 in 144 months; only who was there at "
    "month 0 or joined later is in the data",
    (
        Check("S(12)", float(MIXED[12])),
        Check("S(36)", float(MIXED[36])),
        Check("RMST(36)", mean_within(MIXED, 36)),
        Check("S(36) given 12", float(MIXED[36] / MIXED[12])),
        Check("RMST(36), entry ignored", mean_within(MIXED, 36), "must miss", ""),
        Check("S(36), entry ignored", float(MIXED[36]), "must miss", ""),
    ),
    late_entry,
)


def few_events(rng: np.random.Generator) -> Mapping[str, Three]:
    curves = []
    for rate in (0.002, 0.001):
        stay, seen = rng.geometric(rate, 60), rng.integers(12, 25, 60)
        made = table(dealt(rng, 60), np.minimum(stay, seen), stay <= seen, horizon=12)
        curves.append(kaplan_meier(made))
    one, two = curves
    return {
        "S(12)": three(one.at(12)),
        "RMST(12)": three(one.rmst(12)),
        "RMST(12) difference": three(rmst_difference(one, two, 12)),
    }


def months_of(rate: float) -> float:
    return mean_within((1 - rate) ** np.arange(12), 12)


FEW = Recipe(
    "few events",
    "60 customers per arm of whom one or two leave within a year; exact (beta product) limits",
    (
        Check("S(12)", 0.998**12, "none", "conservative"),
        Check("RMST(12)", months_of(0.002), "none", "conservative"),
        Check("RMST(12) difference", months_of(0.002) - months_of(0.001), "none", "conservative"),
    ),
    few_events,
)
