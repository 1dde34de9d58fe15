"""Do the keys of a question fit together? What a question says must have a say in its answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stammkunde.errors import SchemaError
from stammkunde.evidence.asking.question import QuestionToml, design_of

SLUG = re.compile(r"[a-z][a-z0-9_]{0,39}")
# sections and results of the report on all questions together
TAKEN = ("overview", "gains")
# the key that is wrong, what is, and what to do
Fault = tuple[str, str, str]


def check_question(q: QuestionToml, where: str = "", place: str = "question") -> None:
    """Raise SchemaError, naming the key, where the keys of a question do not fit together."""
    raise_first(q, faults(q), where, place)


def raise_first(q: QuestionToml, found: Iterator[Fault], where: str, place: str) -> None:
    """Raise SchemaError for the first fault of a question, if there is one."""
    for key, what, remedy in found:
        raise SchemaError(f"`{place}.{key}` (`{q.name}`): {what}", where=where, remedy=remedy)


def faults(q: QuestionToml) -> Iterator[Fault]:
    """Yield what is wrong with the keys of a question, whatever the data are."""
    yield from _about(q)
    yield from _numbers(q)
    yield from _time(q)
    yield from _words(q)
    yield from _alike(q)


def _about(q: QuestionToml) -> Iterator[Fault]:
    if not SLUG.fullmatch(q.name):
        yield (
            "name",
            "it names results and files",
            "Write a short name in small letters, figures and `_`, a letter first.",
        )
    if q.name in TAKEN:
        yield (
            "name",
            "the report's section on all questions is called so",
            "Give the question another name.",
        )
    named = [n for n in ("offer", "event", "column") if getattr(q, n)]
    if len(named) > 1:
        yield named[1], f"the question names `{named[0]}` too", "Name one: what it is about."
    if not named:
        yield (
            "offer",
            "the question says nothing of what was done",
            "Name one: an `offer`, an `event`, or a `column` that tells who had it.",
        )


def _numbers(q: QuestionToml) -> Iterator[Fault]:
    for key, least in (("horizon", 1), ("from_unit", 1)):
        if getattr(q, key) < least:
            yield key, f"it is {getattr(q, key)}", "Count units from 1."
    for key in ("to_unit", "relevant", "lasts", "euro", "won_cost"):
        if getattr(q, key) < 0:
            yield key, f"it is {getattr(q, key):g}", "Write 0 or more."
    for kind, units in q.lately.items():
        if units < 1:
            yield f"lately.{kind}", f"it is {units}", "Write how many units back, 1 or more."


def _words(q: QuestionToml) -> Iterator[Fault]:
    treated, control, design = q.treated.words, q.control.words, design_of(q)
    both = [w for w in treated if w in control]
    if both:
        yield "control.words", f"`{both[0]}` is a word of both arms", "Leave it to one of them."
    if design in ("landmark", "grace") and control:
        yield (
            "control.words",
            "beside who takes an offer at a tenure stand all who are still there without it",
            "Leave the words out; with a lot, write `on_its_day = true`.",
        )
    if design == "reaction" and treated:
        yield (
            "treated.words",
            "an event beside none has no words",
            "Leave them out, or name the `value` of the control too.",
        )
    if control and not treated:
        yield "treated.words", "the control has words, the treated have none", "Write them."
    if q.column and not control:
        yield "control.words", "a column needs the words of both arms", "Write them."
    if design == "lot" and not control:
        yield (
            "control.words",
            "an offer on its day needs the words of those who were held out",
            "Write them; those never considered are no control.",
        )


def _time(q: QuestionToml) -> Iterator[Fault]:
    design = design_of(q)
    if q.day is not None and not q.column:
        yield "day", "it needs a `column` that says whom the policy met", "Name it, or no day."
    if q.cluster and q.day is None:
        yield "cluster", "it needs the `day` on which the policy began", "Write it, or no cluster."
    if q.on_its_day and not q.offer:
        yield "on_its_day", "it is for an offer", "Leave it out: events count from their day."
    for key, units in (("from_unit", q.from_unit - 1), ("to_unit", q.to_unit)):
        if units > 0 and (not q.offer or q.on_its_day or q.day is not None):
            yield key, "it is for an offer taken at a tenure", "Leave it out."
    if 0 < q.to_unit < q.from_unit:
        yield (
            "to_unit",
            "it lies before `from_unit`",
            "Write the last unit in which the offer could be taken.",
        )
    if design in ("landmark", "grace") and q.horizon < max(q.to_unit, q.from_unit):
        yield (
            "horizon",
            f"nothing of the offer lies within {q.horizon} units of sign-up",
            "Ask for a longer horizon.",
        )
    if q.signed_from and q.signed_before and q.signed_from >= q.signed_before:
        yield "signed_before", "it is not after `signed_from`", "Nobody signed then: correct one."


def _alike(q: QuestionToml) -> Iterator[Fault]:
    design = design_of(q)
    if q.lately and design != "reaction":
        yield "lately", "it is for an event beside none", "Leave it out."
    if q.assignment == "chosen" and not q.alike and not q.lately:
        yield (
            "alike",
            "who was given what was chosen, and nothing makes the arms alike",
            'Name columns, or write `assignment = "drawn"` if a lot decided.',
        )
    if design == "grace" and q.by:
        yield "by", "an offer taken within a window is not told apart in segments", "Leave it out."
    for key in ("alike", "by"):
        for column, what in ((q.column, "column"), (q.cluster, "cluster")):
            if column and column in getattr(q, key):
                yield (
                    key,
                    f"nobody of the other arm is alike in the `{what}` `{column}`",
                    "Leave it out.",
                )
    for column, levels in q.where.items():
        if column == q.column:
            yield f"where.{column}", "its words make the arms", "Leave it out."
        elif not levels:
            yield f"where.{column}", "it names no level", "Name those asked about."
