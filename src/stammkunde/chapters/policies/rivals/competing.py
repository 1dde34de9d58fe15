"""The market in which rivals answer, drawn as everything else is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from stammkunde.chapters.policies.read import Decision
from stammkunde.policy.declared import RivalToml
from stammkunde.policy.offers import Segment
from stammkunde.policy.offers.given import Given, resolve
from stammkunde.policy.offers.market import by_unit
from stammkunde.policy.rivals import Market


@dataclass(frozen=True, kw_only=True)
class Competing:
    """Margin and price [B] a month, and what leaving costs at most, once [B].

    Gains hang on the margin alone. Where no price was declared and the list price is only a part of
    what customers pay (less than the margin in some draw), the price is not `known`.
    """

    margin: np.ndarray
    price: np.ndarray
    customers: np.ndarray
    interest: float
    switching_cost: np.ndarray
    months: int
    firms: int
    known: bool

    @property
    def is_playable(self) -> bool:
        """Return whether a month brings something, and not more than its price, in every draw.

        Leaving must cost something too, or nothing holds a customer.
        """
        earns = (self.margin > 0) & (self.margin <= self.price)
        return bool(earns.all() and (self.switching_cost > 0).all())

    @property
    def market(self) -> Market:
        """Return the market of the games; ParameterError where it is not playable."""
        return Market(
            margin=self.margin,
            price=self.price,
            customers=self.customers,
            interest=self.interest,
            months=self.months,
        )

    @property
    def heads(self) -> int:
        """Return the number of own customers, the mean where it is drawn."""
        return round(float(self.customers.mean()))


def competing(decision: Decision, toml: RivalToml) -> Competing:
    """Return the market that a TOML declares; what it leaves out is that of today's customers.

    Price is then their mean list price, margin their mean margin less what serving them costs, by
    how long they have been there; where nobody is there, those of the first unit.
    """
    drawn, count = decision.drawn, len(decision.weights)

    def of(given: Given | None, usual: Callable[[], np.ndarray]) -> np.ndarray:
        found = usual() if given is None else resolve(given, drawn)
        return np.broadcast_to(found, (count,))

    margin = of(toml.margin, lambda: _mean(decision, _earned))
    price = of(toml.price, lambda: _mean(decision, _priced))
    known = toml.price is not None or bool((price >= margin).all())
    return Competing(
        margin=margin,
        price=price if known else np.maximum(price, margin),
        known=known,
        customers=of(toml.customers, lambda: np.asarray(_today(decision))),
        interest=decision.market.interest,
        switching_cost=of(toml.switching_cost, lambda: np.zeros(())),
        months=toml.months,
        firms=toml.firms,
    )


def _today(decision: Decision) -> float:
    return float(sum(p.customers for p in decision.basis.parts))


By = Callable[[Decision, Segment, int], np.ndarray]


def _mean(decision: Decision, by: By) -> np.ndarray:
    """Return a number of units of tenure, averaged over today's customers."""
    total, heads = np.zeros(()), 0.0
    for segment in decision.market.segments:
        there = np.asarray(segment.there, float)
        own = there if there.any() else np.ones(1)
        total = total + (by(decision, segment, len(own)) * own).sum(axis=-1)
        heads += float(own.sum())
    return np.asarray(total / heads)


def _earned(decision: Decision, segment: Segment, units: int) -> np.ndarray:
    serve = resolve(segment.serve, decision.drawn)
    return by_unit(segment.margin, decision.drawn, units, "margin") - serve[..., None]


def _priced(decision: Decision, segment: Segment, units: int) -> np.ndarray:
    return by_unit(segment.price, decision.drawn, units, "price")
