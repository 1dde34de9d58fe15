"""What weights cost, and who has nobody to be compared with."""

from __future__ import annotations

from collections.abc import Mapping

from stammkunde.chapters.exhibit import Column, Section, Table
from stammkunde.chapters.offers.doubts.alike import by_lot
from stammkunde.chapters.offers.spoken import (
    arms_of,
    column_name,
    counted_as,
    least_of,
    level_of,
    words_of,
)
from stammkunde.chapters.parts import results
from stammkunde.evidence.asking.answer import Answer
from stammkunde.evidence.asking.made import ARMS, CONTROL, TREATED
from stammkunde.evidence.doubt.positivity import Positivity, effective_by_unit
from stammkunde.result import Estimate, Finding, Result, Sentence, Status
from stammkunde.study import Study

AT = (0.01, 0.25, 0.5, 0.75, 0.95, 0.99)


def weights(study: Study, answer: Answer) -> Section:
    """Return how many customers without weights would know as much, and who is left aside.

    Where a lot alone decided nobody is weighted by more than chance asks, and only the numbers are
    told. Groups of fewer persons than the study shows are not.
    """
    name, words = answer.estimand.name, words_of(study, answer)
    tables = [_table(answer, words), _by_unit(study, answer, words)]
    alone = answer.doubts.alone
    if alone is not None and alone.alone:
        tables.append(_alone_table(study, answer, alone, words))
    return Section(
        id=f"offers.{name}.weights",
        heading=Sentence("doubts.heading", words),
        findings=[] if by_lot(answer) else [_finding(study, answer, words)],
        tables=tables,
        results=[*_effective(answer), *_alone_results(answer)],
    )


def _finding(study: Study, answer: Answer, words: Mapping[str, object]) -> Finding:
    arms, numbers = answer.compared.adequacy.arms, _effective(answer)
    told = {
        "n": arms[TREATED].persons,
        "m": arms[CONTROL].persons,
        **_kind(answer),
        "left": numbers[0].estimate,
        "right": numbers[1].estimate,
        "largest": max(arms[a].largest for a in ARMS),
    }
    nobody = min(arms[a].persons for a in ARMS) == 0
    name = answer.estimand.name
    return Finding(
        id=f"offers.{name}.weights",
        status=Status.MEASURED,
        sentence=Sentence(f"doubts.{'nobody_alike' if nobody else 'weights'}", {**words, **told}),
        remarks=() if nobody else _counterparts(study, answer),
        table=f"offers.{name}.weights",
    )


def _kind(answer: Answer) -> dict[str, object]:
    """Return the word for what the arms count."""
    return {"kind": Sentence(f"doubts.kind.{counted_as(answer)}")}


def _counterparts(study: Study, answer: Answer) -> tuple[Sentence, ...]:
    """Return how many have nobody alike in the other arm, and are left aside.

    A number below the study's smallest group is not told, but that there are some.
    """
    alone = answer.doubts.alone
    if alone is None:
        return ()
    least = study.toml.report.smallest_group
    key = "nobody" if not alone.alone else "few" if alone.alone < least else "some"
    told = {"alone": alone.alone, "all": alone.persons, "share": alone.share, "least": least}
    return (Sentence(f"doubts.alone.{key}", told),)


def _table(answer: Answer, words: Mapping[str, object]) -> Table:
    arms, titles = answer.compared.adequacy.arms, arms_of(answer)
    heads, kind = [("effective", "int"), ("largest", "n1")], _kind(answer)
    columns = [Column("doubts.column.arm", "text")]
    columns.append(Column(Sentence("doubts.column.count", kind), "int"))
    columns += [Column(f"doubts.column.{k}", form) for k, form in heads]
    columns += [Column(Sentence("doubts.column.quantile", {"at": q}), "n2") for q in AT]
    rows = [
        (titles[a], w.persons, round(w.effective), w.largest, *w.quantiles)
        for a, w in ((a, arms[a]) for a in ARMS)
    ]
    return Table(
        id=f"offers.{answer.estimand.name}.weights",
        caption=Sentence("doubts.caption.weights", words),
        columns=columns,
        rows=rows,
        note=Sentence("doubts.note.weights", kind),
        in_report=False,
    )


def _by_unit(study: Study, answer: Answer, words: Mapping[str, object]) -> Table:
    """Return those at risk and their effective number by unit, as long as enough are."""
    found = effective_by_unit(answer.trial)
    by = {a: found[found.arm == a].set_index("unit") for a in ARMS}
    titles = arms_of(answer)
    columns = [Column(Sentence("doubts.column.unit", words), "int")]
    columns += [
        Column(Sentence(f"doubts.column.{key}", {"arm": titles[a]}), "int")
        for a in ARMS
        for key in ("at_risk", "effective_of")
    ]
    rows: list[tuple[object, ...]] = []
    for unit in range(1, answer.compared.horizon + 1):
        line = [by[a].loc[unit] for a in ARMS if unit in by[a].index]
        if len(line) < len(ARMS) or min(x.at_risk for x in line) < least_of(study):
            break
        rows.append((unit, *(v for x in line for v in (int(x.at_risk), round(x.effective)))))
    return Table(
        id=f"offers.{answer.estimand.name}.by_unit",
        caption=Sentence("doubts.caption.by_unit", words),
        columns=columns,
        rows=rows,
        in_report=False,
    )


def _alone_table(
    study: Study, answer: Answer, alone: Positivity, words: Mapping[str, object]
) -> Table:
    """Return the share without a counterpart by level; levels of few persons are left out."""
    least = least_of(study)
    rows = [
        (column_name(study, r.column), level_of(study, r.column, r.level), r.persons, r.share)
        for r in alone.groups.itertuples()
        if r.persons >= least and (r.alone == 0 or r.alone >= least)
    ]
    return Table(
        id=f"offers.{answer.estimand.name}.alone",
        caption=Sentence("doubts.caption.alone", words),
        columns=[
            Column("doubts.column.column", "text"),
            Column("doubts.column.level", "text"),
            Column(Sentence("doubts.column.count", _kind(answer)), "int"),
            Column("doubts.column.alone", "percent1"),
        ],
        rows=rows,
        note=Sentence("doubts.note.alone"),
        in_report=False,
    )


def _effective(answer: Answer) -> list[Result]:
    """Return the effective number of each arm, the treated first."""
    arms = answer.compared.adequacy.arms
    numbers = {
        f"effective.{a}": Estimate(
            value=arms[a].effective,
            unit="count",
            persons=answer.trial.arm(a).persons,
            spells=arms[a].persons,
            method="effective number (Kish 1965)",
            reason="no interval: a count",
        )
        for a in ARMS
    }
    return results(f"offers.{answer.estimand.name}", numbers)


def _alone_results(answer: Answer) -> list[Result]:
    alone = answer.doubts.alone
    if alone is None:
        return []
    share = Estimate(
        value=alone.share,
        unit="share",
        spells=alone.persons,
        method="share without anybody alike in the other arm",
        reason="no interval: a count",
    )
    return results(f"offers.{answer.estimand.name}", {"alone": share})
