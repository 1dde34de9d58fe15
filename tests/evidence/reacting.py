"""Small worlds of customers unit by unit, in memory and in the engine, for tests of offers."""

from __future__ import annotations

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from stammkunde.spells.read import spells_from
from stammkunde.spells.spells import Spells

OPEN, CLOSE = date(2020, 9, 1), date(2023, 1, 1)


def contracts(size: int = 150, seed: int = 1) -> pd.DataFrame:
    """Return contracts of persons with one to three of them, some begun before `OPEN`."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[object, ...]] = []
    for i in range(size):
        day = date(2020, 1, 1) + timedelta(days=int(rng.integers(0, 900)))
        for _ in range(int(rng.integers(1, 4))):
            last = day + timedelta(days=int(rng.integers(20, 500)))
            over = last < CLOSE and rng.random() < 0.8
            rows.append((f"p{i}", day, last if over else None, str(rng.choice(["a", "b"]))))
            day = last + timedelta(days=int(rng.integers(1, 100)))
            if not over or day >= CLOSE:
                break
    made = pd.DataFrame(rows, columns=["who", "begin", "end", "kind"])
    return made.astype({"begin": "datetime64[s]", "end": "datetime64[s]"})


def spells_of(frame: pd.DataFrame) -> Spells:
    return spells_from(
        frame, start="begin", end="end", person="who", open=OPEN, close=CLOSE, by="kind"
    )


def happenings(frame: pd.DataFrame, seed: int = 2) -> pd.DataFrame:
    """Return events on, before and after the first days of contracts and of their months."""
    rng = np.random.default_rng(seed)
    rows = []
    for who, day in zip(frame.who, frame.begin, strict=True):
        for _ in range(int(rng.integers(0, 6))):
            months = pd.DateOffset(months=int(rng.integers(0, 14)))
            when = day + months + timedelta(days=int(rng.choice([-3, -1, 0, 1, 12])))
            rows.append((who, when, str(rng.choice(["complaint", "call", "gift"]))))
    made = pd.DataFrame(rows, columns=["person", "day", "kind"])
    return made.astype({"day": "datetime64[s]"})


def in_engine(frame: pd.DataFrame) -> ir.Table:
    made = ibis.memtable(frame)
    return made.mutate(day=made.day.cast("date")) if "day" in frame else made


def paths(rng: np.random.Generator, size: int = 400, *, late: bool = False) -> pd.DataFrame:
    """Return spells unit by unit: a mood of three, an offer that answers it, leaving, two causes.

    Every fourth person has a second spell. With `late` some are first seen in a later unit.
    """
    rows = []
    for i in range(size):
        block = int(rng.integers(0, 256))
        for spell in range(1, 3 if i % 4 == 0 else 2):
            first = int(rng.integers(1, 5)) if late and rng.random() < 0.4 else 1
            mood, held = 0, 0
            for unit in range(1, int(rng.integers(2, 13))):
                mood = int(rng.integers(0, 3)) if rng.random() < 0.5 else mood
                held = int(rng.random() < (0.15, 0.4, 0.6)[mood])
                leaves = rng.random() < 0.02 + 0.06 * mood - 0.02 * held
                end = str(rng.choice(["price", "moved"])) if leaves else None
                rows.append((f"p{i}", spell, block, unit, end, mood, held, unit >= first))
                if leaves:
                    break
    names = ["person", "spell", "block", "unit", "end", "mood", "taken", "seen"]
    made = pd.DataFrame(rows, columns=names)
    return made.assign(always=1, never=0, answered=(made.mood == 2).astype(int), state=made.mood)
