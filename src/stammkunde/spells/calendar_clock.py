"""The calendar clock: the same spells, counted in calendar months instead of completed ones.

Unit k + 1 is the k-th calendar month after the month of start (k = 0 is that month itself, of which
a customer sees a part only), so that cohort + k is a calendar month exactly. A price rise or a
campaign, which hits a month, then stands in one unit of every cohort.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from stammkunde.errors import NotObservedError
from stammkunde.spells.spells import CENSORED, LEFT, STATE, UNKNOWN, Episodes, Spells

MONTHS = {"month": 1, "quarter": 3, "year": 12}
DAYS = {"day": 1, "week": 7}


def on_calendar_clock(spells: Spells) -> Episodes:
    """Return one episode per spell on the clock of calendar months, unit "month".

    Leaving counts in the calendar month of `last`, up to the last whole month before observation
    closes. Who was a customer before observation opened is seen from the first whole calendar month
    after his first whole unit in it: earlier, those who left in that unit are not in the data.
    Whoever left so late that his cause was not counted in whole units left for the cause "unknown"
    ("left" where the data know no causes). Cohorts (`by="cohort"`) times units make the Lexis
    diagram. NotObservedError where the spells have no dates.
    """
    if spells.close is None:
        raise NotObservedError(
            "a calendar needs dates, and these customers come with completed units only",
            remedy="Ask for the days on which customers began and ended.",
        )
    r = spells.relation
    seen = _between(r.start, ibis.literal(spells.close, type="date"))
    gone = _between(r.start, r["last"]) + 1
    left = (r["last"].notnull() & (gone <= seen)).fill_null(False)
    named = ibis.ifelse(r.end == CENSORED, nameless(spells), r.end)
    relation = r.mutate(
        begin=ibis.ifelse(r.entry == 0, 0, _first_whole(r, spells.unit)).cast("int64"),
        finish=ibis.ifelse(left, gone, seen).cast("int64"),
        state=ibis.literal(STATE),
        came_from=ibis.null("string"),
        to=ibis.ifelse(left, named, CENSORED),
    ).drop("entry", "exit", "end")
    relation = relation.filter(relation.begin < relation.finish)
    return Episodes(relation, "month", spells.groups, spells.repeats)


def _between(a: ir.DateValue, b: ir.DateValue) -> ir.IntegerValue:
    """Return how many calendar months lie between the months of two days."""
    return 12 * (b.year() - a.year()) + (b.month() - a.month())


def _first_whole(r: ir.Table, unit: str) -> ir.IntegerValue:
    """Return the months before the first whole calendar month at or after the unit of entry."""
    if unit in MONTHS:
        return r.entry * MONTHS[unit] + ibis.ifelse(r.start.day() > 1, 1, 0)
    first = (r.start + (r.entry * DAYS[unit]).as_interval("D")).cast("date")
    return _between(r.start, first) + ibis.ifelse(first.day() > 1, 1, 0)


def nameless(spells: Spells) -> str:
    """Return the cause of leavers whose own was not counted."""
    plain = spells.relation.filter(spells.relation.end == LEFT).limit(1).count().execute()
    return LEFT if int(plain) else UNKNOWN
