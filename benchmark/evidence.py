"""Trials of a million customers, counted in the engine and compared with all leave-outs."""

from __future__ import annotations

import time
from datetime import date

import ibis
import numpy as np
import pandas as pd

from benchmark.steps import peak_bytes
from stammkunde.evidence import compare
from stammkunde.evidence.reacting import event_trial, exposures
from stammkunde.evidence.starting import ByColumn, start_trial
from stammkunde.spells.read import spells_from
from stammkunde.spells.spells import Spells

AIMS = {"an offer at the start": 30.0, "an event in any month, coded histories": 120.0}
MEMORY, HORIZON, MONTHS = 4.0, 36, 24
OPEN, CLOSE = date(2020, 1, 1), date(2025, 1, 1)
LEVELS = {"age": 3, "channel": 2, "region": 5, "usage": 3, "payment": 4}


def run(customers: int, rounds: int) -> bool:
    """Print the seconds of both questions; return whether every aim is met."""
    rng = np.random.default_rng(customers)
    spells, events = _made(rng, customers)
    print(f"{customers:,} customers, {' x '.join(map(str, LEVELS.values()))} cells, 256 leave-outs")
    asked = {"an offer at the start": _offer, "an event in any month, coded histories": _event}
    met = []
    for title, question in asked.items():
        took = []
        for _ in range(rounds):
            start = time.perf_counter()
            told = question(spells, events)
            took.append(time.perf_counter() - start)
        met.append(min(took) < AIMS[title])
        said = "met" if met[-1] else "MISSED"
        print(f"  {title:<40} {min(took):6.1f} s; aim {AIMS[title]:g}: {said} ({told})", flush=True)
    peak = peak_bytes() / 1e9
    met.append(peak < MEMORY)
    print(f"  most memory {peak:.2f} GB; aim {MEMORY:g}: {'met' if met[-1] else 'MISSED'}")
    return all(met)


def _offer(spells: Spells, events: ibis.Table) -> str:
    """Return in words what the offer does."""
    arms = ByColumn(column="offer", arms={"offered": ("yes",), "not offered": ("no",)})
    trial = start_trial(spells, arms, [*LEVELS], reach=HORIZON)
    months = compare(trial, "offered", "not offered", HORIZON).months
    return f"{months.value:+.3f} months, error {months.se:.3f}"


def _event(spells: Spells, events: ibis.Table) -> str:
    """Return in words what an event of any month does to the next six."""
    entered = exposures(spells, events, "complaint", reach=6, by=["usage"], last=MONTHS)
    months = compare(event_trial(entered), *entered.arms, 6).months
    return f"{months.value:+.3f} months, error {months.se:.3f}"


def _made(rng: np.random.Generator, customers: int) -> tuple[Spells, ibis.Table]:
    """Return customers of five columns and an offer that keeps a tenth of them, and complaints."""
    levels = {n: rng.integers(0, k, customers) for n, k in LEVELS.items()}
    offered = rng.random(customers) < 0.3 + 0.1 * levels["usage"]
    hazard = 0.03 * (1 - 0.1 * offered) * (1.3 - 0.15 * levels["usage"])
    stay = (rng.geometric(hazard) * 30.4 - 15).astype(int)
    begin = np.datetime64(OPEN) + rng.integers(0, (CLOSE - OPEN).days, customers)
    end = begin + stay
    frame = pd.DataFrame({n: a.astype(str) for n, a in levels.items()})
    frame["offer"] = np.where(offered, "yes", "no")
    frame["who"] = np.char.add("c", np.arange(customers).astype(str))
    frame["begin"] = begin.astype("datetime64[s]")
    gone = end < np.datetime64(CLOSE)
    frame["end"] = np.where(gone, end, np.datetime64("NaT")).astype("datetime64[s]")
    spells = spells_from(
        frame, start="begin", end="end", person="who", open=OPEN, close=CLOSE,
        by=["offer", *LEVELS],
    )  # fmt: skip
    some = rng.integers(0, customers, 2 * customers)
    day = begin[some] + rng.integers(0, 720, 2 * customers)
    told = pd.DataFrame({"person": frame.who.to_numpy()[some], "day": day.astype("datetime64[s]")})
    made = ibis.memtable(told.assign(kind="complaint"))
    return spells, made.mutate(day=made.day.cast("date"))
