"""Every kind of picture in both widths and languages, and what each refuses or leaves out."""

import re
from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_rgb

from stammkunde.chapters.exhibit import HeatCells, Line, Mark, Pair, Point
from stammkunde.errors import RenderError
from stammkunde.report import heat, series, stacked
from stammkunde.report.curves import draw_hazard, draw_survival
from stammkunde.report.dots import draw_dots
from stammkunde.report.figures import KINDS, MADE_OF, draw
from stammkunde.report.heat import draw_heat
from stammkunde.report.layout import curves_layout
from stammkunde.report.marks import LETTERS, place_marks
from stammkunde.report.series import draw_series
from stammkunde.report.style import house_style, inches
from stammkunde.report.words import Words
from tests.patience import examples
from tests.report import pictures
from tests.report.making import english, figure, german, share

GALLERY = pictures.gallery()
DARKEST = 4.5


def test_the_gallery_shows_every_kind():
    assert {shown.kind for shown in GALLERY.values()} == set(KINDS)


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("name", GALLERY)
def test_no_text_touches_another_or_leaves_the_picture(name, narrow, words):
    found, whole = pictures.texts(GALLERY[name], words, narrow)
    assert len(found) > 8
    assert pictures.touching(found, whole) == []


@pytest.mark.parametrize("narrow", [False, pytest.param(True, marks=pytest.mark.long)])
@pytest.mark.parametrize("name", GALLERY)
@pytest.mark.long
def test_a_picture_is_drawn_twice_to_the_same_small_bytes(name, narrow):
    once = draw(GALLERY[name], german(), narrow)
    assert once == draw(GALLERY[name], german(), narrow)
    assert len(once.encode()) < 120_000
    assert "<text" not in once
    assert not re.search(r"(href|src)=\"(?!#)", once)


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_without_content_is_refused(kind):
    with pytest.raises(RenderError, match="nothing to show") as caught:
        draw(replace(figure("all"), kind=kind, lines=()), german())
    assert MADE_OF.get(kind, "lines") in str(caught.value)


def drawn(painter, shown, narrow=False):
    with house_style():
        return painter(shown, german(), narrow).axes[0]


def test_a_band_is_drawn_behind_the_intervals_and_a_projection_dashed():
    first, second = pictures.banded().lines
    bare = replace(first, curve=replace(first.curve, band_low=None, band_high=None))
    with_band = drawn(draw_survival, replace(pictures.banded(), lines=(first, second)))
    without = drawn(draw_survival, replace(pictures.banded(), lines=(bare, second)))
    assert len(with_band.collections) == len(without.collections) + 1
    solid, dashed = with_band.lines
    assert not solid.is_dashed()
    assert dashed.is_dashed()


def test_a_smooth_line_stops_at_a_contract_event():
    axes = drawn(draw_hazard, pictures.hazard())
    pieces = [line.get_xdata() for line in axes.lines if len(line.get_xdata()) > 1][1:]
    assert [(p[0], p[-1]) for p in pieces] == [(1, 11), (13, 23), (25, 35)]
    alone = [line.get_xdata()[0] for line in axes.lines if len(line.get_xdata()) == 1]
    assert alone == [12, 24, 36]


def test_without_contract_events_the_smooth_line_is_one():
    shown = pictures.hazard()
    axes = drawn(draw_hazard, replace(shown, lines=[replace(shown.lines[0], breaks=())]))
    assert [len(line.get_xdata()) for line in axes.lines] == [36, 36]


def test_the_areas_of_a_stack_are_the_shares():
    shown = pictures.stacked()
    edges = stacked._edges(shown)
    heights = -np.diff(edges, axis=0)
    for height, part in zip(heights, (*shown.lines, shown.rest), strict=True):
        assert height == pytest.approx(part.curve.value, abs=1e-12)
    assert edges[0] == pytest.approx(1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rest": None}, "who are still there"),
        ({"lines": pictures.stacked().lines[:2]}, "do not add up"),
    ],
)
def test_a_stack_that_is_not_whole_is_refused(change, message):
    with pytest.raises(RenderError, match=message):
        draw(replace(pictures.stacked(), **change), german())


