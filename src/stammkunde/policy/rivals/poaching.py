"""Poaching: each firm knows who bought from it and offers its rival's customers a lower price.

For markets in which a customer's taste stays: who preferred one firm a year ago prefers it still,
and who buys tells how he is inclined. Two firms, two periods, prices for one period at a time, no
promise for the next. Customers foresee that they will be poached, so the first price is *above*
that of a market with one price for everybody: it is the second period that costs firms money.
Where tastes are drawn anew (`commitment`) or goods are alike and only leaving is a nuisance
(`switching`) other games apply. Firms and customers count the second period alike.
Source: Fudenberg and Tirole (2000), RAND Journal of Economics 31(4), 634-657; the cost of switching
is added here, and so is the equilibrium of first prices with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stammkunde.errors import ParameterError
from stammkunde.policy.rivals.checked import Numbers, number
from stammkunde.policy.rivals.outcome import Outcome


@dataclass(frozen=True, kw_only=True)
class Turf:
    """What happens to one firm's base in the second period; arrays of any one shape.

    `loyal` its own price to it and `poaching` the rival's; who stands at most `stays_to` along the
    line stays; `switching` is the share of the base that leaves. `owner` and `poacher` are the two
    profits from this base, per customer of the market.
    """

    loyal: np.ndarray
    poaching: np.ndarray
    stays_to: np.ndarray
    switching: np.ndarray
    owner: np.ndarray
    poacher: np.ndarray


def turf(
    base: Numbers, *, taste: Numbers, switching_cost: Numbers = 0.0, cost: Numbers = 0.0
) -> Turf:
    """Return prices, shares and profits on the turf of the firm whose base is [0, `base`].

    All arguments broadcast: `base` is its share of the market (0 to 1), the others are money per
    customer. Up to base = (1 + switching_cost / taste) / 4 the rival asks his cost and gets nobody;
    a cost of switching as high as `taste` stops poaching of half the market. ParameterError for a
    taste of 0 or less, a share beyond 0 to 1, a negative cost of switching.
    """
    x = number("base", base, least=0, most=1)
    t = number("taste", taste, least=0, above=True)
    s = number("switching_cost", switching_cost, least=0)
    c = number("cost", cost)
    near = 4 * t * x <= t + s
    loyal = np.where(near, t * (1 - 2 * x) + s, (t + s + 2 * t * x) / 3)
    poach = np.where(near, 0.0, (4 * t * x - t - s) / 3)
    stays = np.where(near, x, loyal / (2 * t))
    gone = np.maximum(x - stays, 0.0)
    return Turf(
        loyal=c + loyal,
        poaching=c + poach,
        stays_to=stays,
        switching=gone / np.where(x > 0, x, 1.0),
        owner=loyal * stays,
        poacher=poach * gone,
    )


def first_price_holds(
    taste: Numbers, patience: Numbers, switching_cost: Numbers = 0.0
) -> np.ndarray:
    """Return whether the symmetric first price is an equilibrium, as an array of bool.

    Without a cost of switching it always is. With one, a firm may rather buy so large a base in the
    first period that it poaches nobody in the second; where that pays, no symmetric price holds
    (above a cost of .395 taste at patience 1, of .497 at .9, of .785 at .5).
    """
    t = number("taste", taste, least=0, above=True)
    d = number("patience", patience, least=0, most=1)
    s = number("switching_cost", switching_cost, least=0) / t
    # the best base of who leaves the rival too small a one to be poached, and what it is worth
    large = (18 - d * (1 + s)) / (4 * (9 - 4 * d))
    worth = d * (1 + s) ** 2 / 18 + (18 - d * (1 + s)) ** 2 / (72 * (9 - 4 * d))
    stay = 0.5 + d * (4 - 2 * s + s**2) / 9
    tempted = (large > (3 - s) / 4) & (worth > stay)
    return np.asarray(((s < 1) | (d == 0)) & ~tempted)


def two_periods(
    taste: Numbers, patience: Numbers, *, switching_cost: Numbers = 0.0, cost: Numbers = 0.0
) -> Outcome:
    """Return the equilibrium of both periods when both firms poach, each with half the market.

    All arguments broadcast. Without a cost of switching the first price is cost + taste (1 +
    patience / 3), the second ones cost + 2/3 taste and cost + 1/3 taste, and a third of each base
    switches. ParameterError where no symmetric first price is an equilibrium (see
    `first_price_holds`); `turf` then still tells the second period.
    """
    t, d, s, c = (np.asarray(x, float) for x in (taste, patience, switching_cost, cost))
    if not first_price_holds(t, d, s).all():
        raise ParameterError(
            "with so high a cost of switching the firms would fight for the first period's "
            "customers, and no first price is an equilibrium",
            remedy="Ask for the second period alone (`turf`).",
        )
    half = turf(0.5, taste=t, switching_cost=s, cost=c)
    first = c + t * (1 + d / 3) - 2 * d * s / 3
    gone = half.switching
    paid = (1 - gone) * half.loyal + gone * half.poaching
    # who is poached is the nearer to the middle, and goes beyond it
    forgone = t / 4 + t * gone**2 / 2 + gone * s
    return Outcome(
        first=first,
        loyal=half.loyal + 0 * d,
        newcomer=half.poaching + 0 * d,
        switching=gone + 0 * d,
        profit=(first - c) / 2 + d * (half.owner + half.poacher),
        outlay=first + d * paid,
        waste=t / 4 + d * forgone,
    )
