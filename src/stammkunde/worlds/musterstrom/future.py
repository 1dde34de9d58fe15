"""The energy supplier carried on after the last observed day, under a policy that begins then.

Customers of that day, those who first sign up later, and all who come back are kept apart: three
parts, whose numbers add up. Who is promised a newcomer rebate keeps it to its end; the loyalty
rebate begins or ends on that day, for everybody who has come so far. Where it is `kept` it goes on
as it is for the customers of that day, and nobody gets it who signs up later.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stammkunde.worlds.musterstrom import parameters as p
from stammkunde.worlds.musterstrom import process
from stammkunde.worlds.musterstrom.expect import Again, cells, first_signups
from stammkunde.worlds.musterstrom.parameters import Policy
from stammkunde.worlds.musterstrom.units import Units, units_of
from stammkunde.worlds.musterstrom.watched import AT, Watched

HORIZON = 60
PARTS = ("base", "new", "returners")
KEPT = "kept"
_LAST_YEAR = slice(p.CLOSE - 12, p.CLOSE)
_LAGS = 6  # who is back in January 2026 had left at most so many months before


@dataclass(frozen=True, kw_only=True)
class Eve:
    """What there is on the eve of the policies: the policy of the window, the customers who `stay`
    [*AXES] into January 2026, regions summed, and those who had left and are on their way `back`,
    with room for the returns of `months` months. `in_force` are all customers of the last observed
    day, with those whose running unit is their last.
    """

    policy: Policy
    months: int
    in_force: float
    stay: np.ndarray
    back: Again


@dataclass(frozen=True, kw_only=True)
class Future:
    """Expected numbers per person who could sign up, in the months after the close, by PARTS.

    `there` [month, part, usage, newcomer, loyalty, unit] begin a unit in a month, `lost`
    [month, part, cause] leave at its end, `signed` [month, part, channel] sign up in it;
    `left` [part] are there after the last month.
    """

    units: Units
    there: np.ndarray
    lost: np.ndarray
    signed: np.ndarray
    left: np.ndarray


def eve(seen: Watched, months: int = HORIZON) -> Eve:
    """Return what the window leaves to so many months; `seen` has kept its last ones."""
    back = Again.empty(p.CLOSE + months, arms=1)
    for month in range(p.CLOSE - _LAGS, p.CLOSE):
        now = seen.there[month]
        chances = process.leaving(cells(np.arange(month + 1)), month, seen.policy)
        gone = np.stack([(c * now).sum(axis=AT["arm"], keepdims=True) for c in chances])
        back.put(gone, month, seen.policy)
    stay = seen.course.left.sum(axis=AT["arm"], keepdims=True)
    # of the last month only the units that began on its first day have ended
    running = (1 - 1 / p.DAYS) * float(seen.there[p.CLOSE - 1].sum() - stay.sum())
    return Eve(
        policy=seen.policy,
        months=months,
        in_force=float(stay.sum()) + running,
        stay=stay,
        back=back,
    )


def carried(policy: Policy, start: Eve) -> Future:
    """Return the months after the close under a policy."""
    units, back = units_of(policy), Again(start.back.new.copy(), start.back.reactivated.copy())
    now = np.zeros((len(PARTS), *units.chances.shape[1:]))
    now[0] = _base(policy, start, units)
    arrivals = newly_signed(policy)
    stays = 1 - units.chances.sum(axis=0)
    there, lost, signed = [], [], []
    for month in range(p.CLOSE, p.CLOSE + start.months):
        joined = np.zeros((len(PARTS), *arrivals.shape))
        joined[1], joined[2] = arrivals, back.signs(month, policy)
        now[:, 0, ..., 0, 0] += joined[..., None, :]
        _take_up(now, units, policy)
        there.append(now.sum(axis=(1, 3, 4, 5, 6, 7)))
        lost.append(now.reshape(len(PARTS), -1) @ units.chances.reshape(len(p.CAUSES), -1).T)
        signed.append(joined.sum(axis=(1, 2, 3, 5, 6)))
        back.put(units.chances * now.sum(axis=0), month, policy)
        now = units.later(now * stays)
    left = now.sum(axis=tuple(range(1, now.ndim)))
    return Future(units=units, there=np.stack(there), lost=np.stack(lost), signed=np.stack(signed),
                  left=left)  # fmt: skip


def newly_signed(policy: Policy) -> np.ndarray:
    """Return [usage, hopper, age, channel, 1, newcomer]: who signs up for the first time a month.

    As many as in a mean month of 2025: those who need no offer, and whom the policy's brings.
    """
    mean = first_signups(policy)[..., _LAST_YEAR].mean(axis=-1)
    return np.asarray(mean.sum(axis=4, keepdims=True))


def _base(policy: Policy, start: Eve, units: Units) -> np.ndarray:
    """Return the customers of the day in their units; who is loyal holds what the policy gives."""
    found = np.zeros(units.chances.shape[1:])
    for signed, group in np.ndindex(start.stay.shape[-1], len(p.GROUP)):
        own = start.stay[:, :, :, :, :, :, group : group + 1, :, :, signed]
        goes_on = policy.loyalty in ("taken up", KEPT)
        if not goes_on and p.CLOSE - signed + 1 > policy.loyalty_from:
            holds = float(policy.loyalty == "all")
            own = own.sum(axis=-1, keepdims=True) * np.array([1 - holds, holds])
        found[..., units.place(signed, group)] += own
    return found


def _take_up(now: np.ndarray, units: Units, policy: Policy) -> None:
    """Let those whose month it is take up the loyalty rebate, or not."""
    takes = process.loyalty_uptake(np.arange(3), policy).reshape(3, *(1,) * 6)
    if policy.loyalty == KEPT:
        takes = takes * (np.arange(len(PARTS)) == 0).reshape(-1, *(1,) * (takes.ndim + 1))
    for at in np.flatnonzero(units.tenure == policy.loyalty_from):
        both = now[..., 0, at] + now[..., 1, at]
        now[..., 0, at], now[..., 1, at] = both * (1 - takes), both * takes
