"""Who signed up lately from outside: not as one who comes back soon after leaving.

Counted in whole units before the close: who began less than a unit before it was never at risk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from stammkunde.draws import BLOCKS
from stammkunde.spells.months import completed_expr
from stammkunde.spells.spells import CENSORED, MISSING, Spells, check_columns, column_of
from stammkunde.survival.persons.again import LAGS

LATELY = 12


@dataclass(frozen=True, kw_only=True)
class Sums:
    """Whole numbers by block [256]: how many there are, and what is added up over them."""

    number: np.ndarray
    total: np.ndarray


def arrivals(spells: Spells, *, by: str = "", lags: int = LAGS) -> dict[str, np.ndarray]:
    """Return sign-ups from outside by level [256, K], by whole units before the close, 1 .. K.

    A spell is none where the person left the one before it less than `lags` units before. Without
    a group the level is "". For dated spells.
    """
    rows = outside(spells, by, lags)
    frame = rows.group_by("level", "block", "ago").aggregate(n=rows.count()).execute()
    length = int(frame.ago.max()) if len(frame) else 0
    found: dict[str, np.ndarray] = {}
    for level, own in frame.groupby("level"):
        laid = np.zeros((BLOCKS, length), dtype=np.int64)
        np.add.at(laid, (own.block.to_numpy(), own.ago.to_numpy() - 1), own.n.to_numpy())
        found[str(level)] = laid
    return found


def signing_days(spells: Spells, first: int, last: int) -> int:
    """Return the days from the first to the last sign-up of `first` to `last` units ago."""
    rows = outside(spells)
    rows = rows.filter(rows.ago.between(first, last))
    frame = rows.aggregate(days=rows.start.max().delta(rows.start.min(), unit="day")).execute()
    return int(frame.days[0]) + 1


def outside(spells: Spells, by: str = "", lags: int = LAGS) -> ir.Table:
    """Return the spells begun from outside under observation, with `level` and `ago`.

    `ago` are the whole units from the first day to the close; of a snapshot the units so far of
    those who are there.
    """
    check_columns((by,) if by else (), tuple(spells.groups))
    s = with_age(spells).mutate(level=level_of(spells.relation, by))
    if spells.close is None:
        return s.filter(s.end == CENSORED)
    if spells.repeats:
        order = ibis.window(group_by="person", order_by="spell")
        left = s.end.lag().over(order) != CENSORED
        since, units = s.start.lag().over(order), s.exit.lag().over(order)
        lag = completed_expr(since, s.start, spells.unit) - units
        s = s.mutate(soon=(left & (lag < lags)).fill_null(False))
        s = s.filter(~s.soon)
    return s.filter((s.entry == 0) & (s.ago >= 1))


def with_age(spells: Spells) -> ir.Table:
    """Return the spells with `ago`: whole units since they began; of a snapshot those so far."""
    s = spells.relation
    if spells.close is None:
        return s.mutate(ago=s.exit)
    closing = ibis.literal(spells.close, type="date")
    return s.mutate(ago=completed_expr(s.start, closing, spells.unit))


def level_of(relation: ir.Table, by: str) -> ir.StringValue:
    """Return the level of a group as text, "" without a group."""
    if not by:
        return ibis.literal("")
    return relation[column_of(by)].cast("string").fill_null(MISSING)


def sums_by(
    relation: ir.Table, keys: Sequence[str], amount: ir.IntegerValue
) -> Mapping[tuple[str, ...], Sums]:
    """Return number and total of whole numbers by levels and block; missing ones are left out."""
    rows = relation.mutate(amount=amount)
    rows = rows.filter(rows.amount.notnull())
    grouped = rows.group_by([*keys, "block"])
    frame = grouped.aggregate(n=rows.count(), total=rows.amount.sum().cast("int64")).execute()
    return laid_sums(frame, keys)


def laid_sums(frame: pd.DataFrame, keys: Sequence[str]) -> dict[tuple[str, ...], Sums]:
    """Return the same of a frame with the columns `keys`, block, n and total."""
    found: dict[tuple[str, ...], Sums] = {}
    for level, own in frame.groupby(list(keys)) if len(keys) else [((), frame)]:
        number, total = np.zeros((2, BLOCKS), dtype=np.int64)
        np.add.at(number, own.block.to_numpy(), own.n.to_numpy())
        np.add.at(total, own.block.to_numpy(), own.total.to_numpy())
        found[tuple(map(str, level))] = Sums(number=number, total=total)
    return found
