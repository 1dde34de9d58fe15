"""Worlds in which customers come back, and tests of no difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from stammkunde.survival.contrasts import logrank, rmst_difference
from stammkunde.survival.kaplan_meier import hazard, kaplan_meier
from stammkunde.survival.table import LifeTable
from tests.validate.counting import dealt, table
from tests.validate.rule import Check, Recipe, Three, three

HORIZON = 36
# S(t) = E exp(-.03 Z t) with Z exponential (gamma with mean 1 and variance 1)
FRAIL = 1 / (1 + 0.03 * np.arange(HORIZON + 1))


def frail(rng: np.random.Generator, persons: int, spells: int) -> tuple[np.ndarray, np.ndarray]:
    """Return persons and months of leaving of `spells` spells each, one frailty per person."""
    rate = np.repeat(0.03 * rng.gamma(1.0, 1.0, persons), spells)
    stay = np.ceil(np.minimum(rng.exponential(size=len(rate)) / rate, 1e6)).astype(int)
    return np.repeat(np.arange(persons), spells), stay


def five_spells(rng: np.random.Generator) -> dict[str, Three]:
    person, stay = frail(rng, 1000, 5)
    block, gone = dealt(rng, 1000)[person], np.ones(len(stay), dtype=bool)
    made = table(block, stay, gone, person=person, horizon=HORIZON)
    early = np.tile([True, True, False, False, False], 1000)
    parts = [
        table(block[x], stay[x], gone[x], person=person[x], horizon=HORIZON)
        for x in (early, ~early)
    ]
    curve, naive = kaplan_meier(made), kaplan_meier(made, errors="greenwood")
    return {
        "S(24)": three(curve.at(24)),
        "RMST(24)": three(curve.rmst(24)),
        "hazard(6)": three(hazard(made).at(6)),
        "RMST(24), spells 1-2 less 3-5": three(
            rmst_difference(kaplan_meier(parts[0]), kaplan_meier(parts[1]), 24)
        ),
        "S(24), Greenwood": three(naive.at(24)),
        "RMST(24), Greenwood": three(naive.rmst(24)),
    }


MEAN = float(FRAIL[:24].sum())
REPEAT = Recipe(
    "repeat spells",
    "1000 persons with five spells each and one frailty per person (gamma, mean 1, variance 1), "
    "complete to month 36",
    (
        Check("S(24)", 1 / 1.72),
        Check("RMST(24)", MEAN),
        Check("hazard(6)", float(1 - FRAIL[6] / FRAIL[5])),
        Check("RMST(24), spells 1-2 less 3-5", 0.0),
        Check("S(24), Greenwood", 1 / 1.72, "none", "must fall short"),
        Check("RMST(24), Greenwood", MEAN, "none", "must fall short"),
    ),
    five_spells,
)


def kept(tables: Sequence[LifeTable]) -> Three:
    """Return "no difference" as an interval that covers 0 where the test keeps it."""
    found = logrank(tables)
    return (found.statistic, -1.0, 1.0) if found.p >= 0.05 else (found.statistic, 1.0, 2.0)


def no_difference(rng: np.random.Generator) -> dict[str, Three]:
    arms = []
    for _ in range(3):
        stay, seen = rng.geometric(0.04, 150), rng.integers(1, 25, 150)
        arms.append(table(dealt(rng, 150), np.minimum(stay, seen), stay <= seen))
    return {"two arms": kept(arms[:2]), "three arms": kept(arms)}


SIZE = Recipe(
    "log-rank, one spell each",
    "arms of 150 customers with the same hazard .04, observed for 1 to 24 months; the test keeps "
    "the truth in 95 of 100",
    (Check("two arms", 0, "", "exact"), Check("three arms", 0, "", "exact")),
    no_difference,
)


def no_difference_of_persons(rng: np.random.Generator) -> dict[str, Three]:
    person, stay = frail(rng, 600, 4)
    gone = np.ones(len(stay), dtype=bool)
    block, arm = dealt(rng, 600)[person], rng.permutation(np.arange(600) % 3)[person]
    arms = [
        table(block[arm == a], stay[arm == a], gone[arm == a], person=person[arm == a], horizon=24)
        for a in range(3)
    ]
    plain = [replace(t, repeats=False) for t in arms]
    return {
        "two arms": kept(arms[:2]),
        "three arms": kept(arms),
        "two arms, spells taken for persons": kept(plain[:2]),
        "three arms, spells taken for persons": kept(plain),
    }


CLUSTERED = Recipe(
    "log-rank, repeat spells",
    "600 persons in three arms with the same law, four spells each and one frailty per person",
    (
        Check("two arms", 0, "", "exact"),
        Check("three arms", 0, "", "exact"),
        Check("two arms, spells taken for persons", 0, "", "must fall short"),
        Check("three arms, spells taken for persons", 0, "", "must fall short"),
    ),
    no_difference_of_persons,
)
