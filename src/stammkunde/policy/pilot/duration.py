"""How long a pilot runs until its events have happened, or its customers were followed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stammkunde.errors import ParameterError
from stammkunde.policy.worth.given import Numbers, number, share

# a hundred years of months: what takes longer never comes
LONGEST = 1200


@dataclass(frozen=True)
class Duration:
    """The units a pilot runs, the customers dealt by then, and the events expected by then.

    `units` is inf where the events never come: too few enter, or too few of them leave while they
    are followed. Customers and events are then those of the last unit looked at.
    """

    units: np.ndarray
    customers: np.ndarray
    events: np.ndarray


def entries(
    customers: int, *, there: float = 0.0, inflow: float = 0.0, longest: int = LONGEST
) -> np.ndarray:
    """Return how many enter in each unit [M] until the pilot is full.

    `there` are the customers of today who may be dealt at once, `inflow` those who come in every
    unit, the first among them. ParameterError where it is not full within `longest` units.
    """
    now, each = number("number of customers there", there, 0.0), number("inflow", inflow, 0.0)
    wanted = float(number("number of customers", customers, 1.0))
    full = 1 if now + each >= wanted else np.inf if each == 0 else np.ceil((wanted - now) / each)
    if full > longest:
        raise ParameterError(
            f"{wanted:g} customers are not there within {longest} units",
            remedy="Make the pilot smaller, or open it to more customers.",
        )
    by_then = np.minimum(now + each * np.arange(1, int(full) + 1), wanted)
    return np.diff(by_then, prepend=0.0)


def events_by(inflow: np.ndarray, leaving: np.ndarray, units: int) -> np.ndarray:
    """Return the events [..., M] expected by the end of units 1 .. M of the pilot.

    `inflow` [..., E] enter at the beginning of its units 1 .. E, `leaving` [..., K + 1] is the
    share of those dealt who are seen to leave by each unit of their own (see the function of that
    name); after unit K nobody is followed.
    """
    enter = number("inflow", inflow, 0.0)
    gone = share("share that leaves", leaving)
    if units < 1 or enter.ndim < 1 or gone.ndim < 1 or gone.shape[-1] < 2:
        raise ParameterError(
            "a pilot without a unit of entering, following or running",
            remedy="Each must be 1 or more.",
        )
    own = np.clip(np.arange(units)[None, :] - np.arange(enter.shape[-1])[:, None] + 1, 0, None)
    by_then = gone[..., np.minimum(own, gone.shape[-1] - 1)]
    return np.asarray((enter[..., :, None] * by_then).sum(axis=-2))


def until_events(
    events: Numbers, inflow: np.ndarray, leaving: np.ndarray, longest: int = LONGEST
) -> Duration:
    """Return when the events are expected to have happened; arguments as in `events_by`."""
    enter = number("inflow", inflow, 0.0)
    needed = number("number of events", events, 0.0)[..., None]
    # later than the last unit of the last to enter nothing happens
    last = min(longest, enter.shape[-1] + np.shape(leaving)[-1] - 2)
    happened = events_by(enter, leaving, max(last, 1))
    there = happened >= needed * (1 - 1e-12)
    reached = there.any(axis=-1)
    place = np.where(reached, there.argmax(axis=-1), happened.shape[-1] - 1)
    dealt = np.cumsum(enter, axis=-1)
    dealt = np.broadcast_to(dealt, (*np.shape(place), enter.shape[-1]))
    within = np.minimum(place, enter.shape[-1] - 1)
    wide = np.broadcast_to(happened, (*np.shape(place), happened.shape[-1]))
    return Duration(
        units=np.where(reached, place + 1.0, np.inf),
        customers=np.take_along_axis(dealt, within[..., None], axis=-1)[..., 0],
        events=np.take_along_axis(wide, place[..., None], axis=-1)[..., 0],
    )


def until_followed(inflow: np.ndarray, horizon: int) -> int:
    """Return the units until the last to enter were followed for the whole horizon."""
    if horizon < 1:
        raise ParameterError(f"a horizon of {horizon}", remedy="Ask for 1 or more.")
    some = np.flatnonzero(number("inflow", inflow, 0.0) > 0)
    if not some.size:
        raise ParameterError("nobody enters the pilot", remedy="Open it to some customers.")
    return int(some[-1]) + horizon
