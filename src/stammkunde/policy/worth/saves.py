"""What it costs to keep one customer more, where a rebate goes to all who stay.

q is the share who leave in a period, u by how many points it falls, c what the rebate costs for a
paying customer over that period: 1 - q + u of them get it, u would have left. Derived here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stammkunde.errors import ParameterError
from stammkunde.policy.worth.given import Numbers, number, share

LEAST = np.nextafter(0.0, 1.0)


def cost_per_save(rebate: Numbers, churn: Numbers, uplift: Numbers) -> np.ndarray:
    """Return what the rebate costs for each customer kept by it, c (1 - q + u) / u.

    inf where it keeps nobody, or drives some away. ParameterError for a fall of more points than
    leave. Money of the rebate, shape of the arguments.
    """
    c, q, u = number("rebate", rebate, 0.0), share("churn", churn), number("uplift", uplift)
    if (u > q).any():
        raise ParameterError(
            "churn falls by more points than there are",
            remedy="The uplift is in points of churn, from 0 to the churn itself.",
        )
    share("churn with the rebate", q - u)
    paid = c * (1 - q + u)
    none = np.where(paid > 0, np.inf, 0.0)
    return np.divide(paid, u, out=np.array(np.broadcast_to(none, np.shape(paid / 1))), where=u > 0)


@dataclass(frozen=True)
class Needed:
    """The points by which churn must fall, and whether it can: is there so much churn at all?

    `uplift` is inf where not even a rebate that kept everybody would do.
    """

    uplift: np.ndarray
    possible: np.ndarray


def uplift_needed(
    rebate: Numbers, churn: Numbers, acquisition: Numbers, times: Numbers = 1.0
) -> Needed:
    """Return the uplift from which keeping a customer is `times` cheaper than winning one.

    c (1 - q) / (CAC / k - c), where `acquisition` CAC is what a new customer costs. Never where
    that is at most `times` the rebate, as the one kept gets the rebate too; impossible where the
    uplift is more than the churn.
    """
    c, q, _, _ = _parts(rebate, churn, acquisition, times)
    left = np.asarray(acquisition, float) / np.asarray(times, float) - c
    paid = np.broadcast_to(c * (1 - q), np.broadcast(left, q).shape)
    uplift = np.divide(paid, left, out=np.full(paid.shape, np.inf), where=left > 0)
    return Needed(uplift, np.asarray(uplift <= q))


def acquisition_needed(rebate: Numbers, churn: Numbers, times: Numbers = 1.0) -> np.ndarray:
    """Return the cost of winning below which keeping cannot be `times` cheaper: k c / q.

    At that cost the rebate would have to keep everybody. ParameterError for a churn of 0.
    """
    c, q, _, k = _parts(rebate, churn, 0.0, times)
    number("churn", q, LEAST)
    return np.asarray(k * c / q)


def _parts(
    rebate: Numbers, churn: Numbers, acquisition: Numbers, times: Numbers
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    return (
        number("rebate", rebate, 0.0),
        share("churn", churn),
        number("cost of winning a customer", acquisition, 0.0),
        number("how many times cheaper", times, LEAST),
    )
