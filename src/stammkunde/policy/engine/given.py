"""What the engine is given, as arrays: finite numbers, shares, the last axis as long as it must be.

Everywhere in the engine the last axis is time (cycles, units of tenure or months of the calendar)
and leading axes are free: draws first, then policies, segments or whatever else.
"""

from __future__ import annotations

from math import isfinite

import numpy as np
from numpy.typing import ArrayLike

from stammkunde.errors import ParameterError

# chances that add up to one are typed and drawn as rounded numbers
SLACK = 1e-9


def numbers(given: ArrayLike, what: str) -> np.ndarray:
    """Return `given` as floats; ParameterError where one is not a finite number."""
    return _between(given, what, -np.inf, np.inf, "")


def shares(given: ArrayLike, what: str) -> np.ndarray:
    """Return `given` as floats; ParameterError where one does not lie between 0 and 1."""
    remedy = "Per cent are divided by 100; what multiplies a hazard may not lift it above 1."
    return _between(given, what, 0.0, 1.0, remedy)


def counts(given: ArrayLike, what: str) -> np.ndarray:
    """Return `given` as floats; ParameterError where one is negative or not finite."""
    return _between(given, what, 0.0, np.inf, "Nobody can be counted less than zero times.")


def _between(given: ArrayLike, what: str, low: float, high: float, remedy: str) -> np.ndarray:
    array = np.asarray(given, dtype=float)
    if not array.size:
        return array
    least, most = float(array.min()), float(array.max())
    if not (isfinite(least) and isfinite(most)):
        raise ParameterError(
            f"{what} holds a value that is not a finite number",
            remedy="Give every unit, state and draw a number.",
        )
    if least < low or most > high:
        limits = "a number" if high == np.inf else "a share"
        limits += " below 0 counts nobody" if high == np.inf else " lies between 0 and 1"
        raise ParameterError(
            f"{what} is {least if least < low else most:g} somewhere, and {limits}", remedy=remedy
        )
    return array


def lasting(array: np.ndarray, length: int, what: str) -> np.ndarray:
    """Return `array` with a last axis of `length`: cut to it, or spread where it is 1 or absent.

    ParameterError where the axis is shorter than `length` and not 1.
    """
    if array.ndim == 0:
        array = array[None]
    have = array.shape[-1]
    if have != 1 and have < length:
        raise ParameterError(
            f"{what} goes on for {have} units where {length} are asked for",
            remedy="Give it for every unit, or shorten the horizon.",
        )
    if have == 1:
        return np.broadcast_to(array, (*array.shape[:-1], length))
    return array[..., :length]


def positive(horizon: int, what: str = "the horizon") -> int:
    """Return `horizon`; ParameterError where it is less than 1 or no whole number."""
    if isinstance(horizon, bool) or not isinstance(horizon, int | np.integer) or horizon < 1:
        raise ParameterError(
            f"{what} is {horizon}", remedy="It is a whole number of units, at least 1."
        )
    return int(horizon)


def powers(v: ArrayLike, count: int) -> np.ndarray:
    """Return v to the powers 0 .. count - 1 [..., count]; ParameterError unless v > 0.

    `v` is the present value of one euro paid a unit later: (1 + interest)^(-1/12) a month.
    """
    factor = numbers(v, "the present value of a euro paid a unit later")
    if factor.size and factor.min() <= 0:
        raise ParameterError(
            f"a euro paid a unit later is said to be worth {float(factor.min()):g} now",
            remedy="Give v = (1 + interest)^(-1/12), with an interest above -1.",
        )
    return np.asarray(factor[..., None] ** np.arange(count))
