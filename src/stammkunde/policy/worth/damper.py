"""How much longer customers stay where one cause of leaving is damped and the others are not.

Who is kept from leaving for one cause stays exposed to the others, so that the gain has a cap. A
model with a single cause knows none. Source: Braun and Schweidel (2011), Marketing Science
30(5):881-902.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from stammkunde.errors import ParameterError
from stammkunde.policy.worth.given import MONTHS, Numbers, month_factor, number, share, yearly

Months = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Damped:
    """Expected months, discounted if an interest was given: today, then, and at most.

    `one_cause` is what a model says that knows of one cause only, and so damps them all; `cap` what
    remains if the cause were gone (inf where it is the only one, and without interest).
    """

    today: np.ndarray
    then: np.ndarray
    one_cause: np.ndarray
    cap: np.ndarray

    @property
    def gained(self) -> np.ndarray:
        """Return the months gained."""
        return np.asarray(self.then - self.today)

    @property
    def claimed(self) -> np.ndarray:
        """Return the months that the model of a single cause would gain."""
        return np.asarray(self.one_cause - self.today)


def damped_by_month(
    hazards: np.ndarray, cause: int, ratio: Numbers, interest: Numbers = 0.0
) -> Damped:
    """Return the expected paid months if the hazard of one cause is multiplied by `ratio`.

    `hazards` [..., C] are the chances of leaving in a month by cause, which add up; months are paid
    at their beginning: 1 / (1 - v (1 - sum of hazards)). `ratio` has the leading axes of `hazards`.
    ParameterError where chances would exceed 1.
    """
    h = share("hazard of a cause", hazards)
    v = month_factor(interest)

    def months(total: np.ndarray) -> np.ndarray:
        return _one_over(1 - v * (1 - share("sum of the causes' hazards", total)))

    return _damped(h, cause, ratio, months)


def damped_at_any_time(
    rates: np.ndarray, cause: int, ratio: Numbers, interest: Numbers = 0.0
) -> Damped:
    """Return the expected months if the rate of one cause is multiplied by `ratio`.

    `rates` [..., C] are those of a month, at which customers leave at any time and pay as they go:
    1 / (log(1 + interest) / 12 + sum of rates).
    """
    force = np.log1p(yearly(interest)) / MONTHS
    return _damped(
        number("rate of a cause", rates, 0.0), cause, ratio, lambda total: _one_over(total + force)
    )


def _damped(hazards: np.ndarray, cause: int, ratio: Numbers, months: Months) -> Damped:
    """Return the life today and if one cause, all, or one wholly were damped."""
    causes = hazards.shape[-1] if hazards.ndim else 0
    if not 0 <= cause < causes:
        raise ParameterError(
            f"there is no cause {cause} among {causes}", remedy="Causes count from 0."
        )
    factor = number("ratio of hazards", ratio, 0.0)
    own, others = hazards[..., cause], np.delete(hazards, cause, axis=-1).sum(axis=-1)
    return Damped(
        today=months(own + others),
        then=months(factor * own + others),
        one_cause=months(factor * (own + others)),
        cap=months(others),
    )


def _one_over(lost: np.ndarray) -> np.ndarray:
    """Return 1 / lost, inf where nothing is lost."""
    whole = np.asarray(lost, float)
    return np.divide(1.0, whole, out=np.full(whole.shape, np.inf), where=whole > 0)
