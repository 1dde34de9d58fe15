"""Large sums of money in pictures: thousands and millions, as the reader writes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from babel.numbers import get_currency_symbol

from stammkunde.report.formats import NBSP, currency, decimal
from stammkunde.report.words import CURRENCY, Words
from stammkunde.result import Sentence

SIZES = (("million", 1e6), ("thousand", 1e3))
# from here on a sum is told in the size: 20 thousand, and 2 million
FROM = {"million": 2e6, "thousand": 1e4}


@dataclass(frozen=True, kw_only=True)
class Scale:
    """In what sums of a picture are told: `unit` (a currency, or another), and their size."""

    unit: str
    size: str = ""
    by: float = 1.0


def scale_of(sums: Iterable[float], unit: str) -> Scale:
    """Return in what sums are told: one size for all of a picture, by the largest of them."""
    largest = max(map(abs, sums), default=0.0)
    if not CURRENCY.fullmatch(unit):
        return Scale(unit=unit)
    found = next(((n, by) for n, by in SIZES if largest >= FROM[n]), ("", 1.0))
    return Scale(unit=unit, size=found[0], by=found[1])


def told(scale: Scale, amount: float, words: Words, digits: int | None = None) -> str:
    """Return a sum with size and sign: "38 Tsd. €", "€38 thousand"; about three digits of it."""
    scaled = amount / scale.by
    if digits is None:
        digits = next((d for d, least in ((0, 20), (1, 2)) if abs(scaled) >= least), 2)
    text = decimal(scaled, digits, words.locale)
    if not CURRENCY.fullmatch(scale.unit):
        return text
    if scale.size:
        text += NBSP + words.say(Sentence(f"picture.sum.{scale.size}"))
    return currency(text, scale.unit, words.locale)


def named(scale: Scale, name: str, words: Words) -> str:
    """Return the name of an axis with what its numbers are in: "Vorsprung (Tsd. €)"."""
    if not CURRENCY.fullmatch(scale.unit):
        return name
    sign = str(get_currency_symbol(scale.unit, words.locale)).replace(" ", NBSP)
    size = words.say(Sentence(f"picture.sum.{scale.size}")) if scale.size else ""
    key = "picture.sum.axis" if size else "picture.sum.axis_bare"
    return words.say(Sentence(key, {"name": name, "size": size, "sign": sign}))
