"""Which answers a board should read first: by how much is at stake, and how decided it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from stammkunde.chapters.offers.told import PLAIN, Case

LEADING, NEXT, MILD = 0.74, 0.58, 0.4
# what a lot decided is known better than what was compared among those alike
KNOWN = {"drawn": 1.0, "chosen": 0.5}


def ranked(cases: Sequence[Case]) -> list[Case]:
    """Return the cases, in their order, with the importance of their answers.

    The answer with most at stake leads, and a second is next to it; those that may go either way
    do neither. An effect too small to matter as asked is mild at most.
    """
    order = sorted((c for c in cases if at_stake(c) > 0), key=at_stake, reverse=True)
    weights = {c.id: w for c, w in zip(order, (LEADING, NEXT), strict=False)}
    return [replace(c, importance=_weight(c, weights.get(c.id, PLAIN))) for c in cases]


def at_stake(case: Case) -> float:
    """Return the units gained or lost by those who had it, by how decided that is.

    Counted is the limit of the interval nearer to no effect; 0 where it may go either way.
    """
    a = case.answer
    low, high = a.months.low, a.months.high
    if a.months.value is None or low is None or high is None or low <= 0 <= high:
        return 0.0
    had = a.compared.adequacy.arms[a.compared.treated].persons
    return min(abs(low), abs(high)) * had * KNOWN[a.estimand.assignment]


def _weight(case: Case, weight: float) -> float:
    months = case.answer.months.value
    small = months is not None and abs(months) < case.answer.estimand.relevant
    return min(weight, MILD) if small else weight
