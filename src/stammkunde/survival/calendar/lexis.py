"""Cohorts times tenure: the Lexis diagram, and how long each cohort stays.

A cohort is everybody who began in one calendar month. Its life table on the calendar clock is a row
of the diagram, a calendar month a diagonal. A whole cohort that is better than others cannot be
told from a trend of the months by any method: cohort + tenure = month.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np

from stammkunde.errors import ParameterError, nearest
from stammkunde.result import Estimate
from stammkunde.spells.calendar_clock import on_calendar_clock
from stammkunde.spells.spells import COHORT, Spells
from stammkunde.survival.curve import NOT_OBSERVED
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.shares import share
from stammkunde.survival.table import LifeTable, added, life_tables

PERIODS: Mapping[str, Callable[[int], str]] = {
    "month": lambda m: f"{m // 12:04d}-{m % 12 + 1:02d}",
    "quarter": lambda m: f"{m // 12:04d}-Q{m % 12 // 3 + 1}",
    "year": lambda m: f"{m // 12:04d}",
}


@dataclass(frozen=True)
class Lexis:
    """Life tables of cohorts on the calendar clock, by month of start ("2021-04"), ascending.

    Unit k + 1 of a cohort is the k-th calendar month after its own. From each month in `since` on
    customers began under other terms, so that their tenures are not compared with earlier ones. Of
    the first `partial` months of a cohort its customers saw a part only, each from his own day on:
    how many leave in them depends on the days on which they began.
    """

    tables: Mapping[str, LifeTable]
    since: tuple[str, ...] = ()
    partial: int = 0

    @property
    def length(self) -> int:
        """Return the longest tenure that a cohort was seen at, in calendar months."""
        return max(t.length for t in self.tables.values())

    @property
    def repeats(self) -> bool:
        """Return whether some person has several spells."""
        return any(t.repeats for t in self.tables.values())

    def cohorts(self) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
        """Yield the month of start (12 year + month - 1), at_risk and leavers [256, k] of each."""
        for name, table in self.tables.items():
            at_risk, moves, _ = table.in_state()
            yield _number(name), at_risk, moves.sum(axis=0)

    def terms(self, start: int) -> int:
        """Return under which terms, 0 for the earliest, the cohort of a month began."""
        return bisect_right([_number(month) for month in self.since], start)


def lexis_of_spells(spells: Spells, *, since: Collection[str] = ()) -> Lexis:
    """Return the Lexis diagram of dated spells; NotObservedError where they have no dates.

    `since` are the months ("2022-03") from which on customers began under other terms. The month of
    start is a partial one unless all began on the first of a month.
    """
    tables = life_tables(on_calendar_clock(spells), by=COHORT)
    latest = spells.relation.start.cast("date").day().max().execute()
    return lexis_of_tables(tables, since=since, partial=int(latest > 1))


def lexis_of_tables(
    tables: Mapping[str, LifeTable], *, since: Collection[str] = (), partial: int = 0
) -> Lexis:
    """Return the Lexis diagram of life tables by month of start, as text like "2021-04"."""
    for name in (*tables, *since):
        _number(name)
    return Lexis({n: tables[n] for n in sorted(tables)}, tuple(sorted(set(since))), partial)


def cohort_survival(
    diagram: Lexis, at: Sequence[int], *, by: str = "year", level: float = 0.95
) -> dict[str, dict[int, Estimate]]:
    """Return for each cohort period the share still there after so many calendar months.

    Kaplan-Meier of the cohort on the calendar clock. No value, with the reason "not_observed",
    where a cohort was not seen so long, or not from its first month.
    """
    found: dict[str, dict[int, Estimate]] = {}
    for name, table in _merged(diagram, by).items():
        at_risk, _, _ = table.in_state()
        if not at_risk[:, 0].any():
            found[name] = {t: _unseen(table, t, level) for t in at}
            continue
        curve = kaplan_meier(table, level=level)
        found[name] = {
            t: curve.at(t) if t <= curve.observed_to else _unseen(table, t, level) for t in at
        }
    return found


def cohort_hazard(
    diagram: Lexis, *, by: str = "year", width: int = 12, level: float = 0.95
) -> dict[str, dict[int, Estimate]]:
    """Return for each cohort period the leavers per customer month in bands of tenure.

    Keys of the inner dict are the months before the band: 0, `width`, 2 `width` ... Bands in which
    nobody was at risk are not in it.
    """
    if width < 1:
        raise ParameterError(f"a band of {width} months", remedy="Give 1 month or more.")
    found: dict[str, dict[int, Estimate]] = {}
    for name, table in _merged(diagram, by).items():
        at_risk, moves, _ = table.in_state()
        found[name] = {}
        for begin in range(0, table.length, width):
            band = slice(begin, begin + width)
            n, d = (a[:, band].sum(axis=-1) for a in (at_risk, moves.sum(axis=0)))
            if not n.any():
                continue
            heads = int(table.persons.sum())
            estimate = share(d, n, persons=heads, repeats=table.repeats, level=level)
            found[name][begin] = replace(estimate, unit="hazard")
    return found


def period_of(month: int, by: str) -> str:
    """Return the name of the "month", "quarter" or "year" of a month (12 year + month - 1)."""
    if by not in PERIODS:
        raise ParameterError(f"unknown period `{by}`", remedy=nearest(by, PERIODS))
    return PERIODS[by](month)


def _number(month: str) -> int:
    year, _, rest = month.partition("-")
    if not (year.isdigit() and rest.isdigit() and 1 <= int(rest) <= 12):
        what = f"`{month}` is no month of start"
        raise ParameterError(what, remedy="Give cohorts as year and month, like `2021-04`.")
    return 12 * int(year) + int(rest) - 1


def _merged(diagram: Lexis, by: str) -> dict[str, LifeTable]:
    """Return the cohorts of each period together."""
    groups: dict[str, list[LifeTable]] = {}
    for name, table in diagram.tables.items():
        groups.setdefault(period_of(_number(name), by), []).append(table)
    return {name: reduce(added, tables) for name, tables in groups.items()}


def _unseen(table: LifeTable, tenure: int, level: float) -> Estimate:
    return Estimate(
        value=None,
        level=level,
        unit="share",
        persons=int(table.persons.sum()),
        method="Kaplan-Meier",
        estimand=f"survival({tenure})",
        reason=NOT_OBSERVED,
    )
