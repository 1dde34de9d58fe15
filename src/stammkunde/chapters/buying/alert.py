"""Whom to contact because he seems to have gone, and what is at stake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from stammkunde.chapters.buying.alert_shown import MONEY, SHARES, figures, tables
from stammkunde.chapters.buying.contacts import ONE, OWN, Priced, Told, judged, priced
from stammkunde.chapters.buying.read import NO_PURCHASES, Buying
from stammkunde.chapters.exhibit import Section
from stammkunde.chapters.parts import amount, results, unit
from stammkunde.result import Estimate, Finding, Label, Result, Sentence, Status
from stammkunde.study import Study
from stammkunde.survival.buying import Alert

ID = "buying.alert"
STAKES = "stakes_as_declared"
# a share that may be off by more is no judgement
DOUBTFUL = ("alert.doubtful_more", "alert.doubtful_fewer")
Words = Mapping[str, object]


def lapse_alert(study: Study, bought: Buying) -> Section:
    """Return the section on whom to contact because he seems to have gone, priced by `[alert]`.

    Each person by his own worth; beside it one threshold for all, several others, and the rules of
    silence, with what each would have met in the hold-out. Without stakes what each rule catches
    and whom it bothers. Left out without a model of purchases.
    """
    heading = Sentence("alert.heading.alert")
    if bought.fit is None or bought.histories is None:
        key = "no_purchases" if bought.why == NO_PURCHASES else "no_model"
        why = Sentence(f"alert.left_out.{key}")
        return Section(id=ID, heading=heading, left_out=why, needed=False)
    if bought.histories.persons < _least(study):
        why = Sentence("alert.left_out.too_few")
        return Section(id=ID, heading=heading, left_out=why, needed=False)
    found = _assumed(priced(study, bought), study.toml.data.money.currency)
    words = _words(study, bought, found)
    shown = [t for t in found.told if t.alert.contacted >= _least(study)]
    return Section(
        id=ID,
        heading=heading,
        findings=_findings(study, found, words),
        figures=figures(found, shown, words),
        tables=tables(found, shown, words),
        paragraphs=[Sentence(f"alert.method.{'stakes' if found.contact else 'plain'}", words)],
        results=_results(found, words, _least(study)),
    )


def _assumed(found: Priced, currency: str) -> Priced:
    """Return the same with gains in the client's currency, resting on what somebody assumed."""

    if found.contact is None:
        return found

    def of(e: Estimate) -> Estimate:
        named = (*e.assumptions, STAKES)
        return replace(e, unit=currency, status=Status.ASSUMED, assumptions=named)

    def priced_in(a: Alert) -> Alert:
        return replace(a, gain=of(a.gain), gain_each=of(a.gain_each))

    told = tuple(
        replace(
            t,
            alert=priced_in(t.alert),
            at_most=t.at_most and of(t.at_most),
            then=t.then and of(t.then),
        )
        for t in found.told
    )
    return replace(found, told=told)


def _words(study: Study, bought: Buying, found: Priced) -> dict[str, object]:
    h, lapse = bought.histories, study.toml.data.lapse
    assert h is not None
    once = int(h.count[h.x == 0].sum())
    words: dict[str, object] = {
        "persons": h.persons,
        "heads": amount("customers", h.persons),
        "client": study.name,
        "day": study.as_of,
        "once": _count(once, h.persons),
        "once_heads": amount("customers", once),
        "level": found.told[-1].alert.gone.level if found.told else 0.95,
        "until": bought.until or study.as_of,
        "days": lapse.gap_days if lapse else 0,
    }
    declared = study.toml.data.alert
    if declared is None or found.contact is None:
        return words
    told, currency = found.of(OWN), study.toml.data.money.currency
    words |= {n: getattr(declared, n) for n in ("won_back", "margin_share", "months")}
    words |= {
        "currency": currency,
        "units": unit("month", declared.months, "dative"),
        "cost": _typed(declared.cost, currency),
        "says": Label("", dict(declared.says)),
        "brings": _plain(found.brings, currency, "no interval: the largest of all"),
        "threshold": _plain(found.threshold, "share", "no interval: a rule"),
        "break_even": found.break_even,
        "least": _least(study),
    }
    # of fewer than may be shown no number is handed on
    return words | (_of(told) if told and told.alert.contacted >= _least(study) else {})


