"""Texts of every kind: nothing is lost, nothing is changed, whichever way they are read."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import TypeVar

import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from stammkunde.errors import DataError, StammkundeError
from stammkunde.spells.delivery.cells import Form, date_of, number_of
from stammkunde.spells.delivery.columns import delivered
from stammkunde.spells.delivery.engine import connect, keep
from stammkunde.spells.delivery.rowwise import rows_of, without_empty_ends
from stammkunde.spells.delivery.take import take
from stammkunde.spells.read import read_data
from stammkunde.spells.schema.data import DataToml
from stammkunde.spells.schema.meaning import ChecksToml, WindowToml
from stammkunde.spells.schema.tables import ContractsToml, Delivery
from tests.patience import examples

T = TypeVar("T")
QUICK = settings(
    max_examples=examples(40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
# no surrogates, which are no text; no control characters, many of which look like junk
LETTERS = st.characters(exclude_categories=("Cs", "Cc"))
CELLS = st.one_of(
    st.text(LETTERS, max_size=8),
    st.sampled_from(
        ["", " ", 'say "so"', "a,b", "a;b", "line\nbreak", "\r\n", "ü", "😀", "'", '"']
    ),
)
SEPARATORS = st.sampled_from([",", ";", "\t", "|"])


def taken(folder: Path, content: bytes | str, **form: str) -> pd.DataFrame:
    raw = content.encode() if isinstance(content, str) else content
    (folder / "c.csv").write_bytes(raw)
    table = take(folder, {"c": Delivery(file="c.csv", **form)})["c"]  # type: ignore[arg-type]
    frame = table.rows.order_by("record").execute()
    lines = table.lines(frame["record"].tolist())
    assert frame["record"].tolist() == list(range(1, len(frame) + 1))
    assert sorted(lines) == frame["record"].tolist()
    ordered = frame[["malformed", *("=" + n for n in delivered(table.rows))]]
    return ordered.assign(line=[lines[n] for n in frame["record"]])


def attempted(read: Callable[[], T]) -> T | StammkundeError:
    """Return what is read, or the sentence with which it is refused; any other error fails."""
    try:
        return read()
    except StammkundeError as error:
        return error


def cells_of(frame: pd.DataFrame) -> list[list[str]]:
    cells = frame.drop(columns=["malformed", "line"]).astype(object)
    return cells.where(cells.notna(), "").to_numpy().tolist()


# a row of blanks alone is no record
ROWS = st.tuples(CELLS, CELLS, CELLS).filter(lambda cells: any(c.strip() for c in cells))


@QUICK
@given(rows=st.lists(ROWS, min_size=1, max_size=8), separator=SEPARATORS)
def test_what_a_program_writes_is_read_cell_by_cell(
    tmp_path: Path, rows: list[tuple[str, ...]], separator: str
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, quoting=csv.QUOTE_ALL)
    writer.writerows([("Größe", "b b", "📅"), *rows])
    frame = taken(tmp_path, out.getvalue(), separator=separator)
    assert cells_of(frame) == [list(r) for r in rows]
    assert not frame["malformed"].any()


def test_a_row_of_separators_alone_is_no_record_and_later_lines_stay_right(tmp_path: Path) -> None:
    for broken in ("", 'x"y"z;1;2\n'):
        text = f"a;b;c\n1;2;3\n;;\n ;; \n\n4;5;6\n{broken}"
        frame = taken(tmp_path, text, separator=";")
        assert cells_of(frame)[:2] == [["1", "2", "3"], ["4", "5", "6"]]
        assert frame["line"].tolist()[:2] == [2, 6]
        assert len(frame) == 2 + bool(broken)


PIECES = st.sampled_from(
    [
        "1",
        "ä",
        ",",
        ",",
        "\n",
        "\n",
        "\r\n",
        "\r",
        '"',
        '""',
        '",',
        ',"',
        " ",
        "x,y\n",
        "1,2\n",
        "\t",
    ]
)


@QUICK
@given(pieces=st.lists(PIECES, max_size=25))
@example(["1,2\n", '"', "x", '" ', ",2\n"])
@example(["1,2\n", "1\n", ' "x,y" ', ",2\n"])
@pytest.mark.long
def test_the_engine_and_the_slow_way_read_the_same(tmp_path: Path, pieces: list[str]) -> None:
    """One row that nobody can read must not change how the others are read."""
    text = "a,b\n" + "".join(pieces)
    frame = attempted(lambda: taken(tmp_path, text))
    if isinstance(frame, DataError):
        assert "never ends" in frame.what or "empty" in frame.what
        return
    # to the engine a quote that is the last letter of a file, after a blank, is a letter
    assume(not text.endswith(' "'))
    slow = list(rows_of(tmp_path / "c.csv", ",", "utf-8"))[1:]
    assert frame["line"].tolist() == [r.line for r in slow]
    cells = [without_empty_ends(r.cells, 2) for r in slow]
    good = [i for i, r in enumerate(slow) if r.sound and len(cells[i]) == 2]
    assert frame.index[~frame["malformed"]].tolist() == good
    found = cells_of(frame)
    # outer blanks are trimmed wherever a cell is used
    for i in good:
        assert [c.strip() for c in found[i]] == [c.strip() for c in cells[i]]


@QUICK
@given(junk=st.binary(max_size=300), encoding=st.sampled_from(["utf-8", "latin-1", "windows-1252"]))
@pytest.mark.long
def test_junk_is_read_or_refused_but_never_breaks(
    tmp_path: Path, junk: bytes, encoding: str
) -> None:
    for content in (junk, b"from,to\n2020-01-01,\n" + junk):
        found = attempted(partial(taken, tmp_path, content, encoding=encoding))
        if isinstance(found, StammkundeError):
            assert found.remedy
            assert "\n" not in found.what
        else:
            assert len(found) >= 1


DAYS = st.one_of(
    st.dates(date(2017, 1, 1), date(2021, 12, 31)).map(date.isoformat),
    st.sampled_from(["", " ", "2020-02-30", "soon", "9999-12-31", "0001-01-01", "2020-1-5"]),
)
LINES = st.one_of(
    st.tuples(st.sampled_from(["1", "2", "ä"]), DAYS, DAYS).map(",".join),
    st.sampled_from(["", "x", "a,b,c,d", '"q', 'a,"b\nc",d', '"x"y,,']),
)


@QUICK
@given(lines=st.lists(LINES, max_size=12))
@pytest.mark.long
def test_every_row_of_a_text_is_used_never_at_risk_or_rejected(
    tmp_path: Path, lines: list[str]
) -> None:
    lines = ["0,2018-01-01,2019-06-30", *lines]
    (tmp_path / "c.csv").write_text("who,from,to\n" + "\n".join(lines), encoding="utf-8")
    table = ContractsToml(delivery=Delivery(file="c.csv"), person="who", start="from", end="to")
    window, checks = WindowToml(close=date(2020, 6, 1)), ChecksToml(most_rejected=1.0)
    data = DataToml(window=window, contracts=table, checks=checks)
    spells = attempted(lambda: read_data(tmp_path, data))
    if isinstance(spells, StammkundeError):
        assert "never ends" in spells.what
        return
    tally = spells.tally
    assert tally.read == tally.used + tally.never_at_risk + tally.rejected
    assert tally.read == len(list(rows_of(tmp_path / "c.csv", ",", "utf-8"))) - 1
    assert tally.rejected == len(spells.rejected)


def test_lines_are_those_of_an_editor(tmp_path: Path) -> None:
    text = 'a,b\r\n1,"two\r\nlines"\r\n\r\n2,x\r\n3\r\n'
    frame = taken(tmp_path, text)
    assert frame["line"].tolist() == [2, 5, 6]
    assert frame["malformed"].tolist() == [False, False, True]


def test_a_row_whose_quotes_cannot_be_read_is_malformed_and_the_next_is_read(
    tmp_path: Path,
) -> None:
    frame = taken(tmp_path, 'a,b\n1,2\n"x"y,3\n4,5\n"p" ,6\n')
    assert frame["malformed"].tolist() == [False, True, False, False]
    assert cells_of(frame) == [["1", "2"], ['"x"y,3', ""], ["4", "5"], ["p", "6"]]


def test_names_of_columns_are_trimmed_and_a_column_without_one_gets_its_place(
    tmp_path: Path,
) -> None:
    (tmp_path / "c.csv").write_bytes("\ufeff\u200bKd-Nr ;\u00a0Straße; ;\n1;2;3;\n".encode())
    rows = take(tmp_path, {"c": Delivery(file="c.csv", separator=";")})["c"].rows
    assert delivered(rows) == ["Kd-Nr", "Straße", "column 3", "column 4"]


def test_a_long_text_with_a_bad_row_is_read_batch_by_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stammkunde.spells.delivery.rowwise.BATCH", 100)
    text = "a;b\n" + "".join(f"{i};Müller\n" for i in range(1050)) + "x\n"
    frame = taken(tmp_path, text.encode("cp1252"), separator=";", encoding="windows-1252")
    assert len(frame) == 1051
    assert frame["malformed"].sum() == 1
    assert set(frame["=b"][:-1]) == {"Müller"}


def test_a_single_column_and_cells_between_blanks(tmp_path: Path) -> None:
    assert cells_of(taken(tmp_path, "a\n1\n\n2\n")) == [["1"], ["2"]]
    frame = taken(tmp_path, "a  b\n 1 2 \n\n3\n4 5 6\n", separator="whitespace")
    assert frame["malformed"].tolist() == [False, True, True]
    assert frame["line"].tolist() == [2, 4, 5]
    assert cells_of(frame) == [["1", "2"], ["3", ""], ["4", "5 6"]]


DATES = [
    ("%d.%m.%Y", "31.12.2025", "2025-12-31"),
    ("%d.%m.%Y", " 1.2.2025 ", "2025-02-01"),
    ("%d.%m.%Y", "31.12.2025 23:59:59", "2025-12-31"),
    ("%d.%m.%Y", "31.02.2025", None),
    ("%d.%m.%Y", "29.02.2024", "2024-02-29"),
    ("%d.%m.%Y", "31.12.25", None),
    ("%d.%m.%Y", "12/31/2025", None),
    ("%m/%d/%Y", "12/31/2025", "2025-12-31"),
    ("%m/%d/%Y", "31/12/2025", None),
    ("%d.%m.%y", "31.12.25", "2025-12-31"),
    ("%d.%m.%y", "31.12.69", "1969-12-31"),
    ("%d %b %Y", "5 mar 2025", "2025-03-05"),
    ("%Y%m%d", "20251231", "2025-12-31"),
    ("%Y%m%d", "2025121", None),
    ("%Y-%m-%d", "2025-12-31T08:15:00.000Z", "2025-12-31"),
    ("%Y-%m-%d", "2025-12-31 00:00:00+01:00", "2025-12-31"),
    ("%Y-%m-%d %H:%M", "2025-12-31 24:00", None),
    ("%Y-%m-%d", "0000-00-00", None),
    ("%Y-%m-%d", "", None),
    ("excel", "45000", "2023-03-15"),
    ("excel", "45000.75", "2023-03-15"),
    ("excel", "1", "1900-01-01"),
    ("excel", "59", "1900-02-28"),
    ("excel", "60", None),
    ("excel", "61", "1900-03-01"),
    ("excel", "0", None),
    ("excel", "31.12.2025", None),
]


@pytest.mark.parametrize(("form", "cell", "said"), DATES)
def test_a_day_is_read_as_declared_and_never_moved(form: str, cell: str, said: str | None) -> None:
    rows = keep(connect(), pd.DataFrame({"cell": [cell]}))
    found = rows.select(day=date_of(rows.cell, Form(form)).cast("string")).execute()
    assert found.day.tolist() == [said]


NUMBERS = [
    (",", ".", "1.234,50", 1234.5),
    (",", ".", "1234,5", 1234.5),
    (",", ".", "-1.234.567", -1234567.0),
    (",", ".", "1.23", None),
    (",", "", "1.234", None),
    (".", "", "1,5", None),
    (".", ",", "1,234.5", 1234.5),
    (".", ",", "12,34", None),
    (",", " ", "1\u00a0234,5", 1234.5),
    (",", "'", "1\u2019234,5", 1234.5),
    (".", "", "1.5e3", 1500.0),
    (".", "", "1e999", None),
    (".", "", "nan", None),
    (".", "", "inf", None),
    (".", "", "0x10", None),
    (".", "", "", None),
    (".", "", ".5", 0.5),
    (".", "", "12 €", None),
]


@pytest.mark.parametrize(("decimal", "thousands", "cell", "said"), NUMBERS)
def test_a_number_is_read_with_the_declared_marks_only(
    decimal: str, thousands: str, cell: str, said: float | None
) -> None:
    rows = keep(connect(), pd.DataFrame({"cell": [cell]}))
    form = Form(decimal=decimal, thousands=thousands)
    found = rows.select(number=number_of(rows.cell, form)).execute()
    assert found.number.astype(object).where(found.number.notna(), None).tolist() == [said]
