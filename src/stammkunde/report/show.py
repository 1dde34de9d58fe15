"""Showing things in a notebook: a section of a report, or a curve, an estimate or a table."""

from __future__ import annotations

from stammkunde.chapters.exhibit import Column, Figure, Line, Section, Table
from stammkunde.errors import ParameterError
from stammkunde.report.dress import HTML, PLAIN, Bundle, bundles, grid, picture
from stammkunde.report.palette import GREY, WARM
from stammkunde.report.words import Words
from stammkunde.result import Estimate, Sentence
from stammkunde.survival.curve import Curve

Showable = Section | Figure | Table | Curve | Estimate
JUPYTER = (
    f"<style>.finding{{max-width:43rem}}.status{{color:{GREY}}}"
    f".caution{{border-left:4px solid {WARM};padding:.6em .9em}}"
    f".remark,.subtitle,.note,figcaption{{color:{GREY}}}figure{{margin:1.5em 0}}</style>\n"
)


def show(thing: Showable, language: str | Words = "en_GB") -> None:
    """Display a section (or a figure, table, curve or estimate) in the words of a locale.

    `language` is a locale such as "de_DE", in a chapter that of the study. ParameterError for
    anything else than the things named. Each component goes out as one output in every dress; in a
    script, which has no place for pictures, as a line of plain text.
    """
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.display import display

    words = language if isinstance(language, Words) else Words(language)
    for bundle in components(thing, words):
        if not InteractiveShell.initialized():
            print(bundle.data[PLAIN])
            continue
        data = dict(bundle.data)
        if bundle.metadata.get("stammkunde", {}).get("role") == "heading":
            data[HTML] = JUPYTER + data[HTML]
        display(data, metadata=bundle.metadata, raw=True)


def components(thing: Showable, words: Words) -> list[Bundle]:
    """Return the components that `show` displays; ParameterError for what cannot be shown."""
    if isinstance(thing, Section):
        return bundles(thing, words)
    if isinstance(thing, Figure):
        return [picture(thing, words)]
    if isinstance(thing, Curve):
        return [picture(curve_figure(thing), words)]
    if isinstance(thing, Estimate):
        shown = grid(estimate_table(thing), words)
        return [Bundle(shown.data | {PLAIN: words.cell(thing)})]
    if not isinstance(thing, Table):
        raise ParameterError(
            f"A {type(thing).__name__} cannot be shown",
            remedy="Known are a section, figure, table, curve and estimate.",
        )
    return [grid(thing, words)]


def curve_figure(curve: Curve) -> Figure:
    """Return a plain figure of one curve, with its numbers as the table behind it."""
    last = min(curve.observed_to, len(curve.value) - 1)
    name = "" if curve.kind == "survival" else f"{curve.kind}_"
    counts = {"persons": curve.persons, "events": int(curve.events[:last].sum())}
    level = {"level": curve.level}
    return Figure(
        id=f"quick-{curve.kind}",
        kind="survival" if curve.kind == "occupancy" else curve.kind,
        title=Sentence(f"ui.quick.{name}title"),
        subtitle=Sentence(f"ui.quick.{name}subtitle", level),
        note=Sentence("ui.quick.note", counts),
        alt=Sentence("ui.quick.alt", {"last": float(curve.value[last])}),
        x=Sentence("ui.quick.x", {"unit": Sentence(f"ui.unit.{curve.unit}")}),
        y=Sentence("ui.quick.y"),
        table=_numbers(curve, last),
        lines=(Line(curve),),
    )


def estimate_table(estimate: Estimate) -> Table:
    """Return an estimate as a table of one row."""
    heads = (("value", ""), ("column_method", "text"), ("column_status", "text"))
    keys = ["ui.value", *(f"ui.quick.{name}" for name, _ in heads[1:])]
    columns = [Column(key, form) for key, (_, form) in zip(keys, heads, strict=True)]
    row = (estimate, estimate.method, Sentence(f"ui.status.{estimate.status}"))
    caption = Sentence("ui.quick.estimate")
    return Table(id="quick-estimate", caption=caption, columns=columns, rows=[row])


def _numbers(curve: Curve, last: int) -> Table:
    forms = (("unit", "int"), ("value", "percent1"), ("at_risk", "int"), ("events", "int"))
    columns = [Column(f"ui.quick.column_{name}", form) for name, form in forms]
    rows = [
        (t, float(curve.value[t]), int(curve.at_risk[t - 1]), int(curve.events[t - 1]))
        for t in range(1, last + 1)
    ]
    return Table(
        id=f"quick-{curve.kind}", caption=Sentence("ui.quick.table"), columns=columns, rows=rows
    )
