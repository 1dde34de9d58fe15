"""Policies that begin on 1 January 2026, each followed for five years and valued."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from stammkunde.worlds.musterstrom import process
from stammkunde.worlds.musterstrom.future import (
    HORIZON,
    KEPT,
    PARTS,
    Eve,
    Future,
    carried,
    eve,
)
from stammkunde.worlds.musterstrom.parameters import SIZE, Policy
from stammkunde.worlds.musterstrom.valued import Worth, worth
from stammkunde.worlds.musterstrom.watched import Watched

TODAY, LONG = "today", 2 * HORIZON
NOBODY_NEW = {"newcomer_share": 0.0}
# what each policy moves against today's
MOVES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    TODAY: ("as it is", {}),
    "none": ("no newcomer rebate and no loyalty rebate", {**NOBODY_NEW, "loyalty": "none"}),
    "newcomer_only": ("no loyalty rebate", {"loyalty": "none"}),
    "lean": (
        "no newcomer rebate, no loyalty rebate, no reminders",
        {**NOBODY_NEW, "loyalty": "none", "reminder": 0.0},
    ),
    "loyalty_kept": (
        "no newcomer rebate, and the loyalty rebate only for who is a customer already",
        {**NOBODY_NEW, "loyalty": KEPT},
    ),
    "loyalty_only": ("no newcomer rebate", NOBODY_NEW),
    "loyalty_for_all": ("the loyalty rebate for everybody who is loyal", {"loyalty": "all"}),
    "rebate_for_all": (
        "instead of both a rebate for everybody, for as much money",
        {**NOBODY_NEW, "loyalty": "none"},
    ),
    "loyalty_instead": (
        "instead of both a rebate for everybody who is loyal, for as much money",
        {**NOBODY_NEW, "loyalty": "all"},
    ),
    "cool_off": ("no newcomer rebate for who comes back", {"newcomer_for_returners": False}),
    "recovery": (
        "90 % of complaints answered in every point, and 90 % within five days",
        {"recovery_share": 0.9, "quick_share": 0.9},
    ),
    "calls": ("everybody who is drawn for an unasked call is called", {"call": 1.0}),
    "letters": ("a win-back letter to everybody who leaves", {"winback": 1.0}),
    "no_reminders": ("no reminders", {"reminder": 0.0}),
    "no_fee": ("no fee on the hotline", {"hotline_fee": 0.0}),
}
# the euro a month that is turned until a policy spends as much as today's
DIALS = {"rebate_for_all": "rebate_for_all", "loyalty_instead": "loyalty_rebate"}
EQUAL, TURNS = 1e-11, 30
Row = tuple[str, str, float, str]


@dataclass(frozen=True, kw_only=True)
class Valued:
    """A policy's `future` and `worth`, and the `euro` its dial was turned to, if it has one."""

    policy: Policy
    future: Future
    worth: Worth
    euro: float | None = None

    @property
    def spend(self) -> float:
        """Return what it spends in all."""
        return float(self.worth.spend.sum())


def policy_rows(seen: Watched) -> Iterator[Row]:
    """Yield id, what it is, value and unit of what every policy is worth."""
    start = eve(seen)
    found = valued(start)
    yield from told_of(start, found, ten_years(seen, found))


def ten_years(seen: Watched, found: Mapping[str, Valued]) -> dict[str, float]:
    """Return what the policies are worth as they are, followed for twice as long."""
    start = eve(seen, LONG)
    return {n: float(followed(start, one.policy).worth.value.sum()) for n, one in found.items()}


