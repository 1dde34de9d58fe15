"""The claims that the garage's data can speak to, and what is true of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from stammkunde.worlds.autohaus import parameters as p
from stammkunde.worlds.autohaus.expect import gone, mean
from stammkunde.worlds.autohaus.happenings import defect_law
from stammkunde.worlds.autohaus.outcomes import (
    Outlook,
    as_happened,
    by_speed,
    complaints,
    difference,
    population,
    reminder_effect,
    with_outcome,
)
from stammkunde.worlds.autohaus.process import newcomers
from stammkunde.worlds.autohaus.stage import LETTER_DAY, SHAPE
from stammkunde.worlds.world import Setting

Value = float | None
LOST = "share without a visit in the 14 calendar months from the 13th on"
SHARE, RECURSION = "share", "recursion over the states"


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A claim's estimand, signed as claimed, its smallest relevant effect, and who computes it."""

    estimand: str
    smallest: float
    value: Callable[[Outlook, dict[str, Setting]], Value]
    unit: str = SHARE
    how: str = RECURSION


def of_losses(o: Outlook, *causes: str) -> Value:
    """Return the share of some causes among all that customers leave the brand for."""
    every = o.ledger.count("leave", *p.CAUSES)
    return o.ledger.count("leave", *causes) / every if every else None


def of_branch_losses(o: Outlook) -> Value:
    """Return the share of a branch's losses that only went to another branch."""
    moved, left = o.ledger.count("leave", "transfer"), o.ledger.count("leave", *p.CAUSES)
    return moved / (moved + left) if moved + left else None


def still_there(o: Outlook) -> Value:
    """Return the share of those lapsed on the card's day who have not truly gone."""
    lapsed = population(o.ledger, "card")
    return 1 - gone(lapsed) if lapsed.sum() else None


def effect(
    o: Outlook, stage: str, who: np.ndarray, less: Mapping[str, float], more: Mapping[str, float],
    value: str = "lost",
) -> Value:  # fmt: skip
    """Return the value under the outcomes `less` minus under `more`, dealt to the same people."""
    values: dict[str, np.ndarray] = getattr(o, value)
    a = with_outcome(o.ledger, stage, who, dict(less))
    b = with_outcome(o.ledger, stage, who, dict(more))
    return difference(values, stage, a, b)


def card(o: Outlook, outcome: Mapping[str, float], against: str, months: str = "silent_6") -> Value:
    """Return how many more of the lapsed come again after an outcome of the stage "card"."""
    return effect(o, "card", population(o.ledger, "card"), {against: 1.0}, outcome, months)


def incident(o: Outlook, value: str = "lost") -> Value:
    """Return how many more stop coming because of an incident, among those who had one."""
    outcomes = o.ledger.stage("incident").outcomes[1:]
    values: dict[str, np.ndarray] = getattr(o, value)
    spared = with_outcome(o.ledger, "incident", o.ledger.flow("incident", *outcomes), {"none": 1.0})
    had = as_happened(o.ledger, "incident", outcomes)
    return difference(values, "incident", had, spared)


def recovery(o: Outlook, value: str = "lost") -> Value:
    """Return how many fewer stop coming where complaints are answered well instead of badly."""
    values: dict[str, np.ndarray] = getattr(o, value)
    kinds = len(p.INCIDENTS)
    badly, well = by_speed(o.ledger, (0.0,) * kinds), by_speed(o.ledger, (1.0,) * kinds)
    return difference(values, "incident", badly, well)


def speed(o: Outlook) -> Value:
    """Return how many fewer stop coming where complaints are answered quickly, well or not."""
    slow, quick = by_speed(o.ledger, p.WELL_SLOW), by_speed(o.ledger, p.WELL_QUICK)
    return difference(o.lost, "incident", slow, quick)


def paradox(o: Outlook) -> Value:
    """Return how many fewer stop coming after a good answer than without any incident."""
    who = o.ledger.flow("incident", *complaints(o.ledger))
    unharmed = with_outcome(o.ledger, "incident", who, {"none": 1.0})
    return difference(o.lost, "incident", unharmed, by_speed(o.ledger, (1.0,) * len(p.INCIDENTS)))


def surprise(o: Outlook, value: str = "lost") -> Value:
    """Return how many fewer stop coming after a visit that surprised them."""
    who = population(o.ledger, "surprise")
    return effect(o, "surprise", who, {"none": 1.0}, {"surprised": 1.0}, value)


def gesture(o: Outlook, kind: str, value: str = "lost") -> Value:
    """Return how many fewer of those drawn for a gesture stop coming than of the hold-out."""
    who, pleases = population(o.ledger, "gesture"), p.GESTURE_PLEASES[p.GESTURES.index(kind)]
    got = {f"{kind}: pleases": pleases, f"{kind}: nothing": 1 - pleases}
    return effect(o, "gesture", who, {"hold-out": 1.0}, got, value)


def continuity(o: Outlook, value: str = "lost") -> Value:
    """Return how many fewer stop coming where the adviser stays."""
    who = population(o.ledger, "adviser", slice(0, p.LAPSED))
    return effect(o, "adviser", who, {"leaves": 1.0}, {"none": 1.0}, value)


def team_shares(o: Outlook) -> list[float]:
    """Return the share lost after the first visit by team that received the customer."""
    first = newcomers()
    shares = [mean(first[:, [t]], o.lost["visit"][:, [t]]) for t in range(SHAPE[1])]
    return [s for s in shares if s is not None]


