"""Who stays longer: the groups that the client's TOML names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from stammkunde.chapters.exhibit import Column, Line, Section, Table
from stammkunde.chapters.parts import (
    horizons,
    mean_horizon,
    results,
    standing,
    survival_figure,
    unit,
)
from stammkunde.draws import FEWEST_BLOCKS
from stammkunde.errors import NotObservedError
from stammkunde.result import Estimate, Finding, Label, Result, Sentence
from stammkunde.spells.schema import group_of
from stammkunde.spells.spells import MISSING
from stammkunde.study import Study
from stammkunde.survival.contrasts import logrank, rmst_difference
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
    shown, hidden = comparable(study, tables)
    if len(shown) < 2:
        why = Sentence("lifetimes.left_out.one_level", {"group": title})
        return Section(id=f"lifetimes.who.{name}", heading=heading, left_out=why)
    labels = _labels(study, name, shown)
    curves = {level: standing(study, kaplan_meier(shown[level])) for level in labels}
    gap, words = _first_against_last(study, curves, labels)
    words |= {"group": title}
    clear = gap.low is not None and gap.low > 0
    figure = survival_figure(
        f"lifetimes.survival.{name}",
        [Line(curves[level], labels[level]) for level in labels],
        study=study,
        title=Sentence(f"lifetimes.figure.{'difference' if clear else 'no_difference'}", words),
        alt=Sentence("lifetimes.alt.difference", words),
    )
    note = equality_note(study, shown, hidden)
    return Section(
        id=f"lifetimes.who.{name}",
        heading=heading,
        findings=[_gap_finding(name, gap, words, clear)],
        figures=[figure],
        tables=[replace(_group_table(study, name, curves, labels), note=note)],
        results=_group_results(study, name, curves, gap),
    )


def _first_against_last(
    study: Study, curves: Mapping[str, Curve], labels: Mapping[str, Name]
) -> tuple[Estimate, dict[str, object]]:
    """Return the difference of the first and last level's means, longer less shorter, and words."""
    span = _span(study, curves)
    means = {level: curves[level].rmst(span) for level in (next(iter(labels)), list(labels)[-1])}
    low, high = sorted(means, key=lambda n: means[n].value or 0.0)
    gap = rmst_difference(curves[high], curves[low], span)
    return replace(gap, estimand=f"{gap.estimand}: {high} - {low}"), {
        "low": labels[low],
        "high": labels[high],
        "mean_low": means[low],
        "mean_high": means[high],
        "gap": gap,
        "span": span,
        "unit": unit(gap.unit, case="dative"),
        "units": unit(gap.unit),
    }


def _span(study: Study, curves: Mapping[str, Curve]) -> int:
    """Return the horizon of the mean that all curves reach."""
    return mean_horizon(study, min(c.observed_to for c in curves.values()))


def comparable(study: Study, tables: Mapping[str, LifeTable]) -> tuple[dict[str, LifeTable], int]:
    """Return the tables fit to be shown side by side, and how many others there are.

    Fit is who has as many persons as the study shows (where persons come back, in as many blocks as
    errors need) and was seen from the first unit on.
    """
    least = study.toml.report.smallest_group
    shown = {n: t for n, t in tables.items() if _is_fit(t, least)}
    return shown, len(tables) - len(shown)


def _is_fit(table: LifeTable, least: int) -> bool:
    at_risk, _, _ = table.in_state()
    blocks = int((at_risk.sum(axis=-1) > 0).sum())
    enough = int(table.persons.sum()) >= least and (blocks >= FEWEST_BLOCKS or not table.repeats)
    return enough and bool(at_risk[:, 0].any())


def _labels(study: Study, name: str, tables: Mapping[str, LifeTable]) -> dict[str, Name]:
    """Return the names of levels: the declared in their order, others behind, the missing last."""
    group = group_of(name, study.toml.groups[name])
    order = [level for level in group.levels if level in tables]
    order += sorted(set(tables) - set(order) - {MISSING})
    labels: dict[str, Name] = {level: group.label(level) for level in order}
    return labels | ({MISSING: Sentence("column.missing")} if MISSING in tables else {})


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
    labels: Mapping[str, Name],
) -> Table:
    one, span = next(iter(curves.values())), _span(study, curves)
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
        (labels[n], c.spells, int(c.events.sum()), c.at(at), c.rmst(span), c.median())
        for n, c in curves.items()
    ]
    caption = Sentence("table.groups.caption", {"group": title})
    return Table(id=f"lifetimes.groups.{name}", caption=caption, columns=columns, rows=rows)


def equality_note(study: Study, tables: Mapping[str, LifeTable], hidden: int) -> Sentence:
    """Return the note on the log-rank test of all tables, and on those not shown."""
    values: dict[str, object] = {"hidden": hidden, "count": hidden}
    values |= {"least": study.toml.report.smallest_group}
    more = Sentence("table.hidden", values) if hidden else ""
    try:
        test = logrank(list(tables.values()))
    except NotObservedError:
        return Sentence("table.groups.no_test", {"more": more})
    small = test.p < 1e-4
    p = Sentence("table.p_below" if small else "table.p_is", {"p": max(test.p, 1e-4)})
    words = {"chi2": test.statistic, "df": test.df, "p": p, "more": more}
    return Sentence("table.groups.note", words)


def _group_results(
    study: Study, name: str, curves: Mapping[str, Curve], gap: Estimate
) -> list[Result]:
    span, lines = _span(study, curves), []
    for level, curve in curves.items():
        found = {f"survival.{h}": curve.at(h) for h in horizons(study, curve.observed_to)}
        found |= {f"rmst.{span}": curve.rmst(span), "median": curve.median()}
        lines += results("lifetimes", found, {name: level})
    pair = {name: gap.estimand.partition(": ")[2]}
    return [*lines, Result(id=f"lifetimes.difference.{name}", estimate=gap, group=pair)]
