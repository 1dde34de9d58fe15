"""Whether the courses fit where they take over: leavers of the last units, as many as expected?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from stammkunde.chapters.outlook.read import Ahead, Future, told
from stammkunde.chapters.parts import is_contradicted
from stammkunde.intervals import poisson_limits
from stammkunde.result import Estimate, Finding, Sentence, Status
from stammkunde.study import Study
from stammkunde.survival.projection.fit import FAMILY_HOLDS

# the last quarter of the units counted; a ratio nearer to 1 would not be seen in the curve
PART, NEAR = 4, 1.1


def seam(study: Study, found: Future, main: Ahead) -> tuple[Estimate, int] | None:
    """Return the leavers of the last units counted by those the courses expect, and how many units.

    The limits are Poisson's, exact, of the leavers. None where none are expected.
    """
    reach = main.plan.reach
    units = max(reach // PART, 1)
    last = slice(reach - units, reach)
    at_risk, moves, _ = main.table.in_state()
    n, d = at_risk.sum(axis=0)[last], float(moves.sum(axis=(0, 1))[last].sum())
    expected = sum(
        float(weight) * float((n * _hazard(fit.theta(), fit.family.steps, reach)[last]).sum())
        for fit, weight in zip(main.choice.fits, main.choice.weights, strict=True)
    )
    if expected <= 0:
        return None
    low, high = poisson_limits(int(d), main.curve.level)
    ratio = Estimate(
        value=d / expected,
        low=float(low) / expected,
        high=float(high) / expected,
        level=main.curve.level,
        unit="ratio",
        persons=main.curve.persons,
        spells=main.curve.spells,
        events=int(d),
        method="leavers by those expected from the families, exact Poisson limits",
        status=Status.ESTIMATED,
        estimand=f"leavers in units {reach - units + 1} to {reach} by those expected",
        assumptions=(FAMILY_HOLDS,),
    )
    return told(study, ratio, found), units


def _hazard(theta: np.ndarray, steps: object, reach: int) -> np.ndarray:
    assert callable(steps)
    stay, _ = steps(theta, reach)
    return np.asarray(-np.expm1(stay))


def is_torn(ratio: Estimate) -> bool:
    """Return whether the courses do not fit the last units: off by a tenth, and beyond chance."""
    value, low, high = ratio.value, ratio.low, ratio.high
    if value is None or low is None or high is None:
        return False
    return not low <= 1 <= high and not 1 / NEAR <= value <= NEAR


def seam_finding(study: Study, ratio: Estimate, units: int, words: Mapping[str, object]) -> Finding:
    """Return the finding that the courses do not fit the last units observed."""
    key = "more" if (ratio.value or 0.0) > 1 else "fewer"
    return Finding(
        id="outlook.seam",
        status=Status.ESTIMATED,
        assumptions=ratio.assumptions,
        sentence=Sentence(f"outlook.seam.{key}", {**words, "ratio": ratio, "last": units}),
        importance=0.15 if is_contradicted(study) else 0.35,
        questions=(1, 20),
        figure="outlook.survival",
    )
