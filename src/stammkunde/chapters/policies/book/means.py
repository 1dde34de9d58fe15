"""Policies at the mean of every assumption and the estimate of everything else: a single draw.

A calculation that somebody follows step by step has one number at each step; the draws have many.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from stammkunde.chapters.policies.read import Decision
from stammkunde.policy.offers import Applied, Market, applied, at_list_price


@dataclass(frozen=True, eq=False)
class Means:
    """The market at list price, each assumption's mean [1], and the policies applied, by name."""

    market: Market
    at: Mapping[str, np.ndarray]
    policies: Mapping[str, Applied]


def at_means(decision: Decision) -> Means:
    """Return the policies of a decision, their dials turned, in the market at its estimates."""
    at = decision.ledger.at()
    today = decision.policy(decision.comparator)
    market = at_list_price(decision.basis.market, today, at, None)
    return Means(market, at, {p.name: applied(p, market, at) for p in decision.policies})


def single(array: np.ndarray) -> np.ndarray:
    """Return the last axis of an array that holds one draw at most."""
    return np.asarray(array, dtype=float).reshape(-1, np.shape(array)[-1])[0]
