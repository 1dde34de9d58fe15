"""What elements do to the hazards of a kind of life, from those at list price.

    hazard = baseline * product of ratios + sum of what is added

Elements act at the same time: their order says nothing. A minimum term then holds back leaving, and
hopping takes its share of those who would stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from stammkunde.errors import ParameterError, nearest
from stammkunde.evidence.effect import Effect
from stammkunde.policy.offers.behaviour import Behaviour, Reaction, When
from stammkunde.policy.offers.elements import Care, Element, MinimumTerm
from stammkunde.policy.offers.estimated import (
    Acting,
    Estimated,
    of_tenure,
    segment_of,
    since_contact,
)
from stammkunde.policy.offers.given import Draws, resolved, under
from stammkunde.policy.offers.market import Market
from stammkunde.policy.offers.roles import (
    INDUCED,
    Role,
    behaviour_of,
    contacts,
    gets,
    holds,
    span,
    taken,
)

# what multiplies hazards [..., C, T] and what is added; None: nothing
Pair = tuple[np.ndarray | None, np.ndarray | None]


@dataclass(frozen=True, eq=False)
class Scene:
    """One segment of a market under given draws: what hazards are made with.

    `rules` is the name under which policies and effects know the segment. `effects` are those of
    the same draws, with all that was made of them so far; `reach` is by element name what is left
    of a reach that is too large.
    """

    market: Market
    rules: str
    draws: Draws
    effects: Estimated
    reach: dict[str, np.ndarray]

    def reached(self, element: Element) -> np.ndarray:
        """Return the share whom a contact or win-back offer reaches [] or [B]."""
        own = resolved(element, "reach", self.draws)
        return own * self.reach[element.name] if element.name in self.reach else own


@dataclass(frozen=True, eq=False)
class Acts:
    """What an element does to the hazards of a kind of life: of those who take it, and of others.

    `share` [] or [B] takes it when it begins; None: all do, and nobody is of the others.
    """

    name: str
    share: np.ndarray | None
    takers: Pair
    others: Pair = (None, None)


def acts_of(elements: Sequence[Element], role: Role, scene: Scene, length: int) -> tuple[Acts, ...]:
    """Return what each element does that does anything; an element is looked at only once."""
    found = []
    for e in elements:
        behaviour = behaviour_of(e)
        if behaviour is None or not (behaviour.reactions or behaviour.effect):
            continue
        if e.name in scene.reach:
            acts = _acts(e, behaviour, role, scene, length)
        else:
            market = scene.market
            how = (length, gets(e, role), role.name == INDUCED)
            key = ("acts", market.causes, market.group, scene.rules, *how)
            acts = scene.effects.once(
                key,
                (e, scene.draws),
                partial(_acts, e, behaviour, role, scene, length),
            )
        if acts is not None:
            found.append(acts)
    return tuple(found)


def together(parts: Sequence[Pair]) -> Pair:
    """Return what several multiply and add at the same time."""
    ratio: np.ndarray | None = None
    adds: np.ndarray | None = None
    for factor, extra in parts:
        if factor is not None:
            ratio = factor if ratio is None else ratio * factor
        if extra is not None:
            adds = extra if adds is None else adds + extra
    return ratio, adds


def _nothing(pair: Pair) -> bool:
    return pair[0] is None and pair[1] is None


def _acts(
    element: Element, behaviour: Behaviour, role: Role, scene: Scene, length: int
) -> Acts | None:
    has = gets(element, role)
    if isinstance(element, Care) and element.reach == 0.0:
        return None
    with under(element.name):
        share = taken(element, scene.draws) if has else None
    own = together(_reactions(element, behaviour, role, scene, length, has=has))
    if share is None:
        return None if _nothing(own) else Acts(element.name, None, own)
    # who could have it and does not is one who sees what others get
    others = together(_reactions(element, behaviour, role, scene, length, has=False))
    if _nothing(own) and _nothing(others):
        return None
    return Acts(element.name, share, own, others)


def _reactions(
    element: Element, behaviour: Behaviour, role: Role, scene: Scene, length: int, *, has: bool
) -> list[Acting]:
    """Return what each reaction multiplies and adds, for those who have an element or have not."""
    found = []
    with under(f"{element.name}.behaviour"):
        for k, reaction in enumerate(behaviour.reactions):
            with under(f"reactions[{k}]"):
                at = holds(element, role, reaction.when, length, has=has)
                places = scene.market.places(reaction.causes)
                if at is not None:
                    share = _share(reaction.when, element, scene, length) if has else None
                    found.append(_reaction(reaction, at, places, share, scene))
        if isinstance(behaviour.effect, Effect) and has:
            with under("effect"):
                found.append(_effect(behaviour.effect, element, scene, length))
    return found


def _share(when: When, element: Element, scene: Scene, length: int) -> np.ndarray | None:
    """Return the share of those there in each unit to whom a reaction applies [..., T]; None: all.

    Contacts draw anew whom they reach: of those still felt, or of all there were, one is enough.
    """
    if not isinstance(element, Care) or when == When.INDUCED:
        return None
    missed = 1 - scene.reached(element)[..., None]
    made = contacts(element, max(length, span(element)[1] or 0))
    if when == When.AFTER:
        return np.asarray(1 - missed ** made.sum() * np.ones(length))
    felt = np.convolve(made, np.ones(element.lasts or 1))[:length]
    return np.asarray(missed**felt if when == When.OTHERS else 1 - missed**felt)


def _reaction(
    reaction: Reaction,
    at: np.ndarray,
    places: Sequence[int],
    share: np.ndarray | None,
    scene: Scene,
) -> Acting:
    last = at.max() if reaction.to_unit is None else reaction.to_unit
    grid = np.zeros((len(scene.market.causes), len(at)), bool)
    grid[list(places)] = (at >= reaction.from_unit) & (at <= last)
    ratio = resolved(reaction, "ratio", scene.draws)[..., None]
    adds = resolved(reaction, "adds", scene.draws)[..., None]
    if share is not None:
        ratio, adds = 1 + share * (ratio - 1), share * adds
    factor = np.where(grid, ratio[..., None, :], 1.0)
    none = reaction.adds == 0.0
    return factor, None if none else np.where(grid, adds[..., None, :], 0.0)


def _effect(effect: Effect, element: Element, scene: Scene, length: int) -> Acting:
    """Return what an estimated effect multiplies and adds [..., C, T]."""
    market = scene.market
    for cause in effect.causes:
        if cause not in market.causes:
            raise ParameterError(
                f'the effect is one on leaving for "{cause}"', remedy=nearest(cause, market.causes)
            )
    segment = segment_of(effect, scene.rules, market.group)
    drawn = scene.effects.of(effect)
    if isinstance(element, Care):
        reach = scene.reached(element)
        ratio, added = since_contact(element, reach, drawn, segment, length)
    else:
        ratio, added = scene.effects.once(
            ("of tenure", segment, length), (drawn,), lambda: of_tenure(drawn, segment, length)
        )
    at = [market.causes.index(c) for c in effect.causes]
    return _at(ratio, at, market, 1.0), None if added is None else _at(added, at, market, 0.0)


def _at(values: np.ndarray, places: Sequence[int], market: Market, neutral: float) -> np.ndarray:
    """Return values by an effect's causes as values by those of the market [..., C, T]."""
    if places == list(range(len(market.causes))):
        return values
    found = np.full((*values.shape[:-2], len(market.causes), values.shape[-1]), neutral)
    found[..., places, :] = values
    return found


