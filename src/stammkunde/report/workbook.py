"""The tables as a workbook: a sheet of contents, then one sheet per table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from stammkunde.errors import RenderError
from stammkunde.report.firstpage import Cover, dates
from stammkunde.report.sheet_page import A4, HEAD_ROW, Formats, height, write_sheet
from stammkunde.report.words import Words

__all__ = ["HEAD_ROW", "workbook", "write_workbook"]

Sheet = Mapping[str, Any]
CONTENTS_ROW = 3
CODE_WIDTH, TITLE_WIDTH = 34, 100


def workbook(sheets: Sequence[Sheet], cover: Cover, words: Words) -> bytes:
    """Return the workbook's bytes: a sheet of contents, then one per table; reproducible.

    `sheets` as in the facts of a section, each with the `part` of the report under which the
    contents name it. RenderError where two share a name.
    """
    stream = BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False})
    created = datetime(cover.created.year, cover.created.month, cover.created.day)
    book.set_properties({"title": cover.footer(words), "author": "Stammkunde", "created": created})
    formats = Formats(book, {})
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
        write_sheet(book.add_worksheet(sheet["id"]), sheet, words, formats)
    for page in book.worksheets():
        page.set_footer("&L" + cover.footer(words).replace("&", "&&") + "&R&P/&N")
    book.close()
    return stream.getvalue()


def write_workbook(sheets: Sequence[Sheet], cover: Cover, words: Words, path: Path) -> None:
    """Write the workbook to `path`."""
    path.write_bytes(workbook(sheets, cover, words))


def _contents(
    page: Worksheet, sheets: Sequence[Sheet], cover: Cover, words: Words, formats: Formats
) -> None:
    """Write what there is, part by part; a sheet's name and its title both lead to it."""
    page.set_column(0, 0, CODE_WIDTH)
    page.set_column(1, 1, TITLE_WIDTH)
    page.write_string(0, 0, cover.footer(words), formats.get(bold=True, font_size=13))
    page.write_string(1, 0, dates(cover, words), formats.get())
    page.write_string(CONTENTS_ROW, 0, words.ui("workbook_sheet"), formats.head(False))
    page.write_string(CONTENTS_ROW, 1, words.ui("workbook_title"), formats.head(False))
    row, part = CONTENTS_ROW, ""
    for sheet in sheets:
        if sheet.get("part", part) != part:
            part, row = sheet["part"], row + 2
            page.write_string(row, 0, part, formats.get(bold=True))
        row += 1
        there = f"internal:'{sheet['id']}'!A1"
        page.write_url(row, 0, there, formats.link(), sheet["id"])
        page.write_url(row, 1, there, formats.link(), sheet["title"])
        page.set_row(row, height(sheet["title"], TITLE_WIDTH))
    page.freeze_panes(CONTENTS_ROW + 1, 0)
    page.repeat_rows(CONTENTS_ROW)
    page.set_landscape()
    page.set_paper(A4)
    page.fit_to_pages(1, 0)
