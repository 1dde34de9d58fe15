"""Hand-made pictures of a decision: how value adds up, what moves it, where another policy wins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from stammkunde.chapters.exhibit import Figure, Mark, Regions, Swing, Way
from stammkunde.result import Label
from tests.report.making import figure

NAMES = (
    Label("loyalty", {"de": "Treuerabatt ab dem 13. Monat", "en": "loyalty rebate from month 13"}),
    Label("all", {"de": "Rabatt für alle", "en": "rebate for all"}),
    Label("care", {"de": "Anruf nach einer Störung", "en": "a call after a failure"}),
    Label("none", {"de": "gar nichts", "en": "nothing at all"}),
    Label("today", {"de": "wie heute", "en": "as today"}),
)
MARKS = (
    Mark(6, Label("a", {"de": "überholt „wie heute“", "en": "overtakes “as today”"})),
    Mark(24, Label("b", {"de": "Treuerabatt führt", "en": "loyalty rebate leads"})),
)
TOLD = (
    ("loyalty", 0.64, 0.87, 145_512.0, 29_203.0),
    ("always-buyers", 0.73, 0.87, -40_237.0, 124_035.0),
    ("spike", 1.2, 2.0, 78_027.0, 90_825.0),
    ("serve", 0.5, 0.9, 84_699.0, 84_699.0),
    ("both down", 1.0, 3.0, 70_000.0, 65_000.0),
)
LONG = Label(
    "long",
    {
        "de": "Anteil der Neukunden, die ohne den Neukundenrabatt ebenfalls gekommen wären",
        "en": "share of newcomers who would have signed up without the newcomer discount too",
    },
)


def course(months: int = 60, size: float = 1.0) -> Figure:
    """Return four policies beside the comparator, some of which end close together."""
    t = np.arange(1, months + 1)
    courses = (1.4e5 * (t / 60) ** 1.6 - 3e3, 3e4 * np.sin(t / 18), 2.7e4 * t / 60, -400.0 * t)
    ways = [
        Way(
            label=name,
            value=(size * c).tolist(),
            low=(size * (c - 900 * t)).tolist(),
            high=(size * (c + 900 * t)).tolist(),
            leads=i == 0,
        )
        for i, (name, c) in enumerate(zip(NAMES, courses, strict=False))
    ]
    nothing = [0.0] * months
    ways.append(Way(label=NAMES[4], value=nothing, low=nothing, high=nothing))
    shown = replace(figure("course"), kind="course", lines=(), ways=ways, marks=MARKS, x_ticks=12)
    return replace(shown, unit="EUR")


def tornado(size: float = 1.0) -> Figure:
    """Return five assumptions: one turns the sign, one does nothing, one has a long name."""
    swings = [
        Swing(
            label=LONG if name == "always-buyers" else name,
            low=f"{low}",
            high=f"{high} je Monat" if name == "spike" else f"{high}",
            at_low=size * at_low,
            at_high=size * at_high,
        )
        for name, low, high, at_low, at_high in TOLD
    ]
    shown = replace(figure("doubt"), kind="tornado", lines=(), swings=swings, unit="EUR")
    return replace(shown, middle=size * 84_699.0)


def regions(points: int = 21) -> Figure:
    """Return a map with two large areas, a narrow one and a tiny one."""
    across, up = np.linspace(0.6, 0.95, points), np.linspace(5.0, 60.0, points)
    x, y = np.meshgrid(np.linspace(0, 1, points), np.linspace(0, 1, points), indexing="ij")
    best = np.where(x + 0.7 * y > 1.0, 3, 0)
    best = np.where((x - 0.3) ** 2 + (y - 1) ** 2 < 0.1, 1, best)
    best = np.where((x < 0.12) & (y < 0.12), 2, best)
    made = Regions(
        names=NAMES,
        across=across.tolist(),
        up=up.tolist(),
        best=best.tolist(),
        here=(0.76, 30.0),
        units=("share", "EUR"),
    )
    return replace(figure("map"), kind="regions", lines=(), regions=made)
