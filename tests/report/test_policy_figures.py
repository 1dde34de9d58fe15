"""Pictures of a decision: sums that can be read, names that do not touch, areas told apart."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_rgb

from stammkunde.chapters.exhibit import Mark, Regions, Swing, Way
from stammkunde.errors import RenderError
from stammkunde.report import regions as painted
from stammkunde.report.areas import label_of, plan_of, point_of, room_for
from stammkunde.report.course import draw_course, stacked
from stammkunde.report.figures import draw
from stammkunde.report.hatch import WAYS, stripes
from stammkunde.report.palette import ACCENT, INK, LINES, WARM
from stammkunde.report.regions import GROUNDS, LINES_ON, draw_regions
from stammkunde.report.style import house_style
from stammkunde.report.sums import named, scale_of, told
from stammkunde.report.tornado import draw_tornado
from tests.patience import examples
from tests.report import decided, pictures
from tests.report.making import english, german

NBSP, MINUS = "\u00a0", "\u2212"
BOX = (0.25, -0.5, 1.7, 0.9)


def axes_of(painter, shown, narrow=False):
    with house_style():
        return painter(shown, german(), narrow).axes[0]


def said(shown, words=None, narrow=False):
    return [text for text, _ in pictures.texts(shown, words or german(), narrow)[0]]


@pytest.mark.parametrize(
    ("largest", "amount", "de", "en"),
    [
        (900.0, 85.0, f"85{NBSP}€", "€85"),
        (15_000.0, 15_000.0, f"15,0{NBSP}Tsd.{NBSP}€", f"€15.0{NBSP}thousand"),
        (2.5e5, -38_412.0, f"{MINUS}38{NBSP}Tsd.{NBSP}€", f"{MINUS}€38{NBSP}thousand"),
        (1.999e6, 1.5e6, f"1.500{NBSP}Tsd.{NBSP}€", f"€1,500{NBSP}thousand"),
        (4e6, 1_234_567.0, f"1,23{NBSP}Mio.{NBSP}€", f"€1.23{NBSP}million"),
        (0.0, 0.0, f"0,00{NBSP}€", "€0.00"),
    ],
)
def test_large_sums_are_told_in_thousands_and_millions(largest, amount, de, en):
    scale = scale_of([largest, amount], "EUR")
    assert told(scale, amount, german()) == de
    assert told(scale, amount, english()) == en


def test_an_axis_says_in_what_its_numbers_are_and_months_are_no_money():
    assert named(scale_of([5e4], "EUR"), "Vorsprung", german()) == "Vorsprung (Tsd. €)"
    assert named(scale_of([5e4], "EUR"), "ahead", english()) == "ahead (€ thousand)"
    assert named(scale_of([5.0], "CHF"), "ahead", english()) == "ahead (CHF)"
    months = scale_of([5e6], "month")
    assert named(months, "months", english()) == "months"
    assert told(months, 12.25, english()) == "12.3"


@pytest.mark.parametrize("narrow", [False, True])
def test_a_course_begins_with_nothing_and_ends_where_it_was_given(narrow):
    shown = decided.course()
    axes = axes_of(draw_course, shown, narrow)
    lines = [line for line in axes.lines if len(line.get_xdata()) > 2]
    ends = sorted(line.get_ydata()[-1] for line in lines)
    assert ends == pytest.approx(sorted(way.value[-1] / 1e3 for way in shown.ways))
    assert all(line.get_ydata()[0] == 0.0 for line in lines)
    # the comparator has no band
    assert len(axes.collections) == len(shown.ways) - 1


def test_the_leader_is_drawn_last_and_thickest_in_the_accent():
    lines = [x for x in axes_of(draw_course, decided.course()).lines if len(x.get_xdata()) > 2]
    assert lines[-1].get_color() == ACCENT
    assert lines[-1].get_linewidth() > max(x.get_linewidth() for x in lines[:-1])
    assert len({x.get_color() for x in lines}) == len(lines)


def test_a_ring_stands_where_lines_cross_in_a_marked_month_and_nowhere_else():
    def rings(marks):
        axes = axes_of(draw_course, replace(decided.course(), marks=marks))
        return [x.get_xdata()[0] for x in axes.lines if x.get_marker() == "o"]

    assert rings(decided.MARKS) == [6, 24]
    assert rings([Mark(50, "nothing crosses here")]) == []
    assert rings(()) == []


def test_every_policy_is_named_with_what_it_comes_to_and_the_comparator_without():
    wide = said(decided.course())
    assert f"137{NBSP}Tsd.{NBSP}€" in wide
    assert "wie heute" in wide
    listed = said(decided.course(), narrow=True)
    assert f"Treuerabatt ab dem 13. Monat, 137{NBSP}Tsd.{NBSP}€" in listed
    assert "wie heute" in listed


def test_a_course_that_cannot_be_drawn_is_refused():
    shown = decided.course()
    short = replace(shown.ways[0], high=shown.ways[0].high[:-1])
    with pytest.raises(RenderError, match="equally far"):
        draw(replace(shown, ways=[short, *shown.ways[1:]]), german())
    with pytest.raises(RenderError, match="a month, not a day"):
        draw(replace(shown, marks=[Mark(date(2024, 1, 1), "x")]), german())


def test_a_single_month_and_nothing_at_all_are_drawn():
    one = replace(decided.course(1), marks=())
    assert draw(one, english()).startswith("<svg ")
    zero = Way(label="none", value=[0.0] * 3, low=[0.0] * 3, high=[0.0] * 3)
    assert draw(replace(one, ways=[zero]), german(), narrow=True).startswith("<svg ")


@given(
    st.lists(st.tuples(st.floats(-1, 4), st.sampled_from((0.2, 0.4, 0.6))), max_size=6),
    st.floats(0, 1),
)
@settings(max_examples=examples(200), deadline=None)
def test_names_of_different_heights_stay_apart_in_order_and_inside(given_rows, spare):
    wanted, tall = [w for w, _ in given_rows], [t for _, t in given_rows]
    room = sum(tall) + spare
    places = stacked(wanted, tall, room)
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    edge = 0.0
    for i in order:
        assert places[i] - tall[i] / 2 >= edge - 1e-9
        edge = places[i] + tall[i] / 2
    assert edge <= room + 1e-9


def test_names_that_have_room_stay_where_they_belong():
    assert stacked([2.0, 0.5], [0.4, 0.2], 3.0) == pytest.approx([2.0, 0.5])


@pytest.mark.parametrize("narrow", [False, True])
def test_bars_reach_from_the_one_end_to_the_other(narrow):
    shown = decided.tornado()
    axes = axes_of(draw_tornado, shown, narrow)
    drawn = [(p.get_x(), p.get_x() + p.get_width()) for p in axes.patches]
    ends = [sorted((s.at_low / 1e3, s.at_high / 1e3)) for s in shown.swings]
    assert np.array(drawn) == pytest.approx(np.array(ends))
    low, high = axes.get_xlim()
    assert low < min(min(e) for e in ends)
    assert high > max(max(e) for e in ends)


def test_only_what_turns_the_order_is_warm_hatched_and_explained():
    shown = decided.tornado()
    colours = [to_rgb(p.get_facecolor()[:3]) for p in axes_of(draw_tornado, shown).patches]
    assert [c == to_rgb(WARM) for c in colours] == [s.at_low * s.at_high < 0 for s in shown.swings]
    assert "an einem Ende liegt die andere Regel vorn" in said(shown)
    calm = replace(shown, swings=[s for s in shown.swings if s.at_low > 0])
    assert "an einem Ende liegt die andere Regel vorn" not in said(calm)
    with house_style():
        hatched, bare = (len(draw_tornado(x, german(), False).artists) for x in (shown, calm))
    assert hatched > bare == 0


def test_the_points_stand_at_their_own_ends_and_nothing_changes_nothing():
    found, _ = pictures.texts(decided.tornado(), german(), False)
    at = {text: box.x0 for text, box in found}
    assert "0.5 bis 0.9: ändert nichts" in at
    assert f"85{NBSP}Tsd.{NBSP}€" in at
    falls = Swing(label="falls", low="from", high="to", at_low=9.0, at_high=3.0)
    one = replace(decided.tornado(), swings=[falls], middle=5.0)
    at = {text: box.x0 for text, box in pictures.texts(one, german(), False)[0]}
    assert at["to"] < at["from"]


@pytest.mark.parametrize("way", WAYS)
def test_stripes_stay_within_their_box_and_join_across_boxes(way):
    x, y, w, h = BOX
    whole = stripes([BOX], way, 0.13)
    if not way:
        assert whole is None
        return
    corners = whole.vertices
    inside = [(x, y), (x + w, y + h)]
    assert (corners >= np.array(inside[0]) - 1e-9).all()
    assert (corners <= np.array(inside[1]) + 1e-9).all()
    halves = stripes([(x, y, w / 2, h), (x + w / 2, y, w / 2, h)], way, 0.13)
    length = [
        float(np.hypot(*(p.vertices[1::2] - p.vertices[::2]).T).sum()) for p in (whole, halves)
    ]
    assert length[0] == pytest.approx(length[1])


def test_ways_of_hatching_run_in_different_directions():
    slopes = set()
    for way in WAYS[1:]:
        (start, stop) = stripes([BOX], way, 0.13).vertices[:2]
        dx, dy = np.round(np.subtract(stop, start) / np.hypot(*np.subtract(stop, start)), 6)
        slopes.add((abs(dx), dy * np.sign(dx) if dx else abs(dy)))
    assert len(slopes) == len(WAYS) - 1


def luminance(colour):
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return float(np.dot(parts, (0.2126, 0.7152, 0.0722)))


def test_names_on_areas_are_readable_and_neighbours_differ_without_colour():
    for ground in GROUNDS:
        assert (luminance(ground) + 0.05) / (luminance(INK) + 0.05) > 7
    assert len(GROUNDS) == len(LINES_ON) == len(LINES)
    # the first policies differ in their hatching alone
    assert len({WAYS[i % len(WAYS)] for i in range(5)}) == 5


def grid(best, here=(0.5, 0.5), names=("one", "two", "three")):
    side = [k / (len(best) - 1) for k in range(len(best))]
    return Regions(names=names, across=side, up=side, best=best, here=here)


def test_cells_lie_around_their_points_and_the_boxes_cover_an_area_once():
    best = [[0, 0, 1], [0, 1, 1], [0, 1, 1]]
    plan = plan_of(grid(best), 4.0, 4.0)
    assert plan.right.tolist() == [0.0, 1.0, 3.0, 4.0]
    areas = {p: sum(w * h for _, _, w, h in plan.boxes(p)) for p in plan.known}
    assert areas == {0: 1 * 3 + 2 * 1 + 1 * 1, 1: 1 * 1 + 2 * 3 + 1 * 3}
    assert plan.by_size == [1, 0]


@pytest.mark.parametrize("narrow", [False, True])
def test_each_name_stands_within_its_area(narrow):
    given_map = decided.regions().regions
    across = (3.7 if narrow else 6.4) - painted.LEFT - painted.SIDE
    plan = plan_of(given_map, across, painted.TALL)
    at = point_of(given_map, plan)
    _, taken = label_of(at, plan, "Mittel der Annahmen")
    for place in plan.known:
        spot = room_for(plan, place, german().text(given_map.names[place]), taken)
        if spot is None:
            assert place == 2
            continue
        x, y, w, h = spot[0]
        for px, py in ((x, y), (x + w, y), (x, y + h), (x + w, y + h)):
            column = np.searchsorted(plan.right, px, side="right") - 1
            row = np.searchsorted(plan.up, py, side="right") - 1
            assert plan.best[column, row] == place
        for tx, ty, tw, th in taken:
            assert x >= tx + tw or tx >= x + w or y >= ty + th or ty >= y + h


def test_a_policy_without_room_is_named_in_the_key():
    texts = said(decided.regions())
    assert texts.count("Anruf nach einer Störung") == 1
    assert "wie heute" not in texts
    everywhere = replace(decided.regions(), regions=grid([[1, 1], [1, 1]]))
    assert "two" in said(everywhere)


def test_lines_are_drawn_between_areas_and_only_there():
    def edge(best):
        shown = replace(decided.regions(), regions=grid(best))
        strokes = [p for p in axes_of(draw_regions, shown).patches if p.get_linewidth() == 1.3]
        return sum(len(p.get_path().vertices) // 2 for p in strokes)

    assert edge([[0, 0], [0, 0]]) == 0
    assert edge([[0, 1], [0, 0]]) == 2
    assert edge([[0, 1], [1, 0]]) == 4


@pytest.mark.parametrize("here", [(0.0, 0.0), (1.0, 1.0), (0.5, 0.5), (9.0, -9.0), (0.5, 1.0)])
def test_the_point_of_today_and_its_label_stay_in_the_plot(here):
    plan = plan_of(grid([[0, 0], [0, 1]], here), 3.0, 3.4)
    at = point_of(grid([[0, 0], [0, 1]], here), plan)
    ((x, y, w, h), _), taken = label_of(at, plan, "Mittel der Annahmen")
    assert 0 <= x <= x + w <= 3.0
    assert 0 <= y <= y + h <= 3.4
    assert 0 <= at[0] <= 3.0
    assert 0 <= at[1] <= 3.4
    assert len(taken) == 2


def test_ticks_are_the_assumptions_own_numbers_at_their_places():
    axes = axes_of(draw_regions, decided.regions())
    told_at = dict(zip((t.get_text() for t in axes.get_xticklabels()), axes.get_xticks(),
                       strict=True))  # fmt: skip
    share = (0.7 - 0.6) / (0.95 - 0.6)
    assert told_at[f"70{NBSP}%"] == pytest.approx(share * axes.get_xlim()[1])
    assert [t.get_text() for t in axes.get_yticklabels()] == ["20", "40", "60"]


@pytest.mark.parametrize(
    "change",
    [{"best": [[0, 1]]}, {"best": [[0, 1], [0]]}, {"across": [0.0], "best": [[0, 1]]}],
)
def test_a_map_whose_parts_do_not_fit_is_refused(change):
    wrong = replace(grid([[0, 1], [0, 0]]), **change)
    with pytest.raises(RenderError, match="do not fit"):
        draw(replace(decided.regions(), regions=wrong), german())
