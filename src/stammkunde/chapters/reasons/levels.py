"""For the appendix: how causes were computed, and whether groups differ in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from stammkunde.chapters.exhibit import Column, Section, Table
from stammkunde.chapters.lifetimes.compare import comparable
from stammkunde.chapters.parts import counted, mean_horizon, results, said_p, standing, unit
from stammkunde.chapters.reasons.causes import Causes, Name
from stammkunde.errors import NotObservedError
from stammkunde.result import Estimate, Label, Result, Sentence
from stammkunde.spells.schema.data import group_of
from stammkunde.spells.spells import MISSING
from stammkunde.study import Study
from stammkunde.survival.causes import aalen_johansen, gray_test, merge_causes
from stammkunde.survival.contrasts import Test, adjusted
from stammkunde.survival.curve import Curve
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.table import LifeTable

FEW_LEAVERS = "few_leavers"
# With more levels Gray's test takes long, and more columns than the second do not fit on a page.
MOST_LEVELS, MOST_COLUMNS = 12, 3
Tests = Mapping[str, tuple[Test, float]]


@dataclass(frozen=True)
class _Levels:
    """The levels of a group that are shown: names, curves by level and cause, up to `span`.

    `few` are the pairs of level and cause whose share is not told (see `few`).
    """

    group: str
    names: Mapping[str, Name]
    stay: Mapping[str, Curve]
    curves: Mapping[str, Mapping[str, Curve]]
    span: int
    hidden: int
    few: frozenset[tuple[str, str]]


def by_level(study: Study, found: Causes, groups: Mapping[str, Mapping[str, LifeTable]]) -> Section:
    """Return the section of the appendix on causes: the method, and a table for each group.

    A table tells the share gone by cause and level with Gray's test that it is alike in all of
    them, p-values by Holm. Groups of fewer than two levels large enough are passed over.
    """
    tables: list[Table] = []
    numbers: list[Result] = []
    for name, levels in groups.items():
        read = _read(study, found, name, levels)
        if read is None:
            continue
        tests = _tests(found, levels, read)
        tables.append(_table(study, found, read, tests))
        numbers += _results(found, read, tests)
    words = {"one": unit(found.stay.unit, 1), "units": unit(found.stay.unit)}
    keys = ["incidence", "lost", "net", *(["groups"] if tables else [])]
    paragraphs = [Sentence(f"reasons.method.{key}", words) for key in (*keys, "sources")]
    return Section(
        id="appendix.reasons",
        heading=Sentence("reasons.heading.appendix"),
        paragraphs=paragraphs,
        tables=tables,
        results=numbers,
    )


def _read(
    study: Study, found: Causes, name: str, levels: Mapping[str, LifeTable]
) -> _Levels | None:
    shown, hidden = comparable(study, levels)
    if len(shown) < 2:
        return None
    tables = {level: _merge(found, shown[level]) for level in _order(study, name, shown)}
    stay = {level: standing(study, kaplan_meier(t)) for level, t in tables.items()}
    curves = {
        level: {c: standing(study, curve) for c, curve in aalen_johansen(t).items()}
        for level, t in tables.items()
    }
    span = mean_horizon(study, min(c.observed_to for c in stay.values()))
    group = group_of(name, study.toml.data.groups[name])
    names: dict[str, Name] = {
        level: Sentence("column.missing") if level == MISSING else group.label(level)
        for level in tables
    }
    leavers = {
        (level, cause): int(curves[level][cause].events[:span].sum()) if cause in own else 0
        for level, own in curves.items()
        for cause in found.seen
    }
    hidden_pairs = few(leavers, study.toml.report.smallest_group)
    return _Levels(name, names, stay, curves, span, hidden, hidden_pairs)


def few(leavers: Mapping[tuple[str, str], int], least: int) -> frozenset[tuple[str, str]]:
    """Return the pairs of level and cause that fewer than `least` left in, and those beside them.

    All causes of a level, and all levels of a cause, have totals that are told elsewhere. So where
    those hidden in one of them are fewer than `least` together, the next is hidden too.
    """
    found = {pair for pair, n in leavers.items() if n < least}
    lines = [[p for p in leavers if p[i] == key] for i in (0, 1) for key in {p[i] for p in leavers}]
    while True:
        more: set[tuple[str, str]] = set()
        for line in lines:
            shown = sorted((p for p in line if p not in found), key=lambda p: (leavers[p], p))
            if shown and 0 < sum(leavers[p] for p in line if p in found) < least:
                more.add(shown[0])
        if not more:
            return frozenset(found)
        found |= more


def _order(study: Study, name: str, shown: Mapping[str, LifeTable]) -> list[str]:
    """Return the levels shown: the declared in their order, others behind, the missing last."""
    declared = list(group_of(name, study.toml.data.groups[name]).levels)
    place = {level: i for i, level in enumerate(declared)}
    return sorted(shown, key=lambda n: (n == MISSING, place.get(n, len(place)), n))


def _merge(found: Causes, table: LifeTable) -> LifeTable:
    return merge_causes(table, {c: to for c, to in found.into.items() if c in table.causes})


def _tests(found: Causes, levels: Mapping[str, LifeTable], read: _Levels) -> Tests:
    """Return Gray's test of each cause with its p-value by Holm, where one can be made."""
    if len(read.names) > MOST_LEVELS:
        return {}
    tables = [_merge(found, levels[level]) for level in read.names]
    made: dict[str, Test] = {}
    for cause in found.seen:
        try:
            made[cause] = gray_test(tables, cause)
        except NotObservedError:
            continue
    corrected = adjusted([test.p for test in made.values()])
    return {c: (test, p) for (c, test), p in zip(made.items(), corrected, strict=True)}


