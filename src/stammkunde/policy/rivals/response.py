"""What rivals do to an offer, in the client's own euros: frozen, and when they answer.

A firm that reckons with a rival who stands still sees a gain; when the rival answers it may be a
loss. Which game applies is a question of tastes, answered in the ledger: `poached` where a
customer's preference stays; `switched` (two firms, of unequal stickiness perhaps) and `surfed`
(three and more) where goods are alike and only leaving is a nuisance; `promised` where preferences
change from one contract to the next and a loyalty price is promised beforehand. Nothing here is
estimated from the client's data: every number is assumed.
"""

from __future__ import annotations

import numpy as np

from stammkunde.errors import ParameterError
from stammkunde.policy.rivals import commitment, formats, poaching, switching
from stammkunde.policy.rivals.checked import Numbers, number
from stammkunde.policy.rivals.told import Market, Response

ALL = ("rival_answers_best", "rivals_alike_in_cost", "one_price_today")
TASTES_STAY = ("two_equal_firms", "tastes_even", "tastes_stay")
TASTES_ANEW = ("two_equal_firms", "tastes_even", "tastes_drawn_anew", "promise_binds")
ALIKE = ("goods_alike", "switching_cost_even", "switching_cost_drawn_anew")
TASTE_IS_MARGIN = "taste_is_margin"
MAY_SOFTEN = "loyalty_may_soften_competition"


def poached(
    market: Market, *, switching_cost: Numbers = 0.0, taste: Numbers | None = None
) -> Response:
    """Return what a rebate for the rival's customers does in one period (see `poaching`).

    For tastes that stay. `switching_cost` and `taste` are money per customer, once; without a taste
    it is the margin of a period, which makes today's price that of two firms with one price each
    and no cost of switching. Half the market is the client's. While the rival is frozen the
    client's own price stays; after the answer all prices are the game's, so that with a high cost
    of switching a gain may come from own customers who pay more (`from_own`), not from those won.
    ParameterError for a taste of 0 or less, a negative cost of switching.
    """
    m = market.earned
    t = m if taste is None else number("taste", taste, least=0, above=True)
    s = number("switching_cost", switching_cost, least=0)
    alone = formats.against_frozen(m, taste=t, switching_cost=s)
    half = poaching.turf(0.5, taste=t, switching_cost=s)
    # profits are per customer of the market, of whom half are the client's
    return _response(
        market,
        game="poaching",
        assumptions=(*ALL, *TASTES_STAY, *((TASTE_IS_MARGIN,) if taste is None else ())),
        today=m,
        frozen=m + 2 * alone.profit,
        own=2 * half.owner,
        rival=2 * half.poacher,
        won_frozen=2 * alone.won,
        switching=half.switching,
        prices=(alone.price, half.loyal, half.poaching),
    )


def switched(
    market: Market,
    *,
    switching_max: Numbers,
    rival_max: Numbers | None = None,
    share: Numbers = 0.5,
) -> Response:
    """Return what a payment to the rival's customers does in one period (see `switching`).

    For goods that are alike and two firms. Leaving the client costs a customer up to
    `switching_max`, leaving the rival up to `rival_max` (the same where none is given), money,
    once; `share` (above 0, up to 1) is the client's of the market. `pays_to_stay` tells whether the
    client had better pay its own to stay. Prices after the answer do not depend on today's: where
    today's is the lower, a gain is what own customers would bear, whatever the rival does.
    ParameterError for highest costs of 0 or less, a share of 0 or beyond 1.
    """
    m = market.earned
    own = number("switching_max", switching_max, least=0, above=True)
    rival = own if rival_max is None else number("rival_max", rival_max, least=0, above=True)
    a = number("share", share, least=0, most=1, above=True)
    game = switching.bases(own, rival, share=a)
    others = (1 - a) / a
    offer, won = _offer(m, rival)
    return _response(
        market,
        game="switching",
        assumptions=(*ALL, "two_firms", *ALIKE),
        today=m,
        frozen=m + others * offer * won,
        own=(1 - game.switching) * game.loyal,
        rival=others * game.rent_won,
        won_frozen=others * won,
        switching=game.switching,
        prices=(offer, game.loyal, game.newcomer),
    )


def surfed(market: Market, *, switching_max: Numbers, firms: int) -> Response:
    """Return what payments to switch do per period among equal firms (see `switching.surfing`).

    For goods that are alike, `firms` of two or more with equal shares, and a market that goes on.
    While the rivals are frozen only the offer's first period is counted, in which the client alone
    makes one; after the answer it is a period of the steady state, where newcomers are asked less
    than they cost because owning them is worth it. ParameterError as in `switching.surfing`; there
    must be some interest.
    """
    m = market.earned
    theta = number("switching_max", switching_max, least=0, above=True)
    if (market.patience >= 1).any():
        raise ParameterError(
            "without interest a market that goes on for ever has no value",
            remedy="Give an interest above 0.",
        )
    game = switching.surfing(theta, market.patience, firms=firms)
    offer, won = _offer(m, theta)
    return _response(
        market,
        game="surfing",
        assumptions=(*ALL, "firms_of_equal_size", *ALIKE, "market_goes_on"),
        today=m,
        frozen=m + (firms - 1) * offer * won,
        own=(1 - game.switching) * game.loyal,
        rival=game.switching * game.newcomer,
        won_frozen=(firms - 1) * won,
        switching=game.switching,
        prices=(offer, game.loyal, game.newcomer),
    )


def promised(market: Market) -> Response:
    """Return what a loyalty price promised at sign-up does over two periods (see `commitment`).

    For tastes drawn anew each period, two firms, half the market each; the taste is the margin of a
    period, so that today's price is that of two firms with one price each. Values are per own
    customer over both periods, and `customers` are those who sign in the first. While the rival is
    frozen it is best to promise one's cost (the `offer_price`) and to ask more at first; when he
    promises too, both lose. Other models have the opposite sign, and the assumption that says so
    belongs on every page that shows this.
    """
    m, d = market.earned, market.patience
    change = commitment.deviation(m, d)
    game = commitment.loyalty(m, d)
    # of the market's customers half are the client's, hence twice; a share d / 16 of it comes
    return _response(
        market,
        game="promise",
        assumptions=(*ALL, *TASTES_ANEW, TASTE_IS_MARGIN, MAY_SOFTEN),
        today=2 * change.before,
        frozen=2 * change.frozen,
        own=game.first + d * (1 - game.switching) * game.loyal,
        rival=d * game.switching * game.newcomer,
        won_frozen=d / 8,
        switching=game.switching,
        prices=(0 * m, game.loyal, game.newcomer),
        periods=2,
    )


def _offer(margin: np.ndarray, switching_max: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    # the best margin to ask of a frozen rival's customers, and the share of them who come
    best = np.maximum(margin / 2, margin - switching_max)
    return best, (margin - best) / switching_max


def _response(
    market: Market,
    *,
    game: str,
    assumptions: tuple[str, ...],
    prices: tuple[np.ndarray, np.ndarray, np.ndarray],
    periods: int = 1,
    **values: np.ndarray,
) -> Response:
    offer, loyal, newcomer = (market.monthly(p) for p in prices)
    told = {
        **values,
        "after": values["own"] + values["rival"],
        "customers": np.asarray(market.customers, float),
        "price": np.asarray(market.price, float),
        "offer_price": offer,
        "loyal_price": loyal,
        "newcomer_price": newcomer,
    }
    alike = dict(zip(told, np.broadcast_arrays(*told.values()), strict=True))
    return Response(game=game, periods=periods, assumptions=assumptions, **alike)
