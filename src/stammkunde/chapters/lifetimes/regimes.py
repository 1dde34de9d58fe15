"""Customers by the declared terms under which they began: today's are what the next one gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import reduce
from operator import add

from stammkunde.chapters.lifetimes.months import COHORTS_ALIKE
from stammkunde.chapters.parts import seen_from, standing, too_few
from stammkunde.result import Sentence, Status
from stammkunde.spells.schema.meaning import TermToml
from stammkunde.spells.signed import BEFORE, SIGNED, by_terms
from stammkunde.spells.spells import Spells
from stammkunde.study import Study
from stammkunde.survival.curve import Curve
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.table import LifeTable, life_tables


@dataclass(frozen=True)
class Regimes:
    """Tables of the spells begun under each declared terms, oldest first, keyed by their first day.

    `signed` are the first days of all terms that were in force by the last observed day; the last
    of them is `today`. Spells from before the first declared day are under "before".
    """

    tables: Mapping[str, LifeTable]
    signed: tuple[date, ...]

    @property
    def today(self) -> str:
        """Return the key of the terms in force on the last observed day."""
        return self.signed[-1].isoformat()

    @property
    def earlier(self) -> LifeTable | None:
        """Return the table of all who began under other terms than today's; None without any."""
        others = [t for name, t in self.tables.items() if name != self.today]
        return reduce(add, others) if others else None


def regimes(study: Study, spells: Spells) -> Regimes | None:
    """Return the tables by declared terms; None where all customers began under the same.

    Terms with fewer persons than the study shows are left out. None, too, for purchases and
    snapshots, where no contract says when it was signed.
    """
    data = study.toml.data
    if not data.terms or data.transactions is not None or data.snapshot is not None:
        return None
    last = spells.close or study.as_of
    signed = tuple(sorted({t.signed_from for t in data.terms if t.signed_from < last}))
    if not signed:
        return None
    found = life_tables(by_terms(spells, signed), by=SIGNED)
    least = study.toml.report.smallest_group
    order = [BEFORE, *(d.isoformat() for d in signed)]
    shown = {n: found[n] for n in order if n in found and found[n].persons.sum() >= least}
    return None if set(shown) <= {signed[-1].isoformat()} else Regimes(shown, signed)


def curve_under(study: Study, table: LifeTable | None) -> Curve | None:
    """Return the curve of customers seen from the start; None where too few of them were."""
    if table is None or seen_from(study, table):
        return None
    curve = standing(study, kaplan_meier(table))
    return None if too_few(study, curve) else curve


def today_curve(study: Study, under: Regimes | None, given: int = 0) -> Curve | None:
    """Return the curve under today's terms; None where it does not reach the first horizon."""
    if under is None or given:
        return None
    curve = curve_under(study, under.tables.get(under.today))
    return curve if curve and curve.observed_to >= study.horizons[0] else None


def mixed_curve(curve: Curve) -> Curve:
    """Return the curve of all terms together with the status it has where one goes by it."""
    assumed = tuple(dict.fromkeys((*curve.assumptions, COHORTS_ALIKE)))
    return replace(curve, status=Status.ESTIMATED, assumptions=assumed)


def terms_of(study: Study, under: Regimes | None) -> tuple[TermToml, ...]:
    """Return the terms that hold for all, or only today's where customers are told apart."""
    terms = study.toml.data.terms
    if under is None:
        return terms
    return tuple(t for t in terms if t.signed_from.isoformat() == under.today)


def name_of(under: Regimes, key: str, form: str = "name") -> Sentence:
    """Return the name of terms: today's, or those of a time.

    The `form` "under" says who began under them, "short" the same for a title, "line" the name
    beside a curve.
    """
    if key == under.today:
        return Sentence(f"terms.{form}.today", {"day": under.signed[-1]})
    if key == BEFORE:
        return Sentence(f"terms.{form}.before", {"day": under.signed[0]})
    place = [d.isoformat() for d in under.signed].index(key)
    end = under.signed[place + 1] - timedelta(days=1)
    return Sentence(f"terms.{form}.between", {"day": under.signed[place], "end": end})


def lead_of(under: Regimes, key: str, form: str = "under") -> Sentence:
    """Return the words before a statement on customers under these terms."""
    return Sentence("terms.lead.one", {"name": name_of(under, key, form)})


MIXED = Sentence("terms.lead.mixed")


def titled(sentence: Sentence, words: Sentence) -> Sentence:
    """Return a title with the words of `lead_of` or `MIXED` before it."""
    return Sentence("terms.titled", {"lead": words, "title": sentence})
