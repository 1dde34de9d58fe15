"""A client's column may be called like one of our own relations, and nothing changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from stammkunde.errors import ParameterError, SchemaError
from stammkunde.evidence.asking.answer import Answer
from stammkunde.evidence.asking.ask import ask
from stammkunde.evidence.asking.question import QuestionToml
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.spells import Spells, column_of, covariate_of
from tests.chapters.offered import ASKED
from tests.evidence.asked import question, world
from tests.evidence.test_questions import CALL, LOYALTY, PRICE_RISE, checked, raw

# what takes seconds a case: `make test-full` runs it
pytestmark = pytest.mark.long

# of the tables beside, of the trials, of the cells that make arms alike
COVARIATES = ("arm", "offer", "kind", "value", "begin", "cell", "treated")
GROUPS = ("cell", "finish")
CLOCKED = ("lot", "values", "reaction", "day", "regions")


@pytest.fixture(scope="module")
def read() -> tuple[Spells, Beside]:
    return world(300).read()


def renamed(spells: Spells, name: str, *, covariate: bool) -> Spells:
    """Return the spells with the group "kind" under another name, as a group or a covariate."""
    column = covariate_of(name) if covariate else column_of(name)
    others = {n: g for n, g in spells.groups.items() if n != "kind"}
    own = {} if covariate else {name: replace(spells.groups["kind"], name=name)}
    return replace(
        spells,
        relation=spells.relation.rename({column: column_of("kind")}),
        groups=others | own,
        covariates=(name,) if covariate else (),
    )


def asks(design: str, name: str) -> QuestionToml:
    """Return a question that names the column everywhere where a column may be named."""
    keys: dict[str, Any] = {"name": design, **ASKED[design]}
    keys["alike"] = tuple(name if c == "kind" else c for c in keys.get("alike", ()))
    if keys.get("column") == "kind":
        keys["column"] = name
    elif design != "grace":
        keys["by"] = (name,)
    return question(**keys)


def numbers(answer: Answer) -> dict[str, object]:
    """Return the numbers of an answer, which no name may touch."""
    unlike, alone = answer.doubts.unlike, answer.doubts.alone
    return {
        "months": answer.months.value,
        "share": answer.share.value,
        "steps": [s.months.value for s in answer.steps],
        "segments": [(s.levels, s.own.value, s.shrunk.value) for s in answer.segments],
        "unlike": None if unlike is None else sorted(unlike.table.before),
        "alone": None if alone is None else (alone.alone, alone.persons),
    }


@pytest.fixture(scope="module")
def same(read: tuple[Spells, Beside]) -> Callable[..., bool]:
    """Return whether a column's name leaves the answer of a design alone."""
    spells, beside = read

    @cache
    def found(design: str, name: str, *, covariate: bool = True) -> dict[str, object]:
        return numbers(ask(asks(design, name), renamed(spells, name, covariate=covariate), beside))

    def compared(design: str, name: str, *, covariate: bool = True) -> bool:
        plain = found(design, "colour")
        assert design in ("regions", "grace", "day") or plain["months"] is not None
        return found(design, name, covariate=covariate) == plain

    return compared


@pytest.mark.parametrize(
    ("design", "name"), [("lot", "arm"), ("values", "value"), ("values", "kind"), ("start", "cell")]
)
def test_a_column_called_like_one_of_ours_is_not_taken_for_it(
    same: Callable[..., bool], design: str, name: str
) -> None:
    assert same(design, name)


@pytest.mark.parametrize("design", ASKED)
@pytest.mark.long
def test_a_column_of_any_name_gives_the_same_answer(same: Callable[..., bool], design: str) -> None:
    assert [n for n in COVARIATES if not same(design, n)] == []
    assert [n for n in GROUPS if not same(design, n, covariate=False)] == []


@pytest.mark.parametrize("covariate", [True, False])
@pytest.mark.parametrize("design", CLOCKED)
def test_only_the_time_by_a_day_needs_its_name_for_itself(
    read: tuple[Spells, Beside], design: str, *, covariate: bool
) -> None:
    spells, beside = read
    with pytest.raises(ParameterError, match="is called `tenure`"):
        ask(asks(design, "tenure"), renamed(spells, "tenure", covariate=covariate), beside)


@pytest.mark.parametrize("kind", ["groups", "covariates"])
def test_such_a_name_is_refused_when_the_questions_are_read(kind: str) -> None:
    column = {"column": "Kundenjahre", "title": {"de": "Jahre", "en": "years"}}
    for place, key in ((PRICE_RISE, "day"), (CALL, "offer")):
        toml = raw()
        toml[kind]["tenure"] = column
        toml["question"] = [toml["question"][place]]
        with pytest.raises(SchemaError, match=rf"`question\[0\]\.{key}` .* is called `tenure`"):
            checked(toml)
    toml["question"] = [raw()["question"][LOYALTY]]
    assert checked(toml).question[0].name == "loyalty"
