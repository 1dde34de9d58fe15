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


def expected_holds(spells: Spells, rows: pd.DataFrame) -> set[tuple[object, ...]]:
    """Return (row, spell, since, until) by reading every offer against every spell."""
    by_person = dict(tuple(spells.relation.order_by("start").execute().groupby("person")))
    found = set()
    for o in rows.itertuples():
        begin, last = o.start.date(), None if pd.isna(o.last) else o.last.date()
        own = [
            (s.spell, pd.Timestamp(s.start).date(), None if pd.isna(s.last) else s.last)
            for s in (by_person[o.person].itertuples() if o.person in by_person else ())
        ]
        own = [(n, a, None if b is None else pd.Timestamp(b).date()) for n, a, b in own]
        there = [s for s in own if s[1] <= begin and (s[2] is None or begin <= s[2])]
        if not there:
            later = [s for s in own if s[1] > begin and (last is None or s[1] <= last)][:1]
            there = [s for s in later if s[1] == min(a for _, a, _ in own if a > begin)]
        for number, start, _ in there:
            eve = begin - timedelta(days=1)
            since = 0 if begin <= start else completed(start, eve) + 1
            until = None if last is None else completed(start, last) + 1
            found.add((o.row, number, since, until))
    return found
