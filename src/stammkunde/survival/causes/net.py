"""What if: how long customers would stay if nobody left for some of the causes.

This is a thought experiment and never a share of customers. It holds if those who left for the
causes taken out would otherwise have stayed as long as others of the same tenure, which no data can
show.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from stammkunde.errors import ParameterError, nearest
from stammkunde.result import Status
from stammkunde.survival.causes.merging import must_know
from stammkunde.survival.curve import Curve
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.table import LifeTable

# The share of its last unit for which somebody who left for a cause taken out was at risk.
EXPOSURES = {"half": 0.5, "whole": 1.0}
INDEPENDENT_CAUSES = "independent_causes"


def net_survival(
    table: LifeTable,
    without: Collection[str],
    *,
    exposure: str = "half",
    level: float = 0.95,
    errors: str | None = None,
    given: int = 0,
) -> Curve:
    """Return the survival curve "if nobody left for the causes `without`".

    The Kaplan-Meier curve with these causes as censorings; status estimated, assumption
    "independent_causes". Who left for one of them was at risk for half of that unit (the actuary's
    rule, default), or for all of it with `exposure` "whole": right where at most one cause can
    strike in a unit, too high where all work at any time of it. `at_risk` holds the exposure, so
    it may end in .5. Limits, errors and `given` as for `kaplan_meier`. ParameterError for a cause
    that nobody left for.
    """
    must_know(table, without)
    if exposure not in EXPOSURES:
        raise ParameterError(f"unknown exposure `{exposure}`", remedy=nearest(exposure, EXPOSURES))
    gone = np.isin(np.array(table.causes, dtype=str), list(without))
    moved = table.moves[:, gone].sum(axis=1)
    rest = replace(
        table,
        causes=tuple(c for c, out in zip(table.causes, gone, strict=True) if not out),
        at_risk=table.at_risk - (1 - EXPOSURES[exposure]) * moved,
        moves=table.moves[:, ~gone],
        censored=table.censored + moved,
    )
    curve = kaplan_meier(rest, level=level, errors=errors, given=given)
    return replace(
        curve,
        method=f"{curve.method}, leavers for other causes at risk for {exposure} their last unit",
        status=Status.ESTIMATED,
        assumptions=(*curve.assumptions, INDEPENDENT_CAUSES),
    )
