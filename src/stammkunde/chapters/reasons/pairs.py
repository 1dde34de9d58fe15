"""Two levels of a column in words: which stays longer, by how much, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping

from stammkunde.chapters.parts import amount, lead, unit
from stammkunde.chapters.reasons.fitted import Drivers
from stammkunde.chapters.reasons.names import level_name, title_of
from stammkunde.chapters.reasons.numbers import simultaneous
from stammkunde.result import Estimate, Label, Sentence, turned
from stammkunde.spells.spells import MISSING
from stammkunde.study import Study
from stammkunde.survival.drivers.cells import OTHER
from stammkunde.survival.drivers.standard import Difference

Words = Mapping[str, object]


def words_of(study: Study, found: Drivers) -> Words:
    """Return the words that all sentences on differences share."""
    name = found.cells.unit
    return {
        "lead": lead(study),
        "span": found.span,
        "unit": unit(name, found.span, "dative"),
        "units": unit(name),
        "units_in": unit(name, case="dative"),
        "one": unit(name, 1),
        "tests": found.tests,
        "columns": len(found.cells.names),
        "comparisons": amount("comparisons", found.tests),
        "of_comparisons": amount("of_comparisons", found.tests),
        "level": found.model.level,
    }


def stated(found: Drivers) -> list[Difference]:
    """Return the differences between stated levels, those beyond chance first, by size."""
    told = [
        d
        for d in found.differences
        if d.months.value is not None and not {d.level, d.reference} & {OTHER, MISSING}
    ]
    return sorted(told, key=lambda d: (not found.is_decided(d), -abs(d.months.value or 0.0)))


def gap(found: Drivers, d: Difference) -> Estimate:
    """Return the difference, positive: the longer stay less the shorter.

    Its limits allow for its having been chosen as the largest of all comparisons.
    """
    chosen = simultaneous(d.months, found.tests, float(found.span))
    return chosen if (d.months.value or 0.0) >= 0 else turned(chosen)


def pair_words(study: Study, found: Drivers, d: Difference) -> Words:
    """Return the words for a difference, the longer stay first."""
    names = [level_name(study, d.factor, x) for x in (d.level, d.reference)]
    rises = (d.months.value or 0.0) >= 0
    high, low = names if rises else names[::-1]
    return {"group": title_of(study, d.factor), "high": high, "low": low, "gap": gap(found, d)}


def named(study: Study, d: Difference) -> tuple[Sentence, Label | Sentence]:
    """Return the two cells that say which level is compared with which."""
    words = {"group": title_of(study, d.factor), "level": level_name(study, d.factor, d.level)}
    return Sentence("drivers.row", words), level_name(study, d.factor, d.reference)


def after(found: Drivers, tenure: int) -> Sentence:
    """Return the heading of a column of shares after so many units."""
    words = {"at": tenure, "unit": unit(found.cells.unit, tenure, "dative")}
    return Sentence("drivers.column.after", words)
