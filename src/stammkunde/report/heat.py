"""Cohorts by tenure: one row per cohort, the darker the higher, with the value where it fits."""

from __future__ import annotations

from itertools import groupby

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.ticker import NullLocator

from stammkunde.chapters.exhibit import Figure, HeatCells
from stammkunde.errors import RenderError
from stammkunde.report.formats import decimal, percent
from stammkunde.report.frame import panel
from stammkunde.report.layout import AXIS, TOP
from stammkunde.report.palette import ACCENT, GREY
from stammkunde.report.style import (
    NARROW,
    SHARES,
    SMALL,
    TINY,
    WIDTH,
    inches,
    wrapped,
    write,
)
from stammkunde.report.words import Words

RAMP = LinearSegmentedColormap.from_list("ramp", ["#e4eef5", "#7fb0cc", ACCENT, "#06324b"])
LEVELS = 16
TALL, LOW, MOST_HEIGHT, TEXT_HIGH = 0.26, 0.05, 3.6, 0.17
MONTHS = (1, 2, 3, 4, 6, 12, 24, 36, 60)
DARK = 0.55
BLACK, WHITE = "#000000", "#ffffff"


def draw_heat(figure: Figure, words: Words, narrow: bool) -> Canvas:
    """Return a canvas with cohorts downwards and tenure to the right; what is not known is empty.

    The values stand in the cells where they have room, else a scale says what the shades mean.
    RenderError where rows, columns and values do not fit together or no value is known.
    """
    cells = _checked(figure)
    width = NARROW if narrow else WIDTH
    names = ["\n".join(wrapped(words.text(name), 1.3, SMALL)) for name in cells.rows]
    left = 0.16 + max(inches(part, SMALL) for name in names for part in name.split("\n"))
    across, right = width - left - 0.12, 0.12
    tall = max(LOW, min(TALL, MOST_HEIGHT / len(cells.rows)))
    texts = _texts(cells, words)
    widest = max(inches(text, TINY) for row in texts for text in row)
    fits = tall >= TEXT_HIGH and widest + 0.06 <= across / len(cells.columns)
    plot = tall * len(cells.rows)
    height = TOP + 0.02 + plot + AXIS
    canvas, axes = panel(width, height, (left, AXIS, across, plot), words.text(figure.y))
    axes.set_xlim(0, len(cells.columns))
    axes.set_ylim(len(cells.rows), 0)
    _shades(axes, cells)
    if fits:
        _values(axes, cells, texts)
    else:
        _scale(canvas, cells, words, (width - right, height - 0.1))
    _axes_names(axes, cells, names, tall, across)
    axes.set_xlabel(words.text(figure.x), loc="left")
    return canvas


def _checked(figure: Figure) -> HeatCells:
    cells = figure.cells
    size = [len(row) for row in cells.values] if cells else []
    if cells is None or size != [len(cells.columns)] * len(cells.rows):
        raise RenderError(
            "Rows, columns and values of the picture do not fit together",
            where=figure.id,
            remedy="Give one row of values per cohort, and in it one value (or None) per tenure.",
        )
    if not any(value is not None for row in cells.values for value in row):
        raise RenderError(
            "A picture of cohorts without any value cannot be drawn",
            where=figure.id,
            remedy="Leave the picture out, or show its table alone.",
        )
    return cells


def _texts(cells: HeatCells, words: Words) -> list[list[str]]:
    """Return the values as they stand in the cells: shares as percent without the sign."""
    shown = [value for row in cells.values for value in row if value is not None]
    if cells.unit in SHARES:
        digits = 0 if max(shown) >= 0.2 else 1
        write_one = lambda v: decimal(v * 100, digits, words.locale)  # noqa: E731
    else:
        write_one = lambda v: decimal(v, 1, words.locale)  # noqa: E731
    return [["" if v is None else write_one(v) for v in row] for row in cells.values]


def _range(cells: HeatCells) -> tuple[float, float]:
    known = [value for row in cells.values for value in row if value is not None]
    return min(known), max(known)


