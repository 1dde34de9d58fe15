"""What pictures made of rows share: a stage in inches, headings, written numbers, a key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Rectangle

from stammkunde.chapters.exhibit import Name
from stammkunde.report.palette import GREY, RULE
from stammkunde.report.style import LINE, SMALL, inches, wrapped, write
from stammkunde.report.words import Words, form_of
from stammkunde.result import Estimate

HEAD, EDGE, PITCH, RAISED = 0.3, 0.05, 0.17, 0.025
# from here on nobody asks for cents
WHOLE = 100
TICKS, SWATCH, TALL, APART = 0.44, 0.3, 0.13, 0.26
Box = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A canvas and the axes of its rows; their y runs downwards in inches from the first row.

    `left`, `above` and `across` are where the axes stand and how wide they are; `texts` name the
    axis and `keys` what its shades mean, in the rows in which they stand below it.
    """

    canvas: Canvas
    axes: Axes
    left: float
    above: float
    across: float
    name: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]

    @property
    def width(self) -> float:
        """Return the width of the picture in inches."""
        return float(self.canvas.get_size_inches()[0])

    @property
    def height(self) -> float:
        """Return the height of the picture in inches."""
        return float(self.canvas.get_size_inches()[1])

    def write(self, x: float, y: float, text: str, **more: Any) -> None:
        """Write a text at inches from the left edge and downwards from the first row."""
        # the middle that matplotlib takes is a little above that of small letters
        first = self.height - self.above - y + RAISED
        for row, part in enumerate(text.split("\n")):
            write(self.canvas, x, first - row * PITCH, part, **more)

    def place(self, value: float) -> float:
        """Return where a value of the axis stands, in inches from the left edge."""
        low, high = self.axes.get_xlim()
        return self.left + (value - low) / (high - low) * self.across


def stage(box: Box, tall: float, name: str, keys: Sequence[str] = ()) -> Stage:
    """Return the stage of rows `tall` inches high in all.

    `box` is the width of the picture and what is left, right and above of the rows. `name` is that
    of the axis below them, `keys` the names of its shades.
    """
    width, left, right, above = box
    names = tuple(wrapped(name, width - 2 * EDGE, SMALL))
    rows = _flow(keys, width - 3 * EDGE)
    height = above + tall + TICKS + PITCH * len(names) + (LINE * len(rows) + 0.06) * bool(rows)
    canvas = Canvas(figsize=(width, height))
    across = width - left - right
    foot = height - above - tall
    axes = canvas.add_axes((left / width, foot / height, across / width, tall / height))
    axes.set_ylim(tall, 0)
    axes.set_yticks([])
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
    return Stage(
        canvas=canvas, axes=axes, left=left, above=above, across=across, name=names, keys=rows
    )


def write_foot(shown: Stage) -> Iterable[tuple[str, Box]]:
    """Write the name of the axis and of its shades; return the box of each shade, in inches."""
    bottom = shown.axes.get_ylim()[0]
    widest = max(inches(part, SMALL) for part in shown.name)
    x = max(EDGE, min(shown.left, shown.width - EDGE - widest))
    y = bottom + TICKS - 0.06
    shown.write(x, y, "\n".join(shown.name), color=GREY, fontsize=SMALL)
    y += PITCH * len(shown.name) + 0.06
    boxes = []
    widest = max(map(_row_width, shown.keys), default=0.0)
    x = shown.left if shown.left + widest <= shown.width - EDGE else 2 * EDGE
    for row in shown.keys:
        at = x
        for text in row:
            shown.write(at + SWATCH + 0.07, y, text, color=GREY, fontsize=SMALL)
            boxes.append((text, (at, y - TALL / 2, SWATCH, TALL)))
            at += _key_width(text)
        y += LINE
    return boxes


def draw_grid(shown: Stage, spans: Iterable[tuple[float, float]]) -> None:
    """Draw upright lines at the ticks, between each upper and lower edge (inches downwards)."""
    low, high = shown.axes.get_xlim()
    ticks = [t for t in shown.axes.get_xticks() if low <= t <= high]
    for top, bottom in spans:
        shown.axes.vlines(ticks, top, bottom, color=RULE, linewidth=0.7, zorder=0.6)
        shown.axes.plot([0, 0], [top, bottom], color=GREY, linewidth=1, zorder=1)


def shade(shown: Stage, box: Box, **more: Any) -> None:
    """Draw a rectangle without an edge: left, upper edge, width and height in inches."""
    x, y, width, height = box
    top = shown.height - shown.above - y
    patch = Rectangle(
        (x, top - height),
        width,
        height,
        linewidth=0,
        transform=shown.canvas.dpi_scale_trans,
        **more,
    )
    shown.canvas.add_artist(patch)


def headings(groups: Iterable[Name | None], words: Words, most: float) -> list[str]:
    """Return the heading above each row: that of its group where a new one begins, else nothing.

    It is wrapped to `most` inches.
    """
    names = [words.text(group) for group in groups]
    heads = [name if i == 0 or name != names[i - 1] else "" for i, name in enumerate(names)]
    return ["\n".join(wrapped(head, most, SMALL, bold=True)) for head in heads]


def head_height(head: str) -> float:
    """Return the height that a heading takes, in inches."""
    return (HEAD + PITCH * head.count("\n")) * bool(head)


def numbers(estimates: Sequence[Estimate], words: Words) -> list[str]:
    """Return the estimates as written; large amounts of money are whole, all of a picture alike."""
    whole = any(abs(e.value or 0.0) >= WHOLE for e in estimates)
    forms = ["money0" if whole and form_of(e.unit).startswith("money") else "" for e in estimates]
    return [
        words.cell(e, form) if e.value is not None else ""
        for e, form in zip(estimates, forms, strict=True)
    ]


def _flow(texts: Sequence[str], most: float) -> tuple[tuple[str, ...], ...]:
    """Return the names of shades in as few rows as have room for them."""
    rows: list[list[str]] = []
    for text in texts:
        if rows and _row_width([*rows[-1], text]) <= most:
            rows[-1].append(text)
        else:
            rows.append([text])
    return tuple(tuple(row) for row in rows)


def _row_width(row: Sequence[str]) -> float:
    return sum(map(_key_width, row)) - APART


def _key_width(text: str) -> float:
    return SWATCH + 0.07 + inches(text, SMALL) + APART
