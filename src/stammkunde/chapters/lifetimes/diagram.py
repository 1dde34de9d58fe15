"""Cohorts by time as a customer: one row per cohort, the share still there along it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import reduce
from itertools import groupby
from operator import add

from stammkunde.chapters.exhibit import Column, Figure, HeatCells, Table
from stammkunde.chapters.lifetimes.cohorts import MOST_MONTHS, begun_late, by_year, period_name
from stammkunde.chapters.lifetimes.compare import comparable
from stammkunde.chapters.parts import least_at_risk, results, source, standing
from stammkunde.result import Estimate, Result, Sentence
from stammkunde.study import Study
from stammkunde.survival.calendar import Lexis
from stammkunde.survival.curve import Curve
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.table import LifeTable

MOST_QUARTERS = 36
MOST_COLUMNS = 12
STEPS = (1, 2, 3, 6, 12, 24, 60)
Shares = dict[str, dict[int, Estimate]]


def cohort_picture(
    study: Study, diagram: Lexis, close: date | None = None
) -> tuple[Figure | None, list[Result]]:
    """Return the picture of cohorts by calendar months since the beginning, and its numbers.

    Cohorts are months, quarters or years, by how many months there are. Shown are those seen from
    their first month on, each as long as enough are at risk, but none that began so late before
    `close` that only its first to begin were seen. No picture of fewer than two.
    """
    shown, hidden = comparable(study, _periods(diagram.tables))
    late = begun_late(shown, close, study.toml.data.window.unit)
    shown, hidden = {n: t for n, t in shown.items() if n not in late}, hidden + len(late)
    curves = {n: standing(study, kaplan_meier(t)) for n, t in shown.items()}
    curves = {n: c for n, c in curves.items() if c.observed_to > 0}
    columns = _columns(max((c.observed_to for c in curves.values()), default=0))
    shares = {n: {t: c.at(t) for t in columns if t <= c.observed_to} for n, c in curves.items()}
    shares = {n: found for n, found in shares.items() if found}
    if len(shares) < 2:
        return None, []
    lines = [
        line
        for name, found in shares.items()
        for line in results(
            "lifetimes.calendar",
            {f"survival.{t}": e for t, e in found.items()},
            {"cohort": name},
        )
    ]
    curves = {n: curves[n] for n in shares}
    return _figure(study, curves, shares, columns, hidden), lines


def _periods(months: Mapping[str, LifeTable]) -> dict[str, LifeTable]:
    """Return the tables of months of start, added up to quarters or years where they are many."""
    if len(months) <= MOST_MONTHS:
        return dict(months)
    if len(months) > MOST_QUARTERS:
        return by_year(months)
    quarters = groupby(sorted(months), key=lambda m: f"{m[:4]}-Q{(int(m[5:]) + 2) // 3}")
    return {name: reduce(add, (months[m] for m in inside)) for name, inside in quarters}


def _columns(reach: int) -> list[int]:
    step = next((s for s in STEPS if reach // s <= MOST_COLUMNS), STEPS[-1])
    return list(range(step, reach + 1, step))


def _figure(
    study: Study,
    curves: Mapping[str, Curve],
    shares: Shares,
    columns: list[int],
    hidden: int,
) -> Figure:
    words = _words(curves, shares, columns)
    title = Sentence("calendar.figure.cohorts", words)
    numbers = {"least": least_at_risk(study), "hidden": hidden, "count": hidden}
    return Figure(
        id="lifetimes.calendar.cohorts",
        kind="heat",
        title=title,
        subtitle=Sentence("calendar.subtitle.cohorts"),
        note=source(study, list(curves.values())),
        alt=Sentence("calendar.alt.cohorts", words),
        x=Sentence("calendar.axis.since"),
        y=Sentence("axis.cohort"),
        cells=HeatCells(
            rows=[period_name(n) for n in shares],
            columns=columns,
            values=[[_value(found.get(t)) for t in columns] for found in shares.values()],
        ),
        table=_table(curves, shares, title, Sentence("calendar.note.cohorts", numbers)),
    )


def _table(curves: Mapping[str, Curve], shares: Shares, title: Sentence, note: Sentence) -> Table:
    return Table(
        id="lifetimes.calendar.cohorts",
        caption=title,
        columns=[
            Column("column.cohort", "text"),
            Column("calendar.column.since", "int"),
            Column("calendar.column.share", "percent1"),
            Column("column.at_risk", "int"),
        ],
        rows=[
            (period_name(n), t, e, int(curves[n].at_risk[t - 1]))
            for n, found in shares.items()
            for t, e in found.items()
        ],
        note=note,
        in_report=False,
    )


def _value(estimate: Estimate | None) -> float | None:
    return estimate.value if estimate else None


def _words(curves: Mapping[str, Curve], shares: Shares, columns: list[int]) -> dict[str, object]:
    """Return the first and the last cohort at the longest time that half of them have reached."""
    needed = max(2, (len(shares) + 1) // 2)
    reached = [t for t in columns if sum(t in found for found in shares.values()) >= needed]
    at = max(reached) if reached else columns[0]
    there = [n for n, found in shares.items() if at in found]
    first, last = min(there), max(there)
    return {
        "at": at,
        "count": at,
        "first": period_name(first, "in_"),
        "last": period_name(last, "in_"),
        "s_first": shares[first][at],
        "s_last": shares[last][at],
        "cohorts": len(curves),
    }
