"""Value as it builds up over time, and the months in which one policy overtakes another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from stammkunde.errors import ParameterError, several
from stammkunde.policy.decide.checked import confidence, finite, in_order

ROUNDING = 1e-12


@dataclass(frozen=True, kw_only=True)
class Course:
    """Cumulative value of each policy by month: means and limits [P, T], in the order of names."""

    names: tuple[str, ...]
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    level: float


@dataclass(frozen=True, kw_only=True)
class Crossing:
    """The `month` (from 1) at whose end `after` has overtaken `before` in mean cumulative value.

    `ahead` is the share of draws in which it is ahead then, `at_end` in the last month; a tie
    counts half. `overtaken` is the share of draws in which it overtakes at all; `low` and `high`
    are limits of the month of the last time among these (None where there are none).
    """

    month: int
    before: str
    after: str
    ahead: float
    at_end: float
    overtaken: float
    low: float | None
    high: float | None


def course(value_by_month: ArrayLike, names: Sequence[str], *, level: float = 0.95) -> Course:
    """Return how the value of policies builds up, from draws [B, P, T] of each month's value.

    Values are present values of each single month; they are added up here. ParameterError for
    draws or names that do not fit.
    """
    built, known = _built(value_by_month, names)
    low, high = np.quantile(built, [(1 - confidence(level)) / 2, (1 + level) / 2], axis=0)
    return Course(names=known, mean=built.mean(axis=0), low=low, high=high, level=level)


def crossings(
    value_by_month: ArrayLike, names: Sequence[str], *, level: float = 0.95
) -> tuple[Crossing, ...]:
    """Return every month in which the order of two policies' mean cumulative values turns.

    `value_by_month` [B, P, T] as in `course`; by month, then by names. Months in which two are
    level turn nothing by themselves.
    """
    built, known = _built(value_by_month, names)
    tail = (1 - confidence(level)) / 2
    found = []
    for a, b in combinations(range(len(known)), 2):
        apart = built[:, b] - built[:, a]
        scale = np.abs(built[:, [a, b]]).mean(axis=(0, 1))
        for month, sign in _turning(apart.mean(axis=0), scale):
            pair = (known[a], known[b]) if sign > 0 else (known[b], known[a])
            found.append(_crossing(sign * apart, month, pair, tail))
    return tuple(sorted(found, key=lambda c: (c.month, c.before, c.after)))


def _crossing(apart: np.ndarray, month: int, pair: tuple[str, str], tail: float) -> Crossing:
    """Return a crossing from differences [B, T] of the policy that overtakes."""
    last = _last_rise(apart)
    overtaken = last > 0
    some = bool(overtaken.any())
    low, high = np.quantile(last[overtaken], [tail, 1 - tail]) if some else (0.0, 0.0)
    return Crossing(
        month=month,
        before=pair[0],
        after=pair[1],
        ahead=_ahead(apart[:, month - 1]),
        at_end=_ahead(apart[:, -1]),
        overtaken=float(overtaken.mean()),
        low=float(low) if some else None,
        high=float(high) if some else None,
    )


def _turning(apart: np.ndarray, scale: np.ndarray) -> list[tuple[int, int]]:
    """Return months [from 1] in which a course [T] changes its sign, and its sign from then on."""
    signs = np.where(np.abs(apart) > ROUNDING * scale, np.sign(apart), 0.0).astype(int)
    settled = np.flatnonzero(signs)
    turned = np.flatnonzero(np.diff(signs[settled])) + 1
    return [(int(settled[i]) + 1, int(signs[settled[i]])) for i in turned]


def _last_rise(apart: np.ndarray) -> np.ndarray:
    """Return the month [B] in which differences [B, T] last turn from below 0 to above it, else 0.

    A month that is level counts as the one before it.
    """
    months = np.arange(apart.shape[1])
    settled = np.maximum.accumulate(np.where(apart != 0, months, 0), axis=1)
    signs = np.sign(np.take_along_axis(apart, settled, axis=1))
    rises = (signs[:, 1:] > 0) & (signs[:, :-1] < 0)
    return np.asarray((rises * (months[1:] + 1)).max(axis=1, initial=0))


def _ahead(apart: np.ndarray) -> float:
    return float(((apart > 0) + 0.5 * (apart == 0)).mean())


def _built(value_by_month: ArrayLike, names: Sequence[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return cumulative values [B, P, T] and names, policies in the order of their names."""
    given, known = finite(value_by_month, "values"), several(names, "names of policies")
    if given.ndim != 3 or given.shape[1] != len(known) or not given.size:
        raise ParameterError(
            f"values of the shape {given.shape} for {len(known)} policies",
            remedy="Give draws, policies and months, one of each at least.",
        )
    order = in_order(known)
    built = np.cumsum(np.ascontiguousarray(given[:, order]), axis=2)
    return built, tuple(known[i] for i in order)
