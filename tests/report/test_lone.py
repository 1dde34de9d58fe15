"""Sentences that are nothing but one number."""

from datetime import date

import pytest

from stammkunde.report.lone import Lone, lone
from stammkunde.report.words import Words
from stammkunde.result import Estimate, Sentence

OWN = {
    "t": {
        "bare": "{x}",
        "share": "{x:percent1}",
        "unit": "{x:n1} {word}",
        "fixed": "{x} months",
        "many": "{x} months of them",
        "below": "below {x}",
        "span": "{x} to {y}",
        "list": "{x}, {y}",
        "bold": "**{x}**",
        "interval": "{x:percent1+ci}",
        "assumed": "{x:percent1} (assumed)",
        "words": "nothing",
        "attribute": "{x.value}",
        "day": "{x:date}",
        "text": "{x:text}",
    }
}
WORDS = Words("en_GB", OWN)


def said(key, **values):
    return lone(Sentence(f"t.{key}", values), WORDS)


def test_a_number_keeps_its_form():
    assert said("share", x=0.25) == Lone(0.25, "percent1")
    assert said("bare", x=1234) == Lone(1234.0, "int")
    assert said("bare", x=2.5) == Lone(2.5, "n1")


def test_an_estimate_has_the_form_of_its_unit_and_its_currency():
    money = Estimate(value=2.6, unit="EUR", method="made")
    assert said("bare", x=money) == Lone(2.6, "money2", "EUR")
    share = Estimate(value=0.5, unit="share", method="made")
    assert said("bare", x=share) == Lone(0.5, "percent1")


def test_one_word_behind_the_number_is_its_unit():
    assert said("unit", x=3.0, word="months") == Lone(3.0, "n1", "", " months")
    assert said("fixed", x=Sentence("t.bare", {"x": 12})) == Lone(12.0, "int", "", " months")


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("below", {"x": 0.5}),
        ("span", {"x": 1, "y": 2}),
        ("list", {"x": 1, "y": 2}),
        ("many", {"x": 1}),
        ("bold", {"x": 1}),
        ("assumed", {"x": 0.5}),
        ("words", {}),
        ("day", {"x": date(2025, 1, 1)}),
        ("text", {"x": 2024}),
        ("bare", {"x": "12"}),
        ("bare", {"x": True}),
        ("bare", {"x": [1, 2]}),
        ("bare", {"x": float("nan")}),
        ("bare", {"x": Estimate(value=None, unit="share", method="made", reason="few")}),
        ("bare", {"x": Sentence("t.below", {"x": 1})}),
        ("interval", {"x": Estimate(value=0.5, low=0.4, high=0.6, unit="share", method="made")}),
        ("attribute", {"x": Estimate(value=0.5, unit="share", method="made")}),
    ],
)
def test_whatever_says_more_or_is_no_number_stays_a_text(key, values):
    assert said(key, **values) is None
