"""A sheet as it is laid out and printed: widths, wrapped texts, frozen and repeated headings."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from textwrap import wrap
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from stammkunde.report.sheet_columns import Shown, Strip, strips
from stammkunde.report.words import Words

HEAD_ROW = 2
A4 = 9
FEWEST_FILTERED = 9
# widths in characters of ten points; an empty column has so many, a printed page across
LEAST, MOST, MOST_FIRST, EMPTY, ACROSS = 11.0, 60.0, 40.0, 8.43, 200.0
# a text over the table is as wide as the table within these
NARROWEST, BROADEST = 60.0, 110.0
HEAD_LINES = 3
# what stands free beside a text, and the button of a filter beside its heading
MARGIN, FILTER = 1.0, 3.0
LINE, TITLE_LINE = 13.5, 17.5
# a character of a title against one of a table
TITLE_SIZE = 1.4
QUOTED = re.compile(r'"([^"]*)"')
DIGITS = re.compile(r"\.(0+)")


@dataclass(frozen=True)
class Formats:
    """The formats of one workbook, each made once: what they are set to, and the format."""

    book: xlsxwriter.Workbook
    made: dict[tuple[tuple[str, Any], ...], Format]

    def get(self, **settings: Any) -> Format:
        """Return the format with these settings, Arial of ten points where they say no other."""
        key = tuple(settings.items())
        if key not in self.made:
            basic = {"font_name": "Arial", "font_size": 10, "valign": "top"}
            self.made[key] = self.book.add_format(basic | settings)
        return self.made[key]

    def title(self) -> Format:
        """Return the format of what stands above a table."""
        return self.get(bold=True, font_size=13, text_wrap=True)

    def head(self, right: bool, filtered: bool = False) -> Format:
        """Return the format of a heading; a filter's button covers none of its letters."""
        settings = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"}
        indent = {"indent": 2} if right and filtered else {}
        return self.get(**settings, align="right" if right else "left", **indent)

    def link(self) -> Format:
        """Return the format of a link to a sheet."""
        return self.get(font_color="#0563C1", underline=1, text_wrap=True)


def write_sheet(page: Worksheet, sheet: Mapping[str, Any], words: Words, formats: Formats) -> None:
    """Write a table: title, headings, cells and, below them, its note. `sheet` as in its facts."""
    columns = strips(sheet, words)
    rows = len(sheet["rows"])
    filtered = rows >= FEWEST_FILTERED
    widths = [_width(c, MOST if i else MOST_FIRST, filtered) for i, c in enumerate(columns)]
    for place, (column, width) in enumerate(zip(columns, widths, strict=True)):
        page.set_column(place, place, width)
        head = formats.head(column.numeric, filtered)
        page.write_string(HEAD_ROW, place, column.heading, head)
        for row, cell in enumerate(column.cells, HEAD_ROW + 1):
            _write(page, row, place, cell, width, formats)
    _heights(page, columns, widths, FILTER if filtered else 0)
    _over(page, 0, sheet["title"], widths, formats.title(), TITLE_SIZE, TITLE_LINE)
    if sheet.get("note"):
        wrapped = formats.get(text_wrap=True)
        _over(page, HEAD_ROW + 2 + rows, sheet["note"], widths, wrapped, 1.0, LINE)
    page.freeze_panes(HEAD_ROW + 1, 1)
    if filtered:
        page.autofilter(HEAD_ROW, 0, HEAD_ROW + rows, len(columns) - 1)
    _print(page, math.ceil(sum(widths) / ACROSS))


def _heights(
    page: Worksheet, columns: Sequence[Strip], widths: Sequence[float], button: float
) -> None:
    """Make rows as high as their longest text: not every program does so by itself."""
    heads = [height(c.heading, w - button) for c, w in zip(columns, widths, strict=True)]
    page.set_row(HEAD_ROW, max(heads, default=LINE))
    for row, cells in enumerate(zip(*(c.cells for c in columns), strict=True), HEAD_ROW + 1):
        texts = [(c.value, w) for c, w in zip(cells, widths, strict=True) if _is_long(c, w)]
        if texts:
            page.set_row(row, max(height(str(text), width) for text, width in texts))


def _is_long(cell: Shown, width: float) -> bool:
    return isinstance(cell.value, str) and len(cell.value) > width - MARGIN


def height(text: str, width: float) -> float:
    """Return the height in points of a text in a column of a width in characters."""
    return LINE * _lines(text, width)


def _lines(text: str, width: float) -> int:
    return max(len(wrap(text, max(int(width - MARGIN), 1))), 1)


def _print(page: Worksheet, across: int) -> None:
    """Set a sheet up for so many pages across, each with its headings and names of rows."""
    page.set_landscape()
    page.set_paper(A4)
    page.fit_to_pages(across, 0)
    page.repeat_rows(HEAD_ROW)
    if across > 1:
        page.repeat_columns(0)


def _write(
    page: Worksheet, row: int, column: int, cell: Shown, width: float, formats: Formats
) -> None:
    value = cell.value
    if isinstance(value, bool):
        page.write_boolean(row, column, value, formats.get())
    elif isinstance(value, date):
        when = datetime(value.year, value.month, value.day)
        page.write_datetime(row, column, when, formats.get(num_format=cell.pattern))
    elif isinstance(value, int | float):
        page.write_number(row, column, value, formats.get(num_format=cell.pattern))
    elif value is not None:
        long = {"text_wrap": True} if _is_long(cell, width) else {}
        page.write_string(row, column, value, formats.get(**long))


def _width(column: Strip, most: float, filtered: bool) -> float:
    """Return how wide a column is: its heading wraps, and so does a very long text."""
    head = column.heading
    words = [*(len(word) for word in head.split()), len(head) / HEAD_LINES]
    needed = [max(words) + (FILTER if filtered else 0), *map(_length, column.cells)]
    return min(max([LEAST, *needed]) + 2 * MARGIN, most)


def _length(cell: Shown) -> float:
    """Return how many characters a cell shows."""
    if isinstance(cell.value, int | float) and not isinstance(cell.value, bool):
        own, digits = "".join(QUOTED.findall(cell.pattern)), DIGITS.search(cell.pattern)
        return len(f"{cell.value:,.{len(digits[1]) if digits else 0}f}{own}")
    return len(cell.value) if isinstance(cell.value, str) else 0


def _over(
    page: Worksheet,
    row: int,
    text: str,
    widths: Sequence[float],
    written: Format,
    size: float,
    line: float,
) -> None:
    """Write a text over the width of the table, as many lines as it takes."""
    wanted = min(max(sum(widths), NARROWEST), BROADEST)
    last, width = 0, widths[0]
    while width < wanted:
        last += 1
        width += widths[last] if last < len(widths) else EMPTY
    if last:
        page.merge_range(row, 0, row, last, "", written)
    page.write_string(row, 0, text, written)
    # a merged cell does not find its height by itself
    page.set_row(row, line * _lines(text, width / size))
