"""Which customers a market tells apart: levels of a group, by the terms under which they signed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from stammkunde.chapters.lifetimes.regimes import Regimes, regimes
from stammkunde.chapters.outlook.plan import same_plan
from stammkunde.chapters.outlook.read import ALL, MOST_LEVELS, Ahead, plan_for, projection_of
from stammkunde.chapters.parts import seen_from
from stammkunde.chapters.policies.market.law import Law, law_of
from stammkunde.chapters.policies.market.newcomers import newcomers
from stammkunde.chapters.policies.read import Undecided
from stammkunde.policy.declared import named_causes
from stammkunde.spells.signed import BEFORE, SIGNED, by_terms
from stammkunde.spells.spells import MISSING, Spells
from stammkunde.study import Study
from stammkunde.survival.projection.worth import still_there
from stammkunde.survival.table import LifeTable, life_table, life_tables

TOO_FEW, UNSEEN, MANY = "too_few", "new_unseen", "levels_many"
LAWFUL = {"too_few": TOO_FEW, "unseen": "term_unseen", "no_family": "no_family"}
APART = " · "
Key = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """Customers of a level under one set of terms: how they leave, and how who signs up now does.

    `terms` is "" where terms are today's.
    """

    level: str
    terms: str
    ahead: Ahead
    law: Law
    new: Law

    @property
    def name(self) -> str:
        """Return the name of the segment."""
        return APART.join(n for n in (self.level, self.terms) if n)

    @property
    def signs(self) -> bool:
        """Return whether somebody signs up as one of these."""
        return not self.terms

    @property
    def there(self) -> np.ndarray:
        """Return today's customers by completed units of tenure [G]."""
        return self.ahead.there


@dataclass(frozen=True, kw_only=True)
class Cells:
    """The customers that can be projected, and how many of today's (`left`) cannot.

    `under` are the terms that are told apart, None where all began under the same; `spells` have
    their group where they are. `returners` is the factor of the hazards of who comes back, None
    where too few have come back and left again to tell them from who is new.
    """

    cells: tuple[Cell, ...]
    causes: tuple[str, ...]
    spells: Spells
    under: Regimes | None = None
    left: int = 0
    by: tuple[str, ...] = field(default=())
    returners: float | None = None

    def key(self, cell: Cell) -> tuple[str, ...]:
        """Return the levels of the groups `by` that make a cell."""
        terms = () if self.under is None else (cell.terms or self.under.today,)
        return (*terms, *((cell.level,) if len(self.by) > len(terms) else ()))


def read_cells(study: Study, spells: Spells, group: str, horizon: int) -> Cells | Undecided:
    """Return the customers by level of `group` and by terms, projected for `horizon` units."""
    if not spells.spells:
        return Undecided(TOO_FEW, "nobody was at risk")
    under = regimes(study, spells)
    today = ALL if under is None else under.today
    whole = {ALL: life_table(spells)} if under is None else dict(under.tables)
    tables = _tables(spells, under, group) if group else {(k, ""): t for k, t in whole.items()}
    if len({level for _, level in tables}) > MOST_LEVELS:
        return Undecided(MANY, f"`{group}` has more than {MOST_LEVELS} levels")
    found = _ahead(study, under, whole, tables if group else None, horizon)
    aheads = {k: a for k, a in found.items() if isinstance(a, Ahead)}
    levels = [lv for key, lv in _order(spells, group, aheads) if key == today]
    fresh = {lv: a for lv in levels if not ((a := aheads[today, lv]).given or _unknown(a))}
    if not fresh:
        why = {a for (key, _), a in found.items() if key == today and isinstance(a, str)}
        return Undecided(UNSEEN if levels else _reason(why), ", ".join(sorted(why)))
    causes = causes_of(study, tables.values())
    new = newcomers(study, spells, under, group, fresh, horizon)
    laws = {k: law_of(a, causes) for k, a in aheads.items()}
    firsts = {lv: law_of(a, causes) for lv, a in new.aheads.items()}
    kept = [k for k in _order(spells, group, aheads) if k[1] in fresh and not _unknown(aheads[k])]
    cells = tuple(
        Cell(
            level=lv,
            terms="" if key == today else key,
            ahead=aheads[key, lv],
            law=laws[key, lv],
            new=firsts.get(lv, laws[today, lv]),
        )
        for key, lv in kept
    )
    return Cells(
        cells=cells,
        causes=causes,
        spells=spells if under is None else by_terms(spells, under.signed),
        under=under,
        left=_heads(tables.values()) - sum(int(c.there.sum()) for c in cells),
        by=(*(() if under is None else (SIGNED,)), *((group,) if group else ())),
        returners=new.ratio,
    )


def _heads(tables: Iterable[LifeTable]) -> int:
    """Return how many are still there."""
    return sum(int(still_there(t).sum()) for t in tables)


def causes_of(study: Study, tables: Iterable[LifeTable]) -> tuple[str, ...]:
    """Return the causes as declared, then by name others for which somebody left, or a rule is."""
    known = {c for t in tables for c in t.causes}
    known |= {c for p in study.toml.policy for _, own in named_causes(p) for c in own}
    declared = tuple(study.toml.data.causes)
    return (*declared, *sorted(known - set(declared)))


def _tables(spells: Spells, under: Regimes | None, group: str) -> dict[Key, LifeTable]:
    """Return tables by terms and level."""
    if under is None:
        return {(ALL, n): t for n, t in life_tables(spells, by=group).items()}
    found = life_tables(by_terms(spells, under.signed), by=(SIGNED, group))
    return {(k, n): t for (k, n), t in found.items()}


def _ahead(
    study: Study,
    under: Regimes | None,
    whole: Mapping[str, LifeTable],
    tables: Mapping[Key, LifeTable] | None,
    horizon: int,
) -> dict[Key, Ahead | str]:
    """Return the projections by terms and level, or why there is none: as planned for all levels.

    Customers without a level, and those under terms that too few have, are not projected.
    """
    all_levels = {
        k: projection_of(study, t, horizon, plan_for(study, t, under, k)) for k, t in whole.items()
    }
    if tables is None:
        return {(k, ""): a for k, a in all_levels.items()}
    found: dict[Key, Ahead | str] = {}
    for (key, level), table in tables.items():
        ahead = all_levels.get(key, "too_few")
        if isinstance(ahead, str) or level == MISSING:
            found[key, level] = ahead if isinstance(ahead, str) else "too_few"
            continue
        way = same_plan(study, table, ahead.plan, ahead.choice, seen_from(study, table))
        found[key, level] = projection_of(study, table, horizon, way)
    return found


def _order(spells: Spells, group: str, keys: Mapping[Key, Ahead]) -> list[Key]:
    """Return terms and levels in the order of the declared levels, today's terms first."""
    order = [*spells.groups[group].levels] if group else [""]
    place = {level: i for i, level in enumerate(order)}
    latest = sorted(keys, key=lambda k: "" if k[0] == BEFORE else k[0], reverse=True)
    return sorted(latest, key=lambda k: (place.get(k[1], len(order)), k[1]))


def _unknown(ahead: Ahead) -> bool:
    """Return whether the projection has no person blocks to be drawn from."""
    return any(p.under is None for p in ahead.look.parts)


def _reason(why: set[str]) -> str:
    return LAWFUL.get(next(iter(sorted(why)), ""), TOO_FEW)