def _of(told: Told) -> dict[str, object]:
    """Return the words for one rule: whom it names today, and what comes of it."""
    a = told.alert
    # without stakes there is no money to tell of
    names = (*SHARES, *(MONEY if STAKES in a.gain.assumptions else ()))
    own: dict[str, object] = {n: getattr(a, n) for n in names}
    heads = amount("customers", a.contacted)
    return own | {"contacted": a.contacted, "contacted_heads": heads, "rule": told.choice.label}


def _count(value: int, persons: int) -> Estimate:
    return replace(_plain(float(value), "count", "no interval: a count"), persons=persons)


def _typed(value: float, unit_name: str) -> Estimate:
    about: dict[str, Any] = {"method": "declared", "status": Status.ASSUMED}
    return replace(_plain(value, unit_name, "no interval: declared"), **about)


def _plain(value: float, unit_name: str, reason: str) -> Estimate:
    return Estimate(value=value, unit=unit_name, method="counted", reason=reason)


def _findings(study: Study, found: Priced, words: Words) -> list[Finding]:
    keys = [OWN, *_lapse_rule(study)]
    tried = {k: f for k in keys if (f := _tried(found, k, words))}
    if found.contact is None:
        return [_plain_finding(study, found, words), *tried.values(), _once(words)]
    main = _main(study, found, words, [*tried.values()])
    if main.sentence.key in DOUBTFUL:
        # it says what the back-test said
        tried.pop(OWN)
    return [main, *_beside(study, found, words), *tried.values(), _once(words)]


def _lapse_rule(study: Study) -> tuple[str, ...]:
    """Return the key of the lapse rule, if there is one."""
    lapse = study.toml.data.lapse
    return () if lapse is None else (f"silent_{lapse.gap_days}",)


def _main(study: Study, found: Priced, words: Words, tried: list[Finding]) -> Finding:
    """Return the finding on how many are worth a contact, how far to trust it, or why nobody is."""
    own = found.of(OWN)
    assert own is not None
    missed = any(f.sentence.key.endswith((".more", ".fewer")) for f in tried)
    key, more = _verdict(study, found, own), words
    if key == "pays" and own.tried is not None and judged(own.tried) in ("more", "fewer"):
        key, more = f"doubtful_{judged(own.tried)}", {**words, **_past(own)}
    return Finding(
        id=ID,
        status=Status.ASSUMED,
        assumptions=own.alert.gain.assumptions,
        sentence=Sentence(f"alert.{key}", more),
        importance=0.25 if missed else 0.42,
        remarks=(Sentence("alert.missed"),) if missed and key != "nobody" else (),
        questions=(13,),
        claims=("A14",),
        figure="buying.alert" if own.alert.contacted >= _least(study) else "",
    )


def _verdict(study: Study, found: Priced, own: Told) -> str:
    if own.alert.contacted >= _least(study):
        return "pays"
    if own.alert.contacted:
        return "few"
    return "nobody" if 0 < found.break_even <= 1 else "never"


def _least(study: Study) -> int:
    return study.toml.report.smallest_group


def _past(told: Told) -> dict[str, object]:
    """Return the words for whom a rule would have named in the middle, and what came of it."""
    assert told.tried is not None
    pair, most, then = told.tried, told.at_most, told.then
    words: dict[str, object] = {"named": amount("customers", pair.persons)}
    words |= {"came": pair.observed, "expected": pair.expected, "rule": told.choice.label}
    known = most is not None and then is not None and None not in (most.value, then.value)
    past = {"at_most": most, "then": then}
    return words | {"past": Sentence("alert.past", past) if known else ""}


