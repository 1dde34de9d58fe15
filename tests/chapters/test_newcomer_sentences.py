"""The sentences on offers for the new: which one a number deserves, and that all can be said."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from stammkunde.chapters.offers.newcomers.section import way_of
from stammkunde.chapters.offers.newcomers.shown import bound_to
from stammkunde.report.sentences import languages, leaves, sentences
from stammkunde.report.words import Words, placeholders
from stammkunde.result import Estimate, Sentence
from stammkunde.spells.schema.meaning import TermToml
from stammkunde.survival.curve import TOO_FEW_PERSONS


def test_which_sentence_a_threshold_deserves() -> None:
    def even(value: float | None, reason: str = "") -> str:
        return way_of(Estimate(value=value, unit="share", method="", reason=reason))

    ways = [even(0.0), even(0.3), even(1.0), even(None, TOO_FEW_PERSONS), even(None, "other")]
    assert ways == ["always", "from", "never", "few", "worthless"]


@pytest.mark.parametrize("language", languages())
def test_every_sentence_can_be_said(language: str) -> None:
    money = Estimate(value=1.0, low=0.5, high=2.0, unit="EUR", method="")
    day = date(2020, 1, 1)
    words = Words({"de": "de_DE", "en": "en_GB"}[language])
    forms = {"date": day, "int": 3, "text": "x", "begin": "x", "percent0": 0.2, "": "x"}
    for key, text in leaves(sentences(language)["newcomers"], "newcomers."):
        values: dict[str, object] = {"count": 2}
        for name, form in placeholders(text):
            values[name] = money if "+" in form or form[:5] in ("money", "per10") else forms[form]
        key = key.removesuffix(".one").removesuffix(".other")
        if not key.endswith("column.share"):
            said = words.say(Sentence(key, values))
            assert said
            assert "{" not in said
    one, other = (dict(leaves(sentences(n)["newcomers"])) for n in ("de", "en"))
    assert {k: set(placeholders(t)) for k, t in one.items()} == {
        k: set(placeholders(t)) for k, t in other.items()
    }


@pytest.mark.parametrize(
    ("since", "bound"),
    [(None, (24,)), (date(2022, 2, 28), (24,)), (date(2022, 3, 1), ()), (date(2023, 1, 1), ())],
)
def test_terms_that_were_replaced_bind_nobody_asked_about(
    since: date | None, bound: tuple[int, ...]
) -> None:
    terms = (
        TermToml(signed_from=date(2017, 1, 1), minimum_months=24),
        TermToml(signed_from=date(2022, 3, 1)),
    )
    data = SimpleNamespace(terms=terms, window=SimpleNamespace(unit="month"))
    study: Any = SimpleNamespace(toml=SimpleNamespace(data=data))
    found: Any = SimpleNamespace(question=SimpleNamespace(signed_from=since), lasts=12)
    assert bound_to(study, found) == bound
