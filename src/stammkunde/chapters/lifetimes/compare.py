"""Who stays longer: the groups that the client's TOML names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from stammkunde.chapters.exhibit import Figure, Line, Section, Table
from stammkunde.chapters.lifetimes.apart import apart, apart_finding, apart_results
from stammkunde.chapters.lifetimes.equality import EARLY, both_note, equality, test_results
from stammkunde.chapters.lifetimes.inside import Inside, inside_parts
from stammkunde.chapters.lifetimes.levels import (
    MOST,
    Levels,
    contrast_table,
    group_tables,
    mean_of,
)
from stammkunde.chapters.parts import (
    as_today,
    curve_table,
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
from stammkunde.result import Estimate, Finding, Label, Result, Sentence
from stammkunde.spells.schema.data import group_of
from stammkunde.spells.spells import MISSING
from stammkunde.study import Study
from stammkunde.survival.contrasts import rmst_difference
from stammkunde.survival.curve import Curve
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.table import LifeTable

Name = Label | Sentence


def who(
    study: Study, tables: Mapping[str, LifeTable], name: str, among: Inside | None = None
) -> Section:
    """Return the section on the group `name`: curves, shares, means, and first against last level.

    The levels compared are the first and the last declared, or the only two: chosen before the data
    were seen, so that no interval is spoilt by picking extremes; with `among` (see `inside`) also
    among customers alike in another group. Of three levels or more each is held against all others,
    their number allowed for. Levels with fewer persons than the study shows are hidden and counted;
    who is "not stated" is shown and not compared. More than 8 levels are pictured by the largest 8,
    the others stand in the workbook.
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
    stated = {n: shown[n] for n in labels if n != MISSING}
    levels = Levels(name, title, labels, curves, span, apart(study, stated, curves, span))
    one = next(iter(curves.values()))
    test, early = equality(shown), equality(shown, EARLY)
    compared = len(levels.found.contrasts) if levels.found else 0
    note = both_note(study, test, early, hidden, compared)
    parts = _pair_parts(study, levels, pair, among) if pair else _no_pair(study, levels)
    more = [apart_finding(study, name, labels, levels.found)] if levels.found else []
    return replace(
        parts,
        heading=heading,
        findings=[*parts.findings, *more],
        tables=[*group_tables(study, levels, note), *parts.tables],
        results=[
            *_group_results(study, levels),
            *parts.results,
            *(apart_results(name, levels.found) if levels.found else ()),
            *test_results(name, test, one),
            *test_results(f"{name}.early", early, one),
        ],
    )


def _pair_parts(
    study: Study, levels: Levels, pair: tuple[str, str], among: Inside | None
) -> Section:
    """Return findings, picture, table and numbers of the two levels compared."""
    ends, gap, words = _first_against_last(levels, pair)
    words |= {"group": levels.title, "lead": lead(study)}
    key = _verdict(study, gap)
    findings = [_gap_finding(study, levels.name, gap, words, key)]
    within: list[Result] = []
    strata: list[Table] = []
    if among is not None:
        finding, strata, within = inside_parts(study, levels.name, among, ends, gap, levels.span)
        findings.append(finding)
    table, numbers = contrast_table(study, levels, ends)
    return Section(
        id=f"lifetimes.who.{levels.name}",
        heading=Sentence("lifetimes.heading.who", {"group": levels.title}),
        findings=findings,
        figures=[_figure(study, levels, key, "difference", words)],
        tables=[*([table] if table else []), *strata],
        results=[_gap_result(levels.name, gap), *numbers, *within],
    )


def _no_pair(study: Study, levels: Levels) -> Section:
    """Return finding and picture of levels of which no two were chosen beforehand."""
    words = {"group": levels.title, "lead": lead(study)}
    return Section(
        id=f"lifetimes.who.{levels.name}",
        heading=Sentence("lifetimes.heading.who", {"group": levels.title}),
        findings=[_groups_finding(study, levels)],
        figures=[_figure(study, levels, "groups", "groups", words)],
    )


