"""The trap of second spells: those who leave easily are those who can come back."""

from __future__ import annotations

import numpy as np
from scipy import optimize

from stammkunde.survival.persons import Patterns, order_effect, without_terms
from tests.validate.counting import dealt
from tests.validate.rule import Check, Recipe, Three, three

HORIZON = 36
UNITS, RATE, VARIANCE, BACK = 100, 0.03, 0.5, 0.6
# time is counted in these; the fewer, the more courses are alike, and the answers hardly differ
FEW_UNITS = 4


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


def after_new_terms(rng: np.random.Generator, size: int, units: int = UNITS) -> Patterns:
    """Return two spells of persons who begin in months 0 to 24 and are watched to month 48.

    Whoever signs before month 18 leaves at half the rate, whichever spell it is.
    """
    z = rng.gamma(1 / VARIANCE, VARIANCE, size)
    start = rng.uniform(0, 24, size)
    terms = (start >= CHANGE).astype(np.int64)
    one = rng.exponential(size=size) / (RATE * z * (1 + terms))
    terms_again = (start + one >= CHANGE).astype(np.int64)
    two = rng.exponential(size=size) / (RATE * z * (1 + terms_again))
    watched, rest = (np.floor((CLOSE - start - x) * units) for x in (0, one))
    first, again = np.ceil(one * units), np.ceil(two * units)
    left = first <= watched
    back = left & (rng.random(size) < BACK) & (rest >= 1)
    whole = {
        "entry": np.zeros(size),
        "first": np.minimum(first, watched),
        "left": left,
        "second": np.where(back, np.minimum(again, rest), 0),
        "left_again": back & (again <= rest),
        "block": dealt(rng, size),
        "count": np.ones(size),
        "terms": terms,
        "terms_again": np.where(back, terms_again, 0),
    }
    return Patterns(**{n: a.astype(np.int64) for n, a in whole.items()}, unit="month")


def new_terms(rng: np.random.Generator) -> dict[str, Three]:
    parts = after_new_terms(rng, 3000, FEW_UNITS)
    effect, blind = order_effect(parts), order_effect(without_terms(parts))
    return {
        "log ratio, frailty, by terms": logs(three(effect.frailty)),
        "variance of the frailty, by terms": three(effect.variance),
        "log ratio, frailty, terms unknown": logs(three(blind.frailty)),
        "log ratio, pooled, terms unknown": logs(three(blind.naive)),
        "log ratio, pooled, by terms": logs(three(effect.naive)),
    }


CHANGE, CLOSE = 18, 48
CHANGED = Recipe(
    "second spells after new terms",
    "3000 persons who begin in months 0 to 24, watched to month 48; rate .03 a month of contracts "
    "signed before month 18 and .06 of later ones, times a gamma frailty (variance .5) in both "
    "spells; who leaves returns with .6; months of 4 units",
    (
        Check("log ratio, frailty, by terms", 0.0),
        Check("variance of the frailty, by terms", VARIANCE),
        Check("log ratio, frailty, terms unknown", 0.0, "must miss", "must fall short"),
        Check("log ratio, pooled, terms unknown", 0.0, "must miss", "must fall short"),
        Check("log ratio, pooled, by terms", 0.0, "must miss", "must fall short"),
    ),
    new_terms,
)
