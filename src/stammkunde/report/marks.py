"""Thin upright lines with small labels: contract events, price rises; no label touches another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D

from stammkunde.errors import RenderError
from stammkunde.report.palette import GREY, INK
from stammkunde.report.style import LINE, SMALL, TINY, inches, spread, wrapped, write

ROW, MOST_ROWS, MOST, APART, EDGE, FLAG = 0.17, 3, 20, 0.06, 0.03, 0.04
LETTERS = "abcdefghijklmnopqrst"


@dataclass(frozen=True, kw_only=True)
class Marks:
    """Where the marks of a picture go, in inches from its left edge; `rows` count upwards.

    `texts` stand at `starts` above the lines at `at`; `key` holds the lines below the picture that
    say what the letters mean, where the labels had no room.
    """

    at: tuple[float, ...] = ()
    texts: tuple[str, ...] = ()
    starts: tuple[float, ...] = ()
    rows: tuple[int, ...] = ()
    key: tuple[str, ...] = ()

    @property
    def above(self) -> float:
        """Return the height of the labels above the plot."""
        return ROW * (max(self.rows) + 1) + 0.04 if self.rows else 0.0

    @property
    def below(self) -> float:
        """Return the height of the key below the picture."""
        return LINE * len(self.key) + 0.08 if self.key else 0.0


def place_marks(places: Sequence[float], labels: Sequence[str], width: float) -> Marks:
    """Return where marks and labels go in a picture `width` inches wide, from left to right.

    Labels stand in up to three rows. Where that is not enough, letters take their place and a key
    explains them. Marks at one place share a label. RenderError for more than 20 marks.
    """
    together: dict[float, list[str]] = {}
    for place, label in sorted(zip(places, labels, strict=True)):
        together.setdefault(place, []).append(label)
    if len(together) > MOST:
        raise RenderError(
            f"{len(together)} marks in one picture cannot be told apart",
            remedy=f"Mark at most {MOST}: those that the text speaks of.",
        )
    at, names = tuple(together), tuple(", ".join(found) for found in together.values())
    widths = [inches(name, TINY) for name in names]
    starts = tuple(
        max(EDGE, min(x + FLAG, width - EDGE - w)) for x, w in zip(at, widths, strict=True)
    )
    rows = _rows(at, starts, widths) if max(widths, default=0.0) < width - 2 * EDGE else None
    if rows is not None:
        return Marks(at=at, texts=names, starts=starts, rows=rows)
    return _lettered(at, names, width)


def draw_marks(canvas: Canvas, marks: Marks, bottom: float, top: float) -> None:
    """Draw the lines from the plot's `bottom` to their labels above its `top`, and the key."""
    for x, text, start, row in zip(marks.at, marks.texts, marks.starts, marks.rows, strict=True):
        y = top + ROW * row + ROW / 2
        ends = ([x, x], [bottom, y + 0.06 if start > x else y - 0.07])
        thin = Line2D(*ends, transform=canvas.dpi_scale_trans, color=GREY, linewidth=0.6, zorder=0)
        canvas.add_artist(thin)
        write(canvas, start, y, text, color=INK, fontsize=TINY)
    for i, text in enumerate(reversed(marks.key)):
        write(canvas, EDGE, LINE * (i + 0.5) + 0.06, text, color=GREY, fontsize=SMALL)


def _rows(
    at: Sequence[float], starts: Sequence[float], widths: Sequence[float]
) -> tuple[int, ...] | None:
    """Return the row of each label, or None where three rows are not enough.

    A label stands higher than every mark below it, so that no line runs through a text.
    """
    ends = [start + w for start, w in zip(starts, widths, strict=True)]
    rows = [0] * len(at)
    for i in reversed(range(len(at))):
        covered = [rows[j] for j in range(i + 1, len(at)) if at[j] < ends[i] + APART]
        rows[i] = max(covered, default=-1) + 1
    for i, j in combinations(range(len(at)), 2):
        touch = starts[i] < ends[j] + APART and starts[j] < ends[i] + APART
        if touch and rows[i] == rows[j]:
            return None
        # the line of the higher of two labels must not run through the lower one
        low, high = (i, j) if rows[i] < rows[j] else (j, i)
        if rows[low] < rows[high] and starts[low] - 0.02 < at[high] < ends[low] + 0.02:
            return None
    return tuple(rows) if max(rows, default=0) < MOST_ROWS else None


def _lettered(at: tuple[float, ...], names: tuple[str, ...], width: float) -> Marks:
    letters = tuple(LETTERS[: len(at)])
    middles = spread(list(at), 0.13, EDGE + 0.05, width - EDGE - 0.05)
    starts = tuple(m - inches(s, TINY) / 2 for m, s in zip(middles, letters, strict=True))
    bound = [f"{s}\u00a0{name}" for s, name in zip(letters, names, strict=True)]
    key = wrapped("\u00a0· ".join(bound), width - 2 * EDGE, SMALL)
    return Marks(at=at, texts=letters, starts=starts, rows=(0,) * len(at), key=tuple(key))
