"""Worlds that are seen now and then only, or through those who left of late."""

from __future__ import annotations

import numpy as np

from stammkunde.draws import BLOCKS
from stammkunde.survival.grouped import (
    grouped_rate,
    lifetime,
    recent_leavers,
    seen_again,
    turnbull,
)
from stammkunde.survival.kaplan_meier import kaplan_meier
from tests.validate.counting import dealt, table
from tests.validate.recipes import drawn, mean_within, steady
from tests.validate.rule import Check, Recipe, Three, three

NAN = float("nan")
RATE, SPACING, LISTS = 0.1, 3, 16


def quarterly_lists(rng: np.random.Generator) -> dict[str, Three]:
    size = 20_000
    join, stay = rng.uniform(0, SPACING, size), rng.exponential(1 / RATE, size)
    lists = np.floor((join + stay) / SPACING).astype(int)
    block = dealt(rng, size)
    pairs = np.minimum(lists, LISTS)
    seen = np.bincount(block, pairs, BLOCKS).astype(int)
    again = np.bincount(block, np.maximum(pairs - 1, 0), BLOCKS).astype(int)
    again += np.bincount(block, lists > LISTS, BLOCKS).astype(int)
    rate = seen_again(seen, again, SPACING, persons=size)
    one = seen_again(
        np.bincount(block, lists >= 1, BLOCKS).astype(int),
        np.bincount(block, lists >= 2, BLOCKS).astype(int),
        SPACING,
        persons=size,
        repeats=False,
    )
    naive = SPACING * float(lists[lists > 0].mean())
    up = float(np.ceil(stay).mean())
    return {
        "rate, each pair of lists": three(rate),
        "rate, first pair": three(one),
        "mean lifetime": three(lifetime(rate)),
        "never seen": (float((lists == 0).mean()), NAN, NAN),
        "lists x 3": (naive, NAN, NAN),
        "lists x 3, as a lifetime": (naive, NAN, NAN),
        "months counted up": (up, NAN, NAN),
        "months counted up, as a lifetime": (up, NAN, NAN),
    }


QUARTERLY = Recipe(
    "quarterly lists",
    "20,000 customers who join on any day of a quarter, exponential with mean 10 months, on a list "
    "at the end of each quarter",
    (
        Check("rate, each pair of lists", RATE),
        Check("rate, first pair", RATE),
        Check("mean lifetime", 1 / RATE),
        Check("never seen", 0.13606, "none", ""),
        Check("lists x 3", 11.5749, "none", ""),
        Check("lists x 3, as a lifetime", 1 / RATE, "must miss", ""),
        Check("months counted up", 10.50833, "none", ""),
        Check("months counted up, as a lifetime", 1 / RATE, "must miss", ""),
    ),
    quarterly_lists,
)

HAZARDS = np.concatenate([np.full(6, 0.06), np.full(30, 0.02)])
LOOKS = np.array([1, 3, 6, 9, 12, 18, 24])


