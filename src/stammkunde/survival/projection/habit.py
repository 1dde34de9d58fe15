"""A hazard that falls with tenure: do customers grow attached, or do those remain who were so?

The same curve has both readings. By *sorting* everybody keeps a hazard of his own, and those with a
high one are soon gone; by *habit* everybody's falls with the time he has been a customer. What a
programme is worth that keeps all customers through their first units differs: sorting keeps people
who leave afterwards, habit makes people stay. Only repeat spells, what is known of each customer,
or interruptions from outside can tell them apart (Elbers and Ridder 1982; Heckman and Singer 1984).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stammkunde.errors import ParameterError
from stammkunde.result import Estimate
from stammkunde.survival.projection.choice import Outlook
from stammkunde.survival.projection.projected import Functional


@dataclass(frozen=True)
class TwoReadings:
    """The share still there after `at` units if all were kept through the first `kept`.

    `today` is the share without such a programme; `months_by_sorting` and `months_by_habit` are the
    units gained within `at`.
    """

    kept: int
    at: int
    today: Estimate
    by_sorting: Estimate
    by_habit: Estimate
    gained_by_sorting: Estimate
    gained_by_habit: Estimate


def two_readings(outlook: Outlook, kept: int, at: int) -> TwoReadings:
    """Return both readings of a curve for a programme that keeps all through `kept` units.

    Sorting: S(t - kept), as nobody was sorted out; habit: S(t) / S(kept). Both hold exactly for
    their law. ParameterError unless 0 < kept < at and both within the outlook.
    """
    if not 0 < kept < at or (outlook.parts and at > outlook.horizon):
        what = f"all kept through {kept} and asked for at {at}, of {outlook.horizon}"
        raise ParameterError(what, remedy="Keep through fewer units than you ask for.")

    def sorting(curves: np.ndarray) -> np.ndarray:
        return np.concatenate([np.ones((len(curves), kept)), curves[:, : at - kept + 1]], axis=1)

    def habit(curves: np.ndarray) -> np.ndarray:
        later = curves[:, kept : at + 1] / np.maximum(curves[:, kept : kept + 1], 1e-300)
        return np.concatenate([np.ones((len(curves), kept)), later], axis=1)

    def share(of: Functional, name: str) -> Estimate:
        return outlook.number(lambda s: of(s)[:, at], "log-log", "share", name)

    def gained(of: Functional, name: str) -> Estimate:
        unit = outlook.parts[0].unit if outlook.parts else "month"
        return outlook.number(
            lambda s: of(s)[:, :at].sum(axis=1) - s[:, :at].sum(axis=1), "", unit, name
        )

    return TwoReadings(
        kept,
        at,
        share(lambda s: s, f"survival({at})"),
        share(sorting, f"survival({at}) if all are kept through {kept}, sorting"),
        share(habit, f"survival({at}) if all are kept through {kept}, habit"),
        gained(sorting, "units gained, sorting"),
        gained(habit, "units gained, habit"),
    )
