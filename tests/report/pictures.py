"""Hand-made figures of every kind, crowded on purpose: many names, long labels, gaps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import combinations
from typing import Any

import numpy as np
from matplotlib.axis import Axis
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from stammkunde.chapters.exhibit import Dot, Figure, HeatCells, Line, Mark, Pair, Point, Track
from stammkunde.report.figures import KINDS
from stammkunde.report.style import house_style
from stammkunde.report.words import Words
from stammkunde.result import Estimate, Label
from stammkunde.survival.curve import Curve
from tests.report import decided, offered
from tests.report.making import curve, figure, share

CAUSES = (
    Label("moved", {"de": "Umzug in ein fremdes Netzgebiet", "en": "moved to another area"}),
    Label("price", {"de": "günstigerer Wettbewerber", "en": "cheaper competitor"}),
    Label("died", {"de": "Todesfall", "en": "death"}),
    Label("late", {"de": "nicht gezahlt", "en": "unpaid bills"}),
)
STILL = Label("still", {"de": "noch Kunde", "en": "still a customer"})
RISES = (
    Mark(date(2021, 1, 1), Label("a", {"de": "Preiserhöhung 8 %", "en": "price rise 8%"})),
    Mark(date(2022, 1, 1), Label("b", {"de": "Preiserhöhung 31 %", "en": "price rise 31%"})),
    Mark(date(2022, 4, 1), Label("c", {"de": "Preisbremse", "en": "price brake"})),
)
EVENTS = (
    Mark(12, Label("t", {"de": "Ende der Mindestlaufzeit", "en": "end of minimum term"})),
    Mark(18, Label("n", {"de": "Neukundenpreis endet", "en": "newcomer price ends"})),
)
COLUMNS = (
    Label("tariff", {"de": "Tarif", "en": "Tariff"}),
    Label("channel", {"de": "Vertriebsweg", "en": "Sales channel"}),
)


def incidences(months: int = 36) -> tuple[list[Curve], Curve]:
    """Return the incidences of four causes with constant shares, and the survival curve."""
    stay = curve(0.03, months, 4321)
    parts = []
    for part in (0.36, 0.55, 0.02, 0.07):
        value = part * (1 - stay.value)
        half = 0.1 * value
        parts.append(
            replace(stay, kind="incidence", value=value, low=value - half, high=value + half)
        )
    return parts, stay


def stacked() -> Figure:
    """Return causes that hang from 100 % over those who are still there."""
    parts, stay = incidences()
    lines = tuple(Line(c, n) for c, n in zip(parts, CAUSES, strict=True))
    return replace(figure("causes"), kind="stacked", lines=lines, rest=Line(stay, STILL))


def incidence() -> Figure:
    """Return the same causes as lines."""
    return replace(stacked(), kind="incidence", rest=None)


def hazard() -> Figure:
    """Return a hazard with spikes at contract events and a smooth line between them."""
    raw = curve(0.02, 36, 4000, "hazard")
    t = np.arange(37)
    spikes = np.where(np.isin(t, (12, 24, 36)), 0.06, 0.0)
    soft = np.where(t == 0, np.nan, 0.02 + 0.0002 * t)
    value = raw.value + spikes
    raw = replace(raw, value=value, low=value - 0.005, high=value + 0.005)
    smooth = replace(
        raw, value=soft + spikes, low=soft + spikes - 0.002, high=soft + spikes + 0.002
    )
    line = Line(raw, None, smooth, (12, 24, 36))
    return replace(figure("rate", "hazard"), lines=(line,), marks=EVENTS)


def hazards() -> Figure:
    """Return two smoothed hazards with names."""
    first = hazard().lines[0]
    lower = [
        replace(c, value=c.value / 2, low=c.low / 2, high=c.high / 2)
        for c in (first.curve, first.smooth)
        if c
    ]
    lines = (replace(first, label=CAUSES[0]), Line(lower[0], CAUSES[1], lower[1], first.breaks))
    return replace(hazard(), lines=lines)


def banded() -> Figure:
    """Return a survival curve with a simultaneous band, and a projected one, with marks."""
    plain = curve(0.03, 36, 300)
    band = {"band_low": plain.low - 0.03, "band_high": plain.high + 0.03}
    wide = replace(plain, **band)
    shown = figure("all")
    ahead = replace(curve(0.025, 36, 300), basis="projected")
    return replace(shown, lines=(Line(wide, STILL), Line(ahead, CAUSES[1])), marks=EVENTS)


def ratio(value: float | None) -> Estimate:
    """Return a ratio whose limits are 15 % away."""
    low, high = (None, None) if value is None else (value * 0.87, value * 1.15)
    reason = "few" if value is None else ""
    return Estimate(value=value, low=low, high=high, unit="ratio", method="made", reason=reason)


def series(months: int = 60, start: int = 2019) -> Figure:
    """Return a ratio per calendar month with price rises, one month unknown."""
    days = [date(start + m // 12, m % 12 + 1, 1) for m in range(months)]
    values = [1 + 0.2 * np.sin(m / 3) + 0.9 * (m in (36, 37)) for m in range(months)]
    points = [
        Point(day, ratio(None if m == 7 else float(v)))
        for m, (day, v) in enumerate(zip(days, values, strict=True))
    ]
    return replace(
        figure("time"), kind="series", lines=(), points=points, marks=RISES, reference=1.0
    )


def heat(rows: int = 6, columns: int = 36) -> Figure:
    """Return a triangle of cohorts, the younger the less observed."""
    tenures = tuple(range(1, columns + 1)) if columns > 8 else (3, 6, 12, 24, 36, 48)[:columns]
    seen = [columns * (rows - r) // rows for r in range(rows)]
    values = [
        [float(np.exp(-0.02 * t * (1 + 0.03 * r))) if i < seen[r] else None
         for i, t in enumerate(tenures)]
        for r in range(rows)
    ]  # fmt: skip
    names = [f"{2024 - rows + r + 1}" if rows < 20 else f"{r:03d}" for r in range(rows)]
    cells = HeatCells(rows=names, columns=tenures, values=values)
    return replace(figure("cohorts"), kind="heat", lines=(), cells=cells)


def calibration(named: bool = True) -> Figure:
    """Return ten pairs near the diagonal."""
    names = [f"{i + 1}." for i in range(10)]
    names[0] = names[0] + " Zehntel mit dem niedrigsten Risiko"
    pairs = [
        Pair(0.05 + 0.08 * i, share(0.06 + 0.075 * i + 0.02 * (i % 3)), n if named else None)
        for i, n in enumerate(names)
    ]
    return replace(figure("right"), kind="calibration", lines=(), pairs=pairs)


def track() -> Figure:
    """Return a count that grows for 78 weeks, foretold from the 39th on."""
    at = [float(week) for week in range(79)]
    came = [900 * week**0.8 for week in at]
    said = [950 * week**0.77 for week in at]
    names = (Label("came", {"de": "eingetreten", "en": "what came"}), CAUSES[1])
    low, high = ([share * x for x in said] for share in (0.94, 1.06))
    made = Track(at=at, observed=came, expected=said, low=low, high=high, until=38.7, names=names)
    mark = Mark(38.7, Label("m", {"de": "bis hier angepasst", "en": "fitted up to here"}))
    shown = replace(figure("count"), kind="track", lines=(), track=made, marks=(mark,))
    return replace(shown, x_ticks=13)


def grouped_dots() -> Figure:
    """Return ratios under two headings, one without a value."""
    dots = [
        Dot(name, ratio(value), COLUMNS[i // 2])
        for i, (name, value) in enumerate(zip(CAUSES, (0.7, 1.3, None, 2.1), strict=True))
    ]
    return replace(figure("drivers", "dots"), dots=dots, reference=1.0)


def gallery() -> dict[str, Figure]:
    """Return one figure of every kind and of every sort that looks different."""
    return {
        "banded": banded(),
        "hazard": hazard(),
        "hazards": hazards(),
        "stacked": stacked(),
        "incidence": incidence(),
        "series": series(),
        "series-quarters": series(18, 2021),
        "series-long": series(240, 2004),
        "heat-few": heat(5, 6),
        "heat": heat(12, 36),
        "heat-many": heat(60, 60),
        "calibration": calibration(),
        "calibration-bare": calibration(named=False),
        "dots": grouped_dots(),
        "track": track(),
        "balance": offered.balance(),
        "compared": offered.compared(),
        "steps": offered.steps(),
        "course": decided.course(),
        "course-large": decided.course(120, 37.0),
        "tornado": decided.tornado(),
        "tornado-small": decided.tornado(0.001),
        "regions": decided.regions(),
        "regions-few": decided.regions(5),
    }


Frames = list[tuple[str, Any]]


def texts(shown: Figure, words: Words, narrow: bool) -> tuple[Frames, Bbox]:
    """Return the frames of all texts that a picture shows, and that of the picture, in pixels."""
    with house_style():
        canvas = KINDS[shown.kind](shown, words, narrow)
        # coarse pixels would widen letters, which the outlines of an SVG do not
        canvas.set_dpi(600)
        canvas.draw_without_rendering()
        unseen = [t for axes in canvas.axes for t in beyond(axes.xaxis) + beyond(axes.yaxis)]
        every = [t for t in canvas.findobj(Text) if t.get_text().strip() and t.get_visible()]
        seen = [t for t in every if t not in unseen]
        return [(t.get_text(), t.get_window_extent()) for t in seen], canvas.bbox


def beyond(axis: Axis) -> list[Text]:
    """Return the labels of ticks outside of the axis' limits, which are not drawn."""
    low, high = sorted(axis.get_view_interval())
    return [tick.label1 for tick in axis.get_major_ticks() if not low <= tick.get_loc() <= high]


def touching(found: Frames, whole: Bbox) -> list[tuple[str, ...]]:
    """Return the texts that leave the picture, and the pairs of texts that touch."""
    wrong: list[tuple[str, ...]] = [
        (text,)
        for text, box in found
        if box.x0 < whole.x0 or box.x1 > whole.x1 or box.y0 < whole.y0 or box.y1 > whole.y1
    ]
    for (text, box), (other, theirs) in combinations(found, 2):
        across = min(box.x1, theirs.x1) - max(box.x0, theirs.x0)
        down = min(box.y1, theirs.y1) - max(box.y0, theirs.y0)
        if across > 0 and down > 0.4 * min(box.height, theirs.height):
            wrong.append((text, other))
    return wrong
