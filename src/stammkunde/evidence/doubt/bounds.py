"""What can be said of those nobody knows anything of: at least this, at most that.

Bounds assume nothing (Manski 1990). They are no interval of doubt: more customers do not narrow
them, only knowing of more of them does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import optimize, stats

from stammkunde import intervals
from stammkunde.errors import DataError, ParameterError
from stammkunde.intervals import FEW_EVENTS
from stammkunde.result import Estimate, Status, table_html
from stammkunde.survival.curve import Curve

# nothing is known of whoever could not be reached, so that a number would be a guess
NOT_ALL_REACHED = "not_all_reached"
REACHED_ALIKE = "drawn_at_random_and_all_reached"


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """The least and the most that something can be, and how sure these are.

    `low` and `high` are the bounds as counted; `least` and `most` reach so far that the truth lies
    between them with probability `level` (Imbens and Manski 2004), None where errors are unknown.
    `known` is the share of customers about whom something is known.
    """

    low: float
    high: float
    known: float
    unit: str
    least: float | None = None
    most: float | None = None
    level: float = 0.95

    @property
    def width(self) -> float:
        """Return how far apart the bounds are."""
        return self.high - self.low

    def _repr_html_(self) -> str:
        rows = {"at least": self.low, "at most": self.high, "known of": f"{self.known:.0%}"}
        return table_html(rows, "Bounds without assumptions")


def share_bounds(events: int, known: int, whole: int, *, level: float = 0.95) -> Bounds:
    """Return bounds of a share when only `known` of `whole` persons are known, `events` of them so.

    Of the others none may be so, or all: events / whole at least, and with all of the others at
    most.
    """
    if not 0 <= events <= known <= whole or whole < 1:
        raise DataError(
            f"{events} of {known} of {whole} is no part of a whole",
            remedy="Give counts of persons: those it is true of, all known, all.",
        )
    most = events + whole - known
    low, high = events / whole, most / whole
    one_sided = 2 * level - 1
    if known == whole:
        one_sided = level
    least = float(intervals.clopper_pearson(events, whole, one_sided)[0])
    above = float(intervals.clopper_pearson(most, whole, one_sided)[1])
    return Bounds(
        low=low,
        high=high,
        known=known / whole,
        unit="share",
        least=least,
        most=above,
        level=level,
    )


def mean_bounds(
    mean: float, known: float, least: float, most: float, *, unit: str = "month"
) -> Bounds:
    """Return bounds of a mean known of a share of customers, others between `least` and `most`."""
    if not (0 <= known <= 1 and least <= mean <= most):
        raise ParameterError(
            f"a mean of {mean:g} between {least:g} and {most:g}, known of {known:g}",
            remedy="Give a share from 0 to 1, and a mean within its limits.",
        )
    own = known * mean
    rest = 1 - known
    return Bounds(low=own + rest * least, high=own + rest * most, known=known, unit=unit)


def months_bounds(curve: Curve, horizon: int, known: float) -> Bounds:
    """Return bounds of the expected units within a horizon when the curve is of a share only.

    Whoever is unaccounted for was a customer for one unit at least, and for all at most; so was
    everybody where the curve is of too few persons.
    """
    estimate = curve.rmst(horizon)
    found = _of_mean(estimate, known, horizon, curve.unit)
    if estimate.se is None:
        return found
    se = known * estimate.se
    least, most = _reaching(found, se, se, estimate.level)
    least, most = max(least, 1.0), min(most, float(horizon))
    return replace(found, least=least, most=most, level=estimate.level)


def effect_bounds(treated: Curve, control: Curve, horizon: int, treated_share: float) -> Bounds:
    """Return bounds of an effect in months when nothing is assumed of why the arms were chosen.

    What the treated would have stayed without, and the others with the offer, lies anywhere between
    one unit and all: of each customer one of two stays is known, and the bounds are horizon - 1
    wide. They always hold 0: data alone, without a reason to hold arms for alike, prove no effect
    (Manski 1990). The curves are the arms' own, without weights.
    """
    one, two = treated.rmst(horizon), control.rmst(horizon)
    rest, most = 1 - treated_share, float(horizon)
    a = _of_mean(one, treated_share, horizon, treated.unit)
    b = _of_mean(two, rest, horizon, treated.unit)
    known = (a.known + b.known) / 2
    found = Bounds(low=a.low - b.high, high=a.high - b.low, known=known, unit=treated.unit)
    if one.se is None or two.se is None:
        return found
    se = float(np.hypot(treated_share * one.se, rest * two.se))
    least, high = _reaching(found, se, se, one.level)
    return replace(found, least=max(least, 1 - most), most=min(high, most - 1), level=one.level)


def _of_mean(mean: Estimate, known: float, horizon: int, unit: str) -> Bounds:
    """Return bounds of a mean of units, between one and all where it has no value."""
    if mean.value is None:
        return mean_bounds(1.0, 0.0, 1.0, float(horizon), unit=unit)
    return mean_bounds(mean.value, known, 1.0, float(horizon), unit=unit)


@dataclass(frozen=True, kw_only=True)
class TwoPhase:
    """A share from those who answered and a random part of those who did not, asked again.

    `reach` is the share of the asked again who answered then. `estimate` has a value only where all
    did; `bounds` say what is known otherwise. The estimate is never shown without the reach.
    """

    estimate: Estimate
    bounds: Bounds
    reach: float


def two_phase(
    *,
    whole: int,
    answered: int,
    events: int,
    asked_again: int,
    reached: int,
    events_again: int,
    level: float = 0.95,
) -> TwoPhase:
    """Return a share of `whole` persons of whom some `answered` and some others were asked again.

    `events` of the `answered`, and `events_again` of the `reached` among those `asked_again`, drawn
    at random from all who had not answered. (events + non-responders x share among those asked
    again) / whole, with the error of both steps (Hansen and Hurwitz 1946).
    """
    silent = whole - answered
    right = 0 <= events <= answered <= whole and 0 <= events_again <= reached <= asked_again
    if not right or asked_again > silent or whole < 1:
        raise DataError(
            "the answers do not add up", remedy="Give counts of persons, parts below their wholes."
        )
    if silent and not asked_again:
        lone = share_bounds(events, answered, whole, level=level)
        return TwoPhase(estimate=_unknown(whole, events, level), bounds=lone, reach=0.0)
    weight = silent / asked_again if asked_again else 0.0
    low = (events + weight * events_again) / whole
    high = low + weight * (asked_again - reached) / whole
    reach = reached / asked_again if asked_again else 1.0
    again = (events_again, events_again + asked_again - reached)
    errors = [
        _error(whole, silent, asked_again, share, n)
        for share, n in zip((low, high), again, strict=True)
    ]
    known = (answered + weight * reached) / whole
    bounds = Bounds(low=low, high=high, known=known, unit="share", level=level)
    least, most = _reaching(bounds, errors[0], errors[1], level)
    bounds = replace(bounds, least=max(least, 0.0), most=min(most, 1.0))
    estimate = _unknown(whole, events + events_again, level)
    if reached == asked_again:
        counts = (whole, events, silent, asked_again, events_again)
        estimate = _known(low, errors[0], counts, level)
    return TwoPhase(estimate=estimate, bounds=bounds, reach=reach)


def _known(
    value: float, se: float, counts: tuple[int, int, int, int, int], level: float
) -> Estimate:
    """Return the estimate where all were reached; with few answers exact limits put together."""
    whole, events, silent, asked, again = counts
    method, error = "two-phase share, log-log interval", None
    if not silent:
        limits = intervals.clopper_pearson(events, whole, level)
        method = "share, exact interval"
    elif min(again, asked - again) < FEW_EVENTS:
        first = intervals.clopper_pearson(events, whole, level)
        second = intervals.clopper_pearson(again, asked, level)
        lows, highs = (np.array([float(a), float(b)]) for a, b in zip(first, second, strict=True))
        shares = np.array([events / whole, again / asked])
        limits = intervals.mover(np.array([1.0, silent / whole]), shares, lows, highs)
        method = "two-phase share, exact limits combined"
    else:
        quantile = intervals.normal_quantile(level)
        limits = intervals.log_log(np.array(value), np.array(se), quantile)
        error = se
    return Estimate(
        value=value,
        low=max(float(limits[0]), 0.0),
        high=min(float(limits[1]), 1.0),
        se=error,
        level=level,
        unit="share",
        persons=whole,
        events=events + again,
        method=method,
        status=Status.ESTIMATED if silent else Status.MEASURED,
        assumptions=(REACHED_ALIKE,) if silent else (),
    )


def _unknown(whole: int, events: int, level: float) -> Estimate:
    return Estimate(
        value=None,
        level=level,
        unit="share",
        persons=whole,
        events=events,
        method="two-phase share",
        reason=NOT_ALL_REACHED,
    )


def _error(whole: int, silent: int, asked: int, share: float, again: int) -> float:
    """Return the standard error: of all persons, and of those asked again for the silent."""
    if not asked:
        return float(np.sqrt(share * (1 - share) / whole))
    own = again / asked
    second = (silent / whole) * (silent / asked - 1) * own * (1 - own) / whole
    return float(np.sqrt(max(share * (1 - share), 0.0) / whole + second))


def _reaching(bounds: Bounds, low_se: float, high_se: float, level: float) -> tuple[float, float]:
    """Return limits that hold the truth with probability `level` wherever between the bounds it is.

    Their quantile lies between the one-sided one (bounds far apart) and the two-sided (no gap).
    """
    largest = max(low_se, high_se)
    if largest <= 0:
        return bounds.low, bounds.high
    gap = bounds.width / largest

    def short(c: float) -> float:
        return float(stats.norm.cdf(c + gap) - stats.norm.cdf(-c) - level)

    c = float(optimize.brentq(short, 0.0, 10.0))
    return bounds.low - c * low_se, bounds.high + c * high_se
