"""How high a rebate may be at most: what it costs is what it keeps.

A month's hazard is multiplied by a ratio; the rebate is paid in every month from some month on, to
all who are still there. Customers pay at the beginning of a month. Derived here.
"""

from __future__ import annotations

import numpy as np

from stammkunde.errors import ParameterError
from stammkunde.policy.worth.given import Numbers, month_factor, number, share
from stammkunde.policy.worth.retained import discounted_lifetime


def break_even_rebate(
    margin: Numbers, hazard: Numbers, ratio: Numbers, interest: Numbers, *, lagged: bool = False
) -> np.ndarray:
    """Return the rebate per month that pays for itself: b = m (1 - A(h) / A(ratio h)).

    `margin` m is that of a month before the rebate, `hazard` h that of a month (so that ratio h
    is at most 1), `interest` yearly, A as in `discounted_lifetime`. It does not depend on the month
    from which the rebate is paid, if the first who leave less are those who have had one payment of
    it. `lagged`: the hazard falls a month later than that, b = m (1 - A(h) / (1 + v (1 - h)
    A(ratio h))). 0 without an effect, below 0 where customers leave for it. Money of the margin,
    shape of the arguments.
    """
    h = share("hazard", hazard)
    changed = h * number("ratio of hazards", ratio, 0.0)
    return _even(margin, h, changed, interest, lagged=lagged)


def break_even_rebate_by_cause(
    margin: Numbers,
    hazards: Numbers,
    ratios: Numbers,
    interest: Numbers,
    *,
    lagged: bool = False,
) -> np.ndarray:
    """Return the rebate that pays for itself where it acts on some causes of leaving only.

    `hazards` [..., C] are the chances of leaving in a month by cause, which add up; `ratios`
    [..., C] what becomes of each (1 for who moves or dies). Else as `break_even_rebate`. With a
    ratio of 0 for one cause and 1 for the others it is the most that stopping that cause is worth.
    """
    h = share("hazard of a cause", hazards)
    if h.ndim < 1:
        raise ParameterError("one hazard without its cause", remedy="Give a hazard for each cause.")
    changed = h * number("ratio of a cause's hazards", ratios, 0.0)
    total = share("sum of the causes' hazards", h.sum(axis=-1))
    return _even(margin, total, changed.sum(axis=-1), interest, lagged=lagged)


def _even(
    margin: Numbers, hazard: np.ndarray, changed: np.ndarray, interest: Numbers, *, lagged: bool
) -> np.ndarray:
    """Return the rebate that pays for itself where one hazard becomes another."""
    m, after = number("margin", margin), share("hazard with the rebate", changed)
    today, then = discounted_lifetime(hazard, interest), discounted_lifetime(after, interest)
    # a month of leaving as before comes first
    wait = month_factor(interest) * (1 - hazard) if lagged else 1.0
    gained = wait * (then - today)
    return np.asarray(m * gained / (today + gained))
