"""What a policy costs whoever gets it, and however many: its programmes, by month."""

from __future__ import annotations

import numpy as np

from stammkunde.policy.offers.elements import Element, Programme
from stammkunde.policy.offers.given import Draws, resolved, under
from stammkunde.policy.offers.market import Market
from stammkunde.policy.offers.policy import Policy


def programmes(policy: Policy) -> tuple[Programme, ...]:
    """Return the programmes of a policy; one that is run for several segments counts once."""
    found: dict[Element, None] = {e: None for _, e in policy.all() if isinstance(e, Programme)}
    return tuple(e for e in found if isinstance(e, Programme))


def fixed_by_month(policy: Policy, market: Market, draws: Draws) -> np.ndarray:
    """Return the present value of what programmes cost in each month 0 .. H - 1 [..., H].

    What is due once falls into month 0; both are paid at the beginning of a month, and prices of
    the calendar (`Market.by_month`) hold for them too.
    """
    total = np.zeros(market.horizon)
    first = np.arange(market.horizon) == 0
    for e in programmes(policy):
        with under(e.name):
            once, monthly = (resolved(e, key, draws)[..., None] for key in ("once", "monthly"))
        total = total + once * first + monthly * np.ones(market.horizon)
    grown = 1.0 if market.by_month is None else np.asarray(market.by_month, dtype=float)
    return np.asarray(total * market.v ** np.arange(market.horizon) * grown)
