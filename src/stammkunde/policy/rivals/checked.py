"""Numbers that a game can be played with, or one clear sentence why not."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from stammkunde.errors import ParameterError

Numbers: TypeAlias = float | np.ndarray


def number(
    name: str,
    value: Numbers,
    *,
    least: Numbers = -np.inf,
    most: Numbers = np.inf,
    above: bool = False,
) -> np.ndarray:
    """Return `value` as an array of floats; ParameterError outside `least` to `most` or for NaN.

    With `above` the least itself is refused too. Limits may be arrays as well.
    """
    given = np.asarray(value, float)
    if not np.isfinite(given).all():
        raise ParameterError(
            f"`{name}` holds what is not a finite number",
            remedy="Give a number for it in every draw.",
        )
    low = given <= least if above else given < least
    wrong = low | (given > most)
    if wrong.any():
        worst = float(np.broadcast_to(given, wrong.shape)[wrong][0])
        bounds = [f"{'above' if above else 'at least'} {_said(least)}"] * bool(
            np.isfinite(least).all()
        )
        bounds += [f"at most {_said(most)}"] * bool(np.isfinite(most).all())
        raise ParameterError(
            f"`{name}` is {worst:g}", remedy=f"Give a number {' and '.join(bounds)}."
        )
    return given


def _said(bound: Numbers) -> str:
    return f"{float(bound):g}" if np.ndim(bound) == 0 else "its bound in every draw"
