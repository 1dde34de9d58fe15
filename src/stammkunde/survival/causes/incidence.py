"""What happens: the share of customers who have left for each cause by each tenure.

Those who moved have moved: the incidences of all causes and the share still there add up to one.
One minus a Kaplan-Meier curve per cause does not, and answers another question (see `net`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from stammkunde import intervals
from stammkunde.draws import replicate
from stammkunde.survival.causes import formulas
from stammkunde.survival.curve import Curve
from stammkunde.survival.formulas import ROUNDING
from stammkunde.survival.kaplan_meier import ERRORS, chosen_errors, curve_of, held, observed
from stammkunde.survival.table import LifeTable


def aalen_johansen(
    table: LifeTable, *, level: float = 0.95, errors: str | None = None, given: int = 0
) -> dict[str, Curve]:
    """Return the cumulative incidence P(T <= t, cause) of each cause that somebody left for.

    Curves of kind "incidence" by cause, `events` those of the cause and `others` those of all other
    causes; months are tied and entry may be delayed. `errors` is "greenwood" (the Greenwood-type
    formula, which is R's survfit's without delayed entry) or "blocks"; by default the former where
    no person has two spells. Log(-log) limits; with fewer than 5 events of the cause, or once all
    have left for it, those of a beta product (conservative). `given` conditions on still being
    there at that tenure.
    """
    errors = chosen_errors(table, errors)
    at_risk, leavers = observed(table, given)
    moves = table.in_state()[1][..., : at_risk.shape[-1]]
    before = np.arange(at_risk.shape[-1]) < given
    return {
        cause: _curve(
            table, (at_risk, np.where(before, 0, own), leavers), errors, level=level, given=given
        )
        for cause, own in zip(table.causes, moves, strict=True)
    }


def _curve(
    table: LifeTable,
    counts: tuple[np.ndarray, np.ndarray, np.ndarray],
    errors: str,
    *,
    level: float,
    given: int,
) -> Curve:
    """Return one cause's curve; counts [256, K] at risk, leaving for the cause, leaving at all."""
    at_risk, events, leavers = counts
    parts = (at_risk, events, leavers - events)
    n, d, o = (a.sum(axis=0) for a in parts)
    replicates = replicate(parts, held(at_risk, given), formulas.incidence)
    value = formulas.incidence(n, d, o)
    if errors == "blocks":
        se = replicates.se()
        quantile = intervals.student_quantile(level, replicates.smallest)
    else:
        se = np.sqrt(formulas.incidence_variance(n, d, o))
        quantile = intervals.normal_quantile(level)
    rare = (np.cumsum(d) < intervals.FEW_EVENTS) | (value[1:] >= 1 - ROUNDING)
    # a value that is 1 but for rounding has no such limits
    wide = intervals.log_log(np.where(rare, 0.5, value[1:]), se[1:], quantile)
    few = formulas.few_limits(n[given:], d[given:], o[given:], level)
    low, high = (
        np.concatenate([[0.0], np.where(rare, np.pad(b, (given, 0)), a)])
        for a, b in zip(wide, few, strict=True)
    )
    method = f"Aalen-Johansen, log-log interval, {ERRORS[errors]}"
    values = (value, low, high, se)
    curve = curve_of(table, "incidence", values, (n, d), level, errors, method, replicates)
    return replace(curve, others=o)
