"""What may be decided upon: net values of named policies, draw by draw, and shares that can be."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import numpy as np
from numpy.typing import ArrayLike

from stammkunde.errors import ParameterError, nearest, several


def net_values(values: ArrayLike, names: Sequence[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return values [B, P] with policies in the order of their names, and these names.

    So that no answer hangs on the order in which policies were listed. ParameterError for fewer
    than two draws, for a value that is no finite number, and for names that do not fit.
    """
    given, known = finite(values, "values"), several(names, "names of policies")
    if given.ndim != 2 or given.shape[1] != len(known):
        raise ParameterError(
            f"values of the shape {given.shape} for {len(known)} policies",
            remedy="Give one row per draw and one column per policy.",
        )
    if given.shape[0] < 2 or not known:
        raise ParameterError(
            f"{given.shape[0]} draws of {len(known)} policies leave nothing to decide",
            remedy="Give two draws of one policy at least.",
        )
    order = in_order(known)
    return np.ascontiguousarray(given[:, order]), tuple(known[i] for i in order)


def in_order(names: Sequence[str]) -> list[int]:
    """Return the places of names in the order of the names; ParameterError where two are alike."""
    if len(set(names)) != len(names):
        raise ParameterError("two policies have one name", remedy="Give each a name of its own.")
    return sorted(range(len(names)), key=lambda i: names[i])


def place(name: str, names: Sequence[str]) -> int:
    """Return where a policy stands among the names; ParameterError where it does not."""
    if name not in names:
        raise ParameterError(f"there is no policy `{name}`", remedy=nearest(name, names))
    return list(names).index(name)


def finite(numbers: ArrayLike, what: str) -> np.ndarray:
    """Return numbers as an array; ParameterError where one is missing or infinite."""
    given = np.asarray(numbers, float)
    if not np.isfinite(given).all():
        raise ParameterError(
            f"among the {what} is one that is no finite number",
            remedy="Give a number for each, or leave out the policy that has none.",
        )
    return given


def at_least(numbers: ArrayLike, least: float, what: str) -> np.ndarray:
    """Return finite numbers, none below `least`; ParameterError where one is."""
    given = finite(numbers, what)
    if (given < least).any():
        raise ParameterError(
            f"{what} of {given.min():g}", remedy=f"Give {least:g} or more for each."
        )
    return given


def shares(numbers: ArrayLike, what: str) -> np.ndarray:
    """Return numbers from 0 to 1; ParameterError where one is not."""
    given = at_least(numbers, 0.0, what)
    if (given > 1).any():
        raise ParameterError(f"{what} of {given.max():g}", remedy="Give 1 at most for each.")
    return given


def confidence(level: float) -> float:
    """Return a level between 0 and 1; ParameterError where it is not."""
    if not 0 < level < 1:
        raise ParameterError(f"a level of {level:g}", remedy="Give one between 0 and 1.")
    return float(level)


def stream(key: str) -> np.random.Generator:
    """Return the random numbers that belong to a key, the same on every machine."""
    seed = int.from_bytes(sha256(key.encode()).digest()[:16], "big")
    return np.random.Generator(np.random.PCG64(seed))
