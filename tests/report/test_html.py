"""The HTML report: one file, ordered headings, nothing asked of anybody."""

import re
from base64 import b64encode
from datetime import date
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from stammkunde.errors import RenderError
from stammkunde.report import firstpage
from stammkunde.report.compose import compose, facts_of, findings_of, results_of, sheets_of
from stammkunde.report.html import Card, html_report, index_page
from stammkunde.report.markdown import last_level, to_html
from tests.report import making


class Outline(HTMLParser):
    """Collects what a reader of the structure meets: tags in order, with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def of(self, name: str) -> list[dict[str, str | None]]:
        """Return the attributes of every tag of that name."""
        return [attrs for tag, attrs in self.tags if tag == name]


@pytest.fixture(scope="module")
def page(report, words):
    return html_report(report, words)


def test_the_same_notebook_gives_the_same_page(report, words, page):
    assert html_report(report, words) == page
    assert html_report(making.report(words), words) == page


def test_there_is_one_h1_and_no_heading_skips_a_level(page):
    levels = [int(tag[1]) for tag, _ in Outline(page).tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_the_policy_allows_the_style_that_is_there_and_nothing_else(page):
    policy = Outline(page).of("meta")[1]["content"]
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert page.count("<style>") == 1


def test_nothing_is_asked_of_anybody(page):
    outline = Outline(page)
    assert not outline.of("script")
    assert not outline.of("link")
    assert all(img["src"].startswith("data:") for img in outline.of("img"))
    assert not [attrs for _, attrs in outline.tags if "style" in attrs]


def test_every_picture_says_what_it_shows_and_no_two_say_the_same(page):
    texts = [img["alt"] for img in Outline(page).of("img")]
    assert all(texts)
    assert len(set(texts)) == len(texts) >= 5


def test_ids_are_unique_and_links_lead_somewhere(page):
    ids = [attrs["id"] for _, attrs in Outline(page).tags if "id" in attrs]
    targets = [a["href"] for a in Outline(page).of("a") if a["href"].startswith("#")]
    assert len(set(ids)) == len(ids)
    assert {t[1:] for t in targets} <= set(ids)
    assert len(targets) >= 8


def test_tables_have_scopes_and_captions(page):
    outline = Outline(page)
    assert all("scope" in th for th in outline.of("th"))
    assert len(outline.of("caption")) >= 4


def test_language_label_and_caution_are_there(page, words):
    assert f'<html lang="{words.tag}">' in page
    assert words.ui("nature.simulated") in re.search(r"<footer>.*</footer>", page, re.DOTALL)[0]
    assert f"<strong>{words.ui('caution')}:</strong>" in page
    assert "Musterstrom &amp; &lt;Co&gt;" in page


def test_the_analysts_text_and_code_stay_out_and_own_outputs_come_through(page):
    assert "For analysts only" not in page
    assert "sk.show(section)" not in page
    assert "a warning nobody should print" not in page
    assert "Own <em>analysis</em>" in page
    assert "&lt;y&gt; &amp; #z" in page
    assert "two &lt;lines&gt;" in page
    assert "data:image/png;base64," in page
    assert "&lt;b&gt;html&lt;/b&gt;" in page


def test_what_is_left_out_is_listed_in_the_appendix(page, words):
    assert page.index(words.ui("left_out_heading")) > page.index('class="part"')
    assert words.ui("left_out", heading=words.heading("t.heading")) in page


def test_the_most_important_finding_leads_unless_it_is_a_mild_caution():
    mild = {"headline": "C", "importance": 0.8, "caution": True}
    loud = mild | {"importance": 0.9}
    other = {"headline": "F", "importance": 0.5, "caution": False}
    cover = making.cover()
    assert firstpage.headline_of([mild, other], cover) == "F"
    assert firstpage.headline_of([loud, other], cover) == "C"
    assert firstpage.headline_of([mild], cover) == "C"
    assert firstpage.headline_of([], cover) == cover.title
    assert firstpage.headline_of([loud], making.cover("Own")) == "Own"


def test_the_first_page_names_assumptions_and_what_cannot_be_known(words):
    found = findings_of(making.executed(words))
    columns = dict(firstpage.box(found, making.cover(), words))
    assumed, unknown = columns[words.ui("box.assumed")], columns[words.ui("box.unknown")]
    assert assumed[0].lower() == words.heading("assumption.rule").lower()
    assert words.heading("t.unknown_head") in unknown
    assert any(words.heading("missing.price") in line for line in unknown)


def test_facts_carry_results_findings_and_sheets(words):
    executed = making.executed(words)
    assert [r["id"] for r in results_of(executed)] == ["lifetimes.survival.12"]
    assert [f["first_figure"] for f in facts_of(executed)] == ["all", None, None]
    names = [sheet["id"] for sheet in sheets_of(executed, [], words)]
    assert names == [
        "all.data",
        "rate.data",
        "by_month",
        "by_contract.data",
        "dots.data",
        "contract",
    ]


def test_two_findings_of_one_id_are_refused(words):
    first, *_ = making.executed(words)
    with pytest.raises(RenderError, match="have the id"):
        compose([first, first], making.cover(), [], words)


def test_a_workspace_without_findings_still_has_a_report(words):
    own = making.executed(words)[1]
    page = html_report(compose([own], making.cover(), [], words), words)
    assert "<h1>Musterstrom &amp; &lt;Co&gt;</h1>" in page


def test_headings_of_markdown_continue_without_a_gap():
    assert to_html("# a\n\n#### b") == "<h2>a</h2>\n<h3>b</h3>\n"
    assert to_html("#### c", last_level("# a\n\n#### b")) == "<h4>c</h4>\n"


def test_the_index_lists_every_client(words):
    card = Card("A & B", "All <stay>", date(2024, 1, 31), [("HTML", "a/report.de.html")])
    page = index_page([card, card], words)
    assert page.count("All &lt;stay&gt;") == 2
    assert 'href="a/report.de.html"' in page
    assert Outline(page).of("html")[0]["lang"] == words.tag
