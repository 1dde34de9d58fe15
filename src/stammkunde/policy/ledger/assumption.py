"""One number that somebody assumes: what, how sure, who says so, when and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from math import isfinite

import numpy as np

from stammkunde.errors import ParameterError, nearest
from stammkunde.policy.ledger import laws
from stammkunde.policy.ledger.laws import Law
from stammkunde.result import Estimate, Status

# what a unit allows, where it allows less than everything
RANGES = {
    "share": (0.0, 1.0),
    "hazard": (0.0, 1.0),
    "ratio": (0.0, np.inf),
    "count": (0.0, np.inf),
}


class Source(StrEnum):
    """Where a number comes from."""

    ESTIMATED = "estimated"
    LITERATURE = "literature"
    WORKSHOP = "workshop"


@dataclass(frozen=True)
class Assumption:
    """A number with its doubt: `value`, its limits by `law`, and who `says` it, `when` and `why`.

    `low` and `high` are the 5 % and 95 % points; of a uniform or triangular law they are its ends,
    of an estimate its own limits. A fixed number has none. `unit` is "share", "hazard", "ratio",
    "count", or in words ("euro", "month"). ParameterError for a number that is not finite, limits
    that contradict the value or the law, draws that the unit does not allow, or no author.
    """

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    law: Law = Law.FIXED
    unit: str = ""
    says: str = ""
    when: date | None = None
    why: str = ""
    source: Source = Source.WORKSHOP
    estimate: Estimate | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        _named(self)
        if self.law not in set(Law):
            raise ParameterError(
                f'"{self.name}" follows the law "{self.law}", which is not known',
                where="law",
                remedy=nearest(self.law, list(Law)),
            )
        given = (self.value, *self.limits)
        if not all(isfinite(x) for x in given):
            raise ParameterError(
                f'"{self.name}" holds a value that is not a finite number',
                where="value",
                remedy="Give a number, and low and high unless it is fixed.",
            )
        law = Law(self.law)
        for what, remedy in (laws.contradiction(law, *given), self._beyond(law)):
            if what:
                raise ParameterError(f'"{self.name}" {what}', where="value", remedy=remedy)

    @property
    def limits(self) -> tuple[float, float]:
        """Return low and high; of a fixed number the number itself."""
        if self.law == Law.FIXED:
            return (
                self.value if self.low is None else self.low,
                self.value if self.high is None else self.high,
            )
        return (
            np.nan if self.low is None else self.low,
            np.nan if self.high is None else self.high,
        )

    @property
    def level(self) -> float:
        """Return how much lies between low and high: 0.9, of a law with ends all of it."""
        if self.estimate is not None:
            return self.estimate.level
        return 1.0 if self.law in (Law.FIXED, Law.UNIFORM, Law.TRIANGULAR) else 0.9

    @property
    def status(self) -> Status:
        """Return how far it may be trusted: as far as its estimate, else it is assumed."""
        return Status.ASSUMED if self.estimate is None else self.estimate.status

    def mean(self) -> float:
        """Return the mean of what is drawn."""
        return laws.mean(Law(self.law), self.value, *self.limits)

    def at(self, chance: np.ndarray) -> np.ndarray:
        """Return the quantiles at `chance`, each between 0 and 1."""
        return laws.quantiles(Law(self.law), self.value, *self.limits, chance)

    def _beyond(self, law: Law) -> tuple[str, str]:
        if self.unit not in RANGES or law is Law.EVIDENCE:
            return "", ""
        return laws.leaves(law, self.value, *self.limits, *RANGES[self.unit])


def estimated(name: str, estimate: Estimate, *, when: date, why: str = "") -> Assumption:
    """Return the row of an effect that was estimated from the client's own data.

    Its draws are those of its replicates, joint with everything else that is drawn by persons.
    ParameterError for an estimate without a value, an interval or replicates.
    """
    missing = None in (estimate.value, estimate.low, estimate.high)
    if missing or estimate.replicates is None:
        raise ParameterError(
            f'the estimate for "{name}" has no value with an interval and draws',
            remedy=f"It was not to be had ({estimate.reason or estimate.method}): assume a number "
            "and say who assumes it.",
        )
    return Assumption(
        name,
        float(estimate.value or 0.0),
        estimate.low,
        estimate.high,
        Law.EVIDENCE,
        estimate.unit,
        estimate.method,
        when,
        why,
        Source.ESTIMATED,
        estimate,
    )


def _named(given: Assumption) -> None:
    if not given.name:
        raise ParameterError("an assumption has no name", where="name", remedy="Name it.")
    if given.source not in set(Source):
        raise ParameterError(
            f'"{given.name}" comes from "{given.source}", which is no source',
            where="source",
            remedy=nearest(given.source, list(Source)),
        )
    if not given.says.strip() or given.when is None:
        raise ParameterError(
            f'nobody says "{given.name}", or not on a day',
            where="when" if given.says.strip() else "says",
            remedy="Write who assumes it and when: it will be read beside every euro.",
        )
    known = given.estimate is not None and given.estimate.replicates is not None
    if (given.law == Law.EVIDENCE) != known:
        raise ParameterError(
            f'"{given.name}" is drawn from evidence, and its estimate with draws is not there'
            if not known
            else f'"{given.name}" has an estimate and follows another law',
            where="law",
            remedy="Make such a row of the estimate itself.",
        )
