"""Persons who sign up anew: the hoppers of a newcomer offer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from stammkunde.draws import BLOCKS
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.persons import (
    SignupCounts,
    occupancy,
    paid_units,
    signups_from,
)
from stammkunde.survival.table import LifeTable
from tests.validate.counting import dealt, table
from tests.validate.rule import Check, Recipe, Three, three
from tests.validate.second_spells import CHANGED, TRAP

JOINS, MONTHS, HORIZON, AWAY = 24, 60, 36, 2
HOPPERS, REJOIN, TERM = 0.3, 0.8, 12


@cache
def hazards(hopper: bool) -> np.ndarray:
    """Return the hazards of months 1 .. 60 of a spell."""
    found = np.full(MONTHS, 0.015)
    found[: TERM - 1] = 0.0
    found[TERM - 1] = 0.85 if hopper else 0.08
    return found


@dataclass(frozen=True)
class Course:
    """What a person of one kind is expected to do, by month 0 .. of the person."""

    signups: np.ndarray
    leaving: np.ndarray
    paid: np.ndarray


@cache
def course(hopper: bool) -> Course:
    """Return sign-ups at the beginning of, leaving at the end of, and payment in each month.

    Exact recursion over the month of the person and the tenure of the spell.
    """
    rate = hazards(hopper)
    signing, leaving, paid = (np.zeros(MONTHS + AWAY + 1) for _ in range(3))
    signing[0] = 1.0
    here = np.zeros(MONTHS + 1)
    for month in range(MONTHS):
        here[0] += signing[month]
        paid[month] = here.sum()
        gone = here[:MONTHS] * rate
        leaving[month] = gone.sum()
        if hopper:
            signing[month + AWAY + 1] += REJOIN * gone[TERM - 1]
        here[1:] = here[:MONTHS] - gone
        here[0] = 0.0
    return Course(*(a[:MONTHS] for a in (signing, leaving, paid)))


def mixed(of: str) -> np.ndarray:
    """Return the expectation of a person of unknown kind."""
    both = [getattr(course(kind), of) for kind in (True, False)]
    return np.asarray(HOPPERS * both[0] + (1 - HOPPERS) * both[1])


def spells_per_person() -> float:
    """Return the sign-ups of a person until the data end, first joins spread over two years."""
    return float(np.mean([mixed("signups")[: MONTHS - join].sum() for join in range(JOINS)]))


def paid_within(of: np.ndarray) -> float:
    return float(of[:HORIZON].sum())


def contract_mean() -> float:
    """Return what the mean of contracts tends to: all of them, each censored when the data end."""
    at_risk, left = np.zeros(HORIZON), np.zeros(HORIZON)
    for hopper, weight in ((True, HOPPERS), (False, 1 - HOPPERS)):
        stay = np.concatenate([[1.0], np.cumprod(1 - hazards(hopper))])[:HORIZON]
        for join in range(JOINS):
            signing = course(hopper).signups[: MONTHS - join]
            # spells that began early enough to be seen in their month t + 1
            seen = np.cumsum(signing)[::-1][:HORIZON]
            seen = np.pad(seen, (0, HORIZON - len(seen)))
            at_risk += weight * seen * stay
            left += weight * seen * stay * hazards(hopper)[:HORIZON]
    survival = np.concatenate([[1.0], np.cumprod(1 - left / at_risk)])
    return float(survival[:HORIZON].sum())


@dataclass(frozen=True)
class World:
    """Spells of persons: who, first and last month of the person (from 0), whether he left."""

    hopper: np.ndarray
    block: np.ndarray
    seen: np.ndarray
    person: np.ndarray
    begin: np.ndarray
    exit_: np.ndarray
    left: np.ndarray


def drawn(rng: np.random.Generator, size: int) -> World:
    """Return a draw of persons with all their spells."""
    hopper = rng.random(size) < HOPPERS
    seen = MONTHS - rng.integers(0, JOINS, size)
    tables = [-np.cumprod(1 - hazards(kind)) for kind in (False, True)]
    who, begin = np.arange(size), np.zeros(size, dtype=np.int64)
    parts = []
    while len(who):
        u = rng.random(len(who))
        stay = 1 + np.where(
            hopper[who], *(np.searchsorted(t, -u, side="left") for t in tables[::-1])
        )
        left = begin + stay <= seen[who]
        parts.append((who, begin, np.minimum(stay, seen[who] - begin), left))
        back = left & hopper[who] & (stay == TERM) & (rng.random(len(who)) < REJOIN)
        who, begin = who[back], (begin + stay + AWAY)[back]
        there = begin < seen[who]
        who, begin = who[there], begin[there]
    person, begin, exit_, left = (np.concatenate(x) for x in zip(*parts, strict=True))
    return World(hopper, dealt(rng, size), seen, person, begin, exit_, left)


def clock(world: World, who: np.ndarray) -> LifeTable:
    """Return the table on the person's clock that the engine would count, of some persons."""
    kept = who[world.person]
    person, begin = world.person[kept], world.begin[kept]
    finish = begin + world.exit_[kept]
    block, seen = world.block, world.seen
    counts = np.zeros((3, BLOCKS, MONTHS + 1), dtype=np.int64)
    watched, stays, goes = counts
    np.add.at(watched, (block[who], 0), 1)
    np.add.at(watched, (block[who], seen[who]), -1)
    np.add.at(stays, (block[person], begin), 1)
    np.add.at(stays, (block[person], finish), -1)
    goes_on = finish < seen[person]
    np.add.at(goes, (block[person][goes_on], finish[goes_on] - 1), 1)
    watched, stays, goes = np.cumsum(watched, -1), np.cumsum(stays, -1), goes
    length = int(seen[who].max())
    there, gone = stays[:, :length], (watched - stays)[:, :length]
    nothing = np.zeros((2, BLOCKS, length), dtype=np.int64)
    moves = np.zeros((2, 2, BLOCKS, length), dtype=np.int64)
    moves[1, 0] = goes[:, :length]
    heads = np.bincount(block[who], minlength=BLOCKS)
    return LifeTable(
        group={},
        unit="month",
        states=("away", "customer"),
        causes=("away", "customer"),
        entered=nothing,
        at_risk=np.stack([gone, there]),
        moves=moves,
        censored=nothing,
        crossed=nothing,
        persons=heads,
        spells=heads,
        repeats=True,
    )


