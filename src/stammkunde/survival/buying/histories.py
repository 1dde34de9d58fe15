"""Purchase histories, counted: all that a model of buying without a contract needs of a person.

A history is x repeat purchases, the last of them t_x days after the first purchase, seen for T days
after it. Purchases of one day are one purchase: what is bought in two orders on one day was one
decision to buy, and the model's chances are between days. T ends with the last observed day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pandas as pd

from stammkunde.draws import BLOCKS
from stammkunde.errors import DataError, ParameterError, nearest
from stammkunde.result import table_html

DAYS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "quarter": 365.25 / 4, "year": 365.25}
COLUMNS = ("x", "t_x", "length", "block", "spent", "later")
# what an amount is where one of a person's repeat purchases has none
NO_AMOUNT = -1


@dataclass(frozen=True, kw_only=True)
class Histories:
    """How many persons have each history, arrays [N] of whole numbers.

    `x` repeat purchases, `t_x` and `length` (T) in days after the first purchase, `block` 0 to 255,
    `count` persons. `spent` is what the repeat purchases cost together, in cents (-1 where an
    amount is missing; None where amounts are not known), `later` how many purchases followed in the
    `holdout` days after T (None without a hold-out). Rates are told per `unit` of `days` days.
    """

    x: np.ndarray
    t_x: np.ndarray
    length: np.ndarray
    block: np.ndarray
    count: np.ndarray
    unit: str = "week"
    days: float = 7.0
    spent: np.ndarray | None = None
    later: np.ndarray | None = None
    holdout: int = 0

    @property
    def persons(self) -> int:
        """Return how many persons are counted."""
        return int(self.count.sum())

    @property
    def repeaters(self) -> int:
        """Return how many of them bought again."""
        return int(self.count[self.x > 0].sum())

    @property
    def repeats(self) -> int:
        """Return how many repeat purchases they made."""
        return int(self.count @ self.x)

    def where(self, rows: np.ndarray) -> Histories:
        """Return the histories of some rows [N], by flag or position."""
        arrays = {n: getattr(self, n) for n in (*COLUMNS, "count")}
        kept: dict[str, Any] = {n: None if a is None else a[rows] for n, a in arrays.items()}
        return replace(self, **kept)

    def in_units(self, unit: str) -> Histories:
        """Return the same histories with rates per "day", "week", "month", "quarter" or "year"."""
        return replace(self, unit=unit, days=days_of(unit))

    def to_frame(self) -> pd.DataFrame:
        """Return one row per history."""
        arrays = {n: getattr(self, n) for n in (*COLUMNS, "count")}
        return pd.DataFrame({n: a for n, a in arrays.items() if a is not None})

    def __add__(self, other: Histories) -> Histories:
        return together(self, other)

    def _repr_html_(self) -> str:
        rows = {"persons": self.persons, "bought again": self.repeaters}
        return table_html(rows | {"repeat purchases": self.repeats}, "Purchase histories")


def histories_from(
    x: np.ndarray,
    t_x: np.ndarray,
    length: np.ndarray,
    *,
    count: np.ndarray | None = None,
    block: np.ndarray | None = None,
    spent: np.ndarray | None = None,
    later: np.ndarray | None = None,
    unit: str = "week",
    days: float | None = None,
    holdout: int = 0,
) -> Histories:
    """Return histories of arrays of whole numbers, one element per person or, with `count`, more.

    Without `block` the persons are in no block. `days` is how many of the numbers in `t_x` and
    `length` make a unit, where they are not days. DataError for what is no history.
    """
    size = len(x)
    none = np.zeros(size, dtype=np.int64)
    columns = {
        "x": x,
        "t_x": t_x,
        "length": length,
        "block": none if block is None else block,
        "spent": spent,
        "later": later,
        "count": none + 1 if count is None else count,
    }
    arrays = {n: np.asarray(a) for n, a in columns.items() if a is not None}
    _check(arrays, size)
    whole = {n: a.astype(np.int64) for n, a in arrays.items()}
    per = days_of(unit) if days is None else float(days)
    return _distinct(Histories(**whole, unit=unit, days=per, holdout=holdout))


def together(a: Histories, b: Histories) -> Histories:
    """Return the histories of two groups of persons together.

    Amounts and hold-outs stay where both have them. ParameterError for different units or
    hold-outs.
    """
    if (a.unit, a.days, a.holdout) != (b.unit, b.days, b.holdout):
        raise ParameterError(
            "histories in different units or with different hold-outs cannot be added",
            remedy="Count both with the same `unit` and the same days.",
        )
    kept: dict[str, Any] = {}
    for name in (*COLUMNS, "count"):
        one, other = getattr(a, name), getattr(b, name)
        both = one is not None and other is not None
        kept[name] = np.concatenate([one, other]) if both else None
    return _distinct(replace(a, **kept))


def distinct(*columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where each different row of whole numbers [N] first is, in order, and each row's."""
    key, rest = np.zeros(len(columns[0]), dtype=np.int64), 2**62
    for column in columns:
        low = int(column.min(initial=0))
        width = int(column.max(initial=0)) - low + 1
        if width > rest:
            # too wide to be one number: number what there is so far
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
            rest = 2**62 // max(1, int(key.max(initial=0)) + 1)
        key, rest = key * width + (column - low), rest // width
    _, first, place = np.unique(key, return_index=True, return_inverse=True)
    return first, place


def _distinct(h: Histories) -> Histories:
    """Return the same histories, each once."""
    names = [f.name for f in fields(h) if f.name in COLUMNS and getattr(h, f.name) is not None]
    first, place = distinct(*(getattr(h, n) for n in names))
    count = np.bincount(place, weights=h.count, minlength=len(first)).astype(np.int64)
    kept: dict[str, Any] = {n: getattr(h, n)[first] for n in names}
    return replace(h, **kept, count=count)


def _check(arrays: Mapping[str, np.ndarray], size: int) -> None:
    """Raise DataError for columns of different lengths, broken numbers or impossible histories."""
    for name, a in arrays.items():
        if a.shape != (size,) or a.dtype.kind not in "biu":
            remedy = "Give integers, one per person, none of them missing."
            raise DataError(f"`{name}` does not hold whole numbers", where=name, remedy=remedy)
    x, t_x, length = arrays["x"], arrays["t_x"], arrays["length"]
    wrong = (x < 0) | (t_x < 0) | (t_x > length) | ((x == 0) != (t_x == 0))
    wrong |= (arrays["block"] < 0) | (arrays["block"] >= BLOCKS) | (arrays["count"] < 0)
    if wrong.any():
        raise DataError(
            "these are not purchase histories: 0 <= t_x <= T, and t_x is 0 where x is",
            rows=int(wrong.sum()),
            remedy="Count t_x and T from the day of the first purchase.",
        )


def days_of(unit: str) -> float:
    """Return the mean days of a unit; ParameterError for one that is none."""
    if unit not in DAYS:
        raise ParameterError(f"no unit `{unit}`", remedy=nearest(unit, DAYS))
    return DAYS[unit]
