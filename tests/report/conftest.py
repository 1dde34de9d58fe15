"""Hand-made sections, so that rendering is tested without reading any client's data."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from stammkunde.chapters.exhibit import Column, Dot, Figure, Line, Section, Table
from stammkunde.report.words import Words
from stammkunde.result import Estimate, Finding, Label, Result, Sentence, Status
from stammkunde.survival.curve import Curve

DE: dict[str, Any] = {
    "t": {
        "heading": "Kunden bleiben lange, die meisten über zwei Jahre",
        "groups": "Wer länger gebunden ist, bleibt länger",
        "share": "**Nach einem Jahr sind noch {s:percent1+ci} der Kunden da.** Gezählt sind {n:int} Personen.",
        "share_head": "Nach einem Jahr sind noch {s:per100n0} von 100 Kunden da.",
        "recent": "Die Quelle nennt nur Abgänge des letzten Monats; die Kurve liegt daher zu hoch.",
        "recent_head": "Diese Daten zeigen nur die jüngsten Abgänge.",
        "unknown": "Wie der Preis wirkt, sagen diese Daten nicht.",
        "unknown_head": "Wirkung des Preises",
        "rmst": "Im Mittel bleibt ein Kunde {m:n1+ci} der ersten 24 Monate.",
        "title": "Nach zwei Jahren ist noch die Hälfte da",
        "sub": "Anteil, der noch Kunde ist, mit Unsicherheitsbereich (95 %)",
        "note": "Quelle: von Hand gemachte Kurven, {n:int} Personen.",
        "alt": "Die Kurve {k} fällt von 100 % auf {s:percent0} nach zwei Jahren.",
        "alt_dots": "Drei Punkte mit Spannen; jährlich gebundene Kunden liegen oben.",
        "x": "Kundendauer (Monate)",
        "y": "Noch Kunde",
        "caption": "Verbleib nach Monaten",
        "caption_groups": "Verbleib nach Vertrag",
        "month": "Monat",
        "stay": "Noch Kunde",
        "n": "Personen",
        "day": "Tag",
        "table_note": "Von Hand gemacht: 10 % & mehr $ # <b> \\ _x_ *y* [z] @q.",
    },
    "assumption": {"rule": "ein Abgang zählt ab dem letzten Kauf"},
    "missing": {"price": "der gezahlte Preis je Monat"},
    "reason": {"few": "zu wenige Abgänge"},
}
EN: dict[str, Any] = {
    "t": {
        "heading": "Customers stay long, most for over two years",
        "groups": "Who is bound longer stays longer",
        "share": "**After one year {s:percent1+ci} of the customers are still there.** {n:int} persons are counted.",
        "share_head": "After one year {s:per100n0} of 100 customers are still there.",
        "recent": "The source names only the last month’s leavers; the curve is therefore too high.",
        "recent_head": "These data show the latest leavers only.",
        "unknown": "How the price works these data do not say.",
        "unknown_head": "Effect of the price",
        "rmst": "On average a customer stays {m:n1+ci} of the first 24 months.",
        "title": "After two years half are still there",
        "sub": "Share still a customer, with interval (95%)",
        "note": "Source: curves made by hand, {n:int} persons.",
        "alt": "The curve {k} falls from 100% to {s:percent0} after two years.",
        "alt_dots": "Three dots with ranges; customers bound by the year are on top.",
        "x": "Tenure (months)",
        "y": "Still a customer",
        "caption": "Staying by month",
        "caption_groups": "Staying by contract",
        "month": "Month",
        "stay": "Still a customer",
        "n": "Persons",
        "day": "Day",
        "table_note": "Made by hand: 10% & more $ # <b> \\ _x_ *y* [z] @q.",
    },
    "assumption": {"rule": "leaving counts from the latest purchase"},
    "missing": {"price": "the price paid per month"},
    "reason": {"few": "too few have left"},
}
GROUPS = (
    Label("Month-to-month", {"de": "monatlich kündbar", "en": "month to month"}),
    Label("One year", {"de": "ein Jahr", "en": "one year"}),
    Label("Two year", {"de": "zwei Jahre", "en": "two years"}),
)


def curve(rate: float, months: int = 24, persons: int = 1000, kind: str = "survival") -> Curve:
    """Return a curve of constant hazard with a plausible interval."""
    t = np.arange(months + 1)
    value = (
        np.exp(-rate * t)
        if kind == "survival"
        else np.where(t == 0, np.nan, rate * (1 + 0.3 * np.cos(t)))
    )
    half = 1.96 * np.sqrt(value * (1 - value) / persons * (1 + t / 3))
    at_risk = (persons * np.exp(-rate * t[:-1])).astype(int)
    events = np.maximum((at_risk * rate).astype(int), 1)
    return Curve(
        kind=kind, unit="month", value=value, low=np.clip(value - half, 0, 1),
        high=np.clip(value + half, 0, 1), at_risk=at_risk, events=events, persons=persons,
        spells=persons, observed_to=months, method="kaplan-meier",
    )  # fmt: skip


def share(value: float | None, **more: Any) -> Estimate:
    """Return an estimated share three points wide each way."""
    low, high = (None, None) if value is None else (value - 0.03, value + 0.03)
    return Estimate(value=value, low=low, high=high, unit="share", method="kaplan-meier", **more)


def table(name: str, caption: str = "t.caption", *, in_report: bool = True) -> Table:
    """Return a table with an estimate, a count, a date and a gap."""
    rows = [
        (12, share(0.843), 7043, date(2024, 2, 29)),
        (24, share(None, reason="few"), 1234567, None),
        (36, share(0.5), 10, date(2024, 12, 1)),
    ]
    columns = (
        Column("t.month", "int"),
        Column("t.stay", "percent1"),
        Column("t.n", "int"),
        Column("t.day", "date"),
    )
    return Table(id=name, caption=Sentence(caption), columns=columns, rows=rows,
                 note=Sentence("t.table_note"), in_report=in_report)  # fmt: skip


def figure(name: str, kind: str = "survival", grouped: bool = False) -> Figure:
    """Return a figure of the kind, of one curve or of three."""
    rates = (0.06, 0.02, 0.008) if grouped else (0.03,)
    labels = GROUPS if grouped else (None,)
    lines = tuple(
        Line(curve(r, kind=kind if kind == "hazard" else "survival"), n)
        for r, n in zip(rates, labels, strict=True)
    )
    dots = tuple(
        Dot(g, share(v, reason="" if v else "few"))
        for g, v in zip(GROUPS, (0.43, 0.87, None), strict=True)
    )
    alt = (
        Sentence("t.alt", {"k": name, "s": share(0.49)})
        if kind != "dots"
        else Sentence("t.alt_dots")
    )
    return Figure(
        id=name, kind=kind, title=Sentence("t.title"), subtitle=Sentence("t.sub"),
        note=Sentence("t.note", {"n": 7043}), alt=alt, x=Sentence("t.x"), y=Sentence("t.y"),
        table=table(f"{name}.data", in_report=False), first_page=name == "all",
        lines=() if kind == "dots" else lines, dots=dots if kind == "dots" else (),
    )  # fmt: skip


def findings() -> tuple[Finding, ...]:
    """Return one finding of each sort."""
    one = {"s": share(0.843), "n": 7043}
    mean = Estimate(value=20.2, low=19.8, high=20.6, unit="month", method="rmst")
    return (
        Finding(id="f.share", status=Status.MEASURED, sentence=Sentence("t.share", one),
                headline=Sentence("t.share_head", one), importance=0.8, figure="all"),
        Finding(id="f.recent", status=Status.MEASURED, sentence=Sentence("t.recent"), caution=True,
                headline=Sentence("t.recent_head"), importance=0.7),
        Finding(id="f.rmst", status=Status.ESTIMATED, sentence=Sentence("t.rmst", {"m": mean}),
                importance=0.5, assumptions=("rule",)),
        Finding(id="f.price", status=Status.NOT_IDENTIFIABLE, sentence=Sentence("t.unknown"),
                headline=Sentence("t.unknown_head"), importance=0.3, missing=("price",)),
    )  # fmt: skip


def sections() -> tuple[Section, ...]:
    """Return a chapter of two sections with every kind of component."""
    first = Section(
        id="lifetimes", heading=Sentence("t.heading"), findings=findings(), figures=(figure("all"), figure("rate", "hazard")),
        tables=(table("by_month"),), results=(Result(id="lifetimes.survival.12", estimate=share(0.843)),),
    )  # fmt: skip
    second = Section(
        id="groups", heading=Sentence("t.groups"), figures=(figure("by_contract", grouped=True), figure("dots", "dots")),
        tables=(table("contract", "t.caption_groups"),),
    )  # fmt: skip
    return first, second


@pytest.fixture(params=["de_DE", "en_GB"])
def words(request: pytest.FixtureRequest) -> Words:
    """Return the words of each language, with the sentences of the hand-made sections."""
    return german() if request.param == "de_DE" else Words("en_GB", EN)


def german() -> Words:
    """Return German words with the sentences of the hand-made sections."""
    return Words("de_DE", DE)
