"""Contracts of persons with several, seen from a day on, and what they were offered."""

from __future__ import annotations

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from stammkunde.spells.months import completed
from stammkunde.spells.read import spells_from
from stammkunde.spells.spells import Spells

OPEN, CLOSE = date(2021, 1, 1), date(2023, 1, 1)
FIRST = date(2019, 6, 1)


def contracts(size: int = 60, seed: int = 1) -> pd.DataFrame:
    """Return contracts of persons with one to three of them, some ended, some before `OPEN`."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(size):
        day = FIRST + timedelta(days=int(rng.integers(0, 1200)))
        for _ in range(int(rng.integers(1, 4))):
            last = day + timedelta(days=int(rng.integers(20, 500)))
            over = last < CLOSE and rng.random() < 0.8
            rows.append((f"p{i}", day, last if over else None, rng.choice(["a", "b"])))
            day = last + timedelta(days=int(rng.integers(1, 200)))
            if not over or day >= CLOSE:
                break
    return pd.DataFrame(rows, columns=["who", "begin", "end", "kind"])


def made(frame: pd.DataFrame, unit: str = "month") -> Spells:
    return spells_from(
        frame, start="begin", end="end", person="who", open=OPEN, close=CLOSE, by="kind", unit=unit
    )


def offers(frame: pd.DataFrame, seed: int = 2) -> pd.DataFrame:
    """Return offers begun before, on and after the first day of contracts, some open."""
    rng = np.random.default_rng(seed)
    rows = []
    for who, day in zip(frame.who, frame.begin, strict=True):
        begin = day + timedelta(days=int(rng.choice([-9, 0, 1, 40, 95, 300])))
        last = begin + timedelta(days=int(rng.integers(0, 400))) if rng.random() < 0.7 else None
        rows.append((who, begin, last, len(rows)))
    made = pd.DataFrame(rows, columns=["person", "start", "last", "row"])
    return made.astype({"start": "datetime64[s]", "last": "datetime64[s]"})


def table(frame: pd.DataFrame, *days: str) -> ir.Table:
    made = ibis.memtable(frame)
    return made.mutate(**{d: made[d].cast("date") for d in days})


def expected_holds(
    spells: Spells, rows: pd.DataFrame, frame: pd.DataFrame
) -> set[tuple[object, ...]]:
    """Return (row, spell, since, until) by reading every offer against every contract delivered.

    A contract that was never at risk has no spell, and what counts for it counts for nobody.
    """
    spell_of = {
        (s.person, pd.Timestamp(s.start).date()): s.spell
        for s in spells.relation.execute().itertuples()
    }
    by_person: dict[str, list[tuple[date, date | None]]] = {}
    for c in frame.itertuples():
        last = None if pd.isna(c.end) else pd.Timestamp(c.end).date()
        by_person.setdefault(c.who, []).append((pd.Timestamp(c.begin).date(), last))
    found = set()
    for o in rows.itertuples():
        begin, last = o.start.date(), None if pd.isna(o.last) else o.last.date()
        own = sorted(by_person.get(o.person, []), key=lambda c: c[0])
        there = [a for a, b in own if a <= begin and (b is None or begin <= b)]
        if not there:
            there = [a for a, _ in own if a > begin][:1]
            there = [a for a in there if last is None or a <= last]
        for start in there:
            eve = begin - timedelta(days=1)
            since = 0 if begin <= start else completed(start, eve) + 1
            until = None if last is None else completed(start, last) + 1
            if (o.person, start) in spell_of:
                found.add((o.row, spell_of[o.person, start], since, until))
    return found
