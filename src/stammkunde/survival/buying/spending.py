"""What customers without a contract pay by tenure: cents in each unit since they began."""

from __future__ import annotations

from dataclasses import replace

import ibis
import numpy as np

from stammkunde.draws import BLOCKS
from stammkunde.spells.bought import CENTS, Purchases
from stammkunde.spells.months import completed_expr
from stammkunde.spells.spells import CENSORED, Spells
from stammkunde.survival.persons.arrivals import level_of


def spending(purchases: Purchases, spells: Spells, by: str = "") -> dict[str, np.ndarray]:
    """Return the cents paid within spells by level of a group [256, K], by unit of tenure.

    Only what was paid in units observed whole, and before the person's next spell. `spells` are
    dated.
    """
    s = spells.relation
    own = s.select("person", "start", "next", "exit", "block", level=level_of(s, by)).to_pyarrow()
    known = ibis.memtable(own)
    p = purchases.relation.select(who="person", day="day", cents=CENTS)
    both = p.inner_join(known, [p.who == known.person, p.day >= known.start])
    both = both.filter(both["next"].isnull() | (both.day < both["next"]))
    unit = completed_expr(both.start, both.day, spells.unit) + 1
    both = both.mutate(unit=unit).filter((unit <= both["exit"]) & both.cents.notnull())
    grouped = both.group_by("level", "block", "unit")
    frame = grouped.aggregate(total=both.cents.sum().cast("int64")).execute()
    length = int(frame.unit.max()) if len(frame) else 0
    found: dict[str, np.ndarray] = {}
    for level, rows in frame.groupby("level"):
        laid = np.zeros((BLOCKS, length), dtype=np.int64)
        at = (rows.block.to_numpy(), rows.unit.to_numpy() - 1)
        np.add.at(laid, at, rows.total.to_numpy())
        found[str(level)] = laid
    return found


def up_to(spells: Spells, units: int) -> Spells:
    """Return dated spells up to so many units after the person's first began, later ones cut off.

    What goes on beyond is censored there.
    """
    s = spells.relation
    began = s.start.min().over(ibis.window(group_by="person"))
    left = units - completed_expr(began, s.start, spells.unit)
    s = s.mutate(room=left.cast("int64"))
    s = s.filter(s.room > s.entry)
    beyond = s["exit"] > s.room
    end = ibis.ifelse(beyond, ibis.literal(CENSORED), s.end)
    cut = s.mutate(end=end, exit=ibis.ifelse(beyond, s.room, s["exit"])).drop("room")
    return replace(spells, relation=cut, spells=int(cut.count().execute()))
