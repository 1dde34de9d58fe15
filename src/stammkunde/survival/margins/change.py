"""Does a customer grow, or do the large ones stay? How the mean margin changes with tenure.

From each unit to the next the mean of those at risk moves for four reasons, which add up exactly:
margins of those who stay change; those who leave had others than the mean; so had those whose
observation ended; and those who enter late have others than those who stayed. The first is growth
within persons, the second sorting. The last two come from who was observed when.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from stammkunde import intervals
from stammkunde.draws import Replicates, replicate
from stammkunde.errors import ParameterError
from stammkunde.result import Estimate
from stammkunde.survival.curve import NOT_OBSERVED, TOO_FEW_PERSONS
from stammkunde.survival.margins.counts import CENTS, HEADS, Margins

# what a sum is to be divided by cannot be told from nothing
NO_DIFFERENCE = "no_difference"
MONEY = "money"
PARTS = ("total", "within", "leaving", "observed")


@dataclass(frozen=True, kw_only=True)
class MarginChange:
    """By how much the mean margin of those in unit `last` exceeds that of those in unit `first`.

    `total` = `within` (margins of those who stay) + `leaving` (who leaves) + `observed` (who came
    under observation late, and whose observation ended), in money per month.
    """

    first: int
    last: int
    total: Estimate
    within: Estimate
    leaving: Estimate
    observed: Estimate

    def share(self, part: str) -> Estimate:
        """Return one of the parts as a share of the total, by name; Fieller's (1954) interval.

        No value where the total cannot be told from nothing. ParameterError for an unknown part.
        """
        if part not in PARTS[1:]:
            raise ParameterError(f"`{part}` is no part of a change", remedy="Ask for one of them.")
        return ratio_of(getattr(self, part), self.total, f"{part} / total")


def mean_margin(found: Margins, unit: int, *, level: float = 0.95) -> Estimate:
    """Return the mean margin per month of those at risk in a unit, in the data's currency.

    A ratio of sums; error by person blocks, t interval. No value where nobody was at risk, or
    fewer than 10 blocks were.
    """
    if unit < 1:
        raise ParameterError(f"{found.unit} {unit} has no margin", remedy="Units begin with 1.")
    name = f"margin({unit})"
    if unit > found.length:
        return _nothing(found, name, NOT_OBSERVED, level)
    number, money = (found.at_risk[i][:, unit - 1 : unit] for i in (HEADS, CENTS))
    if not number.any():
        return _nothing(found, name, NOT_OBSERVED, level)
    held = number[:, 0] > 0
    if (number.sum() - number.max()) <= 0:
        return _nothing(found, name, TOO_FEW_PERSONS, level)
    replicates = replicate((number, money), held, lambda n, m: (m / n)[..., 0] / 100)
    value = float(money.sum() / number.sum()) / 100
    told = _told(found, value, replicates, name, level)
    return replace(told, spells=int(number.sum()), persons=None)


def margin_change(found: Margins, first: int, last: int, *, level: float = 0.95) -> MarginChange:
    """Return how the mean margin changes from unit `first` to unit `last`, and why.

    Errors by person blocks, t intervals. No value with a reason where the risk set empties on the
    way (`not_observed`), or would without one of the blocks (`too_few_persons`). ParameterError
    unless 1 <= first < last.
    """
    if not 1 <= first < last:
        raise ParameterError(f"a change from unit {first} to unit {last}", remedy="Give 1 <= a < b")
    names = [f"{p}({first}, {last})" for p in PARTS]
    reason = _reason(found, first, last)
    if reason:
        nothing = [_nothing(found, name, reason, level) for name in names]
        return MarginChange(first=first, last=last, **dict(zip(PARTS, nothing, strict=True)))
    span = slice(first - 1, last)
    sums = [a[i][:, span] for a in (found.at_risk, found.left, found.censored) for i in (0, 1)]
    counts = (*sums, found.changed[:, span])
    held = sums[HEADS].sum(axis=-1) > 0
    replicates = replicate(counts, held, moved)
    value = moved(*(c.sum(axis=0)[None] for c in counts))[0]
    told = {
        part: _told(found, float(value[i]), _column(replicates, i), names[i], level)
        for i, part in enumerate(PARTS)
    }
    return MarginChange(first=first, last=last, **told)


def moved(
    number: np.ndarray,
    money: np.ndarray,
    left: np.ndarray,
    left_money: np.ndarray,
    ended: np.ndarray,
    ended_money: np.ndarray,
    changed: np.ndarray,
) -> np.ndarray:
    """Return total, within, leaving and observed [..., 4] of sums [..., K], in money."""
    mean = money / number
    now = (..., slice(None, -1))
    stay = (number - left - ended)[now]
    within = changed[..., 1:] / stay
    leaving = -(left_money - left * mean)[now] / stay
    closing = -(ended_money - ended * mean)[now] / stay
    stayed = (money - left_money - ended_money)[now] / stay
    entering = mean[..., 1:] - stayed - within
    total = mean[..., -1] - mean[..., 0]
    sums = [p.sum(axis=-1) for p in (within, leaving, closing + entering)]
    return np.stack([total, *sums], axis=-1) / 100


def ratio_of(part: Estimate, whole: Estimate, name: str) -> Estimate:
    """Return an estimate by another that shares its replicates, with Fieller's interval.

    No value where the second cannot be told from nothing.
    """
    about: dict[str, Any] = {"unit": "share", "se": None, "estimand": name, "replicates": None}
    nothing: dict[str, Any] = {"value": None, "low": None, "high": None}
    a, b = part.replicates, whole.replicates
    if part.value is None or whole.value is None or a is None or b is None:
        return replace(part, **about, **nothing, reason=part.reason or whole.reason)
    both = Replicates(
        np.stack([a.leave_out, b.leave_out], axis=-1), a.held, lambda w: w, a.smallest
    )
    cov = both.covariance()
    q = intervals.student_quantile(part.level, a.smallest) ** 2
    x, y = part.value, whole.value
    square = y * y - q * cov[1, 1]
    if square <= 0:
        return replace(part, **about, **nothing, reason=NO_DIFFERENCE)
    middle, last = x * y - q * cov[0, 1], x * x - q * cov[0, 0]
    root = np.sqrt(max(middle**2 - square * last, 0.0))
    low, high = float((middle - root) / square), float((middle + root) / square)
    method = "ratio of two changes, Fieller interval, person blocks"
    return replace(part, **about, value=x / y, low=low, high=high, method=method)


def _reason(found: Margins, first: int, last: int) -> str:
    """Return why a change cannot be told: somebody must stay in every step."""
    if last > found.length:
        return NOT_OBSERVED
    number = found.at_risk[HEADS][:, first - 1 : last]
    gone = (found.left + found.censored)[HEADS][:, first - 1 : last - 1]
    stay = number[:, :-1] - gone
    for counts in (number, stay):
        total = counts.sum(axis=0)
        if (total <= 0).any():
            return NOT_OBSERVED
        if (total - counts.max(axis=0) <= 0).any():
            return TOO_FEW_PERSONS
    return ""


def _column(replicates: Replicates, i: int) -> Replicates:
    return replicates.map(lambda x: x[..., i])


def _told(
    found: Margins, value: float, replicates: Replicates, name: str, level: float
) -> Estimate:
    if not replicates.is_enough:
        return _nothing(found, name, TOO_FEW_PERSONS, level)
    se = float(replicates.se())
    step = intervals.student_quantile(level, replicates.smallest) * se
    return replace(
        _nothing(found, name, "", level),
        value=value,
        low=value - step,
        high=value + step,
        se=se,
        replicates=replicates,
    )


def _nothing(found: Margins, name: str, reason: str, level: float) -> Estimate:
    return Estimate(
        value=None,
        level=level,
        unit=MONEY,
        persons=int(found.persons.sum()),
        spells=int(found.spells.sum()),
        method="means of those at risk, person blocks",
        estimand=name,
        reason=reason,
    )
