"""Pictures of curves: how many stay, and at what rate they leave, with doubt and with counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FixedLocator, FuncFormatter

from stammkunde.chapters.exhibit import Figure, Line
from stammkunde.errors import RenderError, nearest
from stammkunde.report.dots import draw_dots
from stammkunde.report.formats import decimal
from stammkunde.report.style import (
    ACCENT,
    COLOURS,
    GREY,
    INK,
    LINE,
    WIDTH,
    house_style,
    measure_axis,
    spread,
    svg,
)
from stammkunde.report.words import Words
from stammkunde.survival.curve import Curve

PLOT = 2.05
MOST_POINTS = 400
Picture = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def draw(figure: Figure, words: Words) -> str:
    """Return the picture as SVG text, without its title; the same figure gives the same bytes.

    RenderError for an unknown kind or a figure without content.
    """
    kinds: dict[str, Callable[[Figure, Words], Canvas]] = {
        "survival": _survival,
        "hazard": _hazard,
        "dots": draw_dots,
    }
    if figure.kind not in kinds:
        remedy = nearest(figure.kind, kinds)
        raise RenderError(
            f"`{figure.kind}` is not a kind of picture", where=figure.id, remedy=remedy
        )
    if not (figure.dots if figure.kind == "dots" else figure.lines):
        raise RenderError("The picture has nothing to show", where=figure.id)
    with house_style():
        return svg(kinds[figure.kind](figure, words))


def _survival(figure: Figure, words: Words) -> Canvas:
    canvas, axes, table = _frame(figure, words)
    ends = []
    for colour, line in zip(_colours(figure.lines), figure.lines, strict=True):
        x, value, low, high = _points(line.curve)
        axes.fill_between(x, low, high, step="post", color=colour, alpha=0.16, linewidth=0)
        axes.step(x, value, where="post", color=colour, linewidth=1.8)
        ends.append(float(value[-1]))
    axes.set_ylim(0, 1.01)
    measure_axis(axes, words, share=True, vertical=True)
    axes.yaxis.set_major_locator(FixedLocator([0, 0.25, 0.5, 0.75, 1]))
    _name_lines(figure, axes, ends, words)
    _risk_table(figure, table, words)
    return canvas


def _hazard(figure: Figure, words: Words) -> Canvas:
    canvas, axes, table = _frame(figure, words)
    ends, top = [], 0.0
    shifts = np.linspace(-0.2, 0.2, len(figure.lines)) if len(figure.lines) > 1 else [0.0]
    for colour, line, shift in zip(_colours(figure.lines), figure.lines, shifts, strict=True):
        x, value, low, high = _points(line.curve)
        axes.vlines(x + shift, low, high, color=colour, alpha=0.45, linewidth=1.4)
        axes.plot(x + shift, value, "o", color=colour, markersize=3.2, markeredgewidth=0)
        ends.append(float(value[-1]))
        top = max(top, min(float(np.max(high)) * 1.04, float(np.max(value)) * 2.5))
    axes.set_ylim(0, min(top, 1) or 1)
    measure_axis(axes, words, share=True, vertical=True)
    _name_lines(figure, axes, ends, words)
    _risk_table(figure, table, words)
    return canvas


def _colours(lines: Sequence[Line]) -> list[str]:
    return [ACCENT] if len(lines) == 1 else [COLOURS[i % len(COLOURS)] for i in range(len(lines))]


def _points(curve: Curve) -> Picture:
    """Return x, value, low and high where observed and known, thinned where nothing moves."""
    last = min(curve.observed_to, len(curve.value) - 1)
    x = np.arange(last + 1, dtype=float)
    value, low, high = (
        np.asarray(a, float)[: last + 1] for a in (curve.value, curve.low, curve.high)
    )
    low, high = np.where(np.isfinite(low), low, value), np.where(np.isfinite(high), high, value)
    keep = np.isfinite(value)
    if curve.kind != "hazard" and last > MOST_POINTS:
        moved = np.r_[True, np.diff(value) != 0]
        moved[-1] = True
        grid = np.zeros(last + 1, bool)
        grid[np.unique(np.linspace(0, last, MOST_POINTS).round().astype(int))] = True
        keep &= moved if moved.sum() <= MOST_POINTS else grid
    if not keep.any():
        raise RenderError("A curve without any observed value cannot be drawn")
    return x[keep], value[keep], low[keep], high[keep]


def _frame(figure: Figure, words: Words) -> tuple[Canvas, Axes, Axes]:
    """Return the canvas, the axes of the curves and below them those of the counts."""
    below = LINE * (len(figure.lines) + 1) + 0.1
    height = PLOT + 0.72 + below
    canvas = Canvas(figsize=(WIDTH, height))
    left, right = _margins(figure, words)
    box = (left / WIDTH, (below + 0.52) / height, (WIDTH - left - right) / WIDTH, PLOT / height)
    axes = canvas.add_axes(box)
    table = canvas.add_axes((box[0], 0.02 / height, box[2], below / height))
    longest = max(min(line.curve.observed_to, len(line.curve.value) - 1) for line in figure.lines)
    ticks = _ticks(longest, figure.x_ticks, figure.lines[0].curve.unit)
    for each in (axes, table):
        each.set_xlim(-0.01 * longest, longest * 1.01)
        each.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: decimal(float(x), 0, words.locale)))
    axes.set_xlabel(words.text(figure.x), loc="left")
    axes.set_title(words.text(figure.y), loc="left", x=-left / (WIDTH - left - right), **_SMALL)
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
    return canvas, axes, table


_SMALL: dict[str, Any] = {"fontsize": 9.5, "color": GREY, "pad": 8}


def _margins(figure: Figure, words: Words) -> tuple[float, float]:
    """Return the room for names in inches: left for the counts, right for the line ends."""
    names = [words.text(line.label) for line in figure.lines]
    widest = max((len(part) for name in names for part in _wrapped(name)), default=0)
    longest = max(map(len, map(_shortened, names)))
    return (max(0.62, longest * 0.073 + 0.3 * bool(longest)), 0.2 + widest * 0.075)


def _wrapped(name: str, most: int = 22) -> list[str]:
    lines = [""]
    for word in name.split(" "):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > most:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _ticks(longest: int, distance: int, unit: str) -> list[int]:
    steps = {"month": (1, 2, 3, 6, 12, 24, 36, 60), "day": (7, 14, 28, 30, 60, 90, 180, 365)}
    known = steps.get(unit, (1, 2, 4, 5, 10, 20, 26, 52))
    step = distance or next((s for s in known if longest / s <= 9), max(1, longest // 8))
    return list(range(0, longest + 1, step))


def _name_lines(figure: Figure, axes: Axes, ends: list[float], words: Words) -> None:
    """Write each line's name at its end, in its colour, so that no two names overlap."""
    if all(line.label is None for line in figure.lines):
        return
    names = ["\n".join(_wrapped(words.text(line.label))) for line in figure.lines]
    bottom, top = axes.get_ylim()
    rows = max(name.count("\n") + 1 for name in names)
    places = spread(ends, rows * 0.175 / PLOT * (top - bottom), bottom, top)
    for name, place, colour in zip(names, places, _colours(figure.lines), strict=True):
        axes.annotate(
            name,
            (1, place),
            xycoords=("axes fraction", "data"),
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            fontweight=600,
            linespacing=1.05,
            annotation_clip=False,
        )


