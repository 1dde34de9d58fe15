"""What is missed by valuing a base with one retention for all, whose customers differ.

Customers leave with a chance of their own that never changes, spread by a beta law; each year a
cohort of the same size was won, and now stands before its next renewal. Who has stayed is of those
who stay. Source: Fader and Hardie (2010), Marketing Science 29(1):85-93.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv

from stammkunde.errors import ParameterError
from stammkunde.policy.worth.given import number
from stammkunde.policy.worth.multiples import margin_multiple
from stammkunde.survival.projection import FAMILIES, beta_geometric_residual
from stammkunde.survival.projection.families import log_survival

# points of a law at which means are taken
POINTS = 20_000


@dataclass(frozen=True)
class OneRate:
    """A number of a base as its customers make it, and as one retention for all would have it."""

    true: float
    one_rate: float

    @property
    def missed(self) -> float:
        """Return the share by which one retention misses: below 0 it is too low."""
        return self.one_rate / self.true - 1


def base_worth(
    alpha: float, beta: float, cohorts: int, interest: float, renewals: int | None = None
) -> OneRate:
    """Return the worth of a base in margins of a period, the next renewal paid at once.

    Cohort n = 1 .. `cohorts` has S(n - 1) customers, each worth DERL(n). The one retention r is
    that over the first `renewals` of a cohort, by default those that the oldest has behind it; it
    gives everybody r (1 + d) / (1 + d - r). ParameterError for alpha or beta of 0 or less, or
    without an interest.
    """
    curve, interest = _law(alpha, beta, cohorts, interest)
    each = [beta_geometric_residual(alpha, beta, n, interest) for n in range(1, cohorts + 1)]
    retained = _retained(curve, cohorts - 1 if renewals is None else renewals)
    alike = (1 + interest) * margin_multiple(retained, interest)
    there = curve[:cohorts]
    return OneRate(float(there @ each), float(there.sum() * alike))


def retention_step(
    alpha: float,
    beta: float,
    cohorts: int,
    interest: float,
    step: float = 0.01,
    renewals: int | None = None,
) -> OneRate:
    """Return the share by which the base's worth rises if everybody's retention rises by `step`.

    Each one's is multiplied by 1 + `step`, and is 1 at most; the customers there stay as they are.
    Else as `base_worth`.
    """
    curve, interest = _law(alpha, beta, cohorts, interest)
    number("step of retention", step, -1.0)
    part = (np.arange(POINTS) + 0.5) / POINTS
    there, before, after = curve[:cohorts], [], []
    for n in range(cohorts):
        # of those who have passed n renewals
        own = betaincinv(beta + n, alpha, part)
        before.append(_paid(own, interest).mean())
        after.append(_paid(np.minimum(own * (1 + step), 1.0), interest).mean())
    retained = _retained(curve, cohorts - 1 if renewals is None else renewals)
    naive = _paid(np.minimum(retained * (1 + step), 1.0), interest) / _paid(retained, interest)
    return OneRate(float(there @ after / (there @ before) - 1), float(naive - 1))


def _paid(retained: np.ndarray, interest: float) -> np.ndarray:
    """Return the payments from a renewal on, itself undiscounted: r (1 + d) / (1 + d - r)."""
    return np.asarray((1 + interest) * margin_multiple(retained, interest))


def _retained(curve: np.ndarray, renewals: int) -> np.ndarray:
    if not 1 <= renewals < len(curve):
        raise ParameterError(
            f"retention over {renewals} renewals", remedy=f"Ask for 1 to {len(curve) - 1}."
        )
    return np.asarray(curve[1 : renewals + 1].sum() / curve[:renewals].sum())


def _law(alpha: float, beta: float, cohorts: int, interest: float) -> tuple[np.ndarray, float]:
    """Return S(0 .. cohorts) of the law, and the interest."""
    least = np.nextafter(0.0, 1.0)
    law = [float(number(n, x, least)) for n, x in (("alpha", alpha), ("beta", beta))]
    if cohorts < 2:
        raise ParameterError(f"{cohorts} cohorts", remedy="Ask for 2 or more.")
    rate = float(number("interest", interest, least))
    return np.exp(log_survival(FAMILIES["beta-geometric"], np.log(law), cohorts)[0]), rate
