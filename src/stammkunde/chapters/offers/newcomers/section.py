"""An offer for the new: what is left when it ends, who of the new are old, and when it pays."""

from __future__ import annotations

from stammkunde.chapters.exhibit import Section
from stammkunde.chapters.offers.newcomers.read import (
    AT_THE_END,
    REFUSED,
    Newcomers,
    read_newcomers,
)
from stammkunde.chapters.offers.newcomers.shown import (
    AS_DECLARED,
    bound_to,
    figures,
    numbers,
    returned,
    tables,
    won_declared,
)
from stammkunde.chapters.offers.read import Answers
from stammkunde.chapters.offers.spoken import direction
from stammkunde.chapters.parts import assumptions, remarks, unit
from stammkunde.evidence.asking.answer import Answer
from stammkunde.evidence.starting.newcomers import SHARE_ASSUMED
from stammkunde.result import Estimate, Finding, Label, Sentence, Status, turned
from stammkunde.spells.beside.beside import Beside
from stammkunde.spells.spells import Spells
from stammkunde.study import Study
from stammkunde.survival.curve import TOO_FEW_PERSONS

SHORT = {"no_margin": ("margin",), "no_price": ("offer_price",)}
Words = dict[str, object]


def newcomer_offers(
    study: Study, answers: Answers, spells: Spells, beside: Beside
) -> list[Section]:
    """Return a section for each question on an offer that is there at the start and ends.

    `answers` are those of `read_answers`, `spells` and `beside` of one engine. A question without
    an answer has no section: that on the question itself says why.
    """
    made: list[Section] = []
    for question in study.toml.question:
        answer = answers.get(question.name)
        if isinstance(answer, Answer) and answer.estimand.design == "start" and question.lasts:
            found = read_newcomers(study, question, answer, spells, beside)
            made.append(section_of(study, found))
    return made


def section_of(study: Study, found: Newcomers) -> Section:
    """Return the section on one question's offer."""
    words = words_of(study, found)
    told = [
        _time(found, words),
        _spike(study, found, words),
        _back(study, found, words),
        *_pays(found, words),
    ]
    findings = [f for f in told if f is not None]
    heading = _heading(found, words)
    name = f"{_prefix(found)}.newcomers"
    if not findings:
        why = Sentence("newcomers.left_out", words)
        return Section(id=name, heading=heading, left_out=why)
    unmeasured = found.answer.estimand.assignment == "chosen" and not found.answer.refused
    said = ["newcomers.unmeasured"] if unmeasured else []
    said += ["newcomers.method"] if found.priced else []
    return Section(
        id=name,
        heading=heading,
        findings=findings,
        figures=figures(study, found, words),
        tables=tables(found, words),
        paragraphs=[Sentence(key, words) for key in said],
        results=numbers(study, found),
    )


def _heading(found: Newcomers, words: Words) -> Sentence:
    """Return the heading: who leaves when the offer ends, where more do, else the question."""
    spike = found.spike
    known = spike is not None and None not in (spike.taken.value, spike.plain.value)
    if spike is None or not known or direction(spike.gap, "more", "less") != "more":
        return Sentence("newcomers.heading.plain", words)
    told = {**words, "taken": spike.taken, "plain": spike.plain}
    return Sentence("newcomers.heading.more", told)


def _prefix(found: Newcomers) -> str:
    return f"offers.{found.question.name}"


def words_of(study: Study, found: Newcomers) -> Words:
    """Return the words that all sentences of a question share."""
    q, name = found.question, found.answer.estimand.unit
    rest = q.horizon - q.lasts
    return {
        "title": Label(q.name, dict(q.title)),
        "lasts": q.lasts,
        "horizon": q.horizon,
        "rest": rest,
        "span": AT_THE_END,
        "one": unit(name, 1),
        "one_in": unit(name, 1, "dative"),
        "units": unit(name),
        "lasts_in": unit(name, q.lasts, "dative"),
        "rest_in": unit(name, rest, "dative"),
        "span_in": unit(name, AT_THE_END, "dative"),
        "horizon_in": unit(name, q.horizon, "dative"),
        "level": found.answer.months.level,
        "client": study.name,
        "day": study.as_of,
        "least": study.toml.report.smallest_group,
        "days": study.toml.data.spells.return_days,
        "currency": study.toml.data.money.currency,
    }


def _time(found: Newcomers, words: Words) -> Finding | None:
    """Return what the offer does while it runs, and what afterwards."""
    early, late = found.early, found.late
    if early is None or late is None or None in (early.value, late.value):
        return None
    parts: Words = {}
    for name, e in (("early", early), ("late", late), ("whole", found.answer.months)):
        way = direction(e, "more", "less")
        size = turned(e) if way == "less" else e
        parts[name] = Sentence(f"newcomers.{name}.{way}", {**words, "months": size})
    return Finding(
        id=f"{_prefix(found)}.time",
        status=early.status,
        assumptions=early.assumptions,
        sentence=Sentence("newcomers.time", {**words, **parts}),
        importance=0.3,
        remarks=remarks(early, late),
    )


