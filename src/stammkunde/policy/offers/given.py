"""Numbers of a policy: typed, or the name of an assumption that is drawn; and where they stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from math import isfinite
from typing import Annotated, Any, get_type_hints

import numpy as np

from stammkunde.errors import ParameterError, nearest

# a number, or the name of an assumption of the ledger
Given = float | str
Draws = Mapping[str, np.ndarray]
MARKED = "__metadata__"


@dataclass(frozen=True)
class Limits:
    """What a number may be: from `least` to `most`, and how to say so."""

    least: float
    most: float
    remedy: str


ANY = Limits(-np.inf, np.inf, "")
SHARE = Limits(0.0, 1.0, "A share lies between 0 and 1: per cent are divided by 100.")
AMOUNT = Limits(0.0, np.inf, "An amount of money, a cost or a capacity is not negative.")
RATIO = Limits(0.0, np.inf, "What multiplies a hazard is not negative; 1 changes nothing.")
ADDED = Limits(-1.0, 1.0, "What is added to a hazard lies between -1 and 1.")
LIFT = Limits(-1.0, np.inf, "Sign-ups cannot fall by more than all of them: -1 or above.")


# how fields of elements are typed: the number and what it may be
Share = Annotated[Given, SHARE]
Amount = Annotated[Given, AMOUNT]
Ratio = Annotated[Given, RATIO]
Added = Annotated[Given, ADDED]
Lift = Annotated[Given, LIFT]
MaybeAmount = Annotated[Given | None, AMOUNT]
Units = Annotated[int, 1]
MaybeUnits = Annotated[int | None, 1]
Months = Annotated[int, 0]


_KNOWN: dict[type, dict[str, Any]] = {}


def _hints(element: object) -> dict[str, Any]:
    """Return what may stand in each field: `Limits`, or the least whole number."""
    kind = type(element)
    if kind not in _KNOWN:
        hints = get_type_hints(kind, include_extras=True)
        _KNOWN[kind] = {n: h.__metadata__[0] for n, h in hints.items() if hasattr(h, MARKED)}
    return _KNOWN[kind]


@contextmanager
def under(path: str) -> Iterator[None]:
    """Put `path` before the key that a ParameterError names: `policy[2].loyalty` + `amount`."""
    try:
        yield
    except ParameterError as error:
        raise ParameterError(
            error.what,
            where=joined(path, error.where),
            rows=error.rows,
            remedy=error.remedy,
            reason=error.reason,
            told=error.told,
        ) from error


def joined(path: str, key: str) -> str:
    """Return `path.key`, or `path[0]` for a key that is a place in a list."""
    return path + key if not key or key.startswith("[") else f"{path}.{key}" if path else key


def resolve(x: Given, draws: Draws, limits: Limits = ANY) -> np.ndarray:
    """Return the number as an array: without axes where it was typed, [B] where it is drawn.

    ParameterError for a name that nobody assumes, or where a draw lies outside the limits.
    """
    if isinstance(x, str):
        if x not in draws:
            raise ParameterError(f'nothing is assumed as "{x}"', remedy=nearest(x, draws))
        found = np.asarray(draws[x], dtype=float)
    else:
        found = np.asarray(x, dtype=float)
    if found.size:
        ends = float(found.min()), float(found.max())
        for end in ends:
            within(end, limits, f'a draw of "{x}"' if isinstance(x, str) else "it")
    return found


def resolved(element: Any, key: str, draws: Draws) -> np.ndarray:
    """Return the number of an element's field as `resolve`, within the limits of that field."""
    with under(key):
        return resolve(getattr(element, key), draws, _hints(element)[key])


def within(x: float, limits: Limits, what: str) -> None:
    """Raise ParameterError where `x` is not finite or outside the limits."""
    if not isfinite(x):
        raise ParameterError(f"{what} is {x}, which is no finite number", remedy="Give a number.")
    if not limits.least <= x <= limits.most:
        raise ParameterError(f"{what} is {x:g}", remedy=limits.remedy)


def check_fields(element: Any) -> None:
    """Raise ParameterError for a field of a dataclass outside its limits; its name is the path."""
    for name, hint in _hints(element).items():
        x = getattr(element, name)
        with under(name):
            if isinstance(hint, Limits):
                _check_number(x, hint)
            elif x is not None and (isinstance(x, bool) or not isinstance(x, int) or x < hint):
                raise ParameterError(
                    f"it is {x}", remedy=f"Give a whole number of at least {hint}."
                )


def is_length(element: object, key: str) -> bool:
    """Return whether a field holds a whole number of units or months."""
    return isinstance(_hints(element).get(key), int)


def _check_number(x: Any, limits: Limits) -> None:
    if x is None or isinstance(x, str):
        return
    if isinstance(x, bool) or not isinstance(x, int | float):
        raise ParameterError(f"{x!r} is no number", remedy="Give a number or an assumption.")
    within(float(x), limits, "it")


def assumed(thing: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the path and the name of every assumption that a dataclass rests on."""
    hints = _hints(thing)
    for f in fields(thing):
        x, here = getattr(thing, f.name), joined(path, f.name)
        if isinstance(hints.get(f.name), Limits):
            if isinstance(x, str):
                yield here, x
        elif isinstance(x, tuple):
            for k, part in enumerate(x):
                if is_dataclass(part):
                    yield from assumed(part, f"{here}[{k}]")
        elif f.name == "behaviour":
            yield from assumed(x, here)
