"""Customers on a day: what a policy met when it began, and the months around that day.

On the day's clock everybody there begins anew: tenure is then something known of him, beside what
else makes customers alike, and no longer the clock.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

import ibis
import ibis.expr.types as ir
import pandas as pd

from stammkunde.errors import NotObservedError, ParameterError, nearest, several
from stammkunde.evidence.units import level_name, person_units
from stammkunde.spells.calendar_clock import nameless
from stammkunde.spells.months import completed_expr
from stammkunde.spells.spells import CENSORED, MISSING, Spells, covariate_of
from stammkunde.survival.drivers.cells import levels_of

TENURE = "tenure"
TEXTS = ("arm", "offer", "kind", "value")
OPENING = "the day"


def on_day(spells: Spells, day: date) -> Spells:
    """Return the spells that ran on `day`, on a clock that starts there.

    Unit t is the t-th from the day on; who leaves in it is counted by the months rule as if he had
    begun that day. Whoever left so late that his cause was not counted in his own whole units left
    for the cause "unknown" ("left" where the data know no causes). The covariate "tenure" holds the
    units completed by then, as a number. Spells whose own unit had begun before they were observed
    are left out. NotObservedError where nobody was there, or where spells have no dates or the day
    lies outside observation; ParameterError where spells have a column of that name.
    """
    check_names(spells)
    _check_day(day)
    if spells.close is None or day >= spells.close:
        raise NotObservedError(
            f"nobody was observed from {day} on",
            remedy="Name a day within observation.",
            reason="nobody_on_the_day",
        )
    return _from(spells, spells.relation.mutate(**{OPENING: ibis.literal(day, type="date")}), ())


def on_days(
    spells: Spells, table: ir.Table, day: str = "start", texts: Sequence[str] = TEXTS
) -> Spells:
    """Return the spells that ran on the days of a table of offers or events, each from there on.

    As `on_day`, one row for each row of the table whose person was a customer on its `day`; the
    other `texts` of the table are covariates, those it has, instead of any that the spells have
    under the same name. A person may be there several times.
    """
    check_names(spells)
    if spells.close is None:
        raise NotObservedError("these spells have no dates", remedy="Ask for the days of start.")
    if day not in table.columns:
        raise ParameterError(f"no column `{day}` of days", remedy=nearest(day, table.columns))
    kept = [n for n in several(texts, "texts") if n in table.columns]
    rows = table.select(
        **{"met": table.person, OPENING: table[day].cast("date")},
        **{covariate_of(n): table[n].fill_null(MISSING) for n in kept},
    )
    rows = rows.filter(rows[OPENING] < ibis.literal(spells.close, type="date"))
    # a column of the same name that the spells have would be told in another's place
    s = spells.relation.drop(*(covariate_of(n) for n in kept if n in spells.covariates))
    return _from(spells, s.join(rows, s.person == rows.met).drop("met"), kept)


def check_names(spells: Spells) -> None:
    """Raise ParameterError where a group or covariate is called "tenure", as is that by a day."""
    if TENURE in (*spells.groups, *spells.covariates):
        raise ParameterError(
            f"a group or covariate is called `{TENURE}`, as is the time as a customer by a day",
            remedy="Give it another name.",
        )


def _from(spells: Spells, rows: ir.Table, more: Sequence[str]) -> Spells:
    """Return the rows that ran on their day `OPENING`, on the clock of that day."""
    day = rows[OPENING]
    there = rows.filter((rows.start <= day) & (rows["last"].isnull() | (rows["last"] >= day)))
    tenure = completed_expr(there.start, there[OPENING], spells.unit)
    there = there.filter(tenure >= there.entry)
    day, closes = there[OPENING], ibis.literal(spells.close, type="date")
    stays, seen = (
        completed_expr(day, there["last"], spells.unit) + 1,
        completed_expr(day, closes, spells.unit),
    )
    gone = (there["last"].notnull() & (stays <= seen)).fill_null(False)
    named = ibis.ifelse(there.end == CENSORED, nameless(spells), there.end)
    relation = there.mutate(
        **{covariate_of(TENURE): tenure},
        start=day,
        entry=ibis.literal(0, "int64"),
        exit=ibis.ifelse(gone, stays, seen).cast("int64"),
        end=ibis.ifelse(gone, named, CENSORED),
    ).drop(OPENING)
    relation = relation.filter(relation.exit > 0)
    heads = relation.aggregate(p=relation.person.nunique(), s=relation.count()).execute()
    if not int(heads.s[0]):
        raise NotObservedError(
            "nobody was a customer on the day",
            remedy="Name a day within observation.",
            reason="nobody_on_the_day",
        )
    return replace(
        spells,
        relation=relation,
        covariates=(*dict.fromkeys((*spells.covariates, TENURE, *more)),),
        persons=int(heads.p[0]),
        spells=int(heads.s[0]),
    )


def months_around(
    spells: Spells,
    column: str,
    met: Collection[str],
    day: date,
    *,
    before: int,
    after: int,
    alike: Sequence[str] = (),
    cause: str | None = None,
) -> pd.DataFrame:
    """Return the customer months around `day`, counted as `event_study` wants them.

    Who met the policy are those whose level of `column` is in `met`, the others did not; its months
    run from the day on, month 0 first, and each is that in which a customer's own month begins.
    Customers are alike in tenure, to the month, and in the columns `alike`. With a `cause` only
    leaving for it counts. ParameterError unless the unit of tenure is the month.
    """
    _check_around(spells, day, before, after)
    units = person_units(spells, (column, *several(alike, "columns")))
    period = units.month - (12 * day.year + day.month - 1)
    period -= ibis.ifelse(units.start.day() < day.day, 1, 0)
    near = units.mutate(period=period).filter(period.between(-before, after - 1))
    left = near.end.notnull() if cause is None else (near.end == cause).fill_null(False)
    known = [level_name(c) for c in alike]
    rows = near.group_by(
        *known,
        "unit",
        "period",
        "block",
        treated=near[level_name(column)].isin([*several(met, "levels")]),
    ).aggregate(at_risk=near.count(), left=left.cast("int64").sum())
    frame = _executed(rows)
    if frame.empty:
        raise NotObservedError(
            f"nobody was observed around {day}", remedy="Name a day within observation."
        )
    if not frame.treated.any():
        _check_levels(spells, column, met)
    cell = frame.groupby([*known, "unit"], sort=True).ngroup()
    return frame.assign(cell=cell)[["treated", "period", "cell", "block", "at_risk", "left"]]


def _check_around(spells: Spells, day: date, before: int, after: int) -> None:
    if spells.unit != "month":
        raise ParameterError(
            f"months around a day need tenure in months, not {spells.unit}s",
            remedy='Write `window.unit` as "month".',
        )
    _check_day(day)
    if before < 1 or after < 1:
        raise ParameterError("no months around the day", remedy="Give 1 or more on either side.")


def _check_day(day: date) -> None:
    if not isinstance(day, date):
        raise ParameterError(f"{day!r} is no date", remedy="Write it as `date(2024, 1, 31)`.")


def _check_levels(spells: Spells, column: str, met: Collection[str]) -> None:
    told = spells.relation.select(level=levels_of(spells, column, 4)[0]).distinct().to_pyarrow()
    known = [str(v) for v in told["level"].to_pylist()]
    if not {*met} & {*known}:
        words = ", ".join(met)
        raise ParameterError(f"`{column}` has no level `{words}`", remedy=nearest(words, known))


def _executed(rows: ir.Table) -> pd.DataFrame:
    frame = rows.execute()
    counts = {n: frame[n].astype("int64") for n in ("period", "block", "at_risk", "left")}
    return frame.assign(treated=frame.treated.astype(bool), **counts)
