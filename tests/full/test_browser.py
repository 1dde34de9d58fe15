"""The HTML reports in a real browser without a network: silent, accessible, readable on a phone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

PAGES = [
    f"{client}/report.{language}.html" for client in ("cdnow", "telco") for language in ("de", "en")
] + ["index.de.html", "index.en.html"]


@dataclass
class Visit:
    """A page as it was loaded, and what it asked for or complained about meanwhile."""

    page: Page
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


@pytest.fixture(params=[1280, 390])
def visit(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Visit]:
    """Return an empty page of a desk's and of a phone's width, cut from the network."""
    context = browser.new_context(viewport={"width": request.param, "height": 900})
    context.set_offline(True)
    seen = Visit(context.new_page())
    seen.page.on("console", lambda message: seen.said.append(message.text))
    seen.page.on("pageerror", lambda error: seen.said.append(str(error)))
    seen.page.on("request", lambda request: seen.asked.append(request.url))
    yield seen
    context.close()


def load(visit: Visit, path: Path) -> Page:
    """Return the page after it has loaded from the file."""
    assert path.is_file(), path
    visit.page.goto(path.as_uri(), wait_until="load")
    return visit.page


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_for_nothing_and_logs_nothing(name, visit, reports):
    load(visit, reports / name)
    visit.page.wait_for_timeout(100)
    outside = [url for url in visit.asked if not url.startswith(("file:", "data:"))]
    assert outside == []
    assert sum(url.startswith("file:") for url in visit.asked) == 1
    assert visit.said == []


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_violation(name, visit, reports):
    found = Axe().run(load(visit, reports / name))
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("name", PAGES)
def test_nothing_hangs_out_of_the_window(name, visit, reports):
    page = load(visit, reports / name)
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    inside = "[...document.images].every(i => i.complete && i.naturalWidth > 0)"
    assert page.evaluate(inside)


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_own_fonts_are_used(language, visit, reports):
    page = load(visit, reports / "telco" / f"report.{language}.html")
    page.evaluate("document.fonts.ready")
    loaded = page.evaluate("[...document.fonts].filter(f => f.status == 'loaded').length")
    assert loaded >= 2


def test_the_skip_link_is_the_first_stop_of_the_keyboard(visit, reports):
    page = load(visit, reports / "telco" / "report.de.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#content"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0


def test_the_printed_first_page_is_one_page(visit, reports):
    """Chromium breaks after the first page; a second page begins with the next section."""
    import pymupdf

    for client, language in product(("cdnow", "telco"), ("de", "en")):
        page = load(visit, reports / client / f"report.{language}.html")
        second = page.locator(".chapters h2").first.inner_text()
        with pymupdf.open(stream=page.pdf(format="A4"), filetype="pdf") as printed:
            assert second not in printed[0].get_text().splitlines()
            assert printed[1].get_text().strip().startswith(second)
