"""Purchases without a contract: a rule says when a customer has gone.

A spell begins with a purchase and ends when `gap` days have passed without another, so that its
last day is the latest purchase plus `gap` days: known on that day, without looking ahead. Who is
inside the gap when observation closes is censored there; the next purchase after a gap opens a new
spell of the same person.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal

import ibis
import ibis.expr.types as ir

from stammkunde.spells.spells import LEFT

Clock = Literal["gap", "latest"]


def lapse_spells(
    purchases: ir.Table,
    *,
    gap_days: int,
    clock: Clock = "gap",
    first_day: Mapping[str, str] | None = None,
) -> ir.Table:
    """Return spells with person, block, record, weight, start, last, cause.

    `purchases` has person, block, day, record. With clock "gap" `last` is the latest purchase plus
    the gap; with "latest" it is the latest purchase itself, to be read with `closing`. Columns in
    `first_day` (name -> "sum" or "first") are taken from the first day of the spell.
    """
    previous = ibis.window(group_by="person", order_by=["day", "record"])
    p = purchases.mutate(before=purchases.day.lag().over(previous))
    opens = p.before.isnull() | (p.day > p.before + ibis.interval(days=gap_days))
    p = p.mutate(opens=ibis.ifelse(opens, 1, 0))
    running = ibis.window(
        group_by="person", order_by=["day", "record"], preceding=None, following=0
    )
    p = p.mutate(number=p.opens.sum().over(running))
    p = p.mutate(first=p.day.min().over(ibis.window(group_by=["person", "number"])))
    on_first = p.day == p.first
    carried = {}
    for name, how in (first_day or {}).items():
        cell = p[name]
        carried[name] = (
            # Sums of floats depend on the order of rows; decimals do not.
            cell.cast("decimal(30, 6)").sum(where=on_first)
            if how == "sum"
            else cell.max(where=p.opens == 1)
        )
    spells = p.group_by("person", "number").aggregate(
        block=p.block.max(),
        record=p.record.min(),
        weight=p.count(),
        start=p.day.min(),
        latest=p.day.max(),
        **carried,
    )
    added = gap_days if clock == "gap" else 0
    last = (spells.latest + ibis.interval(days=added)).cast("date")
    return spells.mutate(last=last, cause=ibis.literal(LEFT)).drop("number")


def closing(close: date, gap_days: int, clock: Clock) -> date:
    """Return the day on which observation closes for a clock.

    Whether a purchase was the latest is known only `gap` days later, so the clock that ends with it
    closes that much earlier.
    """
    return close if clock == "gap" else close - timedelta(days=gap_days)
