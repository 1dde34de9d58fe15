"""Worlds in which a projection needs to know how contracts end, or that some customers stay."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.special import gamma

from stammkunde.survival.projection import (
    choose,
    contract,
    cure_fraction,
    estimate_of,
    fitted,
    projected,
)
from stammkunde.survival.projection.fit import Fit
from stammkunde.survival.table import LifeTable
from tests.validate.counting import dealt, table
from tests.validate.recipes import drawn, mean_within, steady
from tests.validate.rule import Check, Recipe, Three, three

NAN = float("nan")
FAR = 900
TERM = np.concatenate([np.zeros(11), [0.2], np.full(FAR - 12, 0.02)])
STAYS = steady(TERM)


def yes(holds: bool) -> Three:
    """Return an interval that covers 0 where something holds."""
    return (0.0, -1.0, 1.0) if holds else (0.0, 1.0, 2.0)


def share_at(made: LifeTable, fit: Fit, unit: int) -> Three:
    look = projected(made, fit, unit)
    return three(estimate_of(look, lambda s: s[:, unit], "log-log", "share", "S"))


def weibull_of_exact_times(exits: np.ndarray, left: np.ndarray) -> tuple[float, float]:
    """Return scale and shape, as packages fit them: months taken for exact times."""
    there, gone = np.bincount(exits).astype(float), np.bincount(exits[left], minlength=1)
    logs = np.log(np.maximum(np.arange(len(there)), 1))
    mean, shape = float((gone * logs[: len(gone)]).sum() / gone.sum()), 1.0
    for _ in range(30):
        power = there * np.exp(shape * logs) * (np.arange(len(there)) > 0)
        one, two, three_ = (float((power * logs**k).sum()) for k in range(3))
        slope = two / one - 1 / shape - mean
        shape -= slope / (three_ / one - (two / one) ** 2 + 1 / shape**2)
    power = there * np.exp(shape * logs) * (np.arange(len(there)) > 0)
    return float((power.sum() / gone.sum()) ** (1 / shape)), float(shape)


def minimum_term(rng: np.random.Generator) -> Mapping[str, Three]:
    stay, last = drawn(rng, TERM[:30], 4000), rng.integers(6, 31, 4000)
    exits, left = np.minimum(stay, last), stay <= last
    made = table(dealt(rng, 4000), exits, left)
    look = projected(made, fitted(made, contract(made, [12])), FAR)
    mean = float(exits.sum() / left.sum())
    scale, shape = weibull_of_exact_times(exits, left)
    whole = scale * float(gamma(1 + 1 / shape))
    later = float(np.exp(-((60 / scale) ** shape)))
    return {
        "S(24)": three(estimate_of(look, lambda s: s[:, 24], "log-log", "share", "")),
        "S(60)": three(estimate_of(look, lambda s: s[:, 60], "log-log", "share", "")),
        "RMST(60)": three(estimate_of(look, lambda s: s[:, :60].sum(axis=1), "log", "month", "")),
        "mean": three(estimate_of(look, lambda s: s[:, :FAR].sum(axis=1), "log", "month", "")),
        "mean, exponential": (mean, NAN, NAN),
        "mean of the exponential": (mean, NAN, NAN),
        "S(60), exponential": (float(np.exp(-60 / mean)), NAN, NAN),
        "mean, Weibull": (whole, NAN, NAN),
        "mean of the Weibull": (whole, NAN, NAN),
        "S(60), Weibull": (later, NAN, NAN),
        "beta-geometric refused": yes(bool(fitted(made, "beta-geometric").problem)),
        "all laws without a term refused": yes(not choose(made).fits),
    }


MINIMUM = Recipe(
    "minimum term, projected",
    "4000 customers, hazard 0 in months 1 to 11, .20 in month 12, .02 after, observed for 6 to 30 "
    "months; naive: months taken for exact times of an exponential or Weibull law",
    (
        Check("S(24)", float(STAYS[24])),
        Check("S(60)", float(STAYS[60])),
        Check("RMST(60)", mean_within(STAYS, 60)),
        Check("mean", 52.0),
        Check("mean, exponential", 52.0, "must miss", ""),
        Check("mean of the exponential", 64.2, "none", ""),
        Check("S(60), exponential", float(STAYS[60]), "must miss", ""),
        Check("mean, Weibull", 52.0, "must miss", ""),
        Check("mean of the Weibull", 28.0, "none", ""),
        Check("S(60), Weibull", float(STAYS[60]), "must miss", ""),
        Check("beta-geometric refused", 0, "", "conservative"),
        Check("all laws without a term refused", 0, "", "conservative"),
    ),
    minimum_term,
)


def plateau(rng: np.random.Generator, last: int) -> LifeTable:
    """Return 4000 customers, of whom .3 stay for ever and the others leave by a Weibull law."""
    stay = np.ceil(20 * rng.weibull(1.2, 4000)).astype(int)
    stay = np.maximum(np.where(rng.random(4000) < 0.3, 10_000, stay), 1)
    return table(dealt(rng, 4000), np.minimum(stay, last), stay <= last)


def followed_long(rng: np.random.Generator) -> Mapping[str, Three]:
    made = plateau(rng, 96)
    found = cure_fraction(made)
    told = found.share[""]
    own = next(f for f in found.fits if f.family.name.startswith("Weibull"))
    printed = not told.reason
    return {
        "share that stays, law known": three(own.parameters()["stays"]),
        "share that stays, where printed": three(told) if printed else (NAN, -1.0, 1.0),
        "printed": yes(printed),
        "S(240)": share_at(made, own, 240),
        "S(240), nobody stays": share_at(made, fitted(made, "Weibull"), 240),
    }


def followed_briefly(rng: np.random.Generator) -> Mapping[str, Three]:
    made = plateau(rng, 24)
    return {
        "not printed": (float(bool(cure_fraction(made).share[""].reason)), NAN, NAN),
        "S(60), nobody stays": share_at(made, fitted(made, "Weibull"), 60),
    }


PLATEAU = (
    Recipe(
        "a share that stays, followed long",
        "4000 customers, .3 of whom stay for ever; the others by Weibull's law (shape 1.2, scale "
        "20 months), all followed for 96 months; not printed counts as covered",
        (
            Check("share that stays, law known", 0.3),
            Check("share that stays, where printed", 0.3, "", "conservative"),
            Check("printed", 0, "", "conservative"),
            Check("S(240)", 0.3),
            Check("S(240), nobody stays", 0.3, "must miss", ""),
        ),
        followed_long,
    ),
    Recipe(
        "a share that stays, followed briefly",
        "the same customers, followed for 24 months: 1 where no share is printed",
        (
            Check("not printed", 1.0, "none", ""),
            Check("S(60), nobody stays", 0.3 + 0.7 * float(np.exp(-(3**1.2))), "must miss", ""),
        ),
        followed_briefly,
    ),
)

RECIPES = (MINIMUM, *PLATEAU)
