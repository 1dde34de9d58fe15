"""Policies with everything in them that the data know: effects, takers, and how long they last."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from stammkunde.chapters.policies.valued.effects import Found
from stammkunde.chapters.policies.valued.taken import by_level
from stammkunde.evidence.effect import BEYOND, Beyond, Effect
from stammkunde.policy.ledger import Ledger
from stammkunde.policy.offers import Element, LoyaltyRebate, Policy, RebateForAll, with_effects


def ready(
    policies: Sequence[Policy],
    found: Mapping[str, Found],
    levels: Sequence[str],
    ledger: Ledger,
) -> tuple[Policy, ...]:
    """Return the policies with effects in place of names, and the takers of each level.

    Beyond what was observed an effect ends; that of a rebate which goes on goes on, by its last
    stretch. Elements that several policies share are one and the same object.
    """
    effects = {n: f.effect for n, f in found.items()}
    going_on = {id(e): _beyond(e, "lasts") for e in effects.values()}
    known = [with_effects(by_level(p, levels, ledger), effects) for p in policies]
    return _shared(known, lambda e: _going_on(e, going_on))


def reaching(policies: Sequence[Policy], beyond: Beyond) -> tuple[Policy, ...]:
    """Return policies all of whose estimated effects end, or go on, beyond what was observed."""
    made: dict[int, Effect] = {}

    def one(element: Element) -> Element:
        effect = effect_of(element)
        if effect is None:
            return element
        return _with_effect(element, made.setdefault(id(effect), _beyond(effect, beyond)))

    return _shared(policies, one)


def effect_of(element: Element) -> Effect | None:
    """Return the effect of an element where the data told it."""
    effect = getattr(getattr(element, "behaviour", None), "effect", None)
    return effect if isinstance(effect, Effect) else None


def _shared(policies: Sequence[Policy], change: Callable[[Element], Element]) -> tuple[Policy, ...]:
    """Return policies with every element changed; what was one object for several stays one."""
    seen: dict[Any, Element] = {}

    def one(element: Element) -> Element:
        made = change(element)
        return seen.setdefault(_key(made), made)

    return tuple(
        replace(
            p,
            elements=tuple(one(e) for e in p.elements),
            segments={n: tuple(one(e) for e in own) for n, own in p.segments.items()},
        )
        for p in policies
    )


def _beyond(effect: Effect, beyond: Beyond) -> Effect:
    rests = tuple(BEYOND[beyond] if n in BEYOND.values() else n for n in effect.assumptions)
    return replace(effect, beyond=beyond, assumptions=rests)


def _going_on(element: Element, lasting: Mapping[int, Effect]) -> Element:
    """Return a rebate without an end with an effect without an end."""
    if not isinstance(element, LoyaltyRebate | RebateForAll):
        return element
    effect = effect_of(element)
    ends = bool(getattr(element, "steps", ())) and element.steps[-1].to_unit is not None  # type: ignore[union-attr]
    return element if effect is None or ends else _with_effect(element, lasting[id(effect)])


def _with_effect(element: Any, effect: Effect) -> Element:
    made: Element = replace(element, behaviour=replace(element.behaviour, effect=effect))
    return made


def _key(element: Element) -> tuple[Any, ...]:
    """Return what tells two elements apart; effects only by which object they are."""
    behaviour = getattr(element, "behaviour", None)
    own = [getattr(element, f.name) for f in fields(element) if f.name != "behaviour"]
    felt = [] if behaviour is None else [getattr(behaviour, f.name) for f in fields(behaviour)]
    parts = [id(x) if isinstance(x, Effect) else x for x in (*own, *felt)]
    return (type(element), *parts)
