"""Pictures of curves: how many stay, and at what rate they leave, with doubt and with counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter

from stammkunde.chapters.exhibit import Figure, Line
from stammkunde.errors import RenderError, nearest
from stammkunde.report.dots import draw_dots
from stammkunde.report.formats import decimal
from stammkunde.report.layout import AXIS, SMALL, TINY, TOP, Layout, curves_layout
from stammkunde.report.palette import ACCENT, GREY, INK, LINES
from stammkunde.report.style import LINE, house_style, measure_axis, spread, svg
from stammkunde.report.words import Words
from stammkunde.survival.curve import Curve

MOST_POINTS = 400
Picture = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def draw(figure: Figure, words: Words, narrow: bool = False) -> str:
    """Return the picture as SVG text, without its title; the same figure gives the same bytes.

    `narrow` draws it for a phone: 3.7 inches wide instead of 6.4, with type of the same size.
    RenderError for an unknown kind or a figure without content.
    """
    kinds: dict[str, Callable[[Figure, Words, bool], Canvas]] = {
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
        remedy = "Leave the picture out, or give it lines or dots."
        raise RenderError("The picture has nothing to show", where=figure.id, remedy=remedy)
    with house_style():
        return svg(kinds[figure.kind](figure, words, narrow))


def _survival(figure: Figure, words: Words, narrow: bool) -> Canvas:
    layout = curves_layout(figure, words, narrow)
    canvas, axes = _frame(figure, words, layout)
    ends = []
    for colour, line in zip(_colours(figure.lines), figure.lines, strict=True):
        x, value, low, high = _points(line.curve)
        axes.fill_between(x, low, high, step="post", color=colour, alpha=0.16, linewidth=0)
        axes.step(x, value, where="post", color=colour, linewidth=1.8)
        ends.append(float(value[-1]))
    axes.set_ylim(0, 1.01)
    measure_axis(axes, words, share=True, vertical=True)
    axes.yaxis.set_major_locator(FixedLocator([0, 0.25, 0.5, 0.75, 1]))
    _name_lines(figure, canvas, axes, ends, layout)
    _risk_table(figure, canvas, axes, words, layout)
    return canvas


def _hazard(figure: Figure, words: Words, narrow: bool) -> Canvas:
    layout = curves_layout(figure, words, narrow)
    canvas, axes = _frame(figure, words, layout)
    ends, top = [], 0.0
    shifts = np.linspace(-0.2, 0.2, len(figure.lines)) if len(figure.lines) > 1 else [0.0]
    for colour, line, shift in zip(_colours(figure.lines), figure.lines, shifts, strict=True):
        x, value, low, high = _points(line.curve)
        axes.vlines(x + shift, low, high, color=colour, alpha=0.45, linewidth=1.4)
        axes.plot(x + shift, value, "o", color=colour, markersize=2.4 if narrow else 3.2,
                  markeredgewidth=0)  # fmt: skip
        ends.append(float(value[-1]))
        top = max(top, min(float(np.max(high)) * 1.04, float(np.max(value)) * 2.5))
    axes.set_ylim(0, min(top, 1) or 1)
    measure_axis(axes, words, share=True, vertical=True)
    _name_lines(figure, canvas, axes, ends, layout)
    _risk_table(figure, canvas, axes, words, layout)
    return canvas


def _colours(lines: Sequence[Line]) -> list[str]:
    return [ACCENT] if len(lines) == 1 else [LINES[i % len(LINES)] for i in range(len(lines))]


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
        raise RenderError(
            "A curve without any observed value cannot be drawn",
            remedy="Leave its group out, or show its table alone.",
        )
    return x[keep], value[keep], low[keep], high[keep]


def _frame(figure: Figure, words: Words, layout: Layout) -> tuple[Canvas, Axes]:
    """Return the canvas and the axes of the curves; names and counts stand around them."""
    wide, high = layout.width, layout.height
    canvas = Canvas(figsize=(wide, high))
    left, across = layout.left / wide, layout.across / wide
    axes = canvas.add_axes((left, (layout.below + AXIS) / high, across, layout.plot / high))
    longest = max(min(line.curve.observed_to, len(line.curve.value) - 1) for line in figure.lines)
    axes.set_xlim(-0.01 * longest, longest * 1.01)
    axes.xaxis.set_major_locator(FixedLocator(layout.ticks))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: decimal(float(x), 0, words.locale)))
    axes.set_xlabel(words.text(figure.x), loc="left")
    _write(canvas, 0.02, high - 0.1, words.text(figure.y), color=GREY, fontsize=SMALL)
    axes.grid(axis="y")
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
    return canvas, axes


def _write(canvas: Canvas, x: float, y: float, text: str, **more: Any) -> None:
    """Write a text at inches from the lower left corner, its first line's middle at `y`."""
    for row, part in enumerate(text.split("\n")):
        canvas.text(
            x, y - row * LINE, part, transform=canvas.dpi_scale_trans, va="center_baseline", **more
        )


def _name_lines(
    figure: Figure, canvas: Canvas, axes: Axes, ends: list[float], layout: Layout
) -> None:
    """Write each line's name in its colour: at its end, or in a list above, the highest first."""
    bold: dict[str, Any] = {"fontweight": 600}
    colours, foot = _colours(figure.lines), layout.below + AXIS
    if not layout.names:
        return
    if layout.beside:
        rows = max(name.count("\n") + 1 for name in layout.names)
        apart = rows * 0.175 + (0.07 if rows > 1 else 0.0)
        bottom, top = axes.get_ylim()
        wanted = [(end - bottom) / (top - bottom) * layout.plot for end in ends]
        for i, y in enumerate(spread(wanted, apart, 0, layout.plot)):
            first = foot + y + layout.names[i].count("\n") * LINE / 2
            x = layout.left + layout.across + 0.1
            _write(canvas, x, first, layout.names[i], color=colours[i], **bold)
        return
    y = layout.height - TOP - LINE / 2
    for i in sorted(range(len(ends)), key=lambda i: -ends[i]):
        stroke: dict[str, Any] = {"color": colours[i], "linewidth": 2.5}
        ends_of_it = ([0.03, 0.2], [y, y])
        canvas.add_artist(Line2D(*ends_of_it, transform=canvas.dpi_scale_trans, **stroke))
        _write(canvas, 0.28, y, layout.names[i], color=colours[i], **bold)
        y -= LINE * (layout.names[i].count("\n") + 1)


def _risk_table(figure: Figure, canvas: Canvas, axes: Axes, words: Words, layout: Layout) -> None:
    """Write the customers at risk under each tick: those observed in the unit that ends there."""
    y = layout.below - 0.1
    _write(canvas, 0.02, y, words.ui("figure.at_risk"), color=GREY, fontsize=SMALL)
    for line, colour in zip(figure.lines, _colours(figure.lines), strict=True):
        y -= LINE
        if line.label is not None:
            _write(canvas, 0.02, y, words.text(line.label), color=colour, fontsize=TINY)
        y -= LINE * layout.stacked
        counts = line.curve.at_risk
        for tick in layout.ticks:
            at = max(tick - 1, 0)
            if at < len(counts):
                text = decimal(float(counts[at]), 0, words.locale)
                x = axes.transData.transform((tick, 0))[0] / canvas.dpi
                _write(canvas, x, y, text, ha="center", color=INK, fontsize=TINY)
