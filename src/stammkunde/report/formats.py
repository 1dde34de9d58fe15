"""Numbers, shares, dates and ranges as a reader in a given locale writes them.

Rounding is half up on ten significant digits, so that a printed 54.45 becomes 54.5 and not, by
binary accident or banker's rule, 54.4. The minus sign is U+2212, the space before a sign U+00A0.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal, get_currency_symbol

MINUS = "\u2212"
NBSP = "\u00a0"


# a number stands in sentences, tables, pictures and sheets
@lru_cache(maxsize=20_000)
def decimal(value: float, digits: int, locale: str) -> str:
    """Return `value` with `digits` decimals, grouped; a rounded zero has no sign."""
    exact = Decimal(f"{value:.10g}").quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    text = format_decimal(exact if exact else abs(exact), format=pattern, locale=locale)
    return text.replace("-", MINUS).replace("\u202f", NBSP)


def percent_sign(locale: str) -> str:
    """Return the percent sign with the space that the locale puts before it."""
    pattern = str(Locale.parse(locale).percent_formats[None].pattern)
    return pattern.replace("#,##0", "").replace("\u202f", NBSP)


def percent(share: float, digits: int, locale: str) -> str:
    """Return a share as percent: .843 with one digit is "84,3 %" or "84.3%"."""
    return decimal(share * 100, digits, locale) + percent_sign(locale)


def currency(number: str, name: str, locale: str) -> str:
    """Return a written number with the sign of a currency ("EUR"), where the locale puts it."""
    sign = str(get_currency_symbol(name, locale)).replace(" ", NBSP)
    pattern = str(Locale.parse(locale).currency_formats["standard"].pattern)
    if not pattern.startswith("¤"):
        return f"{number}{NBSP}{sign}"
    space = NBSP if pattern[1:2].isspace() else ""
    minus = MINUS if number.startswith(MINUS) else ""
    return f"{minus}{sign}{space}{number.removeprefix(MINUS)}"


def day(value: date, locale: str) -> str:
    """Return a date in full, held together: "1. Januar 1997", "1 January 1997"."""
    return format_date(value, "long", locale=locale).replace(" ", NBSP)


def month(value: date, locale: str) -> str:
    """Return a calendar month: "Januar 1997"."""
    return format_skeleton("yMMMM", value, locale=locale).replace(" ", NBSP)
