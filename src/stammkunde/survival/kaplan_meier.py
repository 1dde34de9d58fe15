"""How long they stay: the Kaplan-Meier curve and the hazard, with intervals.

Where every person has one spell, Greenwood's formula is exact and is used; where persons come back,
the person blocks are, since Greenwood then takes one person's spells for several persons'.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from stammkunde import intervals
from stammkunde.draws import Replicates, replicate
from stammkunde.errors import NotObservedError, ParameterError, nearest
from stammkunde.result import Estimate
from stammkunde.survival import formulas
from stammkunde.survival.curve import NOT_OBSERVED, Curve
from stammkunde.survival.table import LifeTable

INTERVALS = ("log-log", "log")
ERRORS = {"greenwood": "Greenwood", "blocks": "person blocks"}


def kaplan_meier(
    table: LifeTable,
    *,
    level: float = 0.95,
    interval: str = "log-log",
    errors: str | None = None,
    given: int = 0,
) -> Curve:
    """Return the survival curve of a life table (all causes of leaving together).

    `interval` is "log-log", or "log" as R's survfit has it; with fewer than 5 events, or once
    nobody is left, the limits are the beta product's (conservative). `errors` is "greenwood" or
    "blocks"; by default the former where no person has two spells. `given` conditions on still
    being there at that tenure, as needed where nobody was observed earlier (NotObservedError
    otherwise).
    """
    _check(interval, INTERVALS, "interval")
    errors = chosen_errors(table, errors)
    counts = observed(table, given)
    return survival_of(
        table, counts, name="Kaplan-Meier", level=level, interval=interval, errors=errors,
        given=given,
    )  # fmt: skip


def survival_of(
    table: LifeTable,
    counts: tuple[np.ndarray, ...],
    *,
    name: str,
    level: float,
    errors: str,
    interval: str = "log-log",
    given: int = 0,
) -> Curve:
    """Return the survival curve of counts [256, K] of a table: at risk, events, and others if any.

    As `kaplan_meier`, whose limits and errors it has; others leave for causes thought away (see
    `formulas.survival`). `name` begins its method.
    """
    replicates = replicate(counts, held(counts[0], given), formulas.survival)
    n, d, *rest = (c.sum(axis=0) for c in counts)
    others = rest[0] if rest else None
    value = formulas.survival(n, d, others)
    variance = formulas.greenwood(n, d, others)
    se, quantile = _error(value, variance, errors, level, replicates)
    low, high = _limits(value, se, quantile, interval)
    exposed = n if others is None else formulas.exposure(n, d, others)
    low, high = _few(exposed, d, value, (low, high), level)
    method = f"{name}, {interval} interval, {ERRORS[errors]}"
    curve = curve_of(
        table, "survival", (value, low, high, se), (n, d), level, errors, method, replicates
    )
    return replace(curve, others=others)


def conditional(
    table: LifeTable,
    tenures: Sequence[int],
    further: int,
    *,
    level: float = 0.95,
    interval: str = "log-log",
    errors: str | None = None,
) -> list[Estimate]:
    """Return P(T > g + further | T > g), one for each g of `tenures`.

    It is the curve of those seen to pass g, so delayed entry is as right as in `kaplan_meier`. No
    value, with the reason "not_observed", where g + further lies beyond what was observed. The
    counts are those of the whole table. ParameterError unless g >= 0 and `further` >= 1.
    """
    if further < 1 or any(g < 0 for g in tenures):
        remedy = f"Ask for completed {table.unit}s, 0 at least, and for at least one further."
        raise ParameterError(f"{list(tenures)} and {further} are no tenures", remedy=remedy)
    found = []
    for g in tenures:
        estimand = f"survival({g + further} | {g})"
        try:
            curve = kaplan_meier(table, level=level, interval=interval, errors=errors, given=g)
            found.append(replace(curve.at(g + further), estimand=estimand))
        except NotObservedError:
            found.append(_not_observed(table, level, estimand))
    return found


def _not_observed(table: LifeTable, level: float, estimand: str) -> Estimate:
    return Estimate(
        value=None,
        level=level,
        unit="share",
        persons=int(table.persons.sum()),
        spells=int(table.spells.sum()),
        method="Kaplan-Meier, conditional",
        estimand=estimand,
        reason=NOT_OBSERVED,
    )


def hazard(
    table: LifeTable, *, level: float = 0.95, errors: str | None = None, given: int = 0
) -> Curve:
    """Return the share of those at risk who leave in each unit (position 0 is nan).

    Log interval; exact (Clopper-Pearson) with fewer than 5 events in the unit or where all leave.
    """
    errors = chosen_errors(table, errors)
    at_risk, events = observed(table, given)
    n, d = at_risk.sum(axis=0), events.sum(axis=0)
    replicates = replicate((at_risk, events), held(at_risk, given), _hazard_from_zero)
    value = formulas.hazard(n, d)
    se = np.sqrt(value * (1 - value) / np.maximum(n, 1))
    quantile = intervals.normal_quantile(level)
    if errors == "blocks":
        se = replicates.se()[1:]
        quantile = intervals.student_quantile(level, replicates.smallest)
    low, high = intervals.log(value, se, quantile, top=1.0)
    exact = intervals.clopper_pearson(d, n, level)
    rare = (d < intervals.FEW_EVENTS) | (d == n)
    low, high = np.where(rare, exact[0], low), np.where(rare, exact[1], high)
    values = [np.concatenate([[np.nan], a]) for a in (value, low, high, se)]
    method = "leavers by those at risk, log interval, exact where fewer than 5 leave"
    return curve_of(table, "hazard", values, (n, d), level, errors, method, replicates)


def chosen_errors(table: LifeTable, errors: str | None) -> str:
    """Return the kind of errors asked for: Greenwood's by default where nobody has two spells."""
    errors = errors or ("blocks" if table.repeats else "greenwood")
    _check(errors, ERRORS, "errors")
    return errors


