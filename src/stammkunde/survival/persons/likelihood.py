"""The likelihood of two spells of one person in grouped time, with gamma frailty.

A person leaves with the rate Z l(t) in the first spell and Z r l(t) in the second, t being the
tenure in the spell; Z is gamma with mean 1 and variance h. With Lambda the integral of l, which is
constant within pieces, and L(s) = E exp(-Z s) = (1 + h s)^(-1/h),

    P(leave first in unit a, second in unit b)
        = L(A- + r B-) - L(A + r B-) - L(A- + r B) + L(A + r B),

A- and A being Lambda before and after unit a, and B-, B those of unit b; a spell not left has one
term. Entry at tenure e divides by L(Lambda(e)). A spell has the l of the terms under which it
began. Nothing is approximated: units are as long as they are. Source: Prentice and Gloeckler (1978)
for grouped hazards, Hougaard (2000), chapter 7, for the shared gamma frailty.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stammkunde.draws import BLOCKS
from stammkunde.survival.persons.baseline import rows_of
from stammkunde.survival.persons.patterns import Patterns

TINY = 1e-300
SMALL = 1e-3


@dataclass(frozen=True)
class Corners:
    """The terms of all courses, in their order: course, rows of `exposure` for a and b, sign.

    `entry`, `count` and `block` belong to the courses, `begins` is the first term of each.
    """

    course: np.ndarray
    a: np.ndarray
    b: np.ndarray
    sign: np.ndarray
    begins: np.ndarray
    entry: np.ndarray
    count: np.ndarray
    block: np.ndarray
    exposure: np.ndarray


def corners(patterns: Patterns, exposure: np.ndarray) -> Corners:
    """Return the signed terms of the likelihood, up to four for a course.

    `exposure` has the rows of `baseline`: tenures 0 .. K for each of the terms of contracts.
    """
    rows = np.arange(len(patterns.count))
    begin, again = rows_of(patterns)
    parts = []
    for early_a in (0, 1):
        for early_b in (0, 1):
            takes = (patterns.left >= early_a) & (patterns.left_again >= early_b)
            # a spell that was left has its term before the unit with +, after it with -
            minus = (patterns.left - early_a) + (patterns.left_again - early_b)
            a = begin + patterns.first - early_a
            b = again + patterns.second - early_b
            parts.append([x[takes] for x in (rows, a, b, 1 - 2 * (minus % 2))])
    columns = [np.concatenate(x) for x in zip(*parts, strict=True)]
    order = np.argsort(columns[0], kind="stable")
    course, a, b, sign = (x[order] for x in columns)
    begins = np.searchsorted(course, rows)
    counts = patterns.count.astype(float)
    entry = begin + patterns.entry
    return Corners(course, a, b, sign, begins, entry, counts, patterns.block, exposure)


def transform(s: np.ndarray, variance: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return log L(s) and its first and second derivative by the variance.

    That by s is -1 / (1 + variance s).
    """
    x = variance * s
    near = x < SMALL
    y = np.where(near, 1.0, x)
    # f(x) = log(1 + x) / x and its derivatives; their series where x is small
    f = np.log1p(y) / y
    slope = (1 / (1 + y) - f) / y
    bend = (-1 / (1 + y) ** 2 - 2 * slope) / y
    f = np.where(near, 1 - x / 2 + x**2 / 3 - x**3 / 4, f)
    slope = np.where(near, -1 / 2 + 2 * x / 3 - 3 * x**2 / 4 + 4 * x**3 / 5, slope)
    bend = np.where(near, 2 / 3 - 3 * x / 2 + 12 * x**2 / 5 - 10 * x**3 / 3, bend)
    return -s * f, -(s**2) * slope, -(s**3) * bend


def log_likelihood(at: np.ndarray, terms: Corners) -> float:
    """Return the log-likelihood at (log rates [J], log r, variance)."""
    return _at(at, terms).value


