"""Who had left before today and comes back: as leavers of the months to come do, only sooner.

Who left n units ago and is still away comes back in month m ahead at lag n + m, if he has not at
the lags before n. So the clock of a cool-off has run for n units already; no win-back offer reaches
him, for he had left before there was any.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from stammkunde.policy.offers.coming_back import by_clock
from stammkunde.policy.offers.elements import CoolOff
from stammkunde.policy.offers.hazards import Scene
from stammkunde.policy.offers.market import Segment
from stammkunde.policy.offers.roles import TODAY


def leavers_of(chance: np.ndarray, gone: ArrayLike) -> np.ndarray:
    """Return of how many leavers [..., L] those `gone` [..., G] are still away; G is at most L.

    `chance` [..., L] is the share of leavers who come back, by lag.
    """
    away = 1 - np.cumsum(chance, axis=-1)
    before = np.concatenate([np.ones((*away.shape[:-1], 1)), away[..., :-1]], axis=-1)
    heads = np.asarray(gone, dtype=float)
    known = np.zeros(np.broadcast_shapes(before.shape, (*heads.shape[:-1], 1)))
    known[..., : heads.shape[-1]] = heads
    # where all are back by then, nobody can still be away
    return np.divide(known, before, out=np.zeros(known.shape), where=before > 0)


def coming(chance: np.ndarray, leavers: np.ndarray, horizon: int) -> np.ndarray:
    """Return how many of `leavers` [..., L] come back in month 0 .. H - 1 [..., H].

    Leavers are by whole units since leaving, their `chance` [..., L] by lag.
    """
    lags = chance.shape[-1]
    months = min(horizon, lags)
    long = np.zeros((*chance.shape[:-1], lags - 1 + months))
    long[..., :lags] = chance
    spans = sliding_window_view(long, lags, axis=-1)
    some = np.vecdot(spans, leavers[..., None, :])
    found = np.zeros((*some.shape[:-1], horizon))
    found[..., :months] = some
    return found


def still_to_come(chance: np.ndarray, gone: ArrayLike, horizon: int) -> np.ndarray:
    """Return how many of those `gone` [C, G] come back in month 0 .. H - 1 [..., H], all causes.

    `chance` [..., C, L] are those of all leavers by lag; no rule keeps anybody away.
    """
    each = coming(chance, leavers_of(chance, gone), horizon)
    return np.asarray(each.sum(axis=-2))


def back_from_before(segment: Segment, scene: Scene, cool: CoolOff | None) -> dict[str, np.ndarray]:
    """Return who had left a segment before today and comes back [..., H], by the life he begins.

    `cool` is the cool-off, where it changes anything. Empty where nobody had left, or comes back.
    """
    own = np.zeros(()) if segment.returns is None else np.asarray(segment.returns, dtype=float)
    if not (own.any() and np.any(segment.gone)):
        return {}

    def made() -> dict[str, np.ndarray]:
        leavers = leavers_of(own, segment.gone)
        found: dict[str, np.ndarray] = {}
        for k, cause in enumerate(scene.market.causes):
            chance, some = own[..., k, :], leavers[..., k, :]
            if not (some.any() and chance.any()):
                continue
            for back in by_clock(chance, (TODAY,), cause, cool, scene):
                come = coming(back.by_lag(), some, scene.market.horizon)
                found[back.target] = found.get(back.target, 0.0) + come
        return found

    return dict(scene.effects.once(("earlier",), (segment, scene.draws, cool), made))
