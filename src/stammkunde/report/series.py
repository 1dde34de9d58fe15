"""Estimates over calendar time, with intervals, price rises and the value of "no difference"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import numpy as np
from babel.dates import format_date
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FixedLocator

from stammkunde.chapters.exhibit import Figure
from stammkunde.errors import RenderError
from stammkunde.report.frame import panel
from stammkunde.report.layout import LAST_AXIS, LEAST_LEFT, PLOT, TOP
from stammkunde.report.marks import Marks, draw_marks, place_marks
from stammkunde.report.palette import ACCENT, GREY
from stammkunde.report.style import LINE, NARROW, WIDTH, inches, measure_axis, shares
from stammkunde.report.words import Words

RIGHT, SIZE, GAP = 0.2, 9.5, 0.14
CROWDED = 0.045
STEPS = (1, 3, 12, 24, 60, 120)
Drawn = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def draw_series(figure: Figure, words: Words, narrow: bool) -> Canvas:
    """Return a canvas with a dot and an interval per time, or a line and its band if crowded.

    A point without a value is a gap. RenderError where none has one, or a mark is not a day.
    """
    places = _known(figure)
    width = NARROW if narrow else WIDTH
    across = width - LEAST_LEFT - RIGHT
    days = [point.at.toordinal() for point in figure.points]
    pad = max(0.02 * (max(days) - min(days)), 15)
    limits = (min(days) - pad, max(days) + pad)
    marks = _marks(figure, words, limits, width, across)
    ticks, names = _calendar(limits, across, words.locale)
    rows = 1 + max(name.count("\n") for name in names)
    foot = LAST_AXIS + marks.below + LINE * (rows - 1)
    box = (LEAST_LEFT, foot, across, PLOT)
    height = foot + PLOT + TOP + marks.above
    canvas, axes = panel(width, height, box, words.text(figure.y))
    axes.set_xlim(*limits)
    axes.set_ylim(*_heights(places, figure.reference))
    _points(axes, places, figure, across / (limits[1] - limits[0]), narrow)
    measure_axis(axes, words, share=shares(p.estimate for p in figure.points), vertical=True)
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.set_xticks(ticks, names)
    axes.set_xlabel(words.text(figure.x), loc="left")
    axes.grid(axis="y")
    draw_marks(canvas, marks, foot, foot + PLOT)
    return canvas


def _known(figure: Figure) -> Drawn:
    """Return day, value, low and high of each point; nan where there is none."""
    rows = []
    for point in figure.points:
        e = point.estimate
        value = np.nan if e.value is None else e.value
        low, high = (value if limit is None else limit for limit in (e.low, e.high))
        rows.append((point.at.toordinal(), value, low, high))
    rows.sort()
    x, value, low, high = np.asarray(rows, float).T
    if not np.isfinite(value).any():
        raise RenderError(
            "A series without any value cannot be drawn",
            where=figure.id,
            remedy="Leave the picture out, or show its table alone.",
        )
    return x, value, low, high


def _heights(places: Drawn, reference: float | None) -> tuple[float, float]:
    """Return the limits of the y axis: from 0, and no further than a wide interval deserves."""
    _, value, low, high = places
    marked = [] if reference is None else [reference]
    most, least = max([np.nanmax(value), *marked]), min([np.nanmin(value), *marked, 0.0])
    top = min(np.nanmax(high), most + 1.5 * (most - least))
    bottom = max(np.nanmin(low), least - 1.5 * (most - least))
    top, bottom = max(top, most, 0.0), min(bottom, least)
    room = 0.05 * (top - bottom) or 1.0
    return (bottom - room if bottom < 0 else 0.0), top + room


def _points(axes: Axes, places: Drawn, figure: Figure, scale: float, narrow: bool) -> None:
    """Draw the estimates; `scale` is inches per day."""
    x, value, low, high = places
    if figure.reference is not None:
        axes.axhline(figure.reference, color=GREY, linewidth=1.1, zorder=1)
    apart = float(np.min(np.diff(x))) * scale if len(x) > 1 else 1.0
    if apart < CROWDED:
        axes.fill_between(x, low, high, color=ACCENT, alpha=0.18, linewidth=0)
        axes.plot(x, value, color=ACCENT, linewidth=1.6)
        return
    axes.plot(x, value, color=ACCENT, linewidth=0.8, alpha=0.35)
    axes.vlines(x, low, high, color=ACCENT, alpha=0.45, linewidth=1.4)
    size = 2.8 if narrow or apart < 2 * CROWDED else 4.0
    axes.plot(x, value, "o", color=ACCENT, markersize=size, markeredgewidth=0)


def _marks(
    figure: Figure, words: Words, limits: tuple[float, float], width: float, across: float
) -> Marks:
    places, labels = [], []
    for mark in figure.marks:
        if not isinstance(mark.at, date):
            raise RenderError(
                "A mark in a series needs a day, not a tenure",
                where=figure.id,
                remedy="Give the mark the day on which it happened.",
            )
        at = mark.at.date() if isinstance(mark.at, datetime) else mark.at
        share = (at.toordinal() - limits[0]) / (limits[1] - limits[0])
        if 0 <= share <= 1:
            places.append(LEAST_LEFT + share * across)
            labels.append(words.text(mark.label))
    return place_marks(places, labels, width)


def _calendar(
    limits: tuple[float, float], across: float, locale: str
) -> tuple[list[int], list[str]]:
    """Return ticks and their names: months, quarters or years, as many as have room."""
    low, high = limits
    for step in STEPS:
        starts = _starts(low, high, step)
        names = [_name(day, step, locale) for day in starts]
        widest = max((inches(part, SIZE) for n in names for part in n.split("\n")), default=0.0)
        room = across * 30.4 * step / (high - low)
        if len(starts) >= 1 and widest + GAP <= room:
            break
    shown = [name if i or step >= 12 else _first(day, name) for i, (day, name) in
             enumerate(zip(starts, names, strict=True))]  # fmt: skip
    return [day.toordinal() for day in starts], shown


def _starts(low: float, high: float, step: int) -> Sequence[date]:
    """Return the first days of the periods of `step` months within the limits."""
    first, last = date.fromordinal(int(np.ceil(low))), date.fromordinal(int(high))
    months = range(first.year * 12, last.year * 12 + 12)
    days = [date(m // 12, m % 12 + 1, 1) for m in months if m % step == 0]
    return [day for day in days if low <= day.toordinal() <= high]


def _name(day: date, step: int, locale: str) -> str:
    """Return a tick's name: a year, or a month or quarter with its year below each January."""
    if step >= 12:
        return str(day.year)
    name = format_date(day, "LLL" if step == 1 else "QQQ", locale=locale)
    return f"{name}\n{day.year}" if day.month == 1 else name


def _first(day: date, name: str) -> str:
    return name if "\n" in name else f"{name}\n{day.year}"
