"""The units of time that are like no other: where terms end, and where the data stand out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stammkunde.intervals import FEW_EVENTS, log, normal_quantile, student_quantile
from stammkunde.spells.schema.meaning import TermToml
from stammkunde.study import Study
from stammkunde.survival.curve import Curve
from stammkunde.survival.smooth import REACH, STANDS_OUT, spikes
from stammkunde.survival.table import LifeTable

# A unit is named only if enough customers reach it, in heads and as a share of the beginners.
LEAST_AT_RISK, LEAST_SHARE = 50, 0.05
# Terms are agreed in months; days and weeks do not divide them.
MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class Events:
    """Units with a contract event: those in which `declared` terms end, and the `found` ones.

    `rule` is the unit in which a lapse rule first applies, 0 without one; it is among the `found`.
    """

    declared: tuple[int, ...]
    found: tuple[int, ...]
    rule: int = 0

    @property
    def all(self) -> tuple[int, ...]:
        """Return all of them in order: where no smoothing may reach across."""
        return tuple(sorted({*self.declared, *self.found}))


def contract_events(
    study: Study,
    table: LifeTable,
    curve: Curve,
    given: int = 0,
    terms: Sequence[TermToml] | None = None,
) -> Events:
    """Return the contract events within the hazard `curve` of the table.

    `terms` are those of the customers in the table, by default all that were declared. Declared
    are the ends of minimum terms and renewals. Found are units that stand out above their
    neighbours beyond chance, also the first one where newcomers were seen. Under a lapse rule
    the first unit with leavers is the rule's doing.
    """
    declared = ends_of_terms(study, curve.observed_to, terms)
    fit = enough(curve, given)
    found = {u for u in spikes(table, given=given) if u <= curve.observed_to and fit[u - 1]}
    if not given and fit[0] and _begins_high(curve, int(fit.sum())):
        found.add(1)
    rule = 0
    if study.toml.data.lapse is not None:
        rule = int(np.argmax(curve.events > 0)) + 1
        found.add(rule)
    return Events(tuple(u for u in declared if u > given), tuple(sorted(found)), rule)


def ends_of_terms(
    study: Study, reach: int, terms: Sequence[TermToml] | None = None
) -> tuple[int, ...]:
    """Return the units up to `reach` in which declared minimum terms and renewals end.

    A term that renews every unit ends in all of them, which are then no events. None in days and
    weeks.
    """
    months = MONTHS.get(study.toml.data.window.unit)
    if months is None:
        return ()
    every = study.toml.data.terms if terms is None else terms
    found = {u for term in every for u in _ends(term, months, reach)}
    return tuple(sorted(found))


def _ends(term: TermToml, months: int, reach: int) -> list[int]:
    first, step = -(-term.minimum_months // months), term.renewal_months // months
    if not first:
        return []
    return list(range(first, reach + 1, step if step > 1 else reach + 1))


def enough(curve: Curve, given: int) -> np.ndarray:
    """Return [K] which units have enough at risk, and enough who leave, to be named."""
    least = max(LEAST_AT_RISK, LEAST_SHARE * curve.at_risk[given])
    units = np.arange(len(curve.events))
    return np.asarray((curve.at_risk >= least) & (curve.events >= FEW_EVENTS) & (units >= given))


def _begins_high(curve: Curve, looked_at: int) -> bool:
    """Return whether the hazard of unit 1 stands out above the next ones together.

    Its lower limit allows for all units looked at (Bonferroni). It has neighbours on one side only,
    so that a falling hazard is told from a spike by size alone.
    """
    at_risk, events = (int(c[1 : REACH + 1].sum()) for c in (curve.at_risk, curve.events))
    if not at_risk or curve.se is None or not curve.value[1] > STANDS_OUT * events / at_risk:
        return False
    level = 1 - (1 - curve.level) / looked_at
    quantile = normal_quantile(level)
    if curve.errors == "blocks" and curve.replicates is not None:
        quantile = student_quantile(level, curve.replicates.smallest)
    low = float(log(np.asarray(curve.value[1]), np.asarray(curve.se[1]), quantile)[0])
    return low > STANDS_OUT * events / at_risk
