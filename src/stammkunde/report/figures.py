"""Every picture of a report, by its kind, as SVG text."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from matplotlib.figure import Figure as Canvas

from stammkunde.chapters.exhibit import Figure
from stammkunde.errors import RenderError, nearest
from stammkunde.report.calibration import draw_calibration
from stammkunde.report.compared import draw_compared
from stammkunde.report.course import draw_course
from stammkunde.report.curves import draw_hazard, draw_incidence, draw_survival
from stammkunde.report.dots import draw_dots
from stammkunde.report.heat import draw_heat
from stammkunde.report.likeness import draw_balance
from stammkunde.report.regions import draw_regions
from stammkunde.report.series import draw_series
from stammkunde.report.stacked import draw_stacked
from stammkunde.report.steps import draw_steps
from stammkunde.report.style import house_style, svg
from stammkunde.report.tornado import draw_tornado
from stammkunde.report.tracks import draw_track
from stammkunde.report.words import Words

KINDS: Mapping[str, Callable[[Figure, Words, bool], Canvas]] = {
    "survival": draw_survival,
    "hazard": draw_hazard,
    "incidence": draw_incidence,
    "stacked": draw_stacked,
    "series": draw_series,
    "heat": draw_heat,
    "calibration": draw_calibration,
    "dots": draw_dots,
    "track": draw_track,
    "balance": draw_balance,
    "compared": draw_compared,
    "steps": draw_steps,
    "course": draw_course,
    "tornado": draw_tornado,
    "regions": draw_regions,
}
# what a picture is made of, by kind; lines for all others
MADE_OF = {"series": "points", "heat": "cells", "calibration": "pairs", "dots": "dots"}
MADE_OF |= {"track": "track", "balance": "balanced", "compared": "bars", "steps": "steps"}
MADE_OF |= {"course": "ways", "tornado": "swings", "regions": "regions"}


def draw(figure: Figure, words: Words, narrow: bool = False) -> str:
    """Return the picture as SVG text, without its title; the same figure gives the same bytes.

    `narrow` draws it for a phone: 3.7 inches wide instead of 6.4, with type of the same size.
    RenderError for an unknown kind or a figure without content.
    """
    if figure.kind not in KINDS:
        remedy = nearest(figure.kind, KINDS)
        raise RenderError(
            f"`{figure.kind}` is not a kind of picture", where=figure.id, remedy=remedy
        )
    content = MADE_OF.get(figure.kind, "lines")
    if not getattr(figure, content):
        remedy = f"Leave the picture out, or give it {content}."
        raise RenderError("The picture has nothing to show", where=figure.id, remedy=remedy)
    with house_style():
        return svg(KINDS[figure.kind](figure, words, narrow))
