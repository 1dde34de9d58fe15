"""Cells that say "nothing yet" in a way of their own: words for empty, and days that never come."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from stammkunde.spells.delivery.cells import TIME

WORDS = (
    *("n/a", "na", "n.a.", "n. a.", "#n/a", "#na", "#nv", "null", "(null)", "none", "nil", "nan"),
    *("nat", "-", "--", "---", "–", "—", "/", "?", "k.a.", "k. a.", "keine", "leer", "empty"),
    *("offen", "open", "unbefristet", "unlimited", "open end", "laufend", "ongoing", "current"),
    *("present", "heute", "00.00.0000", "0000-00-00", "00/00/0000", "00000000"),
)
FAR_YEAR = 2200
YEAR = r"(?:2[2-9]\d{2}|[3-9]\d{3})"
FAR = re.compile(rf"\d{{1,2}}([./-])\d{{1,2}}\1{YEAR}|{YEAR}([./-])\d{{1,2}}\2\d{{1,2}}")
# the same without separators, and the last day that Excel knows
FAR_NUMBERS = re.compile(rf"{YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|2958465(?:\.0)?")


def is_word(cell: Any) -> bool:
    """Return whether a cell is a word that means that there is nothing."""
    return isinstance(cell, str) and cell.strip().lower() in WORDS


def is_far(cell: Any, *, dated: bool) -> bool:
    """Return whether a cell is a day that nobody lives to see, such as 31.12.9999.

    `dated` tells that the column is called like a date: only then can whole numbers be days.
    """
    if isinstance(cell, date):
        return cell.year >= FAR_YEAR
    text = re.sub(TIME, "", str(cell))
    return bool(FAR.fullmatch(text) or (dated and FAR_NUMBERS.fullmatch(text)))
