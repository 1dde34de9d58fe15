"""Many groups at once: which of them differ from all others, when luck picks the most striking.

With hundreds of branches some look bad by chance alone. The intervals here hold for all groups
together, and the p-values allow for their number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from scipy import special

from stammkunde import intervals
from stammkunde.draws import FEWEST_BLOCKS, Replicates
from stammkunde.errors import ParameterError, nearest
from stammkunde.intervals import FEW_EVENTS, normal_quantile, student_quantile
from stammkunde.result import Estimate
from stammkunde.survival import formulas
from stammkunde.survival.contrasts.equality import one_unit
from stammkunde.survival.curve import NOT_OBSERVED, TOO_FEW_PERSONS
from stammkunde.survival.table import LifeTable

METHODS = ("holm", "benjamini-hochberg")
SIGNS = np.array([1.0, -1.0])
Counts = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Contrast:
    """A group against all others: the difference, its p-value, and that allowing for their number.

    Both p-values are None where the difference is.
    """

    difference: Estimate
    p: float | None
    adjusted: float | None


@dataclass(frozen=True)
class _Means:
    """Restricted means of groups and rests with errors; limits where events are `few`."""

    value: np.ndarray
    se: np.ndarray
    low: np.ndarray
    high: np.ndarray
    few: np.ndarray


@dataclass(frozen=True)
class _Plan:
    """What all contrasts share: the counts of all groups [256, K], and how they are judged."""

    total: Counts
    horizon: int
    level: float
    tests: int

    @property
    def each(self) -> float:
        """Return the level of each interval, so that all hold together (Bonferroni)."""
        return 1 - (1 - self.level) / max(self.tests, 1)


def adjusted(p: Sequence[float], method: str = "holm") -> list[float]:
    """Return p-values that allow for their number, in the order given.

    "holm" (Holm 1979) keeps the chance of any false alarm, "benjamini-hochberg" (1995) the share
    of false alarms among all. ParameterError for a p-value outside 0 .. 1 or another method.
    """
    if method not in METHODS:
        raise ParameterError(f"unknown method `{method}`", remedy=nearest(method, METHODS))
    values = np.asarray(p, dtype=float)
    if not ((values >= 0) & (values <= 1)).all():
        raise ParameterError("a p-value lies outside 0 to 1")
    order, count = np.argsort(values, kind="stable"), len(values)
    if method == "holm":
        steps = np.maximum.accumulate(np.arange(count, 0, -1) * values[order])
    else:
        scaled = count / np.arange(1, count + 1) * values[order]
        steps = np.minimum.accumulate(scaled[::-1])[::-1]
    found = np.empty(count)
    found[order] = np.minimum(steps, 1.0)
    return [float(x) for x in found]


def against_the_rest(
    tables: Mapping[str, LifeTable], horizon: int, level: float = 0.95
) -> dict[str, Contrast]:
    """Return each group's RMST(horizon) less that of all other groups together.

    The tables are disjoint. The intervals hold for all groups at once with probability `level`
    (Bonferroni); `adjusted` is Holm's p-value. Greenwood's errors where everybody has one spell,
    else person blocks paired. Limits are put together (MOVER) from those of group and rest, which
    are made on the logit scale of the mean's share of the horizon, since symmetric ones miss far to
    one side at such levels; with fewer than 5 events they are the beta product's. p is read off
    the limits. A group (or rest) that is not observed so long, or has persons in fewer than 10
    blocks where blocks are needed, has no value but a reason, and is not one of the tests.
    ParameterError with fewer than two groups or other units.
    """
    units = _checked(tables, horizon, level)
    cells = {name: _counts(table, units) for name, table in tables.items()}
    total = tuple(np.sum([c[i] for c in cells.values()], axis=0) for i in (0, 1))
    repeats = any(t.repeats for t in tables.values())
    reasons = {name: _reason(cell, total, repeats) for name, cell in cells.items()}
    shown = [name for name, reason in reasons.items() if not reason]
    plan = _Plan((total[0], total[1]), horizon, level, len(shown))
    common = _common(tables, plan)
    judged = _judged([cells[n] for n in shown], plan, repeats)
    found = dict(zip(shown, judged, strict=True))
    corrected = dict(zip(shown, adjusted([p for _, p in judged]), strict=True))
    contrasts = {}
    for name, reason in reasons.items():
        rest = {"estimand": f"rmst({horizon}) difference: {name} - the rest"} | common
        if reason:
            none = Estimate(value=None, method="difference of means", reason=reason, **rest)
            contrasts[name] = Contrast(none, None, None)
        else:
            number, p = found[name]
            contrasts[name] = Contrast(Estimate(**(rest | number)), p, corrected[name])
    return contrasts


def _checked(tables: Mapping[str, LifeTable], horizon: int, level: float) -> int:
    """Return how many units RMST(horizon) needs; ParameterError where it makes no sense."""
    if len(tables) < 2:
        raise ParameterError("a comparison with all others needs at least two groups")
    if horizon < 1:
        raise ParameterError(f"a restricted mean needs a horizon of at least 1, not {horizon}")
    if not 0 < level < 1:
        raise ParameterError(f"a level lies between 0 and 1, not at {level:g}")
    unit = next(iter(tables.values())).unit
    for table in tables.values():
        one_unit(unit, table.unit)
    return max(horizon - 1, 1)


def _counts(table: LifeTable, units: int) -> Counts:
    """Return those at risk and events of the first units [256, units]."""
    at_risk, moves, _ = table.in_state()
    short = units - min(table.length, units)
    n, d = at_risk[:, :units], moves.sum(axis=0)[:, :units]
    if not short:
        return n, d
    return np.pad(n, ((0, 0), (0, short))), np.pad(d, ((0, 0), (0, short)))


def _reason(own: Counts, total: Sequence[np.ndarray], repeats: bool) -> str:
    """Return why a group cannot be compared with the rest, "" where it can."""
    sides = (own[0], total[0] - own[0])
    if not all(n.any(axis=0).all() for n in sides):
        return NOT_OBSERVED
    enough = not repeats or _smallest(*sides) >= FEWEST_BLOCKS
    return "" if enough else TOO_FEW_PERSONS


def _smallest(*sides: np.ndarray) -> int:
    """Return the number of held blocks of the side that has fewest."""
    return min(int(n.any(axis=-1).sum()) for n in sides)


def _common(tables: Mapping[str, LifeTable], plan: _Plan) -> dict[str, Any]:
    """Return what all estimates share: everybody is in each, as one of the group or the rest."""
    every = tables.values()
    return {
        "level": plan.level,
        "unit": next(iter(every)).unit,
        "persons": sum(int(t.persons.sum()) for t in every),
        "spells": sum(int(t.spells.sum()) for t in every),
        "events": sum(int(t.in_state()[1].sum()) for t in every),
    }


def _judged(
    cells: Sequence[Counts], plan: _Plan, repeats: bool
) -> list[tuple[dict[str, Any], float]]:
    """Return value, limits, error, method and p-value of each group against the rest."""
    if not cells:
        return []
    own = [np.stack([c[i].sum(axis=0) for c in cells]) for i in (0, 1)]
    both = [np.stack([o, t.sum(axis=0) - o], axis=1) for o, t in zip(own, plan.total, strict=True)]
    means = _means(both[0], both[1], plan)
    out = []
    for i, cell in enumerate(cells):
        mine = _Means(*(a[i] for a in vars(means).values()))
        out.append(_number(mine, _replicates(cell, plan) if repeats else None, plan))
    return out


def _means(n: np.ndarray, d: np.ndarray, plan: _Plan) -> _Means:
    """Return the restricted means of counts [..., K] with Greenwood's errors.

    Few are fewer than 5 events, or an error of 0 though somebody left (all in one unit).
    """
    curve, before = formulas.survival(n, d), plan.horizon - 1
    value = formulas.restricted_mean(curve, plan.horizon)
    se = np.sqrt(formulas.restricted_mean_variance(curve, n, d, plan.horizon))
    few = (d[..., :before].sum(axis=-1) < FEW_EVENTS) | (se == 0)
    low, high = value.copy(), value.copy()
    exact = intervals.beta_product(n[few][:, :before], d[few][:, :before], plan.each)
    low[few], high[few] = (1 + limit.sum(axis=-1) for limit in exact)
    return _Means(value, se, low, high, few)


def _replicates(own: Counts, plan: _Plan) -> Replicates:
    """Return the replicates [..., 2] of the means of a group and of the rest, paired by block.

    They hold on to the tables' own counts only, so that hundreds of groups need no copies.
    """
    total = plan.total

    def means(own: Sequence[np.ndarray], rest: Sequence[np.ndarray]) -> np.ndarray:
        n, d = (np.stack(pair, axis=-2) for pair in zip(own, rest, strict=True))
        return formulas.restricted_mean(formulas.survival(n, d), plan.horizon)

    def others() -> list[np.ndarray]:
        return [t - o for t, o in zip(total, own, strict=True)]

    rest = others()
    leave_out = means(*([c.sum(axis=0) - c for c in side] for side in (own, rest)))
    return Replicates(
        leave_out,
        np.asarray(total[0].any(axis=-1)),
        lambda w: means([w @ c for c in own], [w @ c for c in others()]),
        _smallest(own[0], rest[0]),
    )


def _number(
    means: _Means, replicates: Replicates | None, plan: _Plan
) -> tuple[dict[str, Any], float]:
    """Return one group's value, limits, error and method, and its p-value."""
    value, few = float(SIGNS @ means.value), bool(means.few.any())
    number: dict[str, Any] = {"value": value}
    se, errors, correlation = means.se, "Greenwood", None
    whole, blocks = float(np.hypot(*se)), None
    if replicates is not None:
        number["replicates"] = replicates.map(lambda x: x @ SIGNS)
        covariance, errors = replicates.covariance(), "person blocks paired"
        se, whole = (
            np.sqrt(np.diag(covariance)),
            float(np.sqrt(max(SIGNS @ covariance @ SIGNS, 0.0))),
        )
        correlation = None if few else _correlation(covariance)
        blocks = replicates.smallest
    quantile = _quantile(plan.each, blocks)
    low, high = intervals.logit(means.value, se, quantile, plan.horizon)
    low, high = np.where(means.few, means.low, low), np.where(means.few, means.high, high)
    low, high = intervals.mover(SIGNS, means.value, low, high, correlation)
    how = "few events" if few else errors
    number |= {"low": float(low), "high": float(high), "se": None if few else whole}
    method = f"difference of means, {how}, limits combined, Bonferroni over {plan.tests} groups"
    towards = float(low if value > 0 else high)
    return number | {"method": method}, _p(value, towards, quantile, blocks)


@lru_cache
def _quantile(level: float, blocks: int | None) -> float:
    """Return the normal quantile, or Student's where blocks are given."""
    return normal_quantile(level) if blocks is None else student_quantile(level, blocks)


def _p(value: float, limit: float, quantile: float, blocks: int | None) -> float:
    """Return the p-value that the limit towards 0 stands for, exact where the limit is at 0."""
    if value == 0:
        return 1.0
    distance = max(abs(value - limit), float(np.finfo(float).tiny))
    below = -quantile * min(abs(value) / distance, 1e300)
    tail = special.ndtr(below) if blocks is None else special.stdtr(max(blocks - 1, 1), below)
    return float(2 * tail)


def _correlation(covariance: np.ndarray) -> np.ndarray:
    """Return the correlation [2, 2] of the means of a group and the rest."""
    scale = np.sqrt(np.diag(covariance))
    both = np.outer(scale, scale)
    found = np.divide(covariance, both, out=np.eye(2), where=both > 0)
    return np.asarray(np.clip(found, -1.0, 1.0))
