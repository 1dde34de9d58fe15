"""A question in the TOML: what it may say, and the sentence for each thing it may not."""

from __future__ import annotations

import tomllib
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from stammkunde.errors import SchemaError
from stammkunde.evidence.asking.estimand import estimand_of
from stammkunde.evidence.asking.fits import check_questions
from stammkunde.evidence.asking.question import design_of
from stammkunde.spells.schema.loading import build
from stammkunde.spells.schema.rules import check_data
from stammkunde.study import StudyToml, read_study
from stammkunde.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
TEXT = {"de": "Frage", "en": "question"}
LOYALTY, NEWCOMER, PRICE_RISE, ADVERTISED, CALL = range(5)
EVENT = {
    "name": "asked",
    "title": TEXT,
    "event": "complaint",
    "alike": ["usage"],
    "horizon": 12,
    "treated": {"title": TEXT},
    "control": {"title": TEXT},
}


@cache
def musterstrom() -> str:
    return (ROOT / "clients" / "musterstrom.toml").read_text(encoding="utf-8")


def raw() -> dict[str, Any]:
    found = tomllib.loads(musterstrom())
    del found["schema"]
    return found


def checked(toml: dict[str, Any]) -> StudyToml:
    study = build(StudyToml, toml, "x.toml")
    check_data(study.data, "x.toml")
    check_questions(study.question, study.data, study.client.languages, "x.toml")
    return study


def changed(at: int, **keys: Any) -> dict[str, Any]:
    """Return the supplier's TOML with keys of a question changed; None takes one away.

    Dots lead into tables. Beyond the questions there are, one about an event is added.
    """
    toml = raw()
    if at == len(toml["question"]):
        toml["question"].append(deepcopy(EVENT))
    for key, value in keys.items():
        *path, last = key.split("__")
        table = toml["question"][at]
        for name in path:
            table = table.setdefault(name, {})
        if value is None:
            del table[last]
        else:
            table[last] = value
    return toml


def test_the_questions_of_the_supplier_fit() -> None:
    study = checked(raw())
    designs = [design_of(q) for q in study.question]
    assert designs == ["landmark", "start", "day", "regions", "lot", "lot"]
    checked(changed(6))