def _share(read: _Levels, level: str, cause: str) -> Estimate:
    """Return the share of a level gone for a cause; no value where it is among the few."""
    if (level, cause) not in read.few:
        return read.curves[level][cause].at(read.span)
    none = replace(read.stay[level].at(read.span), value=None, low=None, high=None, se=None)
    estimand = f"incidence({read.span})"
    return replace(none, estimand=estimand, events=None, reason=FEW_LEAVERS, replicates=None)


def _table(study: Study, found: Causes, read: _Levels, tests: Tests) -> Table:
    one = next(iter(read.stay.values()))
    title = Label(read.group, dict(study.toml.data.groups[read.group].title))
    words: dict[str, object] = {"group": title, "span": read.span}
    words |= {"unit": unit(one.unit, read.span, "dative")}
    shown = [*read.names] if len(read.names) <= MOST_COLUMNS else []
    columns = [Column("reasons.column.cause", "text")]
    columns += [Column(Sentence("reasons.column.level", {"level": read.names[n]}), "percent1")
                for n in shown]  # fmt: skip
    tested = [("statistic", "n1"), ("p", "text"), ("holm", "text")] if tests else []
    columns += [Column(f"reasons.column.{name}", form) for name, form in tested]
    rows = [
        (
            found.names[c],
            *(_share(read, n, c) for n in shown),
            *(_cells(tests.get(c)) if tests else ()),
        )
        for c in found.seen
    ]
    key = "columns" if shown and tests else "tests" if tests else "untested"
    return Table(
        id=f"reasons.by.{read.group}",
        caption=Sentence("reasons.by_caption" if shown else "reasons.test_caption", words),
        columns=columns,
        rows=rows,
        note=Sentence(f"reasons.by_note.{key}", {"more": _hidden(study, read), **_df(tests)}),
    )


def _cells(test: tuple[Test, float] | None) -> tuple[object, ...]:
    if test is None:
        return (None, None, None)
    return (test[0].statistic, said_p(test[0].p), said_p(test[1]))


def _df(tests: Tests) -> dict[str, object]:
    """Return how the statistics are to be read: by chi-square, or by F where persons repeat."""
    test = next((t for t, _ in tests.values()), None)
    if test is None:
        return {}
    kind = "blocks" if "blocks" in test.method else "plain"
    return {"which": Sentence(f"reasons.law.{kind}", {"df": test.df, "count": test.df})}


def _hidden(study: Study, read: _Levels) -> Sentence | str:
    values = {"hidden": read.hidden, "count": read.hidden}
    values |= {"least": study.toml.report.smallest_group}
    return Sentence("table.hidden", values) if read.hidden else ""


def _results(found: Causes, read: _Levels, tests: Tests) -> list[Result]:
    lines: list[Result] = []
    for level in read.names:
        for cause in found.seen:
            share = {f"incidence.{read.span}": _share(read, level, cause)}
            lines += results("reasons", share, {read.group: level, "cause": cause})
    one = next(iter(read.stay.values()))
    for cause, (test, holm) in tests.items():
        told = {"": (test.statistic, "chi2"), ".p": (test.p, "share"), ".holm": (holm, "share")}
        for key, (value, kind) in told.items():
            number = counted(value, one, kind, f"{test.method}, {test.df} df")
            lines += results("reasons", {f"gray.{read.group}{key}": number}, {"cause": cause})
    return lines