def early_call(o: Outlook) -> Value:
    """Return how many fewer stop coming where somebody calls soon after a large purchase."""
    who = o.ledger.flow("purchase", "large", "large and called")
    return effect(o, "purchase", who, {"large": 1.0}, {"large and called": 1.0})


def wording(o: Outlook) -> Value:
    """Return how many more come again after a card that is worded personally."""
    letters = slice(int(LETTER_DAY.min()), int(LETTER_DAY.max()) + 1, p.LETTER_MONTHS)
    who = population(o.ledger, "wording", letters)
    return effect(o, "wording", who, {"none": 1.0}, {"personal": 1.0}, "silent_6")


def points(o: Outlook) -> Value:
    """Return how many fewer stop coming because they joined the points scheme."""
    who = population(o.ledger, "points")
    return effect(o, "points", who, {"none": 1.0}, {"joins": 1.0})


def fewer_defects() -> float:
    """Return how many fewer defects are claimed after a large purchase with an early call."""
    found = float(defect_law() @ np.arange(p.MOST_DEFECTS + 1))
    return found * (p.CLAIMED - p.CLAIMED_AFTER_CALL)


def longer_wait() -> float:
    """Return how many days longer good payers wait for an appointment than others."""
    good, others = (1 / -np.expm1(-1 / mean) for mean in p.WAIT_DAYS)
    return float(good - others)


CLAIMS = {
    "A6": Claim(estimand="growth of a customer's amount per visit and year of coming",
                smallest=0.02, value=lambda o, v: p.AMOUNT_GROWTH,
                how="the parameter that the amounts are drawn with"),
    "A11": Claim(estimand="visit within 6 months, card or card and offer against hold-out",
                 smallest=0.03, value=lambda o, v: card(
                     o, {"card": 1 - float(v["offer"]), "card and offer": float(v["offer"])},
                     "hold-out")),
    "A12": Claim(estimand="moved away, dead or without car among all losses of the brand",
                 smallest=0.10,
                 value=lambda o, v: of_losses(o, "moved away", "dead or without car")),
    "A13": Claim(estimand="transfers to another branch among all losses of a branch",
                 smallest=0.05, value=lambda o, v: of_branch_losses(o)),
    "A14": Claim(estimand="still customers among those without a visit in 14 calendar months",
                 smallest=0.10, value=lambda o, v: still_there(o)),
    "A15": Claim(estimand="visit within 6 months, card and offer against card alone",
                 smallest=0.03, value=lambda o, v: card(o, {"card and offer": 1.0}, "card")),
    "A16": Claim(estimand=f"{LOST} after the first visit: worst team minus best", smallest=0.04,
                 value=lambda o, v: max(team_shares(o)) - min(team_shares(o))),
    "A17": Claim(estimand=f"{LOST}: incident against none, among those who had one",
                 smallest=0.03, value=lambda o, v: incident(o)),
    "A18": Claim(estimand="days that good payers wait longer for an appointment than others",
                 smallest=0.5, unit="day", value=lambda o, v: longer_wait(),
                 how="mean of the law of waiting"),
    "A20": Claim(estimand=f"{LOST}: no incident minus complaint answered well, same customers",
                 smallest=0.02, value=lambda o, v: paradox(o)),
    "A24": Claim(estimand=f"{LOST}: visit without surprise minus with one", smallest=0.02,
                 value=lambda o, v: surprise(o)),
    "A29": Claim(estimand=f"{LOST}: adviser leaves minus stays", smallest=0.02,
                 value=lambda o, v: continuity(o)),
    "A30": Claim(estimand=f"{LOST}: not joining the points scheme minus joining", smallest=0.02,
                 value=lambda o, v: points(o)),
    "A37": Claim(estimand=f"{LOST}: complaint answered slowly minus quickly", smallest=0.02,
                 value=lambda o, v: speed(o)),
    "A42": Claim(estimand="defects claimed per large purchase: without an early call minus with",
                 smallest=0.10, unit="defects", value=lambda o, v: fewer_defects(),
                 how="mean of the law of defects"),
    "A43": Claim(estimand=f"{LOST}: large purchase without an early call minus with",
                 smallest=0.02, value=lambda o, v: early_call(o)),
    "A44": Claim(estimand=f"{LOST}: hold-out minus invited", smallest=0.02,
                 value=lambda o, v: gesture(o, "invitation")),
    "A45": Claim(estimand="visit within 6 months: personal minus plain text of the card",
                 smallest=0.02, value=lambda o, v: wording(o)),
    "A49": Claim(estimand="visit within 3 months: reminded minus not, 11 months after a visit",
                 smallest=0.05, value=lambda o, v: reminder_effect(o.ledger, v)),
}  # fmt: skip


def claims(o: Outlook, levers: dict[str, Setting]) -> dict[str, dict[str, Any]]:
    """Return what is true of each claim; `reaches` compares it with the smallest relevant effect.

    A value is None where the policy leaves nobody to whom the claim could apply.
    """
    found = {}
    for name, claim in CLAIMS.items():
        value = claim.value(o, levers)
        reaches = value is not None and value >= claim.smallest
        found[name] = {
            "estimand": claim.estimand, "value": value, "unit": claim.unit,
            "smallest_relevant": claim.smallest, "reaches": reaches,
            "says": "true" if reaches else "false", "how": claim.how, "error": 0.0,
        }  # fmt: skip
    return found