def looked(
    rng: np.random.Generator, size: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return left, right, entry, month of leaving and month of the last look of who is found.

    Each look is missed in 3 of 10 cases but the last; a third is found only from the first look at
    which he is still there.
    """
    stay = drawn(rng, HAZARDS, size)
    made = rng.random((size, len(LOOKS))) < 0.7
    made[np.arange(size), rng.integers(3, len(LOOKS), size)] = True
    there = made & (stay[:, None] > LOOKS)
    left = np.where(there, LOOKS, 0).max(axis=1)
    gone = made & (stay[:, None] <= LOOKS)
    right = np.where(gone, LOOKS, np.inf).min(axis=1)
    late = rng.random(size) < 1 / 3
    entry = np.where(late, np.where(there, LOOKS, np.inf).min(axis=1), 0.0)
    found = np.isfinite(entry)
    last = np.where(made, LOOKS, 0).max(axis=1)
    return left[found], right[found], entry[found], stay[found], last[found]


def irregular_looks(rng: np.random.Generator) -> dict[str, Three]:
    left, right, entry, _, _ = looked(rng, 1500)
    rows, place = np.unique(np.stack([left, right, entry]), axis=1, return_inverse=True)
    place = place.ravel()
    total = np.bincount(place, minlength=rows.shape[1])
    curve = turnbull(rows[0], rows[1], total, entry=rows[2])
    at = np.where(np.isfinite(right), right, left)
    naive = kaplan_meier(
        table(dealt(rng, len(at)), at.astype(int), np.isfinite(right), entry=entry.astype(int))
    )
    return {
        "S(6)": three(curve.at(6)),
        "S(12)": three(curve.at(12)),
        "S(24)": three(curve.at(24)),
        "RMST(24), limits of what is left open": three(curve.rmst(24)),
        "S(3), leaving when it is found out": three(naive.at(3)),
    }


STAYS = steady(HAZARDS)
IRREGULAR = Recipe(
    "irregular looks",
    "1500 customers, hazard .06 for six months and .02 after, looked at after 1, 3, 6, 9, 12, 18, "
    "24 months with looks missed; a third found only where a look met them",
    (
        Check("S(6)", float(STAYS[6])),
        Check("S(12)", float(STAYS[12])),
        Check("S(24)", float(STAYS[24])),
        Check("RMST(24), limits of what is left open", mean_within(STAYS, 24), "", "conservative"),
        Check("S(3), leaving when it is found out", float(STAYS[3]), "must miss", ""),
    ),
    irregular_looks,
)


def calendar_looks(rng: np.random.Generator) -> dict[str, Three]:
    size = 400
    join = rng.uniform(0, 4, size)
    stay, seen = rng.exponential(25, size), rng.integers(1, 9, size)
    # looks every four months of the calendar: the first interval is as long as is left of the four
    number = np.ceil((join + stay) / 4)
    right = np.where(number <= seen, 4 * number - join, np.inf)
    left = np.maximum(4 * np.minimum(number - 1, seen) - join, 0.0)
    plain = grouped_rate(left, right)
    gone = np.isfinite(right)
    late = float(gone.sum() / np.where(gone, right, left).sum())
    return {
        "rate": three(plain),
        "lifetime": three(lifetime(plain)),
        "rate, leaving when it is found out": (late, NAN, NAN),
    }


UNEQUAL = Recipe(
    "unequal intervals",
    "400 customers, exponential with mean 25, looked at every four months of the calendar",
    (
        Check("rate", 1 / 25),
        Check("lifetime", 25, "", "exact"),
        Check("rate, leaving when it is found out", 1 / 25, "must miss", ""),
    ),
    calendar_looks,
)

WINDOW, AGES = 6, 48
FADING = np.concatenate([np.full(6, 0.08), np.full(AGES, 0.03)])
FADED = steady(FADING)


def recent(rng: np.random.Generator) -> dict[str, Three]:
    size = 150
    ago = np.repeat(np.arange(1, AGES + 1), size)
    stay = drawn(rng, FADING, len(ago))
    gone = stay <= ago
    kept = ~gone | (ago - stay < WINDOW)
    ago, stay, gone = ago[kept], stay[kept], gone[kept]
    made = table(dealt(rng, len(ago)), np.where(gone, stay, ago), gone)
    curve, naive = recent_leavers(made, WINDOW), kaplan_meier(made)
    last = ~gone | (ago == stay)
    one = recent_leavers(
        table(dealt(rng, int(last.sum())), np.where(gone, stay, ago)[last], gone[last]), 1
    )
    return {
        "S(12)": three(curve.at(12)),
        "S(24)": three(curve.at(24)),
        "RMST(24)": three(curve.rmst(24)),
        "S(24), leavers of one month": three(one.at(24)),
        "S(24), read as followed from the start": three(naive.at(24)),
    }


RECENT = Recipe(
    "recent leavers",
    "150 newcomers a month for four years, hazard .08 for six months and .03 after; the data hold "
    "who is there and who left in the last six months",
    (
        Check("S(12)", float(FADED[12])),
        Check("S(24)", float(FADED[24])),
        Check("RMST(24)", mean_within(FADED, 24)),
        Check("S(24), leavers of one month", float(FADED[24])),
        Check("S(24), read as followed from the start", float(FADED[24]), "must miss", ""),
    ),
    recent,
)

RECIPES = (QUARTERLY, IRREGULAR, UNEQUAL, RECENT)
