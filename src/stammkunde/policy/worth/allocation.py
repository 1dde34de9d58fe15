"""How much to spend on winning customers and how much on keeping them.

Both answer with diminishing returns: of those addressed, the share c (1 - exp(-k spend)) is won or
kept. Source: Blattberg and Deighton (1996), Harvard Business Review 74(4):136-144; the optimum in
closed form is derived here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import wrightomega

from stammkunde.errors import ParameterError
from stammkunde.policy.worth.given import Numbers, number, share, yearly


@dataclass(frozen=True)
class Answering:
    """The share won or kept by what is spent on each: ceiling (1 - exp(-steepness spend))."""

    ceiling: np.ndarray
    steepness: np.ndarray

    def share(self, spend: Numbers) -> np.ndarray:
        """Return the share that a spending wins or keeps."""
        spent = number("spending", spend, 0.0)
        return np.asarray(-self.ceiling * np.expm1(-self.steepness * spent))


def answering(spend: Numbers, reached: Numbers, ceiling: Numbers) -> Answering:
    """Return the response that reaches a share at today's spending and never more than a ceiling.

    k = -log(1 - reached / ceiling) / spend. ParameterError unless 0 < reached < ceiling <= 1 and
    something is spent.
    """
    most, now = share("ceiling", ceiling), share("share reached", reached)
    spent = number("spending", spend, np.nextafter(0.0, 1.0))
    if not ((now > 0) & (now < most)).all():
        raise ParameterError(
            "the share reached today is not above 0 and below the ceiling",
            remedy="A ceiling is what could be reached if money were no matter.",
        )
    return Answering(most, np.asarray(-np.log1p(-now / most) / spent))


@dataclass(frozen=True)
class Allocation:
    """Spending per prospect and per customer and year, and what comes of it.

    `won` and `kept` are the shares that it wins and keeps, `customer` the value W of a customer
    once won, `prospect` that of a prospect, `cost_per_won` the spending for each who is won (inf
    where nobody is). Money of the arguments, their shape.
    """

    acquire: np.ndarray
    retain: np.ndarray
    won: np.ndarray
    kept: np.ndarray
    customer: np.ndarray
    prospect: np.ndarray
    cost_per_won: np.ndarray


def allocated(
    margin: Numbers,
    acquiring: Answering,
    retaining: Answering,
    interest: Numbers,
    acquire: Numbers,
    retain: Numbers,
) -> Allocation:
    """Return what a prospect is worth at a given spending: a m - A + a (m - R / r) r' / (1 - r').

    `margin` m is that of a year, the first earned at once; a and r are the shares won and kept by
    the spendings A (`acquire`) and R (`retain`, at the end of each year on who is kept), r' = r /
    (1 + d). ParameterError where kept customers would be worth more than any number.
    """
    m, d = number("margin", margin), yearly(interest)
    _ends(retaining, d)
    won, kept = acquiring.share(acquire), retaining.share(retain)
    # (m - R / r) r' / (1 - r'), without its gap where nobody is kept
    later = np.where(kept > 0, m * kept - np.asarray(retain), 0.0) / (1 + d - kept)
    customer, spent = m + later, np.broadcast_to(np.asarray(acquire, float), won.shape)
    each = np.divide(spent, won, out=np.full(won.shape, np.inf), where=won > 0)
    return Allocation(
        acquire=spent,
        retain=np.asarray(retain, float),
        won=won,
        kept=kept,
        customer=np.asarray(customer),
        prospect=np.asarray(won * customer - spent),
        cost_per_won=each,
    )


def best_allocation(
    margin: Numbers, acquiring: Answering, retaining: Answering, interest: Numbers
) -> Allocation:
    """Return the spending at which a prospect is worth most, with what comes of it.

    R* solves r'(R) (m (1 + d) - R) = 1 + d - r(R), where r' is the slope: R* = m (1 + d) -
    (1 + w) / k with w e^w = (1 + d - c) / c exp(k m (1 + d) - 1). A* = log(c k W) / k of the
    acquiring where c k W > 1, else 0: then no prospect is worth his first euro. Likewise R* is 0
    where keeping is not.
    """
    m, d = number("margin", margin), yearly(interest)
    _ends(retaining, d)
    c, k = retaining.ceiling, retaining.steepness
    top = m * (1 + d)
    root = wrightomega(np.log((1 + d - c) / c) + k * top - 1)
    retain = np.maximum(top - (1 + root) / k, 0.0)
    worth = allocated(m, acquiring, retaining, d, 0.0, retain).customer
    pull = acquiring.ceiling * acquiring.steepness * worth
    acquire = np.where(pull > 1, np.log(np.maximum(pull, 1.0)) / acquiring.steepness, 0.0)
    return allocated(m, acquiring, retaining, d, acquire, retain)


def _ends(retaining: Answering, interest: np.ndarray) -> None:
    if (retaining.ceiling >= 1 + interest).any():
        raise ParameterError(
            "customers kept for ever are worth more than any number without interest",
            remedy="Put in an interest, or a ceiling below 1.",
        )
