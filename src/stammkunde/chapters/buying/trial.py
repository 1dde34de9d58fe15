"""The model of buying against what came: fitted in the middle of the window, tried on the rest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from stammkunde import intervals
from stammkunde.draws import Replicates, paired, replicate
from stammkunde.result import Estimate
from stammkunde.spells.bought import Purchases
from stammkunde.survival.buying import (
    BgNbd,
    Histories,
    Pair,
    Tracking,
    pairs_by_chance,
    pairs_by_purchases,
    timeline,
    tracked,
)
from stammkunde.survival.buying.holdout import by_block

BINS = 10
CLOSE, BADLY, VAGUE = 0.05, 0.2, 0.1
METHOD = "BG/NBD by what came, log interval, person blocks"


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What the model fitted to the calibration expected, and what came.

    `whole` and `ahead` are the errors as shares of what came, from the first day and after the
    calibration alone; `expected` and `observed` are the repeat purchases after it. `chances` and
    `purchases` are pairs by the chance to buy again and by what had been bought. `verdict` is
    "hit", "few" or "many" (it expected too few or too many), "missed_few" or "missed_many" where it
    did so badly, or "open" where too little came to tell.
    """

    tracking: Tracking
    whole: Estimate
    ahead: Estimate
    expected: Estimate
    observed: Estimate
    chances: tuple[Pair, ...]
    purchases: tuple[Pair, ...]

    @property
    def verdict(self) -> str:
        """Return the verdict on the purchases after the calibration."""
        error = self.ahead
        assert error.value is not None
        assert error.low is not None
        assert error.high is not None
        if error.low <= 0 <= error.high:
            return "open" if error.high - error.low > 2 * VAGUE else "hit"
        if abs(error.value) <= CLOSE:
            return "hit"
        way = "few" if error.value < 0 else "many"
        return f"missed_{way}" if abs(error.value) > BADLY else way

    @property
    def missed(self) -> bool:
        """Return whether the model missed badly."""
        return self.verdict.startswith("missed")


def trial(
    purchases: Purchases, held: Histories, before: BgNbd, until: date, least: int
) -> Trial | None:
    """Return how the model `before` of the histories `held` up to `until` fared in their hold-out.

    Bins of fewer than `least` persons are left out. None where nothing was bought in the hold-out.
    """
    assert held.later is not None
    came = int(held.count @ held.later)
    if not came:
        return None
    days = timeline(purchases, until=until, later_until=purchases.close)
    tracking = tracked(before, days)
    bins = max(1, min(BINS, held.persons // least))
    chances = pairs_by_chance(before, held, bins=bins)
    return Trial(
        tracking=tracking,
        whole=_error(tracking.whole, held, held.x + held.later),
        ahead=_error(tracking.ahead, held, held.later),
        expected=scaled(tracking.ahead, came, "count", "repeat purchases after the calibration"),
        observed=tally(came, held.persons),
        chances=tuple(p for p in chances if p.persons >= least),
        purchases=tuple(p for p in pairs_by_purchases(before, held) if p.persons >= least),
    )


def tally(value: float, persons: int, unit: str = "count", method: str = "counted") -> Estimate:
    """Return a mere count, or a measure without an interval."""
    reason = "no interval: a count" if unit == "count" else "no interval: a description"
    return Estimate(value=float(value), unit=unit, persons=persons, method=method, reason=reason)


def _error(ratio: Estimate, held: Histories, bought: np.ndarray) -> Estimate:
    """Return expected by observed less 1; what came varies by chance, too, by the same persons."""
    replicates = ratio.replicates and _with_chance(ratio.replicates, held, bought)
    about: dict[str, Any] = {
        "unit": "share",
        "estimand": "expected by observed, less 1",
        "method": METHOD,
    }
    if ratio.value is None or ratio.low is None or ratio.high is None:
        return replace(ratio, **about)
    value, low, high = ratio.value, ratio.low, ratio.high
    if replicates is not None:
        se = replicates.se()
        wide = intervals.student_quantile(ratio.level, replicates.smallest)
        low, high = (float(a) for a in intervals.log(np.asarray(value), se, wide))
        about |= {"se": float(se)}
    less = replicates and replicates.map(lambda a: a - 1)
    return replace(ratio, value=value - 1, low=low - 1, high=high - 1, replicates=less, **about)


def _with_chance(ratio: Replicates, held: Histories, bought: np.ndarray) -> Replicates | None:
    """Return the replicates of the ratio when other persons had been observed in the hold-out.

    None where one block holds all that was bought.
    """
    heads, came = (by_block(held, n)[:, None] for n in (held.count, held.count * bought))
    mean = replicate(
        (heads, came), heads[:, 0] > 0, lambda n, d: (d / np.maximum(n, 1e-300))[..., 0]
    )
    if not (mean.leave_out > 0).all():
        return None
    whole = float(came.sum() / heads.sum())
    return paired(ratio, mean, lambda a, b: a * whole / b)


def scaled(estimate: Estimate, by: float, unit: str, estimand: str) -> Estimate:
    """Return an estimate times a known number."""
    names = ("value", "low", "high", "se")
    shown = {n: getattr(estimate, n) for n in names}
    numbers: dict[str, Any] = {n: None if v is None else v * by for n, v in shown.items()}
    replicates = estimate.replicates and estimate.replicates.map(lambda a: a * by)
    return replace(estimate, **numbers, unit=unit, estimand=estimand, replicates=replicates)
