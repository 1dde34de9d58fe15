"""A count that adds up over time: what came, and what was expected, fitted and then foretold."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import count, takewhile

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FixedLocator, FuncFormatter

from stammkunde.chapters.exhibit import Figure, Track
from stammkunde.errors import RenderError
from stammkunde.report.formats import decimal
from stammkunde.report.frame import colours, name_lines, panel
from stammkunde.report.layout import LEAST_LEFT, NAME_END, TALL_PLOT, TOP, Layout
from stammkunde.report.marks import draw_marks, place_marks
from stammkunde.report.style import (
    LINE,
    NARROW,
    SMALL,
    WIDTH,
    inches,
    measure_axis,
    wrapped,
)
from stammkunde.report.words import Words

DASHED, LIGHT, PALE = (3.2, 1.6), 0.2, 0.1
BESIDE = 0.05


def draw_track(figure: Figure, words: Words, narrow: bool) -> Canvas:
    """Return a canvas with what came as a line, and what was expected as a line with its band.

    Beyond the time up to which it was fitted, what was expected is dashed and paler. RenderError
    for a mark that is a day.
    """
    track = figure.track
    assert track is not None
    top = float(max(np.max(track.observed), np.max(track.high)))
    layout = _layout(figure, track, words, narrow, top)
    box = (layout.left, layout.foot, layout.across, layout.plot)
    canvas, axes = panel(layout.width, layout.height, box, words.text(figure.y))
    axes.set_xlim(*_limits(track))
    axes.set_ylim(0, 1.04 * top or 1.0)
    axes.xaxis.set_major_locator(FixedLocator(layout.ticks))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: decimal(float(x), 0, words.locale)))
    measure_axis(axes, words, share=False, vertical=True)
    axes.set_xlabel(words.text(figure.x), loc="left")
    axes.grid(axis="y")
    draw_marks(canvas, layout.marks, layout.foot, layout.foot + layout.plot)
    inks = colours(2)
    _lines(axes, track, inks)
    ends = (float(track.observed[-1]), float(track.expected[-1]))
    name_lines(canvas, axes, ends, layout, inks)
    return canvas


def _lines(axes: Axes, track: Track, inks: list[str]) -> None:
    at, low, high = (np.asarray(a, float) for a in (track.at, track.low, track.high))
    expected = np.asarray(track.expected, float)
    turn = float(np.interp(track.until, at, expected))
    for here, dashed in ((at <= track.until, False), (at >= track.until, True)):
        x, y = at[here], expected[here]
        axes.fill_between(
            x, low[here], high[here], color=inks[1], alpha=PALE if dashed else LIGHT, linewidth=0
        )
        # the turn may lie between two times
        x, y = (np.r_[track.until, x], np.r_[turn, y]) if dashed else (x, y)
        (drawn,) = axes.plot(x, y, color=inks[1], linewidth=1.8)
        if dashed:
            drawn.set_dashes(DASHED)
    axes.plot(at, np.asarray(track.observed, float), color=inks[0], linewidth=1.8)


def _limits(track: Track) -> tuple[float, float]:
    return float(track.at[0]), float(track.at[-1]) * 1.01


def _layout(figure: Figure, track: Track, words: Words, narrow: bool, top: float) -> Layout:
    """Return the measures of the picture in inches; names stand beside the ends, or above."""
    width = NARROW if narrow else WIDTH
    most = NARROW - LEAST_LEFT if narrow else NAME_END
    names = tuple("\n".join(wrapped(words.text(n), most, bold=True)) for n in track.names)
    parts = [part for name in names for part in name.split("\n")]
    beside = 0.0 if narrow else max(inches(part, bold=True) for part in parts)
    left = max(LEAST_LEFT, inches(decimal(top, 0, words.locale), SMALL) + 0.2)
    tall = max(name.count("\n") + 1 for name in names)
    layout = Layout(
        width=width,
        left=left,
        right=0.2 + beside,
        above=TOP + (LINE * len(parts) + 0.1 if narrow else 0.0),
        plot=TALL_PLOT,
        below=0.08,
        names=names,
        beside=not narrow,
        apart=tall * 0.175 + BESIDE,
        counted=(),
        stacked=False,
        ticks=(),
        marks=place_marks((), (), width),
    )
    marked = place_marks(*_marks(figure, track, words, layout), width)
    above, below = layout.above + marked.above, layout.below + marked.below
    ticks = _ticks(figure, track, layout.across)
    return replace(layout, marks=marked, above=above, below=below, ticks=ticks)


def _marks(
    figure: Figure, track: Track, words: Words, layout: Layout
) -> tuple[list[float], list[str]]:
    low, high = _limits(track)
    places, labels = [], []
    for mark in figure.marks:
        if isinstance(mark.at, date):
            raise RenderError(
                "A mark on a count over time needs a time, not a day",
                where=figure.id,
                remedy="Give the mark the number of units since the start.",
            )
        if low <= mark.at <= high:
            places.append(layout.left + (mark.at - low) / (high - low) * layout.across)
            labels.append(words.text(mark.label))
    return places, labels


def _ticks(figure: Figure, track: Track, across: float) -> tuple[int, ...]:
    """Return the ticks of the x axis: as far apart as asked, or doubled until they have room."""
    last, most = float(track.at[-1]), max(1, int(across / 0.5))
    asked = figure.x_ticks or 1
    steps = (asked * 2**n for n in count())
    step = asked * 2 ** len(list(takewhile(lambda s: last / s > most, steps)))
    return tuple(range(0, int(last) + 1, step))
