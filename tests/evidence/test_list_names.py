"""Groups that are called like columns of the list of customers, or like the words of an offer."""

from dataclasses import replace

import pandas as pd
import pytest

from stammkunde.evidence.asking import targets
from stammkunde.spells.spells import column_of
from tests.evidence.asked import question, world

ASKED = question(
    *("called", "held"), offer="call", on_its_day=True, assignment="drawn", by=("kind",)
)
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
