"""The house style of pictures: one accent, quiet axes, text as outlines of the bundled font.

Colours are told apart with any colour vision and reach a contrast of 4.5 : 1 on white, because the
label of a line is written in the line's colour.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.resources import as_file, files
from itertools import pairwise
from typing import Any

import matplotlib as mpl
import seaborn as sns
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
from matplotlib.ticker import FuncFormatter, MaxNLocator

from stammkunde.report.formats import decimal, percent
from stammkunde.report.palette import GREY, INK, RULE
from stammkunde.report.words import Words
from stammkunde.result import Estimate

FONT = "Source Sans 3"
WIDTH, NARROW = 6.4, 3.7
LINE = 0.2
SMALL, TINY = 9.5, 9.0
SHARES = ("share", "hazard")

RULES = {
    "font.family": FONT,
    "font.size": 10,
    "axes.edgecolor": GREY,
    "axes.labelcolor": GREY,
    "axes.labelsize": 9.5,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 9.5,
    "ytick.labelsize": 9.5,
    "xtick.major.size": 3,
    "ytick.major.size": 0,
    "grid.color": RULE,
    "grid.linewidth": 0.7,
    "lines.solid_capstyle": "butt",
    "path.simplify": False,
    "text.parse_math": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "stammkunde",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "axes.facecolor": "none",
}
NUMBER = re.compile(r"-?\d+\.\d+")
LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
PATH_DATA = re.compile(r' d="([^"]*)"')
COMMAND = re.compile(r"\s*([A-Za-z])\s*")
# outlines of letters: a unit is 1/6400 of the type's size
OUTLINE = re.compile(r' d="([^"]*)"(?=\s+transform="scale\(0\.015625\)")')
MOVED = re.compile(r"translate\([^)]*\)")
PROLOGUE = re.compile(r"^.*?(?=<svg )", re.DOTALL)
METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)


@lru_cache
def register_fonts() -> tuple[str, ...]:
    """Return the names of the bundled fonts, after making them known to matplotlib."""
    folder = files("stammkunde.report") / "fonts"
    faces = sorted((f for f in folder.iterdir() if f.name.endswith(".ttf")), key=lambda f: f.name)
    for face in faces:
        with as_file(face) as path:
            font_manager.fontManager.addfont(path)
    return tuple(f.name for f in faces)


@contextmanager
def house_style() -> Iterator[None]:
    """Yield with seaborn's and the house's settings on; the caller's come back afterwards."""
    register_fonts()
    with mpl.rc_context():
        mpl.rcdefaults()
        with sns.axes_style("ticks", rc=RULES):
            mpl.rcParams.update(RULES)
            yield


def svg(canvas: Canvas) -> str:
    """Return the canvas as SVG text: no date, no maker, coordinates to a hundredth of a point."""
    stream = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    canvas.savefig(stream, format="svg", metadata=nothing)
    text = METADATA.sub("", PROLOGUE.sub("", stream.getvalue()), count=1)
    text = OUTLINE.sub(lambda m: f' d="{NUMBER.sub(_whole, m[1])}"', text)
    text = PATH_DATA.sub(_path, text)
    text = MOVED.sub(lambda m: LONG_NUMBER.sub(_short, m[0]), text)
    return re.sub(r"\n\s*", "\n", text)


def _path(match: re.Match[str]) -> str:
    data = COMMAND.sub(r"\1", LONG_NUMBER.sub(_short, match[1]))
    return f' d="{data}"'


def _short(match: re.Match[str]) -> str:
    return f"{float(match[0]):.2f}".rstrip("0").rstrip(".")


def _whole(match: re.Match[str]) -> str:
    return f"{float(match[0]):.0f}"


@lru_cache(4096)
def inches(text: str, size: float = 10.0, bold: bool = False) -> float:
    """Return how wide a line of text is, in inches; `size` is in points."""
    if not text.strip():
        return 0.0
    register_fonts()
    face = FontProperties(family=FONT, weight=600 if bold else 400, size=size)
    return float(text_to_path.get_text_width_height_descent(text, face, False)[0]) / 72


def wrapped(text: str, most: float, size: float = 10.0, bold: bool = False) -> list[str]:
    """Return the lines of a text, none wider than `most` inches unless a single word is."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and inches(longer, size, bold) > most:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def write(canvas: Canvas, x: float, y: float, text: str, **more: Any) -> None:
    """Write a text at inches from the lower left corner, its first line's middle at `y`."""
    for row, part in enumerate(text.split("\n")):
        canvas.text(
            x, y - row * LINE, part, transform=canvas.dpi_scale_trans, va="center_baseline", **more
        )


def measure_axis(
    axes: Axes, words: Words, *, share: bool, vertical: bool, by: float = 1.0, most: int = 5
) -> None:
    """Put numbers of the reader's locale on an axis: percent for a share, else decimals.

    They are told `by` so many: 1000 for thousands. `most` is how many steps there are at most.
    """
    axis = axes.yaxis if vertical else axes.xaxis
    axis.set_major_locator(MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]))
    ticks = list(axis.get_major_locator()())
    step = min((b - a for a, b in pairwise(ticks)), default=1.0) / by
    digits = _digits(step * 100 if share else step)
    write = percent if share else decimal
    axis.set_major_formatter(FuncFormatter(lambda x, _: write(float(x) / by, digits, words.locale)))


def shares(estimates: Iterable[Estimate]) -> bool:
    """Return whether all estimates are shares, which are written as percent."""
    return all(estimate.unit in SHARES for estimate in estimates)


def _digits(step: float) -> int:
    return next((d for d in range(6) if abs(round(step, d) - step) < step * 1e-6), 6)


def spread(wanted: list[float], gap: float, low: float, high: float) -> list[float]:
    """Return positions as near to `wanted` as a distance of `gap` allows, in the same order.

    Neighbours that are too close move apart around their common middle (isotonic regression of the
    positions less their gaps); all stay within [low, high] where there is room.
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    pools: list[tuple[float, int]] = []
    for rank, i in enumerate(order):
        pools.append((wanted[i] - rank * gap, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (a, n), (b, m) = pools[-2:]
            pools[-2:] = [((a * n + b * m) / (n + m), n + m)]
    most = max(low, high - (len(wanted) - 1) * gap)
    level = [min(max(middle, low), most) for middle, count in pools for _ in range(count)]
    places = [0.0] * len(wanted)
    for rank, i in enumerate(order):
        places[i] = level[rank] + rank * gap
    return places
