"""Who is seen again: lifetimes from a list of customers that is drawn up at regular intervals.

Between two lists everybody who came and went is never seen, and the number of lists a customer
stands on says how long he stayed only to a whole interval, with those never seen left out. The
share of a list's customers who stand on the next one needs neither.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from stammkunde.errors import ParameterError
from stammkunde.result import Estimate, Status
from stammkunde.survival.shares import share

NOBODY_AGAIN = "nobody_again"
NOBODY_LEFT = "nobody_left"
CONSTANT_RATE = "constant_rate"


def seen_again(
    seen: np.ndarray,
    again: np.ndarray,
    spacing: float,
    *,
    persons: int,
    repeats: bool = True,
    level: float = 0.95,
) -> Estimate:
    """Return the rate of leaving per unit of time, -ln(share seen again) / `spacing`.

    `seen` and `again` [256] count by person block who stands on a list, and on the next one too,
    over all pairs of lists that lie `spacing` units apart. `repeats` says that somebody is counted
    in several pairs. Exact for a constant hazard only. No value, with the reason "nobody_again",
    where nobody is; the interval is that of the share, so on the log scale for the rate.
    """
    _positive(spacing)
    found = share(again, seen, persons=persons, repeats=repeats, level=level)
    common: dict[str, Any] = {
        "unit": "hazard",
        "events": int(seen.sum() - again.sum()),
        "method": f"share seen again, {found.method.removeprefix('share, ')}",
        "estimand": "rate of leaving",
    }
    if found.value is None:
        return replace(found, **common)
    limits = [None if x is None or x <= 0 else _rate(x, spacing) for x in (found.high, found.low)]
    if found.value <= 0:
        common |= {"value": None, "se": None, "reason": NOBODY_AGAIN, "replicates": None}
        return replace(found, low=limits[0], high=None, **common)
    return replace(
        found,
        value=_rate(found.value, spacing),
        low=limits[0],
        high=limits[1],
        se=None if found.se is None else found.se / (found.value * spacing),
        replicates=found.replicates and found.replicates.map(lambda x: _rates(x, spacing)),
        **common,
    )


def lifetime(rate: Estimate, unit: str = "month") -> Estimate:
    """Return the mean lifetime 1 / rate, counted in `unit`; None where nobody was seen to leave.

    It goes as far beyond what was observed as the rate stays what it is: ESTIMATED, no more.
    """
    limits = [None if not x else 1 / x for x in (rate.high, rate.low)]
    value = rate.value
    return replace(
        rate,
        value=1 / value if value else None,
        low=limits[0] if value else None,
        high=limits[1] if value else None,
        se=rate.se / value**2 if rate.se is not None and value else None,
        unit=unit,
        reason=rate.reason or ("" if value else NOBODY_LEFT),
        method=f"1 / rate ({rate.method})",
        estimand="mean lifetime at a constant rate",
        status=Status.ESTIMATED,
        assumptions=(*rate.assumptions, CONSTANT_RATE),
        replicates=rate.replicates and rate.replicates.map(_inverse) if value else None,
    )


def never_seen(rate: float, spacing: float) -> float:
    """Return the share of newcomers who leave before the first list after they joined.

    Joins are spread evenly between lists, lifetimes exponential: 1 - (1 - exp(-s rate)) / (s rate).
    """
    _positive(rate)
    _positive(spacing)
    return float(1 + np.expm1(-rate * spacing) / (rate * spacing))


def lists_times_spacing(rate: float, spacing: float) -> float:
    """Return the mean number of lists a customer stands on, of those ever seen, times `spacing`.

    What the usual count prints where the mean lifetime is 1 / `rate`: it is too long.
    """
    _positive(rate)
    _positive(spacing)
    return float(-spacing / np.expm1(-rate * spacing))


def _rate(share_again: float, spacing: float) -> float:
    return float(-np.log(share_again) / spacing) + 0.0


def _rates(shares: np.ndarray, spacing: float) -> np.ndarray:
    return np.asarray(-np.log(np.maximum(shares, np.finfo(float).tiny)) / spacing)


def _inverse(rates: np.ndarray) -> np.ndarray:
    return np.asarray(1 / np.maximum(rates, np.finfo(float).tiny))


def _positive(number: float) -> None:
    if not 0 < number < np.inf:
        remedy = "Give a number greater than 0."
        raise ParameterError(f"a rate or a spacing of {number:g}", remedy=remedy)
