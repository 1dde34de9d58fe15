"""How strong would something unrecorded have to be? E-values and the bounding factor.

They are of risk ratios, here of leaving within the horizon. Of months stayed there is no E-value:
a difference of means has no risk ratio (see `tipping` for those).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from stammkunde import intervals
from stammkunde.draws import Replicates, paired
from stammkunde.errors import ParameterError
from stammkunde.evidence.trial import Compared
from stammkunde.intervals import FEW_EVENTS
from stammkunde.result import Estimate, Status, table_html
from stammkunde.survival.curve import TOO_FEW_PERSONS
from stammkunde.survival.formulas import ROUNDING

ALL_OR_NOBODY_LEFT = "all_or_nobody_left"


@dataclass(frozen=True, kw_only=True)
class EValue:
    """The E-value of the risk ratio of leaving within the horizon.

    Something unrecorded would have to be tied to both the arm and leaving by risk ratios of
    `estimate` each, beyond all that is recorded, to make up the whole `ratio`; by `limit` each to
    bring the limit of its interval to `towards`. 1: nothing is needed. None where the ratio has no
    value, for the reason it gives.
    """

    ratio: Estimate
    estimate: float | None
    limit: float | None
    towards: float = 1.0

    def _repr_html_(self) -> str:
        rows = {"estimate": self.estimate, "limit": self.limit, "reason": self.ratio.reason}
        return table_html(rows, "E-value")


def e_value(ratio: float, towards: float = 1.0) -> float:
    """Return the E-value of a risk ratio: how strong both ties must be to move it `towards`.

    RR + sqrt(RR (RR - 1)), of the inverse below 1 (VanderWeele and Ding 2017).
    """
    if not (0 < ratio < math.inf and 0 < towards < math.inf):
        raise ParameterError(
            f"{ratio} and {towards} are no risk ratios", remedy="Give numbers above 0."
        )
    far = max(ratio / towards, towards / ratio)
    return far + math.sqrt(far * (far - 1))


def ratio_from_hazards(hazard_ratio: float) -> float:
    """Return about which risk ratio a hazard ratio is where leaving is common (over 15 %).

    (1 - .5^sqrt(HR)) / (1 - .5^sqrt(1/HR)); where it is rare they are the same (VanderWeele 2017).
    """
    root = math.sqrt(_positive(hazard_ratio, "hazard"))
    return (1 - 0.5**root) / (1 - 0.5 ** (1 / root))


def ratio_from_odds(odds_ratio: float) -> float:
    """Return about which risk ratio an odds ratio is where leaving is common: its square root."""
    return math.sqrt(_positive(odds_ratio, "odds"))


def bounding_factor(with_arm: float, with_leaving: float) -> float:
    """Return by how much at most something unrecorded can move a risk ratio.

    `with_arm` is the largest risk ratio that ties it to the arm, `with_leaving` that which ties it
    to leaving, 1 or more each (Ding and VanderWeele 2016).
    """
    if min(with_arm, with_leaving) < 1:
        raise ParameterError(
            f"risk ratios of {with_arm:g} and {with_leaving:g}", remedy="Give 1 or more: invert."
        )
    return with_arm * with_leaving / (with_arm + with_leaving - 1)


def confounding(in_treated: float, in_control: float, ratio: float) -> float:
    """Return by how much something unrecorded moves a risk ratio.

    It is there in shares `in_treated` and `in_control` of the arms, and who has it leaves `ratio`
    times as likely (Bross 1966).
    """
    if not (0 <= in_treated <= 1 and 0 <= in_control <= 1):
        raise ParameterError("a prevalence is a share", remedy="Give numbers from 0 to 1.")
    rise = _positive(ratio, "risk") - 1
    return (1 + rise * in_treated) / (1 + rise * in_control)


def leaving_ratio(compared: Compared) -> Estimate:
    """Return how many times as likely the treated leave within the horizon (unit "ratio").

    Interval on the log scale, person blocks paired; with fewer than 5 leavers in an arm put
    together from the arms' own limits (Zou and Donner 2008). No value where the comparison was
    refused, or where nobody or everybody left in an arm.
    """
    common = _common(compared)
    if compared.share.value is None:
        return Estimate(value=None, reason=compared.share.reason, **common)
    a, b = (compared.curves[n] for n in (compared.treated, compared.control))
    ends = (a.at(compared.horizon), b.at(compared.horizon))
    left = np.array([1 - (e.value or 0.0) for e in ends])
    if left.min() <= ROUNDING or left.max() >= 1 - ROUNDING:
        refused = common | {"status": Status.NOT_IDENTIFIABLE}
        return Estimate(value=None, reason=ALL_OR_NOBODY_LEFT, **refused)
    value = float(left[0] / left[1])
    if min(int(c.events[: compared.horizon].sum()) for c in (a, b)) < FEW_EVENTS:
        low, high = _combined(ends)
        method = f"{common['method']}, limits combined"
        return Estimate(value=value, low=low, high=high, **common | {"method": method})
    replicates = _replicates(*ends)
    if replicates is None or not replicates.is_enough:
        return Estimate(value=None, reason=TOO_FEW_PERSONS, **common)
    if compared.share.replicates is not None:
        replicates = replace(replicates, smallest=compared.share.replicates.smallest)
    se = replicates.se()
    quantile = intervals.student_quantile(compared.share.level, replicates.smallest)
    low, high = (float(x) for x in intervals.log(np.array(value), se, quantile))
    method = f"{common['method']}, person blocks paired"
    found = Estimate(value=value, low=low, high=high, **common | {"method": method})
    return replace(found, se=float(se), replicates=replicates)


def e_value_of(compared: Compared, *, towards: float = 1.0) -> EValue:
    """Return the E-value of what was compared, for survival at the horizon (never for months).

    `towards` is the risk ratio to be reached, 1 for no effect; another for the smallest relevant
    one.
    """
    ratio = leaving_ratio(compared)
    if ratio.value is None or ratio.low is None or ratio.high is None:
        return EValue(ratio=ratio, estimate=None, limit=None, towards=towards)
    near = ratio.low if ratio.value > towards else ratio.high
    covered = ratio.low <= towards <= ratio.high
    return EValue(
        ratio=ratio,
        estimate=e_value(ratio.value, towards),
        limit=1.0 if covered else e_value(near, towards),
        towards=towards,
    )


def _common(compared: Compared) -> dict[str, Any]:
    share = compared.share
    return {
        "level": share.level,
        "unit": "ratio",
        "persons": share.persons,
        "spells": share.spells,
        "events": share.events,
        "estimand": f"leaving({compared.horizon}) ratio",
        "method": "ratio of shares that left",
        "status": share.status,
        "assumptions": share.assumptions,
    }


def _replicates(one: Estimate, two: Estimate) -> Replicates | None:
    def by(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.divide(1 - a, 1 - b, out=np.zeros_like(a), where=b < 1)

    if one.replicates is None or two.replicates is None:
        return None
    return paired(one.replicates, two.replicates, by)


def _combined(ends: tuple[Estimate, Estimate]) -> tuple[float, float]:
    """Return limits of the ratio of shares that left from those of the shares still there."""
    known = np.array([(e.value or 0.0, e.high or 0.0, e.low or 0.0) for e in ends])
    logs = np.log(np.maximum(1 - known, ROUNDING)).T
    low, high = np.exp(intervals.mover(np.array([1.0, -1.0]), *logs))
    return float(low), float(high)


def _positive(ratio: float, kind: str) -> float:
    if not 0 < ratio < math.inf:
        raise ParameterError(f"a {kind} ratio of {ratio}", remedy="Give a number above 0.")
    return ratio
