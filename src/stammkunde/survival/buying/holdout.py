"""A model of buying against what happened after it was fitted: expected and observed, in pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stammkunde import intervals
from stammkunde.draws import BLOCKS
from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.intervals import FEW_EVENTS
from stammkunde.result import Estimate
from stammkunde.survival.buying.alive import bought, summed
from stammkunde.survival.buying.bgnbd import METHOD, STEADY, BgNbd
from stammkunde.survival.buying.expected import still_there
from stammkunde.survival.buying.histories import Histories
from stammkunde.survival.buying.told import Quantity, Told, telling
from stammkunde.survival.shares import share

MOST, BINS = 7, 10


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Persons of one bin: what was expected of each in the hold-out, and what was observed.

    `first` and `last` bound the bin: repeat purchases in the calibration, or the expected chance.
    """

    first: float
    last: float
    persons: int
    expected: Estimate
    observed: Estimate


def pairs_by_purchases(
    fit: BgNbd, histories: Histories, *, most: int = MOST, level: float = 0.95
) -> tuple[Pair, ...]:
    """Return purchases per person in the hold-out, by repeat purchases in the calibration.

    Those with `most` or more are one bin. Interval of the observed mean on the log scale, its error
    that of a mean of persons, exact for a Poisson count below 5. ParameterError for `most` below 1,
    NotObservedError without a fit or a hold-out.
    """
    if most < 1:
        raise ParameterError(f"{most} repeat purchases make no bins", remedy="Give 1 or more.")
    h = _held_out(fit, histories)
    x, place = np.unique(np.minimum(h.x, most), return_inverse=True)
    last = np.where(x == most, h.x.max(initial=0), x)
    persons = np.bincount(place, weights=h.count)
    means = _means(fit, h, place, persons, lambda p: bought(p, h, h.holdout))
    pairs = []
    for i, first in enumerate(x):
        about = _about("count", int(persons[i]))
        expected = means.estimate(_picked(i), scale="log", level=level, **about)
        observed = _mean(h.where(place == i), level)
        pairs.append(
            Pair(
                first=float(first),
                last=float(last[i]),
                persons=int(persons[i]),
                expected=expected,
                observed=observed,
            )
        )
    return tuple(pairs)


def pairs_by_chance(
    fit: BgNbd, histories: Histories, *, bins: int = BINS, level: float = 0.95
) -> tuple[Pair, ...]:
    """Return the shares who buy at all in the hold-out, by the chance expected of each person.

    Bins hold as nearly the same number of persons as equal chances allow, so there may be fewer.
    Observed shares have exact intervals. Errors as in `pairs_by_purchases`.
    """
    if bins < 1:
        raise ParameterError(f"{bins} bins are not to be had", remedy="Give 1 or more.")
    h = _held_out(fit, histories)
    assert fit.moves is not None
    each = buys_again(fit.moves.at[None], h)[0]
    place = _binned(each, h.count, bins)
    persons = np.bincount(place, weights=h.count)
    means = _means(fit, h, place, persons, lambda p: buys_again(p, h))
    pairs = []
    for i in range(len(persons)):
        part = h.where(place == i)
        assert part.later is not None
        about = _about("share", part.persons)
        came, all_ = (by_block(part, n) for n in (part.count * (part.later > 0), part.count))
        pairs.append(
            Pair(
                first=float(each[place == i].min()),
                last=float(each[place == i].max()),
                persons=part.persons,
                expected=means.estimate(_picked(i), scale="share", level=level, **about),
                observed=share(came, all_, persons=part.persons, repeats=False, level=level),
            )
        )
    return tuple(pairs)


def pairs_among(
    fit: BgNbd, histories: Histories, groups: Sequence[np.ndarray], *, level: float = 0.95
) -> tuple[Pair, ...]:
    """Return the shares of groups of persons, flags [N], that buy in the hold-out, in pairs.

    A person may be in several groups. Errors as in `pairs_by_purchases`; nobody has no share.
    """
    h = _held_out(fit, histories)
    each = buying_chances(fit, h)
    flags = np.stack(groups, axis=1) if groups else np.zeros((len(h.x), 0), dtype=bool)
    weight = h.count[:, None] * flags
    persons = weight.sum(axis=0)
    means = _weighed(fit, weight / np.maximum(persons, 1), lambda p: buys_again(p, h))
    return tuple(
        _among(h, each, who, means.estimate(_picked(i), scale="share", level=level, **about))
        for i, who in enumerate(groups)
        for about in [_about("share", int(persons[i]))]
    )