def curve_of(
    table: LifeTable,
    kind: str,
    values: Sequence[np.ndarray],
    counts: tuple[np.ndarray, np.ndarray],
    level: float,
    errors: str,
    method: str,
    replicates: Replicates,
) -> Curve:
    """Return value, low, high and se as a curve; no values where the blocks are too few."""
    value, low, high, se = values
    if errors == "blocks" and not replicates.is_enough:
        value, low, high = (np.full_like(value, np.nan) for _ in range(3))
    at_risk, events = counts
    return Curve(
        kind=kind,
        unit=table.unit,
        value=value,
        low=low,
        high=high,
        se=se,
        at_risk=at_risk,
        events=events,
        persons=int(table.persons.sum()),
        spells=int(table.spells.sum()),
        observed_to=len(events),
        level=level,
        errors=errors,
        method=method,
        replicates=replicates,
    )


def held(at_risk: np.ndarray, given: int) -> np.ndarray:
    """Return which blocks hold somebody at risk in the units that the estimate uses."""
    return np.asarray(at_risk[:, given:].sum(axis=-1) > 0)


def _hazard_from_zero(at_risk: np.ndarray, events: np.ndarray) -> np.ndarray:
    shares = formulas.hazard(at_risk, events)
    return np.concatenate([np.full((*shares.shape[:-1], 1), np.nan), shares], axis=-1)


def observed(table: LifeTable, given: int) -> tuple[np.ndarray, np.ndarray]:
    """Return counts [256, K] up to the last unit before the risk set empties.

    Units up to `given` are emptied of events: the curve is then conditional on passing them.
    """
    at_risk, moves, _ = table.in_state()
    events = moves.sum(axis=0)
    present = at_risk.sum(axis=0) > 0
    if given >= table.length or not present[given]:
        first = int(np.argmax(present)) if present.any() else 0
        raise NotObservedError(
            f"nobody was under observation in {table.unit} {given + 1}",
            remedy=f"Condition on what was seen: `given={first}`.",
        )
    gaps = np.flatnonzero(~present[given:])
    reached = given + int(gaps[0]) if gaps.size else table.length
    before = np.arange(reached) < given
    return at_risk[:, :reached], np.where(before, 0, events[:, :reached])


def _error(
    value: np.ndarray,
    variance: np.ndarray,
    errors: str,
    level: float,
    replicates: Replicates,
) -> tuple[np.ndarray, float]:
    """Return the standard error of S(t), `variance` being its log's, and its quantile."""
    if errors == "blocks":
        return replicates.se(), intervals.student_quantile(level, replicates.smallest)
    se = value * np.sqrt(np.where(np.isfinite(variance), variance, 0.0))
    return se, intervals.normal_quantile(level)


def _limits(
    value: np.ndarray, se: np.ndarray, quantile: float, interval: str
) -> tuple[np.ndarray, np.ndarray]:
    if interval == "log":
        return intervals.log(value, se, quantile, top=1.0)
    return intervals.log_log(value, se, quantile)


def _few(
    n: np.ndarray,
    d: np.ndarray,
    value: np.ndarray,
    limits: tuple[np.ndarray, np.ndarray],
    level: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Put beta product limits where events are few or nobody is left, and 1 at tenure 0."""
    exact = intervals.beta_product(n, d, level)
    rare = (np.cumsum(d) < intervals.FEW_EVENTS) | (value[1:] <= formulas.ROUNDING)
    low, high = (np.where(rare, e, a[1:]) for e, a in zip(exact, limits, strict=True))
    return np.concatenate([[1.0], low]), np.concatenate([[1.0], high])


def _check(name: str, known: Collection[str], what: str) -> None:
    if name not in known:
        raise ParameterError(f"unknown {what} `{name}`", remedy=nearest(name, known))
