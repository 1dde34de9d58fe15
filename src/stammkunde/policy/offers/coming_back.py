"""Who comes back under a policy: as new, within a cool-off, won back, or by hopping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from stammkunde.errors import ParameterError
from stammkunde.policy.engine import Return
from stammkunde.policy.offers.elements import CoolOff, Element, NewcomerRebate, WinBack
from stammkunde.policy.offers.given import resolved, under
from stammkunde.policy.offers.hazards import Scene
from stammkunde.policy.offers.market import Segment, by_unit
from stammkunde.policy.offers.money import rebate_of
from stammkunde.policy.offers.roles import (
    AS_NEW,
    HOPPED,
    TODAY,
    WITHIN,
    Role,
    asked_back,
    cooling,
    hops,
    taken,
    won_name,
)


def chances(
    elements: Sequence[Element],
    segment: Segment,
    kinds: Sequence[Role],
    scene: Scene,
    *,
    base: bool,
) -> tuple[Return, ...]:
    """Return who of the leavers of new customers, or of today's (`base`), comes back as what.

    Who is won back does not come back by himself as well.
    """
    sources = (TODAY,) if base else tuple(r.name for r in kinds)
    causes = scene.market.causes
    won, taken = _won(elements, sources, scene, base)
    found: list[Return] = []
    if segment.returns is not None:
        own = np.asarray(segment.returns, dtype=float)
        cool = cooling(elements)
        for k, cause in enumerate(causes):
            chance = own[..., k, :]
            if not chance.any():
                continue
            if cause in taken:
                chance = chance * (1 - taken[cause])[..., None]
            found += by_clock(chance, sources, cause, cool, scene)
    found += won
    hopping = [e for e in elements if hops(e)]
    if hopping and not base:
        offered = tuple(r.name for r in kinds if r.offered)
        lag = np.zeros(1 + _wait(elements))
        lag[-1] = 1.0
        found.append(Return(offered, (HOPPED,), AS_NEW, lag))
    return tuple(found)


def by_clock(
    chance: np.ndarray, sources: tuple[str, ...], cause: str, cool: CoolOff | None, scene: Scene
) -> list[Return]:
    """Return leavers for a cause who come back by themselves: within the cool-off, and as new.

    `chance` [..., L] is by lag.
    """
    if cool is None:
        return [Return(sources, (cause,), AS_NEW, chance)]
    with under(cool.name):
        stays_away = resolved(cool, "deterred", scene.draws)[..., None]
    early = np.arange(chance.shape[-1]) < cool.months
    found = []
    if (chance * early).any():
        back = np.where(early, chance * (1 - stays_away), 0.0)
        found.append(Return(sources, (cause,), WITHIN, back))
    if (chance * ~early).any():
        found.append(Return(sources, (cause,), AS_NEW, np.where(early, 0.0, chance)))
    return found


def _won(
    elements: Sequence[Element], sources: tuple[str, ...], scene: Scene, base: bool
) -> tuple[list[Return], dict[str, np.ndarray]]:
    """Return those won back, and by cause the share of leavers that is."""
    found: list[Return] = []
    taken: dict[str, np.ndarray] = {}
    for e in elements:
        if not isinstance(e, WinBack):
            continue
        with under(e.name):
            scene.market.places(e.causes)
            if not asked_back(e, base):
                continue
            share = scene.reached(e) * resolved(e, "won_back", scene.draws)
        chance = np.zeros((*share.shape, e.lag + 1))
        chance[..., -1] = share
        found.append(Return(sources, e.causes, won_name(e), chance))
        for cause in e.causes:
            taken[cause] = share + taken.get(cause, 0.0)
            if taken[cause].max() > 1:
                raise ParameterError(
                    f'more than all who leave for "{cause}" are won back',
                    where=e.name,
                    remedy="The offers for one cause share its leavers: lower reach or won_back.",
                )
    return found, taken


def hop_hazard(
    hazards: np.ndarray,
    hopping: Sequence[Element],
    elements: Sequence[Element],
    segment: Segment,
    scene: Scene,
    takers: Mapping[str, np.ndarray],
) -> np.ndarray:
    """Return the share of those there who cancel to sign up again [..., T], at an offer's end.

    Hassle is even from what a cool-off costs to that and `hassle` more: the share that saves more
    than it is (rebate - wait) / hassle, at most all; of the takers of the rebate still there,
    `takers` [..., T] of all by element.
    """
    stays = 1 - hazards.sum(axis=-2)
    total = np.zeros(hazards.shape[-1])
    for e in hopping:
        if not isinstance(e, NewcomerRebate) or e.months > hazards.shape[-1]:
            continue
        with under(e.name):
            share, got = _hop_share(e, elements, segment, scene), taken(e, scene.draws)
        if got is not None:
            # who is there after its last unit: leavers of that unit are no more among them
            after = min(e.months, hazards.shape[-1] - 1)
            share = share * (takers[e.name][..., after] if e.name in takers else got)
        at_end = np.arange(1, hazards.shape[-1] + 1) == e.months
        total = total + np.where(at_end, share[..., None], 0.0)
    return np.asarray(np.maximum(stays, 0.0) * total)


def _hop_share(
    element: NewcomerRebate, elements: Sequence[Element], segment: Segment, scene: Scene
) -> np.ndarray:
    cool = _cool(elements)
    draws = scene.draws
    if element.hassle == 0.0:
        share = resolved(element, "hops", draws)
        return share if cool is None else share * (1 - resolved(cool, "stops", draws))
    price = by_unit(segment.price, draws, max(element.months, scene.market.horizon), "price")
    own = rebate_of(element, price, draws)
    saves = np.zeros(()) if own is None else own.sum(axis=-1)
    if cool is not None:
        saves = np.maximum(saves - cool.months * resolved(cool, "service", draws), 0.0)
    most = resolved(element, "hassle", draws)
    # nobody hops for nothing, and without hassle everybody hops for something
    either = np.asarray((saves > 0) + 0.0 * most)
    share = np.divide(saves, most, out=either, where=np.broadcast_to(most > 0, either.shape))
    return np.asarray(np.minimum(share, 1.0))


def _cool(elements: Sequence[Element]) -> CoolOff | None:
    return next((e for e in elements if isinstance(e, CoolOff)), None)


def _wait(elements: Sequence[Element]) -> int:
    cool = _cool(elements)
    return 0 if cool is None else cool.months
