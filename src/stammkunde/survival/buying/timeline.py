"""Purchases over time: what a cohort that began on different days should have bought by now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import numpy as np
import pandas as pd

from stammkunde.errors import DataError, NotObservedError
from stammkunde.intervals import normal_quantile, student_quantile
from stammkunde.result import Estimate, Status, table_html
from stammkunde.spells.bought import Purchases
from stammkunde.survival.buying.bgnbd import METHOD, NO_REPEATS, STEADY, BgNbd
from stammkunde.survival.buying.counted import spans
from stammkunde.survival.buying.expected import from_start
from stammkunde.survival.buying.told import Told, limits, telling


@dataclass(frozen=True)
class Timeline:
    """First and repeat purchases by day [D], day 0 being that of the very first purchase.

    `starts` are persons by the day of their first purchase, `repeats` repeat purchases by day, all
    of persons who began before day `until`, where the calibration ended.
    """

    starts: np.ndarray
    repeats: np.ndarray
    until: int

    @property
    def length(self) -> int:
        """Return the number of days."""
        return len(self.repeats)


@dataclass(frozen=True, kw_only=True)
class Tracking:
    """Cumulative repeat purchases, expected and observed, at the times `at` [M] in units.

    `low` and `high` limit what is expected; what happens also varies by chance. `until` is where
    the calibration ended. `whole` is expected by observed over all times, `ahead` the same after
    the calibration alone.
    """

    at: np.ndarray
    expected: np.ndarray
    low: np.ndarray
    high: np.ndarray
    observed: np.ndarray
    until: float
    unit: str
    whole: Estimate
    ahead: Estimate

    def to_frame(self) -> pd.DataFrame:
        """Return one row per time."""
        names = ("at", "observed", "expected", "low", "high")
        return pd.DataFrame({n: getattr(self, n) for n in names})

    def _repr_html_(self) -> str:
        rows: dict[str, object] = {"observed": int(self.observed[-1])}
        rows["expected"] = f"{self.expected[-1]:.0f}"
        for name, e in (("whole time", self.whole), ("after the calibration", self.ahead)):
            rows[name] = e.reason if e.value is None else f"{e.value - 1:+.1%}"
        return table_html(rows, f"Repeat purchases over {self.at[-1]:g} {self.unit}s")


def timeline(
    purchases: Purchases, *, until: date | None = None, later_until: date | None = None
) -> Timeline:
    """Return the purchases by day of those who began before `until`, counted in the engine.

    `until` and `later_until` as in `histories`. NotObservedError where nobody began before, or
    where first purchases may be missing.
    """
    end, close = spans(purchases, until, later_until)
    p = purchases.relation
    daily = p.select("person", "day").distinct()
    daily = daily.mutate(first=daily.day.min().over(ibis.window(group_by="person")))
    seen = daily.filter((daily["first"] < ibis.literal(end)) & (daily.day < ibis.literal(close)))
    opens = (seen.day == seen["first"]).sum()
    rows = seen.group_by("day").aggregate(starts=opens, n=seen.count()).order_by("day")
    frame = rows.execute()
    if frame.empty or not purchases.complete:
        raise NotObservedError(
            "no first purchases are known" if frame.empty else "first purchases may be missing",
            remedy="Let the calibration end later, and declare `first_purchases` where they are.",
        )
    days = pd.to_datetime(frame["day"])
    origin = days.iloc[0]
    place = (days - origin).dt.days.to_numpy()
    size = (pd.Timestamp(close) - origin).days
    starts, every = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    starts[place], every[place] = frame["starts"], frame["n"]
    return timeline_from(starts, every - starts, (pd.Timestamp(end) - origin).days)


def timeline_from(starts: np.ndarray, repeats: np.ndarray, until: int) -> Timeline:
    """Return the timeline of whole numbers by day; DataError for what is none."""
    starts, repeats = np.asarray(starts), np.asarray(repeats)
    whole = starts.dtype.kind in "biu" and repeats.dtype.kind in "biu"
    if not whole or starts.shape != repeats.shape or starts[until:].any():
        raise DataError(
            "these are no purchases by day",
            remedy="Give integers, one per day, and no first purchases after the calibration.",
        )
    return Timeline(starts, repeats, int(until))


def tracked(fit: BgNbd, days: Timeline, *, step: float = 1.0, level: float = 0.95) -> Tracking:
    """Return cumulative repeat purchases, expected and observed, every `step` units of the fit.

    Expected of somebody who began s days later is what a newcomer buys in as much less time. Times
    end with the last whole step; after w weeks, the 7 w days from day 0 have passed.
    NotObservedError without a fit.
    """
    if fit.moves is None:
        raise NotObservedError(
            "there is no fitted model of these purchases", remedy="See the reason of the fit."
        )
    at = np.arange(0.0, days.length / fit.days + 1e-9, step)
    passed = np.floor(at * fit.days + 1e-9).astype(np.int64)
    turned = min(days.until, int(passed[-1]))
    # after so many days, the last of them has one number less
    after = np.unique(np.append(passed, turned))
    ends = after - 1
    back = ends[:, None] - np.arange(days.length)
    begun = np.where(back >= 0, days.starts[np.maximum(back, 0)], 0)
    reach = np.arange(days.length, dtype=float)

    def expected(parameters: np.ndarray) -> np.ndarray:
        return from_start(parameters, reach) @ begun.T

    every = telling(fit.moves, expected)
    value = every.value
    low, high = _limits(every, level)
    observed = np.append(0, np.cumsum(days.repeats))[after]
    shown = np.searchsorted(after, passed)
    final, turn = len(after) - 1, int(np.searchsorted(after, turned))
    return Tracking(
        at=at,
        expected=value[shown],
        low=low[shown],
        high=high[shown],
        observed=observed[shown],
        until=days.until / fit.days,
        unit=fit.unit,
        whole=_ratio(fit, every, (final,), int(observed[final]), level),
        ahead=_ratio(fit, every, (final, turn), int(observed[final] - observed[turn]), level),
    )


def _limits(every: Told, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return limits of the expected numbers [M] on the log scale; 0 where nothing is expected."""
    if every.replicates is not None:
        se, wide = every.replicates.se(), student_quantile(level, every.replicates.smallest)
    else:
        se, wide = every.errors(lambda q: q), normal_quantile(level)
    return limits(every.value, se, wide, "log")


def _ratio(
    fit: BgNbd, every: Told, places: tuple[int, ...], observed: int, level: float
) -> Estimate:
    """Return expected by observed up to a place, or since another; no value of nothing observed."""
    about: dict[str, Any] = {"unit": "ratio", "persons": fit.persons, "events": observed}
    about |= {"method": METHOD, "estimand": "expected by observed", "assumptions": (STEADY,)}
    if observed <= 0:
        about |= {"status": Status.ESTIMATED, "reason": NO_REPEATS}
        return Estimate(value=None, level=level, **about)

    def ratio(expected: np.ndarray) -> np.ndarray:
        found = expected[:, places[0]] - (expected[:, places[1]] if len(places) > 1 else 0.0)
        return np.asarray(found / observed)

    return every.estimate(ratio, scale="log", level=level, **about)
