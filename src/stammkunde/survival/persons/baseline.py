"""The rates of leaving by tenure that first and second spells share, one set for each terms.

Contracts keep the terms under which they were signed. Where terms changed, second spells began
under later ones more often than first spells did: with one set of rates for all, a change of terms
would pass for what coming back does.
"""

from __future__ import annotations

import numpy as np

from stammkunde.survival.persons.patterns import Patterns

PIECES, ALONE = 24, 36


def rows_of(patterns: Patterns) -> tuple[np.ndarray, np.ndarray]:
    """Return for each course the row of `baseline` with tenure 0 of its first and second spell."""
    terms, again = patterns.regimes
    size = length(patterns) + 1
    return terms * size, again * size


def length(patterns: Patterns) -> int:
    """Return the longest tenure of a spell."""
    return int(max(patterns.first.max(), patterns.second.max()))


def baseline(patterns: Patterns) -> tuple[np.ndarray, np.ndarray]:
    """Return the units spent in each piece of the rates [terms (K + 1), J] and log rates [J].

    The rates are events by time at risk, first and second spells under the same terms together.
    """
    at_risk, events = _counts(patterns)
    parts = [pieces(n, d) for n, d in zip(at_risk, events, strict=True)]
    exposure = np.zeros((sum(len(p) for p in parts), sum(p.shape[1] for p in parts)))
    rates, row, column = [], 0, 0
    for part, n, d in zip(parts, at_risk, events, strict=True):
        rows, columns = part.shape
        exposure[row : row + rows, column : column + columns] = part
        row, column = row + rows, column + columns
        within = np.diff(part, axis=0)
        rates.append(np.log((d @ within) / np.maximum(n @ within, 1.0)))
    return exposure, np.concatenate(rates)


def shared_events(patterns: Patterns) -> int:
    """Return how many left first spells, or second ones if fewer, under terms that both have."""
    terms, again = patterns.regimes
    size = int(max(terms.max(), again.max())) + 1
    first = np.bincount(terms, weights=patterns.count * patterns.left, minlength=size)
    second = np.bincount(again, weights=patterns.count * patterns.left_again, minlength=size)
    both = (first > 0) & (second > 0)
    return int(min(first[both].sum(), second[both].sum()))


def pieces(at_risk: np.ndarray, events: np.ndarray) -> np.ndarray:
    """Return the units spent in each piece of the rate by tenure [K + 1, J].

    One piece for each unit with events, or about 24 with as many events in each where more than 36
    units have any. A unit with as many by itself stands alone, so that a peak at the end of a term
    is not spread over the quiet units before it.
    Pieces without events, where the rate is 0, have no column.
    """
    quota = 1.0 if np.count_nonzero(events) <= ALONE else events.sum() / PIECES
    edges, gathered = [0], 0
    for unit, n in enumerate(events):
        if (n >= quota or (n > 0 and gathered == 0)) and edges[-1] < unit:
            edges.append(unit)
            gathered = 0
        gathered += n
        if gathered >= quota:
            edges.append(unit + 1)
            gathered = 0
    cuts = np.unique([*edges, len(events)])
    some = np.add.reduceat(events, cuts[:-1]) > 0
    tenure = np.arange(len(at_risk) + 1)[:, None]
    spent = np.clip(tenure - cuts[:-1], 0, np.diff(cuts))
    return np.asarray(spent[:, some], dtype=float)


def _counts(patterns: Patterns) -> tuple[np.ndarray, np.ndarray]:
    """Return at_risk and events by terms and unit [terms, K], both spells together."""
    begin, again = rows_of(patterns)
    rows = length(patterns) + 1
    size = int(max(begin.max(), again.max())) + rows
    entries = np.concatenate([begin + patterns.entry, again])
    exits = np.concatenate([begin + patterns.first, again + patterns.second])
    left = np.concatenate([patterns.left, patterns.left_again])
    count = np.tile(patterns.count, 2).astype(float)
    began = np.bincount(entries, weights=count, minlength=size).reshape(-1, rows)
    ended = np.bincount(exits, weights=count, minlength=size).reshape(-1, rows)
    events = np.bincount(exits, weights=count * left, minlength=size).reshape(-1, rows)
    return np.cumsum(began - ended, axis=-1)[:, :-1], events[:, 1:]
