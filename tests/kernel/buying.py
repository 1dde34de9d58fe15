"""The 2,357 customers of the CDNOW sample, stored as counts."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from stammkunde.survival.buying import Histories, Timeline, histories_from, timeline_from
from tests.reference.stored import stored


@cache
def _columns() -> dict[str, Any]:
    found = stored("buying.json")
    return {n: np.array(v) if isinstance(v, list) else v for n, v in found.items()}


def cdnow() -> Histories:
    """Return the histories to 30 September 1997, with the 273 days after as a hold-out."""
    c = _columns()
    names = ("count", "block", "spent", "later")
    more = {n: c[n] for n in names}
    return histories_from(c["x"], c["t_x"], c["length"], **more, holdout=273)


def cdnow_timeline() -> Timeline:
    """Return the purchases by day, 546 of them, calibrated on the first 273."""
    c = _columns()
    return timeline_from(c["starts"], c["repeats"], c["until"])