def test_parts_of_a_stack_that_end_apart_are_drawn_as_far_as_all_go():
    shown = pictures.stacked()
    short = [replace(x, curve=replace(x.curve, observed_to=20)) for x in shown.lines]
    assert stacked._edges(replace(shown, lines=short)).shape[1] == 21


def test_customers_that_are_the_same_are_counted_once():
    assert len(curves_layout(pictures.incidence(), german(), False).counted) == 1
    assert len(curves_layout(figure("by", grouped=True), german(), False).counted) == 3


@given(
    st.lists(st.floats(0.7, 3.5), max_size=20),
    st.lists(st.sampled_from((1, 8, 20, 40)), min_size=20, max_size=20),
)
@settings(max_examples=examples(200), deadline=None)
def test_labels_of_marks_stay_apart_and_inside(places, sizes):
    labels = ["n" * size for size in sizes[: len(places)]]
    found = place_marks(places, labels, 3.7)
    ends = [s + inches(t, 9.0) for s, t in zip(found.starts, found.texts, strict=True)]
    assert all(start > 0 for start in found.starts)
    assert all(end < 3.7 for end in ends)
    for i in range(len(ends)):
        for j in range(i):
            apart = found.starts[i] >= ends[j] or found.starts[j] >= ends[i]
            assert apart or found.rows[i] != found.rows[j]
    assert set(labels) <= {part for t in told(found) for part in t.split(", ")}


def told(found):
    """Return the labels that a reader finds: at the marks, or by letter in the key."""
    if not found.key:
        return found.texts
    rows = " ".join(found.key).split("\u00a0· ")
    assert [row[0] for row in rows] == list(LETTERS[: len(rows)])
    return [row.partition("\u00a0")[2].strip() for row in rows]


def test_marks_beyond_the_axis_are_not_drawn_and_too_many_are_refused():
    shown = pictures.hazard()
    ahead = replace(shown, marks=[Mark(99, "late")])
    assert draw(ahead, german()) == draw(replace(shown, marks=()), german())
    with pytest.raises(RenderError, match="21 marks"):
        draw(replace(shown, marks=[Mark(i + 1, "x") for i in range(21)]), german())


def test_a_mark_of_the_wrong_sort_is_refused():
    with pytest.raises(RenderError, match="needs a tenure"):
        draw(replace(pictures.hazard(), marks=pictures.RISES), german())
    with pytest.raises(RenderError, match="needs a day"):
        draw(replace(pictures.series(), marks=pictures.EVENTS), german())


def test_a_series_of_nothing_is_refused_and_one_point_is_drawn():
    nothing = [Point(date(2024, 1, 1), pictures.ratio(None))]
    with pytest.raises(RenderError, match="without any value"):
        draw(replace(pictures.series(), points=nothing), german())
    one = [Point(date(2024, 1, 1), pictures.ratio(1.2))]
    axes = drawn(draw_series, replace(pictures.series(), points=one))
    assert axes.get_ylim()[1] > 1.2 * 1.15


def test_a_wide_interval_does_not_flatten_a_series():
    points = list(pictures.series().points)
    wild = replace(points[0].estimate, high=400.0)
    points[0] = Point(points[0].at, wild)
    assert drawn(draw_series, replace(pictures.series(), points=points)).get_ylim()[1] < 6


@pytest.mark.parametrize(
    ("months", "expected"),
    [(10, {1}), (30, {3}), (60, {12}), (240, {24})],
)
def test_ticks_of_a_series_stand_at_the_beginning_of_periods(months, expected):
    first = date(2004, 1, 1).toordinal()
    ticks, names = series._calendar((first, first + months * 30.4), 5.5, "de_DE")
    days = [date.fromordinal(t) for t in ticks]
    gaps = {(b.year - a.year) * 12 + b.month - a.month for a, b in pairwise(days)}
    assert gaps == expected
    assert all(day.day == 1 for day in days)
    assert names[0].endswith("2004")


def test_months_are_named_in_the_readers_language():
    limits = (date(2024, 1, 1).toordinal(), date(2024, 7, 1).toordinal())
    german_names = series._calendar(limits, 5.5, "de_DE")[1]
    english_names = series._calendar(limits, 5.5, "en_GB")[1]
    assert german_names[:3] == ["Jan\n2024", "Feb", "Mär"]
    assert english_names[2:5] == ["Mar", "Apr", "May"]


