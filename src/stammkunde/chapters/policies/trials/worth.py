"""What trials of several sizes are worth, less what they cost, and what would be worth knowing."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from stammkunde import intervals
from stammkunde.chapters.policies.doubts.assuming import doubtful
from stammkunde.chapters.policies.numbers import LEVEL, status_of
from stammkunde.chapters.policies.read import Decision
from stammkunde.chapters.policies.trials.trial import FEWEST, Trial
from stammkunde.policy.decide import evppi, evppi_of_each, evsi_from_draws
from stammkunde.result import Estimate, Status

SIZES = 30
DECLARED = "no interval: as declared"
SAMPLED = "moment matching on joint draws; interval of the number of draws only"


@dataclass(frozen=True, kw_only=True)
class Bought:
    """Trials of `per_arm` [N] customers per group: standard `error` in months, share `resolved`.

    `worth`, `cost` and `net` are money in all, the first of the number that was proposed. `best` is
    the place of the largest net benefit, `proposed` that of the number proposed.
    """

    per_arm: np.ndarray
    error: np.ndarray
    resolved: np.ndarray
    worth: tuple[Estimate, ...]
    cost: tuple[Estimate, ...]
    net: tuple[Estimate, ...]
    proposed: int
    best: int

    @property
    def pays(self) -> bool:
        """Return whether any of them is worth more than it costs."""
        return (self.net[self.best].value or 0.0) > 0


@dataclass(frozen=True, kw_only=True)
class Knowing:
    """What it is worth to know the assumption that is worth most (`first`), if any is in doubt.

    `measured` is what the trial's own difference is worth if it were known exactly, `all` what
    everything is worth.
    """

    name: str
    first: Estimate | None
    measured: Estimate
    all: Estimate


def bought(decision: Decision, trial: Trial, values: np.ndarray) -> Bought:
    """Return what trials of many sizes are worth to who decides once they are over.

    `values` [B', P] are net values of the policies that begin then (see `later`): worth is that of
    choosing anew among all of them, in what is left of the horizon.
    """
    most = trial.available // 2
    spread = np.geomspace(FEWEST, most, SIZES).round().astype(int)
    sizes = np.unique(np.append(spread, trial.per_arm))
    found = evsi_from_draws(
        values,
        trial.difference,
        trial.errors(sizes),
        decision.names,
        unit=decision.currency,
    )
    status = status_of(decision, trial.policy.name)
    cost = trial.toml.per_customer * 2 * sizes + trial.toml.fixed
    pairs = [*zip(found.value, found.se, strict=True)]
    worth = tuple(_worth(float(v), float(se), decision, status) for v, se in pairs)
    net = tuple(_less(w, float(c)) for w, c in zip(worth, cost, strict=True))
    return Bought(
        per_arm=sizes,
        error=found.errors,
        resolved=found.resolved,
        worth=worth,
        cost=tuple(_declared(float(c), decision.currency) for c in cost),
        net=net,
        proposed=int(np.searchsorted(sizes, trial.per_arm)),
        best=int(np.argmax([n.value or 0.0 for n in net])),
    )


def knowing(decision: Decision, trial: Trial) -> Knowing:
    """Return what knowing is worth if one could know before choosing, over the whole horizon."""
    status, unit = status_of(decision, trial.policy.name), decision.currency
    values, names = decision.values, decision.names
    doubted = {n: decision.drawn[n] for n in doubtful(decision)}
    each = evppi_of_each(values, doubted, names, unit=unit, status=status)
    name, first = next(iter(each.items()), ("", None))
    own = evppi(
        values[: len(trial.difference)],
        trial.difference,
        names,
        known="the difference that the trial measures",
        unit=unit,
        status=status,
    )
    return Knowing(
        name=name,
        first=None if first is None else first.value,
        measured=own.value,
        all=replace(decision.league.evpi, status=status),
    )


def _worth(value: float, se: float, decision: Decision, status: Status) -> Estimate:
    step = intervals.normal_quantile(LEVEL) * se
    return Estimate(
        value=value,
        low=max(value - step, 0.0),
        high=value + step,
        level=LEVEL,
        se=se,
        unit=decision.currency,
        method=SAMPLED,
        status=status,
        estimand="worth of a trial",
        assumptions=decision.assumptions,
    )


def _less(worth: Estimate, cost: float) -> Estimate:
    value, low, high = (
        None if x is None else x - cost for x in (worth.value, worth.low, worth.high)
    )
    return replace(
        worth, value=value, low=low, high=high, estimand="worth of a trial less its cost"
    )


def _declared(cost: float, currency: str) -> Estimate:
    return Estimate(
        value=cost,
        unit=currency,
        method="number of customers times the cost of each, and the fixed cost",
        status=Status.ASSUMED,
        estimand="cost of a trial",
        reason=DECLARED,
    )