def scores(at: np.ndarray, terms: Corners, direction: np.ndarray) -> np.ndarray:
    """Return the derivative of each block's log-likelihood [256] along `direction` [J + 2]."""
    here = _at(at, terms)
    ratio = np.exp(at[-2])
    moved = terms.exposure @ (np.exp(at[:-2]) * direction[:-2])
    by_s = moved[terms.a] + ratio * moved[terms.b] + here.later * direction[-2]
    corner = here.slope * by_s + here.weight * here.logs[1] * direction[-1]
    start = moved[terms.entry] / here.start_growth - here.start_logs[1] * direction[-1]
    each = np.add.reduceat(corner, terms.begins) + terms.count * start
    return np.bincount(terms.block, weights=each, minlength=BLOCKS)


def information(at: np.ndarray, terms: Corners) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the gradient [J + 2], minus the second derivative and the sum of squared scores.

    The latter two are [J + 2, J + 2] and the same in expectation; the sum is never indefinite.
    """
    here = _at(at, terms)
    variance, ratio, size = at[-1], np.exp(at[-2]), len(at)
    moved = terms.exposure * np.exp(at[:-2])
    again = ratio * moved[terms.b]
    total = moved[terms.a] + again
    v = np.column_stack([total, here.later])
    by_s, growth, q = here.slope, here.growth, here.logs[1]
    curved = np.zeros((size, size))
    curved[:-1, :-1] = v.T @ ((here.weight * (1 + variance) / growth**2)[:, None] * v)
    curved[range(size - 2), range(size - 2)] += by_s @ total
    curved[:-2, -2] += by_s @ again
    curved[-2, :-2] += by_s @ again
    curved[-2, -2] += by_s @ here.later
    curved[:-1, -1] = v.T @ (here.weight * (here.s / growth - q) / growth)
    curved[-1, -1] = here.weight @ (q**2 + here.logs[2])
    parts = np.column_stack([by_s[:, None] * v, here.weight * q])
    each = np.add.reduceat(parts, terms.begins, axis=0)
    curved -= _conditioned(curved, moved[terms.entry], here, terms.count, variance)
    curved[-1, :-1] = curved[:-1, -1]
    curved -= each.T @ (each / terms.count[:, None])
    each[:, :-2] += (terms.count / here.start_growth)[:, None] * moved[terms.entry]
    each[:, -1] -= terms.count * here.start_logs[1]
    return each.sum(axis=0), -curved, each.T @ (each / terms.count[:, None])


def _conditioned(
    like: np.ndarray, moved: np.ndarray, here: _Here, count: np.ndarray, variance: float
) -> np.ndarray:
    """Return the second derivative of the sum of log L(Lambda(entry)), upper triangle in the end.

    It has the shape of `like`; log r has no part in it.
    """
    growth = here.start_growth
    found = np.zeros_like(like)
    found[:-2, :-2] = moved.T @ ((count * variance / growth**2)[:, None] * moved)
    found[range(len(like) - 2), range(len(like) - 2)] -= (count / growth) @ moved
    found[:-2, -1] = moved.T @ (count * here.start / growth**2)
    found[-1, -1] = count @ here.start_logs[2]
    return found


@dataclass(frozen=True)
class _Here:
    """All that is known of the terms at one point; `later` is r Lambda(b), `growth` 1 + h s."""

    value: float
    s: np.ndarray
    later: np.ndarray
    growth: np.ndarray
    logs: tuple[np.ndarray, np.ndarray, np.ndarray]
    weight: np.ndarray
    slope: np.ndarray
    start: np.ndarray
    start_growth: np.ndarray
    start_logs: tuple[np.ndarray, np.ndarray, np.ndarray]


def _at(at: np.ndarray, terms: Corners) -> _Here:
    ratio, variance = float(np.exp(at[-2])), float(at[-1])
    cumulated = terms.exposure @ np.exp(at[:-2])
    later = ratio * cumulated[terms.b]
    s = cumulated[terms.a] + later
    logs = transform(s, variance)
    signed = terms.sign * np.exp(logs[0])
    known = np.maximum(np.add.reduceat(signed, terms.begins), TINY)
    weight = signed * (terms.count / known)[terms.course]
    start = cumulated[terms.entry]
    start_logs = transform(start, variance)
    growth = 1 + variance * s
    return _Here(
        value=float(terms.count @ (np.log(known) - start_logs[0])),
        s=s,
        later=later,
        growth=growth,
        logs=logs,
        weight=weight,
        slope=-weight / growth,
        start=start,
        start_growth=1 + variance * start,
        start_logs=start_logs,
    )
