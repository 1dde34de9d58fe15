"""What a person's first two spells looked like, counted: all that the order of spells rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import ibis
import numpy as np

from stammkunde.errors import NotObservedError
from stammkunde.spells.signed import terms_of
from stammkunde.spells.spells import CENSORED, Spells

KEYS = ("entry", "first", "left", "second", "left_again", "block", "terms", "terms_again")


@dataclass(frozen=True, kw_only=True)
class Patterns:
    """How many persons have each course, arrays [N] of whole numbers.

    `entry` and `first` are entry and exit of the first spell, `left` whether it was left; `second`
    is the exit of the second spell (0 where there is none, which begins at tenure 0), `left_again`
    whether that was left; `count` persons of `block` have this course. `left_out` persons are not
    in it: their first spell ended before observation began. `terms` and `terms_again` number the
    terms under which the two spells began, 0 for the earliest (and where there is no second spell);
    without them all began under the same.
    """

    entry: np.ndarray
    first: np.ndarray
    left: np.ndarray
    second: np.ndarray
    left_again: np.ndarray
    block: np.ndarray
    count: np.ndarray
    unit: str
    left_out: int = 0
    terms: np.ndarray | None = None
    terms_again: np.ndarray | None = None

    @property
    def regimes(self) -> tuple[np.ndarray, np.ndarray]:
        """Return `terms` and `terms_again`, all 0 where they are not known."""
        none = np.zeros(len(self.count), dtype=np.int64)
        first, again = self.terms, self.terms_again
        return none if first is None else first, none if again is None else again

    @property
    def persons(self) -> int:
        """Return how many persons are counted."""
        return int(self.count.sum())

    @property
    def returners(self) -> int:
        """Return how many of them have a second spell."""
        return int(self.count[self.second > 0].sum())

    @property
    def events(self) -> int:
        """Return how many second spells were left."""
        return int(self.count[self.left_again > 0].sum())


def patterns_of(spells: Spells, *, signed_from: Sequence[date] = ()) -> Patterns:
    """Return the courses of the persons in `spells`, counted in the engine.

    `signed_from` are the days from which on contracts were signed under other terms. A second spell
    is one begun after the first had ended; a contract beside the first is none, and a third is not
    looked at. NotObservedError for spells without dates, which have no order.
    """
    if spells.close is None:
        raise NotObservedError(
            "spells without dates do not say which came first", remedy="Use dated contracts."
        )
    s = spells.relation
    first = s.filter(s.spell == 1)
    second = s.filter((s.spell == 2) & (s.entry == 0))
    again = second.select(
        "person",
        since=second.start,
        second=second.exit,
        after=second.end != CENSORED,
        under=terms_of(second, signed_from),
    )
    both = first.left_join(again, "person")
    follows = ((both.end != CENSORED) & (both.since > both["last"])).fill_null(False)
    whole = {
        "entry": both.entry,
        "first": both.exit,
        "left": ibis.ifelse(both.end != CENSORED, 1, 0),
        "second": ibis.ifelse(follows, both.second, 0),
        "left_again": ibis.ifelse(follows & both.after, 1, 0),
        "block": both.block,
        "terms": terms_of(both, signed_from),
        "terms_again": ibis.ifelse(follows, both.under, 0),
    }
    rows = both.select(**{n: e.cast("int64") for n, e in whole.items()})
    frame = rows.group_by(list(KEYS)).aggregate(count=rows.count()).order_by(list(KEYS)).execute()
    counts = {n: frame[n].to_numpy().astype(np.int64) for n in (*KEYS, "count")}
    known = Patterns(**counts, unit=spells.unit)
    return Patterns(**counts, unit=spells.unit, left_out=spells.persons - known.persons)


def courses(patterns: Patterns) -> Patterns:
    """Return the same counts with the blocks put together, each course once."""
    p, size = patterns, int(max(patterns.first.max(), patterns.second.max())) + 1
    terms, again = p.regimes
    several = int(max(terms.max(), again.max())) + 1
    key = ((p.entry * size + p.first) * size + p.second) * 4 + 2 * p.left + p.left_again
    _, which, place = np.unique(
        (key * several + terms) * several + again, return_index=True, return_inverse=True
    )
    count = np.bincount(place, weights=p.count).astype(np.int64)
    rows = {n: getattr(p, n)[which] for n in ("entry", "first", "left", "second", "left_again")}
    return Patterns(
        **rows,
        block=np.zeros(len(count), dtype=np.int64),
        count=count,
        unit=patterns.unit,
        left_out=patterns.left_out,
        terms=terms[which],
        terms_again=again[which],
    )


def without_terms(patterns: Patterns) -> Patterns:
    """Return the same courses, blind to the terms under which the spells began."""
    return replace(patterns, terms=None, terms_again=None)
