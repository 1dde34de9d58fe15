"""Tests run in several processes: those that share something costly stay in one of them."""

from pathlib import Path

import pytest

# folders whose tests share reports or worlds that take long to make
TOGETHER = ("whole", "full")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file together, and those of the folders that share more."""
    for item in items:
        path = Path(item.path)
        group = path.parent.name if path.parent.name in TOGETHER else path.stem
        if path.stem.startswith("test_musterstrom"):
            group = "musterstrom"
        item.add_marker(pytest.mark.xdist_group(group))
