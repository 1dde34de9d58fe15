"""The workbook: raw numbers, an estimate in three columns, the same bytes twice."""

import io
from dataclasses import replace
from datetime import datetime

import openpyxl
import pytest
from nbformat.v4 import new_notebook

from stammkunde.errors import RenderError
from stammkunde.report.compose import sheets_of
from stammkunde.report.dress import bundles
from stammkunde.report.workbook import workbook
from tests.report import making


@pytest.fixture(scope="module")
def sheets(words):
    return sheets_of(making.executed(words), [], words)


@pytest.fixture(scope="module")
def book(sheets, words):
    return openpyxl.load_workbook(io.BytesIO(workbook(sheets, making.cover(), words)))


def test_the_same_tables_give_the_same_bytes(sheets, words):
    assert workbook(sheets, making.cover(), words) == workbook(sheets, making.cover(), words)


def test_every_table_has_a_sheet_and_the_contents_come_first(book, sheets, words):
    assert book.sheetnames == [words.ui("workbook_contents"), *(s["id"] for s in sheets)]
    front = book.worksheets[0]
    assert words.ui("nature.simulated") in front["A1"].value
    assert words.ui("as_of", day=making.cover().as_of) in front["A2"].value
    named = [row for row in front.iter_rows(min_row=5) if row[1].value]
    assert [[cell.value for cell in row] for row in named] == [
        [s["id"], s["title"]] for s in sheets
    ]
    for row, sheet in zip(named, sheets, strict=True):
        assert [cell.hyperlink.location for cell in row] == [f"'{sheet['id']}'!A1"] * 2


def test_the_contents_name_each_part_of_the_report_above_its_sheets(book, sheets, words):
    first, second, _ = making.sections()
    lines = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows(min_row=5)]
    heads = [i for i, (name, title) in enumerate(lines) if name and not title]
    assert [lines[i][0] for i in heads] == [words.say(s.heading) for s in (first, second)]
    assert [lines[i + 1][0] for i in heads] == ["all.data", "by_contract.data"]


def test_what_stands_in_the_appendix_comes_last_in_the_workbook(words):
    plain, ending = making.sections()[:2]
    ending = replace(ending, id="appendix.groups")
    cells = [making.cell_of(bundles(section, words)) for section in (ending, plain)]
    found = sheets_of([new_notebook(cells=cells)], [], words)
    parts = dict.fromkeys(sheet["part"] for sheet in found)
    assert list(parts) == [words.say(plain.heading), words.ui("appendix")]


def test_an_estimate_is_three_raw_numbers_and_a_reason_where_it_is_missing(book, words):
    page = book["by_month"]
    stay = words.heading("t.stay")
    low, high = (words.ui(f"limit.{part}_at", of=stay, level=0.95) for part in ("low", "high"))
    heads = [cell.value for cell in page[3]]
    assert heads[:4] == [words.heading("t.month"), stay, low, high]
    assert low.endswith(
        {"de": "untere Grenze (95\u00a0%)", "en": "lower limit (95%)"}[words.language]
    )
    assert [page.cell(4, column).value for column in (2, 3, 4)] == pytest.approx(
        [0.843, 0.813, 0.873]
    )
    assert page.cell(4, 2).number_format == "0.0%"
    assert page.cell(5, 2).value is None
    assert page.cell(5, 5).value == words.heading("reason.few")


def test_dates_and_counts_stay_what_they_are(book, words):
    page = book["by_month"]
    assert page.cell(5, 6).value == 1234567
    assert page.cell(5, 6).number_format == "#,##0"
    assert page.cell(4, 7).value == datetime(2024, 2, 29)
    assert page.cell(4, 7).number_format == (
        "dd.mm.yyyy" if words.language == "de" else "dd/mm/yyyy"
    )


def test_heads_are_frozen_and_the_caption_stands_above(book, words):
    page = book["by_month"]
    assert page.freeze_panes == "B4"
    assert page["A1"].value == words.heading("t.caption")


def test_a_text_never_becomes_a_formula(words):
    columns = [{"heading": "=A1", "form": "text"}]
    sheet = {"id": "x", "title": "=1+1", "note": "", "columns": columns, "rows": [["=2+2"]]}
    read = openpyxl.load_workbook(io.BytesIO(workbook([sheet], making.cover(), words)))["x"]
    assert [read[cell].data_type for cell in ("A1", "A3", "A4")] == ["s", "s", "s"]


def test_the_date_of_the_file_is_the_reports(book):
    assert book.properties.created == datetime(2025, 1, 15)


