"""Data that know leaving only to an interval: lists drawn up now and then, recent leavers."""

from stammkunde.survival.grouped.interval_curve import IntervalCurve, turnbull
from stammkunde.survival.grouped.rates import grouped_rate, piecewise_rates
from stammkunde.survival.grouped.recent import recent_leavers
from stammkunde.survival.grouped.snapshots import (
    lifetime,
    lists_times_spacing,
    never_seen,
    seen_again,
)

__all__ = [
    "IntervalCurve",
    "grouped_rate",
    "lifetime",
    "lists_times_spacing",
    "never_seen",
    "piecewise_rates",
    "recent_leavers",
    "seen_again",
    "turnbull",
]
