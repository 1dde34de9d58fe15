"""Where the names of a map's areas have room: cells, and the boxes in their midst, in inches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from stammkunde.chapters.exhibit import Regions
from stammkunde.report.style import LINE, SMALL, inches, wrapped

PAD, DOT, FINE = 0.05, 0.1, 48
Box = tuple[float, float, float, float]
Spot = tuple[Box, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A map in inches from the lower left corner of its plot: where cells end, and who is best.

    `right` [A + 1] and `up` [C + 1] are the edges of the cells, `best` [A, C] places in the names.
    """

    right: np.ndarray
    up: np.ndarray
    best: np.ndarray

    @property
    def known(self) -> list[int]:
        """Return the places of the policies that are best somewhere."""
        return sorted(set(self.best.ravel().tolist()))

    @property
    def by_size(self) -> list[int]:
        """Return the same places, the largest area first."""
        wide, tall = np.diff(self.right), np.diff(self.up)
        size = {p: float(wide @ (self.best == p) @ tall) for p in self.known}
        return sorted(size, key=lambda p: (-size[p], p))

    def boxes(self, place: int) -> list[Box]:
        """Return the area of a policy as boxes: left, foot, width, height."""
        found = []
        for c in range(self.best.shape[1]):
            start = 0
            for who, run in groupby(self.best[:, c].tolist()):
                stop = start + len(list(run))
                if who == place:
                    x, y = self.right[start], self.up[c]
                    found.append((x, y, self.right[stop] - x, self.up[c + 1] - y))
                start = stop
        return found


def plan_of(given: Regions, across: float, tall: float) -> Plan:
    """Return the cells of a map that is so many inches wide and tall."""
    return Plan(
        right=_cells(given.across, across),
        up=_cells(given.up, tall),
        best=np.asarray(given.best, int),
    )


def _cells(points: Sequence[float], length: float) -> np.ndarray:
    """Return the edges of cells around points, half-way between them, in inches."""
    at = np.asarray(points, float)
    middles = (at[1:] + at[:-1]) / 2
    edges = np.r_[at[0], middles, at[-1]]
    return np.asarray((edges - at[0]) / (at[-1] - at[0]) * length)


def point_of(given: Regions, plan: Plan) -> tuple[float, float]:
    """Return where today's means stand, in inches; at the edge where they lie beyond it."""
    found = []
    for value, points, edges in zip(
        given.here, (given.across, given.up), (plan.right, plan.up), strict=True
    ):
        share = (value - points[0]) / (points[-1] - points[0])
        found.append(min(max(share, 0.0), 1.0) * float(edges[-1]))
    return found[0], found[1]


def label_of(at: tuple[float, float], plan: Plan, text: str) -> tuple[Spot, list[Box]]:
    """Return where the text of a point stands, and what both take: beside it, else above or below.

    All of it lies within the plot.
    """
    wide, tall = (float(edges[-1]) for edges in (plan.right, plan.up))
    size, dot = inches(text, SMALL) + 2 * PAD, (at[0] - DOT, at[1] - DOT, 2 * DOT, 2 * DOT)
    y = min(max(at[1] - LINE / 2, 0.0), tall - LINE)
    if at[0] + DOT + size <= wide:
        x = at[0] + DOT
    elif at[0] - DOT - size >= 0:
        x = at[0] - DOT - size
    else:
        x = max(0.0, wide - size)
        y = at[1] + DOT if at[1] < tall / 2 else at[1] - DOT - LINE
    box = (x, y, size, LINE)
    return (box, (text,)), [box, dot]


def room_for(plan: Plan, place: int, name: str, taken: Sequence[Box]) -> Spot | None:
    """Return a box for a name in the midst of its area, and the name in lines; None without room.

    Of the boxes that fit, that which is farthest from the area's edges; wider lines come first.
    """
    widest = float(plan.right[-1])
    for most in (widest, 1.6, 1.1, 0.8):
        lines = tuple(wrapped(name, most - 2 * PAD, bold=True))
        size = (
            max(inches(line, bold=True) for line in lines) + 2 * PAD,
            LINE * len(lines) + PAD,
        )
        spot = _spot(plan, place, size, taken)
        if spot is not None:
            return spot, lines
    return None


def _spot(plan: Plan, place: int, size: tuple[float, float], taken: Sequence[Box]) -> Box | None:
    """Return the box of a size within an area that has most room around it."""
    xs, ys = (np.linspace(0, float(e[-1]), FINE + 1) for e in (plan.right, plan.up))
    columns = np.searchsorted(plan.right, (xs[1:] + xs[:-1]) / 2, side="right") - 1
    rows = np.searchsorted(plan.up, (ys[1:] + ys[:-1]) / 2, side="right") - 1
    free = plan.best[np.ix_(columns, rows)] == place
    for x, y, w, h in taken:
        free &= ~np.outer((xs[1:] > x) & (xs[:-1] < x + w), (ys[1:] > y) & (ys[:-1] < y + h))
    wide = int(np.ceil(size[0] / xs[1])) + 1
    tall = int(np.ceil(size[1] / ys[1])) + 1
    if wide > FINE or tall > FINE:
        return None
    room = _windows(free, wide, tall)
    if not room.any():
        return None
    # how many steps a window can grow on all sides and still lie within the area
    depth = np.zeros(room.shape, int)
    while room.any():
        depth += room
        grown = np.pad(room, 1)
        room = grown[:-2, 1:-1] & grown[2:, 1:-1] & grown[1:-1, :-2] & grown[1:-1, 2:] & room
    i, j = _midst(depth == depth.max(), free, (wide, tall))
    x = xs[i] + (wide * xs[1] - size[0]) / 2
    y = ys[j] + (tall * ys[1] - size[1]) / 2
    return float(x), float(y), size[0], size[1]


def _midst(best: np.ndarray, free: np.ndarray, size: tuple[int, int]) -> tuple[int, int]:
    """Return of the windows that are as good the one nearest to the middle of the free part."""
    middle = np.argwhere(free).mean(axis=0) - np.array(size) / 2
    at = np.argwhere(best)
    i, j = at[int(((at - middle) ** 2).sum(axis=1).argmin())]
    return int(i), int(j)


def _windows(free: np.ndarray, wide: int, tall: int) -> np.ndarray:
    """Return where a window of so many steps begins that is free throughout."""
    total = np.pad(free.astype(int).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    inside = total[wide:, tall:] - total[:-wide, tall:] - total[wide:, :-tall]
    inside = inside + total[:-wide, :-tall]
    return np.asarray(inside == wide * tall)
