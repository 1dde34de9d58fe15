"""Purchases without a contract: rows that the lapse rule turns into spells."""

from __future__ import annotations

from dataclasses import replace

import ibis
import ibis.expr.types as ir

from stammkunde.spells import lapse
from stammkunde.spells.build import Main, dated, finish
from stammkunde.spells.checks.repeats import repeated_rows, repeats
from stammkunde.spells.checks.rows import EARLIEST, Check, blocking
from stammkunde.spells.checks.sift import Sifted, sift
from stammkunde.spells.columns import band, named
from stammkunde.spells.delivery.cells import date_of
from stammkunde.spells.delivery.columns import column
from stammkunde.spells.delivery.take import Taken
from stammkunde.spells.keys import Keys, key_columns, keyed, not_listed
from stammkunde.spells.schema.data import DataToml
from stammkunde.spells.schema.tables import TransactionsToml
from stammkunde.spells.spells import column_of, covariate_of

SECTION = "transactions"


def read_purchases(
    taken: Taken,
    data: DataToml,
    table: TransactionsToml,
    keys: Keys,
    *,
    gap_days: int,
    clock: lapse.Clock,
    most: float | None,
) -> Main:
    """Return the spells of purchases; more than a share `most` of rows rejected is refused.

    Purchases before the window count: they tell since when somebody had been a customer.
    """
    window = data.window
    assert window.close is not None
    sifted = _sifted(taken, data, table, keys)
    bands = {n: g.cuts for n, g in data.groups.items() if g.cuts}
    numbers = {column_of(n) for n in bands}
    numbers |= {covariate_of(n) for n, c in data.covariates.items() if c.kind == "number"}
    names = [*map(column_of, data.groups), *map(covariate_of, data.covariates)]
    how = {n: "sum" if n in numbers else "first" for n in names}
    spells = lapse.lapse_spells(sifted.good, gap_days=gap_days, clock=clock, first_day=how)
    levels = {column_of(n): band(spells[column_of(n)], cuts) for n, cuts in bands.items()}
    closes = lapse.closing(window.close, gap_days, clock)
    spells = dated(spells.mutate(**levels), window, closes)
    main = finish(spells, sifted, data, close=closes, most=most)
    found = repeated_rows(sifted, ("person", "day"), "note")
    return replace(main, spells=replace(main.spells, found=(*main.spells.found, *found)))


def day_checks(typed: ir.Table, data: DataToml, table: TransactionsToml) -> list[Check]:
    """Return the checks of a purchase's customer and `day`, as columns of the typed rows."""
    day = typed.day
    assert data.window.close is not None
    return [
        blocking("missing_key", typed.customer.isnull(), table.person),
        blocking("unreadable_date", day.isnull(), table.date),
        blocking("impossible_date", day < ibis.literal(EARLIEST), table.date),
        blocking("after_window", day >= ibis.literal(data.window.close), table.date),
    ]


def _sifted(taken: Taken, data: DataToml, table: TransactionsToml, keys: Keys) -> Sifted:
    extra = named(keyed(taken, table.person, keys), taken, data, banded=False)
    cell = column(extra.rows, table.date, taken.where)
    rows = extra.rows.mutate(day=date_of(cell, taken.form))
    typed = rows.mutate(**extra.columns, **extra.flags)
    checks = [*day_checks(typed, data, table), *extra.checks]
    return sift(
        SECTION,
        taken,
        typed,
        checks=checks,
        remarks=[*not_listed(keys), *extra.remarks],
        columns=(*key_columns(table.person, keys), "day", *extra.columns, *extra.flags),
        measures=repeats(person=True, number=False),
    )
