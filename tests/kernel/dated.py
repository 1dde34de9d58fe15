"""Spells from contracts with dates, as a test writes them down."""

from __future__ import annotations

from datetime import date

import pandas as pd

from stammkunde.spells.read import spells_from
from stammkunde.spells.spells import Spells

CLOSE = date(2021, 1, 1)
Contract = tuple[str, date, date | None]


def made(
    contracts: list[Contract], opens: date | None = None, close: date = CLOSE, unit: str = "month"
) -> Spells:
    """Return the spells of contracts (person, first day, last day or None), group `kind`."""
    frame = pd.DataFrame(contracts, columns=["who", "from", "to"]).assign(kind="x")
    frame = frame.assign(to=pd.to_datetime(frame.to), **{"from": pd.to_datetime(frame["from"])})
    return spells_from(
        frame,
        person="who",
        start="from",
        end="to",
        open=opens,
        close=close,
        by="kind",
        unit=unit,
    )
