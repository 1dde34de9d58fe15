"""From checked rows to spells: tenure, cause, cohort, person and block, in the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis.backends.duckdb import Backend

from stammkunde.errors import DataError
from stammkunde.spells.blocks import block_expr, key_expr
from stammkunde.spells.checks.rows import REMEDIES
from stammkunde.spells.delivery.text import keep
from stammkunde.spells.months import tenure_columns
from stammkunde.spells.schema.data import bands, group_of
from stammkunde.spells.schema.meaning import GroupToml, WindowToml
from stammkunde.spells.spells import CENSORED, LEFT, SPELL_COLUMNS, Spells, Tally, column_of


@dataclass(frozen=True)
class Rows:
    """Usable rows (person, record, groups and what their kind needs), and those set aside."""

    relation: ir.Table
    read: int
    rejected: pd.DataFrame


def dated(spells: ir.Table, window: WindowToml, closes: date) -> ir.Table:
    """Return spells with dates `start`, `last` and `cause` as entry, exit, end and cohort."""
    tenure = tenure_columns(spells, opens=window.open, closes=closes, unit=window.unit)
    left = tenure.pop("left")
    return spells.mutate(
        **tenure,
        end=ibis.ifelse(left, spells.cause, CENSORED),
        cohort=spells.start.truncate("M").cast("date"),
    )


def undated(rows: ir.Table) -> ir.Table:
    """Return a snapshot (`tenure` in completed units, `left`) as entry, exit, end without dates."""
    return rows.mutate(
        start=ibis.null("date"),
        last=ibis.null("date"),
        entry=ibis.literal(0, "int64"),
        exit=rows.tenure,
        end=ibis.ifelse(rows.left, LEFT, CENSORED),
        cohort=ibis.null("date"),
    )


def finish(
    engine: Backend,
    spells: ir.Table,
    rows: Rows,
    *,
    groups: Mapping[str, GroupToml],
    unit: str,
    where: str,
    close: date | None = None,
) -> Spells:
    """Return `Spells`: numbered per person, in blocks, those never at risk counted and left out.

    `spells` has the columns of `dated` or `undated` and `weight`, the rows each stands for.
    """
    number = (
        ibis.row_number().over(ibis.window(group_by="person", order_by=["start", "record"])) + 1
    )
    later = spells.start.lead().over(ibis.window(group_by="person", order_by=["start", "record"]))
    spells = spells.mutate(spell=number, next=later, block=block_expr(spells.person))
    kept = keep(engine, spells.select(*SPELL_COLUMNS, *map(column_of, groups), "weight"))
    risk = kept.entry < kept.exit
    heads = kept.aggregate(
        used=kept.weight.sum(where=risk).fill_null(0),
        never=kept.weight.sum(where=~risk).fill_null(0),
        persons=kept.person.nunique(where=risk),
        spells=risk.sum().fill_null(0),
    ).execute()
    used, never, persons, count = (int(heads[c][0]) for c in ("used", "never", "persons", "spells"))
    if not count:
        raise _nobody(rows, where)
    return Spells(
        relation=kept.filter(risk).drop("weight"),
        unit=unit,
        groups={n: group_of(n, g) for n, g in groups.items()},
        tally=Tally(rows.read, used, never, len(rows.rejected)),
        persons=persons,
        spells=count,
        rejected=rows.rejected,
        close=close,
    )


def _nobody(rows: Rows, where: str) -> DataError:
    """Return why no row is of use: the commonest reason for rejection, if rows were rejected."""
    if rows.rejected.empty:
        what = "no row says that somebody was under observation as a customer"
        return DataError(what, where=where, rows=rows.read, remedy="Check the observation window.")
    reasons = rows.rejected.iloc[:, 1].value_counts()
    name = str(reasons.index[0])
    dates = "Write the `date_format` of the column in the client file."
    return DataError(
        f"no row can be used; most are rejected as `{name}`",
        where=where,
        rows=int(reasons.iloc[0]),
        remedy=dates if name.startswith("unreadable") and "tenure" not in name else REMEDIES[name],
    )


def group_columns(
    cells: Mapping[str, ir.Value], groups: Mapping[str, GroupToml]
) -> dict[str, ir.StringValue]:
    """Return the column of each group: the cell as text, or the band its number falls into."""
    levels = {}
    for name, toml in groups.items():
        cell, column = cells[name], column_of(name)
        if not toml.cuts:
            levels[column] = key_expr(cell).nullif("")
            continue
        number = number_of(cell)
        names = bands(toml.cuts)
        branches: Sequence[tuple[ir.BooleanValue, str]] = [
            (number < cut, band) for cut, band in zip(toml.cuts, names, strict=False)
        ]
        banded = ibis.cases(*branches, else_=names[-1])
        levels[column] = ibis.ifelse(number.isnull(), ibis.null("string"), banded)
    return levels


def number_of(cell: ir.Value) -> ir.FloatingValue:
    """Return a cell as a number, null where it is none (nan and infinity are none)."""
    number = cell.try_cast("float64") if cell.type().is_string() else cell.cast("float64")
    return ibis.ifelse(number.isnan() | number.isinf(), ibis.null("float64"), number)
