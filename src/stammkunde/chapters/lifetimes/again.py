"""Do those who have come back leave sooner, or do those come back who leave soon?"""

from __future__ import annotations

from dataclasses import dataclass

from stammkunde.chapters.parts import remarks, results
from stammkunde.result import Estimate, Finding, Result, Sentence, Status
from stammkunde.spells.spells import Spells
from stammkunde.study import Study
from stammkunde.survival.persons import OrderEffect, order_effect, patterns_of, without_terms
from stammkunde.survival.persons.frailty import TERMS_APART

NAME = "lifetimes.persons"


@dataclass(frozen=True)
class Order:
    """Second spells against first within the declared terms, and blind to them.

    `blind` is None where all spells began under the same terms.
    """

    effect: OrderEffect
    blind: Estimate | None = None


def order_of(study: Study, spells: Spells) -> Order:
    """Return second spells against first, each among spells begun under the same terms."""
    signed = sorted({term.signed_from for term in study.toml.data.terms})
    courses = patterns_of(spells, signed_from=signed)
    several = len({*courses.regimes[0], *courses.regimes[1]}) > 1
    blind = order_effect(without_terms(courses)).naive if several else None
    return Order(order_effect(courses), blind)


def order_finding(order: Order) -> Finding | None:
    """Return the finding on second spells against first, as pooled and with frailty beside it.

    None where too few came back for either number.
    """
    naive, frailty, blind = order.effect.naive, order.effect.frailty, order.blind
    if naive.reason == TERMS_APART and blind is not None and blind.value is not None:
        return _told("apart", order, Status.NOT_IDENTIFIABLE)
    if naive.value is None or frailty.value is None:
        return None
    key = _verdict(naive, frailty)
    key = "alike" if key == "same" and order.effect.at_boundary else key
    remains = key.endswith("remains")
    return _told(key, order, Status.NOT_IDENTIFIABLE if remains else frailty.status)


def order_results(order: Order) -> list[Result]:
    """Return the ratios and the variance; `naive` is what the usual analysis prints."""
    effect, blind = order.effect, order.blind
    found = {"order.naive": effect.naive, "order.frailty": effect.frailty}
    found |= {"order.variance": effect.variance}
    found |= {} if blind is None else {"order.blind": blind}
    usual = (effect.naive if blind is None else blind).value
    naive = {} if usual is None else {"order.frailty": usual}
    naive |= {} if usual is None or blind is None else {"order.naive": usual}
    return results(NAME, found, naive=naive)


def _told(key: str, order: Order, status: Status) -> Finding:
    naive, frailty, blind = order.effect.naive, order.effect.frailty, order.blind
    words: dict[str, object] = {"naive": naive, "frailty": frailty, "blind": blind}
    known = blind is not None and blind.value is not None
    words["terms"] = Sentence(f"persons.order.terms.{'same' if known else 'none'}")
    words["else"] = Sentence(f"persons.order.terms.{'blind' if known else 'none'}", words)
    words["other"] = Sentence(f"persons.order.other.{'plan' if known else 'contract'}")
    return Finding(
        id=f"{NAME}.order",
        status=status,
        assumptions=frailty.assumptions,
        sentence=Sentence(f"persons.order.{key}", words),
        unknown=Sentence("persons.order.unknown"),
        importance=0.2,
        remarks=(Sentence("persons.order.note"), *remarks(naive)) if key != "apart" else (),
    )


def _verdict(naive: Estimate, frailty: Estimate) -> str:
    """Return which sentence the two ratios deserve.

    A difference of the pooled ratio that the other does not confirm comes from who returns. One
    that remains may still come from who returns, and from contracts that differ in what no terms
    declare: the data cannot tell.
    """
    if _apart(naive) == 0:
        return "same"
    faster = "faster" if _apart(naive) > 0 else "slower"
    return f"{faster}_remains" if _apart(frailty) == _apart(naive) else f"{faster}_open"


def _apart(ratio: Estimate) -> int:
    """Return 1 or -1 where the whole interval lies above or below 1, else 0."""
    if ratio.low is None or ratio.high is None:
        return 0
    return int(ratio.low > 1) - int(ratio.high < 1)
