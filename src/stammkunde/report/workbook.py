"""The tables as a workbook: raw numbers under locale formats, an estimate in three columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from stammkunde.errors import RenderError
from stammkunde.report.firstpage import Cover, dates
from stammkunde.report.words import DIGITS, Words, form_of

Sheet = Mapping[str, Any]
HEAD_ROW = 2
MOST_UPRIGHT = 7
DATES = {"de": "dd.mm.yyyy", "en_GB": "dd/mm/yyyy", "en_US": "mm/dd/yyyy"}
PARTS = ("value", "low", "high")


def workbook(sheets: Sequence[Sheet], cover: Cover, words: Words) -> bytes:
    """Return the workbook's bytes: a sheet of contents, then one per table; reproducible.

    `sheets` as in the facts of a section. RenderError where two share a name.
    """
    stream = BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False})
    created = datetime(cover.created.year, cover.created.month, cover.created.day)
    book.set_properties({"title": cover.footer(words), "author": "Stammkunde", "created": created})
    formats = _Formats(book, words)
    _contents(book.add_worksheet(words.ui("workbook_contents")), sheets, cover, words, formats)
    seen = {words.ui("workbook_contents").lower()}
    for sheet in sheets:
        if sheet["id"].lower() in seen:
            raise RenderError(
                "Two tables have the same name",
                where=sheet["id"],
                remedy="Give each table its own id, different in the first 31 characters.",
            )
        seen.add(sheet["id"].lower())
        _write(book.add_worksheet(sheet["id"]), sheet, words, formats)
    for page in book.worksheets():
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.set_footer("&L" + cover.footer(words).replace("&", "&&") + "&R&P/&N")
    book.close()
    return stream.getvalue()


def write_workbook(sheets: Sequence[Sheet], cover: Cover, words: Words, path: Path) -> None:
    """Write the workbook to `path`."""
    path.write_bytes(workbook(sheets, cover, words))


class _Formats:
    """Number formats of one workbook, made once each."""

    def __init__(self, book: xlsxwriter.Workbook, words: Words) -> None:
        self.book, self.words = book, words
        self.made: dict[tuple[str, bool], Format] = {}

    def get(self, pattern: str = "General", bold: bool = False) -> Format:
        key = (pattern, bold)
        if key not in self.made:
            settings = {"num_format": pattern, "bold": bold, "valign": "top", "font_name": "Arial"}
            self.made[key] = self.book.add_format(settings | {"font_size": 10})
        return self.made[key]

    def title(self) -> Format:
        key = ("title", True)
        if key not in self.made:
            settings = {"bold": True, "font_size": 13, "font_name": "Arial"}
            self.made[key] = self.book.add_format(settings)
        return self.made[key]

    def head(self, right: bool) -> Format:
        key = (f"head {right}", True)
        if key not in self.made:
            settings = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"}
            align = {"align": "right" if right else "left", "font_name": "Arial", "font_size": 10}
            self.made[key] = self.book.add_format(settings | align)
        return self.made[key]


def _contents(
    page: Worksheet, sheets: Sequence[Sheet], cover: Cover, words: Words, formats: _Formats
) -> None:
    page.set_column(0, 0, 30)
    page.set_column(1, 1, 80)
    page.write_string(0, 0, cover.footer(words), formats.title())
    page.write_string(1, 0, dates(cover, words), formats.get())
    page.write_string(3, 0, words.ui("workbook_sheet"), formats.head(False))
    page.write_string(3, 1, words.ui("workbook_title"), formats.head(False))
    for row, sheet in enumerate(sheets, 4):
        page.write_url(row, 0, f"internal:'{sheet['id']}'!A1", string=sheet["id"])
        page.write_string(row, 1, sheet["title"], formats.get())
    page.freeze_panes(4, 0)
    page.set_landscape()


def _write(page: Worksheet, sheet: Sheet, words: Words, formats: _Formats) -> None:
    page.write_string(0, 0, sheet["title"], formats.title())
    column = 0
    for position, about in enumerate(sheet["columns"]):
        cells = [row[position] for row in sheet["rows"]]
        if any(_is_estimate(cell) for cell in cells):
            column = _estimates(page, column, about, cells, words, formats)
        else:
            _column(page, column, about["heading"], about["form"], cells, formats)
            column += 1
    page.freeze_panes(HEAD_ROW + 1, 0)
    page.repeat_rows(HEAD_ROW)
    if column > MOST_UPRIGHT:
        page.set_landscape()
    if sheet.get("note"):
        row = HEAD_ROW + 2 + len(sheet["rows"])
        page.write_string(row, 0, sheet["note"], formats.get())


def _estimates(
    page: Worksheet, column: int, about: Sheet, cells: list[Any], words: Words, formats: _Formats
) -> int:
    """Return the next column after value, low, high and, where values are missing, reasons."""
    known = [c["estimate"] if _is_estimate(c) else None for c in cells]
    # without a form of its own each cell has that of its unit: shares and sums may share a column
    forms = [about["form"] or (form_of(e["unit"]) if e else "") for e in known]
    for part in PARTS:
        heading = about["heading"] if part == "value" else f"{about['heading']}, {words.ui(part)}"
        # what is no estimate stands as it is: a text, or a number without an interval
        plain = [c if part == "value" and isinstance(c, str | int | float) else None for c in cells]
        values = [_part(e, part, words) if e else t for e, t in zip(known, plain, strict=True)]
        _column(page, column, heading, forms, values, formats)
        column += 1
    reasons = [e["reason"] if e and e["value"] is None else None for e in known]
    if any(reasons):
        _column(page, column, f"{about['heading']}, {words.ui('reason')}", "text", reasons, formats)
        column += 1
    return column


def _part(estimate: Any, part: str, words: Words) -> Any:
    """Return the value or a limit; a limit that was not reached, beside one that was, is open."""
    others = [estimate[p] for p in PARTS if p != part]
    is_open = estimate[part] is None and part != "value" and None not in others
    return words.ui("ci.open") if is_open else estimate[part]


def _column(
    page: Worksheet,
    column: int,
    heading: str,
    form: str | Sequence[str],
    cells: list[Any],
    formats: _Formats,
) -> None:
    """Write a column, all of one form or each cell of its own."""
    numbers = [c for c in cells if isinstance(c, int | float) and not isinstance(c, bool)]
    texts = [c for c in cells if isinstance(c, str)]
    page.write_string(HEAD_ROW, column, heading, formats.head(bool(numbers)))
    width = max([len(heading) * 0.7, *(len(t) for t in texts), 11.0])
    page.set_column(column, column, min(width + 2, 60))
    whole = all(isinstance(n, int) for n in numbers)
    forms = [form] * len(cells) if isinstance(form, str) else form
    for row, (own, cell) in enumerate(zip(forms, cells, strict=True), HEAD_ROW + 1):
        pattern, scale = _pattern(own, whole)
        if isinstance(cell, dict):
            day = date.fromisoformat(cell["date"])
            when = datetime(day.year, day.month, day.day)
            page.write_datetime(row, column, when, formats.get(_date_pattern(formats.words.locale)))
        elif isinstance(cell, bool):
            page.write_boolean(row, column, cell, formats.get())
        elif isinstance(cell, int | float):
            page.write_number(row, column, cell * scale, formats.get(pattern))
        elif cell is not None:
            page.write_string(row, column, str(cell), formats.get())


def _pattern(form: str, whole: bool) -> tuple[str, int]:
    """Return a number format and what raw numbers are multiplied by before it."""
    form = form.partition("+")[0]
    match = DIGITS.fullmatch(form)
    digits = int(match[2]) if match else 0 if form == "int" or (not form and whole) else 1
    decimals = "." + "0" * digits if digits else ""
    if form.startswith("percent"):
        return f"0{decimals}%", 1
    return f"#,##0{decimals}", 100 if form.startswith("per100") else 1


def _date_pattern(locale: str) -> str:
    return DATES.get(locale, DATES.get(locale[:2], "yyyy-mm-dd"))


def _is_estimate(cell: Any) -> bool:
    return isinstance(cell, dict) and "estimate" in cell
