"""Drawn customers of the garage: the same stages, with chance events in place of expectations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from stammkunde.worlds.autohaus import parameters as p
from stammkunde.worlds.autohaus.process import stages
from stammkunde.worlds.autohaus.stage import AXES, SHAPE, Stage
from stammkunde.worlds.streams import uniform
from stammkunde.worlds.world import Setting

UNSEEN = ("tick", "fade", "known again")


@dataclass(frozen=True, kw_only=True, eq=False)
class Happened:
    """What happened at a stage, one entry per customer and month, in order of months.

    `outcome` is the stage's number of the outcome, `status` and `clock` are those just before it.
    """

    person: np.ndarray
    month: np.ndarray
    outcome: np.ndarray
    status: np.ndarray
    clock: np.ndarray


@dataclass(frozen=True, kw_only=True, eq=False)
class Lives:
    """Drawn customers: types, first month, adviser's place, what happened, and the end.

    `visits` holds every visit, the first one included; `served` [month, person] the team of the
    latest visit; `departed` [month, adviser] says which advisers left; `at_close` has the parts of
    the state on the last day.
    """

    segment: np.ndarray
    team: np.ndarray
    loyal: np.ndarray
    first: np.ndarray
    place: np.ndarray
    happened: Mapping[str, Happened]
    visits: Happened
    served: np.ndarray
    departed: np.ndarray
    at_close: Mapping[str, np.ndarray]

    @property
    def size(self) -> int:
        """Return the number of customers."""
        return len(self.first)


def pick(chances: np.ndarray, u: np.ndarray) -> np.ndarray:
    """Return which outcome each number in [0, 1) falls on; the last axis of `chances` sums to 1."""
    return (u[:, None] >= np.cumsum(chances, axis=-1)[:, :-1]).sum(axis=1)


def team_now(team: np.ndarray, status: np.ndarray) -> np.ndarray:
    """Return the team which serves a customer: another one after moving to another branch."""
    return np.where(status == 1, np.asarray(p.TEAM_AFTER_TRANSFER)[team], team)


def _fixed(share: tuple[float, ...], u: np.ndarray) -> np.ndarray:
    return pick(np.broadcast_to(np.asarray(share), (len(u), len(share))), u)


def lives(levers: Mapping[str, Setting], seed: int, size: int) -> Lives:
    """Return the drawn customers of a seed under a policy."""
    steps = stages(levers)
    parts = {name: np.zeros(size, np.int64) for name in AXES}
    parts["segment"] = _fixed(p.SEGMENT_SHARE, uniform(seed, "segment", size))
    parts["team"] = (uniform(seed, "team", size) * SHAPE[1]).astype(np.int64)
    parts["loyal"] = (uniform(seed, "loyal", size) < p.LOYAL_SHARE).astype(np.int64)
    parts["known"][:] = 1
    first = (uniform(seed, "first month", size) * p.MONTHS).astype(np.int64)
    place = (uniform(seed, "adviser", size) * p.ADVISERS_PER_TEAM).astype(np.int64)
    departed = np.zeros((p.MONTHS, SHAPE[1] * p.ADVISERS_PER_TEAM), bool)
    served = np.zeros((p.MONTHS, size), np.int64)
    names = ("visits", *(s.name for s in steps))
    logs: dict[str, list[tuple[np.ndarray, ...]]] = {name: [] for name in names}
    for month in range(p.MONTHS):
        here = first < month
        for step in steps:
            adviser = served[month] * p.ADVISERS_PER_TEAM + place
            if step.by == "adviser":
                departed[month] = _departures(step, seed, month)
            u = _chances(step, seed, month, size, adviser)
            logs[step.name].append(_step(step, parts, here, u, month))
            if step.name == "visit":
                here = first <= month
                came = np.flatnonzero(here & (parts["clock"] == 0))
                logs["visits"].append(_entry(parts, came, month, np.ones(len(came), np.int64)))
                served[month:, came] = team_now(parts["team"][came], parts["status"][came])
    return Lives(
        **{name: parts[name] for name in ("segment", "team", "loyal")}, first=first, place=place,
        happened={s.name: _joined(logs[s.name]) for s in steps}, visits=_joined(logs["visits"]),
        served=served, departed=departed,
        at_close={name: parts[name] for name in AXES[3:]},
    )  # fmt: skip


def _departures(step: Stage, seed: int, month: int) -> np.ndarray:
    """Return which advisers leave in a month: those whose chance event is in the last part."""
    return uniform(seed, step.name, SHAPE[1] * p.ADVISERS_PER_TEAM, month) >= step.chance.flat[0]


def _chances(step: Stage, seed: int, month: int, size: int, adviser: np.ndarray) -> np.ndarray:
    """Return everybody's chance event; who shares an adviser shares the adviser's."""
    if step.by == "adviser":
        return uniform(seed, step.name, SHAPE[1] * p.ADVISERS_PER_TEAM, month)[adviser]
    return uniform(seed, step.name, size, month)


def _step(
    step: Stage, parts: dict[str, np.ndarray], here: np.ndarray, u: np.ndarray, month: int
) -> tuple[np.ndarray, ...]:
    """Move those concerned on, in `parts`; return what happened to whom."""
    position = np.full(SHAPE[-1], -1)
    position[step.only] = np.arange(len(step.only))
    who = np.flatnonzero(here & (position[parts["clock"]] >= 0))
    # Chances are looked up only by what they depend on.
    part_of = {**parts, "clock": position[parts["clock"]]}
    at = [part_of[a][who] if n > 1 else 0 for a, n in zip(AXES, step.edges.shape, strict=False)]
    edges = step.edges[tuple(at)]
    outcome = (u[who][:, None] >= edges).sum(axis=1)
    told = outcome > 0 if step.name not in UNSEEN else outcome < 0
    if step.name == "visit":
        # who was not reminded is the hold-out of the reminder
        told |= parts["clock"][who] == p.REMINDED_AT
    entry = _entry(parts, who[told], month, outcome[told])
    parts[step.axis][who] = step.target[parts[step.axis][who], outcome]
    return entry


def _entry(
    parts: Mapping[str, np.ndarray], who: np.ndarray, month: int, outcome: np.ndarray
) -> tuple[np.ndarray, ...]:
    return who, np.full(len(who), month), outcome, parts["status"][who], parts["clock"][who]


def _joined(log: list[tuple[np.ndarray, ...]]) -> Happened:
    person, month, outcome, status, clock = (np.concatenate(c) for c in zip(*log, strict=True))
    return Happened(person=person, month=month, outcome=outcome, status=status, clock=clock)
