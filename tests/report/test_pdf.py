"""The PDF report: accessible, archival, the same twice, and no text can become markup."""

import io
import json
import re

import pikepdf
import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.errors import RenderError
from stammkunde.report.compose import compose, facts_of
from stammkunde.report.dress_typst import grid
from stammkunde.report.pdf import PdfExporter, pdf_report
from stammkunde.report.typst_text import CONTROL, identifier, plain, string
from tests.report import making

SPECIALS = "#$*_`<>@\\\"'[](){}=-+/~^&%:;.,!|\n//*/ äß€–„“"


@pytest.fixture(scope="module")
def pdf(report, words):
    return pdf_report(report, words)


def query(expression: str) -> list[str]:
    """Return what Typst reads from the expression, a list of texts."""
    source = f"#metadata({expression}) <told>"
    compiler = typst.Compiler(source.encode(), ignore_system_fonts=True)
    return json.loads(compiler.query("<told>", field="value", one=True))


def test_the_same_notebook_gives_the_same_bytes(report, words, pdf):
    assert pdf_report(report, words) == pdf


def test_it_says_that_it_is_accessible_and_archival(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as document, document.open_metadata() as about:
        assert about["pdfuaid:part"] == "1"
        assert (about["pdfaid:part"], about["pdfaid:conformance"]) == ("2", "A")
        assert document.Root.MarkInfo.Marked
        assert document.Root.StructTreeRoot.K is not None


def test_it_names_its_title_language_and_date(pdf, words):
    with pikepdf.open(io.BytesIO(pdf)) as document, document.open_metadata() as about:
        assert about["dc:title"] == "Musterstrom & <Co> · Kundenbindung 2025"
        assert str(document.Root.Lang).lower() == words.tag.lower()
        assert str(document.docinfo["/CreationDate"]).startswith("D:20250115")


def test_every_picture_has_its_own_alternative_text(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as document:
        found = [o for o in document.objects if isinstance(o, pikepdf.Dictionary)]
        texts = [str(o.Alt) for o in found if o.get("/S") == "/Figure"]
    assert len(texts) == len(set(texts)) == 6


def test_only_the_bundled_fonts_are_inside(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as document:
        fonts = [o for o in document.objects if isinstance(o, pikepdf.Dictionary)]
        names = {str(o.FontName).partition("+")[2] for o in fonts if "/FontName" in o}
    allowed = ("SourceSans3", "DejaVuSansMono")
    assert names
    assert all(name.startswith(allowed) for name in names)


def test_no_path_of_this_machine_is_inside(pdf, tmp_path):
    assert b"stammkunde-" not in pdf
    assert str(tmp_path.parent).encode() not in pdf


def test_a_first_page_of_more_than_a_page_is_refused(words):
    crowded = making.report(words, headline="Ein sehr langer Satz. " * 120)
    with pytest.raises(RenderError, match="more than one page"):
        pdf_report(crowded, words)


def listed(notebook, words) -> int:
    """Return the number of list items in the PDF."""
    with pikepdf.open(io.BytesIO(pdf_report(notebook, words))) as document:
        found = [o for o in document.objects if isinstance(o, pikepdf.Dictionary)]
        return sum(o.get("/S") == "/LI" for o in found)


def items_of_points(words, count, repeated=1) -> int:
    """Return the number of list items in a report with so many points, each so many times as long.

    The subtitle of its first picture is thrice as long.
    """
    wordy = making.executed(words)
    pictured = [o for o in wordy[0].cells[1].outputs if "figure" in o.metadata["stammkunde"]]
    about = pictured[0].metadata["stammkunde"]
    about["subtitle"] = f"{about['subtitle']} " * 3
    told = facts_of(wordy)
    found = told[0]["findings"][0]
    for each in told:
        each["findings"] = []
    told[0]["findings"] = [
        {**found, "id": f"w{i}", "importance": 0.9 - i / 10, "spans": found["spans"] * repeated}
        for i in range(count)
    ]
    return listed(compose(wordy, making.cover(), [], words), words)


@pytest.mark.long
def test_wordy_points_leave_room_for_the_picture(words):
    """The least weighty points stand in their chapters only; three are always there."""
    none = items_of_points(words, 0)
    shown = [items_of_points(words, 6, repeated) - none for repeated in (1, 4, 9, 14)]
    assert shown == [6, 6, 4, 3]


def test_short_numbers_have_room_beside_long_texts():
    heads = ["family", "weight", "numbers", "AIC", "months of 120", "why not"]
    row = [
        "customers with different rates " * 3,
        "51%",
        "4",
        "60,717.7",
        "43.8 (42.6-45.0)",
        "o " * 40,
    ]
    aligned = ["left", "right", "right", "right", "right", "left"]
    shown = grid("caption", heads, [row], aligned)
    shares = [float(x) for x in re.findall(r"([0-9.]+)fr", shown)]
    letters = [100 * share / sum(shares) for share in shares]
    needed = [9, 6, 7, 8, 16, 3]
    assert all(had >= n + 2.4 for had, n in zip(letters, needed, strict=True))
    assert "columns: 6," in grid("caption", heads, [["a"] * 6], aligned)


def test_headings_whose_words_have_no_room_are_broken_and_others_are_not():
    heads = ["Regel", "Deckungsbeitrag", "Abschlüsse", "Rabatte", "Rückkehrer", "Betreuung"]
    aligned = ["left", *["right"] * 8]
    row = ["Erinnerungsschreiben einstellen", *["−1.051"] * 8]
    many = [*heads, "Wert bei den Mitteln", "Mittel aller Ziehungen", "Vergleichsregel"]
    assert grid("caption", many, [row], aligned).count("hyphenate: true") == 9
    assert "hyphenate" not in grid("caption", heads, [row[:6]], aligned[:6])


def test_what_typst_refuses_is_one_sentence(report, words, monkeypatch):
    monkeypatch.setattr(PdfExporter, "output_mimetype", "application/pdf")
    broken = making.report(words)
    broken.cells[1].outputs[0].data["text/vnd.typst"] = "#nothing-of-that-name()"
    with pytest.raises(RenderError, match="unknown variable"):
        pdf_report(broken, words)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(), min_size=1, max_size=8))
def test_any_text_survives_the_way_into_typst(texts):
    texts = [*texts, SPECIALS]
    found = query("(" + ", ".join(string(t) for t in texts) + ",)")
    assert found == [CONTROL.sub(" ", t.replace("\r\n", "\n")).replace("\t", " ") for t in texts]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(min_size=1), min_size=1, max_size=8))
def test_any_text_is_only_text_in_markup(texts):
    texts = [*texts, SPECIALS]
    found = query("(" + ", ".join(f"[{plain(t)}].text" for t in texts) + ",)")
    assert found == [CONTROL.sub(" ", t.replace("\r\n", "\n")).replace("\t", " ") for t in texts]


@pytest.mark.parametrize(
    ("parts", "name"),
    [(("finding", "a.b_c"), "finding-a-b-c"), (("figure", "Über uns"), "figure-ber-uns")],
)
def test_identifiers_hold_letters_digits_and_hyphens(parts, name):
    assert identifier(*parts) == name
