"""Worlds with proportional hazards seen by month: coefficients, and errors when persons repeat."""

from __future__ import annotations

import numpy as np

from stammkunde.survival.cox.fit import CoxFit, cox
from stammkunde.survival.cox.proportional import proportionality
from tests.validate.counting import dealt
from tests.validate.rule import Check, Recipe, Three

NAN = float("nan")
LOG_RATIO, OTHER = 0.7, -0.3


def coefficient(fit: CoxFit) -> Three:
    """Return the log hazard ratio of the first covariate and its limits."""
    ratio = fit.hazard_ratios()[0]
    if ratio.value is None or ratio.low is None or ratio.high is None:
        return NAN, NAN, NAN
    low, value, high = np.log([ratio.low, ratio.value, ratio.high])
    return float(value), float(low), float(high)


def seen_by_month(rng: np.random.Generator) -> dict[str, Three]:
    size = 3000
    x = np.column_stack([rng.random(size) < 0.4, rng.integers(0, 3, size)]).astype(float)
    rate = 0.1 * np.exp(x @ [LOG_RATIO, OTHER])
    stay = np.ceil(rng.exponential(size=size) / rate).astype(int)
    entry = rng.integers(1, 7, size) * (rng.random(size) < 0.3)
    there = stay > entry
    x, stay, entry = x[there], stay[there], entry[there]
    seen = entry + rng.integers(1, 25, len(stay))
    exit_, left = np.minimum(stay, seen), stay <= seen
    fit = cox(exit_, left, x, entry=entry)
    kept = 0.0 if proportionality(fit)[-1].p >= 0.05 else 1.0
    return {
        "log hazard ratio": coefficient(fit),
        "proportionality holds": (0.0, kept, kept),
        "log hazard ratio, Breslow": coefficient(cox(exit_, left, x, entry=entry, ties="breslow")),
    }


TIES = Recipe(
    "proportional hazards by month",
    "3000 customers with hazards proportional at every moment, seen by month, some of them late",
    (
        Check("log hazard ratio", LOG_RATIO),
        Check("proportionality holds", 0.0, "", "exact"),
        Check("log hazard ratio, Breslow", LOG_RATIO, "must miss", ""),
    ),
    seen_by_month,
)

# A frailty with a positive stable law of index 0.6 leaves hazards proportional; all log hazard
# ratios are multiplied by it (Hougaard 1986).
STABLE = 0.6


def stable(rng: np.random.Generator, size: int) -> np.ndarray:
    """Return draws with the Laplace transform exp(-s^0.6) (Kanter 1975)."""
    angle, load = np.pi * rng.random(size), rng.exponential(size=size)
    first = np.sin(STABLE * angle) / np.sin(angle) ** (1 / STABLE)
    return first * (np.sin((1 - STABLE) * angle) / load) ** ((1 - STABLE) / STABLE)


def persons_return(rng: np.random.Generator) -> dict[str, Three]:
    persons, spells = 600, 8
    who = np.repeat(np.arange(persons), spells)
    x = (rng.random(persons) < 0.5).astype(float)[who]
    rate = 0.005 * stable(rng, persons)[who] * np.exp(x)
    moment = np.minimum(rng.exponential(size=len(who)) / rate, 1e6)
    stay, seen = np.ceil(moment).astype(int), rng.integers(6, 37, len(who))
    exit_, left = np.minimum(stay, seen), stay <= seen
    return {
        "errors by person": coefficient(cox(exit_, left, x, cluster=who)),
        "errors by block": coefficient(cox(exit_, left, x, cluster=dealt(rng, persons)[who])),
        "errors by spell": coefficient(cox(exit_, left, x)),
    }


RETURNING = Recipe(
    "proportional hazards, repeat spells",
    "600 persons with eight spells each and one frailty per person that keeps hazards proportional",
    (
        Check("errors by person", STABLE),
        Check("errors by block", STABLE),
        Check("errors by spell", STABLE, "none", "must fall short"),
    ),
    persons_return,
)

RECIPES = (TIES, RETURNING)