def test_two_tables_of_one_name_are_refused(sheets, words):
    with pytest.raises(RenderError, match="same name"):
        workbook([sheets[0], sheets[0]], making.cover(), words)


def test_every_sheet_lies_and_prints_one_page_wide_under_its_headings(book):
    for page in book.worksheets:
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert (page.page_setup.fitToWidth or 1, page.page_setup.fitToHeight) == (1, 0)
        assert page.page_setup.paperSize == 9
        assert page.page_setup.orientation == "landscape"
    assert book["by_month"].print_title_rows == "$3:$3"
    assert book["by_month"].print_title_cols is None


def page_of(words, columns, rows, **more):
    """Return a sheet of columns (heading, form), as it is read again."""
    columns = [{"heading": heading, "form": form} for heading, form in columns]
    sheet = {"id": "x", "title": "t", "note": "", "columns": columns, "rows": rows} | more
    return openpyxl.load_workbook(io.BytesIO(workbook([sheet], making.cover(), words)))["x"]


def test_a_broad_sheet_prints_on_several_pages_each_with_the_names_of_its_rows(words):
    narrow = page_of(words, [(f"n{i}", "int") for i in range(12)], [[1] * 12])
    broad = page_of(words, [(f"n{i}", "int") for i in range(18)], [[1] * 18])
    assert (narrow.page_setup.fitToWidth or 1, narrow.print_title_cols) == (1, None)
    assert (broad.page_setup.fitToWidth, broad.print_title_cols) == (2, "$A:$A")


@pytest.mark.parametrize(("rows", "filtered"), [(8, None), (9, "A3:B12")])
def test_a_longer_table_can_be_filtered(words, rows, filtered):
    page = page_of(words, [("a", "text"), ("b", "int")], [["x", 1]] * rows)
    assert page.auto_filter.ref == filtered


def test_title_and_note_wrap_over_the_width_of_the_table(words):
    text = "some words of a long note " * 20
    rows = [["x", 1]] * 3
    page = page_of(words, [("a", "text"), ("b", "int")], rows, title=text, note=text)
    below = 3 + len(rows) + 2
    for row in (1, below):
        cell = page.cell(row, 1)
        assert cell.value == text
        assert cell.alignment.wrap_text
        (span,) = [m for m in page.merged_cells.ranges if m.min_row == row]
        assert (span.min_col, span.max_row) == (1, row)
        assert page.row_dimensions[row].height > 4 * 13
    # a table of two narrow columns would make a tower of words
    assert span.max_col > 2


def test_a_long_text_in_a_cell_wraps_and_its_row_is_high_enough(words):
    page = page_of(words, [("a", "text"), ("b", "text")], [["x", "y"], ["x", "long words " * 20]])
    assert not page["B4"].alignment.wrap_text
    assert page["B5"].alignment.wrap_text
    assert page.column_dimensions["B"].width < 62
    assert page.row_dimensions[5].height >= 4 * 13
    assert page.row_dimensions[4].height is None


def test_a_limit_that_was_not_reached_is_open(words):
    half = {"value": 31.0, "low": 28.0, "high": None, "unit": "month", "reason": None}
    none = half | {"low": None}
    rows = [[{"estimate": half}], [{"estimate": none}]]
    sheet = {"id": "one", "title": "t", "columns": [{"heading": "h", "form": "int"}], "rows": rows}
    page = openpyxl.load_workbook(io.BytesIO(workbook([sheet], making.cover(), words)))["one"]
    cells = [[page.cell(row, column).value for column in (1, 2, 3)] for row in (4, 5)]
    assert cells == [[31, 28, words.ui("ci.open")], [31, None, None]]


def test_a_column_may_mix_estimates_with_plain_numbers_and_with_shares_and_sums(words):
    def told(value, unit):
        return {
            "estimate": {"value": value, "low": value, "high": value, "unit": unit, "reason": ""}
        }

    columns = [{"heading": "x", "form": ""}]
    cells = [told(0.167, "EUR"), told(0.032, "share"), 0.0, "none"]
    sheet = {"id": "mixed", "title": "mixed", "columns": columns, "note": ""}
    sheet["rows"] = [[c] for c in cells]
    made = openpyxl.load_workbook(io.BytesIO(workbook([sheet], making.cover(), words)))
    page = made["mixed"]
    assert [page.cell(4 + i, 1).value for i in range(4)] == [0.167, 0.032, 0, "none"]
    assert page.cell(4, 1).number_format != page.cell(5, 1).number_format
    assert page.cell(5, 1).number_format.endswith("%")
