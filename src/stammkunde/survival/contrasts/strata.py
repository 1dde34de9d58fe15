"""Two arms compared within strata, and the differences averaged over all customers.

Where one arm has more customers of a kind that stays longer anyhow, the plain difference mixes the
kinds; this one weighs each kind by its size in both arms together. Whether the kinds differ among
themselves says `uneven`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from stammkunde import intervals
from stammkunde.draws import Replicates, replicate
from stammkunde.errors import NotObservedError, ParameterError, nearest
from stammkunde.intervals import FEW_EVENTS, normal_quantile, student_quantile
from stammkunde.result import Estimate
from stammkunde.survival import formulas
from stammkunde.survival.contrasts.equality import one_unit
from stammkunde.survival.curve import TOO_FEW_PERSONS, Curve
from stammkunde.survival.kaplan_meier import ERRORS, kaplan_meier
from stammkunde.survival.table import LifeTable

NAMED = 5
Pair = tuple[LifeTable | None, LifeTable | None]
Cells = list[tuple[LifeTable, LifeTable]]


def stratified_difference(
    strata: Sequence[Pair],
    horizon: int,
    *,
    level: float = 0.95,
    errors: str | None = None,
) -> Estimate:
    """Return RMST(horizon) of the first arm less the second's, standardised to the strata's sizes.

    A stratum weighs as many spells as entered in both its arms; an arm that nobody of a stratum is
    in may be None. `errors` is "greenwood" (sizes taken as given) or "blocks" (sizes vary with the
    persons too); by default the latter where persons come back. With fewer than 5 events in an arm
    of a stratum the limits are put together from those of the parts, conservatively (MOVER: Zou and
    Donner 2008). NotObservedError names the strata in which an arm ends before the horizon.
    """
    cells = checked_cells(strata, horizon)
    tables = [t for pair in cells for t in pair]
    errors = errors or ("blocks" if any(t.repeats for t in tables) else "greenwood")
    if errors not in ERRORS:
        raise ParameterError(f"unknown errors `{errors}`", remedy=nearest(errors, ERRORS))
    curves = [kaplan_meier(t, level=level, errors=errors) for t in tables]
    replicates = _replicates(cells, horizon)
    common: dict[str, Any] = {
        "level": level,
        "unit": tables[0].unit,
        "persons": sum(c.persons for c in curves),
        "spells": sum(c.spells for c in curves),
        "events": sum(int(c.events.sum()) for c in curves),
        "estimand": f"rmst({horizon}) difference, standardised to {len(cells)} strata",
        "replicates": replicates,
    }
    means = [c.rmst(horizon) for c in curves]
    method = f"difference of means within {len(cells)} strata"
    if errors == "blocks" and (not replicates.is_enough or any(m.value is None for m in means)):
        return Estimate(value=None, method=method, reason=TOO_FEW_PERSONS, **common)
    number = _numbers(means, _weights(cells), curves, horizon, replicates)
    return Estimate(**(common | number | {"method": f"{method}, {number['method']}"}))


def _numbers(
    means: Sequence[Estimate],
    weights: np.ndarray,
    curves: Sequence[Curve],
    horizon: int,
    replicates: Replicates,
) -> dict[str, Any]:
    """Return value, limits, error and method of the weighted sum of the cells' means."""
    of = lambda name: np.array([getattr(m, name) for m in means])  # noqa: E731
    value, level = float(weights @ of("value")), means[0].level
    if min(int(c.events[: horizon - 1].sum()) for c in curves) < FEW_EVENTS:
        low, high = intervals.mover(weights, of("value"), of("low"), of("high"))
        return {"value": value, "low": float(low), "high": float(high), "method": "limits combined"}
    if curves[0].errors == "blocks":
        se, quantile = float(replicates.se()), student_quantile(level, replicates.smallest)
        method = "person blocks paired"
    else:
        se, quantile = float(np.sqrt(weights**2 @ of("se") ** 2)), normal_quantile(level)
        method = "Greenwood"
    step = quantile * se
    return {"value": value, "low": value - step, "high": value + step, "se": se, "method": method}


