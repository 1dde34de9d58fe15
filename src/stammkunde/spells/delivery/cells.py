"""What a delivered cell says: text, day or number, as expressions of DuckDB and PostgreSQL.

A cell that is not of the kind is null; nothing is guessed or moved: 31.02. is no day, and "1.234,5"
is no number unless both marks were declared so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from stammkunde.spells.blocks import engine_of, key_expr, trimmed

EXCEL = "excel"
# directive -> the digits or letters it stands for, between separators and without them
DIRECTIVES = {
    "d": (r"\d{1,2}", r"\d{2}"),
    "m": (r"\d{1,2}", r"\d{2}"),
    "Y": (r"\d{4}", r"\d{4}"),
    "y": (r"\d{2}", r"\d{2}"),
    "b": (r"[A-Za-z]{3}", r"[A-Za-z]{3}"),
    "H": (r"\d{1,2}", r"\d{2}"),
    "M": (r"\d{1,2}", r"\d{2}"),
    "S": (r"\d{1,2}", r"\d{2}"),
}
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec"
# the time of day that programs append to a date; the day stays the one that is written
TIME = r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?(Z|[+-]\d{2}:?\d{2}))?$"
# programs write narrow and unbreakable blanks, and curly apostrophes, for the plain ones
ALIKE = {" ": "[ \u00a0\u202f]", "'": "['\u2019]"}
# 1 January 1900 is day 1; day 60 is the 29 February 1900 that never was
EXCEL_DAYS = (1, 2_958_465)


@dataclass(frozen=True)
class Form:
    """How text cells are read: `date_format`, the marks of decimals and of thousands."""

    date_format: str = "%Y-%m-%d"
    decimal: str = "."
    thousands: str = ""


def blank(cell: ir.Value) -> ir.BooleanValue:
    """Return whether a cell is empty: null, or nothing but blanks."""
    empty = cell.isnull()
    return empty | (trimmed(cell) == "") if cell.type().is_string() else empty


def text_of(cell: ir.Value) -> ir.StringValue:
    """Return a cell as text: trimmed, in Unicode form C, whole numbers without decimals.

    Null where it is empty. A time at midnight is a date.
    """
    if cell.type().is_timestamp():
        day, time = cell.cast("date").cast("string"), cell.cast("string")
        cell = ibis.ifelse(cell == cell.truncate("D"), day, time)
    return key_expr(cell).nullif("")


def number_of(cell: ir.Value, form: Form) -> ir.FloatingValue:
    """Return a cell as a number, null where it is none; nan and infinity are none.

    A text must be written with the declared marks, thousands in threes where they are parted.
    """
    kind = cell.type()
    if kind.is_string():
        return _number(cell, form)
    if not (kind.is_numeric() or kind.is_boolean()):
        return ibis.null("float64")
    number = cell.cast("int64").cast("float64") if kind.is_boolean() else cell.cast("float64")
    if not kind.is_floating():
        return number
    return ibis.ifelse(number.isnan() | number.isinf(), ibis.null("float64"), number)


def _number(cell: ir.StringValue, form: Form) -> ir.FloatingValue:
    text = trimmed(cell)
    fits = text.re_search(number_pattern(form.decimal, form.thousands))
    plain = text.re_replace(mark_pattern(form.thousands), "") if form.thousands else text
    if form.decimal != ".":
        plain = plain.replace(form.decimal, ".")
    return ibis.ifelse(fits, plain, ibis.null("string")).cast("float64")


def number_pattern(decimal: str, thousands: str) -> str:
    """Return the regular expression of a number written with these marks, "" for none."""
    threes = rf"|\d{{1,3}}({mark_pattern(thousands)}\d{{3}})+" if thousands else ""
    point = re.escape(decimal)
    # at most so many digits that no engine overflows
    whole = rf"(\d{{1,40}}{threes})({point}\d{{0,40}})?|{point}\d{{1,40}}"
    return rf"^[+-]?({whole})([eE][+-]?\d{{1,2}})?$"


def mark_pattern(thousands: str) -> str:
    """Return the regular expression of a mark of thousands, in all ways in which it is typed."""
    return ALIKE.get(thousands, re.escape(thousands))


def date_of(cell: ir.Value, form: Form) -> ir.DateValue:
    """Return a cell as a date, null where it is none; the time of day is left aside.

    Dates and times that are typed pass as they are. Texts (and numbers such as 20251231) are read
    by `form.date_format`: %d %m %Y %y %b (English, three letters) %H %M %S, or "excel": the number
    of the day in Excel's system of 1900.
    """
    kind = cell.type()
    if kind.is_date():
        return cell
    if kind.is_timestamp():
        return cell.cast("date")
    if form.date_format == EXCEL:
        return _excel(number_of(cell, form))
    if not (kind.is_string() or kind.is_numeric()):
        return ibis.null("date")
    text = text_of(cell)
    if "%H" not in form.date_format:
        text = ibis.ifelse(text.contains(":"), text.re_replace(TIME, ""), text)
    return (_by_engine if engine_of(cell) == "duckdb" else _by_parts)(text, form.date_format)


def _excel(number: ir.FloatingValue) -> ir.DateValue:
    day = number.floor().cast("int64")
    fits = (number >= EXCEL_DAYS[0]) & (number < EXCEL_DAYS[1] + 1) & (day != 60)
    day = ibis.ifelse(fits, day, ibis.null("int64"))
    since = ibis.ifelse(day < 60, ibis.timestamp("1899-12-31"), ibis.timestamp("1899-12-30"))
    # from times, because engines make a time of a date and an interval where Ibis expects a date
    return (since + day.as_interval("D")).cast("date")


def _by_engine(text: ir.StringValue, form: str) -> ir.DateValue:
    """Return a date read by DuckDB, where `_by_parts` would read one too."""
    day = _try_strptime(text, form).cast("date")
    fits = ibis.literal(True)
    if "%Y" in form:
        fits = (day.year() >= 1000) & (day.year() <= 9999)
    if re.search(r"%.%", form):
        fits = fits & text.re_search(pattern_of(form)[0])
    return ibis.ifelse(fits, day, ibis.null("date"))


def _by_parts(text: ir.StringValue, form: str) -> ir.DateValue:
    """Return a date put together from the parts of a text, null where there is no such day."""
    pattern, order = pattern_of(form)
    found = text.re_search(pattern)

    def part(letter: str) -> ir.StringValue:
        piece = text.re_extract(pattern, order.index(letter) + 1)
        return ibis.ifelse(found, piece, ibis.null("string"))

    day = part("d").cast("int64")
    if "b" in order:
        month = (ibis.literal(MONTHS).find(part("b").lower()).cast("int64") + 4) / 4
        month = ibis.ifelse(month % 1 == 0, month, ibis.null("float64")).cast("int64")
    else:
        month = part("m").cast("int64")
    if "Y" in order:
        year = part("Y").cast("int64")
    else:
        year = part("y").cast("int64")
        year = year + ibis.ifelse(year < 69, 2000, 1900)
    leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    last = ibis.cases(
        ((month == 2) & leap, 29), (month == 2, 28), (month.isin([4, 6, 9, 11]), 30), else_=31
    )
    fits = month.between(1, 12) & (day >= 1) & (day <= last) & (year >= 1000)
    for letter, most in (("H", 23), ("M", 59), ("S", 59)):
        if letter in order:
            fits = fits & (part(letter).cast("int64") <= most)
    # where it does not fit, a day that exists is made and not used: engines evaluate both sides
    made = ibis.date(*(ibis.ifelse(fits, p, 2000 if p is year else 1) for p in (year, month, day)))
    return ibis.ifelse(fits.fill_null(False), made, ibis.null("date"))


def pattern_of(form: str) -> tuple[str, list[str]]:
    """Return the regular expression of a date format, and its directives in their order."""
    tight = re.search(r"%.%", form) is not None
    pattern, order = "", []
    for plain, letter in re.findall(r"([^%]+)|%(.)", form):
        if plain:
            pattern += re.escape(plain)
            continue
        pattern += f"({DIRECTIVES[letter][tight]})"
        order.append(letter)
    return f"^{pattern}$", order


def readable(form: str) -> bool:
    """Return whether a date format is one that `date_of` can read: a day, a month and a year."""
    if form == EXCEL:
        return True
    order = re.findall(r"%(.?)", form)
    known = all(letter in DIRECTIVES for letter in order) and len(order) == len(set(order))
    return (
        known
        and "d" in order
        and ("m" in order) != ("b" in order)
        and ("Y" in order) != ("y" in order)
    )


@ibis.udf.scalar.builtin(name="try_strptime")
def _try_strptime(text: str, form: str) -> dt.timestamp:
    """Return a text as a time by a format, null where it does not fit (a function of DuckDB)."""
