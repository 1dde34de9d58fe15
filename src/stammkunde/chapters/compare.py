"""Who stays longer: groups of customers, and cohorts by calendar month of start."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from stammkunde.chapters.exhibit import Column, Dot, Figure, Line, Section, Table
from stammkunde.chapters.parts import (
    horizons,
    mean_horizon,
    results,
    source,
    standing,
    survival_figure,
    unit,
)
from stammkunde.result import Estimate, Finding, Label, Result, Sentence
from stammkunde.spells.schema import group_of
from stammkunde.spells.spells import MISSING
from stammkunde.study import Study
from stammkunde.survival.contrasts import Test, logrank, rmst_difference
from stammkunde.survival.curve import Curve
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.table import LifeTable

Name = Label | Sentence


def who(study: Study, tables: Mapping[str, LifeTable], name: str) -> Section:
    """Return the section on the group `name`: curves, means, medians, and first against last level.

    The two levels compared are the first and the last declared, chosen before the data were seen,
    so that no interval is spoilt by picking extremes. Levels with fewer persons than the study
    shows are hidden and counted.
    """
    title = Label(name, dict(study.toml.groups[name].title))
    heading = Sentence("lifetimes.heading.who", {"group": title})
    shown, hidden = large_enough(study, tables)
    if len(shown) < 2:
        why = Sentence("lifetimes.left_out.one_level", {"group": title})
        return Section(id=f"lifetimes.who.{name}", heading=heading, left_out=why)
    labels = _labels(study, name, shown)
    curves = {level: standing(study, kaplan_meier(shown[level])) for level in labels}
    span = mean_horizon(study, min(c.observed_to for c in curves.values()))
    means = {level: c.rmst(span) for level, c in curves.items()}
    low, high = sorted((next(iter(labels)), list(labels)[-1]), key=lambda n: means[n].value or 0.0)
    gap = rmst_difference(curves[high], curves[low], span)
    words = _gap_words(labels, means, low, high, gap, span) | {"group": title}
    clear = gap.low is not None and gap.low > 0
    figure = survival_figure(
        f"lifetimes.survival.{name}",
        [Line(curves[level], labels[level]) for level in labels],
        study=study,
        title=Sentence(f"lifetimes.figure.{'difference' if clear else 'no_difference'}", words),
        alt=Sentence("lifetimes.alt.difference", words),
    )
    table = _group_table(study, name, curves, means, labels, span)
    note = _test_note(study, logrank(list(shown.values())), hidden)
    numbers = [r for n, c in curves.items() for r in _level_results(study, name, n, c, span)]
    numbers.append(
        Result(id=f"lifetimes.difference.{name}", estimate=gap, group={name: f"{high} - {low}"})
    )
    return Section(
        id=f"lifetimes.who.{name}",
        heading=heading,
        findings=[_gap_finding(name, gap, words, clear)],
        figures=[figure],
        tables=[
            Table(
                id=table.id,
                caption=table.caption,
                columns=table.columns,
                rows=table.rows,
                note=note,
            )
        ],
        results=numbers,
    )


def large_enough(study: Study, tables: Mapping[str, LifeTable]) -> tuple[dict[str, LifeTable], int]:
    """Return the tables with as many persons as the study shows, and how many others there are."""
    least = study.toml.report.smallest_group
    shown = {n: t for n, t in tables.items() if int(t.persons.sum()) >= least}
    return shown, len(tables) - len(shown)


def _labels(study: Study, name: str, tables: Mapping[str, LifeTable]) -> dict[str, Name]:
    """Return the names of levels: the declared in their order, others behind, the missing last."""
    group = group_of(name, study.toml.groups[name])
    order = [level for level in group.levels if level in tables]
    order += sorted(set(tables) - set(order) - {MISSING})
    labels: dict[str, Name] = {level: group.label(level) for level in order}
    return labels | ({MISSING: Sentence("column.missing")} if MISSING in tables else {})


def _gap_words(
    labels: Mapping[str, Name],
    means: Mapping[str, Estimate],
    low: str,
    high: str,
    gap: Estimate,
    span: int,
) -> dict[str, object]:
    return {
        "low": labels[low],
        "high": labels[high],
        "mean_low": means[low],
        "mean_high": means[high],
        "gap": gap,
        "span": span,
        "unit": unit(gap.unit, case="dative"),
        "units": unit(gap.unit),
    }


def _gap_finding(name: str, gap: Estimate, words: Mapping[str, object], clear: bool) -> Finding:
    return Finding(
        id=f"lifetimes.difference.{name}",
        status=gap.status,
        assumptions=gap.assumptions,
        sentence=Sentence("lifetimes.difference" if clear else "lifetimes.no_difference", words),
        importance=0.7 if clear else 0.3,
        figure=f"lifetimes.survival.{name}",
        table=f"lifetimes.groups.{name}",
    )


def _group_table(
    study: Study,
    name: str,
    curves: Mapping[str, Curve],
    means: Mapping[str, Estimate],
    labels: Mapping[str, Name],
    span: int,
) -> Table:
    one = next(iter(curves.values()))
    at = horizons(study, min(c.observed_to for c in curves.values()))[0]
    title = Label(name, dict(study.toml.groups[name].title))
    repeats = one.errors == "blocks"
    words = {"span": span, "at": at, "unit": unit(one.unit, case="dative"), "units": unit(one.unit)}
    columns = [
        Column(Sentence("column.group_named", {"group": title}), "text"),
        Column("column.spells" if repeats else "column.persons", "int"),
        Column("column.events", "int"),
        Column(Sentence("column.survival_at", words), "percent1"),
        Column(Sentence("column.mean_within", words), "n1"),
        Column(Sentence("column.median_in", words), "int"),
    ]
    rows = [
        (labels[n], c.spells, int(c.events.sum()), c.at(at), means[n], c.median())
        for n, c in curves.items()
    ]
    caption = Sentence("table.groups.caption", {"group": title})
    return Table(id=f"lifetimes.groups.{name}", caption=caption, columns=columns, rows=rows)


def _test_note(study: Study, test: Test, hidden: int) -> Sentence:
    small = test.p < 1e-4
    p = Sentence("table.p_below" if small else "table.p_is", {"p": max(test.p, 1e-4)})
    values = {"chi2": test.statistic, "df": test.df, "p": p, "hidden": hidden, "count": hidden}
    values |= {"least": study.toml.report.smallest_group}
    return Sentence("table.groups.note_hidden" if hidden else "table.groups.note", values)


def _level_results(study: Study, name: str, level: str, curve: Curve, span: int) -> list[Result]:
    found = {f"survival.{h}": curve.at(h) for h in horizons(study, curve.observed_to)}
    found |= {f"rmst.{span}": curve.rmst(span), "median": curve.median()}
    return results("lifetimes", found, {name: level})


def cohorts(study: Study, tables: Mapping[str, LifeTable]) -> Section:
    """Return the section on cohorts by calendar month of start: the mean stay of each.

    All are compared within the tenure that the youngest of them reached, so that no cohort is
    judged by time that another could not have had. Left out where the data hold no dates.
    """
    heading = Sentence("lifetimes.heading.cohorts")
    shown, hidden = large_enough(study, {n: t for n, t in tables.items() if n != MISSING})
    if len(shown) < 2:
        key = "no_dates" if set(tables) == {MISSING} else "one_cohort"
        why = Sentence(f"lifetimes.left_out.{key}")
        return Section(id="lifetimes.cohorts", heading=heading, left_out=why)
    curves = {month: standing(study, kaplan_meier(shown[month])) for month in sorted(shown)}
    span = mean_horizon(study, min(c.observed_to for c in curves.values()))
    means = {month: c.rmst(span) for month, c in curves.items()}
    first, last = next(iter(curves)), list(curves)[-1]
    gap = rmst_difference(curves[last], curves[first], span)
    words = {
        "first": _month(first),
        "last": _month(last),
        "mean_first": means[first],
        "mean_last": means[last],
        "gap": gap,
        "span": span,
        "unit": unit(gap.unit, case="dative"),
        "units": unit(gap.unit),
        "cohorts": len(curves),
    }
    finding = Finding(
        id="lifetimes.cohorts",
        status=gap.status,
        assumptions=gap.assumptions,
        sentence=Sentence(f"lifetimes.cohorts.{_direction(gap)}", words),
        importance=0.45,
        figure="lifetimes.cohorts",
    )
    numbers = [
        r
        for month, mean in means.items()
        for r in results("lifetimes.cohort", {f"rmst.{span}": mean}, {"cohort": month})
    ]
    numbers.append(
        Result(
            id="lifetimes.difference.cohort", estimate=gap, group={"cohort": f"{last} - {first}"}
        )
    )
    return Section(
        id="lifetimes.cohorts",
        heading=heading,
        findings=[finding],
        figures=[
            _cohort_figure(study, curves, means, words, logrank(list(shown.values())), hidden)
        ],
        results=numbers,
    )


def _direction(gap: Estimate) -> str:
    if gap.low is None or gap.high is None or gap.low <= 0 <= gap.high:
        return "same"
    return "longer" if gap.low > 0 else "shorter"


def _cohort_figure(
    study: Study,
    curves: Mapping[str, Curve],
    means: Mapping[str, Estimate],
    words: Mapping[str, object],
    test: Test,
    hidden: int,
) -> Figure:
    title = Sentence("lifetimes.figure.cohorts", words)
    columns = [
        Column("column.cohort", "month"),
        Column("column.persons", "int"),
        Column("column.events", "int"),
        Column(Sentence("column.mean_within", words), "n1"),
    ]
    rows = [(_month(m), c.persons, int(c.events.sum()), means[m]) for m, c in curves.items()]
    return Figure(
        id="lifetimes.cohorts",
        kind="dots",
        title=title,
        subtitle=Sentence("figure.cohorts.subtitle", words),
        note=source(study, list(curves.values())),
        alt=Sentence("lifetimes.alt.cohorts", words),
        x=Sentence("axis.mean", words),
        y=Sentence("axis.cohort"),
        dots=[Dot(Sentence("cohort.name", {"month": _month(m)}), e) for m, e in means.items()],
        table=Table(
            id="lifetimes.cohorts",
            caption=title,
            columns=columns,
            rows=rows,
            note=_test_note(study, test, hidden),
            in_report=False,
        ),
    )


def _month(text: str) -> date:
    return date.fromisoformat(f"{text}-01")
