"""The partial likelihood under ties, as if every row were repeated `weight` times.

D leave together, of hazard D0 in all, among S0 at risk. Efron (1977) takes the mean over who went
first: terms l = 0 .. D - 1 with the denominators S0 - l/D D0. Three sums over l are enough for
likelihood, score, information and residuals:

    sum log(S0 - l/D D0),  a = sum 1/(S0 - l/D D0),  c = sum 1/(S0 - l/D D0)^2,

because l/D = (S0 - denominator)/D0. The last terms are added one by one; the many before them by
the formula of Euler and Maclaurin, exact to rounding that far from the pole, so that the cost does
not grow with the number of those who leave together.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import Literal

import numpy as np

from stammkunde.survival.cox.riskset import RiskSets

Ties = Literal["efron", "breslow"]
ONE_BY_ONE = 64
# rows whose products stay near the processor
CACHED = 2**14


@dataclass(frozen=True)
class Point:
    """The partial likelihood at one coefficient, and the sums per slot [T] it is made of.

    `risk` [M] is exp(covariates times coefficients). `s1`, `d1` [p, T] are the sums of risk times
    covariates of those at risk and of those who leave, `seen` [p, T] the covariates of those who
    leave. `a` is the sum of 1/denominator (the baseline hazard), `b` of (l/D)/denominator, `c`
    [3, T] of (l/D)^k/denominator^2.
    """

    log_likelihood: float
    risk: np.ndarray
    s1: np.ndarray
    d1: np.ndarray
    seen: np.ndarray
    a: np.ndarray
    b: np.ndarray
    c: np.ndarray

    def score(self) -> np.ndarray:
        """Return each slot's part of the score [p, T]: those who left less those expected."""
        return self.seen - (self.a * self.s1 - self.b * self.d1)


def point(sets: RiskSets, z: np.ndarray, beta: np.ndarray, ties: Ties) -> Point:
    """Return the partial likelihood of covariates z [p, M] at beta [p].

    A beta beyond the range of numbers gives a log-likelihood that is not finite.
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):
        eta = beta @ z
        risk = np.exp(eta)
        load = sets.rows.weight * risk
        at_risk = sets.at_risk(chain((load,), (load * x for x in z)))
        weight, own = sets.rows.weight[sets.died], load[sets.died]
        left = sets.leaving(chain((own,), (own * x[sets.died] for x in z)))
        d, d0 = sets.deaths, left[0]
        s0 = np.maximum(at_risk[0], d0)
        if ties == "efron":
            logs, a, c0 = efron_sums(s0, d0, d)
            b = (s0 * a - d) / d0
            c = np.stack([c0, (s0 * c0 - a) / d0, (s0 * (s0 * c0 - 2 * a) + d) / d0**2])
        else:
            logs, a = d * np.log(s0), d / s0
            b, c = np.zeros_like(a), np.stack([a / s0, np.zeros_like(a), np.zeros_like(a)])
        value = float(weight @ eta[sets.died] - logs.sum())
    seen = sets.leaving(weight * x[sets.died] for x in z)
    return Point(value, risk, at_risk[1:], left[1:], seen, a, b, c)


def information(
    sets: RiskSets, z: np.ndarray, at: Point, slots: np.ndarray | None = None
) -> np.ndarray:
    """Return the observed information [p, p], each slot weighted by `slots` [T] (1 by default).

    Not finite where the risks are beyond the range of numbers.
    """
    g = np.ones_like(at.a) if slots is None else slots
    load = sets.rows.weight * at.risk
    squares = load * sets.along((at.a * g)[None])[0]
    squares[sets.died] -= load[sets.died] * (at.b * g)[sets.slot]
    c0, c1, c2 = at.c * g
    with np.errstate(over="ignore", invalid="ignore"):
        cross = (c1 * at.s1) @ at.d1.T
        outer = (c0 * at.s1) @ at.s1.T - cross - cross.T + (c2 * at.d1) @ at.d1.T
        total = np.zeros_like(outer)
        for begin in range(0, z.shape[1], CACHED):
            some = slice(begin, begin + CACHED)
            total += (squares[some] * z[:, some]) @ z[:, some].T
        return np.asarray(total - outer)


def efron_sums(
    at_risk: np.ndarray, leaving: np.ndarray, deaths: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return sum log, sum 1/. and sum 1/.^2 of S0 - l/D D0 over l = 0 .. D - 1, each [T].

    S0 `at_risk`, D0 `leaving`, D `deaths` (whole numbers, 1 at least).
    """
    head = np.maximum(deaths - ONE_BY_ONE, 0)
    tail = np.minimum(deaths, ONE_BY_ONE).astype(np.int64)
    begin = np.cumsum(tail) - tail
    run = np.arange(tail.sum()) - np.repeat(begin - head.astype(np.int64), tail)
    share = np.repeat(leaving / (deaths * at_risk), tail) * run
    rest = 1 / (1 - share)
    sums = [np.add.reduceat(v, begin) for v in (np.log1p(-share), rest, rest**2)]
    if head.any():
        sums = [s + m for s, m in zip(sums, _head(at_risk * deaths / leaving, head), strict=True)]
    logs, first, second = sums
    return deaths * np.log(at_risk) + logs, first / at_risk, second / at_risk**2


def _head(q: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the sums over l = 0 .. n - 1 of log(1 - l/q), 1/(1 - l/q) and 1/(1 - l/q)^2.

    Integral, less half of the difference of the ends, and three corrections by derivatives.
    """
    x, y = q, q - n
    share = np.log1p(-n / q)

    def ends(power: int) -> np.ndarray:
        return np.asarray(y**-power - x**-power)

    steps = (1 / 12, -1 / 720, 1 / 30240)
    log_parts = (-1, -2, -24)
    logs = -y * share - n - share / 2
    once, twice = -share - ends(1) / 2, n / (q * y) - ends(2) / 2
    for k, (step, part) in enumerate(zip(steps, log_parts, strict=True)):
        logs = logs + step * part * ends(2 * k + 1)
        once = once + step * (1, 6, 120)[k] * ends(2 * k + 2)
        twice = twice + step * (2, 24, 720)[k] * ends(2 * k + 3)
    return logs, q * once, q**2 * twice
