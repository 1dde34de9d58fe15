"""Contracts of one person that touch: one spell of the person."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from stammkunde.spells.checks.repeats import FOREVER
from stammkunde.spells.spells import NOTICE


def islands(contracts: ir.Table, gap_days: int, carried: Sequence[str]) -> ir.Table:
    """Return one row per unbroken time of a person: contracts that overlap or follow one another.

    Two contracts belong together when at most `gap_days` days lie between the last day of the one
    (or of a longer one before it) and the first of the next. The spell starts with the first and
    ends with the latest end, an open one winning; its groups, covariates and record come from the
    first contract, its cause and notice from the one that ends last. `weight` sums the rows.
    """
    rows = contracts.mutate(runs_to=contracts["last"].fill_null(ibis.literal(FOREVER)))
    # of contracts that begin on one day the content decides, not the order of rows
    content = ["runs_to", "cause", *carried]
    order = ["start", *content, "record"]
    before = ibis.window(group_by="person", order_by=order, preceding=(None, 1))
    rows = rows.mutate(so_far=rows.runs_to.max().over(before))
    # counted from the later day, so that no date runs beyond the last one that there is
    apart = (rows.start - ibis.interval(days=gap_days + 1)).cast("date") > rows.so_far
    opens = rows.so_far.isnull() | apart
    rows = rows.mutate(opens=ibis.ifelse(opens, 1, 0))
    running = ibis.window(group_by="person", order_by=order, preceding=None, following=0)
    rows = rows.mutate(number=rows.opens.sum().over(running))
    ending = [rows.runs_to.desc(), "cause", "start", *carried, "record"]
    final = ibis.row_number().over(ibis.window(group_by=["person", "number"], order_by=ending))
    rows = rows.mutate(final=final == 0)
    first = rows.opens == 1
    kept = {n: rows[n].max(where=rows.final if n == NOTICE else first) for n in carried}
    merged = rows.group_by("person", "number").aggregate(
        block=rows.block.max(),
        record=rows.record.max(where=first),
        weight=rows.weight.sum(),
        start=rows.start.min(),
        last=rows["last"].max(where=rows.final),
        cause=rows.cause.max(where=rows.final),
        **kept,
    )
    return merged.drop("number")
