"""Cells as a German IT writes them."""

from __future__ import annotations

import numpy as np
import pandas as pd


def day_text(days: pd.Series) -> np.ndarray:
    """Return days as 31.12.2025, nothing for none."""
    codes, known = pd.factorize(np.asarray(days, dtype="datetime64[ns]"))
    words = np.array([*(f"{d:%d.%m.%Y}" for d in pd.DatetimeIndex(known)), ""], dtype=object)
    return words[codes]


def money_text(euro: np.ndarray) -> np.ndarray:
    """Return amounts with two decimals and a decimal comma, nothing for NaN."""
    cents = np.asarray(euro, dtype=float)
    codes, known = pd.factorize(np.round(cents, 2))
    words = np.array([*(f"{x:.2f}".replace(".", ",") for x in known), ""], dtype=object)
    return words[codes]


def number_text(prefix: str, numbers: np.ndarray, digits: int = 6) -> np.ndarray:
    """Return numbers with a prefix, such as K-104233."""
    return np.array([f"{prefix}{n:0{digits}d}" for n in np.asarray(numbers).tolist()], dtype=object)
