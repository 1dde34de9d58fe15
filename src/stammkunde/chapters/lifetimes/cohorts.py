"""New cohorts beside old ones: does who begins today stay as long as who began before?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import reduce
from itertools import groupby
from operator import add

from stammkunde.chapters.exhibit import Column, Dot, Figure, Section, Table
from stammkunde.chapters.lifetimes.compare import comparable
from stammkunde.chapters.lifetimes.equality import equality, equality_note, test_results
from stammkunde.chapters.parts import lead, mean_horizon, remarks, results, source, standing, unit
from stammkunde.result import Estimate, Finding, Result, Sentence
from stammkunde.spells.months import completed
from stammkunde.spells.spells import MISSING
from stammkunde.study import Study
from stammkunde.survival.contrasts import rmst_difference
from stammkunde.survival.curve import Curve
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.table import LifeTable

MOST_MONTHS = 18


def cohorts(study: Study, tables: Mapping[str, LifeTable]) -> Section:
    """Return the section on cohorts by calendar month of start (years, where months are many).

    All are compared within one horizon, which at least half of them have reached; younger ones,
    those of whom only the first to begin were seen for a unit, and those whose beginning was not
    observed, are counted as not shown. Left out where the data hold no dates.
    """
    heading = Sentence("lifetimes.heading.cohorts")
    dated = {n: t for n, t in tables.items() if n != MISSING}
    merged = by_year(dated) if len(dated) > MOST_MONTHS else dated
    window = study.toml.data.window
    shown, hidden = comparable(study, merged)
    late = begun_late(shown, window.close, window.unit)
    shown, hidden = {n: t for n, t in shown.items() if n not in late}, hidden + len(late)
    curves = {n: standing(study, kaplan_meier(t)) for n, t in shown.items()}
    span = _span(study, [c.observed_to for c in curves.values()]) if len(curves) > 1 else 0
    young = [n for n, c in curves.items() if c.observed_to < span]
    curves = {n: c for n, c in curves.items() if n not in young}
    if len(curves) < 2:
        key = "no_dates" if set(tables) == {MISSING} else "one_cohort"
        why = Sentence(f"lifetimes.left_out.{key}")
        return Section(id="lifetimes.cohorts", heading=heading, left_out=why)
    gap, words = _first_against_last(study, curves, span)
    test = equality({n: merged[n] for n in curves})
    note = equality_note(study, test, hidden + len(young))
    return Section(
        id="lifetimes.cohorts",
        heading=heading,
        findings=[_finding(gap, words)],
        figures=[_figure(study, curves, span, words, note)],
        results=[*_results(curves, gap, span), *test_results("cohort", test, curves[min(curves)])],
    )


def by_year(months: Mapping[str, LifeTable]) -> dict[str, LifeTable]:
    """Return the tables of calendar months added up to years: parts add to the whole."""
    years = groupby(sorted(months), key=lambda month: month[:4])
    return {year: reduce(add, (months[m] for m in inside)) for year, inside in years}


def begun_late(cohorts: Iterable[str], close: date | None, unit_name: str) -> set[str]:
    """Return the cohorts that began so late that not all of them were seen for a whole unit.

    Their tables hold those who began on their first days only. Of a quarter or a year it is enough
    that its first month was seen; nothing is late where observation has no end (`close`).
    """
    return {n for n in cohorts if close and completed(_end_of_month(n), close, unit_name) < 1}


def _end_of_month(cohort: str) -> date:
    """Return the last day of a month ("1997-01"), or of the first month of a quarter or year."""
    year, _, part = cohort.partition("-")
    month = 3 * int(part[1:]) - 2 if part.startswith("Q") else int(part or 1)
    return date(int(year) + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _span(study: Study, reached: list[int]) -> int:
    """Return the longest horizon of interest that at least half of the cohorts have reached."""
    wanted = {mean_horizon(study, max(reached)), *study.horizons}
    needed = max(2, (len(reached) + 1) // 2)
    fit = [w for w in wanted if sum(r >= w for r in reached) >= needed]
    return max(fit) if fit else sorted(reached, reverse=True)[needed - 1]


def _first_against_last(
    study: Study, curves: Mapping[str, Curve], span: int
) -> tuple[Estimate, dict[str, object]]:
    first, last = min(curves), max(curves)
    gap = rmst_difference(curves[last], curves[first], span)
    return gap, {
        "first": period_name(first),
        "last": period_name(last),
        "in_first": period_name(first, "in_"),
        "in_last": period_name(last, "in_"),
        "mean_first": curves[first].rmst(span),
        "mean_last": curves[last].rmst(span),
        "gap": gap,
        "span": span,
        "lead": lead(study),
        "unit": unit(gap.unit, span, "dative"),
        "units": unit(gap.unit),
        "cohorts": len(curves),
    }


def _finding(gap: Estimate, words: Mapping[str, object]) -> Finding:
    direction = "same"
    if gap.low is not None and gap.high is not None and not gap.low <= 0 <= gap.high:
        direction = "longer" if gap.low > 0 else "shorter"
    return Finding(
        id="lifetimes.cohorts",
        status=gap.status,
        assumptions=gap.assumptions,
        sentence=Sentence(f"lifetimes.cohorts.{direction}", words),
        importance=0.45 if direction != "same" else 0.3,
        remarks=remarks(gap),
        figure="lifetimes.cohorts",
    )


def _figure(
    study: Study,
    curves: Mapping[str, Curve],
    span: int,
    words: Mapping[str, object],
    note: Sentence,
) -> Figure:
    title = Sentence("lifetimes.figure.cohorts", words)
    columns = [
        Column("column.cohort", "text"),
        Column("column.persons", "int"),
        Column("column.events", "int"),
        Column(Sentence("column.mean_within", words), "n1"),
    ]
    rows = [
        (period_name(n), c.persons, int(c.events.sum()), c.rmst(span)) for n, c in curves.items()
    ]
    return Figure(
        id="lifetimes.cohorts",
        kind="dots",
        title=title,
        subtitle=Sentence("figure.cohorts.subtitle", words),
        note=source(study, list(curves.values())),
        alt=Sentence("lifetimes.alt.cohorts", words),
        x=Sentence("axis.mean", words),
        y=Sentence("axis.cohort"),
        dots=[Dot(period_name(n), c.rmst(span)) for n, c in curves.items()],
        table=Table(
            id="lifetimes.cohorts",
            caption=title,
            columns=columns,
            rows=rows,
            note=note,
            in_report=False,
        ),
    )


def _results(curves: Mapping[str, Curve], gap: Estimate, span: int) -> list[Result]:
    lines: list[Result] = []
    for name, curve in curves.items():
        lines += results("lifetimes.cohort", {f"rmst.{span}": curve.rmst(span)}, {"cohort": name})
    pair = {"cohort": f"{max(curves)} - {min(curves)}"}
    return [*lines, Result(id="lifetimes.difference.cohort", estimate=gap, group=pair)]


def period_name(cohort: str, form: str = "") -> Sentence:
    """Return the name of a month ("1997-01"), a quarter ("1997-Q1") or a year ("1997").

    With the `form` "in_" it says when something was.
    """
    if len(cohort) == 4:
        return Sentence(f"cohort.{form}year", {"year": cohort})
    if "Q" in cohort:
        words = {"number": int(cohort[-1]), "year": cohort[:4]}
        return Sentence(f"cohort.{form}quarter", words)
    return Sentence(f"cohort.{form}month", {"month": date.fromisoformat(f"{cohort}-01")})
