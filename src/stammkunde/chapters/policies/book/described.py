"""What each policy gives, in plain words, and how customers are taken to react to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from stammkunde.chapters.exhibit import Column, Name, Section, Table
from stammkunde.chapters.policies.book.clauses import (
    KINDS,
    clause,
    joined,
    kind_of,
    listed,
    named,
    taken_by,
)
from stammkunde.chapters.policies.book.responses import questions, responses
from stammkunde.chapters.policies.book.worded import (
    Told,
    field_of,
    in_unit,
    level_title,
    policy_title,
    unit_of,
)
from stammkunde.chapters.policies.read import Decision
from stammkunde.policy.offers import Element, Policy
from stammkunde.policy.offers.elements import Rebate
from stammkunde.result import Estimate, Sentence

ID = "policy.offered"
TAKE_UP = "take_up"


@dataclass(frozen=True)
class Rule:
    """An element and the levels of the segments that it is for; none: for all customers.

    `taken` are the shares that take it up where levels differ in nothing else.
    """

    element: Element
    levels: tuple[str, ...] = ()
    taken: tuple[tuple[str, float | str], ...] = ()


def described(decision: Decision) -> Section:
    """Return what each policy gives, to whom and for how long, and to what its dial was turned.

    How customers are taken to react to each element stands in the workbook.
    """
    told = Told(decision)
    table = Table(
        id=ID,
        caption=Sentence("book.offered.caption"),
        columns=[Column(f"book.column.{n}", "text") for n in ("policy", "offers")],
        rows=[
            (policy_title(decision, p.name), joined([_offers(p, told), *_turned(p, told)]))
            for p in decision.policies
        ],
        note=Sentence("book.offered.note"),
    )
    reacting = _reactions(decision, told)
    return Section(
        id=ID,
        heading=Sentence("book.offered.heading"),
        tables=[table, *([reacting] if reacting.rows else [])],
    )


def rules(policy: Policy) -> Iterator[Rule]:
    """Yield the elements of a policy, alike ones of several levels together.

    What stands under a level in place of the general element, and differs from it only in who takes
    it up, is that element with a share of its own.
    """
    general = {e.name: e for e in policy.elements}
    own = {n: {e.name: e for e in found} for n, found in policy.segments.items()}
    for name, element in general.items():
        levels = {n: found[name] for n, found in own.items() if name in found}
        alike = {n: e for n, e in levels.items() if _but_taken(e) == _but_taken(element)}
        taken = tuple((n, getattr(e, TAKE_UP, 1.0)) for n, e in sorted(alike.items()))
        yield Rule(element, taken=taken)
        yield from _by_level({n: e for n, e in levels.items() if n not in alike})
    for name in sorted({n for found in own.values() for n in found if n not in general}):
        yield from _by_level({n: found[name] for n, found in own.items() if name in found})


def _by_level(levels: dict[str, Element]) -> Iterator[Rule]:
    seen: list[Element] = []
    for element in levels.values():
        if element not in seen:
            seen.append(element)
            yield Rule(element, tuple(sorted(n for n, e in levels.items() if e == element)))


def _but_taken(element: Element) -> Element:
    return replace(element, take_up=1.0) if isinstance(element, Rebate) else element


def _offers(policy: Policy, told: Told) -> Name:
    """Return what a policy gives: in full, or what sets it apart from the comparator's."""
    decision = told.decision
    own, today = _ordered(policy), _ordered(decision.policy(decision.comparator))
    full = joined([_clause(r, told) for r in own]) or Sentence("book.offer.nothing")
    if policy.name == decision.comparator or not any(r in today for r in own):
        return full
    before = {r.element.name: r for r in today}
    names = {r.element.name for r in own}
    changed = [r for r in own if r not in today and r.element.name in before]
    apart = {
        "without": listed(named(r.element, told) for r in today if r.element.name not in names),
        "changed": joined([_clause(r, told, before[r.element.name]) for r in changed]),
        "added": joined([_clause(r, told) for r in own if r.element.name not in before]),
    }
    words: dict[str, Name] = {"policy": decision.title(decision.comparator)}
    for key, said in apart.items():
        words[key] = said and Sentence(f"book.like.{key}", {"said": said})
    return Sentence("book.like.offer", words)


def _ordered(policy: Policy) -> list[Rule]:
    """Return the rules of a policy: rebates first, and so on in the order of the kinds."""
    kinds = [*KINDS.values()]
    return sorted(rules(policy), key=lambda r: kinds.index(kind_of(r.element)))


def _clause(rule: Rule, told: Told, before: Rule | None = None) -> Sentence:
    """Return a rule in words; `before` is the comparator's that it takes the place of."""
    study, order = told.decision.study, [p.level for p in told.decision.basis.parts]
    shares = sorted(rule.taken, key=lambda x: order.index(x[0]) if x[0] in order else len(order))
    each = [(level_title(study, n), share) for n, share in shares]
    taken = taken_by(told, getattr(rule.element, TAKE_UP, 1.0), each)
    if not taken and before is not None and getattr(before.element, TAKE_UP, 1.0) != 1.0:
        taken = Sentence("book.taken.everybody")
    said = clause(rule.element, told, taken)
    if not rule.levels:
        return said
    who = listed(level_title(study, n) for n in rule.levels)
    return Sentence("book.offer.level", {"level": who, "clause": said})


def _turned(policy: Policy, told: Told) -> list[Sentence]:
    """Return to what the dial of a policy was turned, and whose spend it meets; none undialled."""
    decision = told.decision
    found = decision.dialled.get(policy.name)
    if found is None:
        return []
    declared = {t.name: t.spends_as for t in decision.study.toml.policy}
    field = field_of(found.dial)
    spend = Estimate(value=found.spend, unit=decision.currency, method="at the means")
    words = {
        "field": Sentence(f"book.field.{field}"),
        "number": in_unit(found.value, unit_of(field, decision.currency), decision.currency),
        "policy": decision.title(declared.get(policy.name, decision.comparator)),
        "spend": spend,
    }
    return [Sentence("book.turned", words)]


def _reactions(decision: Decision, told: Told) -> Table:
    """Return how customers are taken to react to each element, one row per reaction."""
    study, asked = decision.study, questions(decision)
    rows = [
        (
            policy_title(decision, p.name),
            listed(level_title(study, n) for n in rule.levels) or Sentence("book.segment.all"),
            named(rule.element, told),
            said,
            Sentence(f"book.known.{'estimated' if seen else 'assumed'}"),
        )
        for p in decision.policies
        for rule in _ordered(p)
        for said, seen in responses(rule.element, told, asked.get((p.name, rule.element.name)))
    ]
    heads: Sequence[str] = ("policy", "segment", "element", "reaction", "known")
    return Table(
        id="policy.reactions",
        caption=Sentence("book.reactions.caption"),
        columns=[Column(f"book.column.{n}", "text") for n in heads],
        rows=rows,
        note=Sentence("book.reactions.note"),
        in_report=False,
    )
