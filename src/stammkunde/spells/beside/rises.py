"""Price rises: when a plan became dearer, and by how much."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from stammkunde.spells.spells import SideTable


@dataclass(frozen=True)
class PriceRise:
    """A day on which plans became dearer: the largest rise among them, as a share of the old price.

    `plans` are those that did; `every` tells whether no other plan is on the list that day.
    """

    day: date
    share: float
    plans: tuple[str, ...]
    every: bool


def price_rises(prices: SideTable | None) -> tuple[PriceRise, ...]:
    """Return the price rises of a list in order of time; none where there is no list.

    A plan rises where its price is higher than in its row before. What was free has no rise in
    per cent and is left out.
    """
    if prices is None:
        return ()
    r = prices.relation
    frame = r.select("plan", "start", "last", "price").order_by("plan", "start").execute()
    rows = [
        (str(plan), _day(start), _day(last), int(price))
        for plan, start, last, price in frame.itertuples(index=False)
    ]
    risen: dict[date, dict[str, float]] = {}
    for (plan, _, _, old), (same, day, _, new) in pairwise(rows):
        if plan == same and 0 < old < new:
            risen.setdefault(day, {})[plan] = new / old - 1
    return tuple(
        PriceRise(
            day=day,
            share=max(found.values()),
            plans=tuple(sorted(found)),
            every={plan for plan, start, last, _ in rows if start <= day <= last} <= set(found),
        )
        for day, found in sorted(risen.items())
    )


def _day(value: object) -> date:
    """Return a day as engines deliver it, a date or a timestamp; the last of all for none."""
    text = str(value)[:10]
    return date.fromisoformat(text) if text[:1].isdigit() else date.max