def _risk_table(figure: Figure, axes: Axes, words: Words) -> None:
    """Write the customers at risk under each tick: those observed in the unit that ends there."""
    axes.axis("off")
    rows = len(figure.lines)
    axes.set_ylim(-rows - 0.4, 0.6)
    left = -0.62 * 72 + 2
    head: dict[str, Any] = {
        "xycoords": ("axes fraction", "data"),
        "textcoords": "offset points",
        "va": "center",
    }
    named = any(line.label is not None for line in figure.lines)
    start = -(_margins(figure, words)[0]) * 72 + 2 if named else left
    axes.annotate(
        words.ui("figure.at_risk"), (0, 0), xytext=(start, 0), **head, color=GREY, fontsize=9.5
    )
    for row, (line, colour) in enumerate(zip(figure.lines, _colours(figure.lines), strict=True), 1):
        if named:
            name = _shortened(words.text(line.label))
            axes.annotate(name, (0, -row), xytext=(start, 0), **head, color=colour, fontsize=9)
        counts = line.curve.at_risk
        for tick in axes.xaxis.get_major_locator()():
            at = max(int(tick) - 1, 0)
            if at < len(counts):
                text = decimal(float(counts[at]), 0, words.locale)
                axes.text(tick, -row, text, ha="center", va="center", fontsize=9, color=INK)


def _shortened(name: str, most: int = 24) -> str:
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"
