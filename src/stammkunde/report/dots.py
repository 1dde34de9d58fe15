"""A dot plot: one row per estimate, its interval drawn and written."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from stammkunde.chapters.exhibit import Dot, Figure
from stammkunde.report.style import ACCENT, GREY, INK, WIDTH, measure_axis
from stammkunde.report.words import Words

ROW = 0.36
SHARES = ("share", "hazard")


def draw_dots(figure: Figure, words: Words) -> Canvas:
    """Return a canvas with labels left, dots and intervals, and their numbers right.

    An estimate without a value shows its reason in the place of the dot.
    """
    rows = len(figure.dots)
    height = rows * ROW + 0.72
    canvas = Canvas(figsize=(WIDTH, height))
    labels = [words.text(dot.label) for dot in figure.dots]
    numbers = [words.cell(d.estimate) if d.estimate.value is not None else "" for d in figure.dots]
    left = min(0.25 + max(map(len, labels)) * 0.072, 2.9)
    right = 0.2 + max(map(len, numbers)) * 0.071
    box = (left / WIDTH, 0.62 / height, (WIDTH - left - right) / WIDTH, rows * ROW / height)
    axes = canvas.add_axes(box)
    _scale(figure, axes)
    for row, (dot, number) in enumerate(zip(figure.dots, numbers, strict=True)):
        _row(axes, row, dot, number, words)
    axes.set_ylim(rows - 0.4, -0.6)
    axes.set_yticks(range(rows), labels)
    measure_axis(axes, words, share=_shares(figure), vertical=False)
    axes.set_xlabel(words.text(figure.x), loc="left")
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
    return canvas


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


def _row(axes: Axes, row: int, dot: Dot, number: str, words: Words) -> None:
    e = dot.estimate
    right: dict[str, Any] = {
        "xycoords": ("axes fraction", "data"),
        "textcoords": "offset points",
        "va": "center",
    }
    if e.value is None:
        start = axes.get_xlim()[0]
        axes.annotate(words.cell(e), (start, row), xytext=(4, 0), textcoords="offset points",
                      va="center", color=GREY, style="italic")  # fmt: skip
        return
    if e.low is not None and e.high is not None:
        axes.plot([e.low, e.high], [row, row], color=ACCENT, linewidth=5, alpha=0.28)
    axes.plot([e.value], [row], "o", color=ACCENT, markersize=6.5, markeredgewidth=0)
    axes.annotate(number, (1, row), xytext=(8, 0), **right, color=INK)
