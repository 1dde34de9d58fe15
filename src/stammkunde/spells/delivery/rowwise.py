"""A text read row by row, where the engine refuses it as a whole: its good rows are not lost."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from stammkunde.errors import DataError
from stammkunde.spells.delivery.encoding import CODECS

BATCH = 50_000
# what the engine trims
BLANKS = " \t\n\r\v\f"
# a cell may hold a long letter; csv's own bound is an eighth of this
LONGEST_CELL = 1 << 20


class Row(NamedTuple):
    """One row: the physical line on which it begins, its cells, whether its quotes can be read."""

    line: int
    cells: list[str]
    sound: bool = True


def rows_of(path: Path, separator: str, encoding: str) -> Iterator[Row]:
    """Yield the rows of a text, the header first; lines of separators and blanks alone are none.

    A row whose quotes cannot be read is its line as one cell. DataError where a quote never ends.
    """
    with path.open(encoding=CODECS[encoding], newline="") as file:
        if separator == "whitespace":
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield Row(number, line.split())
            return
        yield from _Separated(path, separator, file).rows()


class _Separated:
    """Lines of a text on their way through Python's csv, which forgets where it was."""

    def __init__(self, path: Path, separator: str, file: Iterator[str]) -> None:
        self.path, self.separator, self.file = path, separator, file
        self.waiting: deque[str] = deque()
        self.taken: list[str] = []

    def lines(self) -> Iterator[str]:
        """Yield line after line, remembering those that the row at hand has used up."""
        while True:
            line = self.waiting.popleft() if self.waiting else next(self.file, None)
            if line is None:
                return
            self.taken.append(line)
            yield line

    def rows(self) -> Iterator[Row]:
        """Yield the rows; after one that cannot be read the next line begins a new one."""
        csv.field_size_limit(max(csv.field_size_limit(), LONGEST_CELL))
        reader, number = self._reader(), 1
        while True:
            self.taken = []
            try:
                cells = next(reader, None)
            except csv.Error as error:
                yield self._unsound(number, error)
                reader, number = self._reader(), number + 1
                continue
            if cells is None:
                return
            # the first line is the header, whatever it holds
            if any(cell.strip(BLANKS) for cell in cells) or (cells and number == 1):
                yield Row(number, cells)
            number += len(self.taken)

    def _reader(self) -> Iterator[list[str]]:
        return csv.reader(
            self.lines(), delimiter=self.separator, strict=True, skipinitialspace=True
        )

    def _unsound(self, number: int, error: csv.Error) -> Row:
        if "field limit" in str(error):
            raise DataError(
                f"a cell in line {number} has more than {LONGEST_CELL:,} letters",
                where=self.path.name,
                remedy="Check the quotes, or ask for the table without this column.",
            ) from None
        if "expected after" not in str(error):
            raise DataError(
                f"the file cannot be read as a table: a quote in line {number} never ends",
                where=self.path.name,
                remedy="Check the separator and the quotes; a quote within a cell is doubled.",
            ) from None
        line, *later = self.taken
        self.waiting.extendleft(reversed(later))
        line = line.rstrip("\r\n")
        # blanks after a quote are what the engine leaves out too
        mended = re.sub(rf'"[ \t]+(?={re.escape(self.separator)}|$)', '"', line)
        try:
            return Row(number, next(self._plain(mended)))
        except csv.Error:
            return Row(number, [line], sound=False)

    def _plain(self, line: str) -> Iterator[list[str]]:
        return csv.reader([line], delimiter=self.separator, strict=True, skipinitialspace=True)


def batches(rows: Iterator[Row], width: int, separator: str) -> Iterator[pa.RecordBatch]:
    """Yield the rows as batches: `width` cells, `malformed`; what is too much stays in the last."""
    while some := list(islice(rows, BATCH)):
        fitted, bad = [], []
        for row in some:
            cells = row.cells
            # most rows are what they should be, and there may be many of them
            if len(cells) != width:
                cells = without_empty_ends(cells, width)
            bad.append(not row.sound or len(cells) != width)
            fitted.append(_fitted(cells, width, separator) if bad[-1] else cells)
        arrays = [_without_empty(pa.array(c, pa.string())) for c in zip(*fitted, strict=True)]
        names = [*(f"c{i}" for i in range(width)), "malformed"]
        yield pa.RecordBatch.from_arrays([*arrays, pa.array(bad, pa.bool_())], names=names)


def _without_empty(cells: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(cells, ""), pa.scalar(None, pa.string()), cells)


def without_empty_ends(cells: list[str], width: int) -> list[str]:
    """Return the cells of a row without the empty ones beyond `width`, as the engine reads it."""
    much = len(cells)
    while much > width and not cells[much - 1]:
        much -= 1
    return cells[:much]


def _fitted(cells: list[str], width: int, separator: str) -> list[str]:
    between = " " if separator == "whitespace" else separator
    whole = [*cells[: width - 1], between.join(cells[width - 1 :])]
    return [*whole, *[""] * (width - len(whole))]
