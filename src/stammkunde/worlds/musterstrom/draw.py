"""Persons of the energy supplier drawn month by month from the probabilities of `process`.

Chances are addressed by purpose and month, so that a person meets the same ones under every policy.
There is no loop over persons.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from stammkunde.worlds.musterstrom import parameters as p
from stammkunde.worlds.musterstrom import process
from stammkunde.worlds.musterstrom.parameters import Policy
from stammkunde.worlds.musterstrom.process import Cells
from stammkunde.worlds.streams import stream, uniform

KINDS = ("first", "new", "reactivated")
NEVER = -1
Chance = Callable[..., np.ndarray]  # chance(purpose, month=0): a number for each person


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """Persons, contracts and what happened, as drawn; months and positions, no dates, no text.

    `persons`: one row each. `contracts`: person, kind, signed, group, newcomer, loyalty, units
    (0 while it lasts), cause (-1), letter (-1 where none could be sent), answered, number (how many
    customer numbers the person had before). `happenings`: contract, month, what.
    """

    persons: pd.DataFrame
    contracts: pd.DataFrame
    happenings: pd.DataFrame


def draw(policy: Policy, *, seed: int, size: int) -> Drawn:
    """Return `size` persons who could ever sign up, with all that befell them in nine years."""

    def chance(purpose: str, month: int = 0) -> np.ndarray:
        return uniform(seed, purpose, size, month)

    persons = draw_persons(seed, size, chance)
    run = _Run(persons=persons, policy=policy, chance=chance, now=start(persons, policy, chance))
    for month in range(p.MONTHS):
        run.sign(month)
        run.live(month)
    return Drawn(persons=persons, contracts=run.contracts(), happenings=run.happened())


def draw_persons(seed: int, size: int, chance: Chance) -> pd.DataFrame:
    """Return who the persons are, whatever the policy: a row each."""
    origin = pick(chance("origin"), p.ORIGIN_SHARE)
    channel = pick(chance("channel"), p.CHANNEL_SHARE)
    shuffled = stream(seed, "regions with advertising").permutation(p.REGIONS)
    region = (chance("region") * p.REGIONS).astype(int)
    month = np.zeros(size, dtype=int)
    for at, name in enumerate(p.ORIGIN):
        of_it = pick(chance("month of sign-up"), process.months_of(name))
        month = np.where(origin == at, of_it, month)
    return pd.DataFrame({
        "origin": origin,
        "channel": channel,
        "hopper": (chance("hopper") < p.HOPPER_SHARE[origin, channel]).astype(int),
        "usage": pick(chance("usage"), p.USAGE_SHARE),
        "age": pick(chance("age"), p.AGE_SHARE),
        "region": region,
        "arm": (shuffled[region] < p.REGIONS // 2).astype(int),
        "day": (chance("day") * p.DAYS).astype(int) + 1,
        "month": month,
    })  # fmt: skip


def pick(chance: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Return positions drawn with shares [k] or [k, person]; the last takes what is left over."""
    edges = np.cumsum(share, axis=0)[:-1]
    if edges.ndim == 1:
        return np.searchsorted(edges, chance, side="right")
    return np.asarray((chance >= edges).sum(axis=0))


def start(persons: pd.DataFrame, policy: Policy, chance: Chance) -> dict[str, np.ndarray]:
    """Return the state of every person before the first month: next sign-up, no contract."""
    n = len(persons)
    told = process.advertised(persons["arm"].to_numpy(), policy) > 0
    pulled = chance("offer seen by the induced") < process.offered(policy)
    signs = np.choose(persons["origin"], [np.ones(n, dtype=bool), pulled, told])
    state = {name: np.zeros(n, dtype=int) for name in ("mood", "group", "newcomer", "loyalty")}
    state |= {name: np.zeros(n, dtype=int) for name in ("signed", "kind", "numbers")}
    state["next"] = np.where(signs, persons["month"], NEVER)
    state["contract"] = np.full(n, NEVER)
    return state


