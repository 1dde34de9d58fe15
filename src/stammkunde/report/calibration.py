"""Predicted against observed shares: on the diagonal the prediction was right."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D

from stammkunde.chapters.exhibit import Figure, Pair
from stammkunde.errors import RenderError
from stammkunde.report.frame import panel
from stammkunde.report.layout import LAST_AXIS, LEAST_LEFT, TOP
from stammkunde.report.palette import ACCENT, GREY, INK
from stammkunde.report.style import (
    LINE,
    NARROW,
    TINY,
    WIDTH,
    inches,
    measure_axis,
    shares,
    spread,
    wrapped,
    write,
)
from stammkunde.report.words import Words

SIDE, APART, LEAD, EDGE = 2.9, 0.17, 0.2, 0.03
LONG, LONG_NARROW = 2.4, 0.4
Names = list[tuple[Pair, str]]


def draw_calibration(figure: Figure, words: Words, narrow: bool) -> Canvas:
    """Return a canvas with the diagonal, and a dot and an interval per pair on equal axes.

    Names stand right of the plot; numbers and a list below it where names are long. RenderError for
    a pair whose observed share is not known.
    """
    low, high = _limits(figure)
    names = _names(figure, words)
    width = NARROW if narrow else WIDTH
    key = _key(names, width, LONG_NARROW if narrow else LONG)
    texts = [str(i + 1) for i in range(len(names))] if key else [name for _, name in names]
    widest = max((inches(text, TINY) for text in texts), default=0.0)
    side = min(width - LEAST_LEFT - LEAD - 2 * EDGE - widest, max(SIDE, APART * len(names)))
    foot = LAST_AXIS + (LINE * len(key) + 0.1 if key else 0.0)
    box = (LEAST_LEFT, foot, side, side)
    canvas, axes = panel(width, foot + side + TOP, box, words.text(figure.y))
    axes.set_xlim(low, high)
    axes.set_ylim(low, high)
    axes.plot([low, high], [low, high], color=GREY, linewidth=1, zorder=1)
    for pair in figure.pairs:
        _pair(axes, pair)
    for vertical in (False, True):
        kind = shares(pair.observed for pair in figure.pairs)
        measure_axis(axes, words, share=kind, vertical=vertical)
    axes.grid()
    axes.set_xlabel(words.text(figure.x), loc="left")
    _write_names(canvas, axes, [pair for pair, _ in names], texts)
    for i, row in enumerate(reversed(key)):
        write(canvas, EDGE, LINE * (i + 0.6), row, color=INK, fontsize=TINY)
    return canvas


def _limits(figure: Figure) -> tuple[float, float]:
    """Return the limits of both axes, which are the same, so that the diagonal is one."""
    every: list[float] = []
    for pair in figure.pairs:
        e = pair.observed
        if e.value is None:
            raise RenderError(
                "A pair without an observed share cannot be drawn",
                where=figure.id,
                remedy="Leave the pair out; its reason belongs into the table.",
            )
        every += [pair.predicted, *(v for v in (e.value, e.low, e.high) if v is not None)]
    low, high = min(every), max(every)
    low = 0.0 if 0 <= low < 0.4 * high else low
    room = 0.04 * (high - low) or 0.05
    return (low - room if low else 0.0), high + room


def _names(figure: Figure, words: Words) -> Names:
    """Return the pairs that have a name, and it, the highest observed share first."""
    named = [(pair, words.text(pair.label)) for pair in figure.pairs if pair.label is not None]
    return sorted(named, key=lambda found: (-(found[0].observed.value or 0), found[1]))


def _key(names: Names, width: float, most: float) -> list[str]:
    """Return the rows of the list that numbers the names, none where they are not wider than most.

    A row that goes on is set off from the numbers.
    """
    if max((inches(name, TINY) for _, name in names), default=0.0) <= most:
        return []
    rows: list[str] = []
    for i, (_, name) in enumerate(names):
        first, *others = wrapped(name, width - 2 * EDGE - 0.25, TINY)
        rows += [f"{i + 1}\u2002{first}", *(f"\u2003\u2002{other}" for other in others)]
    return rows


def _pair(axes: Axes, pair: Pair) -> None:
    e = pair.observed
    if e.low is not None and e.high is not None:
        axes.vlines([pair.predicted], e.low, e.high, color=ACCENT, alpha=0.45, linewidth=1.6)
    axes.plot(
        [pair.predicted], [e.value or 0.0], "o", color=ACCENT, markersize=5, markeredgewidth=0
    )


def _write_names(canvas: Canvas, axes: Axes, pairs: list[Pair], texts: list[str]) -> None:
    """Write each text where a hairline from its dot leaves the plot."""
    box, (width, height) = axes.get_position(), canvas.get_size_inches()
    foot, right, tall = box.y0 * height, box.x1 * width, box.height * height
    low, high = axes.get_ylim()
    heights = [((pair.observed.value or 0) - low) / (high - low) * tall for pair in pairs]
    for i, y in enumerate(spread(heights, APART, 0, tall)):
        start = right - (high - pairs[i].predicted) / (high - low) * tall + 0.05
        rule = ([start, right, right + LEAD - 0.04], [foot + h for h in (heights[i],) * 2 + (y,)])
        hair: dict[str, Any] = {"color": GREY, "linewidth": 0.5, "zorder": 0.5}
        canvas.add_artist(Line2D(*rule, transform=canvas.dpi_scale_trans, **hair))
        write(canvas, right + LEAD, foot + y, texts[i], color=INK, fontsize=TINY)
