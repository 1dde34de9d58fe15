"""The list and the report go by the same number: with what comes after the horizon, or without."""

from __future__ import annotations

from pathlib import Path

import pytest

from stammkunde.chapters.offers.afterwards import read_afterwards
from stammkunde.chapters.offers.read import read_answers
from stammkunde.evidence.asking.answer import Answer
from stammkunde.evidence.asking.later import NO_INTEREST, NOT_PROJECTED, NOWHERE
from stammkunde.report.driver import targeting
from stammkunde.study import Study, read_study, read_tables
from stammkunde.survival.projection.fit import FAMILY_HOLDS
from stammkunde.workspace import Workspace
from tests.driver.test_targets import CALL, QUESTION, TOML, contracts

INTEREST = "[money]\ninterest = 0.05\n"


def study(folder: Path, *, money: str = INTEREST, more: str = CALL, euro: str = "2") -> Study:
    here = Workspace(folder / "workspace")
    for part in (here.clients, here.notebooks, here.reports, here.raw / "muster"):
        part.mkdir(parents=True)
    main, offers = contracts()
    main.to_csv(here.raw / "muster" / "c.csv", index=False)
    offers.to_csv(here.raw / "muster" / "o.csv", index=False)
    words = {"treated": '["yes"]', "control": '["no"]', "horizon": 12}
    text = TOML + money + QUESTION.format(name="call", more=more, euro=euro, **words)
    (here.clients / "muster.toml").write_text(text, encoding="utf-8")
    return read_study("muster", workspace=here)


@pytest.mark.long
def test_the_list_and_the_report_go_by_the_same_number(tmp_path: Path) -> None:
    asked = study(tmp_path)
    found = targeting.listed(asked, "call", share=0.3, holdout=0.1)
    spells, beside = read_tables(asked)
    answer = read_answers(asked, spells, beside)["call"]
    assert isinstance(answer, Answer)
    gains = answer.gains
    assert gains is not None
    assert (gains.span, gains.why) == (120, "")
    assert found.worth.value == gains.rules["gain"].value
    each = {g.levels[0]: g.each for g in gains.segments}
    own = found.rows.iloc[0]
    assert own["gain (EUR)"] == each[own["group kind"]].value
    within = {g.levels[0]: g.within for g in gains.segments}["a"]
    assert within is not None
    assert each["a"].value > within.value
    assert FAMILY_HOLDS in each["a"].assumptions


@pytest.mark.parametrize(
    ("keys", "why"),
    [({"money": ""}, NO_INTEREST), ({"more": CALL.replace('by = ["kind"]', "")}, NOWHERE.why)],
)
def test_nothing_is_projected_where_it_is_not_asked_for(tmp_path: Path, keys, why) -> None:
    asked = study(tmp_path, **keys)
    found = read_afterwards(asked, read_tables(asked)[0])
    assert (found.looks, found.why, found.interest) == ({}, why, 0.0)


def test_customers_that_cannot_be_projected_are_counted_to_the_horizon(tmp_path: Path) -> None:
    asked = study(tmp_path)
    spells, _ = read_tables(asked)
    nobody = spells.where(spells.relation.person == "nobody")
    found = read_afterwards(asked, nobody)
    assert (found.looks, found.why, found.interest) == ({}, NOT_PROJECTED, 0.05)
