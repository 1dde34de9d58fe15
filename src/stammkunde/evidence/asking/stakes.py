"""What is at stake in a segment: how many persons, what they earn in a month, what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from stammkunde.draws import BLOCKS
from stammkunde.evidence.asking.later import Later, Levels
from stammkunde.spells.spells import MARGIN, Spells
from stammkunde.survival.drivers.cells import BANDS, levels_of
from stammkunde.survival.projection.worth import A_YEAR

MONEY = "money"
ALIKE_EARNED = "months_gained_earn_the_mean_margin"
AS_DECLARED = "interest_as_declared"
# paid for as long as one stays
FOR_GOOD = 10**6


@dataclass(frozen=True, kw_only=True)
class Heads:
    """Persons by segment, in both arms together, and `everybody`.

    `arms` are persons by arm and block [256] of each segment, where the data tell them.
    """

    persons: Mapping[Levels, int]
    everybody: int
    arms: Mapping[Levels, Mapping[str, np.ndarray]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Stakes:
    """What is at stake: margins by segment and block, and the cost of an offer.

    `cents` [256] per month together of the `known` [256] customers whose margin is known; a unit
    has `months`. `euro` is paid once, or with `held` in each of the first so many units in which
    one is still there. What is paid a unit later counts `discount` times as much; `later` is what
    follows the horizon, None where nothing is counted there: `why` says why not.
    """

    cents: Mapping[Levels, np.ndarray]
    known: Mapping[Levels, np.ndarray]
    euro: float
    held: int = 0
    months: float = 1.0
    discount: float = 1.0
    later: Later | None = None
    why: str = ""

    @property
    def rests(self) -> tuple[str, ...]:
        """Return what money rests on, beside the effect."""
        more = (AS_DECLARED,) if self.discount < 1 else ()
        return (ALIKE_EARNED, *more, *(self.later.rests if self.later else ()))

    def is_known(self, levels: Levels) -> bool:
        """Return whether somebody's margin is known in a segment, in blocks enough for an error."""
        return levels in self.known and int((self.known[levels] > 0).sum()) > 1


def stakes_of(spells: Spells, columns: tuple[str, ...], *, euro: float, held: int) -> Stakes | None:
    """Return what is at stake by segment of `columns`, counted in the engine.

    None where the spells hold no margin, or nothing is said of the cost.
    """
    r = spells.relation
    if MARGIN not in r.columns or euro <= 0:
        return None
    names = [f"level {i}" for i in range(len(columns))]
    levels = {n: levels_of(spells, c, BANDS)[0] for n, c in zip(names, columns, strict=True)}
    rows = r.mutate(**levels)
    rows = rows.filter(rows[MARGIN].notnull())
    counted = rows.group_by(*names, "block").aggregate(
        cents=rows[MARGIN].cast("int64").sum(), known=rows.count()
    )
    frame = counted.execute()
    cents: dict[Levels, np.ndarray] = {}
    known: dict[Levels, np.ndarray] = {}
    for level, own in frame.groupby(names, sort=True):
        key = tuple(map(str, level))
        for found, name in ((cents, "cents"), (known, "known")):
            found[key] = np.zeros(BLOCKS, dtype=np.int64)
            found[key][own.block.to_numpy(dtype=np.int64)] = own[name].to_numpy(dtype=np.int64)
    a_unit = A_YEAR["month"] / A_YEAR[spells.unit]
    return Stakes(cents=cents, known=known, euro=euro, held=held, months=a_unit)