def _beside(study: Study, found: Priced, words: Words) -> list[Finding]:
    """Return what one threshold for all, and the lapse rule, are expected to bring instead."""
    lines = []
    one = found.of(ONE)
    if one is not None and one.alert.gain.value is not None:
        lines.append(("one", one))
    rule = next((found.of(k) for k in _lapse_rule(study)), None)
    if rule is not None and rule.alert.gain.value is not None:
        loses = rule.alert.gain.high is not None and rule.alert.gain.high < 0
        lines.append(("loses" if loses else "instead", rule))
    return [
        Finding(
            id=f"{ID}.{'one' if key == 'one' else 'silence'}",
            status=Status.ASSUMED,
            assumptions=told.alert.gain.assumptions,
            sentence=Sentence(f"alert.{key}", {**words, **_of(told)}),
            importance=0.15,
            claims=("A14",),
            table="buying.alert",
        )
        for key, told in lines
    ]


def _plain_finding(study: Study, found: Priced, words: Words) -> Finding:
    """Return what the lapse rule catches and bothers, and which numbers would price it."""
    told = next((found.of(k) for k in _lapse_rule(study)), None)
    declared = study.toml.data.alert is not None
    key = "no_spend" if declared else "no_stakes"
    if told is None or told.alert.gone.value is None:
        status, made = Status.NOT_IDENTIFIABLE, Sentence(f"alert.{key}.alone", words)
        return Finding(id=ID, status=status, sentence=made, importance=0.1)
    return Finding(
        id=ID,
        status=Status.ESTIMATED,
        assumptions=told.alert.gone.assumptions,
        sentence=Sentence(f"alert.{key}.rule", {**words, **_of(told)}),
        importance=0.2,
        claims=("A14",),
        table="buying.alert_caught",
    )


def _tried(found: Priced, key: str, words: Words) -> Finding | None:
    """Return the finding on whom a rule would have named in the middle; None where too few.

    Of a rule of silence those who bought again: errors about who bought once, whom the model takes
    for still there, are of another kind and may cancel theirs.
    """
    told = found.of(key.replace("silent_", "repeat_"))
    if told is None or told.tried is None:
        return None
    pair = told.tried
    verdict = judged(pair)
    return Finding(
        id=f"{ID}.tried" if key == OWN else f"{ID}.tried_silence",
        status=Status.ESTIMATED,
        assumptions=pair.expected.assumptions,
        sentence=Sentence(f"alert.tried.{verdict}", {**words, **_past(told)}),
        importance=0.3 if verdict in ("more", "fewer") else 0.2,
        claims=("A14",),
        table="buying.alert_tried",
    )


def _once(words: Words) -> Finding:
    return Finding(
        id=f"{ID}.once",
        status=Status.MEASURED,
        sentence=Sentence("alert.once", words),
        importance=0.05,
    )


def _results(found: Priced, words: Words, least: int) -> list[Result]:
    once = words["once"]
    assert isinstance(once, Estimate)
    lines = results(ID, {"once": once})
    for name in ("cost", "brings", "threshold") if found.contact is not None else ():
        number = words[name]
        assert isinstance(number, Estimate)
        lines += results(ID, {name: number})
    for told in found.told:
        a, numbers = told.alert, {}
        if not a.contacted or a.contacted >= least:
            numbers = {"contacted": _count(a.contacted, a.persons)}
            numbers |= {n: getattr(a, n) for n in SHARES}
            numbers |= {n: getattr(a, n) for n in MONEY} if found.contact is not None else {}
        if told.tried is not None:
            numbers |= {"came": told.tried.observed, "came_expected": told.tried.expected}
        past = {"at_most": told.at_most, "gain_then": told.then}
        numbers |= {n: e for n, e in past.items() if e is not None}
        lines += results(ID, numbers, {"rule": told.choice.key})
    return lines
