"""The market at list price, from one observed while customers got something.

What was observed holds already what today's policy does: rebates have kept some who would have
left. So what the policy multiplies is divided out of the hazards, once it has been taken off what
it adds, and the sign-ups it brings are taken off the sign-ups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from stammkunde.errors import ParameterError
from stammkunde.policy.offers.behaviour import When
from stammkunde.policy.offers.complaining import content, upset
from stammkunde.policy.offers.elements import Care, Element, MinimumTerm, WinBack
from stammkunde.policy.offers.estimated import Estimated, check_effects
from stammkunde.policy.offers.given import Draws, under
from stammkunde.policy.offers.hazards import Scene, acts_of
from stammkunde.policy.offers.market import AXES, Market, Segment, by_unit
from stammkunde.policy.offers.policy import Policy
from stammkunde.policy.offers.roles import (
    INDUCED,
    NEWCOMER,
    TODAY,
    Role,
    behaviour_of,
    brings,
    hops,
    lift,
    mixed,
)
from stammkunde.policy.offers.takers import Kind, kinds_of

ROUNDING = 1e-15
# draws that are looked at together
PART = 240


def at_list_price(
    market: Market, policy: Policy, draws: Draws, weights: np.ndarray | None = None
) -> Market:
    """Return the market in which customers under `policy` leave as they do in `market`.

    `market` holds hazards and sign-ups as observed while customers got `policy`; `draws` and
    `weights` are those of `applied`. Hazards of new customers are those of a sign-up, whether the
    offer brought him or not, and `today` those of today's, by default the same. Returns are taken
    as they are: those of leavers who are not asked back. Where a draw moves them, hazards [B, C, T]
    and sign-ups [B, H] have draws. ParameterError with the key's path where a ratio of 0 meets
    leavers, where more is added than was observed, where hazards at list price add up to more than
    1, and for what cannot be undone: minimum terms, hopping, reactions to contacts of a capacity.
    """
    count = max(
        market.drawn(), *(len(a) for a in draws.values()), 1 if weights is None else len(weights), 1
    )
    with under(policy.name):
        policy.known_to(market.rules)
        check_effects(policy)
        if count <= PART:
            return _part(market, policy, draws, weights)
        parts = [
            _part(
                market.part(at),
                policy,
                {n: a[at] if len(a) > 1 else a for n, a in draws.items()},
                None if weights is None else weights[at],
            )
            for at in (slice(a, a + PART) for a in range(0, count, PART))
        ]
    return replace(
        market, segments=tuple(map(_joined, zip(*(m.segments for m in parts), strict=True)))
    )


def _part(market: Market, policy: Policy, draws: Draws, weights: np.ndarray | None) -> Market:
    effects = Estimated(weights)
    found = [
        _listed(s, policy.of(s.known_as), Scene(market, s.known_as, draws, effects, {}))
        for s in market.segments
    ]
    return replace(market, segments=tuple(found))


def _joined(parts: Sequence[Segment]) -> Segment:
    """Return the segment of all draws from those of parts of them, `PART` in each but the last."""
    first = parts[0]
    made: dict[str, Any] = {}
    for name, axes in AXES.items():
        array: Any = getattr(first, name)
        if isinstance(array, np.ndarray) and array.ndim > axes and len(array) == PART:
            made[name] = np.concatenate([getattr(s, name) for s in parts])
    return replace(first, **made)


def _listed(segment: Segment, elements: Sequence[Element], scene: Scene) -> Segment:
    with under(segment.name):
        for e in elements:
            with under(e.name):
                _can_be_undone(e)
        grown = lift(elements, scene.draws)
        new = _kinds(elements, grown, segment, scene)
        made = replace(segment, hazards=_undone("hazards", new, elements, segment, scene))
        if np.any(segment.there):
            key = "hazards" if segment.today is None else "today"
            there = [(Role(TODAY, base=True), np.ones(()))]
            made = replace(made, today=_undone(key, there, elements, segment, scene))
        if grown is None:
            return made
        with under("inflow"):
            return replace(made, inflow=_brought_off(segment, grown, scene))


def _can_be_undone(element: Element) -> None:
    if isinstance(element, MinimumTerm):
        raise ParameterError(
            "customers were observed under a minimum term, and who was bound cannot be told from "
            "who wanted to stay",
            remedy="What was observed holds the term already: leave it out of this policy and of "
            "all that keep it, or observe customers who were not bound.",
        )
    if hops(element):
        raise ParameterError(
            "customers were observed while some cancelled to sign up again, and these are among "
            "all who left",
            remedy="What was observed holds them already: leave `hops` and `hassle` out of this "
            "policy and of all that keep its rebate.",
        )
    behaviour = behaviour_of(element)
    if not isinstance(element, Care | WinBack) or element.capacity is None or behaviour is None:
        return
    if behaviour.reactions or behaviour.effect is not None:
        raise ParameterError(
            "how many its capacity left without a contact follows only from the market at list "
            "price",
            where="capacity",
            remedy="Give the share that was reached as `reach`, and no capacity.",
        )


def _kinds(
    elements: Sequence[Element], grown: np.ndarray | None, segment: Segment, scene: Scene
) -> list[tuple[Role, np.ndarray]]:
    """Return the kinds of customers who sign up from outside, each with its share."""
    newcomer = Role(NEWCOMER, offered=True, outside=True)
    apart = [
        e
        for e in elements
        if (b := behaviour_of(e)) and any(r.when == When.INDUCED for r in b.reactions)
    ]
    if not apart or not brings(grown):
        return [(newcomer, np.ones(()))]
    if segment.complaints is not None:
        raise ParameterError(
            "those whom an offer brings leave otherwise, and customers complain: what was observed "
            "cannot be taken apart by both",
            where=f"{apart[0].name}.behaviour.reactions",
            remedy="Leave out one of the two.",
        )
    shares = mixed(grown)
    return [
        (newcomer, shares[NEWCOMER]),
        (Role(INDUCED, offered=True, outside=True), shares[INDUCED]),
    ]


def _undone(
    key: str,
    kinds: Sequence[tuple[Role, np.ndarray]],
    elements: Sequence[Element],
    segment: Segment,
    scene: Scene,
) -> np.ndarray:
    """Return the hazards at list price [..., C, T] of those observed, a segment's at `key`."""
    own = np.asarray(getattr(segment, key), dtype=float)
    length = own.shape[-1]
    known = [
        kind
        for role, share in kinds
        for kind in kinds_of(acts_of(elements, role, scene, length), share)
    ]
    own = content(own, segment, scene, elements)
    with under(key):
        if any(k.ratio is not None or k.adds is not None for k in known):
            own = _divided(own, known, scene.market.causes)
        _check_sums(own)
        return upset("at list price", scene.market.causes, own, (), segment, scene).hazards


