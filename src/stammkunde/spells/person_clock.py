"""The clock of a person: it starts with the first contract and runs on while the customer is away.

A person is a customer in unit t + 1 when a contract covers the first day of that unit: what begins
on a day holds from the first unit that begins on or after it, what ends with a day ends with the
unit that the day lies in. So contracts side by side are one time as a customer, and a gap that
holds no first day of a unit is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir

from stammkunde.errors import NotObservedError, ParameterError
from stammkunde.spells.months import completed_expr
from stammkunde.spells.spells import CENSORED, COHORT, STATE, Episodes, Spells, column_of

AWAY = "away"


def on_person_clock(spells: Spells, close: date | None = None) -> Episodes:
    """Return episodes in the states "customer" and "away", from 0 to the last whole unit observed.

    A person's clock starts with the first start of all, c = m(first start, close) is its end, and
    the episodes leave no gap between. Groups and cohort are those of the first spell. Only persons
    whose first spell was seen from its beginning are in it: others are there because they had
    stayed (`not_on_clock` counts them). Why a spell ended is not told apart. `close` is by default
    that of the spells and may lie before it. NotObservedError for spells without dates,
    ParameterError for a later `close`.
    """
    closing = _closing(spells, close)
    islands = _islands(spells, closing)
    order = ibis.window(group_by="person", order_by="begin")
    islands = islands.mutate(back=islands.begin.lead().over(order))
    kept = [*_carried(spells), "person", "block"]
    state, away = ibis.literal(STATE), ibis.literal(AWAY)
    stays = islands.select(
        *kept,
        begin=islands.begin,
        finish=islands.finish,
        state=state,
        came_from=ibis.ifelse(islands.begin == 0, ibis.null("string"), away),
        to=ibis.ifelse(islands.finish < islands.seen, away, ibis.literal(CENSORED)),
    )
    gone = islands.filter(islands.finish < islands.seen)
    gaps = gone.select(
        *kept,
        begin=gone.finish,
        finish=gone.back.fill_null(gone.seen),
        state=away,
        came_from=state,
        to=ibis.ifelse(gone.back.isnull(), ibis.literal(CENSORED), state),
    )
    relation = ibis.union(stays, gaps).mutate(spell=ibis.literal(1, "int64"))
    return Episodes(relation, spells.unit, spells.groups, spells.repeats)


def not_on_clock(spells: Spells) -> int:
    """Return how many persons have no clock because their first spell began before observation."""
    began = spells.relation.filter((spells.relation.spell == 1) & (spells.relation.entry == 0))
    return spells.persons - int(began.count().execute())


def _closing(spells: Spells, close: date | None) -> date:
    if spells.close is None:
        raise NotObservedError(
            "spells without dates do not say when a person was a customer",
            remedy="Use dated contracts.",
        )
    if close is not None and close > spells.close:
        raise ParameterError(
            f"observation closes on {spells.close}, before {close}",
            remedy="Give that day or an earlier one.",
        )
    return close or spells.close


def _carried(spells: Spells) -> Sequence[str]:
    return [*map(column_of, spells.groups), COHORT]


def _islands(spells: Spells, closing: date) -> ir.Table:
    """Return one row per unbroken time as a customer, (begin, finish] on the person's clock.

    `seen` is the last whole unit of the person.
    """
    s = spells.relation
    first = s.filter((s.spell == 1) & (s.entry == 0))
    seen = completed_expr(first.start, ibis.literal(closing, type="date"), spells.unit)
    first = first.filter(first.start < ibis.literal(closing, type="date"))
    first = first.select("person", "block", *_carried(spells), origin=first.start, seen=seen)
    rows = s.select("person", "start", "last").inner_join(first, "person")
    eve = (rows.start - ibis.interval(days=1)).cast("date")
    since = completed_expr(rows.origin, eve, spells.unit) + 1
    until = completed_expr(rows.origin, rows["last"], spells.unit) + 1
    rows = rows.mutate(
        begin=ibis.ifelse(rows.start <= rows.origin, 0, since).cast("int64"),
        finish=ibis.least(until.fill_null(rows.seen), rows.seen).cast("int64"),
    )
    rows = rows.filter(rows.begin < rows.finish)
    before = ibis.window(group_by="person", order_by=["begin", "finish"], preceding=(None, 1))
    so_far = rows.finish.max().over(before)
    rows = rows.mutate(opens=ibis.ifelse(so_far.isnull() | (rows.begin > so_far), 1, 0))
    running = ibis.window(
        group_by="person", order_by=["begin", "finish"], preceding=None, following=0
    )
    rows = rows.mutate(number=rows.opens.sum().over(running))
    # one value per person: the first spell's
    person = {n: rows[n].max() for n in ("block", "seen", *_carried(spells))}
    return rows.group_by("person", "number").aggregate(
        begin=rows.begin.min(), finish=rows.finish.max(), **person
    )
