"""What becomes of the energy supplier's contracts after the last observed day, all else equal.

Policy and prices stay: no further price rise, no further advertising, nobody joins. Two truths
answer two questions. *To come* is what will happen. *As observed* is what would happen if each unit
of tenure went on as it was in the window, with its price rises and advertising, and, where no
contract had come so far, as it will be: the most that a life table of the window can tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from stammkunde.worlds.musterstrom import parameters as p
from stammkunde.worlds.musterstrom.base import NOBODY
from stammkunde.worlds.musterstrom.expect import Course, run
from stammkunde.worlds.musterstrom.limits import At, by_tenure, limit, where
from stammkunde.worlds.musterstrom.parameters import Policy

AHEAD = 120
TERMS = {"term": slice(0, p.TERM_BEFORE), "monthly": slice(p.TERM_BEFORE, p.MONTHS)}
LAST_YEAR = slice(p.CLOSE - 12, p.CLOSE)
# the last unit observed whole ended in the last month, but for contracts begun on its first day
_STANDS = ((p.CLOSE - 1, 1 - 1 / p.DAYS), (p.CLOSE, 1 / p.DAYS))


@dataclass(frozen=True, kw_only=True)
class Onward:
    """The `course` to the last observed day and, of the same contracts, the one `after` it."""

    course: Course
    after: Course

    def there(self, **at: At) -> np.ndarray:
        """Return [month, month of signing]: who is at risk, from January 2017 to ten years on."""
        parts = [where(c.at_risk, c, **at) for c in (self.course, self.after)]
        return np.concatenate(parts)


def onward(policy: Policy, course: Course) -> Onward:
    """Return the course of a policy carried on, for 120 units of those who signed last."""
    months = (p.CLOSE, p.CLOSE + AHEAD)
    later = run(policy, months=months, joins=NOBODY, comes_back=False, base=course.left)
    return Onward(course=course, after=later)


def to_come(known: Onward, **at: At) -> np.ndarray:
    """Return S(0) .. S(120) of contracts signed in the last year, as it will be.

    They have felt neither a price rise nor advertising, as who signs on the next day will not.
    """
    there = known.there(**{"signed": LAST_YEAR, **at})
    months = range(p.MONTHS)[LAST_YEAR]
    stays = sum((there[m : m + AHEAD + 1, m] for m in months), np.zeros(AHEAD + 1))
    return np.asarray(stays / stays[0])


def as_observed(known: Onward, **at: At) -> np.ndarray:
    """Return S(0), S(1), … of contracts of the same terms as observed; say their months `signed`.

    Of who had come so far, as in the window; beyond as the same contracts go on.
    """
    window, after = limit(known.course, **at), known.after
    gone = by_tenure(where(after.leavers.sum(axis=1), after, **at), first=p.CLOSE)
    there = by_tenure(where(after.at_risk, after, **at), first=p.CLOSE)
    seen = np.flatnonzero(window.at_risk > 0)
    gone[seen], there[seen] = window.leavers.sum(axis=0)[seen], window.at_risk[seen]
    hazard = np.divide(gone, there, out=np.zeros_like(gone), where=there > 0)
    return np.asarray(np.cumprod(1 - hazard))


def base_to_come(known: Onward, terms: str = "", **at: At) -> float:
    """Return the further units within 120 of a contract in force at the close, as it will be.

    Counted are contracts with a completed unit, from the unit that had begun; of both `terms`, or
    of one.
    """
    units, customers = 0.0, 0.0
    for _, number, stays, _ in _stock(known, terms, at):
        units += number * float(stays.sum())
        customers += number
    return units / customers


def base_as_observed(known: Onward, terms: str = "", **at: At) -> float:
    """Return the further units within 120 of a contract in force at the close, as observed."""
    units, customers = 0.0, 0.0
    for tenure, number, _, curve in _stock(known, terms, at):
        ahead = curve[tenure : tenure + AHEAD]
        units += number / ahead[0] * float(ahead.sum())
        customers += number
    return units / customers


def _stock(
    known: Onward, terms: str, at: Mapping[str, At]
) -> Iterator[tuple[int, float, np.ndarray, np.ndarray]]:
    """Yield units completed, contracts in force, the shares that will stay, and the curve of all.

    One by one for each month of signing, and the day of the month that observation leaves it at.
    """
    for name in (terms,) if terms else TERMS:
        own = {**at, "signed": TERMS[name]}
        there, curve = known.there(**own), as_observed(known, **own)
        for month, share in _STANDS:
            for signed in range(*TERMS[name].indices(month)):
                stays = there[month : month + AHEAD, signed]
                if stays[0] > 0:
                    yield month - signed, share * stays[0], stays / stays[0], curve
