"""Worlds in which a level multiplies the hazard: coefficients, their errors, and fading effects."""

from __future__ import annotations

import numpy as np
from scipy import special, stats

from stammkunde.result import Estimate
from stammkunde.survival.drivers import solve
from stammkunde.survival.drivers.arrays import cells_from
from stammkunde.survival.drivers.cells import Cells, Factor, at_risk, events
from stammkunde.survival.drivers.fading import fading_test
from stammkunde.survival.drivers.model import driver_model, shape_of
from tests.validate.counting import dealt
from tests.validate.rule import Check, Recipe, Three

NAN, FAR = float("nan"), float("inf")
A, B = Factor("a", ("0", "1")), Factor("b", ("0", "1", "2"))
EFFECT, OTHER = 0.7, np.array([0.0, 0.4, -0.5])


def logs(ratio: Estimate) -> Three:
    """Return the log of a ratio and its limits; one that was not given says nothing."""
    if ratio.value is None or ratio.low is None or ratio.high is None:
        return NAN, -FAR, FAR
    with np.errstate(divide="ignore"):
        return tuple(float(x) for x in np.log([ratio.value, ratio.low, ratio.high]))  # type: ignore[return-value]


def verdict(p: float) -> Three:
    """Return an interval that holds 0 where a test at 5 % rejects nothing."""
    wrong = float(p < 0.05)
    return 0.0, wrong, wrong


def odds(cells: Cells) -> Three:
    """Return the log odds ratio of the first factor in a logistic model of the same months."""
    model = driver_model(cells)
    shape = shape_of(model.design, cells.levels, cells.length)
    n, d = at_risk(cells), events(cells)
    some = shape.member @ d > 0
    n = n * some[0]
    alpha, beta = (
        np.where(some, special.logit(np.clip(d.sum(0) / n.sum(0).clip(1), 1e-9, 0.99)), -40.0),
        np.zeros(3),
    )
    for _ in range(8):
        share = special.expit(alpha[shape.stratum] + solve.linear(shape, beta))
        form = solve.sums(shape, n * share * (1 - share))
        score = solve.scores(shape, d - n * share)
        step = np.linalg.solve(form.reduced(), score.reduced(form))
        alpha = alpha + (score.a - form.ab @ step) * solve.inverse(form.aa)
        beta = beta + step
    return float(beta[0]), NAN, NAN


def seen_by_month(rng: np.random.Generator) -> dict[str, Three]:
    size = 3000
    a, b = (rng.random(size) < 0.4).astype(int), rng.integers(0, 3, size)
    # a hazard in continuous time that falls: the cumulative one is .25 t^.8 times the ratio
    ratio = np.exp(EFFECT * a + OTHER[b])
    stay = np.ceil((rng.exponential(size=size) / (0.25 * ratio)) ** 1.25).astype(int)
    entry = rng.integers(1, 4, size) * (rng.random(size) < 0.3)
    seen = entry + rng.integers(1, 19, size)
    there = stay > entry
    exit_, left, codes = np.minimum(stay, seen), stay <= seen, np.column_stack([a, b])
    rows = [x[there] for x in (exit_, left, codes)]
    cells = cells_from(*rows, (A, B), entry=entry[there], block=dealt(rng, size)[there])
    model, blocks = driver_model(cells), driver_model(cells, errors="blocks")
    return {
        "log hazard ratio": logs(model.coefficients[0].ratio),
        "log hazard ratio, person blocks": logs(blocks.coefficients[0].ratio),
        "log hazard ratio of a third level": logs(model.coefficients[2].ratio),
        "no effect fades": verdict(fading_test(cells, "b", (3, 8)).p),
        "log odds ratio as log hazard ratio": odds(cells),
    }


BY_MONTH = Recipe(
    "drivers by month",
    "3000 customers in continuous time, cumulative hazard .25 t^.8 times ratios of two factors, "
    "counted in months, a third of them seen late",
    (
        Check("log hazard ratio", EFFECT),
        Check("log hazard ratio, person blocks", EFFECT),
        Check("log hazard ratio of a third level", float(OTHER[2])),
        Check("no effect fades", 0.0, ""),
        Check("log odds ratio as log hazard ratio", EFFECT, "must miss", ""),
    ),
    seen_by_month,
)

SPELLS = 4


def coming_back(rng: np.random.Generator) -> dict[str, Three]:
    persons = 800
    person = np.repeat(np.arange(persons), SPELLS)
    a = (rng.random(persons) < 0.5).astype(int)[person]
    b = rng.integers(0, 3, len(person))
    # spells of one person are alike through a normal copula, so that each keeps its own hazard
    alike = np.sqrt(0.8) * rng.normal(size=persons)[person]
    rank = stats.norm.sf(alike + np.sqrt(0.2) * rng.normal(size=len(person)))
    stay = np.ceil(-np.log(rank) / (0.1 * np.exp(EFFECT * a + OTHER[b]))).astype(int)
    seen = rng.integers(6, 19, len(person))
    cells = cells_from(
        np.minimum(stay, seen),
        stay <= seen,
        np.column_stack([a, b]),
        (A, B),
        block=dealt(rng, persons)[person],
        persons=persons,
    )
    blocks, naive = driver_model(cells), driver_model(cells, errors="model")
    return {
        "log hazard ratio": logs(blocks.coefficients[0].ratio),
        "no effect fades": verdict(fading_test(cells, "a", (6,)).p),
        "log hazard ratio, model's error": logs(naive.coefficients[0].ratio),
    }


REPEAT = Recipe(
    "drivers, repeat spells",
    "800 persons with four spells each, alike by a normal copula of .8; continuous hazard .1 "
    "times the ratio of the person's level",
    (
        Check("log hazard ratio", EFFECT),
        Check("no effect fades", 0.0, ""),
        Check("log hazard ratio, model's error", EFFECT, "none", "must fall short"),
    ),
    coming_back,
)


def few(rng: np.random.Generator) -> dict[str, Three]:
    a = np.repeat([0, 1], [400, 80])
    stay = rng.geometric(1 - 0.99 ** np.where(a == 1, 0.5, 1.0))
    seen = rng.integers(3, 13, len(a))
    cells = cells_from(
        np.minimum(stay, seen), stay <= seen, a[:, None], (A,), block=dealt(rng, len(a))
    )
    return {"log hazard ratio": logs(driver_model(cells).coefficients[0].ratio)}


FEW = Recipe(
    "drivers, few leavers",
    "400 customers with hazard .01 and 80 with half of it, of whom about three leave: limits at "
    "least as far as the exact ones for two counts",
    (Check("log hazard ratio", float(np.log(0.5)), "", "conservative"),),
    few,
)

RECIPES = [BY_MONTH, REPEAT, FEW]
