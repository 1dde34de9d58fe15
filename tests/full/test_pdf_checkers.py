"""The PDF reports before independent checkers, and page by page."""

import re
import subprocess
import sys

import pymupdf
import pytest

from stammkunde.report.words import Words

NAMES = [(c, language) for c in ("cdnow", "telco") for language in ("de", "en")]
LOCALES = {"de": "de_DE", "en": "en_GB"}


@pytest.fixture(params=NAMES, ids=lambda name: "-".join(name))
def pdf(request, reports):
    """Return the path of each report and the words of its language."""
    client, language = request.param
    path = reports / client / f"report.{language}.pdf"
    assert path.is_file()
    return path, Words(LOCALES[language])


def run(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Return what a checker said; one that is not installed fails here."""
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")


def test_outloud_finds_no_error(pdf):
    path, _ = pdf
    done = run("outloud.cli", str(path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 error(s)" in done.stdout


def test_pdfua_finds_no_error(pdf):
    path, _ = pdf
    done = run("pdfua", "check", str(path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "errors=0" in done.stdout


def test_it_claims_pdf_ua_1(pdf):
    path, _ = pdf
    with pymupdf.open(path) as document:
        about = document.get_xml_metadata()
    assert "<pdfuaid:part>1</pdfuaid:part>" in about


def test_the_first_page_stands_alone(pdf):
    path, words = pdf
    with pymupdf.open(path) as document:
        first, second = document[0].get_text(), document[1].get_text()
    assert words.ui("box.unknown") in first
    assert words.ui("version", version="").strip() in first
    assert second.strip().startswith(words.ui("contents"))


def test_every_page_is_labelled_and_numbered(pdf):
    path, words = pdf
    nature = {"cdnow": "real", "telco": "fictional"}[path.parent.name]
    with pymupdf.open(path) as document:
        pages = [page.get_text() for page in document]
    for number, text in enumerate(pages, 1):
        label = words.ui("page_of", page=number, pages=len(pages))
        assert label.replace("\u00a0", " ") in text.replace("\u00a0", " ")
        assert words.ui(f"nature.{nature}") in text


def test_no_mark_of_a_sentence_is_left_over(pdf):
    path, _ = pdf
    with pymupdf.open(path) as document:
        text = "".join(page.get_text() for page in document)
    assert re.findall(r"\*\*|[{}]|\bnan\b|\bui\.", text) == []
