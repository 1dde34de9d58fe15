"""What one rate of leaving for all would make of the base, and whether that is less or more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import NormalDist

import numpy as np

from stammkunde.chapters.outlook.older import told_of
from stammkunde.chapters.outlook.read import Future
from stammkunde.chapters.outlook.values import Stock, stock_of
from stammkunde.chapters.parts import is_contradicted
from stammkunde.result import Estimate, Finding, Sentence, Status
from stammkunde.study import Study
from stammkunde.survival.projection.worth import alike
from stammkunde.survival.table import LifeTable

# below it a block left out tells nothing
FEWEST = 2


def one_rate(tables: Sequence[LifeTable], stock: Stock, horizon: int, v: float = 1.0) -> float:
    """Return the further units of a stock if one average hazard held for all of them.

    It is that of all tables: leavers by customer units. A unit later counts `v`.
    """
    left, at_risk = (a.sum() for a in _leavers(tables))
    return sum(alike(part.there, left / at_risk, horizon, v) for part in stock.parts)


def rate_error(tables: Sequence[LifeTable], stock: Stock, horizon: int, v: float = 1.0) -> float:
    """Return the standard error of the logarithm of `one_rate`, by leaving out a block at a time.

    Not a number where only one block holds anybody, or nothing is left of the units.
    """
    left, at_risk = _leavers(tables)
    held = at_risk > 0
    if held.sum() < FEWEST or not sum(p.there.sum() for p in stock.parts) > 0:
        return float("nan")
    hazards = (left.sum() - left[held]) / (at_risk.sum() - at_risk[held])
    units = [sum(alike(p.there, float(h), horizon, v) for p in stock.parts) for h in hazards]
    off, groups = np.log(units) - np.mean(np.log(units)), len(units)
    return float(np.sqrt((groups - 1) / groups * (off**2).sum()))


def _leavers(tables: Sequence[LifeTable]) -> tuple[np.ndarray, np.ndarray]:
    """Return leavers and customer units of all tables by block [256]."""
    counts = [t.in_state() for t in tables]
    left = np.sum([moves.sum(axis=(0, 2)) for _, moves, _ in counts], axis=0)
    return left.astype(float), np.sum([n.sum(axis=1) for n, _, _ in counts], axis=0).astype(float)


def missed(naive: float, error: float, total: Estimate) -> Estimate:
    """Return what one average hazard misses, as a share of the value: naive / total - 1.

    Both have a sampling error, `error` being that of the logarithm of `naive`. They are taken for
    independent, though a higher rate of leaving lowers both: limits are too wide rather than too
    narrow (Zou and Donner 2008). None where a total may be a loss.
    """
    value = naive / total.value - 1 if total.value else None
    low, high, least = None, None, total.low or 0.0
    if total.value and naive > 0 and least > 0 and total.high and not np.isnan(error):
        by = NormalDist().inv_cdf((1 + total.level) / 2) * error
        up, down = np.log(total.high / total.value), np.log(total.value / least)
        low = float(naive / total.value * np.exp(-np.hypot(by, up)) - 1)
        high = float(naive / total.value * np.exp(np.hypot(by, down)) - 1)
    return replace(
        total,
        value=value,
        low=low,
        high=high,
        se=None,
        unit="share",
        estimand="one hazard for all / projected - 1",
        replicates=None,
    )


def direction(off: Estimate) -> str:
    """Return whether the usual figure is "low", "high" or the "same"; empty where it is unknown."""
    if off.value is None or off.low is None or off.high is None:
        return ""
    return "same" if off.low <= 0 <= off.high else "low" if off.high < 0 else "high"


def verdict(off: Estimate, other: Estimate | None) -> str:
    """Return the direction by one measure; "unsure" where the other, heads or money, denies it."""
    own, beside = direction(off), "" if other is None else direction(other)
    return "unsure" if own in ("low", "high") and beside not in ("", own) else own


def usual_money(study: Study, found: Future, words: Mapping[str, object]) -> list[Finding]:
    """Return the finding on what the usual calculation gives; none where it cannot be told.

    A direction is claimed only where that of the heads does not deny it.
    """
    off = words["ignoring"]
    assert isinstance(off, Estimate)
    key = verdict(off, _heads_missed(study, found))
    if not key:
        return []
    return [
        Finding(
            id="outlook.value.usual",
            status=Status.ESTIMATED,
            assumptions=off.assumptions,
            sentence=Sentence(f"worth.usual.{key}", words),
            importance=0.15 if is_contradicted(study) else 0.28,
            questions=(4,),
        )
    ]


def _heads_missed(study: Study, found: Future) -> Estimate:
    """Return what one rate of leaving for all misses of the months of all customers."""
    span, stock = found.horizon, stock_of(found.base)
    tables = [a.table for a in found.base.values()]
    usual, error = one_rate(tables, stock, span), rate_error(tables, stock, span)
    return missed(usual, error, told_of(study, stock.units(span), found))
