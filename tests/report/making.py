"""Hand-made sections and notebooks, so that rendering is tested without any client's data."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from stammkunde.chapters.exhibit import Column, Dot, Figure, Line, Section, Table
from stammkunde.report.compose import compose
from stammkunde.report.dress import Bundle, bundles
from stammkunde.report.firstpage import Cover
from stammkunde.report.words import Words
from stammkunde.result import Estimate, Finding, Label, Result, Sentence, Status
from stammkunde.survival.curve import Curve
from tests.report.sentences import DE, EN

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000"
    "000d4944415478da6364f8cf500f00038601805a347d6b0000000049454e44ae426082"
)
PNG = b64encode(PIXEL).decode()
MARKDOWN = """# Own *analysis*

A paragraph, **bold**, `code`, <b>html</b>, $x_1$ and a [link](https://example.org).

1. one
2. two

| a | b |
|---|---|
| 1 | #2 |

#### deep

```
x = "#1"
```
"""
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
        kind=kind,
        unit="month",
        value=value,
        low=np.clip(value - half, 0, 1),
        high=np.clip(value + half, 0, 1),
        at_risk=at_risk,
        events=events,
        persons=persons,
        spells=persons,
        observed_to=months,
        method="kaplan-meier",
    )


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
    return Table(
        id=name,
        caption=Sentence(caption),
        columns=columns,
        rows=rows,
        note=Sentence("t.table_note"),
        in_report=in_report,
    )


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
        id=name,
        kind=kind,
        title=Sentence("t.title"),
        subtitle=Sentence("t.sub"),
        note=Sentence("t.note", {"n": 7043}),
        alt=alt,
        x=Sentence("t.x"),
        y=Sentence("t.y"),
        table=table(f"{name}.data", in_report=False),
        first_page=name == "all",
        lines=() if kind == "dots" else lines,
        dots=dots if kind == "dots" else (),
    )


def findings() -> tuple[Finding, ...]:
    """Return one finding of each sort."""
    one = {"s": share(0.843), "n": 7043}
    mean = Estimate(value=20.2, low=19.8, high=20.6, unit="month", method="rmst")
    return (
        Finding(
            id="f.share",
            status=Status.MEASURED,
            sentence=Sentence("t.share", one),
            headline=Sentence("t.share_head", one),
            importance=0.8,
            figure="all",
        ),
        Finding(
            id="f.recent",
            status=Status.MEASURED,
            sentence=Sentence("t.recent"),
            caution=True,
            headline=Sentence("t.recent_head"),
            importance=0.7,
        ),
        Finding(
            id="f.rmst",
            status=Status.ESTIMATED,
            sentence=Sentence("t.rmst", {"m": mean}),
            importance=0.5,
            assumptions=("rule",),
        ),
        Finding(
            id="f.price",
            status=Status.NOT_IDENTIFIABLE,
            sentence=Sentence("t.unknown"),
            headline=Sentence("t.unknown_head"),
            importance=0.3,
            missing=("price",),
        ),
    )


def sections() -> tuple[Section, ...]:
    """Return a chapter of two sections with every kind of component."""
    first = Section(
        id="lifetimes",
        heading=Sentence("t.heading"),
        findings=findings(),
        figures=(figure("all"), figure("rate", "hazard")),
        tables=(table("by_month"),),
        results=(Result(id="lifetimes.survival.12", estimate=share(0.843)),),
    )
    second = Section(
        id="groups",
        heading=Sentence("t.groups"),
        figures=(figure("by_contract", grouped=True), figure("dots", "dots")),
        tables=(table("contract", "t.caption_groups"),),
    )
    absent = Section(id="cohorts", heading=Sentence("t.heading"), left_out=Sentence("t.unknown"))
    return first, second, absent


def german() -> Words:
    """Return German words with the sentences of the hand-made sections."""
    return Words("de_DE", DE)


def english() -> Words:
    """Return English words with the sentences of the hand-made sections."""
    return Words("en_GB", EN)


def cover(headline: str = "") -> Cover:
    """Return what the first page says of a made-up client."""
    return Cover(
        title="Musterstrom & <Co>",
        subtitle="Kundenbindung 2025",
        nature="simulated",
        as_of=date(2024, 12, 31),
        created=date(2025, 1, 15),
        version="0.1.0",
        headline=headline,
    )


def executed(words: Words) -> list[NotebookNode]:
    """Return two notebooks as the driver hands them on: a chapter, and somebody's own analysis."""
    hidden = new_markdown_cell("For analysts only", metadata={"tags": ["analyst"]})
    shown = [cell_of(bundles(section, words)) for section in sections()]
    return [new_notebook(cells=[hidden, *shown]), new_notebook(cells=own_cells())]


def cell_of(shown: Sequence[Bundle]) -> NotebookNode:
    """Return a code cell that has displayed the components."""
    outputs = [new_output("display_data", data=b.data, metadata=b.metadata) for b in shown]
    return new_code_cell("sk.show(section)", outputs=outputs)


def own_cells() -> list[NotebookNode]:
    """Return cells that do not come from this package: markdown, a DataFrame, a picture, text."""
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "<y> & #z"]})
    html = {"text/html": frame._repr_html_(), "text/plain": str(frame)}
    outputs = [
        new_output("execute_result", data=html, execution_count=1),
        new_output("display_data", data={"image/png": PNG, "text/plain": "<Figure>"}),
        new_output("stream", name="stdout", text="two <lines>\nof #text\n"),
        new_output("stream", name="stderr", text="a warning nobody should print"),
    ]
    return [new_markdown_cell(MARKDOWN), new_code_cell("frame", outputs=outputs)]


def report(words: Words, **more: Any) -> NotebookNode:
    """Return the composed notebook of the hand-made sections, with an appendix."""
    ending = Section(
        id="appendix.method",
        heading=Sentence("t.caption"),
        paragraphs=(Sentence("t.recent"),),
        tables=(table("appendix.rows", "t.caption_method"),),
    )
    return compose(executed(words), cover(**more), [ending], words)
