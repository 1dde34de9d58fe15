"""Dated contracts: the day each began, the day it ended, perhaps why, and notice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import ibis
import ibis.expr.types as ir

from stammkunde.errors import DataError
from stammkunde.spells.beside.amounts import with_cents
from stammkunde.spells.build import Main, dated, finish
from stammkunde.spells.checks.repeats import repeated_rows, repeats, set_repeats_aside
from stammkunde.spells.checks.rows import EARLIEST, Check, Remark, blocking
from stammkunde.spells.checks.sift import Sifted, sift
from stammkunde.spells.checks.truncation import probable_truncation
from stammkunde.spells.columns import Named, named
from stammkunde.spells.delivery.cells import blank, date_of, text_of
from stammkunde.spells.delivery.columns import column
from stammkunde.spells.delivery.take import Taken
from stammkunde.spells.islands import islands
from stammkunde.spells.keys import Keys, key_columns, keyed, not_listed
from stammkunde.spells.schema.data import DataToml
from stammkunde.spells.schema.meaning import CauseToml
from stammkunde.spells.schema.tables import ContractsToml
from stammkunde.spells.spells import CENSORED, LEFT, MARGIN, NOTICE, STATE, UNKNOWN, UNLISTED

SECTION = "contracts"
RESERVED = (CENSORED, STATE)
UNLISTED_REASON, RESERVED_REASON = "unlisted reason", "reserved reason"
ENDED = "ended"


@dataclass(frozen=True)
class Contracts:
    """Contracts as expressions of the engine, not yet computed: rows, checks, remarks, columns."""

    rows: ir.Table
    named: Named
    checks: tuple[Check, ...]
    remarks: tuple[Remark, ...]
    columns: tuple[str, ...]


def read_contracts(
    taken: Taken, data: DataToml, table: ContractsToml, keys: Keys, *, most: float | None
) -> Main:
    """Return the spells of dated contracts; more than a share `most` rejected is refused."""
    window = data.window
    assert window.close is not None
    typed = _typed(taken, data, table, keys)
    whole = data.spells.per == "contract"
    rows = typed.rows if not whole else dated(typed.rows, window, window.close)
    columns = (*typed.columns, *(("entry", "exit", "end", "cohort") if whole else ("cause",)))
    measures = repeats(person=bool(table.person), number=bool(table.contract))
    sifted = sift(
        SECTION,
        taken,
        rows,
        checks=typed.checks,
        remarks=typed.remarks,
        columns=columns,
        measures=measures | ({"reserved": _reserved} if RESERVED_REASON in columns else {}),
    )
    _refuse_reserved(sifted, table)
    if table.contract:
        sifted = set_repeats_aside(sifted, measures)
    found = () if table.contract else repeated_rows(sifted, ("person", "start", "last"), "warning")
    spells = sifted.good.mutate(weight=ibis.literal(1, "int64"))
    if not whole:
        own = {NOTICE: table.notice, MARGIN: table.margin}
        carried = [*typed.named.columns, *(name for name, column in own.items() if column)]
        spells = islands(spells, data.spells.merge_gap_days, carried)
        spells = dated(spells, window, window.close)
    main = finish(spells, sifted, data, close=window.close, most=most)
    if window.open is None:
        more = probable_truncation(main.spells.relation, window.close, SECTION, table.end)
        found = (*found, *more)
    return replace(main, spells=replace(main.spells, found=(*main.spells.found, *found)))


def _typed(taken: Taken, data: DataToml, table: ContractsToml, keys: Keys) -> Contracts:
    rows = keyed(taken, table.person, keys)
    extra = named(rows, taken, data)
    rows, checks = _with_days(extra.rows, taken, table)
    rows, margin = with_cents(rows, taken, table.margin, MARGIN)
    columns: dict[str, ir.Value] = {MARGIN: rows[MARGIN]} if table.margin else {}
    if table.contract:
        columns["contract"] = text_of(column(rows, table.contract, taken.where))
    if table.reason:
        columns |= _causes(text_of(column(rows, table.reason, taken.where)), data.causes)
    else:
        columns["cause"] = ibis.literal(LEFT)
    columns |= {**extra.columns, **extra.flags}
    begins = rows.start >= ibis.literal(data.window.close, type="date")
    days = ("start", "last", *((NOTICE,) if table.notice else ()))
    return Contracts(
        rows=rows.mutate(**columns),
        named=extra,
        checks=(
            blocking("missing_key", rows.customer.isnull(), table.person),
            *checks,
            blocking("start_after_window", begins, table.start),
            *margin,
            *extra.checks,
        ),
        remarks=(*_remarks(data, table, keys), *extra.remarks),
        columns=(*key_columns(table.person, keys), *days, *(n for n in columns if n != "cause")),
    )


def _with_days(rows: ir.Table, taken: Taken, table: ContractsToml) -> tuple[ir.Table, list[Check]]:
    """Return the rows with start, last day and notice, and the checks of these cells.

    The days are columns before anything is made of them, so that each text is read once.
    """
    form, where = taken.form, taken.where
    starts, ends = (column(rows, n, where) for n in (table.start, table.end))
    rows = rows.mutate(**{"start": date_of(starts, form), ENDED: date_of(ends, form)})
    checks = [
        blocking("missing_start", blank(starts), table.start),
        blocking("unreadable_start", rows.start.isnull(), table.start),
        blocking("unreadable_end", ~blank(ends) & rows[ENDED].isnull(), table.end),
    ]
    if table.notice:
        cell = column(rows, table.notice, where)
        rows = rows.mutate(**{NOTICE: date_of(cell, form)})
        bad = ~blank(cell) & rows[NOTICE].isnull()
        checks.append(blocking("unreadable_notice", bad, table.notice))
    early = rows.start < ibis.literal(EARLIEST, type="date")
    checks.append(blocking("impossible_date", early, table.start))
    checks.append(blocking("end_before_start", rows[ENDED] < rows.start, table.end))
    return rows.mutate(last=last_day(rows[ENDED], table)), checks


def last_day(end: ir.DateValue, table: ContractsToml) -> ir.DateValue:
    """Return the last day as a customer, from what the column of the end holds.

    The day of notice, the end of the paid period and the last day are that day itself; a period of
    grace is taken off its end, so that both ways to record it give the same day.
    """
    before = {"day_after": 1, "grace_end": table.grace_days}.get(table.end_is, 0)
    return (end - ibis.interval(days=before)).cast("date") if before else end


def _causes(reason: ir.StringValue, causes: Mapping[str, CauseToml]) -> dict[str, ir.Value]:
    """Return the cause of each row, and the reasons that no cause lists."""
    blank_is = reason.isnull()
    if not causes:
        # an end under one of our own words would read as none
        reserved = reason.isin(list(RESERVED)).fill_null(False)
        return {"cause": reason.fill_null(UNKNOWN), RESERVED_REASON: reserved}
    branches = [(reason.isin(list(c.reasons)), name) for name, c in causes.items() if c.reasons]
    listed = reason.isin([r for c in causes.values() for r in c.reasons])
    cause = ibis.cases(*branches, else_=ibis.ifelse(blank_is, UNKNOWN, UNLISTED))
    return {
        "cause": cause,
        UNLISTED_REASON: ibis.ifelse(listed | blank_is, ibis.null("string"), reason),
    }


def _remarks(data: DataToml, table: ContractsToml, keys: Keys) -> list[Remark]:
    closes = data.window.close
    remarks = [
        Remark("ends_after_window", "note", lambda r: r["last"] >= ibis.literal(closes), table.end)
    ]
    if table.notice:
        late = Remark("notice_after_end", "warning", lambda r: r[NOTICE] > r["last"], table.notice)
        remarks.append(late)
    if table.contract:
        blank_number = Remark(
            "missing_contract", "warning", lambda r: r.contract.isnull(), table.contract
        )
        remarks.append(blank_number)
    if table.reason and data.causes:
        unknown = Remark(
            "unlisted_reason", "warning", lambda r: r[UNLISTED_REASON].notnull(), table.reason
        )
        remarks.append(unknown)
    return [*remarks, *not_listed(keys)]


def _reserved(rows: ir.Table, good: ir.BooleanValue) -> ir.Value:
    return (good & rows[RESERVED_REASON]).sum().fill_null(0)


def _refuse_reserved(sifted: Sifted, table: ContractsToml) -> None:
    rows = int(sifted.counts.get("reserved", 0))
    if rows:
        raise DataError(
            f"a reason in column `{table.reason}` is one of the words "
            + ", ".join(f"`{w}`" for w in RESERVED),
            where=sifted.taken.where,
            rows=rows,
            remedy="Give it another name under `[causes]` in the client file.",
        )
