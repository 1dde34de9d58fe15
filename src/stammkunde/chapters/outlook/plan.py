"""Which families suit a table: those of a contract where it has ends, smooth ones elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stammkunde.chapters.lifetimes.events import LEAST_AT_RISK, MONTHS, contract_events
from stammkunde.chapters.lifetimes.regimes import Regimes
from stammkunde.chapters.parts import least_at_risk, standing
from stammkunde.spells.schema.meaning import TermToml
from stammkunde.study import Study
from stammkunde.survival.kaplan_meier import hazard
from stammkunde.survival.projection.choice import Choice
from stammkunde.survival.projection.contract import contract
from stammkunde.survival.projection.families import FAMILIES, Family
from stammkunde.survival.table import LifeTable

# a pattern is seen twice at least before it is taken to go on
REPEATED = 2
# so many laws are fitted to each part of the customers
WEIGHTIEST = 3


@dataclass(frozen=True)
class Plan:
    """Families for a table whose terms or prices end with the units `ends`, then `every` so many.

    `reach` is the last unit counted: as long as 50 are at risk, or as many as the study asks for.
    `unseen` is the first end or renewal that lies beyond it, 0 where there is none: then nothing
    tells how many leave there. Without `ends` the families are the smooth ones.
    """

    families: tuple[Family, ...]
    ends: tuple[int, ...]
    every: int
    reach: int
    unseen: int = 0


def plan(study: Study, table: LifeTable, terms: TermToml | None, given: int = 0) -> Plan:
    """Return the families that suit a table of customers under the same `terms`.

    Ends are that of the minimum term, and the units that stand out in the hazard (see
    `contract_events`) and are none of its renewals. Where nothing is declared, units that stand out
    at whole multiples of the first are renewals.
    """
    reach = reach_of(study, table, given)
    if reach <= given:
        return Plan((), (), 0, reach)
    end, every = _agreed(study, terms)
    found = _found(study, table, terms, given, reach)
    if end:
        ends = sorted({end, *(u for u in found if u < end)})
    else:
        every = _rhythm(found)
        ends = found[:1] if every else found
    unseen = next((u for u in (end, end + every if every else 0) if u > reach), 0)
    if not any(u > 1 for u in ends):
        return Plan(tuple(FAMILIES.values()), (), 0, reach, unseen)
    kinds = tuple(contract(table, ends, every=every, fading=f) for f in (False, True))
    return Plan(kinds, tuple(ends), every, reach, unseen)


def same_plan(study: Study, table: LifeTable, way: Plan, choice: Choice, given: int = 0) -> Plan:
    """Return the plan of all for a part of them: the same ends, the families that weigh most."""
    reach = reach_of(study, table, given)
    if way.ends:
        kinds = tuple(contract(table, way.ends, every=way.every, fading=f) for f in (False, True))
    else:
        order = np.argsort(-choice.weights, kind="stable")[:WEIGHTIEST]
        kinds = tuple(choice.fits[i].family for i in order)
    last = max(way.ends, default=0) + way.every
    return Plan(kinds, way.ends, way.every, reach, last if last > reach else 0)


def reach_of(study: Study, table: LifeTable, given: int = 0) -> int:
    """Return the last unit counted: before the first after `given` with too few at risk."""
    least = max(LEAST_AT_RISK, least_at_risk(study))
    few = np.flatnonzero(table.at_risk[0].sum(axis=0)[given:] < least)
    return given + int(few[0]) if few.size else table.length


def terms_under(study: Study, under: Regimes | None, key: str) -> TermToml | None:
    """Return the declared terms of customers in a table of `under`, or of all where it is None."""
    last = study.toml.data.window.close or study.as_of
    known = sorted(
        (t for t in study.toml.data.terms if t.signed_from < last), key=lambda t: t.signed_from
    )
    if under is None:
        return known[-1] if known else None
    return next((t for t in known if t.signed_from.isoformat() == key), None)


def _agreed(study: Study, terms: TermToml | None) -> tuple[int, int]:
    """Return the unit with which the minimum term ends, and of how many units renewals are."""
    months = MONTHS.get(study.toml.data.window.unit)
    if terms is None or months is None or not terms.minimum_months:
        return 0, 0
    step = terms.renewal_months // months
    return -(-terms.minimum_months // months), step if step > 1 else 0


def _found(
    study: Study, table: LifeTable, terms: TermToml | None, given: int, reach: int
) -> list[int]:
    """Return the units that stand out in the hazard, up to the last one counted."""
    curve = standing(study, hazard(table, given=given), given)
    events = contract_events(study, table, curve, given, () if terms is None else (terms,))
    return [u for u in events.found if u <= reach]


def _rhythm(found: Sequence[int]) -> int:
    """Return the step of units that stand out at each multiple of the first, else 0."""
    if len(found) < REPEATED or found[0] < REPEATED:
        return 0
    steps = [found[0] * (i + 1) for i in range(len(found))]
    return found[0] if [*found] == steps else 0
