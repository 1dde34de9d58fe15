"""Standardised differences, and predictions scored: worlds in which the truth of both is known."""

from __future__ import annotations

import numpy as np
from scipy import special, stats

from stammkunde.result import Estimate
from stammkunde.survival.accuracy.bins import Bin, calibration
from stammkunde.survival.accuracy.predictions import Predictions
from stammkunde.survival.accuracy.scores import brier
from stammkunde.survival.contrasts import rmst_difference
from stammkunde.survival.drivers.arrays import cells_from
from stammkunde.survival.drivers.cells import Cells, Factor
from stammkunde.survival.drivers.model import driver_model
from stammkunde.survival.drivers.standard import Difference, standardised
from stammkunde.survival.kaplan_meier import kaplan_meier
from tests.validate.counting import dealt, table
from tests.validate.rule import Check, Recipe, Three, three

NAN = float("nan")
A, B = Factor("a", ("0", "1")), Factor("b", ("0", "1", "2"))
EFFECT, OTHER = 0.6, np.array([0.0, 0.8, -0.7])
B_SHARE, A_SHARE = np.array([0.5, 0.3, 0.2]), np.array([0.3, 0.7, 0.2])
MONTHS = np.arange(13)


def standing(a: int) -> np.ndarray:
    """Return everybody's S(0) .. S(12) had they level `a`."""
    lived = 0.1 * MONTHS**0.8 * np.exp(EFFECT * a + OTHER)[:, None]
    return np.asarray(B_SHARE @ np.exp(-lived))


GAP = standing(1) - standing(0)


