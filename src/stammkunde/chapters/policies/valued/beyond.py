"""The same policies valued otherwise: for longer, by one projection, with effects that last or end.

None of it is what the chapter tells in the first place, so the first draws are enough.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from stammkunde.chapters.policies.read import Basis, Further, Undecided
from stammkunde.chapters.policies.valued.ready import effect_of, reaching
from stammkunde.evidence.effect import BEYOND
from stammkunde.policy.offers import Policy, at_list_price, worths

# means settle, and their limits nearly, with fewer draws than chances of being best
FIRST = 200


@dataclass(frozen=True, eq=False)
class Given:
    """What every way of reckoning shares: policies, today's name, draws of ledger and persons."""

    policies: Sequence[Policy]
    comparator: str
    drawn: Mapping[str, np.ndarray]
    weights: np.ndarray


def revalued(given: Given, basis: Basis, count: int, *, family: str = "") -> np.ndarray:
    """Return net values [B', P] in a market, of at most `count` draws; by one projection if named.

    What customers would do at list price is undone anew, by what they get today.
    """
    some = given.weights[:count]
    own = {n: a[:count] for n, a in given.drawn.items()}
    today = next(p for p in given.policies if p.name == given.comparator)
    market = at_list_price(basis.under(some, family), today, own, some)
    found = worths(given.policies, market, own, count=len(some), weights=some)
    return np.stack([found[p.name].total for p in given.policies], axis=-1)


def look_beyond(given: Given, basis: Basis, further: Basis | Undecided | None) -> Further:
    """Return the values within a longer time (`further`), and with effects that end or go on."""
    reach = _by_reach(given, basis)
    if further is None or isinstance(further, Undecided):
        return Further(reach=reach)
    longer = revalued(given, further, FIRST)
    return Further(months=further.market.horizon, longer=longer, reach=reach)


def _by_reach(given: Given, basis: Basis) -> Mapping[str, np.ndarray]:
    """Return the values where all effects end, and where all go on; none where both are alike."""
    if not any(effect_of(e) is not None for p in given.policies for _, e in p.all()):
        return {}
    found: dict[str, np.ndarray] = {
        how: revalued(replace(given, policies=reaching(given.policies, how)), basis, FIRST)
        for how in BEYOND
    }
    return {} if np.array_equal(found["fades"], found["lasts"]) else found
