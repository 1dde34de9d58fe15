"""Numbers that follow from fitted parameters, told with their doubt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from stammkunde import intervals
from stammkunde.draws import Replicates
from stammkunde.result import Estimate, Status
from stammkunde.survival.buying.maximum import Moves

Scale = Literal["log", "identity", "share"]
Quantity = Callable[[np.ndarray], np.ndarray]
# of a logarithm, for differences: about the third root of rounding
NUDGE = 1e-5
ROUNDING = 1e-12


@dataclass(frozen=True)
class Told:
    """Several quantities [K] as functions of the parameters, computed once for all replicates.

    `value` [K]; `replicates` [.., K] by the person blocks, or None where these are not known: then
    `around` [2 P, K] are the quantities a little above and below each parameter.
    """

    moves: Moves
    value: np.ndarray
    replicates: Replicates | None
    around: np.ndarray

    def estimate(
        self, pick: Quantity, *, scale: Scale, level: float = 0.95, **about: Any
    ) -> Estimate:
        """Return the estimate of `pick`, from quantities [B, K] to [B].

        By the person blocks with t quantiles, its replicates with it; without blocks by the inverse
        information with normal quantiles. `scale` is that of the interval.
        """
        value = float(pick(self.value[None])[0])
        replicates = self.replicates and self.replicates.map(pick)
        if replicates is not None:
            se = float(replicates.se())
            wide = intervals.student_quantile(level, replicates.smallest)
        else:
            se, wide = float(self.errors(pick)), intervals.normal_quantile(level)
        low, high = limits(np.asarray(value), np.asarray(se), wide, scale)
        about = {"status": Status.ESTIMATED} | about
        about["method"] += ", " + (
            "observed information" if replicates is None else "person blocks"
        )
        return Estimate(
            value=value,
            low=float(low),
            high=float(high),
            se=se,
            level=level,
            replicates=replicates,
            **about,
        )

    def errors(self, pick: Quantity) -> np.ndarray:
        """Return standard errors of `pick` by the delta method on the inverse information."""
        size = len(self.moves.at)
        found = pick(self.around)
        slope = (found[:size] - found[size:]) / (2 * NUDGE)
        spread = np.tensordot(self.moves.covariance, slope, axes=1)
        return np.asarray(np.sqrt(np.maximum((slope * spread).sum(axis=0), 0.0)))


def telling(moves: Moves, quantities: Quantity) -> Told:
    """Return functions of the parameters, [B, P] to [B, K], ready to be told."""
    if moves.by_blocks:
        replicates = moves.replicates().map(quantities)
        return Told(moves, quantities(moves.at[None])[0], replicates, np.zeros((0, 0)))
    steps = NUDGE * np.eye(len(moves.at))
    found = quantities(np.concatenate([moves.at[None], moves.at + steps, moves.at - steps]))
    return Told(moves, found[0], None, found[1:])


def told(
    moves: Moves, quantity: Quantity, *, scale: Scale, level: float = 0.95, **about: Any
) -> Estimate:
    """Return the estimate of one function of the parameters, [B, P] to [B] (see `Told`)."""
    one = telling(moves, lambda p: quantity(p)[:, None])
    return one.estimate(lambda q: q[:, 0], scale=scale, level=level, **about)


def limits(
    value: np.ndarray, se: np.ndarray, wide: float, scale: Scale
) -> tuple[np.ndarray, np.ndarray]:
    """Return intervals on their scale; the value itself where it moves by rounding only."""
    if scale == "identity":
        return value - wide * se, value + wide * se
    how = intervals.log if scale == "log" else intervals.log_log
    low, high = how(value, se, wide)
    moves = se > ROUNDING * np.abs(value)
    return np.where(moves, low, value), np.where(moves, high, value)
