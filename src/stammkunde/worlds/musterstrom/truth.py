"""What is true of the energy supplier, as plain data for truth.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from stammkunde.worlds.musterstrom import parameters as p
from stammkunde.worlds.musterstrom import process
from stammkunde.worlds.musterstrom.claim import rounded
from stammkunde.worlds.musterstrom.claims import claims
from stammkunde.worlds.musterstrom.effect_rows import effects
from stammkunde.worlds.musterstrom.expect import Course
from stammkunde.worlds.musterstrom.limits import (
    At,
    Limit,
    before_close,
    by_tenure,
    limit,
    person_months,
    where,
)
from stammkunde.worlds.musterstrom.lots import MONTHS
from stammkunde.worlds.musterstrom.onward import (
    AHEAD,
    TERMS,
    Onward,
    as_observed,
    base_as_observed,
    base_to_come,
    onward,
    to_come,
)
from stammkunde.worlds.musterstrom.policies import policy_rows
from stammkunde.worlds.musterstrom.questions import QUESTIONS
from stammkunde.worlds.musterstrom.watched import watched
from stammkunde.worlds.world import World

HORIZON = 36
Truth = dict[str, Any]


def truth(world: World) -> Mapping[str, Any]:
    """Return the truths, claims and questions of a world under its policy.

    All are limits for ever more persons, so that neither seed nor size changes them.
    """
    policy = process.policy_of(world.levers)
    seen = watched(policy, MONTHS)
    course = seen.course
    found = [*lifetimes(course), *leavers(course), *sign_ups(course), *money(course)]
    found += [*persons(policy), *ahead(onward(policy, course))]
    found += [_truth(*row) for row in (*effects(seen), *policy_rows(seen))]
    return {
        "schema": 1,
        "world": "musterstrom",
        "seed": world.seed,
        "process_version": p.PROCESS_VERSION,
        "truths": found,
        "claims": claims(policy, course),
        "questions": QUESTIONS,
    }


def _truth(name: str, about: str, value: float, unit: str) -> Truth:
    said = {"id": name, "about": about, "value": rounded(value), "unit": unit}
    return {**said, "error": 0.0, "how": "recursion"}


def groups(course: Course) -> dict[str, Limit]:
    """Return the limit of the life table of the window, for all and for groups."""
    found = {"all": limit(course)}
    found |= {f"usage.{w}": limit(course, usage=i) for i, w in enumerate(p.USAGE)}
    found |= {f"newcomer.{w}": limit(course, newcomer=i) for i, w in enumerate(("no", "yes"))}
    found["regime.term"] = limit(course, signed=slice(0, p.TERM_BEFORE))
    found["regime.monthly"] = limit(course, signed=slice(p.TERM_BEFORE, p.MONTHS))
    return found


def lifetimes(course: Course) -> list[Truth]:
    """Return survival and mean months by group, as a Kaplan-Meier curve of the window has them."""
    rows = []
    for name, table in groups(course).items():
        if not table.at_risk[HORIZON]:
            continue  # under this policy there is nobody of the group
        who = f"contracts in the window, {name}"
        for tenure in (12, 24, 36):
            said = f"S({tenure}): the limit of the Kaplan-Meier curve; {who}"
            rows.append(_truth(f"survival.{tenure}.{name}", said, table.survival[tenure], "share"))
        said = f"mean paid months of the first {HORIZON}: the limit of Kaplan-Meier; {who}"
        rows.append(_truth(f"rmst.{HORIZON}.{name}", said, table.rmst(HORIZON), "month"))
    return rows


def leavers(course: Course) -> list[Truth]:
    """Return the naive mean tenure of leavers, and why they left."""
    table = limit(course)
    gone = table.leavers.sum(axis=0)
    mean = float((gone * np.arange(len(gone))).sum() / gone.sum())
    rows = [_truth("naive.leavers_mean_tenure", "mean tenure of those who left in the window",
                   mean, "month")]  # fmt: skip
    for cause, share in zip(p.CAUSES, table.leavers.sum(axis=1) / gone.sum(), strict=True):
        said = f"share of the leavers in the window whose true reason is `{cause}`"
        rows.append(_truth(f"cause.{cause}", said, share, "share"))
    return rows


def sign_ups(course: Course) -> list[Truth]:
    """Return who signs up in the window: persons new to the firm, and those who come back."""
    counts = {kind: float(n[p.OPEN :].sum()) for kind, n in course.signups.items()}
    total = sum(counts.values())
    said = {
        "first": "share of sign-ups in the window that are a person's first",
        "new": "share that are former customers who sign up again as new",
        "reactivated": "share that are former customers who come back under their old number",
    }
    rows = [_truth(f"signups.{k}", said[k], counts[k] / total, "share") for k in said]
    always = p.ORIGIN_SHARE[0] * process.months_of("always")[p.OPEN :].sum()
    induced = 1 - always / counts["first"]
    rows.append(_truth("signups.induced", "share of first sign-ups in the window that only an "
                       "offer or advertising has brought", induced, "share"))  # fmt: skip
    carried = float(where(course.at_risk[p.OPEN], course, signed=slice(0, p.OPEN)).sum())
    # who left in January 2020 but had begun the last unit before it: never at risk, yet exported
    carried += float(course.leavers[p.OPEN - 1].sum()) * (1 - 1 / p.DAYS)
    rows.append(_truth("contracts.exported", "contracts in the export per person who could ever "
                       "sign up: all that had not ended at the migration",
                       carried + total, "share"))  # fmt: skip
    return rows


def money(course: Course) -> list[Truth]:
    """Return the mean margin by tenure: across persons it grows, within a person it does not."""
    seen = before_close(course)
    rows = []
    margins = process.margin(np.arange(3))
    by_usage = [by_tenure(where(seen, course, usage=i)) for i in range(3)]
    for tenure in (1, 37, 61):
        numbers = np.array([n[tenure] for n in by_usage])
        said = f"mean margin a month before rebates of contracts in their unit {tenure}"
        value = float(numbers @ margins / numbers.sum())
        rows.append(_truth(f"margin.unit.{tenure}", said, value, "euro"))
    return rows


def persons(policy: p.Policy) -> list[Truth]:
    """Return paid months of persons and of contracts, for two months of first sign-ups."""
    rows = []
    for month, name in ((38, "2020-03"), (p.TERM_BEFORE, "2022-03")):
        for level, returns in (("person", True), ("contract", False)):
            value = person_months(policy, month, HORIZON, returns)
            said = f"paid months within {HORIZON} of a first sign-up in {name}, " + (
                "later contracts included" if returns else "of the first contract only"
            )
            rows.append(_truth(f"paid.{HORIZON}.{level}.{name}", said, value, "month"))
    return rows


def ahead(known: Onward) -> list[Truth]:
    """Return what becomes of new contracts and of those in force, all else equal, in two readings.

    As it will be, and (`.observed`) if units of tenure went on as they were in the window.
    """
    rows = []
    signs = "a contract signed in 2025", "a contract signed since March 2022, as observed"
    usages: dict[str, dict[str, At]] = {"all": {}}
    usages |= {f"usage.{w}": {"usage": i} for i, w in enumerate(p.USAGE)}
    for name, at in usages.items():
        curves = to_come(known, **at), as_observed(known, **{"signed": TERMS["monthly"], **at})
        for curve, said, reading in zip(curves, signs, ("", ".observed"), strict=True):
            rows += _lasts(curve, f"{said}, {name}", f"{name}{reading}")
    groups = {n: ("", at) for n, at in usages.items()}
    groups |= {f"regime.{n}": (n, {}) for n in TERMS}
    for name, (terms, at) in groups.items():
        said = f"further units within {AHEAD} of a contract in force on 1 January 2026"
        come, seen = base_to_come(known, terms, **at), base_as_observed(known, terms, **at)
        rows.append(_truth(f"ahead.base.{AHEAD}.{name}", f"{said}, {name}", come, "month"))
        rows.append(_truth(f"ahead.base.{AHEAD}.{name}.observed", f"{said}, as observed, {name}",
                           seen, "month"))  # fmt: skip
    return rows


def _lasts(curve: np.ndarray, said: str, name: str) -> list[Truth]:
    """Return shares still there and mean months of a curve that reaches beyond observation."""
    rows = [
        _truth(f"ahead.survival.{t}.{name}", f"S({t}) of {said}", curve[t], "share")
        for t in (AHEAD // 2, AHEAD)
    ]
    paid = float(curve[:AHEAD].sum())
    about = f"paid months within {AHEAD} of {said}"
    return [*rows, _truth(f"ahead.rmst.{AHEAD}.{name}", about, paid, "month")]
