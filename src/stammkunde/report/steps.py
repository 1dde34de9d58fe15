"""From the usual number to the right one: a row per comparison, arrows from each to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Rectangle

from stammkunde.chapters.exhibit import Figure, StepRow
from stammkunde.report.palette import ACCENT, GREY, INK, PALE, RULE
from stammkunde.report.rows import EDGE, PITCH, Stage, draw_grid, numbers, shade, stage, write_foot
from stammkunde.report.style import (
    NARROW,
    SMALL,
    TINY,
    WIDTH,
    inches,
    measure_axis,
    shares,
    wrapped,
)
from stammkunde.report.words import Words, reason
from stammkunde.result import Estimate, Sentence

LABEL, SIDE, GAP = 2.3, 0.15, 0.1
DOT, STRIP, SHORT, HALF, RAISED = 0.36, 0.17, 0.16, 0.15, 0.1
HEAD = "-|>,head_length=0.3,head_width=0.13"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A comparison as it is written: `top` and `middle`, where its dot stands, are inches down.

    `number` is empty where `reason` says why there is none.
    """

    step: StepRow
    label: tuple[str, ...]
    says: tuple[str, ...]
    number: str
    reason: tuple[str, ...] = ()
    top: float = 0.0
    middle: float = 0.0
    height: float = 0.0

    @property
    def text(self) -> float:
        """Return the height of the name and of what is said below it."""
        return PITCH * len(self.label) + STRIP * len(self.says)


def draw_steps(figure: Figure, words: Words, narrow: bool) -> Canvas:
    """Return a canvas with a row per comparison, the usual one on top, the answer emphasised.

    Arrows lead from each number to the next; in the narrow picture they stand above the interval of
    the number they lead to. Differences within the grey band are too small to matter. A comparison
    that was refused says why in the place of its number, and no arrow leads there or from there.
    """
    width = NARROW if narrow else WIDTH
    left, right, rows = _below(figure, words) if narrow else _beside(figure, words)
    keys = [words.say(Sentence("picture.steps.band"))] if figure.band else []
    tall = rows[-1].top + rows[-1].height
    shown = stage((width, left, right, 0.04), tall, words.text(figure.x), keys)
    _scale(shown, figure, words)
    for row in rows:
        _behind(shown, row, figure, narrow)
        _write(shown, row, narrow)
        _estimate(shown, row)
    for before, row in pairwise(rows):
        _arrow(shown, before, row, narrow)
    for _, box in write_foot(shown):
        shade(shown, box, color=RULE)
    return shown.canvas


def _beside(figure: Figure, words: Words) -> tuple[float, float, list[Row]]:
    """Return what is left and right of the plot, and the rows: names left, numbers right."""
    bare = _bare(figure.steps, words, [LABEL] * len(figure.steps), LABEL)
    left = 0.25 + max(max(_label_width(row), _says_width(row)) for row in bare)
    widest = max(inches(row.number, bold=row.step.answer) for row in bare)
    right = SIDE + (widest + 0.1 if widest else 0.0)
    rows, top = [], 0.0
    for row in bare:
        told = _reason(row.step.estimate, words, WIDTH - left - 2 * SIDE)
        height = max(DOT, row.text, PITCH * len(told)) + GAP
        rows.append(replace(row, reason=told, top=top, middle=top + height / 2, height=height))
        top += height
    return left, right, rows


def _below(figure: Figure, words: Words) -> tuple[float, float, list[Row]]:
    """Return what is left and right of the plot, and the rows: each dot below its name."""
    across = NARROW - 2 * SIDE
    written = numbers([step.estimate for step in figure.steps], words)
    room = [
        across - inches(n, bold=s.answer) - 0.15 * bool(n)
        for n, s in zip(written, figure.steps, strict=True)
    ]
    rows, top = [], 0.0
    for row in _bare(figure.steps, words, room, across):
        told = _reason(row.step.estimate, words, across)
        plot = PITCH * len(told) or DOT
        height = row.text + plot + 1.4 * GAP
        middle = top + GAP / 2 + row.text + plot / 2
        rows.append(replace(row, reason=told, top=top, middle=middle, height=height))
        top += height
    return SIDE, SIDE, rows


def _bare(steps: Sequence[StepRow], words: Words, most: Sequence[float], says: float) -> list[Row]:
    """Return the rows with their texts wrapped; where they stand comes later."""
    written = numbers([step.estimate for step in steps], words)
    return [
        Row(
            step=step,
            label=tuple(wrapped(words.text(step.label), room, SMALL, bold=step.answer)),
            says=tuple(wrapped(words.text(step.says), says, TINY)) if step.says else (),
            number=number,
        )
        for step, number, room in zip(steps, written, most, strict=True)
    ]


