"""The laws that an assumption may follow: their quantiles, their means, and what contradicts them.

    | law        | value            | low and high          | mean                        |
    |------------|------------------|-----------------------|-----------------------------|
    | fixed      | the number       | none, or the number   | value                       |
    | uniform    | the middle       | the ends              | (low + high) / 2            |
    | triangular | the most likely  | the ends              | (low + value + high) / 3    |
    | normal     | the mean         | 5 % and 95 % points   | value                       |
    | lognormal  | the median       | 5 % and 95 % points   | value * exp(sigma^2 / 2)    |
    | beta       | the mean         | 5 % and 95 % points   | that of the law through them |
    | evidence   | the estimate     | the estimate's limits | value; draws come from it   |

Three numbers are given for a law of two: the third is compared, and refused where it is off by more
than a twentieth of the distance from low to high.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from math import exp, log

import numpy as np
from scipy import optimize, special

from stammkunde.errors import ParameterError

# the normal law's 95 % point
Z = float(special.ndtri(0.95))
OFF = 0.05
# no draw of ten thousand lies so many standard deviations away
FAR = 5.0


class Law(StrEnum):
    """How an assumption is drawn."""

    FIXED = "fixed"
    UNIFORM = "uniform"
    TRIANGULAR = "triangular"
    NORMAL = "normal"
    LOGNORMAL = "lognormal"
    BETA = "beta"
    EVIDENCE = "evidence"


def quantiles(law: Law, value: float, low: float, high: float, chance: np.ndarray) -> np.ndarray:
    """Return the law's quantiles at `chance`, each between 0 and 1 (both excluded)."""
    match law:
        case Law.UNIFORM:
            return low + (high - low) * chance
        case Law.TRIANGULAR:
            width, rise = high - low, value - low
            up = low + np.sqrt(chance * width * rise)
            down = high - np.sqrt((1 - chance) * width * (high - value))
            return np.asarray(np.where(chance * width <= rise, up, down))
        case Law.NORMAL:
            return np.asarray(value + special.ndtri(chance) * (high - low) / (2 * Z))
        case Law.LOGNORMAL:
            return np.asarray(value * np.exp(special.ndtri(chance) * _sigma(low, high)))
        case Law.BETA:
            return np.asarray(special.betaincinv(*beta(low, high), chance))
        case _:
            return np.full(np.shape(chance), value)


def mean(law: Law, value: float, low: float, high: float) -> float:
    """Return the mean of what is drawn."""
    match law:
        case Law.UNIFORM:
            return (low + high) / 2
        case Law.TRIANGULAR:
            return (low + value + high) / 3
        case Law.LOGNORMAL:
            return value * exp(_sigma(low, high) ** 2 / 2)
        case Law.BETA:
            a, b = beta(low, high)
            return a / (a + b)
        case _:
            return value


def contradiction(law: Law, value: float, low: float, high: float) -> tuple[str, str]:
    """Return what contradicts the law and a remedy; two empty texts where nothing does."""
    if law is Law.EVIDENCE or (law is Law.FIXED and low == high == value):
        return "", ""
    if law is Law.FIXED:
        return "is fixed and has limits that differ from it", "Leave the limits out, or give a law."
    if not low < high:
        return f"lies between {low:g} and {high:g}", "`low` is smaller than `high`."
    if not low <= value <= high:
        return (
            f"is {value:g}, outside its limits {low:g} and {high:g}",
            "The value lies between them.",
        )
    if law is Law.LOGNORMAL and low <= 0:
        return f"is lognormal with a lower limit of {low:g}", "A lognormal number is above 0."
    if law is Law.BETA and not (low > 0 and high < 1):
        return (
            f"follows a beta law and lies between {low:g} and {high:g}",
            "A beta law holds for shares strictly between 0 and 1.",
        )
    return _off_the_middle(law, value, low, high)


def _off_the_middle(law: Law, value: float, low: float, high: float) -> tuple[str, str]:
    ends = (log(low), log(high), log(value)) if law is Law.LOGNORMAL else (low, high, value)
    middle = (ends[0] + ends[1]) / 2
    if law is Law.BETA:
        middle = mean(law, value, low, high)
    if law is Law.TRIANGULAR or abs(ends[2] - middle) <= OFF * (ends[1] - ends[0]):
        return "", ""
    fits = exp(middle) if law is Law.LOGNORMAL else middle
    return (
        f"is {value:g}, and a {law} law between {low:g} and {high:g} has its middle at {fits:.4g}",
        "Give the limits that belong to the value, or another law (triangular takes any three).",
    )


def leaves(
    law: Law, value: float, low: float, high: float, least: float, most: float
) -> tuple[str, str]:
    """Return what is wrong where draws of the law leave least .. most, and a remedy."""
    spread = FAR * (high - low) / (2 * Z)
    ends = {
        Law.NORMAL: (value - spread, value + spread),
        Law.BETA: (0.0, 1.0),
        Law.LOGNORMAL: (0.0, exp(log(value) + FAR * _sigma(low, high)) if low > 0 else high),
    }
    reached = ends.get(law, (low, high))
    if least <= reached[0] and reached[1] <= most:
        return "", ""
    upper = f" to {most:g}" if most < np.inf else " on"
    drawn = f"is drawn from about {reached[0]:.3g} to {reached[1]:.3g}"
    return (
        f"{drawn}, and its unit allows {least:g}{upper}",
        "Take a law that ends there: beta or triangular for a share, lognormal for a ratio.",
    )


@lru_cache(maxsize=256)
def beta(low: float, high: float) -> tuple[float, float]:
    """Return the two parameters of the beta law with 5 % below `low` and 5 % above `high`.

    ParameterError where none is found.
    """

    def apart(logs: np.ndarray) -> np.ndarray:
        a, b = np.exp(logs)
        below, above = special.betainc(a, b, low), special.betainc(b, a, 1 - high)
        # on the normal scale the equations are nearly linear
        return np.array([special.ndtri(below) + Z, special.ndtri(above) + Z])

    middle, sd = (low + high) / 2, (high - low) / (2 * Z)
    size = max(middle * (1 - middle) / sd**2 - 1, 0.5)
    found = optimize.root(apart, np.log([middle * size, (1 - middle) * size]), tol=1e-13)
    if not np.isfinite(found.x).all() or np.abs(apart(found.x)).max() > 1e-8:
        raise ParameterError(
            f"no beta law has its 5 % point at {low:g} and its 95 % point at {high:g}",
            remedy="Move the limits apart or together, or take a triangular law.",
        )
    a, b = np.exp(found.x)
    return float(a), float(b)


def _sigma(low: float, high: float) -> float:
    return (log(high) - log(low)) / (2 * Z)
