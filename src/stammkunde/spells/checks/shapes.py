"""What a cell looks like without what it says."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

LONGEST, MOST = 40, 5


def shape(cell: object) -> str:
    """Return a cell as text with every letter as "a" or "A" and every digit as "9"."""
    text = str(cell)
    masked = "".join(map(_mask, text[:LONGEST]))
    return masked + ("…" if len(text) > LONGEST else "")


def shapes(cells: Iterable[object]) -> tuple[str, ...]:
    """Return the first few different shapes of cells; empty ones have none."""
    seen = dict.fromkeys(shape(c) for c in cells if not _nothing(c))
    return tuple(seen)[:MOST]


def _mask(letter: str) -> str:
    if letter.isalpha():
        return "A" if letter.isupper() else "a"
    return "9" if letter.isnumeric() else letter


def _nothing(cell: object) -> bool:
    return bool(pd.isna(cell)) if pd.api.types.is_scalar(cell) else False
