"""Life tables of customers who leave for several causes, made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from stammkunde.result import Estimate
from stammkunde.survival.arrays import life_table_from
from stammkunde.survival.curve import Curve
from stammkunde.survival.table import LifeTable

CAUSES = ("price", "moved")
# exits, causes and entries of six customers
SIX = ([1, 2, 2, 3, 2, 4], [1, 1, 0, 2, 2, 0], [0, 0, 0, 1, 1, 0])


def table(
    exit_: Sequence[int], cause: Sequence[int], entry: Sequence[int] | None = None, **more: Any
) -> LifeTable:
    late = None if entry is None else np.array(entry)
    names = more.pop("causes", CAUSES)
    return life_table_from(np.array(exit_), np.array(cause), causes=names, entry=late, **more)


def expected(price: float, moved: float, units: int) -> LifeTable:
    """Return what becomes of a million million customers who leave exactly as expected."""
    n = np.rint(1e12 * (1 - price - moved) ** np.arange(units)).astype(np.int64)
    leave = np.rint(np.stack([n * price, n * moved])).astype(np.int64)
    zeros = np.zeros((1, 256, units), dtype=np.int64)
    at_risk, moves = zeros.copy(), np.zeros((1, 2, 256, units), dtype=np.int64)
    at_risk[0, 0], moves[0, :, 0] = n, leave
    small = table([units] * 3, [0, 1, 2])
    return replace(small, at_risk=at_risk, moves=moves, entered=zeros, censored=zeros)


def same(a: Curve, b: Curve) -> bool:
    """Return whether two curves are equal to the last digit."""
    return all(np.array_equal(getattr(a, n), getattr(b, n)) for n in ("value", "low", "high", "se"))


def holds(found: Estimate) -> bool:
    """Return whether an interval holds its value."""
    value, low, high = found.value, found.low, found.high
    return value is not None and low is not None and high is not None and low <= value <= high


@st.composite
def customers(draw: st.DrawFn) -> tuple[list[int], list[int], list[int]]:
    """Draw exits, causes and entries; one is seen throughout, so that no unit is empty."""
    rows = draw(
        st.lists(
            st.tuples(st.integers(0, 3), st.integers(1, 6), st.integers(0, 3)),
            min_size=1,
            max_size=25,
        )
    )
    entry, length, cause = ([row[i] for row in rows] for i in range(3))
    exit_ = [a + b for a, b in zip(entry, length, strict=True)]
    return [*exit_, 10, 1, 2, 3], [*cause, 0, 1, 2, 3], [*entry, 0, 0, 0, 0]
