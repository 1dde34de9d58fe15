"""Checks of rows, as expressions of the engine: which cannot be used, which are remarkable.

A check is true of a row that cannot be used; a row is given to the first check that it fails. A
remark is true of a row that is used all the same. The data are never mended.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir

from stammkunde.spells.checks.found import Severity

CHECK = "check"
# no customer of today began before; what does is a slip, such as 1021 for 2021
EARLIEST = date(1850, 1, 1)


@dataclass(frozen=True)
class Check:
    """A reason for which a row cannot be used, and the delivered column that shows it."""

    id: str
    bad: ir.BooleanValue
    column: str = ""


@dataclass(frozen=True)
class Remark:
    """Something to know about rows that are used.

    `holds` gives the expression for a relation of kept rows. `shape` is the kept column, or else
    the delivered one, whose cells show it.
    """

    id: str
    severity: Severity
    holds: Callable[[ir.Table], ir.BooleanValue]
    column: str = ""


REMEDIES = {
    "malformed": "Deliver as many cells in every row as there are column names.",
    "missing_key": "Deliver the customer number of every row.",
    "missing_start": "Deliver the day on which this began.",
    "unreadable_start": "Deliver this date in the declared format.",
    "unreadable_end": "Deliver this date in the declared format, or leave it empty.",
    "unreadable_notice": "Deliver this date in the declared format, or leave it empty.",
    "unreadable_date": "Deliver this date in the declared format.",
    "unreadable_number": "Deliver this number with the declared decimal mark, or leave it empty.",
    "impossible_value": "Ask for the true number.",
    "end_before_start": "Ask which of the two dates is wrong.",
    "start_after_window": "Ask whether this is a contract not yet begun, or a wrong date.",
    "after_window": "Check `window.close` in the client file, or the date.",
    "impossible_date": "Ask for the true date; it lies before 1850.",
    "duplicate": "Deliver every contract once.",
    "overlapping": "Ask which of the rows of this contract number is right.",
    "unreadable_tenure": "Deliver completed units as a whole number.",
    "negative_tenure": "Deliver completed units as a whole number, 0 or more.",
    "impossible_tenure": "Ask for the true tenure; it is more than 100,000 units.",
    "unknown_flag": "Add the value to `left_values` or `stayed_values` in the client file.",
    "missing_kind": "Deliver what kind of event every row is.",
    "missing_offer": "Deliver which offer every row is about.",
    "missing_plan": "Deliver which plan every price belongs to.",
    "missing_price": "Deliver the price of every row of the price list.",
    "overlapping_prices": "Ask which price of this plan was valid on these days.",
    "missing_customer": "Deliver the customer number of every row.",
    "missing_person": "Deliver the person or household of every customer number.",
    "two_persons": "Ask which person this customer number belongs to.",
}


def marked(rows: ir.Table, checks: Sequence[Check]) -> ir.Table:
    """Return `rows` with a column `check`: which check a row failed first, null where none.

    It is the position in `checks`, so that it takes little room.
    """
    branches = [(c.bad.fill_null(False), ibis.literal(i, "int16")) for i, c in enumerate(checks)]
    return rows.mutate(**{CHECK: ibis.cases(*branches, else_=ibis.null("int16"))})


def blocking(name: str, bad: ir.BooleanValue, column: str = "") -> Check:
    """Return the check with this id; its remedy is listed in `REMEDIES`."""
    assert name in REMEDIES
    return Check(name, bad, column)
