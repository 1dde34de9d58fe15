"""Who gains by an offer, whom it harms, and what choosing by that is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from stammkunde.chapters.exhibit import Section
from stammkunde.chapters.offers.gains_shown import ID, Shown, differ, figure, named, tables
from stammkunde.chapters.offers.gains_worth import leading, worth, worth_results
from stammkunde.chapters.offers.read import Answers, Unasked
from stammkunde.chapters.offers.spoken import heads, words_of
from stammkunde.chapters.parts import results, unit
from stammkunde.evidence.asking.answer import Answer
from stammkunde.evidence.asking.gains import Gain, Gains
from stammkunde.evidence.asking.question import is_given
from stammkunde.evidence.asking.stakes import MONEY
from stammkunde.result import Estimate, Finding, Label, Result, Sentence, Status
from stammkunde.study import Study

COST = "cost_as_declared"


def who_gains(study: Study, answers: Answers) -> list[Section]:
    """Return the section on who gains by the offers asked about, none where no question has `by`.

    Left out where no question can be answered by segment. Segments of fewer persons than the study
    shows are not named.
    """
    asked = [q.name for q in study.toml.question if q.by]
    if not asked:
        return []
    heading = Sentence("gains.heading")
    shown = [_shown(study, name, answers.get(name)) for name in asked]
    told = [s for s in shown if s is not None]
    if not told:
        why = Sentence("gains.left_out")
        return [Section(id=ID, heading=heading, left_out=why)]
    first = leading(told)
    findings = [[*worth(s, leads=s is first), _segments(s)] for s in told]
    findings.sort(key=lambda own: -max(f.importance for f in own))
    return [
        Section(
            id=ID,
            heading=heading,
            findings=[*(f for own in findings for f in own), *_silent(study, asked, told)],
            figures=[figure(s) for s in told if differ(s)],
            tables=[*(figure(s).table for s in told if not differ(s)), *tables(told)],
            paragraphs=[Sentence("gains.method")],
            results=[line for s in told for line in _results(study, s)],
        )
    ]


def _silent(study: Study, asked: Sequence[str], told: Sequence[Shown]) -> list[Finding]:
    """Return the finding on the questions that ask for segments and cannot be told by them."""
    lacking = [n for n in asked if n not in {s.name for s in told}]
    titles = [Label(q.name, dict(q.title)) for q in study.toml.question if q.name in lacking]
    if not titles:
        return []
    return [
        Finding(
            id=f"{ID}.untold",
            status=Status.NOT_IDENTIFIABLE,
            sentence=Sentence("gains.silent", {"titles": titles}),
            importance=0.05,
            questions=(13,),
        )
    ]


def _shown(study: Study, name: str, answer: Answer | Unasked | None) -> Shown | None:
    """Return what can be shown of a question, money in the client's currency."""
    if not isinstance(answer, Answer) or answer.gains is None:
        return None
    gains = _in(answer.gains, study.toml.data.money.currency)
    least = study.toml.report.smallest_group
    large = [g for g in gains.segments if g.persons >= least]
    if sum(g.told for g in large) < 2:
        return None
    everyone = gains.rules["everyone"]
    words = words_of(study, answer) | {
        "hidden": len(gains.segments) - len(large),
        "heads": heads(answer, everyone.persons or 0, everyone.spells or 0),
        "share": gains.share,
        "spread": gains.spread,
        "months": gains.horizon,
        "since": _since(answer),
    }
    question = next(q for q in study.toml.question if q.name == name)
    return Shown(
        study=study,
        name=name,
        is_given=is_given(question),
        answer=answer,
        gains=replace(gains, segments=tuple(large)),
        words=words,
    )


def _since(answer: Answer) -> Sentence | str:
    """Return from when on months are gained, and by whom, where the offer comes after sign-up."""
    asked = answer.estimand
    if asked.design != "landmark":
        return ""
    return Sentence("gains.since", {"one": unit(asked.unit, 1), "from": asked.from_unit})


def _in(gains: Gains, currency: str) -> Gains:
    """Return the gains with money in a currency; what they cost somebody has declared."""

    def of(e: Estimate) -> Estimate:
        return (
            replace(e, unit=currency, assumptions=(*e.assumptions, COST)) if e.unit == MONEY else e
        )

    def each(g: Gain) -> Gain:
        known = {n: getattr(g, n) for n in ("margin", "cost", "brought")}
        told = {n: e and replace(e, unit=currency) for n, e in known.items()}
        return replace(g, each=of(g.each), within=g.within and of(g.within), **told)

    def by_rule(some: Mapping[str, Estimate]) -> dict[str, Estimate]:
        return {n: of(e) for n, e in some.items()}

    return replace(
        gains,
        segments=tuple(map(each, gains.segments)),
        rules=by_rule(gains.rules),
        within=by_rule(gains.within),
        after=by_rule(gains.after),
        ended=by_rule(gains.ended),
        over_risk=of(gains.over_risk),
    )


def _segments(s: Shown) -> Finding:
    """Return in which segments it makes customers stay longer or go sooner, and if they differ."""
    lists = {
        "longer": [g for g in s.told if (g.months.low or 0.0) > 0],
        "shorter": [g for g in s.told if (g.months.high or 0.0) < 0],
    }
    lists["open"] = [g for g in s.told if g not in lists["longer"] and g not in lists["shorter"]]
    words = dict(s.words) | {n: _listed(s, n, own) for n, own in lists.items()}
    lost = [named(s, g) for g in s.gains.segments if not g.told]
    words["untold"] = Sentence("gains.untold", {"names": lost}) if lost else ""
    differs = differ(s)
    return Finding(
        id=f"offers.{s.name}.segments",
        status=Status.ESTIMATED,
        assumptions=s.answer.months.assumptions,
        sentence=Sentence(f"gains.segments.{'differ' if differs else 'alike'}", words),
        importance=0.33 if differs else 0.24,
        questions=(13,),
        figure=f"{ID}.{s.name}" if differs else "",
        table=f"{ID}.{s.name}",
    )


def _listed(s: Shown, key: str, some: Sequence[Gain]) -> Sentence | str:
    """Return the sentence on the segments of one kind, the clearest of them with its number."""
    if not some:
        return ""
    first = max(some, key=lambda g: abs(g.months.value or 0.0))
    names = [named(s, g) for g in some]
    words = {**s.words, "names": names, "first": named(s, first), "gained": first.months}
    many = "one" if len(some) == 1 else "all" if len(some) == len(s.told) else "some"
    return Sentence(f"gains.{key}.{many}", words)


def _results(study: Study, s: Shown) -> list[Result]:
    prefix, least = f"offers.{s.name}", study.toml.report.smallest_group
    lines = results(prefix, {"segment.spread": s.gains.spread})
    for part in s.answer.segments:
        if (part.own.persons or 0) >= least:
            group = dict(zip(part.columns, part.levels, strict=True))
            numbers = {"segment.months": part.shrunk, "segment.own": part.own}
            lines += results(prefix, numbers, group)
    if s.gains.in_money:
        for g in s.told:
            group = dict(zip(s.gains.columns, g.levels, strict=True))
            known = {"margin": g.margin, "brought": g.brought, "cost": g.cost}
            known |= {"gain": g.each, "gain.within": g.within}
            told = {f"segment.{n}": e for n, e in known.items() if e is not None}
            lines += results(prefix, told, group)
    return lines + worth_results(s)
