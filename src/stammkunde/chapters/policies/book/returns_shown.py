"""Who comes back, as counted: who had left before today, and how many of all leavers."""

from __future__ import annotations

import numpy as np

from stammkunde.chapters.exhibit import Column, Table
from stammkunde.chapters.policies.book.worded import cause_title
from stammkunde.chapters.policies.numbers import spread
from stammkunde.chapters.policies.read import Decision
from stammkunde.policy.offers import Market, Segment
from stammkunde.policy.offers.earlier import still_to_come
from stammkunde.policy.offers.given import resolved
from stammkunde.result import Estimate, Sentence, Status

RETURNS = "policy.returns"
RESTS_ON = ("returns_alike", "late_returners_as_new")
COUNTED = "leavers by lag, Kaplan-Meier, joint draws of the person blocks"
# the first whole months away of each stretch that is shown
FROM = (0, 1, 3, 6, 12)


def returning(decision: Decision) -> dict[str, Estimate]:
    """Return how many had left before today and come back within the horizon, by segment.

    As who left so long ago has come back so far, and no rule keeps away. Segments to which nobody
    comes back are not in it.
    """
    drawn, horizon = _by_name(decision.market), decision.market.horizon
    found: dict[str, Estimate] = {}
    for name, segment in _by_name(decision.basis.market).items():
        if segment.returns is None or not np.any(segment.gone):
            continue
        own = drawn[name]
        at, draws = (
            still_to_come(np.asarray(s.returns, dtype=float), s.gone, horizon).sum(axis=-1)
            for s in (segment, own)
        )
        found[name] = _of_draws(float(at), draws, "count", f"who had left before, {name}")
    return found


def returns_shown(decision: Decision) -> Table:
    """Return how many of all leavers come back, by cause and stretch of months away.

    Without rows where nobody does; a sheet of the workbook.
    """
    some = [s for s in decision.basis.market.segments if s.returns is not None]
    keys = ("book.column.cause", "market.column.from", "market.column.to", "market.column.back")
    forms = ("text", "int", "int", "percent1")
    return Table(
        id=RETURNS,
        caption=Sentence("market.returns.caption"),
        columns=[Column(key, form) for key, form in zip(keys, forms, strict=True)],
        rows=_rows(decision, some[0]) if some else [],
        note=_factor(decision, some),
        in_report=False,
    )


def _rows(decision: Decision, segment: Segment) -> list[tuple[object, ...]]:
    at = np.asarray(segment.returns, dtype=float)
    draws = np.asarray(_by_name(decision.market)[segment.name].returns, dtype=float)
    lags = at.shape[-1]
    starts = [first for first in FROM if first < lags]
    rows: list[tuple[object, ...]] = []
    for k, cause in enumerate(decision.market.causes):
        for first, end in zip(starts, [*starts[1:], lags], strict=True):
            own, each = (_within(a, k, first, end) for a in (at, draws))
            said = f"leavers for {cause} back after {first} to {end - 1} months"
            # where nobody has come back yet, draws tell nothing of who might
            share = _of_draws(float(own), each, "share", said) if each.any() else 0.0
            rows.append((cause_title(decision.study, cause), first, end - 1, share))
    return rows


def _within(chance: np.ndarray, cause: int, first: int, end: int) -> np.ndarray:
    """Return the share of the leavers for a cause [...] back at the lags first .. end - 1."""
    return np.asarray(chance[..., cause, first:end].sum(axis=-1))


def _factor(decision: Decision, some: list[Segment]) -> Sentence:
    """Return by which factor who has come back leaves, or that it is not told apart."""
    at = decision.ledger.at()
    factors = [float(np.ravel(resolved(s, "returners", at))[0]) for s in some]
    low, high = min(factors, default=1.0), max(factors, default=1.0)
    if low == high == 1.0:
        return Sentence("market.returns.alike")
    if low == high:
        return Sentence("market.returns.factor", {"factor": low})
    return Sentence("market.returns.factors", {"low": low, "high": high})


def _of_draws(at: float, draws: np.ndarray, unit: str, what: str) -> Estimate:
    return spread(
        np.atleast_1d(draws),
        unit,
        Status.ESTIMATED,
        estimand=what,
        method=COUNTED,
        at=at,
        assumptions=RESTS_ON,
    )


def _by_name(market: Market) -> dict[str, Segment]:
    return {s.name: s for s in market.segments}
