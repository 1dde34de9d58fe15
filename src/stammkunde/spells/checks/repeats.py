"""Rows that repeat others: identical ones, and those of one contract number that overlap."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from stammkunde.spells.blocks import SEPARATOR
from stammkunde.spells.checks.found import Found, Severity
from stammkunde.spells.checks.rows import CHECK, Check
from stammkunde.spells.checks.sift import Sifted, counted, first_records
from stammkunde.spells.delivery.cells import text_of
from stammkunde.spells.delivery.columns import DELIVERED, RECORD, delivered
from stammkunde.spells.delivery.engine import keep

FOREVER = date(9999, 12, 31)
Measure = Callable[[ir.Table, ir.BooleanValue], ir.Value]


def repeats(*, person: bool, number: bool) -> dict[str, Measure]:
    """Return what to count to know whether persons, or contract numbers, have several rows.

    Where no `person` is declared every row is one.
    """
    measures: dict[str, Measure] = {"good": lambda rows, good: good.sum().fill_null(0)}
    if person:
        measures["persons"] = lambda rows, good: rows.person.nunique(where=good)
    if number:
        numbered = {
            "numbers": lambda rows, good: rows.contract.nunique(where=good),
            "numbered": lambda rows, good: (good & rows.contract.notnull()).sum().fill_null(0),
        }
        measures |= numbered
    return measures


def several(sifted: Sifted) -> bool:
    """Return whether some person has more than one good row."""
    counts = sifted.counts
    return "persons" in counts and int(counts["persons"]) < int(counts["good"])


def set_repeats_aside(sifted: Sifted, measures: Mapping[str, Any]) -> Sifted:
    """Return `sifted` without identical rows and overlapping ones of one contract number.

    Of identical rows the first stays. Of rows that overlap and differ none can be trusted. Where
    every contract number occurs once nothing is computed.
    """
    if int(sifted.counts["numbers"]) == int(sifted.counts["numbered"]):
        return sifted
    rows = sifted.good.filter(sifted.good.contract.notnull())
    often = rows.group_by("contract").having(rows.count() > 1).aggregate()
    suspects = rows.semi_join(often, "contract").select(RECORD, "contract", "start", "last")
    told = keep(sifted.taken.engine, _numbered(_with_text(sifted, suspects), "contract"))
    place = len(sifted.checks)
    twins = told.filter(told.earlier > 0).select(RECORD, late=ibis.literal(place, "int16"))
    single = overlaps(told.filter(told.earlier == 0), "contract", "start", "last")
    crossed = single.filter(single.overlaps)
    crossed = crossed.select(RECORD, late=ibis.literal(place + 1, "int16"))
    late = ibis.union(twins, crossed)
    return _rejected_late(sifted, late, ("duplicate", "overlapping"), measures)


def set_overlaps_aside(sifted: Sifted, key: str, name: str) -> Sifted:
    """Return `sifted` without rows whose days meet those of another of their key (check `name`).

    Kept columns `start` and `last` are the days.
    """
    crossed = overlaps(sifted.good, key, "start", "last")
    place = ibis.literal(len(sifted.checks), "int16")
    late = crossed.filter(crossed.overlaps).select(RECORD, late=place)
    return _rejected_late(sifted, late, (name,), {})


def _rejected_late(
    sifted: Sifted, late: ir.Table, names: Sequence[str], measures: Mapping[str, Any]
) -> Sifted:
    """Return `sifted` with the rows of `late` failing one of the checks `names`, counted anew."""
    late = keep(sifted.taken.engine, late)
    if not int(late.count().execute()):
        return sifted
    known = late.select(number=late[RECORD], late=late.late)
    joined = sifted.rows.left_join(known, sifted.rows[RECORD] == known.number)
    joined = joined.mutate(**{CHECK: ibis.coalesce(joined[CHECK], joined.late)})
    kept = keep(sifted.taken.engine, joined.select(*sifted.rows.columns))
    checks = (*sifted.checks, *(Check(n, ibis.literal(False)) for n in names))
    return counted(replace(sifted, rows=kept, checks=checks), measures)


def overlaps(rows: ir.Table, key: str, start: str, last: str) -> ir.Table:
    """Return `rows` with `overlaps`: do the days of a row meet those of another one of its key?

    A row without `last` runs for ever.
    """
    ends = rows[last].fill_null(ibis.literal(FOREVER))
    rows = rows.mutate(runs_to=ends)
    order = [rows[start], rows[RECORD]]
    before = ibis.window(group_by=key, order_by=order, preceding=(None, 1))
    latest = rows.runs_to.max().over(before)
    following = rows[start].lead().over(ibis.window(group_by=key, order_by=order))
    meets = (latest >= rows[start]).fill_null(False) | (following <= rows.runs_to).fill_null(False)
    return rows.mutate(overlaps=meets).drop("runs_to")


def repeated_rows(sifted: Sifted, alike: Sequence[str], severity: Severity) -> tuple[Found, ...]:
    """Return how many good rows are identical to an earlier one, every delivered cell compared.

    `alike` are kept columns that identical rows share, so that few rows need be compared.
    """
    rows = sifted.good
    if "persons" not in sifted.counts:
        again = rows.filter(rows.again)
    elif several(sifted):
        often = rows.group_by(list(alike)).having(rows.count() > 1).aggregate()
        matches = [rows[c].identical_to(often[c]) for c in alike]
        suspects = rows.semi_join(often, matches).select(RECORD)
        told = _numbered(_with_text(sifted, suspects), None)
        again = told.filter(told.earlier > 0)
    else:
        return ()
    again = keep(sifted.taken.engine, again.select(RECORD))
    count = int(again.count().execute())
    if not count:
        return ()
    records = first_records(again)
    found = Found(
        table=sifted.section,
        check="repeated_rows",
        severity=severity,
        rows=count,
        records=records,
    )
    return (found,)


def _with_text(sifted: Sifted, rows: ir.Table) -> ir.Table:
    """Return rows with `text`: all their delivered cells, read again from the source."""
    source = sifted.taken.rows
    cells = [text_of(source[DELIVERED + n]).fill_null("") for n in delivered(source)]
    texts = source.select(number=source[RECORD], text=ibis.literal(SEPARATOR).join(cells))
    joined = rows.inner_join(texts, rows[RECORD] == texts.number)
    return joined.select(*rows.columns, "text")


def _numbered(rows: ir.Table, key: str | None) -> ir.Table:
    """Return rows with `earlier`: how many identical ones (of the same key) come before."""
    group = ["text", *([key] if key else [])]
    number = ibis.row_number().over(ibis.window(group_by=group, order_by=RECORD))
    return rows.mutate(earlier=number)
