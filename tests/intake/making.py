"""Made-up exports as an IT department would deliver them, and a workspace to take them in."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd

from stammkunde.intake.founding import Founded, found
from stammkunde.report.driver.scaffold import create
from stammkunde.spells.months import moved
from stammkunde.workspace import Workspace

TODAY = date(2026, 6, 30)
LAST = date(2025, 12, 31)
GERMAN = (
    *("Vertragsnummer", "Kd-Nr", "Nachname", "Vertragsbeginn", "Vertragsende"),
    *("Kündigungsgrund", "Tarif", "Verbrauch", "Vertragsstatus"),
)
ENGLISH = (
    *("contract_id", "customer_id", "last_name", "start_date", "end_date"),
    *("churn_reason", "plan", "usage", "state_today"),
)
REASONS = ("Umzug", "Preis", "Wettbewerber", "verstorben", None)


def workspace_at(folder: Path) -> Workspace:
    """Return a new workspace, as `stammkunde init` makes it."""
    return create(folder / "büro")


def contracts(count: int = 600, names: Sequence[str] = GERMAN) -> pd.DataFrame:
    """Return dated contracts of six years, typed, ends on any day of the month."""
    rng = random.Random(7)
    rows = []
    for i in range(count):
        start = date(2020, 1, 1) + timedelta(days=int(2190 * i / count))
        last = start + timedelta(days=int(rng.expovariate(1 / 700)))
        gone = last <= LAST
        reason = rng.choice(REASONS) if gone else None
        usage = round(rng.uniform(900, 9000), 1)
        who = (f"V{i:06d}", 100_000 + i, f"Testperson{i}")
        what = (rng.choice(["Basis", "Öko", "Komfort"]), usage, "beendet" if gone else "aktiv")
        rows.append((*who, start, last if gone else None, reason, *what))
    return pd.DataFrame(rows, columns=list(names))


def offered() -> pd.DataFrame:
    """Return offers to the first 200 customers of `contracts`, taken in unit 15 or declined."""
    starts = contracts().Vertragsbeginn[:200]
    return pd.DataFrame(
        {
            "Kd-Nr": [100_000 + i for i in range(200)],
            "Angebot": ["Treuerabatt", "Neukundenrabatt"] * 100,
            "von": [moved(day, 14) for day in starts],
            "bis": [moved(day, 26) for day in starts],
            "Arm": ["angenommen", "abgelehnt"] * 100,
        }
    )


def german(frame: pd.DataFrame) -> bytes:
    """Return a table as German Excel saves it: semicolon, 31.12.2025, 1.234,5, Windows-1252."""
    lines = [";".join(map(str, frame.columns))]
    for row in frame.itertuples(index=False):
        lines.append(";".join(_german(cell) for cell in row))
    return ("\r\n".join([*lines, ""])).encode("cp1252")


def _german(cell: Any) -> str:
    if cell is None or cell is pd.NaT or cell != cell:
        return ""
    if isinstance(cell, date):
        return f"{cell:%d.%m.%Y}"
    if isinstance(cell, float):
        return f"{cell:,.1f}".replace(",", "x").replace(".", ",").replace("x", ".")
    return str(cell)


def workbook(path: Path, **sheets: pd.DataFrame) -> Path:
    """Return the path of a new workbook with these sheets, days as days."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, frame in sheets.items():
        sheet = book.create_sheet(name)
        sheet.append(list(frame.columns))
        for row in frame.itertuples(index=False):
            sheet.append([None if cell != cell else cell for cell in row])
    book.save(path)
    return path


def take_in(workspace: Workspace, client: str, *files: Path, **more: Any) -> Founded:
    """Return the client made from the files, as if today were `TODAY`."""
    return found(workspace, client, files, today=TODAY, **more)