def checked_cells(strata: Sequence[Pair], horizon: int) -> Cells:
    """Return the strata, each with both arms observed to the horizon."""
    if not strata:
        raise ParameterError("a stratified difference needs at least one stratum")
    if horizon < 1:
        raise ParameterError(f"a restricted mean needs a horizon of at least 1, not {horizon}")
    units = [t.unit for pair in strata for t in pair if t is not None]
    for unit in units[1:]:
        one_unit(units[0], unit)
    cells: Cells = []
    unobserved: list[str] = []
    for i, (a, b) in enumerate(strata):
        if a is None or b is None or not (_reaches(a, horizon) and _reaches(b, horizon)):
            unobserved.append(_name(i, (a, b)))
        else:
            cells.append((a, b))
    if unobserved:
        more = len(unobserved) - NAMED
        names = ", ".join(unobserved[:NAMED]) + (f" and {more} more" if more > 0 else "")
        raise NotObservedError(
            f"the arms cannot be compared to {units[0] if units else 'unit'} {horizon} in "
            f"{len(unobserved)} of {len(strata)} strata ({names}), where one of them is not "
            "observed so long",
            remedy="Ask for an earlier horizon, or for the other strata only and say so.",
        )
    return cells


def _reaches(table: LifeTable, horizon: int) -> bool:
    """Return whether somebody is at risk in every unit that RMST(horizon) needs."""
    units = max(horizon - 1, 1)
    present = np.asarray(table.in_state()[0].any(axis=0))[:units]
    return len(present) == units and bool(present.all())


def _name(number: int, pair: Pair) -> str:
    """Return what both arms of a stratum have in common, else its number from 1."""
    groups = [dict(t.group) for t in pair if t is not None]
    if len(groups) == 2:
        shared = groups[0].items() & groups[1].items()
        if shared:
            return ", ".join(f"{k} {v}" for k, v in sorted(shared))
    return f"stratum {number + 1}"


def _weights(cells: Cells) -> np.ndarray:
    """Return the weights of the cells' means [2 S]: a stratum's share, and less it."""
    sizes = np.array([sum(int(t.entered[0].sum()) for t in pair) for pair in cells], dtype=float)
    return np.outer(sizes / sizes.sum(), [1.0, -1.0]).ravel()


def cell_counts(cells: Cells, horizon: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return at_risk and events [S, 2, 256, K] up to the horizon, and entered [S, 2, 256, 1]."""
    units = max(horizon - 1, 1)
    at_risk, events = (
        np.array([[pick(t)[:, :units] for t in pair] for pair in cells])
        for pick in (lambda t: t.in_state()[0], lambda t: t.in_state()[1].sum(axis=0))
    )
    entered = np.array([[t.entered[0].sum(axis=-1, keepdims=True) for t in p] for p in cells])
    return at_risk, events, entered


def _replicates(cells: Cells, horizon: int) -> Replicates:
    """Return the replicates of the difference, each with its own sizes of the strata."""
    at_risk, events, entered = cell_counts(cells, horizon)
    held = np.asarray(at_risk.any(axis=(0, 3)))

    def difference(n: np.ndarray, d: np.ndarray, size: np.ndarray) -> np.ndarray:
        means = formulas.restricted_mean(formulas.survival(n, d), horizon)
        weights = size.sum(axis=(-2, -1)).astype(float)
        total = weights.sum(axis=-1, keepdims=True)
        shares = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
        return np.asarray((shares * (means[..., 0] - means[..., 1])).sum(axis=-1))

    found = replicate((at_risk, events, entered), np.asarray(held.any(axis=0)), difference)
    return replace(found, smallest=int(held.sum(axis=1).min()))
