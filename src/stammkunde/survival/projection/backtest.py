"""Would we have known? Fitted to what was known on an earlier day, compared with what came.

The customers who were there on that day are followed to the end of the data: the share still there
month by month as it was, and as each family would have had it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np

from stammkunde.errors import NotObservedError
from stammkunde.result import Estimate, Status
from stammkunde.survival.curve import Curve
from stammkunde.survival.kaplan_meier import kaplan_meier
from stammkunde.survival.projection.choice import Choice, choose, outlook
from stammkunde.survival.projection.families import FAMILIES, Family
from stammkunde.survival.projection.fit import FAMILY_HOLDS
from stammkunde.survival.projection.mixture import mixture
from stammkunde.survival.projection.projected import Functional, Projection, limits
from stammkunde.survival.table import LifeTable, added
from stammkunde.survival.window import until

# an error below it, in shares, is none that a decision would notice
RELEVANT = 0.01


@dataclass(frozen=True)
class Trial:
    """What one family, or all together, would have said: the share still there [H + 1].

    `error` is the last projected share less the observed one; `passed` tells whether it is below a
    point, or within what the errors of both allow.
    """

    name: str
    weight: float
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    error: Estimate
    passed: bool


@dataclass(frozen=True)
class BackTest:
    """The curve of those who were there at the cut, and what would have been projected for them.

    `observed` counts from the cut on; `persons` were there. `together` is the weighted mixture.
    """

    persons: int
    observed: Curve
    trials: tuple[Trial, ...]
    together: Trial
    choice: Choice


@dataclass(frozen=True)
class Cut:
    """A history cut on one day: what was `known`, who was `there` by tenure [K + 1], what `came`.

    `came` is a life table counted from the cut on.
    """

    known: LifeTable
    there: np.ndarray
    came: LifeTable


def cut_at(cohorts: Mapping[int, LifeTable], month: int) -> Cut:
    """Return the history of cohorts cut at the first day of a month.

    `cohorts` are life tables on the tenure clock by month of start, months being 12 year + month -
    1. A unit counts as known where it was over for the whole cohort. Who came under observation
    after the cut is in `came` from then on. NotObservedError where nobody was there at the cut, or
    nothing came after it.
    """
    known, came, length = [], [], max(t.length for t in cohorts.values())
    there = np.zeros(length + 1, dtype=np.int64)
    for start, table in cohorts.items():
        seen = month - start - 1
        if seen < 1:
            continue
        known.append(until(table, min(seen, table.length)))
        if table.length > seen:
            later = _since(table, seen)
            there[seen] += int(later.at_risk[0, :, 0].sum())
            came.append(later)
    if not known or not came or not there.any():
        raise NotObservedError(
            "nobody was there on the day of the trial, or nothing is known of the time after it",
            remedy="Choose a day within the time of observation.",
        )
    return Cut(reduce(added, known), there, reduce(added, came))


def _since(table: LifeTable, seen: int) -> LifeTable:
    """Return the table from a tenure on, counted from there; heads are spells then there."""
    there = table.at_risk[..., seen] - table.entered[..., seen] - table.crossed[..., seen]
    entered = table.entered[..., seen:].copy()
    entered[..., 0] += there
    return replace(
        table,
        persons=entered[0, :, 0],
        spells=entered[0, :, 0],
        entered=entered,
        at_risk=table.at_risk[..., seen:],
        moves=table.moves[..., seen:],
        censored=table.censored[..., seen:],
        crossed=table.crossed[..., seen:],
        money={k: m[..., seen:] for k, m in table.money.items()},
    )


def back_test(
    cut: Cut, families: Iterable[Family | str] = tuple(FAMILIES), *, level: float = 0.95
) -> BackTest:
    """Return what the families would have said at the cut, beside what came.

    NotObservedError where no family fits what was known then.
    """
    observed = kaplan_meier(cut.came, level=level)
    length = observed.observed_to
    reach = int(np.flatnonzero(cut.there)[-1])
    choice = choose(cut.known, families, level=level)
    if not choice.fits:
        raise NotObservedError(
            "no family of curves fits what was known on the day of the trial",
            remedy="Choose a later day, by which more customers had left.",
        )
    look = outlook(cut.known, choice, reach + length, reach=0)

    def shares(curves: np.ndarray) -> np.ndarray:
        return share_of_those(curves, cut.there, length)

    one = [_trial(p.family, [p], np.ones(1), shares, observed) for p in look.parts]
    trials = [replace(t, weight=float(w)) for t, w in zip(one, look.weights, strict=True)]
    together = _trial("together", list(look.parts), look.weights, shares, observed)
    return BackTest(int(cut.there.sum()), observed, tuple(trials), together, choice)


def share_of_those(curves: np.ndarray, there: np.ndarray, length: int) -> np.ndarray:
    """Return the share still there after 0 .. `length` units [B, H + 1] of a stock by tenure."""
    tenures = np.flatnonzero(there)
    now = np.maximum(curves[:, tenures], 1e-300)
    later = curves[:, tenures[:, None] + np.arange(length + 1)]
    return np.asarray(np.einsum("g,bgh->bh", there[tenures] / there.sum(), later / now[..., None]))


def _trial(
    name: str,
    parts: Sequence[Projection],
    weights: np.ndarray,
    shares: Functional,
    observed: Curve,
) -> Trial:
    """Return what projections with their weights would have said, compared with what came."""
    pairs = [p.centre(shares) for p in parts]
    centres, errors = np.stack([p[0] for p in pairs]), np.stack([p[1] for p in pairs])
    one, value = parts[0], weights @ centres
    if len(parts) == 1:
        low, high = limits(value, errors[0], one.quantile, "log-log")
    else:
        low, high = mixture(centres, errors, weights, one.quantile, one.level, "log-log")
    seen = observed.at(observed.observed_to)
    gap = centres[:, -1] - (seen.value or 0.0)
    doubt = np.hypot(errors[:, -1], seen.se or 0.0)
    off = mixture(gap, doubt, weights, one.quantile, one.level, "")
    error = Estimate(
        value=float(weights @ gap),
        low=float(off[0]),
        high=float(off[1]),
        level=one.level,
        unit="share",
        persons=observed.persons,
        events=int(observed.events.sum()),
        method=f"projected by {name} less observed",
        status=Status.ESTIMATED,
        estimand=f"error of the share after {observed.observed_to}",
        assumptions=(FAMILY_HOLDS,),
    )
    hit = bool(off[0] <= 0 <= off[1]) or abs(error.value or 0.0) < RELEVANT
    return Trial(name, 1.0, value, low, high, error, hit)