def people(rng: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return levels of both factors; who has level 1 of `a` depends on `b`."""
    b = rng.choice(3, size, p=B_SHARE)
    return (rng.random(size) < A_SHARE[b]).astype(int), b


def months_of(rate: np.ndarray, lived: np.ndarray) -> np.ndarray:
    """Return the month of leaving where the cumulative hazard is `rate` t^.8."""
    return np.ceil((lived / rate) ** 1.25).astype(int)


def two_levels(found: list[Difference]) -> Difference:
    """Return level 1 of `a` against level 0, whichever is the reference."""
    return next(d for d in found if d.factor == "a")


def confounded(rng: np.random.Generator) -> dict[str, Three]:
    size = 2500
    a, b = people(rng, size)
    stay = months_of(0.1 * np.exp(EFFECT * a + OTHER[b]), rng.exponential(size=size))
    seen, block = rng.integers(4, 19, size), dealt(rng, size)
    exit_, left = np.minimum(stay, seen), stay <= seen
    cells = cells_from(exit_, left, np.column_stack([a, b]), (A, B), block=block)
    found = two_levels(standardised(driver_model(cells), 12, (6,)))
    own = two_levels(standardised(driver_model(cells, strata=["a"]), 12, (6,)))
    one, other = (kaplan_meier(table(block[a == x], exit_[a == x], left[a == x])) for x in (1, 0))
    return {
        "months within 12": three(found.months),
        "S(6)": three(found.survival[6]),
        "months within 12, own baselines": three(own.months),
        "S(6), own baselines": three(own.survival[6]),
        "months within 12, groups as they are": three(rmst_difference(one, other, 12)),
    }


MEANS = float(GAP[:12].sum())
STANDARD = Recipe(
    "standardised differences",
    "2500 customers, cumulative hazard .1 t^.8 times ratios of two factors, of which one goes with "
    "the other; everybody with level 1 less everybody with level 0",
    (
        Check("months within 12", MEANS),
        Check("S(6)", float(GAP[6])),
        Check("months within 12, own baselines", MEANS),
        Check("S(6), own baselines", float(GAP[6])),
        Check("months within 12, groups as they are", MEANS, "must miss", ""),
    ),
    confounded,
)

SPELLS = 4


def coming_back(rng: np.random.Generator) -> dict[str, Three]:
    persons = 700
    person = np.repeat(np.arange(persons), SPELLS)
    a, b = (x[person] for x in people(rng, persons))
    # spells of one person are alike through a normal copula, so that each keeps its own hazard
    alike = np.sqrt(0.7) * rng.normal(size=persons)[person]
    rank = stats.norm.sf(alike + np.sqrt(0.3) * rng.normal(size=len(person)))
    stay = months_of(0.1 * np.exp(EFFECT * a + OTHER[b]), -np.log(rank))
    seen = rng.integers(6, 19, len(person))
    cells = cells_from(
        np.minimum(stay, seen),
        stay <= seen,
        np.column_stack([a, b]),
        (A, B),
        block=dealt(rng, persons)[person],
        persons=persons,
    )
    found = two_levels(standardised(driver_model(cells), 12, (6,)))
    return {"months within 12": three(found.months), "S(6)": three(found.survival[6])}


REPEAT = Recipe(
    "standardised differences, repeat spells",
    "700 persons with four spells each, alike by a normal copula of .7; the same hazards",
    (Check("months within 12", MEANS), Check("S(6)", float(GAP[6]))),
    coming_back,
)


def few(rng: np.random.Generator) -> dict[str, Three]:
    a = np.repeat([0, 1], [400, 90])
    stay = rng.geometric(1 - 0.99 ** np.where(a == 1, 0.4, 1.0))
    seen = rng.integers(6, 13, len(a))
    cells = cells_from(
        np.minimum(stay, seen), stay <= seen, a[:, None], (A,), block=dealt(rng, len(a))
    )
    found = standardised(driver_model(cells), 6, (6,))[0]
    return {"months within 6": known(found.months), "S(6)": known(found.survival[6])}


def known(estimate: Estimate) -> Three:
    """Return value and limits; one that was not given says nothing and so is not wrong."""
    if estimate.value is None:
        return NAN, -float("inf"), float("inf")
    return three(estimate)


FEW_GAP = 0.99 ** (0.4 * np.arange(7)) - 0.99 ** np.arange(7)
FEW = Recipe(
    "standardised differences, few leavers",
    "400 customers with hazard .01 and 90 with .4 of it, of whom about three leave: limits at "
    "least as far as exact ones of both numbers put together",
    (
        Check("months within 6", float(FEW_GAP[:6].sum()), "", "conservative"),
        Check("S(6)", float(FEW_GAP[6]), "", "conservative"),
    ),
    few,
)

SIX, THREE = Factor("c", tuple("012345")), Factor("d", tuple("012"))
ODDS = np.linspace(-1.2, 1.2, 6)[:, None] + np.array([-0.5, 0.0, 0.5])
HAZARD = special.expit(ODDS - 2.5).ravel()
AT = 6


def as_predicted(cells: Cells, hazard: np.ndarray) -> Predictions:
    """Return constant hazards by level as predictions."""
    own = hazard[cells.levels[:, 0] * 3 + cells.levels[:, 1]]
    return Predictions.in_sample((1 - own[:, None]) ** np.arange(cells.length + 1))


def off(part: Bin) -> Three:
    """Return how far the observed share lies above the predicted one, with limits."""
    value, low, high = three(part.observed)
    return value - part.predicted, low - part.predicted, high - part.predicted


def scored(rng: np.random.Generator) -> dict[str, Three]:
    size = 2000
    kind = rng.integers(0, 18, size)
    stay = rng.geometric(HAZARD[kind])
    seen = rng.integers(1, 16, size)
    exit_, left = np.minimum(stay, seen), stay <= seen
    codes = np.column_stack([kind // 3, kind % 3])
    cells = cells_from(exit_, left, codes, (SIX, THREE), block=dealt(rng, size))
    right = as_predicted(cells, HAZARD)
    bold = as_predicted(cells, special.expit(2 * ODDS.ravel() - 2.5))
    score = brier(cells, right, [AT])
    told, wrong = (calibration(cells, p, AT, bins=5) for p in (right, bold))
    # those whose fate is known, as if they were everybody
    sure = (left & (exit_ <= AT)) | (exit_ >= AT)
    loss = ((stay > AT) - (1 - HAZARD[kind]) ** AT) ** 2
    return {
        "Brier score(6)": three(score.at[AT].score),
        "gain(6)": three(score.at[AT].gain),
        "mean Brier score, 1-6": three(score.integrated.score),
        "calibration, lowest fifth": off(told[0]),
        "calibration, middle fifth": off(told[2]),
        "calibration, highest fifth": off(told[-1]),
        "Brier score(6) of whose fate is known": (float(loss[sure].mean()), NAN, NAN),
        "overconfident, lowest fifth": off(wrong[0]),
        "overconfident, highest fifth": off(wrong[-1]),
    }


STAY = (1 - HAZARD[:, None]) ** np.arange(1, AT + 1)
OWN, PLAIN = (STAY * (1 - STAY)).mean(axis=0), STAY.mean(axis=0) * (1 - STAY.mean(axis=0))
SCORES = Recipe(
    "accuracy of predictions",
    "2000 customers of 18 kinds with hazards .02 to .31, observed for 1 to 15 months; predicted by "
    "their true hazards, and by hazards with doubled log odds",
    (
        Check("Brier score(6)", float(OWN[-1])),
        Check("gain(6)", float(1 - OWN[-1] / PLAIN[-1])),
        Check("mean Brier score, 1-6", float(OWN.mean())),
        Check("calibration, lowest fifth", 0.0),
        Check("calibration, middle fifth", 0.0),
        Check("calibration, highest fifth", 0.0),
        Check("Brier score(6) of whose fate is known", float(OWN[-1]), "must miss", ""),
        Check("overconfident, lowest fifth", 0.0, "must miss", ""),
        Check("overconfident, highest fifth", 0.0, "must miss", ""),
    ),
    scored,
)

RECIPES = [STANDARD, REPEAT, FEW, SCORES]
