"""Observation that is cut short, and a snapshot that knows only recent leavers, read as what it is.

Where a table holds today's customers and those who left in its last unit of time, and nobody who
left earlier, a customer with t completed units was under observation in unit t alone: the one that
the table covers. Reading him as if he had been followed from the start puts survivors into risk
sets whose leavers were never recorded, and the curve is too high.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from stammkunde.errors import ParameterError
from stammkunde.survival.table import LifeTable


def until(table: LifeTable, reach: int) -> LifeTable:
    """Return the life table as if observation had ended with unit `reach`.

    Who was still there is censored. Heads and causes are those of the whole table. ParameterError
    for a `reach` below 1.
    """
    if reach < 1:
        raise ParameterError(f"observation cannot end with {table.unit} {reach}")
    if reach >= table.length:
        return table
    cut = {
        name: getattr(table, name)[..., :reach]
        for name in ("entered", "at_risk", "moves", "censored", "crossed")
    }
    censored = cut["censored"].copy()
    censored[..., -1] = cut["at_risk"][..., -1] - cut["moves"][..., -1].sum(axis=1)
    money = {name: cents[..., :reach] for name, cents in table.money.items()}
    return replace(table, **{**cut, "censored": censored}, money=money)


def last_unit_only(table: LifeTable) -> LifeTable:
    """Return the life table of the last unit before the snapshot: at risk in t is who has tenure t.

    Laws of the life table hold: everybody enters one unit before the exit.
    """
    at_risk = table.moves.sum(axis=1) + table.censored
    return replace(table, entered=at_risk, at_risk=at_risk, crossed=np.zeros_like(table.crossed))
