"""What customers cost to serve: events with a cost, by the time in which they could happen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from stammkunde.errors import NotObservedError
from stammkunde.spells.spells import SideTable, Spells, check_columns, column_of
from stammkunde.survival.persons.arrivals import Sums, laid_sums, level_of


def serving(
    spells: Spells, events: SideTable, kinds: Sequence[str], by: Sequence[str], since: date
) -> Mapping[tuple[str, ...], Sums]:
    """Return by levels of groups the days as a customer and the cents that events cost in them.

    From `since` to the close; `kinds` are those of the events. What happens to a person with
    several contracts counts with the one begun last, what happens to nobody's contract not at all.
    Days are the `number` of the sums. NotObservedError for spells without dates.
    """
    if spells.close is None:
        raise NotObservedError(
            "spells without dates do not say how long customers were served",
            remedy="Use dated contracts.",
        )
    check_columns(tuple(by), tuple(spells.groups))
    until = ibis.literal(spells.close, type="date")
    first = ibis.literal(since, type="date")
    eve = ibis.literal(spells.close - timedelta(days=1), type="date")
    s = spells.relation.filter(spells.relation.start.notnull())
    s = s.mutate(gone=ibis.least(s["last"].fill_null(eve), eve))
    s = s.filter((s.gone >= first) & (s.start < until))
    days = s.gone.delta(ibis.greatest(s.start, first), unit="day").cast("int64") + 1
    keys = {column_of(n): level_of(s, n) for n in by}
    s = s.mutate(**keys).mutate(days=days)
    cost = _costs(s, events.relation, kinds, first, until, list(keys))
    parts = s.select(*keys, "block", n=s.days, total=ibis.literal(0, "int64"))
    both = ibis.union(parts, cost)
    grouped = both.group_by([*keys, "block"])
    frame = grouped.aggregate(n=both.n.sum().cast("int64"), total=both.total.sum().cast("int64"))
    return laid_sums(frame.execute(), list(keys))


def _costs(
    spells: ir.Table,
    events: ir.Table,
    kinds: Sequence[str],
    first: ir.DateValue,
    until: ir.DateValue,
    keys: list[str],
) -> ir.Table:
    """Return cents by cell, one row per event, in the contract begun last of those then running."""
    e = events.filter(events.kind.isin(list(kinds)) & events.cost.notnull())
    e = e.filter((e.day >= first) & (e.day < until))
    e = e.select(who=e.person, when=e.day, cents=e.cost.cast("int64"), event=e.record)
    met = e.inner_join(
        spells, [e.who == spells.person, e.when >= spells.start, e.when <= spells.gone]
    )
    order = ibis.window(group_by="event", order_by=ibis.desc("spell"))
    met = met.mutate(place=ibis.row_number().over(order))
    met = met.filter(met.place == 0)
    return met.select(*keys, "block", n=ibis.literal(0, "int64"), total=met.cents)
