"""Worlds whose future is known: what is projected from their first years against what comes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from stammkunde.survival.projection import (
    base_lifetime,
    choose,
    estimate_of,
    fitted,
    lifetime,
    outlook,
    projected,
    residual_lifetime,
    still_there,
    two_readings,
)
from stammkunde.survival.projection.choice import Choice
from stammkunde.survival.projection.families import BETA_GEOMETRIC, BETA_WEIBULL, log_survival
from tests.validate import ends
from tests.validate.counting import dealt, table
from tests.validate.ends import share_at
from tests.validate.recipes import drawn, mean_within
from tests.validate.rule import Check, Recipe, Three, three


def law_of(alpha: float, beta: float, length: int) -> np.ndarray:
    return np.exp(log_survival(BETA_GEOMETRIC, np.log([alpha, beta]), length)[0])


SORTED, EVERY = (0.704, 1.182), 120
CURVE = law_of(*SORTED, EVERY + 12)
V = 1.1 ** -np.arange(float(EVERY))


def sorting(rng: np.random.Generator) -> Mapping[str, Three]:
    """Return both readings of a law in which everybody keeps a hazard of his own."""
    theta = rng.beta(*SORTED, 4000)
    stay, last = rng.geometric(np.maximum(theta, 1e-9)), rng.integers(3, 8, 4000)
    made = table(dealt(rng, 4000), np.minimum(stay, last), stay <= last, unit="year")
    fit = fitted(made, "beta-geometric")
    look = outlook(made, Choice((fit,), np.ones(1), {}), EVERY + 12)
    two, there = two_readings(look, 1, 7), still_there(made)
    stock = base_lifetime(look, there, EVERY, interest=0.1)
    ahead = [(CURVE[g : g + EVERY] / CURVE[g]) @ V for g in range(len(there))]
    truth = float(there @ np.array(ahead))
    parameters = fit.parameters()
    return {
        "alpha": three(parameters["alpha"]),
        "beta": three(parameters["beta"]),
        "S(7)": three(two.today),
        "S(7), all kept for a year, sorting": three(two.by_sorting),
        "S(7), all kept for a year, habit": three(two.by_habit),
        "S(14)": share_at(made, fit, 14),
        "S(14), one hazard for all": share_at(made, fitted(made, "geometric"), 14),
        "discounted lifetime": three(lifetime(look, EVERY, interest=0.1)),
        "of who stayed 3 years": three(residual_lifetime(look, 3, EVERY, interest=0.1)),
        "of all who are there, by truth": _by(three(stock), truth),
    }


def _by(found: Three, truth: float) -> Three:
    value, low, high = (x / truth for x in found)
    return value, low, high


SORTING = Recipe(
    "customers who differ",
    "4000 customers with hazards of their own, Beta(.704, 1.182) a year, in five cohorts observed "
    "for 3 to 7 years; if all are kept for the first year, .2625 are there after 7",
    (
        Check("alpha", SORTED[0]),
        Check("beta", SORTED[1]),
        Check("S(7)", float(CURVE[7])),
        Check("S(7), all kept for a year, sorting", float(CURVE[6])),
        Check("S(7), all kept for a year, habit", float(CURVE[6]), "must miss", ""),
        Check("S(14)", float(CURVE[14])),
        Check("S(14), one hazard for all", float(CURVE[14]), "must miss", ""),
        Check("discounted lifetime", float(CURVE[:EVERY] @ V)),
        Check("of who stayed 3 years", float(CURVE[3 : 3 + EVERY] / CURVE[3] @ V)),
        Check("of all who are there, by truth", 1.0),
    ),
    sorting,
)

BENT = (0.6, 4.0, 1.4)
TURNED = np.exp(log_survival(BETA_WEIBULL, np.log(BENT), 48)[0])


def bent(rng: np.random.Generator) -> Mapping[str, Three]:
    stay = drawn(rng, 1 - TURNED[1:25] / TURNED[:24], 20_000)
    made = table(dealt(rng, 20_000), np.minimum(stay, 24), stay <= 24)
    fit = fitted(made, "beta-discrete-Weibull")
    parameters = fit.parameters()
    return {
        **{name: three(e) for name, e in parameters.items()},
        "S(48)": share_at(made, fit, 48),
        "S(48), beta-geometric": share_at(made, fitted(made, "beta-geometric"), 48),
    }


BENDING = Recipe(
    "beta-discrete-Weibull law",
    "20,000 customers of the law .6, 4, 1.4, all observed for 24 months",
    (
        Check("alpha", BENT[0], "none", "exact"),
        Check("beta", BENT[1], "none", "exact"),
        Check("c", BENT[2], "none", "exact"),
        Check("S(48)", float(TURNED[48])),
        Check("S(48), beta-geometric", float(TURNED[48]), "must miss", ""),
    ),
    bent,
)

MONTHLY = (0.9, 12.0)
LONG = law_of(*MONTHLY, 60)


def late(rng: np.random.Generator) -> Mapping[str, Three]:
    size = 6000
    join = rng.integers(-36, 24, size)
    stay = rng.geometric(np.maximum(rng.beta(*MONTHLY, size), 1e-9))
    join, stay = (a[join + stay > 0] for a in (join, stay))
    entry, last = np.maximum(0, -join), 24 - join
    block, exits, left = dealt(rng, len(join)), np.minimum(stay, last), stay <= last
    made = table(block, exits, left, entry=entry, horizon=48)
    naive = table(block, exits, left, horizon=48)
    fit = fitted(made, "beta-geometric")
    look = projected(made, fit, 60)
    wrong = fitted(naive, "log-logistic")
    return {
        "alpha": three(fit.parameters()["alpha"]),
        "beta": three(fit.parameters()["beta"]),
        "S(60)": share_at(made, fit, 60),
        "RMST(60)": three(estimate_of(look, lambda s: s[:, :60].sum(axis=1), "log", "month", "")),
        "S(60), entry ignored": share_at(naive, wrong, 60),
    }


LATE = Recipe(
    "late entry, projected",
    "6000 starts in 60 months of customers with hazards of their own, Beta(.9, 12); only who was "
    "there at month 0 or joined later is in the data, to month 24",
    (
        Check("alpha", MONTHLY[0]),
        Check("beta", MONTHLY[1]),
        Check("S(60)", float(LONG[60])),
        Check("RMST(60)", mean_within(LONG, 60)),
        Check("S(60), entry ignored", float(LONG[60]), "must miss", ""),
    ),
    late,
)


def returning(rng: np.random.Generator) -> Mapping[str, Three]:
    person = np.repeat(np.arange(500), 5)
    stay = rng.geometric(np.maximum(rng.beta(2.0, 20.0, 500), 1e-9)[person])
    exits, left = np.minimum(stay, 24), stay <= 24
    block = dealt(rng, 500)[person]
    own = table(block, exits, left, person=person)
    one = table(np.zeros_like(block), exits, left, person=person)
    fits = fitted(own, "beta-geometric"), fitted(one, "beta-geometric")
    return {
        "S(48)": share_at(own, fits[0], 48),
        "S(48), errors of units": share_at(one, fits[1], 48),
        "beta": three(fits[0].parameters()["beta"]),
    }


AGAIN = law_of(2.0, 20.0, 48)
REPEAT = Recipe(
    "repeat spells, projected",
    "500 persons with five spells each and one hazard per person, Beta(2, 20), followed for 24 "
    "months",
    (
        Check("S(48)", float(AGAIN[48])),
        Check("S(48), errors of units", float(AGAIN[48]), "", "must fall short"),
        Check("beta", 20.0, "", "exact"),
    ),
    returning,
)

LOGISTIC = 1 / (1 + (np.arange(97) / 20) ** 1.1)


def several(rng: np.random.Generator) -> Mapping[str, Three]:
    stay = drawn(rng, 1 - LOGISTIC[1:] / LOGISTIC[:-1], 1500)
    made = table(dealt(rng, 1500), np.minimum(stay, 24), stay <= 24)
    look = outlook(made, choose(made), 96)
    return {
        "S(48)": three(look.number(lambda s: s[:, 48], "log-log", "share", "")),
        "S(96)": three(look.number(lambda s: s[:, 96], "log-log", "share", "")),
        "RMST(96)": three(lifetime(look, 96)),
    }


SEVERAL = Recipe(
    "several families",
    "1500 customers of a log-logistic law (scale 20 months, shape 1.1), followed for 24 months; "
    "six families, weighted; conservative, since the law is one of them",
    (
        Check("S(48)", float(LOGISTIC[48]), "", "conservative"),
        Check("S(96)", float(LOGISTIC[96]), "", "conservative"),
        Check("RMST(96)", mean_within(LOGISTIC, 96), "", "conservative"),
    ),
    several,
)

RECIPES = (*ends.RECIPES, SORTING, BENDING, LATE, REPEAT, SEVERAL)