FAULTS: dict[str, tuple[int, dict[str, Any], str]] = {
    "no slug": (0, {"name": "Treue Rabatt"}, "question[0].name"),
    "a dot in the name": (0, {"name": "a.b"}, "question[0].name"),
    "the name of a section": (0, {"name": "overview"}, "question[0].name"),
    "the name of another section": (4, {"name": "gains"}, "question[4].name"),
    "twice": (1, {"name": "loyalty"}, "question[1].name"),
    "two things": (0, {"event": "call"}, "question[0].event"),
    "offer and column": (0, {"column": "term"}, "question[0].column"),
    "nothing": (0, {"offer": None, "from_unit": None}, "question[0].offer"),
    "no horizon": (0, {"horizon": 0}, "question[0].horizon"),
    "no unit": (0, {"from_unit": 0}, "question[0].from_unit"),
    "negative window": (0, {"to_unit": -1}, "question[0].to_unit"),
    "negative effect": (0, {"relevant": -0.5}, "question[0].relevant"),
    "negative time": (1, {"lasts": -1}, "question[1].lasts"),
    "negative cost": (1, {"euro": -1.0}, "question[1].euro"),
    "negative cost of winning": (1, {"won_cost": -1.0}, "question[1].won_cost"),
    "no units back": (6, {"lately": {"call": 0}}, "question[6].lately.call"),
    "title": (0, {"title": {"de": "Treuerabatt"}}, "question[0].title"),
    "empty title": (0, {"treated__title": {"de": "x", "en": " "}}, "question[0].treated.title"),
    "title of the control": (2, {"control__title": {"en": "B"}}, "question[2].control.title"),
    "word of both": (2, {"control__words": ["A", "B"]}, "question[2].control.words"),
    "control at a tenure": (0, {"control__words": ["abgelehnt"]}, "question[0].control.words"),
    "control within a window": (
        0, {"to_unit": 15, "by": [], "control__words": ["abgelehnt"]}, "question[0].control.words"),
    "words of an event beside none": (6, {"treated__words": ["x"]}, "question[6].treated.words"),
    "control alone": (6, {"control__words": ["x"]}, "question[6].treated.words"),
    "a column without control": (1, {"control__words": []}, "question[1].control.words"),
    "a column without words": (1, {"treated__words": []}, "question[1].treated.words"),
    "a lot without control": (4, {"control__words": []}, "question[4].control.words"),
    "a day of an offer": (4, {"day": "D", "on_its_day": None}, "question[4].day"),
    "a cluster without a day": (1, {"cluster": "region"}, "question[1].cluster"),
    "the day of an event": (6, {"on_its_day": True}, "question[6].on_its_day"),
    "a unit of a column": (1, {"from_unit": 3}, "question[1].from_unit"),
    "a unit on its day": (4, {"from_unit": 3}, "question[4].from_unit"),
    "a unit of an event": (6, {"to_unit": 3}, "question[6].to_unit"),
    "an end before the beginning": (0, {"to_unit": 12}, "question[0].to_unit"),
    "nothing within the horizon": (0, {"horizon": 12}, "question[0].horizon"),
    "signed at no time": (
        1, {"signed_from": "D", "signed_before": "D"}, "question[1].signed_before"),
    "lately of an offer": (1, {"lately": {"call": 3}}, "question[1].lately"),
    "chosen, alike in nothing": (1, {"alike": []}, "question[1].alike"),
    "segments within a window": (0, {"to_unit": 15}, "question[0].by"),
    "alike in the arm": (1, {"alike": ["newcomer"]}, "question[1].alike"),
    "by the arm": (1, {"by": ["newcomer"]}, "question[1].by"),
    "alike in the cluster": (3, {"alike": ["region"]}, "question[3].alike"),
    "where in the arm": (1, {"where": {"newcomer": ["ja"]}}, "question[1].where.newcomer"),
    "where without a level": (1, {"where": {"term": []}}, "question[1].where.term"),
    "unknown alike": (0, {"alike": ["chanel"]}, "question[0].alike"),
    "unknown by": (4, {"by": ["chanel"]}, "question[4].by"),
    "unknown column": (1, {"column": "newcommer"}, "question[1].column"),
    "unknown cluster": (3, {"cluster": "regions"}, "question[3].cluster"),
    "unknown where": (1, {"where": {"termm": ["x"]}}, "question[1].where.termm"),
    "tenure at the start": (1, {"alike": ["tenure"]}, "question[1].alike"),
    "a number for a column": (1, {"column": "kwh"}, "question[1].column"),
    "a number for a cluster": (3, {"cluster": "kwh"}, "question[3].cluster"),
    "by a number": (1, {"by": ["channel", "kwh"]}, "question[1].by"),
    "by the tenure": (4, {"by": ["tenure"]}, "question[4].by"),
    "a number for a level": (1, {"where": {"kwh": ["< 5"]}}, "question[1].where.kwh"),
    "before observation": (2, {"day": "EARLY"}, "question[2].day"),
    "after observation": (2, {"day": "LATE"}, "question[2].day"),
    "signed after observation": (1, {"signed_from": "LATE"}, "question[1].signed_from"),
    "beyond the day": (2, {"horizon": 40}, "question[2].horizon"),
    "beyond the first signing": (1, {"signed_from": "D"}, "question[1].horizon"),
    "beyond the window": (4, {"horizon": 73}, "question[4].horizon"),
    "beyond the window, from sign-up": (
        1, {"signed_from": None, "horizon": 73}, "question[1].horizon"),
    "beyond the window and the wait": (0, {"horizon": 86}, "question[0].horizon"),
    "beyond those who signed late": (0, {"signed_from": "D"}, "question[0].horizon"),
    "beyond the window of events": (6, {"horizon": 73}, "question[6].horizon"),
}  # fmt: skip
DAYS = {"D": "2024-06-01", "EARLY": "2019-12-31", "LATE": "2026-01-01"}


def dated(keys: dict[str, Any]) -> dict[str, Any]:
    days = {k: tomllib.loads(f"d = {v}")["d"] for k, v in DAYS.items()}
    return {k: days.get(v, v) if isinstance(v, str) else v for k, v in keys.items()}


@pytest.mark.parametrize("case", FAULTS)
def test_what_does_not_fit_is_said_with_its_key(case: str) -> None:
    at, keys, path = FAULTS[case]
    with pytest.raises(SchemaError) as caught:
        checked(changed(at, **dated(keys)))
    said = caught.value
    assert said.what.startswith(f"`{path}`"), said.what
    assert said.where == "x.toml"
    assert said.remedy.endswith((".", "?")), said.remedy
    assert "\n" not in said.what


