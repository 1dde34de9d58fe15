"""How a policy's lead over the comparator builds up month by month, and from when on it lasts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from stammkunde import intervals
from stammkunde.chapters.policies.numbers import LEVEL, spread
from stammkunde.chapters.policies.read import Decision
from stammkunde.policy.decide.league import COUNTED, shares_best
from stammkunde.result import Estimate

YEAR, ROUNDING = 12, 1e-9
NEVER = "never_ahead"
LASTING = "first month from which on the mean lead lasts; quantiles of the draws' own months"


@dataclass(frozen=True, kw_only=True, eq=False)
class Built:
    """The lead of each policy over the comparator at the end of month 1 .. H, draws [B', H].

    Policies by name, the best at the end first; `decision` is what it was made of.
    """

    decision: Decision
    lead: Mapping[str, np.ndarray]

    @property
    def names(self) -> tuple[str, ...]:
        """Return the policies without the comparator, the best at the end first."""
        return tuple(self.lead)

    @property
    def ends(self) -> tuple[int, ...]:
        """Return the months at which years end, and the last month."""
        last = self.decision.market.horizon
        return (*range(YEAR, last, YEAR), last)

    def mean(self, name: str) -> np.ndarray:
        """Return the mean lead by month [H]; 0 throughout for the comparator."""
        if name == self.decision.comparator:
            return np.zeros(self.decision.market.horizon)
        return np.asarray(self.lead[name].mean(axis=0))

    def at(self, name: str, month: int) -> Estimate:
        """Return the lead at the end of a month; in the last one that of the league."""
        standing = self.decision.league.of(name).difference
        if month == self.decision.market.horizon:
            return standing
        return _estimate(self, name, month)

    def lowest(self, name: str) -> tuple[int, Estimate]:
        """Return the month in which a policy is farthest behind on average, and its lead then."""
        month = int(self.mean(name).argmin()) + 1
        return month, self.at(name, month)

    def highest(self, name: str) -> tuple[int, Estimate]:
        """Return the month in which a policy is farthest ahead on average, and its lead then."""
        month = int(self.mean(name).argmax()) + 1
        return month, self.at(name, month)

    def limits(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the quantiles of the lead by month, each [H]."""
        ends = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
        low, high = np.quantile(self.lead[name], ends, axis=0)
        return low, high


def built(decision: Decision) -> Built:
    """Return how the leads build up.

    Months may be known in fewer draws than values are. Leads are then moved so that the last ones
    have the mean that all draws give, the others as far as they go along with these (a control
    variate).
    """
    place = decision.names.index(decision.comparator)
    measure = decision.by_month[:, place]
    found = {}
    for standing in decision.league.standings:
        name = standing.policy
        if name == decision.comparator:
            continue
        apart = decision.by_month[:, decision.names.index(name)] - measure
        whole = decision.worths[name].total - decision.worths[decision.comparator].total
        found[name] = _moved(np.cumsum(apart, axis=1), whole)
    return Built(decision=decision, lead=found)


def lasting(lead: np.ndarray) -> np.ndarray:
    """Return the first month [...] from which on a lead [..., H] lasts to the end; else infinity.

    A lead of no more than rounding is none.
    """
    scale = np.abs(lead).max(axis=-1, keepdims=True)
    behind = lead <= ROUNDING * scale
    last = lead.shape[-1] - np.argmax(behind[..., ::-1], axis=-1)
    month = np.where(behind.any(axis=-1), last + 1.0, 1.0)
    return np.asarray(np.where(behind[..., -1], np.inf, month))


def payback(given: Built, name: str) -> Estimate:
    """Return the month from which on a policy stays ahead of the comparator within the horizon.

    The interval has no upper limit where more than 2.5 % of the draws never stay ahead; without a
    value ("never_ahead") where it is not ahead in the last month on average.
    """
    made = partial(
        Estimate,
        method=LASTING,
        status=given.decision.league.of(name).difference.status,
        estimand=f"month in which {name} overtakes {given.decision.comparator}",
        assumptions=given.decision.assumptions,
    )
    return month_of(float(lasting(given.mean(name))), lasting(given.lead[name]), NEVER, made)


def month_of(
    value: float, months: np.ndarray, never: str, made: Callable[..., Estimate]
) -> Estimate:
    """Return a month that may never come (infinity), with the quantiles of the draws' own [B].

    Open above where it never comes in too many draws; without a value, and with the reason `never`,
    where it does not come, or in hardly any draw. `made` knows the rest of the estimate.
    """
    low = float(np.quantile(months, (1 - LEVEL) / 2, method="lower"))
    high = float(np.quantile(months, (1 + LEVEL) / 2, method="higher"))
    comes = bool(np.isfinite(value) and np.isfinite(low))
    return made(
        value=value if comes else None,
        low=low if comes else None,
        high=high if comes and np.isfinite(high) else None,
        level=LEVEL,
        unit="month",
        reason="" if comes else never,
    )


def ahead(decision: Decision, name: str) -> Estimate:
    """Return the share of draws in which a policy is worth more than the comparator; ties by half.

    The interval is that of the number of draws alone, as for the chance of being best.
    """
    pair = np.stack([decision.worths[n].total for n in (name, decision.comparator)], axis=-1)
    won = shares_best(pair)[:, 0]
    at, count = float(won.mean()), len(won)
    low, high = intervals.clopper_pearson(np.asarray(at * count), count, LEVEL)
    return Estimate(
        value=at,
        low=float(low),
        high=float(high),
        level=LEVEL,
        unit="share",
        method=COUNTED,
        status=decision.league.of(name).difference.status,
        estimand=f"{name} is worth more than {decision.comparator}",
        assumptions=decision.assumptions,
    )


def _estimate(given: Built, name: str, month: int) -> Estimate:
    decision = given.decision
    standing = decision.league.of(name).difference
    return spread(
        given.lead[name][:, month - 1],
        decision.currency,
        standing.status,
        estimand=f"{name} less {decision.comparator} after {month} months",
        assumptions=decision.assumptions,
    )


def _moved(lead: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return leads [B', H] moved along with the last month, whose mean over all draws is known."""
    last = lead[:, -1]
    if len(last) == len(whole) or not np.ptp(last):
        return lead
    apart = last - last.mean()
    slope = apart @ (lead - lead.mean(axis=0)) / (apart @ apart)
    return np.asarray(lead + slope * (whole.mean() - last.mean()))
