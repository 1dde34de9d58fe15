"""Sheets of a workbook (XLSX) as delivered, copied into the engine, their cells with their types.

Formulas count with the value that the program last computed; a cell in error (#N/A) is the text
that it shows, so that it is never taken for an empty one.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree as ET

import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends.duckdb import Backend
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetVisibleEnum,
)

from stammkunde.errors import DataError, nearest
from stammkunde.spells.delivery.cells import Form
from stammkunde.spells.delivery.columns import named
from stammkunde.spells.delivery.engine import copied
from stammkunde.spells.delivery.junk import HEAD_BYTES, looks_like, remedy_for
from stammkunde.spells.delivery.values import typed

WORKBOOKS = (".xlsx", ".xlsm")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ERROR = re.compile(
    rb"""<c\s(?=[^>]*\bt="e")[^>]*\br="([A-Z]+)(\d+)"[^>]*>.*?<v>([^<]*)</v>""", re.DOTALL
)
TITLE = "Ask for a sheet whose first row holds the names of the columns, each row below one record."


def filled_sheets(path: Path) -> tuple[str, ...]:
    """Return the names of the sheets that hold a cell and are not hidden, in their order."""
    book = _open(path)
    shown = [s.name for s in book.sheets_metadata if s.visible == SheetVisibleEnum.Visible]
    return tuple(n for n in shown if book.get_sheet_by_name(n).start is not None)


def read_sheet(
    engine: Backend, path: Path, sheet: str, form: Form
) -> tuple[ir.Table, Mapping[int, int]]:
    """Return a sheet as a relation, and the row of the sheet in which each record stands.

    `sheet` may be "" where only one is filled. Rows without a cell are none. DataError where there
    is no such sheet, cells are merged, or the names of the columns are not in the first row.
    """
    book = _open(path)
    name = sheet or _only(path)
    if name not in book.sheet_names:
        where = path.name
        raise DataError(f"no sheet `{name}`", where=where, remedy=nearest(name, book.sheet_names))
    opened = book.get_sheet_by_name(name)
    where = f"{path.name}, sheet {name}"
    if opened.start is None:
        raise DataError("the table is empty", where=where, rows=0, remedy="Ask for it again.")
    if fault := _fault(opened):
        raise DataError(fault, where=where, remedy=TITLE)
    rows = _rows(opened, dict(_errors(path, name)))
    filled = {i: r for i, r in enumerate(rows) if any(c not in (None, "") for c in r)}
    head = filled.pop(0, [])
    if not filled:
        raise DataError("the table is empty", where=where, rows=0, remedy="Ask for it again.")
    columns = list(zip(*filled.values(), strict=True))
    kept = [i for i, h in enumerate(head) if h != "" or any(c != "" for c in columns[i])]
    names = named([_header(head[i]) for i in kept], where)
    arrays, kinds = zip(*(typed(columns[i], form) for i in kept), strict=True)
    batch = pa.RecordBatch.from_arrays(list(arrays), names=[f"c{i}" for i in kept])
    return copied(engine, names, kinds, [batch]), {n: i + 1 for n, i in enumerate(filled, start=1)}


def _rows(sheet: CalamineSheet, errors: Mapping[tuple[int, int], str]) -> list[list[object]]:
    """Return the cells of a sheet, those in error among them, all rows of one width."""
    rows: list[list[object]] = [list(r) for r in sheet.to_python(skip_empty_area=False)]
    width = max([len(r) for r in rows] + [column + 1 for _, column in errors])
    rows += [[] for _ in range(1 + max([r for r, _ in errors], default=0) - len(rows))]
    rows = [[*r, *[""] * (width - len(r))] for r in rows]
    for (row, column), shown in errors.items():
        rows[row][column] = shown
    return rows


def _header(cell: object) -> object:
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell


def _open(path: Path) -> CalamineWorkbook:
    with path.open("rb") as file:
        kind = looks_like(file.read(HEAD_BYTES)) or "text"
    try:
        if kind == "a workbook":
            return CalamineWorkbook.from_path(str(path))
    except PasswordError:
        kind = "a workbook with a password"
    except CalamineError:
        what = "this is not a whole workbook: it was perhaps cut off while it was copied"
        raise DataError(what, where=path.name, remedy="Ask for it again.") from None
    remedies = {
        "text": "If it is CSV, let its name end in .csv; else ask for it as XLSX.",
        "a workbook with a password": "Ask for it without a password.",
    }
    remedy = remedies.get(kind) or remedy_for(kind)
    raise DataError(f"this is {kind}, not a workbook", where=path.name, remedy=remedy)


def _only(path: Path) -> str:
    names = filled_sheets(path)
    if len(names) != 1:
        listed = ", ".join(f"`{n}`" for n in names)
        what = f"the workbook has several sheets: {listed}" if names else "the workbook is empty"
        remedy = "Name one as `sheet`." if names else "Ask for it again."
        raise DataError(what, where=path.name, remedy=remedy)
    return names[0]


def layout_faults(path: Path) -> Mapping[str, str]:
    """Return what is wrong with the layout of filled sheets, by their names."""
    book = _open(path)
    faults = {name: _fault(book.get_sheet_by_name(name)) for name in filled_sheets(path)}
    return {name: fault for name, fault in faults.items() if fault}


def _fault(sheet: CalamineSheet) -> str:
    """Return how a sheet is laid out for the eye and not as a table, "" where it is one."""
    if sheet.start is None:
        return ""
    head = _first_names(sheet)
    above = f"; delete what stands above row {head + 1}" if head else ""
    if sheet.start[0] > 0:
        empty = sheet.start[0]
        what = "the first row is empty" if empty == 1 else f"the first {empty} rows are empty"
        return what + above
    merged = sheet.merged_cell_ranges or []
    if merged:
        (top, left), (bottom, right) = min(merged)
        return f"cells are merged ({_letters(left)}{top + 1}:{_letters(right)}{bottom + 1})" + above
    width = sheet.width - sheet.start[1]
    first = next(iter(sheet.iter_rows()), [])
    if width > 2 and sum(c != "" for c in first) == 1:
        return "the first row holds a title, not names" + above
    return ""


def _first_names(sheet: CalamineSheet) -> int:
    """Return the row (0 is the first) in which the names of the columns seem to stand."""
    rows = [sum(c != "" for c in r) for r in sheet.to_python(skip_empty_area=False, nrows=30)]
    widest = max(rows, default=0)
    return next((i for i, cells in enumerate(rows) if cells == widest), 0)


def _letters(column: int) -> str:
    """Return the name of a column of a sheet, counted from 0: A, B, … Z, AA …"""
    name = ""
    column += 1
    while column:
        column, digit = divmod(column - 1, 26)
        name = LETTERS[digit] + name
    return name


def _errors(path: Path, sheet: str) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield place and text of every cell in error, which the reading library hands on as empty."""
    with zipfile.ZipFile(path) as archive:
        member = _member(archive, sheet)
        found = archive.read(member) if member in archive.namelist() else b""
    for letters, row, shown in ERROR.findall(found) if b't="e"' in found else []:
        column = 0
        for letter in letters.decode():
            column = 26 * column + LETTERS.index(letter) + 1
        yield (int(row) - 1, column - 1), shown.decode()


def _member(archive: zipfile.ZipFile, sheet: str) -> str:
    """Return the file of a workbook's archive in which a sheet lies."""
    book = ET.fromstring(archive.read("xl/workbook.xml"))
    links = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    ids = {
        e.get("name"): v
        for e in book.iter()
        if e.tag.endswith("}sheet")
        for k, v in e.attrib.items()
        if k.endswith("}id")
    }
    target = next((e.get("Target", "") for e in links if e.get("Id") == ids.get(sheet)), "")
    absolute = target.startswith("/")
    return target.lstrip("/") if absolute else str(PurePosixPath("xl") / target)