def _spike(study: Study, found: Newcomers, words: Words) -> Finding | None:
    """Return who leaves when the offer ends, beside those alike who did not have it."""
    spike = found.spike
    if spike is None or None in (spike.gap.value, spike.taken.value, spike.plain.value):
        return None
    way = direction(spike.gap, "more", "less")
    gap = turned(spike.gap) if way == "less" else spike.gap
    told = {**words, "taken": spike.taken, "plain": spike.plain, "gap": gap}
    notes = [Sentence("newcomers.others_by_then", words)]
    bound = bound_to(study, found)
    if bound:
        notes.append(Sentence("newcomers.bound", {"months": bound[-1]}))
    return Finding(
        id=f"{_prefix(found)}.expiry",
        status=spike.gap.status,
        assumptions=spike.gap.assumptions,
        sentence=Sentence(f"newcomers.expiry.{way}", told),
        headline=Sentence("newcomers.expiry.headline", told) if way == "more" else None,
        importance={"more": 0.44, "less": 0.2, "open": 0.15}[way],
        remarks=(*notes, *remarks(spike.gap)),
        figure=f"{_prefix(found)}.expiry",
    )


def _back(study: Study, found: Newcomers, words: Words) -> Finding | None:
    """Return how many of the takers are former customers, and what they are given a year."""
    back = found.back
    if back is None or back.share.value is None:
        return None
    least, key = study.toml.report.smallest_group, "some"
    if back.back < least:
        key = "none" if not back.back else "few"
    told: Words = {**words, "share": back.share, "back": back.back, "signups": back.takers}
    told |= {"spent": "", "again": ""}
    rests = assumptions(study)
    if key == "some" and found.question.euro:
        money = {"cost": returned(study, found), "part": back.units / back.all_units}
        told["spent"] = Sentence("newcomers.spent", {**words, **money})
        rests = (*rests, AS_DECLARED)
    if key == "some" and found.again is not None:
        told["again"] = Sentence("newcomers.again", {**words, "again": found.again})
    data = study.toml.data
    notes = [Sentence("newcomers.unseen", {"day": data.window.open})] if data.window.open else []
    notes += [] if data.persons is not None else [Sentence("newcomers.numbers")]
    return Finding(
        id=f"{_prefix(found)}.returners",
        status=Status.ESTIMATED if assumptions(study) else Status.MEASURED,
        assumptions=rests,
        sentence=Sentence(f"newcomers.returners.{key}", told),
        importance=0.34 if key == "some" else 0.15,
        remarks=(*notes, *remarks(back.share)),
        questions=(6,),
        claims=("A1",),
    )


def _pays(found: Newcomers, words: Words) -> list[Finding]:
    """Return that the share brought in is not known, and from which share on the offer pays."""
    if found.unpriced == REFUSED:
        return []
    unknown = Finding(
        id=f"{_prefix(found)}.induced",
        status=Status.NOT_IDENTIFIABLE,
        sentence=Sentence("newcomers.induced", words),
        unknown=Sentence("newcomers.unknown", words),
        importance=0.25,
        missing=SHORT.get(found.unpriced, ()),
    )
    return [*([_gain(found, words)] if found.priced else []), unknown]


def _gain(found: Newcomers, words: Words) -> Finding:
    first, *longer = found.priced
    even = first.by_share.break_even
    key = way_of(even)
    told = {**words, **gains_of(found)}
    told["longer"] = ""
    far = longer[0].by_share.break_even if longer else None
    if far is not None and far.value is not None and key in ("from", "never"):
        kind = "never" if far.value >= 1 else "from"
        span = {"far": longer[0].horizon, "far_even": far}
        told["longer"] = Sentence(f"newcomers.longer.{kind}", {**words, **span})
    won = "won" if found.question.won_cost else "no_won"
    notes = [Sentence(f"newcomers.{won}", told), Sentence("newcomers.within", told)]
    if found.again is not None:
        notes.append(Sentence("newcomers.per_contract"))
    if first.worth.unknown:
        notes.append(Sentence("newcomers.margin_unknown", {"count": first.worth.unknown}))
    return Finding(
        id=f"{_prefix(found)}.gain",
        status=Status.ASSUMED,
        assumptions=tuple(dict.fromkeys((SHARE_ASSUMED, *even.assumptions, AS_DECLARED))),
        sentence=Sentence(f"newcomers.gain.{key}", told),
        importance=0.42 if key in ("from", "never") else 0.3,
        remarks=tuple(notes),
        figure=f"{_prefix(found)}.gain",
        table=f"{_prefix(found)}.gain_by_share",
    )


def gains_of(found: Newcomers) -> Words:
    """Return the words for what the offer brings per taker: with nobody and with all brought in."""
    first = found.priced[0]
    none, every = first.by_share.gains[0], first.by_share.gains[-1]
    words: Words = {"even": first.by_share.break_even, "none": none, "every": every}
    if none.value is not None and none.value < 0:
        words["lost"] = turned(none)
    if found.question.won_cost:
        words["won"] = won_declared(found)
    return words


def way_of(even: Estimate) -> str:
    """Return which sentence a break-even share deserves."""
    if even.value is None:
        return "few" if even.reason == TOO_FEW_PERSONS else "worthless"
    return "always" if even.value <= 0 else "never" if even.value >= 1 else "from"
