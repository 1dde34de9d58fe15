"""The claims the energy supplier can speak to: each estimand's value under the process.

Effects are signed in the claimed direction. The base are the customers of 1 January 2024, followed
for two years; an event's effect is that of putting all of them through it on that day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from stammkunde.worlds.musterstrom import parameters as p
from stammkunde.worlds.musterstrom import process
from stammkunde.worlds.musterstrom.base import Base, mean_months, months_by_usage, still_there
from stammkunde.worlds.musterstrom.claim import Claim
from stammkunde.worlds.musterstrom.claims_signing import signing
from stammkunde.worlds.musterstrom.expect import Course
from stammkunde.worlds.musterstrom.parameters import Policy

BASE = 84
BEFORE_ADVERT = p.ADVERT[0]
WHOLE, PART = ("whole_soon", "whole_late"), ("part_soon", "part_late")
OVER = "paid months in 24, customers of 1 January 2024: "


def claims(policy: Policy, course: Course) -> Mapping[str, dict[str, Any]]:
    """Return the claims by their numbers, as plain data; `course` is that of the policy."""
    base = Base(policy=policy, month=BASE)
    called, held = (base.after(base.move("gesture", o)) for o in ("call", "call_held"))
    save = p.COSTS["call"] / (still_there(called, 12) - still_there(held, 12))
    found = [
        *_complaints(base),
        *_service(base),
        *_care(base, called, held),
        *_advertising(policy),
        *signing(policy, course, cost_per_save=save),
    ]
    return {c.name: c.plain() for c in sorted(found, key=lambda c: c.name)}


def _complaints(base: Base) -> Iterator[Claim]:
    """Return what failures and the answers to complaints do."""
    well, badly = (base.after(base.move("failure", *o)) for o in (WHOLE, PART))
    soon, late = (base.after(base.move("failure", o)) for o in WHOLE)
    failed = base.after(base.move("failure", "silent", *WHOLE, *PART))
    said = "a complaint answered in every point"
    yield _gain("A17", "no failure minus a failure", base.unhurt, failed)
    yield _gain("A20", f"{said} minus no failure", well, base.unhurt)
    yield _gain("A21", f"{said} minus one answered in part", well, badly)
    by_usage = months_by_usage(well) - months_by_usage(badly)
    yield Claim(
        name="A25",
        estimand=OVER + "the effect of A21 among high minus that among low usage",
        value=by_usage[2] - by_usage[0],
    )
    made = [100 * c.referrals[:12].sum() / c.at_risk[0].sum() for c in (well, badly)]
    yield Claim(
        name="A27",
        estimand=f"referrals in 12 months per 100 customers: {said} minus one answered in part",
        value=made[0] - made[1],
        unit="per 100",
        smallest=1.0,
    )
    yield _gain("A37", f"{said} within 5 days minus later", soon, late)
    amounts = [base.after(compensation=euro) for euro in (40.0, 0.0)]
    yield _gain("A22", "40 euro of compensation per complaint minus none", *amounts)


def _gain(name: str, what: str, one: Course, other: Course) -> Claim:
    return Claim(name=name, estimand=OVER + what, value=mean_months(one) - mean_months(other))


def _service(base: Base) -> Iterator[Claim]:
    """Return what waits and fees do."""
    short, long, paid = (
        base.after(base.move("hotline", o)) for o in ("free_short", "free_long", "paid_short")
    )
    yield _gain("A34", "a call after a short wait minus one after a long wait", short, long)
    yield _gain("A47", "a call without minus one with the fee", short, paid)
    yield _gain("A52", "no hotline fee minus the fee", base.after(hotline_fee=0.0), base.unhurt)
    residual = months_by_usage(base.unhurt) * process.margin(p.KWH.argsort())
    yield Claim(
        name="A8",
        estimand="margin in 24 months, customers of 1 January 2024: high minus low usage",
        value=residual[2] - residual[0],
        unit="euro",
        smallest=50.0,
    )


def _care(base: Base, called: Course, held: Course) -> Iterator[Claim]:
    """Return what gestures do against their hold-outs, and programmes of contact."""
    wine, held_wine = (base.after(base.move("gesture", o)) for o in ("wine", "wine_held"))
    yield _gain("A44", "an unasked call minus its hold-out", called, held)
    yield _gain("A44.wine", "a bottle of wine minus its hold-out", wine, held_wine)
    programme = [base.after(call=share) for share in (1.0, 0.0)]
    yield _gain("A39", "unasked calls to all who are drawn minus to none", *programme)
    reminded = [base.after(reminder=share) for share in (1.0, 0.0)]
    yield _gain("A49", "reminders to all minus to none", *reminded)


def _advertising(policy: Policy) -> Iterator[Claim]:
    """Return what advertising an offer to newcomers does to those who are customers already."""
    base = Base(policy=replace(policy, advertising="none"), month=BEFORE_ADVERT)
    seen, unseen = (mean_months(base.after(advertising=a)) for a in ("all", "none"))
    over = "paid months in 24, customers of 1 January 2023: "
    yield Claim(
        name="A3",
        estimand=over + "no region minus all regions with advertising for newcomers",
        value=unseen - seen,
    )
    yield Claim(
        name="A38",
        estimand=over + "all regions with advertising minus none (advertising would retain)",
        value=seen - unseen,
    )
