"""Worlds in which customers leave for several causes, and what happens in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from stammkunde.survival.arrays import life_table_from
from stammkunde.survival.causes import (
    aalen_johansen,
    months_lost,
    net_survival,
    share_of_leavers,
)
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.table import LifeTable
from tests.validate.counting import dealt
from tests.validate.rule import Check, Recipe, Three, three

CAUSES = ("price", "moved")
FIFTHS = 5


def counted(
    exit_: np.ndarray,
    cause: np.ndarray,
    block: np.ndarray,
    persons: np.ndarray | None = None,
    entry: np.ndarray | None = None,
) -> LifeTable:
    """Return the life table of spells that end for cause 1 or 2 (0: censored)."""
    return life_table_from(exit_, cause, causes=CAUSES, block=block, persons=persons, entry=entry)


def until(stay: np.ndarray, cause: np.ndarray, seen: np.ndarray | int) -> tuple[np.ndarray, ...]:
    """Return the last unit observed and the cause, censored after `seen`."""
    return np.minimum(stay, seen), np.where(stay <= seen, cause, 0)


def continuous(rng: np.random.Generator, price: float, moved: float) -> LifeTable:
    """Return 1000 customers under constant hazards a month, counted in fifths of a month."""
    size, rate = 1000, price + moved
    stay = np.ceil(FIFTHS * rng.exponential(1 / rate, size)).astype(int)
    cause = np.where(rng.random(size) < price / rate, 1, 2)
    return counted(*until(stay, cause, 24 * FIFTHS), dealt(rng, size))


def in_months(found: Three) -> Three:
    return found[0] / FIFTHS, found[1] / FIFTHS, found[2] / FIFTHS


def two_hazards(rng: np.random.Generator) -> dict[str, Three]:
    end, found = 24 * FIFTHS, {}
    for arm, price in (("before", 0.03), ("rebate", 0.015)):
        table = continuous(rng, price, 0.015)
        curves = aalen_johansen(table)
        for cause in CAUSES:
            found[f"{arm}, left for {cause} by 24"] = three(curves[cause].at(end))
            found[f"{arm}, months lost to {cause}"] = in_months(
                three(months_lost(curves[cause], end))
            )
        found[f"{arm}, RMST(24)"] = in_months(three(kaplan_meier(table).rmst(end)))
        if arm == "before":
            found["share of leavers for price"] = three(share_of_leavers(table, ["price"], end))
            alone = net_survival(table, ["moved"], exposure="whole").at(end).value or 0.0
            found["before, 1 - KM of price"] = (1 - alone, np.nan, np.nan)
    return found


def incidence_after(price: float, moved: float, month: float) -> float:
    """Return P(T <= month, price) under constant hazards."""
    rate = price + moved
    return price / rate * float(-np.expm1(-rate * month))


def lost(price: float, moved: float) -> float:
    """Return the months of 24 lost to price, counted in fifths."""
    return sum(incidence_after(price, moved, t / FIFTHS) for t in range(24 * FIFTHS)) / FIFTHS


def truths(arm: str, price: float) -> tuple[Check, ...]:
    moved = 0.015
    return (
        Check(f"{arm}, left for price by 24", incidence_after(price, moved, 24)),
        Check(f"{arm}, left for moved by 24", incidence_after(moved, price, 24)),
        Check(f"{arm}, months lost to price", lost(price, moved)),
        Check(f"{arm}, months lost to moved", lost(moved, price)),
        Check(f"{arm}, RMST(24)", 24 - lost(price, moved) - lost(moved, price)),
    )


CONSTANT = Recipe(
    "competing causes",
    "1000 customers, constant hazards .03 (price) and .015 (moved) a month, counted in fifths of a "
    "month; a rebate halves the first, and more customers move in the end",
    (
        *truths("before", 0.03),
        *truths("rebate", 0.015),
        Check("share of leavers for price", 2 / 3),
        Check("before, 1 - KM of price", incidence_after(0.03, 0.015, 24), "must miss", ""),
    ),
    two_hazards,
)

MONTHLY = (0.03, 0.015)


def monthly(share: float, month: int) -> float:
    """Return P(T <= month, cause) with `share` of the monthly hazard .045."""
    return share * float(1 - (1 - sum(MONTHLY)) ** month)


def drawn(
    rng: np.random.Generator, size: int, hazards: tuple[float, float] = MONTHLY
) -> tuple[np.ndarray, np.ndarray]:
    """Return months of leaving and causes, at most one cause a month."""
    rate = sum(hazards)
    cause = np.where(rng.random(size) < hazards[0] / rate, 1, 2)
    return rng.geometric(rate, size), cause


def seen_late(rng: np.random.Generator) -> dict[str, Three]:
    size = 1500
    stay, cause = drawn(rng, size)
    entry, seen = rng.integers(0, 7, size), rng.integers(7, 37, size)
    there = stay > entry
    block = dealt(rng, size)[there]
    table = counted(*until(stay[there], cause[there], seen[there]), block, entry=entry[there])
    plain, blocks = (aalen_johansen(table, errors=e) for e in ("greenwood", "blocks"))
    net = net_survival(table, ["moved"], exposure="whole")
    naive = float(table.moves[0, 0].sum() / table.spells.sum())
    later = aalen_johansen(table, given=12)["price"]
    return {
        "left for price by 12": three(plain["price"].at(12)),
        "left for price by 24": three(plain["price"].at(24)),
        "left for price by 24, person blocks": three(blocks["price"].at(24)),
        "left for price by 24, given 12": three(later.at(24)),
        "months lost to moved of 24": three(months_lost(plain["moved"], 24)),
        "months lost to moved, person blocks": three(months_lost(blocks["moved"], 24)),
        "share for price": three(share_of_leavers(table, ["price"], 24)),
        "share for price, person blocks": three(
            share_of_leavers(table, ["price"], 24, errors="blocks")
        ),
        "net of moving, S(24)": three(net.at(24)),
        "seen to leave for price": (naive, np.nan, np.nan),
    }


LOST_MOVED = sum(monthly(1 / 3, t) for t in range(24))
LATE = Recipe(
    "competing causes, seen late",
    "1500 customers, monthly hazards .03 (price) and .015 (moved), at most one a month; seen from "
    "after month 0 to 6, until month 7 to 36",
    (
        Check("left for price by 12", monthly(2 / 3, 12)),
        Check("left for price by 24", monthly(2 / 3, 24)),
        Check("left for price by 24, person blocks", monthly(2 / 3, 24)),
        Check("left for price by 24, given 12", monthly(2 / 3, 12)),
        Check("months lost to moved of 24", LOST_MOVED),
        Check("months lost to moved, person blocks", LOST_MOVED),
        Check("share for price", 2 / 3),
        Check("share for price, person blocks", 2 / 3),
        Check("net of moving, S(24)", (1 - 0.03) ** 24),
        Check("seen to leave for price", monthly(2 / 3, 24), "must miss", ""),
    ),
    seen_late,
)


RARE = (0.002, 0.04)


def few_of_a_cause(rng: np.random.Generator) -> dict[str, Three]:
    size, found = 60, {}
    for name, latest in (("", 0), (", seen late", 5)):
        stay, cause = drawn(rng, size, RARE)
        entry, seen = rng.integers(0, latest + 1, size), rng.integers(12, 25, size)
        entry[:3] = 0
        there = stay > entry
        block = dealt(rng, size)[there]
        table = counted(*until(stay[there], cause[there], seen[there]), block, entry=entry[there])
        # who is never seen to leave for price is no reason to have no curve
        if "price" not in table.causes:
            table = added_cause(table, "price")
        curve = aalen_johansen(table)["price"]
        found[f"left for price by 12{name}"] = three(curve.at(12))
        found[f"months lost to price of 12{name}"] = three(months_lost(curve, 12))
        found[f"share for price{name}"] = three(share_of_leavers(table, ["price"], 12))
        found[f"S(12) if nobody moved{name}"] = three(net_survival(table, ["moved"]).at(12))
    return found


def added_cause(table: LifeTable, cause: str) -> LifeTable:
    """Return the table with a cause that nobody left for, first of all."""
    moves = np.concatenate([np.zeros_like(table.at_risk)[:, None], table.moves], axis=1)
    return replace(table, causes=(cause, *table.causes), moves=moves)


def rare(month: int) -> float:
    return RARE[0] / sum(RARE) * (1 - (1 - sum(RARE)) ** month)


FEW = Recipe(
    "few of a cause",
    "60 customers, monthly hazards .002 (price) and .04 (moved), until month 12 to 24; from the "
    "start or from after month 0 to 5; limits of a beta product",
    tuple(
        Check(f"{name}{late}", truth, "", "conservative")
        for late in ("", ", seen late")
        for name, truth in (
            ("left for price by 12", rare(12)),
            ("months lost to price of 12", sum(rare(t) for t in range(12))),
            ("share for price", RARE[0] / sum(RARE)),
            ("S(12) if nobody moved", (1 - sum(RARE)) ** (12 * RARE[0] / sum(RARE))),
        )
    ),
    few_of_a_cause,
)


def frail_spells(
    rng: np.random.Generator, persons: int, spells: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return persons, months and causes of spells: each has a haste and a taste for price."""
    person = np.repeat(np.arange(persons), spells)
    rate = 0.05 * rng.gamma(1.0, 1.0, persons)[person]
    stay = np.ceil(np.minimum(rng.exponential(size=len(person)) / rate, 1e6)).astype(int)
    taste = rng.beta(0.4, 0.2, persons)[person]
    return person, stay, np.where(rng.random(len(person)) < taste, 1, 2)


