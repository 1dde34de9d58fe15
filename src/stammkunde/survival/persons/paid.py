"""How many are customers at each tenure of the person: gaps left out, returns let in.

The clock starts with the first contract, so whoever starts it before observation closes is under
observation from 0 to the last whole unit before that day, whether he is a customer then or not.
Nobody is lost by leaving, and how long somebody is watched depends on his first day alone. So the
customers among those under observation in a unit are a plain share: nothing has to be multiplied
up, as a survival curve must be, where leaving ends the watching too. What is supposed is what every
curve over cohorts supposes, that those who began later will do as those before them did.
"""

from __future__ import annotations

import numpy as np

from stammkunde import intervals
from stammkunde.draws import Replicates, replicate
from stammkunde.errors import NotObservedError, ParameterError, nearest
from stammkunde.result import Estimate
from stammkunde.spells.spells import STATE
from stammkunde.survival import formulas
from stammkunde.survival.curve import TOO_FEW_PERSONS, Curve
from stammkunde.survival.table import LifeTable

METHOD = "customers by persons under observation, exact interval"


def occupancy(table: LifeTable, state: str = STATE, *, level: float = 0.95) -> Curve:
    """Return value[t], the share of the persons under observation in unit t + 1 who are customers.

    The curve of kind "occupancy" ends with t = K - 1, K being the last unit with somebody under
    observation; paid units within the first K are the sum of value[0] .. value[K - 1]
    (`paid_units`). `table` counts episodes on the person's clock. `at_risk[t - 1]` are the persons
    that value[t] is counted from, `events[t - 1]` those who ceased to be customers at the end of
    unit t. Each person counts once per unit, so the interval is Clopper and Pearson's (1934),
    conservative; at 0 everybody is a customer. ParameterError for a state that is not there,
    NotObservedError for a table in which somebody was first seen after his start.
    """
    if state not in table.states:
        raise ParameterError(f"nobody was `{state}`", remedy=nearest(state, table.states))
    watched = table.at_risk.sum(axis=0)
    _must_start_together(table, watched)
    place = table.states.index(state)
    there = table.at_risk[place]
    n, d = watched.sum(axis=0), there.sum(axis=0)
    low, high = intervals.clopper_pearson(d, n, level)
    low[0] = high[0] = 1.0
    value = formulas.hazard(n, d)
    return Curve(
        kind="occupancy",
        unit=table.unit,
        value=value,
        low=low,
        high=high,
        se=np.sqrt(value * (1 - value) / n),
        at_risk=n[1:],
        events=table.moves[place].sum(axis=(0, 1))[:-1],
        persons=int(table.persons.sum()),
        spells=int(table.spells.sum()),
        observed_to=len(n) - 1,
        level=level,
        errors="blocks",
        method=METHOD,
        replicates=replicate((watched, there), watched[:, 0] > 0, formulas.hazard),
    )


def paid_units(curve: Curve, horizon: int) -> Estimate:
    """Return the expected units as a customer within a person's first `horizon`, returns included.

    The sum of value[0] .. value[horizon - 1], its interval by person blocks, cut at 0 and the
    horizon; with fewer than 5 departures the sum of the exact limits (conservative). No value with
    fewer than 10 blocks. ParameterError for another curve or a horizon below 1, NotObservedError
    beyond what was observed.
    """
    from_blocks = _checked(curve, horizon)
    replicates = from_blocks.map(lambda x: formulas.restricted_mean(x, horizon))
    departures = int(curve.events[: horizon - 1].sum())
    known = replicates.is_enough
    value = float(formulas.restricted_mean(curve.value, horizon))
    method = f"sum of {curve.method.split(',')[0]}"
    se, low, high = _limits(curve, horizon, value, replicates)
    if departures < intervals.FEW_EVENTS:
        low, high = (float(a[:horizon].sum()) for a in (curve.low, curve.high))
        method += " (sum of exact limits: fewer than 5 departures)"
    else:
        method += ", person blocks"
    return Estimate(
        value=value if known else None,
        low=max(low, 0.0) if known else None,
        high=min(high, float(horizon)) if known else None,
        se=se if known else None,
        level=curve.level,
        unit=curve.unit,
        persons=curve.persons,
        spells=curve.spells,
        events=departures,
        method=method,
        status=curve.status,
        estimand=f"paid({horizon})",
        assumptions=curve.assumptions,
        reason="" if known else TOO_FEW_PERSONS,
        replicates=replicates,
    )


def _checked(curve: Curve, horizon: int) -> Replicates:
    """Return the curve's replicates, if it is one of occupancy that reaches the horizon."""
    if curve.kind != "occupancy":
        raise ParameterError(f"this needs an occupancy curve, and this is one of {curve.kind}")
    if horizon < 1:
        raise ParameterError(f"paid {curve.unit}s need a horizon of at least 1, not {horizon}")
    if horizon > curve.observed_to + 1:
        raise NotObservedError(
            f"{curve.unit} {horizon} was asked for, but nobody was observed beyond "
            f"{curve.unit} {curve.observed_to + 1}",
            remedy="Ask for an earlier one; what lies beyond would be a projection.",
        )
    if curve.replicates is None:
        raise ParameterError("this curve has lost its replicates", remedy="Use that of occupancy.")
    return curve.replicates


def _limits(
    curve: Curve, horizon: int, value: float, replicates: Replicates
) -> tuple[float, float, float]:
    """Return se and limits by blocks."""
    if not replicates.is_enough:
        return 0.0, value, value
    se = float(replicates.se())
    step = intervals.student_quantile(curve.level, replicates.smallest) * se
    return se, value - step, value + step


def _must_start_together(table: LifeTable, watched: np.ndarray) -> None:
    """Refuse a table that is not on the person's clock: whoever is in it, is from tenure 0."""
    late = int((watched[:, 1:].sum(axis=0) > watched[:, :-1].sum(axis=0)).sum())
    if late or not watched[:, 0].any():
        raise NotObservedError(
            f"in {max(late, 1)} {table.unit}s somebody is first seen after his start",
            remedy="Count episodes on the person's clock (`on_person_clock`).",
        )
