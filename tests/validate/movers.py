"""Who moves is not like the others: what if nobody moved, told apart and not."""

from __future__ import annotations

import numpy as np

from stammkunde.evidence.eliminated import if_nobody
from stammkunde.survival.arrays import life_tables_from
from stammkunde.survival.causes import net_survival
from tests.validate.counting import dealt
from tests.validate.rule import Check, Recipe, Three, three

SIZE, END = 4000, 24
PRICE, MOVED = np.array([0.02, 0.05]), np.array([0.005, 0.05])
SHARE = 0.4
NAN = float("nan")


def staying(months: float) -> float:
    """Return the share still there after so many months if nobody moved."""
    mass = np.array([1 - SHARE, SHARE])
    return float(mass @ np.exp(-PRICE * months))


def if_movers_were_like_others(months: int, fine: int = 2000) -> float:
    """Return the limit of the curve that censors movers: those still there have the lower rates."""
    mass = np.array([1 - SHARE, SHARE])
    at = (np.arange(months * fine) + 0.5) / fine
    there = mass[:, None] * np.exp(-np.outer(PRICE + MOVED, at))
    return float(np.exp(-((PRICE @ there) / there.sum(axis=0)).sum() / fine))


def once(rng: np.random.Generator) -> dict[str, Three]:
    kind = (rng.random(SIZE) < SHARE).astype(int)
    price, moved = (rng.exponential(1 / rate[kind]) for rate in (PRICE, MOVED))
    stay = np.ceil(np.minimum(price, moved)).astype(int)
    exit_ = np.minimum(stay, 2 * END)
    cause = np.where(stay > 2 * END, 0, np.where(price < moved, 1, 2))
    causes = ("price", "moved")
    block = dealt(rng, SIZE)
    cells = life_tables_from(exit_, cause, kind, 2, causes=causes, block=block)
    (all_,) = life_tables_from(exit_, cause, None, 1, causes=causes, block=block)
    alike, plain = if_nobody(cells, ["moved"]), net_survival(all_, ["moved"])
    found = {f"S({t}) if nobody moved": three(alike.at(t)) for t in (END, 2 * END)}
    found |= {f"S({t}), movers like all others": three(plain.at(t)) for t in (END, 2 * END)}
    found |= {f"S({t}), the same, by its own limit": three(plain.at(t)) for t in (END, 2 * END)}
    return found


MOVING = Recipe(
    "movers are not like the others",
    "4,000 customers, two in five of whom both leave for the price and move more often; counted in "
    "months",
    (
        *(Check(f"S({t}) if nobody moved", staying(t)) for t in (END, 2 * END)),
        *(
            Check(f"S({t}), movers like all others", staying(t), "must miss", "")
            for t in (END, 2 * END)
        ),
        *(
            Check(f"S({t}), the same, by its own limit", if_movers_were_like_others(t))
            for t in (END, 2 * END)
        ),
    ),
    once,
)
RECIPES = (MOVING,)
