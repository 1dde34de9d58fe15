"""The HTML report: one file, ordered headings, nothing asked of anybody."""

import re
from base64 import b64encode
from dataclasses import replace
from datetime import date
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from stammkunde.errors import RenderError
from stammkunde.report import firstpage, palette
from stammkunde.report.compose import compose, facts_of, findings_of, sheets_of
from stammkunde.report.dress import HTML, TYPST, bundles, finding_facts, made_of
from stammkunde.report.html import TEMPLATES, Card, html_report, index_page, stylesheet
from stammkunde.report.markdown import last_level, to_html
from stammkunde.report.typst_text import plain
from stammkunde.result import Sentence
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
    assert len(targets) >= 7


def test_tables_have_scopes_and_captions(page):
    outline = Outline(page)
    assert all("scope" in th for th in outline.of("th"))
    names = [table["aria-labelledby"] for table in outline.of("table") if "id" in table]
    captions = [p["id"] for p in outline.of("p") if p.get("class") == "caption"]
    assert captions == names
    assert len(captions) >= 4


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


@pytest.mark.parametrize(
    ("ranks", "shown"),
    [
        ((0.2, 0.9, 0.35, 0.5, 0.34, 0.4), (0.9, 0.5, 0.4, 0.35)),
        ((0.9, 0.1, 0.2, 0.3), (0.9, 0.3, 0.2)),
        ((0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.36), (0.9, 0.8, 0.7, 0.6, 0.5, 0.4)),
        ((0.5, 0, 0), (0.5,)),
    ],
)
def test_main_points_are_three_to_six_of_weight(ranks, shown):
    points = firstpage.main_points([{"importance": rank} for rank in ranks])
    assert tuple(point["importance"] for point in points) == shown


def test_remarks_stand_under_their_finding_in_every_dress(words):
    base, remark = making.findings()[0], Sentence("t.rmst", {"m": making.share(0.4)})
    found = replace(base, remarks=(remark,))
    (_, shown) = bundles(
        replace(making.sections()[0], findings=(found,), figures=(), tables=()), words
    )
    assert f'<small class="remark">{words.say(remark)}</small>' in shown.data[HTML]
    assert f"#remark[{plain(words.say(remark))}]" in shown.data[TYPST]
    told = finding_facts(found, words)
    assert told["remarks"] == [words.say(remark)]
    assert told["made_of"][-1]["values"]["m"]["value"] == 0.4
    assert told["made_of"][0] == {
        "key": "t.share",
        "values": {"s": made_of(making.share(0.843), words), "n": 7043},
    }


def test_the_origin_may_be_unstated(words):
    cover = replace(making.cover(), nature="unstated")
    assert cover.footer(words).endswith(words.ui("nature.unstated"))


def test_every_dress_takes_its_colours_from_one_palette():
    for name in ("report.css", "report.typ.j2", "report.html.j2", "index.html.j2"):
        text = (TEMPLATES / name).read_text(encoding="utf-8")
        assert set(re.findall(r"#[0-9a-f]{6}\b", text)) == set(), name
        used = set(re.findall(r"var\(--([a-z-]+)\)", text))
        assert used <= set(palette.NAMED), name
    assert all(f"--{name}: {colour};" in stylesheet()[0] for name, colour in palette.NAMED.items())


def test_the_first_page_names_assumptions_and_what_cannot_be_known(words):
    found = findings_of(making.executed(words))
    columns = dict(firstpage.box(found, making.cover(), words))
    assumed, unknown = columns[words.ui("box.assumed")], columns[words.ui("box.unknown")]
    assert assumed[0].lower() == words.heading("assumption.rule").lower()
    assert words.heading("t.unknown_head") in unknown
    assert any(words.heading("missing.price") in line for line in unknown)


def test_what_the_main_points_assume_is_named_first(words):
    base = findings_of(making.executed(words))[0]
    told = [(f"f{i}", 0.4 + i / 10, (f"A{i}", "Shared")) for i in range(7)]
    found = [{**base, "id": n, "importance": w, "assumptions": a} for n, w, a in told]
    columns = dict(firstpage.box(found, making.cover(), words))
    assert columns[words.ui("box.assumed")] == ["A6", "Shared", "A5", words.ui("box.more")]


def test_what_is_counted_is_told_where_no_main_point_is_measured(words):
    found = findings_of(making.executed(words))
    measured = [f for f in found if f["id"] == "f.share"]
    others = [{**f, "importance": 0.9} for f in found if f["id"] != "f.share"]
    columns = dict(firstpage.box([*others, *measured], making.cover(), words))
    assert columns[words.ui("box.measured")] == [
        words.ui("box.counted", count=1, day=making.cover().as_of)
    ]
    lesser = [{**measured[0], "id": f"m{i}", "importance": 0.1, "text": f"T{i}"} for i in range(4)]
    # with so many above them they are no main points
    above = [{**others[0], "id": f"o{i}"} for i in range(3)]
    columns = dict(firstpage.box([*above, *lesser], making.cover(), words))
    assert columns[words.ui("box.measured")] == ["T0", "T1", "T2", words.ui("box.more")]
    unseen = [{**f, "importance": 0.0} for f in lesser]
    columns = dict(firstpage.box([*above, *unseen], making.cover(), words))
    assert columns[words.ui("box.measured")] == [words.ui("box.nothing_measured")]
    plain = [{**f, "made_of": [{"key": "k", "values": {"n": 7043}}]} for f in measured]
    columns = dict(firstpage.box(plain, making.cover(), words))
    assert columns[words.ui("box.measured")] == [measured[0]["text"]]
    columns = dict(firstpage.box(others, making.cover(), words))
    assert columns[words.ui("box.measured")] == [words.ui("box.nothing_measured")]


def test_a_day_of_writing_is_told_only_where_it_is_not_that_of_the_data(words):
    cover = making.cover()
    created = words.ui("created", day=cover.created)
    assert created in firstpage.dates(cover, words)
    alone = firstpage.dates(replace(cover, created=cover.as_of), words)
    assert alone.startswith(words.ui("as_of", day=cover.as_of))
    assert words.ui("created", day=cover.as_of) not in alone


def test_a_section_nobody_needs_is_neither_shown_nor_listed(words):
    *rest, absent = making.sections()
    assert absent.left_out
    assert len(bundles(absent, words)) == 1
    assert bundles(replace(absent, needed=False), words) == []
    assert bundles(replace(rest[0], needed=False), words) == bundles(rest[0], words)


def test_facts_carry_results_findings_and_sheets(words):
    executed = making.executed(words)
    told = facts_of(executed)
    assert [r["id"] for part in told for r in part["results"]] == ["lifetimes.survival.12"]
    assert [part["first_figure"] for part in told] == ["all", None, None]
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
