"""How customers are taken to react to an element of a policy, one clause per reaction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stammkunde.chapters.exhibit import Name
from stammkunde.chapters.policies.book.clauses import causes_of
from stammkunde.chapters.policies.book.worded import Told
from stammkunde.chapters.policies.read import Decision
from stammkunde.policy.declared import policies_of
from stammkunde.policy.offers import CoolOff, Element, Reaction
from stammkunde.policy.offers.behaviour import NOTHING
from stammkunde.result import Label, Sentence


def questions(decision: Decision) -> dict[tuple[str, str], Label]:
    """Return by policy and element the question whose answer is its effect."""
    titles = {q.name: Label(q.name, dict(q.title)) for q in decision.study.toml.question}
    named = (
        (policy.name, element.name, getattr(element, "behaviour", NOTHING).effect)
        for policy in policies_of(decision.study.toml)
        for _, element in policy.all()
    )
    return {(p, e): titles[q] for p, e, q in named if isinstance(q, str) and q in titles}


def responses(
    element: Element, told: Told, question: Label | None = None
) -> Iterator[tuple[Sentence, bool]]:
    """Yield each reaction to an element in words, and whether it was estimated from the data.

    `question` is the one whose answer is its effect.
    """
    if isinstance(element, CoolOff):
        if element.deterred != 0.0:
            share = {"share": told.share(element.deterred)}
            yield Sentence("book.reaction.deterred", share), False
        return
    behaviour = getattr(element, "behaviour", NOTHING)
    for reaction in behaviour.reactions:
        yield _leaving(reaction, told), False
    if behaviour.lift != 0.0:
        yield Sentence("book.reaction.lift", {"share": told.share(behaviour.lift)}), False
    if behaviour.always_buyers != 1.0:
        share = {"share": told.share(behaviour.always_buyers)}
        yield Sentence("book.reaction.always_buyers", share), False
    if behaviour.referrals != 0.0:
        count = {"number": told.number(behaviour.referrals)}
        yield Sentence("book.reaction.referrals", count), False
    if behaviour.effect is not None:
        key = "effect" if question is None else "answer"
        yield Sentence(f"book.reaction.{key}", {"question": question or ""}), True


def _leaving(reaction: Reaction, told: Told) -> Sentence:
    """Return by what leaving for which causes is multiplied, when, and what is added."""
    words: dict[str, Any] = {
        "causes": causes_of(reaction.causes, told),
        "when": Sentence(f"book.when.{reaction.when}"),
        "ratio": told.number(reaction.ratio, "ratio"),
        "units": _units(reaction),
        "adds": "",
    }
    if reaction.adds != 0.0:
        words["adds"] = Sentence("book.reaction.adds", {"share": told.share(reaction.adds)})
    return Sentence("book.reaction.leaving", words)


def _units(reaction: Reaction) -> Name:
    """Return in which months of it a reaction holds; "" in all."""
    first, last = reaction.from_unit, reaction.to_unit
    if last is None:
        return "" if first == 1 else Sentence("book.units.on", {"from": first})
    if first == last:
        return Sentence("book.units.one", {"from": first})
    return Sentence("book.units.span", {"from": first, "to": last})
