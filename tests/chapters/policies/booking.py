"""Decisions with every kind of element, and how the tests of the book read its tables."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from stammkunde.draws import Replicates
from stammkunde.policy.ledger import estimated
from stammkunde.policy.offers import (
    Behaviour,
    Care,
    CoolOff,
    LoyaltyRebate,
    NewcomerRebate,
    Policy,
    Reaction,
    WinBack,
)
from stammkunde.report.words import Words
from stammkunde.result import Estimate, Label
from tests.chapters.policies.made import DAY, LEDGER, made_decision, policies

ONCE = [0.05, 0.05, 0.04, 0.03]
RICH = Policy(
    "rich",
    Label("rich", {"de": "alles", "en": "all of it"}),
    (
        NewcomerRebate(6, 4.0, hops=0.1, behaviour=Behaviour(lift=0.1, referrals=0.002)),
        LoyaltyRebate(
            13, 0.5, every=12, cap=1.5, behaviour=Behaviour((Reaction(0.8, ("price",)),))
        ),
        WinBack(("price",), 0.1, 5.0, 0.8, amount=2.0, months=6, lag=1),
        Care("call", 4.0, 0.2, from_unit=3, every=6, behaviour=Behaviour((Reaction(0.5),))),
        CoolOff(3, deterred=0.2),
    ),
)


def decision(folder, *more, draws=40, **rest):
    """Return a made decision between the usual policies and others."""
    return made_decision(folder, proposed=[*policies(), *more], draws=draws, **rest)


def in_market(found, **changed):
    """Return the decision in a market with returners, changed further."""
    back = np.zeros((2, 4))
    back[0] = ONCE

    def returning(market):
        own = [replace(s, returns=back, handling=15.0, returners=1.1) for s in market.segments]
        return replace(market, segments=tuple(own), **changed)

    basis = replace(found.basis, market=returning(found.basis.market))
    return replace(found, basis=basis, market=returning(found.market))


def table(section, name):
    return next(t for t in section.tables if t.id == name)


def column(shown, heading):
    """Return the cells of the column with that heading, in English."""
    heads = [Words("en_GB").heading(c.heading) for c in shown.columns]
    return [row[heads.index(heading)] for row in shown.rows]


def months(section, names, heading):
    """Return a column of the months as an array [P, H]."""
    return np.array(column(table(section, "policy.monthly"), heading)).reshape(len(names), -1)


def with_toml(found, **changed):
    return replace(found, study=replace(found.study, toml=replace(found.study.toml, **changed)))


def with_parts(found, parts):
    return replace(found, basis=replace(found.basis, parts=parts))


def told(thing, found, locale="en_GB"):
    return Words(locale).text(thing(found) if callable(thing) else thing)


TAKEN = ("offer.taken", "offer.taken.high", "offer.taken.low")


def taken(share, draws=256):
    """Return the estimate of a share that took an offer, with draws."""
    blocks = Replicates(
        np.full(256, share), np.ones(256, bool), lambda w: np.full(len(w), share), 256
    )
    return Estimate(value=share, low=share - 0.02, high=share + 0.02, unit="share",
                    method="counted", replicates=blocks)  # fmt: skip


def with_taken():
    """Return policies whose offers are taken up by shares counted in the data, and their ledger."""
    rows = [
        estimated(n, taken(x), when=DAY) for n, x in zip(TAKEN, (0.28, 0.31, 0.24), strict=True)
    ]
    ledger = replace(LEDGER, assumptions=(*LEDGER.assumptions, *rows))
    general = NewcomerRebate(12, 3.0, take_up=TAKEN[0])
    own = {n: (replace(general, take_up=f"{TAKEN[0]}.{n}"),) for n in ("high", "low")}
    today = Policy(
        ("today"), Label(("today"), {("de"): ("wie heute"), ("en"): ("as today")}), (general,), own
    )
    further = Policy(
        "further",
        None,
        (general, Care("call", 6.0, 0.1)),
        own | {"high": (*own["high"], LoyaltyRebate(13, 4.0), Care("call", 6.0, 0.2))},
    )
    return (today, further, Policy("without", None, (Care("call", 6.0, 0.1),))), ledger


@dataclass
class Asked:
    """A question, as far as its name and title matter."""

    name: str
    title: dict[str, str]
