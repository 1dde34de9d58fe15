"""Lost to a branch, or to the brand? Which part of a branch's losses went to another branch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from stammkunde.chapters.buying.read import Buying
from stammkunde.chapters.exhibit import Column, Dot, Figure, Section, Table
from stammkunde.chapters.parts import amount, assumptions, remarks, results
from stammkunde.draws import paired
from stammkunde.errors import NotObservedError
from stammkunde.intervals import student_quantile
from stammkunde.result import Estimate, Finding, Label, Result, Sentence, Status
from stammkunde.study import Study
from stammkunde.survival.buying import Transfers, transfers, transfers_by_place

ID = "buying.branches"
MOST_DRAWN = 12


def branches(study: Study, bought: Buying) -> Section:
    """Return the section on losses of a branch that are transfers within the brand.

    By the lapse rule, and settled by who has been seen since; by branch where there are several of
    enough persons. Left out without places.
    """
    heading = Sentence("branches.heading")
    found = _read(study, bought)
    if isinstance(found, str):
        why = Sentence(f"branches.left_out.{found}")
        return Section(
            id=ID, heading=heading, left_out=why, needed=found not in ("no_purchases", "no_places")
        )
    whole, places = _rated(study, found[0]), {n: _rated(study, t) for n, t in found[1].items()}
    words = _words(study, whole, places)
    return Section(
        id=ID,
        heading=heading,
        findings=[_settled(study, whole, words), *_apart(study, places, words)],
        figures=_figures(places, words),
        tables=[_table(whole, places)],
        paragraphs=[Sentence("branches.method", words)],
        results=_results(whole, places),
    )


def _read(study: Study, bought: Buying) -> tuple[Transfers, dict[str, Transfers]] | str:
    """Return the transfers of all and by branch, those of enough persons; or why there are none."""
    lapse = study.toml.data.lapse
    if bought.purchases is None or lapse is None:
        return "no_purchases"
    try:
        whole = transfers(bought.purchases, lapse.gap_days)
    except NotObservedError:
        return "no_places"
    least = study.toml.report.smallest_group
    if whole.persons < least or whole.settled.value is None or whole.by_rule.value is None:
        return "too_few"
    every = transfers_by_place(bought.purchases, lapse.gap_days)
    if len(every) < 2:
        return "one_place"
    shown = {n: t for n, t in every.items() if t.persons >= least and t.settled.value is not None}
    return whole, shown if len(shown) > 1 else {}


def _rated(study: Study, found: Transfers) -> Transfers:
    """Return the same with shares that rest on the lapse rule."""
    rests: dict[str, Any] = {"status": Status.ESTIMATED, "assumptions": assumptions(study)}
    settled, by_rule = replace(found.settled, **rests), replace(found.by_rule, **rests)
    return replace(found, settled=settled, by_rule=by_rule)


def _words(study: Study, whole: Transfers, places: Mapping[str, Transfers]) -> dict[str, object]:
    lapse = study.toml.data.lapse
    assert lapse is not None
    return {
        "settled": whole.settled,
        "by_rule": whole.by_rule,
        "days": amount("days", lapse.gap_days),
        "within": amount("of_days", lapse.gap_days),
        "gap": lapse.gap_days,
        "losses": whole.moved + whole.lost,
        "back": whole.back,
        "lost": whole.lost,
        "heads": amount("customers", whole.persons),
        "client": study.name,
        "day": study.as_of,
        "level": whole.settled.level,
    }


def _settled(study: Study, whole: Transfers, words: Mapping[str, object]) -> Finding:
    return Finding(
        id=ID,
        status=Status.ESTIMATED,
        assumptions=assumptions(study),
        sentence=Sentence("branches.settled", words),
        importance=0.5,
        remarks=remarks(whole.settled),
        claims=("A13",),
        questions=(5,),
        table="buying.branches",
    )


def _apart(
    study: Study, places: Mapping[str, Transfers], words: Mapping[str, object]
) -> list[Finding]:
    """Return the finding on the branches of the largest and the smallest share."""
    if len(places) < 2:
        return []
    order = sorted(places, key=lambda n: places[n].settled.value or 0.0)
    low, high = places[order[0]].settled, places[order[-1]].settled
    apart = _differ(high, low, len(places))
    more = {"low": low, "high": high, "least": Label(order[0]), "most": Label(order[-1])}
    return [
        Finding(
            id=f"{ID}.apart",
            status=Status.ESTIMATED,
            assumptions=assumptions(study),
            sentence=Sentence(f"branches.{'apart' if apart else 'alike'}", {**words, **more}),
            importance=0.2,
            claims=("A13",),
            figure="buying.branches" if len(places) <= MOST_DRAWN else "",
            table="buying.branches",
        )
    ]


def _differ(high: Estimate, low: Estimate, count: int) -> bool:
    """Return whether the largest and the smallest of several shares differ beyond chance.

    Allowing for their choice among all pairs (Bonferroni); persons of both branches count once.
    """
    if high.replicates is None or low.replicates is None:
        return False
    both = paired(high.replicates, low.replicates, np.subtract)
    pairs = count * (count - 1) / 2
    wide = student_quantile(1 - (1 - high.level) / pairs, both.smallest)
    return bool((high.value or 0.0) - (low.value or 0.0) > wide * float(both.se()))


def _figures(places: Mapping[str, Transfers], words: Mapping[str, object]) -> list[Figure]:
    if not 2 <= len(places) <= MOST_DRAWN:
        return []
    order = sorted(places, key=lambda n: -(places[n].settled.value or 0.0))
    dots = [Dot(Label(n), places[n].settled) for n in order]
    title, axis = Sentence("branches.figure", words), Sentence("branches.column.settled")
    columns = [Column("branches.column.place", "text"), Column(axis, "percent1")]
    table = Table(
        id="buying.branches_drawn",
        caption=title,
        columns=columns,
        rows=[(d.label, d.estimate) for d in dots],
        in_report=False,
    )
    return [
        Figure(
            id="buying.branches",
            kind="dots",
            title=title,
            subtitle=Sentence("branches.subtitle", words),
            note=Sentence("branches.source", words),
            alt=Sentence("branches.alt", words),
            x=axis,
            y=Sentence("branches.column.place"),
            dots=dots,
            table=table,
        )
    ]


def _table(whole: Transfers, places: Mapping[str, Transfers]) -> Table:
    columns = [
        Column("branches.column.place", "text"),
        Column("branches.column.persons", "int"),
        Column("branches.column.losses", "int"),
        Column("branches.column.by_rule", "percent1"),
        Column("branches.column.settled", "percent1"),
    ]
    lines = [(Sentence("column.all"), whole), *((Label(n), t) for n, t in places.items())]
    rows = [(n, t.persons, t.moved + t.lost, t.by_rule, t.settled) for n, t in lines]
    caption, note = Sentence("branches.caption"), Sentence("branches.note")
    return Table(id="buying.branches", caption=caption, columns=columns, rows=rows, note=note)


def _results(whole: Transfers, places: Mapping[str, Transfers]) -> list[Result]:
    lines = [({}, whole), *(({"branch": n}, t) for n, t in places.items())]
    return [
        r
        for group, t in lines
        for r in results(ID, {"settled": t.settled, "by_rule": t.by_rule}, group)
    ]
