"""Takers of an offer and others: told apart as long as they leave at different rates.

A share takes an element up. Who takes it reacts to it, so among those still there the share of
takers changes with tenure: of kinds k that begin as shares p(k) and stay as S(k), all have

    hazard(u) = sum over k of w(k, u) * hazard(k, u),   w(k, u) ~ p(k) * S(k, u - 1)

Several elements are tracked together: who takes one takes another neither more nor less often at
the beginning, and among those still there as they have stayed. As long as an element does nothing
yet, as many as take it up could still take it up: its share is that of its first unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stammkunde.errors import ParameterError
from stammkunde.policy.engine.given import SLACK
from stammkunde.policy.offers.hazards import Acts, Pair, together

ALL = np.ones(())

# today's customers who are there all the same must have come from somebody
NEARLY = 1 - 1e-9


@dataclass(frozen=True, eq=False)
class Kind:
    """Customers who take the elements `takes` and no others: `share` [...] of those who begin.

    Their hazards are those at list price times `ratio` [..., C, T], and `adds`.
    """

    share: np.ndarray
    ratio: np.ndarray | None = None
    adds: np.ndarray | None = None
    takes: frozenset[str] = frozenset()

    def hazards(self, baseline: np.ndarray) -> np.ndarray:
        """Return their hazards [..., C, T] from those at list price."""
        found = baseline if self.ratio is None else baseline * self.ratio
        return found if self.adds is None else found + self.adds


def kinds_of(acts: Sequence[Acts], share: np.ndarray = ALL) -> tuple[Kind, ...]:
    """Return the kinds of customers whom elements make of `share` [...] of all that begin."""
    kinds = [Kind(share, *together([a.takers for a in acts if a.share is None]))]
    for a in acts:
        if a.share is None:
            continue
        sides: tuple[tuple[np.ndarray, Pair, frozenset[str]], ...] = (
            (a.share, a.takers, frozenset({a.name})),
            (1 - a.share, a.others, frozenset()),
        )
        kinds = [
            Kind(k.share * part, *together([(k.ratio, k.adds), pair]), k.takes | takes)
            for part, pair, takes in sides
            for k in kinds
        ]
    return tuple(kinds)


def averaged(
    baseline: np.ndarray, kinds: Sequence[Kind], *, capped: bool = False
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return the hazards [..., C, T] of all kinds together, and the takers of elements by name.

    Takers are a share [..., T] of those still there in each unit; elements that change nothing for
    anybody are not among them. ParameterError where more than all of one kind would leave; all of
    them do where hazards are `capped`.
    """
    each = [k.hazards(baseline) for k in kinds]
    if capped:
        each = [_at_most_all(h) for h in each]
    if len(kinds) == 1:
        return each[0], {}
    left = [k.share[..., None] * _still_there(k, h) for k, h in zip(kinds, each, strict=True)]
    everybody = left[0] + left[1]
    for one in left[2:]:
        everybody = everybody + one
    weights = []
    for k, one in zip(kinds, left, strict=True):
        begin = np.array(np.broadcast_to(k.share[..., None], everybody.shape))
        weights.append(np.divide(one, everybody, out=begin, where=everybody > 0))
    found = each[0] * weights[0][..., None, :]
    for h, w in zip(each[1:], weights[1:], strict=True):
        found = found + h * w[..., None, :]
    return found, {
        name: np.asarray(sum(w for k, w in zip(kinds, weights, strict=True) if name in k.takes))
        for name in sorted(frozenset().union(*(k.takes for k in kinds)))
    }


def _at_most_all(hazards: np.ndarray) -> np.ndarray:
    """Return hazards [..., C, T] that add up to all but nobody, causes in their proportions."""
    total = hazards.sum(axis=-2, keepdims=True)
    return np.asarray(np.where(total > 1, hazards * (NEARLY / np.maximum(total, 1.0)), hazards))


def _still_there(kind: Kind, hazards: np.ndarray) -> np.ndarray:
    """Return which share of a kind is a customer in each unit [..., T]."""
    stays = 1 - hazards[..., 0, :]
    for c in range(1, hazards.shape[-2]):
        stays -= hazards[..., c, :]
    least = float(stays.min())
    if least < -SLACK:
        taking = ", ".join(sorted(kind.takes)) or "nothing of it"
        raise ParameterError(
            f"the hazards of those who take {taking} add up to {1 - least:.6g} in some unit",
            remedy="More than all cannot leave: lower them, or cut what multiplies them.",
        )
    found = np.empty(stays.shape)
    found[..., 0] = 1.0
    np.cumprod(np.maximum(stays[..., :-1], 0.0), axis=-1, out=found[..., 1:])
    return found
