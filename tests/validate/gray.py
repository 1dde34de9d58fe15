"""Gray's test where nothing differs, and the log-rank test that is taken for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from stammkunde.survival.causes import gray_test
from stammkunde.survival.contrasts import Test, logrank
from stammkunde.survival.table import LifeTable
from tests.validate.causes import counted, frail_spells, until
from tests.validate.counting import dealt
from tests.validate.rule import Check, Recipe, Three


def kept(found: Test) -> Three:
    """Return "no difference" as an interval that covers 0 where the test keeps it."""
    return (found.statistic, -1.0, 1.0) if found.p >= 0.05 else (found.statistic, 1.0, 2.0)


def same_incidence(rng: np.random.Generator, size: int, moving: float) -> LifeTable:
    """Return customers of whom half leave for price, always by the same law; others move."""
    cause = np.where(rng.random(size) < 0.5, 1, 2)
    stay = np.where(cause == 1, rng.geometric(0.06, size), rng.geometric(moving, size))
    return counted(*until(stay, cause, rng.integers(1, 37, size)), dealt(rng, size))


def price_only(table: LifeTable) -> LifeTable:
    """Return the table as if movers had only been lost from sight."""
    moves = table.moves[:, :1]
    return replace(table, causes=table.causes[:1], moves=moves)


def no_difference(rng: np.random.Generator) -> dict[str, Three]:
    arms = [same_incidence(rng, 250, moving) for moving in (0.3, 0.03, 0.1)]
    alike = [same_incidence(rng, 250, 0.1) for _ in range(2)]
    return {
        "two arms": kept(gray_test(arms[:2], "price")),
        "three arms": kept(gray_test(arms, "price")),
        "two arms alike": kept(gray_test(alike, "price")),
        "log-rank, movers censored": kept(logrank([price_only(t) for t in arms[:2]])),
    }


SIZE = Recipe(
    "Gray's test, one spell each",
    "arms of 250 customers who leave for price alike and move unlike, until month 1 to 36; the "
    "test keeps the truth in 95 of 100, a log-rank test that censors movers does not",
    (
        Check("two arms", 0, "", "exact"),
        Check("three arms", 0, "", "exact"),
        Check("two arms alike", 0, "", "exact"),
        Check("log-rank, movers censored", 0, "", "must fall short"),
    ),
    no_difference,
)


def no_difference_of_persons(rng: np.random.Generator) -> dict[str, Three]:
    person, stay, cause = frail_spells(rng, 600, 8)
    blocks, arm = dealt(rng, 600), rng.permutation(np.arange(600) % 3)
    exit_, end = until(stay, cause, 24)
    arms = []
    for a in range(3):
        own = arm[person] == a
        heads = np.bincount(blocks[arm == a], minlength=256)
        arms.append(counted(exit_[own], end[own], blocks[person][own], persons=heads))
    plain = [replace(t, repeats=False) for t in arms]
    return {
        "two arms": kept(gray_test(arms[:2], "price")),
        "three arms": kept(gray_test(arms, "price")),
        "two arms, spells taken for persons": kept(gray_test(plain[:2], "price")),
    }


CLUSTERED = Recipe(
    "Gray's test, repeat spells",
    "600 persons in three arms with the same law, eight spells each, one frailty and one "
    "inclination per person",
    (
        Check("two arms", 0, "", "exact"),
        Check("three arms", 0, "", "exact"),
        Check("two arms, spells taken for persons", 0, "", "must fall short"),
    ),
    no_difference_of_persons,
)

RECIPES: Sequence[Recipe] = (SIZE, CLUSTERED)
