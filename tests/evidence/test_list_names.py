"""Groups that are called like columns of the list of customers, or like the words of an offer."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from stammkunde.evidence.asking import targets
from stammkunde.spells.spells import column_of
from tests.evidence.asked import question, world

ASKED = question(
    *("called", "held"), offer="call", on_its_day=True, assignment="drawn", by=("kind",)
)
DOCS = Path(__file__).resolve().parents[2] / "docs"
HOW = {"currency": "EUR", "share": 0.3, "holdout": 0.25}


@pytest.fixture(scope="module")
def tables():
    return world(drawn=True).read()


@pytest.fixture(scope="module")
def plain(tables):
    return targets(ASKED, *tables, **HOW).rows


@pytest.mark.parametrize("name", ["gain", "arm", "rank", "person"])
def test_a_group_may_be_called_like_a_column_of_the_list(tables, plain, name):
    spells, beside = tables
    relation = spells.relation.rename({column_of(name): column_of("kind")})
    groups = {name: replace(spells.groups["kind"], name=name)}
    named = replace(spells, relation=relation, groups=groups)
    found = targets(replace(ASKED, by=(name,)), named, beside, **HOW).rows
    assert len(found)
    assert found.columns.is_unique
    pd.testing.assert_frame_equal(found, plain.rename(columns={"group kind": f"group {name}"}))


def test_the_page_on_data_protection_says_what_the_list_holds(plain):
    page = (DOCS / "data-protection.md").read_text("utf-8")
    told = {
        "pseudonym": "person",
        "segment": "group kind",
        "expected gain": "gain (months)",
        "its interval": ("low (months)", "high (months)"),
    }
    for words, columns in told.items():
        for column in (columns,) if isinstance(columns, str) else columns:
            assert column in plain
        assert words in page
    assert page.count("expected gain with its interval") == 2
    german = (DOCS / "datenschutz.md").read_text("utf-8")
    assert german.count("erwarteter Gewinn mit Unsicherheitsbereich") == 2
