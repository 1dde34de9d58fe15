"""Differences that fade or grow: how many more leave, stretch by stretch of tenure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from stammkunde.chapters.exhibit import Column, Table
from stammkunde.chapters.parts import is_contradicted, remarks
from stammkunde.chapters.reasons.courses import Stretch
from stammkunde.chapters.reasons.fitted import Drivers
from stammkunde.chapters.reasons.names import level_name, stretch_name, title_of
from stammkunde.chapters.reasons.numbers import excludes_zero
from stammkunde.result import Estimate, Finding, Result, Sentence, turned
from stammkunde.spells.spells import MISSING
from stammkunde.study import Study
from stammkunde.survival.drivers.cells import OTHER

MOST_ROWS = 24
Words = Mapping[str, object]
Key = tuple[str, str, str]
Course = dict[Stretch, Estimate]


@dataclass(frozen=True)
class Uneven:
    """What a section says of differences that change over tenure."""

    findings: Sequence[Finding] = ()
    tables: Sequence[Table] = ()
    results: Sequence[Result] = ()


def uneven(study: Study, found: Drivers, words: Words) -> Uneven:
    """Return how many more of a level leave in each stretch of tenure, of those still there.

    Only for columns whose effect is not the same over tenure beyond chance; nothing where there are
    none. The finding is on the column that is surest to change.
    """
    courses = _courses(found)
    if not courses:
        return Uneven()
    told = _told(found, courses)
    numbers = [
        _result(key, stretch, e) for key, course in courses.items() for stretch, e in course.items()
    ]
    findings = []
    if told is not None:
        finding, more = _finding(study, found, told, courses[told], words)
        findings.append(finding)
        numbers += more
    return Uneven(findings, _tables(study, found, courses), numbers)


def _courses(found: Drivers) -> dict[Key, Course]:
    """Return by level how many more of it leave than of the reference, in each stretch."""
    courses: dict[Key, Course] = {}
    for stretch, differences in found.stretches.items():
        for d in differences:
            e = d.survival[stretch[1] - stretch[0]]
            key = (d.factor, d.level, d.reference)
            courses.setdefault(key, {})[stretch] = turned(e)
    order = {f: i for i, f in enumerate(found.courses.uneven)}
    return {k: courses[k] for k in sorted(courses, key=lambda k: order[k[0]])}


def _told(found: Drivers, courses: Mapping[Key, Course]) -> Key | None:
    """Return the level to speak of: of the surest column, the one that is furthest apart."""
    known = [
        k
        for k, course in courses.items()
        if not {k[1], k[2]} & {OTHER, MISSING}
        and sum(e.value is not None for e in course.values()) > 1
    ]
    own = [k for k in known if k[0] == known[0][0]]
    return max(own, key=lambda k: _furthest(courses[k]), default=None)


def _furthest(course: Course) -> float:
    return max(abs(e.value or 0.0) for e in course.values())


def _finding(
    study: Study, found: Drivers, key: Key, course: Course, words: Words
) -> tuple[Finding, list[Result]]:
    """Return the finding on one level, and the numbers that stand in it the other way round."""
    known = {s: e for s, e in course.items() if e.value is not None}
    (first, early), *_, (last, late) = known.items()
    column, level, reference = key
    begins = early if excludes_zero(early) or not excludes_zero(late) else late
    if (begins.value or 0.0) < 0:
        level, reference = reference, level
        early, late = turned(early), turned(late)
    verdict = _verdict(early, late)
    swapped = (column, reference, level)
    numbers = [_result((column, level, reference), first, early)] if level != key[1] else []
    numbers += [_result((column, level, reference), last, late)] if level != key[1] else []
    if verdict == "turns":
        late = turned(late)
        numbers.append(_result(swapped, last, late))
    told = {
        **words,
        "group": title_of(study, column),
        "more": level_name(study, column, level),
        "less": level_name(study, column, reference),
        "first": stretch_name(found.cells, first),
        "last": stretch_name(found.cells, last),
        "early": early,
        "late": late,
    }
    finding = Finding(
        id="drivers.uneven",
        status=early.status,
        assumptions=early.assumptions,
        sentence=Sentence(f"drivers.uneven.{verdict}", told),
        importance=0.25 if is_contradicted(study) else 0.4,
        remarks=remarks(early, late),
        table="drivers.uneven",
    )
    return finding, numbers


def _verdict(early: Estimate, late: Estimate) -> str:
    """Return which sentence a course deserves, the earlier (or later) excess being positive."""
    begins, ends = excludes_zero(early), excludes_zero(late)
    if begins and ends and (late.value or 0.0) < 0:
        return "turns"
    if begins and ends:
        return "shrinks" if (late.value or 0.0) < (early.value or 0.0) else "widens"
    return "fades" if begins else "grows" if ends else "changes"


def _result(key: Key, stretch: Stretch, estimate: Estimate) -> Result:
    name = f"drivers.leaving.{stretch[0] + 1}-{stretch[1]}"
    return Result(id=name, estimate=estimate, group={key[0]: f"{key[1]} - {key[2]}"})


def _tables(study: Study, found: Drivers, courses: Mapping[Key, Course]) -> list[Table]:
    """Return the courses as rows by stretch: those that have room on a page, or all in addition.

    Whole columns at a time, the surest first.
    """
    shown: list[Key] = []
    for column in dict.fromkeys(key[0] for key in courses):
        own = [key for key in courses if key[0] == column]
        if sum(len(courses[key]) for key in (*shown, *own)) <= MOST_ROWS or not shown:
            shown += own
    tables = [_table(study, found, {key: courses[key] for key in shown}, "drivers.uneven")]
    if len(shown) < len(courses):
        whole = _table(study, found, courses, "drivers.uneven.all")
        tables.append(replace(whole, in_report=False))
    return tables


def _table(study: Study, found: Drivers, courses: Mapping[Key, Course], name: str) -> Table:
    columns = [Column("drivers.column.level", "text"), Column("drivers.column.reference", "text")]
    columns += [Column("drivers.column.stretch", "text"), Column("drivers.column.more", "per100n1")]
    rows: list[tuple[object, ...]] = []
    for (column, level, reference), course in courses.items():
        words = {"group": title_of(study, column), "level": level_name(study, column, level)}
        names = (Sentence("drivers.row", words), level_name(study, column, reference))
        rows += [(*names, stretch_name(found.cells, s), e) for s, e in course.items()]
    return Table(
        id=name,
        caption=Sentence("drivers.uneven_caption"),
        columns=columns,
        rows=rows,
        note=Sentence("drivers.uneven_note"),
    )