def _divided(own: np.ndarray, kinds: Sequence[Kind], causes: Sequence[str]) -> np.ndarray:
    """Return hazards x such that the kinds, mixed as they are left, have those observed.

    x = (own - adds) / ratio, where several kinds are mixed of their averages.
    """
    if len(kinds) == 1:
        rest = own if kinds[0].adds is None else own - kinds[0].adds
        ratio = np.ones(()) if kinds[0].ratio is None else kinds[0].ratio
        ratio = np.broadcast_to(ratio, np.broadcast_shapes(ratio.shape, rest.shape))
    else:
        ratio, rest = _averages(own, kinds)
    _check_divided(rest, ratio, causes)
    return np.maximum(_quotient(rest, ratio), 0.0)


def _quotient(rest: np.ndarray, ratio: np.ndarray) -> np.ndarray:
    none = np.zeros(np.broadcast_shapes(rest.shape, ratio.shape))
    return np.divide(rest, ratio, out=none, where=ratio > 0)


def _averages(own: np.ndarray, kinds: Sequence[Kind]) -> tuple[np.ndarray, np.ndarray]:
    """Return what multiplies hazards on average [..., C, T], and hazards less what is added.

    The shares change from unit to unit, for the kinds leave at different rates.
    """
    parts = [x.shape[:-2] for k in kinds for x in (k.ratio, k.adds) if x is not None]
    lead = np.broadcast_shapes(own.shape[:-2], *parts, *(k.share.shape for k in kinds))
    ratios = _by_unit([k.ratio for k in kinds], 1.0, lead, own)
    adds = _by_unit([k.adds for k in kinds], 0.0, lead, own)
    known = np.moveaxis(own, -1, 0)
    left = begin = np.stack([np.broadcast_to(k.share, lead) for k in kinds])
    ratio, rest = np.empty((2, own.shape[-1], *lead, own.shape[-2]))
    for t in range(own.shape[-1]):
        everybody = left.sum(axis=0)
        mix = np.divide(left, everybody, out=begin.copy(), where=everybody > 0)[..., None]
        ratio[t] = (mix * ratios[:, t]).sum(axis=0)
        rest[t] = known[t] - (mix * adds[:, t]).sum(axis=0)
        at = _quotient(rest[t], ratio[t])
        left = left * np.clip(1 - (at * ratios[:, t] + adds[:, t]).sum(axis=-1), 0, 1)
    return np.ascontiguousarray(np.moveaxis(ratio, 0, -1)), np.moveaxis(rest, 0, -1)


