"""The check holds offers against the time that a question names, as the report will."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.evidence.asking.ask import ask
from stammkunde.evidence.asking.question import QuestionToml
from stammkunde.intake.asked import Asked, asked_about
from stammkunde.intake.examine import examine
from stammkunde.report.sentences import sentences
from stammkunde.report.told import as_data, told
from stammkunde.report.words import Words
from stammkunde.result import Sentence
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.spells import Spells
from stammkunde.study import read_study
from tests.evidence.asked import later, question, world
from tests.intake.making import contracts, german, take_in, workspace_at

ALIKE: Mapping[str, Any] = {"alike": ("kind",), "treated": "yes"}
LONG_AGO = date(1999, 1, 1)
# the offer "loyal" is of unit 7, "late" mostly of 9, "spread" of 7 to 12, "mixed" of 1 and 7
ASKED: Mapping[str, Mapping[str, Any]] = {
    "fits": {**ALIKE, "offer": "loyal", "from_unit": 7},
    "several_words": {"alike": ("kind",), "offer": "loyal", "from_unit": 7},
    "all_later": {**ALIKE, "offer": "loyal"},
    "most_later": {**ALIKE, "offer": "mixed"},
    "other_unit": {**ALIKE, "offer": "late", "from_unit": 7},
    "other_window": {**ALIKE, "offer": "spread", "from_unit": 7},
    "nobody_eligible": {**ALIKE, "offer": "loyal", "from_unit": 7, "signed_before": LONG_AGO},
    "taken_otherwise": {**ALIKE, "offer": "loyal", "from_unit": 8},
    "never_taken": {**ALIKE, "offer": "never", "from_unit": 3},
}  # fmt: skip
REFUSED = ("several_words", "all_later", "most_later", "other_unit", "other_window")


@pytest.fixture(scope="module")
def read() -> tuple[Spells, Beside]:
    """Return the world with an offer mostly taken late, one at both times, and one never."""
    plain = world(300)
    loyal = plain.offers[plain.offers.offer == "loyal"]
    welcome = plain.offers[(plain.offers.offer == "welcome") & (plain.offers.arm == "yes")]
    late = shifted(loyal, "late", [0, 2, 2, 2, 2])
    spread = shifted(loyal, "spread", [0, 1, 2, 3, 4, 5])
    mixed = [loyal.assign(offer="mixed"), welcome.iloc[: len(loyal) // 9].assign(offer="mixed")]
    never = loyal.assign(offer="never", start=date(2030, 1, 1), last=date(2030, 1, 1))
    rows = pd.concat([plain.offers, late, spread, *mixed, never], ignore_index=True)
    return replace(plain, offers=rows).read()


def shifted(rows: pd.DataFrame, name: str, months: list[int]) -> pd.DataFrame:
    """Return the rows as those of another offer, each so many months later, in turn."""
    days = [later(d, months[i % len(months)]) for i, d in enumerate(rows.start)]
    return rows.assign(offer=name, start=days, last=days)


def asks(name: str) -> QuestionToml:
    return question(name=name, **ASKED[name])


@pytest.mark.parametrize("name", ASKED)
def test_the_check_refuses_what_the_report_refuses(read: tuple[Spells, Beside], name: str) -> None:
    found = asked_about(asks(name), *read, least=10)
    assert (found.unfit.reason if found.unfit else "fits") == name
    assert found.refused == (name in REFUSED)
    if name == "fits":
        assert ask(asks(name), *read).estimand.name == name
        return
    assert found.unfit is not None
    with pytest.raises(ParameterError if name in REFUSED else NotObservedError) as caught:
        ask(asks(name), *read)
    assert (caught.value.reason, caught.value.told) == (name, found.unfit.told)


@pytest.mark.long
@pytest.mark.parametrize("language", ["de_DE", "en_GB"])
def test_what_does_not_fit_is_told_and_ends_the_check(
    read: tuple[Spells, Beside], tmp_path: Path, language: str
) -> None:
    found = {n: asked_about(asks(n), *read, least=10) for n in ASKED}
    workspace = workspace_at(tmp_path)
    (tmp_path / "c.csv").write_bytes(german(contracts(60)))
    take_in(workspace, "werk", tmp_path / "c.csv")
    report, words = examine(read_study("werk", workspace=workspace)), Words(language)
    assert report.usable
    last = words.say(Sentence("intake.unfit.result"))

    def lines(*asked: Asked) -> str:
        return " ".join(told(replace(report, asked=asked), words).split())

    for name, one in found.items():
        text = lines(one)
        assert (last in text) == one.refused == (not replace(report, asked=(one,)).usable)
        assert (as_data(replace(report, asked=(one,)), words)["asked"][0]["unfit"]) == (
            None if name == "fits" else name
        )
        said = sentences(language[:2])["intake"]["unfit"].get(name)
        assert said is None or said.split("{")[0] in text
        assert (said is None) == (name == "fits")
    assert "`from_unit = 9`" in lines(found["other_unit"])
    assert "`to_unit = 12`" in lines(found["other_window"])
    assert "`no`, `yes`" in lines(found["several_words"])
    assert "7" in lines(found["taken_otherwise"])
