"""What if: how long customers would stay if nobody left for some of the causes.

This is a thought experiment and never a share of customers. It holds if those who left for the
causes taken out would otherwise have stayed as long as others of the same tenure, which no data can
show.

A month knows who left in it and for which cause, not in which order; who left for one cause early
in it was no longer there to leave for another. Let the causes' hazards stand in one proportion
throughout a unit, whatever their course within it: a share r of each moment's hazard is that of the
causes kept. Of n at risk d leave, d_kept of them for these. Staying under all causes is
exp(-A) = 1 - d / n, A being the unit's cumulated hazard; under those kept alone it is
exp(-r A) = (1 - d / n)^r; and of those who leave, those for causes kept are the share r, which is
hence d_kept / d. So

    S_net(t) = product over units of (1 - d / n)^(d_kept / d).

Where nobody leaves for causes kept a unit takes nothing; where all leave, and some for causes kept,
nobody would stay. The curves of complementary sets of causes multiply to the curve of all causes.
Source: Chiang (1968), Introduction to Stochastic Processes in Biostatistics, chapter 11, "net" and
"partial crude" probabilities. To count who left for a cause taken out as at risk for half of the
unit is its approximation for small hazards.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from stammkunde.errors import ParameterError, nearest
from stammkunde.result import Status
from stammkunde.survival.causes.merging import must_know
from stammkunde.survival.curve import Curve
from stammkunde.survival.kaplan_meier import chosen_errors, observed, survival_of
from stammkunde.survival.table import LifeTable

# For how much of its last unit somebody who left for a cause taken out was at risk.
EXPOSURES = {
    "proportional": "Net survival, causes in proportion within a unit",
    "whole": "Kaplan-Meier, leavers for other causes at risk for their whole last unit",
}
INDEPENDENT_CAUSES = "independent_causes"


def net_survival(
    table: LifeTable,
    without: Collection[str],
    *,
    exposure: str = "proportional",
    level: float = 0.95,
    errors: str | None = None,
    given: int = 0,
) -> Curve:
    """Return the survival curve "if nobody left for the causes `without`".

    Status estimated, assumption "independent_causes". By default the causes act in one proportion
    within each unit (see the module). With `exposure` "whole", leavers for causes taken out were at
    risk for all of their last unit, as Kaplan and Meier's censored: right where the causes kept
    strike first, or each unit's share for them is given and would stay; too high where all work at
    any time of it.
    Errors are Greenwood's, carried to two kinds of leaving by the delta method, or the person
    blocks'; limits, `errors` and `given` as for `kaplan_meier`. `events` of the curve are those for
    causes kept, `others` those taken out. ParameterError for a cause that nobody left for.
    """
    must_know(table, without)
    if exposure not in EXPOSURES:
        raise ParameterError(f"unknown exposure `{exposure}`", remedy=nearest(exposure, EXPOSURES))
    errors = chosen_errors(table, errors)
    at_risk, leavers = observed(table, given)
    kept = ~np.isin(np.array(table.causes, dtype=str), list(without))
    moves = table.in_state()[1][kept].sum(axis=0)[..., : at_risk.shape[-1]]
    events = np.where(np.arange(at_risk.shape[-1]) < given, 0, moves)
    others = (leavers - events,) if exposure == "proportional" else ()
    curve = survival_of(
        table,
        (at_risk, events, *others),
        name=EXPOSURES[exposure],
        level=level,
        errors=errors,
        given=given,
    )
    return replace(
        curve,
        status=Status.ESTIMATED,
        assumptions=(*curve.assumptions, INDEPENDENT_CAUSES),
    )