def _by_unit(
    given: Sequence[np.ndarray | None], neutral: float, lead: tuple[int, ...], own: np.ndarray
) -> np.ndarray:
    """Return what kinds multiply or add with units before draws [K, T, ..., C]."""
    if all(x is None for x in given):
        return np.broadcast_to(neutral, (len(given), own.shape[-1], *(1,) * (len(lead) + 1)))
    shape = (*lead, *own.shape[-2:])
    each = [np.broadcast_to(neutral if x is None else x, shape) for x in given]
    return np.stack([np.ascontiguousarray(np.moveaxis(x, -1, 0)) for x in each])


def _check_divided(rest: np.ndarray, ratio: np.ndarray, causes: Sequence[str]) -> None:
    below, none = rest < -ROUNDING, (ratio <= 0) & (rest > ROUNDING)
    for wrong, what, remedy in (
        (
            below,
            "the policy adds more leavers than were observed",
            "Lower what it adds to hazards: what was observed holds it already.",
        ),
        (
            none,
            "nobody leaves under the policy, and customers were observed to",
            "Give a ratio above 0: leavers who were observed cannot be those of a hazard of 0.",
        ),
    ):
        if wrong.any():
            *_, cause, unit = np.argwhere(wrong)[0]
            raise ParameterError(f'in unit {unit + 1} {what}, for "{causes[cause]}"', remedy=remedy)


def _check_sums(own: np.ndarray) -> None:
    total = own.sum(axis=-2)
    if total.max() > 1 + ROUNDING:
        *_, unit = np.argwhere(total > 1 + ROUNDING)[0]
        raise ParameterError(
            f"in unit {unit + 1} hazards at list price add up to {total[..., unit].max():.4g}",
            remedy="Check by how much this policy is said to keep customers: what was observed is "
            "divided by that.",
        )


def _brought_off(segment: Segment, grown: np.ndarray, scene: Scene) -> np.ndarray:
    """Return the sign-ups there would be without the policy [..., H]."""
    if grown.min() <= 0:
        raise ParameterError(
            "nobody signs up under the policy",
            remedy="Give a lift above -1: who did sign up cannot be counted from nobody.",
        )
    coming = by_unit(segment.inflow, scene.draws, scene.market.horizon, "")
    return np.asarray(coming / grown[..., None])
