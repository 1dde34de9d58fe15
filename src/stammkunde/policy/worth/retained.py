"""What a customer is worth over time: with a constant retention, by month, and moving about.

A customer who has gone is gone for good, or may come back from where he is (Dwyer 1997, Journal of
Direct Marketing 11(4):6-13): a chain of states holds both (Pfeifer and Carraway 2000, Journal of
Interactive Marketing 14(2):43-55).
"""

from __future__ import annotations

import numpy as np

from stammkunde.errors import ParameterError
from stammkunde.policy.worth.given import Numbers, finite, month_factor, number, share, yearly

# rows of chances add up to 1 but for rounding
ROUNDING = 1e-9


def retained_value(
    margin: Numbers, spend: Numbers, retention: Numbers, interest: Numbers, periods: int
) -> np.ndarray:
    """Return what a customer is worth who pays today and in `periods` further periods if retained.

    GC sum of (r / (1 + d))^i, i = 0 .. n, less M sum of r^(i-1) / (1 + d)^(i-.5), i = 1 .. n:
    margins GC at the beginning of each period, `spend` M on retention in its middle. Money of the
    arguments, their shape. Source: Berger and Nasr (1998), Journal of Interactive Marketing
    12(1):17-30, case 1.
    """
    if periods < 0:
        raise ParameterError(f"{periods} periods", remedy="Ask for 0 or more.")
    r, d = share("retention", retention), yearly(interest)
    gain, cost = number("margin", margin), number("spending on retention", spend)
    kept = (r / (1 + d))[..., None] ** np.arange(periods + 1)
    income = gain * kept.sum(axis=-1)
    # who was there at the beginning of a period is spent on, half a period later
    return np.asarray(income - cost * kept[..., :-1].sum(axis=-1) / (1 + d) ** 0.5)


def discounted_lifetime(hazard: Numbers, interest: Numbers = 0.0) -> np.ndarray:
    """Return the expected paid months, discounted to the first: A(h) = 1 / (1 - v (1 - h)).

    `hazard` is that of every month, `interest` yearly; months are paid at their beginning, the
    first for sure. ParameterError for a hazard outside 0 to 1, or 0 without interest.
    """
    return np.asarray(1 / (1 - finite(_keeps(hazard, interest), "a customer")))


def migration_value(transitions: np.ndarray, rewards: np.ndarray, interest: Numbers) -> np.ndarray:
    """Return the value [..., S] of a customer now in each state: V = (I - P / (1 + d))^-1 R.

    `transitions` [..., S, S] are the chances of a period from row to column, `rewards` [..., S]
    what a period in a state brings at its beginning, `interest` d that of a period. Who leaves for
    good may be left out: rows then add up to less than 1. ParameterError for rows above 1, or where
    nobody ever leaves and interest takes nothing.
    """
    chances = share("chance of a move", transitions)
    if chances.ndim < 2 or chances.shape[-1] != chances.shape[-2]:
        raise ParameterError(
            f"chances of moves of the shape {chances.shape}", remedy="Give a row for each state."
        )
    money = number("reward of a state", rewards)
    if money.ndim < 1 or money.shape[-1] != chances.shape[-1]:
        raise ParameterError("states and rewards differ in number", remedy="Give one for each.")
    share("sum of a state's chances", np.where(_whole(chances), 1.0, chances.sum(axis=-1)))
    one_on = chances / (1 + yearly(interest))[..., None, None]
    most = np.abs(np.linalg.eigvals(one_on)).max(axis=-1)
    # a chain that never ends has the eigenvalue 1 but for rounding
    finite(np.where(most > 1 - ROUNDING, 1.0, most), "a customer")
    states = np.eye(chances.shape[-1])
    return np.asarray(np.linalg.solve(states - one_on, money[..., None])[..., 0])


def by_recency(chances: Numbers) -> np.ndarray:
    """Return the transitions [..., S, S] of customers told apart by how long ago they bought.

    `chances` [..., S]: that of buying in a period for who bought last 1, 2, ... S periods ago. Who
    buys is in the first state again; who does not in the last one is lost for good. With one state
    nobody comes back, and its chance is the retention.
    """
    bought = np.atleast_1d(share("chance of buying", chances))
    states = bought.shape[-1]
    moves = np.zeros((*bought.shape, states))
    moves[..., 0] = bought
    if states > 1:
        before = np.arange(states - 1)
        moves[..., before, before + 1] = 1 - bought[..., :-1]
    return moves


def _keeps(hazard: Numbers, interest: Numbers) -> np.ndarray:
    """Return the present value of a month's payment for who pays today."""
    return np.asarray(month_factor(interest) * (1 - share("hazard", hazard)))


def _whole(chances: np.ndarray) -> np.ndarray:
    return np.asarray(np.abs(chances.sum(axis=-1) - 1) < ROUNDING)
