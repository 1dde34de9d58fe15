"""The months rule: from dates to whole units of tenure.

m(a, b) = 12 (year b - year a) + (month b - month a) - [day b < day a]

`last` is the last day as a customer, `open` the first observed day, `close` the day after the last
observed day. T = m(start, last) + 1 is the unit at whose end the spell stops, c = m(start, close)
the number of units observed whole. Leaving counts only if T <= c, and exit = min(T, c): rounding
events up and censorings down would bias survival. entry = 0 if start >= open, else
m(start, open - 1 day) + 1. Day, week, quarter and year follow the same pattern.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from stammkunde.errors import ParameterError, nearest

UNITS = ("day", "week", "month", "quarter", "year")


def completed(a: date, b: date, unit: str = "month") -> int:
    """Return how many whole units have passed from day `a` to day `b` (b not before a)."""
    check_unit(unit)
    if unit in ("day", "week"):
        return (b - a).days // (1 if unit == "day" else 7)
    months = 12 * (b.year - a.year) + (b.month - a.month) - (b.day < a.day)
    return months // {"month": 1, "quarter": 3, "year": 12}[unit]


def moved(day: date, count: int, unit: str = "month") -> date:
    """Return the day so many units later (below 0: earlier); of a month without that day its last.

    ParameterError for an unknown unit.
    """
    check_unit(unit)
    if unit in ("day", "week"):
        return day + timedelta(days=count * (1 if unit == "day" else 7))
    size = {"month": 1, "quarter": 3, "year": 12}[unit]
    year, month = divmod(12 * day.year + day.month - 1 + count * size, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def completed_expr(a: ir.DateValue, b: ir.DateValue, unit: str = "month") -> ir.IntegerValue:
    """Return the same count as an expression of the engine."""
    check_unit(unit)
    if unit in ("day", "week"):
        days = b.delta(a, unit="day").cast("int64")
        return days if unit == "day" else (days // 7).cast("int64")
    years, months = b.year() - a.year(), b.month() - a.month()
    begun = ibis.ifelse(b.day() < a.day(), 1, 0)
    whole = (12 * years + months - begun).cast("int64")
    size = {"month": 1, "quarter": 3, "year": 12}[unit]
    return whole if size == 1 else (whole // size).cast("int64")


def check_unit(unit: str) -> None:
    """Raise ParameterError unless `unit` is one of `UNITS`."""
    if unit not in UNITS:
        raise ParameterError(f"unknown unit `{unit}`", remedy=nearest(unit, UNITS))


def tenure_columns(
    spells: ir.Table, *, opens: date | None, closes: date, unit: str
) -> dict[str, ir.Value]:
    """Return entry, exit and left for a relation with dates `start` and `last` (null: still there).

    `left` is true where leaving was observed in a whole unit.
    """
    start, last = spells.start, spells.last
    closing = ibis.literal(closes, type="date")
    seen = completed_expr(start, closing, unit)
    stays = completed_expr(start, last, unit) + 1
    left = last.notnull() & (stays <= seen)
    entry = ibis.literal(0, type="int64")
    if opens is not None:
        eve = ibis.literal(date.fromordinal(opens.toordinal() - 1), type="date")
        opening = ibis.literal(opens, type="date")
        entry = ibis.ifelse(start >= opening, 0, completed_expr(start, eve, unit) + 1)
    return {
        "entry": entry.cast("int64"),
        "exit": ibis.ifelse(left, stays, seen).cast("int64"),
        "left": left,
    }
