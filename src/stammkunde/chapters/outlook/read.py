"""What the chapter on the future rests on: projections of today's terms, of all, and of groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from stammkunde.chapters.lifetimes.months import COHORTS_ALIKE
from stammkunde.chapters.lifetimes.regimes import Regimes, lead_of, regimes
from stammkunde.chapters.outlook.plan import Plan, plan, same_plan, terms_under
from stammkunde.chapters.outlook.tried import Tried, tried
from stammkunde.chapters.parts import assumptions, seen_from, standing
from stammkunde.result import Estimate, Sentence, Status
from stammkunde.spells.beside.rises import price_rises
from stammkunde.spells.read import read_price_list
from stammkunde.spells.signed import SIGNED, by_terms
from stammkunde.spells.spells import MISSING, Spells
from stammkunde.study import Study
from stammkunde.survival.curve import Curve
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.projection.choice import Choice, Outlook, choose, outlook
from stammkunde.survival.projection.worth import A_YEAR, still_there
from stammkunde.survival.table import LifeTable, life_table, life_tables

ALL = ""
MOST_LEVELS = 12
Cells = Mapping[tuple[str, ...], LifeTable]


@dataclass(frozen=True, kw_only=True)
class Ahead:
    """Customers under one set of terms: counted, and projected by the families of `choice`.

    `curve` is the counted one, `look` counts up to `plan.reach`; `given` is the tenure from which
    they were seen.
    """

    table: LifeTable
    given: int
    plan: Plan
    curve: Curve
    choice: Choice
    look: Outlook

    @property
    def there(self) -> np.ndarray:
        """Return how many were there when observation ended, by completed tenure [K + 1]."""
        return still_there(self.table)


@dataclass(frozen=True, kw_only=True)
class Future:
    """What can be said of the time beyond observation, within `horizon` units (`years`).

    `main` are those whose future a new customer shares: begun under today's terms where terms
    changed (`under`), else all. None where it cannot be projected, `why` being the reason. `base`
    are all who can be projected, by terms; `groups` the same by group and level. `tried` is the
    back-test, or why there is none. `unseen` is the first end of a term that nobody has reached,
    `left` how many of today's customers are under terms that cannot be projected. `spells` are what
    it was read from; `rises` tells whether they lived through a price rise that the data name.
    """

    horizon: int
    years: int
    main: Ahead | None
    why: str
    under: Regimes | None
    base: Mapping[str, Ahead] = field(default_factory=dict)
    groups: Mapping[str, Mapping[str, Mapping[str, Ahead]]] = field(default_factory=dict)
    tried: Tried | str = ""
    unseen: int = 0
    left: int = 0
    spells: Spells | None = None
    rises: bool = False

    @property
    def today(self) -> str:
        """Return the key of today's terms in `base` and in the groups."""
        return ALL if self.under is None else self.under.today

    @property
    def lead(self) -> Sentence | str:
        """Return the words before a statement on those under today's terms."""
        return "" if self.under is None else lead_of(self.under, self.under.today)


def read_outlook(study: Study, spells: Spells) -> Future:
    """Return what can be said of the time beyond observation.

    Purchases without a contract are not projected: a lapse rule's spells end when the rule says so.
    Nor are those whose beginning was not observed, too few, or those whose term had not ended when
    observation did.
    """
    years, span = _reach(study)
    none = Future(horizon=span, years=years, main=None, why="", under=None)
    if study.toml.data.transactions is not None:
        return replace(none, why="purchases")
    if not spells.spells:
        return replace(none, why="too_few")
    under = regimes(study, spells)
    known = future_of(study, {ALL: life_table(spells)} if under is None else under.tables, under)
    data = study.toml.data
    rises = under is not None and bool(price_rises(read_price_list(study.folder, data)))
    known = replace(known, spells=spells, rises=rises)
    if known.main is None:
        return known
    groups = {n: g for n in spells.groups if (g := _group(study, spells, under, n, known))}
    day = tried(study, spells, under, terms_under(study, under, known.today))
    return replace(known, groups=groups, tried=day)


