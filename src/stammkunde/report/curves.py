"""Pictures of curves: how many stay, how many have left and why, and at what rate they leave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FixedLocator

from stammkunde.chapters.exhibit import Figure, Line
from stammkunde.errors import RenderError
from stammkunde.report.frame import colours, curves_frame, name_lines, risk_table
from stammkunde.report.layout import curves_layout, last_of
from stammkunde.report.style import measure_axis
from stammkunde.report.words import Words
from stammkunde.survival.curve import Curve

MOST_POINTS = 400
Points = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def draw_survival(figure: Figure, words: Words, narrow: bool) -> Canvas:
    """Return a canvas with falling steps, their intervals and, where computed, their bands."""
    layout = curves_layout(figure, words, narrow)
    canvas, axes = curves_frame(figure, words, layout)
    inks = colours(len(figure.lines))
    ends = [_steps(axes, line, ink) for line, ink in zip(figure.lines, inks, strict=True)]
    axes.set_ylim(0, 1.01)
    measure_axis(axes, words, share=True, vertical=True)
    axes.yaxis.set_major_locator(FixedLocator([0, 0.25, 0.5, 0.75, 1]))
    name_lines(canvas, axes, ends, layout, inks)
    risk_table(figure, canvas, axes, words, layout)
    return canvas


def draw_incidence(figure: Figure, words: Words, narrow: bool) -> Canvas:
    """Return a canvas with rising steps: the share that has left, by cause, with intervals."""
    layout = curves_layout(figure, words, narrow)
    canvas, axes = curves_frame(figure, words, layout)
    inks = colours(len(figure.lines))
    ends = [_steps(axes, line, ink) for line, ink in zip(figure.lines, inks, strict=True)]
    tops = [float(np.max(points(line.curve)[3])) for line in figure.lines]
    axes.set_ylim(0, min(max(tops) * 1.04, 1.01) or 1)
    measure_axis(axes, words, share=True, vertical=True)
    name_lines(canvas, axes, ends, layout, inks)
    risk_table(figure, canvas, axes, words, layout)
    return canvas


def draw_hazard(figure: Figure, words: Words, narrow: bool) -> Canvas:
    """Return a canvas with a dot and an interval per unit, or with smooth lines over faint dots."""
    layout = curves_layout(figure, words, narrow)
    canvas, axes = curves_frame(figure, words, layout)
    inks = colours(len(figure.lines))
    shifts = np.linspace(-0.2, 0.2, len(inks)) if len(inks) > 1 else np.zeros(1)
    size = 2.4 if narrow else 3.2
    ends, top = [], 0.0
    for ink, line, shift in zip(inks, figure.lines, shifts, strict=True):
        x, value, low, high = points(line.curve)
        ends.append(float(value[-1]))
        if line.smooth is None:
            _dots(axes, (x + shift, value, low, high), ink, size)
            top = max(top, min(float(np.max(high)) * 1.04, float(np.max(value)) * 2.5))
            continue
        axes.plot(x, value, "o", color=ink, markersize=size * 0.8, markeredgewidth=0, alpha=0.38)
        highest, ends[-1] = _smooth(axes, line.smooth, line.breaks, ink, size)
        top = max(top, float(np.max(value)) * 1.1, highest)
    axes.set_ylim(0, min(top, 1) or 1)
    measure_axis(axes, words, share=True, vertical=True)
    name_lines(canvas, axes, ends, layout, inks)
    risk_table(figure, canvas, axes, words, layout)
    return canvas


def points(curve: Curve) -> Points:
    """Return x, value, low and high where observed and known, thinned where nothing moves.

    RenderError for a curve without any value. A limit that is not known is the value.
    """
    x, keep = _kept(curve)
    last = len(x)
    value, low, high = (np.asarray(a, float)[:last] for a in (curve.value, curve.low, curve.high))
    low, high = np.where(np.isfinite(low), low, value), np.where(np.isfinite(high), high, value)
    return x[keep], value[keep], low[keep], high[keep]


def _kept(curve: Curve) -> tuple[np.ndarray, np.ndarray]:
    """Return the observed tenures and which of them are drawn."""
    last = last_of(curve)
    x = np.arange(last + 1, dtype=float)
    value = np.asarray(curve.value, float)[: last + 1]
    keep = np.isfinite(value)
    if curve.kind != "hazard" and last > MOST_POINTS:
        moved = np.r_[True, np.diff(value) != 0]
        moved[-1] = True
        grid = np.zeros(last + 1, bool)
        grid[np.unique(np.linspace(0, last, MOST_POINTS).round().astype(int))] = True
        keep &= moved if moved.sum() <= MOST_POINTS else grid
    if not keep.any():
        raise RenderError(
            "A curve without any observed value cannot be drawn",
            remedy="Leave its group out, or show its table alone.",
        )
    return x, keep


def _steps(axes: Axes, line: Line, ink: str) -> float:
    """Draw a step curve with its interval, and return the value at its end.

    What is projected, all of the curve or what lies beyond observation, is dashed and paler.
    """
    x, value, low, high = points(line.curve)
    # a band for the whole curve is wider than the intervals of its points: it lies behind them
    band_low, band_high = line.curve.band_low, line.curve.band_high
    if band_low is not None and band_high is not None:
        at, keep = _kept(line.curve)
        lower, upper = (np.asarray(a, float)[: len(at)][keep] for a in (band_low, band_high))
        lower, upper = (np.where(np.isfinite(a), a, value) for a in (lower, upper))
        axes.fill_between(x, lower, upper, step="post", color=ink, alpha=0.11, linewidth=0)
    for here, dashed in _pieces(line.curve, x):
        pale = 0.09 if dashed else 0.16
        axes.fill_between(x[here], low[here], high[here], step="post", color=ink, alpha=pale, lw=0)
        axes.step(x[here], value[here], where="post", color=ink, linewidth=1.8, **dashed)
    return float(value[-1])


def _pieces(curve: Curve, x: np.ndarray) -> list[tuple[np.ndarray, dict[str, Any]]]:
    """Return the places of the observed and of the projected part, and how each is drawn."""
    if curve.basis != "projected":
        return [(np.ones(len(x), bool), {})]
    dashed: dict[str, Any] = {"dashes": (3.2, 1.6)}
    seen: float = curve.observed_to if curve.observed_to < len(curve.value) - 1 else 0
    # thinned places need not hold that unit
    seen = float(x[x <= seen][-1]) if (x <= seen).any() else 0.0
    parts: list[tuple[np.ndarray, dict[str, Any]]] = [(x <= seen, {}), (x >= seen, dashed)]
    return [(here, how) for here, how in parts if here.sum() > 1]


def _dots(axes: Axes, places: Points, ink: str, size: float) -> None:
    x, value, low, high = places
    axes.vlines(x, low, high, color=ink, alpha=0.45, linewidth=1.4)
    axes.plot(x, value, "o", color=ink, markersize=size, markeredgewidth=0)


def _smooth(
    axes: Axes, curve: Curve, breaks: Sequence[int], ink: str, size: float
) -> tuple[float, float]:
    """Draw the smoothed hazard in pieces between `breaks`, and return its top and its end."""
    x, value, low, high = points(curve)
    alone = np.isin(x, np.asarray(breaks, float))
    piece = np.cumsum(np.r_[0, np.diff(x) > 1] + np.r_[0, alone[1:] | alone[:-1]])
    for number in np.unique(piece):
        here = piece == number
        if here.sum() == 1:
            _dots(axes, (x[here], value[here], low[here], high[here]), ink, size * 1.4)
            continue
        axes.fill_between(x[here], low[here], high[here], color=ink, alpha=0.16, linewidth=0)
        axes.plot(x[here], value[here], color=ink, linewidth=1.8)
    highest = float(np.max(value))
    last = value[~alone][-1] if not alone.all() else value[-1]
    return max(highest * 1.1, min(float(np.max(high)) * 1.04, highest * 2.5)), float(last)
