"""The trap of second spells: those who leave easily are those who can come back."""

from __future__ import annotations

import numpy as np
from scipy import optimize

from stammkunde.survival.persons import Patterns, order_effect
from tests.validate.counting import dealt
from tests.validate.rule import Check, Recipe, Three, three

HORIZON = 36
UNITS, RATE, VARIANCE, BACK = 100, 0.03, 0.5, 0.6


def second_spells(rng: np.random.Generator, size: int, units: int = UNITS) -> Patterns:
    """Return the first two spells of persons watched for 36 months of `units` units of tenure."""
    z = rng.gamma(1 / VARIANCE, VARIANCE, size)
    one, two = (rng.exponential(size=size) / (RATE * z) for _ in range(2))
    first = np.ceil(one * units)
    left = first <= HORIZON * units
    rest = np.floor((HORIZON - one) * units)
    back = left & (rng.random(size) < BACK) & (rest >= 1)
    again = np.ceil(two * units)
    whole = {
        "entry": np.zeros(size),
        "first": np.minimum(first, HORIZON * units),
        "left": left,
        "second": np.where(back, np.minimum(again, rest), 0),
        "left_again": back & (again <= rest),
        "block": dealt(rng, size),
        "count": np.ones(size),
    }
    return Patterns(**{n: a.astype(np.int64) for n, a in whole.items()}, unit="month")


def logs(found: Three) -> Three:
    value, low, high = (float(np.log(x)) for x in found)
    return value, low, high


def pooled_limit() -> float:
    """Return the log ratio that pooling tends to: the root of the expected partial score.

    First spells at risk at tenure t are L(.03 t); second ones have to begin before month 36 - t.
    """
    t = (np.arange(200_000) + 0.5) * HORIZON / 200_000

    def law(x: np.ndarray | float) -> np.ndarray:
        return np.asarray((1 + VARIANCE * RATE * x) ** (-1 / VARIANCE))

    def density(x: np.ndarray | float) -> np.ndarray:
        return np.asarray(RATE * (1 + VARIANCE * RATE * x) ** (-1 / VARIANCE - 1))

    first, second = law(t), BACK * (law(t) - law(HORIZON))
    left, again = density(t), BACK * (density(t) - density(HORIZON))

    def score(log_ratio: float) -> float:
        share = np.exp(log_ratio) * second / (first + np.exp(log_ratio) * second)
        return float((again - (left + again) * share).sum())

    return float(optimize.brentq(score, -2, 2))


def trap(rng: np.random.Generator) -> dict[str, Three]:
    effect = order_effect(second_spells(rng, 3000))
    naive, frailty = (logs(three(e)) for e in (effect.naive, effect.frailty))
    return {
        "log ratio, gamma frailty": frailty,
        "variance of the frailty": three(effect.variance),
        "log ratio, pooled": naive,
        "log ratio, pooled, as an effect": naive,
    }


TRAP = Recipe(
    "second spells",
    "3000 persons watched for 36 months, rate .03 a month times a gamma frailty (variance .5) in "
    "both spells; who leaves returns with .6; months of 100 units",
    (
        Check("log ratio, gamma frailty", 0.0),
        Check("variance of the frailty", VARIANCE),
        Check("log ratio, pooled", pooled_limit()),
        Check("log ratio, pooled, as an effect", 0.0, "must miss", "must fall short"),
    ),
    trap,
)
