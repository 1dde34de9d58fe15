"""How many customers a trial takes to see a difference: in months, or in who left and when."""

from __future__ import annotations

import numpy as np
from scipy import optimize

from stammkunde.policy.pilot import Size, Wanted, by_logrank, by_months, by_shares, treated_curve

WANTED = Wanted()


def sizes_of(curve: np.ndarray, wanted: float, ratio: float, months: int) -> dict[str, Size]:
    """Return the sizes that see the difference, of a curve [..., M + 1]: by three measures.

    "months" by the difference itself, "shares" by how many have left by the end, "log_rank" by when
    they left, `ratio` being that of the hazards which makes the difference.
    """
    changed = treated_curve(curve, ratio)
    return {
        "months": by_months(curve, abs(wanted), months, WANTED),
        "shares": by_shares(1 - curve[..., -1], 1 - changed[..., -1], WANTED),
        "log_rank": by_logrank(curve, ratio, WANTED),
    }


def ratio_of(
    curve: np.ndarray, wanted: float, months: int, *, rises: bool
) -> tuple[float, float] | None:
    """Return the difference, with its sign, and the ratio of hazards that makes it.

    The sign is the one that is expected; the other where hazards cannot make it. None where neither
    can be.
    """
    highest = highest_hazard(curve)
    largest = 1 / highest if highest > 0 else 1.0

    def gained(ratio: float) -> float:
        return float((treated_curve(curve, ratio) - curve)[:months].sum())

    for sign in (1.0, -1.0) if rises else (-1.0, 1.0):
        end = 0.0 if sign > 0 else largest * (1 - 1e-9)
        if sign * gained(end) > wanted:
            low, high = sorted((end, 1.0))
            found = optimize.brentq(lambda r, d=sign * wanted: gained(r) - d, low, high)
            return sign * wanted, float(found)
    return None


def highest_hazard(curve: np.ndarray) -> float:
    """Return the highest hazard of any unit of a curve [..., M + 1]."""
    left = curve[..., :-1] - curve[..., 1:]
    there = np.maximum(curve[..., :-1], np.finfo(float).tiny)
    return float((left / there).max())