def _among(h: Histories, each: np.ndarray, who: np.ndarray, expected: Estimate) -> Pair:
    part, seen = h.where(who), each[who]
    assert part.later is not None
    came, all_ = (by_block(part, n) for n in (part.count * (part.later > 0), part.count))
    observed = share(came, all_, persons=part.persons, repeats=False, level=expected.level)
    return Pair(
        first=float(seen.min(initial=1.0)),
        last=float(seen.max(initial=0.0)),
        persons=part.persons,
        expected=expected if part.persons else observed,
        observed=observed,
    )


def buying_chances(fit: BgNbd, histories: Histories) -> np.ndarray:
    """Return the chance of a purchase in the hold-out of each history [N]; nan without a fit."""
    if fit.moves is None:
        return np.full(len(histories.x), np.nan)
    return np.asarray(buys_again(fit.moves.at[None], histories)[0])


def buys_again(parameters: np.ndarray, h: Histories) -> np.ndarray:
    """Return the chance of a purchase in the hold-out [B, N]: still there, and not too slow.

    Nobody goes but after a purchase, so that going does not keep anybody from the next one.
    """
    r, alpha, _, _ = np.exp(parameters).T[..., None]
    silent = (r + h.x) * np.log1p(h.holdout / (alpha + h.length))
    return np.asarray(still_there(parameters, h.x, h.t_x, h.length) * -np.expm1(-silent))


def by_block(h: Histories, count: np.ndarray) -> np.ndarray:
    """Return whole numbers of histories [N] by block [256]."""
    return np.bincount(h.block, weights=count, minlength=BLOCKS).astype(np.int64)


def _held_out(fit: BgNbd, histories: Histories) -> Histories:
    if fit.moves is None or histories.later is None or histories.holdout < 1:
        lacks = "hold-out" if fit.moves is not None else "fitted model"
        raise NotObservedError(
            f"there is no {lacks}, so nothing can be compared",
            remedy="Count histories with `later_until`, and see the reason of the fit.",
        )
    return histories


def _means(
    fit: BgNbd, h: Histories, place: np.ndarray, persons: np.ndarray, each: Quantity
) -> Told:
    """Return the means over the persons of each bin, ready to be told."""
    weight = np.zeros((len(h.x), len(persons)))
    weight[np.arange(len(h.x)), place] = h.count / persons[place]
    return _weighed(fit, weight, each)


def _weighed(fit: BgNbd, weight: np.ndarray, each: Quantity) -> Told:
    assert fit.moves is not None
    return telling(fit.moves, lambda p: summed(p, weight, each))


def _picked(i: int) -> Quantity:
    return lambda q: q[:, i]


def _binned(value: np.ndarray, count: np.ndarray, bins: int) -> np.ndarray:
    """Return the bin of each history, empty ones left out; equal values share a bin."""
    which = np.unique(value, return_inverse=True)[1]
    persons = np.bincount(which, weights=count)
    middle = np.cumsum(persons) - persons / 2
    bin_of = np.floor(bins * middle / persons.sum()).astype(np.int64)
    return np.unique(bin_of, return_inverse=True)[1][which]


def _mean(h: Histories, level: float) -> Estimate:
    """Return the observed purchases per person in the hold-out."""
    assert h.later is not None
    n, total = h.persons, int(h.count @ h.later)
    about: dict[str, Any] = {"unit": "count", "persons": n, "events": total, "level": level}
    value = total / n
    if total < FEW_EVENTS or n < 2:
        low, high = (float(a) / n for a in intervals.poisson_limits(total, level))
        return Estimate(value=value, low=low, high=high, method="mean, exact Poisson", **about)
    se = float(np.sqrt(h.count @ (h.later - value) ** 2 / (n - 1) / n))
    wide = intervals.student_quantile(level, n)
    low, high = (float(a) for a in intervals.log(np.asarray(value), np.asarray(se), wide))
    return Estimate(value=value, low=low, high=high, se=se, method="mean, log interval", **about)


def _about(unit: str, persons: int) -> dict[str, Any]:
    return {"unit": unit, "persons": persons, "method": METHOD, "assumptions": (STEADY,)}
