"""Trials of a made decision, and the section on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stammkunde.chapters.exhibit import Section, Table
from stammkunde.chapters.policies.read import Decision
from stammkunde.chapters.policies.trials.pilot import pilot
from stammkunde.chapters.policies.trials.trial import Trial, later, trial_of
from stammkunde.chapters.policies.trials.worth import Bought, bought
from stammkunde.policy.decide import league
from stammkunde.policy.declared import PilotToml
from stammkunde.policy.ledger import Assumption, Ledger
from stammkunde.policy.ledger.laws import Law
from stammkunde.policy.offers import (
    Behaviour,
    Element,
    LoyaltyRebate,
    Market,
    Policy,
    Reaction,
    RebateForAll,
    Segment,
    applied,
    value_by_month,
    worths,
)
from stammkunde.report.sentences import languages
from stammkunde.report.words import Words
from stammkunde.result import Finding
from tests.chapters.futures import check
from tests.chapters.policies.made import DAY as SAID
from tests.chapters.policies.made import SAYS, made_decision, policies

MONTHS, DAY = 12, date(2025, 3, 1)
TODAY = policies()[0]
SOONER = Behaviour((Reaction("loyalty_ratio", ("price",)),))
# half the draws favour it, half do not: what a trial can settle
DEAR = Policy("dear", None, (LoyaltyRebate(1, 0.6, behaviour=SOONER), *TODAY.elements))
STAY = Behaviour((Reaction("r"),))
LAW = (Law.UNIFORM, "ratio", SAYS, SAID, "made")


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Decision:
    """The usual four policies."""
    return made_decision(tmp_path_factory.mktemp("pilot"), draws=300)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Decision:
    """Two policies, as often one ahead as the other."""
    folder = tmp_path_factory.mktemp("close")
    return made_decision(folder, proposed=(TODAY, DEAR), draws=200)


def one_hazard(
    folder: Path,
    element: Element,
    ratios: np.ndarray,
    *,
    hazard: float,
    horizon: int,
    inflow: float = 0.0,
    there: float = 0.0,
    other: float = 0.0,
    more: Mapping[str, np.ndarray] | None = None,
    **money: float,
) -> Decision:
    """Return a decision between an element and a rebate of `other`, where a share leaves a month.

    `ratios` [B] are the draws of the assumption "r", `more` those of others; no interest, and but
    for the margin of 10 no money unless it is named.
    """
    given = (RebateForAll(other, name="other"),) if other else ()
    policies = (Policy("nothing", None, given), Policy("offer", None, (element,)))
    names = tuple(p.name for p in policies)
    drawn = {"r": ratios, **(more or {})}
    ledger = Ledger(tuple(Assumption(n, 0.5, 0.1, 0.9, *LAW) for n in drawn))
    known = made_decision(folder, proposed=policies, comparator="nothing", ledger=ledger, draws=2)
    usual = {"margin": 10.0, "price": 20.0, "acquisition": 0.0, "serve": 0.0}
    segment = Segment("all", np.full((1, horizon + 1), hazard), inflow=inflow,
                      there=np.array([there]), **{**usual, **money})  # fmt: skip
    market = Market(("price",), (segment,), horizon, 0.0)
    weights = np.ones((len(ratios), 256))
    found = worths(policies, market, drawn, weights=weights)
    months = [value_by_month(applied(p, market, drawn, weights)) for p in policies]
    shape = (len(ratios), horizon)
    return replace(
        known,
        market=market,
        drawn=drawn,
        weights=weights,
        worths=found,
        league=league(np.stack([found[n].total for n in names], axis=-1), names, "nothing"),
        by_month=np.stack([np.broadcast_to(m, shape) for m in months], axis=1),
    )


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


def found(section: Section, name: str) -> Finding:
    return next(f for f in section.findings if f.id == f"policy.pilot.{name}")


def agreed(section: Section) -> dict[str, str]:
    """Return the rows of the protocol by key, as an Englishman reads them."""
    words = Words("en_GB")
    rows = ((str(k.key), words.text(v)) for k, v in table(section, "protocol").rows)  # type: ignore[attr-defined, arg-type]
    return {k: text.replace("\u00a0", " ") for k, text in rows}


def beside(section: Section) -> str:
    """Return what stands between findings and tables, as an Englishman reads it."""
    words = Words("en_GB")
    return " ".join(words.say(p) for p in section.paragraphs).replace("\u00a0", " ")
