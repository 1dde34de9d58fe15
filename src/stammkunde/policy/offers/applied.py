"""A policy in a market: every segment as the engine takes it, contacts within their capacity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from stammkunde.errors import ParameterError
from stammkunde.policy.engine import base_value, value
from stammkunde.policy.offers.elements import Care, WinBack
from stammkunde.policy.offers.estimated import Estimated, check_effects
from stammkunde.policy.offers.given import Draws, under
from stammkunde.policy.offers.hazards import Scene
from stammkunde.policy.offers.market import Market, Segment
from stammkunde.policy.offers.played import Played, played
from stammkunde.policy.offers.policy import Policy
from stammkunde.policy.offers.referred import cohorts_of_all

WITHIN = 1e-9
ROUNDS = 100


@dataclass(frozen=True, eq=False)
class Applied:
    """A policy with the segments it makes under `draws`.

    `reach` is what capacity left of a reach, by element.
    """

    policy: Policy
    market: Market
    draws: Draws
    segments: Mapping[str, Played]
    reach: Mapping[str, np.ndarray]


def applied(
    policy: Policy,
    market: Market,
    draws: Draws,
    weights: np.ndarray | None = None,
    effects: Estimated | None = None,
) -> Applied:
    """Return a policy as lives, hazards, returns, sign-ups and money, for every segment.

    `draws` [B] are those of the ledger, `weights` [B, 256] those of the persons' blocks for what
    was estimated (None: at the estimate); `effects` are those already made with them. A reach
    beyond a capacity is lowered in all segments alike until the contacts of the whole horizon meet
    it. ParameterError with the key's path.
    """
    with under(policy.name):
        check_known(policy, market)
        effects = Estimated(weights) if effects is None else effects
        reach: dict[str, np.ndarray] = {}
        found = _all(policy, market, draws, effects, reach)
        limits = limits_of(policy, market)
        if not limits:
            return Applied(policy, market, draws, found, reach)
        for _ in range(ROUNDS):
            asked = _contacts(found, limits)
            new = {n: _lowered(reach.get(n), asked[n], limits[n]) for n in limits}
            if all(reach.get(n) is x or x is None for n, x in new.items()):
                return Applied(policy, market, draws, found, reach)
            reach = {n: x for n, x in new.items() if x is not None}
            found = _all(policy, market, draws, effects, reach)
        raise ParameterError(
            "no reach was found that meets the capacity",
            where=", ".join(limits),
            remedy="Give a reach that needs no capacity.",
        )


def _all(
    policy: Policy,
    market: Market,
    draws: Draws,
    effects: Estimated,
    reach: dict[str, np.ndarray],
) -> dict[str, Played]:
    return {s.name: played_in(s, policy, market, draws, effects, reach) for s in market.segments}


def played_in(
    segment: Segment,
    policy: Policy,
    market: Market,
    draws: Draws,
    effects: Estimated,
    reach: dict[str, np.ndarray],
) -> Played:
    """Return what a policy makes of one segment, with what is left of each reach."""
    scene = Scene(market, segment.known_as, draws, effects, reach)
    return played(policy.of(segment.known_as), segment, scene)


def check_known(policy: Policy, market: Market) -> None:
    """Raise ParameterError for a rule about no segment, or an effect that is still a name."""
    policy.known_to(market.rules)
    check_effects(policy)


def limits_of(policy: Policy, market: Market) -> dict[str, float]:
    """Return the contacts that may be made within the horizon, by element."""
    found: dict[str, float] = {}
    for segment in market.rules:
        for e in policy.of(segment):
            if not isinstance(e, Care | WinBack) or e.capacity is None:
                continue
            limit = e.capacity * market.horizon
            if found.setdefault(e.name, limit) != limit:
                raise ParameterError(
                    "it has another capacity in another segment",
                    where=f"segments.{segment}.{e.name}.capacity",
                    remedy="Name the elements differently: each has one capacity.",
                )
    return found


def _contacts(found: Mapping[str, Played], limits: Mapping[str, float]) -> dict[str, np.ndarray]:
    """Return the contacts made within the horizon, by element [] or [B]."""
    total = {n: np.zeros(()) for n in limits}
    for p in found.values():
        if not p.asked:
            continue
        cohorts = cohorts_of_all(p)
        for name, by_life in p.asked.items():
            total[name] = total[name] + value(cohorts, p.of_new(by_life), 1.0)
            if p.base is not None and p.base.life.name in by_life:
                total[name] = total[name] + base_value(p.base, by_life[p.base.life.name], 1.0)
    return total


def _lowered(now: np.ndarray | None, asked: np.ndarray, limit: float) -> np.ndarray | None:
    """Return the part of the reach that meets the limit; the same one where it does already."""
    part = np.ones(asked.shape) if now is None else now
    high = asked > limit * (1 + WITHIN)
    low = (asked < limit * (1 - WITHIN)) & (part < 1)
    off = high | low
    if not off.any():
        return now
    meets = np.divide(limit, asked, out=np.ones(asked.shape), where=asked > 0)
    # each draw settles for itself, whatever draws stand beside it
    return np.where(off, np.minimum(part * meets, 1.0), part)
