"""Events: what happened to customers, and on which day."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from stammkunde.spells.beside.amounts import text, with_cents
from stammkunde.spells.beside.known import of_customers
from stammkunde.spells.build import Main
from stammkunde.spells.checks.rows import EARLIEST, blocking
from stammkunde.spells.checks.sift import sift
from stammkunde.spells.delivery.cells import blank, date_of, number_of
from stammkunde.spells.delivery.columns import column
from stammkunde.spells.delivery.take import Taken
from stammkunde.spells.keys import keyed
from stammkunde.spells.schema.data import DataToml
from stammkunde.spells.schema.tables import EventKindToml, EventsToml
from stammkunde.spells.spells import SideTable

SECTION = "events"
COLUMNS = ("person", "block", "day", "kind", "value", "number", "cost", "team")


def read_events(
    taken: Taken, data: DataToml, table: EventsToml, main: Main, *, most: float | None
) -> SideTable:
    """Return the events of customers with a spell (columns: see `Beside`).

    A word that no kind lists stands for itself. Money is in cents.
    """
    rows = keyed(taken, table.person, main.keys)
    rows, checks = with_cents(rows, taken, table.cost, "cost")
    cell = column(rows, table.date, taken.where)
    number = ibis.null("float64")
    if table.value:
        number = number_of(column(rows, table.value, taken.where), taken.form)
    rows = rows.mutate(day=date_of(cell, taken.form), word=text(rows, taken, table.kind))
    typed = rows.mutate(
        kind=_kind(rows.word, table.kinds),
        value=text(rows, taken, table.value),
        number=number,
        team=text(rows, taken, table.team),
    )
    checks = [
        blocking("missing_key", typed.customer.isnull(), table.person),
        blocking("unreadable_date", blank(cell) | typed.day.isnull(), table.date),
        blocking("impossible_date", typed.day < ibis.literal(EARLIEST), table.date),
        blocking("missing_kind", typed.kind.isnull(), table.kind),
        *checks,
    ]
    if data.window.close is not None:
        late = typed.day >= ibis.literal(data.window.close)
        checks.append(blocking("after_window", late, table.date))
    sifted = sift(SECTION, taken, typed, checks=checks, columns=COLUMNS)
    days = ("day", "day")
    return of_customers(sifted, main, COLUMNS, days, person=table.person, most=most)


def _kind(word: ir.StringValue, kinds: Mapping[str, EventKindToml]) -> ir.StringValue:
    branches = [(word.isin(list(k.values)), name) for name, k in kinds.items() if k.values]
    return ibis.cases(*branches, else_=word) if branches else word
