"""Where the parts of a picture of curves go, in inches: for paper and desk, or for a phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np

from stammkunde.chapters.exhibit import Figure, Line
from stammkunde.errors import RenderError
from stammkunde.report.formats import decimal
from stammkunde.report.marks import Marks, place_marks
from stammkunde.report.style import LINE, NARROW, TINY, WIDTH, inches, wrapped
from stammkunde.report.words import Words
from stammkunde.survival.curve import Curve

PLOT, FLAT_PLOT, TALL_PLOT, MANY = 1.9, 1.7, 2.4, 3
TOP, AXIS, LAST_AXIS = 0.26, 0.52, 0.6
LEAST_LEFT = 0.62
LONG_NAME, NAME_END = 1.35, 1.6
MARGIN, LAST_STEP, FINE = 0.01, 0.03, 0.03


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The measures of a picture in inches; `plot` is the height of the curves' axes.

    `names` are the lines' names, wrapped, none where the lines have no name. They stand `beside`
    the ends of the lines, `apart` from one another, or in a list above the plot. `counted` are the
    lines whose customers at risk stand below, one for all where they are the same customers;
    `stacked` puts each name above its counts.
    """

    width: float
    left: float
    right: float
    above: float
    plot: float
    below: float
    names: tuple[str, ...]
    beside: bool
    apart: float
    counted: tuple[Line, ...]
    stacked: bool
    ticks: tuple[int, ...]
    marks: Marks

    @property
    def across(self) -> float:
        """Return the width of the plot."""
        return self.width - self.left - self.right

    @property
    def height(self) -> float:
        """Return the height of the whole picture."""
        return self.above + self.plot + AXIS + self.below

    @property
    def foot(self) -> float:
        """Return where the plot begins, from the lower edge of the picture."""
        return self.below + AXIS


def curves_layout(figure: Figure, words: Words, narrow: bool) -> Layout:
    """Return the measures of a picture of curves, 6.4 inches wide or, if `narrow`, 3.7."""
    width = NARROW if narrow else WIDTH
    texts = line_names(figure, words)
    most = NARROW - LEAST_LEFT if narrow else NAME_END
    names = tuple(
        "\n".join(row for part in text.split("\n") for row in wrapped(part, most, bold=True))
        for text in texts
    )
    parts = [part for name in names if name for part in name.split("\n")]
    beside = max((inches(part, bold=True) for part in parts), default=0.0)
    counted = _counted(figure)
    named = len(counted) > 1 and bool(texts)
    longest = max((inches(text, TINY) for text in texts), default=0.0) if named else 0.0
    stacked = named and (narrow or longest > LONG_NAME)
    left = max(LEAST_LEFT, 0.0 if stacked else longest + 0.34)
    right = 0.2 + (0.0 if narrow else beside)
    marks = _marks(figure, words, width, left, width - left - right)
    tall = max((name.count("\n") + 1 for name in names), default=1)
    apart = tall * 0.175 + (0.07 if tall > 1 else 0.0)
    return Layout(
        width=width,
        left=left,
        right=right,
        above=TOP + (LINE * len(parts) + 0.1 if narrow and parts else 0.0) + marks.above,
        plot=max(_plot(figure), 0.0 if narrow else apart * len(names)),
        below=LINE * (len(counted) * (1 + stacked) + 1) + 0.1 + marks.below,
        names=names,
        beside=not narrow,
        apart=apart,
        counted=counted,
        stacked=stacked,
        ticks=_ticks(figure, words, width - left - right),
        marks=marks,
    )


def ends(figure: Figure) -> tuple[int, ...]:
    """Return the last tenure of each line that is drawn; the parts of a stack end together."""
    lines = parts_of(figure)
    last = [last_of(line.curve) for line in lines]
    return (min(last),) * len(last) if figure.kind == "stacked" else tuple(last)


