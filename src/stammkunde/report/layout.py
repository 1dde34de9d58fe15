"""Where the parts of a picture of curves go, in inches: for paper and desk, or for a phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stammkunde.chapters.exhibit import Figure
from stammkunde.report.formats import decimal
from stammkunde.report.style import LINE, NARROW, WIDTH, inches, wrapped
from stammkunde.report.words import Words

PLOT, FLAT_PLOT, MANY = 1.9, 1.7, 3
TOP, AXIS = 0.26, 0.52
LEAST_LEFT = 0.62
LONG_NAME, NAME_END = 1.35, 1.6
SMALL, TINY = 9.5, 9.0


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The measures of a picture in inches; `plot` is the height of the curves' axes.

    `names` are the lines' names, wrapped, none where the lines have no name. They stand `beside`
    the ends of the lines or in a list above the plot. `stacked` puts each name above its counts.
    """

    width: float
    left: float
    right: float
    above: float
    plot: float
    below: float
    names: tuple[str, ...]
    beside: bool
    stacked: bool
    ticks: tuple[int, ...]

    @property
    def across(self) -> float:
        """Return the width of the plot."""
        return self.width - self.left - self.right

    @property
    def height(self) -> float:
        """Return the height of the whole picture."""
        return self.above + self.plot + AXIS + self.below


def curves_layout(figure: Figure, words: Words, narrow: bool) -> Layout:
    """Return the measures of a picture of curves, 6.4 inches wide or, if `narrow`, 3.7."""
    named = any(line.label is not None for line in figure.lines)
    texts = [words.text(line.label) for line in figure.lines] if named else []
    longest = max((inches(text, TINY) for text in texts), default=0.0)
    stacked = named and (narrow or longest > LONG_NAME)
    width = NARROW if narrow else WIDTH
    most = NARROW - LEAST_LEFT if narrow else NAME_END
    names = tuple("\n".join(wrapped(text, most, bold=True)) for text in texts)
    parts = [part for name in names for part in name.split("\n")]
    beside = max((inches(part, bold=True) for part in parts), default=0.0)
    left = max(LEAST_LEFT, 0.0 if stacked else longest + 0.34)
    right = 0.2 + (0.0 if narrow else beside)
    return Layout(
        width=width,
        left=left,
        right=right,
        above=TOP + (LINE * len(parts) + 0.1 if narrow and named else 0.0),
        plot=FLAT_PLOT if len(figure.lines) >= MANY else PLOT,
        below=LINE * (len(figure.lines) * (1 + stacked) + 1) + 0.1,
        names=names,
        beside=not narrow,
        stacked=stacked,
        ticks=_ticks(figure, words, width - left - right),
    )


def _ticks(figure: Figure, words: Words, across: float) -> tuple[int, ...]:
    """Return the ticks of the x axis, so far apart that the counts below them do not touch."""
    longest = max(min(line.curve.observed_to, len(line.curve.value) - 1) for line in figure.lines)
    counts = [float(max(line.curve.at_risk, default=0)) for line in figure.lines]
    widest = max(inches(decimal(count, 0, words.locale), TINY) for count in counts)
    most = min(9, max(1, int(across / (widest + 0.12))))
    unit = figure.lines[0].curve.unit
    step = _step(longest, most, figure.x_ticks, unit)
    return tuple(range(0, longest + 1, step))


def _step(longest: int, most: int, distance: int, unit: str) -> int:
    if distance:
        return distance * -(-longest // (distance * most)) or distance
    known = {"month": (1, 2, 3, 6, 12, 24, 36, 60), "day": (7, 14, 28, 30, 60, 90, 180, 365)}
    steps: Sequence[int] = known.get(unit, (1, 2, 4, 5, 10, 20, 26, 52))
    return next((s for s in steps if longest / s <= most), max(1, -(-longest // most)))
