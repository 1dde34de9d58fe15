"""What the energy supplier's offers do: each question of its client file, answered by recursion.

The customers asked about are those of the window; all of them are put under either arm and followed
as long as the window lets them be seen. Sign-ups are as they were. What the weighted comparison of
the window converges to is the same number wherever what it knows is all that differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from stammkunde.worlds.musterstrom import parameters as p
from stammkunde.worlds.musterstrom.base import NOBODY
from stammkunde.worlds.musterstrom.expect import Course, cells, run, step
from stammkunde.worlds.musterstrom.limits import At, Limit, limit, where
from stammkunde.worlds.musterstrom.parameters import Policy
from stammkunde.worlds.musterstrom.watched import AT, KNOWN, Watched, in_both, summed


@dataclass(frozen=True, kw_only=True)
class Arms:
    """S(0), S(1), … of all who are asked about, under the offer and without it."""

    treated: np.ndarray
    control: np.ndarray

    def months(self, horizon: int) -> float:
        """Return the difference in expected units within the horizon."""
        return float(self.treated[:horizon].sum() - self.control[:horizon].sum())

    def share(self, horizon: int) -> float:
        """Return the difference in shares still there after the horizon."""
        return float(self.treated[horizon] - self.control[horizon])


@dataclass(frozen=True, kw_only=True)
class Landmark:
    """The window with the loyalty rebate for `all` who get so far and for `none`, from `unit`."""

    all: Course
    none: Course
    unit: int

    def still_there(self) -> float:
        """Return the share of sign-ups that is there when the rebate begins."""
        return float(limit(self.none).survival[self.unit - 1])

    def arms(self, **at: At) -> Arms:
        """Return the course of those still there then, seen by then, from then on."""
        since, before = slice(p.OPEN - self.unit + 1, p.MONTHS), self.unit - 1
        seen = [limit(c, **{"signed": since, **at}).survival for c in (self.all, self.none)]
        return Arms(treated=seen[0][before:] / seen[0][before],
                    control=seen[1][before:] / seen[1][before])  # fmt: skip


def landmark(seen: Watched) -> Landmark:
    """Return what the loyalty rebate does, whoever takes it up in fact."""
    both = [
        run(replace(seen.policy, loyalty=who), arrivals=seen.signs, comes_back=False)
        for who in ("all", "none")
    ]
    return Landmark(all=both[0], none=both[1], unit=seen.policy.loyalty_from)


@dataclass(frozen=True, kw_only=True)
class Newcomers:
    """The window with every sign-up once with the newcomer rebate and once without, by channel."""

    courses: tuple[Course, ...]

    def arms(self, channel: int | None = None, **at: At) -> Arms:
        """Return the course of all who sign up, of a channel or of what `at` says."""
        some = self.courses if channel is None else self.courses[channel : channel + 1]
        each = [_added([limit(c, **{"newcomer": i, **at}) for c in some]) for i in (1, 0)]
        return Arms(treated=each[0].survival, control=each[1].survival)


def newcomers(seen: Watched) -> Newcomers:
    """Return what the newcomer rebate does, whoever takes it in fact."""
    everybody = np.repeat(seen.signs.sum(axis=5, keepdims=True), 2, axis=5)
    channel = np.arange(2).reshape(2, 1, 1, 1)
    courses = [
        run(seen.policy, arrivals=everybody * (channel == i), comes_back=False) for i in range(2)
    ]
    return Newcomers(courses=tuple(courses))


def _added(tables: Sequence[Limit]) -> Limit:
    return Limit(
        at_risk=np.add.reduce([t.at_risk for t in tables]),
        leavers=np.add.reduce([t.leavers for t in tables]),
    )


def newcomers_compared(seen: Watched, *known: str, **at: int) -> Arms:
    """Return what the comparison of the window comes to for ever more customers.

    `known` are of `watched.KNOWN`: those alike in them are compared, each weighted to stand for all
    of its cell who were seen from sign-up on, as `stammkunde.evidence` weights them. `at` says of
    which level of one of them.
    """
    numbers = [seen.at_risk, seen.gone, seen.begun[..., None]]
    for name, place in at.items():
        numbers = [np.take(n, [place], axis=KNOWN.index(name)) for n in numbers]
    rest = tuple(i for i, n in enumerate(KNOWN) if n not in (*known, "newcomer"))
    at_risk, gone, begun = (n.sum(axis=rest, keepdims=True) for n in numbers)
    own = KNOWN.index("newcomer")
    whole = begun.sum(axis=own, keepdims=True)
    weight = np.divide(whole, begun, out=np.zeros_like(begun), where=begun > 0)
    there, left = (
        np.moveaxis(n * weight, own, -2).sum(axis=tuple(range(len(KNOWN) - 1)))
        for n in (at_risk, gone)
    )
    each = [Limit(at_risk=there[i], leavers=left[i][None]).survival for i in (1, 0)]
    return Arms(treated=each[0], control=each[1])


@dataclass(frozen=True, kw_only=True)
class OfDay:
    """The customers of a day in either position of an axis: `stays` [position, unit, signed]."""

    stays: np.ndarray

    def arms(self, treated: int, signed: slice = slice(None)) -> Arms:
        """Return S(0), S(1), … of all of them, or of who signed in some months."""
        there = self.stays[..., signed].sum(axis=-1)
        curves = there / there[:, :1]
        return Arms(treated=curves[treated], control=curves[1 - treated])


def on_a_day(seen: Watched, axis: str, month: int, horizon: int, *, both: bool = True) -> OfDay:
    """Return the course of the customers of the first day of `month`.

    Of those whose months begin later in it the unit that runs counts first. With `both` all of them
    are put in either position of `axis`, else each position is of those who are in it.
    """
    stays = np.zeros((2, horizon + 1, month + 1))
    for first, share in ((month, 1 / p.DAYS), (month - 1, 1 - 1 / p.DAYS)):
        there = seen.there[first]
        now = in_both(there, axis) if both else there
        stays[..., : first + 1] += share * _from_month(seen.policy, now, axis, first, horizon)
    return OfDay(stays=stays)


def _from_month(policy: Policy, now: np.ndarray, axis: str, month: int, horizon: int) -> np.ndarray:
    """Return [position, unit, signed]: of those at risk in a month, who is in the months after."""
    _, stayed = step(now, cells(np.arange(now.shape[-1])), month, policy)
    months = (month + 1, month + 1 + horizon)
    later = run(policy, months=months, joins=NOBODY, comes_back=False, base=stayed)
    begun = summed(now, *(n for n in AT if n not in (axis, "signed")))
    kept = np.stack([where(later.at_risk, later, **{axis: i}) for i in range(2)])
    return np.concatenate([begun[:, None], kept], axis=1)
