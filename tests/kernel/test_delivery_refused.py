"""Every bad delivery gets one sentence that names the file, says what it is, and what to do."""

from __future__ import annotations

import gzip
import io
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from stammkunde.errors import DataError, SchemaError, StammkundeError, WorkspaceError
from stammkunde.spells.delivery.columns import column
from stammkunde.spells.delivery.engine import keep
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
        file.writestr(name, "a,b\n1,2\n")
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "what", "remedy"),
    [
        (PAGE, "this is a web page (HTML), not a text", "Ask for the table itself"),
        (b"%PDF-1.7\n%\xe2\xe3", "this is a PDF document, not a text", "Ask for the table itself"),
        (archive("[Content_Types].xml"), "this is a workbook, not a text", "ending in .xlsx"),
        (archive("c.csv"), "this is a zip archive, not a text", "Unpack it"),
        (gzip.compress(b"a,b\n1,2\n"), "this is a compressed file (gzip), not a text", "Ask for"),
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


def test_a_parquet_file_that_is_not_whole(tmp_path: Path) -> None:
    file = tmp_path / "c.parquet"
    pq.write_table(pa.table({"who": [1, 2]}), file)
    whole = file.read_bytes()
    for content in (whole[: len(whole) // 2], whole[:-4] + b"junk", b"", PAGE):
        file.write_bytes(content)
        error = refusal(tmp_path, file="c.parquet")
        assert "this is not a whole Parquet file" in error.what
        assert error.where == "c.parquet"


def test_a_parquet_file_that_is_damaged_within_tells_no_cell(tmp_path: Path) -> None:
    """Its foot is whole, so that only reading the cells finds it out."""
    file = tmp_path / "c.parquet"
    pq.write_table(pa.table({"who": [f"Kunde {i}" for i in range(5000)]}), file)
    whole = file.read_bytes()
    file.write_bytes(whole[:100] + bytes(400) + whole[500:])
    taken = take(tmp_path, {"contracts": Delivery(file="c.parquet")})["contracts"]
    with pytest.raises(DataError) as refused:
        keep(taken.engine, taken.rows)
    told = str(refused.value)
    assert told == "c.parquet: a file is damaged: it cannot be read to its end. Ask for it again."


def test_a_letter_that_is_broken_within_a_parquet_file_is_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "c.parquet"
    table = pa.table({"who": [f"Kunde {i}" for i in range(5)]})
    pq.write_table(table, file, compression="none", use_dictionary=False)
    file.write_bytes(file.read_bytes().replace(b"Kunde 3", b"Kunde \xff"))
    taken = take(tmp_path, {"contracts": Delivery(file="c.parquet")})["contracts"]
    with pytest.raises(DataError, match="a file is damaged") as refused:
        keep(taken.engine, taken.rows)
    assert "Kunde" not in str(refused.value)


def test_a_folder_of_parquet_files_that_differ(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    assert "holds no Parquet file" in refusal(tmp_path, file="parts/").what
    pq.write_table(pa.table({"who": [1], "to": ["x"]}), tmp_path / "parts" / "a.parquet")
    for other, what in (
        ({"who": [1]}, "it has other columns than a.parquet: no `to`"),
        ({"who": [1], "to": ["x"], "b": [1]}, "it has other columns than a.parquet: also `b`"),
        ({"who": [1], "to": [3]}, "other types or another order"),
    ):
        pq.write_table(pa.table(other), tmp_path / "parts" / "b.parquet")
        error = refusal(tmp_path, file="parts/")
        assert what in error.what
        assert error.where == "b.parquet"


def test_databases_that_are_not_there_or_not_whole(tmp_path: Path) -> None:
    (tmp_path / "c.sqlite").write_bytes(PAGE)
    (tmp_path / "c.duckdb").write_bytes(PAGE)
    told = refusal(tmp_path, database="sqlite://c.sqlite", table="c")
    assert "the database cannot be read (file is not a database)" in told.what
    told = refusal(tmp_path, database="duckdb://c.duckdb", table="c")
    assert "this is not a whole DuckDB database" in told.what
    for kind in ("duckdb", "sqlite"):
        told = refusal(tmp_path, database=f"{kind}://none", table="c")
        assert str(told).startswith("none: the file is missing.")
    told = refusal(tmp_path, database="oracle://none", table="c")
    assert told.what == "`database` is of no known kind"


def test_a_table_or_query_that_a_database_does_not_know(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "c.sqlite") as lite:
        lite.execute("CREATE TABLE contracts (who, ends)")
    lite.close()
    with duckdb.connect(str(tmp_path / "c.duckdb")) as duck:
        duck.execute("CREATE TABLE contracts AS SELECT 1 AS who")
    for url in ("sqlite://c.sqlite", "duckdb://c.duckdb"):
        told = str(refusal(tmp_path, database=url, table="contract"))
        assert told == "contract: no table `contract`. Did you mean `contracts`?"
        told = str(refusal(tmp_path, database=url, query="SELECT nobody FROM contracts"))
        assert "nobody" in told
        for query in ("DROP TABLE contracts", "SELECT 1; SELECT 2", "SELEC 1", ""):
            error = refusal(tmp_path, database=url, query=query or "ATTACH 'x' AS y")
            assert isinstance(error, SchemaError), query


@pytest.mark.parametrize("query", ["SELECT * FROM read_csv('{0}')", "SELECT * FROM '{0}'"])
def test_a_query_reaches_no_file_beside_its_database(tmp_path: Path, query: str) -> None:
    """Neither by a function nor by a path in the place of a table."""
    outside = tmp_path / "outside.csv"
    outside.write_text("secret\n1\n")
    folder = tmp_path / "client"
    folder.mkdir()
    duckdb.connect(str(folder / "c.duckdb")).close()
    query = query.format(outside.as_posix())
    error = refusal(folder, database="duckdb://c.duckdb", query=query)
    assert error.what.startswith("refused: ")


@pytest.mark.parametrize(
    "told",
    [
        {"file": "../other/c.csv"},
        {"file": "/etc/hostname"},
        {"file": "link.csv"},
        {"database": "sqlite://../other.sqlite", "table": "c"},
        {"database": "duckdb:///tmp/other.duckdb", "table": "c"},
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
