"""Who stays longer: the groups that the client's TOML names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from stammkunde.chapters.exhibit import Column, Line, Section, Table
from stammkunde.chapters.parts import (
    counted,
    horizons,
    is_contradicted,
    lead,
    least_at_risk,
    mean_horizon,
    remarks,
    results,
    standing,
    survival_figure,
    unit,
)
from stammkunde.draws import FEWEST_BLOCKS
from stammkunde.errors import NotObservedError
from stammkunde.result import Estimate, Finding, Label, Result, Sentence
from stammkunde.spells.schema.data import group_of
from stammkunde.spells.spells import MISSING
from stammkunde.study import Study
from stammkunde.survival.contrasts import Test, logrank, rmst_difference
from stammkunde.survival.curve import Curve
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.table import LifeTable

Name = Label | Sentence


def who(study: Study, tables: Mapping[str, LifeTable], name: str) -> Section:
    """Return the section on the group `name`: curves, shares, means, and first against last level.

    The levels compared are the first and the last declared, or the only two: chosen before the data
    were seen, so that no interval is spoilt by picking extremes. Levels with fewer persons than the
    study shows are hidden and counted; who is "not stated" is shown and not compared.
    """
    title = Label(name, dict(study.toml.data.groups[name].title))
    heading = Sentence("lifetimes.heading.who", {"group": title})
    shown, hidden = comparable(study, tables)
    if len(shown) < 2:
        why = Sentence("lifetimes.left_out.one_level", {"group": title})
        return Section(id=f"lifetimes.who.{name}", heading=heading, left_out=why)
    labels = _labels(study, name, shown)
    curves = {level: standing(study, kaplan_meier(shown[level])) for level in labels}
    pair = _pair(study, name, labels)
    span = _span(study, {n: curves[n] for n in pair or labels})
    words: dict[str, object] = {"group": title, "lead": lead(study)}
    found = _first_against_last(curves, labels, pair, span) if pair else None
    words |= found[1] if found else {}
    key = _verdict(study, found[0]) if found else "groups"
    figure = survival_figure(
        f"lifetimes.survival.{name}",
        [Line(curves[level], labels[level]) for level in labels],
        study=study,
        title=Sentence(f"lifetimes.figure.{key}", words),
        alt=Sentence(f"lifetimes.alt.{'difference' if found else 'groups'}", words),
    )
    test = equality(shown)
    table = _group_table(study, name, curves, labels, span)
    numbers = _group_results(study, name, curves, span, found[0] if found else None)
    return Section(
        id=f"lifetimes.who.{name}",
        heading=heading,
        findings=[
            _gap_finding(study, name, found[0], words, key)
            if found
            else _groups_finding(study, name, labels, curves, span)
        ],
        figures=[figure],
        tables=[replace(table, note=equality_note(study, test, hidden))],
        results=[*numbers, *test_results(name, test, next(iter(curves.values())))],
    )


def _pair(study: Study, name: str, labels: Mapping[str, Name]) -> tuple[str, str] | None:
    """Return the two levels to compare: first and last declared, else the only two stated."""
    declared = list(group_of(name, study.toml.data.groups[name]).levels)
    if len(declared) > 1:
        ends = (declared[0], declared[-1])
        return ends if all(n in labels for n in ends) else None
    stated = [n for n in labels if n != MISSING]
    return (stated[0], stated[1]) if len(stated) == 2 else None


def _verdict(study: Study, gap: Estimate) -> str:
    """Return which sentence a difference deserves."""
    if gap.low is None or gap.low <= 0:
        return "no_difference"
    return "difference_today" if study.toml.data.snapshot is not None else "difference"


def _first_against_last(
    curves: Mapping[str, Curve], labels: Mapping[str, Name], pair: tuple[str, str], span: int
) -> tuple[Estimate, dict[str, object]]:
    """Return the difference of two levels' means, longer less shorter, and words."""
    means = {level: curves[level].rmst(span) for level in pair}
    low, high = sorted(means, key=lambda n: means[n].value or 0.0)
    gap = rmst_difference(curves[high], curves[low], span)
    return replace(gap, estimand=f"{gap.estimand}: {high} - {low}"), {
        "low": labels[low],
        "high": labels[high],
        "mean_low": means[low],
        "mean_high": means[high],
        "gap": gap,
        "span": span,
        "unit": unit(gap.unit, span, "dative"),
        "units": unit(gap.unit),
    }


def _span(study: Study, curves: Mapping[str, Curve]) -> int:
    """Return the horizon of the mean that all these curves reach."""
    return mean_horizon(study, min(c.observed_to for c in curves.values()))


def comparable(study: Study, tables: Mapping[str, LifeTable]) -> tuple[dict[str, LifeTable], int]:
    """Return the tables fit to be shown side by side, and how many others there are.

    Fit is who has as many persons as the study shows (where persons come back, in as many blocks as
    errors need) and was seen from the first unit on.
    """
    least = study.toml.report.smallest_group
    shown = {n: t for n, t in tables.items() if _is_fit(t, least, least_at_risk(study))}
    return shown, len(tables) - len(shown)


def _is_fit(table: LifeTable, least: int, at_first: int) -> bool:
    at_risk, _, _ = table.in_state()
    blocks = int((at_risk.sum(axis=-1) > 0).sum())
    enough = int(table.persons.sum()) >= least and (blocks >= FEWEST_BLOCKS or not table.repeats)
    return enough and int(at_risk[:, 0].sum()) >= at_first


