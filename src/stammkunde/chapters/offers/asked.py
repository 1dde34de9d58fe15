"""What a question asks, in words that a manager can check one by one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from stammkunde.chapters.exhibit import Name
from stammkunde.chapters.offers.spoken import column_name
from stammkunde.chapters.parts import unit
from stammkunde.chapters.reasons.names import level_name
from stammkunde.evidence.asking.answer import Answer
from stammkunde.evidence.asking.estimand import Estimand
from stammkunde.evidence.asking.question import QuestionToml
from stammkunde.evidence.dates.dated import TENURE
from stammkunde.result import Label, Sentence
from stammkunde.study import Study

Words = Mapping[str, object]


def words_of(study: Study, estimand: Estimand) -> dict[str, object]:
    """Return the words of a question: its arms, its time zero, how far it reaches."""
    e = estimand
    words: dict[str, object] = {
        "title": e.title,
        "treated": e.treated,
        "control": e.control,
        "horizon": e.horizon,
        "unit": unit(e.unit, e.horizon, "dative"),
        "units": unit(e.unit),
        "of_units": unit(e.unit, case="dative"),
        "one": unit(e.unit, 1),
        "relevant": e.relevant,
        "from": e.from_unit,
        "to": e.to_unit,
        "client": study.name,
        "as_of": study.as_of,
    }
    # what nobody dealt out is not said to have caused anything
    words |= {n: Sentence(f"offers.{n}.{e.assignment}") for n in ("by", "among")}
    words |= {"alike": alike_of(study, e)} if e.alike or e.lately else {}
    words |= {"cluster": column_name(study, e.cluster)} if e.cluster else {}
    words |= {"day": e.day} if e.day else {}
    return words | {"frame": Sentence(f"offers.frame.{frame(e)}", words)}


def frame(estimand: Estimand) -> str:
    """Return from when the horizon counts: "sign_up", "day", or "after" what happened."""
    if estimand.from_sign_up:
        return "sign_up"
    return "day" if estimand.design in ("day", "regions") else "after"


def asked(study: Study, answer: Answer) -> Sentence:
    """Return the paragraph that says who is compared, from when on, and what counts."""
    e = answer.estimand
    words = words_of(study, e) | {"limits": _limits(study, e), "arms": _arms(study, e)}
    return Sentence(f"offers.asked.{e.design}", words)


def plainly_asked(study: Study, question: QuestionToml, told: Words) -> dict[str, object]:
    """Return the words of a question that nothing in the data answers, with those `told` of why."""
    of = study.toml.data.window.unit
    arms = {
        "treated": Label("treated", dict(question.treated.title)),
        "control": Label("control", dict(question.control.title)),
    }
    words: dict[str, object] = {
        "title": Label(question.name, dict(question.title)),
        **arms,
        "about": question.about,
        "client": study.name,
        "from": question.from_unit,
        "to": question.to_unit,
        "units": unit(of),
        "units_in": unit(of, case="dative"),
        "one": unit(of, 1),
    }
    key = "window" if question.to_unit > question.from_unit else "unit"
    words |= {"when": Sentence(f"unasked.when.{key}", dict(words)), **told}
    return words | ({"arm": arms[str(told["arm"])]} if told.get("arm") in arms else {})


def alike_of(study: Study, estimand: Estimand) -> list[Name]:
    """Return the names of all columns in which only those alike are compared."""
    names: list[Name] = [_named(study, c) for c in estimand.alike]
    return [*names, *([Sentence("offers.lately")] if estimand.lately else [])]


def _named(study: Study, column: str) -> Name:
    """Return what a column is called; tenure is that by the day from which on customers count."""
    return Sentence("offers.tenure") if column == TENURE else column_name(study, column)


def _limits(study: Study, estimand: Estimand) -> Sentence | str:
    """Return the words for who of all customers is asked about; nothing where it is everybody."""
    e, found = estimand, []
    days = [d for d in (e.signed_from, _seen_from(study, e)) if d]
    if days:
        found.append(Sentence("offers.limit.from", {"day": max(days)}))
    if e.signed_before:
        found.append(Sentence("offers.limit.before", {"day": e.signed_before}))
    for column, levels in e.where.items():
        told = [level_name(study, column, level) for level in levels]
        words = {"column": column_name(study, column), "levels": told}
        found.append(Sentence("offers.limit.where", words))
    return Sentence("offers.limits", {"found": found}) if found else ""


def _seen_from(study: Study, estimand: Estimand) -> date | None:
    """Return the day from which a sign-up was seen, where only those seen from it on are asked."""
    return study.toml.data.window.open if estimand.design == "start" else None


def _arms(study: Study, estimand: Estimand) -> Sentence:
    """Return how the arms came about, and what makes them alike."""
    words = words_of(study, estimand)
    if estimand.cluster:
        key = "clusters" if estimand.assignment == "drawn" else "clusters_chosen"
        key = "clusters_alike" if key == "clusters" and estimand.alike else key
    elif estimand.assignment == "drawn":
        key = "drawn_alike" if estimand.alike else "drawn"
    else:
        key = "chosen"
    return Sentence(f"offers.arms.{key}", words)
