"""Which policy is best over two assumptions: areas with their names in them, and where we are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from stammkunde.chapters.exhibit import Figure, Regions
from stammkunde.errors import RenderError
from stammkunde.report.areas import Box, Plan, Spot, label_of, plan_of, point_of, room_for
from stammkunde.report.frame import panel
from stammkunde.report.hatch import WAYS, strokes
from stammkunde.report.layout import AXIS, LEAST_LEFT, TOP
from stammkunde.report.palette import GREY, INK
from stammkunde.report.style import (
    LINE,
    NARROW,
    SHARES,
    SMALL,
    WIDTH,
    measure_axis,
    write,
)
from stammkunde.report.sums import named, scale_of
from stammkunde.report.words import Words
from stammkunde.result import Sentence

# light grounds on which ink is readable, the darker the later
GROUNDS = ("#dcebf4", "#f6dfcf", "#d3ebdd", "#e6dbe9", "#ece6c8", "#dfe2e6", "#f2d9e4", "#dcddf3")
LINES_ON = ("#8fb6cd", "#d3a27f", "#86bd9f", "#b496bb", "#bfb274", "#9aa3ad", "#cf94ae", "#9699cf")
LEFT, SIDE, TALL, GAP, KEY, THIN = LEAST_LEFT + 0.1, 0.2, 3.4, 0.1, 0.24, 0.7


def draw_regions(figure: Figure, words: Words, narrow: bool) -> Canvas:
    """Return a canvas with an area for each policy that is best somewhere, and today's point.

    Areas differ in shade and in hatching, and have their name in them; one too small for its name
    has it in a key below. RenderError where points and policies do not fit together.
    """
    given, width = _checked(figure), NARROW if narrow else WIDTH
    plan = plan_of(given, width - LEFT - SIDE, TALL)
    at = point_of(given, plan)
    here, taken = label_of(at, plan, words.say(Sentence("picture.regions.here")))
    names = {place: words.text(given.names[place]) for place in plan.known}
    spots = _spots(plan, names, taken)
    small = {place: name for place, name in names.items() if place not in spots}
    foot = AXIS + KEY * len(small) + 0.06 * bool(small)
    box = (LEFT, foot, width - LEFT - SIDE, TALL)
    y = _name(given, 1, words.text(figure.y), words)
    canvas, axes = panel(width, TOP + 0.02 + TALL + foot, box, y)
    axes.set_xlim(0, plan.right[-1])
    axes.set_ylim(0, TALL)
    # the plainest for the largest
    ways = {place: WAYS[i % len(WAYS)] for i, place in enumerate(plan.by_size)}
    for place in names:
        _area(axes, plan, place, ways[place])
    _edges(axes, plan)
    _ticks(axes, given, plan, words)
    axes.set_xlabel(_name(given, 0, words.text(figure.x), words), loc="left")
    for spot in spots.values():
        _write(canvas, foot, spot, bold=True)
    axes.plot([at[0]], [at[1]], "o", color=INK, markersize=8, markeredgecolor="white",
              markeredgewidth=1.5, zorder=6, clip_on=False)  # fmt: skip
    _write(canvas, foot, here, bold=False)
    _keys(canvas, small, ways, foot - AXIS)
    return canvas


def _spots(plan: Plan, names: Mapping[int, str], taken: Sequence[Box]) -> dict[int, Spot]:
    """Return where the names stand that have room within their area."""
    found: dict[int, Spot] = {}
    for place, name in names.items():
        spot = room_for(plan, place, name, taken)
        if spot is not None:
            found[place] = spot
            taken = [*taken, spot[0]]
    return found


def _checked(figure: Figure) -> Regions:
    given = figure.regions
    size = [len(column) for column in given.best] if given else []
    fits = given is not None and size == [len(given.up)] * len(given.across)
    if given is None or not fits or min(len(given.across), len(given.up)) < 2:
        raise RenderError(
            "Points and policies of the map do not fit together",
            where=figure.id,
            remedy="Give two points of each assumption at least, and a policy for each pair.",
        )
    return given


def _area(axes: Axes, plan: Plan, place: int, way: str) -> None:
    boxes = plan.boxes(place)
    corners = [
        Path([(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)], closed=True)
        for x, y, w, h in boxes
    ]
    ground, line = GROUNDS[place % len(GROUNDS)], LINES_ON[place % len(LINES_ON)]
    shape = Path.make_compound_path(*corners)
    axes.add_patch(PathPatch(shape, facecolor=ground, edgecolor=ground, linewidth=0.3))
    lines = strokes(boxes, way, GAP, ink=line, width=THIN)
    if lines is not None:
        axes.add_patch(lines)


def _edges(axes: Axes, plan: Plan) -> None:
    """Draw the lines at which another policy becomes the best."""
    best, x, y = plan.best, plan.right, plan.up
    parts = [
        [(x[a + 1], y[c]), (x[a + 1], y[c + 1])]
        for a, c in zip(*np.nonzero(best[1:] != best[:-1]), strict=True)
    ]
    parts += [
        [(x[a], y[c + 1]), (x[a + 1], y[c + 1])]
        for a, c in zip(*np.nonzero(best[:, 1:] != best[:, :-1]), strict=True)
    ]
    if parts:
        corners = [point for part in parts for point in part]
        shape = Path(corners, [Path.MOVETO, Path.LINETO] * len(parts))
        axes.add_patch(PathPatch(shape, facecolor="none", edgecolor=INK, linewidth=1.3,
                                 capstyle="projecting"))  # fmt: skip


def _name(given: Regions, axis: int, name: str, words: Words) -> str:
    points = (given.across, given.up)[axis]
    return named(scale_of(points, given.units[axis]), name, words)


def _ticks(axes: Axes, given: Regions, plan: Plan, words: Words) -> None:
    """Put the assumptions' own numbers on axes that are in inches."""
    for axis, points, edges, unit, vertical in (
        (axes.xaxis, given.across, plan.right, given.units[0], False),
        (axes.yaxis, given.up, plan.up, given.units[1], True),
    ):
        by = scale_of(points, unit).by
        low, high = points[0] / by, points[-1] / by
        side = axes.figure.add_axes((0, 0, 1, 1), visible=False)
        (side.set_ylim if vertical else side.set_xlim)(low, high)
        measure_axis(side, words, share=unit in SHARES, vertical=vertical)
        own = side.yaxis if vertical else side.xaxis
        ticks = [t for t in own.get_majorticklocs() if low - 1e-9 <= t <= high + 1e-9]
        told = own.get_major_formatter().format_ticks(ticks)
        axes.figure.delaxes(side)
        places = [(t - low) / (high - low) * float(edges[-1]) for t in ticks]
        axis.set_ticks(places, told)


