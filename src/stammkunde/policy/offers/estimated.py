"""Effects that were estimated here: put into policies by name, and what they do to hazards.

A contact's effect counts from the contact. Where contacts recur, those there in a unit differ in
how long ago their last one was:

    factor(u) = 1 + sum over k of w(u, k) * (ratio(k) - 1),  w(u, k) = r (1 - r)^n

with w the share whose last contact fell k - 1 units ago, r the reach and n the contacts since.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from stammkunde.errors import ParameterError, nearest
from stammkunde.evidence.effect import EVERYBODY, Effect
from stammkunde.policy.offers.elements import Care, Element
from stammkunde.policy.offers.given import under
from stammkunde.policy.offers.policy import Policy
from stammkunde.policy.offers.roles import behaviour_of, contacts

Acting = tuple[np.ndarray, np.ndarray | None]
KEY, EFFECT = "behaviour.effect", "effect"


def named_effects(policy: Policy) -> tuple[tuple[str, str], ...]:
    """Return path and name of every effect that a policy has by the name of its question."""
    found = ((path, _effect_of(e)) for path, e in policy.all())
    return tuple((f"{path}.{KEY}", x) for path, x in found if isinstance(x, str))


def with_effects(policy: Policy, effects: Mapping[str, Effect]) -> Policy:
    """Return the policy with effects in place of their names.

    ParameterError with the path for a name that has no effect, or an effect not by month.
    """
    return replace(
        policy,
        elements=tuple(_with_effect(e.name, e, effects) for e in policy.elements),
        segments={
            s: tuple(_with_effect(f"segments.{s}.{e.name}", e, effects) for e in own)
            for s, own in policy.segments.items()
        },
    )


def check_effects(policy: Policy) -> None:
    """Raise ParameterError where an effect is still a name."""
    for path, name in named_effects(policy):
        raise ParameterError(
            f'the effect of the question "{name}" has not been put in',
            where=path,
            remedy="Put in what was estimated with `with_effects(policy, effects)`.",
        )


def _effect_of(element: Element) -> Effect | str | None:
    behaviour = behaviour_of(element)
    return None if behaviour is None else behaviour.effect


def _with_effect(path: str, element: Element, effects: Mapping[str, Effect]) -> Element:
    behaviour = behaviour_of(element)
    if behaviour is None or not isinstance(behaviour.effect, str):
        return element
    name = behaviour.effect
    if name not in effects:
        raise ParameterError(
            f'no effect was estimated as "{name}"',
            where=f"{path}.{KEY}",
            remedy=nearest(name, effects) or "Ask a `[[question]]` about it.",
        )
    with under(f"{path}.behaviour"):
        made: dict[str, Any] = {"behaviour": replace(behaviour, effect=effects[name])}
    return replace(element, **made)


@dataclass(frozen=True, eq=False)
class Estimated:
    """Effects under `weights` [B, 256] of the persons' blocks (None: at the estimate).

    Each effect, and all that is made of it, is made once, however many lives, segments and policies
    ask for it.
    """

    weights: np.ndarray | None = None
    made: dict[tuple[Any, ...], tuple[Any, Any]] = field(default_factory=dict, repr=False)

    def of(self, effect: Effect) -> Effect:
        """Return the same effect with the hazards of the draws, [B, 2, S, C, K]."""
        weights = self.weights
        if weights is None:
            return effect
        found: Effect = self.once(
            (EFFECT,),
            (effect,),
            lambda: replace(effect, hazards=effect.replicates.reweighted(weights)),
        )
        return found

    def afresh(self) -> Estimated:
        """Return the effects alone, without what was made of them."""
        return Estimated(self.weights, {k: x for k, x in self.made.items() if k[0] == EFFECT})

    def once(self, key: tuple[Any, ...], about: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        """Return what `make` makes of the very objects `about`, made at the first call only."""
        whole = (*key, *map(id, about))
        if whole not in self.made:
            # the objects are kept, so that no other one gets the place of one of them
            self.made[whole] = about, make()
        return self.made[whole][1]


def segment_of(effect: Effect, segment: str, group: str) -> str:
    """Return how an effect knows a segment: as it is, as a level of the group, or as everybody."""
    for name in (segment, f"{group}={segment}", EVERYBODY):
        if name in effect.segments:
            return name
    raise ParameterError(
        f'it is known neither of the segment "{segment}" nor of everybody',
        remedy=nearest(segment, effect.segments),
    )


def of_tenure(effect: Effect, segment: str, length: int) -> Acting:
    """Return what an effect multiplies by its causes and unit of tenure [..., C, T], and adds.

    None where it adds nothing.
    """
    # from the first unit beyond what was observed on nothing changes any more
    known = min(length, effect.origin + effect.hazards.shape[-1] + 1)
    # both from one look: hazards of 0 tell what is added, those of 1 what multiplies as well
    none = np.zeros((len(effect.causes), known))
    added, both = effect.applied(np.stack([none, none + 1])[:, None], segment)
    if effect.hazards.ndim < 5:
        added, both = added[0], both[0]
    more = length - known
    return _going_on(both - added, more), _going_on(added, more) if added.any() else None


def _going_on(values: np.ndarray, more: int) -> np.ndarray:
    if not more:
        return values
    last = np.broadcast_to(values[..., -1:], (*values.shape[:-1], more))
    return np.concatenate([values, last], axis=-1)


def since_contact(
    element: Care, reach: np.ndarray, effect: Effect, segment: str, length: int
) -> Acting:
    """Return what the effect of recurring contacts multiplies and adds [..., C, T], on average.

    Of those whom a contact reached, drawn anew each time, the last contact counts. `reach` is [] or
    [B].
    """
    lasts = length if element.lasts is None else min(element.lasts, length)
    ratio, added = of_tenure(effect, segment, effect.origin + lasts)
    shares = _last_contact(contacts(element, length), reach, lasts)
    found = 1 + (ratio[..., effect.origin :] - 1) @ shares
    return found, None if added is None else added[..., effect.origin :] @ shares


def _last_contact(made: np.ndarray, reach: np.ndarray, lasts: int) -> np.ndarray:
    """Return whose last contact fell 0 .. `lasts` - 1 units before each unit [..., K, T]."""
    at = np.arange(len(made)) - np.arange(lasts)[:, None]
    here = np.where(at >= 0, at, 0)
    so_far = np.cumsum(made)
    since = so_far - so_far[here]
    r = reach[..., None, None]
    return np.asarray(np.where((at >= 0) & made[here], r * (1 - r) ** since, 0.0))
