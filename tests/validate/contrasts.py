"""Worlds in which arms are compared: by ratio, within strata, by weighted tests, many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from stammkunde.survival.arrays import life_tables_from
from stammkunde.survival.contrasts import (
    Contrast,
    Test,
    against_the_rest,
    logrank,
    rmst_difference,
    rmst_ratio,
    stratified_difference,
    stratified_logrank,
    survival_difference,
)
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.table import LifeTable
from tests.validate.counting import dealt, table
from tests.validate.recipes import OTHER, TWO_PHASES, drawn, mean_within, steady
from tests.validate.returning import frail
from tests.validate.rule import Check, Recipe, Three, three

HORIZON = 24


def kept(kept_it: bool, number: float) -> Three:
    """Return a test of what is true as an interval that covers 0 where the test keeps it."""
    return (number, -1.0, 1.0) if kept_it else (number, 1.0, 2.0)


def judged(test: Test) -> Three:
    return kept(test.p >= 0.05, test.statistic)


def two_arms(rng: np.random.Generator) -> dict[str, Three]:
    size, tables = 500, []
    for hazards in (TWO_PHASES, OTHER):
        stay, seen = drawn(rng, hazards, size), rng.integers(1, 37, size)
        tables.append(table(dealt(rng, size), np.minimum(stay, seen), stay <= seen))
    one, two = (kaplan_meier(t) for t in tables)
    first, second = (kaplan_meier(t, errors="blocks") for t in tables)
    few = []
    for rate in (0.002, 0.001):
        stay, seen = rng.geometric(rate, 60), rng.integers(12, 25, 60)
        made = table(dealt(rng, 60), np.minimum(stay, seen), stay <= seen, horizon=12)
        few.append(kaplan_meier(made))
    return {
        "RMST(24) ratio": three(rmst_ratio(one, two, HORIZON)),
        "RMST(24) ratio, person blocks": three(rmst_ratio(first, second, HORIZON)),
        "S(24) difference": three(survival_difference(one, two, HORIZON)),
        "S(24) difference, person blocks": three(survival_difference(first, second, HORIZON)),
        "RMST(12) ratio, few events": three(rmst_ratio(few[0], few[1], 12)),
        "S(12) difference, few events": three(survival_difference(few[0], few[1], 12)),
    }


STAY, STAY_OTHER = steady(TWO_PHASES), steady(OTHER)
RATIO = mean_within(STAY, HORIZON) / mean_within(STAY_OTHER, HORIZON)
SHARES = float(STAY[HORIZON] - STAY_OTHER[HORIZON])
FEW_STAY = [(1 - rate) ** np.arange(13) for rate in (0.002, 0.001)]
TWO = Recipe(
    "ratio of two arms",
    "two arms of 500 customers, hazard .05 for a year and .02 after against .03; observed for 1 to "
    "36 months; and two of 60 of whom one or two leave in a year",
    (
        Check("RMST(24) ratio", RATIO),
        Check("RMST(24) ratio, person blocks", RATIO),
        Check("S(24) difference", SHARES),
        Check("S(24) difference, person blocks", SHARES),
        Check(
            "RMST(12) ratio, few events",
            mean_within(FEW_STAY[0], 12) / mean_within(FEW_STAY[1], 12),
            "none",
            "conservative",
        ),
        Check(
            "S(12) difference, few events",
            float(FEW_STAY[0][12] - FEW_STAY[1][12]),
            "none",
            "conservative",
        ),
    ),
    two_arms,
)


def shared_persons(rng: np.random.Generator) -> dict[str, Three]:
    """Each person has two contracts, one in each arm, and one frailty for both."""
    person, stay = frail(rng, 500, 2)
    block, first = dealt(rng, 500)[person], np.tile([True, False], 500)
    gone = np.ones(len(stay), dtype=bool)
    arms = [
        table(block[x], stay[x], gone[x], person=person[x], horizon=HORIZON)
        for x in (first, ~first)
    ]
    one, two = (kaplan_meier(t, errors="blocks") for t in arms)
    kind = (rng.random(500) < 0.5)[person]
    cells = [
        (_part(block, stay, person, own & first), _part(block, stay, person, own & ~first))
        for own in (kind, ~kind)
    ]
    return {
        "RMST(24) ratio": three(rmst_ratio(one, two, HORIZON)),
        "S(24) difference": three(survival_difference(one, two, HORIZON)),
        "stratified difference": three(stratified_difference(cells, HORIZON, errors="blocks")),
    }


def _part(block: np.ndarray, stay: np.ndarray, person: np.ndarray, rows: np.ndarray) -> LifeTable:
    gone = np.ones(int(rows.sum()), dtype=bool)
    return table(block[rows], stay[rows], gone, person=person[rows], horizon=HORIZON)


SHARED = Recipe(
    "persons in both arms",
    "500 persons with a contract in each of two arms of the same law and one frailty per person, "
    "complete to month 24; paired by block",
    (
        Check("RMST(24) ratio", 1.0),
        Check("S(24) difference", 0.0),
        Check("stratified difference", 0.0),
    ),
    shared_persons,
)

# hazards of the strata, arms a and b; 80 % of the first are in arm a, 20 % of the second
STRATA = ((0.02, 0.03), (0.06, 0.08))
SIZES, SHARE = (400, 600), (0.8, 0.2)


def uneven(rng: np.random.Generator, sizes: Sequence[int], null: bool) -> list[list[LifeTable]]:
    """Return tables [stratum][arm]; with `null` the arms of a stratum leave alike."""
    rates = np.array([(a, a) if null else (a, b) for a, b in STRATA])
    stratum = np.repeat([0, 1], sizes)
    arm = (rng.random(len(stratum)) >= np.array(SHARE)[stratum]).astype(int)
    stay, seen = rng.geometric(rates[stratum, arm]), rng.integers(6, 31, len(stratum))
    found = life_tables_from(
        np.minimum(stay, seen),
        stay <= seen,
        stratum * 2 + arm,
        4,
        block=dealt(rng, len(stratum)),
    )
    return [found[:2], found[2:]]


def within_strata(rng: np.random.Generator) -> dict[str, Three]:
    fixed = uneven(rng, SIZES, null=False)
    random = uneven(rng, rng.multinomial(1000, [0.4, 0.6]).tolist(), null=False)
    cells = [(a, b) for a, b in fixed]
    moving = [(a, b) for a, b in random]
    one, two = (kaplan_meier(fixed[0][i] + fixed[1][i]) for i in (0, 1))
    return {
        "difference": three(stratified_difference(cells, HORIZON)),
        "difference, person blocks": three(stratified_difference(moving, HORIZON, errors="blocks")),
        "difference, strata ignored": three(rmst_difference(one, two, HORIZON)),
    }


MEANS = [[mean_within((1 - h) ** np.arange(HORIZON), HORIZON) for h in pair] for pair in STRATA]
WITHIN = 0.4 * (MEANS[0][0] - MEANS[0][1]) + 0.6 * (MEANS[1][0] - MEANS[1][1])
STRATIFIED = Recipe(
    "arms uneven across strata",
    "400 customers with hazards .02 and .03 in two arms, 80 % in the first, and 600 with .06 and "
    ".08, 20 % in the first, observed for 6 to 30 months; mean difference within 24 months",
    (
        Check("difference", WITHIN),
        Check("difference, person blocks", WITHIN),
        Check("difference, strata ignored", WITHIN, "must miss", "must fall short"),
    ),
    within_strata,
)


def equal_within_strata(rng: np.random.Generator) -> dict[str, Three]:
    strata = uneven(rng, SIZES, null=True)
    pooled = [strata[0][i] + strata[1][i] for i in (0, 1)]
    arms = [strata[0][0], strata[0][1]]
    return {
        "stratified": judged(stratified_logrank(strata)),
        "stratified, weights (1, 0)": judged(stratified_logrank(strata, rho=1)),
        "weights (1, 0)": judged(logrank(arms, rho=1)),
        "weights (0, 1)": judged(logrank(arms, gamma=1)),
        "strata ignored": judged(logrank(pooled)),
    }


EQUAL = Recipe(
    "log-rank within strata",
    "400 customers with hazard .02, 80 % in the first arm, and 600 with .06, 20 % in it, observed "
    "for 6 to 30 months; the test keeps the truth in 95 of 100",
    (
        Check("stratified", 0, "", "exact"),
        Check("stratified, weights (1, 0)", 0, "", "exact"),
        Check("weights (1, 0)", 0, "", "exact"),
        Check("weights (0, 1)", 0, "", "exact"),
        Check("strata ignored", 0, "", "must fall short"),
    ),
    equal_within_strata,
)


def equal_persons_in_strata(rng: np.random.Generator) -> dict[str, Three]:
    """Persons of two kinds with three contracts each, arms dealt to persons."""
    person, stay = frail(rng, 600, 3)
    kind, arm = (rng.permutation(np.arange(600) % 2)[person] for _ in range(2))
    stay = np.where(kind == 1, np.ceil(stay / 2).astype(int), stay)
    block = dealt(rng, 600)[person]
    strata = [
        [_part(block, stay, person, (kind == k) & (arm == a)) for a in (0, 1)] for k in (0, 1)
    ]
    return {
        "stratified": judged(stratified_logrank(strata)),
        "stratified, weights (1, 0)": judged(stratified_logrank(strata, rho=1)),
        "weights (1, 0)": judged(logrank(strata[0], rho=1)),
    }


PERSONS = Recipe(
    "log-rank within strata, repeat spells",
    "600 persons of two kinds in two arms of the same law, three spells each and one frailty per "
    "person; person blocks",
    (
        Check("stratified", 0, "", "exact"),
        Check("stratified, weights (1, 0)", 0, "", "exact"),
        Check("weights (1, 0)", 0, "", "exact"),
    ),
    equal_persons_in_strata,
)


def none_differs(found: Mapping[str, Contrast]) -> dict[str, bool]:
    """Return whether Holm, the intervals, and the plain p-values keep all groups alike."""
    contrasts = [c for c in found.values() if c.p is not None]
    inside = [
        d.low is not None and d.high is not None and d.low <= 0 <= d.high
        for d in (c.difference for c in contrasts)
    ]
    return {
        "Holm": min(c.adjusted for c in contrasts if c.adjusted is not None) >= 0.05,
        "intervals": all(inside),
        "not allowing for their number": min(c.p for c in contrasts if c.p is not None) >= 0.05,
    }


def ten_alike(rng: np.random.Generator) -> dict[str, Three]:
    stay, seen = rng.geometric(0.04, 1500), rng.integers(12, 25, 1500)
    tables = life_tables_from(
        np.minimum(stay, seen), stay <= seen, np.arange(1500) % 10, 10, block=dealt(rng, 1500)
    )
    plain = none_differs(against_the_rest({str(i): t for i, t in enumerate(tables)}, 12))
    person, stay = frail(rng, 1000, 3)
    group, block = rng.permutation(np.arange(1000) % 10)[person], dealt(rng, 1000)[person]
    cells = {str(g): _part(block, stay, person, group == g) for g in range(10)}
    blocks = none_differs(against_the_rest(cells, 12))
    return {k: kept(v, 0.0) for k, v in plain.items()} | {
        f"{k}, person blocks": kept(v, 0.0) for k, v in blocks.items()
    }


def few_leave(rng: np.random.Generator) -> dict[str, Three]:
    """Ten small groups in which nobody to four leave: the limits are put together."""
    stay, seen = rng.geometric(0.004, 400), rng.integers(12, 25, 400)
    tables = life_tables_from(
        np.minimum(stay, seen), stay <= seen, np.arange(400) % 10, 10, block=dealt(rng, 400)
    )
    found = none_differs(against_the_rest({str(i): t for i, t in enumerate(tables)}, 12))
    return {k: kept(found[k], 0.0) for k in ("Holm", "intervals")}


TEN = Recipe(
    "ten groups alike",
    "150 customers each with hazard .04, observed for 12 to 24 months, and 100 persons each with "
    "three spells; no group is said to differ from the rest in 95 of 100 worlds",
    (
        Check("Holm", 0, "", "conservative"),
        Check("intervals", 0, "", "conservative"),
        Check("not allowing for their number", 0, "", "must fall short"),
        Check("Holm, person blocks", 0, "", "conservative"),
        Check("intervals, person blocks", 0, "", "conservative"),
        Check("not allowing for their number, person blocks", 0, "", "must fall short"),
    ),
    ten_alike,
)

SMALL = Recipe(
    "ten small groups alike",
    "40 customers each with hazard .004: nobody to four leave in a year",
    (Check("Holm", 0, "", "conservative"), Check("intervals", 0, "", "conservative")),
    few_leave,
)

RECIPES = (TWO, SHARED, STRATIFIED, EQUAL, PERSONS, TEN, SMALL)
