"""How cells are written: every form is told from the cells, and doubt is kept."""

from datetime import date, timedelta

import pytest

from stammkunde.errors import DataError
from stammkunde.intake.forms import CANDIDATES, EXCEL, date_forms, day_of, number_forms, number_in
from stammkunde.intake.texts import text_form

DAYS = [date(2019, 1, 1) + timedelta(days=17 * i) for i in range(150)]


@pytest.mark.parametrize("form", CANDIDATES)
def test_a_form_of_dates_is_found_again(form):
    cells = [f"{day:{form}}" for day in DAYS]
    assert date_forms(cells, is_date=False) == (form,)
    assert [day_of(cell, form) for cell in cells] == DAYS


@pytest.mark.parametrize("time", [" 00:00", " 13:45:10", "T00:00:00", "T23:59:59.123Z"])
def test_a_time_of_day_is_left_aside(time):
    cells = [f"{day:%d.%m.%Y}{time}" for day in DAYS]
    assert date_forms(cells, is_date=False) == ("%d.%m.%Y",)
    assert day_of(cells[5], "%d.%m.%Y") == DAYS[5]


def test_days_up_to_the_twelfth_leave_two_forms_open():
    cells = [f"{d:02d}/{m:02d}/2024" for d in range(1, 13) for m in range(1, 13)]
    assert date_forms(cells, is_date=True) == ("%m/%d/%Y", "%d/%m/%Y")
    assert date_forms([*cells, "31/01/2024"], is_date=True) == ("%d/%m/%Y",)


def test_whole_numbers_are_days_of_excel_only_in_a_column_called_so():
    cells = [str((day - date(1899, 12, 30)).days) for day in DAYS]
    assert date_forms(cells, is_date=True) == (EXCEL,)
    assert date_forms(cells, is_date=False) == ()
    assert day_of("45292", EXCEL) == date(2024, 1, 1)
    assert day_of("45292.5", EXCEL) == date(2024, 1, 1)
    assert day_of("10115999", EXCEL) is None


def test_a_few_wrong_cells_do_not_hide_the_form_and_no_day_is_moved():
    cells = [f"{day:%d.%m.%Y}" for day in DAYS]
    assert date_forms([*cells, "31.02.2024", "offen"], is_date=False) == ("%d.%m.%Y",)
    assert day_of("31.02.2024", "%d.%m.%Y") is None
    assert date_forms(["offen", "nie", "01.01.2024"], is_date=True) == ()


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (["1.5", "22", "-3.25"], (".", "")),
        (["1,5", "22", "3,25"], (",", "")),
        (["1.234,5", "22", "987,25"], (",", ".")),
        (["1,234.5", "22", "987.25"], (".", ",")),
        (["1'234.50", "22.00"], (".", "'")),
        (["1 234,50", "22,00"], (",", " ")),
        (["1\u00a0234,50", "9\u202f987,25"], (",", " ")),
    ],
)
def test_marks_of_numbers(cells, first):
    assert number_forms(cells)[0] == first
    assert all(number_in(cell, *first) is not None for cell in cells)


def test_one_mark_before_three_digits_may_be_either():
    assert set(number_forms(["1.234", "5.678"])) >= {(".", ""), (",", ".")}
    assert number_in("1.234", ",", ".") == 1234
    assert number_in("1.23", ",", ".") is None
    assert number_forms(["Basis", "Öko"]) == ()


def write(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("latin-1", "latin-1"),
        ("cp1252", "windows-1252"),
    ],
)
def test_the_encoding_is_read_from_all_bytes(tmp_path, encoding, said):
    body = "a;b\n" + "x;y\n" * 300_000
    # a dash or euro sign tells Windows from Latin-1; it stands behind the first megabyte
    last = "ä;ö\n" if encoding == "latin-1" else "ä – 5 €;ö\n"
    assert text_form(write(tmp_path / "x.csv", body + last, encoding)).encoding == said


def test_a_last_byte_that_only_begins_a_letter_of_utf_8_is_one_of_latin_1(tmp_path):
    assert text_form(write(tmp_path / "x.csv", "a;b\nx;Alleeä", "latin-1")).encoding == "latin-1"


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_the_separator_is_what_gives_every_row_the_same_cells(tmp_path, separator):
    rows = [["Nummer", "Ort, Land", "Betrag"], *([f"n{i}", "Ulm, D", "1,5"] for i in range(50))]
    text = "\n".join(separator.join(f'"{c}"' for c in row) for row in rows)
    assert text_form(write(tmp_path / "x.csv", text)).separator == separator
    bare = "\n".join(separator.join(c.replace(",", "") for c in row) for row in rows)
    assert text_form(write(tmp_path / "y.csv", bare)).separator == separator


def test_blanks_and_a_single_column(tmp_path):
    text = "id  day  value\n" + "1   19970101  11.77\n" * 20
    assert text_form(write(tmp_path / "x.txt", text)).separator == "whitespace"
    assert text_form(write(tmp_path / "y.csv", "number\na\nb\n")).separator == ","


def test_a_quoted_line_break_is_no_new_row(tmp_path):
    text = 'a;b;c\n"x\ny";2;z\n' * 30
    assert text_form(write(tmp_path / "x.csv", text)).separator == ";"


@pytest.mark.parametrize(
    ("text", "encoding", "said"),
    [
        ("", "utf-8", "x.csv: the file is empty. Ask for it again."),
        (
            "Export vom 1. Januar\n\na;b;c\n1;2;3\n4;5;6\n",
            "utf-8",
            (
                "x.csv: the column names do not stand in the first line "
                "(the table begins at line 3). Ask for the table alone, without a heading above it."
            ),
        ),
        (
            "100;2020-01-01;x\n101;2021-01-01;y\n",
            "utf-8",
            (
                "x.csv: the first row holds no column names but data. "
                "Ask for the table with the names of its columns in the first row."
            ),
        ),
    ],
)
def test_what_is_no_table_gets_one_sentence(tmp_path, text, encoding, said):
    with pytest.raises(DataError) as caught:
        text_form(write(tmp_path / "x.csv", text, encoding))
    assert str(caught.value) == said


def test_digits_of_other_kinds_and_hundreds_of_them_are_no_day_and_no_number():
    assert day_of("²", EXCEL) is None
    assert number_in("9" * 400, ".", "") is None
    assert number_in("9" * 15, ".", "") == 999_999_999_999_999
