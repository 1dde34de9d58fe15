"""Sums of very different size under one heading are told in thousands, all of them."""

import pytest

from stammkunde.chapters.exhibit import Column, Table
from stammkunde.report.thousands import cells, headings
from stammkunde.report.words import Words
from stammkunde.result import Estimate, Sentence

NBSP, MINUS = "\u00a0", "−"


def euro(value, low=None, high=None, unit="EUR"):
    return Estimate(value=value, low=low, high=high, level=0.95, unit=unit, method="made")


def table(*sums, form="money0"):
    return Table(
        id="t",
        caption=Sentence("ui.nothing"),
        columns=[
            Column("policy.column.policy", "text"),
            Column("policies_doubt.column.rank", form),
        ],
        rows=[(str(k), one) for k, one in enumerate(sums)],
    )


@pytest.mark.parametrize(
    ("locale", "heading", "texts"),
    [
        (
            "de_DE",
            "Rang (Tsd. €)",
            ["1.187 (791–1.580)", f"{MINUS}25 ({MINUS}63 bis 9)"],
        ),
        (
            "en_GB",
            "rank (€ thousand)",
            ["1,187 (791–1,580)", f"{MINUS}25 ({MINUS}63 to 9)"],
        ),
    ],
)
def test_a_large_and_a_small_one(locale, heading, texts):
    words = Words(locale)
    shown = table(euro(1_186_659, 791_417, 1_579_751), euro(-25_290, -63_000, 9_100))
    assert headings(shown, words)[1].replace(NBSP, " ") == heading
    assert [row[1].replace(NBSP, " ") for row in cells(shown, words)] == texts


@pytest.mark.parametrize(
    "sums",
    [
        (euro(25_290.0), euro(999_999.0)),
        (euro(2e6), euro(3e6)),
        (euro(2e6), euro(5.0, unit="USD")),
        (2e6, 5.0),
    ],
)
def test_sums_of_one_size_are_told_as_they_are(sums):
    words = Words("en_GB")
    form = "money0" if isinstance(sums[0], Estimate) else "n0"
    shown = table(*sums, form=form)
    assert headings(shown, words)[1] == words.heading(shown.columns[1].heading)
    assert [row[1] for row in cells(shown, words)] == [words.cell(x, form) for x in sums]


def test_what_is_not_there_stays_so():
    shown = table(euro(2e6), euro(5.0), None)
    assert cells(shown, Words("en_GB"))[2][1] == Words("en_GB").ui("nothing")