def _figure(
    study: Study, levels: Levels, key: str, alt: str, words: Mapping[str, object]
) -> Figure:
    drawn = levels.largest
    figure = survival_figure(
        f"lifetimes.survival.{levels.name}",
        [Line(levels.curves[n], levels.labels[n]) for n in drawn],
        study=study,
        title=Sentence(f"lifetimes.figure.{key}", words),
        alt=Sentence(f"lifetimes.alt.{alt}", words),
    )
    if len(drawn) == len(levels.labels):
        return figure
    every = [Line(levels.curves[n], levels.labels[n]) for n in levels.labels]
    table = curve_table(figure.id, every, figure.title)
    return replace(figure, table=table)


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
    levels: Levels, pair: tuple[str, str]
) -> tuple[tuple[str, str], Estimate, dict[str, object]]:
    """Return the two levels, longer first, the difference of their means, and words."""
    curves, labels, span = levels.curves, levels.labels, levels.span
    means = {level: curves[level].rmst(span) for level in pair}
    low, high = sorted(means, key=lambda n: means[n].value or 0.0)
    gap = rmst_difference(curves[high], curves[low], span)
    return (
        (high, low),
        replace(gap, estimand=f"{gap.estimand}: {high} - {low}"),
        {
            "low": labels[low],
            "high": labels[high],
            "mean_low": means[low],
            "mean_high": means[high],
            "gap": gap,
            "span": span,
            "unit": unit(gap.unit, span, "dative"),
            "units": unit(gap.unit),
        },
    )


def _span(study: Study, curves: Mapping[str, Curve]) -> int:
    """Return the horizon of the mean that these curves reach; of many, at least half of them."""
    reach = sorted(c.observed_to for c in curves.values())
    return mean_horizon(study, reach[len(reach) // 2] if len(reach) > MOST else reach[0])


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
    today = as_today(study)
    return Finding(
        id=f"lifetimes.difference.{name}",
        status=gap.status,
        assumptions=(*gap.assumptions, *today),
        sentence=Sentence(f"lifetimes.{key}", words),
        importance=0.48 if key == "difference" else 0.3,
        remarks=remarks(gap),
        figure=f"lifetimes.survival.{name}",
        table=f"lifetimes.groups.{name}",
    )


def _groups_finding(study: Study, levels: Levels) -> Finding:
    """Return the means of all levels, where no pair of them was chosen beforehand."""
    one, span = next(iter(levels.curves.values())), levels.span
    told = [
        Sentence(
            "lifetimes.level", {"label": levels.labels[n], "mean": levels.curves[n].rmst(span)}
        )
        for n in levels.largest
        if span <= levels.curves[n].observed_to
    ]
    words: dict[str, object] = {"lead": lead(study), "group": levels.title, "levels": told}
    words |= {"span": span, "unit": unit(one.unit, span, "dative"), "units": unit(one.unit)}
    words |= {"all": len(levels.labels), "shown": len(levels.largest)}
    many = (Sentence("groups.largest", words),) if len(levels.labels) > MOST else ()
    return Finding(
        id=f"lifetimes.groups.{levels.name}",
        status=one.status,
        assumptions=one.assumptions,
        sentence=Sentence("lifetimes.groups", words),
        importance=0.25 if is_contradicted(study) else 0.6,
        remarks=many,
        figure=f"lifetimes.survival.{levels.name}",
        table=f"lifetimes.groups.{levels.name}",
    )


def _group_results(study: Study, levels: Levels) -> list[Result]:
    lines: list[Result] = []
    for level, curve in levels.curves.items():
        found = {f"survival.{h}": curve.at(h) for h in horizons(study, curve.observed_to)}
        mean = mean_of(curve, levels.span)
        found |= {"median": curve.median()} | ({f"rmst.{levels.span}": mean} if mean else {})
        lines += results("lifetimes", found, {levels.name: level})
    return lines


def _gap_result(name: str, gap: Estimate) -> Result:
    pair = {name: gap.estimand.partition(": ")[2]}
    return Result(id=f"lifetimes.difference.{name}", estimate=gap, group=pair)