def eight_spells(rng: np.random.Generator) -> dict[str, Three]:
    person, stay, cause = frail_spells(rng, 600, 8)
    blocks = dealt(rng, 600)
    heads = np.bincount(blocks, minlength=256)
    table = counted(*until(stay, cause, 30), blocks[person], persons=heads)
    curve = aalen_johansen(table)["price"]
    naive = aalen_johansen(table, errors="greenwood")["price"]
    return {
        "left for price by 24": three(curve.at(24)),
        "months lost to price of 24": three(months_lost(curve, 24)),
        "share for price": three(share_of_leavers(table, ["price"], 24)),
        "left for price by 24, Greenwood": three(naive.at(24)),
        "months lost to price, Greenwood": three(months_lost(naive, 24)),
        "share for price, Greenwood": three(
            share_of_leavers(table, ["price"], 24, errors="greenwood")
        ),
    }


# P(T > t) = E exp(-.05 Z t) with Z exponential
FRAIL = 2 / 3 * (1 - 1 / (1 + 0.05 * np.arange(25)))
REPEAT = Recipe(
    "competing causes, repeat spells",
    "600 persons with eight spells each, one frailty and one inclination to leave for price per "
    "person",
    (
        Check("left for price by 24", float(FRAIL[24])),
        Check("months lost to price of 24", float(FRAIL[:24].sum())),
        Check("share for price", 2 / 3),
        Check("left for price by 24, Greenwood", float(FRAIL[24]), "none", "must fall short"),
        Check(
            "months lost to price, Greenwood", float(FRAIL[:24].sum()), "none", "must fall short"
        ),
        Check("share for price, Greenwood", 2 / 3, "none", "must fall short"),
    ),
    eight_spells,
)


RECIPES: Sequence[Recipe] = (CONSTANT, LATE, FEW, REPEAT)
