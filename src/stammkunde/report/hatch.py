"""Thin parallel lines within boxes, so that areas can be told apart without colours."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil, floor
from typing import Any

from matplotlib.patches import PathPatch
from matplotlib.path import Path

WAYS = ("", "/", "\\", "-", "|")
Box = tuple[float, float, float, float]
Segment = tuple[tuple[float, float], tuple[float, float]]


def stripes(boxes: Iterable[Box], way: str, gap: float) -> Path | None:
    """Return lines within boxes (left, foot, width, height) as one shape, or None.

    `way` is one of `WAYS`, `gap` their distance along an axis. Lines of neighbouring boxes meet.
    """
    found = [part for box in boxes for part in _within(box, way, gap)]
    if not found:
        return None
    corners = [point for part in found for point in part]
    return Path(corners, [Path.MOVETO, Path.LINETO] * len(found))


def strokes(
    boxes: Iterable[Box], way: str, gap: float, *, ink: str, width: float, **where: Any
) -> PathPatch | None:
    """Return the lines of `stripes` as a patch to be added to a picture, or None.

    `ink` is their colour, `width` is in points; `where` are a transform and the like.
    """
    lines = stripes(boxes, way, gap)
    if lines is None:
        return None
    return PathPatch(lines, facecolor="none", edgecolor=ink, linewidth=width, **where)


def _within(box: Box, way: str, gap: float) -> Iterable[Segment]:
    x, y, width, height = box
    right, top = x + width, y + height
    match way:
        case "/":
            for c in _steps(x - top, right - y, gap):
                start, stop = max(x, c + y), min(right, c + top)
                if stop > start:
                    yield (start, start - c), (stop, stop - c)
        case "\\":
            for c in _steps(x + y, right + top, gap):
                start, stop = max(x, c - top), min(right, c - y)
                if stop > start:
                    yield (start, c - start), (stop, c - stop)
        case "-":
            yield from (((x, c), (right, c)) for c in _steps(y, top, gap))
        case "|":
            yield from (((c, y), (c, top)) for c in _steps(x, right, gap))


def _steps(low: float, high: float, gap: float) -> Iterable[float]:
    """Return the multiples of the gap, less half of it, that lie from low to below high."""
    first, last = ceil(low / gap + 0.5), floor(high / gap + 0.5)
    for k in range(first, last + 1):
        if low <= (k - 0.5) * gap < high:
            yield (k - 0.5) * gap
