"""What a game says of an offer, in the client's own money: the answer that a page can print."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stammkunde.errors import ParameterError
from stammkunde.policy.rivals.checked import Numbers, number
from stammkunde.result import Estimate, Status, table_html
from stammkunde.survival.margins.change import MONEY

UNITS = {
    "gain_frozen": MONEY,
    "gain_after": MONEY,
    "from_own": MONEY,
    "from_rival": MONEY,
    "total_frozen": MONEY,
    "total_after": MONEY,
    "rebate": MONEY,
    "loyal_price": MONEY,
    "newcomer_price": MONEY,
    "won_frozen": "share",
    "switching": "share",
    "trap": "share",
}


@dataclass(frozen=True, kw_only=True)
class Market:
    """A client's business in one contract period, as all games need it.

    `margin` and `price` money per customer and month today, before the offer (all firms ask this
    price, and what the margin leaves of it is cost); `customers` own ones whose contracts come up;
    `interest` yearly; `months` of a period, the time for which a price holds. Numbers or arrays
    that broadcast, draws on the first axis. ParameterError for a margin of 0 or less or above the
    price, a negative number of customers or interest, a period that is not of 1 month or more.
    """

    margin: Numbers
    price: Numbers
    customers: Numbers
    interest: Numbers
    months: int = 12

    def __post_init__(self) -> None:
        number("price", self.price, least=0)
        number("margin", self.margin, least=0, most=self.price, above=True)
        number("customers", self.customers, least=0)
        number("interest", self.interest, least=0)
        if self.months != int(number("months", self.months, least=1)):
            raise ParameterError(f"`months` is {self.months:g}", remedy="Give whole months.")

    @property
    def patience(self) -> np.ndarray:
        """Return the value today of one paid a period later."""
        return np.asarray((1 + np.asarray(self.interest, float)) ** (-self.months / 12))

    @property
    def payments(self) -> np.ndarray:
        """Return what one paid at the start of each month of a period is worth at its start."""
        v = (1 + np.asarray(self.interest, float)) ** (-1 / 12)
        return np.asarray((v[..., None] ** np.arange(self.months)).sum(axis=-1))

    @property
    def earned(self) -> np.ndarray:
        """Return the present value of a customer's margins of one period, at its start."""
        return np.asarray(self.margin * self.payments)

    def monthly(self, above_cost: np.ndarray) -> np.ndarray:
        """Return the price per month that brings `above_cost` per period, at its start."""
        cost = np.asarray(self.price, float) - self.margin
        return np.asarray(cost + above_cost / self.payments)


@dataclass(frozen=True, kw_only=True)
class Response:
    """What an offer brings with a frozen rival and when he has answered; arrays of one shape.

    `today`, `frozen` and `after` are present values per own customer over the game's `periods`,
    `after` being made of what `own` customers and the `rival`'s bring. `won_frozen` customers come
    per own customer while the rival is frozen, `switching` is the share of own customers who leave
    after the answer. Prices per month: `price` today, `offer_price` the best one of the offer while
    the rival is frozen, `loyal_price` and `newcomer_price` after the answer. A price may fall below
    cost, or below 0, as some games want it. `assumptions` are ids of what is taken for granted.
    """

    game: str
    periods: int
    customers: np.ndarray
    today: np.ndarray
    frozen: np.ndarray
    after: np.ndarray
    own: np.ndarray
    rival: np.ndarray
    won_frozen: np.ndarray
    switching: np.ndarray
    price: np.ndarray
    offer_price: np.ndarray
    loyal_price: np.ndarray
    newcomer_price: np.ndarray
    assumptions: tuple[str, ...]

    @property
    def gain_frozen(self) -> np.ndarray:
        """Return the gain per own customer while the rival is frozen."""
        return np.asarray(self.frozen - self.today)

    @property
    def gain_after(self) -> np.ndarray:
        """Return the gain per own customer when the rival has answered."""
        return np.asarray(self.after - self.today)

    @property
    def from_own(self) -> np.ndarray:
        """Return the part of `gain_after` that own customers make, who pay another price or leave.

        The rest, `rival`, is what those won bring.
        """
        return np.asarray(self.own - self.today)

    @property
    def total_frozen(self) -> np.ndarray:
        """Return the gain of all own customers while the rival is frozen."""
        return np.asarray(self.customers * self.gain_frozen)

    @property
    def total_after(self) -> np.ndarray:
        """Return the gain of all own customers when the rival has answered."""
        return np.asarray(self.customers * self.gain_after)

    @property
    def rebate(self) -> np.ndarray:
        """Return the offer's best rebate per month off today's price while the rival is frozen."""
        return np.asarray(self.price - self.offer_price)

    @property
    def pays_to_stay(self) -> np.ndarray:
        """Return whether own customers are asked less than the rival's after the answer."""
        return np.asarray(self.loyal_price < self.newcomer_price)

    @property
    def trap(self) -> np.ndarray:
        """Return whether what seems a gain is a loss after the answer."""
        return np.asarray((self.gain_frozen > 0) & (self.gain_after < 0))

    def estimates(self, level: float = 0.95) -> dict[str, Estimate]:
        """Return what a page prints, by name: the mean of draws with their quantiles, all assumed.

        Single numbers have no interval. Money per own customer (`gain_frozen`, `gain_after`,
        `from_own`, `from_rival`), of all (`total_frozen`, `total_after`), per month (`rebate`,
        `loyal_price`, `newcomer_price`); shares (`won_frozen` per own customer, `switching`, and
        `trap`, the share of draws in which it is one). ParameterError for more axes than draws.
        """
        if self.today.ndim > 1:
            raise ParameterError(
                f"{self.today.ndim} axes where draws need one",
                remedy="Ask for one segment or setting at a time.",
            )
        each = {n: getattr(self, "rival" if n == "from_rival" else n) for n in UNITS}
        return {n: _estimate(self, n, np.asarray(x, float), level) for n, x in each.items()}

    def _repr_html_(self) -> str:
        shown = {
            n: "" if e.value is None else f"{e.value:.4g}" for n, e in self.estimates().items()
        }
        return table_html(shown, f"Response of rivals: {self.game}")


def _estimate(response: Response, name: str, draws: np.ndarray, level: float) -> Estimate:
    low = high = None
    if draws.ndim and name != "trap":
        low, high = (float(q) for q in np.quantile(draws, [(1 - level) / 2, (1 + level) / 2]))
    return Estimate(
        value=float(draws.mean()),
        low=low,
        high=high,
        level=level,
        unit=UNITS[name],
        method=f"game of {response.game}, {response.periods} period{'s' * (response.periods > 1)}",
        status=Status.ASSUMED,
        estimand=f"{name}({response.game})",
        assumptions=response.assumptions,
    )
