"""Purchases without a contract: the rule that says who has gone, and what the answer owes to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from stammkunde.chapters.exhibit import Column, Line, Section, Table
from stammkunde.chapters.parts import (
    assumptions,
    complement,
    horizons,
    mean_horizon,
    results,
    standing,
    survival_figure,
    too_few,
    unit,
)
from stammkunde.result import Estimate, Finding, Result, Sentence, Status
from stammkunde.spells.absences import absences
from stammkunde.spells.lapse import closing
from stammkunde.spells.spells import Spells
from stammkunde.study import Study
from stammkunde.survival.curve import Curve
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.table import life_table


def lapse_curves(study: Study) -> dict[int, Curve]:
    """Return the survival curve under each lapse rule to show, by days; empty with contracts."""
    lapse = study.toml.data.lapse
    rules = () if lapse is None else sorted({lapse.gap_days, *lapse.compare_days})
    tables = {days: life_table(study.spells(gap_days=days)) for days in rules}
    return {days: standing(study, kaplan_meier(table)) for days, table in tables.items()}


def latest_curve(study: Study) -> Curve | None:
    """Return new customers' curve of the time to the latest purchase, under the declared rule.

    Only persons' first spells count. None with contracts, and where the rule fills the window.
    """
    lapse, window = study.toml.data.lapse, study.toml.data.window
    if lapse is None or window.close is None:
        return None
    if window.open and closing(window.close, lapse.gap_days, "latest") <= window.open:
        return None
    spells = study.spells(clock="latest").first()
    return standing(study, kaplan_meier(life_table(spells)))


def returned(study: Study, spells: Spells) -> Curve | None:
    """Return the curve of those who stay away since they counted as gone; None with contracts.

    One less this curve is the share who have bought again by a time.
    """
    if study.toml.data.lapse is None:
        return None
    away = absences(spells)
    if away.spells == 0:
        return None
    return standing(study, kaplan_meier(life_table(away)))


def lapse_rule(
    study: Study, rules: Mapping[int, Curve], latest: Curve | None, away: Curve | None
) -> Section:
    """Return the section on the rule that says who has gone: the answer under each rule.

    `rules` maps days to curves, `latest` is the time to the latest purchase, `away` the time those
    counted as gone stay away. Left out with contracts.
    """
    heading = Sentence("lifetimes.heading.rule")
    lapse = study.toml.data.lapse
    if lapse is None or any(too_few(study, c) for c in rules.values()):
        key = "contracts" if lapse is None else "too_few"
        why = Sentence(f"lifetimes.left_out.{key}")
        needed = lapse is not None
        return Section(id="lifetimes.rule", heading=heading, left_out=why, needed=needed)
    latest = None if latest is None or too_few(study, latest) else latest
    away = None if away is None or too_few(study, away) else away
    words = _rule_words(study, rules, lapse.gap_days)
    lines = [Line(c, _named(d)) for d, c in rules.items()]
    lines += [Line(latest, Sentence("caution.latest_name"))] if latest else []
    figure = survival_figure(
        "lifetimes.rule",
        lines,
        study=study,
        title=Sentence("caution.figure.rule", words),
        alt=Sentence("caution.alt.rule", words),
        shared=True,
        first_page=True,
    )
    return Section(
        id="lifetimes.rule",
        heading=heading,
        findings=_findings(study, words, latest, away),
        figures=[figure],
        tables=[_rule_table(rules, words)],
        results=[*_rule_results(rules, words), *_other_results(study, latest, away, words)],
    )


def _named(days: int) -> Sentence:
    return Sentence("caution.rule_name", {"days": days, "count": days})


def _rule_words(study: Study, rules: Mapping[int, Curve], chosen: int) -> dict[str, Any]:
    least, most, one = min(rules), max(rules), rules[chosen]
    reach = min(c.observed_to for c in rules.values())
    at, span = horizons(study, reach)[-1], mean_horizon(study, reach)
    return {
        "days": [*rules],
        "chosen": chosen,
        "least": least,
        "most": most,
        "at": at,
        "s": one.at(at),
        "s_least": rules[least].at(at),
        "s_most": rules[most].at(at),
        "mean": one.rmst(span),
        "span": span,
        "unit": unit(one.unit, span, "dative"),
        "unit_at": unit(one.unit, at, "dative"),
        "units": unit(one.unit),
        "one": unit(one.unit, 1),
    }


def _findings(
    study: Study, words: dict[str, Any], latest: Curve | None, away: Curve | None
) -> list[Finding]:
    rule = Finding(
        id="lifetimes.rule",
        status=Status.ASSUMED,
        sentence=Sentence("caution.rule", words),
        importance=0.95,
        caution=True,
        assumptions=("lapse_rule",),
        figure="lifetimes.rule",
        claims=("A14",),
        questions=(1,),
    )
    findings = [rule]
    if latest is not None:
        share = {**words, "share": complement(latest.at(1))}
        once = _estimated(study, "once", 0.9, share)
        headline = Sentence("lifetimes.headline.once", share)
        findings.append(replace(once, headline=headline))
        if words["span"] <= latest.observed_to:
            told = {**words, "latest": latest.rmst(words["span"])}
            findings.append(_estimated(study, "mean_rule", 0.75, told))
    if away is not None:
        after = horizons(study, away.observed_to)[0]
        told = {**words, "share": complement(away.at(after)), "after": after}
        told |= {"unit_after": unit(away.unit, after, "dative")}
        findings.append(replace(_estimated(study, "returned", 0.65, told), questions=(6,)))
    return findings


def _estimated(study: Study, name: str, importance: float, words: dict[str, Any]) -> Finding:
    return Finding(
        id=f"lifetimes.{name}",
        status=Status.ESTIMATED,
        assumptions=assumptions(study),
        sentence=Sentence(f"lifetimes.{name}", words),
        importance=importance,
        questions=(1,),
        claims=("A14",),
    )


def _other_results(
    study: Study, latest: Curve | None, away: Curve | None, words: Mapping[str, Any]
) -> list[Result]:
    found: dict[str, Estimate] = {}
    if latest is not None:
        tenures = dict.fromkeys((1, *horizons(study, latest.observed_to)))
        found |= {f"latest.survival.{h}": latest.at(h) for h in tenures}
        found |= {"once": complement(latest.at(1))}
        if words["span"] <= latest.observed_to:
            found |= {f"latest.rmst.{words['span']}": latest.rmst(words["span"])}
    if away is not None:
        told = horizons(study, away.observed_to)
        found |= {f"returned.{h}": complement(away.at(h)) for h in told}
    return results("lifetimes", found)


def _rule_table(rules: Mapping[int, Curve], words: Mapping[str, Any]) -> Table:
    heads = {**words, "unit": words["unit_at"]}
    columns = [
        Column("column.rule", "text"),
        Column("column.spells", "int"),
        Column("column.events", "int"),
        Column(Sentence("column.survival_at", heads), "percent1"),
        Column(Sentence("column.mean_within", words), "n1"),
    ]
    rows = [
        (
            _named(d),
            c.spells,
            int(c.events.sum()),
            c.at(words["at"]),
            c.rmst(words["span"]),
        )
        for d, c in rules.items()
    ]
    caption = Sentence("table.rules.caption")
    return Table(id="lifetimes.rules", caption=caption, columns=columns, rows=rows)


def _rule_results(rules: Mapping[int, Curve], words: Mapping[str, Any]) -> list[Result]:
    at, span = words["at"], words["span"]
    return [
        r
        for days, curve in rules.items()
        for r in results(
            "lifetimes.rule",
            {f"survival.{at}": curve.at(at), f"rmst.{span}": curve.rmst(span)},
            {"gap_days": str(days)},
        )
    ]
