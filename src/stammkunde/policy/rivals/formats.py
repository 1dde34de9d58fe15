"""One price or two? The game of formats, and what a deviation earns before the rival answers.

In the second period of `poaching`, half the market each and no cost of switching, a firm asks one
price of everybody or tells its own customers from its rival's. Alone it seems to pay; when the
rival has answered it is a loss. Where firms bind themselves to a format before they set prices,
one price for everybody is an equilibrium beside poaching. Where they cannot, each tells apart, and
poaching is the only outcome: a trap.
Source: the market of Fudenberg and Tirole (2000), RAND Journal of Economics 31(4), 634-657; the
games are solved here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stammkunde.policy.rivals.checked import Numbers, number
from stammkunde.policy.rivals.poaching import turf

ONE, TWO = "one price", "two prices"


@dataclass(frozen=True, kw_only=True)
class OneSided:
    """One firm tells customers apart and its rival must not, both choosing levels at once.

    Prices `loyal` and `poaching` of the one, `single` of the other; `switching` the share of the
    market that goes each way; `two` and `one` the profits of who asks two prices and who asks one,
    per customer of the market.
    """

    loyal: np.ndarray
    poaching: np.ndarray
    single: np.ndarray
    switching: np.ndarray
    two: np.ndarray
    one: np.ndarray


def one_sided(taste: Numbers, *, cost: Numbers = 0.0) -> OneSided:
    """Return the equilibrium where only one firm may tell customers apart, half the market each.

    Arguments broadcast. ParameterError for a taste of 0 or less.
    """
    t, c = number("taste", taste, least=0, above=True), number("cost", cost)
    own, poach, single = t * 3 / 4, t / 4, t / 2
    stays = 0.5 + (single - own) / (2 * t)
    won = (single - poach) / (2 * t)
    return OneSided(
        loyal=c + own,
        poaching=c + poach,
        single=c + single,
        switching=won + 0 * c,
        two=own * stays + poach * won + 0 * c,
        one=single * (1 - stays - won) + 0 * c,
    )


@dataclass(frozen=True)
class Formats:
    """What a firm earns in the second period by its own format and its rival's.

    `payoff[own, rival]` are arrays per customer of the market; formats are "one price" and "two
    prices".
    """

    payoff: dict[tuple[str, str], np.ndarray]

    def equilibria(self) -> tuple[tuple[str, str], ...]:
        """Return the pairs of formats from which neither firm would part, had it to bind itself."""
        other = {ONE: TWO, TWO: ONE}

        def stays(own: str, rival: str) -> bool:
            return bool(np.all(self.payoff[own, rival] >= self.payoff[other[own], rival]))

        return tuple((a, b) for a, b in self.payoff if stays(a, b) and stays(b, a))


def format_game(taste: Numbers) -> Formats:
    """Return the game in which firms bind themselves to a format and then set prices."""
    alone = one_sided(taste)
    both = turf(0.5, taste=taste)
    return Formats(
        {
            (ONE, ONE): np.asarray(taste, float) / 2,
            (ONE, TWO): alone.one,
            (TWO, ONE): alone.two,
            (TWO, TWO): both.owner + both.poacher,
        }
    )


@dataclass(frozen=True, kw_only=True)
class Deviation:
    """What a firm earns `before` an offer, while the rival is `frozen`, and `after` he answers.

    In the same money all three; gains are relative to `before`.
    """

    before: np.ndarray
    frozen: np.ndarray
    after: np.ndarray

    @property
    def gain_frozen(self) -> np.ndarray:
        """Return the gain, as a share of what is earned before, while the rival stands still."""
        return np.asarray(self.frozen / self.before - 1)

    @property
    def gain_after(self) -> np.ndarray:
        """Return the gain, as a share of what is earned before, when the rival has answered."""
        return np.asarray(self.after / self.before - 1)


@dataclass(frozen=True, kw_only=True)
class Poached:
    """What a poaching price takes from a rival who stands still.

    `price` is the best one, `won` the share of the market that comes, `profit` what it brings per
    customer of the market.
    """

    price: np.ndarray
    won: np.ndarray
    profit: np.ndarray


def against_frozen(
    margin: Numbers, *, taste: Numbers, switching_cost: Numbers = 0.0, cost: Numbers = 0.0
) -> Poached:
    """Return the best poaching price against a rival who keeps asking cost + `margin` of everybody.

    Half the market is his, and the firm's own price stays where it is. Arguments broadcast; nobody
    comes where the cost of switching is not below the margin. ParameterError for a taste of 0 or
    less, a negative margin or cost of switching.
    """
    m = number("margin", margin, least=0)
    t = number("taste", taste, least=0, above=True)
    s = number("switching_cost", switching_cost, least=0)
    c = number("cost", cost)
    room = np.maximum(m - s, 0.0)
    # beyond the middle of its demand a lower price would win nobody whom it has not yet
    price = np.maximum(room / 2, room - t)
    won = (room - price) / (2 * t)
    # who wins nobody asks the rival's price
    shown = np.where(room > 0, price, m)
    return Poached(price=c + shown, won=won + 0 * c, profit=price * won + 0 * c)


def deviation(taste: Numbers) -> Deviation:
    """Return what poaching earns in a market of one price for all: before, frozen, after.

    Per customer of the market, in the second period: taste times .5, .625 and 5/18, so that a gain
    of 25 % becomes a loss of 44 %.
    """
    t = number("taste", taste, least=0, above=True)
    both = turf(0.5, taste=t)
    alone = against_frozen(t, taste=t)
    return Deviation(before=t / 2, frozen=t / 2 + alone.profit, after=both.owner + both.poacher)
