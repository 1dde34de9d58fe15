"""From checked rows to spells: tenure, cause, cohort, and the order of each person's spells."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from stammkunde.errors import DataError
from stammkunde.spells.checks.found import Found
from stammkunde.spells.checks.levels import levels
from stammkunde.spells.checks.repeats import FOREVER, several
from stammkunde.spells.checks.rows import REMEDIES
from stammkunde.spells.checks.sift import Sifted, remarked, set_aside
from stammkunde.spells.delivery.engine import keep
from stammkunde.spells.keys import Keys
from stammkunde.spells.months import tenure_columns
from stammkunde.spells.schema.data import DataToml, group_of
from stammkunde.spells.schema.meaning import WindowToml
from stammkunde.spells.spells import (
    CENSORED,
    LEFT,
    MARGIN,
    NOTICE,
    SPELL_COLUMNS,
    Spells,
    Tally,
    column_of,
    covariate_of,
)

UNREADABLE_DAYS = ("unreadable_start", "unreadable_end", "unreadable_date", "unreadable_notice")


@dataclass(frozen=True)
class Main:
    """The main table, read: its spells, `everybody` whom it names (`person`), and the keys used."""

    spells: Spells
    everybody: ir.Table
    keys: Keys = field(default_factory=Keys)


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
    spells: ir.Table,
    sifted: Sifted,
    data: DataToml,
    *,
    close: date | None = None,
    most: float | None,
) -> Main:
    """Return `Spells`: numbered per person, those never at risk counted and left out.

    `spells` has the columns of `dated` or `undated` and `weight`, the rows each stands for.
    DataError where more than a share `most` of the rows is set aside, or no row is of use.
    """
    rejected, errors = set_aside(sifted, most=most)
    extra = [*map(column_of, data.groups), *map(covariate_of, data.covariates)]
    extra += [n for n in (NOTICE, MARGIN) if n in spells.columns]
    kept = _in_order(spells, sifted, [*SPELL_COLUMNS, *extra, "weight"])
    heads = _heads(kept, data, several(sifted))
    if not heads["spells"]:
        raise _nobody(sifted)
    relation = kept.filter(kept.entry < kept.exit).drop("weight")
    found = (*errors, *remarked(sifted), *_persons(heads, sifted.section, data))
    found += levels(relation, sifted.section, data)
    everybody = sifted.rows.filter(sifted.rows.person.notnull())
    read = Spells(
        relation=relation,
        unit=data.window.unit,
        groups={n: group_of(n, g) for n, g in data.groups.items()},
        tally=Tally(sifted.read, heads["used"], heads["never"], len(rejected)),
        persons=heads["persons"],
        spells=heads["spells"],
        rejected=rejected,
        close=close,
        found=found,
        covariates=tuple(data.covariates),
    )
    return Main(read, everybody.select("person").distinct())


def _in_order(spells: ir.Table, sifted: Sifted, columns: list[str]) -> ir.Table:
    """Return spells with their number, the start of the next and the last day before them.

    Windows only where needed.
    """
    if not several(sifted):
        none = ibis.null("date")
        one = spells.mutate(spell=ibis.literal(1, "int64"), next=none, earlier=none)
        return one.select(*columns)
    # of spells that begin on one day the content decides, not the order of rows
    content = [c for c in columns if c not in (*SPELL_COLUMNS, "weight")]
    sorted_by = ["start", "exit", "end", "last", *content, "record"]
    order = ibis.window(group_by="person", order_by=sorted_by)
    number, later = ibis.row_number().over(order) + 1, spells.start.lead().over(order)
    before = ibis.window(group_by="person", order_by=sorted_by, preceding=(None, 1))
    ends = spells["last"].fill_null(ibis.literal(FOREVER, type="date"))
    told = spells.mutate(spell=number, next=later, earlier=ends.max().over(before))
    return keep(sifted.taken.engine, told.select(*columns))


def _heads(kept: ir.Table, data: DataToml, repeats: bool) -> dict[str, int]:
    """Count rows used and never at risk, persons, spells, and who came back, in one aggregate."""
    risk = kept.entry < kept.exit
    follows = risk & kept["next"].notnull() & kept["last"].notnull()
    gap = kept["next"].delta(kept["last"], unit="day")
    sums: dict[str, Any] = {
        "used": kept.weight.sum(where=risk),
        "never": kept.weight.sum(where=~risk),
        "spells": risk.sum(),
    }
    if repeats:
        within = follows & (gap > 0) & (gap <= data.spells.return_days)
        sums["persons"] = kept.person.nunique(where=risk)
        sums["returns"] = within.sum()
        sums["later"] = (follows & (gap > data.spells.return_days) & (gap > 0)).sum()
        sums["parallel"] = (risk & (kept["next"] <= kept["last"])).sum()
    frame = kept.aggregate(**{n: e.fill_null(0) for n, e in sums.items()}).execute()
    heads = {n: int(frame[n].iloc[0]) for n in sums}
    return {"persons": heads["spells"]} | heads


def _persons(heads: dict[str, int], section: str, data: DataToml) -> tuple[Found, ...]:
    """Return notes on persons: none named, who came back, contracts side by side."""
    notes: list[tuple[str, int, dict[str, int]]] = []
    if not data.table.person:
        notes.append(("no_person", heads["spells"], {}))
    back = heads.get("returns", 0), heads.get("later", 0)
    if sum(back):
        values = {"returns": back[0], "later": back[1], "return_days": data.spells.return_days}
        notes.append(("returns", sum(back), values))
    if heads.get("parallel", 0):
        notes.append(("parallel_contracts", heads["parallel"], {}))
    return tuple(
        Found(table=section, check=name, severity="note", rows=rows, values=values)
        for name, rows, values in notes
    )


def _nobody(sifted: Sifted) -> DataError:
    """Return why no row is of use: the commonest reason for rejection, if rows were rejected."""
    reasons, where = sifted.reasons, sifted.taken.where
    if not reasons:
        what = "no row says that somebody was under observation as a customer"
        remedy = "Check the observation window."
        return DataError(what, where=where, rows=sifted.read, remedy=remedy)
    name, rows = max(reasons.items(), key=lambda r: r[1])
    dates = "Write the `date_format` of the column in the client file."
    return DataError(
        f"no row can be used; most are rejected as `{name}`",
        where=where,
        rows=rows,
        remedy=dates if name in UNREADABLE_DAYS else REMEDIES[name],
    )
