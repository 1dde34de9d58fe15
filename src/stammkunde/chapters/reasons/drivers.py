"""What goes with leaving: each column compared among customers who are otherwise equal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stammkunde.chapters.exhibit import Column, Dot, Figure, Section, Table
from stammkunde.chapters.parts import is_contradicted, lead, remarks, unit
from stammkunde.chapters.reasons.apparatus import apparatus
from stammkunde.chapters.reasons.fitted import Drivers, Unfit
from stammkunde.chapters.reasons.names import level_name, title_of
from stammkunde.chapters.reasons.numbers import negated
from stammkunde.chapters.reasons.uneven import uneven
from stammkunde.result import Estimate, Finding, Label, Result, Sentence
from stammkunde.spells.spells import MISSING
from stammkunde.study import Study
from stammkunde.survival.drivers.cells import OTHER
from stammkunde.survival.drivers.standard import Difference

MOST_DOTS = 26
Words = Mapping[str, object]


def drivers(study: Study, found: Drivers | Unfit) -> list[Section]:
    """Return the section on what goes with leaving, and its apparatus for the appendix.

    `found` is what `read_drivers` returned. All declared groups and covariates are compared at
    once: the units and shares by which customers of a level differ from those of the commonest one
    who are equal in the other columns. Left out with fewer than two fit columns.
    """
    heading = Sentence("drivers.heading")
    if isinstance(found, Unfit):
        why = Sentence(f"drivers.left_out.{found.why}")
        main = Section(id="drivers", heading=heading, left_out=why)
        return [main, *apparatus(study, found)]
    words = _words(study, found)
    top = _top(found)
    findings, numbers = _findings(study, found, top, words)
    more = uneven(study, found, words)
    main = Section(
        id="drivers",
        heading=heading,
        findings=[*findings, *more.findings],
        figures=_figures(study, found, top, words),
        tables=[_table(study, found, words), *more.tables],
        results=[*_results(found), *numbers, *more.results],
    )
    return [main, *apparatus(study, found)]


def _words(study: Study, found: Drivers) -> Words:
    name = found.cells.unit
    return {
        "lead": lead(study),
        "span": found.span,
        "unit": unit(name, found.span, "dative"),
        "units": unit(name),
        "units_in": unit(name, case="dative"),
        "one": unit(name, 1),
        "tests": len(found.holm),
        "columns": len(found.cells.names),
        "level": found.model.level,
    }


def _top(found: Drivers) -> list[Difference]:
    """Return the differences between stated levels, those beyond chance first, by size."""
    told = [
        d
        for d in found.differences
        if d.months.value is not None and not {d.level, d.reference} & {OTHER, MISSING}
    ]
    return sorted(told, key=lambda d: (not found.is_decided(d), -abs(d.months.value or 0.0)))


def _gap(d: Difference) -> Estimate:
    """Return the difference, positive: the longer stay less the shorter."""
    return d.months if (d.months.value or 0.0) >= 0 else negated(d.months)


def _pair(study: Study, d: Difference) -> Words:
    """Return the words for a difference, the longer stay first."""
    names = [level_name(study, d.factor, x) for x in (d.level, d.reference)]
    rises = (d.months.value or 0.0) >= 0
    high, low = names if rises else names[::-1]
    return {"group": title_of(study, d.factor), "high": high, "low": low, "gap": _gap(d)}


def _findings(
    study: Study, found: Drivers, top: Sequence[Difference], words: Words
) -> tuple[list[Finding], list[Result]]:
    """Return the largest difference beyond chance, and which columns have one and which not."""
    if not top:
        return [], []
    first = top[0]
    decided = found.is_decided(first)
    told = {**words, **_pair(study, first)}
    importance = 0.25 if is_contradicted(study) or not decided else 0.6
    finding = Finding(
        id="drivers.largest",
        status=first.months.status,
        assumptions=first.months.assumptions,
        sentence=Sentence(f"drivers.{'largest' if decided else 'none'}", told),
        importance=importance,
        remarks=remarks(first.months),
        figure="drivers.months",
        table="drivers.differences",
    )
    sides = (first.level, first.reference)
    high, low = sides if (first.months.value or 0.0) >= 0 else sides[::-1]
    group = {first.factor: f"{high} - {low}"}
    largest = Result(id=f"drivers.largest.{found.span}", estimate=_gap(first), group=group)
    return [finding, *_others(study, found, first, words)], [largest]


def _others(study: Study, found: Drivers, first: Difference, words: Words) -> list[Finding]:
    """Return in which other columns a difference is beyond chance, and in which none is."""
    sure = dict.fromkeys(d.factor for d in found.differences if found.is_decided(d))
    others = [title_of(study, c) for c in sure if c != first.factor]
    open_ = [title_of(study, c) for c in found.cells.names if c not in sure and c != first.factor]
    if first.factor not in sure or not (others or open_):
        return []
    key = "both" if others and open_ else "sure" if others else "open"
    return [
        Finding(
            id="drivers.others",
            status=first.months.status,
            assumptions=first.months.assumptions,
            sentence=Sentence(f"drivers.others.{key}", {**words, "others": others, "open": open_}),
            importance=0.2,
            table="drivers.differences",
        )
    ]


def _figures(study: Study, found: Drivers, top: Sequence[Difference], words: Words) -> list[Figure]:
    """Return the picture of all differences in units, by column; none where there is no value."""
    if not top:
        return []
    shown, hidden = _shown(found)
    title = Sentence(
        f"drivers.figure.{'largest' if found.is_decided(top[0]) else 'none'}",
        {**words, **_pair(study, top[0])},
    )
    more = Sentence("drivers.hidden", {"count": hidden}) if hidden else ""
    counts = {"client": study.name, "day": study.as_of, "spells": found.cells.spells}
    return [
        Figure(
            id="drivers.months",
            kind="dots",
            title=title,
            subtitle=Sentence("drivers.subtitle", words),
            note=Sentence("drivers.note", {**words, **counts, "more": more}),
            alt=Sentence("drivers.alt", {**words, **_pair(study, top[0])}),
            x=Sentence("drivers.axis", words),
            y=Sentence("drivers.levels"),
            dots=[_dot(study, d) for d in shown],
            reference=0.0,
            table=_whole(study, found, words),
        )
    ]


def _shown(found: Drivers) -> tuple[list[Difference], int]:
    """Return the differences to draw, whole columns at a time, and how many columns are not.

    Columns with the largest differences go first where not all have room.
    """
    by: dict[str, list[Difference]] = {}
    for d in found.differences:
        by.setdefault(d.factor, []).append(d)
    order = sorted(by, key=lambda c: -max(abs(d.months.value or 0.0) for d in by[c]))
    room, kept = MOST_DOTS, set()
    for column in order:
        if len(by[column]) <= room:
            room -= len(by[column])
            kept.add(column)
    return [d for d in found.differences if d.factor in kept], len(by) - len(kept)


def _dot(study: Study, d: Difference) -> Dot:
    words = {"group": title_of(study, d.factor)}
    against = Sentence(
        "drivers.against", {**words, "reference": level_name(study, d.factor, d.reference)}
    )
    return Dot(level_name(study, d.factor, d.level), d.months, against)


def _named(study: Study, d: Difference) -> tuple[Sentence, Label | Sentence]:
    """Return the two cells that say which level is compared with which."""
    words = {"group": title_of(study, d.factor), "level": level_name(study, d.factor, d.level)}
    return Sentence("drivers.row", words), level_name(study, d.factor, d.reference)


def _table(study: Study, found: Drivers, words: Words) -> Table:
    """Return the differences in units and at the last tenure; a page has no room for more."""
    last = found.tenures[-1]
    rows = [
        (*_named(study, d), d.months, d.survival[last], found.is_decided(d))
        for d in found.differences
    ]
    columns = [Column("drivers.column.level", "text"), Column("drivers.column.reference", "text")]
    columns += [Column(Sentence("drivers.column.months", words), "n1")]
    columns += [Column(_after(found, last), "per100n1"), Column("drivers.column.decided", "text")]
    return Table(
        id="drivers.differences",
        caption=Sentence("drivers.caption", words),
        columns=columns,
        rows=rows,
        note=Sentence("drivers.table_note", words),
    )


def _after(found: Drivers, tenure: int) -> Sentence:
    words = {"at": tenure, "unit": unit(found.cells.unit, tenure, "dative")}
    return Sentence("drivers.column.after", words)


def _whole(study: Study, found: Drivers, words: Words) -> Table:
    """Return what the picture shows, for the workbook: with heads, all tenures and p-values."""
    columns = [Column("drivers.column.level", "text"), Column("drivers.column.reference", "text")]
    columns += [Column("column.spells", "int"), Column("column.events", "int")]
    columns += [Column(Sentence("drivers.column.months", words), "n1")]
    columns += [Column(_after(found, t), "per100n1") for t in found.tenures]
    columns += [Column("drivers.column.holm", "n3")]
    rows = []
    for d in found.differences:
        heads = (d.spells, d.months.events)
        p = found.holm.get((d.factor, d.level))
        rows.append((*_named(study, d), *heads, d.months, *d.survival.values(), p))
    caption = Sentence("drivers.caption", words)
    return Table(id="drivers.months", caption=caption, columns=columns, rows=rows, in_report=False)


def _results(found: Drivers) -> list[Result]:
    lines: list[Result] = []
    for d in found.differences:
        group = {d.factor: f"{d.level} - {d.reference}"}
        lines.append(Result(id=f"drivers.months.{found.span}", estimate=d.months, group=group))
        lines += [
            Result(id=f"drivers.survival.{t}", estimate=e, group=group)
            for t, e in d.survival.items()
        ]
    return lines
