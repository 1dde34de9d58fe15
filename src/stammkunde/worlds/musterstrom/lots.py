"""What a lot did to the energy supplier's customers: those drawn, each from his day on.

Backwards from the close: of everybody in each month, the chance of being there so many months
later. With it all months of drawing are followed at once, and both arms of every lot.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from stammkunde.worlds.musterstrom import parameters as p
from stammkunde.worlds.musterstrom import process
from stammkunde.worlds.musterstrom.expect import AXES, cells, moved, transition
from stammkunde.worlds.musterstrom.parameters import Policy
from stammkunde.worlds.musterstrom.watched import AT, Watched, summed

HORIZON = 24
MONTHS = range(p.OPEN, p.CLOSE)
# of each lot: stage, outcome of those treated, of those held out
LOTS = {"call": ("gesture", "call", "call_held"), "wine": ("gesture", "wine", "wine_held"),
        "reminder": ("reminder", "reminder", "reminder_held")}  # fmt: skip
_ONE = np.zeros((1,) * len(AXES), dtype=int)
CARE_DAYS = 27  # within a unit, on which a row of care may lie
# so that what depends on usage and month of signing alone is a matrix of moods
_ORDER = ("signed", "usage", "mood", "channel", "hopper", "age", "arm", "group", "newcomer",
          "loyalty")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Lot:
    """Those drawn, by usage and channel: `at_risk` and `gone` [arm, usage, channel, unit].

    All drawn are in either arm, treated first; position 0 of the last axis is unit 1.
    """

    at_risk: np.ndarray
    gone: np.ndarray

    def survival(self, **at: int) -> np.ndarray:
        """Return S(0) .. S(24) of both arms [arm, unit], of one usage or channel if said."""
        usage, channel = (at.get(n, slice(None)) for n in ("usage", "channel"))
        few = [
            a[:, usage, channel].reshape(2, -1, HORIZON).sum(axis=1)
            for a in (self.at_risk, self.gone)
        ]
        hazard = np.divide(few[1], few[0], out=np.zeros_like(few[1]), where=few[0] > 0)
        return np.concatenate([np.ones((2, 1)), np.cumprod(1 - hazard, axis=1)], axis=1)


def lots(seen: Watched, names: tuple[str, ...]) -> dict[str, Lot]:
    """Return what became of those drawn in the window, under either arm; `seen` has all `MONTHS`.

    `names` are some of `LOTS`. Later drawings, and all else, go on as they do.
    """
    found = {n: Lot(at_risk=_nobody(), gone=_nobody()) for n in names}
    for month, later in _backwards(seen.policy):
        for name, lot in found.items():
            there = np.zeros((2, 3, 2, HORIZON + 1))
            drawn = _drawn(seen.policy, seen.there[month], month, name)
            there[..., 0], there[..., 1] = drawn.begun, drawn.begun - drawn.left
            if later is not None:
                met = _met(drawn.arms, drawn.signed, later)
                there[..., 1 : 1 + met.shape[-1]] = met
            whole = whole_units(HORIZON)[month]
            lot.at_risk[:] += there[..., :-1] * whole
            lot.gone[:] += (there[..., :-1] - there[..., 1:]) * whole
    return found


def _nobody() -> np.ndarray:
    return np.zeros((2, 3, 2, HORIZON))


@cache
def whole_units(units: int) -> dict[int, np.ndarray]:
    """Return, by month of drawing, the share of rows after which so many units are seen whole.

    By the months rule from the row's day to the close, each day of contract and of care being as
    likely as any other: [unit], unit 1 first.
    """
    found = {}
    for month in MONTHS:
        first = np.datetime64(f"{p.FIRST_YEAR}-01", "M") + month
        days = first.astype("datetime64[D]") + np.add.outer(np.arange(p.DAYS), range(CARE_DAYS))
        calendar = days.astype("datetime64[M]")
        late = days > calendar.astype("datetime64[D]")
        left = p.CLOSE - (calendar - np.datetime64(f"{p.FIRST_YEAR}-01", "M")).astype(int) - late
        found[month] = np.array([(left >= u).mean() for u in range(1, units + 1)])
    return found


@dataclass(frozen=True, kw_only=True)
class _Drawn:
    """Those drawn in a month who signed in the months `signed`, and who `left` in it, by usage and
    channel; `arms` [arm, ...] who stays, in the moods that either arm leaves, in order `_ORDER`.
    """

    signed: np.ndarray
    begun: np.ndarray
    left: np.ndarray
    arms: np.ndarray


def _drawn(policy: Policy, now: np.ndarray, month: int, name: str) -> _Drawn:
    """Return those drawn for a lot in a month."""
    signed, share = _share(policy, month, now.shape[-1], name)
    grid = cells(signed)
    begun = now[..., signed] * share
    left = begun * process.leaving(grid, month, policy).sum(axis=0)
    one_mood, arms = replace(grid, mood=_ONE), [begun - left] * 2
    for stage, take in process.STAGES.items():
        part = take(one_mood, month, policy)
        if stage == LOTS[name][0]:
            each = [part.moves[part.outcomes.index(o)] for o in LOTS[name][1:]]
            matrices = [m.reshape(5, 5, *(1,) * 9) for m in each]
        else:
            matrices = [np.tensordot(part.moves, part.share[:, 0], axes=(0, 0))] * 2
        arms = [moved(a, m) for a, m in zip(arms, matrices, strict=True)]
    others = [n for n in AT if n not in ("usage", "channel")]
    return _Drawn(
        signed=signed,
        begun=summed(begun, *others),
        left=summed(left, *others),
        arms=np.stack([_ordered(a) for a in arms]),
    )


def _share(policy: Policy, month: int, signed: int, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the months of signing of who may be drawn, and which share of them is, whichever arm
    the lot deals them.
    """
    even = replace(policy, call=0.5, wine=0.5, reminder=0.5)
    stage, *arms = LOTS[name]
    part = process.STAGES[stage](replace(cells(np.arange(signed)), mood=_ONE), month, even)
    share = np.asarray(sum(part.share[part.outcomes.index(a)] for a in arms))
    some = np.flatnonzero(share.reshape(-1, signed).any(axis=0))
    return some, share[..., some]


