"""The parts of a chapter, as plain data: sections, figures and tables.

They hold numbers and the keys of sentences. `report/` gives them words and a dress (HTML, Typst,
workbook); nothing here knows a language or a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from stammkunde.result import Estimate, Finding, Label, Result, Sentence
from stammkunde.survival.curve import Curve

Name = Label | Sentence | str


@dataclass(frozen=True)
class Line:
    """One curve of a figure and the name written beside it (None: all customers, no label).

    `smooth` is the smoothed hazard, drawn as a line over faint dots of `curve`. It stops at the
    units in `breaks`, the contract events: such a unit stands alone, as a dot with its interval.
    """

    curve: Curve
    label: Label | Sentence | None = None
    smooth: Curve | None = None
    breaks: Sequence[int] = ()


@dataclass(frozen=True)
class Dot:
    """One row of a dot plot: a label and an estimate with its interval (or its reason).

    Neighbouring rows of the same `group` stand under one small heading.
    """

    label: Name
    estimate: Estimate
    group: Name | None = None


@dataclass(frozen=True)
class Mark:
    """A thin upright line with a small label: a contract event, a price rise.

    `at` is a tenure below curves and a day in a series.
    """

    at: float | date
    label: Name


@dataclass(frozen=True)
class Point:
    """An estimate for a calendar time, which begins on the day `at`."""

    at: date
    estimate: Estimate


@dataclass(frozen=True)
class Pair:
    """A predicted share and the one that was observed, with its interval, and a name if wanted."""

    predicted: float
    observed: Estimate
    label: Name | None = None


@dataclass(frozen=True, kw_only=True)
class HeatCells:
    """Values by cohort (`rows`, top first) and tenure (`columns`); None where nothing was observed.

    `values` has one sequence per row, one value per column. `unit` is that of an estimate.
    """

    rows: Sequence[Name]
    columns: Sequence[int]
    values: Sequence[Sequence[float | None]]
    unit: str = "share"


@dataclass(frozen=True, kw_only=True)
class Track:
    """A count that adds up over time: what came, and what was expected, with its limits.

    Sequences [M] by the times `at`. What is expected was fitted up to `until`, and foretold beyond.
    `names` are those of what came and of what was expected.
    """

    at: Sequence[float]
    observed: Sequence[float]
    expected: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    until: float
    names: tuple[Name, Name]


@dataclass(frozen=True)
class Balanced:
    """How unlike two arms are in one level: standardised differences before and after weighting.

    Neighbouring rows of the same `group` (the column) stand under one small heading.
    """

    label: Name
    before: float
    after: float
    group: Name | None = None


@dataclass(frozen=True)
class Bar:
    """A stretch of tenure of one arm, from the unit `start` to `stop`, in one way of counting.

    `kind`: "compared" with the other arms, "not_compared" (yet), or "must_stay": time that must
    have been survived to belong to the arm at all. `count` customers begin it. Bars of the same
    `label` and `group` (the way of counting) stand in one row; `says` is a remark on the stretch.
    """

    label: Name
    start: float
    stop: float
    kind: Literal["compared", "not_compared", "must_stay"]
    count: int
    group: Name | None = None
    says: Name | None = None


@dataclass(frozen=True)
class StepRow:
    """A number on the way from the usual one to the `answer`; `says` what changed at this step."""

    label: Name
    estimate: Estimate
    says: Name | None = None
    answer: bool = False


@dataclass(frozen=True, kw_only=True)
class Way:
    """How far a policy is ahead of the comparator at the end of each month, from the first one on.

    Sequences [H] of what has added up; one of the ways of a picture `leads` and is emphasised.
    """

    label: Name
    value: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    leads: bool = False


@dataclass(frozen=True, kw_only=True)
class Swing:
    """A difference with one assumption at its `low` and at its `high` point, others as they are.

    `low` and `high` are the points as they are written, with their unit.
    """

    label: Name
    low: Name
    high: Name
    at_low: float
    at_high: float


@dataclass(frozen=True, kw_only=True)
class Regions:
    """Which policy is best over the points of two assumptions, `across` [A] and `up` [C].

    `best` [A][C] are places in `names`; `here` are today's means of both, `units` theirs.
    """

    names: Sequence[Name]
    across: Sequence[float]
    up: Sequence[float]
    best: Sequence[Sequence[int]]
    here: tuple[float, float]
    units: tuple[str, str] = ("", "")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A picture of one of these kinds, made of the fields named after it.

    "survival", "hazard", "incidence": `lines`, `marks` (tenures). "stacked": `lines` (incidences by
    cause, from the top down) and `rest` (who is still there). "series": `points`, `marks` (days),
    `reference`. "heat": `cells`. "calibration": `pairs`. "dots": `dots`, `reference`.
    "track": `track`, `marks` (times). "balance": `balanced`. "compared": `bars`. "steps": `steps`,
    `band` (differences too small to matter). "course": `ways`, `marks` (months), `unit` (a
    currency). "tornado": `swings`, `middle` (the difference at the means), `unit`. "regions":
    `regions`.

    `title` states the finding, `subtitle` names measure and unit, `note` source and n, `alt` says
    in a sentence what is to be seen. `x` and `y` name the axes. `table` holds the data behind it.
    `x_ticks` is the distance of ticks, 0 for automatic; `x_from` is added to what they say.
    `reference` is the value that means "no difference", drawn as a line. Marks beyond the axis are
    not drawn.
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
    x_from: int = 0
    first_page: bool = False
    marks: Sequence[Mark] = ()
    rest: Line | None = None
    points: Sequence[Point] = ()
    reference: float | None = None
    cells: HeatCells | None = None
    pairs: Sequence[Pair] = ()
    track: Track | None = None
    balanced: Sequence[Balanced] = ()
    bars: Sequence[Bar] = ()
    steps: Sequence[StepRow] = ()
    band: tuple[float, float] | None = None
    ways: Sequence[Way] = ()
    swings: Sequence[Swing] = ()
    middle: float = 0.0
    unit: str = ""
    regions: Regions | None = None


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading (a key, or a sentence) and the form of its cells.

    `unit` is that of plain numbers (estimates bring their own), for the heading in the workbook.
    """

    heading: str | Sentence
    form: str = ""
    unit: str = ""


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

    `paragraphs` are explanations without a status (method, how to run again), `opening` those that
    stand before the findings: what was asked. `left_out` says why there is nothing to show; the
    report then lists the section as left out, unless it was not `needed`. A section whose id
    begins with "appendix." stands in the appendix. `log` are lines for the run's log, in English.
    """

    id: str
    heading: Sentence
    findings: Sequence[Finding] = ()
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()
    results: Sequence[Result] = ()
    opening: Sequence[Sentence] = ()
    paragraphs: Sequence[Sentence] = ()
    left_out: Sentence | None = None
    needed: bool = True
    log: Sequence[str] = ()
