"""How things go on for those who have stayed so far, and whether loyalty grows with time.

Of those still there after two years more may stay another one than of newcomers, because time
binds, or because those ready to leave have left. But where contracts changed over the years the
late units of a pooled table hold old contracts only, and the early ones new ones too: the two
shares are then of different contracts, and their difference is that of the contracts.
"""

from __future__ import annotations

from dataclasses import replace

from stammkunde.errors import ParameterError
from stammkunde.result import Estimate
from stammkunde.survival.contrasts import survival_difference
from stammkunde.survival.curve import Curve, cut
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.table import LifeTable


def since(curve: Curve, tenure: int) -> Curve:
    """Return a curve that is conditional on `tenure`, counted from then on: S(0) is 1 there.

    `curve` is that of `kaplan_meier(table, given=tenure)`.
    """
    replicates = curve.replicates and curve.replicates.map(lambda x: x[..., tenure:])
    return replace(
        curve,
        value=curve.value[tenure:],
        low=curve.low[tenure:],
        high=curve.high[tenure:],
        se=None if curve.se is None else curve.se[tenure:],
        at_risk=curve.at_risk[tenure:],
        events=curve.events[tenure:],
        observed_to=curve.observed_to - tenure,
        replicates=replicates,
    )


def further_difference(
    table: LifeTable,
    first: int,
    last: int,
    step: int,
    *,
    level: float = 0.95,
    errors: str | None = None,
) -> Estimate:
    """Return P(T > last + step | T > last) less P(T > first + step | T > first).

    Of one table, so give it customers under the same terms. Both are of the same customers, counted
    once, at tenures that do not overlap: their errors are independent, or paired by person block.
    ParameterError where they overlap, NotObservedError where they were not observed.
    """
    if not 0 <= first < first + step <= last:
        remedy = "Let the last begin when the first has ended, or later."
        raise ParameterError(f"{step} units after {first} and after {last} overlap", remedy=remedy)
    curves = [
        since(cut(curve, min(g + step, curve.observed_to)), g)
        for g in (last, first)
        for curve in [kaplan_meier(table, level=level, errors=errors, given=g)]
    ]
    return difference_of(curves[0], curves[1], first, last, step)


def difference_of(late: Curve, early: Curve, first: int, last: int, step: int) -> Estimate:
    """Return the same from the two curves themselves, each counted `since` its tenure."""
    gap = survival_difference(late, early, step)
    # both are of the same customers, who must not be counted twice
    events = sum(int(c.events[:step].sum()) for c in (early, late))
    estimand = f"survival({last + step} | {last}) - survival({first + step} | {first})"
    return replace(gap, estimand=estimand, persons=late.persons, spells=late.spells, events=events)
