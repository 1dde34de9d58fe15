"""How the hazards of a kind of life follow from those at list price.

    hazard = baseline * product of ratios + sum of what is added

Elements act at the same time: their order says nothing. A minimum term then holds back leaving, and
hopping takes its share of those who would stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stammkunde.errors import ParameterError, nearest
from stammkunde.evidence.effect import EVERYBODY, Effect
from stammkunde.policy.offers.behaviour import Reaction, When
from stammkunde.policy.offers.elements import Care, Element, MinimumTerm
from stammkunde.policy.offers.given import Draws, resolved, under
from stammkunde.policy.offers.market import Market
from stammkunde.policy.offers.roles import Role, behaviour_of, gets, holds


@dataclass(frozen=True, eq=False)
class Scene:
    """One segment of a market under given draws: what hazards are made with.

    `weights` [B, 256] are those of the persons' blocks in the same draws, for what was estimated;
    None: at the estimate. `reach` is by element name what is left of a reach that is too large.
    """

    market: Market
    segment: str
    draws: Draws
    weights: np.ndarray | None
    reach: dict[str, np.ndarray]

    def reached(self, element: Element) -> np.ndarray:
        """Return the share whom a contact or win-back offer reaches [] or [B]."""
        own = resolved(element, "reach", self.draws)
        return own * self.reach[element.name] if element.name in self.reach else own


def reacted(
    baseline: np.ndarray, elements: Sequence[Element], role: Role, scene: Scene
) -> np.ndarray:
    """Return the hazards [..., C, T] of a kind of life, from those at list price."""
    ratio: np.ndarray | None = None
    adds: np.ndarray | None = None
    for e in elements:
        for factor, extra in _of_element(e, role, scene, baseline.shape[-1]):
            ratio = factor if ratio is None else ratio * factor
            if extra is not None:
                adds = extra if adds is None else adds + extra
    found = baseline if ratio is None else baseline * ratio
    return np.asarray(found if adds is None else found + adds)


Acting = tuple[np.ndarray, np.ndarray | None]


def _of_element(element: Element, role: Role, scene: Scene, length: int) -> list[Acting]:
    behaviour = behaviour_of(element)
    if behaviour is None:
        return []
    found = []
    with under(f"{element.name}.behaviour"):
        for k, reaction in enumerate(behaviour.reactions):
            with under(f"reactions[{k}]"):
                at = holds(element, role, reaction.when, length)
                places = scene.market.places(reaction.causes)
                if at is not None:
                    found.append(_reaction(reaction, at, places, element, scene))
        if behaviour.effect is not None and gets(element, role):
            with under("effect"):
                found.append(_effect(behaviour.effect, scene, length))
    return found


def _reaction(
    reaction: Reaction, at: np.ndarray, places: Sequence[int], element: Element, scene: Scene
) -> Acting:
    last = at.max() if reaction.to_unit is None else reaction.to_unit
    grid = np.zeros((len(scene.market.causes), len(at)), bool)
    grid[list(places)] = (at >= reaction.from_unit) & (at <= last)
    ratio = resolved(reaction, "ratio", scene.draws)
    adds = resolved(reaction, "adds", scene.draws)
    if isinstance(element, Care) and reaction.when == When.DURING:
        share = scene.reached(element)
        ratio, adds = 1 + share * (ratio - 1), share * adds
    factor = np.where(grid, ratio[..., None, None], 1.0)
    none = reaction.adds == 0.0
    return factor, None if none else np.where(grid, adds[..., None, None], 0.0)


def _effect(effect: Effect, scene: Scene, length: int) -> Acting:
    """Return what an estimated effect multiplies and adds [..., C, T]."""
    market = scene.market
    for cause in effect.causes:
        if cause not in market.causes:
            raise ParameterError(
                f'the effect is one on leaving for "{cause}"', remedy=nearest(cause, market.causes)
            )
    segment = scene.segment if scene.segment in effect.segments else EVERYBODY
    own = (len(effect.causes), length)
    added = effect.applied(np.zeros(own), segment, scene.weights)
    ratio = effect.applied(np.ones(own), segment, scene.weights) - added
    lead = ratio.shape[:-2]
    factor, extra = (f((*lead, len(market.causes), length)) for f in (np.ones, np.zeros))
    at = [market.causes.index(c) for c in effect.causes]
    factor[..., at, :], extra[..., at, :] = ratio, added
    return factor, extra


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
