"""A small world of questions: contracts, offers and events, and every answer computed by a loop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pytest

from stammkunde.evidence.asking.ask import made_of
from stammkunde.evidence.asking.estimand import estimand_of
from stammkunde.evidence.asking.made import Made
from stammkunde.evidence.asking.question import ArmToml, QuestionToml
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.months import completed
from stammkunde.spells.read import spells_from
from stammkunde.spells.spells import SideTable, Spells, Tally

OPEN, CLOSE = date(2020, 7, 1), date(2023, 1, 1)
ENDLESS = date(9999, 1, 1)
GROUPS = ("kind", "region", "met")
TITLE = {"de": "Frage", "en": "question"}


def later(day: date, months: int) -> date:
    """Return the day so many months later; days after the 28th are not used in this world."""
    year, month = divmod(12 * day.year + day.month - 1 + months, 12)
    return date(year, month + 1, day.day)


@dataclass(frozen=True)
class World:
    """Contracts and the rows of tables beside them, as delivered."""

    contracts: pd.DataFrame
    offers: pd.DataFrame
    events: pd.DataFrame

    def read(self, unit: str = "month") -> tuple[Spells, Beside]:
        spells = spells_from(
            self.contracts,
            start="begin",
            end="end",
            person="who",
            open=OPEN,
            close=CLOSE,
            by=GROUPS,
            unit=unit,
        )
        return spells, beside(self.offers, self.events)


@cache
def world(size: int = 700, seed: int = 3, *, effect: float = 0.0, drawn: bool = False) -> World:
    """Return persons with one or two contracts; kind "a" leaves less, and gets more unless `drawn`.

    `effect` is taken off the monthly hazard of who has an offer. Regions r00 .. r23 are whole:
    those of even number met a policy.
    """
    rng = np.random.default_rng(seed)
    rows: list[tuple[Any, ...]] = []
    offers: list[tuple[Any, ...]] = []
    events: list[tuple[Any, ...]] = []
    for i in range(size):
        kind, region = str(rng.choice(["a", "b"])), int(rng.integers(0, 24))
        day = date(2019, 10, 1) + timedelta(days=int(rng.integers(0, 900)))
        for _ in range(int(rng.integers(1, 3))):
            day = day.replace(day=min(day.day, 28))
            own = _contract(rng, f"p{i}", kind, day, (offers, events), effect, drawn=drawn)
            rows.append((f"p{i}", day, own, kind, f"r{region:02}", "yn"[region % 2]))
            if own is None:
                break
            day = own + timedelta(days=int(rng.integers(4, 200)))
            if day >= CLOSE:
                break
    return World(
        pd.DataFrame(rows, columns=["who", "begin", "end", *GROUPS]),
        pd.DataFrame(offers, columns=["person", "offer", "start", "last", "arm"]),
        pd.DataFrame(events, columns=["person", "kind", "day", "value"]),
    )


def _contract(
    rng: np.random.Generator,
    who: str,
    kind: str,
    day: date,
    tables: tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]],
    effect: float,
    *,
    drawn: bool,
) -> date | None:
    """Return the last day of a contract, its rows of the tables added."""
    offers, events = tables
    likely = 0.5 if drawn else 0.65 if kind == "a" else 0.3
    welcomed, window = rng.random() < likely, rng.random() < likely
    loyal, month = rng.random() < likely, int(rng.integers(3, 6))
    offers.append((who, "welcome", day, day, "yes" if welcomed else "no"))
    for t in range(36):
        now = later(day, t)
        if t == 6:
            offers.append((who, "loyal", now, now, "yes" if loyal else "no"))
        if t == month and window:
            offers.append((who, "window", now, now, "yes"))
        if t % 4 == 3:
            arm = "called" if rng.random() < 0.5 else "held"
            on = now + timedelta(days=int(rng.integers(0, 9)))
            offers.append((who, "call", on, on, arm))
        if rng.random() < 0.12:
            value = str(rng.choice(["big", "small"], p=[0.5, 0.5] if kind == "a" else [0.3, 0.7]))
            events.append((who, "complaint", now + timedelta(days=int(rng.integers(0, 20))), value))
        has = (t >= 6 and loyal) or welcomed or (t >= month and window)
        if rng.random() < (0.03 if kind == "a" else 0.07) - effect * has:
            last = now + timedelta(days=int(rng.integers(0, 27)))
            return last if last < CLOSE else None
    return None


def beside(offers: pd.DataFrame, events: pd.DataFrame) -> Beside:
    """Return the tables in the engine."""

    def told(frame: pd.DataFrame, *days: str) -> SideTable:
        texts = {c: "str" for c in frame if c not in days}
        frame = frame.astype({**dict.fromkeys(days, "datetime64[s]"), **texts})
        made = ibis.memtable(frame)
        made = made.mutate(**{d: made[d].cast("date") for d in days})
        return SideTable(made, Tally(len(frame), len(frame), 0, 0), (), pd.DataFrame())

    return Beside(events=told(events, "day"), offers=told(offers, "start", "last"))


def question(treated: str = "", control: str = "", **keys: Any) -> QuestionToml:
    """Return a question; words of the arms stand in one text."""
    arms = [ArmToml(title=TITLE, words=tuple(w.split())) for w in (treated, control)]
    usual: dict[str, Any] = {"name": "asked", "title": TITLE, "horizon": 12}
    return QuestionToml(**{**usual, "treated": arms[0], "control": arms[1], **keys})


@dataclass(frozen=True)
class Spell:
    """One spell as a loop sees it."""

    person: str
    spell: int
    start: date
    last: date
    gone: bool
    entry: int
    exit: int
    left: bool
    kind: str
    region: str
    met: str
    unit: str

    def since(self, day: date) -> int:
        """Return after how many units what begins on a day counts."""
        return (
            0
            if day <= self.start
            else completed(self.start, day - timedelta(days=1), self.unit) + 1
        )

    def from_day(self, day: date) -> tuple[int, bool] | None:
        """Return for how many units he is seen from a day on, and whether he leaves; or None."""
        there = self.start <= day < CLOSE and day <= self.last
        if not there or completed(self.start, day, self.unit) < self.entry:
            return None
        seen = completed(day, CLOSE, self.unit)
        stays = completed(day, self.last, self.unit) + 1 if self.gone else seen + 1
        found = (min(stays, seen), stays <= seen)
        return found if found[0] > 0 else None


def spells_of(spells: Spells) -> list[Spell]:
    """Return the spells one by one."""
    found = []
    for s in spells.to_frame().itertuples():
        gone = not pd.isna(s.last)
        last = pd.Timestamp(s.last).date() if gone else ENDLESS
        start, left = pd.Timestamp(s.start).date(), s.end != "censored"
        own = (s.entry, s.exit, left, s.kind, s.region, s.met)
        found.append(Spell(str(s.person), int(s.spell), start, last, gone, *own, spells.unit))
    return found


def running(own: Sequence[Spell], rows: pd.DataFrame, day: str) -> Iterator[tuple[Any, Spell]]:
    """Yield each row of a table with each spell of its person that runs on its day."""
    by_person: dict[str, list[Spell]] = {}
    for s in own:
        by_person.setdefault(s.person, []).append(s)
    for row in rows.itertuples():
        for s in by_person.get(str(row.person), []):
            if s.start <= getattr(row, day) <= s.last:
                yield row, s


@dataclass(frozen=True)
class Subject:
    """A subject of a trial: treated or not, cell, units under observation, whether he leaves."""

    treated: bool
    cell: object
    begin: int
    finish: int
    left: bool
    cluster: str = ""


def plain(
    subjects: Sequence[Subject], horizon: int, *, alike: bool = True, of_treated: bool = False
) -> tuple[float, float]:
    """Return the differences in expected units and in the share still there, one unit at a time.

    Weights are one over the share of the own arm in the cell, among those seen from time zero on;
    for the treated those of the others are the odds.
    """
    shares: dict[object, list[int]] = {}
    for s in subjects:
        if s.begin == 0:
            shares.setdefault(s.cell if alike else 0, [0, 0])[s.treated] += 1
    alive = []
    for arm in (True, False):
        own = [s for s in subjects if s.treated is arm]
        count = [shares.get(s.cell if alike else 0, [0, 0]) for s in own]
        weight = np.array([
            0.0 if 0 in c else (1.0 if of_treated and arm else (c[1] if of_treated else sum(c)))
            / (1 if of_treated and arm else c[arm])
            for c in count
        ])  # fmt: skip
        begin, finish = (np.array([getattr(s, n) for s in own]) for n in ("begin", "finish"))
        left, curve = np.array([s.left for s in own]), [1.0]
        for t in range(1, horizon + 1):
            at_risk = (begin < t) & (finish >= t)
            leaving = at_risk & left & (finish == t)
            curve.append(curve[-1] * (1 - weight[leaving].sum() / weight[at_risk].sum()))
        alive.append(np.array(curve))
    return float((alive[0] - alive[1])[:horizon].sum()), float(alive[0][-1] - alive[1][-1])


Read = tuple[World, Spells, Beside, list[Spell]]


def asked(read: Read, asks: QuestionToml) -> Made:
    return made_of(asks, estimand_of(asks), read[1], read[2])


def told(made: Made) -> dict[str, float | None]:
    return {s.name: s.months.value for s in made.steps}


def agrees(made: Made, subjects: list[Subject], horizon: int = 12, **how: Any) -> None:
    """Assert that a trial says what its subjects say one by one."""
    months, share = plain(subjects, horizon, **how)
    assert made.months.value == pytest.approx(months, abs=1e-12), made.months.reason
    assert made.share.value == pytest.approx(share, abs=1e-12)
    assert made.months.value == made.steps[-1].months.value
    assert abs(months) > 1e-3
