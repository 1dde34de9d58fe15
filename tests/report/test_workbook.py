"""The workbook: raw numbers, an estimate in three columns, the same bytes twice."""

import io
from datetime import datetime

import openpyxl
import pytest

from stammkunde.errors import RenderError
from stammkunde.report.compose import sheets_of
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
    assert [front.cell(5 + i, 1).value for i in range(len(sheets))] == [s["id"] for s in sheets]


def test_an_estimate_is_three_raw_numbers_and_a_reason_where_it_is_missing(book, words):
    page = book["by_month"]
    stay, low, high = words.heading("t.stay"), words.ui("low"), words.ui("high")
    heads = [cell.value for cell in page[3]]
    assert heads[:4] == [words.heading("t.month"), stay, f"{stay}, {low}", f"{stay}, {high}"]
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
    assert page.freeze_panes == "A4"
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


def test_every_sheet_prints_one_page_wide_and_a_broad_one_lies(book, words):
    for page in book.worksheets:
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert (page.page_setup.fitToWidth or 1, page.page_setup.fitToHeight) == (1, 0)
        assert page.page_setup.paperSize == 9
    assert book.worksheets[0].page_setup.orientation == "landscape"
    assert book["by_month"].max_column == 7
    assert book["by_month"].page_setup.orientation == "portrait"
    assert book["by_month"].print_title_rows == "$3:$3"


def test_a_sheet_of_many_columns_lies(words):
    columns = [{"heading": str(i), "form": "int"} for i in range(8)]
    sheet = {"id": "x", "title": "t", "note": "", "columns": columns, "rows": [[1] * 8]}
    read = openpyxl.load_workbook(io.BytesIO(workbook([sheet], making.cover(), words)))["x"]
    assert read.page_setup.orientation == "landscape"


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
