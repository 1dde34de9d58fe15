"""What is at stake in a segment: what its customers earn in a month, and what an offer costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from stammkunde.draws import BLOCKS
from stammkunde.spells.spells import MARGIN, Spells
from stammkunde.survival.drivers.cells import BANDS, levels_of

MONEY = "money"
ALIKE_EARNED = "months_gained_earn_the_mean_margin"
Levels = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Stakes:
    """What is at stake: margins by segment and block, and the cost of an offer.

    `cents` [256] per month together of the `known` [256] customers whose margin is known. `euro` is
    paid once, or with `held` in each of the first so many units in which one is still there.
    """

    cents: Mapping[Levels, np.ndarray]
    known: Mapping[Levels, np.ndarray]
    euro: float
    held: int = 0

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
    return Stakes(cents=cents, known=known, euro=euro, held=held)
