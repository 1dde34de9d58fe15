"""Two arms within strata: does the difference itself differ from stratum to stratum?

A difference averaged over strata hides strata that are unlike. And where they are unlike, the
average moves with the weights alone; what the plain difference owes to an uneven mix of strata is
told apart from that by trying the mix of either arm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import stats

from stammkunde.draws import Replicates, replicate
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.intervals import FEW_EVENTS, student_quantile
from stammkunde.result import Estimate
from stammkunde.survival import formulas
from stammkunde.survival.contrasts.differences import rmst_difference
from stammkunde.survival.contrasts.equality import Test, hotelling
from stammkunde.survival.contrasts.strata import Cells, Pair, cell_counts, checked_cells
from stammkunde.survival.curve import TOO_FEW_PERSONS
from stammkunde.survival.kaplan_meier import kaplan_meier

TOO_FEW_EVENTS = "too_few_events"


def stratum_differences(
    strata: Sequence[Pair], horizon: int, *, level: float = 0.95, errors: str | None = None
) -> list[Estimate]:
    """Return RMST(horizon) of the first arm less the second's, one for each stratum.

    Errors by `rmst_difference`: "greenwood" or "blocks", by default the latter in all strata where
    persons come back. NotObservedError where an arm of a stratum ends before the horizon.
    """
    cells = checked_cells(strata, horizon)
    errors = errors or _errors(cells)
    return [
        rmst_difference(
            kaplan_meier(a, level=level, errors=errors),
            kaplan_meier(b, level=level, errors=errors),
            horizon,
        )
        for a, b in cells
    ]


def heterogeneity(strata: Sequence[Pair], horizon: int, *, errors: str | None = None) -> Test:
    """Return the test that the difference of RMST(horizon) is the same in all strata.

    Cochran's Q with Greenwood's errors (Cochran 1954), referred to chi-square; for repeat spells
    Hotelling's form with the covariance of the leave-outs, referred to F, so that persons in
    several strata are paired. ParameterError below two strata, NotObservedError where an arm has
    fewer than 5 leavers or too few blocks.
    """
    if len(strata) < 2:
        raise ParameterError("strata can differ only where there are two or more")
    cells = checked_cells(strata, horizon)
    errors = errors or _errors(cells)
    found = stratum_differences(cells, horizon, errors=errors)
    if any(e.se is None or e.se <= formulas.ROUNDING for e in found):
        raise NotObservedError(
            f"in some of {len(cells)} strata there are too few persons or leavers to tell their "
            "differences apart",
            remedy="Put small strata together, or compare their intervals.",
        )
    value, se = (np.array([getattr(e, name) for e in found], float) for name in ("value", "se"))
    number = f"{len(cells)} strata"
    if errors == "blocks":
        held = np.array([t.in_state()[0].any(axis=-1) for pair in cells for t in pair])
        together = _stacked([e.replicates for e in found if e.replicates is not None])
        last_off = together.map(lambda x: x[..., :-1] - x[..., -1:])
        return hotelling(value[:-1] - value[-1], last_off, held, f"{number} alike, person blocks")
    weights = se**-2 / (se**-2).sum()
    statistic = float((((value - weights @ value) / se) ** 2).sum())
    df = len(cells) - 1
    return Test(statistic, df, float(stats.chi2.sf(statistic, df)), f"{number} alike, Cochran's Q")


def beyond_the_mix(
    strata: Sequence[Pair], horizon: int, *, level: float = 0.95
) -> tuple[Estimate, Estimate]:
    """Return the difference within strata less the plain one, by the mix of either arm.

    Within strata it is weighed by the sizes of the strata in the first arm, then in the second;
    any other mix of the two arms' customers lies between. If both are below 0, customers alike
    differ less than the plain numbers say, whatever the weights; where strata are unlike and the
    second arm does not depend on them, the first is 0. Person blocks, both numbers joint. No value,
    with a reason, where an arm has fewer than 5 leavers or persons in too few blocks.
    NotObservedError as for `stratified_difference`.
    """
    cells = checked_cells(strata, horizon)
    counts = cell_counts(cells, horizon)
    held = np.asarray(counts[0].any(axis=(0, 3)))
    smallest = int(held.sum(axis=1).min())
    found = replicate(counts, np.asarray(held.any(axis=0)), _beyond_of(horizon))
    found = replace(found, smallest=smallest)
    value = _beyond_of(horizon)(*(c.sum(axis=-2) for c in counts))
    few = int(counts[1].sum(axis=(0, 2, 3)).min()) < FEW_EVENTS
    reason = TOO_FEW_EVENTS if few else "" if found.is_enough else TOO_FEW_PERSONS
    tables = [t for pair in cells for t in pair]
    common: dict[str, Any] = {
        "level": level,
        "unit": tables[0].unit,
        "persons": sum(int(t.persons.sum()) for t in tables),
        "spells": sum(int(t.spells.sum()) for t in tables),
        "events": int(counts[1].sum()),
        "method": "difference within strata less the plain one, person blocks",
        "reason": reason,
    }
    first, second = (_one(found, value, i, level, common, reason) for i in (0, 1))
    name = f"rmst({horizon}) difference within strata less the plain one, mix of the"
    return (
        replace(first, estimand=f"{name} first arm"),
        replace(second, estimand=f"{name} second arm"),
    )


def _one(
    found: Replicates, value: np.ndarray, i: int, level: float, common: dict[str, Any], reason: str
) -> Estimate:
    if reason:
        return Estimate(value=None, **common)
    own = found.map(lambda x: x[..., i])
    se, middle = float(own.se()), float(value[i])
    step = student_quantile(level, own.smallest) * se
    return Estimate(
        value=middle, low=middle - step, high=middle + step, se=se, replicates=own, **common
    )


def _beyond_of(horizon: int) -> Any:
    """Return the estimator of both numbers [..., 2] on counts [..., S, 2, K]."""

    def beyond(n: np.ndarray, d: np.ndarray, size: np.ndarray) -> np.ndarray:
        means = formulas.restricted_mean(formulas.survival(n, d), horizon)
        plain = formulas.restricted_mean(formulas.survival(n.sum(-3), d.sum(-3)), horizon)
        each = size[..., 0].astype(float)
        total = each.sum(axis=-2, keepdims=True)
        shares = np.divide(each, total, out=np.zeros_like(each), where=total > 0)
        own = (shares * (means[..., 0] - means[..., 1])[..., None]).sum(axis=-2)
        return np.asarray(own - (plain[..., 0] - plain[..., 1])[..., None])

    return beyond


def _errors(cells: Cells) -> str:
    return "blocks" if any(t.repeats for pair in cells for t in pair) else "greenwood"


def _stacked(parts: Sequence[Replicates]) -> Replicates:
    """Return the replicates of several estimates side by side, paired by block and by draw."""
    return Replicates(
        np.stack([r.leave_out for r in parts], axis=-1),
        np.any([r.held for r in parts], axis=0),
        lambda w: np.stack([r.reweighted(w) for r in parts], axis=-1),
        min(r.smallest for r in parts),
    )
