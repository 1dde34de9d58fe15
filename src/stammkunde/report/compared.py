"""Who is compared with whom at which tenure: an arm's time, in the usual way and in ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FixedLocator, FuncFormatter

from stammkunde.chapters.exhibit import Bar, Figure
from stammkunde.errors import RenderError
from stammkunde.report.formats import decimal
from stammkunde.report.hatch import strokes
from stammkunde.report.layout import tick_step
from stammkunde.report.palette import ACCENT, GREY, INK, WARM
from stammkunde.report.rows import (
    EDGE,
    PITCH,
    Box,
    Stage,
    head_height,
    headings,
    shade,
    stage,
    write_foot,
)
from stammkunde.report.style import NARROW, SMALL, TINY, WIDTH, inches, wrapped
from stammkunde.report.words import Words
from stammkunde.result import Sentence

BAR, STRIP, GAP, INNER = 0.25, 0.17, 0.16, 0.07
LABEL, SIDE, HATCH, TICK = 1.6, 0.15, 0.075, 0.5
KINDS = ("compared", "not_compared", "must_stay")
INKS = {"compared": ACCENT, "not_compared": GREY, "must_stay": WARM}
PALE = {"not_compared": 0.2, "must_stay": 0.08}


@dataclass(frozen=True, kw_only=True)
class Text:
    """What stands in or above a stretch: `inside`, or `level` strips above it (0 is the lowest)."""

    text: str
    x: float
    kind: str
    inside: bool = False
    level: int = 0


@dataclass(frozen=True, kw_only=True)
class Row:
    """An arm in one way of counting: its name, its heading (or none), its stretches and texts."""

    label: tuple[str, ...]
    head: str
    bars: tuple[Bar, ...]
    texts: tuple[Text, ...]
    beside: bool

    @property
    def strips(self) -> float:
        """Return the height of the texts above the stretches, in inches."""
        return STRIP * max((t.level + 1 for t in self.texts if not t.inside), default=0)

    @property
    def lead(self) -> float:
        """Return what is between the upper edge of the row and that of its stretches."""
        if self.beside:
            over = (PITCH * len(self.label) - BAR) / 2
            return head_height(self.head) + max(self.strips, over)
        return head_height(self.head) + PITCH * len(self.label) + self.strips

    @property
    def height(self) -> float:
        """Return the height of the row with the gap below it."""
        over = (PITCH * len(self.label) - BAR) / 2 if self.beside else 0.0
        return self.lead + BAR + max(over, 0.0) + GAP


def draw_compared(figure: Figure, words: Words, narrow: bool) -> Canvas:
    """Return a canvas with a row per arm and way of counting, and its stretches of tenure.

    A stretch in which the arm is compared is dark and says how many customers begin it, one before
    that light. Time that had to be survived to belong to the arm is hatched. RenderError for a
    stretch that ends where it begins.
    """
    _check(figure)
    width, side = (NARROW, SIDE) if narrow else (WIDTH, SIDE)
    names = [wrapped(words.text(b.label), LABEL, SMALL) for b in figure.bars]
    left = SIDE if narrow else 0.2 + max(inches(part, SMALL) for n in names for part in n)
    across, last = width - left - side, max(bar.stop for bar in figure.bars)
    rows = _rows(figure, words, (left, across / last), narrow)
    kinds = [kind for kind in KINDS if any(bar.kind == kind for bar in figure.bars)]
    said = [words.say(Sentence(f"picture.compared.{kind}")) for kind in kinds]
    box = (width, left, side, EDGE)
    shown = stage(box, sum(row.height for row in rows), words.text(figure.x), said)
    _axis(shown, figure, words, last)
    y = 0.0
    for row in rows:
        _draw(shown, row, y)
        y += row.height
    for (_, place), kind in zip(write_foot(shown), kinds, strict=True):
        _stretch(shown, place, kind)
    return shown.canvas


def _check(figure: Figure) -> None:
    if any(bar.stop <= bar.start for bar in figure.bars):
        raise RenderError(
            "A stretch of tenure ends where it begins",
            where=figure.id,
            remedy="Leave out stretches that last no time.",
        )


def _rows(figure: Figure, words: Words, scale: tuple[float, float], narrow: bool) -> list[Row]:
    """Return the rows, top first; `scale` is where tenure 0 stands, and the inches of a unit."""
    rows = []
    for head, label, bars in _arms(figure.bars, words, (NARROW if narrow else WIDTH) - 2 * EDGE):
        most = NARROW - 2 * SIDE if narrow else LABEL
        texts = _texts(bars, words, scale, (NARROW if narrow else WIDTH) - EDGE)
        name = tuple(wrapped(label, most, SMALL))
        rows.append(Row(label=name, head=head, bars=bars, texts=texts, beside=not narrow))
    return rows


def _arms(bars: Sequence[Bar], words: Words, most: float) -> list[tuple[str, str, tuple[Bar, ...]]]:
    """Return heading, name and stretches of each row."""
    named = lambda bar: (words.text(bar.group), words.text(bar.label))  # noqa: E731
    found = [(key, tuple(some)) for key, some in groupby(bars, named)]
    heads = headings((group for (group, _), _ in found), words, most)
    return [(head, key[1], some) for head, (key, some) in zip(heads, found, strict=True)]


def _texts(
    bars: Sequence[Bar], words: Words, scale: tuple[float, float], edge: float
) -> tuple[Text, ...]:
    """Return the texts of a row's stretches: inside where they fit, else above, none touching."""
    zero, unit = scale
    inside, above = [], []
    for bar in bars:
        x, room = zero + bar.start * unit, (bar.stop - bar.start) * unit - 2 * INNER
        fits, rest = _split(bar, words, room)
        if fits:
            inside.append(Text(text=fits, x=x + INNER, kind=bar.kind, inside=True))
        if rest:
            above.append((x, rest, bar.kind))
    return (*inside, *_stacked(above, zero, edge))


