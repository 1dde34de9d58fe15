"""How a text file is written: its encoding and what parts its cells."""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from stammkunde.errors import DataError
from stammkunde.intake.forms import date_forms, number_forms
from stammkunde.spells.delivery.encoding import CODECS, decodes
from stammkunde.spells.schema.tables import Encoding, Separator

CHUNK = 1 << 20
HEAD = 1 << 18
CONTROLS = bytes(range(0x80, 0xA0))
SEPARATORS: tuple[Separator, ...] = (";", "\t", "|", ",")


@dataclass(frozen=True)
class TextForm:
    """How a text file is written."""

    encoding: Encoding
    separator: Separator


def text_form(path: Path) -> TextForm:
    """Return how the text file at `path` is written; all of its bytes decide on the encoding.

    DataError where it is empty, or its first line holds no column names.
    """
    encoding = _encoding(path)
    with path.open("rb") as file:
        head = file.read(HEAD)
    lines = head.decode(CODECS[encoding], errors="replace")
    if len(head) == HEAD:
        lines = lines[: lines.rfind("\n") + 1] or lines
    if not lines.strip():
        raise DataError("the file is empty", where=path.name, remedy="Ask for it again.")
    separator = _separator(lines)
    _check_header(path, lines, separator)
    return TextForm(encoding, separator)


def _encoding(path: Path) -> Encoding:
    """Return the encoding: UTF-8 where every byte fits, else one of a byte per letter."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8, controls = True, False
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            is_utf8 = is_utf8 and decodes(decoder, chunk)
            controls = controls or len(chunk.translate(None, CONTROLS)) < len(chunk)
    # the last byte may be the first of a letter that never comes
    if is_utf8 and decodes(decoder, b"", final=True):
        return "utf-8"
    return "windows-1252" if controls else "latin-1"


def _separator(lines: str) -> Separator:
    """Return what parts the cells: what gives the most rows as many cells as the header."""
    widths = {s: _widths(lines, s) for s in SEPARATORS}
    scores = {s: (_agreement(w), w[0]) for s, w in widths.items() if w and max(w) > 1}
    best = max(scores, key=lambda s: scores[s], default=None)
    if best is not None and scores[best][0] > 0.5:
        return best
    blanks = [len(line.split()) for line in lines.splitlines()[:200] if line.strip()]
    if blanks and max(blanks) > 1 and _agreement(blanks) > 0.9:
        return "whitespace"
    return best or ","


def _widths(lines: str, separator: str) -> list[int]:
    """Return the number of cells of each of the first rows."""
    rows = csv.reader(lines.splitlines(keepends=True), delimiter=separator)
    widths = []
    try:
        for row in rows:
            if row:
                widths.append(len(row))
            if len(widths) == 200:
                break
    except csv.Error:
        return widths
    return widths


def _agreement(widths: list[int]) -> float:
    """Return the share of rows with the commonest number of cells, 0 where that is one cell."""
    width, rows = Counter(widths).most_common(1)[0]
    return rows / len(widths) if width > 1 else 0.0


def _check_header(path: Path, lines: str, separator: Separator) -> None:
    plain = separator == "whitespace"
    widths = [len(x.split()) for x in lines.splitlines()] if plain else _widths(lines, separator)
    usual = Counter(widths).most_common(1)[0][0]
    if widths[0] == 1 < usual:
        raise DataError(
            "the column names do not stand in the first line "
            f"(the table begins at line {_begin(lines, separator)})",
            where=path.name,
            remedy="Ask for the table alone, without a heading above it.",
        )
    first = lines.splitlines()[0]
    names = first.split() if plain else next(csv.reader([first], delimiter=separator))
    check_names([name.strip() for name in names], path.name)


def _begin(lines: str, separator: Separator) -> int:
    """Return the line of the first row with more than one cell."""
    if separator == "whitespace":
        return next(i for i, x in enumerate(lines.splitlines(), 1) if len(x.split()) > 1)
    rows = csv.reader(lines.splitlines(keepends=True), delimiter=separator)
    return next(rows.line_num for row in rows if len(row) > 1)


def check_names(names: list[str], where: str) -> None:
    """Raise DataError where what stands in the place of column names looks like data."""
    filled = [name for name in names if name]
    dates = [name for name in filled if date_forms([name], is_date=False)]
    numbers = [name for name in filled if number_forms([name])]
    if dates or 2 * len(numbers) >= len(filled) > 0:
        raise DataError(
            "the first row holds no column names but data",
            where=where,
            remedy="Ask for the table with the names of its columns in the first row.",
        )