FITTING: dict[str, tuple[int, dict[str, Any]]] = {
    "to the edge of the window": (4, {"horizon": 72}),
    "to the edge of the wait": (0, {"horizon": 85}),
    "to the edge of the day": (2, {"horizon": 39}),
    "from the first sign-up that was seen": (1, {"signed_from": None, "horizon": 72}),
    "tenure on a day": (2, {"alike": ["tenure", "cohort"], "assignment": "chosen"}),
    "alike in a number": (1, {"alike": ["kwh"], "by": []}),
    "some regions": (3, {"where": {"region": ["r1"]}}),
    "a window from the first unit on": (0, {"from_unit": 1, "to_unit": 3, "by": []}),
    "an event by lot": (6, {"assignment": "drawn", "alike": []}),
    "an event alike in the past alone": (6, {"alike": [], "lately": {"call": 3}}),
}


@pytest.mark.parametrize("case", FITTING)
def test_what_fits_is_taken(case: str) -> None:
    at, keys = FITTING[case]
    checked(changed(at, **keys))


def test_a_question_needs_its_table_and_the_column_of_its_words() -> None:
    for section, at, key in (("offers", 0, "offer"), ("events", 6, "event")):
        toml = changed(at)
        toml["question"] = [toml["question"][at]]
        del toml[section]
        with pytest.raises(SchemaError, match=rf"`question\[0\].{key}` .*no table `\[{section}\]`"):
            checked(toml)
    toml = raw()
    del toml["offers"]["arm"]
    with pytest.raises(SchemaError, match=r"`question\[0\].treated.words` .*no column `arm`"):
        checked(toml)
    toml = changed(6, treated__words=["big"], control__words=["small"])
    del toml["events"]["value"]
    with pytest.raises(SchemaError, match=r"`question\[6\].treated.words` .*no column `value`"):
        checked(toml)


def test_a_snapshot_is_asked_nothing() -> None:
    """Its columns are those of today: who left before getting the offer counts as without it."""
    asks = raw()["question"][NEWCOMER] | {"alike": ["term"], "by": []}
    toml = {
        "client": raw()["client"],
        "snapshot": {
            "file": "x.csv", "tenure": "t", "left": "l", "left_values": ["1"],
            "stayed_values": ["0"],
        },
        "groups": {n: raw()["groups"][n] for n in ("newcomer", "term")},
        "question": [asks],
    }  # fmt: skip
    with pytest.raises(SchemaError, match=r"`question\[0\].column` .*a snapshot tells no days"):
        checked(toml)


def test_of_an_open_window_no_first_day_is_asked() -> None:
    toml = raw()
    del toml["window"]["open"]
    checked(toml)
    toml["question"][CALL]["horizon"] = 200
    checked(toml)


def test_an_estimand_says_all_that_makes_alike() -> None:
    study = checked(changed(6))
    loyalty, _, rise, _, call, _, event = (estimand_of(q) for q in study.question)
    assert loyalty.alike == ("usage", "channel", "age", "newcomer", "term")
    assert rise.alike == call.alike == ()
    assert event.alike == ("usage",)
    assert event.lately == {"complaint": 3}
    chosen = checked(changed(PRICE_RISE, assignment="chosen", alike=["age"])).question[PRICE_RISE]
    assert estimand_of(chosen).alike == ("age", "term", "tenure")


def test_the_fault_is_found_when_the_study_is_read(tmp_path: Path) -> None:
    (tmp_path / "clients").mkdir()
    (tmp_path / "data" / "raw" / "supplier").mkdir(parents=True)
    path = tmp_path / "clients" / "supplier.toml"
    path.write_text(musterstrom(), encoding="utf-8")
    workspace = Workspace(tmp_path)
    assert len(read_study("supplier", workspace=workspace).toml.question) == 6
    wrong = musterstrom().replace('cluster = "region"', 'cluster = "regoin"')
    path.write_text(wrong, encoding="utf-8")
    with pytest.raises(SchemaError) as caught:
        read_study("supplier", workspace=workspace)
    assert str(caught.value.where) == "supplier.toml"
    assert caught.value.what.startswith("`question[3].cluster` (`advertised`)")
    assert caught.value.remedy == "Did you mean `region`?"
