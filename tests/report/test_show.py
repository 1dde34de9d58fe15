"""What a notebook displays: one output per component, each in every dress."""

import pytest

from stammkunde.errors import ParameterError
from stammkunde.report.dress import FACTS, HTML, PLAIN, SVG, TYPST
from stammkunde.report.show import components, show
from stammkunde.report.words import Words
from tests.report.making import curve, figure, sections, share, table


def test_a_section_goes_out_component_by_component(words):
    first = sections()[0]
    shown = components(first, words)
    assert len(shown) == 1 + len(first.findings) + len(first.figures) + len(first.tables)
    assert all({HTML, TYPST, PLAIN} <= set(b.data) for b in shown)
    assert [FACTS in b.data for b in shown] == [True] + [False] * (len(shown) - 1)
    assert sum(SVG in b.data for b in shown) == len(first.figures)


def test_facts_are_words_and_numbers_without_markup(words):
    told = components(sections()[0], words)[0].data[FACTS]
    share_told = told["findings"][0]
    assert "**" not in share_told["text"]
    assert share_told["text"] == "".join(text for text, _ in share_told["spans"])
    assert told["sheets"][0]["rows"][0][1]["estimate"]["value"] == 0.843
    assert told["language"] == words.language


@pytest.mark.parametrize("locale", ["de_DE", "en_GB"])
@pytest.mark.parametrize("kind", ["survival", "hazard"])
def test_a_curve_shows_itself_in_either_language(kind, locale):
    (bundle,) = components(curve(0.03, kind=kind), Words(locale))
    assert bundle.data[SVG].startswith("<svg ")


def test_an_estimate_a_table_and_a_figure_show_themselves(words):
    things = (share(0.5), table("t"), figure("f"))
    estimate, rows, drawn = (components(thing, words)[0].data for thing in things)
    assert words.ui("status.measured") in estimate[HTML]
    assert words.heading("t.caption") in rows[HTML]
    assert words.heading("t.title") in drawn[HTML]


def test_anything_else_is_refused():
    with pytest.raises(ParameterError, match="A str cannot be shown"):
        components("text", Words("en_GB"))


def test_show_displays_and_returns_nothing(words, monkeypatch):
    seen = []
    shell = "IPython.core.interactiveshell.InteractiveShell.initialized"
    monkeypatch.setattr(shell, lambda: True)
    monkeypatch.setattr("IPython.display.display", lambda data, **more: seen.append((data, more)))
    assert show(sections()[0], words) is None
    assert len(seen) == len(components(sections()[0], words))
    assert seen[0][0][HTML].startswith("<style>")
    assert all(more["raw"] for _, more in seen)


def test_a_script_gets_lines_of_plain_text(words, capsys):
    show(sections()[0], words)
    told = capsys.readouterr().out
    assert told.startswith(words.heading("t.heading") + "\n")
    assert words.ui("plain.figure", title=words.heading("t.title")) in told
    assert words.ui("plain.table", title=words.heading("t.caption")) in told
    assert "<" not in told
    show(share(0.5), words)
    assert capsys.readouterr().out == words.cell(share(0.5)) + "\n"
