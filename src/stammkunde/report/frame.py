"""What stands around curves: axes, names beside the lines, customers at risk, marks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter

from stammkunde.chapters.exhibit import Figure
from stammkunde.report.formats import decimal
from stammkunde.report.layout import TOP, Layout, tenure_limits
from stammkunde.report.marks import draw_marks
from stammkunde.report.palette import ACCENT, GREY, INK, LINES
from stammkunde.report.style import LINE, SMALL, TINY, spread, write
from stammkunde.report.words import Words

Box = tuple[float, float, float, float]
FAR = 0.06


def colours(count: int) -> list[str]:
    """Return the colours of so many lines: the accent for one, else told apart."""
    return [ACCENT] if count == 1 else [LINES[i % len(LINES)] for i in range(count)]


def panel(width: float, height: float, box: Box, name: str) -> tuple[Canvas, Axes]:
    """Return a canvas and its axes; `box` is left, foot, width and height of the plot in inches.

    `name` is that of the y axis; it stands level above it.
    """
    canvas = Canvas(figsize=(width, height))
    left, foot, across, plot = box
    axes = canvas.add_axes((left / width, foot / height, across / width, plot / height))
    write(canvas, 0.02, height - 0.1, name, color=GREY, fontsize=SMALL)
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
    return canvas, axes


def curves_frame(figure: Figure, words: Words, layout: Layout) -> tuple[Canvas, Axes]:
    """Return the canvas and the axes of curves over tenure, with marks; names come later."""
    box = (layout.left, layout.foot, layout.across, layout.plot)
    canvas, axes = panel(layout.width, layout.height, box, words.text(figure.y))
    axes.set_xlim(*tenure_limits(figure))
    axes.xaxis.set_major_locator(FixedLocator(layout.ticks))
    told = FuncFormatter(lambda x, _: decimal(float(x) + figure.x_from, 0, words.locale))
    axes.xaxis.set_major_formatter(told)
    axes.set_xlabel(words.text(figure.x), loc="left")
    axes.grid(axis="y")
    draw_marks(canvas, layout.marks, layout.foot, layout.foot + layout.plot)
    return canvas, axes


def name_lines(
    canvas: Canvas, axes: Axes, ends: Sequence[float], layout: Layout, inks: Sequence[str]
) -> None:
    """Write each line's name in its colour: at its end, or in a list above, the highest first.

    `ends` are the values at which the lines end. A thin rule leads to a name that had to move.
    """
    bold: dict[str, Any] = {"fontweight": 600}
    if not layout.names:
        return
    if not layout.beside:
        _list_names(canvas, ends, layout, inks)
        return
    bottom, top = axes.get_ylim()
    wanted = [(end - bottom) / (top - bottom) * layout.plot for end in ends]
    room = max(name.count("\n") for name in layout.names) * LINE / 2
    for i, y in enumerate(spread(wanted, layout.apart, room, layout.plot - room)):
        x, middle = layout.left + layout.across, layout.foot + y
        first = middle + layout.names[i].count("\n") * LINE / 2
        write(canvas, x + 0.12, first, layout.names[i], color=inks[i], **bold)
        if abs(y - wanted[i]) > FAR and layout.names[i]:
            rule = ([x + 0.01, x + 0.09], [layout.foot + wanted[i], middle])
            _stroke(canvas, *rule, color=inks[i], linewidth=0.8)


def risk_table(figure: Figure, canvas: Canvas, axes: Axes, words: Words, layout: Layout) -> None:
    """Write the customers at risk under each tick: those observed in the unit that ends there."""
    y = layout.below - 0.1
    write(canvas, 0.02, y, words.ui("figure.at_risk"), color=GREY, fontsize=SMALL)
    for line, colour in zip(layout.counted, colours(len(figure.lines)), strict=False):
        y -= LINE
        if line.label is not None and len(layout.counted) > 1:
            write(canvas, 0.02, y, words.text(line.label), color=colour, fontsize=TINY)
        y -= LINE * layout.stacked
        counts = line.curve.at_risk
        for tick in layout.ticks:
            at = max(tick - 1, 0)
            if at < len(counts):
                text = decimal(float(counts[at]), 0, words.locale)
                x = axes.transData.transform((tick, 0))[0] / canvas.dpi
                write(canvas, x, y, text, ha="center", color=INK, fontsize=TINY)


def _list_names(canvas: Canvas, ends: Sequence[float], layout: Layout, inks: Sequence[str]) -> None:
    y = layout.height - TOP - LINE / 2
    for i in sorted(range(len(ends)), key=lambda i: -ends[i]):
        if layout.names[i]:
            _stroke(canvas, [0.03, 0.2], [y, y], color=inks[i], linewidth=2.5)
            write(canvas, 0.28, y, layout.names[i], color=inks[i], fontweight=600)
            y -= LINE * (layout.names[i].count("\n") + 1)


def _stroke(canvas: Canvas, x: list[float], y: list[float], **more: Any) -> None:
    canvas.add_artist(Line2D(x, y, transform=canvas.dpi_scale_trans, **more))
