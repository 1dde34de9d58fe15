"""Every bad delivery gets one sentence that names the file, says what it is, and what to do."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from stammkunde.errors import DataError, SchemaError, StammkundeError, WorkspaceError
from stammkunde.spells.delivery.columns import column
from stammkunde.spells.delivery.take import take
from stammkunde.spells.schema.tables import Delivery

PAGE = b"\r\n<!DOCTYPE html><html><body><table><tr><td>Kundennummer</td></tr></table></body></html>"


def refusal(folder: Path, **told: str) -> StammkundeError:
    with pytest.raises(StammkundeError) as refused:
        take(folder, {"contracts": Delivery(**told)})  # type: ignore[arg-type]
    error = refused.value
    assert error.remedy, error
    assert "\n" not in str(error)
    return error


def archive(name: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        # ZipInfo's own day: the second it was made in would stand in the name of a test
        file.writestr(zipfile.ZipInfo(name), "a,b\n1,2\n")
    return made.getvalue()


ZIPPED = gzip.compress(b"a,b\n1,2\n", mtime=0)


@pytest.mark.parametrize(
    ("content", "what", "remedy"),
    [
        (PAGE, "this is a web page (HTML), not a text", "Ask for the table itself"),
        (b"%PDF-1.7\n%\xe2\xe3", "this is a PDF document, not a text", "Ask for the table itself"),
        (archive("[Content_Types].xml"), "this is a workbook, not a text", "ending in .xlsx"),
        (archive("c.csv"), "this is a zip archive, not a text", "Unpack it"),
        (ZIPPED, "this is a compressed file (gzip), not a text", "Ask for"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "this is an old Excel workbook (.xls)", "Ask for"),
        ("a,b\n1,2\n".encode("utf-16"), "this is text in UTF-16, not a text", "UTF-8"),
        ("who,b\n1,2\n".encode("utf-16-le"), "this is text in UTF-16, not a text", "UTF-8"),
        (bytes(range(256)) * 20, "this is binary data, not a text", "Ask for the table itself"),
        (b"\x89PNG\r\n\x1a\n", "this is a picture, not a text", "Ask for the table itself"),
        (b"a,b\n" + b"1,2\n" * 9999 + b"3,\x00\n", "byte 40002 is a NUL", "Ask for the table"),
        (b"a,b\n1,2\n3,K\xf6ln\n", "the file is not UTF-8 (byte 11)", '"windows-1252"'),
        (b"a,b\n1,\xc3", "the file is not UTF-8 (byte 6)", '"windows-1252"'),
        (b"a,b\n1,2\n\"3,4\n5,6\n", "a quote in line 3 never ends", "Check the separator"),
        (b"a, A ,b\n1,2,3\n", "columns of one name: `A`, `a`", "Rename one"),
        (b"a,b\n", "the table is empty", "Ask for it again"),
        (b"\xef\xbb\xbf\r\n\r\n", "the table is empty", "Ask for it again"),
        (b"", "the table is empty", "Ask for it again"),
    ],
)  # fmt: skip
def test_a_text_that_is_none(tmp_path: Path, content: bytes, what: str, remedy: str) -> None:
    (tmp_path / "c.csv").write_bytes(content)
    error = refusal(tmp_path, file="c.csv")
    assert isinstance(error, DataError)
    assert what in error.what
    assert remedy in error.remedy
    assert error.where == "c.csv"


@pytest.mark.parametrize(
    ("content", "encoding", "what"),
    [
        (b"a,b\n1,\x81\n", "windows-1252", "the file is not windows-1252 (byte 6)"),
        ("a,b\n1,Köln\n".encode(), "windows-1252", "is written in UTF-8, not in windows-1252"),
        ("a,b\n1,Köln\n".encode(), "latin-1", "is written in UTF-8, not in latin-1"),
        ("\ufeffa,b\n1,2\n".encode(), "latin-1", "its first bytes say that it is UTF-8"),
    ],
)
def test_an_encoding_that_is_not_the_declared_one(
    tmp_path: Path, content: bytes, encoding: str, what: str
) -> None:
    (tmp_path / "c.csv").write_bytes(content)
    error = refusal(tmp_path, file="c.csv", encoding=encoding)
    assert what in error.what
    assert 'encoding = "utf-8"' in error.remedy


def test_an_undecodable_byte_far_behind_is_named_by_its_place(tmp_path: Path) -> None:
    """Beyond the first piece that is read at a time, and inside a letter cut in two there."""
    before = b"a,b\n" + b"1,2\n" * ((1 << 20) - 2) + b"12\n"
    (tmp_path / "c.csv").write_bytes(before + "ä".encode() + b"\xff")
    error = refusal(tmp_path, file="c.csv")
    assert f"(byte {len(before) + 2})" in error.what


def book(folder: Path, fill: Callable[[Workbook], object]) -> str:
    made = Workbook()
    fill(made)
    made.save(folder / "c.xlsx")
    return "c.xlsx"


def filled(cells: dict[str, object], merged: str = "") -> Callable[[Workbook], object]:
    def fill(made: Workbook) -> None:
        for place, cell in cells.items():
            made.active[place] = cell
        if merged:
            made.active.merge_cells(merged)

    return fill


TABLE = {"A1": "who", "B1": "from", "C1": "to", "A2": 1, "B2": 2, "C2": 3}


@pytest.mark.parametrize(
    ("fill", "what"),
    [
        (filled({}), "the workbook is empty"),
        (filled({"A1": "who", "B1": "from"}), "the table is empty"),
        (filled({"A3": "who", "A4": 1}), "the first 2 rows are empty"),
        (filled({"A2": "who", "A3": 1}), "the first row is empty"),
        (filled({"A1": "Contracts", **{k.replace("1", "3"): v for k, v in TABLE.items()}}),
         "the first row holds a title, not names"),
        (filled(TABLE | {"A4": 7}, merged="A4:A6"), "cells are merged (A4:A6)"),
        (filled(TABLE | {"C1": "From"}), "columns of one name: `From`, `from`"),
    ],
)  # fmt: skip
def test_a_workbook_laid_out_for_the_eye(
    tmp_path: Path, fill: Callable[[Workbook], object], what: str
) -> None:
    error = refusal(tmp_path, file=book(tmp_path, fill))
    assert what in error.what
    assert error.where.startswith("c.xlsx")


def test_a_sheet_that_is_not_named_or_not_there(tmp_path: Path) -> None:
    def fill(made: Workbook) -> None:
        filled(TABLE)(made)
        made.active.title = "Verträge"
        made.create_sheet("Preise")["A1"] = "plan"

    file = book(tmp_path, fill)
    told = str(refusal(tmp_path, file=file))
    assert told == (
        "c.xlsx: the workbook has several sheets: `Verträge`, `Preise`. Name one as `sheet`."
    )
    told = str(refusal(tmp_path, file=file, sheet="Vertrage"))
    assert told == "c.xlsx: no sheet `Vertrage`. Did you mean `Verträge`?"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (PAGE, "this is a web page (HTML), not a workbook"),
        (b"who,from,to\n1,2,3\n", "this is text, not a workbook"),
        (archive("xl/half.xml")[:60], "this is not a whole workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "this is an old Excel workbook (.xls)"),
        (b"", "this is text, not a workbook"),
    ],
)
def test_a_workbook_that_is_none(tmp_path: Path, content: bytes, what: str) -> None:
    (tmp_path / "c.xlsx").write_bytes(content)
    assert what in refusal(tmp_path, file="c.xlsx").what


def test_a_sheet_of_a_file_that_has_none(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("a,b\n1,2\n")
    error = refusal(tmp_path, file="c.csv", sheet="Verträge")
    assert isinstance(error, SchemaError)
    assert error.what == "`sheet` is 'Verträge', but this file is no workbook"


@pytest.mark.parametrize(
    "told",
    [
        {"file": "../other/c.csv"},
        {"file": "/etc/hostname"},
        {"file": "link.csv"},
        {"database": "sqlite://../other.sqlite", "table": "c"},
        {"database": "duckdb:///elsewhere/other.duckdb", "table": "c"},
    ],
)
def test_a_path_that_leads_out_of_the_folder(tmp_path: Path, told: dict[str, str]) -> None:
    folder = tmp_path / "client"
    folder.mkdir()
    (tmp_path / "c.csv").write_text("a,b\n1,2\n")
    (folder / "link.csv").symlink_to(tmp_path / "c.csv")
    error = refusal(folder, **told)
    assert isinstance(error, WorkspaceError)
    assert error.what == "leads out of data/raw/client/"


def test_a_date_format_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("a,b\n1,2\n")
    for form in ("%d.%m", "TT.MM.JJJJ", "%d.%m.%Q", "%d.%m.%Y %"):
        error = refusal(tmp_path, file="c.csv", date_format=form)
        assert error.what == f"`date_format` is {form!r}, which cannot be read"


def test_another_separator_is_proposed_where_only_one_column_is_found(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("who;from\n1;2\n")
    taken = take(tmp_path, {"contracts": Delivery(file="c.csv")})["contracts"]
    with pytest.raises(DataError, match='write `separator = ";"`'):
        column(taken.rows, "who", taken.where)
