"""Price rises on the calendar: which are marked, and which months before and after are compared."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from stammkunde.chapters.exhibit import Mark
from stammkunde.result import Estimate, Sentence
from stammkunde.spells.beside.rises import PriceRise
from stammkunde.survival.calendar import CalendarRatio, Lexis, calendar_ratio, change, period_of

MOST, REACH = 6, 3
# So many months a rise may work on: hazards taken from them would hide what they are compared with.
LONG = 6
MOST_PLANS = 3
AFTER, BEFORE = "after", "before"


@dataclass(frozen=True)
class Compared:
    """The three months after price rises and the three before, each against tenure alone.

    `rises` are those with all of these months observed. `after` and `before` are of all of them
    together (None where there is none), `each` has both for each rise alone.
    """

    rises: Sequence[PriceRise] = ()
    after: Estimate | None = None
    before: Estimate | None = None
    gap: Estimate | None = None
    each: Mapping[PriceRise, tuple[Estimate, Estimate]] = field(default_factory=dict)


def largest(rises: Sequence[PriceRise], months: Sequence[str]) -> list[PriceRise]:
    """Return the six largest rises within the months, in order of time."""
    inside = [r for r in rises if months[0] <= _month(r) <= months[-1]]
    chosen = sorted(inside, key=lambda r: (-r.share, r.day))[:MOST]
    return sorted(chosen, key=lambda r: r.day)


def settling(rises: Sequence[PriceRise], months: Sequence[str]) -> int:
    """Return how many months after each rise are no yardstick for the others: six, three or none.

    Six, as a rise is often felt for longer than the three months that are compared; three where
    six after each were more than half of all, so that they are no exception, and then none.
    """
    fits = [n for n in (LONG, REACH) if 2 * len(apart(rises, months, n)) <= len(months)]
    return fits[0] if fits and rises else 0


def apart(rises: Sequence[PriceRise], months: Sequence[str], reach: int) -> list[str]:
    """Return the months to be compared with the others: so many after each rise."""
    return sorted({m for r in rises for m in following(r, reach)} & set(months))


def following(rise: PriceRise, count: int) -> list[str]:
    """Return the first whole calendar months from the day of the rise on."""
    return [period_of(_first(rise) + i, "month") for i in range(count)]


def compared(
    diagram: Lexis, rises: Sequence[PriceRise], months: Collection[str], without: Collection[str]
) -> Compared:
    """Return the months after and before the rises; `without` are the months set apart.

    A month after one rise is not one before another.
    """
    windows = {r: (following(r, REACH), _preceding(r)) for r in rises}
    whole = {r: w for r, w in windows.items() if set(months) >= {*w[0], *w[1]} and without}
    whole = {r: w for r, w in whole.items() if not set(w[1]) & set(without)}
    if not whole:
        return Compared()
    periods = {AFTER: [m for a, _ in whole.values() for m in a]}
    periods |= {BEFORE: [m for _, b in whole.values() for m in b]}
    for rise, (after, before) in whole.items():
        periods |= {_name(AFTER, rise): after, _name(BEFORE, rise): before}
    found = calendar_ratio(diagram, by=periods, apart=without)
    together = found.at(AFTER), found.at(BEFORE)
    each = {r: _each(found, r) for r in whole}
    return Compared(tuple(whole), *together, change(*together), each)


def marks(rises: Sequence[PriceRise]) -> list[Mark]:
    """Return a mark for each rise: by how much, and of which plans where not of all."""
    return [Mark(r.day, label(r)) for r in rises]


def label(rise: PriceRise) -> Sentence:
    """Return the name of a rise: how much, and which plans where not all of them (and few)."""
    few = not rise.every and len(rise.plans) <= MOST_PLANS
    words = {"share": rise.share, "plans": list(rise.plans)}
    return Sentence(f"calendar.rise.{'some' if few else 'all'}", words)


def _each(found: CalendarRatio, rise: PriceRise) -> tuple[Estimate, Estimate]:
    return found.at(_name(AFTER, rise)), found.at(_name(BEFORE, rise))


def _name(side: str, rise: PriceRise) -> str:
    return f"{side} {rise.day.isoformat()}"


def _month(rise: PriceRise) -> str:
    return rise.day.isoformat()[:7]


def _first(rise: PriceRise) -> int:
    """Return the first whole month (12 year + month - 1) from the day of the rise on."""
    return 12 * rise.day.year + rise.day.month - 1 + (rise.day.day > 1)


def _preceding(rise: PriceRise) -> list[str]:
    """Return the last three whole months before the day of the rise."""
    month = 12 * rise.day.year + rise.day.month - 1
    return [period_of(month - REACH + i, "month") for i in range(REACH)]
