"""How alike two arms are: the differences of every level before and after weighting."""

from __future__ import annotations

from itertools import accumulate
from math import isfinite
from typing import Any

from matplotlib.figure import Figure as Canvas

from stammkunde.chapters.exhibit import Balanced, Figure
from stammkunde.errors import RenderError
from stammkunde.report.palette import ACCENT, GREY, INK, RULE, WARM
from stammkunde.report.rows import (
    EDGE,
    PITCH,
    Stage,
    draw_grid,
    head_height,
    headings,
    stage,
    write_foot,
)
from stammkunde.report.style import (
    NARROW,
    SMALL,
    TINY,
    WIDTH,
    inches,
    measure_axis,
    wrapped,
)
from stammkunde.report.words import Words
from stammkunde.result import Sentence

MOST, ALIKE = 18, 0.1
ROW, NAMES, ABOVE, GAP, NEXT = 0.25, 0.2, 0.24, 0.06, 0.1


def draw_balance(figure: Figure, words: Words, narrow: bool) -> Canvas:
    """Return a canvas with a row per level: a ring before weighting, a dot after it, on one line.

    Within the grey band arms are held to be alike; a dot that stays outside of it is orange. Of
    more than 18 rows those are drawn that were most unlike before. RenderError where a difference
    is no number.
    """
    rows = _most_unlike(figure)
    width = NARROW if narrow else WIDTH
    labels = [wrapped(words.text(r.label), 1.45 if narrow else 2.6, SMALL) for r in rows]
    heads = headings((r.group for r in rows), words, width - 2 * EDGE)
    left = 0.22 + max(inches(part, SMALL) for label in labels for part in label)
    sizes = [max(ROW, PITCH * len(label) + GAP) for label in labels]
    above = [head_height(h) + NAMES * (i == 0) for i, h in enumerate(heads)]
    ends = list(accumulate(a + s for a, s in zip(above, sizes, strict=True)))
    shown = stage((width, left, 0.15, ABOVE), ends[-1] + GAP, words.text(figure.x))
    _scale(shown, rows, words)
    draw_grid(shown, _panels(ends, above))
    for row, label, head, end, size in zip(rows, labels, heads, ends, sizes, strict=True):
        y = end - size / 2
        first = y - PITCH * (len(label) - 1) / 2
        ink: dict[str, Any] = {"ha": "right", "color": INK, "fontsize": SMALL}
        shown.write(left - 0.1, first, "\n".join(label), **ink)
        _row(shown, y, row)
        if head:
            top = end - size - NAMES * (row is rows[0]) - head_height(head)
            shown.write(EDGE, top + 0.17, head, color=GREY, fontsize=SMALL, fontweight=600)
    _names(shown, ends[0] - sizes[0] - NAMES / 2 + 0.02, rows[0], words)
    write_foot(shown)
    return shown.canvas


def _most_unlike(figure: Figure) -> list[Balanced]:
    """Return the rows that are drawn, in their order."""
    every = list(figure.balanced)
    if not all(isfinite(row.before) and isfinite(row.after) for row in every):
        raise RenderError(
            "A difference between two arms is not a number",
            where=figure.id,
            remedy="Leave out the levels that nobody of either arm has.",
        )
    ranked = sorted(range(len(every)), key=lambda i: -abs(every[i].before))
    return [every[i] for i in sorted(ranked[:MOST])]


def _panels(ends: list[float], above: list[float]) -> list[tuple[float, float]]:
    """Return where the rows of each group begin and end; headings are between them."""
    tops = [end + lead for end, lead in zip([0.0, *ends], above, strict=False)]
    first = [i for i, lead in enumerate(above) if lead]
    last = [*(i - 1 for i in first[1:]), len(ends) - 1]
    return [(tops[i], ends[j]) for i, j in zip(first, last, strict=True)]


def _scale(shown: Stage, rows: list[Balanced], words: Words) -> None:
    """Set the axis, and draw the band within which arms are alike, with its name above it."""
    every = [x for row in rows for x in (row.before, row.after)]
    low, high = min([-1.2 * ALIKE, *every]), max([1.2 * ALIKE, *every])
    room = 0.05 * (high - low)
    axes = shown.axes
    axes.set_xlim(low - room, high + room)
    measure_axis(axes, words, share=False, vertical=False)
    axes.axvspan(-ALIKE, ALIKE, color=RULE, alpha=0.45, linewidth=0, zorder=0.4)
    said = words.say(Sentence("picture.balance.alike"))
    half = inches(said, TINY) / 2
    x = min(max(shown.place(0), EDGE + half), shown.width - EDGE - half)
    shown.write(x, -0.11, said, ha="center", color=GREY, fontsize=TINY)


def _row(shown: Stage, y: float, row: Balanced) -> None:
    axes, ink = shown.axes, _ink(row)
    axes.plot([row.before, row.after], [y, y], color=ink, linewidth=1.1, alpha=0.7)
    ring: dict[str, Any] = {
        "markerfacecolor": "white",
        "markeredgecolor": GREY,
        "markeredgewidth": 1.2,
    }
    axes.plot([row.before], [y], "o", markersize=7.4, **ring)
    axes.plot([row.after], [y], "o", color=ink, markersize=5.4, markeredgewidth=0)


def _ink(row: Balanced) -> str:
    return ACCENT if abs(row.after) <= ALIKE else WARM


def _names(shown: Stage, y: float, row: Balanced, words: Words) -> None:
    """Write above the dots of the topmost row which is which, side by side."""
    drawn = [(row.before, "before", GREY), (row.after, "after", _ink(row))]
    places = [
        (shown.place(at), words.say(Sentence(f"picture.balance.{name}")), ink)
        for at, name, ink in sorted(drawn, key=lambda d: d[0])
    ]
    (a, left, _), (b, right, _) = places
    widths = inches(left, SMALL), inches(right, SMALL)
    middle = (a + b) / 2
    first = max(EDGE, min(a, middle - GAP) + GAP - widths[0])
    second = max(max(b, middle + GAP) - GAP, first + widths[0] + NEXT)
    second = min(second, shown.width - EDGE - widths[1])
    starts = min(first, second - NEXT - widths[0]), second
    for x, (_, text, ink) in zip(starts, places, strict=True):
        shown.write(x, y, text, color=ink, fontsize=SMALL)
