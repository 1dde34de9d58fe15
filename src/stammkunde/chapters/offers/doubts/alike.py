"""Are the arms alike in what is known, or was the lot kept?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from stammkunde.chapters.exhibit import Balanced, Column, Figure, Section, Table
from stammkunde.chapters.offers.spoken import (
    arms_of,
    column_name,
    counted_as,
    heads,
    level_of,
    words_of,
)
from stammkunde.chapters.parts import amount, results
from stammkunde.chapters.reasons.names import begin_of
from stammkunde.evidence.asking.answer import Answer
from stammkunde.evidence.asking.made import ARMS
from stammkunde.intervals import normal_quantile
from stammkunde.result import Estimate, Finding, Result, Sentence, Status
from stammkunde.study import Study

# from here on a standardised difference is held to be one (Austin 2009)
BAR = 0.1
METHOD = "standardised difference of shares"
ROUNDING = 1e-9
# saturated weights leave nothing to draw
SEEN = 0.005


@dataclass(frozen=True)
class _Unlike:
    """Levels large enough to be shown, how many are not, and the arms' numbers at time zero."""

    table: pd.DataFrame
    hidden: int
    sizes: Mapping[str, int]


def alike(study: Study, answer: Answer) -> Section:
    """Return how alike the arms are before and after weighting.

    Where a lot decided it is whether the lot was kept, without a picture; nor is there one where
    weights left no difference.
    """
    found, name = _unlike(study, answer), answer.estimand.name
    words = words_of(study, answer)
    empty = Section(id=f"offers.{name}.alike", heading=Sentence("doubts.heading", words))
    if found is None or not len(found.table):
        return empty
    told = _told(study, answer, found)
    words |= told
    if by_lot(answer):
        return replace(
            empty,
            findings=[_lot_finding(answer, found, words)],
            tables=[_table(study, answer, found, words)],
            results=_results(answer, told),
        )
    table = _table(study, answer, found, words)
    drawn = len(found.table) > 1 and found.table.after.abs().max() >= SEEN
    return replace(
        empty,
        findings=[_finding(name, words, drawn)],
        figures=[_figure(study, answer, found, words, table)] if drawn else [],
        tables=[] if drawn else [table],
        results=_results(answer, told),
    )


def by_lot(answer: Answer) -> bool:
    """Return whether a lot alone decided who is in which arm."""
    return answer.estimand.assignment == "drawn" and not answer.estimand.alike


def _unlike(study: Study, answer: Answer) -> _Unlike | None:
    balance = answer.doubts.unlike
    if balance is None or not len(balance.table):
        return None
    t, least = balance.table, study.toml.report.smallest_group
    sizes = {a: answer.compared.adequacy.arms[a].persons for a in ARMS}
    counts = pd.DataFrame({a: (t[a] * sizes[a]).round() for a in ARMS})
    small = ((counts > 0) & (counts < least)).any(axis=1) | (counts.sum(axis=1) < least)
    return _Unlike(_in_order(study, t[~small]), int(small.sum()), sizes)


def _in_order(study: Study, table: pd.DataFrame) -> pd.DataFrame:
    """Return levels as declared or by number within their column, texts and gaps as they come."""
    place = {c: i for i, c in enumerate(dict.fromkeys(table.column))}
    groups, keys = study.toml.data.groups, []
    for column, level in zip(table.column, table.level, strict=True):
        declared = list(groups[column].levels) if column in groups else []
        at = declared.index(level) if level in declared else begin_of(level)
        keys.append((place[column], at))
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return table.iloc[order].reset_index(drop=True)


def _told(study: Study, answer: Answer, found: _Unlike) -> dict[str, object]:
    """Return what is most unlike before weighting, and how unlike the arms are then and after."""
    first = found.table.loc[found.table.before.abs().idxmax()]
    last = found.table.loc[found.table.after.abs().idxmax()]
    before, after = (_difference(answer, abs(float(x))) for x in (first.before, last.after))
    return {
        "column": column_name(study, first.column),
        "most": level_of(study, first.column, first.level),
        "p": float(first.treated),
        "q": float(first.control),
        "before": before,
        "after": after,
        "last_column": column_name(study, last.column),
        "last_most": level_of(study, last.column, last.level),
        "bar": BAR,
        "columns": int(found.table.column.nunique()),
    }


def _difference(answer: Answer, value: float) -> Estimate:
    # a difference of 1e-14 is none, and its digits depend on the machine
    rounded = 0.0 if value < ROUNDING else value
    reason = "no interval: of the customers compared themselves"
    about = answer.compared.months
    return Estimate(
        value=rounded,
        unit="ratio",
        persons=about.persons,
        spells=about.spells,
        method=METHOD,
        reason=reason,
    )


def _finding(name: str, words: Mapping[str, object], drawn: bool) -> Finding:
    before, after = words["before"], words["after"]
    assert isinstance(before, Estimate)
    assert isinstance(after, Estimate)
    key = "already" if (before.value or 0.0) < BAR else "weighted"
    key = key if (after.value or 0.0) < BAR else "not"
    return Finding(
        id=f"offers.{name}.alike",
        status=Status.MEASURED,
        sentence=Sentence(f"doubts.alike.{key}", words),
        importance=0.3 if key == "not" else 0.0,
        caution=key == "not",
        figure=f"offers.{name}.balance" if drawn else "",
        table=f"offers.{name}.balance",
    )


