"""Tests run in several processes: those that share something costly stay in one of them."""

import gc
from pathlib import Path

import pytest

# what shares reports, a server or a simulated world, which take long to make
TOGETHER = {
    "whole": ("test_numbers", "test_reports", "test_told", "test_surroundings"),
    "full": ("test_browser", "test_pdf_checkers", "test_in_laboratory"),
    "server": (
        "test_sources",
        "test_tables_on_server",
        "test_counting_on_server",
        "test_same_results",
    ),
    "musterstrom": (
        "test_musterstrom_process",
        "test_musterstrom_tables",
        "test_musterstrom_truth",
    ),
    "policies": ("test_musterstrom_policies", "test_musterstrom_policies_page"),
    "autohaus": ("test_autohaus_process", "test_autohaus_truth"),
}
# begun first: what takes long as one piece would keep one process at work alone at the end
FIRST = ("whole", "full", "worlds")
GROUPS = {stem: name for name, stems in TOGETHER.items() for stem in stems}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file together, and those of files that share something costly."""
    items.sort(key=_place)
    for item in items:
        stem = Path(item.path).stem
        item.add_marker(pytest.mark.xdist_group(GROUPS.get(stem, stem)))


def _place(item: pytest.Item) -> int:
    folder = Path(item.path).parent.name
    return FIRST.index(folder) if folder in FIRST else len(FIRST)


def pytest_configure() -> None:
    """Let no rubbish be looked for while modules are loaded: all of them stay."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Look for rubbish from here on, but never again in what was loaded.

    To search the libraries anew and anew would cost a tenth of the time of all tests.
    """
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_unconfigure() -> None:
    """Let what was loaded be cleared away at the end, which some libraries look for."""
    gc.unfreeze()
