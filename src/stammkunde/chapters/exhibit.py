"""The parts of a chapter, as plain data: sections, figures and tables.

They hold numbers and the keys of sentences. `report/` gives them words and a dress (HTML, Typst,
workbook); nothing here knows a language or a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stammkunde.result import Estimate, Finding, Label, Result, Sentence
from stammkunde.survival.curve import Curve


@dataclass(frozen=True)
class Line:
    """One curve of a figure and the name written beside it (None: all customers, no label)."""

    curve: Curve
    label: Label | Sentence | None = None


@dataclass(frozen=True)
class Dot:
    """One row of a dot plot: a label and an estimate with its interval (or its reason)."""

    label: Label | Sentence | str
    estimate: Estimate


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A picture: `kind` "survival" or "hazard" draws `lines`, "dots" draws `dots`.

    `title` states the finding, `subtitle` names measure and unit, `note` source and n, `alt` says
    in a sentence what is to be seen. `x` and `y` name the axes. `table` holds the data behind it.
    `y_share` draws y as percent; `x_ticks` is the distance of ticks, 0 for automatic.
    """

    id: str
    kind: str
    title: Sentence
    subtitle: Sentence
    note: Sentence
    alt: Sentence
    x: Sentence
    y: Sentence
    table: Table
    lines: Sequence[Line] = ()
    dots: Sequence[Dot] = ()
    x_ticks: int = 0
    first_page: bool = False


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading (a key, or a sentence) and the form of its cells."""

    heading: str | Sentence
    form: str = ""


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of values under columns; `in_report` False puts it into the workbook only."""

    id: str
    caption: Sentence
    columns: Sequence[Column]
    rows: Sequence[Sequence[object]]
    note: Sentence | None = None
    in_report: bool = True


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of a chapter: a heading with a verb, findings, then what shows them.

    `paragraphs` are explanations without a status (method, how to run again). `left_out` says why
    there is nothing to show; the report then lists the section as left out, unless it was not
    `needed`. A section whose id
    begins with "appendix." stands in the appendix.
    """

    id: str
    heading: Sentence
    findings: Sequence[Finding] = ()
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()
    results: Sequence[Result] = ()
    paragraphs: Sequence[Sentence] = ()
    left_out: Sentence | None = None
    needed: bool = True
