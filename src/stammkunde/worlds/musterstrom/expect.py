"""Expected numbers of the energy supplier, by exact recursion over states; nothing is drawn.

Numbers lie on axes [mood, usage, hopper, age, channel, arm, group, newcomer, loyalty, signed] and
are carried from month to month by the probabilities of `process`. Leavers who come back feed the
sign-ups of later months. All numbers are per person who could ever sign up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from stammkunde.worlds.musterstrom import parameters as p
from stammkunde.worlds.musterstrom import process
from stammkunde.worlds.musterstrom.parameters import Policy
from stammkunde.worlds.musterstrom.process import Cells

AXES = (
    "mood", "usage", "hopper", "age", "channel", "arm", "group", "newcomer", "loyalty", "signed",
)  # fmt: skip
SIZES = (5, 3, 2, 3, 2, 2, 2, 2, 2)
PERSON = ("usage", "hopper", "age", "channel", "arm")
KEPT = ("usage", "arm", "group", "newcomer", "loyalty", "signed")
# what looks on in each month: month, numbers at risk, leavers by cause, on all axes
Watch = Callable[[int, np.ndarray, np.ndarray], None]
_SUMMED = (0, 2, 3, 4)  # mood, hopper, age, channel: the axes that are not kept


@dataclass(frozen=True, kw_only=True)
class Course:
    """Expected numbers in the months `first`, `first` + 1, …

    `at_risk[month, *KEPT]`, `leavers[month, cause, *KEPT]`; `happenings[outcome][month]`;
    `referrals[month]`; `left` what there is after the last month, on all axes.
    """

    first: int
    at_risk: np.ndarray
    leavers: np.ndarray
    happenings: Mapping[str, np.ndarray]
    referrals: np.ndarray
    lost: np.ndarray
    acquisition: np.ndarray
    signups: Mapping[str, np.ndarray]
    left: np.ndarray


def cells(signed: np.ndarray) -> Cells:
    """Return all combinations, laid out for broadcasting, for contracts signed in these months."""
    grids = np.ogrid[tuple(slice(n) for n in (*SIZES, len(signed)))]
    named = dict(zip(AXES, grids, strict=True))
    named["signed"] = np.asarray(signed).reshape(named["signed"].shape)
    return Cells(**named)


def first_signups(policy: Policy) -> np.ndarray:
    """Return [usage, hopper, age, channel, arm, newcomer, month]: first sign-ups per person."""
    grids = np.ogrid[:3, :2, :3, :2, :2, :2]
    usage, hopper, age, channel, arm, newcomer = grids
    pull = process.offered(policy)
    takes = process.newcomer_uptake(channel, hopper, policy)
    by_offer = np.where(newcomer == 1, takes, 1 - takes)
    advert = process.advertised(arm, policy)
    signs = {"always": by_offer, "offer": (newcomer == 1) * pull, "advert": advert * by_offer}
    who = p.USAGE_SHARE[usage] * p.AGE_SHARE[age] * p.CHANNEL_SHARE[channel] * 0.5
    total = np.zeros((3, 2, 3, 2, 2, 2, p.MONTHS))
    for at, origin in enumerate(p.ORIGIN):
        hops = p.HOPPER_SHARE[at][channel]
        share = p.ORIGIN_SHARE[at] * who * np.where(hopper == 1, hops, 1 - hops) * signs[origin]
        total += share[..., None] * process.months_of(origin)
    return total


def run(
    policy: Policy,
    *,
    months: tuple[int, int] = (0, p.MONTHS),
    joins: tuple[int, int] = (0, p.MONTHS),
    comes_back: bool = True,
    base: np.ndarray | None = None,
    arrivals: np.ndarray | None = None,
    watch: Watch | None = None,
) -> Course:
    """Return the course over `months` (from, before) of first sign-ups in `joins` (from, before).

    `base` is what there is when it begins, on all axes with `signed` from month 0 (the `left` of a
    run that ended there). Without `comes_back`, who leaves is out of sight. `arrivals` stand for
    the first sign-ups of the policy, as `first_signups` returns them; `watch` is told every month.
    """
    start, stop = months
    origin = 0 if base is not None else min(joins[0], start)
    closed = base is not None and joins[0] >= joins[1] and not comes_back
    signed = np.arange(origin, start if closed else stop)
    mass = np.zeros((*SIZES, len(signed)))
    if base is not None:
        mass[..., : base.shape[-1]] = base
    arrivals = first_signups(policy) if arrivals is None else arrivals
    again = Again.empty(stop)
    book = _Book.empty(start, stop, len(signed))
    for month in range(start, stop):
        live = slice(0, month - origin + 1)
        grid = cells(signed[live])
        if not closed:
            first = arrivals[..., month] * (joins[0] <= month < joins[1])
            joined = _joining(first, again, month, policy)
            mass[..., month - origin] += joined
            book.acquisition[month - start] = acquisition(joined)
        now = loyal(mass[..., live], grid, month, policy)
        gone, stayed = step(now, grid, month, policy)
        book.write(month, now, gone, grid, policy)
        if watch is not None:
            watch(month, now, gone)
        if comes_back:
            again.put(gone, month, policy)
        mass[..., live] = stayed
    signups = {"first": arrivals.sum(axis=(0, 1, 2, 3, 4, 5)), **again.counts()}
    return book.closed(mass, signups)


def acquisition(joined: np.ndarray) -> float:
    """Return what the sign-ups [mood, usage, hopper, age, channel, …] of a month have cost."""
    return float(joined.sum(axis=(0, 1, 2, 3, 5, 6, 7, 8)) @ p.ACQUISITION)


def step(now: np.ndarray, grid: Cells, month: int, policy: Policy) -> tuple[np.ndarray, np.ndarray]:
    """Return leavers [cause, ...] of a month, and those who stay in their new moods."""
    gone = process.leaving(grid, month, policy)
    gone *= now
    return gone, moved(now - gone.sum(axis=0), transition(grid, month, policy))


def transition(grid: Cells, month: int, policy: Policy) -> np.ndarray:
    """Return [mood, mood after, ...]: all stages of a month in one."""
    one_mood = replace(grid, mood=np.zeros((1,) * len(AXES), dtype=int))
    total = np.eye(5).reshape(5, 5, *(1,) * 9)
    for stage in process.STAGES.values():
        part = stage(one_mood, month, policy)
        share = part.share[:, 0]
        matrix = np.tensordot(part.moves, share, axes=(0, 0))
        total = np.einsum("ij...,jk...->ik...", total, matrix)
    return total


def moved(numbers: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Return the numbers [mood, ...] after a transition [mood, mood after, ...]."""
    after = np.zeros(np.broadcast_shapes(numbers.shape, (5, *matrix.shape[2:])))
    for i, j in np.ndindex(5, 5):
        if np.any(matrix[i, j]):
            after[j] += numbers[i] * matrix[i, j]
    return after


