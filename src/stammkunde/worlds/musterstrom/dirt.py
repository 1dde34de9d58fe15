"""Rows that should not be there, as every export has some; the true rows stay as they are."""

from __future__ import annotations

import numpy as np
import pandas as pd

from stammkunde.worlds.streams import stream

ONE_IN = 1000
WRONGS = ("end before start", "no such day", "no number", "twice the same")


def with_dirt(rows: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return the rows with about one in a thousand added, each wrong in one of `WRONGS`."""
    chance = stream(seed, "dirt")
    count = max(len(WRONGS), round(len(rows) / ONE_IN))
    ended = np.flatnonzero(rows["Vertragsende"].to_numpy() != "")
    made = rows.iloc[chance.choice(ended, count, replace=False)].copy()
    wrong = np.arange(count) % len(WRONGS)
    swapped = made.loc[wrong == 0, ["Vertragsende", "Vertragsbeginn"]].to_numpy()
    made.loc[wrong == 0, ["Vertragsbeginn", "Vertragsende"]] = swapped
    made.loc[wrong == 1, "Vertragsbeginn"] = "31.02.2023"
    made.loc[wrong == 2, "Kundennummer"] = ""
    fresh = [f"V-9{n:05d}" for n in range(count)]
    made["Vertragsnummer"] = np.where(wrong < 3, fresh, made["Vertragsnummer"])
    place = np.sort(chance.integers(0, len(rows), count))
    keys = np.concatenate([np.arange(len(rows)), place + 0.5])
    order = np.argsort(keys, kind="stable")
    return pd.concat([rows, made]).iloc[order].reset_index(drop=True)
