"""The public API: few names, each with a docstring, and examples that run."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

import stammkunde as sk
from stammkunde import evidence, survival
from stammkunde.spells.source import fetch

ROOT = Path(__file__).resolve().parents[2]
FACES = (sk, survival, evidence)
NAMES = [(face, n) for face in FACES for n in face.__all__]


def test_at_most_25_names_stand_at_the_top():
    assert len(sk.__all__) <= 25
    assert set(sk.__all__) <= set(dir(sk))
    with pytest.raises(AttributeError, match="kaplan_mayer"):
        sk.kaplan_mayer


@pytest.mark.parametrize(("home", "name"), NAMES, ids=[f"{h.__name__}.{n}" for h, n in NAMES])
def test_a_public_name_says_in_one_sentence_what_it_is(home, name):
    thing = getattr(home, name)
    first = (inspect.getdoc(thing) or "").split("\n\n")[0]
    assert first.replace("\n", " ").rstrip().endswith("."), first
    assert not first.startswith(f"{name}("), "a docstring made by dataclasses says nothing"
    if inspect.isfunction(thing):
        # what only displays hands nothing back
        assert re.match("Return|Display", first), first
        parameters = inspect.signature(thing).parameters.values()
        assert all(p.annotation is not p.empty for p in parameters)


@pytest.mark.parametrize(("home", "name"), NAMES, ids=[f"{h.__name__}.{n}" for h, n in NAMES])
def test_public_nouns_are_frozen_and_their_verbs_documented(home, name):
    thing = getattr(home, name)
    if not inspect.isclass(thing) or issubclass(thing, Exception):
        return
    assert is_dataclass(thing)
    assert thing.__dataclass_params__.frozen  # type: ignore[attr-defined]
    own = {n: m for n, m in vars(thing).items() if not n.startswith("_")}
    verbs = {n: m for n, m in own.items() if inspect.isfunction(m) or isinstance(m, property)}
    told = re.compile("Return|Yield|Write")
    assert all(told.match(inspect.getdoc(m) or "") for m in verbs.values()), verbs
    assert not any(f.name.endswith("_") for f in fields(thing))


def test_the_example_of_the_package_runs(monkeypatch):
    fetch(ROOT, "telco")
    monkeypatch.chdir(ROOT)
    text = sk.__doc__ or ""
    example = [x.strip() for x in text[text.index("import stammkunde") :].splitlines() if x.strip()]
    assert len(example) == 4
    scope: dict[str, object] = {}
    exec("\n".join([*example[:-1], f"answer = {example[-1]}"]), scope)
    answer = scope["answer"]
    assert isinstance(answer, sk.Estimate)
    assert answer.unit == "month"
    assert 30 < answer.low < answer.value < answer.high < 36


def test_the_package_is_typed():
    assert (Path(sk.__file__).parent / "py.typed").is_file()
