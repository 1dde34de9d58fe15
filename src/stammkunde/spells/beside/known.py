"""Which rows of a side table are about customers who were under observation, and when."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from stammkunde.spells.build import Main
from stammkunde.spells.checks.found import Found, Severity
from stammkunde.spells.checks.repeats import FOREVER
from stammkunde.spells.checks.sift import Sifted, first_records, remarked, set_aside, shapes_of
from stammkunde.spells.delivery.columns import RECORD
from stammkunde.spells.delivery.engine import keep
from stammkunde.spells.spells import SideTable, Tally


def of_customers(
    sifted: Sifted,
    main: Main,
    columns: tuple[str, ...],
    days: tuple[str, str],
    *,
    person: str,
    most: float | None,
) -> SideTable:
    """Return the rows about persons with a spell; the others count as never at risk.

    Warnings: customers whom the main table does not name, and rows whose `days` (columns of the
    first and the last) meet no spell of the person. `person` is the delivered column of the key.
    """
    rejected, errors = set_aside(sifted, most=most)
    good, spells = sifted.good, main.spells.relation
    used = keep(sifted.taken.engine, good.semi_join(spells, "person"))
    unused = good.anti_join(spells, "person")
    unknown = unused.anti_join(main.everybody, "person")
    known = unused.semi_join(main.everybody, "person")
    found = [*errors, *remarked(sifted)]
    found += _noted(sifted, "unknown_customer", "warning", unknown, person)
    found += _noted(sifted, "customer_not_used", "note", known, person)
    if main.spells.close is not None:
        outside = _outside(used, spells, days)
        found += _noted(sifted, "outside_contract", "warning", outside, days[0])
    count = int(used.count().execute())
    never = sifted.read - count - len(rejected)
    tally = Tally(sifted.read, count, never, len(rejected))
    return SideTable(used.select(*columns, RECORD), tally, tuple(found), rejected)


def _outside(used: ir.Table, spells: ir.Table, days: tuple[str, str]) -> ir.Table:
    """Return the rows whose days meet no spell of the person."""
    far = ibis.literal(FOREVER)
    times = spells.select(
        owner=spells.person, since=spells.start, until=spells["last"].fill_null(far)
    )
    begins, ends = used[days[0]], used[days[1]].fill_null(far)
    meets = (used.person == times.owner) & (begins <= times.until) & (ends >= times.since)
    return used.anti_join(used.inner_join(times, meets).select(RECORD).distinct(), RECORD)


def _noted(
    sifted: Sifted, name: str, severity: Severity, rows: ir.Table, column: str
) -> tuple[Found, ...]:
    count = int(rows.count().execute())
    if not count:
        return ()
    records = first_records(rows)
    shown = shapes_of(sifted.taken, records, column) if name != "outside_contract" else ()
    found = Found(
        table=sifted.section,
        check=name,
        severity=severity,
        rows=count,
        column=column if name != "outside_contract" else "",
        records=records,
        shapes=shown,
    )
    return (found,)