def told_of(start: Eve, found: Mapping[str, Valued], far: Mapping[str, float]) -> Iterator[Row]:
    """Yield the rows of policies that have been valued, and of their values in ten years.

    All numbers are for as many persons who could sign up as the shipped world has.
    """
    there = "customers of 31 December 2025"
    yield ("policy.base", f"{there} who go on into a unit that begins in January 2026",
           SIZE * start.stay.sum(), "person")  # fmt: skip
    yield "policy.base.in_force", f"{there}, all", SIZE * start.in_force, "person"
    ranked = sorted(found, key=lambda n: -float(found[n].worth.value.sum()))
    for name, one in found.items():
        for more, said, number, unit in _rows(one, found[TODAY]):
            yield f"policy.{name}.{more}", f"{MOVES[name][0]}: {said}", number, unit
        said = f"{MOVES[name][0]}: present value of {LONG} months less today's"
        yield f"policy.{name}.difference.{LONG}", said, SIZE * (far[name] - far[TODAY]), "euro"
        said = f"{MOVES[name][0]}: its place by value, 1 being the best"
        yield f"policy.{name}.rank", said, 1.0 + ranked.index(name), "place"


def valued(start: Eve) -> dict[str, Valued]:
    """Return every policy valued; one that cannot spend as much as today's is left out."""
    today = value_of(start)
    found = {TODAY: today}
    for name, (_, levers) in MOVES.items():
        if name in DIALS:
            turned = turned_to(start, levers, DIALS[name], today.spend)
            found |= {} if turned is None else {name: turned}
        elif name != TODAY:
            found[name] = value_of(start, **levers)
    return found


def value_of(start: Eve, **levers: Any) -> Valued:
    """Return what the eve's policy is worth with some levers moved."""
    return followed(start, replace(start.policy, **levers))


def followed(start: Eve, policy: Policy) -> Valued:
    """Return what a policy is worth as long as the eve has room for."""
    future = carried(policy, start)
    return Valued(policy=policy, future=future, worth=worth(future, policy, start.policy))


def turned_to(start: Eve, levers: Mapping[str, Any], dial: str, spend: float) -> Valued | None:
    """Return a policy with the euro of its dial at which it spends so much; None if there is none.

    By secants, from no rebate at all; the most the lever takes is the limit.
    """
    top = process.TOPS[dial]
    last, euro = (0.0, value_of(start, **levers, **{dial: 0.0})), 1.0
    for _ in range(TURNS):
        gap = last[1].spend - spend
        if abs(gap) <= EQUAL * max(spend, EQUAL):
            return replace(last[1], euro=last[0])
        if not 0 <= euro <= top:
            return None
        now = (euro, value_of(start, **levers, **{dial: euro}))
        more = now[1].spend - last[1].spend
        if not more:
            return None  # nobody comes so far as to get it
        last, euro = now, euro - (now[1].spend - spend) * (now[0] - last[0]) / more
    return None


def _rows(one: Valued, today: Valued) -> Iterator[Row]:
    """Yield what is told of a policy, less its name."""
    own, signed = one.worth, one.future.signed.sum(axis=(0, 2))
    begun = today.future.there[0, 0].sum()
    gain = own.value - today.worth.value
    over = f"present value of {HORIZON} months"
    yield "value", over, SIZE * own.value.sum(), "euro"
    yield "person", f"{over} per person there or signing up first", own.value.sum() / (
        begun + signed[1]), "euro"  # fmt: skip
    yield "difference", f"{over} less today's", SIZE * gain.sum(), "euro"
    for at, part in enumerate(PARTS):
        yield f"value.{part}", f"{over}, {part}", SIZE * own.value[at], "euro"
        yield f"difference.{part}", f"{over} less today's, {part}", SIZE * gain[at], "euro"
    for name in ("margin", "rebates", "care", "spend", "acquisition", "service"):
        yield name, f"{name}, {over}", SIZE * float(getattr(own, name).sum()), "euro"
    yield "customers", f"customers after {HORIZON} months", SIZE * one.future.left.sum(), "person"
    yield "signups", f"sign-ups in {HORIZON} months", SIZE * signed.sum(), "contract"
    yield "signups.first", "of them the first of a person", SIZE * signed[1], "contract"
    if one.euro is not None:
        yield "euro", "rebate a month", one.euro, "euro"