def _level(value: float, low: float, high: float) -> int:
    share = (value - low) / (high - low) if high > low else 1.0
    return min(LEVELS - 1, int(share * LEVELS))


def _shades(axes: Axes, cells: HeatCells) -> None:
    """Draw one shape per shade, so that thousands of cells remain a small picture."""
    low, high = _range(cells)
    paths: dict[int, list[Path]] = {}
    for r, row in enumerate(cells.values):
        levels = [None if v is None else _level(v, low, high) for v in row]
        start = 0
        for level, run in groupby(levels):
            stop = start + len(list(run))
            if level is not None:
                # a hair below its neighbour, so that no seam shines through
                end = stop + 0.03 * (stop < len(levels) and levels[stop] is not None)
                corners = [(start, r), (end, r), (end, r + 1), (start, r + 1), (start, r)]
                paths.setdefault(level, []).append(Path(corners, closed=True))
            start = stop
    for level in sorted(paths):
        shape = Path.make_compound_path(*paths[level])
        axes.add_patch(PathPatch(shape, facecolor=_colour(level), linewidth=0))
    for r in range(1, len(cells.rows)):
        axes.axhline(r, color="white", linewidth=0.8 if len(cells.rows) <= 24 else 0.3)


def _colour(level: int) -> str:
    return to_hex(RAMP(level / (LEVELS - 1)))


def _ink(level: int) -> str:
    """Return the colour of a number on a shade; on the middle ones only pure black is readable."""
    return WHITE if level / (LEVELS - 1) > DARK else BLACK


def _values(axes: Axes, cells: HeatCells, texts: list[list[str]]) -> None:
    low, high = _range(cells)
    for r, row in enumerate(cells.values):
        for c, value in enumerate(row):
            if value is not None:
                ink = _ink(_level(value, low, high))
                axes.text(c + 0.5, r + 0.5, texts[r][c], ha="center", va="center_baseline",
                          fontsize=TINY, color=ink)  # fmt: skip


def _scale(canvas: Canvas, cells: HeatCells, words: Words, corner: tuple[float, float]) -> None:
    """Draw the shades from the least to the greatest value, its right end at `corner`."""
    write_one = percent if cells.unit in SHARES else decimal
    digits = 0 if _range(cells)[1] >= (0.2 if cells.unit in SHARES else 20) else 1
    least, most = (write_one(v, digits, words.locale) for v in _range(cells))
    right, y = corner
    end = right - inches(most, SMALL) - 0.06
    step = 0.9 / LEVELS
    for i in range(LEVELS):
        place = (end - 0.9 + i * step, y - 0.05)
        canvas.add_artist(
            Rectangle(place, step * 1.05, 0.11, facecolor=_colour(i), linewidth=0,
                      transform=canvas.dpi_scale_trans)
        )  # fmt: skip
    write(canvas, right, y, most, ha="right", color=GREY, fontsize=SMALL)
    write(canvas, end - 0.96, y, least, ha="right", color=GREY, fontsize=SMALL)


def _axes_names(axes: Axes, cells: HeatCells, names: list[str], tall: float, across: float) -> None:
    """Name as many rows and columns as have room; columns at multiples where they are in a row."""
    rows = max(1, -(-16 // int(tall * 100)))
    axes.set_yticks([r + 0.5 for r in range(0, len(names), rows)], names[::rows])
    each = across / len(cells.columns)
    widest = inches(str(max(cells.columns)), SMALL) + 0.1
    step = next((s for s in MONTHS if s * each >= widest), len(cells.columns))
    even = list(cells.columns) == list(range(cells.columns[0], cells.columns[-1] + 1))
    at = [i for i, t in enumerate(cells.columns) if (t if even else i) % step == 0]
    axes.set_xticks([i + 0.5 for i in at], [str(cells.columns[i]) for i in at])
    axes.yaxis.set_minor_locator(NullLocator())
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(length=0)
