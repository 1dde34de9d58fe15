"""Texts for lists, texts for days: one sentence says so; and two arms compared show themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pytest

from stammkunde.errors import ParameterError
from stammkunde.evidence.baseline import baseline_trial
from stammkunde.evidence.dates.dated import months_around, on_day, on_days
from stammkunde.evidence.reacting.sequential import entrants
from stammkunde.evidence.starting.start import ByColumn, Eligible, counted_at_start
from stammkunde.evidence.staying.uptake import uptake_of
from stammkunde.evidence.trial import compare
from stammkunde.evidence.units import holds, person_units
from stammkunde.spells.spells import Spells
from tests.evidence.contracts import contracts, made, offers, table
from tests.evidence.trials import ARMS, subjects

DAY = date(2022, 1, 1)
KINDS = ByColumn(column="kind", arms={"one": ("a",), "two": ("b",)})
LETTERS = ByColumn(column="kind", arms={"one": "a", "two": ("b",)})  # type: ignore[dict-item]


@pytest.fixture(scope="module")
def spells() -> Spells:
    return made(contracts(80))


WRONG: dict[str, tuple[Callable[[Spells], object], str]] = {
    "columns": (
        lambda s: counted_at_start(s, KINDS, "kind"),
        'Write `["kind"]`',
    ),
    "words of an arm": (
        lambda s: counted_at_start(s, LETTERS),
        "the words of `one` come as a list",
    ),
    "words of the eligible": (
        lambda s: counted_at_start(
            s,
            KINDS,
            eligible=Eligible(levels={"kind": "a"}),  # type: ignore[dict-item]
        ),
        "the words of `kind` come as a list",
    ),
    "columns by unit": (lambda s: person_units(s, "kind"), '"kind" is a text'),
    "columns of an uptake": (
        lambda s: uptake_of(s, holds(s, _offers()), by="kind", reach=3),
        '"kind" is a text',
    ),
    "arms": (
        lambda s: baseline_trial(subjects(np.random.default_rng(1)), "offered", reach=3),
        'Write `["offered"]`',
    ),
    "arms of entrants": (
        lambda s: entrants(subjects(np.random.default_rng(1)), "offered", reach=3),
        'Write `["offered"]`',
    ),
    "a day": (lambda s: on_day(s, "2022-01-01"), "'2022-01-01' is no date"),  # type: ignore[arg-type]
    "a day of rows": (lambda s: on_days(s, _offers(), "begin"), "no column `begin` of days"),
    "a day around": (
        lambda s: months_around(s, "kind", ["a"], "2022-01-01", before=3, after=3),  # type: ignore[arg-type]
        "is no date",
    ),
    "levels": (
        lambda s: months_around(s, "kind", "a", DAY, before=3, after=3),
        'Write `["a"]`',
    ),
    "columns alike": (
        lambda s: months_around(s, "kind", ["a"], DAY, before=3, after=3, alike="kind"),
        'Write `["kind"]`',
    ),
    "unknown level": (
        lambda s: months_around(s, "kind", ["A"], DAY, before=3, after=3),
        "`kind` has no level `A`. Did you mean `a`?",
    ),
}


def _offers() -> object:
    return table(offers(contracts(80)), "start", "last")


@pytest.mark.parametrize("how", WRONG)
def test_one_sentence_says_what_is_asked_for(spells: Spells, how: str) -> None:
    ask, said = WRONG[how]
    with pytest.raises(ParameterError) as caught:
        ask(spells)
    assert said in str(caught.value)
    assert str(caught.value).endswith((".", "?"))


def test_two_arms_compared_show_themselves() -> None:
    rows = subjects(np.random.default_rng(1), 2000)
    found = compare(baseline_trial(rows, ARMS, reach=12), *ARMS, 12)
    frame = found.to_frame()
    assert [*frame.index] == [*ARMS, "offered less not offered"]
    assert frame.loc["offered less not offered", "months"] == found.months.value
    assert frame.loc["offered less not offered", "share high"] == found.share.high
    gap = frame.loc["offered", "months"] - frame.loc["not offered", "months"]
    assert gap == pytest.approx(found.months.value)
    assert frame.loc["offered", "share"] == found.curves["offered"].value[12]
    shown = found._repr_html_()
    assert f"{found.months.value:.4g}" in shown
    assert "<p>" not in shown


def test_arms_that_cannot_be_compared_show_why() -> None:
    rows = subjects(np.random.default_rng(1), 60)
    found = compare(baseline_trial(rows, ARMS, reach=3), *ARMS, 3)
    assert found.adequacy.refused
    assert found.to_frame().loc["offered less not offered"].isna().all()
    assert found.adequacy.refused in found._repr_html_()
    assert "nan" not in found._repr_html_().lower()
