"""Claims judged against no effect, their number allowed for, and against what would matter."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from scipy import stats

from stammkunde.evidence.asking.answer import Answer
from stammkunde.evidence.asking.estimand import Estimand
from stammkunde.intervals import normal_quantile, student_quantile
from stammkunde.result import Estimate, Verdict, table_html, turned
from stammkunde.survival.contrasts.multiplicity import adjusted

LEVEL, POWER = 0.05, 0.8
# the two summaries of an answer, each with its own smallest effect that matters
Summary = Literal["months", "share"]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What the data say about a claim.

    `signed` is the effect in the claimed direction. `p` is the one-sided p-value against no effect,
    `adjusted` the same allowing for the `claims` judged together (Benjamini and Hochberg 1995).
    `detectable` is the effect that a one-sided test at 5 % finds four times in five.
    """

    verdict: Verdict
    signed: Estimate
    p: float | None = None
    adjusted: float | None = None
    detectable: float | None = None
    claims: int = 1

    @property
    def is_secured(self) -> bool:
        """Return whether there is an effect in the claimed direction, however small."""
        return self.adjusted is not None and self.adjusted <= LEVEL

    def _repr_html_(self) -> str:
        rows = {"verdict": str(self.verdict), "p": self.p, "adjusted": self.adjusted}
        return table_html(rows | {"detectable": self.detectable}, "Claim")


def judged(
    answers: Mapping[str, Answer], together: Collection[str], summary: Summary = "months"
) -> dict[str, Judged]:
    """Return what the data say about the claim of each answer, in months or in customers kept.

    Supported is a claim where "no effect" is rejected at 5 % and the estimate reaches the smallest
    effect that matters; not supported where the 95 % interval lies wholly below that; else there
    are too few data to tell. Those named in `together` are allowed for together, others alone. A
    refused answer is not identifiable.

    A claim's verdict is that in months: one test a claim, and the claims are the family. The shares
    at the horizon's end are the same claims read by another measure that never makes one supported.
    So they are a family of their own, in which the same share of errors is allowed: a second
    measure costs the first no power, nor lends it any.
    """
    signed = {n: in_claimed_direction(_told(a, summary), a.estimand) for n, a in answers.items()}
    told = {n: _one_sided(e) for n, e in signed.items() if e.value is not None}
    family = [n for n in told if n in together]
    better = dict(zip(family, adjusted([told[n] for n in family], BH), strict=True))
    found = {}
    for name, e in signed.items():
        if name not in told:
            found[name] = Judged(verdict=Verdict.NOT_IDENTIFIABLE, signed=e)
            continue
        p = better.get(name, told[name])
        found[name] = Judged(
            verdict=_verdict(e, p, _relevant(answers[name].estimand, summary)),
            signed=e,
            p=told[name],
            adjusted=p,
            detectable=_detectable(e),
            claims=len(family) if name in family else 1,
        )
    return found


BH = "benjamini-hochberg"


def _told(answer: Answer, summary: Summary) -> Estimate:
    return answer.months if summary == "months" else answer.share


def _relevant(estimand: Estimand, summary: Summary) -> float:
    return estimand.relevant if summary == "months" else estimand.relevant_share


def in_claimed_direction(estimate: Estimate, estimand: Estimand) -> Estimate:
    """Return a difference signed so that more is what was claimed."""
    return estimate if estimand.claimed == "longer" else turned(estimate)


def _verdict(signed: Estimate, p: float, relevant: float) -> Verdict:
    assert signed.value is not None
    assert signed.high is not None
    if p <= LEVEL and signed.value >= relevant:
        return Verdict.SUPPORTED
    return Verdict.NOT_SUPPORTED if signed.high < relevant else Verdict.TOO_FEW_DATA


def _one_sided(signed: Estimate) -> float:
    """Return the p-value against no effect or one the other way, by the law of the interval."""
    assert signed.value is not None
    error, freedom = _error(signed)
    if error <= 0:
        return float(signed.value <= 0)
    x = signed.value / error
    return float(stats.t.sf(x, freedom) if freedom else stats.norm.sf(x))


def _error(signed: Estimate) -> tuple[float, int]:
    """Return the standard error that the lower limit tells, and its degrees of freedom (0: none).

    Limits that were put together of few events are not even: no effect lies below the estimate.
    """
    assert signed.value is not None
    assert signed.low is not None
    if signed.replicates is None:
        return (signed.value - signed.low) / normal_quantile(signed.level), 0
    blocks = signed.replicates.smallest
    error = (signed.value - signed.low) / student_quantile(signed.level, blocks)
    return error, max(blocks - 1, 1)


def _detectable(signed: Estimate) -> float:
    error, freedom = _error(signed)
    law = stats.t(freedom) if freedom else stats.norm
    return float(error * (law.ppf(1 - LEVEL) + law.ppf(POWER)))
