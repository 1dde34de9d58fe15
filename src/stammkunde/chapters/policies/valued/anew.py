"""Policies valued anew under assumptions that are set otherwise: only those that rest on them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from stammkunde.policy.offers import Market, Policy, Worth, at_list_price, worths

MOVED = 64
Draws = Mapping[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Anew:
    """Net values [B', P] of policies for assumptions by name, arrays [B'] of the first draws.

    `seen` is the market as observed under `today`, `listed` the same at list price as `drawn`;
    `worths` are those of the policies as drawn. Whoever rests on nothing that is set
    otherwise keeps his values. What today's policy rests on also moves what customers would do at
    list price, since it was observed what they do under it: then the market is undone anew.
    """

    policies: tuple[Policy, ...]
    today: Policy
    seen: Market
    listed: Market
    drawn: Draws
    weights: np.ndarray
    worths: Mapping[str, Worth]

    def __call__(self, given: Draws) -> np.ndarray:
        """Return the net values of all policies."""
        return self.among(given, [p.name for p in self.policies])

    def among(self, given: Draws, names: Collection[str]) -> np.ndarray:
        """Return the net values of these policies; the others' are as drawn."""
        count = max((len(a) for a in given.values()), default=MOVED)
        part, weights = slice(0, count), self.weights[:count]
        found = np.stack([self.worths[p.name].total[part] for p in self.policies], axis=-1)
        changed = {n for n, a in given.items() if not np.array_equal(a, self.drawn[n][part])}
        undone = bool(changed & _named(self.today))
        everybody = undone or bool(changed & _of_market(self.listed))
        moved = [p for p in self.policies if everybody or changed & _named(p)]
        moved = [p for p in moved if p.name in names]
        if not moved:
            return found
        market = self.listed.part(part)
        if undone:
            market = at_list_price(self.seen.part(part), self.today, given, weights)
        got = worths(moved, market, given, count=count, weights=weights)
        for i, p in enumerate(self.policies):
            if p.name in got:
                found[:, i] = got[p.name].total
        return found

    def rests_on(self, name: str) -> bool:
        """Return whether any policy, or the market, rests on an assumption."""
        return name in _of_market(self.listed) or any(name in _named(p) for p in self.policies)


def _named(policy: Policy) -> set[str]:
    return {name for _, name in policy.assumed()}


def _of_market(market: Market) -> set[str]:
    """Return what money and sign-ups of the segments are named after, if anything."""
    things: Sequence[object] = [*market.segments, *(s.complaints for s in market.segments)]
    texts = (x for thing in things if thing is not None for x in vars(thing).values())
    return {x for x in texts if isinstance(x, str)}
