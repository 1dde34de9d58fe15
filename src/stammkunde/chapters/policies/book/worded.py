"""Names and numbers of policies as readers know them: segments, causes, assumptions, amounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from stammkunde.chapters.exhibit import Name
from stammkunde.chapters.parts import unit
from stammkunde.chapters.policies.read import Decision, Part
from stammkunde.chapters.reasons.causes import UNSTATED, name_of
from stammkunde.chapters.reasons.names import level_name
from stammkunde.policy.declared import TAKEN
from stammkunde.policy.ledger import Assumption, Source
from stammkunde.policy.offers.roles import HOPPED
from stammkunde.result import Estimate, Label, Sentence
from stammkunde.spells.signed import BEFORE
from stammkunde.spells.spells import LEFT
from stammkunde.study import HORIZONS, Study

SHARES = ("share", "hazard")
MOST_DIGITS = 3
EXACT = 0.5e-6
# what is counted in months, and what is money; all other numbers of elements are shares
LENGTHS = {"months", "from_unit", "to_unit", "every", "lag", "renewal", "lasts"}
AMOUNTS = {"amount", "cost", "cap", "hassle", "service", "once", "monthly"}
# units that are not said
PLAIN = ("", "ratio", "count", "number")
TYPED = "as typed, or as assumed"


@dataclass(frozen=True)
class Told:
    """What a number of a policy is said with: the study, and its assumptions as they are made."""

    decision: Decision

    def value(self, given: float | str) -> float:
        """Return a typed number, or the ledger's value of the assumption that it names."""
        return self.decision.ledger.of(given).value if isinstance(given, str) else float(given)

    def number(self, given: float | str, of: str = "") -> Sentence:
        """Return a number in the unit `of`, marked where it is assumed; rounded where counted."""
        value = self.value(given)
        if not isinstance(given, str):
            return in_unit(value, of, self.decision.currency)
        if self.decision.ledger.of(given).source == Source.ESTIMATED:
            return in_unit(value, of, self.decision.currency, most=1)
        found = in_unit(value, of, self.decision.currency)
        return Sentence("book.assumed", {"number": found})

    def money(self, given: float | str) -> Sentence:
        """Return an amount of money."""
        return self.number(given, self.decision.currency)

    def share(self, given: float | str) -> Sentence:
        """Return a share in per cent."""
        return self.number(given, "share")


def in_unit(given: float | Estimate, of: str, currency: str, most: int = MOST_DIGITS) -> Sentence:
    """Return a number with its unit: money, per cent, a time, or as it is with the unit's word.

    It has as many digits as it needs, and at most `most`. An estimate, which has a value, is said
    as such, so that it can be traced.
    """
    value = float(given.value or 0.0) if isinstance(given, Estimate) else given
    if of == currency:
        typed = Estimate(value=value, unit=of, method=TYPED)
        money = given if isinstance(given, Estimate) else typed
        return Sentence(f"book.number.money{_digits(value, most) and 2}", {"number": money})
    if of in SHARES:
        return Sentence(f"book.number.percent{_digits(100 * value, most)}", {"number": given})
    plain = Sentence(f"book.number.n{_digits(value, most)}", {"number": given})
    if of in PLAIN:
        return plain
    # only just one is one: of 1.2 there are several
    word = unit(of, 1 if value == 1 else 2) if of in HORIZONS else Label(of)
    return Sentence("book.number.unit", {"plain": plain, "unit": word})


def _digits(value: float, most: int) -> int:
    """Return how many digits a number needs, at most `most`."""
    return next((d for d in range(most) if abs(round(value, d) - value) < EXACT), most)


def assumption_title(study: Study, name: str) -> Name:
    """Return what an assumption is called; of shares that were counted, whose they are."""
    declared = next((a for a in study.toml.assumption if a.name == name), None)
    if declared is not None:
        return Label(name, dict(declared.title))
    question, taken, level = name.partition(TAKEN)
    asked = next((q for q in study.toml.question if q.name == question), None)
    if asked is None or not taken:
        return Label(name)
    title = Sentence("book.taken.title", {"question": Label(question, dict(asked.title))})
    if not level:
        return title
    own = level_title(study, level.removeprefix("."))
    return Sentence("book.taken.titled", {"title": title, "level": own})


def texts_of(study: Study, given: Assumption, key: str) -> Label:
    """Return who `says` an assumption, or `why`, in the languages of the study."""
    declared = next((a for a in study.toml.assumption if a.name == given.name), None)
    return Label(getattr(given, key), dict(getattr(declared, key)) if declared else {})


def segment_title(study: Study, part: Part) -> Name:
    """Return what a segment of the market is called: its level, and the terms of its customers."""
    level = level_title(study, part.level)
    if not part.terms:
        return level
    if part.terms == BEFORE:
        terms = Sentence("book.terms.before")
    else:
        terms = Sentence("book.terms.from", {"day": date.fromisoformat(part.terms)})
    return Sentence("book.segment.terms", {"level": level, "terms": terms})


def level_title(study: Study, level: str) -> Name:
    """Return what a level of the segments is called; all customers where there are none."""
    column = study.toml.setting.segments if study.toml.setting is not None else ""
    if not level:
        return Sentence("book.segment.all")
    return level_name(study, column, level) if column else Label(level)


def cause_title(study: Study, cause: str) -> Name:
    """Return what a cause of leaving is called, as declared or in words for what nobody did."""
    if cause == HOPPED:
        return Sentence("book.cause.hopped")
    if cause == LEFT:
        return Sentence("book.cause.any")
    known = cause in study.toml.data.causes or cause in UNSTATED
    return name_of(study, cause) if known else Label(cause)


def policy_title(decision: Decision, name: str) -> Name:
    """Return what a policy is called; the one that all are compared with is marked."""
    title = decision.title(name)
    if name != decision.comparator:
        return title
    return Sentence("book.policy.comparator", {"policy": title})


def element_title(study: Study, name: str) -> Label:
    """Return what an element is called, as declared or by its name."""
    known = study.toml.elements.get(name)
    return Label(name, dict(known.title)) if known else Label(name)


def months(count: int, case: str = "plain") -> Sentence:
    """Return a number of months with its word; `case` as in `unit`."""
    return Sentence("book.time", {"count": count, "unit": unit("month", count, case)})


def field_of(path: str) -> str:
    """Return the field at the end of a path: `amount` of `loyalty.steps[1].amount`."""
    return path.rpartition(".")[2]


def unit_of(field: str, currency: str) -> str:
    """Return the unit of a field of an element: months, money or a share."""
    return "month" if field in LENGTHS else currency if field in AMOUNTS else "share"
