"""A segment and the elements of a policy in it, as customers drawn one by one meet them.

Written for itself from what the elements say of themselves: of the product it only reads their
numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from stammkunde.policy.offers import (
    GlidePath,
    LoyaltyRebate,
    MinimumTerm,
    NewcomerRebate,
    Population,
    Segment,
    WinBack,
)
from stammkunde.policy.offers.elements import Element

GONE, NEWCOMER, INDUCED, AS_NEW, WITHIN, TODAY, WON = range(-1, 6)
NEVER = 10**6


@dataclass
class Town:
    """A segment, the elements that hold in it, and a content customer's hazards [C, T]."""

    elements: tuple[Element, ...]
    segment: Segment
    causes: tuple[str, ...]
    hazards: np.ndarray
    horizon: int
    v: float
    arrears: bool = False
    by_month: np.ndarray | None = None
    # what capacity leaves of a reach
    reach: Mapping[str, float] = field(default_factory=dict)

    def of(self, kind):
        return [(k, e) for k, e in enumerate(self.elements) if isinstance(e, kind)]

    def one(self, kind):
        return next((e for _, e in self.of(kind)), None)

    def behaviours(self):
        found = [(k, e) for k, e in enumerate(self.elements) if hasattr(e, "behaviour")]
        return [(k, e, e.behaviour) for k, e in found]

    def factor(self, m):
        return 1.0 if self.by_month is None else float(self.by_month[m])

    def reached(self, e):
        return e.reach * self.reach.get(e.name, 1.0)

    def limited(self):
        return [e.name for e in self.elements if getattr(e, "capacity", None) is not None]

    def grown(self):
        """Return what multiplies sign-ups."""
        factor = 1.0
        for _, e, b in self.behaviours():
            stays = 1 - getattr(e, "take_up", 1.0) * (1 - b.always_buyers)
            factor *= (1 + b.lift) / stays
        return factor


@dataclass
class Lives:
    """Lives as rows: root, kind, unit of tenure, mood, and the cause one waits to leave for.

    `takes` and `since` are by element: whether it is taken, units since the last contact.
    """

    root: np.ndarray
    kind: np.ndarray
    unit: np.ndarray
    mood: np.ndarray
    waits: np.ndarray
    takes: np.ndarray
    since: np.ndarray

    def at(self, mask):
        return Lives(**{n: a[mask] for n, a in vars(self).items()})


def begun(town, root, kind, unit, rng):
    """Return new lives, each of which takes or does not take each element."""
    share = [getattr(e, "take_up", 1.0) for e in town.elements]
    takes = rng.random((len(root), len(share))) < np.array(share)
    plain = np.zeros(len(root), int)
    return Lives(root, kind, unit, plain, plain - 1, takes, np.full(takes.shape, NEVER))


def joined(parts):
    return Lives(*(np.concatenate(a) for a in zip(*(vars(p).values() for p in parts), strict=True)))


def cells(town):
    """Return who begins: kind, unit, month and how many of them.

    Of who had left before: units since, cause and how many.
    """
    s, factor = town.segment, town.grown()
    coming = np.broadcast_to(s.inflow, town.horizon) * factor
    brought = max(factor - 1, 0) / max(factor, 1)
    found = [(TODAY, g + 1, 0, n) for g, n in enumerate(s.there)]
    found += [(GONE, since, c, n) for c, own in enumerate(s.gone) for since, n in enumerate(own)]
    for m, n in enumerate(coming):
        found += [(NEWCOMER, 1, m, n * (1 - brought)), (INDUCED, 1, m, n * brought)]
    return found


def gets(town, k, kind):
    """Return which kinds of lives get the element at place k at all."""
    e = town.elements[k]
    if isinstance(e, WinBack):
        return kind == WON + k
    if isinstance(e, MinimumTerm):
        return kind != TODAY
    new = np.isin(kind, (NEWCOMER, INDUCED, AS_NEW))
    if not isinstance(e, NewcomerRebate | GlidePath):
        new = kind != TODAY
    of_new, of_base = (e.applies in (p, Population.BOTH) for p in (Population.NEW, Population.BASE))
    return np.where(kind == TODAY, of_base, new & of_new)


def window(e):
    """Return the first and the last unit with an element."""
    if isinstance(e, NewcomerRebate | WinBack | MinimumTerm):
        return 1, e.months
    if steps := getattr(e, "steps", ()):
        return steps[0].from_unit, steps[-1].to_unit or NEVER
    return getattr(e, "from_unit", 1), NEVER


def off(e, price, unit):
    """Return an element's rebate in a unit."""
    first, last = window(e)
    inside = (unit >= first) & (unit <= last)
    if steps := getattr(e, "steps", ()):
        amount = sum(
            s.amount * ((unit >= s.from_unit) & (unit <= (s.to_unit or NEVER))) for s in steps
        )
    elif isinstance(e, LoyaltyRebate) and e.every is not None:
        amount = e.amount * (1 + (unit - first) // e.every)
    else:
        amount = e.amount + getattr(e, "share", 0.0) * price
    cap = getattr(e, "cap", None)
    return inside * np.minimum(amount, np.inf if cap is None else cap)


def met(e, unit):
    """Return where a contact falls."""
    since = unit - e.from_unit
    if e.every is None:
        return since == 0
    return (since >= 0) & (since % e.every == 0) & (unit <= (e.to_unit or NEVER))


def added(total, root, amount):
    total += np.bincount(root, amount * np.ones(len(root)), minlength=len(total))
