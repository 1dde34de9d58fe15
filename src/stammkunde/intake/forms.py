"""How dates and numbers are written: which forms read all the cells of a column."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache

from stammkunde.spells.delivery.cells import EXCEL, mark_pattern, number_pattern, pattern_of
from stammkunde.spells.delivery.cells import TIME as WRITTEN_TIME

EXCEL_BEGIN = date(1899, 12, 30)
EXCEL_DAYS = (18_264, 73_051)
YEARS = (1900, 2200)
GOOD = 0.8
CANDIDATES = (
    *("%d.%m.%Y", "%Y-%m-%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%y", "%m/%d/%y", "%d/%m/%y"),
    *("%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d"),
)
TIME = re.compile(WRITTEN_TIME)
NUMBERS = ((".", ""), (",", ""), (",", "."), (".", ","), (".", "'"), (",", " "))


# as the engine reads them afterwards
ORDERS = {form: pattern_of(form)[1] for form in CANDIDATES}
PATTERNS = {form: re.compile(pattern_of(form)[0]) for form in CANDIDATES}


def day_of(text: str, form: str) -> date | None:
    """Return the day that `text` is in a form, None where it is none."""
    if form == EXCEL:
        whole = text.partition(".")[0]
        days = int(whole) if whole.isdecimal() and len(whole) < 6 else 0
        known = EXCEL_DAYS[0] <= days < EXCEL_DAYS[1]
        return EXCEL_BEGIN + timedelta(days=days) if known else None
    match = PATTERNS[form].fullmatch(TIME.sub("", text))
    if match is None:
        return None
    parts = {name: int(value) for name, value in zip(ORDERS[form], match.groups(), strict=True)}
    # as strptime has it: 69 and later are of the last century
    short = parts.get("y", 0)
    year = parts.get("Y", short + (1900 if short >= 69 else 2000))
    if not YEARS[0] <= year < YEARS[1]:
        return None
    try:
        return date(year, parts["m"], parts["d"])
    except ValueError:
        return None


def date_forms(cells: Sequence[str], *, is_date: bool) -> tuple[str, ...]:
    """Return the forms that read as many of the cells as any other, most usual first.

    None where no form reads four in five. More than one where the cells do not tell them apart.
    `is_date` tells that the column is called like a date: only then can whole numbers be days.
    """
    times = Counter(cells)
    if not times:
        return ()
    bare = [TIME.sub("", cell) for cell in list(times)[:50]]
    candidates = [f for f, p in PATTERNS.items() if any(p.fullmatch(cell) for cell in bare)]
    candidates += [EXCEL] if is_date else []
    read = {f: sum(n for c, n in times.items() if day_of(c, f)) for f in candidates}
    best = max(read.values(), default=0)
    if best < GOOD * len(cells):
        return ()
    return tuple(f for f in candidates if read[f] == best)


def number_forms(cells: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return the marks (decimal, thousands) that read as many of the cells as any other.

    None where no marks read four in five.
    """
    times = Counter(cells)
    read = {
        marks: sum(n for c, n in times.items() if number_in(c, *marks) is not None)
        for marks in NUMBERS
    }
    best = max(read.values())
    if not times or best < GOOD * len(cells):
        return ()
    return tuple(marks for marks in NUMBERS if read[marks] == best)


def number_in(text: str, decimal: str, thousands: str) -> float | None:
    """Return the number that `text` is with these marks, None where it is none."""
    if not _numeral(decimal, thousands).fullmatch(text):
        return None
    plain = re.sub(mark_pattern(thousands), "", text) if thousands else text
    number = float(plain.replace(decimal, "."))
    # hundreds of digits are no number that could be cut into bands
    return number if math.isfinite(number) else None


@cache
def _numeral(decimal: str, thousands: str) -> re.Pattern[str]:
    return re.compile(number_pattern(decimal, thousands))
