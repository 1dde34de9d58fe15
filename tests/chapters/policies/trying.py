"""Trials of a made decision, and the section on them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from stammkunde.chapters.exhibit import Section, Table
from stammkunde.chapters.policies.read import Decision
from stammkunde.chapters.policies.trials.bought import Bought, bought
from stammkunde.chapters.policies.trials.pilot import pilot
from stammkunde.chapters.policies.trials.trial import Trial, later, trial_of
from stammkunde.policy.declared import PilotToml
from stammkunde.policy.offers import (
    Behaviour,
    Reaction,
)
from stammkunde.report.sentences import languages
from stammkunde.report.words import Words
from tests.chapters.futures import check
from tests.chapters.policies.made import (
    policies,
)

MONTHS, DAY = 12, date(2025, 3, 1)
TODAY = policies()[0]
SOONER = Behaviour((Reaction("loyalty_ratio", ("price",)),))


def asked(**keys: Any) -> PilotToml:
    usual: dict[str, Any] = {"policy": "loyalty", "element": "loyalty", "per_customer": 2.0}
    usual |= {"fixed": 5000, "months": MONTHS, "begins": DAY}
    return PilotToml(**{**usual, **keys})


def told(made: Decision, **keys: Any) -> Section:
    """Return the section under a declared pilot; all of it can be said."""
    toml = replace(made.study.toml, pilot=asked(**keys))
    section = pilot(replace(made, study=replace(made.study, toml=toml)))
    check([section])
    for text in (t.note for t in section.tables if t.note):
        assert all(Words(n).say(text) for n in languages())
    return section


def trial(made: Decision, **keys: Any) -> Trial:
    found = trial_of(made, asked(**keys))
    assert isinstance(found, Trial)
    return found


def worth(made: Decision, own: Trial) -> Bought:
    return bought(made, own, later(made, own.units))


def table(section: Section, name: str) -> Table:
    return next(t for t in section.tables if t.id == f"policy.pilot.{name}")
