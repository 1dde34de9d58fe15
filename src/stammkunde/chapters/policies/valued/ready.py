"""Policies with everything in them that the data know: effects, takers, and how long they last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from stammkunde.chapters.policies.valued.effects import Found
from stammkunde.chapters.policies.valued.taken import by_level
from stammkunde.evidence.effect import BEYOND, Effect
from stammkunde.policy.ledger import Ledger
from stammkunde.policy.offers import Element, LoyaltyRebate, Policy, RebateForAll, with_effects

LASTING = BEYOND["lasts"]


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
    going_on = {id(e): _lasting(e) for e in effects.values()}
    seen: dict[Any, Element] = {}

    def one(element: Element) -> Element:
        made = _going_on(element, going_on)
        return seen.setdefault(_key(made), made)

    return tuple(_each(with_effects(by_level(p, levels, ledger), effects), one) for p in policies)


def _each(policy: Policy, change: Any) -> Policy:
    return replace(
        policy,
        elements=tuple(change(e) for e in policy.elements),
        segments={n: tuple(change(e) for e in own) for n, own in policy.segments.items()},
    )


def _lasting(effect: Effect) -> Effect:
    rests = tuple(LASTING if n == BEYOND["fades"] else n for n in effect.assumptions)
    return replace(effect, beyond="lasts", assumptions=rests)


def _going_on(element: Element, lasting: Mapping[int, Effect]) -> Element:
    """Return a rebate without an end with an effect without an end."""
    if not isinstance(element, LoyaltyRebate | RebateForAll):
        return element
    effect = element.behaviour.effect
    ends = bool(getattr(element, "steps", ())) and element.steps[-1].to_unit is not None  # type: ignore[union-attr]
    if not isinstance(effect, Effect) or ends:
        return element
    return replace(element, behaviour=replace(element.behaviour, effect=lasting[id(effect)]))


def _key(element: Element) -> tuple[Any, ...]:
    """Return what tells two elements apart; effects only by which object they are."""
    behaviour = getattr(element, "behaviour", None)
    own = [getattr(element, f.name) for f in fields(element) if f.name != "behaviour"]
    felt = [] if behaviour is None else [getattr(behaviour, f.name) for f in fields(behaviour)]
    parts = [id(x) if isinstance(x, Effect) else x for x in (*own, *felt)]
    return (type(element), *parts)
