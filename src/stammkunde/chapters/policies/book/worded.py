"""Names and numbers of policies as readers know them: segments, causes, assumptions, amounts."""

from __future__ import annotations

import re
from collections.abc import Mapping
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
from stammkunde.study import Study

CURRENCY = re.compile(r"[A-Z]{3}")
SHARES = ("share", "hazard")
MOST_DIGITS = 3
EXACT = 0.5e-6
# what is counted in months, and what is money; all other numbers of elements are shares
LENGTHS = {"months", "from_unit", "to_unit", "every", "lag", "renewal", "lasts"}
AMOUNTS = {"amount", "cost", "cap", "hassle", "service"}
TYPED = "as typed, or at the mean of what is drawn"


@dataclass(frozen=True)
class Told:
    """What a number of a policy is said with: the study, its assumptions and their means."""

    decision: Decision
    means: Mapping[str, float]

    @classmethod
    def of(cls, decision: Decision) -> Told:
        """Return it with every assumption at its mean."""
        return cls(decision, {n: float(x[0]) for n, x in decision.ledger.at().items()})

    def value(self, given: float | str) -> float:
        """Return a typed number, or the mean of the assumption that it names."""
        return self.means[given] if isinstance(given, str) else float(given)

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


def in_unit(value: float, of: str, currency: str, most: int = MOST_DIGITS) -> Sentence:
    """Return a number with its unit: money, per cent, a time, or as it is with the unit's word.

    It has as many digits as it needs, and at most `most`.
    """
    if CURRENCY.fullmatch(of):
        money = Estimate(value=value, unit=of, method=TYPED)
        return Sentence(f"book.number.money{_digits(value, most) and 2}", {"number": money})
    if of in SHARES:
        return Sentence(f"book.number.percent{_digits(100 * value, most)}", {"number": value})
    plain = Sentence(f"book.number.n{_digits(value, most)}", {"number": value})
    if of == "month":
        plural = "one" if value == 1 else "other"
        return Sentence(f"book.number.months.{plural}", {"plain": plain})
    if of in ("", "ratio", "count"):
        return plain
    return Sentence("book.number.unit", {"plain": plain, "unit": Label(of)})


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


def months(count: int, case: str = "plain") -> Sentence:
    """Return a number of months with its word; `case` as in `unit`."""
    return Sentence("book.time", {"count": count, "unit": unit("month", count, case)})


def field_of(path: str) -> str:
    """Return the field at the end of a path: `amount` of `loyalty.steps[1].amount`."""
    return path.rpartition(".")[2]


def unit_of(field: str, currency: str) -> str:
    """Return the unit of a field of an element: months, money or a share."""
    return "month" if field in LENGTHS else currency if field in AMOUNTS else "share"
