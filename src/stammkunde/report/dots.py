"""A dot plot: one row per estimate, its interval drawn and written."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from stammkunde.chapters.exhibit import Dot, Figure
from stammkunde.report.palette import ACCENT, GREY, INK
from stammkunde.report.rows import EDGE, head_height, headings
from stammkunde.report.rows import numbers as written
from stammkunde.report.style import (
    LINE,
    NARROW,
    SMALL,
    WIDTH,
    inches,
    measure_axis,
    shares,
    wrapped,
)
from stammkunde.report.sums import Scale, named, scale_of
from stammkunde.report.thousands import THOUSAND, in_thousands, scaled
from stammkunde.report.words import Words

ROW, FOOT = 0.36, 0.62
# inches that a number under the axis takes
TICK = 0.55


def draw_dots(figure: Figure, words: Words, narrow: bool) -> Canvas:
    """Return a canvas with labels left, dots and intervals, and their numbers right.

    Rows of a group stand under its heading. If `narrow`, label and number stand above their
    interval. An estimate without a value shows its reason in the place of the dot.
    """
    canvas, axes = _stacked(figure, words) if narrow else _beside(figure, words)
    share, scale = shares(d.estimate for d in figure.dots), _sums(figure)
    room = int(axes.get_position().width * canvas.get_figwidth() / TICK)
    most = min(max(room, 1), 5)
    measure_axis(axes, words, share=share, vertical=False, by=scale.by, most=most)
    axes.set_xlabel(named(scale, words.text(figure.x), words), loc="left")
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
    return canvas


def _sums(figure: Figure) -> Scale:
    """Return in what sums the axis is told, where all rows are of one currency."""
    mixed = in_thousands(d.estimate for d in figure.dots)
    if mixed:
        return Scale(unit=mixed, size="thousand", by=THOUSAND)
    units = {dot.estimate.unit for dot in figure.dots}
    unit = units.pop() if len(units) == 1 else ""
    return scale_of((d.estimate.value for d in figure.dots if d.estimate.value is not None), unit)


def _numbers(figure: Figure, words: Words) -> list[str]:
    """Return the estimates in words; sums of very different size in thousands, as on the axis."""
    found = [dot.estimate for dot in figure.dots]
    if in_thousands(found):
        return [words.cell(scaled(e), "n0") for e in found]
    return written(found, words)


def _beside(figure: Figure, words: Words) -> tuple[Canvas, Axes]:
    """Return canvas and axes, whose y runs downwards in inches."""
    heads = headings((dot.group for dot in figure.dots), words, WIDTH - 2 * EDGE)
    ends = list(accumulate(ROW + head_height(head) for head in heads))
    height = ends[-1] + 0.1 + FOOT
    canvas = Canvas(figsize=(WIDTH, height))
    labels = ["\n".join(wrapped(words.text(dot.label), 2.6, SMALL)) for dot in figure.dots]
    numbers = _numbers(figure, words)
    left = 0.15 + max(inches(part, SMALL) for label in labels for part in label.split("\n"))
    right = 0.22 + max(map(inches, numbers))
    across = WIDTH - left - right
    box = (left / WIDTH, FOOT / height, across / WIDTH, ends[-1] / height)
    axes = canvas.add_axes(box)
    _scale(figure, axes, None)
    about: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "va": "center"}
    rows = [end - ROW / 2 for end in ends]
    for row, dot, number, head in zip(rows, figure.dots, numbers, heads, strict=True):
        _row(axes, row, dot, words)
        axes.annotate(number, (1, row), xytext=(8, 0), textcoords="offset points", **about)
        _head(axes, head, row - ROW / 2 - head_height(head) / 2 + 0.04, (0.02 - left) / across)
    axes.set_ylim(ends[-1], 0)
    axes.set_yticks(rows, labels)
    return canvas, axes


def _stacked(figure: Figure, words: Words) -> tuple[Canvas, Axes]:
    """Return canvas and axes, whose y runs downwards in inches."""
    across = NARROW - 0.3
    heads = headings((dot.group for dot in figure.dots), words, NARROW - 2 * EDGE)
    numbers = _numbers(figure, words)
    labels = [
        wrapped(words.text(dot.label), across - inches(number) - 0.15 * bool(number))
        for dot, number in zip(figure.dots, numbers, strict=True)
    ]
    sizes = [LINE * len(label) + 0.3 for label in labels]
    ends = list(accumulate(s + head_height(h) for s, h in zip(sizes, heads, strict=True)))
    height = ends[-1] + FOOT + 0.05
    canvas = Canvas(figsize=(NARROW, height))
    axes = canvas.add_axes((0.15 / NARROW, FOOT / height, across / NARROW, ends[-1] / height))
    rows = [
        e - 0.16 for e, d in zip(ends, figure.dots, strict=True) if d.estimate.value is not None
    ]
    _scale(figure, axes, rows)
    about: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "va": "center", "color": INK}
    for dot, number, label, head, end in zip(
        figure.dots, numbers, labels, heads, ends, strict=True
    ):
        _row(axes, end - 0.16, dot, words)
        first = end - 0.3 - LINE * len(label) + LINE / 2
        for i, part in enumerate(label):
            axes.text(0, first + i * LINE, part, ha="left", **about)
        axes.text(1, first, number, ha="right", **about)
        _head(axes, head, first - LINE / 2 - head_height(head) / 2, -0.13 / across)
    axes.set_ylim(ends[-1], 0)
    axes.set_yticks([])
    return canvas, axes


def _head(axes: Axes, text: str, y: float, x: float) -> None:
    """Write a heading, its middle at `y`, its start at the share `x` of the axes."""
    bold: dict[str, Any] = {"fontweight": 600, "fontsize": SMALL, "color": GREY}
    if text:
        axes.text(x, y, text, va="center", ha="left", transform=axes.get_yaxis_transform(), **bold)


def _scale(figure: Figure, axes: Axes, rows: list[float] | None) -> None:
    """Set the x axis from zero (or below, where an interval reaches there) to the last interval.

    The line of no difference crosses the whole plot, or the `rows` alone where text is between.
    """
    every = [e for d in figure.dots for e in (d.estimate.value, d.estimate.low, d.estimate.high)]
    known = [float(e) for e in every if e is not None]
    marked = [0.0] if figure.reference is None else [0.0, figure.reference]
    low, high = min([*marked, *known]), max([*marked, *known]) or 1.0
    axes.set_xlim(low - (high - low) * 0.04 if low < 0 else 0, high + (high - low) * 0.04)
    if low < 0 or figure.reference:
        at = figure.reference or 0.0
        thin: dict[str, Any] = {"color": GREY, "linewidth": 1}
        if rows is None:
            axes.axvline(at, **thin)
        for row in rows or ():
            axes.plot([at, at], [row - 0.12, row + 0.12], **thin)


def _row(axes: Axes, y: float, dot: Dot, words: Words) -> None:
    e = dot.estimate
    if e.value is None:
        start = axes.get_xlim()[0]
        axes.annotate(words.cell(e), (start, y), xytext=(4, 0), textcoords="offset points",
                      va="center", color=GREY, style="italic")  # fmt: skip
        return
    if e.low is not None and e.high is not None:
        axes.plot([e.low, e.high], [y, y], color=ACCENT, linewidth=5, alpha=0.28)
    axes.plot([e.value], [y], "o", color=ACCENT, markersize=6.5, markeredgewidth=0)
