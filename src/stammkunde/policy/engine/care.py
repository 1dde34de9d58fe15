"""Customers who complain: neutral, complained, recovered, and how each of these leaves.

In every unit leaving comes first, by the hazards of the state. Of those who stay

    a share `complains`: `answered` of them are then recovered, the others complained,
    of the rest in complained or recovered a share `fades` back to neutral.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from stammkunde.errors import ParameterError, several
from stammkunde.policy.engine.chain import Chain, Move
from stammkunde.policy.engine.given import counts, lasting, shares
from stammkunde.policy.engine.lives import Life, staged

NEUTRAL, COMPLAINED, RECOVERED = STATES = ("neutral", "complained", "recovered")


def cared_for(
    name: str,
    causes: Sequence[str],
    hazards: ArrayLike,
    *,
    complains: ArrayLike,
    answered: ArrayLike,
    fades: ArrayLike,
    complained: ArrayLike,
    recovered: ArrayLike,
) -> Life:
    """Return the life of customers who complain now and then; all begin neutral.

    `hazards` [..., C, T] are those of a neutral customer; `complained` and `recovered` [..., C]
    multiply them, by cause. `complains`, `answered` and `fades` are shares by unit [..., T], or
    numbers. ParameterError where a multiplied hazard is above 1, or where hazards of a state add up
    to more than 1.
    """
    causes = several(causes, "causes")
    base = shares(hazards, f'a hazard of "{name}"')
    if base.ndim < 2 or base.shape[-2] != len(causes):
        raise ParameterError(
            f'"{name}" has {len(causes)} causes, and its hazards are shaped {base.shape}',
            remedy="The last axes of hazards are causes and units of tenure.",
        )
    units = base.shape[-1]
    chance, well, back = (
        lasting(shares(given, what), units, what)
        for given, what in (
            (complains, "the share that complains"),
            (answered, "the share of complaints answered well"),
            (fades, "the share that goes back to neutral"),
        )
    )
    ratios = {NEUTRAL: np.ones(len(causes)), COMPLAINED: complained, RECOVERED: recovered}
    moves: list[Move] = []
    for state, ratio in ratios.items():
        own = _multiplied(base, ratio, len(causes), f'"{name}", {state}')
        moves += [Move(state, cause, own[..., c, :]) for c, cause in enumerate(causes)]
        moves += _onward(state, np.clip(1 - own.sum(axis=-2), 0.0, 1.0), chance, well, back)
    return staged(name, Chain((*STATES, *causes), tuple(moves), units), STATES, causes, NEUTRAL)


def _onward(
    state: str, stays: np.ndarray, chance: np.ndarray, well: np.ndarray, back: np.ndarray
) -> list[Move]:
    """Return the moves of those who stay customers."""
    shares = {
        RECOVERED: stays * chance * well,
        COMPLAINED: stays * chance * (1 - well),
        NEUTRAL: stays * (1 - chance) * back,
    }
    return [Move(state, to, share) for to, share in shares.items() if to != state]


def _multiplied(base: np.ndarray, ratio: ArrayLike, causes: int, whose: str) -> np.ndarray:
    factor = counts(ratio, f"what multiplies the hazards of {whose}")
    if factor.ndim == 0 or factor.shape[-1] != causes:
        raise ParameterError(
            f"what multiplies the hazards of {whose} is shaped {factor.shape}",
            remedy="Give a factor for each cause; 1 changes nothing.",
        )
    return shares(base * factor[..., None], f"a hazard of {whose}")
