"""Can these data answer at all? Effective numbers, largest weights, cells without a counterpart.

The effective number of an arm is (sum of weights)^2 / sum of squared weights: so many persons
without weights would know as much (Kish 1965).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from stammkunde.evidence.arms import Arm, weights_of
from stammkunde.evidence.shares import Shares
from stammkunde.result import table_html
from stammkunde.survival.curve import NOT_OBSERVED, TOO_FEW_PERSONS

LEAST_SHARE, LEAST_PERSONS, MOST_WITHOUT = 0.10, 50.0, 0.05
TOO_UNLIKE = "too_unlike"
NO_COUNTERPART = "no_counterpart"
NO_COUNTERPART_IN_TIME = "no_counterpart_at_some_tenure"
NOBODY_LEFT = "nobody_left_in_an_arm"
RESTS_ON_FEW = "rests_on_few"


@dataclass(frozen=True, kw_only=True)
class Weighting:
    """How the persons of one arm are weighted at the start of the horizon.

    `effective` persons of `persons`; `largest` weight by mean weight; `quantiles` of the weights by
    their mean at 1, 25, 50, 75, 95 and 99 %; `by_unit` [K] the effective number of those at risk.
    """

    persons: int
    effective: float
    largest: float
    quantiles: tuple[float, ...]
    by_unit: np.ndarray

    @property
    def share(self) -> float:
        """Return the effective number as a share of the persons; 0 of nobody."""
        return self.effective / self.persons if self.persons else 0.0

    @property
    def is_enough(self) -> bool:
        """Return whether a causal sentence may rest on it: 10 % of the persons, and 50."""
        return self.share >= LEAST_SHARE and self.effective >= LEAST_PERSONS


@dataclass(frozen=True, kw_only=True)
class Adequacy:
    """What may be said from these arms. `refused` is "" or the reason why nothing may."""

    arms: Mapping[str, Weighting]
    refused: str

    def _repr_html_(self) -> str:
        rows: dict[str, object] = {
            n: f"{w.effective:.0f} of {w.persons} ({w.share:.0%}), largest {w.largest:.1f}"
            for n, w in self.arms.items()
        }
        return table_html(rows | {"refused": self.refused or "no"}, "Effective numbers")


QUANTILES = (0.01, 0.25, 0.5, 0.75, 0.95, 0.99)


def weighting(arm: Arm, shares: Shares) -> Weighting:
    """Return how the persons of an arm are weighted."""
    each = weights_of(arm, shares)[:, 0][arm.code]
    held, squares = (_by_unit(arm, arm.at_risk * each**power) for power in (1, 2))
    by_unit = np.divide(held**2, squares, out=np.zeros(arm.length), where=squares > 0)
    first = (arm.unit == 1) & (arm.at_risk > 0)
    n, w = arm.at_risk[first], each[first]
    if not n.sum():
        none = (0.0,) * len(QUANTILES)
        return Weighting(persons=0, effective=0.0, largest=0.0, quantiles=none, by_unit=by_unit)
    order, mean = np.argsort(w), float(np.average(w, weights=n))
    reached = np.cumsum(n[order]) / n.sum()
    at = np.minimum(np.searchsorted(reached, QUANTILES), len(order) - 1)
    return Weighting(
        persons=int(n.sum()),
        effective=float(by_unit[0]),
        largest=float(w.max() / mean),
        quantiles=tuple(float(q) for q in w[order][at] / mean),
        by_unit=by_unit,
    )


def adequacy(
    arms: Mapping[str, Arm], shares: Shares, *, without: int = 0, horizon: int = 0
) -> Adequacy:
    """Return whether the arms can be compared. `without` persons have no counterpart in another.

    Refused are arms of fewer than 50 persons, arms that are too unlike, whose effective number is
    below a tenth of their persons or below 50, and comparisons that would leave out more than a
    twentieth of all, for want of a counterpart; with fewer the others are told of. Within a
    `horizon`, so are arms not observed to its end or only at other tenures, and arms that nobody
    left: there leaving is not recorded, or who had left was never told of.
    """
    found = {n: weighting(a, shares) for n, a in arms.items()}
    everybody = without + sum(w.persons for w in found.values())
    refused = NO_COUNTERPART if without > MOST_WITHOUT * everybody else _unseen(arms, horizon)
    # in trials that one person enters several times, entries are more than persons
    fewest = min(min(found[n].persons, a.persons) for n, a in arms.items())
    # of a few persons none may last to the horizon's end: that they are few is why
    if fewest < LEAST_PERSONS and (not refused or (refused == NOT_OBSERVED and fewest > 0)):
        refused = TOO_FEW_PERSONS
    if not refused and not all(w.is_enough for w in found.values()):
        refused = TOO_UNLIKE
    if not refused and horizon:
        left = [a.counts.moves[0, :, :horizon].sum() for a in arms.values()]
        refused = "" if min(left) > 0 else NOBODY_LEFT
    return Adequacy(arms=found, refused=refused)


def _unseen(arms: Mapping[str, Arm], horizon: int) -> str:
    """Return why an arm is not there in every unit of the horizon, "" if each is."""
    why = ""
    for arm in arms.values():
        there = np.zeros(horizon, dtype=bool)
        there[: arm.length] = arm.counts.at_risk[0, :horizon] > 0
        if (np.diff(there.astype(int)) > 0).any():
            return NO_COUNTERPART_IN_TIME
        why = why or ("" if there.all() else NOT_OBSERVED)
    return why


def _by_unit(arm: Arm, amounts: np.ndarray) -> np.ndarray:
    """Return the sum of amounts by unit [K], cumulated where the arm holds flows."""
    sums = np.bincount(arm.unit - 1, weights=amounts, minlength=arm.length)
    return np.cumsum(sums) if arm.flows else sums
