"""Purchases without a contract: the rule that says who has gone, and what the answer owes to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis
import numpy as np

from stammkunde.chapters.exhibit import Column, Line, Section, Table
from stammkunde.chapters.parts import (
    complement,
    horizons,
    mean_horizon,
    results,
    standing,
    survival_figure,
    too_few,
    unit,
)
from stammkunde.draws import BLOCKS
from stammkunde.result import Estimate, Finding, Result, Sentence, Status
from stammkunde.spells.lapse import closing
from stammkunde.spells.spells import CENSORED, Spells
from stammkunde.study import Study
from stammkunde.survival.curve import Curve
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.shares import share
from stammkunde.survival.table import life_table


def lapse_curves(study: Study) -> dict[int, Curve]:
    """Return the survival curve under each lapse rule to show, by days; empty with contracts."""
    lapse = study.toml.lapse
    rules = () if lapse is None else sorted({lapse.gap_days, *lapse.compare_days})
    tables = {days: life_table(study.spells(gap_days=days)) for days in rules}
    return {days: standing(study, kaplan_meier(table)) for days, table in tables.items()}


def latest_curve(study: Study) -> Curve | None:
    """Return new customers' curve of the time to the latest purchase, under the declared rule.

    Only persons' first spells count. None with contracts, and where the rule fills the window.
    """
    lapse, window = study.toml.lapse, study.toml.window
    if lapse is None or window.close is None:
        return None
    if window.open and closing(window.close, lapse.gap_days, "latest") <= window.open:
        return None
    spells = study.spells(clock="latest")
    return kaplan_meier(life_table(spells.where(spells.relation.spell == 1)))


def returned(spells: Spells) -> Estimate:
    """Return the share of ended spells after which the same person was seen to come back.

    A lower bound of those who ever will: observation closes before many could.
    """
    s = spells.relation
    later = s.spell.max().over(ibis.window(group_by="person")) > s.spell
    ended = s.end != CENSORED
    counted = (
        s.mutate(ended=ended, back=ended & later)
        .group_by("block")
        .aggregate(trials=lambda t: t.ended.sum(), events=lambda t: t.back.sum())
        .execute()
    )
    trials, events = (np.zeros(BLOCKS, dtype=np.int64) for _ in range(2))
    trials[counted.block], events[counted.block] = counted.trials, counted.events
    return share(events, trials, persons=spells.persons, repeats=spells.repeats)


def lapse_rule(
    study: Study, rules: Mapping[int, Curve], latest: Curve | None, back: Estimate
) -> Section:
    """Return the section on the rule that says who has gone: the answer under each rule.

    `rules` maps days to curves, `latest` is the time to the latest purchase, `back` the share of
    those counted as gone who bought again. Left out with contracts.
    """
    heading = Sentence("lifetimes.heading.rule")
    lapse = study.toml.lapse
    if lapse is None or any(map(too_few, rules.values())):
        key = "contracts" if lapse is None else "too_few"
        why = Sentence(f"lifetimes.left_out.{key}")
        return Section(id="lifetimes.rule", heading=heading, left_out=why)
    words = _rule_words(study, rules, lapse.gap_days)
    figure = survival_figure(
        "lifetimes.rule",
        [Line(c, Sentence("caution.rule_name", {"days": d})) for d, c in rules.items()],
        study=study,
        title=Sentence("caution.figure.rule", words),
        alt=Sentence("caution.alt.rule", words),
        shared=True,
        first_page=True,
    )
    shares = {"once": complement(latest.at(1))} if latest else {}
    shares |= {"returned": back} if back.value is not None else {}
    found = (
        {f"latest.survival.{h}": latest.at(h) for h in _tenures(study, latest)} if latest else {}
    )
    return Section(
        id="lifetimes.rule",
        heading=heading,
        findings=[_rule_finding(words), *_share_findings(words, shares)],
        figures=[figure],
        tables=[_rule_table(study, rules, words)],
        results=[*_rule_results(rules, words["span"]), *results("lifetimes", found | shares)],
    )


def _tenures(study: Study, latest: Curve) -> tuple[int, ...]:
    return tuple(dict.fromkeys((1, *horizons(study, latest.observed_to))))


def _rule_words(study: Study, rules: Mapping[int, Curve], chosen: int) -> dict[str, Any]:
    least, most, one = min(rules), max(rules), rules[chosen]
    return {
        "days": [*rules],
        "chosen": chosen,
        "least": least,
        "most": most,
        "median_least": rules[least].median(),
        "median_most": rules[most].median(),
        "median": one.median(),
        "unit": unit(one.unit, case="dative"),
        "units": unit(one.unit),
        "one": unit(one.unit, 1),
        "span": mean_horizon(study, min(c.observed_to for c in rules.values())),
    }


def _rule_finding(words: Mapping[str, Any]) -> Finding:
    medians = (words["median_least"], words["median"], words["median_most"])
    known = all(m.value is not None for m in medians)
    return Finding(
        id="lifetimes.rule",
        status=Status.ASSUMED,
        sentence=Sentence("caution.rule" if known else "caution.rule_no_median", words),
        headline=Sentence("caution.headline.rule", words) if known else None,
        importance=0.95,
        caution=True,
        assumptions=("lapse_rule",),
        figure="lifetimes.rule",
        claims=("A14",),
        questions=(1,),
    )


def _share_findings(words: Mapping[str, Any], shares: Mapping[str, Estimate]) -> list[Finding]:
    importance = {"once": 0.72, "returned": 0.65}
    return [
        Finding(
            id=f"lifetimes.{name}",
            status=Status.MEASURED,
            sentence=Sentence(f"lifetimes.{name}", {**words, "share": share}),
            importance=importance[name],
            questions=(6,) if name == "returned" else (),
            claims=("A14",),
        )
        for name, share in shares.items()
    ]


def _rule_table(study: Study, rules: Mapping[int, Curve], words: Mapping[str, Any]) -> Table:
    at = horizons(study, min(c.observed_to for c in rules.values()))[-1]
    words = {**words, "at": at}
    columns = [
        Column("column.rule", "text"),
        Column("column.spells", "int"),
        Column("column.events", "int"),
        Column(Sentence("column.survival_at", words), "percent1"),
        Column(Sentence("column.mean_within", words), "n1"),
        Column(Sentence("column.median_in", words), "int"),
    ]
    rows = [
        (
            Sentence("caution.rule_name", {"days": d}),
            c.spells,
            int(c.events.sum()),
            c.at(at),
            c.rmst(words["span"]),
            c.median(),
        )
        for d, c in rules.items()
    ]
    return Table(
        id="lifetimes.rules", caption=Sentence("table.rules.caption"), columns=columns, rows=rows
    )


def _rule_results(rules: Mapping[int, Curve], span: int) -> list[Result]:
    return [
        r
        for days, curve in rules.items()
        for r in results(
            "lifetimes.rule",
            {"median": curve.median(), f"rmst.{span}": curve.rmst(span)},
            {"gap_days": str(days)},
        )
    ]