def _split(bar: Bar, words: Words, room: float) -> tuple[str, str]:
    """Return what is written inside a stretch and what above it."""
    says = words.text(bar.says)
    if bar.kind == "must_stay":
        return "", says
    if bar.kind == "not_compared":
        return (says, "") if inches(says, TINY) <= room else ("", says)
    count = words.say(Sentence("picture.compared.count", {"count": bar.count}))
    both = f"{count} · {says}" if says else count
    bare = decimal(float(bar.count), 0, words.locale)
    tried = ((both, ""), (count, says), (bare, says))
    return next((t for t in tried if inches(t[0], TINY, bold=True) <= room), ("", both))


def _stacked(above: Sequence[tuple[float, str, str]], zero: float, edge: float) -> list[Text]:
    """Return texts above stretches, each at its stretch as far as the picture's edge allows.

    One that would touch another stands in a higher strip.
    """
    placed: list[tuple[Text, float]] = []
    for wanted, text, kind in above:
        lines = wrapped(text, edge - zero, TINY)
        widths = [inches(line, TINY) for line in lines]
        x = max(zero, min(wanted, edge - max(widths)))
        end = x + max(widths) + INNER
        taken = {t.level for t, stop in placed if t.x < end and x < stop}
        first = max(taken, default=-1) + 1
        for i, line in enumerate(reversed(lines)):
            placed.append((Text(text=line, x=x, kind=kind, level=first + i), end))
    return [text for text, _ in placed]


def _axis(shown: Stage, figure: Figure, words: Words, last: float) -> None:
    axes = shown.axes
    axes.set_xlim(0, last)
    step = tick_step(int(last), max(1, int(shown.across / TICK)), figure.x_ticks, "month")
    axes.xaxis.set_major_locator(FixedLocator(range(0, int(last) + 1, step)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: decimal(float(x), 0, words.locale)))


def _draw(shown: Stage, row: Row, y: float) -> None:
    """Draw a row whose upper edge is at `y`."""
    if row.head:
        shown.write(EDGE, y + 0.15, row.head, color=GREY, fontsize=SMALL, fontweight=600)
    top = y + row.lead
    if row.beside:
        first = top + BAR / 2 - PITCH * (len(row.label) - 1) / 2
        name = "\n".join(row.label)
        shown.write(shown.left - 0.1, first, name, ha="right", color=INK, fontsize=SMALL)
    else:
        first = y + head_height(row.head) + PITCH / 2
        shown.write(shown.left, first, "\n".join(row.label), color=INK, fontsize=SMALL)
    for bar in row.bars:
        x = shown.place(bar.start)
        _stretch(shown, (x, top, shown.place(bar.stop) - x, BAR), bar.kind)
    for text in row.texts:
        if text.inside:
            ink = "white" if text.kind == "compared" else INK
            bold = 600 if text.kind == "compared" else 400
            middle = top + BAR / 2
            shown.write(text.x, middle, text.text, color=ink, fontsize=TINY, fontweight=bold)
        else:
            middle = top - STRIP * (text.level + 0.5) - 0.02
            shown.write(text.x, middle, text.text, color=INKS[text.kind], fontsize=TINY)


def _stretch(shown: Stage, box: Box, kind: str) -> None:
    """Draw a stretch of a kind: dark, light or hatched."""
    shade(shown, box, color=INKS[kind], alpha=PALE.get(kind, 1.0))
    if kind == "must_stay":
        _hatch(shown, box)


def _hatch(shown: Stage, box: Box) -> None:
    """Draw thin slanted lines within a box: left, upper edge, width and height in inches."""
    x, y, width, height = box
    foot = shown.height - shown.above - y - height
    where = shown.canvas.dpi_scale_trans
    lines = strokes([(x, foot, width, height)], "/", HATCH, ink=WARM, width=0.7, transform=where)
    if lines is not None:
        shown.canvas.add_artist(lines)
