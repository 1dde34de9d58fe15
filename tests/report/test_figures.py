"""Pictures: the same figure the same bytes, labels apart, nothing but shapes."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stammkunde.errors import RenderError
from stammkunde.report import palette
from stammkunde.report.curves import points
from stammkunde.report.figures import draw
from stammkunde.report.style import measure_axis, spread
from stammkunde.report.words import Words
from tests.report.making import GROUPS, curve, figure, german

SHAPES = [
    ("survival", False),
    ("survival", True),
    ("hazard", False),
    ("hazard", True),
    ("dots", False),
]


@pytest.mark.parametrize("narrow", [False, pytest.param(True, marks=pytest.mark.long)])
@pytest.mark.parametrize(("kind", "grouped"), SHAPES)
def test_a_figure_is_drawn_twice_to_the_same_bytes(kind, grouped, narrow, words):
    shown = figure("all", kind, grouped)
    once = draw(shown, words, narrow)
    assert once == draw(shown, words, narrow)
    assert once.startswith("<svg ")
    assert len(once.encode()) < 120_000


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize(("kind", "grouped"), SHAPES)
def test_a_picture_holds_no_text_date_or_outside_address(kind, grouped, narrow):
    svg = draw(figure("all", kind, grouped), german(), narrow)
    assert "<text" not in svg
    assert "<metadata" not in svg
    assert not re.search(r"(href|src)=\"(?!#)", svg)


def test_the_language_changes_the_numbers_on_the_axes():
    extra = german().extra
    assert draw(figure("all"), german()) != draw(figure("all"), Words("de_CH", extra))


def test_a_long_daily_curve_stays_small():
    shown = figure("all")
    daily = replace(shown.lines[0], curve=replace(curve(0.002, 1500), unit="day"))
    assert len(draw(replace(shown, lines=(daily,)), german()).encode()) < 120_000


def test_thinning_keeps_the_ends():
    x, value, low, high = points(curve(0.002, 1500))
    assert (x[0], x[-1]) == (0, 1500)
    assert len(x) <= 400
    assert np.all((low <= value) & (value <= high))


def test_a_curve_stops_where_observation_stops():
    x, *_ = points(replace(curve(0.05, 24), observed_to=10))
    assert x[-1] == 10


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "survivl"}, "Did you mean `survival`?"),
        ({"lines": ()}, "nothing to show"),
    ],
)
def test_what_cannot_be_drawn_is_refused(change, message):
    with pytest.raises(RenderError) as caught:
        draw(replace(figure("all"), **change), german())
    assert message in str(caught.value)


def test_a_dollar_in_a_label_is_a_dollar():
    shown = figure("by", grouped=True)
    named = [replace(line, label=f"$a_{i}$ b$") for i, line in enumerate(shown.lines)]
    plain = [replace(line, label=f"§a_{i}§ b§") for i, line in enumerate(shown.lines)]
    dollars = draw(replace(shown, lines=named), german())
    others = draw(replace(shown, lines=plain), german())
    assert dollars.count("<use ") == others.count("<use ")


def test_the_callers_settings_come_back():
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    draw(figure("all"), german())
    assert dict(mpl.rcParams) == before


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=6),
    st.floats(0.001, 0.15),
)
def test_labels_keep_their_distance_their_order_and_the_frame(wanted, gap):
    placed = spread(wanted, gap, 0, 1)
    ranked = sorted(range(len(wanted)), key=lambda i: wanted[i])
    steps = np.diff([placed[i] for i in ranked])
    assert np.all(steps >= gap - 1e-9)
    assert min(placed) >= -1e-9
    assert max(placed) <= 1 + 1e-9


def test_labels_far_apart_are_not_moved():
    assert spread([0.2, 0.9, 0.5], 0.1, 0, 1) == pytest.approx([0.2, 0.9, 0.5])


def test_colours_are_readable_on_white():
    def light(channel: int) -> float:
        c = channel / 255
        return c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4

    for colour in (*palette.LINES, palette.GREY, palette.INK):
        red, green, blue = (light(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
        luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
        assert 1.05 / (luminance + 0.05) >= 4.5, colour


def test_an_axis_of_shares_has_distinct_ticks():
    from matplotlib.figure import Figure as Canvas

    axes = Canvas().add_axes((0, 0, 1, 1))
    axes.set_ylim(0, 0.012)
    measure_axis(axes, german(), share=True, vertical=True)
    write = axes.yaxis.get_major_formatter()
    texts = [write(tick, 0) for tick in axes.yaxis.get_major_locator()()]
    assert len(set(texts)) == len(texts)


def test_a_group_takes_its_name_from_the_data_where_no_language_has_one():
    shown = figure("by", grouped=True)
    assert str(GROUPS[0]) == "Month-to-month"
    assert draw(shown, Words("en_GB", german().extra)) != draw(shown, german())
