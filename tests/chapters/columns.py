"""Clients with several columns, some of which go with leaving, for the sections on drivers."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np

from stammkunde.chapters.reasons.fitted import Drivers, Unfit
from stammkunde.chapters.reasons.read import read_drivers
from stammkunde.study import Study, read_spells
from tests.chapters.lives import study

TARIFF = '[groups.tariff]\ncolumn = "tariff"\ntitle = { de = "Tarif", en = "tariff" }\n'
REGION = '[covariates.region]\ncolumn = "region"\ntitle = { de = "Region", en = "region" }\n'
AGE = '[covariates.age]\ncolumn = "age"\nkind = "number"\ntitle = { de = "Alter", en = "age" }\n'
FILE = '[contracts]\nfile = "c.csv"\nperson = "who"\nstart = "begin"\nend = "last"\n'
REPORT = "horizons = [12, 24]\nmean_horizon = 24\n"
COUNT, MONTHS = 3000, 60
OPENED = date(2015, 1, 1).toordinal()
CLOSED = date(2025, 1, 1).toordinal()


def columns(count: int, seed: int = 1) -> dict[str, np.ndarray]:
    """Return tariff (basic or plus), region (north, south or missing) and age by chance."""
    rng = np.random.default_rng(seed)
    return {
        "tariff": rng.choice(["basic", "plus"], count, p=[0.6, 0.4]),
        "region": rng.choice(["north", "south", ""], count, p=[0.5, 0.4, 0.1]),
        "age": rng.integers(18, 80, count).astype(str),
    }


def lines(
    made: dict[str, np.ndarray],
    hazard: np.ndarray,
    *,
    seed: int = 2,
    per_person: int = 1,
    last_start: int = CLOSED,
) -> str:
    """Return contracts that leave with `hazard` [N, K] in each month, none after the K-th."""
    rng = np.random.default_rng(seed)
    count, months = hazard.shape
    begins = rng.integers(OPENED, last_start, count)
    gone = rng.random((count, months)) < hazard
    month = np.where(gone.any(axis=1), gone.argmax(axis=1) + 1, 10_000)
    rows = [",".join(["who", "begin", "last", *made])]
    for i in range(count):
        last = int(begins[i]) + int(month[i] * 30.5) - 3
        ended = date.fromordinal(last).isoformat() if last < CLOSED else ""
        begin = (date.min + timedelta(days=int(begins[i]) - 1)).isoformat()
        rows.append(",".join([f"K{i // per_person}", begin, ended, *(v[i] for v in made.values())]))
    return "\n".join(rows) + "\n"


def client(
    folder: Path, text: str, *, more: str = TARIFF + REGION + AGE, report: str = ""
) -> Study:
    """Return the study of these contracts."""
    found = study(folder, data=FILE, more=more, report=report)
    (folder / "data/raw/muster/c.csv").write_text(text, encoding="utf-8")
    return found


def read(found: Study) -> Drivers | Unfit:
    return read_drivers(found, read_spells(found))


def hazards(
    made: dict[str, np.ndarray],
    times: float = 1.0,
    course: np.ndarray | None = None,
    base: float = 0.03,
) -> np.ndarray:
    """Return hazards by which "plus" leaves `times` as fast, in month t by the factor course[t]."""
    plus = made["tariff"] == "plus"
    factor = np.full(MONTHS, times) if course is None else course
    return np.asarray(base * np.where(plus[:, None], factor, 1.0))
