"""Paying customers to switch: goods alike, and only leaving is a nuisance that differs.

For markets in which customers care for the price alone and each time anew find it more or less of a
nuisance to leave: the cost of switching is drawn evenly between 0 and `switching_max` for every
customer and period, and nobody knows it when he first signs. Who stays pays more than who comes.
With two firms a third of every base switches, whatever its size; with three or more outsiders
compete for every switcher, and half does. Where tastes differ and stay, `poaching` applies.
Sources: Chen (1997), Journal of Economics & Management Strategy 6(4), 877-897 (two firms); Taylor
(2003), RAND Journal of Economics 34(2), 223-246 (many); Shaffer and Zhang (2000), Journal of
Economics & Management Strategy 9(3), 397-424 (unequal bases). Costs drawn evenly are a special case
of theirs, solved here. Chen's benchmark with one price for everybody is not offered.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stammkunde.errors import ParameterError
from stammkunde.policy.rivals.checked import Numbers, number


@dataclass(frozen=True, kw_only=True)
class Bases:
    """Prices and profits of one of two firms in a period in which each may pay to switch.

    `loyal` its price to its own customers and `newcomer` to its rival's; `switching` the share of
    its base that leaves, `won` that of the rival's base that comes. `rent_own` per own customer at
    the start, `rent_won` per customer of the rival's; `profit` per customer of the market; `waste`
    the costs of switching that are borne, per customer of the market.
    """

    loyal: np.ndarray
    newcomer: np.ndarray
    switching: np.ndarray
    won: np.ndarray
    rent_own: np.ndarray
    rent_won: np.ndarray
    profit: np.ndarray
    waste: np.ndarray

    @property
    def pays_to_stay(self) -> np.ndarray:
        """Return whether own customers are asked less than the rival's."""
        return np.asarray(self.loyal < self.newcomer)


def bases(
    own_max: Numbers, rival_max: Numbers, *, share: Numbers = 0.5, cost: Numbers = 0.0
) -> Bases:
    """Return the equilibrium where leaving the firm costs up to `own_max`, its rival `rival_max`.

    Each base is a game of its own, so prices do not depend on the firm's `share` of the market.
    Arguments broadcast. ParameterError for highest costs of 0 or less, a share beyond 0 to 1.
    """
    own = number("own_max", own_max, least=0, above=True)
    rival = number("rival_max", rival_max, least=0, above=True)
    a, c = number("share", share, least=0, most=1), number("cost", cost)
    level = 0 * (own + rival + a + c)
    third = level + 1 / 3
    rent_own, rent_won = 4 * own / 9 + level, rival / 9 + level
    return Bases(
        loyal=c + 2 * own / 3 + level,
        newcomer=c + rival / 3 + level,
        switching=third,
        won=third,
        rent_own=rent_own,
        rent_won=rent_won,
        profit=a * rent_own + (1 - a) * rent_won,
        # who leaves are the third with the lowest costs
        waste=(a * own + (1 - a) * rival) / 18,
    )


def two_firms(switching_max: Numbers, *, share: Numbers = 0.5, cost: Numbers = 0.0) -> Bases:
    """Return Chen's second period: loyal cost + 2/3, newcomer cost + 1/3 of `switching_max`.

    The firm with the `share` a of the market earns switching_max (1 + 3 a) / 9 per customer of it.
    """
    return bases(switching_max, switching_max, share=share, cost=cost)


def entry_price(switching_max: Numbers, patience: Numbers, *, cost: Numbers = 0.0) -> np.ndarray:
    """Return Chen's first price, below cost: firms bid away what a base will be worth.

    cost - patience switching_max / 3: an own customer is worth 4/9, a rival's 1/9 a period later.
    """
    theta = number("switching_max", switching_max, least=0, above=True)
    d = number("patience", patience, least=0, most=1)
    return np.asarray(number("cost", cost) - d * theta / 3)


def pays_to_stay(own_max: Numbers, rival_max: Numbers) -> np.ndarray:
    """Return whether the firm asks its own customers less than its rival's.

    That is where leaving the rival is more than twice as costly as leaving the firm: loyalty
    rebates are the policy of the weak brand. At exactly twice it is indifferent.
    """
    own = number("own_max", own_max, least=0, above=True)
    return np.asarray(number("rival_max", rival_max, least=0, above=True) > 2 * own)


@dataclass(frozen=True, kw_only=True)
class Surfing:
    """A market without end in which everybody's cost of switching is drawn anew each period.

    `loyal` and `newcomer` prices, `rebate` their difference, `switching` the share of every base
    that leaves each period; `rent` is what owning a customer is worth above not owning him, and
    `period` what a firm earns a period per own customer while its base stays as large as it is.
    """

    loyal: np.ndarray
    newcomer: np.ndarray
    rebate: np.ndarray
    switching: np.ndarray
    rent: np.ndarray
    period: np.ndarray


def surfing(
    switching_max: Numbers, patience: Numbers, *, firms: int, cost: Numbers = 0.0
) -> Surfing:
    """Return the steady state with `firms` equal firms; two, or three and more.

    Three or more: outsiders bid newcomers down to what owning one is worth, a quarter of
    `switching_max`. Two: the only rival keeps a margin, and a third switches; with patience 0 it is
    `two_firms`. Arguments broadcast; `patience` below 1. ParameterError for fewer than two firms.
    Source: Taylor (2003) for three and more; two firms are solved here by the same steps.
    """
    if firms < 2:
        raise ParameterError(
            f"{firms} firms do not compete", remedy="Give the number of firms, 2 or more."
        )
    theta = number("switching_max", switching_max, least=0, above=True)
    d = number("patience", patience, least=0, most=np.nextafter(1, 0))
    c = number("cost", cost)
    gone, rent, kept = (1 / 3, theta / 3, theta / 3) if firms == 2 else (0.5, theta / 4, 0.0)
    rebate = gone * theta
    newcomer = kept - d * rent
    loyal = newcomer + rebate
    level = 0 * (loyal + c)
    return Surfing(
        loyal=c + loyal,
        newcomer=c + newcomer,
        rebate=rebate + level,
        switching=gone + level,
        rent=rent + level,
        period=(1 - gone) * loyal + gone * newcomer + level,
    )