def counted(world: World) -> SignupCounts:
    """Return the sign-ups; after two months away all returns are within 90 days."""
    persons = np.bincount(world.block, minlength=BLOCKS)
    spells = np.bincount(world.block[world.person], minlength=BLOCKS)
    none = np.zeros(BLOCKS, dtype=np.int64)
    return SignupCounts(
        persons=persons,
        spells=spells,
        signups=spells,
        within=spells - persons,
        later=none,
        before=none,
        parallel=none,
    )


def hopping(rng: np.random.Generator) -> dict[str, Three]:
    world = drawn(rng, 3000)
    found = signups_from(counted(world), 90)
    contracts = table(
        world.block[world.person], world.exit_, world.left, person=world.person, horizon=HORIZON
    )
    kinds = {"": world.hopper | True, ", hoppers": world.hopper, ", others": ~world.hopper}
    curves = {name: occupancy(clock(world, who)) for name, who in kinds.items()}
    paid = {f"paid(36){n}": three(paid_units(c, HORIZON)) for n, c in curves.items()}
    contract = three(kaplan_meier(contracts).rmst(HORIZON))
    return {
        **paid,
        "customers in month 15": three(curves[""].at(14)),
        "spells per person": three(found.per_person),
        "returns by sign-ups": three(found.returns),
        "RMST(36) of contracts": contract,
        "RMST(36) of contracts for persons": contract,
    }


HOPPING = Recipe(
    "persons who sign up anew",
    "3000 persons, of whom 30 % leave in month 12 with .85 and sign up again with .8 after two "
    "months, any number of times; the others leave with .08 then, all with .015 later",
    (
        Check("paid(36)", paid_within(mixed("paid"))),
        Check("paid(36), hoppers", paid_within(course(True).paid)),
        Check("paid(36), others", paid_within(course(False).paid)),
        Check("customers in month 15", float(mixed("paid")[14]), "none", "conservative"),
        Check("spells per person", spells_per_person()),
        Check("returns by sign-ups", 1 - 1 / spells_per_person()),
        Check("RMST(36) of contracts", contract_mean()),
        Check("RMST(36) of contracts for persons", paid_within(mixed("paid")), "must miss", ""),
    ),
    hopping,
)

RECIPES = (HOPPING, TRAP, CHANGED)
