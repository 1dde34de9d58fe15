"""Something unrecorded, U, that is tied to the arm and to leaving: survival without its work.

U multiplies the odds of leaving in each unit by a constant. It is spread alike in both arms but for
its mean (normal, in standard deviations) or its prevalence (binary) at time zero; after that the
arms lose those with much of it first. The hazards of each arm are taken apart by U such that they
add up to the trial's own, and put together again with the U of both arms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import expit, logit

from stammkunde.errors import ParameterError

Spread = Literal["normal", "binary"]
NODES = 20
FARTHEST = 5.0
# a share nearer to 0 or 1 would be taken apart by rounding
STEEP, CLOSE = 30.0, 1e-12


@dataclass(frozen=True, kw_only=True)
class Unrecorded:
    """Something unrecorded: `odds` of leaving per standard deviation, or of who has it.

    `difference` is the treated arm's mean (in standard deviations within an arm) or prevalence less
    the control arm's; `prevalence` the mean of both arms' prevalences, for a binary one.
    """

    odds: float
    difference: float
    spread: Spread = "normal"
    prevalence: float = 0.5

    def __post_init__(self) -> None:
        if not 0 < self.odds < np.inf:
            raise ParameterError(f"odds of {self.odds}", remedy="Give a number above 0.")
        if not 0 < self.prevalence < 1:
            raise ParameterError(
                f"a prevalence of {self.prevalence}", remedy="Give a number between 0 and 1."
            )
        if abs(self.difference) > self.farthest:
            raise ParameterError(
                f"a difference of {self.difference:g} is beyond what can be",
                remedy=f"Give at most {self.farthest:g}.",
            )

    @property
    def farthest(self) -> float:
        """Return the largest difference that there can be: of shares; 5 standard deviations."""
        if self.spread == "normal":
            return FARTHEST
        return 2 * min(self.prevalence, 1 - self.prevalence)


def standardised(
    survival: np.ndarray, unrecorded: Unrecorded, mixed: float, treated: bool
) -> np.ndarray:
    """Return an arm's survival [B, K+1] if it had the U of the population.

    That is the treated arm's for a share `mixed` of it, the control arm's for the others; `treated`
    says which arm's `survival` this is.
    """
    before = survival[:, :-1]
    stays = np.divide(survival[:, 1:], before, out=np.ones(before.shape), where=before > 0)
    hazards = np.clip(1 - stays, 0.0, 1.0)
    slope = np.log(unrecorded.odds)
    values, chances = _laws(unrecorded)
    own = 0 if treated else 1
    # chances of U among those still there: in this arm, and with the U of either arm
    mine = np.broadcast_to(chances[own], (len(hazards), values.shape[1]))
    alive = np.ones((2, len(hazards), values.shape[1]))
    curve = [np.ones(len(hazards))]
    off = np.zeros(len(hazards))
    for h in hazards.T:
        level, off = _level(h, mine, slope * values[own], off)
        leaves = _leaving(h, level[:, None] + slope * values[:, None, :])
        mine = mine * (1 - leaves[own])
        whole = mine.sum(axis=1, keepdims=True)
        mine = np.divide(mine, whole, out=np.array(mine), where=whole > 0)
        alive = alive * (1 - leaves)
        by_arm = (alive * chances[:, None, :]).sum(axis=-1)
        curve.append(mixed * by_arm[0] + (1 - mixed) * by_arm[1])
    return np.stack(curve, axis=1)


def _laws(unrecorded: Unrecorded) -> tuple[np.ndarray, np.ndarray]:
    """Return values of U in the treated and in the control arm [2, N], and chances [2, N]."""
    half = np.array([[0.5], [-0.5]]) * unrecorded.difference
    if unrecorded.spread == "normal":
        at, mass = np.polynomial.hermite_e.hermegauss(NODES)
        return at + half, np.broadcast_to(mass / mass.sum(), (2, NODES))
    has = unrecorded.prevalence + half
    return np.broadcast_to([0.0, 1.0], (2, 2)), np.concatenate([1 - has, has], axis=1)


def _leaving(hazard: np.ndarray, logits: np.ndarray) -> np.ndarray:
    """Return chances of leaving [2, B, N]; where nobody or everybody leaves U changes nothing."""
    certain = ((hazard <= 0) | (hazard >= 1))[:, None]
    return np.where(certain, np.clip(hazard, 0, 1)[:, None], expit(logits))


def _level(
    hazard: np.ndarray, chances: np.ndarray, shifts: np.ndarray, off: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the log odds [B] at which those with the `shifts` [N] leave in the hazard's share.

    Newton steps from where the unit before was `off` the log odds of its share; the second array is
    what this unit is off.
    """
    known = (hazard > 0) & (hazard < 1)
    aim = logit(np.where(known, hazard, 0.5))
    level = aim + off
    for _ in range(60):
        each = expit(np.clip(level[:, None] + shifts, -STEEP, STEEP))
        part = chances * each
        mean = np.clip(part.sum(axis=1), CLOSE, 1 - CLOSE)
        short = logit(mean) - aim
        if np.abs(short[known]).max(initial=0.0) < 1e-10:
            break
        slope = (part * (1 - each)).sum(axis=1) / (mean * (1 - mean))
        level = level - np.where(known, short / np.maximum(slope, 0.05), 0.0)
    return level, np.where(known, level - aim, off)
