"""The columns that a client names beside those of its table: groups and covariates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from stammkunde.spells.checks.rows import Check, Remark, blocking
from stammkunde.spells.delivery.cells import blank, number_of, text_of
from stammkunde.spells.delivery.columns import column
from stammkunde.spells.delivery.take import Taken
from stammkunde.spells.schema.data import DataToml, bands
from stammkunde.spells.spells import column_of, covariate_of

LARGEST = 1e15


@dataclass(frozen=True)
class Named:
    """Groups and covariates of a table: columns of ours, and what is to be checked in them."""

    rows: ir.Table
    columns: Mapping[str, ir.Value]
    checks: tuple[Check, ...]
    remarks: tuple[Remark, ...]
    flags: Mapping[str, ir.Value]


def named(rows: ir.Table, taken: Taken, data: DataToml, *, banded: bool = True) -> Named:
    """Return the groups and covariates of `rows`, to be made of the `rows` that come with them.

    A group is the cell as text, or the band that its number falls into (the number itself unless
    `banded`); one that is no number stays missing and is counted. A covariate is a text, or a
    number, and a row whose number is none is set aside.
    """
    rows = rows.mutate(**_numbers(rows, taken, data))
    columns: dict[str, ir.Value] = {}
    flags: dict[str, ir.Value] = {}
    checks: list[Check] = []
    remarks: list[Remark] = []
    for name, group in data.groups.items():
        cell = column(rows, group.column, taken.where)
        if not group.cuts:
            columns[column_of(name)] = text_of(cell)
            continue
        number = rows[f"number {column_of(name)}"]
        # sums of what is greater would overflow
        known = ibis.ifelse(number.abs() <= LARGEST, number, ibis.null("float64"))
        columns[column_of(name)] = band(number, group.cuts) if banded else known
        flag = f"unread {name}"
        flags[flag] = ~blank(cell) & (number if banded else known).isnull()
        remarks.append(Remark("unreadable_number", "warning", _is(flag), group.column))
    for name, covariate in data.covariates.items():
        cell = column(rows, covariate.column, taken.where)
        if covariate.kind == "level":
            columns[covariate_of(name)] = text_of(cell)
            continue
        number = rows[f"number {covariate_of(name)}"]
        columns[covariate_of(name)] = number
        checks += number_checks(cell, number, covariate.column)
    return Named(rows, columns, tuple(checks), tuple(remarks), flags)


def _numbers(rows: ir.Table, taken: Taken, data: DataToml) -> dict[str, ir.FloatingValue]:
    """Return the numbers as columns of their own, so that each text is read once."""
    cells = {column_of(n): g.column for n, g in data.groups.items() if g.cuts}
    cells |= {covariate_of(n): c.column for n, c in data.covariates.items() if c.kind == "number"}
    return {
        f"number {to}": number_of(column(rows, name, taken.where), taken.form)
        for to, name in cells.items()
    }


def number_checks(cell: ir.Value, number: ir.FloatingValue, name: str) -> list[Check]:
    """Return the checks of a declared number: neither unreadable nor beyond all reason."""
    return [
        blocking("unreadable_number", ~blank(cell) & number.isnull(), name),
        blocking("impossible_value", number.abs() > LARGEST, name),
    ]


def band(number: ir.NumericValue, cuts: Sequence[float]) -> ir.StringValue:
    """Return the name of the band into which a number falls, null where it is missing."""
    names = bands(tuple(cuts))
    branches = [(number < cut, name) for cut, name in zip(cuts, names, strict=False)]
    banded = ibis.cases(*branches, else_=names[-1])
    return ibis.ifelse(number.isnull(), ibis.null("string"), banded)


def _is(flag: str) -> Callable[[ir.Table], ir.BooleanValue]:
    return lambda rows: rows[flag]
