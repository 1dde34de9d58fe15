"""What it would be worth to know some of the assumptions, from the draws alone.

Values are smoothed over the assumptions, and whoever knew these would choose by the smooth values:
E max_j g_j(theta) - max_j E g_j. Source: Strong, Oakley and Brennan (2014), Medical Decision Making
34(3). Choosing the largest of smooth values that still wobble flatters; this is taken off as far as
simulated wobble shows it, and beside it stands what assumptions that say nothing would seem worth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stammkunde import intervals
from stammkunde.errors import ParameterError
from stammkunde.policy.decide.checked import confidence, finite, net_values, shares, stream
from stammkunde.policy.decide.smoother import Fit, Smoother, fitted, kept_parts, smoother
from stammkunde.result import Estimate, Status, table_html

WOBBLES, SHUFFLES, THINNED = 200, 100, 2000
METHOD = "spline through joint draws, wobble taken off; interval of the number of draws only"


@dataclass(frozen=True, kw_only=True)
class Partial:
    """What knowing some assumptions is worth: `value`, with the error of the number of draws.

    `smoothed` is the value before its flattery was taken off. `chance` is what that of assumptions
    that say nothing stays below in 95 % of shuffles, `evpi` what knowing everything is worth.
    """

    value: Estimate
    smoothed: float
    chance: float
    evpi: float

    @property
    def is_clear(self) -> bool:
        """Return whether there is more than chance makes of assumptions that say nothing."""
        return self.smoothed > self.chance

    def _repr_html_(self) -> str:
        rows = {"value": self.value.value, "low": self.value.low, "high": self.value.high}
        rows |= {"chance alone": self.chance, "all known": self.evpi}
        return table_html({n: f"{v:.4g}" for n, v in rows.items()}, self.value.estimand)


@dataclass(frozen=True)
class Informed:
    """What choosing with some knowledge gains, for each share [N] of the doubt that it resolves.

    `raw` is as smoothed, `flattery` and `error` come from simulated wobble, `wobbling` [200, N].
    """

    raw: np.ndarray
    flattery: np.ndarray
    error: np.ndarray
    wobbling: np.ndarray


def evppi(
    values: ArrayLike,
    parameters: ArrayLike,
    names: Sequence[str],
    *,
    known: str = "some assumptions",
    level: float = 0.95,
    unit: str = "EUR",
    status: Status = Status.ESTIMATED,
) -> Partial:
    """Return what it would be worth to know assumptions [B] or [B, k] before choosing a policy.

    `values` [B, P] are net values drawn jointly with them. From 0 to the value of perfect
    information, in the unit of the values; `known` is what the estimand calls the assumptions. A
    change of their scale that keeps their order changes nothing. ParameterError for fewer than 100
    draws.
    """
    drawn, by = prepared(values, parameters, names)
    found = informed(by, fitted(by, drawn), np.ones(1))
    short = drawn.max(axis=1) - drawn[:, drawn.mean(axis=0).argmax()]
    evpi = float(short.mean())
    at = float(np.clip(found.raw[0] - found.flattery[0], 0.0, max(evpi, 0.0)))
    se = float(found.error[0])
    normal = intervals.normal_quantile(confidence(level))
    step = normal * se
    # no part is worth more than the whole, which is known no better than the draws allow
    most = evpi + normal * float(short.std(ddof=1) / np.sqrt(len(short)))
    # near 0 the value falls no further and seems sure; what wobble reaches may yet be true
    reached = float(np.quantile(found.wobbling, (1 + level) / 2))
    smoothed, chance = float(found.raw[0]), _chance(by, drawn)
    value = Estimate(
        value=at,
        low=max(at - step, 0.0) if smoothed > chance else 0.0,
        high=min(max(at + step, reached), most),
        level=level,
        se=se,
        unit=unit,
        method=METHOD,
        status=status,
        estimand=f"value of knowing {known}",
    )
    return Partial(value=value, smoothed=smoothed, chance=chance, evpi=evpi)


def evppi_of_each(
    values: ArrayLike,
    drawn: Mapping[str, np.ndarray],
    names: Sequence[str],
    *,
    level: float = 0.95,
    unit: str = "EUR",
    status: Status = Status.ESTIMATED,
) -> dict[str, Partial]:
    """Return what it would be worth to know each assumption by itself, the worthiest first.

    `drawn` [B] by name. All else as in `evppi`.
    """
    found = {
        name: evppi(values, one, names, known=name, level=level, unit=unit, status=status)
        for name, one in drawn.items()
    }
    return dict(sorted(found.items(), key=lambda f: (-float(f[1].value.value or 0.0), f[0])))


def evsi_of_results(
    values: ArrayLike,
    results: ArrayLike,
    names: Sequence[str],
    *,
    known: str = "the results of a pilot",
    level: float = 0.95,
    unit: str = "EUR",
    status: Status = Status.ESTIMATED,
) -> Partial:
    """Return what a pilot is worth whose results [B] or [B, k] were simulated once for each draw.

    The general way, for outcomes and doubts of any shape: results are the statistics by which one
    would decide (shares, means, a difference), drawn under the assumptions of the same draw. All
    else as in `evppi`. Source: Strong, Oakley, Brennan and Breeze (2015), Medical Decision Making
    35(5).
    """
    return evppi(values, results, names, known=known, level=level, unit=unit, status=status)


def prepared(
    values: ArrayLike, parameters: ArrayLike, names: Sequence[str]
) -> tuple[np.ndarray, Smoother]:
    """Return values [B, P] less those of the policy ahead on average, and the smoother for them.

    ParameterError where values and assumptions are not of the same draws.
    """
    drawn, _ = net_values(values, names)
    by = finite(parameters, "assumptions")
    if by.ndim not in (1, 2) or len(by) != len(drawn):
        raise ParameterError(
            f"assumptions of the shape {by.shape} for {len(drawn)} draws",
            remedy="Give one row per draw, and one column per assumption.",
        )
    return drawn - drawn[:, [drawn.mean(axis=0).argmax()]], smoother(by)


def informed(by: Smoother, fit: Fit, resolved: np.ndarray) -> Informed:
    """Return what choosing by smooth values gains where shares [N] of their doubt are resolved.

    With a share of rho the values to choose by are mean + sqrt(rho) (smooth - mean) (Jalal and
    Alarid-Escudero 2018, Medical Decision Making 38(2)); with 1 they are the smooth values. Wobble
    is that of the fitted directions, correlated over policies as what they leave unexplained is.
    """
    roots = np.sqrt(shares(resolved, "shares of doubt resolved"))
    raw, gains = _gains(fit.values, roots)
    thin = _thinning(len(gains))
    part, some = by.directions[thin], fit.values[thin]
    chances, axes = np.linalg.eigh(fit.residual)
    mix = axes * np.sqrt(np.maximum(chances, 0.0))
    rng = stream("stammkunde wobble 1")
    means = fit.values.mean(axis=0)
    first = by.directions.mean(axis=0)
    again = np.empty((WOBBLES, len(roots)))
    # both ways by turns: what moves the gain up here and down there is not flattery
    for i in range(0, WOBBLES, 2):
        moved = fit.kept * (rng.standard_normal(fit.kept.shape) @ mix.T)
        for k, way in enumerate((moved, -moved)):
            again[i + k] = _gains(some + part @ way, roots, means + first @ way)[0]
    flattery = again.mean(axis=0) - _gains(some, roots, means)[0]
    spread = again.var(axis=0, ddof=1) + gains.var(axis=0, ddof=1) / len(gains)
    return Informed(raw, flattery, np.asarray(np.sqrt(spread)), again)


def _gains(
    smooth: np.ndarray, roots: np.ndarray, means: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean gain [N] of choosing by smooth values [B, P], and each draw's [B, N].

    `means` of the policies, where the smooth values are not all there are.
    """
    centre = smooth.mean(axis=0) if means is None else means
    lead = int(centre.argmax())
    gains = np.stack([_ahead(centre + root * (smooth - centre), lead) for root in roots], axis=-1)
    return gains.mean(axis=0), gains


def _ahead(values: np.ndarray, lead: int) -> np.ndarray:
    return np.asarray(values.max(axis=1) - values[:, lead])


def _chance(by: Smoother, values: np.ndarray) -> float:
    """Return what assumptions in shuffled order, which say nothing, stay below in 95 of 100."""
    rng, means = stream("stammkunde shuffles 1"), values.mean(axis=0)
    thin = _thinning(len(values))
    seen = []
    for _ in range(SHUFFLES):
        shuffled = rng.permutation(values)
        parts = by.directions.T @ shuffled
        smooth = by.directions[thin] @ (kept_parts(by, shuffled, parts) * parts)
        seen.append(_gains(smooth, np.ones(1), means)[0][0])
    return float(np.quantile(seen, 0.95))


def _thinning(draws: int) -> slice:
    """Return which draws averages over simulations are taken from: they settle with few."""
    return slice(None, None, max(draws // THINNED, 1))
