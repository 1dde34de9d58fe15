"""Do groups lose the same share of customers to a cause? Gray's test.

A log-rank test on one cause compares hazards among those still there; it cannot tell a group that
loses fewer to a price rise from one that loses more to moving first. Gray's test compares the
incidences themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from stammkunde.draws import BLOCKS, replicate
from stammkunde.errors import ParameterError, nearest
from stammkunde.survival import formulas
from stammkunde.survival.causes.formulas import incidence
from stammkunde.survival.contrasts.equality import Test, hotelling, one_unit, quadratic
from stammkunde.survival.table import LifeTable


def gray_test(tables: Sequence[LifeTable], cause: str) -> Test:
    """Return Gray's test (1988, rho = 0) of equal cumulative incidences of a cause in all tables.

    One spell per person: the chi-square statistic with Gray's variance, his treatment of ties
    included (cmprsk's). Repeat spells: Hotelling's form of the same scores with the covariance of
    their leave-outs, referred to F. ParameterError with fewer than two tables or a cause that
    nobody left for, NotObservedError where there is nothing to compare.
    """
    _check(tables, cause)
    counts = _aligned(tables, cause)
    totals = tuple(c.sum(axis=1) for c in counts)
    excess = scores(*totals)[:-1]
    df, method = len(excess), "Gray"
    if any(t.repeats for t in tables):
        held = counts[0].sum(axis=-1) > 0
        replicates = replicate(counts, np.any(held, axis=0), lambda *c: scores(*c)[..., :-1])
        return hotelling(excess, replicates, held, f"{method}, person blocks")
    statistic = quadratic(excess, _covariance(*totals)[:-1, :-1])
    return Test(statistic, df, float(stats.chi2.sf(statistic, df)), method)


def _check(tables: Sequence[LifeTable], cause: str) -> None:
    if len(tables) < 2:
        raise ParameterError("Gray's test compares at least two groups")
    for table in tables[1:]:
        one_unit(tables[0].unit, table.unit)
    known = sorted({c for t in tables for c in t.causes})
    if cause not in known:
        raise ParameterError(
            f"nobody in these groups left for `{cause}`", remedy=nearest(cause, known)
        )


def _aligned(tables: Sequence[LifeTable], cause: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return at risk, leaving for the cause and for others [A, 256, K] on the longest tenure."""
    shape = (len(tables), BLOCKS, max(t.length for t in tables))
    at_risk, events, others = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    for a, table in enumerate(tables):
        n, moves, _ = table.in_state()
        own = np.array([c == cause for c in table.causes], dtype=bool)
        parts = (n, moves[own].sum(axis=0), moves[~own].sum(axis=0))
        for whole, part in zip((at_risk, events, others), parts, strict=True):
            whole[a, :, : table.length] = part
    return at_risk, events, others


@dataclass(frozen=True)
class _Groups:
    """Counts [..., A, K] of groups and their curves just before and after each unit.

    `standing` is n / S, whom those at risk stand for; a group of whom nobody is left by its own
    curve takes no further part, even where others enter late.
    """

    n: np.ndarray
    d: np.ndarray
    o: np.ndarray
    before: np.ndarray
    after: np.ndarray
    lost: np.ndarray
    standing: np.ndarray


def _groups(at_risk: np.ndarray, events: np.ndarray, others: np.ndarray) -> _Groups:
    curve = formulas.survival(at_risk, events + others)
    lost = incidence(at_risk, events, others)[..., :-1]
    before = curve[..., :-1]
    there = before > formulas.ROUNDING
    n, d, o = (np.where(there, c, 0) for c in (at_risk, events, others))
    standing = np.divide(n, before, out=np.zeros_like(before), where=there)
    return _Groups(n, d, o, before, curve[..., 1:], lost, standing)


def _by(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return a / b, 0 where b is 0."""
    return np.divide(a, b, out=np.zeros(np.broadcast(a, b).shape), where=b > 0)


def scores(at_risk: np.ndarray, events: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return Gray's scores [..., A] of counts [..., A, K]; they sum to 0.

    Those at risk count with those whom other causes took, so without other causes these are the
    numerators of the log-rank test.
    """
    g = _groups(at_risk, events, others)
    risk = g.standing * (1 - g.lost)
    expected = g.d.sum(axis=-2, keepdims=True) * _by(risk, risk.sum(axis=-2, keepdims=True))
    return np.asarray((g.d - expected).sum(axis=-1))


def _covariance(at_risk: np.ndarray, events: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the covariance [A, A] of the scores, counts [A, K] (Gray 1988, section 3).

    Group k's counts move score i directly (`own`) and through what comes later (`later`). Ties
    enter as in cmprsk, by the hypergeometric factor of each cause.
    """
    g = _groups(at_risk, events, others)
    standing, leave = g.standing.sum(axis=0), g.d.sum(axis=0)
    pooled = np.cumsum(_by(leave, standing))
    stays, stayed = 1 - pooled, 1 - np.concatenate([[0.0], pooled[:-1]])
    part = _by(g.standing, standing)
    own = g.standing[:, None, :] * (np.eye(len(g.n))[:, :, None] - part[None, :, :])
    steps = np.cumsum(own * _by(leave, standing * stayed), axis=-1)
    later = steps[..., -1:] - steps
    alive = g.after > formulas.ROUNDING
    ratio = _by(np.where(alive, stays, 0.0), np.where(alive, g.after, 1.0))
    by_cause = own + (1 - ratio) * later
    by_others = ratio * later
    tied = 1 - _by(np.maximum(leave - 1, 0), standing * g.before - 1)
    weight = np.where(g.n > 0, tied * g.before * _by(leave, standing * g.n), 0.0)
    tied = 1 - _by(np.maximum(g.o - 1, 0), g.n - 1)
    rest = np.where(alive, tied * g.before**2 * _by(g.o, g.n.astype(float) ** 2), 0.0)
    return _product(by_cause, weight) + _product(by_others, rest)


def _product(parts: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return the sum over groups k and units of weight[k] * parts[i, k] * parts[j, k]."""
    flat = parts.reshape(len(parts), -1)
    return np.asarray((flat * weight.reshape(-1)) @ flat.T)