def bound(
    hazards: np.ndarray, term: MinimumTerm, places: Sequence[int], draws: Draws
) -> np.ndarray:
    """Return hazards [..., C, T] under a minimum term: who is bound waits for the first occasion.

    Who waits and leaves for another cause in the meantime, or in the same unit, is gone for that.
    """
    pent = resolved(term, "pent_up", draws)[..., None]
    lead = np.broadcast_shapes(hazards.shape[:-2], pent.shape[:-1])
    found = np.array(np.broadcast_to(hazards, (*lead, *hazards.shape[-2:])))
    free = [c for c in range(hazards.shape[-2]) if c not in places]
    at = list(places)
    # of those who are there, the share that waits to leave, by cause
    wanted = np.zeros((*lead, len(at)))
    for t in range(hazards.shape[-1]):
        if term.renewal == 1 and t >= term.months:
            break
        own = hazards[..., at, t]
        others = hazards[..., free, t].sum(axis=-1, keepdims=True)
        if t + 1 < term.months or (t + 1 - term.months) % term.renewal:
            decided = np.divide(own, 1 - others, out=np.zeros_like(own), where=others < 1)
            wanted = wanted + (1 - wanted.sum(axis=-1, keepdims=True)) * decided
            found[..., at, t] = 0.0
            continue
        waiting = pent * wanted
        rest = 1 - waiting.sum(axis=-1, keepdims=True)
        found[..., at, t] = waiting * (1 - others) + rest * own
        wanted = np.zeros_like(wanted)
    return found
