"""Numbers of a decision as estimates: means of joint draws with their quantiles."""

from __future__ import annotations

import numpy as np

from stammkunde.chapters.policies.read import Decision
from stammkunde.policy.decide.league import MEAN
from stammkunde.result import Estimate, Status

LEVEL = 0.95


def spread(
    draws: np.ndarray,
    unit: str,
    status: Status,
    *,
    estimand: str = "",
    method: str = MEAN,
    at: float | None = None,
    assumptions: tuple[str, ...] = (),
) -> Estimate:
    """Return the mean of draws [B], or `at`, with their 2.5 and 97.5 % quantiles.

    Of a single draw there is no standard error.
    """
    low, high = (float(x) for x in np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]))
    return Estimate(
        value=float(draws.mean()) if at is None else at,
        low=low,
        high=high,
        level=LEVEL,
        se=float(draws.std(ddof=1)) if draws.size > 1 else None,
        unit=unit,
        method=method,
        status=status,
        estimand=estimand,
        assumptions=assumptions,
    )


def count_of(number: int) -> Estimate:
    """Return what was counted, without an interval."""
    return Estimate(
        value=float(number), unit="count", method="counted", reason="no interval: a count"
    )


def status_of(decision: Decision, name: str) -> Status:
    """Return how far what sets a policy apart from the comparator may be trusted."""
    return decision.league.of(name).difference.status


def number(decision: Decision, name: str, field: str, unit: str = "") -> Estimate:
    """Return a policy's `Worth.field` over the draws; money where no unit is named."""
    return spread(
        getattr(decision.worths[name], field),
        unit or decision.currency,
        status_of(decision, name),
        estimand=f"{field} of {name}",
        assumptions=decision.assumptions,
    )


def difference(decision: Decision, name: str, field: str, unit: str = "") -> Estimate:
    """Return a policy's `Worth.field` less the comparator's, draw by draw."""
    own, other = (getattr(decision.worths[n], field) for n in (name, decision.comparator))
    return spread(
        own - other,
        unit or decision.currency,
        status_of(decision, name),
        estimand=f"{field} of {name} less {decision.comparator}",
        assumptions=decision.assumptions,
    )


def difference_later(decision: Decision, name: str) -> Estimate | None:
    """Return a policy's value less the comparator's within the longer time, where that is known."""
    values, months = decision.beyond.longer, decision.beyond.months
    if values is None:
        return None
    own, other = (values[:, decision.names.index(n)] for n in (name, decision.comparator))
    return spread(
        own - other,
        decision.currency,
        status_of(decision, name),
        estimand=f"value of {name} less {decision.comparator} within {months} months",
        method=f"mean and quantiles of the first {len(values)} joint draws",
        assumptions=decision.assumptions,
    )
