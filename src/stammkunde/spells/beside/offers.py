"""Offers: who was offered or got what, from when to when, at what price."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from stammkunde.spells.beside.amounts import text, with_cents
from stammkunde.spells.beside.known import of_customers
from stammkunde.spells.build import Main
from stammkunde.spells.checks.rows import EARLIEST, Check, Remark, blocking
from stammkunde.spells.checks.sift import sift
from stammkunde.spells.delivery.cells import blank, date_of
from stammkunde.spells.delivery.columns import column
from stammkunde.spells.delivery.take import Taken
from stammkunde.spells.keys import keyed
from stammkunde.spells.schema.data import DataToml
from stammkunde.spells.schema.tables import OffersToml
from stammkunde.spells.spells import SideTable

SECTION = "offers"
COLUMNS = ("person", "block", "offer", "start", "last", "price", "arm")


def read_offers(
    taken: Taken, data: DataToml, table: OffersToml, main: Main, *, most: float | None
) -> SideTable:
    """Return the offers of customers with a spell (columns: see `Beside`).

    Money is in cents; a rebate may be delivered as a negative price.
    """
    rows = keyed(taken, table.person, main.keys)
    rows, amounts = with_cents(rows, taken, table.price, "price")
    rows, checks = with_days(rows, taken, table.start, table.end)
    typed = rows.mutate(offer=text(rows, taken, table.offer), arm=text(rows, taken, table.arm))
    checks = [
        blocking("missing_key", typed.customer.isnull(), table.person),
        blocking("missing_offer", typed.offer.isnull(), table.offer),
        *checks,
        *amounts,
    ]
    close = data.window.close
    late = [Remark("start_after_window", "note", lambda r: r.start >= ibis.literal(close))]
    sifted = sift(
        SECTION, taken, typed, checks=checks, remarks=late if close else [], columns=COLUMNS
    )
    days = ("start", "last")
    return of_customers(sifted, main, COLUMNS, days, person=table.person, most=most)


def with_days(rows: ir.Table, taken: Taken, start: str, end: str) -> tuple[ir.Table, list[Check]]:
    """Return `rows` with the first and the last day (null: it goes on) of a delivered time.

    They are the columns `start` and `last`; with them come the checks of these cells.
    """
    starts = column(rows, start, taken.where)
    rows = rows.mutate(start=date_of(starts, taken.form))
    checks = [
        blocking("missing_start", blank(starts), start),
        blocking("unreadable_start", rows.start.isnull(), start),
        blocking("impossible_date", rows.start < ibis.literal(EARLIEST), start),
    ]
    if not end:
        return rows.mutate(last=ibis.null("date")), checks
    ends = column(rows, end, taken.where)
    rows = rows.mutate(last=date_of(ends, taken.form))
    checks.append(blocking("unreadable_end", ~blank(ends) & rows["last"].isnull(), end))
    checks.append(blocking("end_before_start", rows["last"] < rows.start, end))
    return rows, checks