def luminance(colour):
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return float(np.dot(parts, (0.2126, 0.7152, 0.0722)))


def test_shades_grow_darker_in_a_grey_print_and_numbers_on_them_are_readable():
    shades = [luminance(heat._colour(level)) for level in range(heat.LEVELS)]
    assert np.all(np.diff(shades) < -0.003)
    for level, shade in enumerate(shades):
        ink = luminance(heat._ink(level))
        contrast = (max(ink, shade) + 0.05) / (min(ink, shade) + 0.05)
        assert contrast >= DARKEST, level


def test_cells_show_their_numbers_where_they_are_few_and_a_scale_where_many():
    few, many = pictures.heat(5, 6), pictures.heat(12, 36)
    known = sum(v is not None for row in few.cells.values for v in row)
    assert len(drawn(draw_heat, few).texts) == known
    assert list(drawn(draw_heat, many).texts) == []


def test_a_heat_map_covers_what_was_observed_and_nothing_else():
    cells = HeatCells(
        rows=("a", "b"), columns=(1, 2, 3), values=[[0.9, 0.5, 0.1], [0.9, None, None]]
    )
    axes = drawn(draw_heat, replace(pictures.heat(), cells=cells))
    paths = [patch.get_path() for patch in axes.patches]
    inside = lambda x, y: any(path.contains_point((x, y)) for path in paths)  # noqa: E731
    middles = [(c + 0.5, r + 0.5) for r in range(2) for c in range(3)]
    assert [inside(*middle) for middle in middles] == [True, True, True, True, False, False]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (HeatCells(rows=("a",), columns=(1, 2), values=[[0.5]]), "do not fit"),
        (HeatCells(rows=("a", "b"), columns=(1,), values=[[0.5]]), "do not fit"),
        (HeatCells(rows=("a",), columns=(1,), values=[[None]]), "without any value"),
    ],
)
def test_cells_that_cannot_be_drawn_are_refused(cells, message):
    with pytest.raises(RenderError, match=message):
        draw(replace(pictures.heat(), cells=cells), german())


def test_equal_cells_and_a_single_one_are_drawn():
    cells = HeatCells(rows=("a",), columns=(12,), values=[[0.0]])
    assert draw(replace(pictures.heat(), cells=cells), english()).startswith("<svg ")


def test_a_pair_without_an_observed_share_is_refused():
    pairs = [Pair(0.5, share(None, reason="few"))]
    with pytest.raises(RenderError, match="without an observed"):
        draw(replace(pictures.calibration(), pairs=pairs), german())


def test_calibration_has_equal_axes():
    for narrow in (False, True):
        axes = drawn(KINDS["calibration"], pictures.calibration(), narrow)
        assert axes.get_xlim() == axes.get_ylim()
        box, size = axes.get_position(), axes.figure.get_size_inches()
        assert box.width * size[0] == pytest.approx(box.height * size[1])


def test_a_group_has_one_heading_and_rows_without_one_none():
    found, _ = pictures.texts(pictures.grouped_dots(), german(), False)
    assert [text for text, _ in found].count("Tarif") == 1
    bare = replace(pictures.grouped_dots(), dots=figure("d", "dots").dots)
    found, _ = pictures.texts(bare, german(), False)
    assert "Tarif" not in [text for text, _ in found]


def test_the_reference_of_dots_is_in_the_picture():
    low = [replace(d, estimate=pictures.ratio(0.5)) for d in pictures.grouped_dots().dots]
    axes = drawn(draw_dots, replace(pictures.grouped_dots(), dots=low))
    assert axes.get_xlim()[1] >= 1


def test_the_language_changes_words_and_numbers():
    for name in ("series", "heat-few", "calibration", "dots"):
        assert draw(GALLERY[name], german()) != draw(GALLERY[name], english()), name


def test_a_swiss_reader_gets_swiss_numbers():
    extra = german().extra
    assert draw(pictures.stacked(), Words("de_CH", extra)) != draw(pictures.stacked(), german())


def test_a_line_without_a_name_leaves_no_gap_in_the_list():
    shown = pictures.banded()
    lines = (shown.lines[0], Line(shown.lines[1].curve))
    layout = curves_layout(replace(shown, lines=lines), german(), True)
    both = curves_layout(shown, german(), True)
    assert layout.above == pytest.approx(both.above - 0.2)
