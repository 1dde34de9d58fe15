"""The picture of a hazard: counted and smoothed, with the contract events marked."""

from __future__ import annotations

from collections.abc import Mapping

from stammkunde.chapters.exhibit import Figure, Line, Mark
from stammkunde.chapters.lifetimes.events import Events
from stammkunde.chapters.parts import curve_table, source, ticks, unit
from stammkunde.result import Sentence
from stammkunde.study import Study
from stammkunde.survival.curve import Curve

MOST_MARKS, FEW_MARKS = 20, 3


def hazard_figure(
    study: Study, line: Line, events: Events, key: str, words: Mapping[str, object]
) -> Figure:
    """Return the picture of `line`, titled by the sentence `key` with its `words`."""
    curve = line.curve
    dress = "plain" if line.smooth is None else "marked" if events.all else "smooth"
    # where nothing is left beside what stands out, there is nothing to set it against
    shown = "hazard" if key == "hazard_several_only" else key.removesuffix("_only")
    title = Sentence(f"lifetimes.figure.{shown}", words)
    return Figure(
        id="lifetimes.hazard",
        kind="hazard",
        title=title,
        subtitle=Sentence(f"figure.hazard.{dress}", words),
        note=source(study, [curve]),
        alt=Sentence(f"lifetimes.alt.{shown}", words),
        x=Sentence("axis.tenure", {"unit": unit(curve.unit)}),
        y=Sentence("axis.hazard"),
        lines=[line],
        x_ticks=ticks(curve.observed_to, curve.unit),
        table=curve_table("lifetimes.hazard", [line], title),
        marks=_marks(curve, events),
    )


def _marks(curve: Curve, events: Events) -> list[Mark]:
    """Return the contract events as marks, those that stand out first where there are too many."""
    first = sorted(events.all, key=lambda u: u not in events.found)[:MOST_MARKS]
    one = unit(curve.unit, 1)
    name = "number" if len(first) > FEW_MARKS else "unit"
    return [
        Mark(u, Sentence(f"lifetimes.mark.{name}", {"unit": u, "one": one})) for u in sorted(first)
    ]
