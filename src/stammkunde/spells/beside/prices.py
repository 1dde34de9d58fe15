"""The price list: what a plan cost, and when."""

from __future__ import annotations

from stammkunde.spells.beside.amounts import cents, text
from stammkunde.spells.beside.offers import days_of
from stammkunde.spells.checks.repeats import set_overlaps_aside
from stammkunde.spells.checks.rows import blocking
from stammkunde.spells.checks.sift import set_aside, sift
from stammkunde.spells.delivery.columns import RECORD
from stammkunde.spells.delivery.take import Taken
from stammkunde.spells.schema.tables import PricesToml
from stammkunde.spells.spells import SideTable, Tally

SECTION = "prices"
COLUMNS = ("plan", "start", "last", "price")


def read_prices(taken: Taken, table: PricesToml, *, most: float | None) -> SideTable:
    """Return the price list (columns: see `Beside`); money is in cents.

    Prices of one plan that are valid on the same day are set aside, all of them.
    """
    rows = taken.rows
    price, amounts = cents(rows, taken, table.price)
    (start, last), days = days_of(rows, taken, table.start, table.end)
    typed = rows.mutate(plan=text(rows, taken, table.plan), start=start, price=price, last=last)
    checks = [
        blocking("missing_plan", typed.plan.isnull(), table.plan),
        *days,
        *amounts,
        blocking("missing_price", typed.price.isnull(), table.price),
        blocking("impossible_value", typed.price < 0, table.price),
    ]
    sifted = sift(SECTION, taken, typed, checks=checks, columns=COLUMNS)
    sifted = set_overlaps_aside(sifted, "plan", "overlapping_prices")
    rejected, found = set_aside(sifted, most=most)
    tally = Tally(sifted.read, sifted.read - len(rejected), 0, len(rejected))
    return SideTable(sifted.good.select(*COLUMNS, RECORD), tally, found, rejected)
