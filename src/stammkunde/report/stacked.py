"""Why customers are gone: shares by cause hang from 100 % down to those who are still there."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FixedLocator

from stammkunde.chapters.exhibit import Figure
from stammkunde.errors import RenderError
from stammkunde.report.frame import curves_frame, name_lines, risk_table
from stammkunde.report.layout import curves_layout, ends, parts_of, tenure_limits
from stammkunde.report.palette import ACCENT, LINES
from stammkunde.report.style import measure_axis
from stammkunde.report.words import Words

WHOLE = 1e-6
FILLED, PALE = 0.62, 0.15


def draw_stacked(figure: Figure, words: Words, narrow: bool) -> Canvas:
    """Return a canvas with one area per cause and, at the bottom, one of those who stay.

    Names, shares and intervals stand at the right end. RenderError where nobody says what the rest
    is, or where the parts do not add up to all customers.
    """
    edges = _edges(figure)
    layout = curves_layout(figure, words, narrow)
    canvas, axes = curves_frame(figure, words, layout)
    x = np.append(np.arange(edges.shape[1], dtype=float), tenure_limits(figure)[1])
    drawn = np.pad(edges, ((0, 0), (0, 1)), mode="edge")
    inks = _inks(len(figure.lines))
    for i, ink in enumerate(inks):
        fill = PALE if i == len(figure.lines) else FILLED
        axes.fill_between(x, drawn[i + 1], drawn[i], step="post", color=ink, alpha=fill,
                          linewidth=0)  # fmt: skip
    for edge in drawn[1:-1]:
        axes.step(x, edge, where="post", color="white", linewidth=0.6)
    axes.step(x, drawn[-2], where="post", color=ACCENT, linewidth=1.4)
    axes.set_ylim(0, 1)
    measure_axis(axes, words, share=True, vertical=True)
    axes.yaxis.set_major_locator(FixedLocator([0, 0.25, 0.5, 0.75, 1]))
    middles = [float(edges[i, -1] + edges[i + 1, -1]) / 2 for i in range(len(inks))]
    name_lines(canvas, axes, middles, layout, inks)
    risk_table(figure, canvas, axes, words, layout)
    return canvas


def _inks(causes: int) -> list[str]:
    others = LINES[1:]
    return [*(others[i % len(others)] for i in range(causes)), ACCENT]


def _edges(figure: Figure) -> np.ndarray:
    """Return the heights between the areas, [causes + 2, units + 1], the upper edge first."""
    if figure.rest is None:
        raise RenderError(
            "A stack of causes needs the rest: the customers who are still there",
            where=figure.id,
            remedy="Give the picture the survival curve as its `rest`.",
        )
    last = ends(figure)[0] if figure.lines else 0
    shares = [np.asarray(part.curve.value, float)[: last + 1] for part in parts_of(figure)]
    total = np.sum(shares, axis=0)
    if not np.all(np.abs(total - 1) < WHOLE):
        raise RenderError(
            "The parts of the stack do not add up to 100 %",
            where=figure.id,
            remedy="Take all causes and the survival curve from one and the same life table.",
        )
    return np.vstack([np.ones(last + 1), 1 - np.cumsum(shares, axis=0)])