def future_of(
    study: Study, tables: Mapping[str, LifeTable], under: Regimes | None = None
) -> Future:
    """Return the future of tables by terms, without groups and without a back-test."""
    years, span = _reach(study)
    ways = {n: plan_for(study, t, under, n) for n, t in tables.items()}
    found = {n: projection_of(study, t, span, ways[n]) for n, t in tables.items()}
    base = {n: a for n, a in found.items() if isinstance(a, Ahead)}
    left = sum(int(still_there(t).sum()) for n, t in tables.items() if n not in base)
    known = Future(horizon=span, years=years, main=None, why="", under=under, base=base, left=left)
    main = found.get(known.today, "too_few")
    if isinstance(main, str):
        unseen = ways[known.today].unseen if known.today in ways else 0
        return replace(known, why=main, unseen=unseen)
    if main.given or main.plan.reach >= span:
        return replace(known, why="late" if main.given else "seen")
    return replace(known, main=main)


def _reach(study: Study) -> tuple[int, int]:
    """Return how far a projection reaches: years, and units."""
    years = study.toml.report.projection_years
    return years, round(years * A_YEAR[study.toml.data.window.unit])


def plan_for(study: Study, table: LifeTable, under: Regimes | None, key: str) -> Plan:
    """Return the families that suit a table under one set of terms."""
    return plan(study, table, terms_under(study, under, key), seen_from(study, table))


def projection_of(study: Study, table: LifeTable, span: int, way: Plan) -> Ahead | str:
    """Return the projection of a table as planned, or why there is none.

    It goes on for `span` units beyond the longest tenure. The reasons are "too_few", "unseen" (an
    end of the term lies beyond observation) and "no_family".
    """
    given = seen_from(study, table)
    if table.persons.sum() < study.toml.report.smallest_group or way.reach <= given:
        return "too_few"
    if way.unseen:
        return "unseen"
    choice = choose(table, way.families)
    if not choice.fits:
        return "no_family"
    look = outlook(table, choice, table.length + span, reach=way.reach, given=given)
    counted = standing(study, kaplan_meier(table, given=given), given)
    return Ahead(table=table, given=given, plan=way, curve=counted, choice=choice, look=look)


def _group(
    study: Study, spells: Spells, under: Regimes | None, name: str, found: Future
) -> dict[str, dict[str, Ahead]]:
    """Return the projections of each level of a group by terms.

    None with less than two levels, or with more than anybody would tell apart.
    """
    cells: Cells
    if under is None:
        cells = {(ALL, n): t for n, t in life_tables(spells, by=name).items()}
    else:
        cells = life_tables(by_terms(spells, under.signed), by=(SIGNED, name))
    levels: dict[str, dict[str, Ahead]] = {}
    for key, level, table in _shown(spells, name, cells):
        if key not in found.base:
            continue
        whole = found.base[key]
        way = same_plan(study, table, whole.plan, whole.choice, seen_from(study, table))
        own = projection_of(study, table, found.horizon, way)
        if isinstance(own, Ahead):
            levels.setdefault(level, {})[key] = own
    return levels if 1 < len(levels) <= MOST_LEVELS else {}


def _shown(spells: Spells, name: str, cells: Cells) -> Iterator[tuple[str, str, LifeTable]]:
    """Yield terms, level and table in the order of the declared levels, missing ones left out."""
    order = [*spells.groups[name].levels]
    place = {level: i for i, level in enumerate(order)}
    for key, level in sorted(cells, key=lambda c: (place.get(c[1], len(order)), c[1], c[0])):
        if level != MISSING:
            yield key, level, cells[key, level]


def told(study: Study, estimate: Estimate, found: Future) -> Estimate:
    """Return an estimate of the future with what it rests on, beside its family."""
    alike = () if found.under is None and study.toml.data.snapshot is not None else (COHORTS_ALIKE,)
    named = tuple(dict.fromkeys((*estimate.assumptions, *alike, *assumptions(study))))
    return replace(estimate, status=Status.ESTIMATED, assumptions=named)
