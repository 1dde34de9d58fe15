"""Customers under a known calendar, their spells, and price lists, for the calendar's section."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stammkunde import chapters as tell
from stammkunde.chapters.exhibit import Section
from stammkunde.result import Estimate
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.delivery.engine import connect, keep
from stammkunde.spells.read import spells_from
from stammkunde.spells.spells import SideTable, Spells, Tally
from tests.chapters.lives import study

FIRST = 12 * 2015


def day(month: int, in_month: int = 1) -> date:
    """Return a day of a month (12 year + month - 1)."""
    return date(month // 12, month % 12 + 1, in_month)


def customers(
    *,
    months: int = 36,
    each: int = 60,
    hazard: float = 0.02,
    times: Mapping[int, float] | None = None,
    free_from: int = 0,
    contracts: int = 1,
) -> pd.DataFrame:
    """Return customers of `months` cohorts from 2015 on, leaving at `hazard` in each month.

    `times` multiplies it in months counted from 2015. Cohorts before `free_from` leave not at all
    in their first 24 months. A person has so many `contracts`.
    """
    random = np.random.default_rng(1)
    start = np.repeat(np.arange(months), each)
    gone = np.full(len(start), -1)
    for now in range(months):
        level = hazard * (times or {}).get(now, 1)
        bound = (start < free_from) & (now - start < 24)
        leaves = (start <= now) & (gone < 0) & ~bound & (random.random(len(start)) < level)
        gone[leaves] = now
    return pd.DataFrame(
        {
            "who": [f"K{i // contracts}" for i in range(len(start))],
            "begin": [day(FIRST + s) for s in start],
            "last": [day(FIRST + g, 20) if g >= 0 else None for g in gone],
        }
    )


def spells_of(frame: pd.DataFrame, close: date = date(2018, 1, 1)) -> Spells:
    """Return the spells of customers observed from 2015 to the day before `close`."""
    names = {"start": "begin", "end": "last", "person": "who"}
    return spells_from(frame, **names, close=close, open=date(2015, 1, 1))


def priced(*rows: tuple[str, date, date | None, int]) -> Beside:
    """Return the tables beside, with a price list of (plan, first day, last day, cents)."""
    frame = pd.DataFrame(rows, columns=["plan", "start", "last", "price"])
    relation = keep(connect(), frame).cast({"start": "date", "last": "date", "price": "int64"})
    return Beside(prices=SideTable(relation, Tally(len(frame), len(frame), 0, 0), (), frame[:0]))


def risen(*days: date) -> Beside:
    """Return a price list that rises by a tenth on each of the days."""
    firsts = [date(2010, 1, 1), *days]
    lasts = [*(date.fromordinal(d.toordinal() - 1) for d in days), None]
    return priced(
        *(
            ("A", a, b, round(1000 * 1.1**i))
            for i, (a, b) in enumerate(zip(firsts, lasts, strict=True))
        )
    )


def told(folder: Path, frame: pd.DataFrame, beside: Beside | None = None, **asked: Any) -> Section:
    """Return the section of customers, with a price list beside if there is one."""
    return tell.calendar(study(folder, **asked), spells_of(frame), beside or Beside())


def results(section: Section) -> dict[tuple[str, ...], Estimate]:
    """Return the results by id and levels of their group."""
    return {(r.id, *r.group.values()): r.estimate for r in section.results}


def ids(section: Section) -> list[str]:
    """Return the ids of the findings without what they share."""
    return [f.id.removeprefix("lifetimes.calendar.") for f in section.findings]
