"""How many margins a customer is worth who is retained at a constant rate.

r is the share retained from one period to the next, i the interest of a period, g the growth of the
margin from one period to the next. Source: Gupta, Lehmann and Stuart (2004), Journal of Marketing
Research 41(1):7-18.
"""

from __future__ import annotations

import numpy as np

from stammkunde.policy.worth.given import Numbers, finite, number, share, yearly


def margin_multiple(
    retention: Numbers, interest: Numbers, growth: Numbers = 0.0, *, at_once: bool = False
) -> np.ndarray:
    """Return what a customer is worth in margins, r / (1 + i - r (1 + g)), shape of the arguments.

    The first margin comes a period ahead, from those retained until then. `at_once`: it is paid
    today and is the first to grow, (1 + i) / (1 + i - r (1 + g)). ParameterError where the margin
    grows faster than customers and interest take away.
    """
    r, i, rest = _rest(retention, interest, growth)
    return np.asarray((1 + i if at_once else r) / rest)


def retention_effect(
    retention: Numbers, interest: Numbers, growth: Numbers = 0.0, *, at_once: bool = False
) -> np.ndarray:
    """Return by how many per cent the multiple rises if retention rises by one per cent of itself.

    (1 + i) / (1 + i - r (1 + g)), or r (1 + g) / (1 + i - r (1 + g)) for a margin paid `at_once`.
    """
    r, i, rest = _rest(retention, interest, growth)
    return np.asarray((r * (1 + np.asarray(growth)) if at_once else 1 + i) / rest)


def interest_effect(
    retention: Numbers, interest: Numbers, growth: Numbers = 0.0, *, at_once: bool = False
) -> np.ndarray:
    """Return by how many per cent the multiple changes if interest rises by one per cent of itself.

    -i / (1 + i - r (1 + g)); for a margin paid `at_once` that times r (1 + g) / (1 + i).
    """
    r, i, rest = _rest(retention, interest, growth)
    later = -i / rest
    return np.asarray(later * r * (1 + np.asarray(growth)) / (1 + i) if at_once else later)


def gain_from_points(
    retention: Numbers, points: Numbers, interest: Numbers, *, at_once: bool = False
) -> np.ndarray:
    """Return the share by which the multiple rises if retention rises by `points`, .05 being five.

    Points are not per cent, and what they bring depends on the retention that there is: whoever
    prints the gain prints that beside it (Reichheld and Sasser 1990, Harvard Business Review
    68(5):105-111, speak of 5 % only). Without interest, `at_once`, it is that of the expected life.
    """
    before = margin_multiple(retention, interest, at_once=at_once)
    raised = share("retention with the points", np.asarray(retention) + np.asarray(points))
    if (before == 0).any():
        number("retention that is to rise", retention, np.nextafter(0.0, 1.0))
    return np.asarray(margin_multiple(raised, interest, at_once=at_once) / before - 1)


def _rest(
    retention: Numbers, interest: Numbers, growth: Numbers
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return r, i and 1 + i - r (1 + g)."""
    r, i = share("retention", retention), yearly(interest)
    g = number("growth of the margin", growth, -1.0)
    finite(r * (1 + g) / (1 + i), "a customer")
    return r, i, 1 + i - r * (1 + g)
