"""The window of the draft: from which day to which the days of all tables suggest observation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from stammkunde.intake import guesses
from stammkunde.intake.guesses import Forms, days_of
from stammkunde.intake.lexicon import is_exported
from stammkunde.intake.roles import Table
from stammkunde.intake.toml import Line, Section, quoted

FAR = timedelta(days=31)
# customers who leave so soon after the first contract show that leaving was recorded by then
SOON = timedelta(days=92)
# tables of one export seldom end on the same day
NEAR = timedelta(days=7)
# the column that says when something happened; a price list may hold prices of next year
HAPPENED = {"events": "date", "offers": "start", "transactions": "date", "contracts": "start"}


@dataclass(frozen=True)
class Observed:
    """The days that dated rows suggest: window, and what is unsure about it.

    `first_start` and `first_end` are the earliest of each in the main table. `asked` is what is to
    be decided about `close`, "" where nothing is.
    """

    close: date
    first_start: date
    first_end: date | None
    asked: str = ""


@dataclass(frozen=True)
class _Limit:
    """The last day that can be evidence of when the data were taken, and what says so."""

    day: date
    said: str = ""


def observed(tables: Sequence[Table], today: date) -> Observed | None:
    """Return what the days of all tables suggest, the main one first; None where no day is past.

    Starts to come, ends announced, and whatever lies after the day of the export do not count.
    """
    main = tables[0]
    form = guesses.forms(main)
    starts = days_of(main.column("start") or main.column("date"), form)
    limit = _limit(main, form, starts, today)
    begun = [d for d in starts if d <= limit.day]
    ended = [d for d in days_of(main.column("end"), form) if d <= limit.day]
    if not begun:
        return None
    latest = max(begun)
    after = [d for d in ended if d > latest]
    is_announced = _is_thinner(after, ended, latest)
    last = {main.looked.name: max([latest, *([] if is_announced else ended)])}
    last |= _beside(tables[1:], limit.day)
    said = [limit.said] if limit.said else []
    if is_announced:
        ends = f"ends up to {max(after)} look announced"
        said.append(f"the latest start is {latest}; {ends}")
    later = [d for d in starts if d > limit.day]
    if later:
        said.append(f"{len(later)} starts lie in the future, up to {max(later)}")
    if max(last.values()) - min(last.values()) > NEAR:
        said.append("the latest day is " + ", ".join(f"{d} in {n}" for n, d in last.items()))
    return Observed(
        close=max(last.values()) + timedelta(days=1),
        first_start=min(begun),
        first_end=min(ended, default=None),
        asked="; ".join(said) + ". Until when were the data kept?" if said else "",
    )


def _limit(main: Table, form: Forms, starts: Sequence[date], today: date) -> _Limit:
    """Return the last day on which something can have happened that the table tells of."""
    for column in main.others:
        made = [d for d in days_of(column, form) if d <= today]
        if is_exported(column.plain) and made:
            return _Limit(max(made), f"the table was made on {max(made)} (`{column.name}`)")
    known = sorted(d for d in starts if d <= today)
    others = [d for c in main.others for d in days_of(c, form) if d <= today]
    others += [d for d in days_of(main.column("notice"), form) if d <= today]
    newest = max(others, default=today)
    # days of birth, too, lie before most starts: only a few starts after the other days are to come
    usual = known[int(0.9 * len(known))] if known else today
    if usual < newest and known[-1] > newest + FAR:
        return _Limit(newest, f"no other day of the table is later than {newest}")
    return _Limit(today)


def _beside(tables: Sequence[Table], limit: date) -> dict[str, date]:
    """Return the latest day of every other table that tells of what happened, by its name."""
    found = {}
    for table in tables:
        column = table.column(HAPPENED.get(table.section, ""))
        days = [d for d in days_of(column, guesses.forms(table)) if d <= limit]
        if days:
            found[table.looked.name] = max(days)
    return found


def _is_thinner(after: Sequence[date], ended: Sequence[date], latest: date) -> bool:
    """Return whether ends after the latest start come so thinly that they look announced."""
    if not after or max(after) <= latest + FAR:
        return False
    year = [d for d in ended if latest - timedelta(days=365) < d <= latest]
    span = max((max(after) - latest).days, 1)
    return len(after) / span < 0.5 * len(year) / 365


def sections(main: Table, seen: Observed | None) -> list[Section]:
    """Return the section `[window]` of the draft."""
    if main.section == "snapshot":
        column = main.column("tenure")
        unit = guesses.unit_of(column.plain) if column else "month"
        return [Section(head="window", lines=(Line(key="unit", value=quoted(unit)),))]
    if seen is None:
        fill = "the day after the last observed day, such as 2026-01-01"
        return [Section(head="window", lines=(Line(key="close", value='""', fill_in=fill),))]
    close = Line(
        key="close",
        value=seen.close.isoformat(),
        note="the day after the last observed day",
        open=seen.asked,
    )
    return [Section(head="window", lines=(*_opens(main, seen), close))]


def _opens(main: Table, seen: Observed) -> tuple[Line, ...]:
    first = seen.first_end
    if main.section == "transactions":
        value = seen.first_start.isoformat()
        return (Line(key="open", value=value, note="the first purchase in the table"),)
    if first is None:
        said = "since when are ends recorded? There is none yet."
        return (Line(key="open", value=seen.first_start.isoformat(), open=said, off=True),)
    if first - seen.first_start <= SOON:
        return ()
    month = first.replace(day=1).isoformat()
    said = (
        f"since when are ends recorded? The first is of {first}, contracts begin on "
        f"{seen.first_start}. If earlier leavers were deleted, take the # off the next line."
    )
    return (Line(key="open", value=month, open=said, off=True),)
