"""The reduced model: one active state, nobody comes back. Every line of it fits into a spreadsheet.

Row u = 1 .. H (a unit of tenure); the row above the first is u = 0.

    | column | formula                                                        | row 0 |
    |--------|----------------------------------------------------------------|-------|
    | there  | there(u) = there(u-1) * (1 - hazard(u-1)); hazard(0) = 0         | 1     |
    | factor | factor(u) = factor(u-1) * v; factor(1) = 1                       |       |
    | paid   | paid(u) = there(u) * unit(u)                                     |       |
    | worth  | worth(u) = paid(u) * factor(u); in arrears * v                   |       |
    | sum    | sum(u) = sum(u-1) + worth(u)                                     | once  |

`there(u)` is who is a customer in unit u, `hazard(u)` the share of them that leaves at its end for
whatever cause, `unit(u)` what each pays for it. The value is sum(H); the payback is the first u
with sum(u) >= 0. It equals the full engine where that has one state and no returns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stammkunde.policy.engine.given import lasting, numbers, positive, powers, shares


@dataclass(frozen=True, eq=False)
class Reduced:
    """What one who signs up is worth within the horizon: each number [...], `worth` [..., H].

    `units` are the expected paid units, `discounted` the same at present value, `staying` the share
    that is still there after the horizon, `worth` the running sum of the table's last column.
    """

    value: np.ndarray
    units: np.ndarray
    discounted: np.ndarray
    staying: np.ndarray
    worth: np.ndarray


def reduced(
    hazard: ArrayLike,
    unit: ArrayLike,
    v: ArrayLike,
    horizon: int,
    *,
    once: ArrayLike = 0.0,
    arrears: bool = False,
) -> Reduced:
    """Return the reduced model's numbers for one who signs up now.

    `hazard` and `unit` [..., T], T >= H, or numbers that hold in every unit; `v` [...] is the worth
    now of one euro paid a unit later, `once` [...] is due at sign-up (negative: a cost).
    ParameterError for a hazard outside [0, 1], a horizon below 1, or too short an axis.
    """
    positive(horizon)
    leaves = lasting(shares(hazard, "a hazard"), horizon, "the hazard")
    pays = lasting(numbers(unit, "what is paid"), horizon, "what is paid")
    stays = np.empty((*leaves.shape[:-1], horizon + 1))
    stays[..., 0] = 1.0
    np.subtract(1.0, leaves, out=stays[..., 1:])
    np.cumprod(stays[..., 1:], axis=-1, out=stays[..., 1:])
    there, factors = stays[..., :-1], powers(v, horizon)
    late = np.asarray(v, dtype=float)[..., None] if arrears else 1.0
    worth = np.cumsum(there * (pays * factors * late), axis=-1)
    worth = worth + numbers(once, "what is due once")[..., None]
    now = np.vecdot(there, factors)
    return Reduced(worth[..., -1], there.sum(axis=-1), now, stays[..., -1], worth)