def _write(canvas: Canvas, foot: float, spot: Spot, *, bold: bool) -> None:
    """Write lines in the middle of their box on a quiet ground; the plot begins at `foot`."""
    (left, low, wide, tall), lines = spot
    x, y = LEFT + left + wide / 2, foot + low + tall / 2 + LINE * (len(lines) - 1) / 2
    ground = {"facecolor": "white", "alpha": 0.82, "linewidth": 0, "pad": 1.2}
    weight, size = (600, 10.0) if bold else (400, SMALL)
    write(canvas, x, y, "\n".join(lines), ha="center", color=INK, fontsize=size,
          fontweight=weight, bbox=ground)  # fmt: skip


def _keys(canvas: Canvas, small: Mapping[int, str], ways: Mapping[int, str], high: float) -> None:
    """Write the names of areas that are too small for them, each behind its ground."""
    for row, (place, name) in enumerate(small.items()):
        y = high - KEY * (row + 0.5)
        box = (0.05, y - 0.075, 0.32, 0.15)
        corners = [(0.05, y - 0.075), (0.37, y - 0.075), (0.37, y + 0.075), (0.05, y + 0.075)]
        ground = Path([*corners, corners[0]], closed=True)
        where = canvas.dpi_scale_trans
        canvas.add_artist(PathPatch(ground, facecolor=GROUNDS[place % len(GROUNDS)],
                                    edgecolor=GREY, linewidth=0.8, transform=where))  # fmt: skip
        line = LINES_ON[place % len(LINES_ON)]
        lines = strokes([box], ways[place], GAP, ink=line, width=THIN, transform=where)
        if lines is not None:
            canvas.add_artist(lines)
        write(canvas, 0.46, y, name, color=INK, fontsize=SMALL)
