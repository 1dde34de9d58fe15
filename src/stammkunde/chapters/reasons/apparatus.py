"""For the appendix: the model of what goes with leaving, its hazard ratios, columns left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from stammkunde.chapters.exhibit import Column, Section, Table
from stammkunde.chapters.parts import amount, counted, said_p, unit
from stammkunde.chapters.reasons.beside import Beside, cox_beside
from stammkunde.chapters.reasons.courses import Courses, Stretch
from stammkunde.chapters.reasons.fitted import Drivers, Unfit, rests
from stammkunde.chapters.reasons.names import level_name, stretch_name, title_of
from stammkunde.chapters.reasons.notapart import start_table
from stammkunde.result import Estimate, Result, Sentence, Status
from stammkunde.study import Study
from stammkunde.survival.contrasts import Test
from stammkunde.survival.drivers.design import Term
from stammkunde.survival.drivers.screen import LeftOut


def apparatus(study: Study, found: Drivers | Unfit) -> list[Section]:
    """Return the section of the appendix on the model, or on why columns are in none.

    Hazard ratios with intervals, those of Cox's model beside them, tests that an effect is the same
    over tenure, and the columns left out. Nothing where there is nothing to tell.
    """
    heading = Sentence("drivers.heading_appendix")
    tables = [_left_out(study, found.left_out)] if found.left_out else []
    if isinstance(found, Unfit):
        said = [Sentence("drivers.method.none")]
        name = "appendix.drivers"
        return [Section(id=name, heading=heading, paragraphs=said, tables=tables)] if tables else []
    beside = cox_beside(found)
    ratios = [_ratios(study, found, beside)] if found.model.coefficients else []
    even = [_even(study, found)] if found.courses.fading else []
    section = Section(
        id="appendix.drivers",
        heading=heading,
        paragraphs=_paragraphs(study, found, beside),
        tables=[*ratios, *even, *start_table(study, found), *tables],
        results=_results(found, beside),
    )
    return [section]


def _paragraphs(study: Study, found: Drivers, beside: Beside | None) -> list[Sentence]:
    cells = found.cells
    words: dict[str, object] = {
        "one": unit(cells.unit, 1),
        "unit": unit(cells.unit, found.span, "dative"),
        "span": found.span,
        "times": amount("spells", cells.spells),
        "leavers": amount("of_leavers", found.model.events),
        "cells": len(cells.levels),
        "rows": len(cells.n),
        "few": amount("persons", study.toml.report.smallest_group),
    }
    keys = ["model", "counts", "standardised", "levels"]
    for key, names in _special(found.courses).items():
        if names:
            words[key] = [title_of(study, name) for name in names]
            keys.append(key)
    if found.model.coefficients:
        keys.append("cox" if beside else "no_cox")
    keys += ["together"] if found.together else []
    keys += ["start"] if found.starts else ["no_start"]
    return [Sentence(f"drivers.method.{key}", words) for key in (*keys, "causal")]


def _special(courses: Courses) -> dict[str, Sequence[str]]:
    """Return the columns with a course of their own, by what was done with them."""
    free = [s for s in courses.strata if s not in courses.forced]
    more = {"banded": courses.banded, "averaged": courses.averaged}
    return {"strata": free, "forced": courses.forced, **more}


def _ratios(study: Study, found: Drivers, beside: Beside | None) -> Table:
    """Return the hazard ratios; Cox's and its test stand beside them where it has a solution."""
    columns = [Column("drivers.column.level", "text"), Column("drivers.column.reference", "text")]
    columns += [Column("column.events", "int"), Column("drivers.column.ratio", "n2")]
    columns += [Column("drivers.column.cox", "n2"), Column("drivers.column.even", "text")]
    rows: list[tuple[object, ...]] = []
    for c in found.model.coefficients:
        key = (c.term.factor, c.term.level)
        other: tuple[object, object] = (None, None)
        if beside is not None and key in beside.ratios and not _stretch(found, c.term):
            other = (beside.ratios[key], said_p(beside.tests[key].p))
        against = level_name(study, c.term.factor, c.term.reference)
        rows.append((_row(study, found, c.term), against, c.ratio.events, c.ratio, *other))
    if beside is None:
        columns, rows = columns[:-2], [row[:-2] for row in rows]
    whole = {"p": said_p(beside.whole.p), "df": beside.whole.df} if beside else {}
    return Table(
        id="appendix.ratios",
        caption=Sentence("drivers.ratios_caption", {"span": found.span}),
        columns=columns,
        rows=rows,
        note=Sentence(f"drivers.ratios_note.{'cox' if beside else 'alone'}", whole),
    )