def loyal(mass: np.ndarray, grid: Cells, month: int, policy: Policy) -> np.ndarray:
    """Return the numbers after those whose month it is have taken up the loyalty rebate, or not."""
    at = month - policy.loyalty_from + 1 - int(grid.signed.flat[0])
    if not 0 <= at < mass.shape[-1]:
        return mass
    takes = process.loyalty_uptake(np.arange(3), policy).reshape(3, *(1,) * 6)
    after, before = mass.copy(), mass[..., 0, at] + mass[..., 1, at]
    after[..., 0, at], after[..., 1, at] = before * (1 - takes), before * takes
    return after


def _joining(first: np.ndarray, again: Again, month: int, policy: Policy) -> np.ndarray:
    """Return [mood, ..., newcomer, loyalty]: the contracts signed in a month, in neutral mood."""
    joined = np.zeros(SIZES)
    joined[0, ..., 0] = 0.5 * (first + again.signs(month, policy))[..., None, :]
    return joined


@dataclass(frozen=True)
class Again:
    """Those on their way back: expected sign-ups by person type and month to come."""

    new: np.ndarray
    reactivated: np.ndarray

    @classmethod
    def empty(cls, stop: int, arms: int = 2) -> Again:
        """Return nobody on his way to a month before `stop`."""
        shape = (3, 2, 3, 2, arms, stop + 8)
        return cls(np.zeros(shape), np.zeros(shape))

    def put(self, gone: np.ndarray, month: int, policy: Policy) -> None:
        """Send the leavers of a month on their way."""
        left = gone.sum(axis=(1, 7, 8, 9, 10))
        signs = process.resigning(policy).T.reshape(5, 1, 2, 1, 1, 1)
        letter = np.array([1 - policy.winback, policy.winback])
        back = (letter @ process.reactivation()).reshape(5, 1, 1, 1, 1, 1)
        new, reactivated = (left * signs).sum(axis=0), (left * (1 - signs) * back).sum(axis=0)
        for lag in range(4):
            self.new[..., month + 2 + lag] += new * p.RESIGN_LAG[lag]
            self.reactivated[..., month + 3 + lag] += reactivated * p.REACTIVATED_LAG[lag]

    def signs(self, month: int, policy: Policy) -> np.ndarray:
        """Return [usage, hopper, age, channel, arm, newcomer]: who is back in a month."""
        hopper, channel = np.arange(2).reshape(2, 1, 1, 1), np.arange(2).reshape(2, 1)
        takes = process.newcomer_uptake(channel, hopper, policy) * policy.newcomer_for_returners
        new = self.new[..., month]
        back = np.stack([new * (1 - takes), new * takes], axis=-1)
        back[..., 0] += self.reactivated[..., month]
        return back

    def counts(self) -> dict[str, np.ndarray]:
        """Return those who are back by kind and month."""
        axes = (0, 1, 2, 3, 4)
        return {
            "new": self.new.sum(axis=axes)[:-8],
            "reactivated": self.reactivated.sum(axis=axes)[:-8],
        }


