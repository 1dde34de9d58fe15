"""Absences: from the day a customer counts as gone to the day the same person comes back.

They are spells like others, only that leaving them means returning; who has not come back when
observation closes is censored. So the share who return by a time is known without counting those
who left yesterday as lost for good.
"""

from __future__ import annotations

from dataclasses import replace

import ibis

from stammkunde.errors import ParameterError
from stammkunde.spells.months import tenure_columns
from stammkunde.spells.spells import CENSORED, Spells

RETURNED = "returned"


def absences(spells: Spells) -> Spells:
    """Return the absences that follow ended spells, in the unit of the spells.

    An absence begins on the day after the last day as a customer; a return on day d falls into the
    unit that d lies in. ParameterError for spells without dates.
    """
    if spells.close is None:
        raise ParameterError(
            "spells without dates do not say who came back", remedy="Use dated contracts."
        )
    s = spells.relation.filter(spells.relation.end != CENSORED)
    gone = (s["last"] + ibis.interval(days=1)).cast("date")
    s = s.mutate(gone=gone)
    s = s.filter(s["next"].isnull() | (s["next"] >= s.gone))
    away = s.select("person", "block", "record", "spell", "next", start=s.gone, last=s["next"])
    tenure = tenure_columns(away, opens=None, closes=spells.close, unit=spells.unit)
    left = tenure.pop("left")
    away = away.mutate(**tenure, end=ibis.ifelse(left, RETURNED, CENSORED))
    away = away.filter(away.entry < away.exit)
    counted = away.aggregate(persons=away.person.nunique(), spells=away.count()).execute()
    return replace(
        spells,
        relation=away,
        groups={},
        covariates=(),
        persons=int(counted.persons[0]),
        spells=int(counted.spells[0]),
    )
