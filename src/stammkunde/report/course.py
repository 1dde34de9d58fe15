"""How far policies are ahead of the comparator as value adds up: a line with a band for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter

from stammkunde.chapters.exhibit import Figure, Way
from stammkunde.errors import RenderError
from stammkunde.report.formats import decimal
from stammkunde.report.frame import name_lines, panel
from stammkunde.report.layout import LEAST_LEFT, TOP, Layout, tick_step
from stammkunde.report.marks import draw_marks, place_marks
from stammkunde.report.palette import GREY, LINES
from stammkunde.report.style import (
    LINE,
    NARROW,
    SMALL,
    WIDTH,
    inches,
    measure_axis,
    wrapped,
    write,
)
from stammkunde.report.sums import Scale, named, scale_of, told
from stammkunde.report.words import Words

PLOT, APART, LEADS, OTHERS, EDGE = 2.9, 0.06, 0.2, 0.07, 0.45
THICK, THIN, MOST_NAME, FAR = 2.4, 1.5, 1.75, 0.06


@dataclass(frozen=True, kw_only=True)
class Course:
    """The ways of a picture from month 0 on, arrays [H + 1] in the size of `scale`."""

    ways: tuple[Way, ...]
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    scale: Scale

    @property
    def inks(self) -> list[str]:
        """Return the colour of each way: the accent for the leader, grey for the comparator."""
        others = iter(LINES[1:] * len(self.ways))
        return [LINES[0] if w.leads else GREY if is_zero(w) else next(others) for w in self.ways]


def draw_course(figure: Figure, words: Words, narrow: bool) -> Canvas:
    """Return a canvas with a line and a band per policy; the comparator is the line at 0.

    The leader is emphasised. Rings show where lines cross at a mark. RenderError for ways of
    different lengths, and for a mark that is a day.
    """
    found = _read(figure)
    layout = _layout(figure, found, words, narrow)
    box = (layout.left, layout.foot, layout.across, layout.plot)
    name = named(found.scale, words.text(figure.y), words)
    canvas, axes = panel(layout.width, layout.height, box, name)
    last = found.value.shape[1] - 1
    axes.set_xlim(0, last * 1.005)
    axes.set_ylim(*_limits(found))
    axes.xaxis.set_major_locator(FixedLocator(layout.ticks))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: decimal(float(x), 0, words.locale)))
    measure_axis(axes, words, share=False, vertical=True, most=6)
    axes.set_xlabel(words.text(figure.x), loc="left")
    axes.grid(axis="y")
    draw_marks(canvas, layout.marks, layout.foot, layout.foot + layout.plot)
    inks = found.inks
    _lines(axes, found, inks)
    _rings(axes, found, [float(m.at) for m in figure.marks if not isinstance(m.at, date)])
    ends = [float(v) for v in found.value[:, -1]]
    if narrow:
        name_lines(canvas, axes, ends, layout, inks)
    else:
        _name_ends(canvas, axes, ends, layout, inks)
    return canvas


def is_zero(way: Way) -> bool:
    """Return whether a way is the comparator's own: 0 throughout."""
    return not (np.any(way.value) or np.any(way.low) or np.any(way.high))


def _read(figure: Figure) -> Course:
    ways = tuple(figure.ways)
    if len({len(part) for w in ways for part in (w.value, w.low, w.high)}) != 1:
        raise RenderError(
            "The policies of the picture do not go equally far",
            where=figure.id,
            remedy="Give each policy a value and two limits for every month.",
        )
    every = [float(x) for w in ways for part in (w.value, w.low, w.high) for x in part]
    scale = scale_of(every, figure.unit)

    def whole(parts: Sequence[Sequence[float]]) -> np.ndarray:
        given = np.asarray(parts, float) / scale.by
        return np.concatenate([np.zeros((len(given), 1)), given], axis=1)

    return Course(
        ways=ways,
        value=whole([w.value for w in ways]),
        low=whole([w.low for w in ways]),
        high=whole([w.high for w in ways]),
        scale=scale,
    )


def _limits(found: Course) -> tuple[float, float]:
    low, high = float(found.low.min()), float(found.high.max())
    room = 0.03 * (high - low) or 1.0
    return low - room, high + room


def _lines(axes: Axes, found: Course, inks: Sequence[str]) -> None:
    """Draw bands, then lines; the leader's last."""
    months = np.arange(found.value.shape[1])
    order = sorted(range(len(found.ways)), key=lambda i: found.ways[i].leads)
    for i in order:
        light = LEADS if found.ways[i].leads else OTHERS
        if not is_zero(found.ways[i]):
            axes.fill_between(
                months,
                found.low[i],
                found.high[i],
                facecolor=to_rgba(inks[i], light),
                edgecolor=to_rgba(inks[i], EDGE),
                linewidth=0.6,
            )
    for i in order:
        thick = THICK if found.ways[i].leads else THIN
        axes.plot(months, found.value[i], color=inks[i], linewidth=thick)


