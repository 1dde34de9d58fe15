"""What tables made from ever more customers of the energy supplier converge to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stammkunde.worlds.musterstrom import parameters as p
from stammkunde.worlds.musterstrom.expect import KEPT, Course, run
from stammkunde.worlds.musterstrom.parameters import Policy

At = int | slice


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A life table per person: `at_risk[unit]`, `leavers[cause, unit]`; unit 0 is empty."""

    at_risk: np.ndarray
    leavers: np.ndarray

    @property
    def survival(self) -> np.ndarray:
        """Return S(0), S(1), … as the product of one minus the hazards."""
        gone, there = self.leavers.sum(axis=0), self.at_risk
        hazard = np.divide(gone, there, out=np.zeros_like(gone), where=there > 0)
        return np.asarray(np.cumprod(1 - hazard))

    def rmst(self, horizon: int) -> float:
        """Return the expected paid months of the first `horizon`."""
        return float(self.survival[:horizon].sum())


def seen_share(months: np.ndarray) -> np.ndarray:
    """Return which share of the units that begin in these months is observed whole.

    Not before the migration; of the last month only the units that begin on its first day, since
    the others end after the close.
    """
    inside = ((months >= p.OPEN) & (months < p.CLOSE)).astype(float)
    return np.where(months == p.CLOSE - 1, 1 / p.DAYS, inside)


def where(numbers: np.ndarray, course: Course, **at: At) -> np.ndarray:
    """Return [..., month] [..., signed] of numbers [..., *KEPT], summed where `at` does not say."""
    for axis, name in zip(range(-len(KEPT), 0), KEPT, strict=True):
        place = at.get(name, slice(None))
        if name == "signed":
            keep = np.zeros(numbers.shape[-1])
            keep[place] = 1.0
            numbers = numbers * keep
        else:
            chosen = place if isinstance(place, slice) else slice(place, place + 1)
            index = [slice(None)] * numbers.ndim
            index[axis] = chosen
            numbers = numbers[tuple(index)]
    return np.asarray(numbers.sum(axis=tuple(range(-len(KEPT), -1))))


def before_close(course: Course) -> np.ndarray:
    """Return at_risk[month, *KEPT] as far as it is observed."""
    months = course.first + np.arange(len(course.at_risk))
    return course.at_risk * seen_share(months).reshape(-1, *(1,) * len(KEPT))


def by_tenure(numbers: np.ndarray, first: int = 0, origin: int = 0) -> np.ndarray:
    """Return numbers [month, signed] summed by unit of tenure; position 0 is empty."""
    month, signed = np.arange(numbers.shape[0])[:, None], np.arange(numbers.shape[1])
    tenure = month + first - signed - origin + 1
    live = tenure >= 1
    return np.bincount(tenure[live], weights=numbers[live], minlength=p.MONTHS + 1)


def limit(course: Course, **at: At) -> Limit:
    """Return what the life table of the window converges to, of contracts with `at` (see KEPT)."""
    seen = seen_share(np.arange(len(course.at_risk)))[:, None]
    there = where(course.at_risk, course, **at) * seen
    gone = where(course.leavers, course, **at) * seen[:, None]
    leavers = [by_tenure(gone[:, c]) for c in range(len(p.CAUSES))]
    return Limit(at_risk=by_tenure(there), leavers=np.stack(leavers))


def person_months(policy: Policy, month: int, horizon: int, returns: bool) -> float:
    """Return the expected paid months within `horizon` of a first sign-up in `month`."""
    course = run(policy, months=(month, month + horizon), joins=(month, month + 1),
                 comes_back=returns)  # fmt: skip
    there = course.at_risk.sum(axis=tuple(range(1, 7)))
    return float(there.sum() / there[0])
