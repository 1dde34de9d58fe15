"""The hazard by month, smoothed between contract events and never across them.

Unit hazards are noisy; a kernel lends each the strength of its neighbours (Ramlau-Hansen 1983). But
the end of a minimum term or of a rebate is a month like no other: smoothed over, it leaks into its
neighbours and disappears itself. Such units keep their own hazard, and no kernel reaches over them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import stats

from stammkunde import intervals
from stammkunde.draws import Replicates, replicate
from stammkunde.errors import ParameterError
from stammkunde.survival import formulas
from stammkunde.survival.curve import Curve
from stammkunde.survival.kaplan_meier import chosen_errors, curve_of, hazard, held, observed
from stammkunde.survival.table import LifeTable

REACH = 6
STANDS_OUT = 1.5


def smooth_hazard(
    table: LifeTable,
    *,
    breaks: Sequence[int] = (),
    bandwidth: int | None = None,
    level: float = 0.95,
    errors: str | None = None,
    given: int = 0,
) -> Curve:
    """Return the smoothed share of those at risk who leave in each unit (position 0 is nan).

    `breaks` are units with a contract event: they keep their own hazard, and the units between two
    of them are smoothed on their own, by a local line with Epanechnikov weights over fewer than
    `bandwidth` units to each side (Fan and Gijbels 1996); below 0 it is cut. Without a `bandwidth`
    it is that of the least estimated squared error (see `best_bandwidth`). Interval on the log
    scale, for the smoothed hazard itself; with fewer than 5 leavers under the kernel Fay and
    Feuer's (1997, conservative). Up to `given` the hazard is left as `hazard` has it.
    ParameterError for a break before unit 1 or a bandwidth below 1.
    """
    _check(breaks, bandwidth)
    errors = chosen_errors(table, errors)
    at_risk, events = observed(table, given)
    n, d = at_risk.sum(axis=0), events.sum(axis=0)
    fixed = {*breaks, *range(1, given + 1)}
    wide = best_bandwidth(n, d, breaks=sorted(fixed)) if bandwidth is None else bandwidth
    lines = kernel_weights(len(n), sorted(fixed), wide)
    replicates = replicate(
        (at_risk, events), held(at_risk, given), lambda a, b: _from_zero(smoothed(a, b, lines))
    )
    raw = hazard(table, level=level, errors=errors, given=given)
    values = _limits(n, d, lines, level, replicates if errors == "blocks" else None)
    alone = lines.diagonal() == 1
    whole = (raw.value, raw.low, raw.high, np.zeros_like(raw.value) if raw.se is None else raw.se)
    values = [_from_zero(np.where(alone, b[1:], a)) for a, b in zip(values, whole, strict=True)]
    method = f"leavers by those at risk, local line over {wide} {table.unit}s to each side"
    method += ", none across contract events" if breaks else ""
    curve = curve_of(table, "hazard", values, (n, d), level, errors, method, replicates)
    return replace(curve, basis="smoothed")


def kernel_weights(length: int, breaks: Sequence[int], bandwidth: int) -> np.ndarray:
    """Return W [K, K]: the smoothed hazard of unit t is the sum of W[t-1, s-1] h(s).

    Rows add up to one, and inside a stretch they leave every straight line as it is.
    """
    out = np.eye(length)
    for stretch in stretches(length, breaks):
        away = stretch[None, :] - stretch[:, None]
        k = np.maximum(1 - (away / bandwidth) ** 2, 0.0)
        s0, s1, s2 = (np.sum(k * away**p, axis=1, keepdims=True) for p in range(3))
        line = k * (s2 - s1 * away)
        room = s0 * s2 - s1**2
        own = np.divide(line, room, out=np.eye(len(stretch)), where=room > formulas.ROUNDING)
        out[np.ix_(stretch, stretch)] = own
    return out


def stretches(length: int, breaks: Sequence[int]) -> list[np.ndarray]:
    """Return the positions (unit less one) between contract events, one array per stretch."""
    free = np.ones(length, dtype=bool)
    free[[b - 1 for b in breaks if b <= length]] = False
    places = np.flatnonzero(free)
    cuts = np.flatnonzero(np.diff(places) > 1) + 1
    return [p for p in np.split(places, cuts) if p.size]


def smoothed(at_risk: np.ndarray, events: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return smoothed unit hazards [..., K], between 0 and 1."""
    return np.asarray(np.clip(formulas.hazard(at_risk, events) @ weights.T, 0.0, 1.0))


def best_bandwidth(n: np.ndarray, d: np.ndarray, *, breaks: Sequence[int] = ()) -> int:
    """Return the bandwidth with the least estimated squared error per customer (Mallows 1973).

    Sum over units of n times (smoothed - h)^2 + (2 W[t, t] - 1) h(1 - h)/n, whose expectation is
    the squared error, weighed by those at risk: else the noise of the last few would choose it, and
    smooth away what the many show. h in the variance is the mean hazard of the stretch. Tried are 1
    (no smoothing), 2, 3, 4, 6, 8, 12 ... up to half of the longest stretch.
    """
    raw = formulas.hazard(n, d)
    parts = stretches(len(n), breaks)
    if not parts:
        return 1
    mean = raw.copy()
    for p in parts:
        mean[p] = d[p].sum() / max(n[p].sum(), 1)
    variance = mean * (1 - mean) / np.maximum(n, 1)

    def risk(bandwidth: int) -> float:
        lines = kernel_weights(len(n), breaks, bandwidth)
        fit = smoothed(n, d, lines)
        return float(n @ ((fit - raw) ** 2 + (2 * lines.diagonal() - 1) * variance))

    longest = max(map(len, parts))
    tried = [1, *(b for e in range(12) for b in (2 * 2**e, 3 * 2**e) if 2 * b <= longest)]
    return min(sorted(tried, reverse=True), key=risk)


