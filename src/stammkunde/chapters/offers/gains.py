"""Who gains by an offer, whom it harms, and what choosing by that is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from stammkunde.chapters.exhibit import Section
from stammkunde.chapters.offers.gains_shown import Shown, figure, named, tables
from stammkunde.chapters.offers.spoken import direction, words_of
from stammkunde.chapters.parts import amount, results
from stammkunde.draws import paired
from stammkunde.evidence.asking.answer import Answer
from stammkunde.evidence.asking.gains import Gain, Gains
from stammkunde.evidence.asking.question import GIVEN, OFFERED
from stammkunde.evidence.asking.stakes import MONEY
from stammkunde.intervals import student_quantile
from stammkunde.result import Estimate, Finding, Label, Result, Sentence, Status, turned
from stammkunde.study import Study

ID = "offers.gains"
COST = "cost_as_declared"
# verdicts on an offer that can be acted upon
CLEAR = ("nobody", "pays", "all", "lost")
Answers = Mapping[str, Answer | str]
Words = Mapping[str, object]


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
    leading = _leading(told)
    findings = [[*_worth(s, leads=s is leading), _segments(s)] for s in told]
    findings.sort(key=lambda own: -max(f.importance for f in own))
    return [
        Section(
            id=ID,
            heading=heading,
            findings=[*(f for own in findings for f in own), *_silent(study, asked, told)],
            figures=[figure(s) for s in told],
            tables=tables(told),
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


def _shown(study: Study, name: str, answer: Answer | str | None) -> Shown | None:
    """Return what can be shown of a question, money in the client's currency."""
    if not isinstance(answer, Answer) or answer.gains is None:
        return None
    gains = _in(answer.gains, study.toml.data.money.currency)
    least = study.toml.report.smallest_group
    large = [g for g in gains.segments if g.persons >= least]
    if sum(g.told for g in large) < 2:
        return None
    words = words_of(study, answer) | {
        "hidden": len(gains.segments) - len(large),
        "heads": amount("customers", gains.rules["everyone"].persons or 0),
        "share": gains.share,
        "spread": gains.spread,
        "months": gains.horizon,
    }
    return Shown(
        study=study,
        name=name,
        answer=answer,
        gains=replace(gains, segments=tuple(large)),
        words=words,
    )


def _in(gains: Gains, currency: str) -> Gains:
    """Return the gains with money in a currency; what they cost somebody has declared."""

    def of(e: Estimate) -> Estimate:
        return (
            replace(e, unit=currency, assumptions=(*e.assumptions, COST)) if e.unit == MONEY else e
        )

    def each(g: Gain) -> Gain:
        margin, cost = (e and replace(e, unit=currency) for e in (g.margin, g.cost))
        return replace(g, each=of(g.each), margin=margin, cost=cost)

    return replace(
        gains,
        segments=tuple(map(each, gains.segments)),
        rules={n: of(e) for n, e in gains.rules.items()},
    )