def _stretch(found: Drivers, term: Term) -> Stretch | None:
    """Return the stretch of tenure that a term holds in; None where it is all of it."""
    last = term.last or found.span
    return None if (term.first, last) == (1, found.span) else (term.first - 1, last)


def _row(study: Study, found: Drivers, term: Term) -> Sentence:
    words: dict[str, object] = {
        "group": title_of(study, term.factor),
        "level": level_name(study, term.factor, term.level),
    }
    stretch = _stretch(found, term)
    if stretch is None:
        return Sentence("drivers.row", words)
    return Sentence("drivers.row_in", {**words, "stretch": stretch_name(found.cells, stretch)})


def _even(study: Study, found: Drivers) -> Table:
    columns = [Column("drivers.column.column", "text"), Column("drivers.column.statistic", "n1")]
    columns += [Column("drivers.column.df", "int"), Column("drivers.column.p", "text")]
    columns += [Column("drivers.column.p_holm", "text")]
    rows = [
        (
            title_of(study, f.factor),
            f.test.statistic,
            f.test.df,
            said_p(f.test.p),
            said_p(f.adjusted),
        )
        for f in found.courses.fading
    ]
    return Table(
        id="appendix.even",
        caption=Sentence("drivers.even_caption"),
        columns=columns,
        rows=rows,
        note=Sentence(f"drivers.even_note.{'blocks' if found.cells.repeats else 'plain'}"),
    )


def _left_out(study: Study, left_out: Sequence[LeftOut]) -> Table:
    return Table(
        id="appendix.columns",
        caption=Sentence("drivers.left_out_caption"),
        columns=[Column("drivers.column.column", "text"), Column("drivers.column.why", "text")],
        rows=[(title_of(study, x.column), _why(study, x)) for x in left_out],
    )


def _why(study: Study, left_out: LeftOut) -> Sentence:
    words: dict[str, object] = {"level": level_name(study, left_out.column, left_out.level)}
    if left_out.other:
        words["other"] = title_of(study, left_out.other)
    if left_out.share is None:
        key = f"{left_out.why}_checked" if left_out.why == "leaking" else left_out.why
        return Sentence(f"drivers.why.{key}", words)
    return Sentence(f"drivers.why.{left_out.why}", {**words, "share": left_out.share})


def _results(found: Drivers, beside: Beside | None) -> list[Result]:
    lines: list[Result] = []
    for c in found.model.coefficients:
        group = {c.term.factor: f"{c.term.level} - {c.term.reference}"}
        stretch = _stretch(found, c.term)
        group |= {"units": f"{stretch[0] + 1}-{stretch[1]}"} if stretch else {}
        rest = rests(found.courses, found.model, c.term.factor)
        ratio = replace(c.ratio, status=Status.ESTIMATED, assumptions=rest)
        lines.append(Result(id="drivers.ratio", estimate=ratio, group=group))
        key = (c.term.factor, c.term.level)
        if beside is not None and key in beside.ratios and not stretch:
            lines.append(Result(id="drivers.ratio.cox", estimate=beside.ratios[key], group=group))
    cells = found.cells
    sizes = {"cells": len(cells.levels), "rows": len(cells.n), "spells": cells.spells}
    sizes |= {"events": found.model.events, "tests": found.tests, "columns": len(cells.names)}
    for name, size in sizes.items():
        number = counted(float(size), cells, "count")
        lines.append(Result(id=f"drivers.{name}", estimate=number))
    return [*lines, *_tests(found, beside)]


def _tests(found: Drivers, beside: Beside | None) -> list[Result]:
    """Return the tests of even effects: by column, and Cox's for all together."""
    lines = []
    for f in found.courses.fading:
        group = {"column": f.factor}
        lines += _test("drivers.even", f.test, found, group)
        number = _number(f.adjusted, "share", f.test, found)
        lines.append(Result(id="drivers.even.holm", estimate=number, group=group))
    if beside is not None:
        lines += _test("drivers.even.cox", beside.whole, found, {})
    return lines


def _test(name: str, test: Test, found: Drivers, group: Mapping[str, str]) -> list[Result]:
    statistic, p = (
        _number(test.statistic, "chi2", test, found),
        _number(test.p, "share", test, found),
    )
    return [
        Result(id=name, estimate=statistic, group=group),
        Result(id=f"{name}.p", estimate=p, group=group),
    ]


def _number(value: float, kind: str, test: Test, found: Drivers) -> Estimate:
    return counted(value, found.cells, kind, f"{test.method}, {test.df} df")
