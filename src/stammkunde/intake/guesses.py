"""What the cells of the main table suggest: forms, what the end means, who has left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from stammkunde.intake.columns import Column, plain
from stammkunde.intake.forms import NUMBERS, day_of, number_in
from stammkunde.intake.lexicon import NAMES, NO, STILL_THERE, UNITS, YES
from stammkunde.intake.roles import Table
from stammkunde.spells.schema.meaning import Unit
from stammkunde.spells.schema.tables import EndIs

ISO = "%Y-%m-%d"


@dataclass(frozen=True)
class Forms:
    """How the cells of a table are written, and the other forms that would read its dates."""

    date: str
    others: tuple[str, ...]
    decimal: str
    thousands: str
    unsure: tuple[str, ...] = ()


def forms(table: Table) -> Forms:
    """Return how the dates and numbers of a table are written, those it uses deciding."""
    used = [table.looked.columns[n] for n in table.roles.values()]
    dates = [c for c in used if c.dates]
    common = [f for f in (dates[0].dates if dates else ()) if all(f in c.dates for c in dates)]
    chosen = common or (list(dates[0].dates) if dates else [ISO])
    others = tuple(f for f in chosen[1:] if not _alike(chosen[0], f, dates))
    apart = tuple(c.name for c in dates if chosen[0] not in c.dates)
    numbers = [c for c in table.looked.columns.values() if c.numbers]
    fits = Counter(dict.fromkeys(NUMBERS, 0))
    fits.update(marks for c in numbers for marks in c.numbers)
    # the plainest marks are listed first and win where several read everything
    decimal, thousands = max(NUMBERS, key=lambda m: fits[m])
    return Forms(chosen[0], others, decimal, thousands, apart)


def _alike(one: str, other: str, dates: Sequence[Column]) -> bool:
    cells = [c for column in dates for c in column.cells if isinstance(c, str)]
    return all(day_of(c, one) == day_of(c, other) for c in cells)


def unsure_numbers(table: Table, form: Forms) -> tuple[str, ...]:
    """Return the columns whose cells are other numbers with other marks: "1.234" may be two."""
    chosen = (form.decimal, form.thousands)
    return tuple(c.name for c in table.looked.columns.values() if _is_other_number(c, chosen))


def _is_other_number(column: Column, chosen: tuple[str, str]) -> bool:
    if chosen not in column.numbers:
        return False
    marked = {c for c in column.cells if isinstance(c, str) and set(c) & set(".,")}
    others = [marks for marks in column.numbers if marks != chosen]
    return any(number_in(c, *m) != number_in(c, *chosen) for m in others for c in marked)


def read_by(column: Column, form: Forms) -> str:
    """Return the form that reads a column: that of its table, or "" for the column's own."""
    return form.date if form.date in column.dates else ""


def days_of(column: Column | None, form: Forms) -> list[date]:
    """Return the days of a column, () where there is none."""
    cells = column.days(read_by(column, form)) if column is not None else []
    return [d for d in cells if d]


def end_is(table: Table, form: Forms) -> tuple[EndIs, str]:
    """Return what the end column holds, and what to decide where the cells leave it open."""
    end = table.column("end")
    assert end is not None
    said = f"does `{end.name}` hold"
    if _called(end, "notice"):
        return "notice", f"{said} the day of notice, or the last day as a customer (last_day)?"
    if _called(end, "paid"):
        return "paid_until", f"{said} the end of the paid period? Else write last_day."
    days = days_of(end, form)
    firsts = sum(d.day == 1 for d in days)
    lasts = sum((d + timedelta(days=1)).day == 1 for d in days)
    if lasts >= 0.5 * len(days) > 0:
        return "last_day", ""
    if firsts >= 0.5 * len(days) > 0:
        return "day_after", f"{said} the day after the last one? Most are the first of a month."
    return "last_day", f"{said} the last day as a customer, or the day after it (day_after)?"


def _called(column: Column, role: str) -> bool:
    return column.plain in NAMES[role] and column.plain not in NAMES["end"]


def flag_values(column: Column) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the values of a flag that mean left, stayed, and those that nobody can tell."""
    turned = any(w in STILL_THERE for w in column.plain.split())
    found: dict[str, list[str]] = {"left": [], "stayed": [], "unclear": []}
    for value in column.levels:
        word = plain(value)
        is_yes, is_no = word in YES, word in NO
        if turned and word in ("yes", "ja", "j", "y", "true", "wahr", "1"):
            is_yes, is_no = False, True
        elif turned and word in ("no", "nein", "n", "false", "falsch", "0"):
            is_yes, is_no = True, False
        found["left" if is_yes else "stayed" if is_no else "unclear"].append(value)
    return tuple(found["left"]), tuple(found["stayed"]), tuple(found["unclear"])


def unit_of(name: str) -> Unit:
    """Return the unit of tenure that a plain column name speaks of: months unless it says so."""
    units: Iterable[Unit] = ("day", "week", "quarter", "year")
    return next((u for u in units if set(name.split()) & set(UNITS[u])), "month")


def is_american(table: Table, form: Forms) -> bool:
    """Return whether a table looks like one of the United States: 12/31/2025, or dollars."""
    columns = table.looked.columns.values()
    dated = form.date.startswith("%m/") and not form.others
    dollars = any("$" in c.name for c in columns)
    cells = (cell for c in columns for cell in c.cells[:50] if isinstance(cell, str))
    return dated or dollars or any(cell.startswith("$") for cell in cells)
