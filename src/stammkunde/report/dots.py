"""A dot plot: one row per estimate, its interval drawn and written."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from stammkunde.chapters.exhibit import Dot, Figure
from stammkunde.report.palette import ACCENT, GREY, INK
from stammkunde.report.style import LINE, NARROW, WIDTH, inches, measure_axis, wrapped
from stammkunde.report.words import Words

ROW, FOOT = 0.36, 0.62
SHARES = ("share", "hazard")


def draw_dots(figure: Figure, words: Words, narrow: bool) -> Canvas:
    """Return a canvas with labels left, dots and intervals, and their numbers right.

    If `narrow`, label and number stand above their interval. An estimate without a value shows its
    reason in the place of the dot.
    """
    canvas, axes = _stacked(figure, words) if narrow else _beside(figure, words)
    measure_axis(axes, words, share=_shares(figure), vertical=False)
    axes.set_xlabel(words.text(figure.x), loc="left")
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
    return canvas


def _beside(figure: Figure, words: Words) -> tuple[Canvas, Axes]:
    rows = len(figure.dots)
    height = rows * ROW + 0.72
    canvas = Canvas(figsize=(WIDTH, height))
    labels = ["\n".join(wrapped(words.text(dot.label), 2.6, 9.5)) for dot in figure.dots]
    numbers = [_number(dot, words) for dot in figure.dots]
    left = 0.15 + max(inches(part, 9.5) for label in labels for part in label.split("\n"))
    right = 0.22 + max(map(inches, numbers))
    box = (left / WIDTH, FOOT / height, (WIDTH - left - right) / WIDTH, rows * ROW / height)
    axes = canvas.add_axes(box)
    _scale(figure, axes)
    about: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "va": "center"}
    for row, (dot, number) in enumerate(zip(figure.dots, numbers, strict=True)):
        _row(axes, row, dot, words)
        axes.annotate(number, (1, row), xytext=(8, 0), textcoords="offset points", **about)
    axes.set_ylim(rows - 0.4, -0.6)
    axes.set_yticks(range(rows), labels)
    return canvas, axes


def _stacked(figure: Figure, words: Words) -> tuple[Canvas, Axes]:
    """Return canvas and axes, whose y runs downwards in inches."""
    across = NARROW - 0.3
    numbers = [_number(dot, words) for dot in figure.dots]
    labels = [
        wrapped(words.text(dot.label), across - inches(number) - 0.15 * bool(number))
        for dot, number in zip(figure.dots, numbers, strict=True)
    ]
    ends = list(accumulate(LINE * len(label) + 0.3 for label in labels))
    height = ends[-1] + FOOT + 0.05
    canvas = Canvas(figsize=(NARROW, height))
    axes = canvas.add_axes((0.15 / NARROW, FOOT / height, across / NARROW, ends[-1] / height))
    _scale(figure, axes)
    about: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "va": "center", "color": INK}
    for dot, number, label, end in zip(figure.dots, numbers, labels, ends, strict=True):
        _row(axes, end - 0.16, dot, words)
        first = end - 0.3 - LINE * len(label) + LINE / 2
        for i, part in enumerate(label):
            axes.text(0, first + i * LINE, part, ha="left", **about)
        axes.text(1, first, number, ha="right", **about)
    axes.set_ylim(ends[-1], 0)
    axes.set_yticks([])
    return canvas, axes


def _number(dot: Dot, words: Words) -> str:
    return words.cell(dot.estimate) if dot.estimate.value is not None else ""


def _shares(figure: Figure) -> bool:
    return all(dot.estimate.unit in SHARES for dot in figure.dots)


def _scale(figure: Figure, axes: Axes) -> None:
    """Set the x axis from zero (or below, where an interval reaches there) to the last interval."""
    every = [e for d in figure.dots for e in (d.estimate.value, d.estimate.low, d.estimate.high)]
    known = [float(e) for e in every if e is not None]
    low, high = min([0.0, *known]), max([0.0, *known]) or 1.0
    axes.set_xlim(low - (high - low) * 0.04 if low < 0 else 0, high + (high - low) * 0.04)
    if low < 0:
        axes.axvline(0, color=GREY, linewidth=1)


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
