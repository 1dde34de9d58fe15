"""Do the questions fit the data that are declared? Asked when the TOML is read, before any data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from stammkunde.errors import SchemaError, nearest
from stammkunde.evidence.asking.estimand import DATED
from stammkunde.evidence.asking.keys import Fault, check_question, raise_first
from stammkunde.evidence.asking.question import QuestionToml, design_of
from stammkunde.evidence.dates.dated import TENURE
from stammkunde.spells.months import completed
from stammkunde.spells.schema.data import DataToml
from stammkunde.spells.spells import COHORT


def check_questions(
    questions: Sequence[QuestionToml], data: DataToml, languages: Sequence[str], where: str
) -> None:
    """Raise SchemaError, naming the key, for a question that the declared data cannot answer."""
    for i, question in enumerate(questions):
        place = f"question[{i}]"
        if question.name in [q.name for q in questions[:i]]:
            raise SchemaError(
                f"`{place}.name`: there are two questions `{question.name}`",
                where=where,
                remedy="Give each a name of its own.",
            )
        check_question(question, where, place)
        raise_first(question, _misfits(question, data, languages), where, place)


def _misfits(q: QuestionToml, data: DataToml, languages: Sequence[str]) -> Iterator[Fault]:
    """Yield what does not fit: texts, tables, columns, days."""
    yield from _titles(q, languages)
    yield from _tables(q, data)
    yield from _names(q, data)
    yield from _columns(q, data)
    yield from _window(q, data)


def _titles(q: QuestionToml, languages: Sequence[str]) -> Iterator[Fault]:
    texts = {"title": q.title, "treated.title": q.treated.title, "control.title": q.control.title}
    for key, text in texts.items():
        for language in dict.fromkeys(locale[:2] for locale in languages):
            if not text.get(language, "").strip():
                yield (
                    key,
                    f"it lacks the language `{language}` of a report",
                    "Write it in every language of `client.languages`.",
                )


def _tables(q: QuestionToml, data: DataToml) -> Iterator[Fault]:
    key = "offer" if q.offer else "event" if q.event else "column"
    if data.snapshot is not None:
        yield (
            key,
            "a snapshot tells no days: what its columns say may have come after what it did",
            "Deliver `[contracts]` with their days, and what was offered when.",
        )
    lacking = {"offer": data.offers is None, "event": data.events is None}
    if lacking.get(key):
        yield key, f"there is no table `[{key}s]`", f"Name `[{key}s]`, or leave the question out."
    words = q.treated.words or q.control.words
    if q.offer and words and not (data.offers and data.offers.arm):
        yield "treated.words", "`[offers]` has no column `arm`", "Name `offers.arm`."
    if q.event and words and not (data.events and data.events.value):
        yield "treated.words", "`[events]` has no column `value`", "Name `events.value`."


def _names(q: QuestionToml, data: DataToml) -> Iterator[Fault]:
    """Yield a name of a column that has another meaning where each is counted from a day on."""
    if design_of(q) in (*DATED, "reaction") and TENURE in (*data.groups, *data.covariates):
        key = "day" if q.day else "offer" if q.offer else "event"
        yield (
            key,
            f"a group or covariate is called `{TENURE}`, as is the time as a customer by that day",
            "Give the group or covariate another name.",
        )


def _columns(q: QuestionToml, data: DataToml) -> Iterator[Fault]:
    """Yield columns that are not declared, and numbers where words are needed."""
    own = [*data.groups, *data.covariates, COHORT]
    clock = [TENURE] if design_of(q) in DATED else []
    # a number is cut at its quantiles, so that no words of it can be known beforehand
    numbers = [n for n, c in data.covariates.items() if c.kind == "number"]
    for key in ("column", "cluster"):
        name = getattr(q, key)
        if name and name not in own:
            yield key, _unknown(name), nearest(name, own)
        if name in numbers:
            yield key, f"`{name}` is a number", "Declare it as a group with `cuts`, or as levels."
    for key, known in (("alike", [*own, *clock]), ("by", own)):
        for name in getattr(q, key):
            if name not in known:
                yield key, _unknown(name), nearest(name, known)
    for name in q.by:
        if name in numbers:
            yield (
                "by",
                f"`{name}` is a number, cut elsewhere among other customers",
                "Declare it as a group with `cuts`.",
            )
    for name in q.where:
        if name not in own:
            yield f"where.{name}", _unknown(name), nearest(name, own)
        if name in numbers:
            yield f"where.{name}", f"`{name}` is a number", "Declare it as a group with `cuts`."


def _unknown(name: str) -> str:
    return f"no group or covariate is called `{name}`"


def _window(q: QuestionToml, data: DataToml) -> Iterator[Fault]:
    """Yield days outside observation, and a horizon that nobody can be observed to the end of."""
    opens, close, unit = data.window.open, data.window.close, data.window.unit
    if close is None:
        return
    if q.day is not None and (q.day >= close or (opens is not None and q.day < opens)):
        known = f"from {opens or 'the first contract'} to {close}"
        yield "day", f"{q.day} lies outside observation", f"It must lie {known}."
    if q.signed_from is not None and q.signed_from >= close:
        yield "signed_from", f"nobody was observed from {q.signed_from} on", "Write a day before."
    begins, spared = _first(q, opens)
    longest = None if begins is None else completed(begins, close, unit) + spared
    if longest is not None and q.horizon > longest:
        yield (
            "horizon",
            f"nobody was observed for more than {longest} {unit}s of it",
            f"Ask for {longest} or fewer, or deliver longer observation.",
        )


def _first(q: QuestionToml, opens: date | None) -> tuple[date | None, int]:
    """Return the first day from which a subject can be followed, and units that may lie before it.

    Who signed before observation may be seen from a later unit on: for an offer that is taken later
    sign-up is then no limit, but for the units before it is taken.
    """
    if q.day is not None:
        return q.day, 0
    days = [d for d in (opens, q.signed_from) if d is not None]
    if not days:
        return None, 0
    if design_of(q) in ("landmark", "grace"):
        late = q.signed_from is not None and (opens is None or q.signed_from >= opens)
        return (q.signed_from, 0) if late else (opens, q.from_unit)
    return max(days), 0
