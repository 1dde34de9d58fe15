"""Break-evens of an offer to newcomers: payback, the lift and the loyalty that would pay for it.

Months count from 1, the payment for month k falls at its beginning from those who are still
customers then, S(k - 1), and is worth v^(k - 1) today; v = (1 + yearly interest)^(-1/12). Money per
customer and month; leading axes are free.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stammkunde.errors import ParameterError
from stammkunde.policy.decide.checked import at_least, finite, shares
from stammkunde.policy.worth import discounted_lifetime, month_factor

ROUNDING = 1e-12


@dataclass(frozen=True, kw_only=True)
class Payback:
    """The month by whose payment an outlay is back, reckoned in three ways; infinite if never.

    `plain` as if nobody left, `surviving` from those who stay, `discounted` at present value too.
    """

    plain: np.ndarray
    surviving: np.ndarray
    discounted: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Loyalty:
    """The hazard at which a rebate pays for itself, its ratio to that without, churn in a year.

    `possible` is False where the rebate would not pay though nobody left; the hazard is 0 there.
    """

    hazard: np.ndarray
    ratio: np.ndarray
    churn_before: np.ndarray
    churn_after: np.ndarray
    possible: np.ndarray


def paid_months(hazard: ArrayLike, interest: ArrayLike, months: int | None = None) -> np.ndarray:
    """Return A, the payments to expect from a newcomer, each at its present value.

    Sum of v^t (1 - hazard)^t over t = 0 .. months - 1; without `months`, over all time: 1 / (1 - v
    (1 - hazard)). ParameterError for a hazard beyond 0 to 1, fewer months than 0, and where
    payments would never end to add up.
    """
    leaving, yearly = shares(hazard, "hazards"), finite(interest, "rates of interest")
    if months is None:
        return discounted_lifetime(leaving, yearly)
    keep, count = month_factor(yearly) * (1 - leaving), float(at_least(months, 0.0, "months"))
    left = 1 - keep
    part = np.divide(1 - keep**count, left, out=np.full(keep.shape, count), where=left != 0)
    return np.asarray(part)


def newcomer_value(
    margin: ArrayLike,
    hazard: ArrayLike,
    interest: ArrayLike,
    cost: ArrayLike = 0.0,
    months: int | None = None,
) -> np.ndarray:
    """Return the net present value of a newcomer: margin times paid months, less his acquisition.

    The hazard is the same in all months. With a `cost` of 0 and a rebate for `margin` it is the
    present value of a rebate over `months`.
    """
    return np.asarray(
        finite(margin, "margins") * paid_months(hazard, interest, months) - finite(cost, "costs")
    )


def payback(
    margin: ArrayLike, survival: ArrayLike, interest: ArrayLike, outlay: ArrayLike
) -> Payback:
    """Return the month by whose payment the outlay is back.

    `margin` [..., K] by month, after rebates; `survival` [..., K] is S(0) .. S(K - 1); the others
    [...]. The first month in which the payments so far reach the outlay; 0 where nothing was laid
    out. ParameterError for a survival beyond 0 to 1 or that rises.
    """
    net, alive = finite(margin, "margins"), shares(survival, "shares who stay")
    if not alive.ndim or not alive.shape[-1]:
        raise ParameterError("there is no month to pay back in", remedy="Give one month at least.")
    if (np.diff(alive, axis=-1) > ROUNDING).any():
        raise ParameterError("more customers than a month before", remedy="Give S(0), S(1), ...")
    owed = finite(outlay, "outlays")[..., None]
    value = month_factor(finite(interest, "rates of interest"))[..., None] ** np.arange(
        alive.shape[-1]
    )
    return Payback(
        plain=_first(net * np.ones(alive.shape), owed),
        surviving=_first(net * alive, owed),
        discounted=_first(net * alive * value, owed),
    )


def breakeven_lift(without: ArrayLike, with_offer: ArrayLike) -> np.ndarray:
    """Return the multiple of newcomers, of equal quality, from which on an offer is worth it.

    The value of a newcomer without it by that with it; 1.12 says that 12 % more must come. The
    smallest multiple that will do: 0 where a newcomer is worth nothing without it, infinite where
    one with it is not worth winning.
    """
    before, after = np.broadcast_arrays(finite(without, "values"), finite(with_offer, "values"))
    never = np.where(before > 0, np.inf, 0.0)
    ratio = np.divide(before, after, out=never, where=after > 0)
    return np.asarray(np.maximum(ratio, 0.0))


def breakeven_loyalty(
    margin: ArrayLike, rebate: ArrayLike, hazard: ArrayLike, interest: ArrayLike
) -> Loyalty:
    """Return how low the hazard must come for a rebate to all, for good, to pay for itself.

    h1 = 1 - (1 - (m - b) / (m A(h))) / v: what stays of the margin, over the longer life, is then
    worth what it was. For a rebate of 0 the hazard itself. ParameterError for a margin that is not
    above 0, a negative rebate, or one that leaves nothing.
    """
    earned, given = finite(margin, "margins"), at_least(rebate, 0.0, "rebates")
    if (earned <= 0).any() or (given > earned).any():
        raise ParameterError(
            "no loyalty pays for a rebate that is more than the margin",
            remedy="Give a margin above 0 and a rebate below it.",
        )
    was = shares(hazard, "hazards")
    yearly = finite(interest, "rates of interest")
    lasting = earned * paid_months(was, yearly)
    needed = 1 - (1 - (earned - given) / lasting) / month_factor(yearly)
    needed, was = np.broadcast_arrays(needed, was)
    # without a rebate nothing need change, but for rounding
    possible = needed >= -ROUNDING
    now = np.maximum(needed, 0.0)
    return Loyalty(
        hazard=np.asarray(now),
        ratio=np.asarray(np.divide(now, was, out=np.ones(now.shape), where=was > 0)),
        churn_before=np.asarray(1 - (1 - was) ** 12),
        churn_after=np.asarray(1 - (1 - now) ** 12),
        possible=np.asarray(possible),
    )


def _first(payments: np.ndarray, owed: np.ndarray) -> np.ndarray:
    """Return the first month in which payments [..., K] add up to what is owed [..., 1]."""
    reached = np.cumsum(payments, axis=-1) >= owed - ROUNDING * np.abs(owed)
    month = np.where(reached.any(axis=-1), reached.argmax(axis=-1) + 1.0, np.inf)
    return np.asarray(np.where(owed[..., 0] <= 0, 0.0, month))
