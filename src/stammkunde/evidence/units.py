"""Spells unit by unit in the engine, and from which unit on an offer or an event counts.

Within a unit the order is: what is known, what is given or happens, and at its end leaving. What
begins on a day holds from the first unit that begins on or after it, what ends with a day holds
through the unit that it lies in: so nothing counts for a leaving that it may have followed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ibis
import ibis.expr.types as ir

from stammkunde.errors import ParameterError
from stammkunde.spells.checks.repeats import FOREVER
from stammkunde.spells.months import completed_expr
from stammkunde.spells.spells import CENSORED, Spells, check_columns
from stammkunde.survival.drivers.cells import levels_of

SPELL = ("person", "spell")
UNIT = (*SPELL, "unit")
SIZES = {"month": 1, "quarter": 3, "year": 12}


def person_units(
    spells: Spells, columns: Sequence[str] = (), *, first: int = 1, reach: int | None = None
) -> ir.Table:
    """Return a relation with one row per spell and unit at risk, from unit `first` to `reach`.

    Columns: person, spell, block, start, `unit` (entry + 1 .. exit), `end` (the cause in the unit
    in which the spell ends with one, else null), `entry`, `exit` and `cause` of the spell as in
    `Spells`, `cohort` and `month` (12 * year + month - 1 of the start, and so many months later as
    the unit begins; null without dates), and for each of `columns`, groups or covariates, its level
    as text in `level_name` (numbers in bands, "(missing)" a level of its own). ParameterError for
    an unknown column or a range that holds no unit.
    """
    if first < 1 or (reach is not None and reach < first):
        raise ParameterError(f"no units from {first} to {reach}", remedy="Begin with 1 or later.")
    check_columns(columns, (*spells.columns, *spells.covariates))
    r = spells.relation
    levels = {level_name(c): levels_of(spells, c, 4)[0] for c in dict.fromkeys(columns)}
    last = r.exit if reach is None else ibis.least(r.exit, reach)
    units = ibis.range(ibis.greatest(r.entry + 1, first), last + 1)
    rows = r.select(
        *SPELL,
        *("block", "start", "entry", "exit"),
        cause=r.end,
        born=_month(r.cohort),
        unit=units.cast("array<int64>").unnest(),
        **levels,
    )
    gone = (rows.unit == rows.exit) & (rows.cause != CENSORED)
    return rows.select(
        *SPELL,
        *("block", "start", "entry", "exit", "cause", "unit"),
        end=ibis.ifelse(gone, rows.cause, ibis.null("string")),
        cohort=rows.born,
        month=_calendar(rows, spells.unit),
        **{name: rows[name] for name in levels},
    )


def holds(spells: Spells, table: ir.Table, *, keep: Sequence[str] = ()) -> ir.Table:
    """Return for each row of offers or events the spell that it counts for, and in which units.

    `table` has person and either start and last (null: it goes on) or day; it is filtered by the
    caller. Columns: person, spell, `since` (it counts in units > since: 0 if it begins on or before
    the first day, else m(start, day before) + 1), `until` (the last unit in which it counts, null:
    to the end of the spell), and those of `keep`. A row counts for the spells that run on its first
    day; an offer that begins while no spell of the person runs counts for the next one, if it holds
    on the first day of that. Where the spell that ran, or the next one, was never at risk it counts
    for none. Rows that count for no spell, and spells without dates, have no row. `since` may lie
    beyond the end of the spell's last whole unit.
    """
    lasting = "start" in table.columns
    own = table.select(
        "person",
        *keep,
        begins=table["start"] if lasting else table.day,
        ends=table["last"] if lasting else table.day,
    )
    both = own.join(_running(spells), "person")
    runs = (both.first <= both.begins) & (both.begins <= both.final)
    # a spell that ran then, or began since, ended on that day or later
    waits = (both.begins < both.first) & ~(both.earlier >= both.begins).fill_null(False)
    waits &= (both.first <= both.ends).fill_null(True)
    met = both.filter(runs | (waits if lasting else ibis.literal(False)))
    eve = (met.begins - ibis.interval(days=1)).cast("date")
    begins = completed_expr(met.first, eve, spells.unit) + 1
    through = completed_expr(met.first, met.ends, spells.unit) + 1
    return met.select(
        *SPELL,
        since=ibis.ifelse(met.begins <= met.first, 0, begins).cast("int64"),
        until=(through if lasting else ibis.null("int64")).cast("int64"),
        **{name: met[name] for name in keep},
    )


def counted(units: ir.Table, held: ir.Table, name: str) -> ir.Table:
    """Return the units with the number of rows of `holds` that count in each (0: none)."""
    return _added(units, held, name, lambda u, h: (h.since < u.unit) & _lasts(u, h))


def begun(units: ir.Table, held: ir.Table, name: str) -> ir.Table:
    """Return the units with the number of rows of `holds` that count from this one on."""
    return _added(units, held, name, lambda u, h: h.since == u.unit - 1)


def _added(
    units: ir.Table,
    held: ir.Table,
    name: str,
    when: Callable[[ir.Table, ir.Table], ir.BooleanValue],
) -> ir.Table:
    own = held.select("since", "until", holder=held.person, which=held.spell)
    same = (units.person == own.holder) & (units.spell == own.which)
    found = units.join(own, [same, when(units, own)]).group_by(*UNIT)
    hits = found.aggregate(**{name: ibis._.count()})
    joined = units.left_join(hits, UNIT).drop(*(f"{c}_right" for c in UNIT))
    return joined.mutate(**{name: joined[name].fill_null(0).cast("int64")})


def _lasts(units: ir.Table, held: ir.Table) -> ir.BooleanValue:
    return held.until.isnull() | (held.until >= units.unit)


def _running(spells: Spells) -> ir.Table:
    """Return the days of each spell, and the last one of all that the person had before it."""
    r = spells.relation.filter(spells.relation.start.notnull())
    final = r["last"].fill_null(ibis.literal(FOREVER))
    return r.select(*SPELL, "earlier", first=r.start, final=final)


def level_name(column: str) -> str:
    """Return under which name the levels of a column stand in `person_units`."""
    return f"level {column}"


def _month(day: ir.DateValue) -> ir.IntegerValue:
    return (day.year() * 12 + day.month() - 1).cast("int64")


def _calendar(rows: ir.Table, unit: str) -> ir.IntegerValue:
    """Return the month of the calendar in which the row's unit begins."""
    before = rows.unit - 1
    if unit in SIZES:
        return (rows.born + before * SIZES[unit]).cast("int64")
    days = (before * (1 if unit == "day" else 7)).as_interval("D")
    return _month((rows.start + days).cast("date"))
