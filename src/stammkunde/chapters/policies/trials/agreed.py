"""What is agreed before a trial begins: its protocol, and the question that will analyse it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from stammkunde.chapters.policies.read import Decision
from stammkunde.chapters.policies.trials.sizing import WANTED
from stammkunde.chapters.policies.trials.trial import Trial
from stammkunde.evidence.asking import ArmToml, QuestionToml
from stammkunde.policy.offers import NewcomerRebate
from stammkunde.policy.pilot import Deciding, Enough, Protocol, Stopping
from stammkunde.result import Label

TREATED, CONTROL = "treated", "control"
SEED = "written down by the client before the lot is drawn"
LONGEST_NAME = 40


def protocol_of(decision: Decision, trial: Trial, pays: float | None) -> Protocol:
    """Return the protocol of a trial: `pays` are the months above which the policy is introduced.

    None: no difference that is held possible decides. Its name is that of the word in the client's
    table of offers, and of the question to come.
    """
    name = f"pilot_{trial.policy.name}"[:LONGEST_NAME]
    column = _column(decision)
    mean = trial.control.mean(axis=0)
    chosen = _levels(decision, trial)
    halfway = trial.units // 2
    return Protocol(
        name=name,
        title=_texts(decision, decision.title(trial.policy.name)),
        population=trial.population,
        treated=_arm(decision, trial.policy.name, TREATED),
        control=_arm(decision, decision.comparator, CONTROL),
        offer=name,
        where={column: chosen} if column and chosen else {},
        strata=(column,) if column and len(chosen) != 1 else (),
        seed=SEED,
        begins=trial.toml.begins,
        entering=trial.entering,
        units=trial.units,
        horizon=trial.months,
        enough=Enough(
            measure="months",
            treated=trial.per_arm,
            control=trial.per_arm,
            difference=abs(trial.wanted),
            baseline=float(mean[: trial.months].sum()),
            error=WANTED.error,
            power=WANTED.power,
        ),
        stopping=Stopping(looks=(halfway,) if halfway > 1 else ()),
        deciding=Deciding(pays=pays),
        lasts=_lasts(trial),
    )


def toml_lines(question: QuestionToml) -> list[str]:
    """Return a question as the lines of a client's TOML, keys at their defaults left out."""
    tables: list[str] = []
    lines = ["[[question]]"]
    for key, value in _said(question):
        if isinstance(value, ArmToml):
            tables.append(f"[question.{key}]")
            tables += [f"{k} = {_toml(v)}" for k, v in _said(value)]
        else:
            lines.append(f"{key} = {_toml(value)}")
    return [*lines, *tables]


def _said(noun: Any) -> Iterator[tuple[str, Any]]:
    """Yield the keys of a noun that differ from their defaults, in their order."""
    for f in fields(noun):
        value = getattr(noun, f.name)
        usual = f.default_factory() if callable(f.default_factory) else f.default
        if value != usual:
            yield f.name, value


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{k} = {_toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    # a basic string of TOML is written like one of JSON
    return json.dumps(value, ensure_ascii=False)


def _arm(decision: Decision, policy: str, word: str) -> ArmToml:
    return ArmToml(title=_texts(decision, decision.title(policy)), words=(word,))


def _texts(decision: Decision, label: Label) -> dict[str, str]:
    languages = {name.partition("_")[0] for name in decision.study.languages}
    return {name: label.in_language(name) for name in sorted(languages)}


def _column(decision: Decision) -> str:
    setting = decision.study.toml.setting
    return "" if setting is None else setting.segments


def _levels(decision: Decision, trial: Trial) -> tuple[str, ...]:
    """Return the levels of the segments that are dealt; none where all are."""
    if not trial.segments:
        return ()
    known = {s.name for s in decision.market.segments if s.known_as in trial.segments}
    return tuple(sorted({p.level for p in decision.basis.parts if p.name in known and p.level}))


def _lasts(trial: Trial) -> int:
    """Return after how many months what the treated newcomers get ends; 0 where it does not."""
    element = trial.element
    given = [e for n in ("", *trial.policy.segments) for e in trial.policy.of(n)]
    ends = trial.population == "new" and element in given
    return element.months if ends and isinstance(element, NewcomerRebate) else 0
