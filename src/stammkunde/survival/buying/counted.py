"""Purchase histories from purchases: counted where the data lie."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np

from stammkunde.errors import NotObservedError, ParameterError, nearest
from stammkunde.spells.bought import Purchases
from stammkunde.spells.columns import band
from stammkunde.spells.spells import MISSING, column_of
from stammkunde.survival.buying.histories import COLUMNS, NO_AMOUNT, Histories, days_of


def histories(
    purchases: Purchases,
    *,
    until: date | None = None,
    later_until: date | None = None,
    since: date | None = None,
    unit: str = "week",
) -> Histories:
    """Return the histories of all persons, counted in the engine.

    Observation ends the day before `until` (by default the purchases' own close); with
    `later_until` the purchases from `until` to the day before it are the hold-out. Who first bought
    on `until` or later is not in it. NotObservedError where first purchases may be missing, unless
    `since` is a day from which on a first purchase in the data is taken for a first one.
    """
    return histories_by(
        purchases, (), until=until, later_until=later_until, since=since, unit=unit
    )[()]


def histories_by(
    purchases: Purchases,
    by: tuple[str, ...],
    *,
    until: date | None = None,
    later_until: date | None = None,
    since: date | None = None,
    unit: str = "week",
) -> dict[tuple[str, ...], Histories]:
    """Return histories by the levels of groups on the day of the first purchase (see `histories`).

    Numbers are summed over that day and banded; a missing value is the level "(missing)".
    ParameterError for an unknown group or a calibration that does not end within observation.
    """
    end, close = spans(purchases, until, later_until)
    if not purchases.complete and since is None:
        raise NotObservedError(
            "the data may not begin with everybody's first purchase, so nobody's age is known",
            remedy="Declare `first_purchases` where they do, or give `since`: a day late enough.",
        )
    relation = _counted(purchases, by, (end, close, since))
    frame = relation.execute()
    if frame.empty:
        raise NotObservedError(
            "nobody bought for the first time before the calibration ended",
            remedy="Let it end later.",
        )
    names = [*COLUMNS, "count"]
    if not (frame["spent"] > 0).any():
        names.remove("spent")
    if later_until is None:
        names.remove("later")
    levels = [f"level {i}" for i in range(len(by))]
    parts = frame.groupby(levels, sort=True) if by else [((), frame)]
    per, after = days_of(unit), (close - end).days
    found = {}
    for level, part in parts:
        arrays: dict[str, Any] = {n: part[n].to_numpy().astype(np.int64) for n in names}
        found[tuple(map(str, level))] = Histories(**arrays, unit=unit, days=per, holdout=after)
    return found


def spans(purchases: Purchases, until: date | None, later_until: date | None) -> tuple[date, date]:
    """Return the days after calibration and hold-out; ParameterError unless both are observed."""
    end = purchases.close if until is None else until
    close = end if later_until is None else later_until
    if not end <= close <= purchases.close:
        raise ParameterError(
            f"observation ends before {purchases.close}",
            remedy="Let the calibration end first, then the hold-out, then observation.",
        )
    return end, close


def _counted(
    purchases: Purchases, by: tuple[str, ...], days: tuple[date, date, date | None]
) -> ir.Table:
    """Return one row per history: a group-by per person and day, per person, and over persons."""
    end, close, since = days
    p = purchases.relation
    daily = p.group_by("person", "day").aggregate(
        block=p.block.max(), cents=p.cents.sum(), unknown=p.cents.isnull().max()
    )
    daily = daily.mutate(first=daily.day.min().over(ibis.window(group_by="person")))
    seen, repeat = daily.day < ibis.literal(end), daily.day > daily.first
    after = (daily.day >= ibis.literal(end)) & (daily.day < ibis.literal(close))
    persons = daily.group_by("person").aggregate(
        block=daily.block.max(),
        first=daily.first.min(),
        last=daily.day.max(where=seen),
        x=(seen & repeat).sum(),
        spent=daily.cents.sum(where=seen & repeat).fill_null(0),
        unknown=daily.unknown.max(where=seen & repeat).fill_null(False),
        later=after.sum(),
    )
    persons = persons.filter(persons["first"] < ibis.literal(end))
    if since is not None:
        persons = persons.filter(persons["first"] >= ibis.literal(since))
    for i, name in enumerate(by):
        persons = persons.inner_join(_levels(purchases, name, f"level {i}"), "person")
    first, unknown = persons["first"], persons.unknown
    last_day = ibis.literal(end - timedelta(days=1))
    rows = persons.select(
        *(f"level {i}" for i in range(len(by))),
        x=persons.x.cast("int64"),
        t_x=persons["last"].delta(first, unit="day").cast("int64"),
        length=last_day.delta(first, unit="day").cast("int64"),
        block=persons.block.cast("int64"),
        spent=ibis.ifelse(unknown, NO_AMOUNT, persons.spent).cast("int64"),
        later=persons.later.cast("int64"),
    )
    keys = list(rows.columns)
    return rows.group_by(keys).aggregate(count=rows.count()).order_by(keys)


def _levels(purchases: Purchases, name: str, to: str) -> ir.Table:
    """Return the level of each person in a group: that of the first day."""
    if name not in purchases.groups:
        raise ParameterError(
            f"no group `{name}` in these purchases", remedy=nearest(name, purchases.groups)
        )
    p, column = purchases.relation, column_of(name)
    p = p.mutate(first=p.day.min().over(ibis.window(group_by="person")))
    opening = p.filter(p.day == p["first"])
    cuts = purchases.bands.get(name)
    if cuts:
        # sums of floats depend on the order of rows; decimals do not
        total = opening[column].cast("decimal(30, 6)").sum()
        level = opening.group_by("person").aggregate(total=total)
        level = level.mutate(**{to: band(level.total.cast("float64"), cuts)})
    else:
        level = opening.group_by("person").aggregate(**{to: opening[column].argmin(opening.record)})
    return level.select("person", **{to: level[to].cast("string").fill_null(MISSING)})
