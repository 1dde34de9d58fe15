"""What an offer gains of one customer: units within the horizon, and who is there at its end.

Payments fall at the beginning of a unit, as in the kernel's lifetimes: the first is not discounted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from stammkunde.draws import Replicates, paired
from stammkunde.evidence.asking.later import Later
from stammkunde.evidence.asking.stakes import Stakes
from stammkunde.evidence.trial import Compared
from stammkunde.intervals import student_quantile
from stammkunde.result import Estimate, Status

MORE, LEFT, HOLDING, STILL, STAYING = range(5)
BEYOND = "counted to the horizon, projected beyond"


@dataclass(frozen=True, kw_only=True)
class Gained:
    """Numbers [5] of a segment and their replicates [.., 5], in units, discounted to time zero.

    What the offer gains within the horizon; by which share more are still there at its end; the
    units in which one who was given it holds it, and the share of those still there; and, not
    discounted, the units that the others stay.
    """

    value: np.ndarray
    replicates: Replicates


def gained_of(found: Compared, stakes: Stakes | None) -> Gained:
    """Return what an offer gains of one customer of a segment whose months have a value."""
    horizon = found.horizon
    v = (stakes.discount if stakes else 1.0) ** np.arange(horizon)
    span = min(stakes.held, horizon) if stakes else 0
    own = found.months.replicates
    a, b = (found.curves[n] for n in (found.treated, found.control))
    assert own is not None
    assert a.replicates is not None
    assert b.replicates is not None

    def numbers(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        more = (x - y)[..., :horizon] @ v
        holding = x[..., :span] @ v[:span]
        parts = (more, (x - y)[..., horizon], holding, x[..., horizon], y[..., :horizon].sum(-1))
        return np.stack(parts, axis=-1)

    both = replace(
        paired(a.replicates, b.replicates, numbers), smallest=own.smallest, dealt=own.dealt
    )
    return Gained(value=numbers(a.value, b.value), replicates=both)


def units_of(found: Compared, gained: Gained, later: Later | None) -> Estimate:
    """Return the units gained, discounted to time zero; with `later` also those after the horizon.

    `later` is of this segment alone. Errors by leaving out blocks, those of the projection with
    them; the families of curves differ beside that.
    """
    rest = None if later is None else later.at[0, 0]
    at = float(gained.value[MORE] + (0.0 if rest is None else gained.value[LEFT] * rest))
    apart = 0.0
    if later is not None:
        apart = later.shares @ (gained.value[LEFT] * (later.variants[0, :, 0] - rest)) ** 2

    def change(x: np.ndarray, r: np.ndarray) -> np.ndarray:
        return np.asarray(x[..., MORE] + x[..., LEFT] * r)

    return _told(found.months, at, _with(gained, later, 0, change), float(apart), later)


def held_of(found: Compared, gained: Gained, later: Later | None) -> Estimate:
    """Return the discounted units in which one who was given the offer holds it, as `units_of`."""
    rest = None if later is None else later.at[1, 0]
    at = float(gained.value[HOLDING] + (0.0 if rest is None else gained.value[STILL] * rest))
    apart = 0.0
    if later is not None:
        apart = later.shares @ (gained.value[STILL] * (later.variants[1, :, 0] - rest)) ** 2

    def change(x: np.ndarray, r: np.ndarray) -> np.ndarray:
        return np.asarray(x[..., HOLDING] + x[..., STILL] * r)

    return _told(found.months, at, _with(gained, later, 1, change), float(apart), later)


def _with(gained: Gained, later: Later | None, which: int, change: Any) -> Replicates:
    """Return replicates of numbers and of what follows the horizon, leave-out by leave-out."""
    own = gained.replicates
    if later is None:
        return own.map(lambda x: change(x, 0.0))
    known = later
    return replace(
        own,
        leave_out=change(own.leave_out, known.units(1.0 - np.eye(len(own.leave_out)))[which, :, 0]),
        reweighted=lambda w: change(own.reweighted(w), known.units(w)[which, :, 0]),
    )


def _told(
    months: Estimate, at: float, replicates: Replicates, apart: float, later: Later | None
) -> Estimate:
    """Return an estimate in units; `apart` is the variance beside that of leaving out blocks."""
    se = float(np.sqrt(float(replicates.se()) ** 2 + apart))
    step = student_quantile(months.level, replicates.smallest) * se
    found = replace(months, value=at, low=at - step, high=at + step, se=se, replicates=replicates)
    if later is None:
        return found
    rests = tuple(dict.fromkeys((*months.assumptions, *later.rests)))
    return replace(found, method=BEYOND, status=Status.ESTIMATED, assumptions=rests)
