"""A snapshot that knows only recent leavers, read as what it is.

Where a table holds today's customers and those who left in its last unit of time, and nobody who
left earlier, a customer with t completed units was under observation in unit t alone: the one that
the table covers. Reading him as if he had been followed from the start puts survivors into risk
sets whose leavers were never recorded, and the curve is too high.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from stammkunde.survival.table import LifeTable


def last_unit_only(table: LifeTable) -> LifeTable:
    """Return the life table of the last unit before the snapshot: at risk in t is who has tenure t.

    Laws of the life table hold: everybody enters one unit before the exit.
    """
    at_risk = table.moves.sum(axis=1) + table.censored
    return replace(table, entered=at_risk, at_risk=at_risk, crossed=np.zeros_like(table.crossed))
