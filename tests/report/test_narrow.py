"""Pictures for a phone and for a desk: nothing touches, nothing leaves the frame."""

import re
from base64 import b64decode
from dataclasses import replace
from itertools import pairwise

import pytest

from stammkunde.report import dress_html, figures
from stammkunde.report.dress import picture
from stammkunde.report.firstpage import first_page
from stammkunde.report.formats import decimal
from stammkunde.report.layout import curves_layout
from stammkunde.report.style import NARROW, WIDTH, inches, wrapped
from tests.report.making import cover, curve, figure, german, share
from tests.report.pictures import texts, touching

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


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("kind", ["survival", "hazard", "dots"])
def test_no_text_touches_another_or_leaves_the_picture(kind, narrow):
    assert touching(*texts(crowded(kind), german(), narrow)) == []


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
