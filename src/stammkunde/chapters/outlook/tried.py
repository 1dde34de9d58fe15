"""The back-test: what would have been projected on an earlier day, beside what came."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import ibis

from stammkunde.chapters.lifetimes.events import LEAST_AT_RISK
from stammkunde.chapters.lifetimes.regimes import Regimes
from stammkunde.chapters.outlook.plan import plan, reach_of
from stammkunde.errors import NotObservedError
from stammkunde.spells.schema.meaning import TermToml
from stammkunde.spells.spells import COHORT, MISSING, Spells
from stammkunde.study import Study
from stammkunde.survival.projection.backtest import BackTest, Cut, back_test, cut_at
from stammkunde.survival.projection.choice import choose
from stammkunde.survival.projection.families import FAMILIES, Family
from stammkunde.survival.table import LifeTable, life_tables
from stammkunde.survival.window import until

# a third of the time observed lies after the day of the trial, a year at most, 3 months at least
PART, MOST, LEAST = 3, 12, 3


@dataclass(frozen=True)
class Tried:
    """A back-test on one `day`; `beside` is that of the smooth laws, where they were not used."""

    day: date
    test: BackTest
    beside: BackTest | None


def tried(
    study: Study, spells: Spells, under: Regimes | None, terms: TermToml | None
) -> Tried | str:
    """Return the back-test of customers under today's terms, or why there is none.

    Families are chosen from what was known on the day, as they are today from all that is known.
    The reasons are "unit" (only months know cohorts by month), "dates", "short", "too_few",
    "unseen" (no term had ended by that day) and "no_family".
    """
    if spells.unit != "month":
        return "unit"
    tables = _cohorts(spells, None if under is None else under.signed[-1])
    if not tables or spells.close is None:
        return "dates"
    close, opened = _number(spells.close), study.toml.data.window.open
    begun = max(min(tables), _number(opened) if opened else 0)
    back = min(MOST, (close - begun) // PART)
    if back < LEAST:
        return "short"
    try:
        cut = cut_at(tables, close - back)
    except NotObservedError:
        return "too_few"
    month = close - back
    # beyond, only those who began on the first of a month were observed
    cut = replace(cut, came=until(cut.came, back))
    return _tried(study, cut, terms, date(month // 12, month % 12 + 1, 1))


def _tried(study: Study, cut: Cut, terms: TermToml | None, day: date) -> Tried | str:
    """Return the back-test of a history cut on a day, as long as enough were at risk after it."""
    reach = reach_of(study, cut.came)
    way = plan(study, cut.known, terms)
    if reach < LEAST or cut.there.sum() < LEAST_AT_RISK or not way.families:
        return "too_few"
    if way.unseen:
        return "unseen"
    cut = replace(cut, came=until(cut.came, reach))
    test = _test(cut, way.families)
    if test is None:
        return "no_family"
    return Tried(day, test, _test(cut, tuple(FAMILIES.values())) if way.ends else None)


def _test(cut: Cut, families: tuple[Family, ...]) -> BackTest | None:
    """Return the back-test of families that can be fitted to what was known; None without any."""
    fit = [f.family for f in choose(cut.known, families).fits]
    return back_test(cut, fit) if fit else None


def _cohorts(spells: Spells, since: date | None) -> dict[int, LifeTable]:
    """Return the tables by month of start (12 year + month - 1) of spells begun `since`."""
    if since is not None:
        start = spells.relation.start.cast("date")
        spells = replace(spells, relation=spells.relation.filter(start >= ibis.literal(since)))
    tables = life_tables(spells, by=COHORT)
    return {12 * int(n[:4]) + int(n[5:7]) - 1: t for n, t in tables.items() if n != MISSING}


def _number(day: date) -> int:
    return 12 * day.year + day.month - 1
