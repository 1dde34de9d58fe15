"""The price list: what a plan cost, and when."""

from __future__ import annotations

from stammkunde.spells.beside.amounts import text, with_cents
from stammkunde.spells.beside.offers import with_days
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
    rows, amounts = with_cents(rows, taken, table.price, "price")
    rows, days = with_days(rows, taken, table.start, table.end)
    typed = rows.mutate(plan=text(rows, taken, table.plan))
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