def _rings(axes: Axes, found: Course, marked: Sequence[float]) -> None:
    """Draw a ring where two lines change their order in a month that is marked."""
    for at in marked:
        month = round(at)
        if not 0 < month < found.value.shape[1]:
            continue
        for a, b in combinations(range(len(found.ways)), 2):
            apart = found.value[a] - found.value[b]
            if month > 1 and apart[month - 1] * apart[month] < 0:
                height = (found.value[a][month] + found.value[b][month]) / 2
                axes.plot([month], [height], "o", markersize=7, markerfacecolor="white",
                          markeredgecolor=GREY, markeredgewidth=1.3)  # fmt: skip


def _name_ends(
    canvas: Canvas, axes: Axes, ends: Sequence[float], layout: Layout, inks: Sequence[str]
) -> None:
    """Write each name at the end of its line; a thin rule leads to one that had to move."""
    bottom, top = axes.get_ylim()
    wanted = [(end - bottom) / (top - bottom) * layout.plot for end in ends]
    tall = [LINE * (name.count("\n") + 1) + APART for name in layout.names]
    x = layout.left + layout.across
    for i, y in enumerate(stacked(wanted, tall, layout.plot)):
        middle = layout.foot + y
        first = middle + (tall[i] - APART - LINE) / 2
        write(canvas, x + 0.16, first, layout.names[i], color=inks[i], fontweight=600)
        if abs(y - wanted[i]) > FAR:
            ends_at = ([x + 0.01, x + 0.13], [layout.foot + wanted[i], middle])
            rule = Line2D(*ends_at, transform=canvas.dpi_scale_trans, color=inks[i], linewidth=0.8)
            canvas.add_artist(rule)


def stacked(wanted: Sequence[float], tall: Sequence[float], room: float) -> list[float]:
    """Return middles as near to `wanted` as heights `tall` allow, in order, from 0 to `room`.

    As `spread`, for heights that differ: isotonic regression of the middles less what is below.
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    below, total = [0.0] * len(wanted), 0.0
    pools: list[tuple[float, int]] = []
    for i in order:
        below[i] = total + tall[i] / 2
        total += tall[i]
        pools.append((wanted[i] - below[i], 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (a, n), (b, m) = pools[-2:]
            pools[-2:] = [((a * n + b * m) / (n + m), n + m)]
    level = [min(max(x, 0.0), max(0.0, room - total)) for x, count in pools for _ in range(count)]
    places = dict(zip(order, level, strict=True))
    return [below[i] + places[i] for i in range(len(wanted))]


def _names(found: Course, words: Words, narrow: bool) -> tuple[str, ...]:
    """Return each way's name, wrapped, and what it comes to at the end."""
    most = NARROW - LEAST_LEFT if narrow else MOST_NAME
    names = []
    for way in found.ways:
        end = "" if is_zero(way) else told(found.scale, float(way.value[-1]), words)
        name = words.text(way.label)
        if narrow:
            listed = ", ".join(filter(None, (name, end)))
            names.append("\n".join(wrapped(listed, most, bold=True)))
        else:
            parts = [*wrapped(name, most, bold=True), *([end] if end else [])]
            names.append("\n".join(parts))
    return tuple(names)


def _layout(figure: Figure, found: Course, words: Words, narrow: bool) -> Layout:
    """Return the measures of the picture in inches; names stand beside the ends, or above."""
    width = NARROW if narrow else WIDTH
    names = _names(found, words, narrow)
    parts = [part for name in names for part in name.split("\n")]
    beside = 0.0 if narrow else max(inches(part, bold=True) for part in parts)
    ends = (decimal(x, 1, words.locale) for x in _limits(found))
    left = max(LEAST_LEFT, max(inches(end, SMALL) for end in ends) + 0.1)
    layout = Layout(
        width=width,
        left=left,
        right=0.2 + beside,
        above=TOP + (LINE * len(parts) + 0.1 if narrow else 0.0),
        plot=max(PLOT, 0.0 if narrow else LINE * len(parts) + APART * len(names)),
        below=0.08,
        names=names,
        beside=not narrow,
        apart=LINE,
        counted=(),
        stacked=False,
        ticks=(),
        marks=place_marks((), (), width),
    )
    marked = place_marks(*_marks(figure, found, words, layout), width)
    last = found.value.shape[1] - 1
    step = tick_step(last, max(1, int(layout.across / 0.5)), figure.x_ticks, "month")
    return replace(
        layout,
        marks=marked,
        above=layout.above + marked.above,
        below=layout.below + marked.below,
        ticks=tuple(range(0, last + 1, step)),
    )


def _marks(
    figure: Figure, found: Course, words: Words, layout: Layout
) -> tuple[list[float], list[str]]:
    last = found.value.shape[1] - 1
    places, labels = [], []
    for mark in figure.marks:
        if isinstance(mark.at, date):
            raise RenderError(
                "A mark on a course needs a month, not a day",
                where=figure.id,
                remedy="Give the mark the number of months since today.",
            )
        if 0 <= mark.at <= last:
            places.append(layout.left + mark.at / (last * 1.005) * layout.across)
            labels.append(words.text(mark.label))
    return places, labels
