"""What a policy pays out more than the comparator, and what one customer more costs by it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from stammkunde.chapters.policies.doubts.assuming import of_draws
from stammkunde.chapters.policies.numbers import LEVEL, status_of
from stammkunde.chapters.policies.read import Decision
from stammkunde.policy.offers import Worth
from stammkunde.result import Estimate

NO_MORE, UNSURE, FEWER = "costs_no_more", "customers_unsure", "customers_fewer"
EACH = "paid out by customers, both as differences to the comparator; quantiles of joint draws"
ENDS = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)


def paid_out(worth: Worth) -> np.ndarray:
    """Return the present value [B] of rebates, care, programmes, sign-ups and handling."""
    customers = worth.rebates + worth.care + worth.acquisition + worth.handling
    return np.asarray(worth.fixed - customers)


def cost_of_each(decision: Decision, name: str, money: np.ndarray, customers: Estimate) -> Estimate:
    """Return what one customer more costs; without a value where there may be none, or for free."""
    own, base = (decision.worths[n].customers for n in (name, decision.comparator))
    heads = own - base
    made = partial(
        of_draws,
        decision,
        estimand=f"paid out per customer more, {name} less {decision.comparator}",
        method=EACH,
        trusted=status_of(decision, name),
    )
    reason = _without(money, customers)
    if reason:
        return replace(made(money), value=None, low=None, high=None, se=None, reason=reason)
    # where there are no more customers, one more is not to be had at any price
    each = np.divide(money, heads, out=np.full(money.shape, np.inf), where=heads > 0)
    low, high = (float(np.quantile(each, q, method="higher")) for q in ENDS)
    most, at = high if np.isfinite(high) else None, float(money.mean() / heads.mean())
    return replace(made(money), value=at, low=low, high=most, se=None)


def _without(money: np.ndarray, customers: Estimate) -> str:
    """Return why there is no cost of one customer more; "" where there is one."""
    if customers.high is not None and customers.high < 0:
        return FEWER
    if customers.low is None or customers.low <= 0:
        return UNSURE
    return NO_MORE if money.mean() <= 0 else ""