def _labels(study: Study, name: str, tables: Mapping[str, LifeTable]) -> dict[str, Name]:
    """Return the names of levels: the declared in their order, others behind, the missing last."""
    group = group_of(name, study.toml.data.groups[name])
    order = [level for level in group.levels if level in tables]
    order += sorted(set(tables) - set(order) - {MISSING})
    labels: dict[str, Name] = {level: group.label(level) for level in order}
    return labels | ({MISSING: Sentence("column.missing")} if MISSING in tables else {})


def _gap_finding(
    study: Study, name: str, gap: Estimate, words: Mapping[str, object], key: str
) -> Finding:
    today = ("group_as_today",) if study.toml.data.snapshot is not None else ()
    return Finding(
        id=f"lifetimes.difference.{name}",
        status=gap.status,
        assumptions=(*gap.assumptions, *today),
        sentence=Sentence(f"lifetimes.{key}", words),
        importance=0.7 if key == "difference" else 0.3,
        remarks=remarks(gap),
        figure=f"lifetimes.survival.{name}",
        table=f"lifetimes.groups.{name}",
    )


def _groups_finding(
    study: Study,
    name: str,
    labels: Mapping[str, Name],
    curves: Mapping[str, Curve],
    span: int,
) -> Finding:
    """Return the means of all levels, where no pair of them was chosen beforehand."""
    one = next(iter(curves.values()))
    told = [
        Sentence("lifetimes.level", {"label": labels[n], "mean": c.rmst(span)})
        for n, c in curves.items()
        if span <= c.observed_to
    ]
    title = Label(name, dict(study.toml.data.groups[name].title))
    words = {"lead": lead(study), "group": title, "levels": told, "span": span}
    words |= {"unit": unit(one.unit, span, "dative"), "units": unit(one.unit)}
    return Finding(
        id=f"lifetimes.groups.{name}",
        status=one.status,
        assumptions=one.assumptions,
        sentence=Sentence("lifetimes.groups", words),
        importance=0.25 if is_contradicted(study) else 0.6,
        figure=f"lifetimes.survival.{name}",
        table=f"lifetimes.groups.{name}",
    )


def _group_table(
    study: Study,
    name: str,
    curves: Mapping[str, Curve],
    labels: Mapping[str, Name],
    span: int,
) -> Table:
    one = next(iter(curves.values()))
    at = horizons(study, min(c.observed_to for c in curves.values()))[0]
    title = Label(name, dict(study.toml.data.groups[name].title))
    words = {"span": span, "at": at, "unit": unit(one.unit, at, "dative"), "units": unit(one.unit)}
    columns = [
        Column(Sentence("column.group_named", {"group": title}), "text"),
        Column("column.spells" if one.errors == "blocks" else "column.persons", "int"),
        Column("column.events", "int"),
        Column(Sentence("column.survival_at", words), "percent1"),
        Column(Sentence("column.mean_within", words), "n1"),
    ]
    rows: list[tuple[object, ...]] = [
        (labels[n], c.spells, int(c.events.sum()), c.at(at), _mean(c, span))
        for n, c in curves.items()
    ]
    if study.toml.data.lapse is None:
        columns.append(Column(Sentence("column.median_in", words), "int"))
        rows = [(*row, c.median()) for row, c in zip(rows, curves.values(), strict=True)]
    caption = Sentence("table.groups.caption", {"group": title})
    return Table(id=f"lifetimes.groups.{name}", caption=caption, columns=columns, rows=rows)


def _mean(curve: Curve, span: int) -> Estimate | None:
    """Return the mean within `span`, None where the level was not observed that long."""
    return curve.rmst(span) if span <= curve.observed_to else None


def equality(tables: Mapping[str, LifeTable]) -> Test | None:
    """Return the log-rank test of all tables; None where they were never at risk together."""
    try:
        return logrank(list(tables.values()))
    except NotObservedError:
        return None


def equality_note(study: Study, test: Test | None, hidden: int) -> Sentence:
    """Return the note on the log-rank test of the tables shown, and on those not shown."""
    values: dict[str, object] = {"hidden": hidden, "count": hidden}
    values |= {"least": study.toml.report.smallest_group}
    more = Sentence("table.hidden", values) if hidden else ""
    if test is None:
        return Sentence("table.groups.no_test", {"more": more})
    small = test.p < 1e-4
    p = Sentence("table.p_below" if small else "table.p_is", {"p": max(test.p, 1e-4)})
    kind = "blocks" if "blocks" in test.method else "plain"
    which = Sentence(f"table.test.{kind}", {"df": test.df})
    words = {"value": test.statistic, "which": which, "p": p, "more": more}
    return Sentence("table.groups.note", words)


def test_results(name: str, test: Test | None, curve: Curve) -> list[Result]:
    """Return the statistic and the p-value of a test as results."""
    if test is None:
        return []
    numbers = {f"logrank.{name}": (test.statistic, "chi2"), f"logrank.{name}.p": (test.p, "share")}
    return results(
        "lifetimes",
        {
            key: replace(counted(value, curve, kind), method=f"{test.method}, {test.df} df")
            for key, (value, kind) in numbers.items()
        },
    )


def _group_results(
    study: Study, name: str, curves: Mapping[str, Curve], span: int, gap: Estimate | None
) -> list[Result]:
    lines: list[Result] = []
    for level, curve in curves.items():
        found = {f"survival.{h}": curve.at(h) for h in horizons(study, curve.observed_to)}
        mean = _mean(curve, span)
        found |= {"median": curve.median()} | ({f"rmst.{span}": mean} if mean else {})
        lines += results("lifetimes", found, {name: level})
    if gap is not None:
        pair = {name: gap.estimand.partition(": ")[2]}
        lines.append(Result(id=f"lifetimes.difference.{name}", estimate=gap, group=pair))
    return lines