def _reason(estimate: Estimate, words: Words, most: float) -> tuple[str, ...]:
    if estimate.value is not None:
        return ()
    return tuple(wrapped(reason(words, estimate), most, SMALL))


def _label_width(row: Row) -> float:
    return max(inches(part, SMALL, bold=row.step.answer) for part in row.label)


def _says_width(row: Row) -> float:
    return max((inches(part, TINY) for part in row.says), default=0.0)


def _scale(shown: Stage, figure: Figure, words: Words) -> None:
    """Set the axis so far that it holds zero, the band and every interval."""
    found = [s.estimate for s in figure.steps]
    known = [x for e in found for x in (e.value, e.low, e.high) if x is not None]
    every = [0.0, *(figure.band or ()), *known]
    low, high = min(every), max(every)
    room = 0.04 * (high - low) or 1.0
    shown.axes.set_xlim(low - room, high + room)
    measure_axis(shown.axes, words, share=shares(found), vertical=False)


def _behind(shown: Stage, row: Row, figure: Figure, narrow: bool) -> None:
    """Draw what is behind a dot: the answer's ground, the band and the line of no difference."""
    if row.step.answer:
        shade(shown, (0, row.top, shown.width, row.height), color=PALE, zorder=-1)
    if row.reason:
        return
    top, tall = (row.middle - HALF, 2 * HALF) if narrow else (row.top, row.height)
    if figure.band:
        start, stop = figure.band
        band = Rectangle((start, top), stop - start, tall, color=RULE, alpha=0.6, linewidth=0)
        band.set_zorder(0.4)
        shown.axes.add_patch(band)
    draw_grid(shown, [(top, top + tall)])


def _write(shown: Stage, row: Row, narrow: bool) -> None:
    bold = 600 if row.step.answer else 400
    ink = ACCENT if row.step.answer else INK
    name: dict[str, Any] = {"color": INK, "fontsize": SMALL, "fontweight": bold}
    x = SIDE if narrow else EDGE + 0.05
    top = row.top + GAP / 2 if narrow else row.middle - row.text / 2
    shown.write(x, top + PITCH / 2, "\n".join(row.label), **name)
    y = top + PITCH * len(row.label) + STRIP / 2 - 0.01
    for text in row.says:
        shown.write(x, y, text, color=GREY, fontsize=TINY)
        y += STRIP
    first = row.middle - PITCH * (len(row.reason) - 1) / 2
    shown.write(shown.left + 0.04 * (not narrow), first, "\n".join(row.reason), color=GREY,
                fontsize=SMALL, style="italic")  # fmt: skip
    if row.number:
        edge, level = (shown.width - SIDE, top + PITCH / 2) if narrow else (0.0, row.middle)
        place = edge or shown.left + shown.across + 0.12
        side = "right" if narrow else "left"
        shown.write(place, level, row.number, ha=side, color=ink, fontweight=bold)


def _estimate(shown: Stage, row: Row) -> None:
    e = row.step.estimate
    ink, size = (ACCENT, 8.0) if row.step.answer else (GREY, 6.0)
    if e.value is None:
        return
    if e.low is not None and e.high is not None:
        ends = [e.low, e.high]
        shown.axes.plot(ends, [row.middle] * 2, color=ink, linewidth=5, alpha=0.3)
    shown.axes.plot([e.value], [row.middle], "o", color=ink, markersize=size, markeredgewidth=0)


def _arrow(shown: Stage, before: Row, row: Row, narrow: bool) -> None:
    """Draw an arrow from a number to the next; above the next one's interval where `narrow`."""
    start, stop = before.step.estimate.value, row.step.estimate.value
    if start is None or stop is None:
        return
    thin: dict[str, Any] = {
        "arrowstyle": HEAD,
        "color": GREY,
        "linewidth": 0.9,
        "mutation_scale": 10,
    }
    if not narrow:
        thin |= {"shrinkA": 5, "shrinkB": 6}
        shown.axes.annotate("", (stop, row.middle), (start, before.middle), arrowprops=thin)
        return
    if abs(shown.place(start) - shown.place(stop)) >= SHORT:
        y = row.middle - RAISED
        thin |= {"shrinkA": 0, "shrinkB": 0}
        shown.axes.annotate("", (stop, y), (start, y), arrowprops=thin)
        shown.axes.plot([start], [y], "o", color=GREY, markersize=2.5, markeredgewidth=0)
