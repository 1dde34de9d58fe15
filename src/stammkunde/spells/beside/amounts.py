"""Money and texts of side tables."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from stammkunde.spells.checks.rows import Check, blocking
from stammkunde.spells.columns import number_checks
from stammkunde.spells.delivery.cells import number_of, text_of
from stammkunde.spells.delivery.columns import column
from stammkunde.spells.delivery.take import Taken

DEAREST = 1e12


def text(rows: ir.Table, taken: Taken, name: str) -> ir.StringValue:
    """Return a delivered column as text; null in every row where no column is named."""
    return text_of(column(rows, name, taken.where)) if name else ibis.null("string")


def with_cents(rows: ir.Table, taken: Taken, name: str, to: str) -> tuple[ir.Table, list[Check]]:
    """Return `rows` with a delivered amount in whole cents as column `to`, and its checks.

    Half a cent is rounded up. Null in every row, and no checks, where no column is named.
    """
    if not name:
        return rows.mutate(**{to: ibis.null("int64")}), []
    cell = column(rows, name, taken.where)
    # A column of its own, so that the text is read once and not by every check.
    rows = rows.mutate(**{f"{to} read": number_of(cell, taken.form)})
    number = rows[f"{to} read"]
    checks = [
        *number_checks(cell, number, name),
        blocking("impossible_value", number.abs() > DEAREST, name),
    ]
    possible = ibis.ifelse(number.abs() > DEAREST, ibis.null("float64"), number)
    # engines round halves differently; all agree on the floor
    return rows.mutate(**{to: (possible * 100 + 0.5).floor().cast("int64")}), checks
