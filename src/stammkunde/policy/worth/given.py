"""What is put into a formula: numbers or arrays of draws, refused where they cannot be."""

from __future__ import annotations

import numpy as np

from stammkunde.errors import ParameterError

Numbers = float | np.ndarray
MONTHS = 12


def number(name: str, value: Numbers, least: float = -np.inf, most: float = np.inf) -> np.ndarray:
    """Return numbers as an array; ParameterError for any that is not one, or out of bounds."""
    found = np.asarray(value, float)
    wrong = ~((found >= least) & (found <= most) & np.isfinite(found))
    if wrong.any():
        raise ParameterError(
            f"the {name} is {found[wrong].flat[0]:g}", remedy=f"It must be {_range(least, most)}."
        )
    return found


def share(name: str, value: Numbers) -> np.ndarray:
    """Return shares as an array; ParameterError outside 0 to 1."""
    return number(name, value, 0.0, 1.0)


def month_factor(interest: Numbers) -> np.ndarray:
    """Return v = (1 + interest)^(-1/12), the present value of one paid a month later.

    ParameterError for a yearly interest of -1 or less.
    """
    return np.asarray((1 + yearly(interest)) ** (-1 / MONTHS))


def yearly(interest: Numbers) -> np.ndarray:
    """Return an interest as an array; ParameterError for one that leaves nothing."""
    found = number("interest", interest)
    if (found <= -1).any():
        raise ParameterError(
            f"an interest of {found.min():g} leaves nothing",
            remedy="Write a yearly rate, such as 0.05.",
        )
    return found


def finite(keeps: np.ndarray, what: str) -> np.ndarray:
    """Return what one unit leaves of a worth; ParameterError where it would never run out."""
    if (keeps >= 1).any():
        raise ParameterError(
            f"{what} is worth more than any number: nobody leaves, and interest takes nothing",
            remedy="Put in an interest, a hazard above 0, or a horizon.",
        )
    return keeps


def _range(least: float, most: float) -> str:
    if np.isfinite(least) and np.isfinite(most):
        return f"from {least:g} to {most:g}"
    if np.isfinite(least):
        return f"{least:g} or more"
    return f"{most:g} or less" if np.isfinite(most) else "a finite number"
