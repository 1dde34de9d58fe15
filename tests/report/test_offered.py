"""Pictures of what an offer did: in place, true to their numbers, and calm with any label."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.text import Annotation

from stammkunde.chapters.exhibit import Balanced, Bar, StepRow
from stammkunde.errors import RenderError
from stammkunde.report.figures import KINDS, draw
from stammkunde.report.palette import ACCENT, GREY, PALE, RULE, WARM
from stammkunde.report.rows import head_height, headings
from stammkunde.report.style import NARROW, SMALL, house_style, inches
from tests.report import offered
from tests.report.making import english, german
from tests.report.pictures import texts, touching

GALLERY = offered.gallery()
WIDTHS = pytest.mark.parametrize("narrow", [False, True])


def drawn(shown, narrow=False):
    """Return the canvas of a picture in German."""
    with house_style():
        return KINDS[shown.kind](shown, german(), narrow)


def said(shown, narrow=False):
    """Return what a picture says, in the order in which it was written."""
    return [text for text, _ in texts(shown, german(), narrow)[0]]


@WIDTHS
@pytest.mark.parametrize("name", sorted(GALLERY.keys() - KINDS.keys()))
def test_no_text_touches_another_or_leaves_the_picture(name, narrow):
    assert touching(*texts(GALLERY[name], german(), narrow)) == []


@WIDTHS
def test_a_picture_of_hatches_and_arrows_is_the_same_twice_and_small(narrow):
    for name in ("compared-trials", "steps-refused"):
        once = draw(GALLERY[name], english(), narrow)
        assert once == draw(GALLERY[name], english(), narrow)
        assert len(once.encode()) < 120_000


def dots(shown, narrow=False):
    """Return where the dots of a row stand: those before, and those after with their colour."""
    single = [x for x in drawn(shown, narrow).axes[0].lines if x.get_marker() == "o"]
    rings = [x for x in single if x.get_markerfacecolor() == "white"]
    filled = [x for x in single if x not in rings]
    return (
        [float(x.get_xdata()[0]) for x in rings],
        [(float(x.get_xdata()[0]), x.get_color()) for x in filled],
    )


@WIDTHS
def test_a_ring_stands_before_and_a_dot_after_orange_where_still_unlike(narrow):
    shown = offered.balance()
    before, after = dots(shown, narrow)
    assert before == [row.before for row in shown.balanced]
    assert [x for x, _ in after] == [row.after for row in shown.balanced]
    assert {x for x, ink in after if ink == WARM} == {0.14}
    assert {ink for x, ink in after if x != 0.14} == {ACCENT}


def test_of_many_levels_the_most_unlike_before_are_drawn_in_their_order():
    rows = [Balanced(f"{i}", before=0.01 * (-1) ** i * (i % 20), after=0.0) for i in range(40)]
    before, _ = dots(replace(offered.balance(), balanced=rows))
    assert len(before) == 18
    assert before == [r.before for r in rows if abs(r.before) > 0.105]


def test_before_and_after_are_named_once_and_the_band_ends_at_a_tenth():
    shown = offered.balance()
    assert [said(shown).count(word) for word in ("vorher", "nachher", "gilt als gleich")] == [1] * 3
    (band,) = drawn(shown).axes[0].patches
    assert (band.get_x(), band.get_width()) == (-0.1, 0.2)


@WIDTHS
@pytest.mark.parametrize(
    ("before", "after"), [(0, 0), (0.3, 0.31), (-2.4, 0.02), (0.02, 2.4), (1.9, 1.9), (-3, -3)]
)
def test_before_and_after_never_touch_wherever_they_stand(before, after, narrow):
    row = Balanced("M", before=before, after=after, group="Tarif")
    shown = replace(offered.balance(), balanced=[row, replace(row, before=0.0)])
    assert touching(*texts(shown, german(), narrow)) == []


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_a_difference_that_is_not_a_number_is_refused(wrong):
    shown = replace(offered.balance(), balanced=[Balanced("M", before=wrong, after=0.0)])
    with pytest.raises(RenderError, match="not a number"):
        draw(shown, german())


def stretches(shown, narrow=False):
    """Return start, stop and colour of each stretch, in units of tenure, and the axes."""
    canvas = drawn(shown, narrow)
    (axes,) = canvas.axes
    box = axes.get_position()
    width = float(canvas.get_size_inches()[0])
    last = axes.get_xlim()[1]
    unit = lambda x: (x / width - box.x0) / box.width * last  # noqa: E731
    patches = [p for p in canvas.artists if isinstance(p, Rectangle)]
    found = [
        (round(unit(p.get_x()), 6), round(unit(p.get_x() + p.get_width()), 6), p.get_facecolor())
        for p in patches
    ]
    return found[: len(shown.bars)], len(found) - len(shown.bars)


@WIDTHS
def test_a_stretch_is_as_long_as_its_time_and_as_dark_as_its_kind(narrow):
    shown = offered.compared()
    found, keys = stretches(shown, narrow)
    assert [(a, b) for a, b, _ in found] == [(bar.start, bar.stop) for bar in shown.bars]
    full = [ink == to_rgba(ACCENT) for _, _, ink in found]
    assert full == [bar.kind == "compared" for bar in shown.bars]
    assert keys == 3


@WIDTHS
def test_only_time_that_had_to_be_survived_is_hatched_and_within_its_stretch(narrow):
    shown = offered.compared()
    canvas = drawn(shown, narrow)
    (lines, key) = [p for p in canvas.artists if type(p) is PathPatch]
    stretch, _ = [p for p in canvas.artists if isinstance(p, Rectangle)
                  and p.get_facecolor()[:3] == to_rgba(WARM)[:3]]  # fmt: skip
    corners, box = lines.get_path().vertices, stretch.get_bbox()
    assert len(key.get_path().vertices) < len(corners) / 2
    assert box.padded(1e-9).count_contains(corners) == len(corners)
    # evenly slanted, and from end to end
    assert np.ptp(np.diff(corners[1::2] - corners[::2])) == pytest.approx(0)
    assert np.ptp(corners[:, 0]) > 0.97 * box.width
    bare = [bar for bar in shown.bars if bar.kind != "must_stay"]
    canvas = drawn(replace(shown, bars=bare), narrow)
    assert [p for p in canvas.artists if type(p) is PathPatch] == []


def test_customers_are_counted_where_a_compared_stretch_begins():
    found = said(offered.compared())
    assert "3.120 Kunden" in found
    assert "12.450 Kunden" in found
    assert "6.871 Kunden · von denen, die noch da sind" in found
    narrow = said(offered.compared(), narrow=True)
    assert "6.871 Kunden" in narrow
    assert narrow.count("von denen, die noch da sind") == 2
    assert "1 Kunde" in said(GALLERY["compared-one"])


def test_a_stretch_too_short_for_its_count_has_it_above():
    narrow = replace(offered.compared(), bars=[
        Bar("M", 0, 10, "not_compared", 5, says="kurz"),
        Bar("M", 10, 14, "compared", 1234567, says="lang"),
        Bar("M", 14, 15, "not_compared", 5, says="nicht mehr"),
        Bar("M", 15, 40, "compared", 1234567),
    ])  # fmt: skip
    found = said(narrow)
    assert "1.234.567 Kunden · lang" in found
    assert "nicht mehr" in found
    assert found.count("1.234.567 Kunden") == 1
    assert touching(*texts(narrow, german(), False)) == []
    wider = [narrow.bars[0], replace(narrow.bars[1], stop=12)]
    assert {"1.234.567", "lang"} <= set(said(replace(narrow, bars=wider)))


def test_only_the_shades_that_are_seen_are_explained():
    found = said(GALLERY["compared-one"])
    assert "wird verglichen" in found
    assert "noch nicht verglichen" not in found


def test_ways_of_counting_have_one_heading_each():
    found = said(offered.compared())
    assert [found.count(str(g.text["de"])) for g in (offered.USUAL, offered.HERE)] == [1, 1]
    assert [found.count("ohne Treuerabatt")] == [2]


def test_a_stretch_without_time_is_refused():
    shown = replace(offered.compared(), bars=[Bar("M", 12, 12, "compared", 10)])
    with pytest.raises(RenderError, match="ends where it begins"):
        draw(shown, german())


def arrows(shown, narrow=False):
    """Return from where to where each arrow leads."""
    (axes,) = drawn(shown, narrow).axes
    found = [a for a in axes.texts if isinstance(a, Annotation) and a.arrow_patch is not None]
    return [(a.xyann, a.xy) for a in found]


def test_arrows_lead_from_each_number_to_the_next():
    ends = arrows(offered.steps())
    assert [(a[0], b[0]) for a, b in ends] == [(6.08, 0.84), (0.84, 0.43)]
    assert ends[0][1] == ends[1][0]
    flat = arrows(offered.steps(), narrow=True)
    assert [(a[0], b[0]) for a, b in flat] == [(6.08, 0.84), (0.84, 0.43)]
    assert all(a[1] == b[1] for a, b in flat)


@WIDTHS
def test_a_refused_step_says_why_and_no_arrow_leads_there(narrow):
    shown = offered.steps(refused=True)
    assert "zu wenige Abgänge" in said(shown, narrow)
    assert [(a[0], b[0]) for a, b in arrows(shown, narrow)] == [(6.08, 0.84)]
    middle = [replace(shown.steps[0]), shown.steps[2], shown.steps[1]]
    assert arrows(replace(shown, steps=middle), narrow) == []


@WIDTHS
def test_intervals_are_those_of_the_estimates_and_the_answer_is_emphasised(narrow):
    shown = offered.steps()
    canvas = drawn(shown, narrow)
    bars = [x for x in canvas.axes[0].lines if x.get_linewidth() == 5]
    assert [tuple(x.get_xdata()) for x in bars] == [
        (s.estimate.low, s.estimate.high) for s in shown.steps
    ]
    assert [x.get_color() for x in bars] == [GREY, GREY, ACCENT]
    bold = {t.get_text() for t in canvas.texts if t.get_fontweight() == 600}
    assert bold == {"dieselben, vergleichbar gemacht", "0,4 (0,2–0,6)"}
    ground = [p for p in canvas.artists if p.get_facecolor() == to_rgba(PALE)]
    assert len(ground) == 1


@WIDTHS
def test_the_band_is_as_wide_as_what_is_too_small_and_explained(narrow):
    axes = drawn(offered.steps(), narrow).axes[0]
    bands = [p for p in axes.patches if p.get_facecolor()[:3] == to_rgba(RULE)[:3]]
    assert {(p.get_x(), p.get_width()) for p in bands} == {(-0.25, 0.5)}
    assert "zu klein, um zu zählen" in said(offered.steps(), narrow)
    bare = replace(offered.steps(), band=None)
    assert "zu klein, um zu zählen" not in said(bare, narrow)
    assert drawn(bare, narrow).axes[0].get_xlim()[0] < 0


@WIDTHS
def test_no_line_runs_through_the_words_of_a_refusal(narrow):
    shown = GALLERY["steps-none"]
    (axes,) = drawn(shown, narrow).axes
    assert list(axes.lines) == []
    assert [c for c in axes.collections if isinstance(c, LineCollection)] == []


def test_a_number_with_one_limit_has_no_bar_and_says_so():
    half = replace(offered.months(2.0), low=None)
    shown = replace(offered.steps(), steps=[StepRow("M", half, answer=True)])
    assert "2,0 (höchstens 2,2)" in said(shown)
    assert [x for x in drawn(shown).axes[0].lines if x.get_linewidth() == 5] == []


def test_a_long_heading_is_wrapped_and_takes_its_lines():
    name = str(offered.LONG.text["de"])
    first, none, other = headings([name, name, "b"], german(), NARROW)
    assert (none, other) == ("", "b")
    assert first.count("\n") >= 2
    assert all(inches(part, SMALL, bold=True) <= NARROW for part in first.split("\n"))
    assert head_height("") == 0
    assert head_height(first) > head_height(other)
