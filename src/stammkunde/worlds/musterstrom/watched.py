"""What the months of the energy supplier leave for questions about offers: who was there, when.

One run of the process as it is is looked on at; every question is then a matter of putting all of
some of these customers under one arm or the other.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from stammkunde.worlds.musterstrom import parameters as p
from stammkunde.worlds.musterstrom.expect import AXES, Course, run
from stammkunde.worlds.musterstrom.limits import seen_share
from stammkunde.worlds.musterstrom.parameters import Policy

AT = {name: i for i, name in enumerate(AXES)}
_NEW = ("mood", "group", "loyalty")  # alike for all who sign up, or drawn by lot
# what is known of a sign-up, and hopping, which the client does not know of
KNOWN = ("usage", "hopper", "age", "channel", "newcomer", "terms")


@dataclass(frozen=True, kw_only=True)
class Watched:
    """The window under a policy as it is: its `course`, and what more is to be known of it.

    `signs` [usage, hopper, age, channel, arm, newcomer, month] are all sign-ups, returns included;
    `there` the numbers at risk on all axes in the months asked for; `at_risk` and `gone`
    [*KNOWN, unit] those observed, position 0 of the last axis being empty; `begun` [*KNOWN] who was
    seen from sign-up on. The first of the terms are those of 24 months.
    """

    policy: Policy
    course: Course
    signs: np.ndarray
    there: Mapping[int, np.ndarray]
    at_risk: np.ndarray
    gone: np.ndarray
    begun: np.ndarray


def watched(policy: Policy, kept: Collection[int]) -> Watched:
    """Return the window under a policy, with the numbers at risk of the months `kept`."""
    shape = (3, 2, 3, 2, 2, 2)
    signs, there = np.zeros((*shape, p.MONTHS)), {}
    at_risk, gone = (np.zeros((*shape, p.MONTHS + 1)) for _ in range(2))
    begun, seen = np.zeros(shape), seen_share(np.arange(p.MONTHS))

    def look(month: int, now: np.ndarray, left: np.ndarray) -> None:
        signs[..., month] = summed(now[..., -1], *_NEW)
        if month in kept:
            there[month] = now.copy()
        if not seen[month]:
            return
        tenure = month - np.arange(now.shape[-1]) + 1
        for numbers, book in ((now, at_risk), (left.sum(axis=0), gone)):
            few = seen[month] * summed(numbers, *(n for n in AXES[:-1] if n not in KNOWN))
            for terms, own in enumerate((slice(0, p.TERM_BEFORE), slice(p.TERM_BEFORE, None))):
                # a month of signing has one unit in each month
                book[..., terms, tenure[own]] += few[..., own]
        begun[..., int(month >= p.TERM_BEFORE)] += seen[month] * signs[..., month].sum(axis=4)

    course = run(policy, watch=look)
    return Watched(
        policy=policy, course=course, signs=signs, there=there,
        at_risk=at_risk, gone=gone, begun=begun,
    )  # fmt: skip


def summed(numbers: np.ndarray, *names: str) -> np.ndarray:
    """Return numbers on the axes of `expect`, or the first of them, without these."""
    return np.asarray(numbers.sum(axis=tuple(AT[n] for n in names)))


def in_both(numbers: np.ndarray, name: str) -> np.ndarray:
    """Return the numbers with all of an axis of two in either position: each under either arm."""
    total = numbers.sum(axis=AT[name], keepdims=True)
    return np.repeat(total, 2, axis=AT[name])
