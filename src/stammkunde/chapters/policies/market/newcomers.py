"""Who is new, told from who comes back: how first spells go on, and the factor of later ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from stammkunde.chapters.lifetimes.regimes import Regimes
from stammkunde.chapters.outlook.plan import same_plan
from stammkunde.chapters.outlook.read import Ahead, projection_of
from stammkunde.chapters.parts import seen_from
from stammkunde.spells.signed import SIGNED, by_terms
from stammkunde.spells.spells import Spells
from stammkunde.study import Study
from stammkunde.survival.persons.later import later_ratio
from stammkunde.survival.table import LifeTable, life_table, life_tables


@dataclass(frozen=True, kw_only=True)
class Newcomers:
    """Projections of persons' first spells by level, and the `ratio` of who comes back to them.

    Without a ratio there are no projections: all customers are taken for alike.
    """

    aheads: Mapping[str, Ahead] = field(default_factory=dict)
    ratio: float | None = None


def newcomers(
    study: Study,
    spells: Spells,
    under: Regimes | None,
    group: str,
    known: Mapping[str, Ahead],
    horizon: int,
) -> Newcomers:
    """Return how first spells under today's terms go on, projected as the levels `known` are.

    All are alike where persons do not repeat, too few leave again, or first spells alone cannot be
    projected from the first unit.
    """
    if not spells.repeats:
        return Newcomers()
    tables = _firsts(spells.first(), under, group)
    pairs = [(a.table, tables[lv]) for lv, a in known.items() if lv in tables]
    ratio = later_ratio(pairs)
    if ratio is None:
        return Newcomers()
    found: dict[str, Ahead] = {}
    for level, ahead in known.items():
        own = tables.get(level)
        given = 1 if own is None else seen_from(study, own)
        if own is None or given:
            return Newcomers()
        way = same_plan(study, own, ahead.plan, ahead.choice, given)
        alone = projection_of(study, own, horizon, way)
        if isinstance(alone, str) or any(p.under is None for p in alone.look.parts):
            return Newcomers()
        found[level] = alone
    return Newcomers(aheads=found, ratio=ratio)


def _firsts(first: Spells, under: Regimes | None, group: str) -> dict[str, LifeTable]:
    """Return the tables of first spells under today's terms by level."""
    if under is None:
        return life_tables(first, by=group) if group else {"": life_table(first)}
    signed = by_terms(first, under.signed)
    if not group:
        own = life_tables(signed, by=SIGNED).get(under.today)
        return {} if own is None else {"": own}
    found = life_tables(signed, by=(SIGNED, group))
    return {level: t for (k, level), t in found.items() if k == under.today}
