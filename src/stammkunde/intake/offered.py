"""In which unit of tenure most customers took an offer, as far as a sample of the rows shows."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from stammkunde.intake import guesses
from stammkunde.intake.columns import shown
from stammkunde.intake.roles import Table
from stammkunde.spells.months import completed

# the units that a draft asks about, and the share of takers in the window that it proposes
HORIZON = 36
NEARLY_ALL = 0.9


@dataclass(frozen=True, kw_only=True)
class Window:
    """The units in which an offer was mostly taken; alike where it was one."""

    first: int
    last: int


def usual_window(
    main: Table, offers: Table, offer: str, treated: Sequence[str] = ()
) -> Window | None:
    """Return the units in which most took an offer, counted as a question counts them.

    `treated` are the words of those who took it, () for all rows. Those who had not taken it before
    the unit in which most did are looked at: one unit where half of them took it then, else up to
    the one by which nine in ten had. None where no row can be told of a contract.
    """
    begins, taken = _starts(main), Counter[int]()
    firsts: dict[tuple[str, date], int] = {}
    for person, day in _rows(offers, offer, treated):
        own = begins.get(person)
        if not own:
            continue
        # an offer before the first contract waits for it
        start = own[max(bisect_right(own, day) - 1, 0)]
        unit = 1 if day <= start else completed(start, day - timedelta(days=1)) + 2
        firsts[person, start] = min(unit, firsts.get((person, start), unit))
    taken.update(u for u in firsts.values() if u < HORIZON)
    if not taken:
        return None
    most = max(taken, key=lambda u: (taken[u], -u))
    later = sorted(u for u in taken.elements() if u >= most)
    if 2 * taken[most] >= len(later):
        return Window(first=most, last=most)
    return Window(first=most, last=later[round(NEARLY_ALL * len(later)) - 1])


def _starts(main: Table) -> dict[str, list[date]]:
    """Return the days on which each person began, in order; of purchases the first one."""
    found: dict[str, list[date]] = {}
    for person, day in _days(main, "start" if main.section == "contracts" else "date"):
        found.setdefault(person, []).append(day)
    bought = main.section == "transactions"
    return {person: [min(own)] if bought else sorted(own) for person, own in found.items()}


def _rows(offers: Table, offer: str, treated: Sequence[str]) -> list[tuple[str, date]]:
    """Return person and day of each row of an offer that says that it was taken."""
    words, arms = offers.column("offer"), offers.column("arm")
    if words is None:
        return []
    named = [isinstance(c, str) and c.strip() == offer for c in words.cells]
    said = [True] * len(named)
    if treated and arms is not None:
        said = [isinstance(c, str) and c.strip() in treated for c in arms.cells]
    kept = [a and b for a, b in zip(named, said, strict=True)]
    return _days(offers, "start", kept)


def _days(table: Table, role: str, kept: Sequence[bool] = ()) -> list[tuple[str, date]]:
    """Return person and day of the rows of a table, those `kept` (all by default)."""
    people, days = table.column("person"), table.column(role)
    if people is None or days is None:
        return []
    read = days.days(guesses.read_by(days, guesses.forms(table)))
    wanted = kept or [True] * len(read)
    rows = zip(people.cells, read, wanted, strict=True)
    return [(shown(p), d) for p, d, is_kept in rows if is_kept and p is not None and d is not None]
