"""What knowing more is worth where the difference of two policies is normal: closed forms.

`mean` and `sd` are those of the difference as it is believed now, in money per customer or in
total; all functions take arrays and return their broadcast shape. Source: Raiffa and Schlaifer
(1961), chapter 5; for pilots the mean that will be believed after one is normal too, about the same
mean, with the preposterior standard deviation.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from stammkunde.policy.decide.checked import at_least, finite


def normal_evpi(mean: ArrayLike, sd: ArrayLike) -> np.ndarray:
    """Return what perfect information is worth, in the unit of the difference.

    sd phi(mean / sd) - abs(mean) Phi(-abs(mean) / sd); 0 where nothing is in doubt. ParameterError
    for a negative standard deviation.
    """
    away, spread = np.abs(finite(mean, "means")), at_least(sd, 0.0, "standard deviations")
    away, spread = np.broadcast_arrays(away, spread)
    z = _standard(away, spread)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return np.asarray(spread * density - away * special.ndtr(-z))


def normal_best(mean: ArrayLike, sd: ArrayLike) -> np.ndarray:
    """Return the probability that the policy ahead on average is the better: Phi(abs(mean) / sd).

    One half where neither is ahead. ParameterError for a negative standard deviation.
    """
    away, spread = np.abs(finite(mean, "means")), at_least(sd, 0.0, "standard deviations")
    return np.asarray(special.ndtr(_standard(*np.broadcast_arrays(away, spread))))


def normal_regret(mean: ArrayLike, sd: ArrayLike) -> np.ndarray:
    """Return the expected regret of the policy that is behind on average.

    That of the other one is `normal_evpi`; they differ by abs(mean).
    """
    return np.asarray(normal_evpi(mean, sd) + np.abs(finite(mean, "means")))


def difference_se(outcome_sd: ArrayLike, per_arm: ArrayLike) -> np.ndarray:
    """Return the standard error of a difference of two means, `per_arm` customers each.

    sqrt(2 outcome_sd^2 / per_arm), `outcome_sd` that of one customer's outcome. ParameterError for
    fewer than one customer.
    """
    n = at_least(per_arm, 1.0, "customers per arm")
    return np.asarray(at_least(outcome_sd, 0.0, "standard deviations") * np.sqrt(2 / n))


def preposterior_sd(sd: ArrayLike, se: ArrayLike) -> np.ndarray:
    """Return the standard deviation of what will be believed once a pilot has been seen.

    sd^2 / sqrt(sd^2 + se^2), `se` being the pilot's standard error; `sd` itself for a pilot without
    error, 0 where nothing is in doubt.
    """
    spread = at_least(sd, 0.0, "standard deviations")
    whole = np.hypot(spread, at_least(se, 0.0, "standard errors"))
    spread, whole = np.broadcast_arrays(spread, whole)
    part = np.divide(spread, whole, out=np.zeros(spread.shape), where=whole > 0)
    return np.asarray(spread * part)


def normal_evsi(
    mean: ArrayLike, sd: ArrayLike, outcome_sd: ArrayLike, per_arm: ArrayLike
) -> np.ndarray:
    """Return what a pilot of two arms with `per_arm` customers each is worth.

    `normal_evpi` with the preposterior standard deviation, in the unit of `mean`, for each customer
    whom the decision concerns. Rises with `per_arm` and stays below `normal_evpi(mean, sd)`.
    """
    return normal_evpi(mean, preposterior_sd(sd, difference_se(outcome_sd, per_arm)))


def _standard(away: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Return how many standard deviations off; beyond all of them where there is no doubt."""
    sure = np.where(away > 0, np.inf, 0.0)
    # a doubt far below the difference is none: the quotient may pass the largest number
    with np.errstate(over="ignore"):
        return np.asarray(np.divide(away, spread, out=sure, where=spread > 0))
