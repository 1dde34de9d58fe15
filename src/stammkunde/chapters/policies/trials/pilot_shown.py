"""The tables of a trial: how many it takes, its protocol, what each size is worth, its analysis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stammkunde.chapters.exhibit import Column, Name, Table
from stammkunde.chapters.offers.spoken import column_name, level_of
from stammkunde.chapters.parts import amount
from stammkunde.chapters.policies.read import Decision
from stammkunde.chapters.policies.trials.agreed import toml_lines
from stammkunde.chapters.policies.trials.needed import (
    ALWAYS,
    NEVER,
    NOTHING,
    REVERSED,
    Needed,
)
from stammkunde.chapters.policies.trials.trial import Trial
from stammkunde.chapters.policies.trials.worth import Bought
from stammkunde.policy.pilot import Protocol, question_of
from stammkunde.result import Estimate, Sentence
from stammkunde.spells.months import moved

ID = "policy.pilot"
KINDS = {"": "pays", ALWAYS: "always", NEVER: "never", REVERSED: "reversed", NOTHING: "nothing"}


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What tables of a trial are made of."""

    decision: Decision
    trial: Trial
    worth: Bought
    protocol: Protocol
    sizes: Mapping[str, Estimate]
    pays: Needed
    words: Mapping[str, object]


def tables(s: Shown) -> list[Table]:
    """Return the sizes and the protocol, and for the workbook what sizes net and the question."""
    return [_sizes(s), _protocol(s), _net(s), _question(s)]


def _sizes(s: Shown) -> Table:
    forms = {"measure": "text", "per_arm": "int", "both": "int", "events": "int"}
    rows = []
    for name, size in s.trial.sizes.items():
        events = None if size.events is None else float(size.events)
        both = int(size.customers)
        rows.append((Sentence(f"pilot.measure.{name}", s.words), s.sizes[name], both, events))
    return Table(
        id=f"{ID}.sizes",
        caption=Sentence("pilot.caption.sizes", s.words),
        columns=[Column(f"pilot.column.{n}", f) for n, f in forms.items()],
        rows=rows,
        note=Sentence("pilot.note.sizes", s.words),
    )


def _protocol(s: Shown) -> Table:
    p = s.protocol
    ends = moved(p.begins, p.units, p.unit)
    words = {
        **s.words,
        "begins": p.begins,
        "ends": ends,
        "offer": p.offer,
        "treated_word": p.treated.words[0],
        "control_word": p.control.words[0],
        "strata": [column_name(s.decision.study, c) for c in p.strata],
        "where": [
            level_of(s.decision.study, c, x) for c, levels in p.where.items() for x in levels
        ],
        "entering": amount("months", p.entering),
        "look": p.stopping.looks[0] if p.stopping.looks else 0,
        "harm": p.stopping.harm,
        "baseline": p.enough.baseline,
        "level": p.deciding.level,
        "question": p.name,
    }
    rows = [(Sentence(f"pilot.row.{n}"), Sentence(f"pilot.{n}.{k}", words)) for n, k in _kinds(s)]
    return Table(
        id=f"{ID}.protocol",
        caption=Sentence("pilot.caption.protocol", words),
        columns=[Column("pilot.column.point", "text"), Column("pilot.column.agreed", "text")],
        rows=rows,
        note=Sentence("pilot.note.protocol"),
    )


def _kinds(s: Shown) -> list[tuple[str, str]]:
    """Return the rows of the protocol and which sentence each has."""
    p, trial = s.protocol, s.trial
    return [
        ("dealt", f"{trial.population}_{'some' if p.where else 'all'}"),
        ("groups", "plain"),
        ("number", "plain"),
        ("time", trial.population),
        ("lot", "strata" if p.strata else "plain"),
        ("rows", "plain"),
        ("looks", "once" if p.stopping.looks else "none"),
        ("answer", trial.population),
        ("decides", kind(s.pays)),
        ("analysis", "plain"),
    ]


def kind(pays: Needed) -> str:
    """Return which sentence says from when on a policy pays."""
    return KINDS[pays.reason]


def _net(s: Shown) -> Table:
    forms = {"per_arm": "int", "error": "n2", "resolved": "percent0", "worth": "money0"}
    forms |= {"cost": "money0", "net": "money0"}
    w = s.worth
    columns = (w.per_arm.tolist(), w.error.tolist(), w.resolved.tolist(), w.worth, w.cost, w.net)
    return Table(
        id=f"{ID}.net",
        caption=Sentence("pilot.caption.net"),
        columns=[Column(f"pilot.column.{n}", f) for n, f in forms.items()],
        rows=list(zip(*columns, strict=True)),
        in_report=False,
    )


def _question(s: Shown) -> Table:
    lines: list[tuple[Name, ...]] = [(line,) for line in toml_lines(question_of(s.protocol))]
    return Table(
        id=f"{ID}.question",
        caption=Sentence("pilot.caption.question"),
        columns=[Column("pilot.column.line", "text")],
        rows=lines,
        in_report=False,
    )
