"""What each cause takes: months lost to it, and the share of leavers it accounts for."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from stammkunde import intervals
from stammkunde.draws import Replicates, replicate
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.result import Estimate
from stammkunde.survival.causes import formulas
from stammkunde.survival.causes.merging import must_know
from stammkunde.survival.curve import TOO_FEW_PERSONS, Curve
from stammkunde.survival.formulas import ROUNDING, restricted_mean, survival
from stammkunde.survival.kaplan_meier import ERRORS, chosen_errors, held, observed
from stammkunde.survival.table import LifeTable

NOBODY_LEFT = "nobody_left"


def months_lost(curve: Curve, horizon: int) -> Estimate:
    """Return the units within the first `horizon` that are lost to the cause of an incidence curve.

    The sum of P(T <= t, cause) for t = 0 .. K-1; over all causes, with RMST(K), it gives K
    (Andersen 2013). Normal or t limits cut at 0 and the horizon; with fewer than 5 events the sum
    of the pointwise limits (conservative). NotObservedError beyond what was observed.
    """
    if curve.kind != "incidence" or curve.others is None:
        raise ParameterError(f"this needs an incidence curve, and this is one of {curve.kind}")
    _must_reach(curve.unit, horizon, curve.observed_to + 1)
    replicates = curve.replicates and curve.replicates.map(lambda x: restricted_mean(x, horizon))
    common: dict[str, Any] = {
        "level": curve.level,
        "unit": curve.unit,
        "persons": curve.persons,
        "spells": curve.spells,
        "events": int(curve.events[: horizon - 1].sum()),
        "status": curve.status,
        "assumptions": curve.assumptions,
        "estimand": f"months_lost({horizon})",
        "replicates": replicates,
    }
    value, method = float(restricted_mean(curve.value, horizon)), f"area under {curve.method}"
    if np.isnan(value):
        return Estimate(value=None, method=method, reason=TOO_FEW_PERSONS, **common)
    se, quantile = _lost_error(curve, horizon, replicates)
    low, high = value - quantile * se, value + quantile * se
    if common["events"] < intervals.FEW_EVENTS or se <= ROUNDING:
        low, high = (float(np.sum(a[:horizon])) for a in (curve.low, curve.high))
        method += " (sum of beta product limits: fewer than 5 events)"
    low, high = max(low, 0.0), min(high, float(horizon))
    return Estimate(value=value, low=low, high=high, se=se, method=method, **common)


def _lost_error(curve: Curve, horizon: int, replicates: Replicates | None) -> tuple[float, float]:
    """Return the standard error of the units lost and the quantile that belongs to it."""
    if curve.errors == "blocks" and replicates is not None:
        quantile = intervals.student_quantile(curve.level, replicates.smallest)
        return float(replicates.se()), quantile
    others = np.zeros_like(curve.events) if curve.others is None else curve.others
    variance = formulas.lost_variance(curve.at_risk, curve.events, others, horizon)
    return float(np.sqrt(variance)), intervals.normal_quantile(curve.level)


def share_of_leavers(
    table: LifeTable,
    causes: Collection[str],
    horizon: int,
    *,
    level: float = 0.95,
    errors: str | None = None,
    given: int = 0,
) -> Estimate:
    """Return, of those who leave within the first `horizon` units, the share for these causes.

    `given` leaves out who leaves up to that tenure, as needed where nobody was seen earlier.

    A ratio of incidences, so that neither censoring nor delayed entry tilts it, as they do a mere
    count of leavers; log(-log) limits by the delta method or the person blocks. With fewer than 5
    leavers for these causes, or for others, the exact interval at the effective number of leavers
    (Korn and Graubard 1998). `value` is None where nobody left ("nobody_left") or the blocks are
    too few. ParameterError for a cause that nobody left for or a horizon not beyond `given`,
    NotObservedError beyond what was observed.
    """
    must_know(table, causes)
    errors = chosen_errors(table, errors)
    counts = _parted(table, causes, horizon, given)
    replicates = replicate(counts, held(counts[0], 0), formulas.share)
    n, d, o = (a.sum(axis=0) for a in counts)
    common: dict[str, Any] = {
        "level": level,
        "unit": "share",
        "persons": int(table.persons.sum()),
        "spells": int(table.spells.sum()),
        "events": int(d.sum()),
        "estimand": f"share_of_leavers({horizon}{f' | {given}' if given else ''})",
        "replicates": replicates,
    }
    method, lacking = "ratio of incidences", errors == "blocks" and not replicates.is_enough
    if lacking or not (d + o).any():
        reason = TOO_FEW_PERSONS if lacking else NOBODY_LEFT
        return Estimate(value=None, method=method, reason=reason, **common)
    value, se = float(formulas.share(n, d, o)), _share_error((n, d, o), errors, replicates)
    if min(d.sum(), o.sum()) < intervals.FEW_EVENTS or se <= ROUNDING:
        low, high = _effective(value, n, d + o, level)
        method += ", exact interval at the effective number"
    else:
        quantile = _quantile(errors, level, replicates)
        low, high = (float(a) for a in intervals.log_log(np.array(value), np.array(se), quantile))
        method += f", log-log interval, {ERRORS[errors]}"
    return Estimate(value=value, low=low, high=high, se=se, method=method, **common)


def _parted(
    table: LifeTable, causes: Collection[str], horizon: int, given: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return at risk, leaving for these causes and for others [256, units after `given`]."""
    at_risk, leavers = observed(table, given)
    _must_reach(table.unit, horizon, at_risk.shape[-1], given)
    chosen = np.isin(np.array(table.causes, dtype=str), list(causes))
    units = (..., slice(given, horizon))
    events = table.in_state()[1][chosen].sum(axis=0)[units]
    return at_risk[units], events, leavers[units] - events


def _share_error(
    counts: tuple[np.ndarray, np.ndarray, np.ndarray], errors: str, replicates: Replicates
) -> float:
    if errors == "blocks":
        return float(replicates.se())
    return float(np.sqrt(formulas.share_variance(*counts)))


def _quantile(errors: str, level: float, replicates: Replicates) -> float:
    if errors == "blocks":
        return intervals.student_quantile(level, replicates.smallest)
    return intervals.normal_quantile(level)


def _effective(
    value: float, at_risk: np.ndarray, leavers: np.ndarray, level: float
) -> tuple[float, float]:
    """Return Clopper-Pearson limits of a share among leavers who stand for unequal numbers.

    A leaver of unit t stands for S(t-1) / n of all; the effective number is Kish's.
    """
    stays = survival(at_risk, leavers)[:-1]
    weight = np.divide(stays, at_risk, out=np.zeros_like(stays), where=at_risk > 0)
    number = (leavers * weight).sum() ** 2 / (leavers * weight**2).sum()
    low, high = intervals.clopper_pearson(value * number, number, level)
    return float(low), float(high)


def _must_reach(unit: str, horizon: int, reach: int, given: int = 0) -> None:
    if horizon <= given:
        raise ParameterError(f"a horizon is at least {given + 1} {unit}, not {horizon}")
    if horizon > reach:
        raise NotObservedError(
            f"{unit} {horizon} was asked for, but customers were observed for at most "
            f"{reach} {unit}s",
            remedy="Ask for an earlier one; what lies beyond would be a projection.",
        )
