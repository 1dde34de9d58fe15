"""The hand-made report in both languages."""

import pytest
from nbformat import NotebookNode

from stammkunde.report.words import Words
from tests.report import making


@pytest.fixture(scope="session", params=["de", "en"])
def words(request: pytest.FixtureRequest) -> Words:
    """Return the words of each language, with the sentences of the hand-made sections."""
    return making.german() if request.param == "de" else making.english()


@pytest.fixture(scope="session")
def report(words: Words) -> NotebookNode:
    """Return the composed hand-made report in each language."""
    return making.report(words)
