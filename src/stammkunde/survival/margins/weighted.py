"""Customers counted by what they pay: the life table of money.

Who pays more and stays longer is worth more than his margin times the months of an average
customer. So the money that is there is followed instead of the heads: its share that is still
there, and its projection, are those of a life table in which everybody counts by his margin.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stammkunde.errors import NotObservedError
from stammkunde.survival.margins.counts import CENTS, HEADS, Margins
from stammkunde.survival.projection.worth import A_YEAR, still_there
from stammkunde.survival.table import LifeTable

CAUSE, STATE = "left", "customer"
MONTHS_A_YEAR = 12


@dataclass(frozen=True, kw_only=True)
class Weighted:
    """A life table whose counts are margins by the mean margin, and that mean per unit of tenure.

    The counts are no whole numbers; only errors by person blocks are right for them.
    """

    table: LifeTable
    mean: float

    @property
    def there(self) -> np.ndarray:
        """Return the margins per unit of those there at the end, by completed tenure [K + 1]."""
        return np.asarray(still_there(self.table) * self.mean)


def weighted(found: Margins) -> Weighted:
    """Return the life table of money, in the data's currency.

    NotObservedError where the customers of some blocks and unit earn nothing or a loss together:
    shares of such sums say nothing.
    """
    heads, money = (found.at_risk[i].astype(float) for i in (HEADS, CENTS))
    gone, kept = (a[CENTS].astype(float) for a in (found.left, found.censored))
    if (money < 0).any() or (gone < 0).any() or money.sum() <= 0:
        raise NotObservedError(
            "customers on whom money is lost cannot be counted by their margin",
            remedy="Value such customers apart.",
        )
    mean = money.sum() / heads.sum()
    crossed = found.changed / mean
    table = LifeTable(
        group={},
        unit=found.unit,
        states=(STATE,),
        causes=(CAUSE,),
        entered=(found.entered[CENTS] / mean)[None],
        at_risk=(money / mean)[None],
        moves=(gone / mean)[None, None],
        censored=(kept / mean)[None],
        crossed=crossed[None],
        persons=found.persons,
        spells=found.spells,
        repeats=True,
    )
    return Weighted(table=table, mean=mean / 100 * MONTHS_A_YEAR / A_YEAR[found.unit])
