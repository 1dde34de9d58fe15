"""Complaints: from hazards as observed over all customers to those of customers who are content."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from stammkunde.errors import ParameterError
from stammkunde.policy.engine import Life, cared_for, life
from stammkunde.policy.engine.given import counts
from stammkunde.policy.offers.elements import Element, Recovery
from stammkunde.policy.offers.given import resolved, under
from stammkunde.policy.offers.hazards import Scene
from stammkunde.policy.offers.market import Segment


def neutral(
    hazards: np.ndarray,
    shares: Sequence[np.ndarray],
    ratios: Sequence[ArrayLike],
) -> np.ndarray:
    """Return a content customer's hazards [..., C, T] from those of all [..., C, T].

    With these, `cared_for` has the hazards of all again. `shares` [] or [B] complain in a month,
    are answered well, and fade; `ratios` [C] are those of customers who have complained, and of
    those who were answered. ParameterError where a state's hazards would be above 1.
    """
    upset, eased = (counts(r, "what multiplies hazards") for r in ratios)
    factors = np.stack(np.broadcast_arrays(np.ones_like(upset), upset, eased), axis=-2)
    chance, well, back = (np.asarray(x)[..., None] for x in shares)
    lead = np.broadcast_shapes(hazards.shape[:-2], factors.shape[:-2], chance.shape[:-1])
    lead = np.broadcast_shapes(lead, well.shape[:-1], back.shape[:-1])
    mix = np.zeros((*lead, 3))
    mix[..., 0] = 1.0
    found = np.empty((*lead, *hazards.shape[-2:]))
    for t in range(hazards.shape[-1]):
        average = (mix[..., None] * factors).sum(axis=-2)
        here = hazards[..., t] + np.zeros(average.shape)
        own = np.divide(here, average, out=np.zeros_like(here), where=average > 0)
        found[..., t] = own
        stays = 1 - (own[..., None, :] * factors).sum(axis=-1)
        if stays.min() < 0:
            raise ParameterError(
                f"in unit {t + 1} more than all of those who complained would leave",
                remedy="Lower what a complaint multiplies hazards by.",
            )
        left = mix * stays
        fade = (1 - chance) * back
        everybody = left.sum(axis=-1, keepdims=True)
        calm = left[..., :1] * (1 - chance) + (left[..., 1:].sum(axis=-1, keepdims=True)) * fade
        kept = left[..., 1:] * (1 - chance) * (1 - back)
        new = everybody * chance * np.concatenate([1 - well, well], axis=-1)
        mix = np.concatenate([calm, kept + new], axis=-1)
        mix = np.divide(mix, everybody, out=np.zeros_like(mix), where=everybody > 0)
    return found


def content(
    hazards: np.ndarray, segment: Segment, scene: Scene, elements: Sequence[Element] = ()
) -> np.ndarray:
    """Return a content customer's hazards from those of all, complaints answered as `elements` say.

    By default as they are today; the hazards themselves where nothing is known of complaints.
    """
    c = segment.complaints
    if c is None:
        return hazards
    shares = [resolved(c, k, scene.draws) for k in ("complains", "answered", "fades")]
    shares[1] = _answered(segment, scene, elements)
    with under("complaints"):
        return neutral(hazards, shares, (c.complained, c.recovered))


def upset(
    name: str,
    causes: Sequence[str],
    hazards: np.ndarray,
    elements: Sequence[Element],
    segment: Segment,
    scene: Scene,
) -> Life:
    """Return the life of customers who complain now and then, from a content one's hazards."""
    c = segment.complaints
    if c is None:
        return life(name, causes, hazards)
    # who hops does so whatever he has complained of
    ratios = [
        np.concatenate([a, np.ones((*a.shape[:-1], len(causes) - a.shape[-1]))], axis=-1)
        for a in (np.asarray(c.complained, dtype=float), np.asarray(c.recovered, dtype=float))
    ]
    return cared_for(
        name,
        causes,
        hazards,
        complains=resolved(c, "complains", scene.draws)[..., None],
        answered=_answered(segment, scene, elements)[..., None],
        fades=resolved(c, "fades", scene.draws)[..., None],
        complained=ratios[0],
        recovered=ratios[1],
    )


def _answered(segment: Segment, scene: Scene, elements: Sequence[Element]) -> np.ndarray:
    recovery = next((e for e in elements if isinstance(e, Recovery)), None)
    return resolved(recovery or segment.complaints, "answered", scene.draws)
