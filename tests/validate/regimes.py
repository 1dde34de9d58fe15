"""Worlds of two regimes in one table, and of strata in which the difference itself differs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stammkunde.survival.arrays import life_tables_from
from stammkunde.survival.contrasts import (
    beyond_the_mix,
    heterogeneity,
    rmst_difference,
    stratified_difference,
    stratum_differences,
)
from stammkunde.survival.further import further_difference
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.table import LifeTable
from tests.validate.contrasts import kept
from tests.validate.counting import dealt, table
from tests.validate.recipes import mean_within
from tests.validate.rule import Check, Recipe, Three, three

HORIZON = 24
OLD, NEW, CHANGE = 0.01, 0.04, 48
Pairs = list[tuple[LifeTable, LifeTable]]


def two_regimes(rng: np.random.Generator) -> dict[str, Three]:
    found = []
    for rate, first in ((OLD, CHANGE), (NEW, 0)):
        stay, seen = rng.geometric(rate, 1500), first + rng.integers(1, CHANGE + 1, 1500)
        found.append(table(dealt(rng, 1500), np.minimum(stay, seen), stay <= seen))
    old, new = found
    asked = (0, 24, 12)
    return {
        "under old terms": three(further_difference(old, *asked)),
        "under new terms": three(further_difference(new, *asked)),
        "under new terms, person blocks": three(further_difference(new, *asked, errors="blocks")),
        "terms mixed": three(further_difference(old + new, *asked)),
    }


FURTHER = Recipe(
    "further survival under two regimes",
    "1500 contracts each under old terms, hazard .01 a month, and under new ones, .04, begun in "
    "the 48 months before and after the change and observed to the end; who has stayed 24 months "
    "stays another 12 as likely as a newcomer",
    (
        Check("under old terms", 0.0),
        Check("under new terms", 0.0),
        Check("under new terms, person blocks", 0.0),
        Check("terms mixed", 0.0, "must miss", "must fall short"),
    ),
    two_regimes,
)


def strata_of(
    rng: np.random.Generator, rates: Sequence[Sequence[float]], first: Sequence[float], size: int
) -> Pairs:
    """Return two strata of two arms: 40 and 60 in 100 customers, `first` of them in arm one."""
    stratum = (rng.random(size) < 0.6).astype(int)
    arm = (rng.random(size) >= np.array(first)[stratum]).astype(int)
    stay, seen = rng.geometric(np.array(rates)[stratum, arm]), rng.integers(24, 37, size)
    gone = stay <= seen
    found = life_tables_from(
        np.minimum(stay, seen), gone, stratum * 2 + arm, 4, block=dealt(rng, size)
    )
    return [(found[0], found[1]), (found[2], found[3])]


def means(rates: Sequence[Sequence[float]]) -> np.ndarray:
    return np.array(
        [[mean_within((1 - h) ** np.arange(HORIZON), HORIZON) for h in pair] for pair in rates]
    )


def mixes(first: Sequence[float]) -> np.ndarray:
    """Return the share of each stratum in each arm [2, 2]."""
    heads = np.array([0.4, 0.6])[:, None] * np.column_stack([first, 1 - np.array(first)])
    return np.asarray(heads / heads.sum(axis=0))


def beyond(rates: Sequence[Sequence[float]], first: Sequence[float]) -> np.ndarray:
    """Return the true differences within strata, by the mix of either arm, less the plain one."""
    mean, mix = means(rates), mixes(first)
    plain = (mix * mean).sum(axis=0) @ np.array([1.0, -1.0])
    return np.asarray((mix * (mean[:, :1] - mean[:, 1:])).sum(axis=0) - plain)


# the second arm leaves alike in both strata, so that only the weights differ
UNLIKE, SPREAD = ((0.01, 0.05), (0.05, 0.05)), (0.8, 0.2)


def unlike(rng: np.random.Generator) -> dict[str, Three]:
    cells = strata_of(rng, UNLIKE, SPREAD, 1500)
    one, two = stratum_differences(cells, HORIZON)
    first, second = beyond_the_mix(cells, HORIZON)
    own = stratified_difference(cells, HORIZON)
    arms = [kaplan_meier(cells[0][i] + cells[1][i]) for i in (0, 1)]
    plain = rmst_difference(arms[0], arms[1], HORIZON)
    inside = (plain.low or 0) <= (own.value or 0) <= (plain.high or 0)
    both = [(e.low or 0) > 0 for e in (first, second)], [(e.high or 0) < 0 for e in (first, second)]
    test = heterogeneity(cells, HORIZON)
    return {
        "first stratum": three(one),
        "second stratum": three(two),
        "beyond the first arm's mix": three(first),
        "beyond the second arm's mix": three(second),
        "verdict by both mixes": kept(not any(all(side) for side in both), 0.0),
        "verdict by the plain interval": kept(inside, 0.0),
        "strata alike": kept(test.p >= 0.05, test.statistic),
    }


GAPS = means(UNLIKE) @ np.array([1.0, -1.0])
BEYOND = beyond(UNLIKE, SPREAD)
STRATA = Recipe(
    "strata unlike",
    "1500 customers in two strata; the first arm leaves at .01 and .05, the second at .05 in both; "
    "80 and 20 of 100 are in the first arm. Only the weights make the plain difference another one",
    (
        Check("first stratum", float(GAPS[0])),
        Check("second stratum", float(GAPS[1])),
        Check("beyond the first arm's mix", float(BEYOND[0])),
        Check("beyond the second arm's mix", float(BEYOND[1])),
        Check("verdict by both mixes", 0, "", "conservative"),
        Check("verdict by the plain interval", 0, "", "must fall short"),
        Check("strata alike", 0, "", "must fall short"),
    ),
    unlike,
)

CONFOUNDED = ((0.02, 0.03), (0.06, 0.08))


def confounded(rng: np.random.Generator) -> dict[str, Three]:
    first, second = beyond_the_mix(strata_of(rng, CONFOUNDED, SPREAD, 1500), HORIZON)
    return {"first arm's mix": three(first), "second arm's mix": three(second)}


MIXED = beyond(CONFOUNDED, SPREAD)
MIX = Recipe(
    "difference within strata less the plain one",
    "1500 customers in two strata with hazards .02 and .03, .06 and .08 in two arms; 80 and 20 of "
    "100 are in the first arm",
    (
        Check("first arm's mix", float(MIXED[0])),
        Check("second arm's mix", float(MIXED[1])),
    ),
    confounded,
)

ALIKE = ((0.03, 0.05), (0.03, 0.05))


def alike(rng: np.random.Generator) -> dict[str, Three]:
    cells = strata_of(rng, ALIKE, SPREAD, 1500)
    plain, blocks = (heterogeneity(cells, HORIZON, errors=e) for e in ("greenwood", "blocks"))
    return {
        "Cochran's Q": kept(plain.p >= 0.05, plain.statistic),
        "person blocks": kept(blocks.p >= 0.05, blocks.statistic),
    }


SAME = Recipe(
    "strata alike",
    "1500 customers in two strata with hazards .03 and .05 in two arms; 80 and 20 of 100 are in "
    "the first arm; the test keeps the truth in 95 of 100",
    (Check("Cochran's Q", 0, "", "exact"), Check("person blocks", 0, "", "exact")),
    alike,
)

RECIPES = (FURTHER, STRATA, MIX, SAME)
