"""What customers without a contract will buy and pay."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from stammkunde import intervals
from stammkunde.chapters.buying.read import Buying
from stammkunde.draws import paired
from stammkunde.result import Estimate
from stammkunde.study import Study
from stammkunde.survival.buying import (
    money_ahead,
    purchases_ahead,
    purchases_of_newcomer,
    spend_per_purchase,
)
from stammkunde.survival.buying.histories import DAYS

MONTHS = 12


def numbers_ahead(study: Study, found: Buying) -> dict[str, Estimate]:
    """Return what all who ever bought are expected to buy, and with amounts to pay, and each."""
    fit, h, spend = found.fit, found.histories, found.spend
    assert fit is not None
    assert h is not None
    ahead = MONTHS * DAYS["month"] / fit.days
    numbers = {
        f"ahead.{MONTHS}": purchases_ahead(fit, h, ahead),
        f"newcomer.{MONTHS}": purchases_of_newcomer(fit, ahead),
    }
    if spend is not None:
        unit = study.toml.data.money.currency
        money = {"spend": spend_per_purchase(spend, h)}
        money[f"money.{MONTHS}"] = money_ahead(fit, spend, h, ahead)
        money["money.each"] = _per_purchase(money[f"money.{MONTHS}"], numbers[f"ahead.{MONTHS}"])
        numbers |= {n: replace(e, unit=unit) for n, e in money.items()}
    return numbers


def _per_purchase(money: Estimate, purchases: Estimate) -> Estimate:
    """Return money by the purchases it is paid for, both expected of the same persons.

    Not the mean over persons of what a purchase costs: who buys more often weighs more.
    """
    about: dict[str, Any] = {"unit": "money", "estimand": "expected money per expected purchase"}
    if money.value is None:
        return replace(money, **about)
    assert purchases.value
    about |= {"value": money.value / purchases.value, "low": None, "high": None, "se": None}
    if money.replicates is None or purchases.replicates is None:
        return replace(money, **about, replicates=None, reason="no interval: too few persons")
    both = paired(money.replicates, purchases.replicates, lambda a, b: a / b)
    se = both.se()
    wide = intervals.student_quantile(money.level, both.smallest)
    low, high = (float(a) for a in intervals.log(np.asarray(about["value"]), se, wide))
    return replace(money, **(about | {"low": low, "high": high, "se": float(se)}), replicates=both)
