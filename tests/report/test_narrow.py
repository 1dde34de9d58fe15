"""Pictures for a phone and for a desk: nothing touches, nothing leaves the frame."""

import re
from base64 import b64decode
from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from matplotlib.text import Text

from stammkunde.report import dress_html, figures
from stammkunde.report.dots import draw_dots
from stammkunde.report.dress import picture
from stammkunde.report.firstpage import first_page
from stammkunde.report.formats import decimal
from stammkunde.report.layout import curves_layout
from stammkunde.report.style import NARROW, WIDTH, house_style, inches, wrapped
from tests.report.making import cover, curve, figure, german, share

LONG = ("neunzig Tage lang ohne irgendeinen weiteren Einkauf", "180 Tage ohne Einkauf", "kurz")
SOURCE = re.compile(
    r'<source media="\(max-width: 40rem\)" srcset="data:image/svg\+xml;base64,(.*?)">'
)


def crowded(kind):
    """Return a figure of three lines or dots with long names, and counts of seven digits."""
    shown = figure("all", kind, grouped=True)
    if kind == "dots":
        dots = [replace(d, label=n) for d, n in zip(shown.dots, LONG, strict=True)]
        return replace(shown, dots=[*dots, replace(dots[0], estimate=share(0.5))])
    lines = [
        replace(line, label=name, curve=curve(rate, 24, 1_234_567, kind))
        for line, name, rate in zip(shown.lines, LONG, (0.05, 0.049, 0.051), strict=True)
    ]
    return replace(shown, lines=lines, x_ticks=1)


def texts(shown, narrow):
    """Return the frames of all texts that a picture shows, and that of the picture, in pixels."""
    draw = {"survival": figures._survival, "hazard": figures._hazard, "dots": draw_dots}
    with house_style():
        canvas = draw[shown.kind](shown, german(), narrow)
        canvas.set_dpi(
            600
        )  # coarse pixels would widen letters, which the outlines of an SVG do not
        canvas.draw_without_rendering()
        unseen = [t for axes in canvas.axes for t in beyond(axes.xaxis) + beyond(axes.yaxis)]
        every = [t for t in canvas.findobj(Text) if t.get_text().strip() and t.get_visible()]
        seen = [t for t in every if t not in unseen]
        return [(t.get_text(), t.get_window_extent()) for t in seen], canvas.bbox


def beyond(axis):
    """Return the labels of ticks outside of the axis' limits, which are not drawn."""
    low, high = sorted(axis.get_view_interval())
    return [tick.label1 for tick in axis.get_major_ticks() if not low <= tick.get_loc() <= high]


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("kind", ["survival", "hazard", "dots"])
def test_no_text_touches_another_or_leaves_the_picture(kind, narrow):
    found, whole = texts(crowded(kind), narrow)
    assert len(found) > 8
    for text, box in found:
        assert box.x0 >= whole.x0, text
        assert box.x1 <= whole.x1, text
        assert box.y0 >= whole.y0, text
        assert box.y1 <= whole.y1, text
    for (text, box), (other, theirs) in combinations(found, 2):
        across = min(box.x1, theirs.x1) - max(box.x0, theirs.x0)
        down = min(box.y1, theirs.y1) - max(box.y0, theirs.y0)
        assert across <= 0 or down <= 0.4 * min(box.height, theirs.height), (text, other)


def test_long_names_leave_the_plot_most_of_a_narrow_picture():
    layout = curves_layout(crowded("survival"), german(), narrow=True)
    assert layout.width == NARROW
    assert layout.across >= 0.55 * layout.width


@pytest.mark.parametrize("narrow", [False, True])
def test_ticks_are_multiples_of_the_chapters_and_apart(narrow):
    shown = crowded("survival")
    layout = curves_layout(replace(shown, x_ticks=3), german(), narrow)
    assert all(tick % 3 == 0 for tick in layout.ticks)
    widest = inches(decimal(1_234_567.0, 0, "de_DE"), 9.0)
    steps = {(b - a) / 24 * layout.across for a, b in pairwise(layout.ticks)}
    assert min(steps) > widest


def test_text_is_wrapped_between_words_where_it_must_be():
    lines = wrapped("one two three four", inches("one two"))
    assert lines == ["one two", "three", "four"] or lines == ["one two", "three four"]
    assert wrapped("", 1.0) == [""]
    assert wrapped("Unteilbarkeit", 0.1) == ["Unteilbarkeit"]


@pytest.mark.parametrize("kind", ["survival", "hazard", "dots"])
def test_a_phone_gets_the_narrow_picture_and_paper_the_wide(kind, words):
    shown = figure("all", kind, grouped=True)
    bundle = picture(shown, words)
    narrow = b64decode(SOURCE.search(bundle.data["text/html"])[1]).decode()
    assert f'width="{NARROW * 72:g}pt"' in narrow
    assert f'width="{WIDTH * 72:g}pt"' in bundle.data["image/svg+xml"]
    assert narrow == figures.draw(shown, words, narrow=True)


def test_the_first_page_has_the_narrow_picture_too(words):
    bundle = picture(figure("all"), words)
    output = {"data": bundle.data, "metadata": bundle.metadata}
    html = first_page([], output, cover(), words).data["text/html"]
    assert SOURCE.search(html)[1] == SOURCE.search(bundle.data["text/html"])[1]
    assert "first-page" in first_page([], output, cover(), words).data["text/vnd.typst"]


def test_an_alternative_text_is_escaped():
    html = dress_html.image("<svg/>", "<svg/>", 'a "b" <c>')
    assert 'alt="a &quot;b&quot; &lt;c&gt;"' in html