@dataclass(frozen=True)
class _Book:
    """What is kept of every month."""

    first: int
    at_risk: np.ndarray
    leavers: np.ndarray
    happenings: dict[str, np.ndarray]
    referrals: np.ndarray
    lost: np.ndarray
    acquisition: np.ndarray

    @classmethod
    def empty(cls, start: int, stop: int, signed: int) -> _Book:
        shape, n = (3, 2, 2, 2, 2, signed), stop - start
        at_risk, leavers = np.zeros((n, *shape)), np.zeros((n, 5, *shape))
        return cls(start, at_risk, leavers, {}, np.zeros(n), np.zeros((n, 5, 2)), np.zeros(n))

    def write(
        self, month: int, now: np.ndarray, gone: np.ndarray, grid: Cells, policy: Policy
    ) -> None:
        at, live = month - self.first, slice(0, now.shape[-1])
        self.at_risk[at, ..., live] = now.sum(axis=_SUMMED)
        few = gone.sum(axis=(1, 4))  # first what nothing is kept of: mood and age
        self.leavers[at, ..., live] = few.sum(axis=(2, 3))
        self.lost[at] = few.sum(axis=(1, 3, 4, 5, 6, 7, 8))
        self.referrals[at] = now.sum(axis=tuple(range(1, 10))) @ p.REFERS
        # on nothing but usage and the month of signing do the stages depend
        there = self.at_risk[at, ..., live].sum(axis=(1, 2, 3, 4))
        there = there.reshape(1, 3, *(1,) * 7, there.shape[-1])
        for stage in process.STAGES.values():
            part = stage(replace(grid, mood=np.zeros((1,) * 10, dtype=int)), month, policy)
            for name, share in zip(part.outcomes, part.share, strict=True):
                row = self.happenings.setdefault(name, np.zeros(len(self.referrals)))
                row[at] += float((there * share).sum())

    def closed(self, left: np.ndarray, signups: Mapping[str, np.ndarray]) -> Course:
        return Course(
            first=self.first, at_risk=self.at_risk, leavers=self.leavers,
            happenings=self.happenings, referrals=self.referrals, lost=self.lost,
            acquisition=self.acquisition, signups=signups, left=left,
        )  # fmt: skip