class _Run:
    """The months as they pass: the state of all persons, and what is written down."""

    def __init__(
        self, *, persons: pd.DataFrame, policy: Policy, chance: Chance, now: dict[str, np.ndarray]
    ) -> None:
        self.who = {n: persons[n].to_numpy() for n in persons}
        self.policy, self.chance, self.now = policy, chance, now
        self.signed: list[pd.DataFrame] = []
        self.ended: list[pd.DataFrame] = []
        self.events: list[pd.DataFrame] = []
        self.count = 0

    def sign(self, month: int) -> None:
        """Begin the contracts of a month."""
        at = np.flatnonzero(self.now["next"] == month)
        now, who = self.now, self.who
        kind, policy = now["kind"][at], self.policy
        takes = process.newcomer_uptake(who["channel"][at], who["hopper"][at], policy)
        takes = np.where(kind == 1, takes * policy.newcomer_for_returners, takes)
        takes = np.where((kind == 0) & (who["origin"][at] == 1), 1.0, takes)
        takes = np.where(kind == 2, 0.0, takes)
        now["newcomer"][at] = self.chance("newcomer offer", month)[at] < takes
        now["group"][at] = self.chance("price group", month)[at] < 0.5
        now["mood"][at] = now["loyalty"][at] = 0
        now["signed"][at] = month
        now["numbers"][at] += kind == 1
        now["contract"][at] = self.count + np.arange(len(at))
        now["next"][at] = NEVER
        self.count += len(at)
        names = ("kind", "signed", "group", "newcomer", "numbers")
        self.signed.append(pd.DataFrame({"person": at} | {n: now[n][at] for n in names}))

    def live(self, month: int) -> None:
        """Let a month pass for all who have a contract."""
        now, policy = self.now, self.policy
        at = np.flatnonzero(now["contract"] >= 0)
        fresh = at[month - now["signed"][at] + 1 == policy.loyalty_from]
        takes = process.loyalty_uptake(self.who["usage"][fresh], policy)
        now["loyalty"][fresh] = self.chance("loyalty rebate", month)[fresh] < takes
        cells = self.cells(at)
        chances = process.leaving(cells, month, policy)[
            ::-1
        ]  # price last: it moves the others least
        staying = 1 - chances.sum(axis=0, keepdims=True)
        cause = 4 - pick(self.chance("leaving", month)[at], np.concatenate([chances, staying]))
        self.refer(at, month)
        self.pass_stages(at, cells, month)
        gone = cause >= 0
        self.leave(at[gone], cause[gone], month)

    def cells(self, at: np.ndarray) -> Cells:
        """Return the cells of some persons."""
        own = {n: self.who[n][at] for n in ("usage", "hopper", "age", "channel", "arm")}
        names = ("mood", "group", "newcomer", "loyalty", "signed")
        return Cells(**own, **{n: self.now[n][at] for n in names})

    def pass_stages(self, at: np.ndarray, cells: Cells, month: int) -> None:
        """Draw what happens to some persons in a month and the moods they are in after it."""
        mood = cells.mood
        for name, stage in process.STAGES.items():
            step = stage(cells, month, self.policy)
            outcome = pick(self.chance(name, month)[at], step.share)
            shares = step.moves[outcome, mood].T
            mood = pick(self.chance(f"mood after {name}", month)[at], shares)
            if name != "decay":
                self.note(at, outcome, np.array(step.outcomes, dtype=object), month)
        self.now["mood"][at] = mood

    def refer(self, at: np.ndarray, month: int) -> None:
        """Draw who recommends the supplier in a month."""
        refers = self.chance("referral", month)[at] < p.REFERS[self.now["mood"][at]]
        self.note(at, refers.astype(int), np.array(["", "referral"], dtype=object), month)

    def note(self, at: np.ndarray, outcome: np.ndarray, names: np.ndarray, month: int) -> None:
        """Write down what happened to whom; outcome 0 is nothing."""
        some = outcome > 0
        rows = {"contract": self.now["contract"][at[some]], "month": month}
        self.events.append(pd.DataFrame(rows | {"what": names[outcome[some]]}))

    def leave(self, at: np.ndarray, cause: np.ndarray, month: int) -> None:
        """End contracts, and draw who will be back and when."""
        now, policy = self.now, self.policy
        chance = {n: self.chance(n, month)[at] for n in ("winback", "back", "lag", "answer")}
        alive = cause != p.CAUSES.index("died")
        letter = np.where(alive, chance["winback"] < policy.winback, -1)
        signs = process.resigning(policy)[self.who["hopper"][at], cause]
        back = (1 - signs) * process.reactivation()[np.maximum(letter, 0), cause]
        kind = pick(chance["back"], np.stack([signs, back, 1 - signs - back])) + 1
        lag = np.where(
            kind == 1,
            1 + pick(chance["lag"], p.RESIGN_LAG),
            2 + pick(chance["lag"], p.REACTIVATED_LAG),
        )
        now["next"][at] = np.where(kind < 3, month + 1 + lag, NEVER)
        now["kind"][at] = kind
        answered = (letter == 1) & (chance["answer"] < p.ANSWERS[cause])
        units = month - now["signed"][at] + 1
        rows = {"contract": now["contract"][at], "units": units, "cause": cause, "letter": letter}
        more = {"answered": answered, "loyalty": now["loyalty"][at]}
        self.ended.append(pd.DataFrame(rows | more))
        now["contract"][at] = NEVER

    def contracts(self) -> pd.DataFrame:
        """Return all contracts, those that last with `units` 0 and `cause` -1."""
        begun = pd.concat(self.signed, ignore_index=True)
        running = np.flatnonzero(self.now["contract"] >= 0)
        rows = {"contract": self.now["contract"][running], "loyalty": self.now["loyalty"][running]}
        rest = pd.DataFrame({**rows, "units": 0, "cause": -1, "letter": -1, "answered": False})
        ends = pd.concat([*self.ended, rest]).set_index("contract").sort_index()
        return begun.join(ends)

    def happened(self) -> pd.DataFrame:
        """Return all that happened, in the order of months."""
        return pd.concat(self.events, ignore_index=True)
