"""Loyalty promised: who first sells binds himself to a price for those who come back.

For markets in which tastes are drawn anew each period, so that what a customer bought says nothing
of what he will prefer, and in which a promise binds and is foreseen. Two firms, two periods; the
price to the rival's buyers is set in the second period by who has seen the rival's promise. Used by
everybody, such promises lower prices and profits by far more than poaching does.

Other models say the opposite. With light and heavy users, rewards that cost a firm more than they
are worth to customers may soften competition and raise prices (Kim, Shi and Srinivasan 2001,
Marketing Science 20(2), 99-120), and rewards may help firms to collude (Fong and Liu 2011). Those
have no closed form here; a report that shows this game must say that there are others.
Source: the question and the direction are those of Caminal and Claici (2007), International Journal
of Industrial Organization 25(4), 657-674; this version of the game and its numbers are solved here
and were not compared with theirs.
"""

from __future__ import annotations

import numpy as np

from stammkunde.policy.rivals.checked import Numbers, number
from stammkunde.policy.rivals.formats import Deviation
from stammkunde.policy.rivals.outcome import Outcome


def loyalty(taste: Numbers, patience: Numbers, *, cost: Numbers = 0.0) -> Outcome:
    """Return the equilibrium when both firms promise a price to those who come back.

    The promise is cost - taste / 3, *below* cost; newcomers are asked cost + taste / 3 and first
    buyers cost + taste (1 + patience / 3); five in six come back. Arguments broadcast.
    ParameterError for a taste of 0 or less, a patience beyond 0 to 1.
    """
    t = number("taste", taste, least=0, above=True)
    d = number("patience", patience, least=0, most=1)
    c = number("cost", cost)
    back = 5 / 6 + 0 * (t + d + c)
    first = c + t * (1 + d / 3)
    later = back * (c - t / 3) + (1 - back) * (c + t / 3)
    # who comes back stands at most 5/6 away, who leaves at most 1/6 from the other end
    away = t * (back**2 + (1 - back) ** 2) / 2
    return Outcome(
        first=first,
        loyal=c - t / 3 + 0 * d,
        newcomer=c + t / 3 + 0 * d,
        switching=1 - back,
        profit=(first - c + d * (later - c)) / 2,
        outlay=first + d * later,
        waste=t / 4 + d * away,
    )


def newcomers_answer(promise: Numbers, *, taste: Numbers, cost: Numbers = 0.0) -> np.ndarray:
    """Return the best price to the rival's buyers, who have his `promise`: the middle way.

    (taste + promise + cost) / 2, for promises between cost - taste and cost + 3 taste; below, none
    of them is worth having and the answer is the cost; above, all come for promise - taste.
    """
    t = number("taste", taste, least=0, above=True)
    c, asked = number("cost", cost), number("promise", promise)
    inside = (t + asked + c) / 2
    return np.asarray(np.maximum(np.maximum(inside, asked - t), c))


def deviation(taste: Numbers, patience: Numbers) -> Deviation:
    """Return what a promise earns: with none, alone while the rival is frozen, and when both do.

    Per customer of the market over both periods: taste (1 + patience) / 2 before; alone it is best
    to promise one's cost (at which all come back; less only moves money to the first price), which
    brings taste ((1 + patience / 8)^2 + patience) / 2; when both promise, taste (1 / 2 + patience /
    18). Arguments broadcast.
    """
    t = number("taste", taste, least=0, above=True)
    d = number("patience", patience, least=0, most=1)
    return Deviation(
        before=t * (1 + d) / 2,
        frozen=t * ((1 + d / 8) ** 2 + d) / 2,
        after=loyalty(t, d).profit,
    )
