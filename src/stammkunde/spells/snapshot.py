"""A snapshot: one row per customer, with completed units of tenure and who has left."""

from __future__ import annotations

from dataclasses import replace

import ibis

from stammkunde.spells.beside.amounts import with_cents
from stammkunde.spells.build import Main, finish, undated
from stammkunde.spells.checks.repeats import repeated_rows, repeats
from stammkunde.spells.checks.rows import blocking
from stammkunde.spells.checks.sift import sift
from stammkunde.spells.columns import named
from stammkunde.spells.delivery.cells import number_of, text_of
from stammkunde.spells.delivery.columns import column
from stammkunde.spells.delivery.take import Taken
from stammkunde.spells.keys import Keys, key_columns, keyed, not_listed
from stammkunde.spells.schema.data import DataToml
from stammkunde.spells.schema.tables import SnapshotToml
from stammkunde.spells.spells import MARGIN

SECTION = "snapshot"
MOST_UNITS = 100_000


def read_snapshot(
    taken: Taken, data: DataToml, table: SnapshotToml, keys: Keys, *, most: float | None
) -> Main:
    """Return the spells of a snapshot; more than a share `most` rejected is refused."""
    extra = named(keyed(taken, table.person, keys), taken, data)
    rows, margin = with_cents(extra.rows, taken, table.margin, MARGIN)
    rows = rows.mutate(
        number=number_of(column(rows, table.tenure, taken.where), taken.form),
        flag=text_of(column(rows, table.left, taken.where)),
    )
    number = rows.number
    left, stayed = rows.flag.isin(table.left_values), rows.flag.isin(table.stayed_values)
    # floors of what is greater would overflow
    small = ibis.ifelse(number.abs() <= MOST_UNITS, number, ibis.null("float64"))
    broken = (small != small.floor()).fill_null(False)
    tenure = ibis.ifelse(broken, ibis.null("float64"), small).cast("int64")
    typed = rows.mutate(tenure=tenure, left=left, **extra.columns, **extra.flags)
    checks = [
        blocking("missing_key", rows.customer.isnull(), table.person),
        blocking("unreadable_tenure", number.isnull() | broken, table.tenure),
        blocking("negative_tenure", number < 0, table.tenure),
        blocking("impossible_tenure", number > MOST_UNITS, table.tenure),
        blocking("unknown_flag", ~(left | stayed).fill_null(False), table.left),
        *margin,
        *extra.checks,
    ]
    spells = undated(typed)
    own = ("start", "last", "entry", "exit", "end", "cohort", *([MARGIN] if table.margin else []))
    sifted = sift(
        SECTION,
        taken,
        spells,
        checks=checks,
        remarks=[*not_listed(keys), *extra.remarks],
        columns=(*key_columns(table.person, keys), *own, *extra.columns, *extra.flags),
        measures=repeats(person=bool(table.person), number=False),
    )
    spells = sifted.good.mutate(weight=ibis.literal(1, "int64"))
    main = finish(spells, sifted, data, most=most)
    found = repeated_rows(sifted, ("person", "exit", "end"), "warning")
    return replace(main, spells=replace(main.spells, found=(*main.spells.found, *found)))