def _segments(s: Shown) -> Finding:
    """Return in which segments it makes customers stay longer or go sooner, and if they differ."""
    spread = s.gains.spread
    assert spread.low is not None
    lists = {
        "longer": [g for g in s.told if (g.months.low or 0.0) > 0],
        "shorter": [g for g in s.told if (g.months.high or 0.0) < 0],
    }
    lists["open"] = [g for g in s.told if g not in lists["longer"] and g not in lists["shorter"]]
    words = dict(s.words) | {n: _listed(s, n, own) for n, own in lists.items()}
    lost = [named(s, g) for g in s.gains.segments if not g.told]
    words["untold"] = Sentence("gains.untold", {"names": lost}) if lost else ""
    differs = spread.low > 0
    return Finding(
        id=f"offers.{s.name}.segments",
        status=Status.ESTIMATED,
        assumptions=s.answer.months.assumptions,
        sentence=Sentence(f"gains.segments.{'differ' if differs else 'alike'}", words),
        importance=0.33 if differs else 0.24,
        questions=(13,),
        figure=f"{ID}.{s.name}",
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


def _leading(told: Sequence[Shown]) -> Shown | None:
    """Return the question of most worth, for better or worse, on an offer to customers of today."""
    clear = [
        s for s in told if s.answer.estimand.design in OFFERED and _verdict(s, _paying(s)) in CLEAR
    ]
    # euros say more than months
    worth = {s.name: (s.gains.in_money, abs(s.gains.rules["everyone"].value or 0.0)) for s in clear}
    return max(clear, key=lambda s: worth[s.name], default=None)


def _paying(s: Shown) -> list[Gain]:
    return [g for g in s.told if (g.each.value or 0.0) > 0]


def _verdict(s: Shown, paying: Sequence[Gain]) -> str:
    """Return whether choosing by gain pays; nothing where nobody is given the offer."""
    rules = s.gains.rules
    if s.answer.estimand.design not in GIVEN or any(e.value is None for e in rules.values()):
        return ""
    everyone, gain = direction(rules["everyone"]), direction(rules["gain"])
    if not paying:
        gained = any((g.months.value or 0.0) > 0 for g in s.told)
        certain = "nobody" if gained and s.gains.in_money else "lost"
        return certain if everyone == "shorter" else "unclear"
    if len(paying) == len(s.told) and everyone == "longer":
        return "all"
    return {"longer": "pays", "shorter": "loses", "open": "open"}[gain]


def _worth(s: Shown, *, leads: bool) -> list[Finding]:
    """Return what rules of whom to give the offer are worth; none where nobody is given it."""
    rules, paying = s.gains.rules, _paying(s)
    key = _verdict(s, paying)
    if not key:
        return []
    words: dict[str, object] = {**s.words, **rules, "paying": [named(s, g) for g in paying]}
    words["risky"] = _risky(s, words) if paying else ""
    best = max(s.told, key=lambda g: g.each.value or 0.0)
    words |= {"best": named(s, best), "each": best.each, "gained": best.months}
    if s.gains.in_money:
        words |= {"earned": best.margin, "cost": best.cost}
    kind = "money" if s.gains.in_money else "months"
    return [
        Finding(
            id=f"offers.{s.name}.worth",
            status=Status.ESTIMATED,
            assumptions=rules["gain"].assumptions,
            sentence=Sentence(f"gains.worth.{kind}.{key}", words),
            importance=0.62 if leads else 0.34 if key in CLEAR else 0.22,
            questions=(10, 13) if s.answer.estimand.design == "landmark" else (13,),
            remarks=_not_counted(s),
            table=f"{ID}.worth" if s.gains.in_money else "",
        )
    ]


def _not_counted(s: Shown) -> tuple[Sentence, ...]:
    """Return what the money leaves out: newcomers won, and who is still there at the horizon."""
    if not s.gains.in_money:
        return ()
    start = s.answer.estimand.design == "start"
    found = [Sentence("gains.newcomers")] if start else []
    later = s.answer.compared.share
    way = direction(later)
    if way in ("longer", "shorter"):
        more = later if way == "longer" else turned(later)
        found.append(Sentence(f"gains.later.{way}", {**s.words, "later": more}))
    return tuple(found)


def _risky(s: Shown, words: Words) -> Sentence:
    """Return whether choosing by gain is better than choosing as many by risk."""
    gap = _gap(s)
    assert gap is not None
    assert gap.low is not None
    assert gap.high is not None
    key = "better" if gap.low > 0 else "worse" if gap.high < 0 else "open"
    kind = "money" if s.gains.in_money else "months"
    return Sentence(f"gains.risky.{kind}.{key}", {**words, "gap": gap})


def _gap(s: Shown) -> Estimate | None:
    """Return by how much choosing by gain beats choosing as many by risk; None where unknown."""
    best, risk = s.gains.rules["best"], s.gains.rules["risk"]
    return None if best.value is None or risk.value is None else _less(best, risk)


def _less(a: Estimate, b: Estimate) -> Estimate:
    """Return the difference of what two rules are worth, paired by block."""
    assert a.replicates is not None
    assert b.replicates is not None
    both = paired(a.replicates, b.replicates, np.subtract)
    at, se = (a.value or 0.0) - (b.value or 0.0), float(both.se())
    step = student_quantile(a.level, both.smallest) * se
    return replace(a, value=at, low=at - step, high=at + step, se=se, replicates=both)


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
            known = {"margin": g.margin, "cost": g.cost, "gain": g.each}
            told = {f"segment.{n}": e for n, e in known.items() if e is not None}
            lines += results(prefix, told, group)
    gap = _gap(s)
    rules = {**s.gains.rules, **({"gain_over_risk": gap} if gap else {})}
    return lines + results(f"{prefix}.worth", rules)