def last_of(curve: Curve) -> int:
    """Return the last tenure of a curve that is drawn: observed, or projected."""
    end = len(curve.value) - 1
    return end if curve.basis == "projected" else min(curve.observed_to, end)


def parts_of(figure: Figure) -> tuple[Line, ...]:
    """Return the lines of a picture, in a stack with the rest of the customers as the last."""
    rest = (figure.rest,) if figure.kind == "stacked" and figure.rest else ()
    return (*figure.lines, *rest)


def line_names(figure: Figure, words: Words) -> list[str]:
    """Return the name of each line, none where no line has one.

    A part of a stack has its share at the end in a second row, since areas show no interval.
    """
    lines = parts_of(figure)
    texts = [words.text(line.label) for line in lines]
    if figure.kind == "stacked":
        last = ends(figure)[0]
        shares = [line.curve.at(last) for line in lines]
        form = "percent1" if min(share.value or 0.0 for share in shares) < FINE else "percent0"
        numbers = [words.cell(share, form) for share in shares]
        return [f"{a}\n{b}" for a, b in zip(texts, numbers, strict=True)]
    return texts if any(texts) else []


def tenure_limits(figure: Figure) -> tuple[float, float]:
    """Return the limits of the x axis of a picture of curves.

    A stack goes on for a little, because the step at its end would not be seen otherwise.
    """
    longest = max(ends(figure))
    after = LAST_STEP if figure.kind == "stacked" else MARGIN
    return -MARGIN * longest, longest * (1 + after)


def _plot(figure: Figure) -> float:
    if figure.kind == "stacked":
        return TALL_PLOT
    return FLAT_PLOT if len(figure.lines) >= MANY else PLOT


def _counted(figure: Figure) -> tuple[Line, ...]:
    """Return the lines whose customers are counted: one if all lines are of the same customers."""
    lines = tuple(figure.lines)
    same = all(np.array_equal(a.curve.at_risk, b.curve.at_risk) for a, b in pairwise(lines))
    return lines[:1] if same or figure.kind == "stacked" else lines


def _marks(figure: Figure, words: Words, width: float, left: float, across: float) -> Marks:
    low, high = tenure_limits(figure)
    if any(isinstance(mark.at, date) for mark in figure.marks):
        raise RenderError(
            "A mark on a picture over tenure needs a tenure, not a day",
            where=figure.id,
            remedy="Give the mark the number of units since the start, or draw a series.",
        )
    at = [(mark, float(mark.at)) for mark in figure.marks if not isinstance(mark.at, date)]
    seen = [(mark, x) for mark, x in at if low <= x <= high]
    places = [left + (x - low) / (high - low) * across for _, x in seen]
    return place_marks(places, [words.text(mark.label) for mark, _ in seen], width)


def _ticks(figure: Figure, words: Words, across: float) -> tuple[int, ...]:
    """Return the ticks of the x axis, so far apart that the counts below them do not touch."""
    longest = max(ends(figure))
    counts = [float(max(line.curve.at_risk, default=0)) for line in figure.lines]
    widest = max(inches(decimal(count, 0, words.locale), TINY) for count in counts)
    most = min(9, max(1, int(across / (widest + 0.12))))
    unit = figure.lines[0].curve.unit
    step = tick_step(longest, most, figure.x_ticks, unit)
    return tuple(range(0, longest + 1, step))


def tick_step(longest: int, most: int, distance: int, unit: str) -> int:
    """Return the distance of at most so many ticks: as asked, or doubled, or the unit's own."""
    if distance:
        return distance * -(-longest // (distance * most)) or distance
    known = {"month": (1, 2, 3, 6, 12, 24, 36, 60), "day": (7, 14, 28, 30, 60, 90, 180, 365)}
    steps: Sequence[int] = known.get(unit, (1, 2, 4, 5, 10, 20, 26, 52))
    return next((s for s in steps if longest / s <= most), max(1, -(-longest // most)))
