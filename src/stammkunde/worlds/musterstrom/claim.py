"""A claim as the truth file states it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

RECURSION, STRUCTURE = "recursion", "structure"


def rounded(value: float) -> float:
    """Return a number to 10 significant digits and 12 decimals, which machines agree on."""
    return round(float(f"{value:.10g}"), 12)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One claim's estimand, value, unit and smallest relevant effect; `how` it was found.

    "structure" is a value that follows from what the process does not contain.
    """

    name: str
    estimand: str
    value: float
    unit: str = "month"
    smallest: float = 0.25
    how: str = RECURSION

    def plain(self) -> dict[str, Any]:
        """Return the claim as plain data; whether it is true follows from its value."""
        reaches = bool(self.value >= self.smallest)
        return {
            "estimand": self.estimand,
            "value": rounded(self.value),
            "unit": self.unit,
            "smallest_relevant": self.smallest,
            "reaches": reaches,
            "says": "true" if reaches else "false",
            "how": self.how,
            "error": 0.0,
        }
