"""Worlds in which customers leave for several causes at any time: what if nobody moved."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stammkunde.survival.causes import net_survival
from stammkunde.survival.formulas import survival
from tests.validate.causes import counted, until
from tests.validate.counting import dealt
from tests.validate.rule import Check, Recipe, Three, three


def in_whole_months(
    rng: np.random.Generator, size: int, hazards: tuple[float, float], end: int
) -> dict[str, Three]:
    """Return what is said of S(end) where all leave at any time and are counted in months."""
    rate = sum(hazards)
    stay = np.ceil(rng.exponential(1 / rate, size)).astype(int)
    cause = np.where(rng.random(size) < hazards[0] / rate, 1, 2)
    seen = rng.integers(1, 3 * end // 2 + 1, size)
    table = counted(*until(stay, cause, seen), dealt(rng, size))
    net, blocks = (net_survival(table, ["moved"], errors=e) for e in ("greenwood", "blocks"))
    whole = net_survival(table, ["moved"], exposure="whole")
    half = survival(net.at_risk - np.asarray(net.others) / 2, net.events)
    return {
        f"S({end}) if nobody moved": three(net.at(end)),
        f"RMST({end}) if nobody moved": three(net.rmst(end)),
        f"S({end}), person blocks": three(blocks.at(end)),
        f"S({end}), movers at risk half a month": (float(half[end]), np.nan, np.nan),
        f"S({end}), movers at risk all month": three(whole.at(end)),
    }


def alone(price: float, end: int) -> tuple[Check, ...]:
    """Return the checks of `in_whole_months`: half a month is as good where hazards are small."""
    stays = np.exp(-price * np.arange(end + 1))
    return (
        Check(f"S({end}) if nobody moved", float(stays[end])),
        Check(f"RMST({end}) if nobody moved", float(stays[:end].sum())),
        Check(f"S({end}), person blocks", float(stays[end])),
        Check(
            f"S({end}), movers at risk half a month",
            float(stays[end]),
            "must miss" if price > 0.1 else "none",
            "",
        ),
        Check(f"S({end}), movers at risk all month", float(stays[end]), "must miss", ""),
    )


def slow(rng: np.random.Generator) -> dict[str, Three]:
    return in_whole_months(rng, 20_000, (0.03, 0.06), 24)


def fast(rng: np.random.Generator) -> dict[str, Three]:
    return in_whole_months(rng, 3000, (0.3, 0.9), 3)


NET = Recipe(
    "if nobody moved",
    "20,000 customers, constant hazards .03 (price) and .06 (moved) at any time, counted in whole "
    "months; the time of moving says nothing of the other",
    alone(0.03, 24),
    slow,
)
FAST = Recipe(
    "if nobody moved, most leave in a month",
    "3000 customers, constant hazards .3 (price) and .9 (moved) at any time, counted in whole "
    "months; until month 1 to 4",
    alone(0.3, 3),
    fast,
)


RECIPES: Sequence[Recipe] = (NET, FAST)
