"""What differences cannot be told apart from: when customers began, and columns much alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from stammkunde.chapters.exhibit import Column, Table
from stammkunde.chapters.parts import counted
from stammkunde.chapters.reasons.fitted import WHOLLY, Drivers, Together
from stammkunde.chapters.reasons.names import level_name, title_of
from stammkunde.result import Estimate, Finding, Label, Result, Sentence, Status
from stammkunde.spells.spells import MISSING
from stammkunde.study import Study
from stammkunde.survival.drivers.cells import OTHER
from stammkunde.survival.drivers.rests import OTHERS, PROPORTIONAL
from stammkunde.survival.drivers.standard import Difference
from stammkunde.survival.drivers.start import Start

BY_START = "share of starts in periods with one level only"
BY_LEVELS = "Cramér's V, corrected for chance"
IMPORTANCE = 0.3


def not_apart(study: Study, found: Drivers) -> tuple[list[Finding], list[Result]]:
    """Return the findings on columns that cannot be told from others or from the time of start."""
    findings = [_together(study, found, t) for t in found.together]
    findings += [_start(study, found, d) for d in _late(found)]
    return findings, [*_start_results(found), *_together_results(found)]


def doubts(study: Study, found: Drivers, d: Difference) -> dict[str, Sentence | str]:
    """Return what a sentence on one difference has to add; empty texts where there is nothing."""
    start, together = found.started(d), found.with_(d.factor)
    words: dict[str, Sentence | str] = {"start": "", "alike": ""}
    if start is not None:
        words["start"] = Sentence("drivers.start.short", {"share": _share(found, start)})
    if together is not None:
        columns = [title_of(study, c) for c in together.alike.columns if c != d.factor]
        words["alike"] = Sentence("drivers.together.short", {"columns": columns})
    return words


def not_apart_note(study: Study, found: Drivers, columns: Sequence[str]) -> list[Sentence]:
    """Return the note on which columns of a picture or table the time of start tells."""
    told = dict.fromkeys(d.factor for d in _late(found) if d.factor in columns)
    names = [title_of(study, c) for c in told]
    return [Sentence("drivers.start.note", {"columns": names})] if names else []


def column_words(study: Study, found: Drivers, column: str) -> Label | Sentence:
    """Return the name of a column, with those that tell nearly the same."""
    together = found.with_(column)
    if together is None:
        return title_of(study, column)
    first, *rest = (title_of(study, c) for c in together.alike.columns)
    return Sentence("drivers.together.name", {"first": first, "rest": rest})


def resting(differences: Sequence[Difference]) -> tuple[str, ...]:
    """Return what several differences rest on; where some have a course of their own, not all do.

    The assumption of one factor for all tenures is then made of the other columns only.
    """
    every = list(dict.fromkeys(a for d in differences for a in d.months.assumptions))
    if OTHERS in every and PROPORTIONAL in every:
        every.remove(PROPORTIONAL)
    return tuple(every)


def start_table(study: Study, found: Drivers) -> list[Table]:
    """Return for the appendix how far the time of start tells each level; none without dates."""
    rows = []
    for (column, level), start in found.starts.items():
        words = {"group": title_of(study, column), "level": level_name(study, column, level)}
        against = level_name(study, column, start.reference)
        rows.append((Sentence("drivers.row", words), against, start.spells, start.share))
    if not rows:
        return []
    columns = [Column("drivers.column.level", "text"), Column("drivers.column.reference", "text")]
    columns += [Column("column.spells", "int"), Column("drivers.column.start", "percent0")]
    return [
        Table(
            id="appendix.start",
            caption=Sentence("drivers.start.caption"),
            columns=columns,
            rows=rows,
            note=Sentence("drivers.start.table_note"),
        )
    ]


def _late(found: Drivers) -> list[Difference]:
    """Return by column the difference that the time of start tells most, where it mostly does."""
    most: dict[str, tuple[float, Difference]] = {}
    for d in found.differences:
        start = found.started(d)
        if start is not None and not {d.level, d.reference} & {OTHER, MISSING}:
            share = most[d.factor][0] if d.factor in most else 0.0
            if start.share > share:
                most[d.factor] = (start.share, d)
    return [d for _, d in most.values()]


def _start(study: Study, found: Drivers, d: Difference) -> Finding:
    start = found.started(d)
    assert start is not None
    wholly = start.share >= WHOLLY
    words = {
        "group": title_of(study, d.factor),
        "first": level_name(study, d.factor, d.level),
        "second": level_name(study, d.factor, d.reference),
        "share": _share(found, start),
    }
    return Finding(
        id="drivers.start",
        status=Status.NOT_IDENTIFIABLE if wholly else Status.ESTIMATED,
        assumptions=() if wholly else d.months.assumptions,
        sentence=Sentence(f"drivers.start.{'wholly' if wholly else 'mostly'}", words),
        unknown=Sentence("drivers.start.unknown", words),
        importance=IMPORTANCE,
        table="appendix.start",
    )


def _share(found: Drivers, start: Start) -> Estimate:
    return replace(counted(start.share, found.cells, "share", BY_START), spells=start.spells)


def _together(study: Study, found: Drivers, together: Together) -> Finding:
    """Return the finding on columns that tell nearly the same, and what is sure of them."""
    own = [d for d in found.differences if d.factor in together.alike.columns]
    alone = list(dict.fromkeys(d.factor for d in own if found.is_decided(d)))
    key = "alone" if alone else "sure" if together.is_decided else "open"
    key = "each" if len(alone) == len(together.alike.columns) else key
    words: Mapping[str, object] = {
        "columns": [title_of(study, c) for c in together.alike.columns],
        "alone": [title_of(study, c) for c in alone],
        "least": _linked(found, together),
    }
    return Finding(
        id="drivers.together",
        status=Status.ESTIMATED,
        assumptions=resting(own),
        sentence=Sentence(f"drivers.together.{key}", words),
        importance=IMPORTANCE,
        table="drivers.differences",
    )


def _linked(found: Drivers, together: Together) -> Estimate:
    return counted(together.alike.least, found.cells, "share", BY_LEVELS)


def _start_results(found: Drivers) -> list[Result]:
    return [
        Result(
            id="drivers.start",
            estimate=_share(found, start),
            group={column: f"{level} - {start.reference}"},
        )
        for (column, level), start in found.starts.items()
    ]


def _together_results(found: Drivers) -> list[Result]:
    """Return how much alike columns are, and the test of all their differences."""
    lines = []
    for t in found.together:
        group = {"columns": ", ".join(t.alike.columns)}
        lines.append(Result(id="drivers.together.alike", estimate=_linked(found, t), group=group))
        if t.test is not None:
            method = f"{t.test.method}, {t.test.df} df"
            numbers = {"": ("chi2", t.test.statistic), ".p": ("share", t.test.p)}
            numbers[".holm"] = ("share", t.adjusted)
            for end, (unit, value) in numbers.items():
                number = counted(value, found.cells, unit, method)
                lines.append(Result(id=f"drivers.together{end}", estimate=number, group=group))
    return lines