def spikes(
    table: LifeTable,
    *,
    reach: int = REACH,
    least: float = STANDS_OUT,
    level: float = 0.95,
    given: int = 0,
) -> tuple[int, ...]:
    """Return all units whose hazard stands out above its neighbours beyond chance, in order.

    A unit is compared with the other units within `reach` before it and with those after it, each
    pooled: it must exceed both `least` times, and the larger of the two p-values must pass Holm's
    (1979) correction over the units looked at. Units found are no neighbours of others, and the
    search is repeated until none is added. The p-value is Fisher's exact one; where persons have
    several spells, the larger of it and the person blocks'. The first and the last unit have
    neighbours on one side only and are never found. ParameterError for a `reach` below 1.
    """
    if reach < 1:
        raise ParameterError(f"neighbours within {reach} units are none", remedy="Use 1 or more.")
    at_risk, events = observed(table, given)
    blocks = held(at_risk, given) if table.repeats else None
    found: set[int] = set()
    while True:
        more = _spikes_beside(at_risk, events, found, blocks, (given, reach, least, level))
        if not more:
            return tuple(sorted(u + 1 for u in found))
        found |= more


def _spikes_beside(
    at_risk: np.ndarray,
    events: np.ndarray,
    known: set[int],
    blocks: np.ndarray | None,
    asked: tuple[int, int, float, float],
) -> set[int]:
    """Return positions that stand out, those `known` left aside (Holm's correction)."""
    given, reach, least, level = asked
    length = at_risk.shape[-1]
    chances: dict[int, float] = {}
    for u in sorted(set(range(given + 1, length - 1)) - known):
        sides = (range(max(given, u - reach), u), range(u + 1, min(length, u + reach + 1)))
        beside = [[s for s in side if s not in known] for side in sides]
        chances[u] = max(_chance(at_risk, events, u, b, blocks, least) for b in beside)
    order = sorted(chances, key=lambda u: chances[u])
    found: set[int] = set()
    for i, u in enumerate(order):
        if chances[u] > (1 - level) / (len(order) - i):
            break
        found.add(u)
    return found


def _chance(
    at_risk: np.ndarray,
    events: np.ndarray,
    unit: int,
    beside: list[int],
    blocks: np.ndarray | None,
    least: float,
) -> float:
    """Return the one-sided p-value of unit against pooled neighbours; 1 where not `least` times."""
    n, d = (np.stack([c[:, unit], c[:, beside].sum(axis=1)], axis=-1) for c in (at_risk, events))
    (n1, n2), (d1, d2) = n.sum(axis=0), d.sum(axis=0)
    if not beside or not n1 or d1 * n2 <= least * d2 * n1:
        return 1.0
    fisher = float(stats.hypergeom.sf(d1 - 1, n1 + n2, d1 + d2, n1))
    if blocks is None:
        return fisher
    excess = replicate((n, d), blocks, lambda a, b: formulas.hazard(a, b) @ np.array([1.0, -1.0]))
    if not excess.is_enough:
        return 1.0
    z = float((d1 / n1 - d2 / n2) / max(float(excess.se()), formulas.ROUNDING))
    return max(fisher, float(stats.t.sf(z, excess.smallest - 1)))


def _limits(
    n: np.ndarray, d: np.ndarray, lines: np.ndarray, level: float, blocks: Replicates | None
) -> list[np.ndarray]:
    """Return smoothed value, low, high and se [K]."""
    value, raw = smoothed(n, d, lines), formulas.hazard(n, d)
    quantile = intervals.normal_quantile(level)
    se = np.sqrt(lines**2 @ (raw * (1 - raw) / np.maximum(n, 1)))
    if blocks is not None:
        se, quantile = blocks.se()[1:], intervals.student_quantile(level, blocks.smallest)
    low, high = intervals.log(value, se, quantile, top=1.0)
    rare = ((np.abs(lines) > formulas.ROUNDING) @ d < intervals.FEW_EVENTS) | (value <= 0)
    few = _fay_feuer(d, lines / np.maximum(n, 1), level)
    return [value, np.where(rare, few[0], low), np.where(rare, few[1], high), se]


def _fay_feuer(d: np.ndarray, weights: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the gamma interval of weighted sums of counts, cut at 1 (Fay and Feuer 1997).

    Weights below 0, which the ends of a stretch may have, count in the spread only.
    """
    tail = (1 - level) / 2
    value, spread = np.maximum(weights @ d, 0.0), weights**2 @ d
    most = weights.max(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        low = stats.gamma.ppf(tail, value**2 / spread, scale=spread / value)
    value, spread = value + most, spread + most**2
    high = stats.gamma.ppf(1 - tail, value**2 / spread, scale=spread / value)
    return np.nan_to_num(low, nan=0.0), np.minimum(high, 1.0)


def _from_zero(values: np.ndarray) -> np.ndarray:
    return np.concatenate([np.full((*values.shape[:-1], 1), np.nan), values], axis=-1)


def _check(breaks: Sequence[int], bandwidth: int | None) -> None:
    if any(b < 1 for b in breaks):
        raise ParameterError(
            f"{min(breaks)} is no unit of time with a contract",
            remedy="Number the units with contract events from 1.",
        )
    if bandwidth is not None and bandwidth < 1:
        raise ParameterError(
            f"a bandwidth of {bandwidth} reaches nobody", remedy="Use 1 (no smoothing) or more."
        )
