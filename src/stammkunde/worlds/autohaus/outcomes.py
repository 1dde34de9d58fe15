"""What becomes of customers, by recursion: who stops coming, who comes again, by what happened."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from stammkunde.worlds.autohaus import parameters as p
from stammkunde.worlds.autohaus.expect import (
    Ledger,
    after_stages,
    before_months,
    forced,
    mean,
    passed,
)
from stammkunde.worlds.autohaus.process import alive, stages
from stammkunde.worlds.autohaus.stage import SHAPE
from stammkunde.worlds.world import Setting

YEAR, SILENT_MONTHS = 12, 14


@dataclass(frozen=True, kw_only=True, eq=False)
class Outlook:
    """The value of each state just after each stage: `lost`, `gone`, `silent_6` and `silent_12`.

    `lost`: no visit in the 14 calendar months from the 13th after this one on, which a file of
    visits shows. `gone`: truly no customer of the brand 12 months later. `silent_k`: no visit until
    the end of the k-th calendar month, this month being the first.
    """

    ledger: Ledger
    lost: dict[str, np.ndarray] = field(repr=False)
    gone: dict[str, np.ndarray] = field(repr=False)
    silent_6: dict[str, np.ndarray] = field(repr=False)
    silent_12: dict[str, np.ndarray] = field(repr=False)


def outlook(ledger: Ledger) -> Outlook:
    """Return what becomes of each state under the policy of a ledger."""
    steps, ones = ledger.steps, np.ones(SHAPE)
    quiet = before_months(steps, ones, SILENT_MONTHS, unless_visit=True)
    left = np.broadcast_to(1 - alive(), SHAPE).copy()
    five = before_months(steps, ones, 5, unless_visit=True)
    eleven = before_months(steps, five, 6, unless_visit=True)
    return Outlook(
        ledger=ledger,
        lost=after_stages(steps, before_months(steps, quiet, YEAR)),
        gone=after_stages(steps, before_months(steps, left, YEAR)),
        silent_6=after_stages(steps, five, unless_visit=True),
        silent_12=after_stages(steps, eleven, unless_visit=True),
    )


def population(ledger: Ledger, name: str, clocks: slice = slice(None)) -> np.ndarray:
    """Return the expected state before a stage of all whom it concerns, at some clocks only."""
    stage, found = ledger.stage(name), np.zeros(SHAPE)
    found[..., stage.only] = ledger.before[name][..., stage.only]
    rest = np.ones(SHAPE[-1], bool)
    rest[clocks] = False
    found[..., rest] = 0.0
    return found


def with_outcome(
    ledger: Ledger, name: str, who: np.ndarray, shares: dict[str, float]
) -> np.ndarray:
    """Return the state after a stage in which outcomes are dealt to everybody by these shares."""
    stage = ledger.stage(name)
    return sum((s * forced(stage, who, o) for o, s in shares.items()), np.zeros(SHAPE))


def as_happened(ledger: Ledger, name: str, outcomes: tuple[str, ...]) -> np.ndarray:
    """Return the state just after a stage of those to whom one of the outcomes happened."""
    stage = ledger.stage(name)
    return sum((forced(stage, ledger.flow(name, o), o) for o in outcomes), np.zeros(SHAPE))


def difference(
    value: dict[str, np.ndarray], name: str, more: np.ndarray, less: np.ndarray
) -> float | None:
    """Return the mean value of one state minus another's just after a stage; None: nobody there."""
    a, b = mean(more, value[name]), mean(less, value[name])
    return None if a is None or b is None else a - b


def complaints(ledger: Ledger, kind: str | None = None) -> tuple[str, ...]:
    """Return the outcomes of the stage "incident" that were voiced, of one kind or of all."""
    outcomes = ledger.stage("incident").outcomes[1:]
    voiced = [o for o in outcomes if not o.endswith("silent")]
    return tuple(o for o in voiced if kind is None or o.startswith(kind))


def by_speed(ledger: Ledger, well: tuple[float, ...]) -> np.ndarray:
    """Return the state of all who complained, had each kind been answered well with these chances.

    `well` is in the order of the kinds of incidents.
    """
    total = np.zeros(SHAPE)
    for kind, share in zip(p.INCIDENTS, well, strict=True):
        who = ledger.flow("incident", *complaints(ledger, kind))
        shares = {f"{kind}: quick well": share, f"{kind}: quick badly": 1 - share}
        total += with_outcome(ledger, "incident", who, shares)
    return total


def reminder_effect(ledger: Ledger, levers: dict[str, Setting]) -> float | None:
    """Return how many more visit in a month or the two after it, reminded in it or not."""
    who = population(ledger, "visit", slice(p.REMINDED_AT, p.REMINDED_AT + 1))
    two = before_months(ledger.steps, np.ones(SHAPE), 2, unless_visit=True)
    silent = after_stages(ledger.steps, two)["visit"].copy()
    silent[..., 0] = 0.0
    shares = []
    for share in (0.0, 1.0):
        steps = stages({**levers, "reminder": share})
        visit = next(s for s in steps if s.name == "visit")
        came = mean(passed(visit, who), silent)
        if came is None:
            return None
        shares.append(came)
    return shares[0] - shares[1]
