"""Reading a client's data: from files or a DataFrame to spells, nothing lost on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import cast

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pandas as pd
from ibis.backends.duckdb import Backend

from stammkunde.errors import ParameterError
from stammkunde.spells import lapse
from stammkunde.spells.blocks import key_expr, row_key
from stammkunde.spells.build import Rows, dated, finish, group_columns, number_of, undated
from stammkunde.spells.checks.rows import CHECK, Check, check, marked, quarantine
from stammkunde.spells.delivery.frames import take_frame
from stammkunde.spells.delivery.text import (
    DELIVERED,
    RECORD,
    column,
    connect,
    delivered,
    keep,
    read_text,
)
from stammkunde.spells.months import check_unit
from stammkunde.spells.schema.data import DataToml
from stammkunde.spells.schema.meaning import GroupToml, Unit, WindowToml
from stammkunde.spells.schema.rules import check_data
from stammkunde.spells.schema.tables import ContractsToml, Delivery, SnapshotToml, TransactionsToml
from stammkunde.spells.spells import LEFT, Spells, column_of

EARLIEST = date(1850, 1, 1)
FRAME = "DataFrame"
MOST_UNITS = 100_000


def read_data(
    folder: Path, data: DataToml, *, gap_days: int | None = None, clock: lapse.Clock = "gap"
) -> Spells:
    """Return the spells of a client whose files lie in `folder`, as its TOML declares them.

    `gap_days` replaces the declared lapse rule and `clock` says what ends a spell of purchases (see
    `spells.lapse`); both are for purchases only. DataError names file, column and remedy.
    """
    engine = connect()
    table = data.table
    rows = read_text(engine, folder / table.delivery.file, table.delivery.separator)
    if isinstance(table, TransactionsToml):
        assert data.lapse is not None
        assert data.window.close is not None
        days = data.lapse.gap_days if gap_days is None else gap_days
        if days < 1:
            raise ParameterError(f"a lapse rule of {days} days", remedy="Give 1 day or more.")
        return _purchases(engine, rows, data, table, days, clock)
    if gap_days is not None or clock != "gap":
        raise ParameterError(
            "a lapse rule was given, but these data are not purchases", remedy="Leave it out."
        )
    if isinstance(table, SnapshotToml):
        return _snapshot(engine, rows, data, table)
    return _contracts(engine, rows, data, table)


def spells_from(
    frame: pd.DataFrame,
    *,
    start: str = "",
    end: str = "",
    tenure: str = "",
    left: str = "",
    person: str = "",
    open: date | None = None,
    close: date | None = None,
    by: str | Sequence[str] = (),
    unit: str = "month",
) -> Spells:
    """Return the spells of a DataFrame.

    Either `start` and `end` name columns of dates (`end` the last day as a customer, missing while
    he is one) and `close` is the day after the last observed one; or `tenure` names completed units
    and `left` a column that is true or 1 where the customer has left. `by` names columns to group
    by. ParameterError for a call that is neither, DataError for a column that is not there.
    """
    check_unit(unit)
    by = (by,) if isinstance(by, str) else tuple(by)
    dates, counted = (start, end, close), (tenure, left)
    if all(dates) == all(counted) or (any(dates) and any(counted) and not close):
        raise ParameterError(
            "spells need either `start`, `end` and `close`, or `tenure` and `left`",
            remedy="Give the names of these columns, and `close` as a date.",
        )
    engine = connect()
    kept = take_frame(engine, frame, [n for n in (start, end, tenure, left, person, *by) if n])
    groups = {n: GroupToml(column=n, title={}) for n in by}
    window = WindowToml(open=open, close=close, unit=cast(Unit, unit))
    if tenure:
        yes, no = ("true", "1", "1.0"), ("false", "0", "0.0")
        flag = SnapshotToml(
            delivery=Delivery(file=FRAME),
            tenure=tenure,
            left=left,
            person=person,
            left_values=yes,
            stayed_values=no,
        )
        data = DataToml(window=window, groups=groups, snapshot=flag)
        check_data(data, FRAME)
        return _snapshot(engine, kept, data, flag)
    table = ContractsToml(delivery=Delivery(file=FRAME), start=start, end=end, person=person)
    data = DataToml(window=window, groups=groups, contracts=table)
    check_data(data, FRAME)
    return _contracts(engine, kept, data, table)


def _contracts(engine: Backend, rows: ir.Table, data: DataToml, table: ContractsToml) -> Spells:
    """Read dated contracts: start, last day as a customer, perhaps a reason."""
    cells = {n: column(rows, n, table.delivery.name) for n in (table.start, table.end)}
    start, last = (_date(cells[n], table.delivery.date_format) for n in (table.start, table.end))
    assert data.window.close is not None
    closes = ibis.literal(data.window.close, type="date")
    cause = ibis.literal(LEFT)
    if table.reason:
        cause = (
            column(rows, table.reason, table.delivery.name)
            .cast("string")
            .strip()
            .nullif("")
            .fill_null("unknown")
        )
    typed = rows.mutate(
        person=_person(rows, table.person, table.delivery.name), start=start, last=last, cause=cause
    )
    checks = [
        check("missing_key", typed.person.isnull() | (typed.person == "")),
        check("missing_start", _blank(cells[table.start])),
        check("unreadable_start", typed.start.isnull()),
        check("unreadable_end", ~_blank(cells[table.end]) & typed["last"].isnull()),
        check("impossible_date", typed.start < ibis.literal(EARLIEST, type="date")),
        check("end_before_start", typed["last"] < typed.start),
        check("start_after_window", typed.start >= closes),
    ]
    used = _usable(engine, typed, checks, data.groups, table.delivery.name)
    spells = dated(
        used.relation.mutate(weight=ibis.literal(1, "int64")), data.window, data.window.close
    )
    return finish(
        engine,
        spells,
        used,
        groups=data.groups,
        unit=data.window.unit,
        where=table.delivery.name,
        close=data.window.close,
    )


def _snapshot(engine: Backend, rows: ir.Table, data: DataToml, table: SnapshotToml) -> Spells:
    """Read a snapshot: completed units and whether the customer has left."""
    cells = {n: column(rows, n, table.delivery.name) for n in (table.tenure, table.left)}
    number = number_of(cells[table.tenure].cast("string").strip())
    flag = cells[table.left].cast("string").strip()
    typed = rows.mutate(
        person=_person(rows, table.person, table.delivery.name),
        number=number,
        tenure=number.try_cast("int64"),
        left=flag.isin(table.left_values),
        stayed=flag.isin(table.stayed_values),
    )
    checks = [
        check("missing_key", typed.person.isnull() | (typed.person == "")),
        check("unreadable_tenure", typed.number.isnull() | (typed.number % 1 != 0)),
        check("negative_tenure", typed.number < 0),
        check("impossible_tenure", typed.number > MOST_UNITS),
        check("unknown_flag", ~(typed.left | typed.stayed).fill_null(False)),
    ]
    used = _usable(engine, typed, checks, data.groups, table.delivery.name)
    spells = undated(used.relation.mutate(weight=ibis.literal(1, "int64")))
    return finish(
        engine, spells, used, groups=data.groups, unit=data.window.unit, where=table.delivery.name
    )


def _purchases(
    engine: Backend,
    rows: ir.Table,
    data: DataToml,
    table: TransactionsToml,
    gap_days: int,
    clock: lapse.Clock,
) -> Spells:
    """Read purchases and turn them into spells by the lapse rule.

    Purchases before the window count: they tell since when somebody had been a customer.
    """
    cell = column(rows, table.date, table.delivery.name)
    window = data.window
    assert window.close is not None
    typed = rows.mutate(
        person=_person(rows, table.person, table.delivery.name),
        day=_date(cell, table.delivery.date_format),
    )
    checks = [
        check("missing_key", typed.person.isnull() | (typed.person == "")),
        check("unreadable_date", typed.day.isnull()),
        check("impossible_date", typed.day < ibis.literal(EARLIEST, type="date")),
        check("after_window", typed.day >= ibis.literal(window.close, type="date")),
    ]
    raw = {n: GroupToml(column=g.column, title=g.title) for n, g in data.groups.items()}
    used = _usable(engine, typed, checks, raw, table.delivery.name)
    bought = used.relation
    columns = {n: column_of(n) for n in data.groups}
    numbers = {c: number_of(bought[c]) for n, c in columns.items() if data.groups[n].cuts}
    how = {c: "sum" if data.groups[n].cuts else "first" for n, c in columns.items()}
    spells = lapse.lapse_spells(
        bought.mutate(**numbers), gap_days=gap_days, clock=clock, first_day=how
    )
    spells = spells.mutate(**group_columns({n: spells[c] for n, c in columns.items()}, data.groups))
    spells = dated(spells, window, lapse.closing(window.close, gap_days, clock))
    return finish(
        engine,
        spells,
        used,
        groups=data.groups,
        unit=window.unit,
        where=table.delivery.name,
        close=window.close,
    )


def _usable(
    engine: Backend,
    typed: ir.Table,
    checks: Sequence[Check],
    groups: Mapping[str, GroupToml],
    where: str,
) -> Rows:
    """Part the rows into those that pass every check, with their groups, and those that do not."""
    checks = [check("malformed", typed.malformed), *checks]
    cells = {n: column(typed, g.column, where) for n, g in groups.items()}
    levels = group_columns(cells, groups)
    rows = keep(engine, marked(typed, checks).mutate(**levels))
    good = rows.filter(rows[CHECK].isnull())
    kinds = ("person", RECORD, "start", "last", "cause", "tenure", "left", "day")
    usable = good.select(*(c for c in kinds if c in good.columns), *levels)
    return Rows(usable, int(rows.count().execute()), quarantine(rows))


def _person(rows: ir.Table, name: str, where: str) -> ir.StringValue:
    if name:
        return key_expr(column(rows, name, where))
    return row_key(rows, [DELIVERED + c for c in delivered(rows)])


def _blank(cell: ir.Value) -> ir.BooleanValue:
    blank = cell.isnull()
    return blank | (cell.strip() == "") if cell.type().is_string() else blank


def _date(cell: ir.Value, form: str) -> ir.DateValue:
    """Return a cell as a date, null where it is none."""
    if cell.type().is_string():
        return _parsed(cell.strip(), form).cast("date")
    return cell.cast("date")


@ibis.udf.scalar.builtin(name="try_strptime")
def _parsed(text: str, form: str) -> dt.timestamp:
    """Return a text as a time by a format, null where it does not fit (by the engine)."""
