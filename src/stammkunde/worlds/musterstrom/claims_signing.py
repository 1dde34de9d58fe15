"""Claims about signing up, staying from then on, leaving for good or not, and money."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from stammkunde.worlds.musterstrom import parameters as p
from stammkunde.worlds.musterstrom import process
from stammkunde.worlds.musterstrom.claim import STRUCTURE, Claim
from stammkunde.worlds.musterstrom.expect import Course, cells, run
from stammkunde.worlds.musterstrom.ledger import Ledger, ledger
from stammkunde.worlds.musterstrom.limits import limit
from stammkunde.worlds.musterstrom.parameters import Policy

WINDOW = slice(p.OPEN, p.CLOSE)
FOR_ALL = 2.1  # euro a month for everybody, which costs what the newcomer rebate costs
BEFORE_LAW, AFTER_LAW = 48, p.TERM_BEFORE  # signed in January 2021, in March 2022


def signing(policy: Policy, course: Course, *, cost_per_save: float) -> Iterator[Claim]:
    """Return the claims; `cost_per_save` is in euro per customer kept a year by a gesture."""
    books = ledger(course, policy)
    yield from _newcomers(policy, course, books, cost_per_save)
    yield from _cohorts(policy)
    yield from _leavers(policy, course)
    yield from _absent(policy)


def _newcomers(
    policy: Policy, course: Course, books: Ledger, cost_per_save: float
) -> Iterator[Claim]:
    """Return what the newcomer offer brings and what else its money could have done."""
    total = sum(n[WINDOW].sum() for n in course.signups.values())
    yield Claim(
        name="A1",
        estimand="share of sign-ups 2020 to 2025 that are former customers signing again as new",
        value=course.signups["new"][WINDOW].sum() / total,
        unit="share",
        smallest=0.05,
    )
    to_all = replace(policy, newcomer_share=0.0, rebate_for_all=FOR_ALL)
    others = ledger(run(to_all), to_all)
    yield Claim(
        name="A2",
        estimand=f"net margin 2020 to 2025 per person who could sign up: {FOR_ALL:g} euro off for "
        "all at any time minus the newcomer rebate, had it always been so",
        value=float(others.net[WINDOW].sum() - books.net[WINDOW].sum()),
        unit="euro",
        smallest=5.0,
    )
    without = replace(policy, newcomer_share=0.0)
    plain = run(without)
    bare = ledger(plain, without)
    spent = (books.acquisition + books.newcomer - bare.acquisition - bare.newcomer)[WINDOW].sum()
    won = (course.signups["first"] - plain.signups["first"])[WINDOW].sum()
    if won <= 0:
        return  # an offer that nobody is made has no price per customer won
    yield Claim(
        name="A7",
        estimand="cost per additional customer won by the newcomer offer over cost per "
        "customer kept for a year by an unasked call",
        value=float(spent / won / cost_per_save),
        unit="ratio",
        smallest=10.0,
    )


def cohort(policy: Policy, month: int, horizon: int, **levers: Any) -> tuple[Course, Ledger]:
    """Return the first contracts signed in a month: their course and ledger."""
    moved = replace(policy, **levers)
    course = run(moved, months=(month, month + horizon), joins=(month, month + 1),
                 comes_back=False)  # fmt: skip
    return course, ledger(course, moved, month)


def stay(course: Course) -> float:
    """Return the expected paid months per contract of a cohort."""
    there = course.at_risk.sum(axis=tuple(range(1, 7)))
    return float(there.sum() / there[0])


def _cohorts(policy: Policy) -> Iterator[Claim]:
    """Return what terms, early calls and the loyalty rebate do to those who have just signed."""
    bound, free = (stay(cohort(policy, BEFORE_LAW, 24, terms=t)[0]) for t in (True, False))
    yield Claim(
        name="A4",
        estimand="paid months in 24, signed in January 2021: terms of 24 months minus monthly "
        "notice",
        value=bound - free,
    )
    called, not_called = (stay(cohort(policy, AFTER_LAW, 24, early_call=s)[0]) for s in (1.0, 0.0))
    yield Claim(
        name="A43",
        estimand="paid months in 24, signed in March 2022: a call in the first month minus none",
        value=called - not_called,
    )
    held, none = (cohort(policy, AFTER_LAW, 36, loyalty=w) for w in ("all", "none"))
    signed = held[0].at_risk[0].sum()
    yield Claim(
        name="A10",
        estimand="net margin in 36 months per contract signed in March 2022: the loyalty rebate "
        "for all from its first unit minus for none (keep them whatever it costs)",
        value=float((held[1].net.sum() - none[1].net.sum()) / signed),
        unit="euro",
        smallest=5.0,
    )
    books = cohort(policy, AFTER_LAW, 36)[1]
    after = np.flatnonzero(np.cumsum(books.net) >= 0)
    yield Claim(
        name="A9",
        estimand="month in which a contract signed in March 2022 has paid back its acquisition, "
        "those who have left counted (37: not within 36)",
        value=float(after[0] + 1 if len(after) else 37),
        smallest=6.0,
    )


def _leavers(policy: Policy, course: Course) -> Iterator[Claim]:
    """Return who of the leavers could be kept or won back."""
    gone = limit(course).leavers.sum(axis=1)
    fate = [p.CAUSES.index(c) for c in ("moved", "died")]
    yield Claim(
        name="A12",
        estimand="share of the leavers in the window who moved or died",
        value=float(gone[fate].sum() / gone.sum()),
        unit="share",
        smallest=0.1,
    )
    lost = course.lost[WINDOW].sum(axis=0).T
    alive = lost * (np.array(p.CAUSES) != "died")
    gain = np.diff(process.reactivation(), axis=0)[0] * (1 - process.resigning(policy))
    yield Claim(
        name="A11",
        estimand="share reactivated of those who left 2020 to 2025: win-back letter minus hold-out",
        value=float((alive * gain).sum() / alive.sum()),
        unit="share",
        smallest=0.02,
    )


def _absent(policy: Policy) -> Iterator[Claim]:
    """Return effects that the process does not contain."""
    yield Claim(
        name="A6",
        estimand="growth of a person's margin a month before rebates from unit 1 to unit 37",
        value=0.0,
        unit="euro",
        smallest=1.0,
        how=STRUCTURE,
    )
    yield Claim(
        name="A18",
        estimand="days until a complaint is answered: payers without delay minus late payers",
        value=0.0,
        unit="day",
        smallest=1.0,
        how=STRUCTURE,
    )
    plain = replace(policy, terms=False, price_rise=False)
    # of two contracts past the first years that differ in nothing but their age
    signed = np.array([96 - 30, 96 - 60])
    odds = process.leaving(cells(signed), 95, plain).sum(axis=0)
    young, old = odds[..., 0], odds[..., 1]
    yield Claim(
        name="A28",
        estimand="largest fall of the monthly chance of leaving from unit 30 to unit 60 of tenure "
        "for customers alike in all else (habit would bind)",
        value=float(np.max(young - old)),
        unit="share",
        smallest=0.001,
    )
