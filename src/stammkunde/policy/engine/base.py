"""Today's customers: how long they stay on, what they still bring, and who of them leaves when.

Somebody who has completed g units of a life goes on in it with unit g + 1 in the first month. Their
number is known; what follows is conditional on being there:

    value(g) = (R(g) - R(g + H)) / (survival[g] * v^g)
    R(g) = sum over units u > g of v^(u - 1) * begin(u) + v^u * end(u)

with begin and end the expected money of one who signed up, so all tenures cost one running sum.
Sub-states are as mixed in them as the life says for their tenure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from stammkunde.errors import ParameterError
from stammkunde.policy.engine.given import counts, positive, powers
from stammkunde.policy.engine.kernel import SPAN, lengthened
from stammkunde.policy.engine.lives import Life
from stammkunde.policy.engine.pays import Earned, Pays, discounted, earned

# below it a ratio of survivals has lost its digits
FEWEST = 1e-250


@dataclass(frozen=True, eq=False)
class Base:
    """Head-counts `there` [..., G] of customers of a life who have completed 0 .. G - 1 units.

    `each` [..., G] is `there` over the share of a life that gets so far.
    """

    life: Life
    there: np.ndarray
    each: np.ndarray
    horizon: int

    @property
    def lead(self) -> tuple[int, ...]:
        """Return the leading axes of head-counts and life together."""
        return np.broadcast_shapes(self.each.shape[:-1], self.life.lead)

    def customers(self) -> np.ndarray:
        """Return how many are customers in month 0 .. H - 1 [..., H]."""
        return self.carried(self.life.survival)

    def leavers(self, cause: str) -> np.ndarray:
        """Return how many leave for `cause` at the end of month 0 .. H - 1 [..., H]."""
        return self.carried(self.life.of(cause))

    def carried(self, by_tenure: np.ndarray) -> np.ndarray:
        """Return sum over g of each(g) * by_tenure(g + m), m = 0 .. H - 1 [..., H]."""
        length = -(-self.each.shape[-1] // SPAN) * SPAN
        long = lengthened(by_tenure, max(by_tenure.shape[-1], length - 1 + self.horizon))
        spans = sliding_window_view(long, length, axis=-1)[..., : self.horizon, :]
        return np.asarray(np.vecdot(lengthened(self.each, length)[..., None, :], spans))


def existing(life: Life, there: ArrayLike, horizon: int) -> Base:
    """Return today's customers of `life`: `there` [..., G] by completed units of tenure 0, 1, ...

    ParameterError where the life is not known for the longest tenure plus the horizon, or where
    customers are there after more units than anybody stays by its hazards.
    """
    positive(horizon)
    heads = counts(there, f'the number of customers of "{life.name}" by tenure')
    if heads.ndim == 0:
        raise ParameterError(
            f'the number of customers of "{life.name}" is given without tenures',
            remedy="Give a number for each tenure so far: after 0, 1, 2 ... units.",
        )
    held = np.flatnonzero(heads.any(axis=tuple(range(heads.ndim - 1))))
    length = int(held[-1]) + 1 if held.size else 1
    if length - 1 + horizon > life.units:
        raise ParameterError(
            f'"{life.name}" is known for {life.units} units of tenure; customers have completed '
            f"{length - 1}, and the horizon is {horizon}",
            remedy="Project its hazards further, or shorten the horizon.",
        )
    heads = heads[..., :length] if heads.shape[-1] else np.zeros((*heads.shape[:-1], 1))
    stayed = life.survival[..., :length]
    lost = (stayed < FEWEST) & (heads > 0)
    if lost.any():
        tenure = int(np.flatnonzero(lost.any(axis=tuple(range(lost.ndim - 1))))[0])
        raise ParameterError(
            f'customers of "{life.name}" are there after {tenure} units, and by its hazards nobody '
            "stays so long",
            remedy="Lower the hazard that ends all of them, or give these customers another life.",
        )
    return Base(life, heads, np.ascontiguousarray(heads / np.maximum(stayed, FEWEST)), horizon)


def residual(base: Base, pays: Pays, v: ArrayLike) -> np.ndarray:
    """Return what one customer is still worth within the horizon, by tenure so far [..., G].

    Without returns. What is due once was paid long ago. ParameterError for money with a factor by
    month, which depends on two clocks: ask `base_by_month` for the sum over tenures.
    """
    if pays.by_month is not None:
        raise ParameterError(
            "money with a factor by month is not worth the same by tenure alone",
            remedy="Ask for its value by month, over all tenures.",
        )
    count, horizon = base.each.shape[-1], base.horizon
    units = count - 1 + horizon
    worth = earned(base.life, pays, units, v).all()
    onward = np.zeros((*worth.shape[:-1], units + 1))
    # summed from the far end, so that the few who stay long are not lost beside the many
    onward[..., :-1] = np.cumsum(worth[..., ::-1], axis=-1)[..., ::-1]
    reached = np.maximum(base.life.survival[..., :count], FEWEST) * powers(v, count)
    return np.asarray((onward[..., :count] - onward[..., horizon : horizon + count]) / reached)


def base_value(base: Base, pays: Pays, v: ArrayLike) -> np.ndarray:
    """Return what all of today's customers are still worth within the horizon [...]."""
    if pays.by_month is not None:
        return np.asarray(base_by_month(base, pays, v).sum(axis=-1))
    count, horizon = base.each.shape[-1], base.horizon
    if horizon < count:
        return np.asarray(np.add.reduce(base.there * residual(base, pays, v), axis=-1))
    worth = earned(base.life, pays, count - 1 + horizon, v).all()
    # unit u is lived within the horizon by who has completed u - H .. u - 1 units: no tenure is
    # looked at alone, and sums of head-counts are shorter than sums of money
    each = base.each / powers(v, count)
    living = np.empty((*each.shape[:-1], count - 1 + horizon))
    np.cumsum(each, axis=-1, out=living[..., :count])
    living[..., count:horizon] = living[..., count - 1 : count]
    living[..., horizon:] = np.cumsum(each[..., :0:-1], axis=-1)[..., ::-1]
    return np.asarray(np.vecdot(worth, living))


def base_by_month(base: Base, pays: Pays, v: ArrayLike = 1.0) -> np.ndarray:
    """Return the discounted money of month 0 .. H - 1 from all of today's customers [..., H].

    Money at a month's beginning is multiplied by v^m, at its end by v^(m + 1).
    """
    units = base.each.shape[-1] - 1 + base.horizon
    money = earned(base.life, pays, units)
    end = None if money.end is None else base.carried(money.end)
    months = Earned(base.carried(money.begin), end)
    return discounted(months, v, grown=pays.factor(base.horizon))