@dataclass(frozen=True, kw_only=True)
class _Later:
    """Of who is there in a month, the chances of being there 0, 1, … months after it, to the close.

    `chances` in order `_ORDER`, then months; the first axis are the months of signing told apart,
    and `place` [signed] says which of them each month of signing is like.
    """

    chances: np.ndarray
    place: np.ndarray


def _backwards(policy: Policy) -> Iterator[tuple[int, _Later | None]]:
    """Yield each month, the last first, and the chances of who is there in the next; None of the
    month after the close.
    """
    later: _Later | None = None
    for month in reversed(MONTHS):
        yield month, later
        later = _chances(policy, month, later)


def _chances(policy: Policy, month: int, later: _Later | None) -> _Later:
    """Return the chances of those there in `month`, from those of the month after."""
    signed, place = _told_apart(policy, month)
    grid = cells(signed)
    stays = _ordered(1 - process.leaving(grid, month, policy).sum(axis=0))
    found = np.ones((*stays.shape, min(HORIZON, p.CLOSE - month + 1)))
    if later is None:
        found[..., 1] = stays
    else:
        matrix = transition(grid, month, policy)[:, :, :, 0, 0, 0, 0, 0, 0, 0]
        matrix = np.broadcast_to(matrix, (5, 5, 3, len(signed))).transpose(3, 2, 0, 1)
        own = later.chances[later.place[signed]]
        after = np.matmul(np.ascontiguousarray(matrix), own.reshape(len(signed), 3, 5, -1))
        after = after.reshape(own.shape)[..., : found.shape[-1] - 1]
        np.multiply(after, stays[..., None], out=found[..., 1:])
    _take_up(found, place, month, policy)
    return _Later(chances=found, place=place)


def _told_apart(policy: Policy, month: int) -> tuple[np.ndarray, np.ndarray]:
    """Return months of signing that differ in what is to come, and which each one is like.

    Past the first years only the month of the contract's year, the terms and the price rises that
    a contract has met make a difference.
    """
    signed = np.arange(month + 1)
    tenure = month - signed + 1
    young = max(policy.newcomer_months + 1, policy.loyalty_from, p.FROM_UNIT, p.TERM)
    tenure = np.where(tenure <= young, tenure, young + 1 + (tenure - young - 1) % p.TERM_RENEWS)
    met = [signed < month_ for month_ in (p.TERM_BEFORE, *p.RISE)]
    _, first, place = np.unique([tenure, *met], axis=1, return_index=True, return_inverse=True)
    return first, place.reshape(-1)


def _take_up(found: np.ndarray, place: np.ndarray, month: int, policy: Policy) -> None:
    """Change the chances to those before it is known who takes up the loyalty rebate this month."""
    at = month - policy.loyalty_from + 1
    if at >= 0:
        takes = process.loyalty_uptake(np.arange(3), policy).reshape(3, *(1,) * 9)
        own = found[place[at]]
        found[place[at]] = own[..., :1, :] * (1 - takes) + own[..., 1:, :] * takes


def _ordered(numbers: np.ndarray) -> np.ndarray:
    """Return numbers on the axes of `expect` in the order that moods are matrices in."""
    return np.ascontiguousarray(np.transpose(numbers, [AT[n] for n in _ORDER]))


def _met(arms: np.ndarray, signed: np.ndarray, later: _Later) -> np.ndarray:
    """Return [arm, usage, channel, month]: of those of either arm, who is there so much later."""
    some, place = np.unique(later.place[signed], return_inverse=True)
    each = np.moveaxis(arms.reshape(2, len(signed), 3, 5, 2, -1), 0, -2)
    rows = np.tensordot(np.arange(len(some))[:, None] == place.reshape(-1), each, axes=1)
    own = later.chances[some].reshape(len(some), 3, 5, 2, rows.shape[-1], -1)
    return np.moveaxis(np.matmul(rows, own).sum(axis=(0, 2)), -2, 0)
