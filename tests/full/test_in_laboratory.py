"""A chapter as an analyst runs it: JupyterLab in a real browser, all cells, as it is shipped."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.laboratory import laboratory

SECOND = 1000  # milliseconds


@pytest.fixture
def page(browser: Browser, reports: Path, tmp_path: Path) -> Iterator[Page]:
    """Return the first chapter, opened in the workspace of the reports."""
    with laboratory(reports.parent, tmp_path) as note:
        context = browser.new_context(viewport={"width": 1280, "height": 1000})
        opened = context.new_page()
        place = f"http://127.0.0.1:{note['port']}/lab/tree/1_lifetimes.ipynb?token={note['token']}"
        opened.goto(place)
        yield opened
        context.close()


def test_a_chapter_runs_to_its_last_cell_and_shows_what_it_found(page: Page) -> None:
    page.locator(".jp-Notebook").wait_for(timeout=60 * SECOND)
    page.get_by_text("Stammkunde | Idle").wait_for(timeout=60 * SECOND)
    page.get_by_text("Run", exact=True).first.click()
    page.get_by_text("Run All Cells", exact=True).click()
    # a cell that fails would have kept those after it from running
    last = page.get_by_text("7,032 customers in 7,043 rows of the data are counted;")
    last.wait_for(timeout=120 * SECOND)
