"""What knowing more is worth before choosing a policy, and how far each assumption moves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from stammkunde.chapters.policies.doubts.assuming import (
    SET,
    at_point,
    difference,
    doubtful,
    few,
    of_draws,
    others_rest,
    plausible,
    steady,
    the_two,
)
from stammkunde.chapters.policies.read import Decision
from stammkunde.policy.decide import evppi
from stammkunde.policy.decide.one_way import held
from stammkunde.result import Estimate

DRAWS = 128
REST = "knowing everything less knowing all assumptions"


@dataclass(frozen=True, kw_only=True)
class Moved:
    """A difference with one assumption at the two ends of its range, all others as drawn."""

    name: str
    low: Estimate
    high: Estimate
    at_low: Estimate
    at_high: Estimate

    @property
    def swing(self) -> float:
        """Return how far the difference moves."""
        return abs((self.at_high.value or 0.0) - (self.at_low.value or 0.0))

    @property
    def turns(self) -> bool:
        """Return whether the other of the two is better at one of the ends."""
        return (self.at_low.value or 0.0) * (self.at_high.value or 0.0) < 0


@dataclass(frozen=True, kw_only=True)
class Known:
    """What it is worth to know each assumption, all of them (`ledger`), and the rest (`data`)."""

    each: Mapping[str, Estimate]
    ledger: Estimate
    data: Estimate


def what_is_known(decision: Decision, names: Sequence[str]) -> Known:
    """Return what it would be worth to know these assumptions before choosing a policy.

    What is not an assumption of the ledger was estimated from the data: it is worth the rest.
    """
    everything = decision.league.evpi
    drawn = {n: decision.drawn[n] for n in names}
    nothing = replace(everything, value=0.0, low=0.0, high=0.0, se=0.0, estimand="of nothing")
    ledger = nothing
    each: dict[str, Estimate] = {}
    if drawn:
        joint = np.stack(list(drawn.values()), axis=1)
        given = partial(
            evppi,
            decision.values,
            names=decision.names,
            unit=decision.currency,
            status=everything.status,
        )

        def worth(x: np.ndarray, known: str) -> Estimate:
            return replace(given(x, known=known).value, assumptions=decision.assumptions)

        each = {n: worth(x, n) for n, x in drawn.items()}
        ledger = worth(joint, "all assumptions")
    return Known(each=each, ledger=ledger, data=_rest(everything, ledger))


def _rest(everything: Estimate, ledger: Estimate) -> Estimate:
    """Return what is left of the value of knowing everything, never below 0."""
    value, low, high = (
        max((a or 0.0) - (b or 0.0), 0.0)
        for a, b in (
            (everything.value, ledger.value),
            (everything.low, ledger.high),
            (everything.high, ledger.low),
        )
    )
    left = replace(everything, value=value, low=min(low, value), high=high, se=None, method=REST)
    return replace(left, estimand="value of knowing the rest")


def moved(decision: Decision) -> list[Moved]:
    """Return how the lead moves with each assumption, the one that moves it most first.

    Assumptions that no policy rests on are left out.
    """
    one, other = the_two(decision)
    some = few(decision, DRAWS)
    found = []
    for name in doubtful(decision):
        points, model = plausible(decision, name), steady(decision, DRAWS, name, among=(one, other))
        values = [model(held(some, {name: x})) for x in points]
        if np.array_equal(values[0], values[1]) and not others_rest(decision, name):
            continue
        low, high = (at_point(decision, name, x) for x in points)
        apart = [difference(decision, v, one, other) for v in values]
        if np.array_equal(apart[0], apart[1]):
            # it moves others only: then the difference is what it is, in all draws
            apart = [difference(decision, decision.values, one, other)] * 2
        at_low, at_high = (
            of_draws(decision, a, f"{one} less {other} at {name} = {x:g}", method=SET)
            for a, x in zip(apart, points, strict=True)
        )
        found.append(Moved(name=name, low=low, high=high, at_low=at_low, at_high=at_high))
    return sorted(found, key=lambda m: (-m.swing, m.name))
