"""What goes with leaving: each column compared among customers who are otherwise equal."""

from __future__ import annotations

from collections.abc import Sequence

from stammkunde.chapters.exhibit import Column, Section, Table
from stammkunde.chapters.parts import is_contradicted, remarks
from stammkunde.chapters.reasons.apparatus import apparatus
from stammkunde.chapters.reasons.dotted import figures
from stammkunde.chapters.reasons.fitted import Drivers, Unfit
from stammkunde.chapters.reasons.notapart import (
    column_words,
    doubts,
    not_apart,
    not_apart_note,
    resting,
)
from stammkunde.chapters.reasons.pairs import Words, after, gap, named, pair_words, stated, words_of
from stammkunde.chapters.reasons.uneven import uneven
from stammkunde.result import Finding, Result, Sentence
from stammkunde.study import Study
from stammkunde.survival.drivers.standard import Difference


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
    words = words_of(study, found)
    findings, numbers = _findings(study, found, words)
    doubtful, shares = not_apart(study, found)
    more = uneven(study, found, words)
    main = Section(
        id="drivers",
        heading=heading,
        findings=[*findings, *doubtful, *more.findings],
        figures=figures(study, found, words),
        tables=[_table(study, found, words), *more.tables],
        results=[*_results(found), *numbers, *shares, *more.results],
    )
    return [main, *apparatus(study, found)]


def _findings(study: Study, found: Drivers, words: Words) -> tuple[list[Finding], list[Result]]:
    """Return the largest difference beyond chance, and which columns have one and which not."""
    top = stated(found)
    if not top:
        return [], []
    first = top[0]
    decided = found.is_decided(first)
    told = {**words, **pair_words(study, found, first), **doubts(study, found, first)}
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
    largest = Result(id=f"drivers.largest.{found.span}", estimate=gap(found, first), group=group)
    return [finding, *_others(study, found, first, words)], [largest]


def _others(study: Study, found: Drivers, first: Difference, words: Words) -> list[Finding]:
    """Return in which other columns a difference is beyond chance, and in which none is.

    Columns that tell nearly the same are one of them.
    """
    sure = {d.factor for d in found.differences if found.is_decided(d)}
    sure |= {c for t in found.together if t.is_decided for c in t.alike.columns}
    told = {first.factor}
    lists: dict[bool, list[str]] = {True: [], False: []}
    for column in found.cells.names:
        together = found.with_(column)
        own = together.alike.columns if together is not None else (column,)
        if not told & set(own):
            lists[bool(sure & set(own))].append(column)
        told |= set(own)
    others, open_ = ([column_words(study, found, c) for c in lists[x]] for x in (True, False))
    if not found.is_decided(first) or not (others or open_):
        return []
    key = "both" if others and open_ else "sure" if others else "open"
    rest = [d for d in found.differences if d.factor != first.factor]
    return [
        Finding(
            id="drivers.others",
            status=first.months.status,
            assumptions=resting(rest),
            sentence=Sentence(f"drivers.others.{key}", {**words, "others": others, "open": open_}),
            importance=0.2,
            table="drivers.differences",
        )
    ]


def _table(study: Study, found: Drivers, words: Words) -> Table:
    """Return the differences in units and at the last tenure; a page has no room for more."""
    last = found.tenures[-1]
    rows = [
        (*named(study, d), d.months, d.survival[last], _decided(found, d))
        for d in found.differences
    ]
    columns = [Column("drivers.column.level", "text"), Column("drivers.column.reference", "text")]
    columns += [Column(Sentence("drivers.column.months", words), "n1")]
    columns += [Column(after(found, last), "per100n1"), Column("drivers.column.decided", "text")]
    return Table(
        id="drivers.differences",
        caption=Sentence("drivers.caption", words),
        columns=columns,
        rows=rows,
        note=Sentence("drivers.table_note", {**words, "more": _note(study, found)}),
    )


def _decided(found: Drivers, d: Difference) -> bool | Sentence:
    """Return whether a difference is beyond chance, alone or only with columns much alike."""
    together = found.with_(d.factor)
    if together is None or found.is_decided(d) or not together.is_decided:
        return found.is_decided(d)
    return Sentence("drivers.together.only")


def _note(study: Study, found: Drivers) -> Sentence | str:
    said: Sequence[Sentence] = not_apart_note(study, found, found.cells.names)
    return said[0] if said else ""


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
