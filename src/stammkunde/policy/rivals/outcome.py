"""What a game of two periods leaves to firms and customers, beside one price for everybody.

Two firms stand at the ends of a line of length 1 on which customers' tastes lie evenly; `taste` is
what a customer forgoes who buys from a firm a whole line away (Hotelling 1929). Prices and profits
are in the same money as `taste` and `cost`; profits are per customer of the whole market. Payments
of the second period count `patience` (0 to 1), the value today of one paid a period later.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stammkunde.policy.rivals.checked import Numbers, number


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Prices, profits and burdens of a symmetric game of two periods; arrays of any one shape.

    `first` is the price of the first period, `loyal` and `newcomer` those of the second to a firm's
    own customers and to its rival's; `switching` the share of each base that leaves in the second
    period. `profit` is each firm's, `outlay` what a customer pays, `waste` what he forgoes besides
    (taste, and the cost of switching): present values of both periods, per customer of the market.
    """

    first: np.ndarray
    loyal: np.ndarray
    newcomer: np.ndarray
    switching: np.ndarray
    profit: np.ndarray
    outlay: np.ndarray
    waste: np.ndarray

    @property
    def burden(self) -> np.ndarray:
        """Return all that a customer bears: outlay, forgone taste and costs of switching."""
        return np.asarray(self.outlay + self.waste)

    def against(self, other: Outcome) -> Difference:
        """Return what firms and customers gain by this outcome over the `other`."""
        return Difference(
            firm=self.profit - other.profit,
            industry=2 * (self.profit - other.profit),
            customers=other.burden - self.burden,
            welfare=other.waste - self.waste,
        )


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Gains per customer of the market: each `firm`'s, both firms', customers', and everybody's."""

    firm: np.ndarray
    industry: np.ndarray
    customers: np.ndarray
    welfare: np.ndarray


def one_price(taste: Numbers, patience: Numbers, *, cost: Numbers = 0.0, anew: bool) -> Outcome:
    """Return the outcome where both firms ask one price of everybody, twice: cost + taste.

    With `anew` customers draw their tastes again in the second period, and half of them switch;
    else nobody does. Prices, profits and burdens are the same. Arguments broadcast; ParameterError
    for a taste of 0 or less, a patience beyond 0 to 1. There must be no cost of switching: with
    one, firms with one price each have no equilibrium in pure strategies below the highest price
    that customers will pay.
    Source: Hotelling (1929), Economic Journal 39, 41-57.
    """
    t = number("taste", taste, least=0, above=True)
    d = number("patience", patience, least=0, most=1)
    c = number("cost", cost)
    price = c + t + 0 * d
    return Outcome(
        first=price,
        loyal=price,
        newcomer=price,
        switching=0 * price + (0.5 if anew else 0.0),
        profit=t * (1 + d) / 2,
        outlay=price * (1 + d),
        waste=t * (1 + d) / 4,
    )
