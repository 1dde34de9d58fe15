"""What each assumption does to a difference: a bar from its low to its high point."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Rectangle

from stammkunde.chapters.exhibit import Figure, Swing
from stammkunde.report.hatch import strokes
from stammkunde.report.palette import ACCENT, INK, WARM
from stammkunde.report.rows import EDGE, PITCH, Box, Stage, draw_grid, shade, stage, write_foot
from stammkunde.report.style import (
    NARROW,
    SMALL,
    TINY,
    WIDTH,
    inches,
    measure_axis,
    wrapped,
    write,
)
from stammkunde.report.sums import Scale, named, scale_of, told
from stammkunde.report.words import Words
from stammkunde.result import Sentence

LABEL, MOST_END, GAP, SIDE = 2.2, 0.95, 0.1, 0.15
BAR, ROW, HEAD, HATCH = 0.2, 0.34, 0.3, 0.06
# behind a text that a line would run through
GROUND = {"facecolor": "white", "linewidth": 0, "pad": 0.6}
SMALLEST, ROUNDS = 0.004, 60


@dataclass(frozen=True, kw_only=True)
class Row:
    """A bar as it is written: its label, and the texts left and right of it, in lines.

    `top` and `middle` are inches down, `low` and `high` the ends of the bar in the picture's scale.
    """

    label: tuple[str, ...]
    left: tuple[str, ...]
    right: tuple[str, ...]
    low: float
    high: float
    turns: bool
    top: float = 0.0
    middle: float = 0.0
    height: float = 0.0


def draw_tornado(figure: Figure, words: Words, narrow: bool) -> Canvas:
    """Return a canvas with a bar per assumption, in the order given, and a line at the middle.

    The points of an assumption stand at the ends of its bar. Bars that cross zero, where the other
    policy becomes the better one, have another colour and are hatched.
    """
    swings = figure.swings
    every = [x for s in swings for x in (s.at_low, s.at_high)]
    scale = scale_of([*every, figure.middle], figure.unit)
    span = max([0.0, figure.middle, *every]) - min([0.0, figure.middle, *every])
    bare = [_row(s, scale, words, span, narrow) for s in swings]
    rows, left = _placed(bare, narrow)
    keys = [words.say(Sentence("picture.tornado.turns"))] if any(r.turns for r in rows) else []
    box = (NARROW if narrow else WIDTH, left, SIDE, HEAD)
    name = named(scale, words.text(figure.x), words)
    shown = stage(box, rows[-1].top + rows[-1].height, name, keys)
    middle = figure.middle / scale.by
    _limits(shown, rows, middle, words)
    for row in rows:
        _draw(shown, row, narrow)
    _middle(shown, rows, middle, told(scale, figure.middle, words))
    for _, where in write_foot(shown):
        shade(shown, where, color=WARM)
        _hatch(shown, where)
    return shown.canvas


def _row(swing: Swing, scale: Scale, words: Words, span: float, narrow: bool) -> Row:
    low, high = words.text(swing.low), words.text(swing.high)
    points = {"low": low, "high": high}
    ends = (swing.at_low / scale.by, swing.at_high / scale.by)
    left, right = (low, high) if ends[0] <= ends[1] else (high, low)
    if abs(swing.at_high - swing.at_low) <= SMALLEST * span:
        left, right = "", words.say(Sentence("picture.tornado.no_matter", points))
    most = NARROW - 2 * SIDE if narrow else LABEL
    label = words.text(swing.label)
    return Row(
        label=tuple(wrapped(label, most, SMALL)),
        left=tuple(wrapped(left, MOST_END, TINY)) if left else (),
        right=tuple(wrapped(right, MOST_END if left else 2 * MOST_END, TINY)),
        low=min(ends),
        high=max(ends),
        turns=swing.at_low * swing.at_high < 0,
    )


def _placed(bare: list[Row], narrow: bool) -> tuple[list[Row], float]:
    """Return the rows with their places, labels left or, if `narrow`, above; and what is left."""
    rows, top = [], 0.0
    for row in bare:
        ends = PITCH * max(len(row.left), len(row.right))
        names = PITCH * len(row.label)
        if narrow:
            height = names + max(ROW - 0.06, ends) + GAP
            middle = top + GAP / 2 + names + (height - names - GAP / 2) / 2
        else:
            height = max(ROW, names + GAP, ends + GAP)
            middle = top + height / 2
        rows.append(replace(row, top=top, middle=middle, height=height))
        top += height
    widest = max(inches(part, SMALL) for row in bare for part in row.label)
    return rows, SIDE if narrow else 0.25 + widest


def _limits(shown: Stage, rows: list[Row], middle: float, words: Words) -> None:
    """Set the axis so far that every bar has room, and the texts at its ends."""
    low = min([0.0, middle, *(r.low for r in rows)])
    high = max([0.0, middle, *(r.high for r in rows)])
    # a text takes room beyond the end of its own bar alone, and the more the wider the axis
    per = ((high - low) or 1.0) / shown.across
    for _ in range(ROUNDS):
        least = min([low, *(r.low - per * _beside(r.left) for r in rows)])
        most = max([high, *(r.high + per * _beside(r.right) for r in rows)])
        per = (most - least) / shown.across
    shown.axes.set_xlim(least, most)
    measure_axis(shown.axes, words, share=False, vertical=False, most=4)


def _beside(texts: tuple[str, ...]) -> float:
    return max((inches(text, TINY) for text in texts), default=0.0) + 0.12


def _draw(shown: Stage, row: Row, narrow: bool) -> None:
    top, tall = (row.middle - BAR / 2 - 0.03, BAR + 0.06) if narrow else (row.top, row.height)
    draw_grid(shown, [(top, top + tall)])
    ink = WARM if row.turns else ACCENT
    y = row.middle - BAR / 2
    shown.axes.add_patch(
        Rectangle((row.low, y), row.high - row.low, BAR, color=ink, linewidth=0, zorder=2)
    )
    if row.turns:
        start, stop = shown.place(row.low), shown.place(row.high)
        _hatch(shown, (start, y, stop - start, BAR))
    about: dict[str, Any] = {"color": INK, "fontsize": TINY, "bbox": GROUND}
    for texts, x, side in (
        (row.left, shown.place(row.low) - 0.06, "right"),
        (row.right, shown.place(row.high) + 0.06, "left"),
    ):
        first = row.middle - PITCH * (len(texts) - 1) / 2
        shown.write(x, first, "\n".join(texts), ha=side, **about)
    name: dict[str, Any] = {"color": INK, "fontsize": SMALL}
    if narrow:
        label = "\n".join(row.label)
        shown.write(SIDE, row.top + GAP / 2 + PITCH / 2, label, bbox=GROUND, **name)
    else:
        first = row.middle - PITCH * (len(row.label) - 1) / 2
        shown.write(shown.left - 0.1, first, "\n".join(row.label), ha="right", **name)


def _hatch(shown: Stage, box: Box) -> None:
    """Draw white lines within a box: left, upper edge, width and height, in inches downwards."""
    x, y, width, height = box
    foot = shown.height - shown.above - y - height
    where = shown.canvas.dpi_scale_trans
    lines = strokes([(x, foot, width, height)], "/", HATCH, ink="white", width=0.9,
                    transform=where, zorder=3)  # fmt: skip
    if lines is not None:
        shown.canvas.add_artist(lines)


def _middle(shown: Stage, rows: list[Row], at: float, text: str) -> None:
    """Draw the line at the middle, its number above the first row."""
    x, top = shown.place(at), shown.height - shown.above
    bottom = rows[-1].top + rows[-1].height
    shown.axes.plot([at, at], [0, bottom], color=INK, linewidth=1.1, linestyle=(0, (3, 2)),
                    zorder=4)  # fmt: skip
    half = inches(text, SMALL, bold=True) / 2
    x = min(max(x, EDGE + half), shown.width - EDGE - half)
    write(shown.canvas, x, top + 0.14, text, ha="center", color=INK, fontsize=SMALL,
          fontweight=600)  # fmt: skip