def _lot_finding(answer: Answer, found: _Unlike, words: Mapping[str, object]) -> Finding:
    """Return whether what was known is as alike as a lot makes it.

    A lot leaves a standardised difference with an error of sqrt(1/n + 1/m), whatever the level's
    share; of so many levels the largest is allowed for (Bonferroni). Where regions were drawn they
    are too few for such a sharp limit, and differences below the usual bar are let pass.
    """
    before = words["before"]
    assert isinstance(before, Estimate)
    chance = BAR if answer.trial.clusters else _chance(answer, found)
    value = before.value or 0.0
    key = "kept" if value <= chance else "unsure" if value < BAR else "broken"
    key = "drawn_regions" if answer.trial.clusters and key == "kept" else key
    name = answer.estimand.name
    return Finding(
        id=f"offers.{name}.lot",
        status=Status.MEASURED,
        sentence=Sentence(f"doubts.lot.{key}", {**words, "chance": chance}),
        importance=0.3 if key == "broken" else 0.0,
        caution=key == "broken",
        table=f"offers.{name}.balance",
    )


def _chance(answer: Answer, found: _Unlike) -> float:
    sizes = [max(answer.trial.arm(a).persons, 1) for a in ARMS]
    free = len(found.table) + found.hidden - found.table.column.nunique()
    spread = math.sqrt(sum(1 / n for n in sizes))
    return normal_quantile(1 - 0.05 / max(free, 1)) * spread


def _figure(
    study: Study, answer: Answer, found: _Unlike, words: Mapping[str, object], table: Table
) -> Figure:
    """Return the picture of balance, of columns with two levels one of these if not both named."""
    name, t = answer.estimand.name, found.table
    shown = t.assign(named=False)
    shown.loc[t.before.abs().idxmax(), "named"] = True
    if t.after.abs().max() >= BAR:
        shown.loc[t.after.abs().idxmax(), "named"] = True
    # the named first, each is then the mirror of one before it
    again = shown.sort_values("named", ascending=False, kind="stable").duplicated("column")
    two = t.groupby("column")["level"].transform("size") == 2
    mirrored = again.sort_index() & two & ~shown.named
    rows = [
        Balanced(
            level_of(study, r.column, r.level), r.before, r.after, column_name(study, r.column)
        )
        for r in t[~mirrored].itertuples()
    ]
    left = words["after"]
    assert isinstance(left, Estimate)
    key = "alike" if (left.value or 0.0) < BAR else "unlike"
    return Figure(
        id=f"offers.{name}.balance",
        kind="balance",
        title=Sentence(f"doubts.balance.{key}", words),
        subtitle=Sentence("doubts.balance.subtitle", words),
        note=_note(answer, found, words),
        alt=Sentence("doubts.balance.alt", words),
        x=Sentence("doubts.balance.axis"),
        y=Sentence("doubts.column.level"),
        balanced=rows,
        table=table,
    )


def _note(answer: Answer, found: _Unlike, words: Mapping[str, object]) -> Sentence:
    n = sum(found.sizes.values())
    rest = Sentence("doubts.hidden", {"count": found.hidden}) if found.hidden else ""
    of = amount(counted_as(answer), n)
    if answer.estimand.design != "reaction":
        # of an event arms alone are counted, and somebody may be in both
        of = heads(answer, answer.compared.months.persons or n, n)
    return Sentence("doubts.balance.source", {**words, "heads": of, "rest": rest})


def _table(study: Study, answer: Answer, found: _Unlike, words: Mapping[str, object]) -> Table:
    titles, lot = arms_of(answer), by_lot(answer)
    shares = [
        Column(Sentence(f"doubts.column.{key}", {"arm": titles[a]}), "percent1")
        for key in (("share",) if lot else ("share", "share_weighted"))
        for a in ARMS
    ]
    ends = ["difference"] if lot else ["before", "after"]
    rows = []
    for r in found.table.itertuples():
        numbers = [r.treated, r.control, r.treated_weighted, r.control_weighted]
        differences = [0.0 if abs(x) < ROUNDING else x for x in (r.before, r.after)]
        named = (column_name(study, r.column), level_of(study, r.column, r.level))
        rows.append((*named, *numbers[: len(shares)], *differences[: len(ends)]))
    lead = [Column("doubts.column.column", "text"), Column("doubts.column.level", "text")]
    return Table(
        id=f"offers.{answer.estimand.name}.balance",
        caption=Sentence("doubts.caption.balance", words),
        columns=[*lead, *shares, *(Column(f"doubts.column.{e}", "n2") for e in ends)],
        rows=rows,
        note=_note(answer, found, words),
        in_report=False,
    )


def _results(answer: Answer, told: Mapping[str, object]) -> list[Result]:
    kinds = ("before",) if by_lot(answer) else ("before", "after")
    numbers = {f"balance.{k}": told[k] for k in kinds}
    found = {k: e for k, e in numbers.items() if isinstance(e, Estimate)}
    return results(f"offers.{answer.estimand.name}", found)
