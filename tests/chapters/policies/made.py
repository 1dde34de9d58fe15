"""A made decision: two segments, four policies, four assumptions, all valued by the real kernel."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, cast

import numpy as np

from stammkunde.chapters.policies.read import Basis, Decision, Part
from stammkunde.draws import block_weights
from stammkunde.policy.decide import league
from stammkunde.policy.declared import AssumptionToml, PolicyToml, SettingToml
from stammkunde.policy.ledger import Assumption, Ledger
from stammkunde.policy.ledger.laws import Law
from stammkunde.policy.offers import (
    Behaviour,
    LoyaltyRebate,
    Market,
    NewcomerRebate,
    Policy,
    Reaction,
    RebateForAll,
    Segment,
    When,
    applied,
    value_by_month,
    worths,
)
from stammkunde.result import Estimate, Label, Status
from stammkunde.study import Study
from tests.chapters.lives import study as study_of

HORIZON, LONGEST = 60, 120
CAUSES = ("price", "moved")
FAMILIES = ("flat", "falling")
DAY = date(2024, 12, 1)
RESTS_ON = "cost_as_declared"
SAYS = "assumed by the authors of this project"
USAGE = """
[groups.usage]
column = "usage"
title = { de = "Verbrauch", en = "usage" }
[groups.usage.levels]
high = { de = "hoher Verbrauch", en = "high usage" }
low = { de = "niedriger Verbrauch", en = "low usage" }
[money]
interest = 0.05
"""
LEDGER = Ledger(
    (
        Assumption("always_buyers", 0.8, 0.7, 0.9, Law.TRIANGULAR, "share", SAYS, DAY, "made"),
        Assumption("loyalty_ratio", 0.76, 0.58, 0.94, Law.TRIANGULAR, "ratio", SAYS, DAY, "made"),
        Assumption("spike", 1.6, 1.0, 2.2, Law.TRIANGULAR, "ratio", SAYS, DAY, "made"),
        Assumption("switching_cost", 40.0, 20.0, 60.0, Law.UNIFORM, "EUR", SAYS, DAY, "made"),
    )
)
TITLES = {
    "always_buyers": {"de": "ohnehin Kaufende", "en": "always-buyers"},
    "loyalty_ratio": {"de": "Wirkung der Treue auf Abgänge", "en": "effect of loyalty"},
    "spike": {"de": "Abgänge am Ende", "en": "leaving at the end"},
    "switching_cost": {"de": "Wechselkosten", "en": "switching cost"},
}
HEADS = {"high": 1400.0, "low": 2600.0}
LEVEL = {"high": (0.010, 0.004), "low": (0.022, 0.005)}
MARGIN = {"high": 16.0, "low": 7.0}


def _newcomer(amount: float) -> NewcomerRebate:
    reactions = (Reaction("spike", ("price",), When.AFTER, 1, 2),)
    return NewcomerRebate(12, amount, behaviour=Behaviour(reactions, always_buyers="always_buyers"))


def policies() -> tuple[Policy, ...]:
    """Return what customers get today, and three others."""
    stay = Behaviour((Reaction("loyalty_ratio", ("price",)),))
    named = {
        "today": {"de": "wie heute", "en": "as today"},
        "nothing": {"de": "kein Rabatt", "en": "no rebate"},
        "loyalty": {"de": "Treuerabatt", "en": "loyalty rebate"},
        "for_all": {"de": "Rabatt für alle", "en": "rebate for all"},
    }
    elements = {
        "today": (_newcomer(3.0),),
        "nothing": (),
        "loyalty": (LoyaltyRebate(13, 0.55, behaviour=stay),),
        "for_all": (RebateForAll(0.7, behaviour=stay),),
    }
    return tuple(Policy(n, Label(n, t), elements[n]) for n, t in named.items())


def made_study(
    folder: Path,
    proposed: Sequence[Policy] = (),
    comparator: str = "today",
    ledger: Ledger = LEDGER,
    more: str = "",
) -> Study:
    """Return the study of a client with segments by usage who asks about the policies.

    `more` is further TOML.
    """
    study = study_of(folder, more=USAGE + more)
    own = SettingToml(
        comparator=comparator,
        horizon=HORIZON,
        segments="usage",
        price=20.0,
        margin=10.0,
        acquisition=65.0,
        serve=0.7,
    )
    titles = {p.name: p.title or Label(p.name) for p in proposed or policies()}
    named = tuple(PolicyToml(name=n, title=dict(t.text)) for n, t in titles.items())
    assumed = tuple(_declared(a) for a in ledger.assumptions)
    return replace(study, toml=replace(study.toml, setting=own, policy=named, assumption=assumed))


def _declared(a: Assumption) -> AssumptionToml:
    return AssumptionToml(
        name=a.name,
        title=TITLES.get(a.name, {"de": a.name, "en": a.name}),
        value=a.value,
        low=a.low,
        high=a.high,
        law=cast("Any", str(a.law)),
        unit=a.unit,
        says={"de": "angenommen von den Autoren dieses Projekts", "en": a.says},
        when=DAY,
        why={"de": "gemacht", "en": a.why},
    )


def made_market(weights: np.ndarray | None = None, family: str = "") -> Market:
    """Return the market at the estimates, or drawn by weights [B, 256]; by one family if named."""
    level = _levels(weights)
    units = np.arange(LONGEST)
    bend = 0.4 * np.exp(-units / 18) - (0.002 * units if family == FAMILIES[1] else 0.0)
    shape = np.maximum(1 + bend, 0.3)
    segments = tuple(
        Segment(
            name,
            np.asarray(level * np.array(LEVEL[name])[:, None] * shape),
            margin=MARGIN[name],
            price=20.0,
            inflow=HEADS[name] / 50,
            acquisition=65.0,
            serve=0.7,
            there=np.full(50, HEADS[name] / 50),
        )
        for name in HEADS
    )
    return Market(CAUSES, segments, HORIZON, 0.05)


def _levels(weights: np.ndarray | None) -> np.ndarray | float:
    """Return by how much leaving is above its estimate in each draw [B, 1, 1]."""
    if weights is None:
        return 1.0
    events = np.random.default_rng(5).poisson(6.0, 256)
    total = (weights * events).sum(axis=1) / weights.sum(axis=1) / events.mean()
    return np.asarray(total[:, None, None])


def made_decision(
    folder: Path,
    *,
    proposed: Sequence[Policy] = (),
    comparator: str = "today",
    draws: int = 300,
    status: Status = Status.ASSUMED,
    ledger: Ledger = LEDGER,
    more: str = "",
) -> Decision:
    """Return a decision between policies (by default the four above), in so many draws."""
    known = tuple(proposed) or policies()
    names = tuple(p.name for p in known)
    weights = block_weights(draws)
    market, drawn = made_market(weights), ledger.draws(draws)
    found = worths(known, market, drawn, weights=weights)
    months = [value_by_month(applied(p, market, drawn, weights)) for p in known]
    values = np.stack([found[n].total for n in names], axis=-1)
    return Decision(
        study=made_study(folder, known, comparator, ledger, more),
        policies=known,
        comparator=comparator,
        basis=_basis(),
        market=market,
        ledger=ledger,
        drawn=drawn,
        weights=weights,
        worths=found,
        league=league(values, names, comparator, status=status, assumptions=(RESTS_ON,)),
        by_month=np.stack([np.broadcast_to(m, (draws, HORIZON)) for m in months], axis=1),
        model=lambda given: _valued(known, market, given, weights),
        by_family=lambda name: _valued(known, made_market(weights, name), drawn, weights),
        assumptions=(RESTS_ON,),
    )


def _valued(
    known: Sequence[Policy],
    market: Market,
    given: Mapping[str, np.ndarray],
    weights: np.ndarray,
) -> np.ndarray:
    """Return net values [B', P] for as many draws as are given."""
    count = max(len(x) for x in given.values())
    part, own = market.part(slice(0, count)), weights[:count]
    got = worths(known, part, given, count=count, weights=own)
    return np.stack([got[p.name].total for p in known], axis=-1)


def with_status(decision: Decision, status: Status) -> Decision:
    """Return the decision with another status of all its values."""
    standings = tuple(
        replace(
            s,
            value=replace(s.value, status=status),
            difference=replace(s.difference, status=status),
        )
        for s in decision.league.standings
    )
    return replace(decision, league=replace(decision.league, standings=standings))


def _basis() -> Basis:
    under: Callable[[np.ndarray, str], Market] = made_market
    return Basis(
        market=made_market(),
        under=under,
        parts=tuple(_part(n) for n in HEADS),
        families=FAMILIES,
        observed=50,
        left=12,
    )


def _part(name: str) -> Part:
    return Part(
        name=name,
        level=name,
        terms="",
        customers=round(HEADS[name]),
        margin=_money(MARGIN[name]),
        signups=replace(_money(HEADS[name] / 50), unit="count"),
        acquisition=_money(65.0),
        serve=_money(0.7),
    )


def _money(value: float) -> Estimate:
    return Estimate(value=value, low=0.9 * value, high=1.1 * value, unit="EUR", method="made")
