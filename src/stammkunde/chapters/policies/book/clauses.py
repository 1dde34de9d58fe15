"""What each element of a policy gives, as a clause in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from stammkunde.chapters.exhibit import Name
from stammkunde.chapters.policies.book.worded import Told, cause_title, element_title, months
from stammkunde.policy.offers import (
    Care,
    CoolOff,
    Element,
    GlidePath,
    LoyaltyRebate,
    MinimumTerm,
    NewcomerRebate,
    Population,
    Programme,
    RebateForAll,
    Recovery,
    Step,
    WinBack,
)
from stammkunde.result import Label, Sentence

KINDS = {
    NewcomerRebate: "newcomer_rebate",
    LoyaltyRebate: "loyalty_rebate",
    RebateForAll: "rebate_for_all",
    GlidePath: "glide_path",
    WinBack: "win_back",
    CoolOff: "cool_off",
    MinimumTerm: "minimum_term",
    Care: "care",
    Recovery: "recovery",
    Programme: "programme",
}
Words = dict[str, Any]


def kind_of(element: Element) -> str:
    """Return the kind of an element, as the TOML calls it."""
    return KINDS[type(element)]


def named(element: Element, told: Told) -> Sentence:
    """Return what an element is called: its kind, with its title where it was given a name."""
    kind = Sentence(f"book.kind.{kind_of(element)}")
    usual = type(element).__dataclass_fields__["name"].default
    if element.name == usual:
        return kind
    return Sentence("book.kind.named", {"kind": kind, "name": _title(element, told)})


def _title(element: Element, told: Told) -> Label:
    return element_title(told.decision.study, element.name)


def clause(element: Element, told: Told, taken: Name = "") -> Sentence:
    """Return what an element gives; `taken` are the words for who takes it up."""
    match element:
        case NewcomerRebate():
            return _newcomer(element, told, taken)
        case LoyaltyRebate():
            return _loyalty(element, told, taken)
        case RebateForAll():
            words = {"off": _off(element, told), "to": _to_all(element.applies), "taken": taken}
            return Sentence("book.offer.rebate_for_all", words)
        case GlidePath():
            words = {"steps": _steps(element.steps, told), "taken": taken}
            words |= {"to": _to_newcomers(element.applies)}
            return Sentence("book.offer.glide_path", words)
        case WinBack():
            return _win_back(element, told)
        case CoolOff():
            return _cool_off(element, told)
        case MinimumTerm():
            return _minimum_term(element, told)
        case Care():
            return _care(element, told)
        case Recovery():
            words = {"answered": told.share(element.answered), "cost": told.money(element.cost)}
            return Sentence("book.offer.recovery", words)
        case Programme():
            words = {"name": _title(element, told), "once": told.money(element.once)}
            words |= {"monthly": told.money(element.monthly)}
            kind = "both" if element.once and element.monthly else ""
            kind = kind or ("monthly" if element.monthly else "once")
            return Sentence(f"book.offer.programme.{kind}", words)


def joined(parts: Sequence[Name], how: str = "book.joined") -> Name:
    """Return clauses one after the other, joined as the sentence `how` says; "" of none."""
    if not parts:
        return ""
    found = parts[0]
    for other in parts[1:]:
        found = Sentence(how, {"one": found, "other": other})
    return found


def listed(parts: Iterable[Name]) -> Name:
    """Return names one after the other, with commas."""
    return joined([*parts], "book.listed")


def causes_of(causes: Sequence[str], told: Told) -> Name:
    """Return the causes of leaving that are meant; all where none is named."""
    study = told.decision.study
    return listed(cause_title(study, c) for c in causes) or Sentence("book.cause.all")


def taken_by(
    told: Told, share: float | str, levels: Sequence[tuple[Name, float | str]] = ()
) -> Name:
    """Return the words for who takes an offer up, in all and by segment; "" where all do."""
    if all(s == 1.0 for s in (share, *(own for _, own in levels))):
        return ""
    words: Words = {"share": told.share(share)}
    if not levels:
        return Sentence("book.taken.all", words)
    each = [
        Sentence("book.taken.level", {"level": name, "share": told.share(own)})
        for name, own in levels
    ]
    return Sentence("book.taken.by_level", words | {"levels": listed(each)})


def _off(element: NewcomerRebate | RebateForAll, told: Told) -> Sentence:
    if element.share != 0.0:
        return Sentence("book.off.share", {"number": told.share(element.share)})
    return Sentence("book.off.amount", {"number": told.money(element.amount)})


def _to_newcomers(applies: Population) -> Sentence:
    return Sentence(f"book.to_newcomers.{applies}")


def _to_all(applies: Population) -> Name:
    return "" if applies == Population.BOTH else Sentence(f"book.to_all.{applies}")


def _newcomer(e: NewcomerRebate, told: Told, taken: Name) -> Sentence:
    words: Words = {"off": _off(e, told), "count": e.months, "taken": taken, "more": ""}
    words["to"] = _to_newcomers(e.applies)
    if e.hops != 0.0:
        words["more"] = Sentence("book.hops.share", {"share": told.share(e.hops)})
    elif e.hassle != 0.0:
        words["more"] = Sentence("book.hops.hassle", {"hassle": told.money(e.hassle)})
    return Sentence("book.offer.newcomer_rebate", words)


def _loyalty(e: LoyaltyRebate, told: Told, taken: Name) -> Sentence:
    words: Words = {"to": _to_all(e.applies), "taken": taken, "grows": "", "cap": ""}
    if e.cap is not None:
        words["cap"] = Sentence("book.grows.cap", {"cap": told.money(e.cap)})
    if e.steps:
        words["steps"] = _steps(e.steps, told)
        return Sentence("book.offer.loyalty_steps", words)
    words |= {"off": Sentence("book.off.amount", {"number": told.money(e.amount)})}
    words["from"] = e.from_unit or 1
    if e.every is not None:
        words["grows"] = Sentence("book.grows.every", {"months": months(e.every, "dative")})
    return Sentence("book.offer.loyalty_rebate", words)


def _steps(steps: Sequence[Step], told: Told) -> Name:
    found = []
    for step in steps:
        words = {"amount": told.money(step.amount), "from": step.from_unit, "to": step.to_unit}
        last = step.to_unit
        kind = "on" if last is None else "one" if last == step.from_unit else "span"
        found.append(Sentence(f"book.step.{kind}", words))
    return listed(found)


def _win_back(e: WinBack, told: Told) -> Sentence:
    words: Words = {"causes": causes_of(e.causes, told), "reach": told.share(e.reach)}
    words |= {"won": told.share(e.won_back), "cost": told.money(e.cost), "more": ""}
    if e.months:
        off = {"number": told.money(e.amount), "months": months(e.months)}
        words["more"] = Sentence("book.win_back.rebate", off)
    words["capacity"] = _capacity(e.capacity)
    return Sentence("book.offer.win_back", words)


def _capacity(most: float | None) -> Name:
    return "" if most is None else Sentence("book.capacity", {"most": most})


def _cool_off(e: CoolOff, told: Told) -> Sentence:
    words: Words = {"months": months(e.months, "dative"), "more": ""}
    if e.deterred != 0.0:
        words["more"] = Sentence("book.cool_off.deterred", {"share": told.share(e.deterred)})
    return Sentence("book.offer.cool_off", words)


def _minimum_term(e: MinimumTerm, told: Told) -> Sentence:
    words: Words = {"months": months(e.months, "dative"), "more": ""}
    words["causes"] = causes_of(e.causes, told)
    if e.renewal > 1:
        words["more"] = Sentence("book.renews", {"months": months(e.renewal)})
    return Sentence("book.offer.minimum_term", words)


def _care(e: Care, told: Told) -> Sentence:
    words: Words = {
        "name": _title(e, told),
        "reach": told.share(e.reach),
        "cost": told.money(e.cost),
    }
    words |= {"from": e.from_unit, "capacity": _capacity(e.capacity), "to": _to_all(e.applies)}
    if e.every is None or e.to_unit == e.from_unit:
        return Sentence("book.offer.care_once", words)
    words["often"] = Sentence("book.often", {"count": e.every})
    words["until"] = "" if e.to_unit is None else Sentence("book.until", {"last": e.to_unit})
    return Sentence("book.offer.care", words)
